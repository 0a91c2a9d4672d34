//! The metadata documents, walked: each advertised value works (RFC 8414 section 2, OpenID Connect Discovery section 3). That what is not advertised does not
//! is shown by `unadvertised`.

use std::collections::BTreeSet;

use grantlet::http::ROUTES;
use grantlet::jose::signing::{SigningKey, SigningKeys};
use grantlet::model::client::{GrantType, SigningAlg};
use serde_json::{Value, json};

use crate::support::event::Event;
use crate::support::local::START;
use crate::support::oauth::{
    ALICE, As, CHALLENGE, CLIENT_SECRET, REDIRECT_URI, authorization_query, encode, exchange, parameter, post, token,
};
use crate::support::person::Person;
use crate::support::server::Server;
use crate::support::stack::ISSUER;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A server with everything that settings can turn on.
async fn everything() -> Server {
    Server::local(json!({
        "registration": {"mode": "open", "metadata_documents": true},
        "authorization": {"request_uris": true},
        "resources": [{"uri": "https://notes.example", "scopes": {"notes": "Read your notes"}, "introspected_by": ["app"]}],
        "authorization_details": [{"type": "payment", "description": "A payment", "required": ["amount"]}],
    }))
    .await
}

async fn metadata(server: &Server) -> Value {
    server.send(&Event::get("/.well-known/openid-configuration")).await.json()
}

fn list(document: &Value, name: &str) -> BTreeSet<String> {
    let values = document[name].as_array().unwrap_or_else(|| panic!("{name} is not advertised"));
    values.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

fn set(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn algs() -> BTreeSet<String> {
    SigningAlg::ALL.iter().map(|alg| alg.as_str().to_owned()).collect()
}

fn header_of(jwt: &str) -> Value {
    let header = jwt.split('.').next().unwrap();
    serde_json::from_slice(&base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header).unwrap()).unwrap()
}

/// RFC 8414 section 3 and OpenID Connect Discovery section 4: the same content at both places, for the issuer that was asked for
#[tokio::test]
async fn both_documents_say_the_same_and_name_the_issuer_to_the_letter() {
    let server = everything().await;
    let document = metadata(&server).await;
    assert_eq!(document, server.send(&Event::get("/.well-known/oauth-authorization-server")).await.json());
    assert_eq!(document["issuer"], ISSUER);
}

/// RFC 8414 section 2: every endpoint is where it is said to be, and no path serves what is not said
#[tokio::test]
async fn every_advertised_endpoint_answers_and_every_route_is_advertised_or_a_page() {
    let server = everything().await;
    let document = metadata(&server).await;
    let named = |name: &&String| name.ends_with("_endpoint") || name.as_str() == "jwks_uri";
    let mut advertised = BTreeSet::new();
    for name in document.as_object().unwrap().keys().filter(named) {
        let path = document[name].as_str().unwrap().strip_prefix(ISSUER).unwrap_or_else(|| panic!("{name} is elsewhere"));
        assert_ne!(server.send(&Event::get(path)).await.status, 404, "{name}");
        advertised.insert(path.to_owned());
    }
    let pages = set(&[
        "/login/password",
        "/login/site",
        "/login/account",
        "/consent",
        "/device",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ]);
    let routes: BTreeSet<String> = ROUTES.iter().map(|(path, _)| (*path).to_owned()).collect();
    let unknown: Vec<_> = routes
        .difference(&advertised)
        .filter(|path| !pages.contains(*path) && !["/account", "/login/", "/logout/"].iter().any(|start| path.starts_with(start)))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?} are neither advertised nor pages");
}

/// RFC 7591 section 3: an endpoint that is off is neither advertised nor there
#[tokio::test]
async fn registration_that_is_off_is_not_advertised_and_registers_nobody() {
    let server = Server::local(json!({})).await;
    let document = metadata(&server).await;
    assert!(document.get("registration_endpoint").is_none());
    assert_ne!(document.get("client_id_metadata_document_supported"), Some(&json!(true)));
    let body = json!({"redirect_uris": [REDIRECT_URI]}).to_string();
    let event = Event::new("POST", "/register").header("content-type", "application/json").body(body.as_bytes());
    assert!(server.send(&event).await.status >= 400);
    assert_eq!(server.inside().stored().get("dynclient"), None);
}

