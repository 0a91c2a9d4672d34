//! `code#ULID`: authorization codes, each good for one use.

use ulid::Ulid;

use super::item::{EXPIRES_AT, Expression, Item, ItemBuilder, ItemReader, PK, hash, text, time};
use super::outcome::{Written, unavailable};
use super::{Store, StoreError};
use crate::model::code::{AuthorizationCode, Presentation, Redemption};

const PREFIX: &str = "code#";

impl Store {
    /// Writes a code. Its ULID must be new.
    ///
    /// # Errors
    /// When the store failed; the code may or may not be there, and must not be handed out.
    pub async fn create_code(&self, code: &AuthorizationCode) -> Result<(), StoreError> {
        self.create("create_code", &self.tables.state, render(code)).await
    }

    /// Redeems a code by one conditional delete, the only thing that decides who may issue tokens.
    ///
    /// # Errors
    /// When it can't be known whether the code was redeemed by this call. The caller answers 503 and revokes nothing.
    pub async fn redeem_code(&self, presentation: &Presentation) -> Result<Redemption, StoreError> {
        let condition = redemption(presentation);
        match self.take("redeem_code", key(presentation.id), &condition).await? {
            Written::Applied(Some(item)) => Ok(Redemption::Redeemed(Box::new(read(&item)?))),
            Written::Refused(Some(item)) => Ok(Redemption::Refused(Box::new(read(&item)?))),
            Written::Applied(None) | Written::Refused(None) => Ok(Redemption::Gone),
        }
    }

    /// Removes a code whatever it says, because its grant was revoked.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn delete_code(&self, id: Ulid) -> Result<(), StoreError> {
        let delete = self.dynamodb.delete_item().table_name(&self.tables.state).key(PK, text(key(id)));
        delete.send().await.map(drop).map_err(unavailable("delete_code"))
    }
}

fn key(id: Ulid) -> String {
    format!("{PREFIX}{id}")
}

/// Everything that must be right about a presentation (OAuth 2.1 section 4.1.3, RFC 7636 section 4.6, RFC 8707 section 2.2, RFC 9449 section 10).
fn redemption(presented: &Presentation) -> Expression {
    let condition = Expression::default()
        .and_with("secret_hash = :hash", ":hash", hash(&presented.secret_hash))
        .and_with("client_id = :client", ":client", text(presented.client_id.as_str()))
        .and_with("expires_at > :now", ":now", time(presented.now))
        .and_bound("code_challenge", ":challenge", presented.code_challenge.as_deref())
        .and_proven("dpop_jkt", ":jkt", presented.dpop_jkt.as_deref());
    let condition = match &presented.redirect_uri {
        Some(uri) => condition.and_with("redirect_uri = :redirect", ":redirect", text(uri)),
        None => condition,
    };
    condition.and_contains("resources", ":resource", &presented.resources)
}

fn render(code: &AuthorizationCode) -> Item {
    ItemBuilder::new(key(code.id))
        .hash("secret_hash", &code.secret_hash)
        .text("client_id", code.client_id.as_str())
        .text("user_id", code.user_id.to_string())
        .text("redirect_uri", &code.redirect_uri)
        .optional_text("code_challenge", code.code_challenge.as_deref())
        .optional_text("dpop_jkt", code.dpop_jkt.as_deref())
        .texts("resources", &code.resources)
        .optional_text("nonce", code.nonce.as_deref())
        .time(EXPIRES_AT, code.expires_at)
        .build()
}

fn read(item: &Item) -> Result<AuthorizationCode, StoreError> {
    let item = ItemReader::new("code", item);
    Ok(AuthorizationCode {
        id: item.key_ulid(PREFIX)?,
        secret_hash: item.hash("secret_hash")?,
        client_id: item.client_id("client_id")?,
        user_id: item.user_id("user_id")?,
        redirect_uri: item.owned("redirect_uri")?,
        code_challenge: item.find_owned("code_challenge")?,
        dpop_jkt: item.find_owned("dpop_jkt")?,
        resources: item.texts("resources")?,
        nonce: item.find_owned("nonce")?,
        expires_at: item.time(EXPIRES_AT)?,
    })
}
