//! A login JWT that is too long for an address: API Gateway lets 10,240 bytes of request line and headers pass.

use serde_json::json;

use super::{SESSION, SITE, Visit, send_to_site, sign, start};
use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, As, authorization_query, encode, exchange, parameter, token, userinfo};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

/// The longest path and query that goes on by GET here.
const MAX_GET: usize = 6 * 1_024 + 20;

/// What the site posts, from its own page: without cookies.
async fn post_from_site(server: &Server, token: &str, visit: &Visit) -> Reply {
    let form = encode(&[("token", token), ("state", &visit.state)]);
    server.send(&Event::post_form("/login/site", &form).header("origin", SITE).header("sec-fetch-site", "cross-site")).await
}

/// 6 kB of claims go by `form_post`
#[tokio::test]
async fn six_kilobytes_of_claims_go_by_form_and_reach_userinfo() {
    let server = start(json!({})).await;
    let mut person = Person::new(&server);
    let long = "London, ".repeat(750);
    let query = authorization_query("app", &[("scope", Some("openid address"))]);
    let visit = send_to_site(&mut person, &query).await;
    let posted = post_from_site(&server, &sign(&server, &visit, &json!({"address": {"formatted": long}})), &visit).await;
    assert_eq!((posted.status, posted.cookies.len(), posted.header("location")), (200, 0, None), "{posted:?}");
    let form = Form::find(&posted.body, "response").expect("our own form, which comes with cookies");
    assert_eq!(form.action, "/login/site");
    assert!(!server.inside().stored().contains_key("session"), "nobody has logged in yet");
    let done = person.submit(&form, "continue").await;
    assert_eq!((done.status, done.header("location")), (303, Some(visit.state.as_str())), "{done:?}");
    assert!(person.cookies.contains_key(SESSION));
    let landed = person.authorize(&query, ALICE).await;
    let tokens = exchange(&server, As::Basic("app"), &parameter(&landed, "code").unwrap()).await;
    let info = userinfo(&server, &token(&tokens, "access_token")).await.json();
    assert_eq!(info["address"]["formatted"].as_str().unwrap(), long);
}

/// What fits into an address needs no script and no button
#[tokio::test]
async fn a_short_one_goes_on_by_get() {
    let server = start(json!({})).await;
    for length in [0, 1_000, 3_000, 5_000] {
        let mut person = Person::new(&server);
        let visit = send_to_site(&mut person, &authorization_query("app", &[])).await;
        let posted = post_from_site(&server, &sign(&server, &visit, &json!({"nickname": "a".repeat(length)})), &visit).await;
        match posted.header("location") {
            Some(location) => {
                assert!(length < 5_000 && location.len() <= MAX_GET, "{length}: {}", location.len());
                assert_eq!(person.open(location).await.status, 303);
            }
            None => assert!(length == 5_000 && Form::find(&posted.body, "response").is_some(), "{length}: {posted:?}"),
        }
    }
}

/// RFC 6749 section 10.12: the second form is our own, and of the browser that was sent
#[tokio::test]
async fn nobody_else_can_send_our_own_form() {
    let server = start(json!({})).await;
    let mut person = Person::new(&server);
    let visit = send_to_site(&mut person, &authorization_query("app", &[])).await;
    let token = sign(&server, &visit, &json!({}));
    let form = encode(&[("token", token.as_str()), ("state", &visit.state), ("continued", "1")]);
    // Another site's page, in the right browser; and ours, in a browser that was not sent.
    let foreign = Event::post_form("/login/site", &form).header("origin", SITE).header("sec-fetch-site", "cross-site");
    assert_eq!(person.send(foreign).await.status, 403);
    let own = Event::post_form("/login/site", &form).header("origin", server.issuer()).header("sec-fetch-site", "same-origin");
    assert_eq!(Person::new(&server).send(own.clone()).await.status, 400);
    assert!(!server.inside().stored().contains_key("session") && !server.inside().stored().contains_key("jti"));
    assert_eq!(person.send(own).await.status, 303, "the JWT was not spoiled");
}

/// Everything is bounded before it is read
#[tokio::test]
async fn what_is_longer_than_any_honest_login_is_refused() {
    let server = start(json!({})).await;
    let mut person = Person::new(&server);
    let visit = send_to_site(&mut person, &authorization_query("app", &[])).await;
    let huge = post_from_site(&server, &sign(&server, &visit, &json!({"nickname": "a".repeat(13_000)})), &visit).await;
    assert_eq!(huge.status, 400);
    // Claims of more than 8 kB are not kept, whatever way they come.
    let posted = post_from_site(&server, &sign(&server, &visit, &json!({"nickname": "a".repeat(9_000)})), &visit).await;
    let form = Form::find(&posted.body, "response").unwrap();
    assert_eq!(person.submit(&form, "continue").await.status, 400);
    assert!(!server.inside().stored().contains_key("jti"));
}
