//! Accounts that people make themselves.

use grantlet::model::user::Login;
use serde_json::json;

use super::{STRONG, follow, form, last_mail, link, login_page, mailed_link, mails, open_server, send_password};
use crate::support::event::Event;
use crate::support::oauth::{As, authorization_query, claims, exchange, parameter, token};
use crate::support::person::{Account, Person};
use crate::support::server::{Reply, Server};

const CAROL: &str = "carol@example.com";

/// Asks for an account, and answers with the page after it.
async fn ask(person: &mut Person<'_>, email: &str) -> Reply {
    let login = login_page(person).await;
    let page = person.open(&link(&login, "to-sign-up")).await;
    let sent = person.submit(&form(&page, "sign-up").fill("email", email), "send-link").await;
    follow(person, &sent).await
}

/// Chooses a password on the page behind a link.
async fn choose(person: &mut Person<'_>, link: &str, password: &str) -> Reply {
    let page = person.open(link).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert_eq!(page.header("referrer-policy"), Some("strict-origin"));
    person.submit(&form(&page, "choose").fill("password", password), "save").await
}

/// OpenID Connect Core section 5.1: `email_verified`
#[tokio::test]
async fn somebody_shows_an_address_chooses_a_password_and_goes_on_where_they_wanted_to() {
    let server = open_server().await;
    let mut carol = Person::new(&server);
    let sent = ask(&mut carol, " Carol@EXAMPLE.com ").await;
    assert!(sent.body.contains("id=\"sent\""), "{sent:?}");
    let mail = last_mail(&server);
    assert_eq!(mail.to.as_str(), "Carol@example.com");
    assert!(mail.subject.contains("issuer.example"), "{}", mail.subject);
    assert_eq!(server.inside().stored().into_keys().collect::<Vec<_>>(), ["attempt"], "nothing is kept before");

    let link = mailed_link(&server, &mail);
    for weak in ["", "short", "password1", "carol@example.com", "issuer.example"] {
        let refused = choose(&mut carol, &link, weak).await;
        assert_eq!(refused.status, 400, "{weak}");
        assert!(refused.body.contains("role=\"alert\""), "{refused:?}");
    }
    let done = choose(&mut carol, &link, STRONG).await;
    let consent = follow(&mut carol, &done).await;
    let allowed = carol.submit(&form(&consent, "consent"), "allow").await;
    let code = parameter(allowed.header("location").unwrap(), "code").unwrap();
    let tokens = exchange(&server, As::Basic("app"), &code).await;
    let claims = claims(&token(&tokens, "id_token"));
    assert_eq!(claims["amr"], json!(["pwd"]));
    let info = crate::support::oauth::userinfo(&server, &token(&tokens, "access_token")).await.json();
    assert_eq!((info["email"].as_str(), info["email_verified"].as_bool()), (Some("Carol@example.com"), Some(true)));

    // And in another browser, by the password.
    let mut elsewhere = Person::new(&server);
    let login = login_page(&mut elsewhere).await;
    assert_eq!(send_password(&mut elsewhere, &login, Account { username: CAROL, password: STRONG }).await.status, 303);
}

/// OWASP Forgot Password Cheat Sheet: a link alone logs nobody in; login CSRF
#[tokio::test]
async fn a_link_that_is_opened_in_another_browser_makes_the_account_and_logs_nobody_in() {
    let server = open_server().await;
    ask(&mut Person::new(&server), CAROL).await;
    let mut elsewhere = Person::new(&server);
    let done = choose(&mut elsewhere, &mailed_link(&server, &last_mail(&server)), STRONG).await;
    assert!(done.cookies.iter().all(|cookie| !cookie.contains("session")), "{done:?}");
    assert!(follow(&mut elsewhere, &done).await.body.contains("id=\"finished\""));
    assert!(!server.inside().stored().contains_key("session"));
    let login = login_page(&mut elsewhere).await;
    assert_eq!(send_password(&mut elsewhere, &login, Account { username: CAROL, password: STRONG }).await.status, 303);
}

/// A link counts once, for what it was made, for an hour
#[tokio::test]
async fn a_link_is_good_once_and_for_an_hour_and_for_nothing_else() {
    let server = open_server().await;
    let mut carol = Person::new(&server);
    ask(&mut carol, CAROL).await;
    let link = mailed_link(&server, &last_mail(&server));
    let token = link.split_once('=').unwrap().1;
    for (path, text) in [
        ("/login/reset", token.to_owned()),
        ("/login/verify", String::new()),
        ("/login/verify", token[..token.len() - 1].to_owned()),
        ("/login/verify", format!("{token}A")),
        ("/login/verify", "A".repeat(8_000)),
        ("/login/verify", "%00".to_owned()),
    ] {
        assert_eq!(carol.open(&format!("{path}?token={text}")).await.status, 400, "{path} {text}");
    }
    server.inside().clock.advance(3_599);
    let page = carol.open(&link).await;
    // Opening it does nothing, however often.
    assert_eq!(server.inside().context.store.find_login(&Login::Local(CAROL.to_owned())).await.unwrap(), None);
    let save = form(&page, "choose").fill("password", STRONG);
    // The form belongs to the browser.
    assert_eq!(Person::new(&server).submit(&save, "save").await.status, 403);
    assert_eq!(
        server.send(&Event::post_form("/login/verify", &save.press("save")).header("origin", "https://evil.example")).await.status,
        403
    );
    assert_eq!(carol.submit(&save, "save").await.status, 303);
    assert_eq!(carol.submit(&save, "save").await.status, 400, "it was used");
    server.inside().clock.advance(1);
    assert_eq!(carol.open(&link).await.status, 400, "it is over");
}

