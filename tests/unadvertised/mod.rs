//! What the metadata do not list does not work: each value that a registry or a specification knows, and each that is nearly one of the listed, presented
//! wherever a client would use it (RFC 8414 section 2, OpenID Connect Discovery section 3). The listed ones go the same way and succeed, so that no refusal
//! has another reason. That every listed value does what it is for is shown beside this, by `advertised`.

mod algorithms;
pub(crate) mod keys;
mod registration;
mod registry;
mod requests;
mod tokens;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::event::Event;
use crate::support::server::Server;

/// A server with everything that settings can turn on.
async fn everything() -> Server {
    Server::local(json!({
        "registration": {"mode": "open", "metadata_documents": true, "per_address": 10_000},
        "authorization": {"request_uris": true},
        "resources": [{"uri": "https://notes.example", "scopes": {"notes": "Read your notes"}, "introspected_by": ["app", "cli"]}],
        "authorization_details": [{"type": "payment", "description": "A payment", "required": ["amount"]}],
    }))
    .await
}

/// What the metadata list under `name`.
async fn advertised(server: &Server, name: &str) -> BTreeSet<String> {
    let document = server.send(&Event::get("/.well-known/oauth-authorization-server")).await.json();
    let values = document[name].as_array().unwrap_or_else(|| panic!("{name} is not advertised"));
    values.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

/// A request to register `metadata`.
fn registration(metadata: &Value) -> Event {
    Event::new("POST", "/register").header("content-type", "application/json").body(metadata.to_string().as_bytes())
}

/// `object` with the member `name`.
fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}
