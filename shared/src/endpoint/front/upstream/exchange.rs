//! The code that a browser brought back becomes a person: token endpoint, ID token, userinfo (`OpenID` Connect Core sections 3.1.3 and 5.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use url::Url;

use super::error::{UpstreamError, known_code};
use super::flow::Flow;
use super::id_token::{Expected, ExpectedIssuer, Login, check_id_token, read_header};
use super::provider::{Provider, SecretPlace};
use super::{REDIRECT_PATH, Visit, apple};
use crate::endpoint::client_keys::reach_of;
use crate::endpoint::fetch::{Question, Told, ask};
use crate::model::secret::Secret;
use crate::model::settings::ConnectionKind;

/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 64 * 1024;
/// The longest code and access token that are handled, in bytes.
const MAX_CODE: usize = 4_096;
const MAX_TOKEN: usize = 16 * 1024;
const JSON: &str = "application/json";

/// Somebody whom an `OpenID` provider vouches for: the login, and everything that it says about the person.
pub(super) async fn redeem(
    visit: &Visit<'_>,
    provider: &Provider,
    flow: &Flow,
    code: &str,
) -> Result<(Login, Map<String, Value>), UpstreamError> {
    let tokens = request_tokens(visit, provider, flow, code).await?;
    let text = tokens.get("id_token").and_then(Value::as_str).ok_or(UpstreamError::Malformed("the token endpoint"))?;
    let access_token = read_access_token(&tokens);
    let jws = read_header(text)?;
    let context = &visit.front.context;
    let jwks_uri = provider.jwks_uri.as_deref().ok_or(UpstreamError::Metadata("there is no jwks_uri"))?;
    let claims = visit.front.providers.keys.verify_at(context, jwks_uri, &jws).await?;
    let nonce = flow.nonce();
    let expected = Expected {
        issuer: match visit.connection.issuer_template {
            Some(_) => ExpectedIssuer::Tenant(visit.connection),
            None => ExpectedIssuer::One(&provider.issuer),
        },
        client_id: &visit.connection.client_id,
        nonce: &nonce,
        access_token: access_token.as_ref(),
        now: context.now(),
    };
    let login = check_id_token(&claims, jws.alg(), expected)?;
    let mut person = claims.as_map().clone();
    if let (Some(url), Some(token), true) = (&provider.userinfo_endpoint, &access_token, is_incomplete(visit, &person)) {
        let more = ask_about(visit, "userinfo", url, token).await?;
        // Section 5.3.2: or somebody could be given another person's claims.
        if more.get("sub").and_then(Value::as_str) != Some(&login.subject) {
            return Err(UpstreamError::OtherSubject);
        }
        for (name, value) in more {
            person.entry(name).or_insert(value);
        }
    }
    Ok((login, person))
}

/// Sends the code, the verifier and whatever proves who we are to the token endpoint (OAuth 2.1 sections 2.4 and 4.1.3).
pub(super) async fn request_tokens(
    visit: &Visit<'_>,
    provider: &Provider,
    flow: &Flow,
    code: &str,
) -> Result<Map<String, Value>, UpstreamError> {
    const WHAT: &str = "the token endpoint";
    if code.is_empty() || code.len() > MAX_CODE {
        return Err(UpstreamError::NoCode);
    }
    let context = &visit.front.context;
    let secret = visit.front.providers.find_secret(context, &visit.connection.id).await?;
    let secret = match (visit.connection.kind, secret) {
        (ConnectionKind::Github | ConnectionKind::Apple, None) => return Err(UpstreamError::NoSecret),
        (ConnectionKind::Oidc | ConnectionKind::Github, secret) => secret,
        (ConnectionKind::Apple, Some(pem)) => Some(apple::make_client_secret(visit, provider, &pem)?),
    };
    let redirect_uri = format!("{}{REDIRECT_PATH}", context.config.issuer.as_str());
    let verifier = flow.verifier();
    let client_id = visit.connection.client_id.as_str();
    let mut form =
        vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &redirect_uri), ("code_verifier", verifier.expose())];
    let mut authorization = None;
    match (&secret, provider.secret_place) {
        (Some(secret), SecretPlace::Header) => authorization = Some(basic(client_id, secret)),
        (Some(secret), SecretPlace::Body) => form.extend([("client_id", client_id), ("client_secret", secret.expose())]),
        (None, _) => form.push(("client_id", client_id)),
    }
    let question = Question { form: Some(&form), authorization, accept: JSON, limit: MAX_ANSWER };
    let told = put_question(visit, WHAT, &provider.token_endpoint, &question).await?;
    let answer = read_object(WHAT, &told)?;
    // GitHub answers refusals with status 200.
    match answer.get("error").and_then(Value::as_str) {
        Some(error) => Err(UpstreamError::Refused(known_code(error))),
        None if told.status.is_success() => Ok(answer),
        None => Err(UpstreamError::Trouble { what: WHAT, status: told.status.as_u16() }),
    }
}

