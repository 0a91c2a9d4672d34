//! Every check of an authorization request (OAuth 2.1 section 4.1.1), in order.

use std::sync::Arc;

use super::asked::further_resources;
use super::error::{ClientReason, PageReason, Refusal};
use super::pushed::{Presented, find_presented};
use super::reference::fetch_object;
use super::reply::ClientReply;
use super::{FrontChannel, leaving};
use crate::config::Config;
use crate::endpoint::Request;
use crate::endpoint::authorization::{CheckedParameters, RequestError, check_parameters, check_redirect, read_object};
use crate::model::client::{Client, ClientId, StoredClient};
use crate::model::pushed;
use crate::model::secret::SecretHash;
use crate::model::settings::Settings;
use crate::pages::View;
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
    /// The pushed request behind it, if it was one.
    pub(super) pushed: Option<Presented>,
    /// Its request object expired a moment ago.
    pub(super) is_late: bool,
    /// The operator's settings, by which it was checked.
    pub(super) settings: Arc<Settings>,
    client: Arc<StoredClient>,
    content: String,
}

impl CheckedRequest {
    /// Who asks.
    pub(super) fn client(&self) -> &Client {
        &self.client.client
    }

    /// What pages are bound to: the query, and what it only refers to.
    pub(super) fn content(&self) -> &str {
        &self.content
    }

    /// Who asks, and what stands behind its registration.
    pub(super) fn stored(&self) -> &StoredClient {
        &self.client
    }

    /// In which language and look people are asked about it.
    pub(super) fn view(&self) -> &View {
        &self.reply.view
    }

    /// By what a login remembers which request it answered.
    pub(super) fn hash(&self) -> SecretHash {
        SecretHash::of(self.content.as_bytes())
    }

    /// The way back to this very request.
    pub(super) fn path(&self) -> String {
        format!("/authorize?{}", self.query)
    }

    /// Whether refresh tokens are issued: asked for, or what the client is registered for.
    pub(super) fn is_offline(&self) -> bool {
        self.client().stays_connected(&self.parameters.scopes)
    }

    /// The resources asked for beside the default audience and this server itself, which go without saying.
    pub(super) fn further_resources(&self, config: &Config) -> impl Iterator<Item = &String> {
        further_resources(config, &self.resources)
    }

    /// Refused, and the client is told.
    pub(super) fn refuse(&self, reason: ClientReason) -> Refusal {
        Refusal::Client(Box::new(self.reply.clone()), reason)
    }
}

/// Checks the authorization request in `raw_query`. Until client and redirect URI are proven, every refusal is a page; from then on, the
/// client is told.
pub(super) async fn check_request(front: &FrontChannel, request: &Request, raw_query: &str) -> Result<CheckedRequest, Refusal> {
    let query = normalize_query(raw_query);
    if query.len() > MAX_QUERY {
        return Err(PageReason::TooLong.into());
    }
    let (outer, repeated) = Params::parse_lenient(query.as_bytes()).map_err(PageReason::Params)?;
    if let Some(error @ ParamsError::Repeated("client_id" | "redirect_uri" | "request" | "request_uri")) = repeated {
        return Err(PageReason::Params(error).into());
    }
    let client = check_client(front, request, &outer).await?;
    let settings = front.context.settings().await?;
    let carried = match carry(front, request, &settings, &client.client, &outer, repeated.is_some()).await {
        Ok(carried) => carried,
        Err(Uncarried::Refused(refusal)) => return Err(refusal),
        Err(Uncarried::Invalid(error)) => return Err(refuse_outside(front, request, &settings, client, &outer, error).await),
    };
    let params = carried.params.as_ref().unwrap_or(&outer);
    let redirect = check_redirect(&front.context, &front.clients, client, params.find("redirect_uri"), request.source_ip).await?;
    let (redirect, client) = redirect.map_err(PageReason::Redirect)?;
    let view = front.view_in(request, params.find("ui_locales"));
    let reply = reply_to(redirect, view, &client, params, &settings);
    let checked = check_way(&settings, &client.client, &carried)
        .and_then(|()| check_parameters(&front.context.config, &settings, &client.client, params, carried.is_repeated));
    let CheckedParameters { parameters, resources } = checked.map_err(|error| Refusal::Client(Box::new(reply.clone()), error.into()))?;
    let content = match &carried.way {
        Way::Referred => format!("{query}\0{}", params.encode(&[])),
        Way::Plain | Way::Signed | Way::Pushed(_) => query.clone(),
    };
    let Carried { way, is_late, .. } = carried;
    let pushed = if let Way::Pushed(presented) = way { Some(*presented) } else { None };
    Ok(CheckedRequest { query, reply, parameters, resources, pushed, is_late, settings, client, content })
}

