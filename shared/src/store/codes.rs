//! `code#ULID`: authorization codes, each good for one use.

use super::{Store, StoreError};
use crate::model::code::{AuthorizationCode, Presentation, Redemption};
use ulid::Ulid;

impl Store {
    /// Writes a code. Its ULID must be new.
    ///
    /// # Errors
    /// When the store failed; the code may or may not be there, and must not be handed out.
    pub async fn create_code(&self, code: &AuthorizationCode) -> Result<(), StoreError> {
        todo!()
    }

    /// Redeems a code by one conditional delete, the only thing that decides who may issue tokens.
    ///
    /// # Errors
    /// When it can't be known whether the code was redeemed by this call. The caller answers 503 and revokes nothing.
    pub async fn redeem_code(&self, presentation: &Presentation) -> Result<Redemption, StoreError> {
        todo!()
    }

    /// Removes a code whatever it says, because its grant was revoked.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn delete_code(&self, id: Ulid) -> Result<(), StoreError> {
        todo!()
    }
}
