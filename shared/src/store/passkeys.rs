//! `passkey#…`: the public halves of people's passkeys. The registry has no index: whose a passkey is stands in its record, and which passkeys a
//! person has in the person's. Each change of the one goes with the change of the other, in one transaction.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};

use super::item::{Expression, Item, ItemBuilder, ItemReader, PK, number, text, text_set, time};
use super::outcome::unavailable;
use super::transaction::Transacted;
use super::{Store, StoreError, users};
use crate::context::Timestamp;
use crate::model::passkey::{MAX_PASSKEYS, Passkey, PasskeyId};
use crate::model::user::{Login, User, UserId};

const PREFIX: &str = "passkey#";
/// In a user's record: the keys of their passkeys, a set that is absent when they have none.
const PASSKEYS: &str = "passkeys";
/// The place of the write to the user's record in each transaction.
const OF_THE_USER: usize = 1;

/// What became of a passkey that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyAdded {
    /// It is kept.
    Done,
    /// The person has as many as one may have, or is gone or locked.
    Refused,
    /// The credential is kept already, whosever it is.
    Taken,
}

/// What became of a passkey that was to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyRemoved {
    /// It is gone, and logs nobody in any more.
    Done,
    /// Without it the person could not log in any more.
    Last,
    /// The person has no such passkey.
    Unknown,
}

/// What became of a person who was to be added with a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonAdded {
    /// Person, login and passkey are kept.
    Done,
    /// Nothing is: the login, or the id, is somebody's.
    NameTaken,
    /// Nothing is: the credential is kept already, whosever it is.
    PasskeyTaken,
}

