//! What the operator sees of passkeys, and does for people whose devices are lost: `grantlet user …`.

use tempfile::TempDir;

use super::account::{add, alice_at_her_passkeys, assert_added};
use crate::support::authenticator::Authenticator;
use crate::support::oauth::ALICE;
use crate::support::passkeys::{log_in, login_page};
use crate::support::person::Person;
use crate::support::program::{argument, run, run_with_input};
use crate::support::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_sees_passkeys_and_removes_them() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let server = Server::dev(&["--data", argument(&data)]);
    let on_data = |arguments: &[&'static str]| -> Vec<String> {
        arguments.iter().copied().chain(["--data", argument(&data)]).map(str::to_owned).collect()
    };
    let run = |arguments: &[&'static str]| run(&on_data(arguments).iter().map(String::as_str).collect::<Vec<_>>());
    let added = run_with_input(
        &on_data(&["user", "add", "alice", "--password-stdin"]).iter().map(String::as_str).collect::<Vec<_>>(),
        ALICE.password,
    );
    assert_eq!(added.code, Some(0), "{added:?}");
    let client = ["client", "add", "--id", "app", "--redirect-uri", "https://app.example/callback", "--json"];
    assert_eq!(run(&client).json()["client_id"], "app");

    let (mut person, _) = alice_at_her_passkeys(&server).await;
    let mut authenticator = Authenticator::new();
    assert_added(&add(&mut person, &server, &mut authenticator, "My phone", |_| ()).await);
    let shown = run(&["user", "show", "alice", "--json"]).json();
    assert_eq!((shown["passkeys"].as_array().unwrap().len(), shown["passkeys"][0]["name"].as_str()), (1, Some("My phone")));
    assert!(!shown.to_string().contains("credential"), "{shown}");
    assert!(run(&["user", "show", "alice"]).stdout.contains("My phone, added "));

    let removed = run(&["user", "remove-passkeys", "alice", "--json"]).json();
    assert_eq!((removed["passkeys_removed"].as_i64(), removed["sessions_ended"].as_i64()), (Some(1), Some(1)), "{removed}");
    assert_eq!(run(&["user", "show", "alice", "--json"]).json().get("passkeys"), None);
    let mut other = Person::new(&server);
    let page = login_page(&mut other, &[]).await;
    assert_eq!(log_in(&mut other, &server, &page, &authenticator, |_| ()).await.status, 403);
    assert!(run(&["user", "remove-passkeys", "alice"]).stdout.contains("Passkeys removed: 0."));
}
