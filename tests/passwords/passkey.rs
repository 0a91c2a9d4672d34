//! Accounts that people make with a passkey in place of a password.

use grantlet::model::passkey::PasskeyId;
use grantlet::model::user::{Login, User};
use serde_json::{Value, json};

use super::{STRONG, follow, form, last_mail, link, login_page, mailed_link, open_server, send_password};
use crate::passkeys::WRONG_CREATIONS;
use crate::support::authenticator::{Authenticator, Said, USER_PRESENT};
use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::oauth::{As, claims, exchange, parameter, token, userinfo};
use crate::support::passkeys::{give_passkey, log_in, login_page as passkey_login_page, post};
use crate::support::person::{Account, Person};
use crate::support::server::{Reply, Server};

const CAROL: &str = "carol@example.com";
const OPTIONS: &str = "/login/verify/options";

/// Asks for an account with this address, and answers with the link that is mailed.
async fn ask(server: &Server, person: &mut Person<'_>, email: &str) -> String {
    let login = login_page(person).await;
    let page = person.open(&link(&login, "to-sign-up")).await;
    assert!(page.body.contains("create a passkey or choose a password"), "{page:?}");
    assert_eq!(person.submit(&form(&page, "sign-up").fill("email", email), "send-link").await.status, 303);
    mailed_link(server, &last_mail(server))
}

/// Opens the page behind a link.
async fn open(person: &mut Person<'_>, link: &str) -> Reply {
    let page = person.open(link).await;
    assert_eq!((page.status, page.header("referrer-policy")), (200, Some("strict-origin")), "{page:?}");
    assert!(page.header("content-security-policy").unwrap().contains("connect-src 'self'"));
    page
}

/// Asks for a challenge, as the script of the page does.
async fn challenge(person: &mut Person<'_>, server: &Server, page: &Reply) -> Value {
    let form = form(page, "add-passkey");
    assert!(page.body.contains(&format!("data-options=\"{OPTIONS}\"")), "{page:?}");
    let reply = post(person, server, OPTIONS, &form.press("create-passkey")).await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")), "{reply:?}");
    reply.json()
}

/// Sends what an authenticator answered, as the script does.
async fn send(person: &mut Person<'_>, page: &Reply, challenge: &Value, answer: &Value) -> Reply {
    let form = form(page, "add-passkey").fill("challenge", challenge["challenge"].as_str().expect("a challenge"));
    person.submit(&form.fill("credential", &answer.to_string()), "create-passkey").await
}

/// Makes the account behind a link, with `change` to what the authenticator says.
async fn create(
    person: &mut Person<'_>,
    server: &Server,
    page: &Reply,
    authenticator: &mut Authenticator,
    change: impl FnOnce(&mut Said),
) -> Reply {
    let challenge = challenge(person, server, page).await;
    let mut said = authenticator.about_to_create(&challenge["publicKey"], server.issuer());
    change(&mut said);
    send(person, page, &challenge, &authenticator.create(&said)).await
}

/// The account with this name, if there is one.
async fn find(server: &Server, name: &str) -> Option<User> {
    let store = &server.inside().context.store;
    let id = store.find_login(&Login::Local(name.to_owned())).await.unwrap()?;
    store.find_user(id).await.unwrap()
}

fn assert_not_made(reply: &Reply) {
    assert_eq!(reply.status, 400, "{reply:?}");
    assert!(reply.body.contains("The passkey could not be added.") && Form::find(&reply.body, "choose").is_some(), "{reply:?}");
    assert!(reply.cookies.iter().all(|cookie| !cookie.contains("session")), "{reply:?}");
}

