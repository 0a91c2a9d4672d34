//! The operator's commands, on a data directory, beside a running server, and on a stack.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use grantlet::config::Tables;
use grantlet::context::{Clock as _, SystemClock, Timestamp};
use grantlet::model::client::ClientId;
use grantlet::model::grant::{CodeBinding, Grant, GrantStatus, RefreshState, RevokedBy};
use grantlet::model::secret::{Secret, SecretHash};
use grantlet::model::session::{Authentication, Session};
use grantlet::model::user::UserId;
use grantlet::model::whereabouts::Whereabouts;
use grantlet::protocol::details::AuthorizationDetails;
use grantlet::store::Store;
use grantlet_cli::engine::{Engine, EngineStorage};
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use tempfile::TempDir;
use ulid::Ulid;

use crate::support::program::{Dev, Ended, argument, command, run, run_with_input};

/// A data directory that a server has made, and no server runs on any more.
struct Data {
    folder: TempDir,
}

impl Data {
    fn new(seed: &Value) -> Self {
        let data = Self { folder: TempDir::new().unwrap() };
        data.apply(seed);
        data
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts a server with `seed`, and stops it.
    fn apply(&self, seed: &Value) {
        assert!(self.serve(seed).stop().success());
    }

    fn serve(&self, seed: &Value) -> Dev {
        let file = self.folder.path().join("seed.json");
        fs::write(&file, seed.to_string()).unwrap();
        Dev::serve(&["--data", argument(&self.path()), "--seed", argument(&file)])
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        run(&[arguments, &["--data", argument(&self.path())]].concat())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--json"]].concat()).json()
    }

    /// Every item of both tables, to the byte.
    async fn read_everything(&self) -> BTreeMap<String, Vec<String>> {
        let engine = start_engine(&self.path()).await;
        let client = aws_sdk_dynamodb::Client::new(&engine.sdk_config());
        let mut everything = BTreeMap::new();
        for table in client.list_tables().send().await.unwrap().table_names() {
            let answer = client.scan().table_name(table).send().await.unwrap();
            let mut items: Vec<String> =
                answer.items().iter().map(|item| format!("{:?}", item.iter().collect::<BTreeMap<_, _>>())).collect();
            items.sort();
            everything.insert(table.clone(), items);
        }
        engine.shutdown().await;
        everything
    }
}

async fn start_engine(data: &Path) -> Engine {
    Engine::start(EngineStorage::File(data.join("dynamodb.sqlite")), 0).await.unwrap()
}

fn open_store(engine: &Engine) -> Store {
    let tables = Tables { state: "grantlet-state".to_owned(), registry: "grantlet-registry".to_owned() };
    Store::connect(&engine.sdk_config(), tables)
}

fn seed() -> Value {
    json!({
        "clients": [
            {"client_id": "web", "client_secret": "s3cret", "redirect_uris": ["https://web.example/cb"], "client_name": "Web",
             "grant_types": ["authorization_code", "refresh_token"], "scope": "openid email", "logo_uri": "https://web.example/logo", "first_party": true},
            {"client_id": "tool", "redirect_uris": ["http://127.0.0.1/cb"], "token_endpoint_auth_method": "none"},
        ],
        "users": [
            {"username": "Alice", "password": "correct horse", "claims": {"name": "Alice Adams", "address": {"locality": "Bern"}}},
            {"username": "mallory", "password": "battery staple", "locked": true},
        ],
    })
}

fn without_secret_of(value: &mut Value) -> String {
    let secret = value["client_secret"].as_str().expect("a new secret is shown").to_owned();
    value["client_secret"] = json!("[secret]");
    secret
}

mod seeds {
    use super::*;

    #[tokio::test]
    async fn a_seed_applied_twice_changes_nothing() {
        let data = Data::new(&seed());
        let once = data.read_everything().await;
        assert!(once["grantlet-registry"].len() > 6, "clients, users, logins, keys");
        data.apply(&seed());
        assert_eq!(data.read_everything().await, once);
    }

