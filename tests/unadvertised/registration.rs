//! What a registration may say: the client's own, when it is made and when it is changed, and the operator's.

use std::collections::BTreeSet;

use grantlet::model::client::Client;
use grantlet::model::registration::check_registration;
use grantlet::model::secret::Secret;
use serde_json::{Value, json};

use super::keys::AlgKey;
use super::registry::{AUTH_METHODS, GRANT_TYPES, JWE_ALGS, JWE_ENCS, JWS_ALGS, RESPONSE_TYPES, SUBJECT_TYPES, with_near_misses};
use super::{advertised, everything, registration, with};
use crate::support::event::Event;
use crate::support::oauth::{CLIENT_SECRET, REDIRECT_URI, encode};
use crate::support::server::{Reply, Server};

/// A registration that says nothing which must not be said; with keys, for whatever needs them.
fn plain() -> Value {
    json!({"redirect_uris": [REDIRECT_URI], "jwks": {"keys": [AlgKey::new("ES256", "").jwk]}})
}

/// Whether the operator may register it.
fn operator_may(metadata: &Value) -> bool {
    let Ok(client) = serde_json::from_value::<Client>(with(metadata.clone(), "client_id", json!("operators"))) else { return false };
    let secret = client.token_endpoint_auth_method.has_secret().then(|| Secret::new(CLIENT_SECRET));
    check_registration(&client, secret.as_ref()).is_ok()
}

/// A client that registered itself, and changes its registration.
struct Registered {
    told: Value,
}

impl Registered {
    async fn new(server: &Server) -> Self {
        let reply = server.send(&registration(&plain())).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        Self { told: reply.json() }
    }

    async fn replace(&self, server: &Server, metadata: &Value) -> Reply {
        let id = self.told["client_id"].as_str().unwrap();
        let body = with(metadata.clone(), "client_id", json!(id)).to_string();
        let token = self.told["registration_access_token"].as_str().unwrap();
        let event = Event::new("PUT", "/register").query(&encode(&[("client_id", id)])).header("authorization", &format!("Bearer {token}"));
        server.send(&event.header("content-type", "application/json").body(body.as_bytes())).await
    }
}

/// Registers each of `values` as the member `name` in every way: `good` ones are registered as they were said, others refused.
async fn assert_only(server: &Server, base: &Value, name: &str, values: BTreeSet<String>, good: &BTreeSet<String>) {
    assert!(good.is_subset(&values) && good.len() < values.len(), "{name}");
    let registered = Registered::new(server).await;
    for value in values {
        let metadata = with(base.clone(), name, json!(value));
        let (made, changed) = (server.send(&registration(&metadata)).await, registered.replace(server, &metadata).await);
        assert_eq!(operator_may(&metadata), good.contains(&value), "{name}: {value}, by the operator");
        if good.contains(&value) {
            assert_eq!((made.status, changed.status), (201, 200), "{name}: {value}: {made:?} {changed:?}");
            assert_eq!((&made.json()[name], &changed.json()[name]), (&json!(value), &json!(value)));
        } else {
            assert_refused(&made, name, &value);
            assert_refused(&changed, name, &value);
        }
    }
}

fn assert_refused(reply: &Reply, name: &str, value: &str) {
    assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some("invalid_client_metadata")), "{name}: {value}: {reply:?}");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

/// RFC 7591 sections 2 and 3.2.2, OpenID Connect Dynamic Client Registration section 2
#[tokio::test]
async fn no_value_is_registered_for_a_choice_but_those_that_are_advertised() {
    let server = everything().await;
    for (name, listed, known) in [
        ("token_endpoint_auth_method", "token_endpoint_auth_methods_supported", &AUTH_METHODS[..]),
        ("subject_type", "subject_types_supported", &SUBJECT_TYPES),
        ("id_token_signed_response_alg", "id_token_signing_alg_values_supported", &JWS_ALGS),
        ("access_token_signed_response_alg", "id_token_signing_alg_values_supported", &JWS_ALGS),
        ("userinfo_signed_response_alg", "userinfo_signing_alg_values_supported", &JWS_ALGS),
        ("introspection_signed_response_alg", "introspection_signing_alg_values_supported", &JWS_ALGS),
        ("request_object_signing_alg", "request_object_signing_alg_values_supported", &JWS_ALGS),
    ] {
        let good = advertised(&server, listed).await;
        assert_only(&server, &plain(), name, with_near_misses(known.iter().copied(), &good), &good).await;
    }
    // Assertions by a key and by a secret share one list.
    let listed = advertised(&server, "token_endpoint_auth_signing_alg_values_supported").await;
    let values = with_near_misses(JWS_ALGS, &listed);
    for (method, by_secret) in [("private_key_jwt", false), ("client_secret_jwt", true)] {
        let good = listed.iter().filter(|alg| alg.starts_with("HS") == by_secret).cloned().collect();
        let base = with(plain(), "token_endpoint_auth_method", json!(method));
        assert_only(&server, &base, "token_endpoint_auth_signing_alg", values.clone(), &good).await;
    }
}

