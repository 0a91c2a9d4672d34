//! Built-in accounts: signing up, second factors, forgotten passwords, and what people change about them.

mod account;
mod enumeration;
mod factor;
mod hashing;
mod login;
mod passkey;
mod reset;
mod sign_up;
mod walk;

use grantlet::mail::{Mail, Mailer};
use grantlet::model::event::EventKind;
use serde_json::json;

pub(crate) use self::walk::walk;
use crate::support::forms::{Form, unescape};
use crate::support::oauth::{ALICE, authorization_query};
use crate::support::person::{Account, Person};
use crate::support::server::{Reply, Server};
use crate::support::totp::code_at;

/// A password that nobody guesses.
const STRONG: &str = "garlic unicycle parliament 7";

/// A server where people may sign up.
async fn open_server() -> Server {
    Server::local(json!({"accounts": {"registration": "open"}})).await
}

fn form(page: &Reply, id: &str) -> Form {
    Form::find(&page.body, id).unwrap_or_else(|| panic!("no form {id}: {page:?}"))
}

/// The address behind the link with the id `id`.
fn link(page: &Reply, id: &str) -> String {
    let rest = page.body.split(&format!("id=\"{id}\" href=\"")).nth(1).unwrap_or_else(|| panic!("no link {id}: {page:?}"));
    unescape(rest.split('"').next().unwrap())
}

/// All mails that were sent.
fn mails(server: &Server) -> Vec<Mail> {
    match &server.inside().context.mailer {
        Mailer::Outbox(outbox) => outbox.mails(),
        Mailer::Off | Mailer::Ses(_) => unreachable!("a local server has an outbox"),
    }
}

/// The mail that was sent last.
pub(crate) fn last_mail(server: &Server) -> Mail {
    mails(server).pop().expect("a mail")
}

/// Where the link in a mail leads, within the server.
pub(crate) fn mailed_link(server: &Server, mail: &Mail) -> String {
    let link = mail.text.lines().find_map(|line| line.strip_prefix(server.issuer())).unwrap_or_else(|| panic!("no link: {}", mail.text));
    assert!(mail.html.contains(&format!("<a href=\"{}", server.issuer())), "{}", mail.html);
    link.to_owned()
}

/// Opens the login page of an authorization request.
async fn login_page(person: &mut Person<'_>) -> Reply {
    person.open(&format!("/authorize?{}", authorization_query("app", &[]))).await
}

/// Sends name and password.
async fn send_password(person: &mut Person<'_>, page: &Reply, account: Account<'_>) -> Reply {
    let form = form(page, "login").fill("username", account.username).fill("password", account.password);
    person.submit(&form, "sign-in").await
}

/// Follows a 303 within the server.
async fn follow(person: &mut Person<'_>, reply: &Reply) -> Reply {
    assert_eq!(reply.status, 303, "{reply:?}");
    let path = reply.header("location").unwrap().to_owned();
    assert!(path.starts_with('/'), "{path}");
    person.open(&path).await
}

/// Alice, logged in with her password, at an account page.
async fn alice_at<'s>(server: &'s Server, path: &str) -> (Person<'s>, Reply) {
    let mut person = Person::new(server);
    let login = person.open(path).await;
    let done = send_password(&mut person, &login, ALICE).await;
    let page = follow(&mut person, &done).await;
    assert_eq!(page.status, 200, "{page:?}");
    (person, page)
}

/// Alice's second factor: the key in her app, and her recovery codes.
pub(crate) struct Phone {
    key: String,
    /// The recovery codes.
    pub(crate) codes: Vec<String>,
}

impl Phone {
    /// Alice sets an app up.
    pub(crate) async fn set_up(server: &Server) -> Self {
        let (mut alice, page) = alice_at(server, "/account/factors").await;
        let enrol = alice.submit(&form(&page, "factors"), "begin").await;
        let key = enrol.body.split("<code id=\"key\">").nth(1).unwrap().split("</code>").next().unwrap().to_owned();
        let code = code_at(&key, server.inside().clock.time().0);
        let done = alice.submit(&form(&enrol, "enrol").fill("code", &code), "confirm").await;
        let codes = shown_codes(&done);
        // The code that showed that the app works is spent.
        server.inside().clock.advance(30);
        Self { key, codes }
    }

    /// What the app shows now.
    pub(crate) fn code(&self, server: &Server) -> String {
        code_at(&self.key, server.inside().clock.time().0)
    }
}

/// The recovery codes on a page.
fn shown_codes(page: &Reply) -> Vec<String> {
    let list = page.body.split("<ul id=\"codes\"").nth(1).unwrap_or_else(|| panic!("no codes: {page:?}")).split("</ul>").next().unwrap();
    let codes: Vec<String> = list.split("<code>").skip(1).map(|rest| rest.split("</code>").next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10);
    codes
}

/// Sends a code to the page that asks for it.
async fn send_code(person: &mut Person<'_>, page: &Reply, code: &str) -> Reply {
    person.submit(&form(page, "factor").fill("code", code), "confirm").await
}

/// Which events Alice finds, the newest first.
async fn events(server: &Server) -> Vec<EventKind> {
    let inside = server.inside();
    let events = inside.context.store.list_events(inside.alice, inside.clock.time()).await.unwrap();
    events.into_iter().map(|event| event.kind).collect()
}