    #[tokio::test]
    async fn a_changed_seed_brings_clients_and_users_up_to_date_and_leaves_the_rest() {
        let data = Data::new(&seed());
        let before = data.read_everything().await;
        let mut changed = seed();
        changed["clients"][0]["client_secret"] = json!("another");
        changed["clients"][0]["client_name"] = json!("New name");
        changed["clients"].as_array_mut().unwrap().remove(1);
        changed["users"][0]["claims"]["email"] = json!("alice@example.com");
        changed["users"][1] = json!({"username": "mallory", "password": "new password"});
        data.apply(&changed);

        let client = data.json(&["client", "show", "web"]);
        assert_eq!(client["client_name"], "New name");
        assert_eq!(data.json(&["client", "list"]).as_array().unwrap().len(), 2);
        let alice = data.json(&["user", "show", "alice"]);
        assert_eq!(alice["claims"]["email"], "alice@example.com");
        assert_eq!(data.json(&["user", "show", "mallory"])["locked"], true, "what the seed does not say stays");
        let after = data.read_everything().await;
        let changed_items = after["grantlet-registry"].iter().filter(|item| !before["grantlet-registry"].contains(item)).count();
        assert_eq!(changed_items, 3, "web, alice and mallory's password; no other item was written");
    }

    #[test]
    fn a_seed_that_locks_and_unlocks_does_so() {
        let data = Data::new(&seed());
        let mut changed = seed();
        changed["users"][0]["locked"] = json!(true);
        changed["users"][1]["locked"] = json!(false);
        data.apply(&changed);
        let locked: Vec<_> = data.json(&["user", "list"]).as_array().unwrap().iter().map(|user| user["locked"].clone()).collect();
        assert_eq!(locked, [json!(true), json!(false)]);
    }
}

mod clients {
    use super::*;

    #[test]
    fn a_client_is_registered_shown_given_a_new_secret_and_removed() {
        let data = Data::new(&json!({}));
        let mut added =
            data.json(&["client", "add", "--id", "shop", "--name", "Shop", "--redirect-uri", "https://shop.example/cb", "--refresh"]);
        let first = without_secret_of(&mut added);
        assert_json_snapshot!("client_add", added, {".client_id_issued_at" => "[time]"});

        let shown = data.json(&["client", "show", "shop"]);
        assert_json_snapshot!("client_show", shown, {".client_id_issued_at" => "[time]"});
        assert_eq!(data.json(&["client", "list"]), json!([shown]));

        let mut rotated = data.json(&["client", "rotate-secret", "shop"]);
        let second = without_secret_of(&mut rotated);
        assert_eq!(rotated, added);
        assert!(first != second && first.len() == 43 && second.len() == 43, "256 bits each");

        assert_eq!(data.json(&["client", "remove", "shop"]), json!({"client_id": "shop", "removed": true}));
        assert_eq!(data.json(&["client", "list"]), json!([]));
        for arguments in [["client", "show", "shop"], ["client", "remove", "shop"], ["client", "rotate-secret", "shop"]] {
            assert!(data.run(&arguments).sentence().starts_with("There is no client shop."));
        }
    }

    #[tokio::test]
    async fn a_replaced_secret_may_be_kept_for_some_hours() {
        let data = Data::new(&json!({}));
        let mut added = data.json(&["client", "add", "--id", "shop", "--redirect-uri", "https://shop.example/cb"]);
        let first = without_secret_of(&mut added);
        let find = async || {
            let engine = start_engine(&data.path()).await;
            let store = open_store(&engine);
            let stored = store.find_client(&ClientId::parse("shop").unwrap()).await.unwrap().unwrap();
            engine.shutdown().await;
            stored
        };
        let now = || SystemClock.now();
        let before = now();
        let mut rotated = data.json(&["client", "rotate-secret", "shop", "--keep-old", "2"]);
        let second = without_secret_of(&mut rotated);
        assert_eq!(rotated, added, "nothing else changes");
        let stored = find().await;
        let (kept, until) = stored.previous_secret.unwrap();
        assert_eq!((stored.secret_hash, kept), (Some(Secret::new(&second).hash()), Secret::new(&first).hash()));
        assert!((before.plus(7_200)..=now().plus(7_200)).contains(&until), "{until:?}");
        let told = data.run(&["client", "rotate-secret", "shop", "--keep-old", "2"]).stdout;
        assert!(told.contains("the old one works for another 2 hours"), "{told}");
        // Two are the most: without the option the old one goes at once, and one that was kept before as well.
        let mut rotated = data.json(&["client", "rotate-secret", "shop"]);
        let third = without_secret_of(&mut rotated);
        let stored = find().await;
        assert_eq!((stored.secret_hash, stored.previous_secret), (Some(Secret::new(&third).hash()), None));
    }