/// RFC 7591 section 2: what is not supported is left out of a list, and the answer says so; a registration of nothing else is refused
#[tokio::test]
async fn no_grant_type_or_response_type_is_registered_but_those_that_are_advertised() {
    let server = everything().await;
    let registered = Registered::new(&server).await;
    let good = advertised(&server, "grant_types_supported").await;
    for value in with_near_misses(GRANT_TYPES, &good).into_iter().filter(|value| !good.contains(value)) {
        let alone = with(plain(), "grant_types", json!([value]));
        assert_refused(&server.send(&registration(&alone)).await, "grant_types", &value);
        assert_refused(&registered.replace(&server, &alone).await, "grant_types", &value);
        assert!(!operator_may(&alone), "{value}");
        let beside = with(plain(), "grant_types", json!([value, "authorization_code"]));
        assert_eq!(server.send(&registration(&beside)).await.json()["grant_types"], json!(["authorization_code"]), "{value}");
        assert!(!operator_may(&beside), "{value}");
    }
    let good = advertised(&server, "response_types_supported").await;
    for value in with_near_misses(RESPONSE_TYPES, &good).into_iter().filter(|value| !good.contains(value)) {
        let alone = with(plain(), "response_types", json!([value]));
        assert_refused(&server.send(&registration(&alone)).await, "response_types", &value);
        assert_refused(&registered.replace(&server, &alone).await, "response_types", &value);
        assert!(!operator_may(&alone), "{value}");
        let beside = with(plain(), "response_types", json!([value, "code"]));
        assert_eq!(server.send(&registration(&beside)).await.json()["response_types"], json!(["code"]), "{value}");
        assert!(!operator_may(&beside), "{value}");
    }
}

/// RFC 7591 section 2, RFC 9396 section 10: scopes and types of authorization details that are not known are left out, and the answer says so
#[tokio::test]
async fn no_scope_or_type_of_authorization_details_is_registered_but_those_that_are_advertised() {
    let server = everything().await;
    let good = advertised(&server, "scopes_supported").await;
    let asked: Vec<String> = with_near_misses(["admin", "*"], &good).into_iter().collect();
    let told = server.send(&registration(&with(plain(), "scope", json!(asked.join(" "))))).await.json();
    let kept: BTreeSet<String> = told["scope"].as_str().unwrap().split(' ').map(str::to_owned).collect();
    assert_eq!(kept, good);

    let good = advertised(&server, "authorization_details_types_supported").await;
    let asked: Vec<String> = with_near_misses(["openid_credential", "account_information"], &good).into_iter().collect();
    let told = server.send(&registration(&with(plain(), "authorization_details_types", json!(asked)))).await.json();
    assert_eq!(told["authorization_details_types"], json!(good));
}

/// OpenID Connect Dynamic Client Registration section 2, JARM section 3, RFC 9701 section 6, RFC 8705 section 3.4: whoever asks for protection that
/// this server does not give is told, and not left to believe that it has it
#[tokio::test]
async fn no_protection_is_registered_that_is_not_advertised() {
    let server = everything().await;
    let document = server.send(&Event::get("/.well-known/openid-configuration")).await.json();
    let registered = Registered::new(&server).await;
    let kinds = ["id_token", "userinfo", "introspection", "authorization"];
    let encrypted = kinds.map(|kind| (format!("{kind}_encrypted_response_alg"), format!("{kind}_encrypted_response_enc")));
    let object = ("request_object_encryption_alg".to_owned(), "request_object_encryption_enc".to_owned());
    let mut asked: Vec<(String, Value)> = Vec::new();
    for (alg, enc) in encrypted.into_iter().chain([object]) {
        asked.extend(JWE_ALGS.map(|value| (alg.clone(), json!(value))));
        asked.extend(JWE_ENCS.map(|value| (enc.clone(), json!(value))));
    }
    asked.extend(JWS_ALGS.map(|value| ("authorization_signed_response_alg".to_owned(), json!(value))));
    asked.push(("tls_client_certificate_bound_access_tokens".to_owned(), json!(true)));
    for (name, value) in asked {
        let metadata = with(plain(), &name, value.clone());
        assert_refused(&server.send(&registration(&metadata)).await, &name, &value.to_string());
        assert_refused(&registered.replace(&server, &metadata).await, &name, &value.to_string());
        assert!(!operator_may(&metadata), "{name}: {value}");
        let listed = name.replace("_response_alg", "_alg_values_supported").replace("_response_enc", "_enc_values_supported");
        assert!(document.get(&listed).is_none(), "{listed} is advertised");
    }
    let without = with(plain(), "tls_client_certificate_bound_access_tokens", json!(false));
    assert_eq!(server.send(&registration(&without)).await.status, 201);
    assert!(operator_may(&without));
}
