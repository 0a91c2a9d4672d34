//! What a token request asks for: a target (RFC 8707 section 2, RFC 8693 section 2.1) and scopes.

use super::code_exchange::{read_details, read_resources};
use super::error::TokenError;
use crate::protocol::details::DetailsError;
use crate::protocol::params::Params;
use crate::protocol::resource::normalize;
use crate::protocol::scope::Scope;

/// The one resource that a request names, by `resource` or by `audience`, in one spelling. Whether this server knows it is for the caller.
///
/// # Errors
/// `invalid_target` when it names several: a token has one audience.
pub(super) fn asked_target(params: &Params) -> Result<Option<String>, TokenError> {
    let resource = read_resources(params)?.into_iter().next();
    let audience = params.find("audience").map(normalize);
    match (resource, audience) {
        (Some(resource), Some(audience)) if resource != audience => Err(TokenError::InvalidTarget),
        (resource, audience) => Ok(resource.or(audience)),
    }
}

/// RFC 9396 section 6: rich authorization requests are for people to allow. What is asked for and can't be granted is refused, not left out.
///
/// # Errors
/// `invalid_authorization_details` when the request has any.
pub(super) fn check_no_details(params: &Params) -> Result<(), TokenError> {
    if read_details(params)?.is_some() { Err(DetailsError::Exceeds.into()) } else { Ok(()) }
}

/// The scopes that a request names, each once, but for `offline_access`, which asks for no scope of an access token; none without the parameter.
///
/// # Errors
/// `invalid_scope` for what is no scope.
pub(super) fn asked_scopes(params: &Params) -> Result<Option<Vec<String>>, TokenError> {
    let Some(text) = params.find("scope") else { return Ok(None) };
    let scope = Scope::parse(text).map_err(|_| TokenError::InvalidScope)?;
    Ok(Some(scope.iter().filter(|one| *one != "offline_access").map(str::to_owned).collect()))
}

/// The scopes that were asked for, or all that are allowed.
///
/// # Errors
/// `invalid_scope` when one was asked for that is not allowed.
pub(super) fn narrow(allowed: Vec<String>, asked: Option<Vec<String>>) -> Result<Vec<String>, TokenError> {
    match asked {
        None => Ok(allowed),
        Some(asked) if asked.iter().all(|scope| allowed.contains(scope)) => Ok(asked),
        Some(_) => Err(TokenError::InvalidScope),
    }
}
