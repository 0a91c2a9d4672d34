//! What concerns one person as a whole: what they allowed, what is known of them, and how all of it goes. The account pages and the operator's program
//! share it.

mod deletion;
mod export;

pub use self::deletion::{Deleted, delete_person};
pub use self::export::export_person;

use crate::context::Context;
use crate::model::grant::{Grant, GrantStatus};
use crate::model::user::{Login, User, UserId};
use crate::store::StoreError;

/// How many grants are looked at for one page: the newest.
const MOST: usize = 200;

/// The grants of a person that hold, the newest first.
///
/// # Errors
/// When the store failed.
pub async fn list_current_grants(context: &Context, user: UserId) -> Result<Vec<Grant>, StoreError> {
    let now = context.now();
    let holds = |grant: &Grant| grant.status == GrantStatus::Active && grant.refresh.idle_at > now && grant.refresh.absolute_at > now;
    Ok(list_grants(context, user).await?.into_iter().filter(holds).collect())
}

/// The grants of a person, the newest first, ended ones too as long as they are there.
async fn list_grants(context: &Context, user: UserId) -> Result<Vec<Grant>, StoreError> {
    let mut ids = context.store.list_grant_ids(user).await?;
    // ULIDs begin with their time.
    ids.sort_unstable();
    let mut grants = Vec::new();
    for id in ids.into_iter().rev().take(MOST) {
        // What the index says may be a moment old.
        grants.extend(context.store.find_grant(id).await?.filter(|grant| grant.user_id == user));
    }
    Ok(grants)
}

/// The logins that lead to a person: by the names that their record has.
async fn list_logins(context: &Context, user: &User) -> Result<Vec<Login>, StoreError> {
    let local = user.username.as_deref().map(|name| Login::Local(crate::model::user::fold_username(name)));
    let upstream = context.store.list_identities(user.id).await?.into_iter().map(Login::Upstream);
    let possible = local.into_iter().chain([Login::Site(user.subject.0.clone())]).chain(upstream);
    let mut logins = Vec::new();
    for login in possible {
        if context.store.find_login(&login).await? == Some(user.id) {
            logins.push(login);
        }
    }
    Ok(logins)
}
