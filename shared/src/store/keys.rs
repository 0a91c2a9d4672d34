//! `keys`: all public keys in one item, and `settings`: what the operator set.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use aws_smithy_types::Blob;

use super::item::{Expression, ItemBuilder, ItemReader, PK, number, text};
use super::outcome::unavailable;
use super::{Store, StoreError};
use crate::model::key_ring::KeyRing;
use crate::model::settings::Settings;

const KEYS: &str = "keys";
/// The key of the item of settings, which is part of what seals in it protect.
pub const SETTINGS_KEY: &str = "settings";

impl Store {
    /// Reads the key ring, consistently; none before the first key was made.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_key_ring(&self) -> Result<Option<KeyRing>, StoreError> {
        let Some(item) = self.find("find_key_ring", &self.tables.registry, KEYS.to_owned()).await? else { return Ok(None) };
        let item = ItemReader::new("keys", &item);
        serde_json::from_str(item.text("ring")?).map(Some).map_err(|_| item.corrupt("ring"))
    }

    /// Replaces the key ring, if its stored version is still `ring.version - 1` (or there is none and `ring.version` is 1). Answers whether it did.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn replace_key_ring(&self, ring: &KeyRing) -> Result<bool, StoreError> {
        let json = serde_json::to_string(ring).map_err(|error| StoreError::Corrupt { record: "keys", reason: error.to_string() })?;
        let condition = match ring.version {
            0 | 1 => Expression::default().and("attribute_not_exists(pk)"),
            later => Expression::default().and_with("version = :before", ":before", number(later - 1)),
        };
        let item = ItemBuilder::new(KEYS).number("version", ring.version).text("ring", &json).build();
        let put = self
            .dynamodb
            .put_item()
            .table_name(&self.tables.registry)
            .set_item(Some(item))
            .condition_expression(condition.condition())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let values = condition.into_values();
        match put.set_expression_attribute_values((!values.is_empty()).then_some(values)).send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                // The very ring that we meant to write: our own success, whose answer was lost before the SDK's retry.
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(failed.item.as_ref().is_some_and(|item| item.get("ring") == Some(&text(&json))))
                }
                _ => Err(unavailable("replace_key_ring")(error)),
            },
        }
    }

    /// The operator's settings, consistently; none before some were applied.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_settings(&self) -> Result<Option<Settings>, StoreError> {
        let Some(item) = self.find("find_settings", &self.tables.registry, SETTINGS_KEY.to_owned()).await? else { return Ok(None) };
        let item = ItemReader::new("settings", &item);
        let read = |json: &str| serde_json::from_str(json).map_err(|_| item.corrupt("settings"));
        item.find_text("settings")?.map(read).transpose()
    }

    /// Replaces the operator's settings, whole.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn replace_settings(&self, settings: &Settings) -> Result<(), StoreError> {
        let json =
            serde_json::to_string(settings).map_err(|error| StoreError::Corrupt { record: "settings", reason: error.to_string() })?;
        self.set_in_settings("replace_settings", "settings", text(json)).await
    }

    /// The site's HS256 secret, sealed, from the item `settings`.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_sealed_site_secret(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(item) = self.find("find_sealed_site_secret", &self.tables.registry, SETTINGS_KEY.to_owned()).await? else {
            return Ok(None);
        };
        Ok(ItemReader::new("settings", &item).find_bytes("site_secret")?.map(<[u8]>::to_vec))
    }

    /// Stores the site's HS256 secret, sealed.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn replace_sealed_site_secret(&self, sealed: &[u8]) -> Result<(), StoreError> {
        self.set_in_settings("replace_sealed_site_secret", "site_secret", AttributeValue::B(Blob::new(sealed))).await
    }

    async fn set_in_settings(&self, operation: &'static str, attribute: &str, value: AttributeValue) -> Result<(), StoreError> {
        let update = self
            .dynamodb
            .update_item()
            .table_name(&self.tables.registry)
            .key(PK, text(SETTINGS_KEY))
            .update_expression("SET #attribute = :value")
            .expression_attribute_names("#attribute", attribute)
            .expression_attribute_values(":value", value);
        update.send().await.map(drop).map_err(unavailable(operation))
    }
}
