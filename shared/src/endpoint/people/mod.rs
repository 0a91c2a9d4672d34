//! What concerns one person as a whole: what they allowed, what is known of them, and how all of it goes. The account pages and the operator's program
//! share it.

mod all;
mod deletion;
mod export;
mod withdrawal;

pub use self::all::{Walk, end_sessions};
pub use self::deletion::{Deleted, delete_person};
pub use self::export::{ExportPart, export_person, plan_export};
pub use self::withdrawal::{Withdrawn, withdraw};

use crate::context::{Context, Timestamp};
use crate::model::grant::{Grant, GrantStatus};
use crate::model::user::{Login, User};
use crate::store::StoreError;

/// Whether a client may still do something by `grant`.
#[must_use]
pub fn holds(grant: &Grant, now: Timestamp) -> bool {
    grant.status == GrantStatus::Active && grant.refresh.idle_at > now && grant.refresh.absolute_at > now
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
