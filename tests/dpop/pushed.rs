//! Proofs beside pushed authorization requests (RFC 9449 section 10.1), and clients under FAPI 2.0.

use serde_json::json;

use crate::support::dpop::{ProofKey, exchange_request, exchange_with};
use crate::support::event::Event;
use crate::support::local::START;
use crate::support::oauth::{ALICE, As, VERIFIER, assert_refused, authorization_query, claims, exchange, parameter, pushed_query, token};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::signer::Signer;

/// Pushes a request of the public client with a proof, and with `dpop_jkt` if there is one.
async fn push(server: &Server, proof: &str, jkt: Option<&str>) -> Reply {
    let form = authorization_query("cli", &[("dpop_jkt", jkt)]);
    server.send(&Event::post_form("/par", &form).header("dpop", proof)).await
}

async fn land(server: &Server, pushed: &Reply) -> String {
    assert_eq!(pushed.status, 201, "{pushed:?}");
    let landed = Person::new(server).authorize(&pushed_query("cli", pushed), ALICE).await;
    parameter(&landed, "code").unwrap_or_else(|| panic!("no code in {landed}"))
}

/// RFC 9449 section 10.1: as if `dpop_jkt` had named the key
#[tokio::test]
async fn a_proof_beside_a_pushed_request_binds_the_code() {
    let server = Server::local(json!({})).await;
    let (key, other) = (ProofKey::new(), ProofKey::new());
    for jkt in [None, Some(key.jkt())] {
        let pushed = push(&server, &key.proof(&server, "POST", "/par").sign(), jkt.as_deref()).await;
        let code = land(&server, &pushed).await;
        assert_refused(&exchange(&server, As::Public("cli"), &code).await, 400, "invalid_grant");
        assert_refused(&exchange_with(&server, As::Public("cli"), &code, &other).await, 400, "invalid_grant");
        let tokens = exchange_with(&server, As::Public("cli"), &code, &key).await;
        assert_eq!(claims(&token(&tokens, "access_token"))["cnf"]["jkt"], key.jkt());
    }
}

/// RFC 9449 section 10.1: and `dpop_jkt` by itself does
#[tokio::test]
async fn a_pushed_dpop_jkt_binds_the_code_without_a_proof() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    let form = authorization_query("cli", &[("dpop_jkt", Some(&key.jkt()))]);
    let pushed = server.send(&Event::post_form("/par", &form)).await;
    let code = land(&server, &pushed).await;
    assert_refused(&exchange(&server, As::Public("cli"), &code).await, 400, "invalid_grant");
    token(&exchange_with(&server, As::Public("cli"), &code, &key).await, "access_token");
}

/// RFC 9449 sections 4.3, 10.1 and 11.1
#[tokio::test]
async fn a_wrong_proof_beside_a_pushed_request_is_refused_and_nothing_is_kept() {
    let server = Server::local(json!({})).await;
    let (key, other) = (ProofKey::new(), ProofKey::new());
    let proof = || key.proof(&server, "POST", "/par").sign();
    assert_refused(&push(&server, &proof(), Some(&other.jkt())).await, 400, "invalid_request");
    assert_refused(&push(&server, &proof(), Some("short")).await, 400, "invalid_request");
    assert_refused(&push(&server, &key.token_proof(&server).sign(), None).await, 400, "invalid_dpop_proof");
    assert_refused(&push(&server, "nonsense", None).await, 400, "invalid_dpop_proof");
    assert!(server.inside().stored().is_empty(), "{:?}", server.inside().stored());
    let used = proof();
    assert_eq!(push(&server, &used, None).await.status, 201);
    assert_refused(&push(&server, &used, None).await, 400, "invalid_dpop_proof");
    assert_eq!(server.inside().stored().get("par"), Some(&1));
}

/// RFC 9449 section 8: nonces are one thing for all endpoints of the server
#[tokio::test]
async fn a_nonce_that_was_given_for_a_pushed_request_is_good_for_the_tokens() {
    let server = Server::local(json!({"dpop": {"require_nonce": true}})).await;
    let key = ProofKey::new();
    let refused = push(&server, &key.proof(&server, "POST", "/par").sign(), None).await;
    assert_refused(&refused, 400, "use_dpop_nonce");
    let nonce = refused.header("dpop-nonce").unwrap();
    let pushed = push(&server, &key.proof(&server, "POST", "/par").nonce(nonce).sign(), None).await;
    let next = pushed.header("dpop-nonce").unwrap().to_owned();
    let code = land(&server, &pushed).await;
    let proof = key.token_proof(&server).nonce(&next).sign();
    token(&server.send(&exchange_request(As::Public("cli"), &code).header("dpop", &proof)).await, "access_token");
}

/// FAPI 2.0 Security Profile sections 5.3.2.1 and 5.4.1: sender-constrained tokens only, no RS256, and refresh tokens that do not rotate
#[tokio::test]
async fn a_client_under_fapi_gets_bound_tokens_or_none() {
    let server = Server::local(json!({})).await;
    let signer = Signer::new("bank", server.issuer(), START);
    let metadata = json!({
        "security_profile": "fapi2", "token_endpoint_auth_method": "private_key_jwt", "jwks": signer.jwks(),
        "id_token_signed_response_alg": "PS256", "access_token_signed_response_alg": "ES256",
    });
    server.inside().register("bank", metadata).await;
    let query = authorization_query("bank", &[]);
    let pushed = server.send(&Event::post_form("/par", &format!("{query}&{}", signer.authenticated(&[])))).await;
    assert_eq!(pushed.status, 201, "{pushed:?}");
    let landed = Person::new(&server).authorize(&pushed_query("bank", &pushed), ALICE).await;
    let code = parameter(&landed, "code").unwrap();
    let redeem = || {
        let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("code_verifier", VERIFIER)];
        Event::post_form("/token", &signer.authenticated(&form))
    };
    assert_refused(&server.send(&redeem()).await, 400, "invalid_request");
    let rsa = ProofKey::with_alg("RS256");
    assert_refused(&server.send(&redeem().header("dpop", &rsa.token_proof(&server).sign())).await, 400, "invalid_dpop_proof");
    let key = ProofKey::new();
    let tokens = server.send(&redeem().header("dpop", &key.token_proof(&server).sign())).await;
    assert_eq!((tokens.json()["token_type"].as_str(), tokens.status), (Some("DPoP"), 200), "{tokens:?}");
    let refresh = || {
        let form = [("grant_type", "refresh_token"), ("refresh_token", &token(&tokens, "refresh_token"))];
        Event::post_form("/token", &signer.authenticated(&form))
    };
    assert_refused(&server.send(&refresh()).await, 400, "invalid_request");
    let refreshed = server.send(&refresh().header("dpop", &key.token_proof(&server).sign())).await;
    assert_eq!(token(&refreshed, "refresh_token"), token(&tokens, "refresh_token"), "it does not rotate");
    assert_eq!(claims(&token(&refreshed, "access_token"))["cnf"]["jkt"], key.jkt());
}
