//! Sign in with Apple: what differs from `OpenID` Connect. The client secret is a JWT that the operator's key signs, and a person's name comes once, in a
//! field beside the code.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Visit;
use super::error::UpstreamError;
use super::provider::Provider;
use crate::jose::signing::SigningKey;
use crate::model::secret::Secret;
use crate::model::user::Claims;

/// How long a client secret counts, in seconds. Apple takes six months; it is made for one request.
const LIFETIME: i64 = 300;
/// The longest field `user` that is read, in bytes.
const MAX_USER: usize = 2_048;
/// The longest part of a name that is kept, in characters.
const MAX_NAME: usize = 100;
/// The claims that come at the first login alone.
pub(super) const TOLD_ONCE: [&str; 3] = ["name", "given_name", "family_name"];

/// The claims of a client secret (Apple's documentation, "Creating a client secret").
#[derive(Serialize)]
struct ClientSecret<'a> {
    iss: &'a str,
    iat: i64,
    exp: i64,
    aud: &'a str,
    sub: &'a str,
}

/// A client secret for one request, signed by the key that the operator keeps for the connection.
///
/// # Errors
/// When what is kept is no key.
pub(super) fn make_client_secret(visit: &Visit<'_>, provider: &Provider, pem: &Secret) -> Result<Secret, UpstreamError> {
    let connection = visit.connection;
    // Settings without the two identifiers are refused when they are applied.
    let (team_id, key_id) = (connection.team_id.as_deref().unwrap_or_default(), connection.key_id.as_deref().unwrap_or_default());
    let iat = visit.front.context.now();
    let claims = ClientSecret { iss: team_id, iat: iat.0, exp: iat.plus(LIFETIME).0, aud: &provider.issuer, sub: &connection.client_id };
    let key = SigningKey::from_pem(key_id, pem).map_err(|_| UpstreamError::NoKey)?;
    key.sign("JWT", &claims).map_err(|_| UpstreamError::NoKey)
}

#[derive(Deserialize)]
struct User {
    name: Option<Name>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Name {
    first_name: Option<String>,
    last_name: Option<String>,
}

/// The name in the field `user`, by the names of `OpenID` Connect Core section 5.1. Nobody signed it: it is what the person says they are called, and nothing
/// else in it is read. What can't be a name is as good as none.
pub(super) fn read_name(user: Option<&str>) -> Claims {
    let name =
        user.filter(|text| text.len() <= MAX_USER).and_then(|text| serde_json::from_str::<User>(text).ok()).and_then(|user| user.name);
    let Some(name) = name else { return Claims::new() };
    let part = |text: Option<String>| {
        let text: String = text?.trim().chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
        Some(text).filter(|text| !text.is_empty())
    };
    let (given, family) = (part(name.first_name), part(name.last_name));
    let full = [given.as_deref(), family.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let claims = [("name", Some(full).filter(|full| !full.is_empty())), ("given_name", given), ("family_name", family)];
    claims.into_iter().filter_map(|(claim, text)| Some((claim.to_owned(), json!(text?)))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn read(user: &Value) -> Value {
        Value::Object(read_name(Some(&user.to_string())))
    }

    /// Apple's documentation, "Request an authorization to the Sign in with Apple server"
    #[test]
    fn a_name_is_read_and_nothing_else() {
        let user = json!({"name": {"firstName": "Ada", "lastName": "Lovelace"}, "email": "ada@example.com", "sub": "1"});
        assert_eq!(read(&user), json!({"name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace"}));
        assert_eq!(read(&json!({"name": {"firstName": " Ada\u{7} ", "lastName": ""}})), json!({"name": "Ada", "given_name": "Ada"}));
        assert_eq!(read(&json!({"name": {"lastName": "x".repeat(200)}}))["family_name"].as_str().unwrap().len(), MAX_NAME);
    }

    #[test]
    fn what_can_not_be_a_name_is_none() {
        for user in [json!({}), json!([]), json!("Ada"), json!({"name": "Ada"}), json!({"name": {"firstName": 7}}), json!({"name": {}})] {
            assert_eq!(read(&user), json!({}), "{user}");
        }
        assert_eq!(read(&json!({"name": {"firstName": "x".repeat(MAX_USER)}})), json!({}));
        for text in [None, Some(""), Some("{"), Some("null")] {
            assert!(read_name(text).is_empty(), "{text:?}");
        }
    }
}
