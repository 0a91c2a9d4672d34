//! Consent: who is asked, for what, and what is remembered.

use super::{Bench, assert_page, assert_told, consent_form, location, post, query, with_header};
use crate::support::forms::Form;
use crate::support::oauth::{authorization_query, parameter, register_client};
use serde_json::json;

#[tokio::test]
async fn the_page_says_who_asks_for_what_and_where_it_leads() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    let login = browser.authorize(&query(&[])).await;
    assert!(login.body.contains("The App"));
    let page = browser.log_in(&login).await;
    for words in ["The App", "app.example", "alice", "to know who you are", "your e-mail address", "stay connected"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let mut browser = bench.browser();
    let login = browser.authorize(&authorization_query("cli", &[("redirect_uri", Some("http://127.0.0.1:4000/cb"))])).await;
    assert!(browser.log_in(&login).await.body.contains("a program on this computer"));
}

/// OAuth 2.1 section 4.1.2.1
#[tokio::test]
async fn who_denies_is_sent_back_with_access_denied_and_nothing_is_stored() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    let login = browser.authorize(&query(&[])).await;
    let page = browser.log_in(&login).await;
    let denied = browser.submit(&consent_form(&page), "deny").await;
    assert_told(&denied, "access_denied");
    assert_eq!(parameter(location(&denied).unwrap(), "state").as_deref(), Some("state-1"));
    assert!(!bench.stored().contains_key("grant") && !bench.stored().contains_key("code"));
    assert!(Form::find(&browser.authorize(&query(&[])).await.body, "consent").is_some(), "asked again next time");
}

#[tokio::test]
async fn what_was_allowed_is_not_asked_again_and_more_is() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    browser.walk(&query(&[("scope", Some("openid email"))])).await;
    for (scope, asked) in [("openid", false), ("email openid", false), ("openid profile", true)] {
        let response = browser.authorize(&query(&[("scope", Some(scope))])).await;
        assert_eq!(Form::find(&response.body, "consent").is_some(), asked, "{scope}");
    }
    assert_told(&browser.authorize(&query(&[("scope", Some("openid profile")), ("prompt", Some("none"))])).await, "consent_required");
    browser.walk(&query(&[("scope", Some("openid profile"))])).await;
    let both = browser.authorize(&query(&[("scope", Some("openid email profile")), ("prompt", Some("none"))])).await;
    assert!(location(&both).unwrap().contains("code="), "what was allowed before stays: {both:?}");
    let again = browser.authorize(&query(&[("scope", Some("openid")), ("prompt", Some("consent"))])).await;
    assert!(Form::find(&again.body, "consent").is_some());
}

#[tokio::test]
async fn the_operator_s_own_client_asks_nobody_unless_it_wants_to() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    let landed = browser.walk(&authorization_query("own", &[])).await;
    assert!(bench.grant_of(&landed).await.offline);
    let silent = browser.authorize(&authorization_query("own", &[("prompt", Some("none"))])).await;
    assert!(location(&silent).unwrap().contains("code="));
    let asked = browser.authorize(&authorization_query("own", &[("prompt", Some("consent"))])).await;
    assert!(Form::find(&asked.body, "consent").is_some());
}

/// RFC 8252 section 8.6: any program may pose as such a client
#[tokio::test]
async fn consent_to_a_public_client_on_this_device_is_never_remembered() {
    let bench = Bench::start().await;
    register_client(&bench.context, "spa", json!({"token_endpoint_auth_method": "none"})).await;
    let mut browser = bench.browser();
    for uri in ["http://127.0.0.1:4000/cb", "com.example.app:/cb"] {
        let asked = authorization_query("cli", &[("redirect_uri", Some(uri))]);
        browser.walk(&asked).await;
        assert!(Form::find(&browser.authorize(&asked).await.body, "consent").is_some(), "{uri}");
    }
    browser.walk(&authorization_query("spa", &[])).await;
    assert!(location(&browser.authorize(&authorization_query("spa", &[])).await).unwrap().contains("code="));
}

/// OpenID Connect Core section 11, OAuth 2.1 section 4.3
#[tokio::test]
async fn refresh_tokens_come_with_offline_access_or_by_registration() {
    let bench = Bench::start().await;
    register_client(&bench.context, "short", json!({"grant_types": ["authorization_code"]})).await;
    for (client, scope, offline) in [("short", "openid", false), ("short", "openid offline_access", true), ("app", "openid", true)] {
        let landed = bench.browser().walk(&authorization_query(client, &[("scope", Some(scope))])).await;
        assert_eq!(bench.grant_of(&landed).await.offline, offline, "{client} {scope}");
    }
}

/// Consent CSRF and clickjacking
#[tokio::test]
async fn a_consent_form_from_elsewhere_or_for_another_request_allows_nothing() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    let login = browser.authorize(&query(&[])).await;
    let page = browser.log_in(&login).await;
    let form = consent_form(&page);

    let mut thief = bench.browser();
    let theirs = thief.authorize(&query(&[])).await;
    let theirs = consent_form(&thief.log_in(&theirs).await);
    let mut swapped = form.clone();
    swapped = swapped.fill("form_token", theirs.field("form_token"));
    assert_page(&browser.submit(&swapped, "allow").await, 403);
    let wider = form.clone().fill("request", &query(&[("scope", Some("openid phone"))]));
    assert_page(&browser.submit(&wider, "allow").await, 403);
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        assert_page(&browser.send(with_header(post("/consent", &form.press("allow")), name, value)).await, 403);
    }
    // A login in between makes the page void; somebody who is logged out begins anew.
    let mut logged_out = bench.browser();
    let sent_back = logged_out.submit(&form, "allow").await;
    assert!(location(&sent_back).unwrap().starts_with("/authorize?"));
    let again = browser.authorize(&query(&[("prompt", Some("login"))])).await;
    browser.log_in(&again).await;
    assert_page(&browser.submit(&form, "allow").await, 403);
    assert!(!bench.stored().contains_key("code"), "{:?}", bench.stored());
}

/// A login page's token is none for consent
#[tokio::test]
async fn a_token_for_one_purpose_is_none_for_another() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    let login = browser.authorize(&query(&[])).await;
    let login_token = super::login_form(&login).field("form_token").to_owned();
    let page = browser.log_in(&login).await;
    assert_page(&browser.submit(&consent_form(&page).fill("form_token", &login_token), "allow").await, 403);
}

/// An answer that is neither allows nothing
#[tokio::test]
async fn a_decision_that_is_not_allow_is_a_denial() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    let login = browser.authorize(&query(&[])).await;
    let page = browser.log_in(&login).await;
    let body = consent_form(&page).press("allow").replace("decision=allow", "decision=ALLOW");
    assert_told(&browser.send(post("/consent", &body)).await, "access_denied");
}
