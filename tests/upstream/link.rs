//! `/account/connections`: connecting an account elsewhere takes proof of both, and taking it away leaves another way to log in.

use serde_json::json;

use super::{HOME, home, home_of, location, log_in, people, userinfo};
use crate::support::event::Event;
use crate::support::forms::{Form, unescape};
use crate::support::idp::Idp;
use crate::support::oauth::{ALICE, encode, parameter};
use crate::support::person::{Account, Person};
use crate::support::server::{Reply, Server};

const PATH: &str = "/account/connections";

/// A server with passwords and the connection `idp`.
async fn both(idp: &Idp) -> Server {
    home(json!([idp.connection(&json!({}))]), true).await
}

/// Logs in by password, and opens the page.
async fn open_as(person: &mut Person<'_>, account: Account<'_>) -> Reply {
    let login = person.open(PATH).await;
    let form = Form::find(&login.body, "login").unwrap().fill("username", account.username).fill("password", account.password);
    let done = person.submit(&form, "sign-in").await;
    person.open(&location(&done)).await
}

fn form(page: &Reply) -> Form {
    Form::find(&page.body, "connections").unwrap_or_else(|| panic!("no list: {page:?}"))
}

/// Goes to the provider from the page, and answers with where the browser is sent.
async fn go(person: &mut Person<'_>, page: &Reply) -> String {
    location(&person.submit(&form(page), "connect-idp").await)
}

/// Comes back from the provider as `sub`.
async fn come_back(server: &Server, person: &mut Person<'_>, idp: &Idp, sent: &str, sub: &str) -> Reply {
    idp.vouch(&idp.claims(sent, server.inside().clock.time().0, &json!({"sub": sub})));
    person.open(&Idp::back(sent, &[])).await
}

