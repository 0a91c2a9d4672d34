//! What the device sees: its codes, and what its polls are told.

use std::rc::Rc;

use grantlet::model::code::CodeToken;
use grantlet::model::grant::{GrantStatus, RevokedBy};
use serde_json::json;
use tokio::task::{JoinSet, LocalSet};

use super::{Device, GRANT, SCOPE, TV, allowed, answer, ask, device_of, error_of, metadata, poll, reach_question, server, start};
use crate::support::event::Event;
use crate::support::oauth::{As, assert_refused, claims, exchange, obtain_code, post, refresh, request, token, userinfo};
use crate::support::person::Person;
use crate::support::server::Server;

const BOX: As<'static> = As::Basic("box");

/// RFC 8628 section 3.2
#[tokio::test]
async fn a_device_gets_a_code_to_poll_with_and_one_to_show() {
    let server = server().await;
    let reply = ask(&server, TV, &[("scope", SCOPE)]).await;
    let device = device_of(&reply);
    assert_eq!((reply.header("cache-control"), reply.header("content-type")), (Some("no-store"), Some("application/json")));
    let page = "https://issuer.example/device";
    assert_eq!(
        reply.json(),
        json!({
            "device_code": device.code, "user_code": device.user_code, "verification_uri": page,
            "verification_uri_complete": format!("{page}?user_code={}", device.user_code), "expires_in": 600, "interval": 5,
        })
    );
    // RFC 8628 section 6.1: eight letters without vowels, shown in two halves.
    let (first, second) = device.user_code.split_once('-').unwrap();
    assert!([first, second].iter().all(|half| half.len() == 4 && half.chars().all(|c| "BCDFGHJKLMNPQRSTVWXZ".contains(c))), "{device:?}");
    assert_eq!(device.code.parse::<CodeToken>().unwrap().secret.expose().len(), 43);
    assert_ne!(start(&server).await.user_code, device.user_code);
    assert_eq!(server.inside().stored()["device"], 4);
    let metadata = metadata(&server).await;
    assert_eq!(metadata["device_authorization_endpoint"], "https://issuer.example/device_authorization");
    assert!(metadata["grant_types_supported"].as_array().unwrap().contains(&json!(GRANT)));
}

/// RFC 9700 section 4.13: people are sent to this server, whichever host a device's request names
#[tokio::test]
async fn spoofed_host_headers_change_no_address_that_a_device_shows() {
    let server = server().await;
    let told = server.send(&request("/device_authorization", TV, &[("scope", SCOPE)]).spoofed()).await;
    assert_eq!(told.json()["verification_uri"], "https://issuer.example/device");
    assert!(!told.body.contains("evil.example"), "{told:?}");
}

/// RFC 8628 section 3.1: the client is authenticated as at the token endpoint, and asks for what it may have
#[tokio::test]
async fn a_request_that_is_not_as_it_must_be_is_refused_and_nothing_is_kept() {
    let server = server().await;
    assert_eq!(server.send(&Event::get("/device_authorization")).await.status, 405);
    let secret = [("client_secret", "a-secret-of-a-public-client")];
    for (client, form, status, error) in [
        (As::Basic("app"), &[][..], 400, "unauthorized_client"),
        (As::Public("box"), &[], 401, "invalid_client"),
        (As::Public("nobody"), &[], 401, "invalid_client"),
        (TV, &secret, 401, "invalid_client"),
        (TV, &[("scope", "unknown")], 400, "invalid_scope"),
        (TV, &[("scope", "a\"b")], 400, "invalid_scope"),
        (TV, &[("resource", "https://unknown.example")], 400, "invalid_target"),
        (TV, &[("resource", "no URI")], 400, "invalid_request"),
        (TV, &[("scope", "openid"), ("scope", "email")], 400, "invalid_request"),
    ] {
        assert_refused(&ask(&server, client, form).await, status, error);
    }
    assert!(!server.inside().stored().contains_key("device"), "{:?}", server.inside().stored());
}

/// Each request writes records, and each live code is one that a guess may hit
#[tokio::test]
async fn requests_are_counted_by_client_and_network() {
    let server = server().await;
    for _ in 0..60 {
        start(&server).await;
    }
    let refused = ask(&server, TV, &[]).await;
    assert_refused(&refused, 429, "temporarily_unavailable");
    assert!((1..=900).contains(&refused.header("retry-after").unwrap().parse::<i64>().unwrap()));
    assert_eq!(ask(&server, BOX, &[]).await.status, 200, "another client is not held up");
    let elsewhere = Event::post_form("/device_authorization", "client_id=tv").at_address("192.0.2.9");
    assert_eq!(server.send(&elsewhere).await.status, 200, "nor the same one elsewhere");
}

