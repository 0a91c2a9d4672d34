//! `user#ULID` and `login#…`: people, and the names by which they are found.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};

use super::item::{Expression, Item, ItemBuilder, ItemReader, PK, text, time};
use super::outcome::unavailable;
use super::transaction::Transacted;
use super::{Store, StoreError};
use crate::context::Timestamp;
use crate::model::user::{Claims, Login, PasswordHash, Subject, User, UserId};

const PREFIX: &str = "user#";
const LOGIN_PREFIX: &str = "login#";

impl Store {
    /// Reads a user, consistently.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.find("find_user", &self.tables.registry, key(id)).await?.as_ref().map(read).transpose()
    }

    /// The user to whom a login points, consistently.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_login(&self, login: &Login) -> Result<Option<UserId>, StoreError> {
        let item = self.find("find_login", &self.tables.registry, login_key(login)).await?;
        item.map(|item| ItemReader::new("login", &item).user_id("user_id")).transpose()
    }

    /// Writes a user and the login that points to it, in one transaction. Answers `false`, with nothing written, when the login or the id is
    /// taken.
    ///
    /// # Errors
    /// When the store failed, or the user's `sub` is a client's: whoever makes a user up has checked that before.
    pub async fn create_user(&self, user: &User, login: &Login) -> Result<bool, StoreError> {
        const OPERATION: &str = "create_user";
        if user.subject.is_a_client_s() {
            return Err(StoreError::Corrupt { record: "user", reason: "a person's sub can't begin as a client's".to_owned() });
        }
        let login = ItemBuilder::new(login_key(login)).text("user_id", user.id.to_string()).build();
        Ok(self.transact(OPERATION, &[self.put_new(render(user)?)?, self.put_new(login)?]).await? == Transacted::Done)
    }

    pub(super) fn put_new(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.tables.registry).set_item(Some(item)).condition_expression("attribute_not_exists(pk)");
        Ok(TransactWriteItem::builder().put(built(put.build())?).build())
    }

    /// Replaces a user's claims if they differ. Answers whether the user was there.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn set_claims(&self, id: UserId, claims: &Claims, now: Timestamp) -> Result<bool, StoreError> {
        let update = Expression::default()
            .and("attribute_exists(pk)")
            .and_with("claims <> :claims", ":claims", text(render_claims(claims)?))
            .with(":now", time(now));
        self.update_user("set_claims", id, "SET claims = :claims, updated_at = :now", update).await
    }

    /// Replaces a user's claims if they still are `old`, so that nothing that another request wrote is lost. Answers whether they were.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn replace_claims(&self, id: UserId, old: &Claims, new: &Claims, now: Timestamp) -> Result<bool, StoreError> {
        let update = Expression::default()
            .and_with("claims = :old", ":old", text(render_claims(old)?))
            .with(":new", text(render_claims(new)?))
            .with(":now", time(now));
        self.update_user_if("replace_claims", id, "SET claims = :new, updated_at = :now", update).await
    }

    /// Replaces a user's password. Answers whether the user was there.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn set_password(&self, id: UserId, password: &PasswordHash) -> Result<bool, StoreError> {
        let update = Expression::default().and("attribute_exists(pk)").with(":hash", text(&password.0));
        self.update_user("set_password", id, "SET password_hash = :hash", update).await
    }

    /// Replaces a user's password if it still is `old`, by which what was bound to the old one counts once. Answers whether it did.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn replace_password(&self, id: UserId, old: Option<&PasswordHash>, new: &PasswordHash) -> Result<bool, StoreError> {
        let update = Expression::default()
            .and("attribute_exists(pk)")
            .and_bound("password_hash", ":old", old.map(|hash| hash.0.as_str()))
            .with(":new", text(&new.0));
        self.update_user_if("replace_password", id, "SET password_hash = :new", update).await
    }

    /// Gives a user another name to log in with, and other claims, if both still are as in `user`: one transaction, in which the old name goes. Answers
    /// `false`, with nothing written, when the new name is taken or the user has changed.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn rename_user(&self, user: &User, old: &Login, new: &Login, renamed: &User) -> Result<bool, StoreError> {
        let condition = Expression::default()
            .and_with("username = :old_name", ":old_name", text(user.username.as_deref().unwrap_or_default()))
            .and_with("claims = :old_claims", ":old_claims", text(render_claims(&user.claims)?))
            .with(":name", text(renamed.username.as_deref().unwrap_or_default()))
            .with(":claims", text(render_claims(&renamed.claims)?))
            .with(":now", time(renamed.updated_at));
        let update = Update::builder()
            .table_name(&self.tables.registry)
            .key(PK, text(key(user.id)))
            .update_expression("SET username = :name, claims = :claims, updated_at = :now")
            .condition_expression(condition.condition())
            .set_expression_attribute_values(Some(condition.into_values()))
            .build();
        let mut parts = vec![TransactWriteItem::builder().update(built(update)?).build()];
        // Only the spelling may have changed.
        if old != new {
            let delete = Delete::builder()
                .table_name(&self.tables.registry)
                .key(PK, text(login_key(old)))
                .condition_expression("user_id = :user")
                .expression_attribute_values(":user", text(user.id.to_string()))
                .build();
            parts.push(self.put_new(ItemBuilder::new(login_key(new)).text("user_id", user.id.to_string()).build())?);
            parts.push(TransactWriteItem::builder().delete(built(delete)?).build());
        }
        Ok(self.transact("rename_user", &parts).await? == Transacted::Done)
    }

    /// Locks or unlocks a user. Answers whether the user was there. The caller ends grants and sessions.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn set_locked(&self, id: UserId, locked: bool) -> Result<bool, StoreError> {
        let update = Expression::default().and("attribute_exists(pk)").with(":locked", AttributeValue::Bool(locked));
        self.update_user("set_locked", id, "SET locked = :locked", update).await
    }

    /// Answers whether the user is there, updated or as it should be already.
    async fn update_user(&self, operation: &'static str, id: UserId, update: &str, condition: Expression) -> Result<bool, StoreError> {
        let answer = self
            .dynamodb
            .update_item()
            .table_name(&self.tables.registry)
            .key(PK, text(key(id)))
            .update_expression(update)
            .condition_expression(condition.condition())
            .set_expression_attribute_values(Some(condition.into_values()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => Ok(failed.item.is_some()),
                _ => Err(unavailable(operation)(error)),
            },
        }
    }

    /// Updates a user if `condition` holds. Answers whether it did.
    async fn update_user_if(&self, operation: &'static str, id: UserId, update: &str, condition: Expression) -> Result<bool, StoreError> {
        self.update_if(operation, &self.tables.registry, key(id), update, condition).await
    }

    /// Removes a user and their logins, consents, second factor and passkeys. For the operator's program only (it scans).
    ///
    /// # Errors
    /// When the store failed.
    pub async fn remove_user(&self, id: UserId) -> Result<bool, StoreError> {
        const OPERATION: &str = "remove_user";
        for item in self.scan_registry(OPERATION, LOGIN_PREFIX).await? {
            let item = ItemReader::new("login", &item);
            if item.user_id("user_id")? == id {
                self.remove(OPERATION, &self.tables.registry, item.owned(PK)?).await?;
            }
        }
        self.forget_consents(id).await?;
        self.remove_factors(id).await?;
        self.remove_all_passkeys(id).await?;
        // Last: a removal that was cut short can be repeated.
        self.delete_user(id).await
    }

    /// Removes a login of `user`. Another's, and one that is gone, stays as it is.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn remove_login(&self, login: &Login, user: UserId) -> Result<(), StoreError> {
        let delete = self
            .dynamodb
            .delete_item()
            .table_name(&self.tables.registry)
            .key(PK, text(login_key(login)))
            .condition_expression("user_id = :user")
            .expression_attribute_values(":user", text(user.to_string()));
        match delete.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(DeleteItemError::is_conditional_check_failed_exception) => Ok(()),
            Err(error) => Err(unavailable("remove_login")(error)),
        }
    }

    /// Removes the record of a user, and nothing that leads to it. Answers whether it was there.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn delete_user(&self, id: UserId) -> Result<bool, StoreError> {
        self.remove("delete_user", &self.tables.registry, key(id)).await
    }

    /// All users, by a scan of the registry: for the operator's program only, no function may do this.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn list_users(&self) -> Result<Vec<User>, StoreError> {
        self.scan_registry("list_users", PREFIX).await?.iter().map(read).collect()
    }
}

