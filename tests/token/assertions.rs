//! Clients that prove themselves by a JWT (RFC 7523 sections 2.2 and 3, OpenID Connect Core section 9).

use std::sync::Arc;
use std::time::Duration;

use grantlet::jose::signing::{SigningKey, SigningKeys};
use grantlet::model::client::{Client, Origin, SigningAlg, StoredClient};
use grantlet::model::secret::Secret;
use grantlet::protocol::issuer::Issuer;
use grantlet::vault::SealingOwner;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::task::JoinSet;

use super::{Ask, Asked, Bench, ISSUER, START, assert_refused, body, exchange_form, header, success};
use crate::support::oauth::{CLIENT_SECRET, register_client};
use crate::support::web::{Document, Web};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The issuer of a server that fetches from this machine.
const LOOPBACK: &str = "http://localhost:9000";

fn jwks(keys: &SigningKeys) -> Value {
    json!({"keys": keys.keys.iter().map(SigningKey::public_jwk).collect::<Vec<_>>()})
}

fn keys() -> SigningKeys {
    SigningKeys::generate("client").unwrap().0
}

/// The claims of an honest assertion of `signer`, with `changes`; null leaves out.
fn claims_with(changes: &Value) -> Value {
    let mut claims = json!({"iss": "signer", "sub": "signer", "aud": ISSUER, "iat": START, "exp": START + 60, "jti": "assertion-1"});
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    claims
}

fn sign(keys: &SigningKeys, alg: SigningAlg, changes: &Value) -> String {
    keys.find(alg).unwrap().sign("JWT", &claims_with(changes)).unwrap().expose().to_owned()
}

fn exchange_by(code: &str, assertion: &str, further: &[(&str, Option<&str>)]) -> Ask {
    let proof = [("client_assertion_type", Some(TYPE)), ("client_assertion", Some(assertion))];
    exchange_form(code, &[&proof[..], further].concat())
}

async fn signer(bench: &Bench, metadata: Value) {
    let mut all = json!({"token_endpoint_auth_method": "private_key_jwt"});
    all.as_object_mut().unwrap().extend(metadata.as_object().unwrap().clone());
    register_client(&bench.context, "signer", all).await;
}

async fn code(bench: &Bench) -> Secret {
    bench.issue(Asked { client: "signer", ..Asked::default() }).await.render()
}

/// RFC 7523 section 2.2: with each algorithm, for the issuer, the token endpoint or the endpoint asked, alone or in a list
#[tokio::test]
async fn a_client_proves_itself_by_a_jwt_of_its_own_key() {
    let bench = Bench::start().await;
    let keys = keys();
    signer(&bench, json!({"jwks": jwks(&keys)})).await;
    for (index, alg) in SigningAlg::ALL.into_iter().enumerate() {
        let audiences = [json!(ISSUER), json!(format!("{ISSUER}/token")), json!([ISSUER]), json!(["https://else.example", ISSUER])];
        let assertion = sign(&keys, alg, &json!({"aud": audiences[index], "jti": format!("jti-{index}")}));
        success(&bench.send(exchange_by(code(&bench).await.expose(), &assertion, &[])).await);
    }
    // `client_id` beside it is not needed, but may be there.
    let assertion = sign(&keys, SigningAlg::ES256, &json!({"jti": "jti-with-id"}));
    success(&bench.send(exchange_by(code(&bench).await.expose(), &assertion, &[("client_id", Some("signer"))])).await);
}

