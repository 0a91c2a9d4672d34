//! Logout: what a client asks for in a browser, and what clients are told behind its back.

mod back_channel;
mod dev;
mod rp_initiated;
mod strangers;

use grantlet::model::client::SigningAlg;
use grantlet::vault::Vault;
use serde_json::{Value, json};

use crate::support::forms::Form;
use crate::support::oauth::{ALICE, As, authorization_query, exchange, parameter, token};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

/// Where the client `leaver` wants browsers to go afterwards.
const BYE: &str = "https://app.example/bye";
const SESSION: &str = "__Host-grantlet-session";

/// All zones, with a client `leaver` that has three addresses for afterwards, and another one with another.
async fn start() -> Server {
    let server = Server::local(json!({})).await;
    let uris = json!([BYE, "http://127.0.0.1/bye", "com.example.app:/bye"]);
    server.inside().register("leaver", json!({"client_name": "The Leaver", "post_logout_redirect_uris": uris})).await;
    server.inside().register("stranger", json!({"post_logout_redirect_uris": ["https://stranger.example/bye"]})).await;
    server
}

/// Lets the person log in to `client`, and answers with the client's tokens.
async fn tokens(server: &Server, person: &mut Person<'_>, client: &str, changes: &[(&str, Option<&str>)]) -> Reply {
    let landed = person.authorize(&authorization_query(client, changes), ALICE).await;
    exchange(server, As::Basic(client), &parameter(&landed, "code").unwrap()).await
}

/// Lets Alice log in to `client` in a new browser, and answers with the browser and the ID token.
async fn logged_in<'s>(server: &'s Server, client: &str) -> (Person<'s>, String) {
    let mut person = Person::new(server);
    let tokens = tokens(server, &mut person, client, &[]).await;
    let id_token = token(&tokens, "id_token");
    (person, id_token)
}

/// The path of a logout request.
fn path(parameters: &[(&str, &str)]) -> String {
    format!("/logout?{}", crate::support::oauth::encode(parameters))
}

/// Whether somebody is still logged in with this browser.
async fn is_logged_in(person: &mut Person<'_>) -> bool {
    let silent = person.open(&format!("/authorize?{}", authorization_query("app", &[("prompt", Some("none"))]))).await;
    match parameter(silent.header("location").expect("an answer to the client"), "error").as_deref() {
        Some("login_required") => false,
        Some("consent_required") | None => true,
        other => panic!("{other:?}"),
    }
}

/// The form of the page that asks.
fn form(reply: &Reply) -> Form {
    assert_eq!(reply.status, 200, "{reply:?}");
    Form::find(&reply.body, "logout-form").unwrap_or_else(|| panic!("nobody is asked: {reply:?}"))
}

/// Signs `claims` with the server's own key.
async fn sign(vault: &Vault, typ: &str, claims: &Value) -> String {
    let private = vault.load_private_keys().await.unwrap();
    private.signing[0].find(SigningAlg::RS256).unwrap().unwrap().sign(typ, claims).unwrap().expose().to_owned()
}
