//! `id_token_hint` and a `sub` with a value: whom the client expects (OpenID Connect Core sections 3.1.2.1, 3.1.2.2, 5.5.1).

use grantlet::endpoint::rotate::{RotateCommand, Rotator};
use grantlet::jose::signing::SigningKeys;
use grantlet::model::client::SigningAlg;
use grantlet::model::key_ring::KeyState;
use serde_json::json;

use super::{BOB, add_bob, alice_at_home, ask, assert_code, assert_told, log_in, query, tokens};
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, As, authorization_query, claims, exchange, obtain_code, token, userinfo};
use crate::support::person::{Account, Person};
use crate::support::server::Server;

const SILENT: (&str, Option<&str>) = ("prompt", Some("none"));

/// An ID token of Alice for `app`.
async fn id_token(server: &Server) -> String {
    token(&exchange(server, As::Basic("app"), &obtain_code(server, "app").await).await, "id_token")
}

/// A browser in which somebody is logged in who allowed `app` everything.
async fn at_home<'s>(server: &'s Server, account: Account<'_>) -> Person<'s> {
    let mut person = Person::new(server);
    person.authorize(&query(&[]), account).await;
    person
}

/// OpenID Connect Core section 3.1.2.1: a hint of whoever is logged in changes nothing, expired or not, whichever key of ours signed it.
#[tokio::test]
async fn a_hint_of_whoever_is_logged_in_is_followed_long_after_it_expired() {
    let server = Server::local(json!({})).await;
    let local = server.inside();
    let hint = id_token(&server).await;
    let mut person = alice_at_home(&server).await;
    let asked = [("id_token_hint", Some(hint.as_str())), SILENT];
    assert_code(&ask(&mut person, &asked).await);
    local.clock.advance(10_000);
    assert_code(&ask(&mut person, &asked).await);

    // Its key is retired, and then archived: nobody publishes it any more.
    let rotator = Rotator { context: local.context.clone(), vault: local.vault.clone() };
    rotator.run(RotateCommand::Now).await.unwrap();
    for state in [KeyState::Retired, KeyState::Archived] {
        local.clock.advance(90_000);
        let ring = rotator.run(RotateCommand::Scheduled).await.unwrap();
        assert_eq!(ring.signing[0].state, state);
        assert_code(&ask(&mut person, &asked).await);
    }
    // One that was just signed by the new key, too.
    let hint = id_token(&server).await;
    assert_code(&ask(&mut person, &[("id_token_hint", Some(hint.as_str())), SILENT]).await);
}

/// OpenID Connect Core sections 3.1.2.1 and 3.1.2.2: never a code for somebody else, by hint or by the value of `sub`.
#[tokio::test]
async fn a_request_that_names_alice_is_answered_by_alice_alone() {
    let server = Server::local(json!({})).await;
    add_bob(&server).await;
    let alice = server.inside().alice.to_string();
    let hint = id_token(&server).await;
    let value = json!({"id_token": {"sub": {"value": alice}}}).to_string();
    let values = json!({"userinfo": {"sub": {"values": ["x", alice]}}}).to_string();
    for (name, text) in [("id_token_hint", &hint), ("claims", &value), ("claims", &values)] {
        let asked = [(name, Some(text.as_str()))];
        let mut bob = at_home(&server, BOB).await;
        assert_told(&ask(&mut bob, &[asked[0], SILENT]).await, "login_required");
        assert_told(&ask(&mut Person::new(&server), &[asked[0], SILENT]).await, "login_required");
        // Bob insists.
        let login = ask(&mut bob, &asked).await;
        assert_told(&log_in(&mut bob, &login, BOB).await, "login_required");
        // Alice takes over, in the same browser.
        let again = [asked[0], ("nonce", Some("nonce-2"))];
        let login = ask(&mut bob, &again).await;
        let landed = assert_code(&log_in(&mut bob, &login, ALICE).await);
        assert_eq!(claims(tokens(&server, &landed).await["id_token"].as_str().unwrap())["sub"], alice, "{name}");
    }
    // Two different people can't both be the one.
    let mut person = alice_at_home(&server).await;
    let other = json!({"id_token": {"sub": {"value": "somebody else"}}}).to_string();
    assert_told(&ask(&mut person, &[("id_token_hint", Some(&hint)), ("claims", Some(&other)), SILENT]).await, "login_required");
}

