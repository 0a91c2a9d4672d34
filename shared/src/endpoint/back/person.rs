//! What clients are told about a person: the claims of scopes, and those granted one by one (`OpenID` Connect Core sections 5.1, 5.4, 5.5).

use std::collections::BTreeMap;

use serde_json::json;

use crate::model::settings::Settings;
use crate::model::user::{Claims, User};
use crate::protocol::claims::claims_of_scope;
use crate::protocol::claims_request::ClaimRequest;

/// The claims that `scopes` stand for, as far as they are known: the standard ones, and those of the site's that the operator put beside them.
pub(super) fn claims_of_scopes(user: &User, scopes: &[String], settings: &Settings) -> Claims {
    let standard = scopes.iter().flat_map(|scope| claims_of_scope(scope)).copied();
    let further = settings.site_login.iter().flat_map(|site| &site.claims).filter(|(_, scope)| scopes.contains(scope));
    let names = standard.chain(further.map(|(name, _)| name.as_str()));
    names.filter_map(|name| Some((name.to_owned(), find_claim(user, name)?))).collect()
}

/// The claims that were asked for one by one. One that is not known, or has another value than was asked for, is left out: section 5.5.1 allows no
/// error for it.
pub(super) fn claims_granted(user: &User, granted: &BTreeMap<String, ClaimRequest>) -> Claims {
    let find = |(name, asked): (&String, &ClaimRequest)| {
        let value = find_claim(user, name).filter(|value| asked.accepts(value))?;
        Some((name.clone(), value))
    };
    granted.iter().filter_map(find).collect()
}

/// A claim about the person. `sub`, `acr` and `auth_time` are none: they are said whether or not they were asked for.
fn find_claim(user: &User, name: &str) -> Option<serde_json::Value> {
    match (user.claims.get(name), name) {
        (_, "sub" | "acr" | "auth_time") => None,
        (Some(value), _) => Some(value.clone()),
        (None, "updated_at") => Some(json!(user.updated_at.0)),
        (None, "preferred_username") => user.username.as_ref().map(|name| json!(name)),
        (None, _) => None,
    }
}
