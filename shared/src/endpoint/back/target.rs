//! What a token request asks for: a target (RFC 8707 section 2, RFC 8693 section 2.1) and scopes.

use super::error::TokenError;
use crate::config::Config;
use crate::endpoint::resources::find_audience;
use crate::model::settings::Settings;
use crate::protocol::details::{AuthorizationDetails, DetailsError};
use crate::protocol::params::Params;
use crate::protocol::resource::normalize;
use crate::protocol::scope::Scope;

/// The resource that the access token shall be for (RFC 8707 section 2.2): at most one, since a token has one audience.
///
/// # Errors
/// `invalid_target` when there are several.
pub(super) fn read_resources(params: &Params) -> Result<Vec<String>, TokenError> {
    let asked: Vec<String> = params.find_all("resource").map(normalize).collect();
    if asked.len() > 1 { Err(TokenError::InvalidTarget) } else { Ok(asked) }
}

/// Checks that this server issues tokens for each of `resources`. Asked before anything is spent, so that an unknown one costs nothing.
///
/// # Errors
/// `invalid_target` when one is unknown.
pub(super) fn check_known(config: &Config, settings: &Settings, resources: &[String]) -> Result<(), TokenError> {
    let is_known = |one: &String| find_audience(config, settings, one).is_some();
    if resources.iter().all(is_known) { Ok(()) } else { Err(TokenError::InvalidTarget) }
}

/// The authorization details that the access token shall have (RFC 9396 section 6). An empty list is as good as none.
///
/// # Errors
/// `invalid_authorization_details` when they can't be read.
pub(super) fn read_details(params: &Params) -> Result<Option<AuthorizationDetails>, TokenError> {
    let asked = params.find("authorization_details").map(AuthorizationDetails::read_untyped).transpose()?;
    Ok(asked.filter(|details| !details.is_empty()))
}

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
