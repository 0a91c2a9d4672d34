//! Everything that is kept about a person, for them to read and take along (GDPR articles 15 and 20). Secrets are not among it, nor their hashes.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use ulid::Ulid;

use super::all::{find_grants, find_sessions};
use super::list_logins;
use crate::context::{Civil, Context, Timestamp};
use crate::model::event::SecurityEvent;
use crate::model::grant::{Grant, GrantStatus};
use crate::model::session::Session;
use crate::model::user::{Login, User, UserId};
use crate::model::whereabouts::Whereabouts;
use crate::store::{StoreError, UlidRange};

/// How many sessions and how many grants one part has at most: some hundred kilobytes in all, where a function answers with 6 MB at most.
const PART: usize = 200;

/// A part of everything that is kept about a person. The first one has all but the older sessions and grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportPart {
    /// Which one it is, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// The sessions in it.
    sessions: Option<UlidRange>,
    /// The grants in it.
    grants: Option<UlidRange>,
}

impl ExportPart {
    /// Everything at once, for whoever has no limit.
    pub const WHOLE: Self = Self { number: 1, of: 1, sessions: Some(UlidRange::ALL), grants: Some(UlidRange::ALL) };
}

/// The parts in which everything about `user` comes. Together they have all that was there when they were planned.
///
/// # Errors
/// When the store failed.
pub async fn plan_export(context: &Context, user: UserId) -> Result<Vec<ExportPart>, StoreError> {
    let store = &context.store;
    let sessions = ranges(&store.list_session_ids_in(user, UlidRange::ALL, None).await?);
    let grants = ranges(&store.list_grant_ids_in(user, UlidRange::ALL, None).await?);
    let of = sessions.len().max(grants.len()).max(1);
    let part = |at: usize| ExportPart { number: at + 1, of, sessions: sessions.get(at).copied(), grants: grants.get(at).copied() };
    Ok((0..of).map(part).collect())
}

/// Where each part begins and ends. What is made while they are fetched is in the first.
fn ranges(newest_first: &[Ulid]) -> Vec<UlidRange> {
    let mut ranges: Vec<UlidRange> =
        newest_first.chunks(PART).filter_map(|ids| Some(UlidRange { oldest: *ids.last()?, newest: *ids.first()? })).collect();
    if let Some(first) = ranges.first_mut() {
        first.newest = UlidRange::ALL.newest;
    }
    ranges
}

/// What is kept about `user`, as JSON.
///
/// # Errors
/// When the store failed.
pub async fn export_person(context: &Context, user: &User, part: &ExportPart) -> Result<Value, StoreError> {
    let (store, now) = (&context.store, context.now());
    let session_ids = match part.sessions {
        Some(range) => store.list_session_ids_in(user.id, range, None).await?,
        None => Vec::new(),
    };
    let grant_ids = match part.grants {
        Some(range) => store.list_grant_ids_in(user.id, range, None).await?,
        None => Vec::new(),
    };
    let mut sessions = find_sessions(context, user.id, &session_ids).await?;
    sessions.sort_by_key(|session| std::cmp::Reverse(session.authentication.auth_time));
    let idle = context.config.lifetimes.refresh_idle;
    let grants: Vec<Value> = find_grants(context, user.id, &grant_ids).await?.iter().map(|grant| render_grant(grant, idle)).collect();
    let mut exported = json!({
        "issuer": context.config.issuer.as_str(),
        "exported_at": text(now),
        "part": {"number": part.number, "of": part.of},
        "sub": user.subject,
        "sessions": sessions.iter().map(render_session).collect::<Vec<_>>(),
        "grants": grants,
    });
    if part.number == 1
        && let (Some(members), Value::Object(rest)) = (exported.as_object_mut(), export_rest(context, user).await?)
    {
        members.remove("sub");
        members.extend(rest);
    }
    Ok(exported)
}

/// Everything but sessions and grants.
async fn export_rest(context: &Context, user: &User) -> Result<Value, StoreError> {
    let (store, now) = (&context.store, context.now());
    let consents: Vec<Value> = store
        .list_consents(user.id)
        .await?
        .into_iter()
        .map(|kept| {
            json!({
                "client_id": kept.client_id, "scopes": kept.consent.scopes, "claims": kept.consent.claims, "resources": kept.consent.resources,
                "changed_at": text(kept.updated_at),
            })
        })
        .collect();
    let passkeys: Vec<Value> = store
        .list_passkeys(user.id)
        .await?
        .into_iter()
        .map(|passkey| {
            json!({
                "name": passkey.name, "added_at": text(passkey.created_at), "last_used_at": passkey.last_used_at.map(text),
                "kept_in_several_places": passkey.backed_up,
            })
        })
        .collect();
    let events: Vec<Value> = store.list_events(user.id, now).await?.iter().map(render_event).collect();
    Ok(json!({
        "profile": {
            "sub": user.subject, "username": user.username, "claims": user.claims, "has_password": user.password_hash.is_some(),
            "has_second_factor": store.find_factors(user.id).await?.is_some(),
            "added_at": text(user.created_at), "changed_at": text(user.updated_at),
        },
        "logins": list_logins(context, user).await?.iter().map(render_login).collect::<Vec<_>>(),
        "passkeys": passkeys,
        "remembered_consents": consents,
        "events": events,
    }))
}

fn render_login(login: &Login) -> Value {
    match login {
        Login::Local(name) => json!({"by": "user name", "name": name}),
        Login::Site(subject) => json!({"by": "the site's login", "name": subject}),
        Login::Upstream(identity) => json!({"by": identity.connection, "name": identity.subject}),
    }
}

fn render_session(session: &Session) -> Value {
    let login = &session.authentication;
    let rest = json!({
        "id": session.id.to_string(), "began_at": text(session.created_at), "last_login_at": text(login.auth_time), "ends_at": text(session.expires_at),
        "acr": login.acr, "amr": login.amr, "clients_to_be_told": session.clients,
    });
    with_whereabouts(rest, &session.whereabouts)
}

fn render_grant(grant: &Grant, idle: i64) -> Value {
    let (status, ended_by) = match grant.status {
        GrantStatus::Active => ("active", None),
        GrantStatus::Revoked(by) => ("ended", Some(by.as_str())),
    };
    json!({
        "id": grant.id.to_string(), "client_id": grant.client_id, "status": status, "ended_by": ended_by, "scopes": grant.scopes,
        "resources": grant.resources, "claims": grant.claims.beyond(&grant.scopes), "authorization_details": grant.authorization_details.to_json(),
        "stays_connected": grant.offline, "given_at": text(grant.created_at), "last_used_at": text(grant.last_used_at(idle)),
        "ends_at": text(grant.refresh.absolute_at.min(grant.refresh.idle_at)),
    })
}

fn render_event(event: &SecurityEvent) -> Value {
    let rest = json!({"what": event.kind.as_str(), "at": text(event.at), "about": event.about});
    with_whereabouts(rest, &event.whereabouts)
}

fn with_whereabouts(value: Value, whereabouts: &Whereabouts) -> Value {
    let mut members: Map<String, Value> = value.as_object().cloned().unwrap_or_default();
    members.insert("browser".to_owned(), json!(whereabouts.browser.family));
    members.insert("system".to_owned(), json!(whereabouts.browser.system));
    members.insert("network".to_owned(), json!(whereabouts.network));
    members.into()
}

/// A time of RFC 3339.
fn text(time: Timestamp) -> String {
    let Civil { year, month, day, hour, minute } = time.civil();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z", time.0.rem_euclid(60))
}