/// RFC 7523 section 3: every claim that is missing, wrong, of a wrong type, early or late; and the code is not burnt
#[tokio::test]
async fn an_assertion_with_anything_wrong_proves_nothing_and_burns_nothing() {
    let bench = Bench::start().await;
    let (keys, others) = (keys(), keys());
    signer(&bench, json!({"jwks": jwks(&keys)})).await;
    let code = code(&bench).await;
    let refused = async |assertion: &str, further: &[(&str, Option<&str>)]| {
        let response = bench.send(exchange_by(code.expose(), assertion, further)).await;
        assert_refused(&response, 401, "invalid_client");
        assert!(header(&response, "www-authenticate").is_some());
    };
    for changes in [
        json!({"iss": "app"}),
        json!({"iss": null}),
        json!({"iss": 7}),
        json!({"sub": "app"}),
        json!({"sub": null}),
        json!({"sub": ["signer"]}),
        json!({"aud": null}),
        json!({"aud": "https://else.example"}),
        json!({"aud": format!("{ISSUER}/")}),
        json!({"aud": format!("{ISSUER}/authorize")}),
        json!({"aud": {"a": ISSUER}}),
        json!({"exp": null}),
        json!({"exp": "later"}),
        json!({"exp": START - 10}),
        json!({"exp": START + 3_601}),
        json!({"nbf": START + 61}),
        json!({"nbf": "soon"}),
        json!({"iat": START + 61}),
        json!({"jti": null}),
        json!({"jti": ""}),
        json!({"jti": 7}),
        json!({"jti": "j".repeat(513)}),
    ] {
        refused(&sign(&keys, SigningAlg::ES256, &changes), &[]).await;
    }
    let good = sign(&keys, SigningAlg::ES256, &json!({}));
    refused(&sign(&others, SigningAlg::ES256, &json!({})), &[]).await;
    for end in (1..good.len()).step_by(37) {
        refused(&good[..end], &[]).await;
    }
    // An access token of ours, and the secret of another client, prove nothing either.
    let tokens = bench.tokens().await;
    refused(tokens["access_token"].as_str().unwrap(), &[]).await;
    let unsigned = format!("{}.{}.", b64(&json!({"alg": "none"})), b64(&claims_with(&json!({}))));
    refused(&unsigned, &[]).await;
    success(&bench.send(exchange_by(code.expose(), &good, &[])).await);
}

fn b64(value: &Value) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, value.to_string())
}

/// Hydra GHSA-3p3g-vpw6-4w66: a `jti` counts once, however many come at once
#[tokio::test]
async fn an_assertion_counts_once_and_a_replay_burns_no_code() {
    let bench = Arc::new(Bench::start().await);
    let keys = keys();
    signer(&bench, json!({"jwks": jwks(&keys)})).await;
    let assertion = sign(&keys, SigningAlg::ES256, &json!({}));
    let mut codes = Vec::new();
    for _ in 0..20 {
        codes.push(code(&bench).await);
    }
    let mut attempts = JoinSet::new();
    for (index, code) in codes.iter().enumerate() {
        let (bench, ask) = (bench.clone(), exchange_by(code.expose(), &assertion, &[]));
        attempts.spawn(async move { (index, bench.send(ask).await) });
    }
    let (won, lost): (Vec<_>, Vec<_>) = attempts.join_all().await.into_iter().partition(|(_, response)| response.status == 200);
    assert_eq!(won.len(), 1);
    for (index, response) in lost {
        assert_refused(&response, 401, "invalid_client");
        let code = &codes[index];
        let fresh = sign(&keys, SigningAlg::ES256, &json!({"jti": format!("fresh-{index}")}));
        success(&bench.send(exchange_by(code.expose(), &fresh, &[])).await);
    }
}

