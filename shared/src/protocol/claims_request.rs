//! The `claims` parameter: single claims that a client asks for, beside those of its scopes (`OpenID` Connect Core section 5.5).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::claims::{claims_of_scope, is_standard};

/// The longest parameter, in bytes.
const MAX_LENGTH: usize = 4_096;
/// The deepest nesting: a claim's requested `values` may be objects, as `address` is.
const MAX_DEPTH: usize = 6;
/// The most claims in one member, and the most values that one claim may have.
const MAX_CLAIMS: usize = 64;
/// What is always known of a login, and needs nobody's consent.
const OF_THE_LOGIN: [&str; 3] = ["sub", "acr", "auth_time"];

/// Claims asked for one by one, as far as this server knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// To be returned by `/userinfo`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: BTreeMap<String, ClaimRequest>,
    /// To be returned in the ID token.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: BTreeMap<String, ClaimRequest>,
}

/// How one claim is asked for (section 5.5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// Whether the client can't do its work well without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub essential: bool,
    /// The values that it may have; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Value>>,
}

/// A text that is no claims request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the claims parameter is not valid")]
pub struct ClaimsRequestError;

impl ClaimsRequest {
    /// Reads the parameter. Claims that this server does not know, and members that no specification knows, are passed over.
    ///
    /// # Errors
    /// When it is too long or too deep, no JSON object, or has a member of another form than section 5.5 gives it.
    pub fn parse(text: &str) -> Result<Self, ClaimsRequestError> {
        if text.len() > MAX_LENGTH {
            return Err(ClaimsRequestError);
        }
        let value: Value = serde_json::from_str(text).map_err(|_| ClaimsRequestError)?;
        if depth_of(&value) > MAX_DEPTH {
            return Err(ClaimsRequestError);
        }
        let Value::Object(members) = value else { return Err(ClaimsRequestError) };
        Ok(Self { userinfo: read_member(members.get("userinfo"))?, id_token: read_member(members.get("id_token"))? })
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }

    /// The claims about the person that none of `scopes` covers: what has to be consented to by itself.
    #[must_use]
    pub fn beyond(&self, scopes: &[String]) -> Vec<String> {
        let names: BTreeSet<&String> = self.userinfo.keys().chain(self.id_token.keys()).collect();
        let covered = |name: &str| scopes.iter().any(|scope| claims_of_scope(scope).contains(&name));
        names.into_iter().filter(|name| !OF_THE_LOGIN.contains(&name.as_str()) && !covered(name)).cloned().collect()
    }

    /// The subjects that alone may answer the request, when it names any (sections 3.1.2.2 and 5.5.1).
    #[must_use]
    pub fn subjects(&self) -> Option<Vec<&str>> {
        let mut named = [&self.id_token, &self.userinfo].into_iter().filter_map(|member| member.get("sub")?.values.as_ref());
        let texts = |values: &Vec<Value>| values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect::<BTreeSet<_>>();
        let first = named.next()?;
        let others: Vec<_> = named.map(texts).collect();
        let allowed = |subject: &&str| others.iter().all(|other| other.contains(*subject));
        Some(first.iter().filter_map(Value::as_str).filter(allowed).collect())
    }

    /// The levels of login of which one must be reached, when the request makes that essential (section 5.5.1.1).
    #[must_use]
    pub fn essential_acr(&self) -> Option<Vec<&str>> {
        let asked = self.id_token.get("acr").filter(|asked| asked.essential)?;
        Some(asked.values.as_ref()?.iter().filter_map(Value::as_str).collect())
    }
}

impl ClaimRequest {
    /// Whether a claim of this `value` is what was asked for.
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        self.values.as_ref().is_none_or(|values| values.contains(value))
    }
}

fn read_member(member: Option<&Value>) -> Result<BTreeMap<String, ClaimRequest>, ClaimsRequestError> {
    let claims = match member {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(claims)) if claims.len() <= MAX_CLAIMS => claims,
        Some(_) => return Err(ClaimsRequestError),
    };
    let mut read = BTreeMap::new();
    for (name, asked) in claims {
        let asked = match asked {
            Value::Null => ClaimRequest::default(),
            Value::Object(asked) => read_claim(asked)?,
            _ => return Err(ClaimsRequestError),
        };
        if is_standard(name) || OF_THE_LOGIN.contains(&name.as_str()) {
            read.insert(name.clone(), asked);
        }
    }
    Ok(read)
}

