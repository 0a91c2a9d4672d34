//! Clients that nobody uses are forgotten, and told exactly so (RFC 7591 section 1.2, `docs/storage-schema.md`).

use grantlet::context::Timestamp;
use grantlet::model::client::{ClientId, Origin};
use serde_json::json;

use super::{obtain_tokens, open_with, refresh, registered, text};
use crate::support::event::Event;
use crate::support::oauth::{REDIRECT_URI, assert_refused, authorization_query, token};
use crate::support::server::Server;

const DAY: i64 = 86_400;

async fn end_of(server: &Server, id: &str) -> Option<Timestamp> {
    let context = &server.inside().context;
    let found = context.store.find_dynamic_client(&ClientId::parse(id).unwrap(), context.now()).await.unwrap()?;
    match found.origin {
        Origin::Dynamic(origin) => Some(origin.expires_at),
        Origin::Operator | Origin::Document { .. } => panic!("{id} registered itself"),
    }
}

/// OAuth 2.1 section 3.2.4: clients register again on 401 `invalid_client`, and on nothing else
#[tokio::test]
async fn an_unused_client_is_forgotten_to_the_second() {
    let server = open_with(json!({"unused_days": 30})).await;
    let client = registered(&server, json!({"token_endpoint_auth_method": "none"})).await;
    let id = text(&client, "client_id");
    let page = || async { server.send(&Event::get("/authorize").query(&authorization_query(id, &[]))).await };
    server.inside().clock.advance(30 * DAY - 1);
    assert_eq!(page().await.status, 200, "the authorization endpoint does not count as use");
    server.inside().clock.advance(1);
    let gone = page().await;
    assert_eq!((gone.status, gone.header("location")), (400, None));
    assert!(gone.body.contains("Unknown application"), "{gone:?}");
    let refused = refresh(&server, id, None, "x").await;
    assert_refused(&refused, 401, "invalid_client");
    assert_eq!(super::manage(&server, "GET", &client, &json!({})).await.status, 401);
}

/// A use puts the end off, by one write a day
#[tokio::test]
async fn a_client_in_use_lives_on_and_its_end_is_put_off_once_a_day() {
    let server = open_with(json!({"unused_days": 30})).await;
    let clock = &server.inside().clock;
    let client = registered(&server, json!({})).await;
    let (id, secret) = (text(&client, "client_id"), client["client_secret"].as_str());
    let first = end_of(&server, id).await.unwrap();
    let tokens = obtain_tokens(&server, id, secret, REDIRECT_URI).await;
    clock.advance(DAY - 1);
    let refreshed = refresh(&server, id, secret, &token(&tokens, "refresh_token")).await;
    assert_eq!(end_of(&server, id).await, Some(first), "within a day nothing is written");
    clock.advance(1);
    let refreshed = refresh(&server, id, secret, &token(&refreshed, "refresh_token")).await;
    assert_eq!(end_of(&server, id).await, Some(first.plus(DAY)));
    let mut held = token(&refreshed, "refresh_token");
    for _ in 0..3 {
        clock.advance(29 * DAY);
        held = token(&refresh(&server, id, secret, &held).await, "refresh_token");
    }
    // A wrong secret is no use of the client.
    clock.advance(29 * DAY);
    let end = end_of(&server, id).await;
    assert_refused(&refresh(&server, id, Some("wrong"), &held).await, 401, "invalid_client");
    assert_eq!(end_of(&server, id).await, end);
    clock.advance(DAY);
    assert_refused(&refresh(&server, id, secret, &held).await, 401, "invalid_client");
}
