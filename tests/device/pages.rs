//! What the person sees: the form for the code, the question, and what is refused there.

use grantlet::model::device::DeviceStatus;
use serde_json::json;

use super::{GRANT, SCOPE, TV, answer, ask, device_of, enter, error_of, log_in, poll, reach_question, server, start};
use crate::support::event::Event;
use crate::support::forms::{Form, unescape};
use crate::support::oauth::{ALICE, As, authorization_query, claims, token};
use crate::support::person::Person;
use crate::support::server::Reply;

fn assert_page(reply: &Reply, status: u16) {
    assert_eq!((reply.status, reply.header("location")), (status, None), "{reply:?}");
    assert!(reply.body.contains("<h1") && reply.header("cache-control") == Some("no-store"), "{reply:?}");
}

fn says(reply: &Reply, words: &str) -> bool {
    unescape(&reply.body).contains(words)
}

/// RFC 8628 section 3.3.1: the code of `verification_uri_complete` is shown, to be compared, and nothing goes on by itself
#[tokio::test]
async fn the_form_has_the_code_of_the_link_and_waits_for_the_person() {
    let server = server().await;
    let device = start(&server).await;
    let mut person = Person::new(&server);
    assert_eq!(Form::find(&person.open("/device").await.body, "device").unwrap().field("user_code"), "");
    let page = person.open(&format!("/device?user_code={}", device.user_code.to_lowercase())).await;
    assert_page(&page, 200);
    assert_eq!(Form::find(&page.body, "device").unwrap().field("user_code"), device.user_code);
    for (name, part) in
        [("content-security-policy", "frame-ancestors 'none'"), ("x-frame-options", "DENY"), ("referrer-policy", "same-origin")]
    {
        assert!(page.header(name).unwrap().contains(part), "{page:?}");
    }
    let login = enter(&mut person, &device.user_code).await;
    assert!(Form::find(&login.body, "login").is_some() && !says(&login, "The TV"), "{login:?}");
    log_in(&mut person, &login).await;
    // Somebody who is logged in and follows such a link has to send the code, too.
    let other = start(&server).await;
    let page = person.open(&format!("/device?user_code={}", other.user_code)).await;
    assert!(Form::find(&page.body, "device").is_some() && Form::find(&page.body, "consent").is_none());
    assert_eq!(server.send(&Event::new("DELETE", "/device")).await.status, 405);
}

/// OAuth 2.1 section 7.12
#[tokio::test]
async fn whatever_stands_in_user_code_is_text_and_never_markup() {
    let server = server().await;
    let mut person = Person::new(&server);
    for text in ["\"><script>alert(1)</script>", "' onfocus=alert(1) x='", "<img src=x>", "{{7*7}}", "javascript:alert(1)"] {
        let query = crate::support::oauth::encode(&[("user_code", text)]);
        let shown = person.open(&format!("/device?{query}")).await;
        let form = Form::find(&shown.body, "device").unwrap();
        assert_eq!(form.field("user_code"), text);
        let sent = person.submit(&form, "continue").await;
        assert_page(&sent, 400);
        for page in [&shown, &sent] {
            assert!(!page.body.contains("<script") && !page.body.contains("<img") && !page.body.contains("' onfocus"), "{page:?}");
        }
    }
    let long = person.open(&format!("/device?user_code={}", "x".repeat(2_000))).await;
    assert_eq!(Form::find(&long.body, "device").unwrap().field("user_code"), "");
    for raw in ["user_code=%ff", "user_code=%00", "user_code=a&user_code=b"] {
        assert_page(&server.send(&Event::new("GET", "/device").query(raw)).await, 400);
    }
}

/// RFC 8628 section 6.1: however people type it
#[tokio::test]
async fn the_code_is_taken_in_any_case_and_with_any_dashes() {
    let server = server().await;
    let mut person = Person::new(&server);
    for spell in
        [|code: &str| code.to_lowercase(), |code: &str| code.replace('-', ""), |code: &str| format!(" {} ", code.replace('-', " - "))]
    {
        let device = start(&server).await;
        let (page, _) = reach_question(&mut person, &spell(&device.user_code)).await;
        assert!(says(&page, &device.user_code));
    }
}

