//! `/account/apps`: what a person allowed applications, and how to take it back. All grants of one client are one app: whoever withdraws access means all
//! of it. Its refresh tokens are dead at once, a code that is on its way is, too, and the next time it has to ask.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use http::StatusCode;
use ulid::Ulid;
use url::Url;

use super::cursor::{Mark, Wanted, next_page};
use super::{Place, done, need_login, read_form, record, show};
use crate::context::Context;
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
use crate::model::settings::Settings;
use crate::model::user::UserId;
use crate::pages::View;
use crate::pages::account::{AppsPage, ListPages, Notice, ShownApp};
use crate::protocol::details::AuthorizationDetails;
use crate::store::StoreError;

/// How many grants are looked at for one page, and how many are read at a time.
const MOST_GRANTS: usize = 1_000;
const AT_ONCE: u16 = 20;
/// How many apps a page has at most: fewer, should they have so much to say that the page would be larger than this.
const MOST_APPS: usize = 20;
const MOST_BYTES: usize = 50_000;

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

/// What a page may show: the grants that hold, the newest first, and then what is remembered, by client.
struct Found {
    grants: Vec<Grant>,
    /// Where the walk through the grants stands, if there are more.
    place: Option<Ulid>,
    kept: Vec<KeptConsent>,
    /// The client after which the page begins, where all grants were on pages before it.
    after: Option<String>,
}

/// `GET /account/apps`.
pub(in crate::endpoint::front) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_login(front, request, Place::Apps).await?;
    let begin = match Wanted::read(front, request, &active, Place::Apps).await? {
        Wanted::First => None,
        Wanted::After(last) => Some(last),
        Wanted::Unknown => return Ok(go_on(Place::Apps.path())),
    };
    let first = begin.as_ref().map(|_| Place::Apps.path());
    let found = find(&front.context, active.user.id, begin).await?;
    let settings = front.context.settings().await?;
    let mut most = MOST_APPS;
    loop {
        let (mut apps, last) = found.take(most);
        for app in &mut apps {
            app.client = front.clients.find(&front.context, &app.id).await?;
        }
        let next = next_page(front, &active, Place::Apps, last).await?;
        let view = front.view(request);
        let shown: Vec<ShownApp<'_>> = apps.iter().map(|app| app.shown(front, &view, &settings)).collect();
        let response = show(front, request, &active, Place::Apps, StatusCode::OK, |view, frame, form_token| {
            let pages = ListPages { first, next: next.as_deref() };
            AppsPage { view, frame, apps: &shown, pages, form_token }.render()
        });
        if response.body.len() <= MOST_BYTES || most == 1 {
            return Ok(response);
        }
        most /= 2;
    }
}

/// Enough for one page from `begin` on, or from the beginning.
async fn find(context: &Context, user: UserId, begin: Option<Mark>) -> Result<Found, StoreError> {
    let kept = context.store.list_consents(user).await?;
    let after = match begin {
        Some(Mark::Client(id)) => return Ok(Found { grants: Vec::new(), place: None, kept, after: Some(id) }),
        Some(Mark::Id(id)) => Some(id),
        None => None,
    };
    let mut walk = Walk::of(user, after).by(AT_ONCE);
    let mut found = Found { grants: Vec::new(), place: None, kept, after: None };
    let (mut looked_at, mut clients) = (0, BTreeSet::new());
    while looked_at < MOST_GRANTS && clients.len() <= MOST_APPS {
        let Some(grants) = walk.next_grants(context).await? else { break };
        looked_at += grants.len();
        for grant in grants.into_iter().filter(|grant| holds(grant, context.now())) {
            clients.insert(grant.client_id.clone());
            found.grants.push(grant);
        }
    }
    found.place = walk.place();
    Ok(found)
}

impl Found {
    /// The first `most` apps, the one that was allowed something last first, and where the next page begins. An app with grants on several pages is on each, and what
    /// is remembered of clients comes after the last grant, where it is not on the same page.
    fn take(&self, most: usize) -> (Vec<App>, Option<Mark>) {
        let mut apps: BTreeMap<&str, App> = BTreeMap::new();
        let last = self.take_grants(&mut apps, most).or_else(|| self.take_kept(&mut apps, most));
        for kept in &self.kept {
            if let Some(app) = apps.get_mut(kept.client_id.as_str()) {
                app.remember(kept);
            }
        }
        let mut apps: Vec<App> = apps.into_values().collect();
        apps.sort_by_key(|app| Reverse(app.grants.iter().map(|grant| grant.created_at).max()));
        (apps, last)
    }

    /// Answers with the last grant that found room, if there are more.
    fn take_grants<'f>(&'f self, apps: &mut BTreeMap<&'f str, App>, most: usize) -> Option<Mark> {
        let mut last = None;
        for grant in &self.grants {
            let id = grant.client_id.as_str();
            if apps.len() == most && !apps.contains_key(id) {
                return last.map(Mark::Id);
            }
            apps.entry(id).or_insert_with(|| App::of(grant.client_id.clone())).add(grant.clone());
            last = Some(grant.id);
        }
        self.place.map(Mark::Id)
    }

    /// Answers with the last client that found room, if there are more.
    fn take_kept<'f>(&'f self, apps: &mut BTreeMap<&'f str, App>, most: usize) -> Option<Mark> {
        let mut last = self.after.as_deref().unwrap_or_default();
        for kept in self.kept.iter().filter(|kept| self.after.as_deref().is_none_or(|after| kept.client_id.as_str() > after)) {
            let id = kept.client_id.as_str();
            if apps.len() == most && !apps.contains_key(id) {
                return Some(Mark::Client(last.to_owned()));
            }
            apps.entry(id).or_insert_with(|| App::of(kept.client_id.clone()));
            last = id;
        }
        None
    }
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

    fn shown<'a>(&'a self, front: &'a FrontChannel, view: &View, settings: &'a Settings) -> ShownApp<'a> {
        ShownApp {
            client_id: self.id.as_str(),
            name: self.name(),
            is_gone: self.client.is_none(),
            stranger: self.client.as_ref().and_then(|stored| stranger_of(stored, self.document.as_ref())),
            scopes: asked_scopes(view, settings, &self.resources, &self.scopes),
            claims: &self.claims,
            resources: named_resources(view, &front.context.config, settings, &self.resources),
            details: asked_details(view, settings, &self.details),
            offline: self.grants.iter().any(|grant| grant.offline),
            since: self.grants.iter().map(|grant| grant.created_at).min(),
            last_used: self.grants.iter().map(|grant| grant.last_used_at(front.context.config.lifetimes.refresh_idle)).max(),
            ends_at: self.grants.iter().map(|grant| grant.refresh.absolute_at).max(),
            is_remembered: self.is_remembered,
        }
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