    #[test]
    fn a_public_client_has_no_secret_and_gets_none() {
        let data = Data::new(&json!({}));
        let added =
            data.json(&["client", "add", "--public", "--redirect-uri", "com.example.app:/cb", "--redirect-uri", "http://127.0.0.1/cb"]);
        assert_eq!(added.get("client_secret"), None);
        assert_eq!(added["token_endpoint_auth_method"], "none");
        let id = added["client_id"].as_str().unwrap();
        assert!(data.run(&["client", "rotate-secret", id]).sentence().contains("is public"));
    }

    #[test]
    fn a_client_that_could_not_work_is_refused_and_nothing_is_stored() {
        let data =
            Data::new(&json!({"clients": [{"client_id": "web", "client_secret": "s", "redirect_uris": ["https://web.example/cb"]}]}));
        let before = data.json(&["client", "list"]);
        for (arguments, fragment) in [
            (&["--redirect-uri", "https://a.example/cb#fragment"][..], "https://a.example/cb#fragment"),
            (&["--redirect-uri", "http://a.example/cb"], "http://a.example/cb"),
            (&["--redirect-uri", "javascript:alert(1)"], "javascript:"),
            (&["--redirect-uri", "https://a.example/cb", "--id", "a b"], "visible ASCII"),
            (&["--redirect-uri", "https://a.example/cb", "--id", "web"], "already"),
            (&["--redirect-uri", "https://a.example/cb", "--scope", "a\"b"], "scope"),
        ] {
            let ended = data.run(&[&["client", "add"], arguments].concat());
            assert!(ended.sentence().contains(fragment), "{ended:?}");
        }
        assert_eq!(data.run(&["client", "add", "--public", "--no-pkce", "--redirect-uri", "https://a.example/cb"]).code, Some(2));
        assert_eq!(data.json(&["client", "list"]), before);
    }

    #[test]
    fn commands_work_beside_a_running_server_on_its_engine() {
        let data = Data { folder: TempDir::new().unwrap() };
        let dev = data.serve(&seed());
        let added = data.json(&["client", "add", "--id", "late", "--redirect-uri", "https://late.example/cb"]);
        assert_eq!(added["client_id"], "late");
        assert!(dev.stop().success());
        let ids: Vec<_> = data.json(&["client", "list"]).as_array().unwrap().iter().map(|client| client["client_id"].clone()).collect();
        assert_eq!(ids, ["late", "tool", "web"]);
    }

    #[test]
    fn people_read_tables_and_never_a_stored_secret() {
        let data = Data::new(&seed());
        let listed = data.run(&["client", "list"]).stdout;
        let first: Vec<&str> = listed.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
        assert_eq!(first, ["CLIENT_ID", "tool", "web"]);
        for arguments in
            [&["client", "list"][..], &["client", "show", "web"], &["user", "list"], &["user", "show", "alice"], &["key", "list"]]
        {
            for json in [&[][..], &["--json"]] {
                let printed = data.run(&[arguments, json].concat()).stdout;
                for secret in ["s3cret", "correct horse", "$argon2"] {
                    assert!(!printed.contains(secret), "{arguments:?}");
                }
            }
        }
    }
}

mod users {
    use super::*;

    fn grant_of(user_id: UserId, id: Ulid) -> Grant {
        let (hash, time) = (SecretHash::of(b"x"), Timestamp(4_000_000_000));
        Grant {
            id,
            status: GrantStatus::Active,
            user_id,
            client_id: ClientId::parse("web").unwrap(),
            scopes: vec!["openid".to_owned()],
            resources: vec!["http://localhost:9000".to_owned()],
            claims: grantlet::protocol::claims_request::ClaimsRequest::default(),
            authorization_details: AuthorizationDetails::default(),
            session_id: id,
            authentication: Authentication { auth_time: Timestamp(1), acr: None, amr: vec!["pwd".to_owned()] },
            offline: true,
            code: Some(CodeBinding {
                secret_hash: hash,
                code_challenge: None,
                redirect_uri: "https://web.example/cb".to_owned(),
                dpop_jkt: None,
            }),
            refresh: RefreshState {
                generation: 0,
                seed_hash: hash,
                current_kid: None,
                idle_at: time,
                absolute_at: time,
                rotated_at: [Timestamp(0); 3],
                rotation_id: None,
            },
            created_at: Timestamp(1),
        }
    }

