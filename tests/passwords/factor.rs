//! Second factors: TOTP (RFC 6238) and recovery codes.

use grantlet::model::event::EventKind;
use grantlet::model::secret::Secret;
use grantlet::model::user::{Login, Subject, User, UserId};
use grantlet::password::hash_password;
use serde_json::json;

use super::{
    Phone, STRONG, alice_at, events, follow, form, last_mail, login_page, mails, open_server, send_code, send_password, shown_codes,
};
use crate::support::event::Event;
use crate::support::oauth::{ALICE, As, authorization_query, claims, encode, exchange, parameter, token};
use crate::support::person::{Account, Person};
use crate::support::server::{Reply, Server};
use crate::support::totp::code_at;

const ESSENTIAL: &str = r#"{"id_token":{"acr":{"essential":true,"values":["urn:grantlet:acr:multi-factor"]}}}"#;

/// Alice sends her password, and sees the page that asks for the second factor.
async fn asked(server: &Server) -> (Person<'_>, Reply) {
    let mut person = Person::new(server);
    let login = login_page(&mut person).await;
    let page = send_password(&mut person, &login, ALICE).await;
    assert_eq!(page.status, 200, "{page:?}");
    (person, page)
}

/// OpenID Connect Core section 2, RFC 8176: `amr`, `acr`; a code is issued only after the second factor
#[tokio::test]
async fn a_password_alone_opens_nothing_and_with_the_app_s_code_it_is_two_factors() {
    let server = open_server().await;
    let phone = Phone::set_up(&server).await;
    server.inside().forget("session");
    server.inside().forget("attempt");
    let (mut alice, page) = asked(&server).await;
    assert_eq!(server.inside().stored().keys().collect::<Vec<_>>(), ["attempt", "events"], "nobody is logged in");
    assert!(alice.cookies.keys().all(|name| !name.contains("session")));
    // The request shows the login page as before.
    assert!(login_page(&mut alice).await.body.contains("id=\"login\""));

    let done = send_code(&mut alice, &page, &phone.code(&server)).await;
    let consent = follow(&mut alice, &done).await;
    let allowed = alice.submit(&form(&consent, "consent"), "allow").await;
    let code = parameter(allowed.header("location").unwrap(), "code").unwrap();
    let id_token = claims(&token(&exchange(&server, As::Basic("app"), &code).await, "id_token"));
    assert_eq!((&id_token["amr"], &id_token["acr"]), (&json!(["pwd", "otp", "mfa"]), &json!("urn:grantlet:acr:multi-factor")));
    assert_eq!(events(&server).await, [EventKind::FactorAdded]);
}

/// RFC 6238 section 5.2: one step early or late, and once
#[tokio::test]
async fn a_code_counts_a_step_early_or_late_and_once() {
    let server = open_server().await;
    let phone = Phone::set_up(&server).await;
    let now = server.inside().clock.time().0;
    for (time, counts) in
        [(now + 60, false), (now - 60, false), (now, true), (now, false), (now - 30, false), (now + 30, true), (now, false)]
    {
        let (mut alice, page) = asked(&server).await;
        let answer = send_code(&mut alice, &page, &code_at(&phone.key, time)).await;
        assert_eq!(answer.status, if counts { 303 } else { 403 }, "{}", time - now);
        assert_eq!(alice.cookies.keys().any(|name| name.contains("session")), counts);
        server.inside().forget("attempt");
    }
}

/// Four at once: one conditional write decides
#[tokio::test]
async fn of_many_parallel_uses_of_a_code_one_logs_in() {
    let server = open_server().await;
    let phone = Phone::set_up(&server).await;
    let code = phone.code(&server);
    let (alice, page) = asked(&server).await;
    let mut browsers: [_; 4] = std::array::from_fn(|_| alice.clone());
    let [first, second, third, fourth] = &mut browsers;
    let replies: [Reply; 4] = tokio::join!(
        send_code(first, &page, &code),
        send_code(second, &page, &code),
        send_code(third, &page, &code),
        send_code(fourth, &page, &code),
    )
    .into();
    assert_eq!(replies.iter().filter(|reply| reply.status == 303).count(), 1);
}

