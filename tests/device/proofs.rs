//! Devices that prove a key (RFC 9449): the proof of the successful poll binds the tokens, and each poll has its own.

use serde_json::json;

use super::{GRANT, SCOPE, TV, allowed, answer, ask, device_of, error_of, poll, server, start};
use crate::support::dpop::{ProofKey, refresh_with, userinfo_with};
use crate::support::oauth::{As, assert_refused, claims, refresh, request, token};
use crate::support::server::{Reply, Server};

async fn poll_with(server: &Server, client: As<'_>, code: &str, proof: &str) -> Reply {
    let event = request("/token", client, &[("grant_type", GRANT), ("device_code", code)]);
    server.send(&event.header("dpop", proof)).await
}

/// RFC 9449 section 5
#[tokio::test]
async fn the_proof_of_the_poll_binds_what_it_gets() {
    let server = server().await;
    let key = ProofKey::new();
    let device = allowed(&server).await;
    let tokens = poll_with(&server, TV, &device.code, &key.token_proof(&server).sign()).await;
    let access = token(&tokens, "access_token");
    assert_eq!((tokens.json()["token_type"].as_str(), claims(&access)["cnf"]["jkt"].as_str()), (Some("DPoP"), Some(key.jkt().as_str())));
    assert_eq!(userinfo_with(&server, &access, &key).await.status, 200);
    let refresh_token = token(&tokens, "refresh_token");
    assert_refused(&refresh(&server, TV, &refresh_token).await, 400, "invalid_grant");
    assert_refused(&refresh_with(&server, TV, &refresh_token, &ProofKey::new()).await, 400, "invalid_grant");
    token(&refresh_with(&server, TV, &refresh_token, &key).await, "access_token");
}

/// RFC 9449 section 11.1: a proof is good once, at a pending poll too, and a wrong one burns no code
#[tokio::test]
async fn each_poll_has_a_proof_of_its_own() {
    let server = server().await;
    let key = ProofKey::new();
    let device = start(&server).await;
    let proof = key.token_proof(&server).sign();
    assert_eq!(error_of(&poll_with(&server, TV, &device.code, &proof).await), "authorization_pending");
    answer(&server, &device.user_code, "allow").await;
    assert_refused(&poll_with(&server, TV, &device.code, &proof).await, 400, "invalid_dpop_proof");
    let elsewhere = key.proof(&server, "POST", "/revoke").sign();
    assert_refused(&poll_with(&server, TV, &device.code, &elsewhere).await, 400, "invalid_dpop_proof");
    token(&poll_with(&server, TV, &device.code, &key.token_proof(&server).sign()).await, "access_token");
}

/// RFC 9449 section 5.2: left out, it is not switched off
#[tokio::test]
async fn a_client_that_must_bind_its_tokens_gets_none_without_a_proof() {
    let server = server().await;
    let bound =
        json!({"token_endpoint_auth_method": "none", "grant_types": [GRANT], "redirect_uris": [], "dpop_bound_access_tokens": true});
    server.inside().register("bound", bound).await;
    let client = As::Public("bound");
    let device = device_of(&ask(&server, client, &[("scope", SCOPE)]).await);
    answer(&server, &device.user_code, "allow").await;
    assert_refused(&poll(&server, client, &device.code).await, 400, "invalid_request");
    let tokens = poll_with(&server, client, &device.code, &ProofKey::new().token_proof(&server).sign()).await;
    assert!(claims(&token(&tokens, "access_token"))["cnf"]["jkt"].is_string());
}
