//! `user#ULID` and `login#…`: people, and the names by which they are found.

use super::{Store, StoreError};
use crate::context::Timestamp;
use crate::model::user::{Claims, Login, PasswordHash, User, UserId};

impl Store {
    /// Reads a user, consistently.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        todo!()
    }

    /// The user to whom a login points, consistently.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_login(&self, login: &Login) -> Result<Option<UserId>, StoreError> {
        todo!()
    }

    /// Writes a user and the login that points to it, in one transaction. Answers `false`, with nothing written, when the login or the id is taken.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn create_user(&self, user: &User, login: &Login) -> Result<bool, StoreError> {
        todo!()
    }

    /// Replaces a user's claims if they differ. Answers whether the user was there.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn set_claims(&self, id: UserId, claims: &Claims, now: Timestamp) -> Result<bool, StoreError> {
        todo!()
    }

    /// Replaces a user's password. Answers whether the user was there.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn set_password(&self, id: UserId, password: &PasswordHash) -> Result<bool, StoreError> {
        todo!()
    }

    /// Locks or unlocks a user. Answers whether the user was there. The caller ends grants and sessions.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn set_locked(&self, id: UserId, locked: bool) -> Result<bool, StoreError> {
        todo!()
    }

    /// Removes a user and their logins and consents. For the operator's program only (it scans).
    ///
    /// # Errors
    /// When the store failed.
    pub async fn remove_user(&self, id: UserId) -> Result<bool, StoreError> {
        todo!()
    }

    /// All users, by a scan of the registry: for the operator's program only, no function may do this.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn list_users(&self) -> Result<Vec<User>, StoreError> {
        todo!()
    }
}