/// RFC 8628 sections 3.3 to 3.5
#[tokio::test]
async fn a_person_allows_a_device_and_it_gets_its_tokens_once() {
    let server = server().await;
    for client in [TV, BOX] {
        let (As::Basic(id) | As::Public(id)) = client;
        let device = device_of(&ask(&server, client, &[("scope", SCOPE)]).await);
        assert_refused(&poll(&server, client, &device.code).await, 400, "authorization_pending");
        assert!(answer(&server, &device.user_code, "allow").await.body.contains("id=\"done\""));
        let tokens = poll(&server, client, &device.code).await;
        let access = token(&tokens, "access_token");
        assert_eq!((tokens.header("cache-control"), tokens.json()["scope"].as_str()), (Some("no-store"), Some(SCOPE)));
        let subject = server.inside().alice.to_string();
        assert_eq!((claims(&access)["sub"].as_str(), claims(&access)["client_id"].as_str()), (Some(subject.as_str()), Some(id)));
        let id_token = claims(&token(&tokens, "id_token"));
        assert_eq!((id_token["aud"].as_str(), id_token.get("nonce")), (Some(id), None));
        assert_eq!(userinfo(&server, &access).await.json()["name"], "Alice");
        let refreshed = refresh(&server, client, &token(&tokens, "refresh_token")).await;
        token(&refreshed, "access_token");
        // Once, and a poll that comes too late does no harm: devices poll again when an answer was lost.
        assert_refused(&poll(&server, client, &device.code).await, 400, "invalid_grant");
        assert_eq!(userinfo(&server, &access).await.status, 200);
        token(&refresh(&server, client, &token(&refreshed, "refresh_token")).await, "access_token");
    }
}

/// RFC 8628 section 3.1: scopes and resources as in any request; section 3.4 and RFC 8707 section 2.2 at the poll
#[tokio::test]
async fn a_device_gets_no_more_than_it_asked_for() {
    let server = server().await;
    let films = json!({"token_endpoint_auth_method": "none", "grant_types": [GRANT], "redirect_uris": [], "scope": "films openid"});
    server.inside().register("films", films).await;
    let client = As::Public("films");
    let form = [("scope", "films openid unknown"), ("resource", "https://films.example/"), ("resource", "https://issuer.example")];
    let device = device_of(&ask(&server, client, &form).await);
    answer(&server, &device.user_code, "allow").await;
    let with = |resource| [("grant_type", GRANT), ("device_code", device.code.as_str()), ("resource", resource)];
    assert_refused(&post(&server, "/token", client, &with("https://other.example")).await, 400, "invalid_target");
    let tokens = post(&server, "/token", client, &with("https://films.example")).await;
    let access = claims(&token(&tokens, "access_token"));
    assert_eq!((access["aud"].as_str(), access["scope"].as_str()), (Some("https://films.example"), Some("films")));
    assert!(tokens.json().get("refresh_token").is_none(), "neither asked for nor registered: {tokens:?}");
}