/// RFC 8628 section 5.4: who asks for what, for which code, and what to beware of
#[tokio::test]
async fn the_question_names_client_scopes_and_code_and_warns() {
    let server = server().await;
    let device = start(&server).await;
    let (page, _) = reach_question(&mut Person::new(&server), &device.user_code).await;
    assert_page(&page, 200);
    let words = ["The TV", "alice", "to know who you are", "your e-mail address", "stay connected", "only if you started this yourself"];
    for words in words.into_iter().chain([device.user_code.as_str()]) {
        assert!(says(&page, words), "{words}: {}", page.body);
    }
    assert!(!page.body.contains("<script"));
}

/// RFC 8628 section 5.4: neither the operator's own client nor a remembered consent says whose device it is
#[tokio::test]
async fn everybody_is_asked_each_time() {
    let server = server().await;
    let own = json!({"first_party": true, "grant_types": [GRANT, "authorization_code"], "client_name": "Our own"});
    server.inside().register("own", own.clone()).await;
    server.inside().register("known", json!({"grant_types": [GRANT, "authorization_code"]})).await;
    let mut person = Person::new(&server);
    person.authorize(&authorization_query("known", &[]), ALICE).await;
    for id in ["own", "known", "known"] {
        let device = device_of(&ask(&server, As::Basic(id), &[("scope", SCOPE)]).await);
        let (_, form) = reach_question(&mut person, &device.user_code).await;
        assert_eq!(error_of(&poll(&server, As::Basic(id), &device.code).await), "authorization_pending");
        assert!(person.submit(&form, "allow").await.body.contains("id=\"done\""));
        token(&poll(&server, As::Basic(id), &device.code).await, "access_token");
    }
}

/// A code that is wrong, over, or answered: people are told the same, and nothing about which
#[tokio::test]
async fn a_code_under_which_no_device_waits_is_asked_for_again() {
    let server = server().await;
    let (answered, denied, over) = (start(&server).await, start(&server).await, start(&server).await);
    answer(&server, &answered.user_code, "allow").await;
    answer(&server, &denied.user_code, "deny").await;
    let mut person = Person::new(&server);
    let mut told = Vec::new();
    for code in ["BBBB-BBBB", &answered.user_code, &denied.user_code] {
        let page = enter(&mut person, code).await;
        assert_page(&page, 400);
        assert_eq!(Form::find(&page.body, "device").unwrap().field("user_code"), code);
        told.push(page.body.replace(code, "").replace(&page.body[page.body.find("form_token").unwrap()..][..80], ""));
    }
    server.inside().clock.advance(600);
    let page = enter(&mut person, &over.user_code).await;
    assert_page(&page, 400);
    assert!(says(&page, "No device waits under this code"));
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
}

/// RFC 8628 section 5.1: guessing is counted before anything is looked up, by network
#[tokio::test]
async fn a_network_that_guesses_is_not_listened_to_any_more_even_with_a_right_code() {
    let server = server().await;
    let device = start(&server).await;
    let mut thief = Person::new(&server).at("198.51.100.7");
    for _ in 0..30 {
        assert_page(&enter(&mut thief, "BBBB-BBBB").await, 400);
    }
    let mut fresh = Person::new(&server).at("198.51.100.7");
    for person in [&mut thief, &mut fresh] {
        let refused = enter(person, &device.user_code).await;
        assert_page(&refused, 429);
        assert!((1..=900).contains(&refused.header("retry-after").unwrap().parse::<i64>().unwrap()));
        assert!(says(&refused, "Too many attempts"), "{refused:?}");
    }
    let login = enter(&mut Person::new(&server), &device.user_code).await;
    assert!(Form::find(&login.body, "login").is_some(), "nobody else is held up: {login:?}");
    server.inside().clock.advance(900);
    let device = start(&server).await;
    assert!(Form::find(&enter(&mut thief, &device.user_code).await.body, "login").is_some());
}

/// RFC 8628 section 5.1: a network of IPv6 is one, however many addresses it has
#[tokio::test]
async fn addresses_of_one_network_of_ipv6_are_counted_together() {
    let server = server().await;
    for n in 0..30 {
        let mut thief = Person::new(&server).at(&format!("2001:db8:1:2::{n}"));
        assert_page(&enter(&mut thief, "BBBB-BBBB").await, 400);
    }
    assert_page(&enter(&mut Person::new(&server).at("2001:db8:1:2:ffff::1"), "BBBB-BBBB").await, 429);
    assert_page(&enter(&mut Person::new(&server).at("2001:db8:1:3::1"), "BBBB-BBBB").await, 400);
}