/// The access token, if there is one of a type and size that can be used.
pub(super) fn read_access_token(tokens: &Map<String, Value>) -> Option<Secret> {
    let text = |name: &str| tokens.get(name).and_then(Value::as_str);
    let is_bearer = text("token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
    let token = text("access_token").filter(|token| is_bearer && token.len() <= MAX_TOKEN);
    token.filter(|token| token.bytes().all(|b| b.is_ascii_graphic())).map(Secret::new)
}

/// Asks `url` with an access token, for a JSON object.
async fn ask_about(visit: &Visit<'_>, what: &'static str, url: &Url, token: &Secret) -> Result<Map<String, Value>, UpstreamError> {
    match ask_api(visit, what, url, token).await? {
        Value::Object(members) => Ok(members),
        _ => Err(UpstreamError::Malformed(what)),
    }
}

/// Asks `url` with an access token, for JSON.
pub(super) async fn ask_api(visit: &Visit<'_>, what: &'static str, url: &Url, token: &Secret) -> Result<Value, UpstreamError> {
    let authorization = Some(Secret::new(format!("Bearer {}", token.expose())));
    let told = put_question(visit, what, url, &Question { form: None, authorization, accept: JSON, limit: MAX_ANSWER }).await?;
    if !told.status.is_success() {
        return Err(UpstreamError::Trouble { what, status: told.status.as_u16() });
    }
    serde_json::from_slice(&told.body).map_err(|_| UpstreamError::Malformed(what))
}

async fn put_question(visit: &Visit<'_>, what: &'static str, url: &Url, question: &Question<'_>) -> Result<Told, UpstreamError> {
    let told = ask(url, reach_of(&visit.front.context), question).await;
    told.map_err(|error| UpstreamError::Unreachable { what, error })
}

fn read_object(what: &'static str, told: &Told) -> Result<Map<String, Value>, UpstreamError> {
    if told.status.is_server_error() {
        return Err(UpstreamError::Trouble { what, status: told.status.as_u16() });
    }
    serde_json::from_slice(&told.body).map_err(|_| UpstreamError::Malformed(what))
}

/// RFC 6749 section 2.3.1: both parts are encoded as in a form before they are joined.
fn basic(client_id: &str, secret: &Secret) -> Secret {
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    Secret::new(format!("Basic {}", STANDARD.encode(format!("{}:{}", encode(client_id), encode(secret.expose())))))
}

/// Whether the ID token lacks what was asked for. Providers may keep claims for userinfo (`OpenID` Connect Core section 5.4).
fn is_incomplete(visit: &Visit<'_>, person: &Map<String, Value>) -> bool {
    [("email", "email"), ("profile", "name")].iter().any(|(scope, claim)| visit.connection.asks_for(scope) && !person.contains_key(*claim))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// RFC 6749 section 2.3.1
    #[test]
    fn credentials_are_encoded_before_they_are_joined() {
        let header = basic("https://a.example/c+1", &Secret::new("s3cret/with+odd%characters:and=more"));
        let decoded = STANDARD.decode(header.expose().strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(String::from_utf8(decoded).unwrap(), "https%3A%2F%2Fa.example%2Fc%2B1:s3cret%2Fwith%2Bodd%25characters%3Aand%3Dmore");
        let read = crate::protocol::basic::BasicCredentials::parse(header.expose()).unwrap();
        assert_eq!(read.secret.expose(), "s3cret/with+odd%characters:and=more");
    }

    /// OAuth 2.1 section 1.4: a token of another type is not used as a bearer token
    #[test]
    fn only_bearer_tokens_of_sensible_size_are_used() {
        let read = |tokens: Value| read_access_token(tokens.as_object().unwrap()).map(|token| token.expose().to_owned());
        assert_eq!(read(json!({"access_token": "abc", "token_type": "Bearer"})).as_deref(), Some("abc"));
        for tokens in [
            json!({"access_token": "abc", "token_type": "DPoP"}),
            json!({"access_token": "a b"}),
            json!({"access_token": "a\r\nX: y"}),
            json!({"access_token": "a".repeat(MAX_TOKEN + 1)}),
            json!({"access_token": 7}),
            json!({}),
        ] {
            assert_eq!(read(tokens), None);
        }
    }
}
