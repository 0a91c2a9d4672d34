//! Who has to log in, and how: `prompt`, `max_age`, `acr_values`, an essential `acr` (OpenID Connect Core sections 3.1.2.1 to 3.1.2.3, 3.1.2.6, 5.5.1.1).

use serde_json::{Value, json};

use super::{BOB, add_bob, alice_at_home, allow, ask, assert_code, assert_told, log_in, tokens};
use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, As, authorization_query, claims, parameter, refresh};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::site::{login_jwt, server_with_site, way_back};

/// Which of our pages this is.
fn page_of(reply: &Reply) -> Option<&'static str> {
    ["login", "account", "consent"].into_iter().find(|id| Form::find(&reply.body, id).is_some())
}

/// Answers each page that is shown until the browser leaves: which pages they were, and where it goes.
async fn walk(person: &mut Person<'_>, changes: &[(&str, Option<&str>)]) -> (Vec<&'static str>, String) {
    let mut reply = ask(person, changes).await;
    let mut pages = Vec::new();
    for _ in 0..6 {
        if let Some(location) = reply.header("location") {
            if !location.starts_with('/') {
                return (pages, location.to_owned());
            }
            reply = person.open(location).await;
            continue;
        }
        let page = page_of(&reply).unwrap_or_else(|| panic!("{reply:?}"));
        pages.push(page);
        let form = Form::find(&reply.body, page).unwrap();
        reply = match page {
            "login" => person.submit(&form.fill("username", ALICE.username).fill("password", ALICE.password), "sign-in").await,
            "account" => person.submit(&form, "continue").await,
            _ => person.submit(&form, "allow").await,
        };
    }
    panic!("round in circles: {pages:?}");
}

/// OpenID Connect Core section 3.1.2.1: what was asked for is asked once, and then there is a code.
#[tokio::test]
async fn each_prompt_ends_after_one_interaction_of_each_kind() {
    let server = Server::local(json!({})).await;
    for (name, value, pages) in [
        ("prompt", "none", &[][..]),
        ("prompt", "login", &["login"]),
        ("prompt", "consent", &["consent"]),
        ("prompt", "select_account", &["account"]),
        ("prompt", "login consent", &["login", "consent"]),
        ("prompt", "select_account consent", &["account", "consent"]),
        ("prompt", "consent select_account login", &["login", "consent"]),
        ("prompt", "login select_account", &["login"]),
        ("max_age", "0", &["login"]),
        ("max_age", "29", &["login"]),
        ("max_age", "30", &[]),
        ("display", "popup", &[]),
        ("display", "hologram", &[]),
        ("acr_values", "gold urn:grantlet:acr:single-factor", &[]),
        ("claims_locales", "de", &[]),
    ] {
        let mut person = alice_at_home(&server).await;
        server.inside().clock.advance(30);
        let (seen, landed) = walk(&mut person, &[(name, Some(value))]).await;
        assert_eq!(seen, pages, "{name}={value}");
        let id_token = tokens(&server, &landed).await["id_token"].as_str().unwrap().to_owned();
        let expected = server.inside().clock.time().0 - if pages.contains(&"login") { 0 } else { 30 };
        assert_eq!(claims(&id_token)["auth_time"], expected, "{name}={value}");
    }
}

