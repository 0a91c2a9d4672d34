//! Logging in at `OpenID` providers and at GitHub: a second Grantlet as the provider, and providers that lie.

mod accounts;
mod apple;
mod attacks;
mod entra;
mod factor;
mod github;
mod grantlet;
mod link;
mod pages;
mod walk;
mod wishes;

use ::grantlet::config::Config;
use ::grantlet::protocol::issuer::Issuer;
use serde_json::{Value, json};

pub(crate) use self::walk::walk;
use crate::support::idp::Idp;
use crate::support::oauth::{ALICE, As, REDIRECT_URI, authorization_query, claims, exchange, parameter};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

/// Where we are: on a loopback address, since all providers of the tests are.
const HOME: &str = "http://localhost:9000";

/// A server of ours with these connections, and no accounts of its own to log in to unless `password`.
async fn home(connections: Value, password: bool) -> Server {
    Server::local_with(json!({"connections": connections}), |config| at_home(config, password)).await
}

fn at_home(config: &mut Config, password: bool) {
    config.issuer = Issuer::parse(HOME).unwrap();
    HOME.clone_into(&mut config.default_audience);
    config.password_login = password;
}

/// A server whose one way to log in is `idp`, connected with `changes`.
async fn home_of(idp: &Idp, changes: &Value) -> Server {
    home(json!([idp.connection(changes)]), false).await
}

/// Opens an authorization request of the client `app`, with `changes`.
async fn ask(person: &mut Person<'_>, changes: &[(&str, Option<&str>)]) -> Reply {
    person.open(&format!("/authorize?{}", authorization_query("app", changes))).await
}

/// Opens an authorization request that leads straight to the provider, and answers with where the browser is sent.
async fn leave(person: &mut Person<'_>, changes: &[(&str, Option<&str>)]) -> String {
    location(&ask(person, changes).await)
}

fn location(reply: &Reply) -> String {
    assert_eq!(reply.status, 303, "{reply:?}");
    reply.header("location").unwrap().to_owned()
}

/// Asserts that a login led back to the authorization request, and follows it to the client: the code's ID token.
async fn id_token(server: &Server, person: &mut Person<'_>, reply: &Reply) -> Value {
    let path = location(reply);
    assert!(path.starts_with("/authorize?"), "{path}");
    let landed = person.authorize(path.strip_prefix("/authorize?").unwrap(), ALICE).await;
    assert!(landed.starts_with(REDIRECT_URI), "{landed}");
    let code = parameter(&landed, "code").unwrap_or_else(|| panic!("no code in {landed}"));
    let tokens = exchange(server, As::Basic("app"), &code).await.json();
    claims(tokens["id_token"].as_str().unwrap())
}

/// What `/userinfo` says of the person who logs in so.
async fn userinfo(server: &Server, person: &mut Person<'_>, reply: &Reply) -> Value {
    let path = location(reply);
    let landed = person.authorize(path.strip_prefix("/authorize?").unwrap(), ALICE).await;
    let tokens = exchange(server, As::Basic("app"), &parameter(&landed, "code").unwrap()).await.json();
    crate::support::oauth::userinfo(server, tokens["access_token"].as_str().unwrap()).await.json()
}

/// A new browser logs in at `idp`, whose ID token has `changes`: the browser, and the answer on the way back.
async fn log_in<'s>(server: &'s Server, idp: &Idp, changes: &Value) -> (Person<'s>, Reply) {
    let mut person = Person::new(server);
    let sent = leave(&mut person, &[]).await;
    idp.vouch(&idp.claims(&sent, server.inside().clock.time().0, changes));
    let reply = person.open(&Idp::back(&sent, &[])).await;
    (person, reply)
}

/// Asserts that nobody is logged in, and that the login page says `sentence`, with the request still at hand.
fn assert_told(reply: &Reply, status: u16, sentence: &str) {
    assert_eq!(reply.status, status, "{reply:?}");
    assert!(reply.body.contains("role=\"alert\"") && reply.body.contains(sentence), "{reply:?}");
    assert!(reply.body.contains("client_id%3Dapp"), "the errand is lost: {reply:?}");
    assert!(reply.cookies.iter().all(|cookie| !cookie.starts_with("grantlet-session=")), "{reply:?}");
}

/// How many records of people there are beside Alice's.
async fn people(server: &Server) -> usize {
    server.inside().context.store.list_users().await.unwrap().len() - 1
}
