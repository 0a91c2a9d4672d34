//! Clients that are known by a document (OAuth Client ID Metadata Document), served by a web server of the test's own.

use std::fmt::Write as _;

use grantlet::jose::signing::{SigningKey, SigningKeys};
use grantlet::model::client::SigningAlg;
use grantlet::protocol::issuer::Issuer;
use serde_json::{Value, json};

use super::{LOOPBACK, obtain_tokens, refresh, with};
use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::local::START;
use crate::support::oauth::{ALICE, REDIRECT_URI, VERIFIER, assert_refused, authorization_query, claims, encode, parameter, token};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::web::{Document, Web};

/// A server on a loopback address, which takes documents from this machine, with further `settings` of `registration`.
async fn server_with(settings: Value) -> Server {
    let settings = json!({ "registration": with(json!({"metadata_documents": true}), settings) });
    Server::local_with(settings, |config| config.issuer = Issuer::parse(LOOPBACK).unwrap()).await
}

/// The document of a client as MCP clients publish theirs, with `changes`.
fn document(url: &str, changes: Value) -> Value {
    let plain = json!({
        "client_id": url, "client_name": "Agent", "client_uri": "https://agent.example", "logo_uri": "https://agent.example/logo.png",
        "redirect_uris": [REDIRECT_URI, "http://localhost/callback", "http://127.0.0.1/callback"],
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"], "token_endpoint_auth_method": "none",
    });
    with(plain, changes)
}

/// Publishes a client's document, and answers with its `client_id`.
fn publish(web: &Web, path: &str, changes: Value) -> String {
    let url = web.url(path);
    web.put(path, Document::json(&document(&url, changes)));
    url
}

fn publish_for(web: &Web, path: &str, cache_control: &str) -> String {
    let url = web.url(path);
    let headers = vec![("cache-control", cache_control.to_owned())];
    web.put(path, Document { headers, ..Document::json(&document(&url, json!({}))) });
    url
}

async fn ask(server: &Server, id: &str, changes: &[(&str, Option<&str>)]) -> Reply {
    server.send(&Event::get("/authorize").query(&authorization_query(id, changes))).await
}

async fn is_known(server: &Server, id: &str) -> bool {
    let page = ask(server, id, &[]).await;
    assert!(matches!(page.status, 200 | 400 | 503) && page.header("location").is_none(), "{page:?}");
    Form::find(&page.body, "login").is_some()
}

/// OAuth Client ID Metadata Document section 4, OAuth 2.1 section 8.4.2: no registration, and any port of a loopback address
#[tokio::test]
async fn a_client_that_nobody_registered_gets_tokens_by_its_document() {
    let server = server_with(json!({})).await;
    let web = Web::start().await;
    let id = publish(&web, "/agent/client.json", json!({}));
    for redirect_uri in [REDIRECT_URI, "http://localhost:51234/callback", "http://127.0.0.1:4/callback", "http://localhost/callback"] {
        let tokens = obtain_tokens(&server, &id, None, redirect_uri).await;
        assert_eq!(claims(&token(&tokens, "access_token"))["client_id"], id.as_str());
        token(&refresh(&server, &id, None, &token(&tokens, "refresh_token")).await, "access_token");
    }
    assert_eq!(web.arrived().len(), 1, "one function keeps it for the other");
    let foreign = ask(&server, &id, &[("redirect_uri", Some("https://evil.example/callback"))]).await;
    assert!(foreign.status == 400 && foreign.header("location").is_none() && foreign.body.contains("not registered"));
    assert!(web.arrived().iter().all(|arrived| arrived.path == "/agent/client.json"), "its logo is not fetched");
}

