//! Every check of an authorization request (OAuth 2.1 section 4.1.1), in order.

use std::sync::Arc;

use super::FrontChannel;
use super::error::{ClientReason, PageReason, Refusal};
use super::reply::ClientReply;
use crate::endpoint::authorization::{CheckedParameters, check_parameters, check_redirect};
use crate::model::client::{Client, ClientId, GrantType, StoredClient};
use crate::model::secret::SecretHash;
use crate::protocol::authorize::{AuthorizationParameters, MAX_QUERY, MAX_STATE, normalize_query, read_response_mode};
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
    let redirect = check_redirect(&front.context, &front.clients, client, params.find("redirect_uri")).await?;
    let (redirect, client) = redirect.map_err(PageReason::Redirect)?;
    let (mode, _) = read_response_mode(&params);
    let state = params.find("state").filter(|state| state.len() <= MAX_STATE).map(str::to_owned);
    let reply = ClientReply { redirect, mode, state, client_name: client.client.display_name().to_owned() };
    let settings = front.context.settings().await?;
    let checked = check_parameters(&front.context.config, &settings, &client.client, &params, repeated.is_some());
    let CheckedParameters { parameters, resources } = checked.map_err(|error| Refusal::Client(Box::new(reply.clone()), error.into()))?;
    Ok(CheckedRequest { query, reply, parameters, resources, client })
}

async fn check_client(front: &FrontChannel, params: &Params) -> Result<Arc<StoredClient>, Refusal> {
    let id = params.find("client_id").ok_or(PageReason::ClientMissing)?;
    let id = ClientId::parse(id).map_err(|_| PageReason::ClientUnknown)?;
    let found = front.clients.find(&front.context, &id).await?;
    found.ok_or_else(|| PageReason::ClientUnknown.into())
}
