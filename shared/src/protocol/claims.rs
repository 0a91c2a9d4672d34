//! The standard claims about a person (`OpenID` Connect Core section 5.1), by the scopes that ask for them (section 5.4).

use serde_json::Value;

/// The claims that `scope` stands for; none for scopes that are not of `OpenID` Connect.
#[must_use]
pub fn claims_of_scope(scope: &str) -> &'static [&'static str] {
    match scope {
        "profile" => &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
        "email" => &["email", "email_verified"],
        "phone" => &["phone_number", "phone_number_verified"],
        "address" => &["address"],
        _ => &[],
    }
}

/// The scopes that have claims.
pub const SCOPES_WITH_CLAIMS: [&str; 4] = ["profile", "email", "phone", "address"];

/// Whether `scope` is one of `OpenID` Connect: `openid`, `offline_access`, or one that has claims (sections 3.1.2.1, 5.4 and 11).
#[must_use]
pub fn is_standard_scope(scope: &str) -> bool {
    ["openid", "offline_access"].contains(&scope) || SCOPES_WITH_CLAIMS.contains(&scope)
}

/// Whether `name` is a standard claim about a person.
#[must_use]
pub fn is_standard(name: &str) -> bool {
    SCOPES_WITH_CLAIMS.iter().any(|scope| claims_of_scope(scope).contains(&name))
}

/// The members of `address` (section 5.1.1).
const ADDRESS: [&str; 6] = ["formatted", "street_address", "locality", "region", "postal_code", "country"];

/// A standard claim of another type than section 5.1 gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimTypeError {
    /// Most are texts.
    #[error("must be a text")]
    Text,
    /// Whether something was checked.
    #[error("must be true or false")]
    Flag,
    /// When something happened.
    #[error("must be a number of seconds since 1970")]
    Time,
    /// A postal address.
    #[error("must be an object of texts: formatted, street_address, locality, region, postal_code, country")]
    Address,
}

/// Checks the type of the claim `name` (section 5.1). Claims that are not standard may be anything.
///
/// # Errors
/// Says which type it must have.
pub fn check_claim(name: &str, value: &Value) -> Result<(), ClaimTypeError> {
    let (fits, error) = match name {
        "email_verified" | "phone_number_verified" => (value.is_boolean(), ClaimTypeError::Flag),
        "updated_at" => (value.is_number(), ClaimTypeError::Time),
        "address" => (is_address(value), ClaimTypeError::Address),
        _ => (value.is_string() || !is_standard(name), ClaimTypeError::Text),
    };
    if fits { Ok(()) } else { Err(error) }
}

fn is_address(value: &Value) -> bool {
    value.as_object().is_some_and(|members| members.iter().all(|(name, value)| ADDRESS.contains(&name.as_str()) && value.is_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// `OpenID` Connect Core section 5.1
    #[test]
    fn standard_claims_have_types() {
        for (name, good, bad) in [
            ("name", json!("Ada"), json!(7)),
            ("birthdate", json!("1815-12-10"), json!(1815)),
            ("email_verified", json!(false), json!("false")),
            ("phone_number_verified", json!(true), json!(1)),
            ("updated_at", json!(1_800_000_000), json!("2027-01-15")),
            ("address", json!({"locality": "London", "country": "UK"}), json!("London")),
            ("address", json!({}), json!({"locality": 7})),
            ("address", json!({"formatted": "1 Road"}), json!({"city": "London"})),
        ] {
            assert_eq!(check_claim(name, &good), Ok(()), "{name}");
            assert!(check_claim(name, &bad).is_err() && check_claim(name, &Value::Null).is_err(), "{name}");
        }
        assert_eq!(check_claim("role", &json!(["admin"])), Ok(()));
    }
}
