//! What stands behind an access token: whether it still holds is more than its signature and its time say.

use std::sync::Arc;

use super::BackChannel;
use super::bearer::AccessToken;
use super::error::{GrantReason, TokenError};
use crate::model::client::StoredClient;
use crate::model::grant::{Grant, GrantStatus};
use crate::model::user::User;

/// Who stands behind a token that holds.
pub(super) struct Backing {
    /// The client that it was issued to.
    pub(super) client: Arc<StoredClient>,
    /// The person whose grant it comes from; none where the client acts in its own name.
    pub(super) user: Option<User>,
    /// That grant.
    pub(super) grant: Option<Grant>,
}

/// Looks behind `token`: it was not revoked, its client is still registered, its grant holds, and the person is not locked. `None` when
/// anything of it is not so. One request to the store in sequence, and one more for a person.
///
/// # Errors
/// When the store failed.
pub(super) async fn find_backing(back: &BackChannel, token: &AccessToken) -> Result<Option<Backing>, TokenError> {
    let store = &back.context.store;
    let find_grant = async {
        match token.grant_id {
            Some(id) => store.find_grant(id).await,
            None => Ok(None),
        }
    };
    let (revoked, client, grant) =
        tokio::join!(store.is_access_token_revoked(&token.jti), back.clients.find(&back.context, &token.client_id), find_grant);
    let (revoked, client, grant) = (revoked?, client?, grant?);
    let Some(client) = client.filter(|_| !revoked) else { return Ok(None) };
    if token.grant_id.is_none() {
        return Ok(Some(Backing { client, user: None, grant: None }));
    }
    let Some(grant) = grant.filter(|grant| is_active(back, grant)) else { return Ok(None) };
    let user = find_unlocked_user(back, &grant).await?;
    Ok(user.map(|user| Backing { client, user: Some(user), grant: Some(grant) }))
}

/// Whether a grant holds. TTL deletes late, so its end is looked at.
pub(super) fn is_active(back: &BackChannel, grant: &Grant) -> bool {
    grant.status == GrantStatus::Active && back.context.now() < grant.refresh.absolute_at
}

/// The person behind a grant, unless locked or gone.
///
/// # Errors
/// When the store failed.
pub(super) async fn find_unlocked_user(back: &BackChannel, grant: &Grant) -> Result<Option<User>, TokenError> {
    match back.check_user(grant.user_id).await {
        Ok(user) => Ok(Some(user)),
        Err(TokenError::Grant(GrantReason::UserLocked)) => Ok(None),
        Err(other) => Err(other),
    }
}