/// OAuth 2.1 section 3.2.4
#[tokio::test]
async fn every_advertised_grant_type_is_known() {
    let server = everything().await;
    let advertised = list(&metadata(&server).await, "grant_types_supported");
    assert_eq!(advertised, GrantType::ALL.iter().map(|grant| grant.as_str().to_owned()).collect());
    for grant in &advertised {
        let error = post(&server, "/token", As::Basic("app"), &[("grant_type", grant)]).await.json()["error"].clone();
        assert_ne!(error, "unsupported_grant_type", "{grant}");
    }
}

/// OAuth 2.1 section 4.1.1, OAuth 2.0 Multiple Response Types section 2.1
#[tokio::test]
async fn every_advertised_response_type_and_mode_and_challenge_method_is_taken() {
    let server = everything().await;
    let document = metadata(&server).await;
    for (parameter_name, name) in [
        ("response_type", "response_types_supported"),
        ("response_mode", "response_modes_supported"),
        ("code_challenge_method", "code_challenge_methods_supported"),
    ] {
        for value in list(&document, name) {
            let query = authorization_query("app", &[(parameter_name, Some(&value))]);
            let landed = Person::new(&server).open(&format!("/authorize?{query}")).await;
            assert!(landed.status == 200 && landed.body.contains("id=\"login\""), "{parameter_name}={value}: {landed:?}");
        }
    }
}

/// OpenID Connect Core sections 3.1.2.1 and 5.4: each scope is granted, and an unknown one is not
#[tokio::test]
async fn scopes_and_prompts_and_displays_are_what_is_advertised() {
    let server = everything().await;
    let document = metadata(&server).await;
    let scopes = list(&document, "scopes_supported");
    assert!(scopes.contains("notes") && scopes.contains("offline_access"));
    for scope in &scopes {
        let asked = format!("{scope} no-such-scope");
        let resource = if scope == "notes" { Some("https://notes.example") } else { None };
        let query = authorization_query("app", &[("scope", Some(&asked)), ("resource", resource)]);
        let landed = Person::new(&server).authorize(&query, ALICE).await;
        let reply = exchange(&server, As::Basic("app"), &parameter(&landed, "code").unwrap_or_else(|| panic!("{scope}: {landed}"))).await;
        assert_eq!(reply.json()["scope"], *scope, "{reply:?}");
    }
    for (name, advertised) in
        [("prompt", list(&document, "prompt_values_supported")), ("display", list(&document, "display_values_supported"))]
    {
        for value in &advertised {
            let query = authorization_query("app", &[(name, Some(value))]);
            let reply = Person::new(&server).open(&format!("/authorize?{query}")).await;
            let error = reply.header("location").and_then(|location| parameter(location, "error"));
            let expected = (value == "none").then(|| "login_required".to_owned());
            assert_eq!(error, expected, "{name}={value}");
        }
    }
}

/// OpenID Connect Core sections 2, 5.3.2 and 8, RFC 9701 section 5: tokens and answers are signed as each client is registered
#[tokio::test]
async fn every_advertised_algorithm_signs_tokens_userinfo_and_introspection() {
    let server = everything().await;
    let document = metadata(&server).await;
    for name in
        ["id_token_signing_alg_values_supported", "userinfo_signing_alg_values_supported", "introspection_signing_alg_values_supported"]
    {
        assert_eq!(list(&document, name), algs(), "{name}");
    }
    assert_eq!(list(&document, "subject_types_supported"), set(&["public", "pairwise"]));
    for (alg, subject_type) in SigningAlg::ALL.into_iter().zip(["public", "pairwise", "public", "pairwise"]) {
        let (id, alg) = (format!("by-{}", alg.as_str()), alg.as_str());
        let registration = json!({
            "id_token_signed_response_alg": alg, "userinfo_signed_response_alg": alg, "introspection_signed_response_alg": alg,
            "access_token_signed_response_alg": alg, "subject_type": subject_type,
        });
        server.inside().register(&id, registration).await;
        let landed = Person::new(&server).authorize(&authorization_query(&id, &[]), ALICE).await;
        let tokens = exchange(&server, As::Basic(&id), &parameter(&landed, "code").unwrap()).await;
        let access = token(&tokens, "access_token");
        assert_eq!([&header_of(&access)["alg"], &header_of(&token(&tokens, "id_token"))["alg"]], [alg, alg]);
        let info = server.send(&Event::get("/userinfo").header("authorization", &format!("Bearer {access}"))).await;
        assert_eq!((info.header("content-type"), &header_of(&info.body)["alg"]), (Some("application/jwt"), &json!(alg)));
        let seen = post(&server, "/introspect", As::Basic(&id), &[("token", &access)]).await;
        assert_eq!(header_of(&seen.body)["alg"], alg, "{seen:?}");
    }
}