/// The `jti` of one client is not another's
#[tokio::test]
async fn two_clients_may_use_the_same_jti() {
    let bench = Bench::start().await;
    let keys = keys();
    signer(&bench, json!({"jwks": jwks(&keys)})).await;
    register_client(&bench.context, "second", json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": jwks(&keys)})).await;
    success(&bench.send(exchange_by(code(&bench).await.expose(), &sign(&keys, SigningAlg::ES256, &json!({})), &[])).await);
    let second = bench.issue(Asked { client: "second", ..Asked::default() }).await.render();
    let assertion = sign(&keys, SigningAlg::ES256, &json!({"iss": "second", "sub": "second"}));
    success(&bench.send(exchange_by(second.expose(), &assertion, &[])).await);
}

/// OAuth 2.1 section 2.4: one way, and the registered one
#[tokio::test]
async fn an_assertion_beside_another_proof_or_of_another_kind_of_client_is_refused() {
    let bench = Bench::start().await;
    let keys = keys();
    signer(&bench, json!({"jwks": jwks(&keys)})).await;
    let code = code(&bench).await;
    let good = sign(&keys, SigningAlg::ES256, &json!({}));
    let with_secret = exchange_by(code.expose(), &good, &[("client_secret", Some(CLIENT_SECRET))]);
    assert_refused(&bench.send(with_secret).await, 400, "invalid_request");
    assert_refused(&bench.send(exchange_by(code.expose(), &good, &[]).basic("signer", "x")).await, 400, "invalid_request");
    assert_refused(&bench.send(exchange_by(code.expose(), &good, &[("client_id", Some("app"))])).await, 400, "invalid_request");
    for half in [("client_assertion", good.as_str()), ("client_assertion_type", TYPE)] {
        let response = bench.send(exchange_form(code.expose(), &[(half.0, Some(half.1))])).await;
        assert_refused(&response, 400, "invalid_request");
    }
    let saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    let other_type = exchange_form(code.expose(), &[("client_assertion_type", Some(saml)), ("client_assertion", Some(&good))]);
    assert_refused(&bench.send(other_type).await, 401, "invalid_client");
    // A client with a secret, and a public one, do not prove themselves by keys that nobody registered.
    for id in ["app", "cli"] {
        let assertion = sign(&keys, SigningAlg::ES256, &json!({"iss": id, "sub": id}));
        assert_refused(&bench.send(exchange_by(code.expose(), &assertion, &[])).await, 401, "invalid_client");
    }
    // Nor does the client with keys prove itself by a secret, or by its name alone.
    assert_refused(&bench.send(exchange_form(code.expose(), &[]).basic("signer", CLIENT_SECRET)).await, 401, "invalid_client");
    assert_refused(&bench.send(exchange_form(code.expose(), &[("client_id", Some("signer"))])).await, 401, "invalid_client");
    success(&bench.send(exchange_by(code.expose(), &good, &[])).await);
}

/// RFC 7591 section 2, `token_endpoint_auth_signing_alg`; and no HS256 by a public key
#[tokio::test]
async fn the_algorithm_is_the_registered_one_and_never_a_public_key_taken_for_a_secret() {
    let bench = Bench::start().await;
    let keys = keys();
    signer(&bench, json!({"jwks": jwks(&keys), "token_endpoint_auth_signing_alg": "ES256"})).await;
    let code = code(&bench).await;
    assert_refused(&bench.send(exchange_by(code.expose(), &sign(&keys, SigningAlg::RS256, &json!({})), &[])).await, 401, "invalid_client");
    let public = jwks(&keys)["keys"][0]["n"].as_str().unwrap().to_owned();
    for secret in [public, jwks(&keys).to_string()] {
        let confused =
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims_with(&json!({})), &EncodingKey::from_secret(secret.as_bytes()))
                .unwrap();
        assert_refused(&bench.send(exchange_by(code.expose(), &confused, &[])).await, 401, "invalid_client");
    }
    success(&bench.send(exchange_by(code.expose(), &sign(&keys, SigningAlg::ES256, &json!({})), &[])).await);
}

