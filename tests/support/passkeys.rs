//! Passkeys made and used as pages and their scripts do it.

use grantlet::context::Context;
use grantlet::model::passkey::Passkey;
use grantlet::model::user::UserId;
use grantlet::store::PasskeyAdded;
use grantlet::webauthn::{Holder, RelyingParty};
use serde_json::Value;

use super::authenticator::{Authenticator, Said};
use super::event::Event;
use super::forms::Form;
use super::oauth::authorization_query;
use super::person::Person;
use super::server::{Reply, Server};

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
pub(crate) async fn ask_challenge(person: &mut Person<'_>, server: &Server, page: &Reply) -> Value {
    let form = Form::find(&page.body, "passkey").unwrap_or_else(|| panic!("no form for passkeys: {page:?}"));
    let reply = post(person, server, "/login/passkey/options", &form.press("passkey-sign-in")).await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")), "{reply:?}");
    reply.json()
}

/// Sends what an authenticator answered, as the script does.
pub(crate) async fn send_answer(person: &mut Person<'_>, page: &Reply, challenge: &Value, answer: &Value) -> Reply {
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
