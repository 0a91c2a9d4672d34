//! `keys`: all public keys in one item, and `settings`: what the operator set.

use super::{Store, StoreError};
use crate::model::key_ring::KeyRing;

impl Store {
    /// Reads the key ring, consistently; none before the first key was made.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_key_ring(&self) -> Result<Option<KeyRing>, StoreError> {
        todo!()
    }

    /// Replaces the key ring, if its stored version is still `ring.version - 1` (or there is none and `ring.version` is 1). Answers whether it did.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn replace_key_ring(&self, ring: &KeyRing) -> Result<bool, StoreError> {
        todo!()
    }

    /// The site's HS256 secret, sealed, from the item `settings`.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_sealed_site_secret(&self) -> Result<Option<Vec<u8>>, StoreError> {
        todo!()
    }

    /// Stores the site's HS256 secret, sealed.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn replace_sealed_site_secret(&self, sealed: &[u8]) -> Result<(), StoreError> {
        todo!()
    }
}