/// RFC 7523 section 2.2: `private_key_jwt` with RS256, a `jwks_uri`, and the token endpoint as audience
#[tokio::test]
async fn a_document_s_client_may_prove_itself_by_its_key() {
    let server = server_with(json!({})).await;
    let web = Web::start().await;
    let (keys, _) = SigningKeys::generate("agent").unwrap();
    web.put("/jwks.json", Document::json(&json!({"keys": keys.keys.iter().map(SigningKey::public_jwk).collect::<Vec<_>>()})));
    let method = json!({"token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "RS256", "jwks_uri": web.url("/jwks.json")});
    let id = publish(&web, "/client.json", method);
    let landed = Person::new(&server).authorize(&authorization_query(&id, &[]), ALICE).await;
    let code = parameter(&landed, "code").unwrap();
    let form = |assertion: &str| {
        let proof = [("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), ("client_assertion", assertion)];
        let form = [("grant_type", "authorization_code"), ("code", &code), ("code_verifier", VERIFIER), ("redirect_uri", REDIRECT_URI)];
        Event::post_form("/token", &encode(&[&form[..], &proof[..]].concat()))
    };
    let sign = |keys: &SigningKeys, jti: &str| {
        let claims = json!({"iss": id, "sub": id, "aud": format!("{LOOPBACK}/token"), "exp": START + 60, "jti": jti});
        keys.find(SigningAlg::RS256).unwrap().sign("JWT", &claims).unwrap().expose().to_owned()
    };
    let (mallory, _) = SigningKeys::generate("agent").unwrap();
    assert_refused(&server.send(&form(&sign(&mallory, "1"))).await, 401, "invalid_client");
    let without = [("grant_type", "authorization_code"), ("code", &code), ("code_verifier", VERIFIER), ("client_id", &id)];
    assert_refused(&server.send(&Event::post_form("/token", &encode(&without))).await, 401, "invalid_client");
    token(&server.send(&form(&sign(&keys, "2"))).await, "access_token");
}

/// OAuth Client ID Metadata Document sections 3, 4 and 6
#[tokio::test]
async fn a_document_that_is_not_what_it_should_be_makes_no_client() {
    let server = server_with(json!({})).await;
    let web = Web::start().await;
    let url = web.url("/other.json");
    for (n, changes) in [
        json!({"client_id": url}),
        json!({"client_id": null}),
        json!({"client_secret": "everybody-can-read-this"}),
        json!({"token_endpoint_auth_method": "client_secret_basic"}),
        json!({"token_endpoint_auth_method": "client_secret_jwt"}),
        json!({"token_endpoint_auth_method": "private_key_jwt"}),
        json!({"redirect_uris": null}),
        json!({"redirect_uris": ["javascript:alert(1)"]}),
        json!({"redirect_uris": ["JAVASCRIPT:alert(1)", REDIRECT_URI]}),
        json!({"client_name": "\u{202e}liam"}),
        json!({"client_uri": "javascript:alert(1)"}),
        json!({"grant_types": ["client_credentials"]}),
        json!({"contacts": ["x".repeat(11_000)]}),
    ]
    .into_iter()
    .enumerate()
    {
        let id = publish(&web, &format!("/bad/{n}.json"), changes.clone());
        assert!(!is_known(&server, &id).await, "{changes}");
        assert_refused(&refresh(&server, &id, None, "x").await, 401, "invalid_client");
    }
    let good = document(&web.url("/r.json"), json!({}));
    for (status, body) in [(302, good.to_string()), (404, good.to_string()), (200, "<html>".to_owned()), (200, String::new())] {
        let headers = vec![("location", web.url("/agent.json"))];
        web.put("/r.json", Document { status, headers, content_type: "application/json", body });
        assert!(!is_known(&server, &web.url("/r.json")).await, "{status}");
    }
    assert!(web.arrived().iter().all(|arrived| arrived.path != "/agent.json"), "redirects are not followed");
    // Mistakes are not kept.
    web.put("/r.json", Document::json(&good));
    server.inside().clock.advance(600);
    assert!(is_known(&server, &web.url("/r.json")).await);
}

/// OAuth Client ID Metadata Document section 3, RFC 9700 section 4.13: where a server must not go
#[tokio::test]
async fn a_client_id_leads_nowhere_inside_and_only_a_plain_url_is_one() {
    let settings = json!({"registration": {"metadata_documents": true}});
    let server = Server::local(settings.clone()).await;
    let web = Web::start().await;
    let local = publish(&web, "/client.json", json!({}));
    for id in [
        local.as_str(),
        "https://127.0.0.1/client.json",
        "https://[::1]/client.json",
        "https://169.254.169.254/latest/meta-data",
        "https://10.1.2.3/client.json",
        "https://localhost/client.json",
        "https://[::ffff:169.254.169.254]/x",
        "https://user@app.example/client.json",
        "https://app.example/a/../client.json",
        "https://app.example/client.json#x",
        "https://app.example",
        "HTTPS://app.example/client.json",
        "ftp://app.example/client.json",
    ] {
        let page = ask(&server, id, &[]).await;
        assert_eq!((page.status, page.header("location")), (400, None), "{id}");
        assert_refused(&refresh(&server, id, None, "x").await, 401, "invalid_client");
    }
    assert_eq!(web.arrived(), []);
    let off = Server::local_with(json!({}), |config| config.issuer = Issuer::parse(LOOPBACK).unwrap()).await;
    assert!(ask(&off, &local, &[]).await.body.contains("Unknown application"));
    assert_eq!(web.arrived(), []);
    for (server, advertised) in [(server, true), (off, false)] {
        let metadata = server.send(&Event::get("/.well-known/oauth-authorization-server")).await.json();
        assert_eq!(metadata["client_id_metadata_document_supported"], advertised);
    }
}

/// RFC 9111 section 5.2.2, OAuth Client ID Metadata Document section 5.3: as long as it says, within bounds
#[tokio::test]
async fn a_document_is_kept_for_as_long_as_it_says() {
    for (cache_control, kept_for) in
        [("max-age=600", 600), ("no-store", 60), ("max-age=0", 60), ("max-age=31536000", 86_400), ("public", 3_600)]
    {
        let server = server_with(json!({})).await;
        let web = Web::start().await;
        let id = publish_for(&web, "/client.json", cache_control);
        assert!(is_known(&server, &id).await);
        server.inside().clock.advance(kept_for - 1);
        assert!(is_known(&server, &id).await);
        assert_eq!(web.arrived().len(), 1, "{cache_control}");
        server.inside().clock.advance(1);
        assert!(is_known(&server, &id).await);
        assert_eq!(web.arrived().len(), 2, "{cache_control}");
    }
}

/// OAuth Client ID Metadata Document section 5: a client that changed its document need not wait for long
#[tokio::test]
async fn a_redirect_that_is_not_in_the_kept_document_is_looked_for_in_a_new_one() {
    let server = server_with(json!({})).await;
    let web = Web::start().await;
    let id = publish(&web, "/client.json", json!({}));
    assert!(is_known(&server, &id).await);
    let new = [("redirect_uri", Some("https://new.example/callback"))];
    publish(&web, "/client.json", json!({"redirect_uris": ["https://new.example/callback"]}));
    assert_eq!(ask(&server, &id, &new).await.status, 400);
    assert_eq!(web.arrived().len(), 1, "a minute passes between two fetches");
    server.inside().clock.advance(60);
    assert_eq!(ask(&server, &id, &new).await.status, 200);
    assert_eq!(web.arrived().len(), 2);
}

/// OAuth Client ID Metadata Document section 6: a stranger can't make this server fetch without end
#[tokio::test]
async fn fetches_are_counted_by_address_before_they_are_made() {
    let server = server_with(json!({})).await;
    let web = Web::start().await;
    let mut path = String::from("/missing");
    for _ in 0..40 {
        write!(path, "x").unwrap();
        assert!(!is_known(&server, &web.url(&path)).await);
    }
    assert_eq!(web.arrived().len(), 30);
    let id = publish(&web, "/client.json", json!({}));
    let refused = refresh(&server, &id, None, "x").await;
    assert_refused(&refused, 429, "temporarily_unavailable");
    assert!(refused.header("retry-after").is_some());
    let elsewhere = Event::get("/authorize").query(&authorization_query(&id, &[])).at_address("192.0.2.9");
    assert_eq!(server.send(&elsewhere).await.status, 200);
    assert!(is_known(&server, &id).await, "what is kept costs no fetch");
}

/// A document that can't be reached says nothing about its client
#[tokio::test]
async fn while_a_document_can_not_be_reached_the_client_is_told_to_wait() {
    let server = server_with(json!({})).await;
    let web = Web::start().await;
    let id = web.url("/client.json");
    web.put("/client.json", Document { status: 503, ..Document::json(&json!({})) });
    assert_refused(&refresh(&server, &id, None, "x").await, 503, "temporarily_unavailable");
    publish(&web, "/client.json", json!({}));
    assert_eq!(refresh(&server, &id, None, "x").await.json()["error"], "invalid_grant");
    web.put("/client.json", Document { status: 503, ..Document::json(&json!({})) });
    server.inside().clock.advance(3_600);
    assert_eq!(refresh(&server, &id, None, "x").await.json()["error"], "invalid_grant", "what is kept goes on for a day");
    server.inside().clock.advance(86_400);
    assert_refused(&refresh(&server, &id, None, "x").await, 503, "temporarily_unavailable");
    let page = ask(&server, &id, &[]).await;
    assert!(page.body.contains("can&#39;t be looked up") || page.body.contains("can't be looked up"), "{page:?}");
}

/// OAuth Client ID Metadata Document section 5: a client that took its document away is gone when what is kept is out of date
#[tokio::test]
async fn a_document_that_was_taken_away_ends_its_client() {
    let server = server_with(json!({})).await;
    let web = Web::start().await;
    let id = publish(&web, "/client.json", json!({}));
    let tokens = obtain_tokens(&server, &id, None, REDIRECT_URI).await;
    web.put("/client.json", Document { status: 404, ..Document::json(&json!({})) });
    server.inside().clock.advance(3_600);
    assert_refused(&refresh(&server, &id, None, &token(&tokens, "refresh_token")).await, 401, "invalid_client");
    assert!(!is_known(&server, &id).await);
}

/// MCP authorization, RFC 9700 section 4.11.2: whom people allow something, and where it goes
#[tokio::test]
async fn consent_names_the_document_s_host_and_the_destination_each_time() {
    let server = server_with(json!({})).await;
    let web = Web::start().await;
    let id = publish(&web, "/client.json", json!({"client_name": "Famous & Co"}));
    let held = ask(&server, &id, &[("prompt", Some("none"))]).await;
    assert!(held.status == 400 && held.header("location").is_none() && held.body.contains("id=\"destination\""), "{held:?}");
    let mut person = Person::new(&server);
    person.authorize(&authorization_query(&id, &[]), ALICE).await;
    let consent = person.open(&format!("/authorize?{}", authorization_query(&id, &[]))).await;
    assert!(Form::find(&consent.body, "consent").is_some(), "never remembered");
    for shown in ["described by <strong>127.0.0.1</strong>", "<strong>app.example</strong>", "Nobody who runs this server has checked", &id]
    {
        assert!(consent.body.contains(shown), "{shown}: {}", consent.body);
    }
}
