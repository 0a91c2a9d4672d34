//! `POST /logout/site`: the site says, from server to server, that somebody has logged out there.
//!
//! Sessions end that began by the site's login, and nothing else does: grants stay, as after any logout. No browser comes along, so that no cookie is
//! looked at and no page is shown.

use http::StatusCode;
use http::header::{CACHE_CONTROL, RETRY_AFTER};
use serde_json::json;

use super::FrontChannel;
use super::error::FailureReason;
use super::site_keys::SiteKeysError;
use super::site_token::{Expected, SiteLogout, SiteTokenError, check_logout_token};
use crate::endpoint::login_ways::LoginWays;
use crate::endpoint::{Request, Response};
use crate::model::session::SiteSession;
use crate::model::user::Login;
use crate::protocol::params::{Params, ParamsError};
use crate::store::{JtiKind, Spent, StoreError};

/// Why nobody is logged out.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("no login of the site's is configured")]
    NotConnected,
    #[error("parameters: {0}")]
    Params(#[from] ParamsError),
    #[error("there is no logout_token")]
    NoToken,
    #[error("logout JWT: {0}")]
    Token(#[from] SiteTokenError),
    #[error("logout JWT: its jti was used before")]
    Replayed,
    #[error(transparent)]
    Ours(FailureReason),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Ours(error.into())
    }
}

impl From<SiteKeysError> for Refused {
    fn from(error: SiteKeysError) -> Self {
        Self::Ours(error.into())
    }
}

/// Answers 204, also where there was no session to end: the site can't know which there are.
pub(super) async fn handle(front: &FrontChannel, request: &Request) -> Response {
    match answer(front, request).await {
        Ok(ended) => {
            tracing::info!(request_id = request.request_id, ended, "logged out by the site");
            Response::new(StatusCode::NO_CONTENT).with(CACHE_CONTROL, "no-store")
        }
        Err(refused) => refused.respond(request),
    }
}

async fn answer(front: &FrontChannel, request: &Request) -> Result<usize, Refused> {
    let context = &front.context;
    let params = Params::parse(&request.body)?;
    let token = params.find_secret("logout_token").ok_or(Refused::NoToken)?;
    let settings = context.settings().await?;
    let site = LoginWays::of(&context.config, &settings).site.ok_or(Refused::NotConnected)?;
    let expected = Expected { site, audience: context.config.issuer.as_str(), now: context.now() };
    let logout = front.site_keys.check(context, site, |keys| check_logout_token(token.expose(), keys, expected)).await??;
    // A login's `jti` and a logout's have nothing to do with each other.
    match context.store.spend_jti(JtiKind::Site, &format!("logout {}", site.issuer), &logout.jti, logout.expires_at).await? {
        Spent::First => Ok(end_sessions(front, &logout).await?),
        Spent::Replayed => Err(Refused::Replayed),
    }
}

/// Ends the sessions that are meant, and answers how many. The clients in them learn of it by the table's stream.
async fn end_sessions(front: &FrontChannel, logout: &SiteLogout) -> Result<usize, StoreError> {
    let store = &front.context.store;
    let Some(user) = store.find_login(&Login::Site(logout.subject.0.clone())).await? else { return Ok(0) };
    let mut ended = 0;
    for id in store.list_session_ids(user).await? {
        let Some(session) = store.find_session(id, front.context.now()).await? else { continue };
        if session.site.is_some_and(|site| is_meant(logout, &site)) {
            store.end_session(id).await?;
            ended += 1;
        }
    }
    Ok(ended)
}

/// The one session of the site's that it names, or, where it names none, all of the person's.
fn is_meant(logout: &SiteLogout, began: &SiteSession) -> bool {
    began.subject == logout.subject.0 && (logout.session_id.is_none() || logout.session_id == began.session_id)
}

impl Refused {
    fn respond(&self, request: &Request) -> Response {
        let (path, request_id) = (request.path.as_str(), request.request_id.as_str());
        let (status, error, sentence) = match self {
            Self::NotConnected | Self::Params(_) | Self::NoToken | Self::Token(_) | Self::Replayed => {
                tracing::info!(path, request_id, reason = %self, "request refused");
                (StatusCode::BAD_REQUEST, "invalid_request", "The logout_token is not accepted. The log says why.")
            }
            Self::Ours(reason) => {
                tracing::error!(path, request_id, %reason, "request failed");
                (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", "The server can't answer at the moment. Try again shortly.")
            }
        };
        let body = json!({"error": error, "error_description": sentence, "request_id": request_id});
        let response = Response::json(status, &body).with(CACHE_CONTROL, "no-store");
        if status == StatusCode::SERVICE_UNAVAILABLE { response.with(RETRY_AFTER, "2") } else { response }
    }
}