/// RFC 9396 sections 3 and 6
#[tokio::test]
async fn authorization_details_are_asked_shown_and_granted_for_devices_too() {
    let server = server().await;
    let wrong = [("authorization_details", r#"[{"type": "unknown"}]"#)];
    assert_refused(&ask(&server, TV, &wrong).await, 400, "invalid_authorization_details");
    let (one, two) = (json!({"type": "rental", "film": "Metropolis"}), json!({"type": "rental", "film": "Nosferatu"}));
    let both = json!([one, two]).to_string();
    let device = device_of(&ask(&server, TV, &[("scope", "openid"), ("authorization_details", &both)]).await);
    let mut person = Person::new(&server);
    let (page, form) = reach_question(&mut person, &device.user_code).await;
    assert!(page.body.contains("Rent a film") && page.body.contains("Metropolis") && page.body.contains("Nosferatu"), "{page:?}");
    person.submit(&form, "allow").await;
    let poll_with = async |details: String| {
        let form = [("grant_type", GRANT), ("device_code", device.code.as_str()), ("authorization_details", details.as_str())];
        post(&server, "/token", TV, &form).await
    };
    let more = json!([{"type": "rental", "film": "M"}]).to_string();
    assert_refused(&poll_with(more).await, 400, "invalid_authorization_details");
    let tokens = poll_with(json!([one]).to_string()).await;
    assert_eq!(tokens.json()["authorization_details"], json!([one]), "{tokens:?}");
    assert_eq!(claims(&token(&tokens, "access_token"))["authorization_details"], json!([one]));
}

/// RFC 8628 section 3.5: five seconds more each time, for all polls that follow
#[tokio::test]
async fn who_polls_too_fast_is_slowed_down() {
    let server = server().await;
    let device = start(&server).await;
    for (wait, expected) in [
        (0, "authorization_pending"),
        (5, "authorization_pending"),
        (4, "authorization_pending"), // a little early: times are whole seconds, and networks jitter
        (3, "slow_down"),             // from now on 10
        (10, "authorization_pending"),
        (5, "slow_down"),  // 15
        (5, "slow_down"),  // 20
        (15, "slow_down"), // 25
        (25, "authorization_pending"),
        (25, "authorization_pending"),
        (6, "slow_down"), // 30
    ] {
        server.inside().clock.advance(wait);
        assert_eq!(error_of(&poll(&server, TV, &device.code).await), expected, "after {wait} s");
    }
    answer(&server, &device.user_code, "allow").await;
    token(&poll(&server, TV, &device.code).await, "access_token");
}

/// RFC 8628 section 3.5: parallel polls are fast ones
#[tokio::test]
async fn of_parallel_polls_one_is_slow_enough_at_most() {
    let server = Rc::new(server().await);
    let device = start(&server).await;
    let told = race(&server, &device, 20).await;
    assert_eq!(told.iter().filter(|error| *error == "authorization_pending").count(), 1, "{told:?}");
    assert!(told.iter().all(|error| ["authorization_pending", "slow_down"].contains(&error.as_str())), "{told:?}");
}

/// RFC 8628 section 3.5
#[tokio::test]
async fn a_denied_device_is_told_so_however_often_it_asks() {
    let server = server().await;
    let device = start(&server).await;
    assert!(answer(&server, &device.user_code, "deny").await.body.contains("id=\"denied\""));
    for _ in 0..3 {
        assert_refused(&poll(&server, TV, &device.code).await, 400, "access_denied");
    }
    assert!(!server.inside().stored().contains_key("grant"));
}

/// RFC 8628 section 3.5: the code ends to the second, though its record is still there
#[tokio::test]
async fn an_expired_device_code_is_told_so_even_if_it_was_allowed() {
    let server = server().await;
    let (waiting, fine) = (start(&server).await, allowed(&server).await);
    server.inside().clock.advance(599);
    assert_refused(&poll(&server, TV, &waiting.code).await, 400, "authorization_pending");
    server.inside().clock.advance(1);
    for device in [&waiting, &fine] {
        assert_refused(&poll(&server, TV, &device.code).await, 400, "expired_token");
    }
    assert_eq!(server.inside().stored()["device"], 4, "nothing was redeemed");
}

/// Zitadel CVE-2026-55672: a device code is its own client's
#[tokio::test]
async fn a_device_code_of_another_client_is_refused_and_stays_good() {
    let server = server().await;
    let grants = json!({"grant_types": [GRANT], "token_endpoint_auth_method": "none"});
    server.inside().register("radio", grants).await;
    let device = start(&server).await;
    let foreign = [As::Public("radio"), BOX];
    for client in foreign {
        assert_refused(&poll(&server, client, &device.code).await, 400, "invalid_grant");
    }
    assert_refused(&poll(&server, TV, &device.code).await, 400, "authorization_pending");
    answer(&server, &device.user_code, "allow").await;
    for client in foreign {
        assert_refused(&poll(&server, client, &device.code).await, 400, "invalid_grant");
    }
    assert_refused(&poll(&server, As::Basic("app"), &device.code).await, 400, "unauthorized_client");
    assert_refused(&poll(&server, As::Public("box"), &device.code).await, 401, "invalid_client");
    token(&poll(&server, TV, &device.code).await, "access_token");
}

/// A device code with a wrong secret, a cut one, and whatever else was made for something else
#[tokio::test]
async fn what_is_no_device_code_of_this_client_is_refused_and_changes_nothing() {
    let server = server().await;
    let device = allowed(&server).await;
    let (id, secret) = device.code.split_once('.').unwrap();
    let other_secret = start(&server).await.code.split_once('.').unwrap().1.to_owned();
    let code = obtain_code(&server, "cli").await;
    let tokens = exchange(&server, As::Public("cli"), &obtain_code(&server, "cli").await).await;
    let artefacts = [code, token(&tokens, "refresh_token"), token(&tokens, "access_token"), device.user_code.clone()];
    let forged =
        [format!("{id}.{other_secret}"), format!("{}.{secret}", id.to_lowercase()), format!("{}.{secret}", server.inside().context.ulid())];
    for text in artefacts.iter().chain(&forged) {
        assert_eq!(poll(&server, TV, text).await.status, 400, "{text}");
    }
    for end in (0..device.code.len()).step_by(7).chain([id.len(), id.len() + 1, device.code.len() - 1]) {
        let cut = poll(&server, TV, &device.code[..end]).await;
        assert!(["invalid_grant", "invalid_request"].contains(&error_of(&cut).as_str()), "{end}: {cut:?}");
    }
    assert_refused(&post(&server, "/token", TV, &[("grant_type", GRANT)]).await, 400, "invalid_request");
    token(&poll(&server, TV, &device.code).await, "access_token");
}

/// A device code is no authorization code, and as one it ends nothing
#[tokio::test]
async fn a_device_code_presented_as_an_authorization_code_ends_no_grant() {
    let server = server().await;
    let both = json!({"token_endpoint_auth_method": "none", "grant_types": [GRANT, "authorization_code", "refresh_token"]});
    server.inside().register("both", both).await;
    let client = As::Public("both");
    let device = device_of(&ask(&server, client, &[("scope", SCOPE)]).await);
    answer(&server, &device.user_code, "allow").await;
    assert_refused(&exchange(&server, client, &device.code).await, 400, "invalid_grant");
    let tokens = poll(&server, client, &device.code).await;
    let access = token(&tokens, "access_token");
    assert_refused(&exchange(&server, client, &device.code).await, 400, "invalid_grant");
    assert_refused(&refresh(&server, client, &device.code).await, 400, "invalid_grant");
    assert_eq!(userinfo(&server, &device.code).await.status, 401);
    assert_eq!(userinfo(&server, &access).await.status, 200);
    assert_eq!(status_of(&server, &device).await, GrantStatus::Active);
}

/// Single use under race
#[tokio::test]
async fn of_thirty_parallel_polls_of_an_allowed_code_exactly_one_succeeds() {
    let server = Rc::new(server().await);
    let device = allowed(&server).await;
    let told = race(&server, &device, 30).await;
    assert_eq!(told.iter().filter(|error| error.is_empty()).count(), 1, "{told:?}");
    assert!(told.iter().all(|error| error.is_empty() || error == "invalid_grant"), "{told:?}");
    assert_eq!(status_of(&server, &device).await, GrantStatus::Active, "the others revoked nothing");
}

/// A user locked, or a grant revoked, between the answer and the poll: nothing is signed, and the code is burnt
#[tokio::test]
async fn a_lock_or_a_revocation_between_answer_and_poll_counts() {
    let server = server().await;
    let store = &server.inside().context.store;
    let revoked = allowed(&server).await;
    let id = revoked.code.parse::<CodeToken>().unwrap().id;
    assert!(store.revoke_grant(id, RevokedBy::Operator).await.unwrap());
    assert_refused(&poll(&server, TV, &revoked.code).await, 400, "invalid_grant");
    let device = allowed(&server).await;
    store.set_locked(server.inside().alice, true).await.unwrap();
    assert_refused(&poll(&server, TV, &device.code).await, 400, "invalid_grant");
    store.set_locked(server.inside().alice, false).await.unwrap();
    assert_refused(&poll(&server, TV, &device.code).await, 400, "invalid_grant");
}

/// The errors of the polls that ran at once; an empty text is a success.
async fn race(server: &Rc<Server>, device: &Device, polls: usize) -> Vec<String> {
    let (together, mut running) = (LocalSet::new(), JoinSet::new());
    for _ in 0..polls {
        let (server, code) = (server.clone(), device.code.clone());
        running.spawn_local_on(async move { poll(&server, TV, &code).await }, &together);
    }
    together.run_until(running.join_all()).await.iter().map(|reply| reply.json()["error"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn status_of(server: &Server, device: &Device) -> GrantStatus {
    let id = device.code.parse::<CodeToken>().unwrap().id;
    server.inside().context.store.find_grant(id).await.unwrap().expect("the grant").status
}