    fn session_of(user_id: UserId, id: Ulid) -> Session {
        Session {
            id,
            secret_hash: SecretHash::of(b"y"),
            user_id,
            authentication: Authentication { auth_time: Timestamp(1), acr: None, amr: vec!["pwd".to_owned()] },
            answered: None,
            whereabouts: Whereabouts::default(),
            clients: Vec::new(),
            site: None,
            created_at: Timestamp(1),
            expires_at: Timestamp(4_000_000_000),
        }
    }

    /// Gives alice a grant and a session; answers with their id.
    async fn let_alice_in(data: &Data) -> Ulid {
        let user_id = UserId(data.json(&["user", "show", "alice"])["id"].as_str().unwrap().parse().unwrap());
        let engine = start_engine(&data.path()).await;
        let store = open_store(&engine);
        let id = Ulid::from_parts(1, 7);
        store.create_grant(&grant_of(user_id, id)).await.unwrap();
        store.create_session(&session_of(user_id, id)).await.unwrap();
        engine.shutdown().await;
        id
    }

    async fn find_both(data: &Data, id: Ulid) -> (Option<GrantStatus>, bool) {
        let engine = start_engine(&data.path()).await;
        let store = open_store(&engine);
        let grant = store.find_grant(id).await.unwrap();
        let session = store.find_session(id, Timestamp(2)).await.unwrap();
        engine.shutdown().await;
        (grant.map(|grant| grant.status), session.is_some())
    }

    const REVOKED: Option<GrantStatus> = Some(GrantStatus::Revoked(RevokedBy::Operator));

    #[tokio::test]
    async fn locking_a_user_revokes_their_grants_and_ends_their_sessions_and_unlocking_brings_nothing_back() {
        let data = Data::new(&seed());
        let id = let_alice_in(&data).await;
        assert_eq!(find_both(&data, id).await, (Some(GrantStatus::Active), true));

        let locked = data.json(&["user", "lock", "ALICE"]);
        assert_json_snapshot!("user_lock", locked, {".id" => "[ulid]", ".sub" => "[ulid]", ".created_at" => "[time]", ".updated_at" => "[time]"});
        assert_eq!(find_both(&data, id).await, (REVOKED, false));

        let unlocked = data.json(&["user", "unlock", "alice"]);
        assert_eq!(unlocked["locked"], false);
        assert_eq!(data.json(&["user", "show", "alice"]), unlocked);
        assert_eq!(find_both(&data, id).await, (REVOKED, false));
    }

    #[tokio::test]
    async fn removing_a_user_takes_everything_along_and_frees_the_name() {
        let data = Data::new(&seed());
        let id = let_alice_in(&data).await;
        let removed = data.json(&["user", "remove", "alice"]);
        assert_eq!((&removed["grants_revoked"], &removed["sessions_ended"]), (&json!(1), &json!(1)));
        assert_eq!(find_both(&data, id).await, (None, false));
        assert!(data.run(&["user", "show", "alice"]).sentence().starts_with("There is no user \"alice\"."));
        let added = run_with_input(&["user", "add", "alice", "--password-stdin", "--data", argument(&data.path())], "again\n");
        assert_eq!(added.code, Some(0), "{added:?}");
    }

    #[tokio::test]
    async fn a_new_password_ends_the_sessions_of_the_old_one_and_keeps_grants() {
        let data = Data::new(&seed());
        let id = let_alice_in(&data).await;
        let ended =
            run_with_input(&["user", "set-password", "alice", "--password-stdin", "--json", "--data", argument(&data.path())], "new\n");
        assert_eq!(ended.json()["sessions_ended"], 1);
        assert_eq!(find_both(&data, id).await, (Some(GrantStatus::Active), false));

        let before = data.read_everything().await;
        let mut changed = seed();
        changed["users"][0]["password"] = json!("new");
        data.apply(&changed);
        assert_eq!(data.read_everything().await, before, "the seed finds the password that was set");
    }

