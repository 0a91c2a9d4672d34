//! `/consent`: whether the person allows what the client asks for.

use http::StatusCode;
use url::Url;

use super::FrontChannel;
use super::answered::{Answered, read_answer};
use super::asked::{asked_details, asked_scopes, named_resources};
use super::authorize::name_of;
use super::check::CheckedRequest;
use super::demand::Verdict;
use super::error::{ClientReason, Refusal};
use super::form::{Purpose, make_token};
use super::issue;
use super::reply::page;
use super::session::ActiveSession;
use crate::endpoint::{Request, Response};
use crate::model::client::{Origin, StoredClient};
use crate::model::consent::Consent;
use crate::model::settings::Logo;
use crate::pages::{ConsentPage, Lasting, Stranger};
use crate::protocol::authorize::AuthorizationParameters;
use crate::store::StoreError;

/// A question that the person has to answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Question {
    /// What they allowed this client before, beside which only what is new is asked about.
    before: Consent,
}

/// What the person has to be asked: nothing about the operator's own clients, nor about what was allowed before, unless the client wants it.
/// Authorization details are about one thing to be done, so that they are always asked about.
pub(super) async fn find_question(
    front: &FrontChannel,
    asked: &CheckedRequest,
    active: &ActiveSession,
) -> Result<Option<Question>, StoreError> {
    if asked.parameters.prompt.consent || !asked.parameters.details.is_empty() {
        return Ok(Some(Question::default()));
    }
    if asked.client().first_party {
        return Ok(None);
    }
    if !may_be_remembered(asked) {
        return Ok(Some(Question::default()));
    }
    let before = front.context.store.find_consent(active.user.id, &asked.client().client_id).await?;
    let is_answered = !before.is_empty() && before.covers(&asked_for(front, asked));
    Ok((!is_answered).then_some(Question { before }))
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
pub(super) fn show(
    front: &FrontChannel,
    request: &Request,
    asked: &CheckedRequest,
    active: &ActiveSession,
    question: &Question,
) -> Response {
    let form = make_token(front, request, Purpose::Consent, &active.about(asked));
    let document = Url::parse(asked.client().client_id.as_str()).ok();
    let (settings, client) = (&asked.settings, asked.client());
    let (known, new) = question.before.divide(asked_for(front, asked));
    let new_scopes = asked_scopes(asked.view(), settings, &asked.resources, &new.scopes);
    let known_scopes = asked_scopes(asked.view(), settings, &asked.resources, &known.scopes);
    let rendered = ConsentPage {
        view: asked.view(),
        client_name: client.display_name(),
        client_id: client.client_id.as_str(),
        logo: logo_of(asked.stored()),
        first_party: client.first_party,
        destination: &asked.reply.destination(),
        stranger: stranger_of(asked.stored(), document.as_ref()),
        user_name: name_of(active),
        scopes: &new_scopes,
        claims: &new.claims,
        allowed: &known_scopes,
        resources: &named_resources(asked.view(), &front.context.config, settings, &asked.resources),
        details: &asked_details(asked.view(), settings, &asked.parameters.details),
        lasting: lasting(front, asked.is_offline()),
        remembered: (client.first_party || may_be_remembered(asked)) && asked.parameters.details.is_empty(),
        request: &asked.query,
        form_token: &form.token,
    };
    let response = page(StatusCode::OK, rendered.render());
    form.bind(response)
}

/// How long a client may use what it is allowed.
pub(super) fn lasting(front: &FrontChannel, offline: bool) -> Lasting {
    let lifetimes = &front.context.config.lifetimes;
    if offline { Lasting::Days(whole(lifetimes.refresh_absolute, 24 * 60 * 60)) } else { Lasting::Minutes(whole(lifetimes.token, 60)) }
}

/// `seconds` in whole units, the last of which may be begun.
fn whole(seconds: i64, unit: i64) -> i64 {
    seconds.saturating_add(unit - 1).div_euclid(unit)
}

/// The picture of a client that the operator registered. One that a client gave itself is never shown: it could be anybody's.
pub(super) fn logo_of(client: &StoredClient) -> Option<&str> {
    client.client.logo.as_ref().filter(|_| !client.is_stranger()).map(Logo::url)
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
    let Answered { params, asked, active } = match read_answer(front, request, Purpose::Consent, Verdict::good).await? {
        Ok(answered) => answered,
        Err(response) => return Ok(*response),
    };
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
