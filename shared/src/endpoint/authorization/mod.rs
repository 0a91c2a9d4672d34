//! What makes an authorization request right (OAuth 2.1 section 4.1.1), whichever way it came: through the browser, or pushed by the client.

mod error;
mod object;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

pub(super) use self::error::RequestError;
pub(super) use self::object::{ObjectError, read_object};
use super::client_cache::ClientCache;
use super::client_documents::LookupError;
use super::resources::{check_resources, find_audience, useful_scopes};
use crate::config::Config;
use crate::context::Context;
use crate::model::client::{Client, GrantType, StoredClient};
use crate::model::settings::Settings;
use crate::protocol::authorize::{
    AuthorizationParameters, InvalidParameters, MAX_STATE, TrustedRedirect, UntrustedRedirect, read_details, read_resources,
    read_response_mode, read_scopes,
};
use crate::protocol::details::{AuthorizationDetails, DetailsError};
use crate::protocol::params::Params;
use crate::protocol::resource::normalize;

/// What a request asks for, in which everything is as it must be.
#[derive(Clone, Debug)]
pub(super) struct CheckedParameters {
    /// The parameters.
    pub(super) parameters: AuthorizationParameters,
    /// The resources that tokens may be for; never empty.
    pub(super) resources: Vec<String>,
}

/// Every check after those of client and redirect URI, in order. `is_repeated` tells that a parameter stands there twice.
pub(super) fn check_parameters(
    config: &Config,
    settings: &Settings,
    client: &Client,
    params: &Params,
    is_repeated: bool,
) -> Result<CheckedParameters, RequestError> {
    if params.find("state").is_some_and(|state| state.len() > MAX_STATE) {
        return Err(RequestError::StateTooLong);
    }
    // OAuth 2.1 section 3.1: parameters must not be included more than once.
    if is_repeated {
        return Err(RequestError::Repeated);
    }
    read_response_mode(params).1?;
    if !client.may_use(GrantType::AuthorizationCode) {
        return Err(RequestError::Unauthorized);
    }
    let mut parameters = AuthorizationParameters::read(params, client, settings)?;
    let resources = target_resources(config, settings, &parameters.resources, &parameters.details)?;
    parameters.scopes = check_scopes(config, settings, &resources, &parameters.scopes)?;
    Ok(CheckedParameters { parameters, resources })
}

/// For what a client asks a person's permission.
#[derive(Clone, Debug)]
pub(super) struct CheckedTarget {
    /// The scopes that the client may have and asked for, in the order asked.
    pub(super) scopes: Vec<String>,
    /// The resources that tokens may be for; never empty.
    pub(super) resources: Vec<String>,
    /// What else, in a structured form.
    pub(super) details: AuthorizationDetails,
}

/// Checks that alone, as it is checked in an authorization request, for requests that have no redirect.
pub(super) fn check_target(config: &Config, settings: &Settings, client: &Client, params: &Params) -> Result<CheckedTarget, RequestError> {
    let details = read_details(params, client, settings).map_err(InvalidParameters::Details)?;
    let resources = target_resources(config, settings, &read_resources(params)?, &details)?;
    let scopes = check_scopes(config, settings, &resources, &read_scopes(params, client, settings)?)?;
    Ok(CheckedTarget { scopes, resources, details })
}

/// The resources that were asked for, and those that the details are about.
fn target_resources(
    config: &Config,
    settings: &Settings,
    asked: &[String],
    details: &AuthorizationDetails,
) -> Result<Vec<String>, RequestError> {
    let mut resources = check_resources(config, settings, asked)?;
    let located = check_locations(config, settings, details)?;
    if asked.is_empty() && !located.is_empty() {
        // The details say whom the first token is for, since nothing else does.
        resources.splice(..0, located);
    } else {
        resources.extend(located);
    }
    let mut seen = BTreeSet::new();
    resources.retain(|one| seen.insert(one.clone()));
    Ok(resources)
}

/// The redirect URI must be the client's. One that the kept registration lacks may have been registered since; beside the redirect stands the
/// registration that has it. `asks` is the address that the request comes from.
pub(super) async fn check_redirect(
    context: &Context,
    clients: &ClientCache,
    client: Arc<StoredClient>,
    presented: Option<&str>,
    asks: Option<IpAddr>,
) -> Result<Result<(TrustedRedirect, Arc<StoredClient>), UntrustedRedirect>, LookupError> {
    match TrustedRedirect::check(&client.client, presented) {
        Ok(redirect) => Ok(Ok((redirect, client))),
        Err(UntrustedRedirect::Missing) => Ok(Err(UntrustedRedirect::Missing)),
        Err(UntrustedRedirect::Unregistered) => {
            let fresh = clients.find_changed(context, &client.client.client_id, asks).await?;
            let Some(fresh) = fresh else { return Ok(Err(UntrustedRedirect::Unregistered)) };
            Ok(TrustedRedirect::check(&fresh.client, presented).map(|redirect| (redirect, fresh)))
        }
    }
}

/// RFC 9396 section 2.2: locations are resources that this server issues tokens for, whatever `resource` says (section 3.1).
fn check_locations(config: &Config, settings: &Settings, details: &AuthorizationDetails) -> Result<Vec<String>, InvalidParameters> {
    let known = |one| find_audience(config, settings, one).map(|_| normalize(one)).ok_or(DetailsError::Location);
    details.locations().map(known).collect::<Result<_, _>>().map_err(InvalidParameters::Details)
}

/// The scopes that are of any use with `resources`; the others are left out like unknown ones (RFC 6749 section 3.3).
fn check_scopes(config: &Config, settings: &Settings, resources: &[String], asked: &[String]) -> Result<Vec<String>, InvalidParameters> {
    let useful = useful_scopes(config, settings, resources, asked);
    if useful.is_empty() && !asked.is_empty() { Err(InvalidParameters::Scope) } else { Ok(useful) }
}
