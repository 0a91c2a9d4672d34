//! Bound access tokens at a protected resource: `/userinfo` (RFC 9449 section 7).

use serde_json::json;

use crate::support::dpop::{ALGS, ProofKey, exchange_with, userinfo_with};
use crate::support::event::Event;
use crate::support::oauth::{As, encode, exchange, obtain_code, token, userinfo};
use crate::support::server::{Reply, Server};

/// A bound access token.
async fn bound(server: &Server, key: &ProofKey) -> String {
    token(&exchange_with(server, As::Basic("app"), &obtain_code(server, "app").await, key).await, "access_token")
}

async fn ask(server: &Server, authorization: &str, proof: &str) -> Reply {
    server.send(&Event::get("/userinfo").header("authorization", authorization).header("dpop", proof)).await
}

fn assert_challenged(reply: &Reply, error: &str) {
    assert_eq!((reply.status, reply.json()["error"].as_str()), (401, Some(error)), "{reply:?}");
    let challenge = reply.header("www-authenticate").unwrap();
    assert!(
        challenge.contains("Bearer ") && challenge.contains("DPoP ") && challenge.contains("algs=\"RS256 PS256 ES256 EdDSA Ed25519\""),
        "{challenge}"
    );
    assert_eq!(challenge.matches("error=").count(), 1, "{challenge}");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert!(!reply.body.contains("alice"));
}

/// RFC 9449 section 7.1
#[tokio::test]
async fn a_bound_token_is_good_with_a_proof_of_its_key_for_each_request() {
    let server = Server::local(json!({})).await;
    for alg in ALGS {
        let key = ProofKey::with_alg(alg);
        let access = bound(&server, &key).await;
        for _ in 0..2 {
            let info = userinfo_with(&server, &access, &key).await;
            assert_eq!((info.status, info.json()["email"].as_str()), (200, Some("alice@example.com")), "{alg}");
        }
        let proof = key.proof(&server, "POST", "/userinfo").access_token(&access).sign();
        let post = Event::new("POST", "/userinfo").header("authorization", &format!("dpop {access}")).header("dpop", &proof);
        assert_eq!(server.send(&post).await.status, 200);
    }
}

/// RFC 9449 section 7.2
#[tokio::test]
async fn a_bound_token_is_refused_as_a_bearer_token_whatever_comes_with_it() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    let access = bound(&server, &key).await;
    assert_challenged(&userinfo(&server, &access).await, "invalid_token");
    let proof = key.proof(&server, "GET", "/userinfo").access_token(&access).sign();
    assert_challenged(&ask(&server, &format!("Bearer {access}"), &proof).await, "invalid_token");
    let proof = key.proof(&server, "POST", "/userinfo").access_token(&access).sign();
    let form = Event::post_form("/userinfo", &encode(&[("access_token", &access)])).header("dpop", &proof);
    assert_challenged(&server.send(&form).await, "invalid_token");
}

/// RFC 9449 section 7.1: the token is not bound to any key
#[tokio::test]
async fn a_plain_token_is_refused_by_the_scheme_dpop() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    let access = token(&exchange(&server, As::Basic("app"), &obtain_code(&server, "app").await).await, "access_token");
    assert_challenged(&userinfo_with(&server, &access, &key).await, "invalid_token");
    assert_eq!(userinfo(&server, &access).await.status, 200);
}

/// RFC 9449 section 4.3, check 12, and section 7.1
#[tokio::test]
async fn a_bound_token_is_refused_without_a_proof_that_is_for_it_this_request_and_its_key() {
    let server = Server::local(json!({})).await;
    let (key, other) = (ProofKey::new(), ProofKey::new());
    let (access, another) = (bound(&server, &key).await, bound(&server, &key).await);
    let scheme = format!("DPoP {access}");
    let without = server.send(&Event::get("/userinfo").header("authorization", &scheme)).await;
    assert_challenged(&without, "invalid_dpop_proof");
    let stolen = other.proof(&server, "GET", "/userinfo").access_token(&access).sign();
    assert_challenged(&ask(&server, &scheme, &stolen).await, "invalid_token");
    let good = || key.proof(&server, "GET", "/userinfo").access_token(&access);
    for (what, proof) in [
        ("no ath", key.proof(&server, "GET", "/userinfo").sign()),
        ("the ath of another token", key.proof(&server, "GET", "/userinfo").access_token(&another).sign()),
        ("ath is no text", good().claim("ath", json!(1)).sign()),
        ("another endpoint", good().claim("htu", json!("https://issuer.example/token")).sign()),
        ("another method", good().claim("htm", json!("POST")).sign()),
        ("too old", good().claim("iat", json!(1_800_000_000 - 301)).sign()),
        ("two", format!("{},{}", good().sign(), good().sign())),
        ("none", String::new()),
    ] {
        let refused = ask(&server, &scheme, &proof).await;
        assert_eq!(refused.json()["error"], "invalid_dpop_proof", "{what}");
        assert_challenged(&refused, "invalid_dpop_proof");
    }
    assert_eq!(userinfo_with(&server, &access, &key).await.status, 200);
}

/// RFC 9449 section 11.1
#[tokio::test]
async fn a_proof_at_userinfo_counts_once() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    let access = bound(&server, &key).await;
    let proof = key.proof(&server, "GET", "/userinfo").access_token(&access).sign();
    let scheme = format!("DPoP {access}");
    assert_eq!(ask(&server, &scheme, &proof).await.status, 200);
    assert_challenged(&ask(&server, &scheme, &proof).await, "invalid_dpop_proof");
}

/// RFC 9449 section 7.2, RFC 6750 section 3.1: no error where nothing was tried, and the error with the scheme that was
#[tokio::test]
async fn both_schemes_are_offered_and_the_error_stands_with_the_one_that_was_used() {
    let server = Server::local(json!({})).await;
    let nothing = server.send(&Event::get("/userinfo")).await;
    let offered = nothing.header("www-authenticate").unwrap();
    assert_eq!(offered, "Bearer realm=\"userinfo\", DPoP realm=\"userinfo\", algs=\"RS256 PS256 ES256 EdDSA Ed25519\"");
    let bearer = userinfo(&server, "nonsense").await;
    assert!(bearer.header("www-authenticate").unwrap().starts_with("Bearer realm=\"userinfo\", error=\"invalid_token\""));
    let dpop = userinfo_with(&server, "nonsense", &ProofKey::new()).await;
    assert!(dpop.header("www-authenticate").unwrap().contains("DPoP realm=\"userinfo\", error=\"invalid_token\""));
    let both = Event::get("/userinfo").header("authorization", "Bearer a").header("authorization", "DPoP a");
    assert_eq!(server.send(&both).await.status, 401);
}
