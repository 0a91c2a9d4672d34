//! Grants without a browser: client credentials, token exchange, assertions of other issuers.

mod client_credentials;
mod faults;
mod jwt_bearer;
mod token_exchange;

use serde_json::{Value, json};

use crate::support::oauth::{ALICE, As, authorization_query, exchange, parameter, post, token};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

/// A resource whose API is the client `notes-api`.
const NOTES: &str = "https://notes.example";
/// A resource for which `notes-api` may exchange tokens.
const MAIL: &str = "https://mail.example";
/// A resource that nobody may exchange tokens for.
const BANK: &str = "https://bank.example";

const CLIENT_CREDENTIALS: &str = "client_credentials";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// Three resources.
fn resources() -> Value {
    json!([
        {
            "uri": NOTES, "scopes": {"notes:read": "Read notes", "notes:write": "Write notes", "shared": "Share"},
            "introspected_by": ["notes-api", "a1", "a2", "a3", "a4", "a5"],
        },
        {"uri": MAIL, "scopes": {"mail:send": "Send mail", "shared": "Share"}, "exchanged_by": ["notes-api"]},
        {"uri": BANK, "scopes": {"shared": "Share"}},
    ])
}

/// Asks for tokens by `grant_type`.
async fn ask(server: &Server, client: As<'_>, grant_type: &str, form: &[(&str, &str)]) -> Reply {
    post(server, "/token", client, &[&[("grant_type", grant_type)], form].concat()).await
}

/// The tokens that Alice lets the client `id` have for `scope` and `resources`: the access token is for the first.
async fn tokens_of_alice(server: &Server, id: &str, scope: &str, resources: &[&str]) -> Value {
    let mut changes = vec![("scope", Some(scope))];
    changes.extend(resources.iter().map(|resource| ("resource", Some(*resource))));
    let landed = Person::new(server).authorize(&authorization_query(id, &changes), ALICE).await;
    let code = parameter(&landed, "code").unwrap_or_else(|| panic!("no code in {landed}"));
    let reply = exchange(server, As::Basic(id), &code).await;
    token(&reply, "access_token");
    reply.json()
}

/// Asserts that a response holds one access token and neither a refresh token nor an ID token, and answers with it.
fn access_token_alone(reply: &Reply) -> String {
    let access = token(reply, "access_token");
    assert_eq!(reply.json()["token_type"], "Bearer");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    for name in ["refresh_token", "id_token"] {
        assert!(reply.json().get(name).is_none(), "{reply:?}");
    }
    access
}