/// WebAuthn Level 3 section 7.1; RFC 8176 section 2; OpenID Connect EAP ACR Values section 2
#[tokio::test]
async fn somebody_makes_an_account_with_a_passkey_and_goes_on_where_they_wanted_to() {
    let server = open_server().await;
    let mut carol = Person::new(&server);
    let link = ask(&server, &mut carol, "Carol@example.com").await;
    let page = open(&mut carol, &link).await;
    let mut authenticator = Authenticator::new();
    let challenge = challenge(&mut carol, &server, &page).await;
    let told = &challenge["publicKey"];
    assert_eq!((told["user"]["name"].as_str(), told["excludeCredentials"].as_array().map_or(0, Vec::len)), (Some("Carol@example.com"), 0));
    assert_eq!(
        (&told["authenticatorSelection"]["residentKey"], &told["authenticatorSelection"]["userVerification"]),
        (&json!("required"), &json!("required"))
    );
    assert_eq!(server.inside().stored().into_keys().collect::<Vec<_>>(), ["attempt", "challenge"], "nothing else is kept before");
    assert_eq!(find(&server, CAROL).await, None);

    let said = authenticator.about_to_create(told, server.issuer());
    let done = send(&mut carol, &page, &challenge, &authenticator.create(&said)).await;
    let consent = follow(&mut carol, &done).await;
    let allowed = carol.submit(&form(&consent, "consent"), "allow").await;
    let code = parameter(allowed.header("location").unwrap(), "code").unwrap();
    let tokens = exchange(&server, As::Basic("app"), &code).await;
    let id_token = claims(&token(&tokens, "id_token"));
    assert_eq!((&id_token["acr"], &id_token["amr"]), (&json!("phr"), &json!(["pop", "user", "mfa"])));
    assert_eq!(id_token["auth_time"], server.inside().clock.time().0);
    let info = userinfo(&server, &token(&tokens, "access_token")).await.json();
    assert_eq!((info["email"].as_str(), info["email_verified"].as_bool()), (Some("Carol@example.com"), Some(true)));
    let made = find(&server, CAROL).await.unwrap();
    assert_eq!((made.password_hash, made.username.as_deref()), (None, Some("Carol@example.com")));

    // And in another browser, by the passkey; no password opens it.
    let mut elsewhere = Person::new(&server);
    let login = passkey_login_page(&mut elsewhere, &[]).await;
    for password in ["", STRONG] {
        assert_eq!(send_password(&mut elsewhere, &login, Account { username: CAROL, password }).await.status, 403);
    }
    assert_eq!(log_in(&mut elsewhere, &server, &login, &authenticator, |_| ()).await.status, 303);
}

/// Nobody locks themselves out: the passkey is the one way in until there is a password or another one
#[tokio::test]
async fn such_a_person_keeps_the_passkey_until_there_is_a_password() {
    let server = open_server().await;
    let mut carol = Person::new(&server);
    let link = ask(&server, &mut carol, CAROL).await;
    let page = open(&mut carol, &link).await;
    let mut authenticator = Authenticator::new();
    assert_eq!(create(&mut carol, &server, &page, &mut authenticator, |_| ()).await.status, 303);
    let remove = async |carol: &mut Person<'_>| {
        let page = carol.open("/account/passkeys").await;
        carol.submit(&form(&page, "change-1"), "remove-1").await
    };
    assert_eq!(remove(&mut carol).await.status, 409);

    // There is no present password to ask for.
    let page = carol.open("/account/password").await;
    assert!(!page.body.contains("id=\"current\""), "{page:?}");
    let set = carol.submit(&form(&page, "change-password").fill("password", STRONG), "save").await;
    assert_eq!(set.header("location"), Some("/account/password?done=password-changed"), "{set:?}");
    let mut elsewhere = Person::new(&server);
    let login = login_page(&mut elsewhere).await;
    assert_eq!(send_password(&mut elsewhere, &login, Account { username: CAROL, password: STRONG }).await.status, 303);
    assert_eq!(remove(&mut carol).await.status, 303);
    assert_eq!(server.inside().context.store.find_passkey(&PasskeyId::of(&authenticator.credential_id)).await.unwrap(), None);
}

/// Login CSRF: a link alone logs nobody in, whatever is made by it
#[tokio::test]
async fn a_link_that_is_opened_in_another_browser_makes_the_account_and_logs_nobody_in() {
    let server = open_server().await;
    let link = ask(&server, &mut Person::new(&server), CAROL).await;
    let mut elsewhere = Person::new(&server);
    let page = open(&mut elsewhere, &link).await;
    let mut authenticator = Authenticator::new();
    let done = create(&mut elsewhere, &server, &page, &mut authenticator, |_| ()).await;
    assert!(follow(&mut elsewhere, &done).await.body.contains("id=\"finished\""));
    assert!(!server.inside().stored().contains_key("session"));
    let login = passkey_login_page(&mut elsewhere, &[]).await;
    assert_eq!(log_in(&mut elsewhere, &server, &login, &authenticator, |_| ()).await.status, 303);
}