    /// The operator sees what the person sees
    #[tokio::test]
    async fn what_is_kept_about_a_person_is_exported_and_their_events_are_listed() {
        let data = Data::new(&seed());
        let_alice_in(&data).await;
        let exported = data.json(&["user", "export", "alice"]);
        assert_eq!((&exported["profile"]["username"], &exported["grants"][0]["client_id"]), (&json!("Alice"), &json!("web")));
        assert!(!exported.to_string().contains("argon2"));
        assert_eq!(data.json(&["user", "events", "alice"]), json!([]));
        assert!(data.run(&["user", "events", "alice"]).stdout.contains("Nothing happened"));
        assert!(data.run(&["user", "export", "nobody"]).sentence().contains("There is no user"));
    }

    #[tokio::test]
    async fn one_grant_is_listed_and_revoked() {
        let data = Data::new(&seed());
        let id = let_alice_in(&data).await.to_string();
        let listed = data.json(&["grant", "list", "alice"]);
        assert_json_snapshot!("grant_list", listed);
        assert_eq!(data.json(&["grant", "revoke", &id]), json!({"id": id, "revoked": true}));
        assert_eq!(data.json(&["grant", "revoke", &id]), json!({"id": id, "revoked": false}));
        let listed = data.json(&["grant", "list", "alice"]);
        assert_eq!((&listed[0]["status"], &listed[0]["revoked_by"]), (&json!("revoked"), &json!("operator")));
        assert!(data.run(&["grant", "revoke", "nonsense"]).sentence().contains("There is no grant"));
    }

    #[test]
    fn a_user_is_added_with_claims_and_a_password_from_standard_input() {
        let data = Data::new(&json!({}));
        let path = data.path();
        let arguments = ["user", "add", "Bob", "--claim", "name=Bob B", "--claim", "email_verified:=true", "--password-stdin", "--json"];
        let arguments = [&arguments[..], &["--data", argument(&path)]].concat();
        let added = run_with_input(&arguments, "hunter2\r\n").json();
        assert_json_snapshot!("user_add", added, {".id" => "[ulid]", ".sub" => "[ulid]", ".created_at" => "[time]", ".updated_at" => "[time]"});
        assert_eq!(data.json(&["user", "list"]), json!([added]));
        assert!(run_with_input(&arguments, "other\n").sentence().contains("already"));
    }

    #[test]
    fn a_password_is_never_an_argument_and_never_empty() {
        let data = Data::new(&json!({}));
        let path = data.path();
        assert!(data.run(&["user", "add", "bob"]).sentence().contains("--password-stdin"));
        assert_eq!(data.run(&["user", "add", "bob", "--password", "x"]).code, Some(2));
        let ended = run_with_input(&["user", "add", "bob", "--password-stdin", "--data", argument(&path)], "\n");
        assert!(ended.sentence().contains("empty"));
        assert_eq!(data.json(&["user", "list"]), json!([]));
    }
}

mod keys {
    use super::*;