/// OpenID Connect Core section 9, `client_secret_jwt`: the sealed secret authenticates, another does not
#[tokio::test]
async fn a_client_proves_itself_by_a_jwt_that_its_secret_authenticates() {
    let bench = Bench::start().await;
    let registration = json!({"client_id": "signer", "redirect_uris": [crate::support::oauth::REDIRECT_URI],
        "token_endpoint_auth_method": "client_secret_jwt"});
    let client: Client = serde_json::from_value(registration).unwrap();
    let secret = Secret::new(CLIENT_SECRET);
    let sealing = bench.vault.find_sealing_key(SealingOwner::Token).await.unwrap().unwrap();
    let sealed = sealing.seal(&client.client_id.record_key(), secret.expose().as_bytes());
    let stored = StoredClient {
        client,
        secret_hash: Some(secret.hash()),
        previous_secret: None,
        sealed_secret: Some(sealed),
        created_at: bench.context.now(),
        origin: Origin::Operator,
    };
    assert!(bench.context.store.create_client(&stored).await.unwrap());
    let sign = |secret: &str, jti: &str| {
        let claims = claims_with(&json!({ "jti": jti }));
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    };
    let code = code(&bench).await;
    let wrong = sign("another secret that is thirty-two bytes long, at least", "one");
    assert_refused(&bench.send(exchange_by(code.expose(), &wrong, &[])).await, 401, "invalid_client");
    assert_refused(&bench.send(exchange_form(code.expose(), &[]).basic("signer", CLIENT_SECRET)).await, 401, "invalid_client");
    success(&bench.send(exchange_by(code.expose(), &sign(CLIENT_SECRET, "two"), &[])).await);
}

/// RFC 7591 section 2, `jwks_uri`: fetched once and kept, and asked once more when a token has an unknown key
#[tokio::test]
async fn published_keys_are_kept_and_asked_for_again_when_none_fits() {
    let bench = Bench::with(|config| config.issuer = Issuer::parse(LOOPBACK).unwrap()).await;
    let web = Web::start().await;
    let (first, second) = (keys(), keys());
    web.put("/jwks", Document::json(&jwks(&first)));
    signer(&bench, json!({"jwks_uri": web.url("/jwks")})).await;
    let ask = async |keys: &SigningKeys, jti: &str| {
        let assertion = sign(keys, SigningAlg::PS256, &json!({"aud": LOOPBACK, "jti": jti}));
        bench.send(exchange_by(code(&bench).await.expose(), &assertion, &[])).await
    };
    success(&ask(&first, "1").await);
    success(&ask(&first, "2").await);
    assert_eq!(web.arrived().len(), 1, "kept");
    // The client changes its keys: whoever presents the new one at once has to wait, so that nobody makes this server fetch at will.
    web.put("/jwks", Document::json(&jwks(&second)));
    assert_refused(&ask(&second, "3").await, 401, "invalid_client");
    assert_eq!(web.arrived().len(), 1);
    bench.clock.advance(31);
    success(&ask(&second, "4").await);
    assert_eq!(web.arrived().len(), 2);
    assert_refused(&ask(&first, "5").await, 401, "invalid_client");
}

/// OAuth 2.1 section 3.2.4: while a client's keys can't be had, nothing is known about the client. It keeps its code, and does not register again
#[tokio::test]
async fn keys_that_can_not_be_had_for_a_while_are_no_fault_of_the_client() {
    let bench = Bench::with(|config| config.issuer = Issuer::parse(LOOPBACK).unwrap()).await;
    let web = Web::start().await;
    let keys = keys();
    web.put("/jwks", Document { status: 502, ..Document::json(&json!(null)) });
    signer(&bench, json!({"jwks_uri": web.url("/jwks")})).await;
    let code = code(&bench).await;
    let ask = |jti: &str| exchange_by(code.expose(), &sign(&keys, SigningAlg::ES256, &json!({"aud": LOOPBACK, "jti": jti})), &[]);
    for jti in ["1", "2"] {
        let refused = bench.send(ask(jti)).await;
        assert_refused(&refused, 503, "temporarily_unavailable");
        assert_eq!(refused.headers["retry-after"], "2");
    }
    web.put("/jwks", Document::json(&jwks(&keys)));
    bench.clock.advance(31);
    success(&bench.send(ask("3")).await);
}