/// OpenID Connect Core sections 3.1.2.1 and 3.1.2.6: `none` stands alone, and nothing is shown.
#[tokio::test]
async fn with_prompt_none_the_client_is_told_what_is_missing() {
    let server = Server::local(json!({})).await;
    let mut nobody = Person::new(&server);
    let mut person = alice_at_home(&server).await;
    server.inside().clock.advance(100);
    let none = ("prompt", Some("none"));
    assert_told(&ask(&mut nobody, &[none]).await, "login_required");
    for (name, value, error) in [
        ("max_age", "99", "login_required"),
        ("max_age", "0", "login_required"),
        ("scope", "openid phone", "consent_required"),
        ("claims", r#"{"id_token":{"sub":{"value":"somebody else"}}}"#, "login_required"),
        ("claims", r#"{"id_token":{"acr":{"essential":true,"value":"gold"}}}"#, "unmet_authentication_requirements"),
        ("id_token_hint", "garbage", "invalid_request"),
        ("registration", "{}", "registration_not_supported"),
    ] {
        assert_told(&ask(&mut person, &[none, (name, Some(value))]).await, error);
    }
    for bad in ["none login", "none none consent", "create", "login create", "NONE"] {
        assert_told(&ask(&mut person, &[("prompt", Some(bad))]).await, "invalid_request");
    }
    assert_code(&ask(&mut person, &[none]).await);
}

/// OpenID Connect Dynamic Client Registration section 2: `default_max_age`, which the request's own replaces.
#[tokio::test]
async fn the_client_s_default_max_age_counts_where_the_request_has_none() {
    let server = Server::local(json!({})).await;
    server.inside().register("strict", json!({"default_max_age": 60, "first_party": true})).await;
    let mut person = alice_at_home(&server).await;
    server.inside().clock.advance(61);
    let silent = |max_age| authorization_query("strict", &[("prompt", Some("none")), ("max_age", max_age)]);
    assert_told(&person.open(&format!("/authorize?{}", silent(None))).await, "login_required");
    assert_code(&person.open(&format!("/authorize?{}", silent(Some("3600")))).await);
}

/// OpenID Connect Core section 3.1.2.1, `select_account`: the page shows who is logged in; another account means another login.
#[tokio::test]
async fn a_person_may_use_another_account() {
    let server = Server::local(json!({})).await;
    let bob = add_bob(&server).await;
    let mut person = alice_at_home(&server).await;
    let asked = [("prompt", Some("select_account"))];
    let page = ask(&mut person, &asked).await;
    assert!(page.body.contains("Continue as alice") && page.body.contains("The App"), "{}", page.body);
    assert!(page.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
    let login = person.submit(&Form::find(&page.body, "account").unwrap(), "other-account").await;
    let consent = log_in(&mut person, &login, BOB).await;
    assert!(consent.body.contains("signed in as <strong>bob</strong>"), "{}", consent.body);
    let landed = assert_code(&allow(&mut person, &consent).await);
    assert_eq!(claims(tokens(&server, &landed).await["id_token"].as_str().unwrap())["sub"], bob.to_string());
    // Nobody is logged in: there is nothing to choose from.
    assert_eq!(page_of(&ask(&mut Person::new(&server), &asked).await), Some("login"));
}

/// A choice counts in the browser that was asked, for the request that it was asked for, while the same login lasts
#[tokio::test]
async fn a_choice_of_account_can_not_be_forged() {
    let server = Server::local(json!({})).await;
    let mut person = alice_at_home(&server).await;
    let page = ask(&mut person, &[("prompt", Some("select_account"))]).await;
    let form = Form::find(&page.body, "account").unwrap();
    let post =
        |body: &str| Event::post_form("/login/account", body).header("origin", server.issuer()).header("sec-fetch-site", "same-origin");
    let body = form.press("continue");
    let without = body.split('&').filter(|pair| !pair.starts_with("form_token=")).collect::<Vec<_>>().join("&");
    assert_eq!(person.send(post(&without)).await.status, 403);
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        assert_eq!(person.send(Event::post_form("/login/account", &body).header(name, value)).await.status, 403);
    }
    let mut other = alice_at_home(&server).await;
    assert_eq!(other.send(post(&body)).await.status, 403);
    assert_eq!(Person::new(&server).send(post(&body)).await.header("location").unwrap().split('?').next(), Some("/authorize"));
    // Alice has logged in anew since, which changes what the form was bound to.
    walk(&mut person, &[("prompt", Some("login"))]).await;
    assert_eq!(person.send(post(&body)).await.status, 403);
    assert_eq!(person.open("/login/account").await.status, 405);
}

/// OpenID Connect Core section 3.1.2.3: each browser has a session of its own, and a login in one ends nothing in another
#[tokio::test]
async fn a_login_on_another_device_signs_nobody_out() {
    let server = Server::local(json!({})).await;
    let mut people = [Person::new(&server), Person::new(&server).at("198.51.100.7")];
    let mut refresh_tokens = Vec::new();
    for person in &mut people {
        let landed = person.authorize(&authorization_query("app", &[]), ALICE).await;
        refresh_tokens.push(tokens(&server, &landed).await["refresh_token"].as_str().unwrap().to_owned());
    }
    for token in &refresh_tokens {
        assert_eq!(refresh(&server, As::Basic("app"), token).await.status, 200);
    }
    for person in &mut people {
        assert_code(&ask(person, &[("prompt", Some("none"))]).await);
    }
}

/// OpenID Connect Core section 5.5.1.1, and the error code `unmet_authentication_requirements`.
#[tokio::test]
async fn an_essential_acr_is_reached_or_the_client_is_told() {
    let server = Server::local(json!({})).await;
    let mut person = alice_at_home(&server).await;
    for (asked, error) in [
        (json!({"essential": true, "values": ["gold", "urn:grantlet:acr:single-factor"]}), None),
        (json!({"essential": true, "value": "gold"}), Some("unmet_authentication_requirements")),
        (json!({"essential": true, "values": []}), Some("unmet_authentication_requirements")),
        (json!({"essential": true}), None),
        (json!({"value": "gold"}), None),
        (Value::Null, None),
    ] {
        let claims_asked = json!({"id_token": {"acr": asked}}).to_string();
        let reply = ask(&mut person, &[("claims", Some(&claims_asked))]).await;
        match error {
            Some(error) => assert_told(&reply, error),
            None => {
                let id_token = tokens(&server, &assert_code(&reply)).await["id_token"].as_str().unwrap().to_owned();
                assert_eq!(claims(&id_token)["acr"], "urn:grantlet:acr:single-factor");
            }
        }
    }
}

/// Comes back from the site, to which `reply` sent the browser, as a person with `more` claims, and opens where that leads.
async fn come_back(server: &Server, person: &mut Person<'_>, reply: &Reply, more: &Value) -> Reply {
    let url = reply.header("location").unwrap();
    let (challenge, state) = (parameter(url, "challenge").unwrap(), parameter(url, "state").unwrap());
    let done = person.open(&way_back(&login_jwt(server, &challenge, more), &state)).await;
    assert_eq!(done.status, 303, "{done:?}");
    person.open(done.header("location").unwrap()).await
}

/// OpenID Connect Core section 5.5.1.1: the site is told which level is wanted, and what it reached counts, once.
#[tokio::test]
async fn the_site_s_login_may_step_up_to_an_essential_acr() {
    let server = server_with_site(false).await;
    let essential = r#"{"id_token":{"acr":{"essential":true,"values":["gold","silver"]}}}"#;
    let mut person = Person::new(&server);
    let sent = ask(&mut person, &[("acr_values", Some("bronze"))]).await;
    assert_eq!(parameter(sent.header("location").unwrap(), "acr_values").as_deref(), Some("bronze"));
    let consent = come_back(&server, &mut person, &sent, &json!({"acr": "bronze"})).await;
    let landed = assert_code(&allow(&mut person, &consent).await);
    assert_eq!(claims(tokens(&server, &landed).await["id_token"].as_str().unwrap())["acr"], "bronze");

    assert_told(&ask(&mut person, &[("claims", Some(essential)), ("prompt", Some("none"))]).await, "unmet_authentication_requirements");
    let sent = ask(&mut person, &[("claims", Some(essential))]).await;
    assert_eq!(parameter(sent.header("location").unwrap(), "acr_values").as_deref(), Some("gold silver"));
    assert_told(&come_back(&server, &mut person, &sent, &json!({"acr": "bronze"})).await, "unmet_authentication_requirements");
    let sent = ask(&mut person, &[("claims", Some(essential)), ("nonce", Some("nonce-2"))]).await;
    let landed = assert_code(&come_back(&server, &mut person, &sent, &json!({"acr": "silver"})).await);
    assert_eq!(claims(tokens(&server, &landed).await["id_token"].as_str().unwrap())["acr"], "silver");
}

/// OpenID Connect Core section 3.1.2.1: whoever chooses another account, or is somebody else than was asked for, must not be sent straight back.
#[tokio::test]
async fn the_site_is_told_when_a_login_that_it_remembers_is_not_enough() {
    let server = server_with_site(false).await;
    let mut person = Person::new(&server);
    let sent = ask(&mut person, &[]).await;
    assert_eq!(parameter(sent.header("location").unwrap(), "prompt"), None);
    let consent = come_back(&server, &mut person, &sent, &json!({})).await;
    assert_code(&allow(&mut person, &consent).await);
    let page = ask(&mut person, &[("prompt", Some("select_account"))]).await;
    let sent = person.submit(&Form::find(&page.body, "account").unwrap(), "other-account").await;
    assert_eq!(parameter(sent.header("location").unwrap(), "prompt").as_deref(), Some("login"));
    let consent = come_back(&server, &mut person, &sent, &json!({"sub": "user-8"})).await;
    assert_code(&allow(&mut person, &consent).await);
    let wanted = r#"{"id_token":{"sub":{"value":"user-7"}}}"#;
    let sent = ask(&mut person, &[("claims", Some(wanted))]).await;
    assert_eq!(parameter(sent.header("location").unwrap(), "prompt").as_deref(), Some("login"));
    assert_told(&come_back(&server, &mut person, &sent, &json!({"sub": "user-8"})).await, "login_required");
    let sent = ask(&mut person, &[("claims", Some(wanted)), ("nonce", Some("nonce-2"))]).await;
    let landed = assert_code(&come_back(&server, &mut person, &sent, &json!({"sub": "user-7"})).await);
    assert_eq!(claims(tokens(&server, &landed).await["id_token"].as_str().unwrap())["sub"], "user-7");
}
