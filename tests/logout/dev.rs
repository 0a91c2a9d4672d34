//! `grantlet dev` tells clients of ended sessions by itself, also of those that the operator ended while it did not run.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use crate::support::oauth::{ALICE, CLIENT_SECRET, REDIRECT_URI, authorization_query, claims, parameter};
use crate::support::person::Person;
use crate::support::program::{argument, run};
use crate::support::server::Server;
use crate::support::web::{Document, Web};

/// The `sid` in the logout token that arrived as number `at`.
async fn sid(web: &Web, at: usize) -> String {
    let arrived = web.wait_for(at + 1).await;
    let token = arrived[at].body.strip_prefix("logout_token=").expect("a logout token");
    claims(token)["sid"].as_str().expect("a sid").to_owned()
}

/// Back-Channel Logout section 2.5; `docs/decisions/0018`
#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_the_operator_ends_are_told_of_while_a_server_runs_and_when_it_runs_again() {
    let web = Web::start().await;
    web.put("/told", Document::json(&json!({})));
    let folder = TempDir::new().unwrap();
    let (data, seed) = (folder.path().join("data"), folder.path().join("seed.json"));
    let client = json!({"client_id": "one", "client_secret": CLIENT_SECRET, "redirect_uris": [REDIRECT_URI], "backchannel_logout_uri": web.url("/told")});
    let user = json!({"username": ALICE.username, "password": ALICE.password});
    fs::write(&seed, json!({"clients": [client], "users": [user]}).to_string()).unwrap();
    let arguments = ["--data", argument(&data), "--seed", argument(&seed)];
    let operate = |command: &[&str]| assert_eq!(run(&[command, &["--data", argument(&data)]].concat()).code, Some(0));
    let query = authorization_query("one", &[("scope", Some("openid"))]);

    let server = Server::dev(&arguments);
    let landed = Person::new(&server).authorize(&query, ALICE).await;
    assert!(parameter(&landed, "code").is_some());
    operate(&["user", "lock", "alice"]);
    let first = sid(&web, 0).await;
    operate(&["user", "unlock", "alice"]);
    Person::new(&server).authorize(&query, ALICE).await;
    drop(server);

    operate(&["user", "lock", "alice"]);
    assert_eq!(web.arrived().len(), 1, "nobody is there who could tell");
    let _server = Server::dev(&arguments);
    assert_ne!(sid(&web, 1).await, first);
    assert_eq!(web.arrived().len(), 2, "what was told before is not told again");
}
