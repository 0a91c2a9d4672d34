//! OpenID Connect Core, as a client and its people see it: all zones in the test's own process, at a time that the test sets.

mod claims;
mod hints;
mod login;
mod stronger;
mod subjects;
mod tokens;

use grantlet::model::user::{Login, Subject, User, UserId};
use grantlet::password::hash_password;
use serde_json::{Value, json};

use crate::support::forms::Form;
use crate::support::oauth::{ALICE, As, authorization_query, exchange, parameter};
use crate::support::person::{Account, Person};
use crate::support::server::{Reply, Server};

/// Another built-in account.
const BOB: Account<'static> = Account { username: "bob", password: "password-pw-quite-another-battery" };

/// Adds the account of [`BOB`].
async fn add_bob(server: &Server) -> UserId {
    let context = &server.inside().context;
    let id = UserId(context.ulid());
    let user = User {
        id,
        subject: Subject(id.to_string()),
        username: Some(BOB.username.to_owned()),
        password_hash: Some(hash_password(&grantlet::model::secret::Secret::new(BOB.password), &*context.random)),
        claims: json!({"name": "Bob"}).as_object().unwrap().clone(),
        locked: false,
        created_at: context.now(),
        updated_at: context.now(),
    };
    assert!(context.store.create_user(&user, &Login::Local(BOB.username.to_owned())).await.unwrap());
    id
}

/// An authorization request of `app` with `changes`.
fn query(changes: &[(&str, Option<&str>)]) -> String {
    authorization_query("app", changes)
}

/// Opens an authorization request.
async fn ask(person: &mut Person<'_>, changes: &[(&str, Option<&str>)]) -> Reply {
    person.open(&format!("/authorize?{}", query(changes))).await
}

/// Logs in where the login page is shown, and answers with what the browser sees then.
async fn log_in(person: &mut Person<'_>, page: &Reply, account: Account<'_>) -> Reply {
    let form = Form::find(&page.body, "login").unwrap_or_else(|| panic!("no login page: {page:?}"));
    let done = person.submit(&form.fill("username", account.username).fill("password", account.password), "sign-in").await;
    assert_eq!(done.status, 303, "{done:?}");
    person.open(done.header("location").unwrap()).await
}

/// Allows what the consent page asks for.
async fn allow(person: &mut Person<'_>, page: &Reply) -> Reply {
    let form = Form::find(&page.body, "consent").unwrap_or_else(|| panic!("no consent page: {page:?}"));
    person.submit(&form, "allow").await
}

/// A browser in which Alice is logged in, and `app` may have what it asks for by default.
async fn alice_at_home(server: &Server) -> Person<'_> {
    let mut person = Person::new(server);
    person.authorize(&query(&[]), ALICE).await;
    person
}

/// Tokens for the code in the reply that sends the browser home.
async fn tokens(server: &Server, landed: &str) -> Value {
    let code = parameter(landed, "code").unwrap_or_else(|| panic!("no code in {landed}"));
    let reply = exchange(server, As::Basic("app"), &code).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

/// Asserts that the client is told `error`, and gets no code.
fn assert_told(reply: &Reply, error: &str) {
    let location = reply.header("location").unwrap_or_else(|| panic!("no redirect: {reply:?}"));
    assert_eq!((reply.status, parameter(location, "error").as_deref()), (303, Some(error)), "{location}");
    assert_eq!((parameter(location, "code"), parameter(location, "state").as_deref()), (None, Some("state-1")), "{location}");
}

/// Asserts that the client gets a code.
fn assert_code(reply: &Reply) -> String {
    let location = reply.header("location").unwrap_or_else(|| panic!("no redirect: {reply:?}"));
    assert!(parameter(location, "code").is_some(), "{location}");
    location.to_owned()
}
