//! Forgotten passwords (OWASP Forgot Password Cheat Sheet).

use grantlet::model::event::EventKind;
use serde_json::json;

use super::{
    Phone, STRONG, alice_at, events, follow, form, last_mail, link, login_page, mailed_link, mails, open_server, send_code, send_password,
};
use crate::support::event::Event;
use crate::support::oauth::ALICE;
use crate::support::person::{Account, Person};
use crate::support::server::{Reply, Server};

const NEW: Account<'static> = Account { username: ALICE.username, password: STRONG };

/// Says that a password was forgotten, and answers with the page after it.
async fn forget(person: &mut Person<'_>, name: &str) -> Reply {
    let login = login_page(person).await;
    let page = person.open(&link(&login, "to-forgot")).await;
    let sent = person.submit(&form(&page, "forgot").fill("username", name), "send-link").await;
    follow(person, &sent).await
}

/// The link that Alice gets.
async fn alices_link(server: &Server) -> String {
    forget(&mut Person::new(server), ALICE.username).await;
    mailed_link(server, &last_mail(server))
}

/// Chooses a new password on the page behind a link, with whatever browser.
async fn choose(server: &Server, link: &str, password: &str) -> Reply {
    let mut person = Person::new(server);
    let page = person.open(link).await;
    if page.status != 200 {
        return page;
    }
    assert_eq!(page.header("referrer-policy"), Some("strict-origin"));
    person.submit(&form(&page, "choose").fill("password", password), "save").await
}

/// OWASP Forgot Password Cheat Sheet: other sessions end, nobody is logged in, the person is told
#[tokio::test]
async fn a_new_password_by_link_ends_every_session_and_logs_nobody_in() {
    let server = open_server().await;
    let (mut before, _) = alice_at(&server, "/account").await;
    let link = alices_link(&server).await;
    let weak = choose(&server, &link, "alice2024").await;
    assert_eq!(weak.status, 400);
    let mut person = Person::new(&server);
    let page = person.open(&link).await;
    let save = form(&page, "choose").fill("password", STRONG);
    assert_eq!(before.open("/account").await.status, 200);
    assert!(before.open("/account").await.body.contains("id=\"sign-out\""), "opening a link ends nothing");
    let done = person.submit(&save, "save").await;
    assert!(done.cookies.iter().all(|cookie| !cookie.contains("session")), "{done:?}");
    assert!(follow(&mut person, &done).await.body.contains("id=\"finished\""));
    assert!(before.open("/account").await.body.contains("id=\"login\""), "the old session is over");
    assert!(!server.inside().stored().contains_key("session"));

    let login = login_page(&mut person).await;
    assert_eq!(send_password(&mut person, &login, ALICE).await.status, 403);
    assert_eq!(send_password(&mut person, &login, NEW).await.status, 303);
    assert_eq!(events(&server).await, [EventKind::PasswordReset]);
    assert!(last_mail(&server).text.contains("was changed"), "{}", last_mail(&server).text);
}

/// Single use, bound to the password that it replaces
#[tokio::test]
async fn a_link_is_good_once_for_half_an_hour_and_not_after_another_change() {
    let server = open_server().await;
    let first = alices_link(&server).await;
    let second = alices_link(&server).await;
    assert_eq!(choose(&server, &second, STRONG).await.status, 303);
    assert_eq!(choose(&server, &second, "garlic unicycle parliament 8").await.status, 400, "used");
    assert_eq!(choose(&server, &first, "garlic unicycle parliament 8").await.status, 400, "the password changed");
    let third = alices_link(&server).await;
    server.inside().clock.advance(1_799);
    assert_eq!(Person::new(&server).open(&third).await.status, 200);
    server.inside().clock.advance(1);
    assert_eq!(Person::new(&server).open(&third).await.status, 400, "too late");
    assert_eq!(Person::new(&server).open(&third.replace("reset", "verify")).await.status, 400, "for another purpose");
}

