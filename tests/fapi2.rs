//! The FAPI 2.0 Security Profile, for clients with `security_profile: "fapi2"`.

use grantlet::model::client::{Client, ClientId, SigningAlg};
use grantlet::model::code::{CodeToken, Presentation, Redemption};
use grantlet::model::registration::check_registration;
use serde_json::{Value, json};

use crate::support::dpop::ProofKey;
use crate::support::event::Event;
use crate::support::local::START;
use crate::support::oauth::{
    ALICE, As, CHALLENGE, REDIRECT_URI, VERIFIER, assert_refused, authorization_query, claims, encode, parameter, push_form, pushed_query,
    token,
};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::signer::{ASSERTION_TYPE, Signer};
use crate::support::stack::ISSUER;

/// What the operator registers, with `changes`; null leaves out.
fn registration(signer: &Signer, changes: &Value) -> Value {
    let mut all = json!({
        "security_profile": "fapi2", "token_endpoint_auth_method": "private_key_jwt", "jwks": signer.jwks(),
        "id_token_signed_response_alg": "PS256", "access_token_signed_response_alg": "ES256",
    });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => all.as_object_mut().unwrap().remove(name),
            value => all.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    all
}

async fn bank() -> (Server, Signer) {
    // The operator's own settings are laxer than the profile.
    let server = Server::local_with(json!({}), |config| {
        config.iss_parameter = false;
        config.lifetimes.code = 600;
    })
    .await;
    let signer = Signer::new("bank", ISSUER, START);
    server.inside().register("bank", registration(&signer, &json!({}))).await;
    (server, signer)
}

async fn push(server: &Server, signer: &Signer, form: &[(&str, &str)]) -> Reply {
    push_form(server, As::Public("bank"), &signer.authenticated(form)).await
}

fn request<'a>(changes: &[(&'a str, Option<&'a str>)]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(authorization_query("bank", changes).as_bytes()).into_owned().collect()
}

async fn push_request(server: &Server, signer: &Signer, changes: &[(&str, Option<&str>)]) -> Reply {
    let form = request(changes);
    push(server, signer, &form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>()).await
}

/// Section 5.3.2.2: a pushed request of an authenticated client, and `iss` in the response
#[tokio::test]
async fn a_pushed_request_gets_a_code_that_lives_a_minute_and_a_response_with_iss() {
    let (server, signer) = bank().await;
    let landed = Person::new(&server).authorize(&pushed_query("bank", &push_request(&server, &signer, &[]).await), ALICE).await;
    assert_eq!(parameter(&landed, "iss").as_deref(), Some(ISSUER));
    let code: CodeToken = parameter(&landed, "code").unwrap().parse().unwrap();
    let presentation = |seconds| Presentation {
        id: code.id,
        secret_hash: code.secret.hash(),
        client_id: ClientId::parse("bank").unwrap(),
        code_challenge: Some(CHALLENGE.to_owned()),
        dpop_jkt: None,
        redirect_uri: None,
        resources: Vec::new(),
        now: grantlet::context::Timestamp(START + seconds),
    };
    let store = &server.inside().context.store;
    assert!(matches!(store.redeem_code(&presentation(60)).await.unwrap(), Redemption::Refused(_)));
    assert!(matches!(store.redeem_code(&presentation(59)).await.unwrap(), Redemption::Redeemed(_)));
}

/// Sections 5.3.2.1, 5.3.2.2 and 5.4: a client finds in the metadata everything that its profile holds it to
#[tokio::test]
async fn the_metadata_offer_what_the_profile_asks_for() {
    let server = Server::local(json!({})).await;
    let document = server.send(&Event::get("/.well-known/openid-configuration")).await.json();
    assert!(document["pushed_authorization_request_endpoint"].is_string());
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    for (name, needed) in [
        ("token_endpoint_auth_methods_supported", &["private_key_jwt"][..]),
        ("token_endpoint_auth_signing_alg_values_supported", &["PS256", "ES256", "EdDSA"]),
        ("id_token_signing_alg_values_supported", &["PS256", "ES256", "EdDSA"]),
        ("dpop_signing_alg_values_supported", &["PS256", "ES256", "EdDSA"]),
        ("code_challenge_methods_supported", &["S256"]),
    ] {
        for value in needed {
            assert!(document[name].as_array().unwrap().contains(&json!(value)), "{name} {value}");
        }
    }
}

