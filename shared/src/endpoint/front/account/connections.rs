//! `/account/connections`: the accounts elsewhere by which a person logs in here. Connecting one takes proof of both: a login of the last ten minutes
//! here, and a fresh visit there that this very session began.

use http::StatusCode;

use super::{Place, done, need_login, need_recent_login, read_form, record, show};
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::error::Refusal;
use crate::endpoint::front::reply::go_on;
use crate::endpoint::front::session::ActiveSession;
use crate::endpoint::front::upstream::{self, Connected};
use crate::endpoint::login_ways::LoginWays;
use crate::endpoint::{Request, Response};
use crate::model::event::EventKind;
use crate::model::settings::{ConnectionSettings, Settings};
use crate::model::user::{Identity, Login};
use crate::pages::UpstreamProblem;
use crate::pages::account::{ConnectionsPage, Notice, OfferedConnection, ShownIdentity};
use crate::store::{KeptIdentity, OtherWays, StoreError};

const PLACE: Place = Place::Connections;

/// `GET /account/connections`.
pub(in crate::endpoint::front) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_login(front, request, PLACE).await?;
    show_list(front, request, &active, StatusCode::OK, None).await
}

/// The list, with what came of a visit to a provider.
pub(in crate::endpoint::front) async fn show_list(
    front: &FrontChannel,
    request: &Request,
    active: &ActiveSession,
    status: StatusCode,
    problem: Option<(UpstreamProblem, &str)>,
) -> Result<Response, Refusal> {
    let settings = front.context.settings().await?;
    let kept = find_all(front, active).await?;
    let identities: Vec<_> = kept.iter().map(|one| shown(&settings, one)).collect();
    let offered: Vec<_> = settings.connections.iter().map(|one| OfferedConnection { id: &one.id, name: &one.name }).collect();
    Ok(show(front, request, active, PLACE, status, |view, frame, form_token| {
        ConnectionsPage { view, frame, problem, identities: &identities, offered: &offered, form_token }.render()
    }))
}

fn shown<'a>(settings: &'a Settings, kept: &'a KeptIdentity) -> ShownIdentity<'a> {
    let connection = &kept.identity.connection;
    ShownIdentity {
        key: kept.identity.to_string(),
        provider: settings.find_connection(connection).map_or(connection, |one| &one.name),
        label: kept.label.as_deref(),
        since: kept.since,
    }
}

/// The identities of the person, the oldest first.
async fn find_all(front: &FrontChannel, active: &ActiveSession) -> Result<Vec<KeptIdentity>, StoreError> {
    let store = &front.context.store;
    let mut all = Vec::new();
    for identity in store.list_identities(active.user.id).await? {
        all.extend(store.find_identity(&identity).await?.filter(|kept| kept.user_id == active.user.id));
    }
    all.sort_by(|a, b| (a.since, &a.identity).cmp(&(b.since, &b.identity)));
    Ok(all)
}

/// `POST /account/connections`: goes to a provider to connect an account there, or takes one away.
pub(in crate::endpoint::front) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_recent_login(front, request, PLACE).await?;
    let params = read_form(front, request, &active, PLACE)?;
    let settings = front.context.settings().await?;
    if let Some(identity) = params.find("disconnect").and_then(Identity::parse) {
        return disconnect(front, request, &active, &settings, &identity).await;
    }
    match params.find("connect").and_then(|id| settings.find_connection(id)) {
        Some(connection) => upstream::begin_link(front, request, connection, &active).await,
        None => Ok(go_on(PLACE.path())),
    }
}

async fn disconnect(
    front: &FrontChannel,
    request: &Request,
    active: &ActiveSession,
    settings: &Settings,
    identity: &Identity,
) -> Result<Response, Refusal> {
    let store = &front.context.store;
    let name = name_of(settings, identity);
    // Somebody else's is as good as none.
    if store.find_identity(identity).await?.is_none_or(|kept| kept.user_id != active.user.id) {
        return Ok(go_on(PLACE.path()));
    }
    let others = other_ways(front, active, settings).await?;
    if !store.remove_identity(active.user.id, identity, others).await? {
        return show_list(front, request, active, StatusCode::CONFLICT, Some((UpstreamProblem::LastWay, name))).await;
    }
    record(front, request, active.user.id, EventKind::ConnectionRemoved, Some(name)).await;
    Ok(done(PLACE, Notice::Disconnected))
}

/// Whether somebody always has another way to log in: the site's own users, while there is the site's login. Everything else stands in their record.
async fn other_ways(front: &FrontChannel, active: &ActiveSession, settings: &Settings) -> Result<OtherWays, StoreError> {
    if LoginWays::of(&front.context.config, settings).site.is_none() {
        return Ok(OtherWays::Unknown);
    }
    let found = front.context.store.find_login(&Login::Site(active.user.subject.0.clone())).await?;
    Ok(if found == Some(active.user.id) { OtherWays::Some } else { OtherWays::Unknown })
}

fn name_of<'a>(settings: &'a Settings, identity: &'a Identity) -> &'a str {
    settings.find_connection(&identity.connection).map_or(&identity.connection, |one| &one.name)
}

/// The way back from a provider that the person went to in order to connect their account there.
pub(in crate::endpoint::front) async fn finish(
    front: &FrontChannel,
    request: &Request,
    active: &ActiveSession,
    connection: &ConnectionSettings,
    connected: Result<Connected, (UpstreamProblem, StatusCode)>,
) -> Result<Response, Refusal> {
    let (problem, status) = match connected {
        Ok(Connected::Now) => {
            record(front, request, active.user.id, EventKind::ConnectionAdded, Some(&connection.name)).await;
            return Ok(done(PLACE, Notice::Connected));
        }
        Ok(Connected::Before) => return Ok(done(PLACE, Notice::Connected)),
        Ok(Connected::Refused) => (UpstreamProblem::OthersAccount, StatusCode::CONFLICT),
        Err(told) => told,
    };
    show_list(front, request, active, status, Some((problem, &connection.name))).await
}