/// OpenID Connect Core section 3.1.2.1, RFC 8725 sections 3.8 to 3.11: only an ID token that this client got here is a hint.
#[tokio::test]
async fn whatever_is_no_id_token_of_the_client_is_refused_as_a_hint() {
    let server = Server::local(json!({})).await;
    server.inside().register("signed", json!({"userinfo_signed_response_alg": "RS256"})).await;
    let app = exchange(&server, As::Basic("app"), &obtain_code(&server, "app").await).await;
    let other = exchange(&server, As::Basic("other"), &obtain_code(&server, "other").await).await;
    let signed = exchange(&server, As::Basic("signed"), &obtain_code(&server, "signed").await).await;
    let own = token(&app, "id_token");
    let forged = {
        let (keys, _) = SigningKeys::generate("01FORGED").unwrap();
        keys.keys.iter().find(|key| key.alg() == SigningAlg::RS256).unwrap().sign("JWT", &claims(&own)).unwrap().expose().to_owned()
    };
    let (head, signature) = own.rsplit_once('.').unwrap();
    let none = format!("{}.{}.", "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", own.split('.').nth(1).unwrap());
    let mut person = alice_at_home(&server).await;
    for (what, hint) in [
        ("an access token", token(&app, "access_token")),
        ("a refresh token", token(&app, "refresh_token")),
        ("another client's ID token", token(&other, "id_token")),
        ("a signed userinfo answer", userinfo(&server, &token(&signed, "access_token")).await.body),
        ("another issuer's", forged),
        ("an unsigned one", none),
        ("one without its signature", format!("{head}.")),
        ("one cut short", own[..own.len() - 2].to_owned()),
        ("one of another signature", format!("{head}.{}", signature.chars().rev().collect::<String>())),
        ("no JWT", "\"><script>".to_owned()),
    ] {
        for prompt in [SILENT, ("prompt", None)] {
            let reply = ask(&mut person, &[("id_token_hint", Some(hint.as_str())), prompt]).await;
            assert_told(&reply, "invalid_request");
            assert!(!reply.body.contains("<script>"), "{what}");
        }
    }
    assert_code(&ask(&mut person, &[("id_token_hint", Some(&own)), SILENT]).await);
}

/// OpenID Connect Core section 8: a pairwise client names people as it knows them.
#[tokio::test]
async fn hints_and_values_of_a_pairwise_client_are_pairwise() {
    let server = Server::local(json!({})).await;
    server.inside().register("pairwise", json!({"subject_type": "pairwise", "first_party": true})).await;
    let hint = token(&exchange(&server, As::Basic("pairwise"), &obtain_code(&server, "pairwise").await).await, "id_token");
    let subject = claims(&hint)["sub"].as_str().unwrap().to_owned();
    let mut person = alice_at_home(&server).await;
    let by_value = |value: &str| json!({"id_token": {"sub": {"value": value}}}).to_string();
    let alice = server.inside().alice.to_string();
    for (name, text, known) in [("id_token_hint", hint, true), ("claims", by_value(&subject), true), ("claims", by_value(&alice), false)] {
        let query = authorization_query("pairwise", &[(name, Some(text.as_str())), SILENT]);
        let reply = person.open(&format!("/authorize?{query}")).await;
        if known {
            assert_code(&reply);
        } else {
            assert_told(&reply, "login_required");
        }
    }
}

/// OpenID Connect Core section 3.1.2.1: the hint stays with the request from page to page.
#[tokio::test]
async fn a_hint_survives_login_account_and_consent_pages() {
    let server = Server::local(json!({})).await;
    let hint = id_token(&server).await;
    let asked = [("id_token_hint", Some(hint.as_str())), ("prompt", Some("select_account consent"))];
    let mut person = Person::new(&server);
    let login = ask(&mut person, &asked).await;
    let consent = log_in(&mut person, &login, ALICE).await;
    assert!(Form::find(&consent.body, "consent").unwrap().field("request").contains(&hint));
    let mut person = alice_at_home(&server).await;
    let page = ask(&mut person, &asked).await;
    let form = Form::find(&page.body, "account").unwrap();
    assert!(form.field("request").contains(&hint));
    let consent = person.submit(&form, "continue").await;
    assert_code(&super::allow(&mut person, &consent).await);
}