fn read_claim(asked: &Map<String, Value>) -> Result<ClaimRequest, ClaimsRequestError> {
    let essential = match asked.get("essential") {
        None => false,
        Some(value) => value.as_bool().ok_or(ClaimsRequestError)?,
    };
    let values = match (asked.get("value"), asked.get("values")) {
        (None, None) => None,
        (Some(value), None) => Some(vec![value.clone()]),
        (None, Some(Value::Array(values))) if values.len() <= MAX_CLAIMS => Some(values.clone()),
        _ => return Err(ClaimsRequestError),
    };
    Ok(ClaimRequest { essential, values })
}

fn depth_of(value: &Value) -> usize {
    match value {
        Value::Array(values) => 1 + values.iter().map(depth_of).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth_of).max().unwrap_or_default(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// `OpenID` Connect Core section 5.5, the shape of its example
    #[test]
    fn claims_are_read_member_by_member_and_unknown_ones_are_passed_over() {
        let text = json!({
            "userinfo": {"given_name": {"essential": true}, "nickname": null, "http://example.info/claims/groups": null},
            "id_token": {"auth_time": {"essential": true}, "acr": {"values": ["one", "two"]}, "email#fr": null},
            "another": 7,
        });
        let asked = ClaimsRequest::parse(&text.to_string()).unwrap();
        assert_eq!(asked.userinfo.keys().collect::<Vec<_>>(), ["given_name", "nickname"]);
        assert!(asked.userinfo["given_name"].essential && !asked.userinfo["nickname"].essential);
        assert_eq!(asked.id_token.keys().collect::<Vec<_>>(), ["acr", "auth_time"]);
        assert_eq!(asked.essential_acr(), None, "voluntary");
        assert_eq!(asked.beyond(&["openid".to_owned()]), ["given_name", "nickname"]);
        assert!(asked.beyond(&["profile".to_owned()]).is_empty());
    }

    /// `OpenID` Connect Core section 5.5.1
    #[test]
    fn what_has_another_form_is_refused() {
        let many = format!("{{\"userinfo\":{{{}}}}}", (0..65).map(|n| format!("\"c{n}\":null")).collect::<Vec<_>>().join(","));
        let long = format!("{{\"x\":\"{}\"}}", "y".repeat(4_096));
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let nested = r#"{"userinfo":{"name":{"value":{"a":{"b":{"c":{"d":1}}}}}}}"#;
        for bad in [
            "",
            "null",
            "[]",
            "\"x\"",
            "{",
            r#"{"userinfo":[]}"#,
            r#"{"userinfo":"x"}"#,
            r#"{"id_token":{"name":true}}"#,
            r#"{"id_token":{"name":"x"}}"#,
            r#"{"id_token":{"name":{"essential":"yes"}}}"#,
            r#"{"id_token":{"name":{"values":"x"}}}"#,
            r#"{"id_token":{"name":{"value":"x","values":["x"]}}}"#,
            nested,
            &many,
            &long,
            &deep,
        ] {
            assert_eq!(ClaimsRequest::parse(bad), Err(ClaimsRequestError), "{}", &bad[..bad.len().min(80)]);
        }
        assert!(ClaimsRequest::parse(r#"{"userinfo":null,"id_token":{"name":{"essential":false,"other":1}}}"#).is_ok());
    }

    /// `OpenID` Connect Core section 5.5.1: a `sub` with a value names who may answer
    #[test]
    fn subjects_must_fit_both_members() {
        for (text, expected) in [
            (r#"{"id_token":{"sub":{"value":"a"}}}"#, Some(vec!["a"])),
            (r#"{"userinfo":{"sub":{"values":["a","b"]}},"id_token":{"sub":{"values":["b","c"]}}}"#, Some(vec!["b"])),
            (r#"{"userinfo":{"sub":{"value":"a"}},"id_token":{"sub":{"value":"b"}}}"#, Some(vec![])),
            (r#"{"id_token":{"sub":{"value":7}}}"#, Some(vec![])),
            (r#"{"id_token":{"sub":null}}"#, None),
            ("{}", None),
        ] {
            assert_eq!(ClaimsRequest::parse(text).unwrap().subjects(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_what_is_kept_reads_back(text in "\\PC{0,200}") {
            if let Ok(asked) = ClaimsRequest::parse(&text) {
                let kept = serde_json::to_string(&asked).unwrap();
                prop_assert_eq!(serde_json::from_str::<ClaimsRequest>(&kept).unwrap(), asked);
            }
        }
    }
}
