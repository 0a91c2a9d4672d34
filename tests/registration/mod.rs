//! Clients that register themselves (RFC 7591, RFC 7592) and clients that a document describes, in the test's own process and at its own time.

mod bounds;
mod commands;
mod create;
mod documents;
mod leaving;
mod lifetime;
mod manage;
mod statements;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::event::Event;
use crate::support::oauth::{ALICE, REDIRECT_URI, VERIFIER, authorization_query, encode, parameter};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

/// The issuer of a server that fetches from this machine.
const LOOPBACK: &str = "http://localhost:9000";

/// A server where everybody may register.
async fn open() -> Server {
    open_with(json!({})).await
}

/// A server where everybody may register, with further settings of `registration`.
async fn open_with(changes: Value) -> Server {
    Server::local(json!({ "registration": with(json!({"mode": "open"}), changes) })).await
}

/// `object` with the members of `changes`; null leaves out.
fn with(mut object: Value, changes: Value) -> Value {
    let members = object.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => members.remove(name),
            value => members.insert(name.clone(), value.clone()),
        };
    }
    object
}

/// A registration of a confidential client, with `changes`.
fn metadata(changes: Value) -> Value {
    with(json!({"client_name": "Newcomer", "redirect_uris": [REDIRECT_URI]}), changes)
}

fn register_event(body: &[u8]) -> Event {
    Event::new("POST", "/register").header("content-type", "application/json").body(body)
}

async fn register(server: &Server, metadata: &Value) -> Reply {
    server.send(&register_event(metadata.to_string().as_bytes())).await
}

/// Registers, which must succeed.
async fn registered(server: &Server, changes: Value) -> Value {
    let reply = register(server, &metadata(changes)).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.json()
}

/// A request to the configuration endpoint of the client `id`, with the registration access token `token`.
fn manage_event(method: &str, id: &str, token: &str, body: &Value) -> Event {
    let event = Event::new(method, "/register").query(&encode(&[("client_id", id)])).header("authorization", &format!("Bearer {token}"));
    event.header("content-type", "application/json").body(body.to_string().as_bytes())
}

async fn manage(server: &Server, method: &str, client: &Value, body: &Value) -> Reply {
    server.send(&manage_event(method, text(client, "client_id"), text(client, "registration_access_token"), body)).await
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

/// Asserts that a registration was refused with `status` and `error`, uncached, and that nothing is told of any client.
fn assert_not_registered(reply: &Reply, status: u16, error: &str) {
    assert_eq!((reply.status, reply.json()["error"].as_str()), (status, Some(error)), "{reply:?}");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert!(reply.json().get("client_id").is_none() && reply.json().get("registration_access_token").is_none());
}

/// Sends a form to `/token` as the client `id`, with its secret in `Authorization` if it has one.
async fn post_token(server: &Server, id: &str, secret: Option<&str>, form: &[(&str, &str)]) -> Reply {
    let event = match secret {
        Some(secret) => {
            let credentials = STANDARD.encode(format!("{}:{}", encode_part(id), encode_part(secret)));
            Event::post_form("/token", &encode(form)).header("authorization", &format!("Basic {credentials}"))
        }
        None => Event::post_form("/token", &encode(&[form, &[("client_id", id)]].concat())),
    };
    server.send(&event).await
}

fn encode_part(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Lets Alice allow the client `id` what it asks for at `redirect_uri`, and redeems the code.
async fn obtain_tokens(server: &Server, id: &str, secret: Option<&str>, redirect_uri: &str) -> Reply {
    let query = authorization_query(id, &[("redirect_uri", Some(redirect_uri))]);
    let landed = Person::new(server).authorize(&query, ALICE).await;
    let code = parameter(&landed, "code").unwrap_or_else(|| panic!("no code in {landed}"));
    let form = [("grant_type", "authorization_code"), ("code", &code), ("code_verifier", VERIFIER), ("redirect_uri", redirect_uri)];
    post_token(server, id, secret, &form).await
}

async fn refresh(server: &Server, id: &str, secret: Option<&str>, token: &str) -> Reply {
    post_token(server, id, secret, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

/// How many clients registered themselves.
fn count_registered(server: &Server) -> usize {
    server.inside().stored().get("dynclient").copied().unwrap_or_default()
}
