//! `/logout`: a client, or the person, wants the session of this browser to end (OpenID Connect RP-Initiated Logout 1.0).

use std::sync::Arc;

use http::StatusCode;

use super::FrontChannel;
use super::cookie::Cookie;
use super::error::{PageReason, Refusal};
use super::form::{Purpose, has_token, make_token, read_form};
use super::id_token_hint::{HintError, HintFailure, IdTokenHint, check_hint};
use super::leaving::needs_login;
use super::reply::{go_on, page, redirect};
use super::session::find_session;
use crate::endpoint::{Request, Response};
use crate::model::client::{ClientId, StoredClient};
use crate::model::session::Session;
use crate::pages::{Destination, LogoutPage, SignedOutPage};
use crate::protocol::authorize::{MAX_STATE, TrustedRedirect, UntrustedRedirect, normalize_query};
use crate::protocol::params::{MAX_ENCODED_BYTES, Params, ParamsError};

/// The longest query, in bytes. ID tokens are long; API Gateway lets 10,240 bytes of request line and headers pass.
const MAX_QUERY: usize = 8 * 1_024;

/// A logout request in which everything is as it must be.
struct LogoutRequest {
    /// The query, in the one spelling that is handed on to the form.
    query: String,
    /// The ID token that the client sent along.
    hint: Option<IdTokenHint>,
    /// Who asks, where that was said.
    client: Option<Arc<StoredClient>>,
    /// Where the browser goes afterwards.
    target: Option<Target>,
}

/// An address of the client's, and what comes back to it.
struct Target {
    redirect: TrustedRedirect,
    state: Option<String>,
    /// Nobody here has checked who is behind it, so that the browser is not sent there before somebody has logged in (RFC 9700 section 4.11.2).
    needs_login: bool,
}

/// Why a logout request is refused. People are told, and nobody else: what could not be validated is not used (section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LogoutReason {
    /// The ID token is not ours, or none.
    #[error("id_token_hint: {0}")]
    Hint(#[from] HintError),
    /// The ID token was issued to another client than the one that is named.
    #[error("client_id is not the client of id_token_hint")]
    OtherClient,
    /// An address to go on to, and nothing that says whose it is.
    #[error("post_logout_redirect_uri without id_token_hint or client_id")]
    NoClient,
    /// The address is none of the client's.
    #[error("post_logout_redirect_uri: {0}")]
    Redirect(#[from] UntrustedRedirect),
    /// `state` is longer than 1,024 bytes.
    #[error("state is too long")]
    StateTooLong,
}

impl From<HintFailure> for Refusal {
    fn from(failure: HintFailure) -> Self {
        match failure {
            HintFailure::Refused(error) => LogoutReason::Hint(error).into(),
            HintFailure::Store(error) => error.into(),
        }
    }
}

impl From<LogoutReason> for Refusal {
    fn from(reason: LogoutReason) -> Self {
        PageReason::Logout(reason).into()
    }
}

/// `GET /logout` (section 2).
pub(super) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let asked = check_request(front, &request.raw_query).await?;
    match find_session(front, request).await? {
        None => Ok(finish(front, request, &asked, false)),
        Some(session) if asked.is_about(&session) => end(front, request, &asked, &session).await,
        Some(session) => ask(front, request, &asked, &session).await,
    }
}

/// `POST /logout`: the answer to our own page; anything else is a client's request, whose cookies do not count, and goes on by GET.
pub(super) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    if request.body.len() > MAX_ENCODED_BYTES {
        return Err(PageReason::TooLong.into());
    }
    let (params, _) = Params::parse_lenient(&request.body).map_err(PageReason::Params)?;
    if params.find("form_token").is_none() {
        return continue_by_get(request);
    }
    let params = read_form(front, request)?;
    let asked = check_request(front, params.find("request").unwrap_or_default()).await?;
    let Some(session) = find_session(front, request).await? else {
        return Ok(finish(front, request, &asked, false));
    };
    if !has_token(front, request, &params, Purpose::Logout, &about(&asked, &session)) {
        return Err(PageReason::ForeignForm.into());
    }
    if params.find("decision") != Some("logout") {
        let view = &front.view(request);
        return Ok(page(StatusCode::OK, SignedOutPage { view, signed_in: true, client_name: asked.client_name(), next: None }.render()));
    }
    end(front, request, &asked, &session).await
}

/// A cross-site POST comes without cookies, so that nothing can be said about who is logged in; the same request goes on by GET.
fn continue_by_get(request: &Request) -> Result<Response, Refusal> {
    let body = std::str::from_utf8(&request.body).map_err(|_| PageReason::Params(ParamsError::NotText))?;
    let query = normalize_query(body);
    if query.len() > MAX_QUERY {
        return Err(PageReason::TooLong.into());
    }
    Ok(go_on(&format!("/logout?{query}")))
}

/// Every check of a logout request, in the order of sections 2 and 3. `logout_hint` is a hint that need not be followed: people
/// are asked who they are by their session. `ui_locales` is read where a page is made.
async fn check_request(front: &FrontChannel, raw_query: &str) -> Result<LogoutRequest, Refusal> {
    let query = normalize_query(raw_query);
    if query.len() > MAX_QUERY {
        return Err(PageReason::TooLong.into());
    }
    let params = Params::parse(query.as_bytes()).map_err(PageReason::Params)?;
    let hint = match params.find("id_token_hint") {
        Some(text) => Some(check_hint(front, text).await?),
        None => None,
    };
    let client = check_client(front, &params, hint.as_ref()).await?;
    let target = check_target(front, &params, client.as_deref()).await?;
    Ok(LogoutRequest { query, hint, client, target })
}

