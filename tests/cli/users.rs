//! `grantlet user` and `grantlet grant`.

use grantlet::context::Timestamp;
use grantlet::model::client::ClientId;
use grantlet::model::grant::{CodeBinding, Grant, GrantStatus, RefreshState, RevokedBy};
use grantlet::model::secret::SecretHash;
use grantlet::model::session::{Authentication, Session};
use grantlet::model::user::UserId;
use grantlet::model::whereabouts::Whereabouts;
use grantlet::protocol::details::AuthorizationDetails;
use insta::assert_json_snapshot;
use serde_json::json;
use ulid::Ulid;

use super::{Data, open_store, seed, start_engine};
use crate::support::program::{argument, run_with_input};

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
    let ended = run_with_input(&["user", "set-password", "alice", "--password-stdin", "--json", "--data", argument(&data.path())], "new\n");
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
