//! `/account/apps`: what a person allowed applications, and how to take it back. All grants of one client are one app: whoever withdraws access means all
//! of it. Its refresh tokens are dead at once, a code that is on its way is, too, and the next time it has to ask.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::StatusCode;
use url::Url;

use super::{Place, done, need_login, read_form, record, show};
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::asked::{asked_details, asked_scopes, named_resources};
use crate::endpoint::front::consent::stranger_of;
use crate::endpoint::front::error::Refusal;
use crate::endpoint::front::reply::go_on;
use crate::endpoint::people::list_current_grants;
use crate::endpoint::{Request, Response};
use crate::model::client::{ClientId, StoredClient};
use crate::model::consent::KeptConsent;
use crate::model::event::EventKind;
use crate::model::grant::{Grant, RevokedBy};
use crate::model::user::UserId;
use crate::pages::account::{AppsPage, Notice, ShownApp};
use crate::protocol::details::AuthorizationDetails;
use crate::store::StoreError;

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
    let apps = find_apps(front, active.user.id).await?;
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
        AppsPage { view, frame, apps: &shown, form_token }.render()
    }))
}

/// The person's apps: the clients with a grant that holds, and those that need not ask. The one that was allowed something last comes first.
async fn find_apps(front: &FrontChannel, user: UserId) -> Result<Vec<App>, StoreError> {
    let mut by_client: BTreeMap<String, App> = BTreeMap::new();
    for grant in list_current_grants(&front.context, user).await? {
        let app = by_client.entry(grant.client_id.to_string()).or_insert_with(|| App::of(grant.client_id.clone()));
        app.add(grant);
    }
    for kept in front.context.store.list_consents(user).await? {
        let app = by_client.entry(kept.client_id.to_string()).or_insert_with(|| App::of(kept.client_id.clone()));
        app.remember(&kept);
    }
    let mut apps: Vec<App> = by_client.into_values().collect();
    for app in &mut apps {
        app.client = front.clients.find(&front.context, &app.id).await?;
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

/// `POST /account/apps`: withdraws the access of one app, or of all.
pub(in crate::endpoint::front) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_login(front, request, Place::Apps).await?;
    let params = read_form(front, request, &active, Place::Apps)?;
    let user = active.user.id;
    let apps = find_apps(front, user).await?;
    let (withdrawn, notice) = match (params.find("withdraw"), params.find("all")) {
        (None, Some(_)) => (apps, Notice::AccessWithdrawnFromAll),
        (Some(id), None) => (apps.into_iter().filter(|app| app.id.as_str() == id).collect(), Notice::AccessWithdrawn),
        _ => (Vec::new(), Notice::AccessWithdrawn),
    };
    if withdrawn.is_empty() {
        return Ok(go_on(Place::Apps.path()));
    }
    for app in &withdrawn {
        withdraw(front, user, app).await?;
        record(front, request, user, EventKind::AccessWithdrawn, Some(app.name())).await;
    }
    Ok(done(Place::Apps, notice))
}

/// First it has to ask again, so that nothing new is allowed while the rest ends.
async fn withdraw(front: &FrontChannel, user: UserId, app: &App) -> Result<(), StoreError> {
    let store = &front.context.store;
    store.forget_consent(user, &app.id).await?;
    for grant in &app.grants {
        store.revoke_grant(grant.id, RevokedBy::Person).await?;
        store.delete_code(grant.id).await?;
        tracing::info!(grant_id = %grant.id, client_id = %app.id, user_id = %user, "access withdrawn");
    }
    Ok(())
}
