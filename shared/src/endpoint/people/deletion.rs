//! Everything about a person goes.

use serde::Serialize;

use super::all::for_each;
use super::{end_sessions, list_logins};
use crate::context::Context;
use crate::model::user::User;
use crate::store::StoreError;

/// What went with a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Deleted {
    /// How many grants.
    pub grants: usize,
    /// How many sessions. Clients that want to be told of their end are told by the table's stream.
    pub sessions: usize,
}

/// Deletes a person. The lock comes first: from then on nothing new is signed or written for them. What is cut short after that leaves a locked person,
/// and can be repeated: the record goes last, and what leads to it just before.
///
/// # Errors
/// When the store failed. Some of it may be gone.
pub async fn delete_person(context: &Context, user: &User) -> Result<Deleted, StoreError> {
    let store = &context.store;
    store.set_locked(user.id, true).await?;
    let sessions = end_sessions(context, user.id, None).await?;
    let delete = |grant| {
        let store = store.clone();
        async move {
            store.delete_grant(grant).await?;
            store.delete_code(grant).await
        }
    };
    let grants = for_each(&store.list_grant_ids(user.id).await?, delete).await?.len();
    store.forget_consents(user.id).await?;
    store.forget_events(user.id).await?;
    store.remove_all_passkeys(user.id).await?;
    store.remove_factors(user.id).await?;
    for login in list_logins(context, user).await? {
        store.remove_login(&login, user.id).await?;
    }
    store.delete_user(user.id).await?;
    tracing::info!(user_id = %user.id, grants, sessions, "a person is deleted");
    Ok(Deleted { grants, sessions })
}