    fn states(ring: &Value) -> Vec<String> {
        ring["signing"].as_array().unwrap().iter().map(|set| set["state"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn keys_are_listed_and_rotated_and_an_emergency_leaves_no_old_key() {
        let data = Data::new(&json!({}));
        let first = data.json(&["key", "list"]);
        assert_json_snapshot!("key_list", first, {
            ".version" => "[version]", ".signing[].id" => "[ulid]", ".signing[].created_at" => "[time]", ".signing[].activated_at" => "[time]",
            ".signing[].keys[].kid" => "[kid]", ".refresh[].kid" => "[kid]", ".refresh[].created_at" => "[time]", ".refresh[].activated_at" => "[time]",
        });
        let rotated = data.json(&["key", "rotate"]);
        assert_eq!(rotated, data.json(&["key", "list"]));
        assert!(states(&rotated).len() > states(&first).len() || states(&rotated) != states(&first), "{rotated}");

        let after = data.json(&["key", "rotate", "--emergency"]);
        let old = first["signing"][0]["id"].as_str().unwrap();
        let still_published = after["signing"].as_array().unwrap().iter().any(|set| set["id"] == old && set["state"] != "archived");
        assert!(!still_published, "{after}");
        assert_eq!(states(&after).iter().filter(|state| *state == "active").count(), 1);
    }

    #[tokio::test]
    async fn the_secret_for_the_site_is_shown_once_and_stored_sealed() {
        let data = Data::new(&json!({}));
        let shown = data.json(&["site", "connect"]);
        let secret = shown["secret"].as_str().unwrap();
        assert_eq!((secret.len(), &shown["alg"]), (43, &json!("HS256")));
        let engine = start_engine(&data.path()).await;
        let sealed = open_store(&engine).find_sealed_site_secret().await.unwrap().unwrap();
        engine.shutdown().await;
        assert!(sealed.len() > secret.len());
        assert!(!sealed.windows(secret.len()).any(|window| window == secret.as_bytes()));
        assert_ne!(data.json(&["site", "connect"])["secret"], shown["secret"]);
    }
}

mod connections {
    use super::*;

    const SETTINGS: &str = r#"
[[connections]]
id = "google"
name = "Google"
issuer = "https://accounts.google.com"
client_id = "123.apps.googleusercontent.com"

[[connections]]
id = "github"
name = "GitHub"
kind = "github"
client_id = "Iv1.0123456789abcdef"

[[connections]]
id = "apple"
name = "Apple"
kind = "apple"
client_id = "com.example.id"
team_id = "DEF123GHIJ"
key_id = "ABC123DEFG"
"#;
    const SECRET: &str = "GOCSPX-a-secret-of-google-s";

    fn apply(data: &Data, settings: &str) {
        let file = data.folder.path().join("grantlet.toml");
        fs::write(&file, settings).unwrap();
        assert_eq!(data.run(&["settings", "apply", argument(&file)]).code, Some(0));
    }

    fn keep(data: &Data, id: &str, input: &str) -> Ended {
        let path = data.path();
        run_with_input(&["connection", "set-secret", id, "--secret-stdin", "--json", "--data", argument(&path)], input)
    }

    /// What is kept of the connection `id`, sealed and opened.
    async fn find_kept(data: &Data, id: &str) -> Option<(Vec<u8>, String)> {
        let engine = start_engine(&data.path()).await;
        let sealed = open_store(&engine).find_sealed_connection_secret(id).await.unwrap();
        engine.shutdown().await;
        let vault = grantlet::vault::Vault::Directory(data.path().join("keys"));
        let key = vault.find_sealing_key(grantlet::vault::SealingOwner::Authorize).await.unwrap().unwrap();
        sealed.map(|sealed| {
            let opened = key.open(&grantlet::store::connection_key(id), &sealed).unwrap().to_vec();
            (sealed, String::from_utf8(opened).unwrap())
        })
    }

    fn has_secret(data: &Data) -> Vec<(String, bool)> {
        let listed = data.json(&["connection", "list"]);
        let one = |shown: &Value| (shown["id"].as_str().unwrap().to_owned(), shown["has_secret"].as_bool().unwrap());
        listed.as_array().unwrap().iter().map(one).collect()
    }

    #[test]
    fn connections_are_listed_with_what_the_provider_has_to_know() {
        let data = Data::new(&json!({}));
        assert_eq!(data.json(&["connection", "list"]), json!([]));
        assert!(data.run(&["connection", "list"]).stdout.contains("docs/upstream.md"));
        apply(&data, SETTINGS);
        assert_json_snapshot!("connection_list", data.json(&["connection", "list"]));
        let table = data.run(&["connection", "list"]).stdout;
        let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[0], ["ID", "NAME", "PROVIDER", "CLIENT", "ID", "SECRET"]);
        assert_eq!(lines[1], ["google", "Google", "https://accounts.google.com", "123.apps.googleusercontent.com", "none"]);
        assert!(table.trim_end().ends_with("/login/callback"), "{table}");
    }

    #[tokio::test]
    async fn a_secret_is_kept_sealed_replaced_and_forgotten_and_never_printed() {
        let data = Data::new(&json!({}));
        apply(&data, SETTINGS);
        let mut printed = String::new();
        for secret in ["first-secret-of-google", SECRET] {
            let ended = keep(&data, "google", &format!("{secret}\r\n"));
            assert_eq!(ended.json(), json!({"id": "google", "has_secret": true}));
            let (sealed, opened) = find_kept(&data, "google").await.unwrap();
            assert_eq!(opened, secret);
            assert!(!sealed.windows(secret.len()).any(|window| window == secret.as_bytes()));
            printed.extend([ended.stdout, ended.stderr]);
        }
        assert_eq!(has_secret(&data), [("google".to_owned(), true), ("github".to_owned(), false), ("apple".to_owned(), false)]);
        printed.push_str(&data.run(&["connection", "list"]).stdout);
        printed.push_str(&data.run(&["settings", "show"]).stdout);
        assert!(!printed.contains(SECRET) && !printed.contains("first-secret"), "{printed}");

        assert_eq!(data.json(&["connection", "remove-secret", "google"]), json!({"id": "google", "has_secret": false}));
        assert!(find_kept(&data, "google").await.is_none());
        assert!(data.run(&["connection", "remove-secret", "google"]).sentence().contains("There is no secret of a connection \"google\""));
    }

    /// A connection that the settings name no more may still have a secret to be rid of
    #[tokio::test]
    async fn the_secret_of_a_connection_that_is_gone_can_be_forgotten() {
        let data = Data::new(&json!({}));
        apply(&data, SETTINGS);
        keep(&data, "google", SECRET).json();
        apply(&data, "");
        assert_eq!(data.json(&["connection", "list"]), json!([]));
        assert!(keep(&data, "google", SECRET).sentence().contains("grantlet.toml"));
        assert_eq!(data.json(&["connection", "remove-secret", "google"])["has_secret"], false);
        assert!(find_kept(&data, "google").await.is_none());
    }

    #[tokio::test]
    async fn what_is_no_secret_is_refused_and_the_one_before_stays() {
        let data = Data::new(&json!({}));
        apply(&data, SETTINGS);
        keep(&data, "google", SECRET).json();
        let long = "x".repeat(4_097);
        for input in ["", "\n", "\nsecond line", "with\ta tab", "with\u{7}a bell", long.as_str()] {
            assert!(keep(&data, "google", input).sentence().contains("no secret of a client"), "{input:?}");
        }
        let path = data.path();
        let mut child = command(&["connection", "set-secret", "google", "--secret-stdin", "--data", argument(&path)])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"\xff\xfe").unwrap();
        let told = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
        assert!(told.contains("no secret of a client"), "{told}");
        assert!(keep(&data, "nobody", SECRET).sentence().contains("no connection \"nobody\""));
        let ended = data.run(&["connection", "set-secret", "google"]);
        assert!(ended.sentence().contains("--secret-stdin"), "{ended:?}");
        assert_eq!(data.run(&["connection", "set-secret", "google", SECRET]).code, Some(2), "a secret is never an argument");
        assert_eq!(find_kept(&data, "google").await.unwrap().1, SECRET);
        // The longest that fits.
        keep(&data, "google", &long[1..]).json();
        assert_eq!(find_kept(&data, "google").await.unwrap().1.len(), 4_096);
    }

    /// Apple gives a key instead of a secret: a file of several lines
    #[tokio::test]
    async fn a_key_of_apple_s_is_kept_whole_and_anything_else_refused() {
        let data = Data::new(&json!({}));
        apply(&data, SETTINGS);
        let (pem, _) = crate::support::pem::ec_key();
        assert!(data.run(&["connection", "set-secret", "apple"]).sentence().contains("--secret-stdin < AuthKey.p8"));
        for input in ["", "a-secret", &pem[..100], pem.lines().next().unwrap()] {
            assert!(keep(&data, "apple", input).sentence().contains("no key of Apple's"), "{input:?}");
        }
        assert!(find_kept(&data, "apple").await.is_none());
        let ended = keep(&data, "apple", &pem);
        assert_eq!(ended.json(), json!({"id": "apple", "has_secret": true}));
        assert_eq!(find_kept(&data, "apple").await.unwrap().1, pem);
    }

    #[test]
    fn a_secret_is_kept_beside_a_running_server() {
        let data = Data { folder: TempDir::new().unwrap() };
        let dev = data.serve(&json!({}));
        apply(&data, SETTINGS);
        assert_eq!(keep(&data, "github", "github-secret").json()["has_secret"], true);
        assert!(dev.stop().success());
        assert!(has_secret(&data).contains(&("github".to_owned(), true)));
    }
}

mod targets {
    use super::*;

