//! `login#<connection>#<subject>` and the attribute `identities` of `user#ULID`: who somebody is at providers that the settings connect. Both are
//! written in one transaction, so that each says what the other says. `connection#ID`: the secret that a provider gave us, sealed.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem, Update};

use super::item::{Expression, ItemBuilder, ItemReader, PK, number, text, text_set};
use super::transaction::Transacted;
use super::users::{key, login_key, render};
use super::{Store, StoreError};
use crate::context::Timestamp;
use crate::model::user::{Identity, Login, User, UserId};

/// The most identities of one user.
const MAX_IDENTITIES: usize = 20;
const SECRET_PREFIX: &str = "connection#";
/// The attribute of a user's record that lists their identities.
const IDENTITIES: &str = "identities";
/// The attribute of a user's record that names the connection by which they came.
const MADE_BY: &str = "made_by";

/// The key of the item of a connection's secret, which is part of what seals it.
#[must_use]
pub fn connection_key(id: &str) -> String {
    format!("{SECRET_PREFIX}{id}")
}

/// An identity, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptIdentity {
    /// Who they are at the provider.
    pub identity: Identity,
    /// Who they are here.
    pub user_id: UserId,
    /// By what people know it: an e-mail address or a name, as the provider had it when the two were connected.
    pub label: Option<String>,
    /// Whether the user was made by it, so that it says what is known of them.
    pub made_user: bool,
    /// Since when.
    pub since: Timestamp,
}

/// Which other ways to log in a user has, as far as their record does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherWays {
    /// At least one.
    Some,
    /// None: another one must stand in the record.
    Unknown,
}

impl Store {
    /// Whose identity it is, consistently.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_identity(&self, identity: &Identity) -> Result<Option<KeptIdentity>, StoreError> {
        let pk = login_key(&Login::Upstream(identity.clone()));
        let Some(item) = self.find("find_identity", &self.tables.registry, pk).await? else { return Ok(None) };
        let item = ItemReader::new("login", &item);
        Ok(Some(KeptIdentity {
            identity: identity.clone(),
            user_id: item.user_id("user_id")?,
            label: item.find_owned("label")?,
            made_user: item.flag("made_user")?,
            since: item.time("since")?,
        }))
    }

    /// Writes a user and the identity that made them, in one transaction. Answers `false`, with nothing written, when the identity is somebody's.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn create_user_of(&self, user: &User, kept: &KeptIdentity) -> Result<bool, StoreError> {
        let mut item = render(user)?;
        item.insert(IDENTITIES.to_owned(), text_set([kept.identity.to_string().as_str()]));
        // By which it is told from a user of the site's own login, who always has that.
        item.insert(MADE_BY.to_owned(), text(&kept.identity.connection));
        let writes = [self.put_new(item)?, self.put_new(render_identity(kept))?];
        Ok(self.transact("create_user_of", &writes).await? == Transacted::Done)
    }

    /// The identities of a user, as their record lists them, consistently.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn list_identities(&self, user: UserId) -> Result<Vec<Identity>, StoreError> {
        let Some(item) = self.find("list_identities", &self.tables.registry, key(user)).await? else { return Ok(Vec::new()) };
        let item = ItemReader::new("user", &item);
        let read = |text: &String| Identity::parse(text).ok_or_else(|| item.corrupt(IDENTITIES));
        item.text_set(IDENTITIES)?.iter().map(read).collect()
    }

    /// Adds an identity to a user. Answers `false`, with nothing written, when it is somebody's already, the user is gone or locked, or has as many as
    /// anybody may have.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn add_identity(&self, kept: &KeptIdentity) -> Result<bool, StoreError> {
        let condition = Expression::default()
            .and("attribute_exists(pk)")
            .and_with("locked = :no", ":no", AttributeValue::Bool(false))
            .and_with("(attribute_not_exists(identities) OR size(identities) < :most)", ":most", number(MAX_IDENTITIES))
            .with(":one", text_set([kept.identity.to_string().as_str()]));
        let user = self.update_identities(kept.user_id, "ADD identities :one", condition)?;
        let writes = [user, self.put_new(render_identity(kept))?];
        Ok(self.transact("add_identity", &writes).await? == Transacted::Done)
    }

    /// Takes an identity from a user, if another way to log in stays. Answers whether it did.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn remove_identity(&self, user: UserId, identity: &Identity, others: OtherWays) -> Result<bool, StoreError> {
        let spelled = identity.to_string();
        let mut condition = Expression::default()
            .and_with("contains(identities, :spelled)", ":spelled", text(&spelled))
            .with(":one", text_set([spelled.as_str()]));
        if others == OtherWays::Unknown {
            condition = condition.and_with(
                "(size(identities) > :last OR attribute_exists(password_hash) OR attribute_exists(passkeys))",
                ":last",
                number(1),
            );
        }
        let login = Delete::builder()
            .table_name(&self.tables.registry)
            .key(PK, text(login_key(&Login::Upstream(identity.clone()))))
            .condition_expression("user_id = :user")
            .expression_attribute_values(":user", text(user.to_string()))
            .build()
            .map_err(malformed)?;
        let user = self.update_identities(user, "DELETE identities :one", condition)?;
        let writes = [user, TransactWriteItem::builder().delete(login).build()];
        Ok(self.transact("remove_identity", &writes).await? == Transacted::Done)
    }

    fn update_identities(&self, user: UserId, update: &str, condition: Expression) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.tables.registry)
            .key(PK, text(key(user)))
            .update_expression(update)
            .condition_expression(condition.condition())
            .set_expression_attribute_values(Some(condition.into_values()))
            .build()
            .map_err(malformed)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// The secret that a provider gave us, sealed; none where there is none.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_sealed_connection_secret(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(item) = self.find("find_connection_secret", &self.tables.registry, connection_key(id)).await? else { return Ok(None) };
        let item = ItemReader::new("connection", &item);
        item.find_bytes("secret")?.map(|sealed| Some(sealed.to_vec())).ok_or_else(|| item.corrupt("secret"))
    }

    /// Stores the secret that a provider gave us, sealed. For the operator's program: no function has the right to do this.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn replace_sealed_connection_secret(&self, id: &str, sealed: &[u8]) -> Result<(), StoreError> {
        const OPERATION: &str = "replace_connection_secret";
        let item = ItemBuilder::new(connection_key(id)).bytes("secret", sealed).build();
        let put = self.dynamodb.put_item().table_name(&self.tables.registry).set_item(Some(item));
        put.send().await.map(drop).map_err(super::outcome::unavailable(OPERATION))
    }

    /// Forgets the secret that a provider gave us. Answers whether there was one. For the operator's program.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn remove_connection_secret(&self, id: &str) -> Result<bool, StoreError> {
        self.remove("remove_connection_secret", &self.tables.registry, connection_key(id)).await
    }
}

fn render_identity(kept: &KeptIdentity) -> super::item::Item {
    ItemBuilder::new(login_key(&Login::Upstream(kept.identity.clone())))
        .text("user_id", kept.user_id.to_string())
        .optional_text("label", kept.label.as_deref())
        .flag("made_user", kept.made_user)
        .time("since", kept.since)
        .build()
}

fn malformed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt { record: "login", reason: error.to_string() }
}