/// Two at once: one conditional write decides
#[tokio::test]
async fn of_two_uses_of_a_link_at_once_one_sets_the_password() {
    let server = open_server().await;
    let link = alices_link(&server).await;
    let (one, two) = tokio::join!(choose(&server, &link, STRONG), choose(&server, &link, "garlic unicycle parliament 8"));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 400]);
}

/// A reset is no way around the second factor
#[tokio::test]
async fn the_second_factor_is_asked_for_after_a_reset_as_well() {
    let server = open_server().await;
    let phone = Phone::set_up(&server).await;
    assert_eq!(choose(&server, &alices_link(&server).await, STRONG).await.status, 303);
    let mut person = Person::new(&server);
    let login = login_page(&mut person).await;
    let page = send_password(&mut person, &login, NEW).await;
    assert_eq!(page.status, 200);
    assert_eq!(send_code(&mut person, &page, &phone.code(&server)).await.status, 303);
}

/// CSRF: forms count in the browser that they were made for, from our own origin
#[tokio::test]
async fn a_form_of_another_browser_or_site_changes_nothing() {
    let server = open_server().await;
    let link = alices_link(&server).await;
    let mut person = Person::new(&server);
    let page = person.open(&link).await;
    let save = form(&page, "choose").fill("password", STRONG);
    assert_eq!(Person::new(&server).submit(&save, "save").await.status, 403);
    let foreign = Event::post_form("/login/reset", &save.press("save")).header("origin", "https://evil.example");
    assert_eq!(person.send(foreign).await.status, 403);
    assert_eq!(person.open("/login/reset").await.status, 400);
    assert_eq!(person.submit(&save, "save").await.status, 303);
}

/// RFC 9700 section 4.13: a link leads to this server, whichever host a request names
#[tokio::test]
async fn spoofed_host_headers_change_no_link_in_a_mail() {
    let server = open_server().await;
    for (id, field, name) in [("forgot", "username", ALICE.username), ("sign-up", "email", "carol@example.com")] {
        let mut person = Person::new(&server);
        let login = login_page(&mut person).await;
        let page = person.open(&link(&login, &format!("to-{id}"))).await;
        let filled = form(&page, id).fill(field, name);
        let event = Event::post_form(&filled.action, &filled.press("send-link")).header("origin", server.issuer()).spoofed();
        assert_eq!(person.send(event).await.status, 303);
        let mail = last_mail(&server);
        for part in [&mail.subject, &mail.text, &mail.html] {
            assert!(!part.contains("evil.example"), "{part}");
        }
        assert_eq!(person.open(&mailed_link(&server, &mail)).await.status, 200);
    }
}

/// Zitadel CVE-2026-27840: each proper prefix of what stands in a link
#[tokio::test]
async fn no_proper_prefix_of_a_link_counts_and_trying_burns_none() {
    let server = open_server().await;
    let link = alices_link(&server).await;
    let mut person = Person::new(&server);
    for end in link.find('=').unwrap() + 1..link.len() {
        assert_eq!(person.open(&link[..end]).await.status, 400, "{end}");
    }
    assert_eq!(choose(&server, &link, STRONG).await.status, 303);
}

/// A locked account stays locked, and an address that was not proven gets no link
#[tokio::test]
async fn no_link_goes_to_whom_it_does_not_belong() {
    let server = open_server().await;
    let (store, alice) = (&server.inside().context.store, server.inside().alice);
    let link = alices_link(&server).await;
    store.set_locked(alice, true).await.unwrap();
    assert_eq!(Person::new(&server).open(&link).await.status, 400);
    let sent = mails(&server).len();
    forget(&mut Person::new(&server), "alice").await;
    store.set_locked(alice, false).await.unwrap();
    let unproven = json!({"email": "alice@example.com"}).as_object().unwrap().clone();
    store.set_claims(alice, &unproven, server.inside().clock.time()).await.unwrap();
    forget(&mut Person::new(&server), "alice").await;
    assert_eq!(mails(&server).len(), sent);
}
