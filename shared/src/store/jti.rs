//! `jti#…` and `revoked#…`: identifiers that count once, and access tokens that count no more.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::item::{EXPIRES_AT, ItemBuilder};
use super::outcome::{Attempted, Written, judge, one_attempt, unavailable, write_once};
use super::{Store, StoreError};
use crate::context::Timestamp;
use crate::model::secret::SecretHash;

/// Which identifiers a spent one is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JtiKind {
    /// Login JWTs of the site.
    Site,
    /// Assertions by which clients authenticate, and grants by assertion.
    Assertion,
    /// DPoP proofs.
    Dpop,
}

impl JtiKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Site => "jti#site#",
            Self::Assertion => "jti#assertion#",
            Self::Dpop => "jti#dpop#",
        }
    }
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
    /// Spends a `jti` of `issuer` by one conditional write. The record is kept until `expires_at`, after which the token is refused by its own
    /// time.
    ///
    /// # Errors
    /// When the store failed, or it can't be known whether this call spent it.
    pub async fn spend_jti(&self, kind: JtiKind, issuer: &str, jti: &str, expires_at: Timestamp) -> Result<Spent, StoreError> {
        // Of a fixed size, whatever strangers send; the lengths keep two pairs from meeting in one text.
        let hash = SecretHash::of(format!("{}:{issuer}{jti}", issuer.len()).as_bytes());
        let item =
            ItemBuilder::new(format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(hash.as_bytes()))).time(EXPIRES_AT, expires_at).build();
        let put = || async {
            let answer = self
                .dynamodb
                .put_item()
                .table_name(&self.tables.state)
                .set_item(Some(item.clone()))
                .condition_expression("attribute_not_exists(pk)")
                .customize()
                .config_override(one_attempt(self.patience))
                .send()
                .await;
            match answer {
                Ok(_) => Attempted::Applied(None),
                Err(error) => judge(&error, |error| match error {
                    PutItemError::ConditionalCheckFailedException(failed) => Some(failed.item.clone()),
                    _ => None,
                }),
            }
        };
        match write_once("spend_jti", put, |_| true).await? {
            Written::Applied(_) => Ok(Spent::First),
            Written::Refused(_) => Ok(Spent::Replayed),
        }
    }

    /// Notes that the access token `jti` is revoked, until its `exp`.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn revoke_access_token(&self, jti: &str, expires_at: Timestamp) -> Result<(), StoreError> {
        let item = ItemBuilder::new(revoked_key(jti)).time(EXPIRES_AT, expires_at).build();
        let put = self.dynamodb.put_item().table_name(&self.tables.state).set_item(Some(item));
        put.send().await.map(drop).map_err(unavailable("revoke_access_token"))
    }

    /// Whether the access token `jti` was revoked. A consistent read.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn is_access_token_revoked(&self, jti: &str) -> Result<bool, StoreError> {
        Ok(self.find("is_access_token_revoked", &self.tables.state, revoked_key(jti)).await?.is_some())
    }
}

fn revoked_key(jti: &str) -> String {
    format!("revoked#{jti}")
}