/// In which way a request comes.
enum Way {
    /// In the query.
    Plain,
    /// In a request object (RFC 9101).
    Signed,
    /// In a request object somewhere else.
    Referred,
    /// It was pushed (RFC 9126).
    Pushed(Box<Presented>),
}

/// What a request carries, whichever way it comes.
struct Carried {
    way: Way,
    /// The parameters, unless they are those of the query. Nothing beside them counts (RFC 9101 section 6.3).
    params: Option<Params>,
    is_repeated: bool,
    is_late: bool,
}

/// Why it carries nothing.
enum Uncarried {
    /// Nobody but the person is told.
    Refused(Refusal),
    /// The client is told, if the query itself says where.
    Invalid(RequestError),
}

impl<E: Into<Refusal>> From<E> for Uncarried {
    fn from(refusal: E) -> Self {
        Self::Refused(refusal.into())
    }
}

async fn carry(
    front: &FrontChannel,
    request: &Request,
    settings: &Settings,
    client: &Client,
    outer: &Params,
    is_repeated: bool,
) -> Result<Carried, Uncarried> {
    let (way, text) = match (outer.find("request"), outer.find("request_uri")) {
        (Some(_), Some(_)) => return Err(Uncarried::Invalid(RequestError::TwoRequests)),
        (None, None) => return Ok(Carried { way: Way::Plain, params: None, is_repeated, is_late: false }),
        (None, Some(uri)) if uri.starts_with(pushed::PREFIX) => {
            let presented = find_presented(front, request, client, uri).await?;
            let params = Params::parse(presented.query().as_bytes()).map_err(PageReason::Params)?;
            return Ok(Carried { way: Way::Pushed(Box::new(presented)), params: Some(params), is_repeated: false, is_late: false });
        }
        (Some(text), None) => (Way::Signed, text.to_owned()),
        (None, Some(uri)) => (Way::Referred, fetch_object(front, settings, client, uri).await.map_err(Uncarried::Invalid)?),
    };
    let object = read_object(&front.context, &front.client_keys, client, &text).await;
    let object = object.map_err(|error| Uncarried::Invalid(error.into()))?;
    Ok(Carried { way, params: Some(object.params), is_repeated: false, is_late: object.is_late })
}

/// RFC 9126 sections 5 and 6, RFC 9101 section 10.5: requests that may only be pushed, or only be signed.
fn check_way(settings: &Settings, client: &Client, carried: &Carried) -> Result<(), RequestError> {
    match carried.way {
        // Whether it was signed was checked when it was pushed.
        Way::Pushed(_) => Ok(()),
        _ if client.must_push() || settings.authorization.require_pushed_requests => Err(RequestError::MustPush),
        Way::Plain if client.require_signed_request_object => Err(RequestError::MustSign),
        Way::Plain | Way::Signed | Way::Referred => Ok(()),
    }
}

/// The request object can't be believed: the client is told where the query itself says, if that is the client's.
async fn refuse_outside(
    front: &FrontChannel,
    request: &Request,
    settings: &Settings,
    client: Arc<StoredClient>,
    outer: &Params,
    error: RequestError,
) -> Refusal {
    match check_redirect(&front.context, &front.clients, client, outer.find("redirect_uri"), request.source_ip).await {
        Ok(Ok((redirect, client))) => {
            let view = front.view_in(request, outer.find("ui_locales"));
            Refusal::Client(Box::new(reply_to(redirect, view, &client, outer, settings)), error.into())
        }
        Ok(Err(UntrustedRedirect::Missing)) => PageReason::Request(error).into(),
        Ok(Err(untrusted @ UntrustedRedirect::Unregistered)) => PageReason::Redirect(untrusted).into(),
        Err(failed) => failed.into(),
    }
}

fn reply_to(redirect: TrustedRedirect, view: View, stored: &StoredClient, params: &Params, settings: &Settings) -> ClientReply {
    let client = &stored.client;
    let (mode, _) = read_response_mode(params);
    let state = params.find("state").filter(|state| state.len() <= MAX_STATE).map(str::to_owned);
    ClientReply {
        needs_login: leaving::needs_login(stored, &redirect, &settings.registration),
        redirect,
        view,
        mode,
        state,
        client_name: client.display_name().to_owned(),
        client_id: client.client_id.to_string(),
        always_iss: client.is_fapi2(),
    }
}

async fn check_client(front: &FrontChannel, request: &Request, params: &Params) -> Result<Arc<StoredClient>, Refusal> {
    let id = params.find("client_id").ok_or(PageReason::ClientMissing)?;
    let id = ClientId::parse(id).map_err(|_| PageReason::ClientUnknown)?;
    let found = front.clients.find_anywhere(&front.context, &id, request.source_ip).await?;
    found.ok_or_else(|| PageReason::ClientUnknown.into())
}
