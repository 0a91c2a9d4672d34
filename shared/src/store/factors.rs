//! `factor#ULID`: the second factor of a person with a password, and their recovery codes. The ULID is the user's.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use aws_smithy_types::Blob;

use super::item::{Expression, Item, ItemBuilder, ItemReader, PK, number, text};
use super::outcome::unavailable;
use super::{Store, StoreError};
use crate::model::factor::{Factors, SealedSeed, record_key};
use crate::model::secret::SecretHash;
use crate::model::user::UserId;

const RECOVERY: &str = "recovery";

impl Store {
    /// A person's second factor, by a consistent read.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_factors(&self, user: UserId) -> Result<Option<Factors>, StoreError> {
        self.find("find_factors", &self.tables.registry, record_key(user)).await?.as_ref().map(read).transpose()
    }

    /// Gives a person a second factor, if there is none. Answers whether it did.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn create_factors(&self, user: UserId, factors: &Factors) -> Result<bool, StoreError> {
        let item = ItemBuilder::new(record_key(user))
            .bytes("sealed_seed", &factors.sealed_seed.0)
            .number("last_step", factors.last_step)
            .attribute(RECOVERY, hashes(&factors.recovery))
            .time("created_at", factors.created_at)
            .build();
        self.put_if("create_factors", &self.tables.registry, item, "attribute_not_exists(pk)").await
    }

    /// Spends the code of a step: one conditional write. Answers whether this call did; a step that was used, or an earlier one, is used up, and so is
    /// each step of a seed that is gone.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn spend_step(&self, user: UserId, seed: &SealedSeed, step: i64) -> Result<bool, StoreError> {
        let condition = Expression::default()
            .and_with("sealed_seed = :seed", ":seed", AttributeValue::B(Blob::new(seed.0.clone())))
            .and_with("last_step < :step", ":step", number(step));
        Ok(self.update_factors("spend_step", user, "SET last_step = :step", condition).await?.is_some())
    }

    /// Spends a recovery code: one conditional write. Answers how many are left if this call did.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn spend_recovery_code(&self, user: UserId, code: &SecretHash) -> Result<Option<usize>, StoreError> {
        let condition = Expression::default()
            .and_with("contains(recovery, :code)", ":code", AttributeValue::B(Blob::new(code.as_bytes().as_slice())))
            .with(":set", hashes(std::slice::from_ref(code)));
        let updated = self.update_factors("spend_recovery_code", user, "DELETE recovery :set", condition).await?;
        updated.map(|item| read_recovery(&item).map(|left| left.len())).transpose()
    }

    /// Replaces a person's recovery codes, if there is a second factor. Answers whether it did.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn replace_recovery_codes(&self, user: UserId, codes: &[SecretHash]) -> Result<bool, StoreError> {
        let condition = Expression::default().and("attribute_exists(pk)").with(":codes", hashes(codes));
        Ok(self.update_factors("replace_recovery_codes", user, "SET recovery = :codes", condition).await?.is_some())
    }

    /// Takes a person's second factor and recovery codes away. Answers whether there were any.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn remove_factors(&self, user: UserId) -> Result<bool, StoreError> {
        self.remove("remove_factors", &self.tables.registry, record_key(user)).await
    }

    /// The record as it is then; none when the condition fails.
    async fn update_factors(
        &self,
        operation: &'static str,
        user: UserId,
        update: &str,
        condition: Expression,
    ) -> Result<Option<Item>, StoreError> {
        let answer = self
            .dynamodb
            .update_item()
            .table_name(&self.tables.registry)
            .key(PK, text(record_key(user)))
            .update_expression(update)
            .condition_expression(condition.condition())
            .set_expression_attribute_values(Some(condition.into_values()))
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        match answer {
            Ok(updated) => Ok(Some(updated.attributes.unwrap_or_default())),
            Err(error) if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) => Ok(None),
            Err(error) => Err(unavailable(operation)(error)),
        }
    }
}

fn hashes(hashes: &[SecretHash]) -> AttributeValue {
    AttributeValue::Bs(hashes.iter().map(|hash| Blob::new(hash.as_bytes().as_slice())).collect())
}

fn read(item: &Item) -> Result<Factors, StoreError> {
    let reader = ItemReader::new("factor", item);
    let sealed = reader.find_bytes("sealed_seed")?.ok_or_else(|| reader.corrupt("sealed_seed"))?;
    Ok(Factors {
        sealed_seed: SealedSeed(sealed.to_vec()),
        last_step: reader.number("last_step")?,
        recovery: read_recovery(item)?,
        created_at: reader.time("created_at")?,
    })
}

/// None when the set is absent, as empty sets are.
fn read_recovery(item: &Item) -> Result<Vec<SecretHash>, StoreError> {
    let corrupt = || ItemReader::new("factor", item).corrupt(RECOVERY);
    match item.get(RECOVERY) {
        None => Ok(Vec::new()),
        Some(AttributeValue::Bs(values)) => {
            values.iter().map(|value| value.as_ref().try_into().map(SecretHash::from_bytes).map_err(|_| corrupt())).collect()
        }
        Some(_) => Err(corrupt()),
    }
}