/// WebAuthn Level 3 section 13.4.3: a challenge counts once, in its browser, for the link that it was asked for with
#[tokio::test]
async fn a_challenge_is_bound_to_the_browser_and_to_what_was_entered() {
    let server = open_server().await;
    let mut carol = Person::new(&server);
    let link = ask(&server, &mut carol, CAROL).await;
    let link_of_dave = ask(&server, &mut carol, "dave@example.com").await;
    let (page, page_of_dave) = (open(&mut carol, &link).await, open(&mut carol, &link_of_dave).await);
    let mut authenticator = Authenticator::new();
    let challenge = challenge(&mut carol, &server, &page).await;
    let said = authenticator.about_to_create(&challenge["publicKey"], server.issuer());
    let answer = authenticator.create(&said);

    // Another browser with the same link, and this browser with another link.
    let mut thief = Person::new(&server);
    let page_of_thief = open(&mut thief, &link).await;
    assert_not_made(&send(&mut thief, &page_of_thief, &challenge, &answer).await);
    assert_not_made(&send(&mut carol, &page_of_dave, &challenge, &answer).await);
    // Its own challenge does not help the thief to what was answered to another.
    let own = self::challenge(&mut thief, &server, &page_of_thief).await;
    assert_not_made(&send(&mut thief, &page_of_thief, &own, &answer).await);
    // A challenge to log in is none to make an account.
    let login = login_page(&mut carol).await;
    let to_log_in = post(&mut carol, &server, "/login/passkey/options", &form(&login, "passkey").press("passkey-sign-in")).await.json();
    assert_not_made(&send(&mut carol, &page, &to_log_in, &answer).await);
    // A wrong answer spends its challenge.
    let spent = self::challenge(&mut carol, &server, &page).await;
    let honest = authenticator.about_to_create(&spent["publicKey"], server.issuer());
    let wrong = Said { flags: USER_PRESENT, ..honest.clone() };
    for said in [wrong, honest] {
        assert_not_made(&send(&mut carol, &page, &spent, &authenticator.create(&said)).await);
    }
    // And one waits for five minutes.
    let late = self::challenge(&mut carol, &server, &page).await;
    let said = authenticator.about_to_create(&late["publicKey"], server.issuer());
    server.inside().clock.advance(300);
    assert_not_made(&send(&mut carol, &page, &late, &authenticator.create(&said)).await);
    for name in [CAROL, "dave@example.com"] {
        assert_eq!(find(&server, name).await, None);
    }

    server.inside().clock.advance(-299);
    assert_eq!(send(&mut carol, &page, &challenge, &answer).await.status, 303);
    assert_eq!(send(&mut carol, &page, &challenge, &answer).await.status, 400, "it was used");
    assert_eq!(find(&server, "dave@example.com").await, None);
}

/// WebAuthn Level 3 section 7.1: nothing that is wrong in any point makes an account
#[tokio::test]
async fn a_passkey_that_is_wrong_in_any_point_makes_no_account() {
    let server = open_server().await;
    let mut carol = Person::new(&server);
    let link = ask(&server, &mut carol, CAROL).await;
    let page = open(&mut carol, &link).await;
    for (what, change) in WRONG_CREATIONS {
        assert_not_made(&create(&mut carol, &server, &page, &mut Authenticator::new(), change).await);
        assert_eq!(find(&server, CAROL).await, None, "{what}");
    }
    // A credential that is somebody's.
    let mut known = Authenticator::new();
    give_passkey(&server.inside().context, server.inside().alice, &mut known, |_| ()).await;
    assert_not_made(&create(&mut carol, &server, &page, &mut known, |_| ()).await);
    for garbage in ["", "x", "{}"] {
        let begun = challenge(&mut carol, &server, &page).await;
        assert_not_made(&send(&mut carol, &page, &begun, &json!(garbage)).await);
    }
    assert_eq!(find(&server, CAROL).await, None);
    // The link is as good as before, for a password as well.
    assert_eq!(carol.submit(&form(&page, "choose").fill("password", STRONG), "save").await.status, 303);
}