/// Who logs in as `sub` at the provider, by the button of the login page.
async fn sub_of(server: &Server, idp: &Idp, sub: &str) -> String {
    let mut person = Person::new(server);
    let page = super::ask(&mut person, &[]).await;
    let link = page.body.split("id=\"with-idp\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let sent = location(&person.open(&unescape(&link)).await);
    let reply = come_back(server, &mut person, idp, &sent, sub).await;
    userinfo(server, &mut person, &reply).await["sub"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_person_connects_an_account_logs_in_with_it_and_disconnects_it() {
    let idp = Idp::start().await;
    let server = both(&idp).await;
    let alice = server.inside().alice.to_string();
    let mut person = Person::new(&server);
    let page = open_as(&mut person, ALICE).await;
    assert!(page.body.contains("No account elsewhere is connected"), "{page:?}");
    let sent = go(&mut person, &page).await;
    assert_eq!(parameter(&sent, "prompt").as_deref(), Some("select_account"));
    let done = come_back(&server, &mut person, &idp, &sent, "ada-1").await;
    assert_eq!(location(&done), format!("{PATH}?done=connected"));
    let page = person.open(&location(&done)).await;
    assert!(page.body.contains("role=\"status\"") && page.body.contains("ada@example.com"), "{page:?}");
    assert!(person.open("/account/events").await.body.contains("Another sign-in was connected"));
    assert_eq!(sub_of(&server, &idp, "ada-1").await, alice);
    assert_eq!(people(&server).await, 0);

    // Once more changes nothing.
    let page = person.open(PATH).await;
    let sent = go(&mut person, &page).await;
    let again = come_back(&server, &mut person, &idp, &sent, "ada-1").await;
    assert_eq!(location(&again), format!("{PATH}?done=connected"));

    let page = person.open(PATH).await;
    assert_eq!(page.body.matches("name=\"disconnect\"").count(), 1);
    let done = person.submit(&form(&page), "disconnect-1").await;
    assert_eq!(location(&done), format!("{PATH}?done=disconnected"));
    assert!(person.open("/account/events").await.body.contains("Another sign-in was disconnected"));
    assert_ne!(sub_of(&server, &idp, "ada-1").await, alice);
    assert_eq!(people(&server).await, 1);
}

/// At least one way to log in stays
#[tokio::test]
async fn the_last_way_to_log_in_can_not_be_taken_away() {
    let idp = Idp::start().await;
    let server = home_of(&idp, &json!({})).await;
    let (mut person, _) = log_in(&server, &idp, &json!({})).await;
    let page = person.open(PATH).await;
    let refused = person.submit(&form(&page), "disconnect-1").await;
    assert_eq!(refused.status, 409, "{refused:?}");
    assert!(refused.body.contains("The IdP is the only way in which you sign in here"), "{refused:?}");
    // With a second one it can, and then that is the last.
    let sent = go(&mut person, &refused).await;
    come_back(&server, &mut person, &idp, &sent, "ada-2").await;
    let page = person.open(PATH).await;
    assert_eq!(page.body.matches("name=\"disconnect\"").count(), 2);
    assert_eq!(person.submit(&form(&page), "disconnect-1").await.status, 303);
    let page = person.open(PATH).await;
    assert_eq!(person.submit(&form(&page), "disconnect-1").await.status, 409);
}

/// Nobody takes over what is somebody else's
#[tokio::test]
async fn an_account_elsewhere_is_one_person_s() {
    let idp = Idp::start().await;
    let server = both(&idp).await;
    sub_of(&server, &idp, "ada-1").await;
    let mut person = Person::new(&server);
    let page = open_as(&mut person, ALICE).await;
    let sent = go(&mut person, &page).await;
    let refused = come_back(&server, &mut person, &idp, &sent, "ada-1").await;
    assert_eq!(refused.status, 409, "{refused:?}");
    assert!(refused.body.contains("already connected with another account here"), "{refused:?}");
    assert!(person.open(PATH).await.body.contains("No account elsewhere is connected"));
    // Somebody else's identity can't be disconnected either.
    let token = form(&person.open(PATH).await).field("form_token").to_owned();
    let body = encode(&[("form_token", &token), ("disconnect", "idp#ada-1")]);
    person.send(Event::post_form(PATH, &body).header("origin", HOME).header("sec-fetch-site", "same-origin")).await;
    assert_eq!(people(&server).await, 1);
    assert_ne!(sub_of(&server, &idp, "ada-1").await, server.inside().alice.to_string());
    assert_eq!(people(&server).await, 1);
}

/// RFC 9700 section 4.7, login CSRF: what an attacker began is not finished by a victim, nor the other way round
#[tokio::test]
async fn a_connection_is_finished_in_the_session_that_began_it() {
    let idp = Idp::start().await;
    let server = both(&idp).await;
    let mut person = Person::new(&server);
    let page = open_as(&mut person, ALICE).await;
    let sent = go(&mut person, &page).await;
    idp.vouch(&idp.claims(&sent, server.inside().clock.time().0, &json!({"sub": "mallory"})));
    let back = Idp::back(&sent, &[]);
    // In another browser, whoever is logged in there.
    let mut victim = Person::new(&server);
    open_as(&mut victim, ALICE).await;
    assert_eq!(victim.open(&back).await.status, 400);
    // In the same browser, after the session ended.
    let mut signed_out = person.clone();
    signed_out.cookies.remove("grantlet-session");
    assert_eq!(signed_out.open(&back).await.status, 400);
    // With a cookie that makes a login of it, or a connection of another session.
    for purpose in ["login", "01JD0000000000000000000000"] {
        let mut forger = person.clone();
        let parts: Vec<_> = forger.cookies["grantlet-upstream"].split('.').map(str::to_owned).collect();
        let planted = [&parts[..3], &[purpose.to_owned()], &parts[4..]].concat().join(".");
        forger.cookies.insert("grantlet-upstream".to_owned(), planted);
        assert_eq!(forger.open(&back).await.status, 400, "{purpose}");
    }
    assert!(person.open(PATH).await.body.contains("No account elsewhere is connected"));
}

/// Proof of both: a recent login here, and a form of this very page
#[tokio::test]
async fn connecting_takes_a_recent_login_and_the_page_s_own_form() {
    let idp = Idp::start().await;
    let server = both(&idp).await;
    let mut person = Person::new(&server);
    let page = open_as(&mut person, ALICE).await;
    for (token, origin) in [("", HOME), ("wrong", HOME), (form(&page).field("form_token"), "https://evil.example")] {
        let body = encode(&[("form_token", token), ("connect", "idp")]);
        let reply = person.clone().send(Event::post_form(PATH, &body).header("origin", origin)).await;
        assert_eq!(reply.status, 403, "{reply:?}");
    }
    server.inside().clock.advance(601);
    let stale = person.submit(&form(&page), "connect-idp").await;
    assert!(Form::find(&stale.body, "login").is_some(), "somebody logs in anew first: {stale:?}");
    assert_eq!(person.open(PATH).await.status, 200, "looking takes no new login");
}

/// People without a password log in anew where they always do, and a provider that says when is held to it
#[tokio::test]
async fn a_new_login_at_the_provider_is_a_recent_one() {
    let idp = Idp::start().await;
    let server = home_of(&idp, &json!({})).await;
    for (age, is_good) in [(Some(31), false), (Some(0), true), (None, true)] {
        let (mut person, _) = log_in(&server, &idp, &json!({})).await;
        let page = person.open(PATH).await;
        server.inside().clock.advance(601);
        let sent = go(&mut person, &page).await;
        assert_eq!((parameter(&sent, "prompt").as_deref(), parameter(&sent, "max_age").as_deref()), (Some("login"), Some("0")));
        let now = server.inside().clock.time().0;
        idp.vouch(&idp.claims(&sent, now, &json!({"auth_time": age.map(|age| now - age)})));
        let reply = person.open(&Idp::back(&sent, &[])).await;
        assert_eq!(reply.status, if is_good { 303 } else { 403 }, "{age:?}: {reply:?}");
    }
}

/// What goes wrong at the provider is told where the person was
#[tokio::test]
async fn a_connection_that_came_to_nothing_is_told_on_the_page() {
    let idp = Idp::start().await;
    let server = both(&idp).await;
    let mut person = Person::new(&server);
    let page = open_as(&mut person, ALICE).await;
    for (error, status, sentence) in [("access_denied", 200, "did not sign you in"), ("server_error", 503, "be reached")] {
        let sent = go(&mut person, &page).await;
        let reply = person.open(&Idp::back(&sent, &[("code", None), ("error", Some(error))])).await;
        assert_eq!(reply.status, status, "{reply:?}");
        assert!(reply.body.contains(sentence) && Form::find(&reply.body, "connections").is_some(), "{reply:?}");
    }
}
