//! Everything of a person's, however much it is: by pages of the index, and several records at a time.

use std::future::Future;

use ulid::Ulid;

use crate::context::Context;
use crate::model::grant::Grant;
use crate::model::session::Session;
use crate::model::user::UserId;
use crate::store::{StoreError, UlidRange};

/// How many records are asked for or changed at a time: enough to be done soon, and no burst that a table throttles.
const AT_ONCE: usize = 16;
/// How many ids are read from the index at a time, unless somebody wants another number.
const PAGE: u16 = 100;

/// Does `what` to each of `ids`, several at a time, and answers with what came of it in the same order.
///
/// # Errors
/// The first failure. What was begun beside it may or may not be done.
pub(super) async fn for_each<T, F>(ids: &[Ulid], what: impl Fn(Ulid) -> F) -> Result<Vec<T>, StoreError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, StoreError>> + Send + 'static,
{
    let mut done = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let begun: Vec<_> = some.iter().map(|id| tokio::spawn(what(*id))).collect();
        for task in begun {
            let ended = task.await.map_err(|error| StoreError::Unavailable { operation: "for_each", reason: error.to_string() })?;
            done.push(ended?);
        }
    }
    Ok(done)
}

/// The grants of a person with these ids that are there. What the index says may be a moment old.
///
/// # Errors
/// When the store failed.
pub(super) async fn find_grants(context: &Context, user: UserId, ids: &[Ulid]) -> Result<Vec<Grant>, StoreError> {
    let find = |id| {
        let store = context.store.clone();
        async move { store.find_grant(id).await }
    };
    Ok(for_each(ids, find).await?.into_iter().flatten().filter(|grant| grant.user_id == user).collect())
}

/// The sessions of a person with these ids that have not ended.
///
/// # Errors
/// When the store failed.
pub(super) async fn find_sessions(context: &Context, user: UserId, ids: &[Ulid]) -> Result<Vec<Session>, StoreError> {
    let now = context.now();
    let find = |id| {
        let store = context.store.clone();
        async move { store.find_session(id, now).await }
    };
    Ok(for_each(ids, find).await?.into_iter().flatten().filter(|session| session.user_id == user).collect())
}

/// A walk through what a person has, the newest first, page by page.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    user: UserId,
    rest: Option<UlidRange>,
    page: u16,
}

impl Walk {
    /// From the newest on, or from what comes after `id`.
    #[must_use]
    pub fn of(user: UserId, after: Option<Ulid>) -> Self {
        Self { user, rest: after.map_or(Some(UlidRange::ALL), UlidRange::before), page: PAGE }
    }

    /// The same walk, with so many records at a time.
    #[must_use]
    pub fn by(self, page: u16) -> Self {
        Self { page, ..self }
    }

    /// The last id that was passed, while there is more.
    #[must_use]
    pub fn place(&self) -> Option<Ulid> {
        self.rest.and_then(|rest| rest.newest.0.checked_add(1)).map(Ulid)
    }

    /// Goes on behind `ids`, of which one more than a page was asked for: that one tells whether there is more.
    fn pass(&mut self, ids: &mut Vec<Ulid>) {
        let has_more = ids.len() > usize::from(self.page);
        ids.truncate(usize::from(self.page));
        self.rest = ids.last().filter(|_| has_more).and_then(|last| UlidRange::before(*last));
    }

    /// The next grants, ended ones too as long as they are there; `None` at the end.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn next_grants(&mut self, context: &Context) -> Result<Option<Vec<Grant>>, StoreError> {
        let Some(range) = self.rest else { return Ok(None) };
        let mut ids = context.store.list_grant_ids_in(self.user, range, Some(self.page + 1)).await?;
        self.pass(&mut ids);
        find_grants(context, self.user, &ids).await.map(Some)
    }

    /// The next sessions; `None` at the end.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn next_sessions(&mut self, context: &Context) -> Result<Option<Vec<Session>>, StoreError> {
        let Some(range) = self.rest else { return Ok(None) };
        let mut ids = context.store.list_session_ids_in(self.user, range, Some(self.page + 1)).await?;
        self.pass(&mut ids);
        find_sessions(context, self.user, &ids).await.map(Some)
    }
}

/// Ends every session of `user` but the one that stays, and answers how many. An id alone will do: a session never goes over to somebody else.
///
/// # Errors
/// When the store failed. Some may have ended.
pub async fn end_sessions(context: &Context, user: UserId, stays: Option<Ulid>) -> Result<usize, StoreError> {
    let mut ids = context.store.list_session_ids(user).await?;
    ids.retain(|id| Some(*id) != stays);
    let end = |id| {
        let store = context.store.clone();
        async move { store.end_session(id).await }
    };
    Ok(for_each(&ids, end).await?.len())
}
