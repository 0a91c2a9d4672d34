//! The site's own login, as `[site_login]` of the settings connects it: what the site may say, what is kept of it, and what passes back.

mod claims;
mod large;
mod logout;
mod settings;
mod tokens;

use serde_json::{Value, json};

use crate::support::oauth::{ALICE, As, authorization_query, exchange, parameter, token, userinfo};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::site::{self, SECRET, SITE, connect, way_back};

const SESSION: &str = "__Host-grantlet-session";

/// All zones, whose people log in at the site. `more` stands in `[site_login]` beside what must.
async fn start(more: Value) -> Server {
    let server = Server::local(json!({"site_login": site_login(more)})).await;
    connect(&server).await;
    server
}

fn site_login(more: Value) -> Value {
    let mut site = json!({"url": "https://site.example/login", "issuer": SITE});
    site.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    site
}

/// What the site was told about a browser.
#[derive(Clone, Debug)]
struct Visit {
    challenge: String,
    state: String,
    url: String,
}

/// Opens an authorization request in a browser without a session, which is sent to the site.
async fn send_to_site(person: &mut Person<'_>, query: &str) -> Visit {
    let reply = person.open(&format!("/authorize?{query}")).await;
    assert_eq!(reply.status, 303, "{reply:?}");
    let url = reply.header("location").unwrap().to_owned();
    Visit { challenge: parameter(&url, "challenge").unwrap(), state: parameter(&url, "state").unwrap(), url }
}

/// The claims of the site's JWT for a visit, with `changes`; null leaves one out.
fn login_claims(server: &Server, visit: &Visit, changes: &Value) -> Value {
    site::login_claims(server, &visit.challenge, &with_person(changes))
}

/// The site's JWT for a visit.
fn sign(server: &Server, visit: &Visit, changes: &Value) -> String {
    site::login_jwt(server, &visit.challenge, &with_person(changes))
}

/// What the site says of the person beside what it must say.
fn with_person(changes: &Value) -> Value {
    let mut all = json!({"name": "Ada", "email": "ada@site.example"});
    all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    all
}

/// Comes back with a JWT by redirect.
async fn finish(person: &mut Person<'_>, token: &str, visit: &Visit) -> Reply {
    person.open(&way_back(token, &visit.state)).await
}

/// Logs in at the site for the client `app`, and answers with the client's tokens.
async fn log_in(server: &Server, person: &mut Person<'_>, query: &str, changes: &Value) -> Reply {
    let visit = send_to_site(person, query).await;
    let back = finish(person, &sign(server, &visit, changes), &visit).await;
    assert_eq!((back.status, back.header("location")), (303, Some(visit.state.as_str())), "{back:?}");
    let landed = person.authorize(query, ALICE).await;
    exchange(server, As::Basic("app"), &parameter(&landed, "code").unwrap_or_else(|| panic!("no code in {landed}"))).await
}

/// What `/userinfo` says after such a login.
async fn info(server: &Server, scope: &str, changes: &Value) -> Value {
    let query = authorization_query("app", &[("scope", Some(scope))]);
    let tokens = log_in(server, &mut Person::new(server), &query, changes).await;
    userinfo(server, &token(&tokens, "access_token")).await.json()
}
