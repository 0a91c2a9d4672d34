//! `grant#ULID`: what a person allowed a client, and the state of its refresh tokens.

use super::{Store, StoreError};
use crate::model::code::Presentation;
use crate::model::grant::{Grant, RevokedBy, Rotated, RotationRequest};
use crate::model::user::UserId;
use ulid::Ulid;

impl Store {
    /// Writes a grant. Its ULID must be new.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn create_grant(&self, grant: &Grant) -> Result<(), StoreError> {
        todo!()
    }

    /// Reads a grant, consistently.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_grant(&self, id: Ulid) -> Result<Option<Grant>, StoreError> {
        todo!()
    }

    /// Rotates a grant's refresh token by one conditional update (or, without a successor, checks and extends it by one).
    ///
    /// # Errors
    /// When the store failed.
    pub async fn rotate_grant(&self, request: &RotationRequest) -> Result<Rotated, StoreError> {
        todo!()
    }

    /// Revokes an active grant. Answers whether this call did; a grant that is gone or revoked already stays as it is.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn revoke_grant(&self, id: Ulid, by: RevokedBy) -> Result<bool, StoreError> {
        todo!()
    }

    /// Revokes the grant of a code that was redeemed before, if and only if everything presented matches what was bound to that code
    /// (OAuth 2.1 section 7.5.2). Answers whether this call revoked it.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn revoke_replayed_grant(&self, presentation: &Presentation) -> Result<bool, StoreError> {
        todo!()
    }

    /// The grants of a user, by the index. What the index says may be a moment old.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn list_grant_ids(&self, user: UserId) -> Result<Vec<Ulid>, StoreError> {
        todo!()
    }
}
