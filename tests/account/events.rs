//! Security events: what the person did, and what others may have done.

use serde_json::json;

use super::{FIREFOX, alice_at};
use crate::support::oauth::{As, assert_refused, exchange, obtain_code, refresh};
use crate::support::server::Server;

/// OAuth 2.1 sections 4.3.1 and 7.5.2: a theft turns into an alarm, and the person hears of it
#[tokio::test]
async fn a_person_reads_that_a_code_or_a_refresh_token_was_used_twice() {
    let server = Server::local(json!({})).await;
    let (mut person, page) = alice_at(&server, "/account/events").await;
    assert!(page.body.contains("id=\"no-events\"") && !page.body.contains(FIREFOX));

    let code = obtain_code(&server, "app").await;
    let tokens = exchange(&server, As::Basic("app"), &code).await.json();
    assert_refused(&exchange(&server, As::Basic("app"), &code).await, 400, "invalid_grant");
    let once = person.open("/account/events").await.body;
    assert!(once.contains("class=\"alarming\"") && once.contains("may have been stolen") && once.contains("The App"), "{once}");
    // A replay of what is revoked already is no news.
    assert_refused(&exchange(&server, As::Basic("app"), &code).await, 400, "invalid_grant");
    assert_refused(&refresh(&server, As::Basic("app"), tokens["refresh_token"].as_str().unwrap()).await, 400, "invalid_grant");
    assert_eq!(person.open("/account/events").await.body.matches("may have been stolen").count(), 1);

    let code = obtain_code(&server, "other").await;
    let first = exchange(&server, As::Basic("other"), &code).await.json()["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(refresh(&server, As::Basic("other"), &first).await.status, 200);
    server.inside().clock.advance(3_600);
    assert_refused(&refresh(&server, As::Basic("other"), &first).await, 400, "invalid_grant");
    assert_eq!(person.open("/account/events").await.body.matches("may have been stolen").count(), 2);
}

/// A year is the longest
#[tokio::test]
async fn an_event_is_forgotten_after_a_year() {
    let server = Server::local(json!({})).await;
    let code = obtain_code(&server, "app").await;
    exchange(&server, As::Basic("app"), &code).await;
    exchange(&server, As::Basic("app"), &code).await;
    server.inside().clock.advance(365 * 24 * 3_600 - 1);
    let (_, page) = alice_at(&server, "/account/events").await;
    assert!(page.body.contains("may have been stolen"));
    server.inside().clock.advance(1);
    let (_, page) = alice_at(&server, "/account/events").await;
    assert!(page.body.contains("id=\"no-events\""), "TTL deletes late: {page:?}");
}
