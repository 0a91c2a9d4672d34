//! Logins with built-in accounts.

use std::time::{Duration, Instant};

use grantlet::store::AttemptLimit;

use super::{Bench, assert_page, header, location, login_form, post, query, with_header};
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, authorization_query, parameter};

/// OpenID Connect Core section 2: when and how
#[tokio::test]
async fn a_login_leads_back_to_the_same_request_and_its_time_and_way_stand_in_the_grant() {
    let bench = Bench::start().await;
    let landed = bench.browser().walk(&query(&[])).await;
    let grant = bench.grant_of(&landed).await;
    assert_eq!(grant.user_id, bench.alice);
    assert_eq!((grant.authentication.auth_time.0, grant.authentication.amr.as_slice()), (super::START, &["pwd".to_owned()][..]));
    assert_eq!(parameter(&landed, "state").as_deref(), Some("state-1"));
    assert_eq!(
        bench.stored().into_iter().collect::<Vec<_>>(),
        [("attempt", 1), ("code", 1), ("grant", 1), ("session", 1)].map(|(k, n)| (k.to_owned(), n))
    );
}

/// Account enumeration: by text and by status
#[tokio::test]
async fn nobody_learns_whether_an_account_exists_is_locked_or_has_another_password() {
    let bench = Bench::start().await;
    let mut answers = Vec::new();
    for (username, password, locked) in [
        ("alice", "wrong", false),
        ("nobody", "wrong", false),
        ("nobody", ALICE.password, false),
        ("alice", ALICE.password, true),
        ("alice", "", false),
    ] {
        bench.context.store.set_locked(bench.alice, locked).await.unwrap();
        let mut browser = bench.browser();
        let page = browser.authorize(&query(&[])).await;
        let answer = browser.submit(&login_form(&page).fill("username", username).fill("password", password), "sign-in").await;
        assert_eq!((answer.status.as_u16(), answer.cookies.len()), (403, 0), "{username}");
        let form = login_form(&answer);
        assert_eq!((form.field("username"), form.field("password")), (username, ""));
        answers.push(answer.body.replace(form.field("form_token"), "").replace(username, ""));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert!(!bench.stored().contains_key("session"));
}

/// Folded as people type it
#[tokio::test]
async fn a_user_name_may_be_typed_in_any_case_and_with_spaces_around() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    let page = browser.authorize(&query(&[])).await;
    let done = browser.submit(&login_form(&page).fill("username", " ALICE ").fill("password", ALICE.password), "sign-in").await;
    assert_eq!(done.status, 303);
}

/// OAuth 2.1 section 2.4.1: guessing from everywhere is slow, whether there is such an account or not, and who knows the password does not wait
#[tokio::test]
async fn beyond_fifty_failures_on_an_account_from_everywhere_each_one_more_takes_its_time() {
    let bench = Bench::start().await;
    for name in ["alice", "nobody"] {
        let everywhere = AttemptLimit { subject: format!("login\0{name}"), limit: u32::MAX, window: 3_600 };
        for _ in 0..49 {
            bench.context.store.count_attempt(&everywhere, bench.context.now()).await.unwrap();
        }
        for (host, is_slow) in [(1, false), (2, true), (3, true)] {
            let mut browser = bench.browser();
            browser.address = [198, 51, 100, host];
            let page = browser.authorize(&query(&[])).await;
            let begun = Instant::now();
            let wrong = login_form(&page).fill("username", name).fill("password", "wrong");
            assert_eq!(browser.submit(&wrong, "sign-in").await.status, 403);
            assert_eq!(begun.elapsed() >= Duration::from_secs(2), is_slow, "{name} {host}");
        }
    }
    let mut browser = bench.browser();
    let page = browser.authorize(&query(&[])).await;
    let begun = Instant::now();
    browser.log_in(&page).await;
    assert!(begun.elapsed() < Duration::from_secs(2));
}

/// OAuth 2.1 section 2.4.1, RFC 9700: guessing is slow, counted before it is tried, and another address is not locked out
#[tokio::test]
async fn the_eleventh_attempt_from_an_address_waits_for_the_next_window_even_if_it_is_right() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    let page = browser.authorize(&query(&[])).await;
    let wrong = login_form(&page).fill("username", "alice").fill("password", "wrong");
    for _ in 0..10 {
        assert_eq!(browser.submit(&wrong, "sign-in").await.status, 403);
    }
    let right = login_form(&page).fill("username", "alice").fill("password", ALICE.password);
    let refused = browser.submit(&right, "sign-in").await;
    assert_eq!(refused.status, 429);
    let wait: i64 = header(&refused, "retry-after").unwrap().parse().unwrap();
    assert!((1..=900).contains(&wait), "{wait}");
    assert!(Form::find(&refused.body, "login").is_some());

    let mut elsewhere = bench.browser();
    elsewhere.address = [198, 51, 100, 7];
    elsewhere.walk(&query(&[])).await;
    bench.clock.advance(wait);
    assert_eq!(browser.submit(&right, "sign-in").await.status, 303);
}