/// Section 2: with both `client_id` and `id_token_hint`, they must agree.
async fn check_client(front: &FrontChannel, params: &Params, hint: Option<&IdTokenHint>) -> Result<Option<Arc<StoredClient>>, Refusal> {
    let named = params.find("client_id").map(ClientId::parse).transpose().map_err(|_| PageReason::ClientUnknown)?;
    let id = match (named, hint) {
        (Some(named), Some(hint)) if named != hint.client_id => return Err(LogoutReason::OtherClient.into()),
        (Some(named), _) => named,
        (None, Some(hint)) => hint.client_id.clone(),
        (None, None) => return Ok(None),
    };
    Ok(Some(front.clients.find(&front.context, &id).await?.ok_or(PageReason::ClientUnknown)?))
}

/// Section 3: only an address that the client registered is gone to. One that the kept registration lacks may have been registered since.
async fn check_target(front: &FrontChannel, params: &Params, client: Option<&StoredClient>) -> Result<Option<Target>, Refusal> {
    let Some(presented) = params.find("post_logout_redirect_uri") else { return Ok(None) };
    let client = client.ok_or(LogoutReason::NoClient)?;
    let redirect = match TrustedRedirect::check_post_logout(&client.client, presented) {
        Ok(redirect) => redirect,
        Err(_) => {
            let fresh = front.clients.find_fresh(&front.context, &client.client.client_id).await?.ok_or(PageReason::ClientUnknown)?;
            TrustedRedirect::check_post_logout(&fresh.client, presented).map_err(LogoutReason::Redirect)?
        }
    };
    let state = params.find("state").map(str::to_owned);
    if state.as_ref().is_some_and(|state| state.len() > MAX_STATE) {
        return Err(LogoutReason::StateTooLong.into());
    }
    let needs_login = needs_login(client, &redirect, &front.context.settings().await?.registration);
    Ok(Some(Target { redirect, state, needs_login }))
}

impl LogoutRequest {
    /// Whether the client proved that it means this very session, by an ID token that was issued in it. A session is one person's for as long as it
    /// lasts, so that the person is the right one, too. Section 2: without such a proof, people must be asked.
    fn is_about(&self, session: &Session) -> bool {
        self.hint.as_ref().is_some_and(|hint| hint.session_id == session.id)
    }

    fn client_name(&self) -> Option<&str> {
        self.client.as_ref().map(|client| client.client.display_name())
    }
}

/// What the token of the form is bound to.
fn about(asked: &LogoutRequest, session: &Session) -> String {
    format!("{}\0{:?}\0{}", session.id, session.secret_hash.as_bytes(), asked.query)
}

/// The page that asks.
async fn ask(front: &FrontChannel, request: &Request, asked: &LogoutRequest, session: &Session) -> Result<Response, Refusal> {
    let user = front.context.store.find_user(session.user_id).await?;
    let form = make_token(front, request, Purpose::Logout, &about(asked, session));
    let destination = asked.target.as_ref().map(|target| Destination::of(target.redirect.kind()));
    let rendered = LogoutPage {
        view: &front.view(request),
        client_name: asked.client_name(),
        destination: destination.as_ref(),
        user_name: user.as_ref().map(super::authorize::name_of_user),
        request: &asked.query,
        form_token: &form.token,
    };
    let response = page(StatusCode::OK, rendered.render());
    Ok(form.bind(response))
}

/// Ends the session. The clients in it learn of that by the table's stream, as they do whoever ends it.
async fn end(front: &FrontChannel, request: &Request, asked: &LogoutRequest, session: &Session) -> Result<Response, Refusal> {
    front.context.store.end_session(session.id).await?;
    tracing::info!(session_id = %session.id, user_id = %session.user_id, "logged out");
    let cookies = [Cookie::Session, Cookie::Form, Cookie::Challenge];
    Ok(cookies.into_iter().fold(finish(front, request, asked, true), |response, cookie| response.with_cookie(cookie.render(front, "", 0))))
}

/// Nobody is logged in, or no more: on to the client, or the end of the way.
fn finish(front: &FrontChannel, request: &Request, asked: &LogoutRequest, was_logged_in: bool) -> Response {
    let url = asked.target.as_ref().map(Target::url);
    let destination = asked.target.as_ref().map(|target| Destination::of(target.redirect.kind()));
    match (&asked.target, &url) {
        (Some(target), Some(url)) if was_logged_in || !target.needs_login => redirect(url),
        _ => {
            let next = url.as_deref().zip(destination.as_ref());
            page(
                StatusCode::OK,
                SignedOutPage { view: &front.view(request), signed_in: false, client_name: asked.client_name(), next }.render(),
            )
        }
    }
}

impl Target {
    /// The address, with `state` as it came (section 3).
    fn url(&self) -> String {
        let fields: Vec<_> = self.state.as_deref().map(|state| ("state", state)).into_iter().collect();
        self.redirect.with_query(&fields)
    }
}

impl LogoutReason {
    /// What happened, in a few words and in a sentence, and what to do: ids of messages.
    pub(super) fn words(self) -> (&'static str, &'static str, &'static str) {
        const FAULTY: &str = "error-faulty";
        let (title, message) = match self {
            Self::Hint(_) => (FAULTY, "error-logout-hint-why"),
            Self::OtherClient => (FAULTY, "error-logout-client-why"),
            Self::NoClient => (FAULTY, "error-logout-nobody-why"),
            Self::Redirect(_) => ("error-elsewhere", "error-logout-redirect-why"),
            Self::StateTooLong => (FAULTY, "error-logout-state-why"),
        };
        (title, message, "error-advice-logout")
    }
}