/// RFC 8628 section 5.1: an account that guesses from many networks is one account
#[tokio::test]
async fn an_account_that_guesses_from_everywhere_is_not_listened_to_any_more() {
    let server = server().await;
    let device = start(&server).await;
    let mut person = Person::new(&server);
    person.authorize(&authorization_query("app", &[]), ALICE).await;
    for n in 0..15 {
        person = person.at(&format!("198.51.100.{n}"));
        assert_page(&enter(&mut person, "BBBB-BBBB").await, 400);
    }
    assert_page(&enter(&mut person.at("198.51.100.99"), &device.user_code).await, 429);
}

/// Cross-site requests, swapped tokens, another browser's form, another device's code: nobody is answered for
#[tokio::test]
async fn a_form_from_elsewhere_answers_nothing() {
    let server = server().await;
    let (device, other) = (start(&server).await, start(&server).await);
    let mut person = Person::new(&server);
    let (_, form) = reach_question(&mut person, &device.user_code).await;
    let mut thief = Person::new(&server);
    let (_, theirs) = reach_question(&mut thief, &device.user_code).await;

    let swapped = form.clone().fill("form_token", theirs.field("form_token"));
    let (_, question) = reach_question(&mut person, &other.user_code).await;
    let other_device = form.clone().fill("device", question.field("device"));
    let other_code = form.clone().fill("user_code", &other.user_code);
    let both = other_device.clone().fill("user_code", &other.user_code);
    let entry = Form::find(&person.open("/device").await.body, "device").unwrap();
    let other_purpose = form.clone().fill("form_token", entry.field("form_token"));
    let garbage = form.clone().fill("device", "device#code#BBBBBBBB");
    for wrong in [&theirs, &swapped, &other_device, &other_code, &both, &other_purpose, &garbage] {
        for button in ["allow", "deny"] {
            assert_page(&person.submit(wrong, button).await, 403);
        }
    }
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("origin", "null")] {
        assert_page(&person.send(Event::post_form("/device", &form.press("allow")).header(name, value)).await, 403);
        let typed = entry.clone().fill("user_code", &device.user_code);
        assert_page(&person.send(Event::post_form("/device", &typed.press("continue")).header(name, value)).await, 403);
    }
    // The form for the code belongs to a browser as well.
    let typed = entry.fill("user_code", &device.user_code);
    let foreign = thief.submit(&typed, "continue").await;
    assert_page(&foreign, 403);
    assert!(Form::find(&foreign.body, "consent").is_none());
    for device in [&device, &other] {
        assert_eq!(error_of(&poll(&server, TV, &device.code).await), "authorization_pending");
    }
}

/// A login in between makes the page void; somebody who is logged out begins anew
#[tokio::test]
async fn a_question_is_bound_to_the_login_that_it_was_shown_to() {
    let server = server().await;
    let device = start(&server).await;
    let mut person = Person::new(&server);
    let (_, form) = reach_question(&mut person, &device.user_code).await;
    let mut logged_out = person.clone();
    logged_out.cookies.retain(|name, _| !name.contains("session"));
    let sent_back = logged_out.submit(&form, "allow").await;
    assert_eq!(sent_back.header("location"), Some(format!("/device?user_code={}", device.user_code).as_str()), "{sent_back:?}");
    person.authorize(&authorization_query("app", &[("prompt", Some("login"))]), ALICE).await;
    assert_page(&person.submit(&form, "allow").await, 403);
    assert_eq!(error_of(&poll(&server, TV, &device.code).await), "authorization_pending");
}