/// Zitadel CVE-2026-27840: each proper prefix of what stands in a link
#[tokio::test]
async fn no_proper_prefix_of_a_link_counts_and_trying_burns_none() {
    let server = open_server().await;
    let mut carol = Person::new(&server);
    ask(&mut carol, CAROL).await;
    let link = mailed_link(&server, &last_mail(&server));
    for end in link.find('=').unwrap() + 1..link.len() {
        assert_eq!(carol.open(&link[..end]).await.status, 400, "{end}");
    }
    assert_eq!(choose(&mut carol, &link, STRONG).await.status, 303);
}

/// Two links for one address make one account
#[tokio::test]
async fn of_two_links_for_the_same_address_one_makes_the_account() {
    let server = open_server().await;
    let mut carol = Person::new(&server);
    ask(&mut carol, CAROL).await;
    ask(&mut carol, CAROL).await;
    let [first, second] = &mails(&server)[..] else { panic!("two mails") };
    assert_eq!(choose(&mut carol, &mailed_link(&server, second), STRONG).await.status, 303);
    assert_eq!(choose(&mut carol, &mailed_link(&server, first), "another garlic unicycle 9").await.status, 400);
    let mut elsewhere = Person::new(&server);
    let login = login_page(&mut elsewhere).await;
    assert_eq!(send_password(&mut elsewhere, &login, Account { username: CAROL, password: STRONG }).await.status, 303);
}

#[tokio::test]
async fn nobody_signs_up_where_the_operator_did_not_open_the_door() {
    let closed = Server::local(json!({})).await;
    let mut carol = Person::new(&closed);
    let login = login_page(&mut carol).await;
    assert!(!login.body.contains("to-sign-up"), "{login:?}");
    assert_eq!(carol.open("/login/signup").await.status, 400);
    assert_eq!(closed.send(&Event::post_form("/login/signup", "email=carol%40example.com")).await.status, 400);

    let settings = json!({"accounts": {"registration": "open", "registration_domains": ["example.com"]}});
    let some = Server::local(settings).await;
    let mut carol = Person::new(&some);
    let login = login_page(&mut carol).await;
    let page = carol.open(&link(&login, "to-sign-up")).await;
    for (email, status) in [("carol@example.net", 400), ("carol", 400), ("carol@example.com", 303)] {
        assert_eq!(carol.submit(&form(&page, "sign-up").fill("email", email), "send-link").await.status, status, "{email}");
    }
    assert_eq!(mails(&some).len(), 1);
}

/// The door was closed after the mail was sent
#[tokio::test]
async fn a_link_makes_no_account_once_the_door_is_closed() {
    let server = open_server().await;
    let mut carol = Person::new(&server);
    ask(&mut carol, CAROL).await;
    let page = carol.open(&mailed_link(&server, &last_mail(&server))).await;
    server.inside().context.store.replace_settings(&grantlet::model::settings::Settings::default()).await.unwrap();
    server.inside().clock.advance(700);
    assert_eq!(carol.submit(&form(&page, "choose").fill("password", STRONG), "save").await.status, 400);
}

/// Nobody's mailbox is filled by somebody else
#[tokio::test]
async fn an_address_gets_so_many_mails_an_hour_and_a_network_sends_so_many() {
    let server = open_server().await;
    let mut person = Person::new(&server);
    let login = login_page(&mut person).await;
    let page = person.open(&link(&login, "to-sign-up")).await;
    let send = |email: &str| form(&page, "sign-up").fill("email", email);
    for _ in 0..6 {
        assert_eq!(person.submit(&send(CAROL), "send-link").await.status, 303);
    }
    let refused = person.submit(&send(CAROL), "send-link").await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_some());
    for index in 0..13 {
        assert_eq!(person.submit(&send(&format!("dave{index}@example.com")), "send-link").await.status, 303, "{index}");
    }
    assert_eq!(person.submit(&send("erin@example.com"), "send-link").await.status, 429);
    let mut elsewhere = Person::new(&server).at("198.51.100.7");
    elsewhere.cookies = person.cookies.clone();
    assert_eq!(elsewhere.submit(&send("erin@example.com"), "send-link").await.status, 303);
    server.inside().clock.advance(3_600);
    assert_eq!(person.submit(&send(CAROL), "send-link").await.status, 303);
}

/// RFC 9700 section 4.11: the way back in a link is one of this server's own
#[tokio::test]
async fn the_way_back_is_no_open_redirect() {
    let server = open_server().await;
    let mut person = Person::new(&server);
    for evil in ["account=https://evil.example", "account=//evil.example", "request=x&account=/account", "user_code=1"] {
        assert_eq!(person.open(&format!("/login/signup?{evil}")).await.status, 400, "{evil}");
    }
    let page = person.open("/login/signup").await;
    assert_eq!(form(&page, "sign-up").field("account"), "/account");
    // The languages of the request count on these pages as well.
    let query = authorization_query("app", &[("ui_locales", Some("de"))]);
    let login = person.open(&format!("/authorize?{query}")).await;
    assert!(person.open(&link(&login, "to-sign-up")).await.body.contains("<html lang=\"de\""));
}
