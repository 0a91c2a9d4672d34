//! GitHub, by a web server that answers as GitHub's documentation says: `/login/oauth/access_token`, `/user`, `/user/emails`.

use serde_json::{Value, json};

use super::grantlet::keep_secret;
use super::{ask, assert_told, home, leave, people, userinfo};
use crate::support::oauth::{encode, parameter};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::web::{Document, Web};

const SECRET: &str = "github-secret-5ebe2294ecd0e0f08eab7690d2a6ee69";

async fn github() -> Web {
    let web = Web::start().await;
    let tokens =
        json!({"access_token": "gho_16C7e42F292c6912E7710c838347Ae178B4a", "scope": "read:user,user:email", "token_type": "bearer"});
    web.put("/login/oauth/access_token", Document::json(&tokens));
    web.put("/api/v3/user", Document::json(&json!({"id": 583_231, "login": "octocat", "name": "Octo Cat", "email": null, "blog": ""})));
    let emails = json!([{"email": "octocat@github.example", "primary": true, "verified": true, "visibility": "private"}]);
    web.put("/api/v3/user/emails", Document::json(&emails));
    web
}

async fn home_at(web: &Web, changes: Value) -> Server {
    let mut connection =
        json!({"id": "github", "name": "GitHub", "kind": "github", "client_id": "Iv1.8a61f9b3a7aba766", "issuer": web.url("")});
    connection.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let server = home(json!([connection]), false).await;
    keep_secret(&server, "github", SECRET).await;
    server
}

async fn come_back(person: &mut Person<'_>, sent: &str) -> Reply {
    let state = parameter(sent, "state").unwrap();
    person.open(&format!("/login/callback?{}", encode(&[("code", "github-code-1"), ("state", &state)]))).await
}

/// GitHub's documentation: "Authorizing OAuth apps" (web application flow, with PKCE), "Get the authenticated user", "List email addresses"
#[tokio::test]
async fn a_person_logs_in_at_github_and_is_known_by_their_number() {
    let web = github().await;
    let server = home_at(&web, json!({"trust_email": true})).await;
    let mut person = Person::new(&server);
    let sent = leave(&mut person, &[("login_hint", Some("octocat"))]).await;
    assert!(sent.starts_with(&web.url("/login/oauth/authorize?")), "{sent}");
    for (name, expected) in [
        ("client_id", Some("Iv1.8a61f9b3a7aba766")),
        ("scope", Some("read:user user:email")),
        ("redirect_uri", Some("http://localhost:9000/login/callback")),
        ("code_challenge_method", Some("S256")),
        ("login", Some("octocat")),
        ("nonce", None),
        ("prompt", None),
    ] {
        assert_eq!(parameter(&sent, name).as_deref(), expected, "{name}");
    }
    let reply = come_back(&mut person, &sent).await;
    let info = userinfo(&server, &mut person, &reply).await;
    assert_eq!((info["name"].as_str(), info["preferred_username"].as_str()), (Some("Octo Cat"), Some("octocat")));
    assert_eq!((info["email"].as_str(), info["email_verified"].as_bool()), (Some("octocat@github.example"), Some(true)));
    let arrived = web.arrived();
    let form = &arrived.iter().find(|arrived| arrived.path == "/login/oauth/access_token").unwrap().body;
    let fields: std::collections::BTreeMap<_, _> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    assert_eq!((fields["client_secret"].as_str(), fields["code"].as_str(), fields["code_verifier"].len()), (SECRET, "github-code-1", 43));

    // Somebody renamed their account, and somebody else took the name: the number tells them apart.
    for (id, login, is_same) in [(583_231, "octodog", true), (99, "octocat", false)] {
        web.put("/api/v3/user", Document::json(&json!({"id": id, "login": login})));
        let mut person = Person::new(&server);
        let sent = leave(&mut person, &[]).await;
        let reply = come_back(&mut person, &sent).await;
        let now = userinfo(&server, &mut person, &reply).await;
        assert_eq!(now["sub"] == info["sub"], is_same, "{login}");
    }
}

/// GitHub answers refusals with status 200, and does not say when somebody logged in
#[tokio::test]
async fn what_github_refuses_or_can_not_say_logs_nobody_in() {
    let web = github().await;
    let server = home_at(&web, json!({})).await;
    for (path, document, status) in [
        ("/login/oauth/access_token", Document::json(&json!({"error": "bad_verification_code"})), 400),
        ("/login/oauth/access_token", Document::json(&json!({"error": "incorrect_client_credentials"})), 400),
        ("/login/oauth/access_token", Document::json(&json!({"token_type": "bearer"})), 400),
        ("/api/v3/user", Document { status: 403, ..Document::json(&json!({"message": "API rate limit exceeded"})) }, 503),
        ("/api/v3/user", Document::json(&json!({"login": "octocat"})), 400),
        ("/api/v3/user/emails", Document { status: 500, ..Document::json(&json!([])) }, 503),
    ] {
        let web = github().await;
        let server = home_at(&web, json!({})).await;
        web.put(path, document);
        let mut person = Person::new(&server);
        let sent = leave(&mut person, &[]).await;
        assert_told(&come_back(&mut person, &sent).await, status, "GitHub");
        assert_eq!(people(&server).await, 0);
    }
    // Somebody who must log in again can't prove it there, and the client is told.
    let mut person = Person::new(&server);
    let sent = leave(&mut person, &[("prompt", Some("login"))]).await;
    assert_eq!(parameter(&sent, "prompt").as_deref(), Some("select_account"));
    let told = come_back(&mut person, &sent).await;
    assert_eq!(parameter(told.header("location").unwrap(), "error").as_deref(), Some("login_required"));
    assert_eq!(people(&server).await, 0);

    // Without a secret there is nothing to ask with: that is ours to mend, and nothing is lost.
    let connection = json!({"id": "github", "name": "GitHub", "kind": "github", "client_id": "x", "issuer": web.url("")});
    let server = home(json!([connection]), false).await;
    let mut person = Person::new(&server);
    let sent = leave(&mut person, &[]).await;
    assert_eq!(come_back(&mut person, &sent).await.status, 503);
    keep_secret(&server, "github", SECRET).await;
    server.inside().clock.advance(301);
    assert_eq!(come_back(&mut person, &sent).await.status, 303);
    assert_eq!(ask(&mut person, &[]).await.status, 200);
}