fn built<T>(part: Result<T, BuildError>) -> Result<T, StoreError> {
    part.map_err(|error| StoreError::Corrupt { record: "user", reason: error.to_string() })
}

/// The key of a user's record.
pub(super) fn key(id: UserId) -> String {
    format!("{PREFIX}{id}")
}

pub(super) fn login_key(login: &Login) -> String {
    match login {
        Login::Local(name) => format!("{LOGIN_PREFIX}local#{name}"),
        Login::Site(subject) => format!("{LOGIN_PREFIX}site#{subject}"),
        Login::Upstream(identity) => format!("{LOGIN_PREFIX}{identity}"),
    }
}

/// One spelling for equal claims: the map is sorted by name.
fn render_claims(claims: &Claims) -> Result<String, StoreError> {
    serde_json::to_string(claims).map_err(|error| StoreError::Corrupt { record: "user", reason: error.to_string() })
}

pub(super) fn render(user: &User) -> Result<Item, StoreError> {
    Ok(ItemBuilder::new(key(user.id))
        .text("subject", &user.subject.0)
        .optional_text("username", user.username.as_deref())
        .optional_text("password_hash", user.password_hash.as_ref().map(|hash| hash.0.as_str()))
        .text("claims", render_claims(&user.claims)?)
        .flag("locked", user.locked)
        .time("created_at", user.created_at)
        .time("updated_at", user.updated_at)
        .build())
}

fn read(item: &Item) -> Result<User, StoreError> {
    let item = ItemReader::new("user", item);
    Ok(User {
        id: UserId(item.key_ulid(PREFIX)?),
        subject: Subject(item.owned("subject")?),
        username: item.find_owned("username")?,
        password_hash: item.find_owned("password_hash")?.map(PasswordHash),
        claims: serde_json::from_str(item.text("claims")?).map_err(|_| item.corrupt("claims"))?,
        locked: item.flag("locked")?,
        created_at: item.time("created_at")?,
        updated_at: item.time("updated_at")?,
    })
}