/// RFC 8414 section 2: each advertised way of client authentication works at each endpoint that advertises it, with each algorithm
#[tokio::test]
async fn every_advertised_client_authentication_works() {
    let server = everything().await;
    let local = server.inside();
    let document = metadata(&server).await;
    let methods = list(&document, "token_endpoint_auth_methods_supported");
    assert_eq!(methods, set(&["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"]));
    assert_eq!(list(&document, "revocation_endpoint_auth_methods_supported"), methods);
    let client_algs: BTreeSet<String> = algs().into_iter().chain(["Ed25519".to_owned()]).collect();
    assert_eq!(list(&document, "request_object_signing_alg_values_supported"), client_algs);
    assert_eq!(list(&document, "dpop_signing_alg_values_supported"), client_algs);
    let expected = client_algs.into_iter().chain(["HS256".to_owned()]).collect();
    assert_eq!(list(&document, "token_endpoint_auth_signing_alg_values_supported"), expected);

    let keys = SigningKeys::generate("client").unwrap().0;
    let jwks = json!({"keys": keys.keys.iter().map(SigningKey::public_jwk).collect::<Vec<_>>()});
    local.register("signer", json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": jwks})).await;
    for alg in SigningAlg::ALL {
        let key = keys.find(alg).unwrap();
        let claims = json!({"iss": "signer", "sub": "signer", "aud": ISSUER, "exp": START + 60, "jti": alg.as_str()});
        let assertion = key.sign("JWT", &claims).unwrap();
        let form = [("grant_type", "authorization_code"), ("client_assertion_type", JWT_BEARER), ("client_assertion", assertion.expose())];
        let reply = server.send(&Event::post_form("/token", &encode(&form))).await;
        assert_eq!(reply.json()["error"], "invalid_request", "{alg:?}: known, and told that the code is missing");

        let request = json!({
            "iss": "signer", "aud": ISSUER, "client_id": "signer", "response_type": "code", "redirect_uri": REDIRECT_URI, "scope": "openid",
            "code_challenge": CHALLENGE, "code_challenge_method": "S256", "exp": START + 60,
        });
        let object = key.sign("oauth-authz-req+jwt", &request).unwrap();
        let query = encode(&[("client_id", "signer"), ("request", object.expose())]);
        let reply = Person::new(&server).open(&format!("/authorize?{query}")).await;
        assert!(reply.status == 200 && reply.body.contains("id=\"login\""), "{alg:?}: {reply:?}");
    }
    let form = [("grant_type", "authorization_code"), ("client_id", "app"), ("client_secret", CLIENT_SECRET)];
    assert_eq!(server.send(&Event::post_form("/token", &encode(&form))).await.json()["error"], "invalid_request");
    assert_eq!(post(&server, "/token", As::Basic("app"), &[("grant_type", "authorization_code")]).await.json()["error"], "invalid_request");
    assert_eq!(
        post(&server, "/token", As::Public("cli"), &[("grant_type", "authorization_code")]).await.json()["error"],
        "invalid_request"
    );
}

/// OpenID Connect Discovery section 3: fields whose absence would mean support, and switches, say what is so
#[tokio::test]
async fn every_switch_of_the_document_says_what_is_so() {
    let server = everything().await;
    let document = metadata(&server).await;
    for (name, expected) in [
        ("authorization_response_iss_parameter_supported", true),
        ("claims_parameter_supported", true),
        ("request_parameter_supported", true),
        ("request_uri_parameter_supported", true),
        ("require_request_uri_registration", true),
        ("require_pushed_authorization_requests", false),
        ("backchannel_logout_supported", true),
        ("backchannel_logout_session_supported", true),
        ("client_id_metadata_document_supported", true),
    ] {
        assert_eq!(document[name], expected, "{name}");
    }
    assert_eq!(list(&document, "authorization_details_types_supported"), set(&["payment"]));
    assert_eq!(list(&document, "protected_resources"), set(&["https://notes.example"]));
    assert_eq!(list(&document, "claim_types_supported"), set(&["normal"]));
    for absent in [
        "tls_client_certificate_bound_access_tokens",
        "check_session_iframe",
        "frontchannel_logout_supported",
        "id_token_encryption_alg_values_supported",
    ] {
        assert!(document.get(absent).is_none_or(|value| *value == json!(false)), "{absent}");
    }
    let plain = metadata(&Server::local(json!({"authorization": {"require_pushed_requests": true}})).await).await;
    assert_eq!((&plain["require_pushed_authorization_requests"], &plain["request_uri_parameter_supported"]), (&json!(true), &json!(false)));
}
