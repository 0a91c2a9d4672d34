//! Everything that is kept about a person, for them to read and take along (GDPR articles 15 and 20). Secrets are not among it, nor their hashes.

use serde_json::{Map, Value, json};

use super::{list_grants, list_logins};
use crate::context::{Civil, Context, Timestamp};
use crate::model::event::SecurityEvent;
use crate::model::grant::{Grant, GrantStatus};
use crate::model::session::Session;
use crate::model::user::{Login, User};
use crate::model::whereabouts::Whereabouts;
use crate::store::StoreError;

/// Everything that is kept about `user`, as JSON.
///
/// # Errors
/// When the store failed.
pub async fn export_person(context: &Context, user: &User) -> Result<Value, StoreError> {
    let store = &context.store;
    let now = context.now();
    let mut sessions = Vec::new();
    for id in store.list_session_ids(user.id).await? {
        sessions.extend(store.find_session(id, now).await?.filter(|session| session.user_id == user.id));
    }
    sessions.sort_by_key(|session| std::cmp::Reverse(session.authentication.auth_time));
    let idle = context.config.lifetimes.refresh_idle;
    let grants: Vec<Value> = list_grants(context, user.id).await?.iter().map(|grant| render_grant(grant, idle)).collect();
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
        "issuer": context.config.issuer.as_str(),
        "exported_at": text(now),
        "profile": {
            "sub": user.subject, "username": user.username, "claims": user.claims, "has_password": user.password_hash.is_some(),
            "has_second_factor": store.find_factors(user.id).await?.is_some(),
            "added_at": text(user.created_at), "changed_at": text(user.updated_at),
        },
        "logins": list_logins(context, user).await?.iter().map(render_login).collect::<Vec<_>>(),
        "passkeys": passkeys,
        "sessions": sessions.iter().map(render_session).collect::<Vec<_>>(),
        "grants": grants,
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
