//! What a person says about a device: asked each time, with what RFC 8628 section 5.4 wants them to know.

use std::sync::Arc;

use http::StatusCode;
use ulid::Ulid;
use url::Url;

use super::errand_of;
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::asked::{asked_details, asked_scopes, named_resources};
use crate::endpoint::front::authorize::name_of;
use crate::endpoint::front::consent::{lasting, logo_of, stranger_of};
use crate::endpoint::front::error::{PageReason, Refusal};
use crate::endpoint::front::form::{Purpose, has_token, make_token};
use crate::endpoint::front::reply::{go_on, page};
use crate::endpoint::front::session::{ActiveSession, find_active, note_client};
use crate::endpoint::front::view::asked_language;
use crate::endpoint::{Request, Response};
use crate::model::client::{Client, GrantType, StoredClient};
use crate::model::code::parse_ulid;
use crate::model::device::{Answered, DeviceRequest, DeviceStatus, UserCode};
use crate::model::grant::{Grant, GrantStatus, RefreshState};
use crate::pages::{DeviceConsentPage, DeviceDonePage, View};
use crate::protocol::claims_request::ClaimsRequest;
use crate::protocol::params::Params;

/// The page that asks. Nothing is skipped for anybody, and nothing is remembered.
pub(super) async fn ask(
    front: &FrontChannel,
    request: &Request,
    device: &DeviceRequest,
    active: &ActiveSession,
) -> Result<Response, Refusal> {
    let stored = check_client(front, device).await?;
    let client = &stored.client;
    let document = Url::parse(client.client_id.as_str()).ok();
    let form = make_token(front, request, Purpose::DeviceConsent, &about(active, &device.user_code, device.id));
    let settings = front.context.settings().await?;
    let view = &front.view(request);
    let rendered = DeviceConsentPage {
        view,
        client_name: client.display_name(),
        client_id: client.client_id.as_str(),
        logo: logo_of(&stored),
        first_party: client.first_party,
        stranger: stranger_of(&stored, document.as_ref()),
        user_name: name_of(active),
        scopes: &asked_scopes(view, &settings, &device.resources, &device.scopes),
        resources: &named_resources(view, &front.context.config, &settings, &device.resources),
        details: &asked_details(view, &settings, &device.details),
        lasting: lasting(front, client.stays_connected(&device.scopes)),
        user_code: &device.user_code.display(),
        asked_language: asked_language(request),
        device: &device.id.to_string(),
        form_token: &form.token,
    };
    let response = page(StatusCode::OK, rendered.render());
    Ok(form.bind(response))
}

/// What the token of the form is bound to: a login in between makes it void, and it is of no use for another device.
fn about(active: &ActiveSession, code: &UserCode, id: Ulid) -> String {
    format!("{}\0{:?}\0{}\0{id}", active.session.id, active.session.secret_hash.as_bytes(), code.as_str())
}

/// The form with the answer. Its token says that this browser was shown the question for this very device, so that nothing is guessed here.
pub(super) async fn handle(front: &FrontChannel, request: &Request, params: &Params) -> Result<Response, Refusal> {
    let code = params.find("user_code").and_then(|text| UserCode::parse(text).ok()).ok_or(PageReason::ForeignForm)?;
    let id = params.find("device").and_then(parse_ulid).ok_or(PageReason::ForeignForm)?;
    // The session ended while the page was open: back to the beginning.
    let Some(active) = find_active(front, request).await? else { return Ok(go_on(&errand_of(request, &code).path())) };
    if !has_token(front, request, params, Purpose::DeviceConsent, &about(&active, &code, id)) {
        return Err(PageReason::ForeignForm.into());
    }
    let found = front.context.store.find_device_request(id, front.context.now()).await?;
    let device = found.filter(|device| device.user_code == code).ok_or(PageReason::DeviceOver)?;
    let stored = check_client(front, &device).await?;
    if params.find("decision") == Some("allow") {
        allow(front, request, &device, &stored.client, &active).await
    } else {
        deny(front, &front.view(request), &device, &stored.client).await
    }
}

/// The client that asked, if it may still.
async fn check_client(front: &FrontChannel, device: &DeviceRequest) -> Result<Arc<StoredClient>, Refusal> {
    let found = front.clients.find(&front.context, &device.client_id).await?.ok_or(PageReason::ClientUnknown)?;
    if found.client.may_use(GrantType::DeviceCode) { Ok(found) } else { Err(PageReason::DeviceOver.into()) }
}

async fn allow(
    front: &FrontChannel,
    request: &Request,
    device: &DeviceRequest,
    client: &Client,
    active: &ActiveSession,
) -> Result<Response, Refusal> {
    let view = &front.view(request);
    let store = &front.context.store;
    let now = front.context.now();
    if !note_client(front, &active.session, client, &device.scopes).await? {
        // The session ended while this was answered: back to the beginning.
        return Ok(go_on(&errand_of(request, &device.user_code).path()));
    }
    let grant = grant_of(front, device, client, active);
    match store.approve_device(&grant, now).await? {
        Answered::Done => {
            tracing::info!(grant_id = %grant.id, client_id = %grant.client_id, user_id = %grant.user_id, "device approved");
            Ok(done(view, client, true))
        }
        // A second press of the same button, or the first one's answer was lost.
        Answered::TooLate => match store.find_device_request(device.id, now).await?.map(|device| device.status) {
            Some(DeviceStatus::Approved { user_id }) if user_id == active.user.id => Ok(done(view, client, true)),
            _ => Err(PageReason::DeviceOver.into()),
        },
    }
}

async fn deny(front: &FrontChannel, view: &View, device: &DeviceRequest, client: &Client) -> Result<Response, Refusal> {
    let store = &front.context.store;
    let now = front.context.now();
    match store.deny_device(device.id, now).await? {
        Answered::Done => {
            tracing::info!(device_id = %device.id, client_id = %device.client_id, "device denied");
            Ok(done(view, client, false))
        }
        Answered::TooLate => match store.find_device_request(device.id, now).await?.map(|device| device.status) {
            Some(DeviceStatus::Denied) => Ok(done(view, client, false)),
            _ => Err(PageReason::DeviceOver.into()),
        },
    }
}

fn done(view: &View, client: &Client, allowed: bool) -> Response {
    page(StatusCode::OK, DeviceDonePage { view, client_name: client.display_name(), allowed }.render())
}

/// The grant of a device: the device code's ULID and seed, and no authorization code that could end it.
fn grant_of(front: &FrontChannel, device: &DeviceRequest, client: &Client, active: &ActiveSession) -> Grant {
    let lifetimes = &front.context.config.lifetimes;
    let now = front.context.now();
    let offline = client.stays_connected(&device.scopes);
    // A grant without refresh tokens matters as long as its access token does, which is issued while the code lives.
    let absolute_at = if offline { now.plus(lifetimes.refresh_absolute) } else { device.expires_at.plus(lifetimes.token) };
    Grant {
        id: device.id,
        status: GrantStatus::Active,
        user_id: active.user.id,
        client_id: device.client_id.clone(),
        scopes: device.scopes.clone(),
        claims: ClaimsRequest::default(),
        authorization_details: device.details.clone(),
        resources: device.resources.clone(),
        session_id: active.session.id,
        authentication: active.session.authentication.clone(),
        offline,
        code: None,
        refresh: RefreshState::begin(device.seed_hash, now.plus(lifetimes.refresh_idle), absolute_at),
        created_at: now,
    }
}