/// NIST SP 800-63B section 3.1.2: look-up secrets
#[tokio::test]
async fn a_recovery_code_stands_in_once_and_the_person_is_told() {
    let server = open_server().await;
    let phone = Phone::set_up(&server).await;
    let (mut alice, page) = asked(&server).await;
    // As people type it.
    let done = send_code(&mut alice, &page, &phone.codes[3].to_uppercase().replace('-', " ")).await;
    assert_eq!(done.status, 303, "{done:?}");
    assert!(last_mail(&server).text.contains("9 are left"), "{}", last_mail(&server).text);
    assert_eq!(events(&server).await[0], EventKind::RecoveryCodeUsed);
    let (mut again, page) = asked(&server).await;
    for wrong in [phone.codes[3].as_str(), "aaaa-aaaa-aaaa-aaaa", "", "x", "1234567", &"9".repeat(65)] {
        let refused = send_code(&mut again, &page, wrong).await;
        assert_eq!(refused.status, 403, "{wrong}");
        assert!(refused.body.contains("role=\"alert\""));
    }
    assert_eq!(send_code(&mut again, &page, &phone.codes[4]).await.status, 303);
}

/// The page belongs to the browser, to the request, to five minutes and to the password
#[tokio::test]
async fn what_waits_for_the_second_factor_can_not_be_carried_elsewhere() {
    let server = open_server().await;
    let phone = Phone::set_up(&server).await;
    let (mut alice, page) = asked(&server).await;
    let right = form(&page, "factor").fill("code", &phone.codes[0]);

    let mut other = Person::new(&server);
    login_page(&mut other).await;
    let another = authorization_query("app", &[("state", Some("another"))]);
    let context = &server.inside().context;
    for (refused, why) in [
        (other.submit(&right, "confirm").await, "another browser"),
        (alice.submit(&right.clone().fill("request", &another), "confirm").await, "another request"),
        (alice.submit(&right.clone().fill("pending", ""), "confirm").await, "nothing sealed"),
        (alice.submit(&right.clone().fill("pending", &right.field("pending")[1..]), "confirm").await, "something else sealed"),
        (alice.submit(&right.clone().fill("form_token", "x"), "confirm").await, "no token"),
    ] {
        assert_eq!(refused.status, 403, "{why}");
        assert!(refused.body.contains("id=\"login\"") && refused.cookies.iter().all(|cookie| !cookie.contains("session")), "{why}");
    }
    // A link that was mailed is none of it, and the reverse.
    assert_eq!(alice.open(&format!("/login/reset?token={}", right.field("pending"))).await.status, 400);
    context.store.set_password(server.inside().alice, &hash_password(&Secret::new(STRONG), &*context.random)).await.unwrap();
    assert!(alice.submit(&right, "confirm").await.body.contains("id=\"login\""), "another password");

    let mut alice = Person::new(&server);
    let login = login_page(&mut alice).await;
    let page = send_password(&mut alice, &login, Account { password: STRONG, ..ALICE }).await;
    context.store.set_locked(server.inside().alice, true).await.unwrap();
    assert!(send_code(&mut alice, &page, &phone.codes[0]).await.body.contains("id=\"login\""), "a locked account");
    context.store.set_locked(server.inside().alice, false).await.unwrap();
    server.inside().clock.advance(300);
    assert!(send_code(&mut alice, &page, &phone.codes[0]).await.body.contains("id=\"login\""), "five minutes");
    server.inside().clock.advance(-1);
    assert_eq!(send_code(&mut alice, &page, &phone.codes[0]).await.status, 303);
}

