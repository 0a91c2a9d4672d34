//! `/account/apps`: what a person allowed applications, and how to take it back. All grants of one client are one app: whoever withdraws access means all
//! of it. Its refresh tokens are dead at once, a code that is on its way is, too, and the next time it has to ask.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::StatusCode;
use url::Url;

use super::cursor::{Wanted, next_page};
use super::{Place, done, need_login, read_form, record, show};
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::asked::{asked_details, asked_scopes, named_resources};
use crate::endpoint::front::consent::stranger_of;
use crate::endpoint::front::error::Refusal;
use crate::endpoint::front::reply::go_on;
use crate::endpoint::people::{Walk, holds, withdraw};
use crate::endpoint::{Request, Response};
use crate::model::client::{ClientId, StoredClient};
use crate::model::consent::KeptConsent;
use crate::model::event::EventKind;
use crate::model::grant::Grant;
use crate::model::user::UserId;
use crate::pages::account::{AppsPage, ListPages, Notice, ShownApp};
use crate::protocol::details::AuthorizationDetails;
use crate::store::StoreError;

/// How many grants are looked at for one page, and how many apps it has at most, but for those of the last grants that were read.
const MOST_GRANTS: usize = 1_000;
const MOST_APPS: usize = 50;

/// What one client may do.
struct App {
    id: ClientId,
    client: Option<Arc<StoredClient>>,
    document: Option<Url>,
    grants: Vec<Grant>,
    is_remembered: bool,
    scopes: Vec<String>,
    claims: Vec<String>,
    resources: Vec<String>,
    details: AuthorizationDetails,
}

/// `GET /account/apps`.
pub(in crate::endpoint::front) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_login(front, request, Place::Apps).await?;
    let after = match Wanted::read(front, request, &active, Place::Apps).await? {
        Wanted::First => None,
        Wanted::After(last) => Some(last),
        Wanted::Unknown => return Ok(go_on(Place::Apps.path())),
    };
    let mut walk = Walk::of(active.user.id, after);
    let apps = find_apps(front, active.user.id, &mut walk, after.is_none()).await?;
    let next = next_page(front, &active, Place::Apps, &walk).await?;
    let settings = front.context.settings().await?;
    let view = front.view(request);
    let idle = front.context.config.lifetimes.refresh_idle;
    let shown: Vec<ShownApp<'_>> = apps
        .iter()
        .map(|app| ShownApp {
            client_id: app.id.as_str(),
            name: app.name(),
            is_gone: app.client.is_none(),
            stranger: app.client.as_ref().and_then(|stored| stranger_of(stored, app.document.as_ref())),
            scopes: asked_scopes(&view, &settings, &app.resources, &app.scopes),
            claims: &app.claims,
            resources: named_resources(&view, &front.context.config, &settings, &app.resources),
            details: asked_details(&view, &settings, &app.details),
            offline: app.grants.iter().any(|grant| grant.offline),
            since: app.grants.iter().map(|grant| grant.created_at).min(),
            last_used: app.grants.iter().map(|grant| grant.last_used_at(idle)).max(),
            ends_at: app.grants.iter().map(|grant| grant.refresh.absolute_at).max(),
            is_remembered: app.is_remembered,
        })
        .collect();
    Ok(show(front, request, &active, Place::Apps, StatusCode::OK, |view, frame, form_token| {
        let pages = ListPages { first: after.map(|_| Place::Apps.path()), next: next.as_deref() };
        AppsPage { view, frame, apps: &shown, pages, form_token }.render()
    }))
}