/// A `jwks_uri` that is large, elsewhere or no JWK set proves nothing
#[tokio::test]
async fn keys_that_can_not_be_had_prove_nothing() {
    let bench = Bench::with(|config| config.issuer = Issuer::parse(LOOPBACK).unwrap()).await;
    let web = Web::start().await;
    let keys = keys();
    let honest = jwks(&keys);
    let mut large = honest.clone();
    large["filler"] = json!("x".repeat(70_000));
    web.put("/large", Document::json(&large));
    web.put("/html", Document { body: "<html>".to_owned(), ..Document::json(&json!(null)) });
    web.put("/gone", Document { status: 410, ..Document::json(&honest) });
    web.put("/away", Document { status: 302, headers: vec![("location", web.url("/honest"))], ..Document::json(&json!(null)) });
    web.put("/deep", Document { body: "[".repeat(10_000), ..Document::json(&json!(null)) });
    web.put("/honest", Document::json(&honest));
    for (path, status) in
        [("/large", 401), ("/html", 401), ("/gone", 401), ("/away", 401), ("/deep", 401), ("/nowhere", 401), ("/honest", 200)]
    {
        let id = format!("signer{path}").replace('/', "-");
        register_client(&bench.context, &id, json!({"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": web.url(path)})).await;
        let form = [("grant_type", "refresh_token"), ("refresh_token", "none"), ("client_assertion_type", TYPE)];
        let assertion = sign(&keys, SigningAlg::EdDSA, &json!({"aud": LOOPBACK, "iss": id, "sub": id}));
        let response = bench.send(Ask::form("/token", &[&form[..], &[("client_assertion", assertion.as_str())]].concat())).await;
        let expected = if status == 200 { "invalid_grant" } else { "invalid_client" };
        assert_eq!(body(&response)["error"], expected, "{path}");
    }
}

/// OWASP Server-Side Request Forgery Prevention Cheat Sheet: a public server asks nothing in its own network, nor without TLS
#[tokio::test]
async fn keys_at_an_address_inside_are_not_asked_for_and_prove_nothing() {
    let bench = Bench::start().await;
    let web = Web::start().await;
    let keys = keys();
    web.put("/jwks", Document::json(&jwks(&keys)));
    let ask = async |id: &str, member: &str, value: Value| {
        register_client(&bench.context, id, json!({"token_endpoint_auth_method": "private_key_jwt", member: value})).await;
        let assertion = sign(&keys, SigningAlg::EdDSA, &json!({"iss": id, "sub": id}));
        let form = [("grant_type", "refresh_token"), ("refresh_token", "none"), ("client_assertion_type", TYPE)];
        bench.send(Ask::form("/token", &[&form[..], &[("client_assertion", assertion.as_str())]].concat())).await
    };
    let plain = web.url("/jwks");
    let secure = plain.replacen("http:", "https:", 1);
    for (id, uri) in
        [("plain", plain.as_str()), ("secure", &secure), ("metadata", "https://169.254.169.254/"), ("name", "https://localhost/")]
    {
        assert_refused(&ask(id, "jwks_uri", json!(uri)).await, 401, "invalid_client");
    }
    assert!(web.arrived().is_empty());
    assert_refused(&ask("by-value", "jwks", jwks(&keys)).await, 400, "invalid_grant");
}