/// A success forgets the failures before it
#[tokio::test]
async fn a_success_after_some_failures_starts_the_count_anew() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    let page = browser.authorize(&query(&[])).await;
    let wrong = login_form(&page).fill("username", "alice").fill("password", "wrong");
    let right = login_form(&page).fill("username", "alice").fill("password", ALICE.password);
    for _ in 0..3 {
        for _ in 0..8 {
            assert_eq!(browser.submit(&wrong, "sign-in").await.status, 403);
        }
        assert_eq!(browser.submit(&right, "sign-in").await.status, 303);
    }
}

/// Login CSRF: a form counts in the browser that it was made for, for its own request, from our own origin
#[tokio::test]
async fn a_login_form_from_elsewhere_logs_nobody_in() {
    let bench = Bench::start().await;
    let mut attacker = bench.browser();
    let page = attacker.authorize(&query(&[])).await;
    let form = login_form(&page).fill("username", ALICE.username).fill("password", ALICE.password);

    let mut victim = bench.browser();
    assert_eq!(victim.submit(&form, "sign-in").await.status, 403, "without the cookie that it is bound to");
    victim.authorize(&query(&[])).await;
    assert_eq!(victim.submit(&form, "sign-in").await.status, 403, "with another browser's cookie");
    let other = form.clone().fill("request", &query(&[("state", Some("another"))]));
    assert_eq!(attacker.submit(&other, "sign-in").await.status, 403, "for another request");
    for (name, value) in
        [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")]
    {
        let response = attacker.send(with_header(post("/login/password", &form.press("sign-in")), name, value)).await;
        assert_page(&response, 403);
    }
    assert!(bench.stored().is_empty(), "{:?}", bench.stored());
    assert!(!victim.cookies.contains_key("__Host-grantlet-session"));
    // A browser that sends neither header is left to the token.
    assert_eq!(attacker.send(post("/login/password", &form.press("sign-in"))).await.status, 303);
}

/// RFC 6265bis section 4.1
#[tokio::test]
async fn cookies_are_host_bound_and_out_of_reach_of_scripts() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    let page = browser.authorize(&query(&[])).await;
    let form = login_form(&page).fill("username", ALICE.username).fill("password", ALICE.password);
    let done = browser.submit(&form, "sign-in").await;
    for line in page.cookies.iter().chain(&done.cookies) {
        assert!(line.starts_with("__Host-grantlet-") && line.ends_with("; HttpOnly; SameSite=Lax; Secure"), "{line}");
        assert!(line.contains("; Path=/; Max-Age=") && !line.contains("Domain"), "{line}");
    }
    assert_eq!((page.cookies.len(), done.cookies.len()), (1, 1));
    let (_, secret) = browser.cookies["__Host-grantlet-session"].split_once('.').unwrap();
    assert!(secret.len() >= 43, "32 random bytes: {secret}");
    assert_eq!(location(&done), Some(format!("/authorize?{}", query(&[])).as_str()));
}

/// Safari drops such cookies at a plain localhost
#[tokio::test]
async fn cookies_are_plain_at_a_plain_loopback_issuer() {
    let issuer = "http://localhost:9000";
    let bench = Bench::with(|config| config.issuer = grantlet::protocol::issuer::Issuer::parse(issuer).unwrap()).await;
    let page = bench.browser().authorize(&query(&[])).await;
    assert!(page.cookies[0].starts_with("grantlet-form=") && !page.cookies[0].contains("Secure"), "{:?}", page.cookies);
}

#[tokio::test]
async fn a_login_hint_stands_in_the_form() {
    let bench = Bench::start().await;
    let page = bench.browser().authorize(&authorization_query("app", &[("login_hint", Some("bob"))])).await;
    assert_eq!(login_form(&page).field("username"), "bob");
}

#[tokio::test]
async fn without_any_way_to_log_in_people_are_told() {
    let bench = Bench::with(|config| config.password_login = false).await;
    assert_page(&bench.browser().authorize(&query(&[])).await, 400);
    assert_page(&bench.front.handle(post("/login/password", "a=b")).await, 400);
    assert_page(&bench.browser().open("/login/site?token=x&state=y").await, 400);
}
