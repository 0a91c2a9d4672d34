//! `grantlet client` and what tables print.

use grantlet::context::{Clock as _, SystemClock};
use grantlet::model::client::ClientId;
use grantlet::model::secret::Secret;
use insta::assert_json_snapshot;
use serde_json::json;
use tempfile::TempDir;

use super::{Data, open_store, seed, start_engine, without_secret_of};

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
    let added = data.json(&["client", "add", "--public", "--redirect-uri", "com.example.app:/cb", "--redirect-uri", "http://127.0.0.1/cb"]);
    assert_eq!(added.get("client_secret"), None);
    assert_eq!(added["token_endpoint_auth_method"], "none");
    let id = added["client_id"].as_str().unwrap();
    assert!(data.run(&["client", "rotate-secret", id]).sentence().contains("is public"));
}

#[test]
fn a_client_that_could_not_work_is_refused_and_nothing_is_stored() {
    let data = Data::new(&json!({"clients": [{"client_id": "web", "client_secret": "s", "redirect_uris": ["https://web.example/cb"]}]}));
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
    for arguments in [&["client", "list"][..], &["client", "show", "web"], &["user", "list"], &["user", "show", "alice"], &["key", "list"]]
    {
        for json in [&[][..], &["--json"]] {
            let printed = data.run(&[arguments, json].concat()).stdout;
            for secret in ["s3cret", "correct horse", "$argon2"] {
                assert!(!printed.contains(secret), "{arguments:?}");
            }
        }
    }
}