/// Whoever sends assertions that nothing verifies makes this server ask for keys once in a while, and not each time
#[tokio::test]
async fn keys_that_could_not_be_had_are_not_asked_for_again_at_once() {
    let bench = Bench::with(|config| config.issuer = Issuer::parse(LOOPBACK).unwrap()).await;
    let web = Web::start().await;
    let keys = keys();
    signer(&bench, json!({"jwks_uri": web.url("/jwks")})).await;
    let ask = async |jti: &str| {
        let assertion = sign(&keys, SigningAlg::ES256, &json!({"aud": LOOPBACK, "jti": jti}));
        bench.send(exchange_by(code(&bench).await.expose(), &assertion, &[])).await
    };
    for jti in ["1", "2", "3"] {
        assert_refused(&ask(jti).await, 401, "invalid_client");
    }
    assert_eq!(web.arrived().len(), 1);
    web.put("/jwks", Document::json(&jwks(&keys)));
    bench.clock.advance(31);
    success(&ask("4").await);
    // What was fetched before stays good while its server is away.
    web.put("/jwks", Document { status: 500, ..Document::json(&json!(null)) });
    bench.clock.advance(31);
    let unknown = sign(&SigningKeys::generate("other").unwrap().0, SigningAlg::ES256, &json!({"aud": LOOPBACK, "jti": "5"}));
    assert_refused(&bench.send(exchange_by(code(&bench).await.expose(), &unknown, &[])).await, 503, "temporarily_unavailable");
    success(&ask("6").await);
}

/// A server that takes the connection and never answers holds nobody up for long, and says nothing about the client
#[tokio::test]
async fn keys_behind_a_server_that_never_answers_are_given_up_within_seconds() {
    let bench = Bench::with(|config| config.issuer = Issuer::parse(LOOPBACK).unwrap()).await;
    // The system completes connections that nobody accepts.
    let silent = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let uri = format!("http://{}/jwks", silent.local_addr().unwrap());
    signer(&bench, json!({ "jwks_uri": uri })).await;
    let assertion = sign(&keys(), SigningAlg::ES256, &json!({"aud": LOOPBACK}));
    let ask = exchange_by(code(&bench).await.expose(), &assertion, &[]);
    let answer = tokio::time::timeout(Duration::from_secs(8), bench.send(ask)).await.expect("an answer in time");
    assert_refused(&answer, 503, "temporarily_unavailable");
}

