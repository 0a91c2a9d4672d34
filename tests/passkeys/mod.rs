//! Passkeys (W3C Web Authentication Level 3): made, used, and everything that an authenticator, a browser or a thief may say instead.

mod account;
mod ceremonies;
mod commands;
mod login;

use crate::support::authenticator::{Authenticator, Said, USER_PRESENT};
use crate::support::forms::Form;
use crate::support::oauth::ALICE;
use crate::support::passkeys::{log_in, login_page, post};
use crate::support::person::Person;
use crate::support::server::Server;

/// What is wrong with what is said, and how it becomes so.
pub(crate) type Wrong = (&'static str, fn(&mut Said));

/// What no page takes where a passkey is made (WebAuthn Level 3 section 7.1).
pub(crate) const WRONG_CREATIONS: [Wrong; 6] = [
    ("another origin", |said| said.origin = "https://evil.example".into()),
    ("another relying party", |said| said.rp_id = "evil.example".into()),
    ("another challenge", |said| said.challenge = "c29tZXRoaW5nIGVsc2U".into()),
    ("inside of another page", |said| said.cross_origin = true),
    ("nobody verified", |said| said.flags = USER_PRESENT),
    ("not discoverable", |said| said.discoverable = Some(false)),
];

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
