//! No redirect that nobody asked for (RFC 9700 section 4.11.2).

use serde_json::json;

use super::{open_with, registered, text};
use crate::support::event::Event;
use crate::support::forms::{Form, unescape};
use crate::support::oauth::{ALICE, REDIRECT_URI, authorization_query, parameter};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

async fn ask(server: &Server, id: &str, changes: &[(&str, Option<&str>)]) -> Reply {
    server.send(&Event::get("/authorize").query(&authorization_query(id, changes))).await
}

fn link_of(page: &Reply) -> String {
    assert_eq!((page.status, page.header("location")), (400, None), "{page:?}");
    unescape(page.body.split("id=\"continue\" href=\"").nth(1).unwrap_or_else(|| panic!("no link: {page:?}")).split('"').next().unwrap())
}

/// RFC 9700 section 4.11.2: `prompt=none` and every other way to fail at once
#[tokio::test]
async fn before_anybody_has_logged_in_a_page_names_the_destination() {
    let server = open_with(json!({})).await;
    let client = registered(&server, json!({"client_name": "Bank <b>of</b> Example"})).await;
    let id = text(&client, "client_id");
    for (changes, error) in [
        (vec![("prompt", Some("none"))], "login_required"),
        (vec![("scope", Some("nothing"))], "invalid_scope"),
        (vec![("response_type", Some("token"))], "unsupported_response_type"),
        (vec![("code_challenge", None), ("code_challenge_method", None)], "invalid_request"),
        (vec![("resource", Some("https://unknown.example"))], "invalid_target"),
        (vec![("response_mode", Some("fragment"))], "invalid_request"),
    ] {
        let page = ask(&server, id, &changes).await;
        let link = link_of(&page);
        assert!(link.starts_with(&format!("{REDIRECT_URI}?")), "{link}");
        assert_eq!(parameter(&link, "error").as_deref(), Some(error));
        assert_eq!((parameter(&link, "state").as_deref(), parameter(&link, "iss").as_deref()), (Some("state-1"), Some(server.issuer())));
        assert!(page.body.contains("<strong id=\"destination\">app.example</strong>") && !page.body.contains("<b>of"), "{page:?}");
        assert!(!page.body.contains("http-equiv") && !page.body.contains("<script"), "nothing goes on by itself");
    }
}

/// RFC 9700 section 4.11.2, OAuth 2.0 Form Post Response Mode: a form that waits for the person
#[tokio::test]
async fn a_form_response_waits_too() {
    let server = open_with(json!({})).await;
    let client = registered(&server, json!({})).await;
    let page = ask(&server, text(&client, "client_id"), &[("prompt", Some("none")), ("response_mode", Some("form_post"))]).await;
    assert_eq!((page.status, page.header("location")), (400, None));
    let form = Form::find(&page.body, "response").unwrap();
    assert_eq!((form.action.as_str(), form.field("error"), form.field("state")), (REDIRECT_URI, "login_required", "state-1"));
    assert!(!page.body.contains("<script") && !page.header("content-security-policy").unwrap().contains("script-src"));
}

/// RFC 9700 section 4.11.2: once the person has logged in, answers go where they always go
#[tokio::test]
async fn after_the_login_the_client_is_answered_as_ever() {
    let server = open_with(json!({})).await;
    let client = registered(&server, json!({})).await;
    let id = text(&client, "client_id");
    let mut person = Person::new(&server);
    let landed = person.authorize(&authorization_query(id, &[]), ALICE).await;
    assert!(parameter(&landed, "code").is_some());
    for (changes, error) in [([("prompt", Some("none"))], "consent_required"), ([("scope", Some("nothing"))], "invalid_scope")] {
        let reply = person.open(&format!("/authorize?{}", authorization_query(id, &changes))).await;
        assert_eq!(reply.status, 303);
        assert_eq!(parameter(reply.header("location").unwrap(), "error").as_deref(), Some(error));
    }
    let consent = person.open(&format!("/authorize?{}", authorization_query(id, &[]))).await;
    let denied = person.submit(&Form::find(&consent.body, "consent").unwrap(), "deny").await;
    assert_eq!(parameter(denied.header("location").unwrap(), "error").as_deref(), Some("access_denied"));
    // A cookie that is no session of ours is no login.
    let forged = Event::get("/authorize")
        .query(&authorization_query(id, &[("prompt", Some("none"))]))
        .cookie("__Host-session=01ARZ3NDEKTSV4RRFFQ69G5FAV.x");
    link_of(&server.send(&forged).await);
}

/// `docs/configuration.md`: the operator may name hosts that are known, and its own clients are
#[tokio::test]
async fn known_hosts_and_the_operator_s_clients_are_answered_at_once() {
    let server = open_with(json!({"trusted_hosts": ["app.example"]})).await;
    for (uris, is_held) in [
        ("https://app.example/callback", false),
        ("https://app.example:8443/callback", true),
        ("https://evil.app.example/callback", true),
        ("https://app.example.evil.example/callback", true),
        ("http://127.0.0.1/callback", true),
        ("app.example:/callback", true),
        ("app.example://app.example/callback", true),
    ] {
        let client = registered(&server, json!({"redirect_uris": [uris]})).await;
        let reply = ask(&server, text(&client, "client_id"), &[("prompt", Some("none")), ("redirect_uri", Some(uris))]).await;
        assert_eq!(reply.header("location").is_none(), is_held, "{uris}");
    }
    let operator_s = ask(&server, "app", &[("prompt", Some("none"))]).await;
    assert_eq!(parameter(operator_s.header("location").unwrap(), "error").as_deref(), Some("login_required"));
}

/// RFC 7591 section 5: people are asked each time, and told that nobody has checked the client
#[tokio::test]
async fn consent_to_a_stranger_is_never_remembered() {
    let server = open_with(json!({"trusted_hosts": ["app.example"]})).await;
    let client = registered(&server, json!({})).await;
    let query = authorization_query(text(&client, "client_id"), &[]);
    let mut person = Person::new(&server);
    person.authorize(&query, ALICE).await;
    let again = person.open(&format!("/authorize?{query}")).await;
    assert!(Form::find(&again.body, "consent").is_some());
    assert!(
        again.body.contains("id=\"stranger\"")
            && again.body.contains("registered itself")
            && again.body.contains("<strong>app.example</strong>")
    );
}