/// A server that sends a byte a second always has something to say, and is given up all the same
#[tokio::test]
async fn keys_that_come_a_byte_a_second_are_given_up_within_seconds() {
    let bench = Bench::with(|config| config.issuer = Issuer::parse(LOOPBACK).unwrap()).await;
    let keys = keys();
    let published = jwks(&keys).to_string();
    let slow = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let uri = format!("http://{}/jwks", slow.local_addr().unwrap());
    let dribble = tokio::spawn(async move {
        let (mut stream, _) = slow.accept().await.unwrap();
        stream.readable().await.unwrap();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", published.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut sent = 0;
        while sent < published.len() && stream.write_all(&published.as_bytes()[sent..=sent]).await.is_ok() {
            sent += 1;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        sent
    });
    signer(&bench, json!({ "jwks_uri": uri })).await;
    let assertion = sign(&keys, SigningAlg::ES256, &json!({"aud": LOOPBACK}));
    let ask = exchange_by(code(&bench).await.expose(), &assertion, &[]);
    let answer = tokio::time::timeout(Duration::from_secs(8), bench.send(ask)).await.expect("an answer in time");
    assert_refused(&answer, 503, "temporarily_unavailable");
    // The connection is closed, so that the other side can't go on.
    let sent = tokio::time::timeout(Duration::from_secs(8), dribble).await.expect("an end in time").unwrap();
    assert!((2..12).contains(&sent), "{sent}");
}

/// RFC 7517 section 5: so many keys of a set are looked at, and no more
#[tokio::test]
async fn the_sixty_fourth_key_of_a_set_counts_and_the_sixty_fifth_does_not() {
    let bench = Bench::start().await;
    let (keys, others) = (keys(), SigningKeys::generate("others").unwrap().0);
    let public = |keys: &SigningKeys| keys.find(SigningAlg::ES256).unwrap().public_jwk().clone();
    for (id, place) in [("last", 64), ("beyond", 65)] {
        let mut set = vec![public(&others); place - 1];
        set.push(public(&keys));
        let metadata = json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": set}});
        register_client(&bench.context, id, metadata).await;
        let code = bench.issue(Asked { client: id, ..Asked::default() }).await.render();
        let assertion = sign(&keys, SigningAlg::ES256, &json!({"iss": id, "sub": id}));
        let answer = bench.send(exchange_by(code.expose(), &assertion, &[])).await;
        if id == "last" {
            success(&answer);
        } else {
            assert_refused(&answer, 401, "invalid_client");
        }
    }
}

/// OAuth 2.1 section 2.4.1: guesses at a key are counted for each client and address, whichever endpoint is asked; who merely comes late does not guess
#[tokio::test]
async fn assertions_of_a_foreign_key_are_counted_by_address_and_wait_after_thirty() {
    let bench = Bench::start().await;
    let (own, foreign) = (keys(), keys());
    signer(&bench, json!({"jwks": jwks(&own)})).await;
    let ask = async |path: &str, assertion: &str| {
        let form = [("grant_type", "refresh_token"), ("refresh_token", "none"), ("client_assertion_type", TYPE)];
        bench.send(Ask::form(path, &[&form[..], &[("client_assertion", assertion)]].concat())).await
    };
    let late = sign(&own, SigningAlg::ES256, &json!({"exp": START - 10}));
    for _ in 0..31 {
        assert_refused(&ask("/token", &late).await, 401, "invalid_client");
    }
    let forged = sign(&foreign, SigningAlg::ES256, &json!({}));
    for path in ["/token", "/introspect", "/par"].into_iter().cycle().take(30) {
        assert_refused(&ask(path, &forged).await, 401, "invalid_client");
    }
    let honest = sign(&own, SigningAlg::ES256, &json!({}));
    for assertion in [&forged, &honest] {
        let held_up = ask("/token", assertion).await;
        assert_refused(&held_up, 429, "temporarily_unavailable");
        assert!(header(&held_up, "retry-after").unwrap().parse::<i64>().unwrap() > 0);
    }
    let mut elsewhere = exchange_by(code(&bench).await.expose(), &honest, &[]);
    elsewhere.0.source_ip = Some([192, 0, 2, 8].into());
    success(&bench.send(elsewhere).await);
}

/// OAuth 2.1 section 2.4.1: guesses are counted for each client and address, and an honest client elsewhere is not held up
#[tokio::test]
async fn guesses_at_a_client_are_counted_by_address_and_wait_after_thirty() {
    let bench = Bench::start().await;
    let guess = |address: [u8; 4]| {
        let mut ask = Ask::form("/token", &[("grant_type", "refresh_token"), ("refresh_token", "none")]).basic("app", "wrong");
        ask.0.source_ip = Some(address.into());
        ask
    };
    for _ in 0..30 {
        assert_refused(&bench.send(guess([192, 0, 2, 7])).await, 401, "invalid_client");
    }
    let held_up = bench.send(guess([192, 0, 2, 7])).await;
    assert_refused(&held_up, 429, "temporarily_unavailable");
    assert!(header(&held_up, "retry-after").unwrap().parse::<i64>().unwrap() > 0);
    assert_refused(&bench.send(guess([192, 0, 2, 8])).await, 401, "invalid_client");
    success(&bench.exchange(bench.code().await.expose(), &[]).await);
    // Even the right secret has to wait where too many wrong ones came from.
    let mut right = Ask::form("/token", &[("grant_type", "refresh_token"), ("refresh_token", "none")]).basic("app", CLIENT_SECRET);
    right.0.source_ip = Some([192, 0, 2, 7].into());
    assert_refused(&bench.send(right).await, 429, "temporarily_unavailable");
    bench.clock.advance(901);
    assert_refused(&bench.send(guess([192, 0, 2, 7])).await, 401, "invalid_client");
}
