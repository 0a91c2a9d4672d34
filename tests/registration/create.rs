//! `POST /register` (RFC 7591).

use grantlet::jose::signing::{SigningKey, SigningKeys};
use grantlet::model::client::SigningAlg;
use grantlet::model::secret::Secret;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{
    LOOPBACK, assert_not_registered, count_registered, metadata, obtain_tokens, open, open_with, post_token, refresh, register,
    register_event, registered, text, with,
};
use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::local::START;
use crate::support::oauth::{ALICE, REDIRECT_URI, authorization_query, token};
use crate::support::person::Person;
use crate::support::server::Server;
use crate::support::web::{Document, Web};

/// RFC 7591 section 3.2.1: everything that is registered is told, with what the server adds
#[tokio::test]
async fn what_was_registered_is_echoed() {
    let server = open().await;
    let asked = metadata(json!({
        "client_uri": "https://app.example", "logo_uri": "https://app.example/logo.png", "contacts": ["a@app.example"],
        "scope": "openid email", "software_id": "4711", "client_name#de": "Neuling", "application_type": "web",
    }));
    let reply = register(&server, &asked).await;
    assert_eq!(
        (reply.status, reply.header("cache-control"), reply.header("content-type")),
        (201, Some("no-store"), Some("application/json"))
    );
    let told = reply.json();
    for (name, value) in asked.as_object().unwrap() {
        assert_eq!(&told[name], value, "{name}");
    }
    let id = text(&told, "client_id");
    assert!(id.starts_with("dyn-") && text(&told, "client_secret").len() == 43);
    assert_eq!((told["client_id_issued_at"].as_i64(), told["client_secret_expires_at"].as_i64()), (Some(START), Some(0)));
    assert_eq!(told["registration_client_uri"], format!("{}/register?client_id={id}", server.issuer()));
    assert_eq!(told["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(told["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(told["response_types"], json!(["code"]));
    for operator_s in ["first_party", "require_pkce", "rotation"] {
        assert!(told.get(operator_s).is_none(), "{operator_s}");
    }
}

/// RFC 7592 section 2.2: null is as good as nothing, and so is an empty text, by which some clients say the same
#[tokio::test]
async fn empty_metadata_are_as_good_as_none() {
    let server = open().await;
    for nothing in [json!(null), json!("")] {
        let names = ["client_name", "client_uri", "logo_uri", "tos_uri", "policy_uri", "jwks_uri", "scope", "software_id"];
        let mut asked = metadata(json!({"client_name": null}));
        let plain = register(&server, &asked).await.json();
        for name in names {
            asked[name] = nothing.clone();
        }
        let told = register(&server, &asked).await;
        assert_eq!(told.status, 201, "{told:?}");
        for name in names {
            assert_eq!(told.json().get(name), plain.get(name), "{name}");
        }
    }
}

/// RFC 7591 section 2, OAuth 2.1 section 4.1: whichever way it authenticates
#[tokio::test]
async fn a_client_that_registered_itself_gets_tokens_and_refreshes_them() {
    let server = open().await;
    for (method, redirect_uri) in
        [("client_secret_basic", REDIRECT_URI), ("none", "http://127.0.0.1:50123/callback"), ("none", "com.example.app:/callback")]
    {
        let portless = redirect_uri.replace(":50123", "");
        let client = registered(&server, json!({"token_endpoint_auth_method": method, "redirect_uris": [portless]})).await;
        let secret = client["client_secret"].as_str();
        assert_eq!(secret.is_none(), method == "none");
        let tokens = obtain_tokens(&server, text(&client, "client_id"), secret, redirect_uri).await;
        let refreshed = refresh(&server, text(&client, "client_id"), secret, &token(&tokens, "refresh_token")).await;
        token(&refreshed, "access_token");
    }
    let client = registered(&server, json!({"token_endpoint_auth_method": "client_secret_post"})).await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_secret", text(&client, "client_secret"))];
    let reply = post_token(&server, text(&client, "client_id"), None, &form).await;
    assert_eq!(reply.json()["error"], "invalid_grant", "it is authenticated");
}

/// RFC 7591 section 2, OpenID Connect Core section 9
#[tokio::test]
async fn a_client_may_register_to_prove_itself_by_a_jwt() {
    let server = open().await;
    let (keys, _) = SigningKeys::generate("client").unwrap();
    let jwks = json!({"keys": keys.keys.iter().map(SigningKey::public_jwk).collect::<Vec<_>>()});
    let claims = |id: &str| json!({"iss": id, "sub": id, "aud": format!("{}/token", server.issuer()), "exp": START + 60, "jti": "1"});
    let by_key = registered(&server, json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": jwks})).await;
    assert!(by_key.get("client_secret").is_none() && by_key.get("client_secret_expires_at").is_none());
    let signed = keys.find(SigningAlg::RS256).unwrap().sign("JWT", &claims(text(&by_key, "client_id"))).unwrap();

    let by_secret = registered(&server, json!({"token_endpoint_auth_method": "client_secret_jwt"})).await;
    let secret = EncodingKey::from_secret(text(&by_secret, "client_secret").as_bytes());
    let sealed = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims(text(&by_secret, "client_id")), &secret).unwrap();
    for assertion in [signed.expose(), &sealed] {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
        ];
        let reply = server.send(&Event::post_form("/token", &crate::support::oauth::encode(&form))).await;
        assert_eq!(reply.json()["error"], "invalid_grant", "{reply:?}");
    }
}

/// RFC 7591 section 3: the operator decides who may register, and the metadata say whether anybody may
#[tokio::test]
async fn registration_is_off_unless_the_operator_opens_it() {
    let server = Server::local(json!({})).await;
    assert_not_registered(&register(&server, &metadata(json!({}))).await, 403, "access_denied");
    assert_eq!(count_registered(&server), 0);
    for (settings, advertised) in [(json!({}), None), (json!({"registration": {"mode": "open"}}), Some("https://issuer.example/register"))]
    {
        let server = Server::local(settings).await;
        for path in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
            assert_eq!(server.send(&Event::get(path)).await.json()["registration_endpoint"].as_str(), advertised);
        }
    }
    let wrong_method = open().await.send(&Event::new("PATCH", "/register")).await;
    assert_eq!((wrong_method.status, wrong_method.header("allow")), (405, Some("POST, GET, PUT, DELETE")));
}

