//! Passkeys (W3C Web Authentication Level 3): made, used, and everything that an authenticator, a browser or a thief may say instead.

mod account;
mod ceremonies;
mod commands;
mod login;

use grantlet::context::Context;
use grantlet::model::passkey::Passkey;
use grantlet::model::user::UserId;
use grantlet::store::PasskeyAdded;
use grantlet::webauthn::{Holder, RelyingParty};
use serde_json::Value;

use crate::support::authenticator::{Authenticator, Said, USER_PRESENT};
use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, authorization_query};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

/// What is wrong with what is said, and how it becomes so.
pub(crate) type Wrong = (&'static str, fn(&mut Said));

/// What no page takes where a passkey is made (WebAuthn Level 3 section 7.1).
pub(crate) const WRONG_CREATIONS: [Wrong; 6] = [
    ("another origin", |said| said.origin = "https://evil.example".to_owned()),
    ("another relying party", |said| said.rp_id = "evil.example".to_owned()),
    ("another challenge", |said| said.challenge = "c29tZXRoaW5nIGVsc2U".to_owned()),
    ("inside of another page", |said| said.cross_origin = true),
    ("nobody verified", |said| said.flags = USER_PRESENT),
    ("not discoverable", |said| said.discoverable = Some(false)),
];

/// Makes a passkey for a person, as the account page would, with `change` to what the authenticator says.
pub(crate) async fn give_passkey(
    operator: &Context,
    user: UserId,
    authenticator: &mut Authenticator,
    change: impl FnOnce(&mut Said),
) -> Passkey {
    let issuer = &operator.config.issuer;
    let party = RelyingParty::new(issuer, None).expect("an issuer with a name");
    let begun = party.begin_creation(Holder { id: user, name: "alice", display_name: "Alice" }, &[]).unwrap();
    let mut said = authenticator.about_to_create(&begun.options, issuer.as_str());
    change(&mut said);
    let made = party.finish_creation(&begun.state, &authenticator.create(&said).to_string()).unwrap();
    let passkey = made.into_passkey(user, String::new(), operator.now());
    assert_eq!(operator.store.add_passkey(&passkey).await.unwrap(), PasskeyAdded::Done);
    passkey
}

/// Opens the login page for an authorization request of `app` with `changes`.
pub(crate) async fn login_page(person: &mut Person<'_>, changes: &[(&str, Option<&str>)]) -> Reply {
    let page = person.open(&format!("/authorize?{}", authorization_query("app", changes))).await;
    assert!(Form::find(&page.body, "passkey").is_some(), "{page:?}");
    page
}

/// What the page's script sends to `path`: a form, from the page's own origin.
pub(crate) async fn post(person: &mut Person<'_>, server: &Server, path: &str, body: &str) -> Reply {
    let event = Event::post_form(path, body).header("origin", server.issuer()).header("sec-fetch-site", "same-origin");
    person.send(event).await
}

/// Asks for a challenge, as the script of the login page does.
async fn ask_challenge(person: &mut Person<'_>, server: &Server, page: &Reply) -> Value {
    let form = Form::find(&page.body, "passkey").unwrap_or_else(|| panic!("no form for passkeys: {page:?}"));
    let reply = post(person, server, "/login/passkey/options", &form.press("passkey-sign-in")).await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")), "{reply:?}");
    reply.json()
}

/// Sends what an authenticator answered, as the script does.
async fn send_answer(person: &mut Person<'_>, page: &Reply, challenge: &Value, answer: &Value) -> Reply {
    let form = Form::find(&page.body, "passkey").unwrap_or_else(|| panic!("no form for passkeys: {page:?}"));
    let form = form.fill("challenge", challenge["challenge"].as_str().expect("a challenge")).fill("credential", &answer.to_string());
    person.submit(&form, "passkey-sign-in").await
}

/// Logs in with a passkey at the login page, with `change` to what the authenticator says.
pub(crate) async fn log_in(
    person: &mut Person<'_>,
    server: &Server,
    page: &Reply,
    authenticator: &Authenticator,
    change: impl FnOnce(&mut Said),
) -> Reply {
    let challenge = ask_challenge(person, server, page).await;
    let mut said = authenticator.about_to_get(&challenge["publicKey"], server.issuer());
    change(&mut said);
    send_answer(person, page, &challenge, &authenticator.get(&said)).await
}

/// A person makes a passkey on their account page, logs in with it, gives it another name and removes it. Answers with what must stay secret.
pub(crate) async fn walk(server: &Server) -> Vec<String> {
    const PAGE: &str = "/account/passkeys";
    let mut person = Person::new(server);
    let login = person.open(PAGE).await;
    let form = Form::find(&login.body, "login").unwrap().fill("username", ALICE.username).fill("password", ALICE.password);
    assert_eq!(person.submit(&form, "sign-in").await.status, 303);
    let page = person.open(PAGE).await;
    let form = Form::find(&page.body, "add-passkey").unwrap_or_else(|| panic!("{page:?}"));
    let challenge = post(&mut person, server, "/account/passkeys/options", &form.press("add")).await.json();
    let mut authenticator = Authenticator::new();
    let said = authenticator.about_to_create(&challenge["publicKey"], server.issuer());
    let id = challenge["challenge"].as_str().unwrap();
    let form = form.fill("challenge", id).fill("credential", &authenticator.create(&said).to_string()).fill("name", "The walker's");
    assert_eq!(person.submit(&form, "add").await.status, 303);

    let mut elsewhere = Person::new(server);
    let login = login_page(&mut elsewhere, &[]).await;
    let done = log_in(&mut elsewhere, server, &login, &authenticator, |said| said.counter = 1).await;
    assert_eq!(done.status, 303, "{done:?}");
    for button in ["rename-1", "remove-1"] {
        let page = person.open(PAGE).await;
        let form = Form::find(&page.body, "change-1").unwrap_or_else(|| panic!("{page:?}"));
        assert_eq!(person.submit(&form, button).await.status, 303);
    }
    let challenge = challenge["publicKey"]["challenge"].as_str().unwrap().to_owned();
    person.cookies.into_values().chain(elsewhere.cookies.into_values()).chain([challenge]).collect()
}
