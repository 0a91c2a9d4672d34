//! ID tokens and signed userinfo (OpenID Connect Core sections 2, 3.1.3.6, 5.3.2), in every algorithm.

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use crate::support::event::Event;
use crate::support::oauth::{As, assert_refused, exchange, obtain_code, token, userinfo};
use crate::support::server::Server;

const ALGS: [(&str, Algorithm); 4] =
    [("RS256", Algorithm::RS256), ("PS256", Algorithm::PS256), ("ES256", Algorithm::ES256), ("EdDSA", Algorithm::EdDSA)];

/// The claims of `jwt`, verified with the published keys as a client does.
async fn verified(server: &Server, jwt: &str, alg: Algorithm, audience: &str) -> Value {
    let header = jsonwebtoken::decode_header(jwt).unwrap();
    assert_eq!((header.alg, header.typ.as_deref()), (alg, Some("JWT")));
    let keys = server.send(&Event::get("/jwks.json")).await.json();
    let jwk =
        keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header.kid.as_deref().unwrap()).expect("the key is published");
    let key = DecodingKey::from_jwk(&serde_json::from_value(jwk.clone()).unwrap()).unwrap();
    let mut validation = Validation::new(alg);
    validation.set_audience(&[audience]);
    validation.set_issuer(&[server.issuer()]);
    // The clock is the test's.
    validation.validate_exp = false;
    validation.set_required_spec_claims(&["iss", "aud", "sub"]);
    jsonwebtoken::decode::<Value>(jwt, &key, &validation).unwrap().claims
}

/// OpenID Connect Core sections 3.1.3.6 and 3.1.3.8: signed as registered, and bound to the access token by the hash of that algorithm.
#[tokio::test]
async fn id_tokens_are_signed_in_every_algorithm_and_carry_its_at_hash() {
    let server = Server::local(json!({})).await;
    for (name, alg) in ALGS {
        server.inside().register(name, json!({"id_token_signed_response_alg": name})).await;
        let reply = exchange(&server, As::Basic(name), &obtain_code(&server, name).await).await;
        let claims = verified(&server, &token(&reply, "id_token"), alg, name).await;
        let access = token(&reply, "access_token");
        let hash = digest(if alg == Algorithm::EdDSA { &SHA512 } else { &SHA256 }, access.as_bytes());
        let half = URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2]);
        assert_eq!((&claims["at_hash"], &claims["nonce"]), (&json!(half), &json!("nonce-1")), "{name}");
        assert_eq!(claims["sub"], server.inside().alice.to_string());
        assert!(["auth_time", "iat", "exp"].iter().all(|name| claims[name].is_i64()));
        assert_eq!((&claims["acr"], &claims["amr"]), (&json!("urn:grantlet:acr:single-factor"), &json!(["pwd"])));
    }
}

/// OpenID Connect Core section 5.3.2: `application/jwt`, with `iss`, and the client as `aud`.
#[tokio::test]
async fn userinfo_is_signed_for_clients_that_registered_for_it() {
    let server = Server::local(json!({})).await;
    let advertised = server.send(&Event::get("/.well-known/openid-configuration")).await.json();
    assert_eq!(advertised["userinfo_signing_alg_values_supported"], json!(["RS256", "PS256", "ES256", "EdDSA"]));
    for (name, alg) in ALGS {
        server.inside().register(name, json!({"userinfo_signed_response_alg": name})).await;
        let reply = exchange(&server, As::Basic(name), &obtain_code(&server, name).await).await;
        let info = userinfo(&server, &token(&reply, "access_token")).await;
        assert_eq!((info.status, info.header("content-type")), (200, Some("application/jwt")));
        assert_eq!(info.header("cache-control"), Some("no-store"));
        let claims = verified(&server, info.body.trim(), alg, name).await;
        assert_eq!((&claims["email"], &claims["sub"]), (&json!("alice@example.com"), &json!(server.inside().alice.to_string())));
    }
    let plain = exchange(&server, As::Basic("app"), &obtain_code(&server, "app").await).await;
    let info = userinfo(&server, &token(&plain, "access_token")).await;
    assert_eq!(info.header("content-type"), Some("application/json"));
}

/// OpenID Connect Core section 5.3.3: errors are not signed; RFC 8725 section 3.11: a signed answer is no token of any kind.
#[tokio::test]
async fn signed_userinfo_is_no_token_and_its_errors_are_plain() {
    let server = Server::local(json!({})).await;
    server.inside().register("signed", json!({"userinfo_signed_response_alg": "RS256"})).await;
    let reply = exchange(&server, As::Basic("signed"), &obtain_code(&server, "signed").await).await;
    let answer = userinfo(&server, &token(&reply, "access_token")).await.body;
    for foreign in [answer.as_str(), &token(&reply, "id_token")] {
        assert_refused(&userinfo(&server, foreign).await, 401, "invalid_token");
    }
}
