//! Sessions and devices: seen, and ended from another one.

use serde_json::json;

use super::{BOB, FIREFOX, add_bob, alice_at, follow, form, open};
use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, authorization_query, encode, parameter};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

const PATH: &str = "/account/sessions";
const SESSION: &str = "__Host-grantlet-session";

/// The session that a browser has.
fn session_of(person: &Person<'_>) -> String {
    person.cookies[SESSION].split('.').next().unwrap().to_owned()
}

fn token_of(page: &Reply) -> String {
    form(page, "sessions").field("form_token").to_owned()
}

/// Sends the form of the page with an answer that its buttons may lack.
async fn end(person: &mut Person<'_>, form_token: &str, which: &str) -> Reply {
    let body = encode(&[("form_token", form_token), ("end", which)]);
    let origin = "https://issuer.example";
    person.send(Event::post_form(PATH, &body).header("origin", origin).header("sec-fetch-site", "same-origin")).await
}

/// Whether the browser is still logged in.
async fn is_in(person: &mut Person<'_>) -> bool {
    Form::find(&person.open("/account").await.body, "login").is_none()
}

#[tokio::test]
async fn a_person_sees_where_they_are_logged_in_and_with_what() {
    let server = Server::local(json!({})).await;
    let mut phone = Person::new(&server).at("2001:db8:12:34::5");
    phone.authorize(&authorization_query("app", &[]), ALICE).await;
    server.inside().clock.advance(3_600);
    let (person, page) = alice_at(&server, PATH).await;
    assert!(page.body.contains("Firefox on Linux, 192.0.2.*"), "{page:?}");
    assert!(page.body.contains("2001:db8:12:*") && !page.body.contains("34::5"), "{page:?}");
    assert!(page.body.contains("2027-01-15 08:00 UTC") && page.body.contains("2027-01-15 09:00 UTC"), "{page:?}");
    // One's own session is ended by signing out.
    assert!(!page.body.contains(&session_of(&person)) && page.body.contains(&session_of(&phone)));
    assert_eq!(page.body.matches("this browser").count(), 1);
    assert!(!page.body.contains(FIREFOX));
}

#[tokio::test]
async fn one_session_is_ended_and_the_others_stay() {
    let server = Server::local(json!({})).await;
    let (mut phone, _) = alice_at(&server, "/account").await;
    let (mut tablet, _) = alice_at(&server, "/account").await;
    let (mut person, page) = alice_at(&server, PATH).await;
    let ended = person.submit(&form(&page, "sessions"), &format!("end-{}", session_of(&phone))).await;
    let page = follow(&mut person, ended).await;
    assert!(page.body.contains("role=\"status\""), "{page:?}");
    assert!(!is_in(&mut phone).await && is_in(&mut tablet).await && is_in(&mut person).await);
    assert!(person.open("/account/events").await.body.contains("Signed out from another browser"));

    let page = person.open(PATH).await;
    let ended = person.submit(&form(&page, "sessions"), "end-others").await;
    let page = follow(&mut person, ended).await;
    assert!(!page.body.contains("end-others"), "there is no other one: {page:?}");
    assert!(!is_in(&mut tablet).await && is_in(&mut person).await);
    assert_eq!(server.inside().stored()["session"], 1);
}

/// OpenID Connect Back-Channel Logout section 2.5: clients learn of it
#[tokio::test]
async fn clients_of_an_ended_session_are_to_be_told() {
    let server = Server::local(json!({})).await;
    server.inside().register("watcher", json!({"backchannel_logout_uri": "https://app.example/logout"})).await;
    let mut phone = Person::new(&server);
    assert!(parameter(&phone.authorize(&authorization_query("watcher", &[]), ALICE).await, "code").is_some());
    let (mut person, page) = alice_at(&server, PATH).await;
    server.inside().ended_sessions();
    person.submit(&form(&page, "sessions"), &format!("end-{}", session_of(&phone))).await;
    let ended = server.inside().ended_sessions().to_string();
    assert!(ended.contains("watcher") && ended.contains(&session_of(&phone)), "{ended}");
}

/// OWASP API1: another person's session is none
#[tokio::test]
async fn nobody_ends_another_person_s_session() {
    let server = Server::local(json!({})).await;
    add_bob(&server).await;
    let mut bob = Person::new(&server);
    open(&mut bob, "/account", BOB).await;
    let (mut person, page) = alice_at(&server, PATH).await;
    for which in [session_of(&bob), session_of(&person), String::new(), "x".to_owned(), "01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned()] {
        let refused = end(&mut person, &token_of(&page), &which).await;
        assert_eq!((refused.status, refused.header("location")), (303, Some(PATH)), "{which}");
    }
    end(&mut person, &token_of(&page), "others").await;
    assert!(is_in(&mut bob).await && is_in(&mut person).await);
    assert!(!bob.open(PATH).await.body.contains(&session_of(&person)));
    assert!(!server.inside().stored().contains_key("events"), "nothing happened, so nothing is noted");
}

/// OWASP CSRF: the token is that of this browser, this login and this page
#[tokio::test]
async fn a_form_counts_in_the_browser_and_the_login_that_it_was_made_for() {
    let server = Server::local(json!({})).await;
    add_bob(&server).await;
    let (mut phone, of_phone) = alice_at(&server, PATH).await;
    let (mut person, page) = alice_at(&server, PATH).await;
    let (token, target) = (token_of(&page), session_of(&phone));
    for wrong in ["", "x", token_of(&of_phone).as_str()] {
        assert_eq!(end(&mut person, wrong, &target).await.status, 403, "{wrong}");
    }
    let body = encode(&[("form_token", token.as_str()), ("end", "others")]);
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")] {
        assert_eq!(person.send(Event::post_form(PATH, &body).header(name, value)).await.status, 403, "{name}: {value}");
    }
    assert!(is_in(&mut phone).await);
    // Session fixation: a token from before a login is void after it.
    person.authorize(&authorization_query("app", &[("prompt", Some("login"))]), ALICE).await;
    assert_eq!(end(&mut person, &token, "others").await.status, 403);
    // So is it in another person's hands, in the same browser.
    let mut bob = person.clone();
    bob.cookies.remove(SESSION);
    open(&mut bob, "/account", BOB).await;
    assert_eq!(end(&mut bob, &token, "others").await.status, 403);
    assert!(is_in(&mut phone).await);
}

/// The login ended while the page was open
#[tokio::test]
async fn a_form_that_is_sent_after_the_session_ended_leads_to_the_login_and_changes_nothing() {
    let server = Server::local(json!({})).await;
    let (mut phone, _) = alice_at(&server, "/account").await;
    let (mut person, page) = alice_at(&server, PATH).await;
    let token = token_of(&page);
    person.cookies.remove(SESSION);
    let answer = end(&mut person, &token, "others").await;
    assert_eq!(form(&answer, "login").field("account"), PATH);
    assert!(is_in(&mut phone).await);
}
