//! Sessions: who is logged in, and for how long that is good enough (OpenID Connect Core section 3.1.2.3).

use super::{Bench, assert_told, location, login_form, query};
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, authorization_query, parameter};

const SESSION: &str = "__Host-grantlet-session";

#[tokio::test]
async fn a_session_spares_the_next_login_until_it_ends() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    browser.walk(&query(&[])).await;
    bench.clock.advance(7 * 24 * 3600 - 1);
    let silent = browser.authorize(&query(&[("prompt", Some("none"))])).await;
    assert!(parameter(location(&silent).unwrap(), "code").is_some());
    bench.clock.advance(1);
    assert_told(&browser.authorize(&query(&[("prompt", Some("none"))])).await, "login_required");
}

/// OpenID Connect Core section 3.1.2.1: one login, no loop
#[tokio::test]
async fn prompt_login_and_max_age_zero_are_met_once_and_do_not_loop() {
    let bench = Bench::start().await;
    for (name, value) in [("prompt", "login"), ("max_age", "0"), ("prompt", "login consent")] {
        let mut browser = bench.browser();
        browser.walk(&query(&[])).await;
        bench.clock.advance(30);
        let asked = query(&[(name, Some(value)), ("nonce", Some(value))]);
        let page = browser.authorize(&asked).await;
        assert!(Form::find(&page.body, "login").is_some(), "{name}={value} asks although somebody is logged in");
        let landed = browser.walk(&asked).await;
        assert_eq!(bench.grant_of(&landed).await.authentication.auth_time, bench.clock.time());
        // Another request that wants a login is not answered by this one.
        let other = browser.authorize(&query(&[(name, Some(value)), ("nonce", Some("other"))])).await;
        assert!(Form::find(&other.body, "login").is_some(), "{name}={value}");
    }
}

/// The answer to a request counts for ten minutes
#[tokio::test]
async fn the_same_request_asks_again_after_ten_minutes() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    let asked = query(&[("prompt", Some("login"))]);
    browser.walk(&asked).await;
    bench.clock.advance(600);
    assert!(Form::find(&browser.authorize(&asked).await.body, "login").is_none());
    bench.clock.advance(1);
    assert!(Form::find(&browser.authorize(&asked).await.body, "login").is_some());
}

/// OpenID Connect Core section 3.1.2.1, `max_age`
#[tokio::test]
async fn max_age_asks_again_once_the_login_is_older() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    browser.walk(&query(&[])).await;
    bench.clock.advance(100);
    let good = browser.authorize(&query(&[("max_age", Some("100")), ("prompt", Some("none"))])).await;
    assert!(parameter(location(&good).unwrap(), "code").is_some());
    assert_told(&browser.authorize(&query(&[("max_age", Some("99")), ("prompt", Some("none"))])).await, "login_required");
}

/// Session fixation: a cookie from before the login is worth nothing after it
#[tokio::test]
async fn every_login_changes_the_cookie_and_the_same_person_keeps_the_session_s_id() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    let first = bench.grant_of(&browser.walk(&query(&[])).await).await;
    let mut stolen = browser.clone();
    let second = bench.grant_of(&browser.walk(&query(&[("prompt", Some("login"))])).await).await;
    assert_eq!(first.session_id, second.session_id, "the sid stays: no client is logged out");
    assert_ne!(stolen.cookies[SESSION], browser.cookies[SESSION]);
    assert_told(&stolen.authorize(&query(&[("prompt", Some("none"))])).await, "login_required");
    assert_eq!(bench.stored()["session"], 1);

    let mut planted = bench.browser();
    planted.cookies.insert(SESSION.to_owned(), format!("{}.{}", first.session_id, "A".repeat(43)));
    assert_told(&planted.authorize(&query(&[("prompt", Some("none"))])).await, "login_required");
    let fresh = bench.grant_of(&planted.walk(&query(&[])).await).await;
    assert_ne!(fresh.session_id, first.session_id);
}

#[tokio::test]
async fn another_person_in_the_same_browser_gets_a_session_of_their_own_and_the_old_one_ends() {
    let bench = Bench::start().await;
    let bob = add_user(&bench, "bob").await;
    let mut browser = bench.browser();
    let alice = bench.grant_of(&browser.walk(&query(&[])).await).await;
    let page = browser.authorize(&query(&[("prompt", Some("login"))])).await;
    let done = browser.submit(&login_form(&page).fill("username", "bob").fill("password", ALICE.password), "sign-in").await;
    assert_eq!(done.status, 303);
    let landed = browser.walk(&query(&[])).await;
    let grant = bench.grant_of(&landed).await;
    assert_eq!(grant.user_id, bob);
    assert_ne!(grant.session_id, alice.session_id);
    assert!(bench.context.store.find_session(alice.session_id, bench.context.now()).await.unwrap().is_none());
}

async fn add_user(bench: &Bench, name: &str) -> grantlet::model::user::UserId {
    use grantlet::model::user::{Login, Subject, User, UserId};
    let id = UserId(bench.context.ulid());
    let user = User {
        id,
        subject: Subject(id.to_string()),
        username: Some(name.to_owned()),
        password_hash: bench.context.store.find_user(bench.alice).await.unwrap().unwrap().password_hash,
        claims: serde_json::Map::new(),
        locked: false,
        created_at: bench.context.now(),
        updated_at: bench.context.now(),
    };
    assert!(bench.context.store.create_user(&user, &Login::Local(name.to_owned())).await.unwrap());
    id
}

/// A user who is locked while logged in
#[tokio::test]
async fn a_locked_user_s_session_counts_no_more() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    browser.walk(&query(&[])).await;
    bench.context.store.set_locked(bench.alice, true).await.unwrap();
    assert_told(&browser.authorize(&query(&[("prompt", Some("none"))])).await, "login_required");
    bench.context.store.set_locked(bench.alice, false).await.unwrap();
    assert!(location(&browser.authorize(&authorization_query("own", &[("prompt", Some("none"))])).await).unwrap().contains("code="));
}

/// Every part of the cookie counts
#[tokio::test]
async fn every_proper_prefix_of_a_session_cookie_is_refused() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    browser.walk(&query(&[])).await;
    let cookie = browser.cookies[SESSION].clone();
    for end in 0..cookie.len() {
        browser.cookies.insert(SESSION.to_owned(), cookie[..end].to_owned());
        assert_told(&browser.authorize(&query(&[("prompt", Some("none"))])).await, "login_required");
    }
}