/// Sections 5.3.2.1 and 5.3.2.2, RFC 9449 section 10.1: the code is bound to the key that was proven when the request was pushed, the tokens to it as well
#[tokio::test]
async fn code_and_tokens_are_bound_to_the_key_that_was_proven_with_the_pushed_request() {
    let (server, signer) = bank().await;
    let (key, other) = (ProofKey::new(), ProofKey::new());
    let push = async |key: &ProofKey, jkt: Option<&str>| {
        let form = request(&[("dpop_jkt", jkt)]);
        let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let proof = key.proof(&server, "POST", "/par").sign();
        server.send(&Event::post_form("/par", &signer.authenticated(&form)).header("dpop", &proof)).await
    };
    assert_refused(&push(&key, Some(&other.jkt())).await, 400, "invalid_request");
    assert_refused(&push(&ProofKey::with_alg("RS256"), None).await, 400, "invalid_dpop_proof");
    let form = request(&[]);
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let event = Event::post_form("/par", &signer.authenticated(&form)).header("dpop", &key.token_proof(&server).sign());
    assert_refused(&server.send(&event).await, 400, "invalid_dpop_proof");
    assert!(!server.inside().stored().contains_key("par"));
    for jkt in [None, Some(key.jkt())] {
        let landed = Person::new(&server).authorize(&pushed_query("bank", &push(&key, jkt.as_deref()).await), ALICE).await;
        let code = parameter(&landed, "code").unwrap();
        let exchange = async |key: Option<&ProofKey>| {
            let form = [("grant_type", "authorization_code"), ("code", &code), ("code_verifier", VERIFIER), ("redirect_uri", REDIRECT_URI)];
            let event = Event::post_form("/token", &signer.authenticated(&form));
            server.send(&key.iter().fold(event, |event, key| event.header("dpop", &key.token_proof(&server).sign()))).await
        };
        assert_refused(&exchange(None).await, 400, "invalid_request");
        assert_refused(&exchange(Some(&other)).await, 400, "invalid_grant");
        let tokens = exchange(Some(&key)).await;
        assert_eq!(tokens.json()["token_type"], "DPoP");
        assert_eq!(claims(&token(&tokens, "access_token"))["cnf"]["jkt"], key.jkt());
        let refresh = token(&tokens, "refresh_token");
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
        let event = Event::post_form("/token", &signer.authenticated(&form)).header("dpop", &key.token_proof(&server).sign());
        assert_eq!(token(&server.send(&event).await, "refresh_token"), refresh, "no rotation");
    }
}

/// Section 5.3.2.2: rejects requests that were not pushed, also signed ones
#[tokio::test]
async fn a_request_that_was_not_pushed_is_refused() {
    let (server, signer) = bank().await;
    let by_value = encode(&[("client_id", "bank"), ("request", &signer.object(&json!({}))), ("redirect_uri", REDIRECT_URI)]);
    for query in [authorization_query("bank", &[]), by_value] {
        let reply = Person::new(&server).open(&format!("/authorize?{query}")).await;
        let location = reply.header("location").unwrap();
        assert_eq!(parameter(location, "error").as_deref(), Some("invalid_request"));
        assert_eq!(parameter(location, "iss").as_deref(), Some(ISSUER));
    }
    assert!(server.inside().stored().is_empty());
}

/// Section 5.3.2.2: `redirect_uri` in the pushed request, PKCE with S256, `response_type` code
#[tokio::test]
async fn a_pushed_request_without_what_the_profile_asks_for_is_refused() {
    let (server, signer) = bank().await;
    for (changes, error) in [
        (vec![("redirect_uri", None)], "invalid_request"),
        (vec![("code_challenge", None), ("code_challenge_method", None)], "invalid_request"),
        (vec![("code_challenge_method", Some("plain"))], "invalid_request"),
        (vec![("response_type", Some("code id_token"))], "unsupported_response_type"),
    ] {
        assert_refused(&push_request(&server, &signer, &changes).await, 400, error);
    }
    assert!(!server.inside().stored().contains_key("par"));
}

