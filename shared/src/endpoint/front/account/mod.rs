//! `/account…`: what a person sees and decides about their own account. Each page demands a session, some a login of the last ten minutes, and each
//! form a token that is bound to the browser, the login and the page.
//!
//! Pages of other areas (passwords, passkeys, connections) stand on what is here: [`need_login`] or [`need_recent_login`] first, [`read_form`] where
//! something was sent, [`show`] for a page, [`done`] for the 303 after a change, and [`record`] for what the person should find among their events.

pub(super) mod apps;
pub(super) mod connections;
mod cursor;
pub(super) mod data;
pub(super) mod deletion;
pub(super) mod email;
pub(super) mod events;
pub(super) mod factors;
pub(super) mod hub;
pub(super) mod passkeys;
pub(super) mod password;
mod place;
pub(super) mod profile;
pub(super) mod sessions;

use http::StatusCode;

pub(super) use self::place::{AccountErrand, Place};
use super::FrontChannel;
use super::authorize::name_of_user;
use super::error::{PageReason, Refusal};
use super::form::{self, Purpose, has_token, make_token};
use super::login::{self, Anew};
use super::onward::carried;
use super::reply::{go_on, page};
use super::session::{ActiveSession, find_active};
use crate::endpoint::login_ways::LoginWays;
use crate::endpoint::{Request, Response};
use crate::model::event::{EventKind, SecurityEvent};
use crate::model::user::UserId;
use crate::pages::account::{Frame, Notice, Section};
use crate::pages::{Page, View};
use crate::protocol::params::Params;

/// How old a login may be that changes how an account is protected, in seconds.
const RECENT: i64 = 600;

/// Who is logged in.
///
/// # Errors
/// Where nobody is, with the way to log in and come back to `place`.
pub(super) async fn need_login(front: &FrontChannel, request: &Request, place: Place) -> Result<ActiveSession, Refusal> {
    match find_active(front, request).await? {
        Some(active) => Ok(active),
        None => Err(log_in_for(front, request, AccountErrand::to(place).going_on(carried(request))).await),
    }
}

/// Who has logged in within the last ten minutes, by a login that proved who they are.
///
/// # Errors
/// Where nobody has, with the way to log in anew and come back to `place`.
pub(super) async fn need_recent_login(front: &FrontChannel, request: &Request, place: Place) -> Result<ActiveSession, Refusal> {
    let Some(active) = find_active(front, request).await? else {
        return Err(log_in_for(front, request, AccountErrand::to(place).going_on(carried(request))).await);
    };
    if is_recent(front, &active) {
        return Ok(active);
    }
    Err(log_in_for(front, request, AccountErrand::anew(place, active.user.username.as_deref()).going_on(carried(request))).await)
}

/// Whether the login is good enough for what [`need_recent_login`] guards.
pub(super) fn is_recent(front: &FrontChannel, active: &ActiveSession) -> bool {
    front.context.now().since(active.session.authentication.auth_time) <= RECENT
}

async fn log_in_for(front: &FrontChannel, request: &Request, errand: AccountErrand) -> Refusal {
    let anew = if errand.wants_new_login() { Anew::Yes } else { Anew::No };
    match login::begin(front, request, &errand.into(), anew).await {
        Ok(response) => Refusal::Login(Box::new(response)),
        Err(refusal) => refusal,
    }
}

/// The fields of a form of `place`, sent by the browser and in the login that it was made for.
///
/// # Errors
/// When it comes from elsewhere, or is older than the login.
pub(super) fn read_form(front: &FrontChannel, request: &Request, active: &ActiveSession, place: Place) -> Result<Params, Refusal> {
    let params = form::read_form(front, request)?;
    if !has_token(front, request, &params, Purpose::AccountPage, &about(active, place)) {
        return Err(PageReason::ForeignForm.into());
    }
    Ok(params)
}

/// What the tokens of forms are bound to: a login in between makes them void.
fn about(active: &ActiveSession, place: Place) -> String {
    format!("{}\0{:?}\0{}", active.session.id, active.session.secret_hash.as_bytes(), place.path())
}

/// A page of `place`, made by `render` of the view, its frame and the token that its forms carry.
pub(super) fn show(
    front: &FrontChannel,
    request: &Request,
    active: &ActiveSession,
    place: Place,
    status: StatusCode,
    render: impl FnOnce(&View, Frame<'_>, &str) -> Page,
) -> Response {
    let form = make_token(front, request, Purpose::AccountPage, &about(active, place));
    // What is known of the settings will do: a link to what was switched off a moment ago leads to a page that says so.
    let settings = front.context.settings.peek();
    let ways = settings.as_deref().map(|settings| LoginWays::of(&front.context.config, settings));
    let is_here = active.user.username.is_some();
    let is_offered = |one: &Place| match one {
        Place::Password | Place::Email | Place::Factors => is_here,
        Place::Profile => is_here && settings.as_deref().is_none_or(|settings| settings.accounts.editable().next().is_some()),
        Place::Passkeys => ways.as_ref().is_none_or(|ways| ways.passkeys),
        Place::Connections => settings.as_deref().is_none_or(|settings| !settings.connections.is_empty()),
        Place::Hub | Place::Apps | Place::Sessions | Place::Events | Place::Data | Place::Deletion => true,
    };
    let section = |one: Place| Section { path: one.path(), name: one.name(), is_current: one == place };
    let sections: Vec<Section> = Place::listed().filter(is_offered).map(section).collect();
    let frame = Frame {
        user_name: name_of_user(&active.user),
        current: section(place),
        sections: &sections,
        notice: Params::parse(request.raw_query.as_bytes()).ok().and_then(|params| Notice::parse(params.find("done")?)),
    };
    let response = page(status, render(&front.view(request), frame, &form.token));
    form.bind(response)
}

/// The 303 after a change: back to `place`, which says what was done.
pub(super) fn done(place: Place, notice: Notice) -> Response {
    go_on(&format!("{}?done={}", place.path(), notice.as_str()))
}

/// The same, unless the newest event says so already of this browser and network, within the last `seconds`: whoever does it often should not push other
/// events out of the list.
pub(super) async fn record_once(front: &FrontChannel, request: &Request, user: UserId, kind: EventKind, seconds: i64) {
    let now = front.context.now();
    // Where they can't be read, one too many does no harm.
    let newest = front.context.store.list_events(user, now).await.unwrap_or_default().into_iter().next();
    let says_so = |event: SecurityEvent| event.kind == kind && event.whereabouts == request.whereabouts() && now.since(event.at) < seconds;
    if !newest.is_some_and(says_so) {
        record(front, request, user, kind, None).await;
    }
}

/// Notes among the events of `user` what has just been done, `about` what. It is done whether or not it can be noted; a failure is logged.
pub(super) async fn record(front: &FrontChannel, request: &Request, user: UserId, kind: EventKind, about: Option<&str>) {
    let event = SecurityEvent::new(kind, front.context.now(), request.whereabouts(), about);
    tracing::info!(request_id = request.request_id, user_id = %user, kind = kind.as_str(), "security event");
    if let Err(error) = front.context.store.record_event(user, &event).await {
        tracing::error!(request_id = request.request_id, user_id = %user, kind = kind.as_str(), %error, "the event could not be kept");
    }
}