/// OWASP Multifactor Authentication Cheat Sheet: guesses are bounded, and nobody is locked out for good
#[tokio::test]
async fn guessing_ends_for_a_network_and_for_six_digits_everywhere_but_not_for_recovery_codes() {
    let server = open_server().await;
    let phone = Phone::set_up(&server).await;
    let mut digits = 0;
    for network in 0..4 {
        let mut person = Person::new(&server).at(&format!("198.51.100.{network}"));
        let login = login_page(&mut person).await;
        let page = send_password(&mut person, &login, ALICE).await;
        for attempt in 0..11 {
            let status = send_code(&mut person, &page, "000000").await.status;
            let expected = if attempt < 10 && digits < 30 { 403 } else { 429 };
            assert_eq!(status, expected, "{network} {attempt}");
            digits += u32::from(status == 403);
        }
    }
    let mut alice = Person::new(&server).at("203.0.113.9");
    let login = login_page(&mut alice).await;
    let page = send_password(&mut alice, &login, ALICE).await;
    let refused = send_code(&mut alice, &page, &phone.code(&server)).await;
    assert_eq!(refused.status, 429, "the right code as well");
    assert!(refused.body.contains("recovery code"), "{refused:?}");
    assert_eq!(send_code(&mut alice, &page, &phone.codes[0]).await.status, 303);
    server.inside().clock.advance(3_600);
    let (mut alice, page) = asked(&server).await;
    assert_eq!(send_code(&mut alice, &page, &phone.code(&server)).await.status, 303);
}

/// OpenID Connect Core section 5.5.1.1: an essential `acr`
#[tokio::test]
async fn a_client_that_demands_two_factors_gets_them_or_is_told() {
    let server = open_server().await;
    let query = authorization_query("app", &[("claims", Some(ESSENTIAL))]);
    // Without a second factor it can't be reached; a page says so, and the client is told.
    let mut person = Person::new(&server);
    let login = person.open(&format!("/authorize?{query}")).await;
    let done = send_password(&mut person, &login, ALICE).await;
    let page = follow(&mut person, &done).await;
    let told = person.submit(&form(&page, "stronger"), "leave").await;
    assert_eq!(parameter(told.header("location").unwrap(), "error").as_deref(), Some("unmet_authentication_requirements"));

    let (mut alice, _) = alice_at(&server, "/account").await;
    let phone = Phone::set_up(&server).await;
    // Her older login was by one factor.
    let login = alice.open(&format!("/authorize?{query}")).await;
    let page = send_password(&mut alice, &login, ALICE).await;
    let done = send_code(&mut alice, &page, &phone.code(&server)).await;
    let consent = follow(&mut alice, &done).await;
    assert!(consent.body.contains("id=\"consent\""), "{consent:?}");
}

/// The browser of whoever found it open changes nothing
#[tokio::test]
async fn setting_up_changing_and_removing_take_a_recent_login() {
    let server = open_server().await;
    let (mut alice, page) = alice_at(&server, "/account/factors").await;
    server.inside().clock.advance(601);
    for button in ["begin"] {
        let refused = alice.submit(&form(&page, "factors"), button).await;
        assert!(refused.body.contains("id=\"login\""), "{refused:?}");
    }
    assert!(alice.open("/account/factors").await.body.contains("id=\"login\""));
}

/// A second factor stands beside a password that somebody can log in with: the site's own people have none
#[tokio::test]
async fn nobody_sets_up_a_second_factor_without_a_name_to_log_in_with() {
    let server = open_server().await;
    let context = &server.inside().context;
    let alice = context.store.find_user(server.inside().alice).await.unwrap().unwrap();
    let nameless = User { id: UserId(context.ulid()), subject: Subject("user-7".to_owned()), username: None, ..alice };
    // A password that the operator set, and a session as the site's login would have opened it.
    assert!(context.store.create_user(&nameless, &Login::Local("nameless".to_owned())).await.unwrap());
    let mut person = Person::new(&server);
    let login = person.open("/account/factors").await;
    let done = send_password(&mut person, &login, Account { username: "nameless", ..ALICE }).await;
    let page = follow(&mut person, &done).await;
    assert!(page.body.contains("id=\"no-password\"") && !page.body.contains("id=\"begin\""), "{page:?}");
    let forged = format!("{}&step=begin", encode(&[("form_token", form(&page, "factors").field("form_token"))]));
    let event = Event::post_form("/account/factors", &forged).header("origin", server.issuer()).header("sec-fetch-site", "same-origin");
    let refused = person.send(event).await;
    assert_eq!((refused.status, refused.header("location")), (303, Some("/account/factors")), "{refused:?}");
}

