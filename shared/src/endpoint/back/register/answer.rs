//! What a client is told of its registration (RFC 7591 section 3.2.1, RFC 7592 section 3).

use http::StatusCode;
use serde_json::{Value, json};

use crate::context::Context;
use crate::endpoint::Response;
use crate::model::client::StoredClient;
use crate::model::secret::Secret;

/// Members of a registration that are the operator's, so that no client reads them.
const OPERATOR_S: [&str; 5] = ["first_party", "logo", "require_pkce", "rotation", "security_profile"];

/// Everything that is registered, with the access token for it, and the secret where it is known: the record has its hash alone.
pub(super) fn render(context: &Context, status: StatusCode, stored: &StoredClient, token: &Secret, secret: Option<&Secret>) -> Response {
    let client = &stored.client;
    let mut body = serde_json::to_value(client).unwrap_or_else(|_| json!({}));
    if let Value::Object(members) = &mut body {
        members.retain(|name, _| !OPERATOR_S.contains(&name.as_str()));
        let uri = context.config.issuer.url(&format!("/register?client_id={}", client.client_id));
        members.insert("client_id_issued_at".to_owned(), json!(stored.created_at));
        members.insert("registration_access_token".to_owned(), token.expose().into());
        members.insert("registration_client_uri".to_owned(), uri.into());
        if stored.secret_hash.is_some() {
            members.insert("client_secret_expires_at".to_owned(), json!(0));
        }
        members.extend(secret.map(|secret| ("client_secret".to_owned(), secret.expose().into())));
    }
    Response::json(status, &body)
}
