//! What a person allowed is taken back, however often they allowed it.

use super::all::for_each;
use super::{Walk, holds};
use crate::context::Context;
use crate::model::client::ClientId;
use crate::model::grant::RevokedBy;
use crate::model::user::UserId;
use crate::store::StoreError;

/// How many grants are ended at one press of a button, so that it is answered in a few seconds: more than nearly anybody has.
const MOST: usize = 500;

/// What was taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Withdrawn {
    /// How many grants ended.
    pub grants: usize,
    /// There are more of them: it has to be done once more.
    pub has_more: bool,
}

/// Ends what `user` allowed the client, or all clients, and deletes the codes that are on their way. First clients have to ask again, so that nothing new is
/// allowed while the rest ends. What is cut short can be repeated.
///
/// # Errors
/// When the store failed. Some of it may have ended.
pub async fn withdraw(context: &Context, user: UserId, client: Option<&ClientId>) -> Result<Withdrawn, StoreError> {
    let store = &context.store;
    match client {
        Some(client) => drop(store.forget_consent(user, client).await?),
        None => store.forget_consents(user).await?,
    }
    let mut withdrawn = Withdrawn::default();
    let mut walk = Walk::of(user, None);
    while let Some(grants) = walk.next_grants(context).await? {
        let is_meant = |id: &ClientId| client.is_none_or(|client| client == id);
        let meant: Vec<_> =
            grants.iter().filter(|grant| is_meant(&grant.client_id) && holds(grant, context.now())).map(|grant| grant.id).collect();
        if !meant.is_empty() && withdrawn.grants >= MOST {
            withdrawn.has_more = true;
            break;
        }
        let end = |id| {
            let store = store.clone();
            async move {
                store.revoke_grant(id, RevokedBy::Person).await?;
                store.delete_code(id).await
            }
        };
        withdrawn.grants += for_each(&meant, end).await?.len();
    }
    let client = client.map_or("all", ClientId::as_str);
    tracing::info!(client_id = client, user_id = %user, grants = withdrawn.grants, has_more = withdrawn.has_more, "access withdrawn");
    Ok(withdrawn)
}
