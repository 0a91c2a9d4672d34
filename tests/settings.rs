//! What the operator sets in `grantlet.toml`, seen from outside.

use serde_json::json;

use crate::support::event::Event;
use crate::support::oauth::{ALICE, As, authorization_query, claims, exchange, parameter, token};
use crate::support::person::Person;
use crate::support::server::Server;

/// RFC 8707 section 2
#[tokio::test]
async fn a_resource_of_the_settings_may_be_asked_for_and_is_advertised() {
    let server = Server::local(json!({"resources": [{"uri": "https://notes.example"}]})).await;
    let metadata = server.send(&Event::get("/.well-known/oauth-authorization-server")).await.json();
    assert_eq!(metadata["protected_resources"], json!(["https://notes.example"]));
    for (resource, expected) in [("https://notes.example/", Some("https://notes.example")), ("https://unknown.example", None)] {
        let query = authorization_query("app", &[("resource", Some(resource))]);
        let landed = Person::new(&server).authorize(&query, ALICE).await;
        match expected {
            Some(audience) => {
                let tokens = exchange(&server, As::Basic("app"), &parameter(&landed, "code").unwrap()).await;
                assert_eq!(claims(&token(&tokens, "access_token"))["aud"], audience);
            }
            None => assert_eq!(parameter(&landed, "error").as_deref(), Some("invalid_target")),
        }
    }
}

/// Settings are kept for a minute, and read again beside a request
#[tokio::test]
async fn new_settings_count_within_a_minute() {
    let server = Server::local(json!({})).await;
    let local = server.inside();
    let advertised =
        || async { server.send(&Event::get("/.well-known/oauth-authorization-server")).await.json()["protected_resources"].clone() };
    assert_eq!(advertised().await, json!([]));
    let settings = serde_json::from_value(json!({"resources": [{"uri": "https://notes.example"}]})).unwrap();
    local.context.store.replace_settings(&settings).await.unwrap();
    local.clock.advance(59);
    assert_eq!(advertised().await, json!([]));
    local.clock.advance(600);
    assert_eq!(advertised().await, json!(["https://notes.example"]), "whoever slept for long does not go by what it remembers");
    local.context.store.replace_settings(&serde_json::from_value(json!({})).unwrap()).await.unwrap();
    local.clock.advance(61);
    while advertised().await != json!([]) {
        tokio::task::yield_now().await;
    }
}
