//! `grantlet connection`: the secrets of upstream providers.

use std::fs;

use insta::assert_json_snapshot;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Data, open_store, start_engine};
use crate::support::program::{Ended, argument, command, run_with_input};

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
