//! What every account page demands: a session, and a way back to nowhere else.

use serde_json::json;

use super::{alice_at, form, log_in};
use crate::support::event::Event;
use crate::support::oauth::{ALICE, parameter};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::site::{login_jwt, server_with_site, way_back};

const PAGES: [&str; 6] = ["/account", "/account/profile", "/account/apps", "/account/sessions", "/account/events", "/account/data"];

#[tokio::test]
async fn whoever_is_not_logged_in_logs_in_first_and_comes_back_to_the_very_page() {
    let server = Server::local(json!({})).await;
    for path in PAGES {
        let mut person = Person::new(&server);
        let login = person.open(path).await;
        assert_eq!(form(&login, "login").field("account"), path);
        let page = log_in(&mut person, login, ALICE).await;
        assert_eq!(page.status, 200);
        let mark = format!("<a href=\"{path}\" aria-current=\"page\">");
        assert!(page.body.contains(&mark) || path == "/account", "{page:?}");
        assert!(page.body.contains("<strong>alice</strong>"), "{page:?}");
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert!(page.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
    }
}

/// Open redirectors: the way back is one of the pages, letter by letter
#[tokio::test]
async fn a_login_leads_to_no_address_that_somebody_put_into_its_form() {
    let server = Server::local(json!({})).await;
    let mut person = Person::new(&server);
    let login = person.open("/account").await;
    for evil in [
        "https://evil.example",
        "//evil.example",
        "/account//evil.example",
        "/account/../authorize",
        "/account?next=https://evil.example",
        "/account?login=new&x=1",
        "/account/unknown",
        "/ACCOUNT",
        "/account\r\nLocation: https://evil.example",
        "",
    ] {
        let wrong = form(&login, "login").fill("account", evil).fill("username", ALICE.username).fill("password", ALICE.password);
        let refused = person.submit(&wrong, "sign-in").await;
        assert!(refused.status == 400 && refused.header("location").is_none(), "{evil}: {refused:?}");
        assert!(!refused.cookies.iter().any(|cookie| cookie.contains("session")), "{evil}");
    }
    // Another page needs a form of its own.
    let other = form(&login, "login").fill("account", "/account/events").fill("username", ALICE.username).fill("password", ALICE.password);
    assert_eq!(person.submit(&other, "sign-in").await.status, 403);
}

/// A locked user gets nothing
#[tokio::test]
async fn a_locked_person_has_no_account_pages() {
    let server = Server::local(json!({})).await;
    let (mut person, _) = alice_at(&server, "/account").await;
    let local = server.inside();
    assert!(local.context.store.set_locked(local.alice, true).await.unwrap());
    for path in PAGES {
        let login = person.open(path).await;
        let credentials = form(&login, "login").fill("username", ALICE.username).fill("password", ALICE.password);
        assert_eq!(person.submit(&credentials, "sign-in").await.status, 403);
    }
}

/// RFC 9110 section 15.5.6
#[tokio::test]
async fn other_methods_are_refused_with_those_that_are_known() {
    let server = Server::local(json!({})).await;
    for (path, allowed) in
        [("/account", "GET"), ("/account/events", "GET"), ("/account/sessions", "GET, POST"), ("/account/apps", "GET, POST")]
    {
        let refused = server.send(&Event::new("PUT", path)).await;
        assert_eq!((refused.status, refused.header("allow")), (405, Some(allowed)));
    }
}

/// Comes back from the site, which says that the login was `age` seconds ago.
pub(super) async fn come_back(server: &Server, person: &mut Person<'_>, sent: &Reply, age: i64) -> Reply {
    let url = sent.header("location").expect("sent to the site");
    let (challenge, state) = (parameter(url, "challenge").unwrap(), parameter(url, "state").unwrap());
    let auth_time = server.inside().clock.time().0 - age;
    person.open(&way_back(&login_jwt(server, &challenge, &json!({ "auth_time": auth_time })), &state)).await
}

/// The site's own login: an old login there is good enough to look
#[tokio::test]
async fn a_person_of_the_site_comes_to_their_account_by_the_site() {
    let server = server_with_site(false).await;
    let mut person = Person::new(&server);
    let sent = person.open("/account/sessions").await;
    assert!(parameter(sent.header("location").unwrap(), "prompt").is_none());
    let back = come_back(&server, &mut person, &sent, 100_000).await;
    assert_eq!((back.status, back.header("location")), (303, Some("/account/sessions")));
    assert!(person.open("/account/sessions").await.body.contains("user-7"));
}

/// A page leads to what is of use to the person: no password for whom the site knows, no accounts elsewhere where there are no providers
#[tokio::test]
async fn sections_that_are_of_no_use_to_a_person_are_not_shown() {
    let server = server_with_site(false).await;
    let mut person = Person::new(&server);
    let sent = person.open("/account").await;
    come_back(&server, &mut person, &sent, 0).await;
    let hub = person.open("/account").await;
    let here = Server::local(json!({})).await;
    let (_, alice) = alice_at(&here, "/account").await;
    let leads_to = |page: &Reply, place: &str| page.body.contains(&format!("href=\"/account/{place}\""));
    for (place, of_the_site, of_alice) in [
        ("apps", true, true),
        ("profile", false, true),
        ("password", false, true),
        ("email", false, true),
        ("factors", false, true),
        ("connections", false, false),
    ] {
        assert_eq!((leads_to(&hub, place), leads_to(&alice, place)), (of_the_site, of_alice), "{place}");
    }
    let provider = json!([{"id": "idp", "name": "Elsewhere", "kind": "oidc", "issuer": "https://idp.example", "client_id": "us"}]);
    let connected = Server::local(json!({"connections": provider})).await;
    let (_, alice) = alice_at(&connected, "/account").await;
    assert!(leads_to(&alice, "connections"));
}

/// The site's own login: where a new login is asked for, the site is asked for one, and an older one is no answer and not asked for again
#[tokio::test]
async fn a_person_of_the_site_logs_in_anew_there_and_an_older_login_does_not_go_round_in_circles() {
    let server = server_with_site(false).await;
    let mut person = Person::new(&server);
    let sent = person.open("/account").await;
    come_back(&server, &mut person, &sent, 100_000).await;
    let sent = person.open("/account/delete").await;
    assert_eq!(parameter(sent.header("location").unwrap(), "prompt").as_deref(), Some("login"));
    let state = parameter(sent.header("location").unwrap(), "state").unwrap();
    assert_eq!(state, "/account/delete?login=new");
    let old = come_back(&server, &mut person, &sent, 60).await;
    assert!(old.status == 403 && old.header("location").is_none(), "{old:?}");
    let sent = person.open("/account/delete").await;
    let back = come_back(&server, &mut person, &sent, 0).await;
    assert_eq!((back.status, back.header("location")), (303, Some("/account/delete?login=new")));
    let page = person.open("/account/delete?login=new").await;
    assert!(page.body.contains("id=\"deletion\"") && page.body.contains("made here anew"), "{page:?}");
    // Whoever is deleted here comes back from the site as somebody of whom nothing is known.
    let deleted = person.submit(&form(&page, "deletion").fill("name", "user-7"), "delete").await;
    assert!(deleted.body.contains("id=\"deleted\""), "{deleted:?}");
    let sent = person.open("/account").await;
    let back = come_back(&server, &mut person, &sent, 0).await;
    assert_eq!(back.status, 303, "{back:?}");
}