    #[test]
    fn without_data_a_command_says_how_to_make_them() {
        let folder = TempDir::new().unwrap();
        let ended = run(&["client", "list", "--data", argument(&folder.path().join("none"))]);
        assert!(ended.sentence().contains("grantlet dev"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn parallel_commands_wait_for_one_another() {
        let data = Data::new(&json!({}));
        let path = data.path();
        let add = |id: &str| {
            let arguments = ["client", "add", "--id", id, "--redirect-uri", "https://a.example/cb", "--data", argument(&path)];
            command(&arguments).spawn().unwrap()
        };
        for child in ["a", "b", "c"].map(add) {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(data.json(&["client", "list"]).as_array().unwrap().len(), 3);
    }

    /// Answers every request with the parameter that the template writes, as SSM does.
    async fn serve_parameter(value: &Value) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answer = json!({"Parameter": {"Name": "/grantlet/prod/stack", "Type": "String", "Value": value.to_string()}});
        let router = axum::Router::new().fallback(move |body: axum::body::Bytes| async move {
            let asked: Value = serde_json::from_slice(&body).unwrap();
            let known = asked["Name"] == answer["Parameter"]["Name"];
            let body = if known { answer } else { json!({"__type": "ParameterNotFound"}) };
            let status = if known { http::StatusCode::OK } else { http::StatusCode::BAD_REQUEST };
            (status, [(http::header::CONTENT_TYPE, "application/x-amz-json-1.1")], body.to_string())
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_stack_is_found_by_the_parameter_that_its_template_writes() {
        let data = Data::new(&seed());
        let engine = start_engine(&data.path()).await;
        let ssm = serve_parameter(&json!({
            "issuer": "https://id.example.com", "state_table": "grantlet-state", "registry_table": "grantlet-registry",
            "key_store": "ssm:/grantlet/prod", "rotate_function": "prod-rotate",
        }))
        .await;
        let run_on = |stack: &str, arguments: &[&str]| {
            let mut command = command(&[arguments, &["--stack", stack, "--region", "eu-central-1", "--json"]].concat());
            command.env("AWS_ENDPOINT_URL_SSM", &ssm).env("AWS_ENDPOINT_URL_DYNAMODB", engine.endpoint());
            command.env("AWS_ACCESS_KEY_ID", "local").env("AWS_SECRET_ACCESS_KEY", "local");
            let output = command.spawn().unwrap().wait_with_output().unwrap();
            Ended {
                code: output.status.code(),
                stdout: String::from_utf8(output.stdout).unwrap(),
                stderr: String::from_utf8(output.stderr).unwrap(),
            }
        };
        assert_eq!(run_on("prod", &["client", "show", "web"]).json()["client_name"], "Web");
        assert_eq!(run_on("prod", &["user", "lock", "alice"]).json()["locked"], true);
        let ended = run_on("staging", &["client", "list"]);
        assert!(ended.sentence().contains("There is no stack staging in eu-central-1"), "{ended:?}");
        engine.shutdown().await;
    }
}

mod documents {
    use super::*;

    #[test]
    fn every_variable_that_is_read_is_described() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let source = fs::read_to_string(root.join("shared/src/config.rs")).unwrap();
        let described = fs::read_to_string(root.join("docs/configuration.md")).unwrap();
        let names: std::collections::BTreeSet<&str> = source
            .match_indices("\"GRANTLET_")
            .map(|(at, _)| source[at + 1..].split('"').next().unwrap())
            .filter(|name| name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
            .collect();
        assert!(names.len() > 15);
        for name in names {
            assert!(described.contains(&format!("| `{name}` |")), "{name}");
        }
    }
}
