//! Nonces of the server (RFC 9449 section 8).

use serde_json::json;

use crate::support::dpop::{ProofKey, exchange_request, exchange_with, refresh_request, userinfo_with};
use crate::support::event::Event;
use crate::support::oauth::{As, assert_refused, exchange, obtain_code, token};
use crate::support::server::{Reply, Server};

fn nonce_of(reply: &Reply) -> String {
    reply.header("dpop-nonce").unwrap_or_else(|| panic!("no nonce in {reply:?}")).to_owned()
}

async fn strict() -> Server {
    Server::local(json!({"dpop": {"require_nonce": true}})).await
}

/// RFC 9449 sections 8 and 8.2
#[tokio::test]
async fn a_client_without_a_nonce_is_given_one_and_succeeds_with_it() {
    let server = strict().await;
    let key = ProofKey::new();
    let code = obtain_code(&server, "app").await;
    let refused = exchange_with(&server, As::Basic("app"), &code, &key).await;
    assert_refused(&refused, 400, "use_dpop_nonce");
    let nonce = nonce_of(&refused);
    let proof = key.token_proof(&server).nonce(&nonce).sign();
    let tokens = server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &proof)).await;
    assert_eq!(tokens.json()["token_type"], "DPoP");
    // The next one comes with the answer, so that no round trip is lost.
    server.inside().clock.advance(170);
    let proof = key.token_proof(&server).nonce(&nonce_of(&tokens)).sign();
    let refreshed = server.send(&refresh_request(As::Basic("app"), &token(&tokens, "refresh_token")).header("dpop", &proof)).await;
    token(&refreshed, "access_token");
    nonce_of(&refreshed);
}

/// RFC 9449 section 8: time-boxed, and self-correcting
#[tokio::test]
async fn a_nonce_ages_and_an_old_one_is_answered_with_a_new_one() {
    let server = strict().await;
    let key = ProofKey::new();
    let first = nonce_of(&exchange_with(&server, As::Basic("app"), &obtain_code(&server, "app").await, &key).await);
    server.inside().clock.advance(359);
    let proof = key.token_proof(&server).nonce(&first).sign();
    let code = obtain_code(&server, "app").await;
    let tokens = server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &proof)).await;
    token(&tokens, "access_token");
    let second = nonce_of(&tokens);
    assert_ne!(second, first);
    server.inside().clock.advance(1);
    let code = obtain_code(&server, "app").await;
    let old = key.token_proof(&server).nonce(&first).sign();
    let refused = server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &old)).await;
    assert_refused(&refused, 400, "use_dpop_nonce");
    let proof = key.token_proof(&server).nonce(&nonce_of(&refused)).sign();
    token(&server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &proof)).await, "access_token");
}

/// RFC 9449 section 4.3, check 11: the nonce dates the proof, so that a client with a wrong clock can be served, and a replay is still one
#[tokio::test]
async fn a_nonce_dates_a_proof_whatever_the_client_s_clock_says() {
    let server = strict().await;
    let key = ProofKey::new();
    let code = obtain_code(&server, "app").await;
    let nonce = nonce_of(&exchange_with(&server, As::Basic("app"), &code, &key).await);
    let proof = key.token_proof(&server).nonce(&nonce).claim("iat", json!(1_000_000_000)).sign();
    token(&server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &proof)).await, "access_token");
    for later in [0, 180, 179] {
        server.inside().clock.advance(later);
        let code = obtain_code(&server, "app").await;
        let refused = server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &proof)).await;
        assert_refused(&refused, 400, "invalid_dpop_proof");
    }
}

/// RFC 9449 section 8: a nonce that is not the server's is refused whether or not the server asks for one
#[tokio::test]
async fn a_foreign_nonce_is_refused_with_a_good_one_even_where_none_is_required() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    let code = obtain_code(&server, "app").await;
    let other = strict().await;
    let foreign = nonce_of(&exchange_with(&other, As::Basic("app"), &obtain_code(&other, "app").await, &key).await);
    for nonce in ["", "nonce", &foreign, &"A".repeat(5_000)] {
        let proof = key.token_proof(&server).nonce(nonce).sign();
        let refused = server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &proof)).await;
        match nonce.len() {
            5_000 => assert_eq!(refused.json()["error"], "invalid_dpop_proof", "too long"),
            _ => assert_refused(&refused, 400, "use_dpop_nonce"),
        }
    }
    let proof = key.token_proof(&server).nonce("nonce").sign();
    let refused = server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &proof)).await;
    let proof = key.token_proof(&server).nonce(&nonce_of(&refused)).sign();
    let tokens = server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &proof)).await;
    token(&tokens, "access_token");
    nonce_of(&tokens);
}

/// RFC 9449 section 8: who does not use DPoP, or no nonces, hears nothing of them
#[tokio::test]
async fn a_nonce_is_given_to_nobody_who_has_no_use_for_it() {
    let server = strict().await;
    let plain = exchange(&server, As::Basic("app"), &obtain_code(&server, "app").await).await;
    assert_eq!((plain.json()["token_type"].as_str(), plain.header("dpop-nonce")), (Some("Bearer"), None));
    let server = Server::local(json!({})).await;
    let bound = exchange_with(&server, As::Basic("app"), &obtain_code(&server, "app").await, &ProofKey::new()).await;
    assert_eq!((bound.status, bound.header("dpop-nonce")), (200, None));
}

/// RFC 9449 section 9
#[tokio::test]
async fn userinfo_asks_for_a_nonce_with_a_challenge_and_gives_the_next_one() {
    let server = strict().await;
    let key = ProofKey::new();
    let code = obtain_code(&server, "app").await;
    let nonce = nonce_of(&exchange_with(&server, As::Basic("app"), &code, &key).await);
    let proof = key.token_proof(&server).nonce(&nonce).sign();
    let access = token(&server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &proof)).await, "access_token");
    let refused = userinfo_with(&server, &access, &key).await;
    assert_eq!((refused.status, refused.json()["error"].as_str()), (401, Some("use_dpop_nonce")));
    assert!(refused.header("www-authenticate").unwrap().contains("DPoP realm=\"userinfo\", error=\"use_dpop_nonce\""));
    assert_eq!(refused.header("cache-control"), Some("no-store"));
    let proof = key.proof(&server, "GET", "/userinfo").access_token(&access).nonce(&nonce_of(&refused)).sign();
    let event = Event::get("/userinfo").header("authorization", &format!("DPoP {access}")).header("dpop", &proof);
    let info = server.send(&event).await;
    assert_eq!(info.status, 200);
    nonce_of(&info);
}