/// Of answers at the same time one counts, and a grant is there if and only if it was yes
#[tokio::test(flavor = "multi_thread")]
async fn of_a_yes_and_a_no_at_once_one_counts() {
    let server = server().await;
    for _ in 0..5 {
        let before = server.inside().stored().get("grant").copied().unwrap_or_default();
        let device = start(&server).await;
        let mut person = Person::new(&server);
        let (_, form) = reach_question(&mut person, &device.user_code).await;
        let (mut yes, mut no, mut again) = (person.clone(), person.clone(), person.clone());
        let (yes, no, again) = tokio::join!(yes.submit(&form, "allow"), no.submit(&form, "deny"), again.submit(&form, "allow"));
        let (is_yes, is_no) = (yes.body.contains("id=\"done\""), no.body.contains("id=\"denied\""));
        assert!(is_yes != is_no, "{yes:?} {no:?}");
        assert_eq!(again.body.contains("id=\"done\""), is_yes, "the same answer twice is one: {again:?}");
        let after = server.inside().stored().get("grant").copied().unwrap_or_default();
        assert_eq!(after - before, usize::from(is_yes));
        let polled = poll(&server, TV, &device.code).await;
        assert!(if is_yes { polled.status == 200 } else { error_of(&polled) == "access_denied" }, "{polled:?}");
        assert_page(&person.submit(&form, if is_yes { "deny" } else { "allow" }).await, 400);
    }
}

/// An answer that is neither allows nothing; one that comes too late neither
#[tokio::test]
async fn only_the_word_allow_allows_and_only_in_time() {
    let server = server().await;
    let device = start(&server).await;
    let mut person = Person::new(&server);
    let (_, form) = reach_question(&mut person, &device.user_code).await;
    let body = form.press("allow").replace("decision=allow", "decision=ALLOW");
    assert!(person.send(Event::post_form("/device", &body)).await.body.contains("id=\"denied\""));
    let late = start(&server).await;
    let (_, form) = reach_question(&mut person, &late.user_code).await;
    server.inside().clock.advance(600);
    assert_page(&person.submit(&form, "allow").await, 400);
    assert_eq!(error_of(&poll(&server, TV, &late.code).await), "expired_token");
    assert!(!server.inside().stored().contains_key("grant"));
}

/// A client that was removed, or may not use the grant any more, asks for nothing
#[tokio::test]
async fn a_client_that_is_gone_is_not_asked_for() {
    let server = server().await;
    let device = start(&server).await;
    let mut person = Person::new(&server);
    let (_, form) = reach_question(&mut person, &device.user_code).await;
    let store = &server.inside().context.store;
    store.remove_client(&grantlet::model::client::ClientId::parse("tv").unwrap()).await.unwrap();
    server.inside().clock.advance(61);
    assert_page(&person.submit(&form, "allow").await, 400);
    let id = device.code.parse::<grantlet::model::code::CodeToken>().unwrap().id;
    let kept = store.find_device_request(id, server.inside().clock.time()).await.unwrap().unwrap();
    assert_eq!(kept.status, DeviceStatus::Pending);
}

/// A locked person answers for nobody
#[tokio::test]
async fn a_person_who_was_locked_can_t_answer() {
    let server = server().await;
    let device = start(&server).await;
    let mut person = Person::new(&server);
    let (_, form) = reach_question(&mut person, &device.user_code).await;
    server.inside().context.store.set_locked(server.inside().alice, true).await.unwrap();
    assert_eq!(person.submit(&form, "allow").await.status, 303, "back to the beginning");
    assert_eq!(error_of(&poll(&server, TV, &device.code).await), "authorization_pending");
}

/// OpenID Connect Back-Channel Logout section 2.3: a client that wants to be told of a logout gets a `sid`, whichever way it came to its tokens
#[tokio::test]
async fn the_session_of_the_answer_remembers_a_client_that_wants_to_be_told_of_its_end() {
    let server = server().await;
    let told = json!({"grant_types": [GRANT], "redirect_uris": [], "backchannel_logout_uri": "https://told.example/logout"});
    server.inside().register("told", told).await;
    let mut person = Person::new(&server);
    for id in ["box", "told"] {
        let device = device_of(&ask(&server, As::Basic(id), &[("scope", "openid")]).await);
        let (_, form) = reach_question(&mut person, &device.user_code).await;
        person.submit(&form, "allow").await;
        let tokens = poll(&server, As::Basic(id), &device.code).await;
        let sid = claims(&token(&tokens, "id_token"))["sid"].as_str().unwrap().parse().unwrap();
        let session = server.inside().context.store.find_session(sid, server.inside().clock.time()).await.unwrap().unwrap();
        assert_eq!(session.clients.iter().any(|client| client.as_str() == id), id == "told");
    }
}
