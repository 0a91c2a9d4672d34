//! Account pages: what a person sees and decides about their own account.

mod apps;
mod base;
mod data;
mod events;
mod many;
mod profile;
mod sessions;

use grantlet::model::user::UserId;

use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, CLIENT_SECRET, add_person};
use crate::support::person::{Account, Person};
use crate::support::server::{Reply, Server};

/// Somebody else, with the same server.
const BOB: Account<'static> = Account { username: "bob", password: CLIENT_SECRET };
/// A browser that says what it is.
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// Adds the account of [`BOB`], as the operator does.
async fn add_bob(server: &Server) -> UserId {
    add_person(&server.inside().context, BOB).await
}

/// Opens an account page, logs in where that is asked for, and answers with the page.
async fn open(person: &mut Person<'_>, path: &str, account: Account<'_>) -> Reply {
    let page = person.open(path).await;
    log_in(person, page, account).await
}

/// Logs in where `page` is the login page, and follows the way back.
async fn log_in(person: &mut Person<'_>, page: Reply, account: Account<'_>) -> Reply {
    let Some(form) = Form::find(&page.body, "login") else { return page };
    let form = form.fill("username", account.username).fill("password", account.password);
    let event = Event::post_form(&form.action, &form.press("sign-in")).header("user-agent", FIREFOX);
    let done = person.send(event).await;
    follow(person, done).await
}

/// The page that a 303 within the server leads to.
async fn follow(person: &mut Person<'_>, reply: Reply) -> Reply {
    assert_eq!(reply.status, 303, "{reply:?}");
    let path = reply.header("location").unwrap().to_owned();
    assert!(path.starts_with("/account"), "{path}");
    person.open(&path).await
}

/// A person who is logged in and looks at `path`.
async fn alice_at<'s>(server: &'s Server, path: &str) -> (Person<'s>, Reply) {
    let mut person = Person::new(server);
    let page = open(&mut person, path, ALICE).await;
    assert_eq!(page.status, 200, "{page:?}");
    (person, page)
}

fn form(page: &Reply, id: &str) -> Form {
    Form::find(&page.body, id).unwrap_or_else(|| panic!("no form {id}: {page:?}"))
}
