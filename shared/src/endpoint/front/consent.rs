//! `/consent`: whether the person allows what the client asks for.

use http::StatusCode;
use url::Url;

use super::FrontChannel;
use super::asked::{asked_details, asked_scopes, named_resources};
use super::authorize::name_of;
use super::check::{CheckedRequest, check_request};
use super::demand::{Verdict, judge};
use super::error::{ClientReason, PageReason, Refusal};
use super::form::{Purpose, has_token, make_token, read_form};
use super::issue;
use super::reply::{go_on, page};
use super::session::{ActiveSession, find_active};
use crate::endpoint::{Request, Response};
use crate::model::client::{Origin, StoredClient};
use crate::model::consent::Consent;
use crate::pages::{ConsentPage, Stranger};
use crate::protocol::authorize::AuthorizationParameters;
use crate::store::StoreError;

/// Whether the person has to be asked: not for the operator's own clients, nor for what was allowed before, unless the client wants it. Authorization
/// details are about one thing to be done, so that they are always asked about.
pub(super) async fn is_needed(front: &FrontChannel, asked: &CheckedRequest, active: &ActiveSession) -> Result<bool, StoreError> {
    if asked.parameters.prompt.consent || !asked.parameters.details.is_empty() {
        return Ok(true);
    }
    if asked.client().first_party {
        return Ok(false);
    }
    if !may_be_remembered(asked) {
        return Ok(true);
    }
    let allowed = front.context.store.find_consent(active.user.id, &asked.client().client_id).await?;
    Ok(allowed.is_empty() || !allowed.covers(&asked_for(front, asked)))
}

/// What the person is asked to allow. Claims that a scope stands for are not named beside it.
fn asked_for(front: &FrontChannel, asked: &CheckedRequest) -> Consent {
    let AuthorizationParameters { scopes, claims, .. } = &asked.parameters;
    let resources = asked.further_resources(&front.context.config).cloned().collect();
    Consent { scopes: scopes.clone(), claims: claims.beyond(scopes), resources }
}

/// RFC 8252 section 8.6: a public client at a loopback address or a custom scheme may be any program, whatever it calls itself. A client that nobody
/// stands behind may be another one tomorrow: it can change its redirect URIs by itself.
fn may_be_remembered(asked: &CheckedRequest) -> bool {
    let may_be_any_program = asked.client().is_public() && asked.reply.redirect.is_local();
    !asked.stored().is_stranger() && !may_be_any_program
}

/// The consent page.
pub(super) fn show(front: &FrontChannel, request: &Request, asked: &CheckedRequest, active: &ActiveSession) -> Response {
    let form = make_token(front, request, Purpose::Consent, &active.about(asked));
    let document = Url::parse(asked.client().client_id.as_str()).ok();
    let claims = asked.parameters.claims.beyond(&asked.parameters.scopes);
    let settings = &asked.settings;
    let rendered = ConsentPage {
        view: asked.view(),
        client_name: asked.client().display_name(),
        client_id: asked.client().client_id.as_str(),
        destination: &asked.reply.destination(),
        stranger: stranger_of(asked.stored(), document.as_ref()),
        user_name: name_of(active),
        scopes: &asked_scopes(asked.view(), settings, &asked.resources, &asked.parameters.scopes),
        claims: &claims,
        resources: &named_resources(asked.view(), &front.context.config, settings, &asked.resources),
        details: &asked_details(asked.view(), settings, &asked.parameters.details),
        offline: asked.is_offline(),
        request: &asked.query,
        form_token: &form.token,
    };
    let response = page(StatusCode::OK, rendered.render());
    form.set_cookie.into_iter().fold(response, Response::with_cookie)
}

/// What people must know of a client that the operator does not know.
pub(super) fn stranger_of<'a>(client: &StoredClient, document: Option<&'a Url>) -> Option<Stranger<'a>> {
    match client.origin {
        Origin::Operator => None,
        Origin::Dynamic(_) => Some(Stranger::Registered),
        Origin::Document { .. } => Some(Stranger::Described { host: document.and_then(Url::host_str).unwrap_or_default() }),
    }
}

/// `POST /consent`.
pub(super) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let params = read_form(front, request)?;
    let asked = check_request(front, request, params.find("request").unwrap_or_default()).await?;
    let Verdict::Good(active) = judge(front, &asked, find_active(front, request).await?).await? else {
        // The session ended while the page was open: back to the beginning.
        return Ok(go_on(&asked.path()));
    };
    if !has_token(front, request, &params, Purpose::Consent, &active.about(&asked)) {
        return Err(PageReason::ForeignForm.into());
    }
    if params.find("decision") != Some("allow") {
        return Err(asked.refuse(ClientReason::Denied));
    }
    remember(front, &asked, &active).await?;
    issue::issue_code(front, &asked, &active).await
}

async fn remember(front: &FrontChannel, asked: &CheckedRequest, active: &ActiveSession) -> Result<(), StoreError> {
    if asked.client().first_party || !may_be_remembered(asked) {
        return Ok(());
    }
    let (store, client_id) = (&front.context.store, &asked.client().client_id);
    let before = store.find_consent(active.user.id, client_id).await?;
    let more = asked_for(front, asked);
    if before.covers(&more) {
        return Ok(());
    }
    store.remember_consent(active.user.id, client_id, &before.with(more), front.context.now()).await
}