/// The apps of one page: the clients with a grant that holds, the one that was allowed something last first. Those that need not ask are all on the first. An app
/// whose grants are on several pages is on each.
async fn find_apps(front: &FrontChannel, user: UserId, walk: &mut Walk, is_first: bool) -> Result<Vec<App>, StoreError> {
    let context = &front.context;
    let mut by_client: BTreeMap<String, App> = BTreeMap::new();
    let mut looked_at = 0;
    while looked_at < MOST_GRANTS && by_client.len() < MOST_APPS {
        let Some(grants) = walk.next_grants(context).await? else { break };
        looked_at += grants.len();
        for grant in grants.into_iter().filter(|grant| holds(grant, context.now())) {
            by_client.entry(grant.client_id.to_string()).or_insert_with(|| App::of(grant.client_id.clone())).add(grant);
        }
    }
    for kept in context.store.list_consents(user).await? {
        match by_client.get_mut(kept.client_id.as_str()) {
            Some(app) => app.remember(&kept),
            None if is_first => {
                by_client.entry(kept.client_id.to_string()).or_insert_with(|| App::of(kept.client_id.clone())).remember(&kept);
            }
            None => (),
        }
    }
    let mut apps: Vec<App> = by_client.into_values().collect();
    for app in &mut apps {
        app.client = front.clients.find(context, &app.id).await?;
    }
    apps.sort_by_key(|app| std::cmp::Reverse(app.grants.iter().map(|grant| grant.created_at).max()));
    Ok(apps)
}

impl App {
    fn of(id: ClientId) -> Self {
        Self {
            document: Url::parse(id.as_str()).ok(),
            id,
            client: None,
            grants: Vec::new(),
            is_remembered: false,
            scopes: Vec::new(),
            claims: Vec::new(),
            resources: Vec::new(),
            details: AuthorizationDetails::default(),
        }
    }

    /// By what people know it.
    fn name(&self) -> &str {
        self.client.as_ref().map_or(self.id.as_str(), |stored| stored.client.display_name())
    }

    fn add(&mut self, grant: Grant) {
        extend(&mut self.scopes, &grant.scopes);
        extend(&mut self.resources, &grant.resources);
        extend(&mut self.claims, &grant.claims.beyond(&grant.scopes));
        self.details = std::mem::take(&mut self.details).with(&grant.authorization_details);
        self.grants.push(grant);
    }

    /// What it need not ask for is shown where it has nothing else: otherwise people would read of more than it has.
    fn remember(&mut self, kept: &KeptConsent) {
        self.is_remembered = true;
        if self.grants.is_empty() {
            extend(&mut self.scopes, &kept.consent.scopes);
            extend(&mut self.resources, &kept.consent.resources);
            extend(&mut self.claims, &kept.consent.claims);
        }
    }
}

fn extend(all: &mut Vec<String>, more: &[String]) {
    for one in more {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
}

/// `POST /account/apps`: withdraws the access of one app, or of all, on whatever pages they are.
pub(in crate::endpoint::front) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_login(front, request, Place::Apps).await?;
    let params = read_form(front, request, &active, Place::Apps)?;
    let (context, user) = (&front.context, active.user.id);
    let client = match (params.find("withdraw"), params.find("all")) {
        (None, Some(_)) => None,
        (Some(id), None) => match ClientId::parse(id) {
            Ok(id) => Some(id),
            Err(_) => return Ok(go_on(Place::Apps.path())),
        },
        _ => return Ok(go_on(Place::Apps.path())),
    };
    let is_remembered = match &client {
        Some(id) => !context.store.find_consent(user, id).await?.is_empty(),
        None => !context.store.list_consents(user).await?.is_empty(),
    };
    let withdrawn = withdraw(context, user, client.as_ref()).await?;
    if withdrawn.grants == 0 && !is_remembered {
        return Ok(go_on(Place::Apps.path()));
    }
    let (notice, kind, about) = match &client {
        Some(id) => {
            let found = front.clients.find(context, id).await?;
            let name = found.as_ref().map_or(id.as_str(), |stored| stored.client.display_name()).to_owned();
            (Notice::AccessWithdrawn, EventKind::AccessWithdrawn, Some(name))
        }
        None => (Notice::AccessWithdrawnFromAll, EventKind::AllAccessWithdrawn, None),
    };
    record(front, request, user, kind, about.as_deref()).await;
    Ok(done(Place::Apps, if withdrawn.has_more { Notice::AccessWithdrawnInPart } else { notice }))
}