/// A seed counts once its code was shown, for fifteen minutes, for the person who asked
#[tokio::test]
async fn an_app_is_switched_on_by_its_first_code_alone() {
    let server = open_server().await;
    let (mut alice, page) = alice_at(&server, "/account/factors").await;
    let enrol = alice.submit(&form(&page, "factors"), "begin").await;
    assert!(enrol.body.contains("<svg") && enrol.body.contains("otpauth://totp/issuer%2Eexample:alice?secret="), "{enrol:?}");
    let confirm = form(&enrol, "enrol");
    let store = &server.inside().context.store;
    for wrong in ["000000", "", "abcdefgh"] {
        assert_eq!(alice.submit(&confirm.clone().fill("code", wrong), "confirm").await.status, 403, "{wrong}");
    }
    assert_eq!(store.find_factors(server.inside().alice).await.unwrap(), None);
    let key = enrol.body.split("<code id=\"key\">").nth(1).unwrap().split("</code>").next().unwrap();
    let code = code_at(key, server.inside().clock.time().0);
    let right = confirm.fill("code", &code);
    let tampered = right.clone().fill("pending", &right.field("pending").replace('A', "B"));
    assert_eq!(alice.submit(&tampered, "confirm").await.status, 303);
    assert_eq!(store.find_factors(server.inside().alice).await.unwrap(), None);
    let codes = shown_codes(&alice.submit(&right, "confirm").await);
    // Sent twice, it changes nothing and shows nothing.
    assert_eq!(alice.submit(&right, "confirm").await.status, 303);
    let kept = store.find_factors(server.inside().alice).await.unwrap().unwrap();
    assert_eq!(kept.recovery.len(), codes.len());
    assert!(!format!("{kept:?}").contains(&codes[0]));
    // And the code that showed it is spent.
    let (mut again, page) = asked(&server).await;
    assert_eq!(send_code(&mut again, &page, &code).await.status, 403);
}

/// Old codes count no more, and a factor that is gone is not asked for
#[tokio::test]
async fn recovery_codes_are_renewed_and_a_factor_is_removed() {
    let server = open_server().await;
    let phone = Phone::set_up(&server).await;
    let (mut alice, page) = asked(&server).await;
    let done = send_code(&mut alice, &page, &phone.code(&server)).await;
    follow(&mut alice, &done).await;
    let page = alice.open("/account/factors").await;
    assert!(page.body.contains("10 recovery codes are left") && !page.body.contains("few-codes"), "{page:?}");
    let codes = shown_codes(&alice.submit(&form(&page, "factors"), "renew").await);
    let (mut other, asks) = asked(&server).await;
    assert_eq!(send_code(&mut other, &asks, &phone.codes[0]).await.status, 403);
    for code in &codes[..7] {
        let (mut other, asks) = asked(&server).await;
        assert_eq!(send_code(&mut other, &asks, code).await.status, 303);
        server.inside().forget("attempt");
    }
    assert!(alice.open("/account/factors").await.body.contains("id=\"few-codes\""));
    let gone = alice.submit(&form(&page, "factors"), "remove").await;
    assert!(follow(&mut alice, &gone).await.body.contains("id=\"factor-off\""));
    assert_eq!(send_code(&mut other, &asks, &codes[8]).await.status, 403);
    let mut person = Person::new(&server);
    let login = login_page(&mut person).await;
    assert_eq!(send_password(&mut person, &login, ALICE).await.status, 303);
    assert_eq!(events(&server).await[0], EventKind::FactorRemoved);
    let subjects: Vec<_> = mails(&server).into_iter().map(|mail| mail.to.as_str().to_owned()).collect();
    assert!(subjects.iter().all(|to| to == "alice@example.com") && subjects.len() == 10, "{subjects:?}");
}

/// A removed user leaves nothing behind
#[tokio::test]
async fn a_person_who_is_removed_takes_the_second_factor_along() {
    let server = open_server().await;
    Phone::set_up(&server).await;
    let (store, alice) = (&server.inside().context.store, server.inside().alice);
    store.remove_user(alice).await.unwrap();
    assert_eq!(store.find_factors(alice).await.unwrap(), None);
    assert_eq!(store.find_login(&Login::Local("alice".to_owned())).await.unwrap(), None);
}