/// A name that was taken meanwhile: the passkey's way tells no more than the password's
#[tokio::test]
async fn a_name_that_is_taken_is_a_link_that_is_over_whichever_way_is_taken() {
    let server = open_server().await;
    let mut carol = Person::new(&server);
    let first = ask(&server, &mut carol, CAROL).await;
    let second = ask(&server, &mut carol, CAROL).await;
    let page = open(&mut carol, &first).await;
    assert_eq!(create(&mut carol, &server, &page, &mut Authenticator::new(), |_| ()).await.status, 303);
    let made = find(&server, CAROL).await;
    let page = open(&mut carol, &second).await;
    let mut late = Authenticator::new();
    let by_passkey = create(&mut carol, &server, &page, &mut late, |_| ()).await;
    let by_password = carol.submit(&form(&page, "choose").fill("password", STRONG), "save").await;
    assert_eq!((by_passkey.status, &by_passkey.body), (400, &by_password.body));
    assert!(by_passkey.body.contains("This link can&#39;t be used any more"), "{by_passkey:?}");
    assert_eq!(find(&server, CAROL).await, made);
    assert_eq!(server.inside().context.store.find_passkey(&PasskeyId::of(&late.credential_id)).await.unwrap(), None);
}

/// OWASP Cross-Site Request Forgery Prevention; a challenge takes a link that counts
#[tokio::test]
async fn challenges_are_for_the_page_behind_a_link_and_counted() {
    let server = open_server().await;
    let mut carol = Person::new(&server);
    let link = ask(&server, &mut carol, CAROL).await;
    let page = open(&mut carol, &link).await;
    let form = form(&page, "add-passkey");
    let body = form.press("create-passkey");
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        assert_eq!(carol.send(Event::post_form(OPTIONS, &body).header(name, value)).await.status, 403, "{name}");
    }
    assert_eq!(post(&mut Person::new(&server), &server, OPTIONS, &body).await.status, 403, "another browser");
    for (field, value, status) in [("form_token", "x", 403), ("token", "x", 400), ("token", "", 400)] {
        let forged = form.clone().fill(field, value).press("create-passkey");
        assert_eq!(post(&mut carol, &server, OPTIONS, &forged).await.status, status, "{field}");
    }
    assert_eq!(carol.open(OPTIONS).await.status, 405);
    assert!(!server.inside().stored().contains_key("challenge"));
    for _ in 0..300 {
        challenge(&mut carol, &server, &page).await;
    }
    let refused = post(&mut carol, &server, OPTIONS, &body).await;
    assert_eq!((refused.status, refused.header("retry-after").is_some()), (429, true), "{refused:?}");
    server.inside().clock.advance(900);
    challenge(&mut carol, &server, &page).await;
}

/// `[passkeys]` and `[accounts]`: where one of them is off, no account is made with a passkey
#[tokio::test]
async fn where_passkeys_are_off_people_choose_a_password() {
    let server = Server::local(json!({"accounts": {"registration": "open"}, "passkeys": {"enabled": false}})).await;
    let mut carol = Person::new(&server);
    let login = login_page(&mut carol).await;
    let page = carol.open(&link(&login, "to-sign-up")).await;
    assert!(!page.body.contains("passkey"), "{page:?}");
    carol.submit(&form(&page, "sign-up").fill("email", CAROL), "send-link").await;
    let page = carol.open(&mailed_link(&server, &last_mail(&server))).await;
    assert!(!page.body.contains("passkey"), "{page:?}");
    let choose = form(&page, "choose");
    let forged = format!("{}&way=passkey&challenge=01ARZ3NDEKTSV4RRFFQ69G5FAV&credential=%7B%7D", choose.press("save"));
    for path in [OPTIONS, "/login/verify"] {
        assert_eq!(post(&mut carol, &server, path, &forged).await.status, 400, "{path}");
    }
    assert_eq!(carol.submit(&choose.fill("password", STRONG), "save").await.status, 303);

    // The door was closed while the authenticator was asked.
    let server = open_server().await;
    let mut carol = Person::new(&server);
    let link = ask(&server, &mut carol, CAROL).await;
    let page = open(&mut carol, &link).await;
    let begun = challenge(&mut carol, &server, &page).await;
    let mut authenticator = Authenticator::new();
    let said = authenticator.about_to_create(&begun["publicKey"], server.issuer());
    server.inside().context.store.replace_settings(&grantlet::model::settings::Settings::default()).await.unwrap();
    server.inside().clock.advance(61);
    while carol.open("/login/signup").await.status != 400 {
        tokio::task::yield_now().await;
    }
    let refused = send(&mut carol, &page, &begun, &authenticator.create(&said)).await;
    assert!(refused.status == 400 && refused.body.contains("Not available here"), "{refused:?}");
    assert_eq!(find(&server, CAROL).await, None);
}
