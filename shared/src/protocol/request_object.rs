//! The parameters inside a request object (RFC 9101 section 4): claims of a JWT, brought into the form that parameters have elsewhere.

use serde_json::{Map, Value};

use super::params::{Params, ParamsError};

/// Claims that every JWT may have, and that are no parameters.
const JWT_CLAIMS: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
/// Parameters whose value is JSON: as text in a query, and as it is in a request object.
const JSON_PARAMETERS: [&str; 2] = ["claims", "authorization_details"];

/// Why claims are no parameters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestObjectError {
    /// RFC 9101 section 4: `request` and `request_uri` must not stand in a request object.
    #[error("it has another request object in it")]
    Nested,
    /// A parameter's value is of a type that it can't have.
    #[error("its parameter {0} has a wrong type")]
    Type(String),
    /// More parameters or bytes than are read, or text that no parameter has.
    #[error(transparent)]
    Params(#[from] ParamsError),
}

/// Reads the parameters among `claims`.
///
/// Texts stand for themselves, integers and booleans for their text. `claims` and `authorization_details` may be JSON or its text, `resource` one text or
/// a list of them (RFC 8707 section 2). What this server does not know is passed over when it is of another type.
///
/// # Errors
/// When a known parameter has a wrong type, or there is too much.
pub fn parameters_of(claims: &Map<String, Value>) -> Result<Params, RequestObjectError> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (name, value) in claims.iter().filter(|(name, _)| !JWT_CLAIMS.contains(&name.as_str())) {
        if name == "request" || name == "request_uri" {
            return Err(RequestObjectError::Nested);
        }
        match value {
            Value::String(text) => pairs.push((name.clone(), text.clone())),
            Value::Number(number) if number.is_i64() || number.is_u64() => pairs.push((name.clone(), number.to_string())),
            Value::Bool(flag) => pairs.push((name.clone(), flag.to_string())),
            Value::Array(list) if name == "resource" => {
                for one in list {
                    let text = one.as_str().ok_or_else(|| RequestObjectError::Type(name.clone()))?;
                    pairs.push((name.clone(), text.to_owned()));
                }
            }
            Value::Object(_) | Value::Array(_) if JSON_PARAMETERS.contains(&name.as_str()) => pairs.push((name.clone(), value.to_string())),
            _ if Params::is_known(name) => return Err(RequestObjectError::Type(name.clone())),
            _ => {}
        }
    }
    Ok(Params::collect(pairs)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(claims: &Value) -> Result<Params, RequestObjectError> {
        parameters_of(claims.as_object().unwrap())
    }

    /// RFC 9101 section 4: names and values as members, numbers as numbers
    #[test]
    fn json_values_become_what_a_query_would_say() {
        let params = read(&json!({
            "iss": "app", "aud": "https://issuer.example", "exp": 1, "max_age": 300, "scope": "openid", "claims": {"id_token": {"acr": null}},
            "resource": ["https://a.example", "https://b.example"], "authorization_details": [{"type": "payment"}], "unknown": {"a": 1}, "nonce": "",
        }))
        .unwrap();
        assert_eq!(params.find("max_age"), Some("300"));
        assert_eq!(params.find("claims"), Some("{\"id_token\":{\"acr\":null}}"));
        assert_eq!(params.find("authorization_details"), Some("[{\"type\":\"payment\"}]"));
        assert_eq!(params.find_all("resource").collect::<Vec<_>>(), ["https://a.example", "https://b.example"]);
        for absent in ["iss", "aud", "exp", "unknown", "nonce"] {
            assert_eq!(params.find(absent), None, "{absent}");
        }
        let again = Params::parse(params.encode(&["scope"]).as_bytes()).unwrap();
        assert_eq!((again.find("max_age"), again.find("scope")), (Some("300"), None));
        assert_eq!(again.find_all("resource").count(), 2);
    }

    /// RFC 9101 section 4
    #[test]
    fn wrong_types_other_request_objects_and_too_much_are_refused() {
        use RequestObjectError as E;
        for claims in [json!({"scope": ["openid"]}), json!({"max_age": 1.5}), json!({"state": null}), json!({"resource": [1]})] {
            assert!(matches!(read(&claims), Err(E::Type(_))), "{claims}");
        }
        assert_eq!(read(&json!({"request": "a.b.c"})).unwrap_err(), E::Nested);
        assert_eq!(read(&json!({"request_uri": "urn:a"})).unwrap_err(), E::Nested);
        assert_eq!(read(&json!({"state": "\u{0}"})).unwrap_err(), E::Params(ParamsError::NotText));
        let many: Map<String, Value> = (0..100).map(|n| (format!("p{n}"), json!("a"))).collect();
        assert_eq!(parameters_of(&many).unwrap_err(), E::Params(ParamsError::TooLarge));
        assert_eq!(read(&json!({"state": "a".repeat(20_000)})).unwrap_err(), E::Params(ParamsError::TooLarge));
    }
}
