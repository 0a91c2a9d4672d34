//! GitHub: OAuth without ID tokens. Who somebody is stands at `/user`, by a number that never changes hands, as their login name may.

use serde_json::{Map, Value, json};
use url::Url;

use super::Visit;
use super::error::UpstreamError;
use super::exchange::{ask_api, read_access_token, request_tokens};
use super::flow::Flow;
use super::id_token::Login;
use super::provider::Provider;

/// The scope without which addresses are not told.
const EMAIL_SCOPE: &str = "user:email";

/// Somebody whom GitHub vouches for. It does not say when or how they logged in there.
pub(super) async fn redeem(
    visit: &Visit<'_>,
    provider: &Provider,
    flow: &Flow,
    code: &str,
) -> Result<(Login, Map<String, Value>), UpstreamError> {
    let tokens = request_tokens(visit, provider, flow, code).await?;
    let token = read_access_token(&tokens).ok_or(UpstreamError::Malformed("the token endpoint"))?;
    let api = visit.connection.github_api();
    let at = |path: &str| Url::parse(&format!("{api}/{path}")).map_err(|_| UpstreamError::Metadata("the API's address is no URL"));
    let user = ask_api(visit, "/user", &at("user")?, &token).await?;
    let emails =
        if visit.connection.asks_for(EMAIL_SCOPE) { ask_api(visit, "/user/emails", &at("user/emails")?, &token).await? } else { json!([]) };
    let subject = read_id(&user).ok_or(UpstreamError::Malformed("/user"))?;
    let login = Login { subject, tenant: None, auth_time: None, acr: None, amr: Vec::new() };
    Ok((login, read_claims(&user, &emails)))
}

fn read_id(user: &Value) -> Option<String> {
    user.get("id").and_then(Value::as_u64).filter(|id| *id > 0).map(|id| id.to_string())
}

/// What GitHub says of a person, by the names of `OpenID` Connect Core section 5.1. The address is the primary one; only `/user/emails` says whether it
/// was verified.
fn read_claims(user: &Value, emails: &Value) -> Map<String, Value> {
    let mut claims = Map::new();
    for (theirs, ours) in
        [("name", "name"), ("login", "preferred_username"), ("avatar_url", "picture"), ("html_url", "profile"), ("blog", "website")]
    {
        if let Some(text) = user.get(theirs).and_then(Value::as_str).filter(|text| !text.is_empty()) {
            claims.insert(ours.to_owned(), json!(text));
        }
    }
    let primary = emails.as_array().into_iter().flatten().find(|email| email.get("primary") == Some(&json!(true)));
    if let Some(primary) = primary.filter(|primary| primary.get("email").is_some_and(Value::is_string)) {
        claims.insert("email".to_owned(), primary.get("email").cloned().unwrap_or_default());
        claims.insert("email_verified".to_owned(), json!(primary.get("verified") == Some(&json!(true))));
    }
    claims
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_the_person_and_the_login_name_is_not() {
        assert_eq!(read_id(&json!({"id": 583_231, "login": "octocat"})).as_deref(), Some("583231"));
        for user in
            [json!({"login": "octocat"}), json!({"id": "583231"}), json!({"id": 0}), json!({"id": -1}), json!({"id": 1.5}), json!([])]
        {
            assert_eq!(read_id(&user), None, "{user}");
        }
    }

    #[test]
    fn the_primary_address_counts_and_what_is_empty_is_left_out() {
        let user = json!({"login": "octocat", "name": null, "blog": "", "avatar_url": "https://a.example/1.png"});
        let emails = json!([
            {"email": "old@example.com", "primary": false, "verified": true},
            {"email": "octocat@example.com", "primary": true, "verified": false},
        ]);
        let claims = read_claims(&user, &emails);
        let expected = json!({
            "preferred_username": "octocat", "picture": "https://a.example/1.png", "email": "octocat@example.com", "email_verified": false,
        });
        assert_eq!(Value::Object(claims), expected);
        for odd in [json!([]), json!({"message": "Not Found"}), json!([{"primary": true}]), json!([7])] {
            assert!(!read_claims(&user, &odd).contains_key("email"), "{odd}");
        }
    }
}
