//! What people change about their password and their address.

use grantlet::model::event::EventKind;
use grantlet::model::user::Login;
use serde_json::json;

use super::{STRONG, alice_at, events, follow, form, last_mail, login_page, mailed_link, mails, open_server, send_password};
use crate::support::oauth::ALICE;
use crate::support::person::{Account, Person};

/// OWASP Session Management Cheat Sheet: a new password ends the other sessions
#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_the_old_one_and_everybody_else_is_logged_out() {
    let server = open_server().await;
    let (mut elsewhere, _) = alice_at(&server, "/account").await;
    let (mut alice, page) = alice_at(&server, "/account/password").await;
    let change = |current: &str, new: &str| form(&page, "change-password").fill("current", current).fill("password", new);
    for (current, new, status) in
        [("wrong", STRONG, 403), ("", STRONG, 403), (ALICE.password, "alice2024", 400), (ALICE.password, "short", 400)]
    {
        let refused = alice.submit(&change(current, new), "save").await;
        assert_eq!(refused.status, status, "{current} {new}");
        assert!(refused.body.contains("role=\"alert\""));
    }
    assert!(elsewhere.open("/account").await.body.contains("id=\"sign-out\""));
    let done = alice.submit(&change(ALICE.password, STRONG), "save").await;
    assert!(follow(&mut alice, &done).await.body.contains("id=\"notice\""));
    assert!(elsewhere.open("/account").await.body.contains("id=\"login\""));
    assert_eq!(events(&server).await, [EventKind::PasswordChanged]);
    assert!(last_mail(&server).text.contains("password"), "{}", last_mail(&server).text);
    let login = login_page(&mut elsewhere).await;
    assert_eq!(send_password(&mut elsewhere, &login, ALICE).await.status, 403);
    assert_eq!(send_password(&mut elsewhere, &login, Account { password: STRONG, ..ALICE }).await.status, 303);
}

/// Guesses at the present password are counted
#[tokio::test]
async fn an_open_browser_is_no_place_to_guess_the_password() {
    let server = open_server().await;
    let (mut alice, page) = alice_at(&server, "/account/password").await;
    let wrong = form(&page, "change-password").fill("current", "wrong").fill("password", STRONG);
    for _ in 0..10 {
        assert_eq!(alice.submit(&wrong, "save").await.status, 403);
    }
    let right = form(&page, "change-password").fill("current", ALICE.password).fill("password", STRONG);
    assert_eq!(alice.submit(&right, "save").await.status, 429);
    server.inside().clock.advance(601);
    assert!(alice.submit(&right, "save").await.body.contains("id=\"login\""), "the login is too old");
}

/// The new address is proven, the old one told
#[tokio::test]
async fn an_address_changes_once_the_link_that_went_there_was_followed() {
    let server = open_server().await;
    let (store, alice_id) = (&server.inside().context.store, server.inside().alice);
    let (mut alice, page) = alice_at(&server, "/account/email").await;
    assert!(page.body.contains("alice@example.com"));
    let send = |email: &str| form(&page, "change-email").fill("email", email);
    assert_eq!(alice.submit(&send("nonsense"), "send-link").await.status, 400);
    let done = alice.submit(&send("alice@example.net"), "send-link").await;
    assert!(follow(&mut alice, &done).await.body.contains("id=\"notice\""));
    let link = mailed_link(&server, &last_mail(&server));
    assert_eq!(last_mail(&server).to.as_str(), "alice@example.net");
    let email = async || store.find_user(alice_id).await.unwrap().unwrap().claims["email"].clone();
    let confirm = alice.open(&link).await;
    assert_eq!(email().await, "alice@example.com", "opening it changes nothing");
    // What else she says about herself meanwhile does not touch the link.
    let profile = alice.open("/account/profile").await;
    assert_eq!(alice.submit(&form(&profile, "profile-form").fill("nickname", "Ali"), "save").await.status, 303);
    let done = alice.submit(&form(&confirm, "confirm-email"), "confirm").await;
    assert!(follow(&mut alice, &done).await.body.contains("id=\"finished\""));
    assert_eq!(email().await, "alice@example.net");
    assert_eq!(events(&server).await, [EventKind::EmailChanged, EventKind::ProfileChanged]);
    assert_eq!(last_mail(&server).to.as_str(), "alice@example.com", "the old address is told");
    assert_eq!(alice.submit(&form(&confirm, "confirm-email"), "confirm").await.status, 400, "it counts once");
    // Her name to log in with was none of it.
    assert_eq!(store.find_login(&Login::Local("alice".to_owned())).await.unwrap(), Some(alice_id));
}

/// Who logs in by an address logs in by the new one
#[tokio::test]
async fn a_name_that_is_an_address_moves_along_unless_it_is_somebody_else_s() {
    let server = open_server().await;
    let (context, alice) = (&server.inside().context, server.inside().alice);
    let user = context.store.find_user(alice).await.unwrap().unwrap();
    let named = |name: &str| grantlet::model::user::User { username: Some(name.to_owned()), ..user.clone() };
    let local = |name: &str| Login::Local(name.to_owned());
    let renamed = named("alice@example.com");
    assert!(context.store.rename_user(&user, &local("alice"), &local("alice@example.com"), &renamed).await.unwrap());
    assert!(
        !context.store.rename_user(&user, &local("alice"), &local("x@example.com"), &named("x@example.com")).await.unwrap(),
        "not as it was"
    );

    let account = Account { username: "alice@example.com", ..ALICE };
    let mut person = Person::new(&server);
    let login = person.open("/account/email").await;
    let done = send_password(&mut person, &login, account).await;
    let page = follow(&mut person, &done).await;
    person.submit(&form(&page, "change-email").fill("email", "Alice@example.net"), "send-link").await;
    let confirm = person.open(&mailed_link(&server, &last_mail(&server))).await;
    assert_eq!(person.submit(&form(&confirm, "confirm-email"), "confirm").await.status, 303);
    assert_eq!(context.store.find_login(&local("alice@example.com")).await.unwrap(), None);
    assert_eq!(context.store.find_login(&local("alice@example.net")).await.unwrap(), Some(alice));
    let user = context.store.find_user(alice).await.unwrap().unwrap();
    assert_eq!((user.username.as_deref(), &user.claims["email_verified"]), (Some("Alice@example.net"), &json!(true)));
}

/// Account enumeration: an address that is another account's name looks like any other
#[tokio::test]
async fn an_address_of_another_account_gets_a_mail_that_says_so() {
    let server = open_server().await;
    let mut carol = Person::new(&server);
    let page = carol.open("/login/signup").await;
    carol.submit(&form(&page, "sign-up").fill("email", "carol@example.com"), "send-link").await;
    let choose = carol.open(&mailed_link(&server, &last_mail(&server))).await;
    assert_eq!(carol.submit(&form(&choose, "choose").fill("password", STRONG), "save").await.status, 303);

    let (mut alice, page) = alice_at(&server, "/account/email").await;
    let send = |email: &str| form(&page, "change-email").fill("email", email);
    let known = alice.submit(&send("carol@example.com"), "send-link").await;
    let unknown = alice.submit(&send("dave@example.com"), "send-link").await;
    assert_eq!((known.status, known.header("location")), (unknown.status, unknown.header("location")));
    let all = mails(&server);
    let [.., to_carol, to_dave] = &all[..] else { panic!("two mails") };
    assert!(to_carol.text.contains("already") && !to_carol.text.contains("token="), "{}", to_carol.text);
    assert!(to_dave.text.contains("/login/verify?token="));
}
