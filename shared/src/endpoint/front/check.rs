//! Every check of an authorization request (OAuth 2.1 section 4.1.1), in order.

use std::sync::Arc;

use super::FrontChannel;
use super::error::{ClientReason, PageReason, Refusal};
use super::reply::ClientReply;
use crate::model::client::{Client, ClientId, GrantType, StoredClient};
use crate::model::secret::SecretHash;
use crate::model::settings::Settings;
use crate::protocol::authorize::{
    AuthorizationParameters, MAX_QUERY, MAX_STATE, TrustedRedirect, UntrustedRedirect, normalize_query, read_response_mode,
};
use crate::protocol::params::{Params, ParamsError};

/// An authorization request in which everything is as it must be. Who answers it is another question.
#[derive(Clone, Debug)]
pub(super) struct CheckedRequest {
    /// The query, in the one spelling that is handed on between pages.
    pub(super) query: String,
    /// Where the answer goes.
    pub(super) reply: ClientReply,
    /// What is asked for.
    pub(super) parameters: AuthorizationParameters,
    /// The resources that tokens may be for; never empty.
    pub(super) resources: Vec<String>,
    client: Arc<StoredClient>,
}

impl CheckedRequest {
    /// Who asks.
    pub(super) fn client(&self) -> &Client {
        &self.client.client
    }

    /// By what a login remembers which request it answered.
    pub(super) fn hash(&self) -> SecretHash {
        SecretHash::of(self.query.as_bytes())
    }

    /// The way back to this very request.
    pub(super) fn path(&self) -> String {
        format!("/authorize?{}", self.query)
    }

    /// Whether refresh tokens are issued: asked for, or what the client is registered for.
    pub(super) fn is_offline(&self) -> bool {
        self.parameters.scopes.iter().any(|scope| scope == "offline_access") || self.client().grant_types.contains(&GrantType::RefreshToken)
    }

    /// Refused, and the client is told.
    pub(super) fn refuse(&self, reason: ClientReason) -> Refusal {
        Refusal::Client(Box::new(self.reply.clone()), reason)
    }
}

/// Checks the authorization request in `raw_query`. Until client and redirect URI are proven, every refusal is a page; from then on, the
/// client is told.
pub(super) async fn check_request(front: &FrontChannel, raw_query: &str) -> Result<CheckedRequest, Refusal> {
    let query = normalize_query(raw_query);
    if query.len() > MAX_QUERY {
        return Err(PageReason::TooLong.into());
    }
    let (params, repeated) = Params::parse_lenient(query.as_bytes()).map_err(PageReason::Params)?;
    if let Some(error @ ParamsError::Repeated("client_id" | "redirect_uri")) = repeated {
        return Err(PageReason::Params(error).into());
    }
    let client = check_client(front, &params).await?;
    let redirect = check_redirect(front, &client, &params).await?;
    let (redirect, client) = redirect;

    let (mode, known_mode) = read_response_mode(&params);
    let state = params.find("state").map(str::to_owned);
    let is_short = state.as_ref().is_none_or(|state| state.len() <= MAX_STATE);
    let client_name = client.client.display_name().to_owned();
    let reply = ClientReply { redirect, mode, state: state.filter(|_| is_short), client_name };
    let refuse = |reason: ClientReason| Refusal::Client(Box::new(reply.clone()), reason);

    if !is_short {
        return Err(refuse(ClientReason::StateTooLong));
    }
    // OAuth 2.1 section 3.1: parameters must not be included more than once.
    if repeated.is_some() {
        return Err(refuse(ClientReason::Repeated));
    }
    known_mode.map_err(|error| refuse(error.into()))?;
    if !client.client.grant_types.contains(&GrantType::AuthorizationCode) {
        return Err(refuse(ClientReason::Unauthorized));
    }
    let parameters = AuthorizationParameters::read(&params, &client.client).map_err(|error| refuse(error.into()))?;
    let settings = front.context.settings().await?;
    let resources = check_resources(front, &settings, &parameters.resources).map_err(refuse)?;
    Ok(CheckedRequest { query, reply, parameters, resources, client })
}

async fn check_client(front: &FrontChannel, params: &Params) -> Result<Arc<StoredClient>, Refusal> {
    let id = params.find("client_id").ok_or(PageReason::ClientMissing)?;
    let id = ClientId::parse(id).map_err(|_| PageReason::ClientUnknown)?;
    let found = front.clients.find(&front.context, &id).await?;
    found.ok_or_else(|| PageReason::ClientUnknown.into())
}

/// The redirect URI must be the client's. One that the kept registration lacks may have been registered since.
async fn check_redirect(
    front: &FrontChannel,
    client: &Arc<StoredClient>,
    params: &Params,
) -> Result<(TrustedRedirect, Arc<StoredClient>), Refusal> {
    let presented = params.find("redirect_uri");
    match TrustedRedirect::check(&client.client, presented) {
        Ok(redirect) => Ok((redirect, client.clone())),
        Err(UntrustedRedirect::Missing) => Err(PageReason::Redirect(UntrustedRedirect::Missing).into()),
        Err(UntrustedRedirect::Unregistered) => {
            let fresh = front.clients.find_fresh(&front.context, &client.client.client_id).await?.ok_or(PageReason::ClientUnknown)?;
            let redirect = TrustedRedirect::check(&fresh.client, presented).map_err(PageReason::Redirect)?;
            Ok((redirect, fresh))
        }
    }
}

/// RFC 8707 section 2: resources that this server issues tokens for. Without any it is the default audience.
fn check_resources(front: &FrontChannel, settings: &Settings, asked: &[String]) -> Result<Vec<String>, ClientReason> {
    let config = &front.context.config;
    if asked.is_empty() {
        return Ok(vec![config.default_audience.clone()]);
    }
    let known = |resource: &String| {
        let same = |one: &String| crate::protocol::resource::normalize(one) == *resource;
        same(&config.default_audience) || config.resources.iter().any(same) || settings.find_resource(resource).is_some()
    };
    if asked.iter().all(known) { Ok(asked.to_vec()) } else { Err(ClientReason::UnknownResource) }
}