/// RFC 7591 section 3: an initial access token, compared by its hash
#[tokio::test]
async fn with_mode_token_only_an_initial_access_token_registers() {
    let initial = Secret::new("an-initial-access-token-that-the-operator-made");
    let hash = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, initial.hash().as_bytes());
    let registration = json!({"initial_access_tokens": [hash]});
    let server = open_with(with(registration.clone(), json!({"mode": "token"}))).await;
    let grants = json!({"grant_types": ["authorization_code", "client_credentials"]});
    let body = metadata(grants).to_string();
    let without = server.send(&register_event(body.as_bytes())).await;
    assert_not_registered(&without, 401, "invalid_token");
    assert_eq!(without.header("www-authenticate"), Some("Bearer realm=\"register\""));
    for wrong in ["wrong", &hash, &initial.expose()[1..], &initial.expose()[..45]] {
        let reply = server.send(&register_event(body.as_bytes()).header("authorization", &format!("Bearer {wrong}"))).await;
        assert_not_registered(&reply, 401, "invalid_token");
    }
    let bearer = format!("bearer {}", initial.expose());
    let reply = server.send(&register_event(body.as_bytes()).header("authorization", &bearer)).await;
    assert_eq!(
        reply.json()["grant_types"],
        json!(["authorization_code", "client_credentials"]),
        "the operator knows whom it gave the token"
    );

    // Where none is needed, one that is sent is checked all the same.
    let server = open_with(registration).await;
    assert_not_registered(
        &server.send(&register_event(body.as_bytes()).header("authorization", "Bearer wrong")).await,
        401,
        "invalid_token",
    );
    let stranger = server.send(&register_event(body.as_bytes())).await;
    assert_eq!(stranger.json()["grant_types"], json!(["authorization_code"]));
}

/// RFC 7591 section 5: what a client says of itself gives it no rights
#[tokio::test]
async fn what_only_the_operator_may_say_is_not_believed() {
    let server = open().await;
    let asked = json!({"first_party": true, "require_pkce": false, "rotation": "never", "client_id": "app", "client_secret": "mine"});
    let client = registered(&server, asked).await;
    let id = text(&client, "client_id");
    assert!(id != "app" && text(&client, "client_secret") != "mine");
    let mut person = Person::new(&server);
    let login = person.open(&format!("/authorize?{}", authorization_query(id, &[]))).await;
    let form = Form::find(&login.body, "login").unwrap().fill("username", ALICE.username).fill("password", ALICE.password);
    person.submit(&form, "sign-in").await;
    let consent = person.open(&format!("/authorize?{}", authorization_query(id, &[]))).await;
    assert!(Form::find(&consent.body, "consent").is_some() && consent.body.contains("id=\"stranger\""), "{consent:?}");
    let no_pkce = authorization_query(id, &[("code_challenge", None), ("code_challenge_method", None)]);
    assert!(person.open(&format!("/authorize?{no_pkce}")).await.header("location").unwrap().contains("error=invalid_request"));
}