impl Store {
    /// Writes a user, the login that points to them and the passkey with which they log in, in one transaction.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn create_user_with_passkey(&self, user: &User, login: &Login, passkey: &Passkey) -> Result<PersonAdded, StoreError> {
        const OF_THE_PASSKEY: usize = 2;
        let mut item = users::render(user)?;
        item.insert(PASSKEYS.to_owned(), text_set([passkey.id.as_str()]));
        let login = ItemBuilder::new(users::login_key(login)).text("user_id", user.id.to_string()).build();
        let writes = [self.put_new(item)?, self.put_new(login)?, self.put_new(render(passkey))?];
        match self.transact("create_user_with_passkey", &writes).await? {
            Transacted::Done => Ok(PersonAdded::Done),
            Transacted::Refused(places) if places == [OF_THE_PASSKEY] => Ok(PersonAdded::PasskeyTaken),
            Transacted::Refused(_) => Ok(PersonAdded::NameTaken),
        }
    }

    /// Keeps a new passkey, and notes it with its person.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn add_passkey(&self, passkey: &Passkey) -> Result<PasskeyAdded, StoreError> {
        let put = Put::builder().table_name(&self.tables.registry).set_item(Some(render(passkey)));
        let put = put.condition_expression("attribute_not_exists(pk)").build().map_err(corrupt)?;
        let condition = Expression::default().and_with("locked = :open", ":open", AttributeValue::Bool(false)).and_with(
            "(attribute_not_exists(passkeys) OR size(passkeys) < :most)",
            ":most",
            number(MAX_PASSKEYS),
        );
        let note = self.change_list(passkey.user_id, "ADD passkeys :ids", condition, &passkey.id)?;
        match self.transact("add_passkey", &[TransactWriteItem::builder().put(put).build(), note]).await? {
            Transacted::Done => Ok(PasskeyAdded::Done),
            Transacted::Refused(places) if places.contains(&OF_THE_USER) => Ok(PasskeyAdded::Refused),
            Transacted::Refused(_) => Ok(PasskeyAdded::Taken),
        }
    }

    /// Reads a passkey, consistently.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_passkey(&self, id: &PasskeyId) -> Result<Option<Passkey>, StoreError> {
        self.find("find_passkey", &self.tables.registry, key(id)).await?.as_ref().map(read).transpose()
    }

    /// The passkeys of a person, the oldest first.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn list_passkeys(&self, user: UserId) -> Result<Vec<Passkey>, StoreError> {
        let mut passkeys = Vec::new();
        for id in self.list_passkey_ids(user).await? {
            // One that is gone was removed a moment ago.
            passkeys.extend(self.find_passkey(&id).await?.filter(|passkey| passkey.user_id == user));
        }
        passkeys.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(passkeys)
    }

    /// Whether a person has a passkey, consistently.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn has_passkey(&self, user: UserId) -> Result<bool, StoreError> {
        Ok(!self.list_passkey_ids(user).await?.is_empty())
    }

    async fn list_passkey_ids(&self, user: UserId) -> Result<Vec<PasskeyId>, StoreError> {
        let Some(item) = self.find("list_passkey_ids", &self.tables.registry, users::key(user)).await? else { return Ok(Vec::new()) };
        let item = ItemReader::new("user", &item);
        item.text_set(PASSKEYS)?.iter().map(|id| PasskeyId::parse(id).ok_or_else(|| item.corrupt(PASSKEYS))).collect()
    }

    /// Notes a login with a passkey: what the authenticator told, and when. Answers whether the passkey is still there and nobody used it since it
    /// was read, with `seen` as its counter.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn note_passkey_use(&self, passkey: &Passkey, seen: u32, now: Timestamp) -> Result<bool, StoreError> {
        const SET: &str = "SET credential = :credential, signatures = :counter, backed_up = :backed, last_used_at = :now";
        let update = Expression::default()
            .and_with("user_id = :user", ":user", text(passkey.user_id.to_string()))
            .and_with("signatures = :seen", ":seen", number(seen))
            .with(":credential", text(&passkey.credential))
            .with(":counter", number(passkey.counter))
            .with(":backed", AttributeValue::Bool(passkey.backed_up))
            .with(":now", time(now));
        self.update_passkey("note_passkey_use", &passkey.id, SET, update).await
    }

    /// Gives a person's passkey another name. Answers whether the person has it.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn rename_passkey(&self, user: UserId, id: &PasskeyId, name: &str) -> Result<bool, StoreError> {
        let update = Expression::default().and_with("user_id = :user", ":user", text(user.to_string())).with(":name", text(name));
        self.update_passkey("rename_passkey", id, "SET label = :name", update).await
    }

    async fn update_passkey(&self, operation: &'static str, id: &PasskeyId, set: &str, update: Expression) -> Result<bool, StoreError> {
        self.update_if(operation, &self.tables.registry, key(id), set, update).await
    }

    /// Removes a passkey of a person who can still log in afterwards: with another passkey, with a password, or elsewhere.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn remove_passkey(&self, user: UserId, id: &PasskeyId) -> Result<PasskeyRemoved, StoreError> {
        let condition = Expression::default().and_with("contains(passkeys, :id)", ":id", text(id.as_str())).and_with(
            "(size(passkeys) > :one OR attribute_exists(password_hash) OR attribute_exists(identities) OR (attribute_not_exists(username) AND attribute_not_exists(made_by)))",
            ":one",
            number(1),
        );
        let unlist = self.change_list(user, "DELETE passkeys :ids", condition, id)?;
        let delete = Delete::builder()
            .table_name(&self.tables.registry)
            .key(PK, text(key(id)))
            .condition_expression("user_id = :user")
            .expression_attribute_values(":user", text(user.to_string()))
            .build()
            .map_err(corrupt)?;
        match self.transact("remove_passkey", &[TransactWriteItem::builder().delete(delete).build(), unlist]).await? {
            Transacted::Done => Ok(PasskeyRemoved::Done),
            Transacted::Refused(places) if places == [OF_THE_USER] => Ok(PasskeyRemoved::Last),
            Transacted::Refused(_) => Ok(PasskeyRemoved::Unknown),
        }
    }

    /// Removes all passkeys of a person, whether or not they can log in afterwards: for the operator, and where the whole account goes. Answers how
    /// many there were. One that was cut short can be repeated.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn remove_all_passkeys(&self, user: UserId) -> Result<usize, StoreError> {
        const OPERATION: &str = "remove_all_passkeys";
        let ids = self.list_passkey_ids(user).await?;
        for id in &ids {
            self.remove(OPERATION, &self.tables.registry, key(id)).await?;
        }
        if ids.is_empty() {
            return Ok(0);
        }
        let update = self.dynamodb.update_item().table_name(&self.tables.registry).key(PK, text(users::key(user)));
        let update = update.update_expression("DELETE passkeys :ids").condition_expression("attribute_exists(pk)");
        let answer = update.expression_attribute_values(":ids", text_set(ids.iter().map(PasskeyId::as_str))).send().await;
        match answer {
            Ok(_) => Ok(ids.len()),
            Err(error) if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) => Ok(ids.len()),
            Err(error) => Err(unavailable(OPERATION)(error)),
        }
    }

    /// The change of the list in a user's record by one passkey.
    fn change_list(&self, user: UserId, change: &str, condition: Expression, id: &PasskeyId) -> Result<TransactWriteItem, StoreError> {
        let condition_text = condition.condition();
        let update = Update::builder()
            .table_name(&self.tables.registry)
            .key(PK, text(users::key(user)))
            .update_expression(change)
            .condition_expression(condition_text)
            .set_expression_attribute_values(Some(condition.with(":ids", text_set([id.as_str()])).into_values()))
            .build()
            .map_err(corrupt)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

fn corrupt(error: BuildError) -> StoreError {
    StoreError::Corrupt { record: "passkey", reason: error.to_string() }
}

fn key(id: &PasskeyId) -> String {
    format!("{PREFIX}{id}")
}

fn render(passkey: &Passkey) -> Item {
    let item = ItemBuilder::new(key(&passkey.id))
        .text("user_id", passkey.user_id.to_string())
        .text("credential", &passkey.credential)
        .text("label", &passkey.name)
        .number("signatures", passkey.counter)
        .flag("backed_up", passkey.backed_up)
        .time("created_at", passkey.created_at);
    match passkey.last_used_at {
        Some(last) => item.time("last_used_at", last),
        None => item,
    }
    .build()
}

fn read(item: &Item) -> Result<Passkey, StoreError> {
    let item = ItemReader::new("passkey", item);
    let id = item.text(PK)?.strip_prefix(PREFIX).and_then(PasskeyId::parse).ok_or_else(|| item.corrupt(PK))?;
    Ok(Passkey {
        id,
        user_id: item.user_id("user_id")?,
        credential: item.owned("credential")?,
        name: item.owned("label")?,
        counter: item.number("signatures")?,
        backed_up: item.flag("backed_up")?,
        created_at: item.time("created_at")?,
        last_used_at: item.find_time("last_used_at")?,
    })
}