/// Sections 5.3.2.1 and 5.4.1: `private_key_jwt`, the issuer as the only audience, no RS256
#[tokio::test]
async fn only_an_assertion_for_the_issuer_by_a_strong_algorithm_proves_the_client() {
    let (server, signer) = bank().await;
    let form = request(&[]);
    let send = async |assertion: &str| {
        let mut form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        form.extend([("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)]);
        push_form(&server, As::Public("bank"), &encode(&form)).await
    };
    for audience in
        [json!([ISSUER]), json!(format!("{ISSUER}/par")), json!(format!("{ISSUER}/token")), json!([ISSUER, "https://else.example"])]
    {
        let assertion = signer.assertion(SigningAlg::PS256, &json!({"aud": audience}));
        assert_refused(&send(&assertion).await, 401, "invalid_client");
    }
    assert_refused(&send(&signer.assertion(SigningAlg::RS256, &json!({}))).await, 401, "invalid_client");
    assert_refused(&push_form(&server, As::Public("bank"), &authorization_query("bank", &[])).await, 401, "invalid_client");
    assert_refused(&push_form(&server, As::Basic("bank"), &authorization_query("bank", &[])).await, 401, "invalid_client");
    assert!(!server.inside().stored().contains_key("par"));
    for alg in [SigningAlg::PS256, SigningAlg::ES256, SigningAlg::EdDSA] {
        assert_eq!(send(&signer.assertion(alg, &json!({}))).await.status, 201);
    }
}

/// FAPI 2.0 Message Signing section 5.3.1: signed requests have both times, at most an hour apart
#[tokio::test]
async fn a_signed_request_is_fresh_and_short_lived() {
    let (server, signer) = bank().await;
    for changes in [
        json!({"exp": null}),
        json!({"nbf": null}),
        json!({"nbf": START - 3_601, "exp": START + 60}),
        json!({"nbf": START, "exp": START + 3_601}),
        json!({"exp": START - 11, "nbf": START - 60}),
    ] {
        let object = signer.object(&changes);
        assert_refused(&push(&server, &signer, &[("request", &object)]).await, 400, "invalid_request_object");
    }
    let weak = signer.sign(SigningAlg::RS256, "oauth-authz-req+jwt", &signer.request(&json!({})));
    assert_refused(&push(&server, &signer, &[("request", &weak)]).await, 400, "invalid_request_object");
    let reply = push(&server, &signer, &[("request", &signer.object(&json!({})))]).await;
    assert!(Person::new(&server).authorize(&pushed_query("bank", &reply), ALICE).await.contains("code="));
}

/// Sections 5.3.2.1 and 5.4: what can't be registered under the profile
#[test]
fn a_registration_that_breaks_the_profile_is_refused() {
    let signer = Signer::new("bank", ISSUER, START);
    let read = |changes: Value| -> Client {
        let mut all = registration(&signer, &changes);
        all["client_id"] = json!("bank");
        all["redirect_uris"] = json!([REDIRECT_URI]);
        serde_json::from_value(all).unwrap()
    };
    check_registration(&read(json!({})), None).unwrap();
    for changes in [
        json!({"token_endpoint_auth_method": "none"}),
        json!({"jwks": null}),
        json!({"id_token_signed_response_alg": null}),
        json!({"access_token_signed_response_alg": "RS256"}),
        json!({"token_endpoint_auth_signing_alg": "RS256"}),
        json!({"request_object_signing_alg": "RS256"}),
        json!({"require_pkce": false}),
    ] {
        assert!(check_registration(&read(changes.clone()), None).is_err(), "{changes}");
    }
}

/// OpenID Connect Registration section 2, RFC 9101 section 5.2
#[test]
fn request_uris_are_bounded_https_urls() {
    let read = |uris: Value| -> Client {
        serde_json::from_value(
            json!({"client_id": "a", "redirect_uris": [REDIRECT_URI], "token_endpoint_auth_method": "none", "request_uris": uris}),
        )
        .unwrap()
    };
    check_registration(&read(json!(["https://app.example/request.jwt#hash", "http://localhost:3000/r"])), None).unwrap();
    let long = format!("https://app.example/{}", "a".repeat(500));
    for uris in [
        json!("https://app.example/r"),
        json!(["http://app.example/r"]),
        json!([7]),
        json!(["urn:a"]),
        json!([long]),
        json!(vec!["https://a.example/r"; 33]),
    ] {
        assert!(check_registration(&read(uris.clone()), None).is_err(), "{uris}");
    }
}
