//! The standard claims about a person (`OpenID` Connect Core section 5.1), by the scopes that ask for them (section 5.4).

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
