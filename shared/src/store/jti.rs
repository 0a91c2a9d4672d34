//! `jti#…` and `revoked#…`: identifiers that count once, and access tokens that count no more.

use super::{Store, StoreError};
use crate::context::Timestamp;

/// Which identifiers a spent one is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JtiKind {
    /// Login JWTs of the site.
    Site,
}

/// Whether an identifier was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// This call spent it.
    First,
    /// It was spent before.
    Replayed,
}

impl Store {
    /// Spends a `jti` of `issuer` by one conditional write. The record is kept until `expires_at`, after which the token is refused by its own time.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn spend_jti(&self, kind: JtiKind, issuer: &str, jti: &str, expires_at: Timestamp) -> Result<Spent, StoreError> {
        todo!()
    }

    /// Notes that the access token `jti` is revoked, until its `exp`.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn revoke_access_token(&self, jti: &str, expires_at: Timestamp) -> Result<(), StoreError> {
        todo!()
    }

    /// Whether the access token `jti` was revoked. A consistent read.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn is_access_token_revoked(&self, jti: &str) -> Result<bool, StoreError> {
        todo!()
    }
}