/// RFC 7636: the operator may let confidential clients that know no PKCE register, and public ones never
#[tokio::test]
async fn without_pkce_only_where_the_operator_says_so_and_for_confidential_clients_alone() {
    let server = open_with(json!({"require_pkce": false})).await;
    for (method, is_let) in [("client_secret_basic", true), ("none", false)] {
        let client = registered(&server, json!({"token_endpoint_auth_method": method})).await;
        let no_pkce = authorization_query(text(&client, "client_id"), &[("code_challenge", None), ("code_challenge_method", None)]);
        let reply = Person::new(&server).open(&format!("/authorize?{no_pkce}")).await;
        assert_eq!(Form::find(&reply.body, "login").is_some(), is_let, "{reply:?}");
    }
}

/// RFC 7591 section 5, OpenID Connect Dynamic Client Registration section 5: what a stranger names is not visited blindly
#[tokio::test]
async fn addresses_that_a_stranger_names_lead_nowhere_inside() {
    let server = open().await;
    for uri in [
        "https://169.254.169.254/latest/meta-data/",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://10.0.0.1/x",
        "http://localhost/x",
        "file:///etc/passwd",
    ] {
        let asked = metadata(json!({"subject_type": "pairwise", "sector_identifier_uri": uri}));
        assert_not_registered(&register(&server, &asked).await, 400, "invalid_client_metadata");
    }
    for name in ["jwks_uri", "backchannel_logout_uri"] {
        let asked = metadata(json!({ name: "http://169.254.169.254/latest/" }));
        assert_not_registered(&register(&server, &asked).await, 400, "invalid_client_metadata");
    }
    assert_eq!(count_registered(&server), 0);
}

/// OpenID Connect Dynamic Client Registration section 5, RFC 7591 section 2: a sector must list its client, and a logo is never fetched
#[tokio::test]
async fn a_sector_is_asked_and_a_logo_is_not() {
    let settings = json!({"registration": {"mode": "open"}});
    let server = Server::local_with(settings, |config| config.issuer = grantlet::protocol::issuer::Issuer::parse(LOOPBACK).unwrap()).await;
    let web = Web::start().await;
    let changes =
        || json!({"subject_type": "pairwise", "sector_identifier_uri": web.url("/sector.json"), "logo_uri": web.url("/logo.png")});
    assert_not_registered(&register(&server, &metadata(changes())).await, 400, "invalid_client_metadata");
    web.put("/sector.json", Document::json(&json!(["https://other.example/cb"])));
    assert_not_registered(&register(&server, &metadata(changes())).await, 400, "invalid_client_metadata");
    web.put("/sector.json", Document::json(&json!([REDIRECT_URI, "https://other.example/cb"])));
    registered(&server, changes()).await;
    let paths: Vec<String> = web.arrived().into_iter().map(|arrived| arrived.path).collect();
    assert_eq!(paths, ["/sector.json"; 3]);
}

/// RFC 7591 section 5: registrations are counted by address and hour
#[tokio::test]
async fn an_address_may_register_so_many_clients_an_hour_and_no_more() {
    let server = open_with(json!({"per_address": 3})).await;
    let event = register_event(metadata(json!({})).to_string().as_bytes());
    for _ in 0..3 {
        assert_eq!(server.send(&event).await.status, 201);
    }
    let refused = server.send(&event).await;
    assert_not_registered(&refused, 429, "temporarily_unavailable");
    let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=3_600).contains(&wait));
    assert_eq!(server.send(&event.clone().at_address("192.0.2.77")).await.status, 201);
    server.inside().clock.advance(wait);
    assert_eq!(server.send(&event).await.status, 201);
    assert_eq!(count_registered(&server), 5);
}

/// RFC 7591 section 2: a scope that a stranger may not have is not registered
#[tokio::test]
async fn a_stranger_gets_the_scopes_that_the_operator_lets_strangers_have() {
    let server = open_with(json!({"scope": "openid email"})).await;
    for (asked, registered_scope) in
        [(json!("openid profile email"), "openid email"), (json!("profile"), "openid email"), (Value::Null, "openid email")]
    {
        let client = registered(&server, json!({ "scope": asked })).await;
        assert_eq!(client["scope"], registered_scope);
    }
}
