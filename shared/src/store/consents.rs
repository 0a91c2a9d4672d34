//! `consents#user`: what a person allowed clients before, so as not to be asked again. One item a person, so that all can be listed and forgotten without a
//! search, and one attribute a client, so that clients do not get into each other's way.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;

use super::item::{Item, ItemBuilder, ItemReader, PK, text};
use super::outcome::unavailable;
use super::{Store, StoreError};
use crate::context::Timestamp;
use crate::model::client::ClientId;
use crate::model::consent::{Consent, KeptConsent};
use crate::model::user::UserId;

/// What the attributes of clients begin with.
const CLIENT: &str = "client:";

fn key(user: UserId) -> String {
    format!("consents#{user}")
}

fn attribute(client: &ClientId) -> String {
    format!("{CLIENT}{client}")
}

impl Store {
    /// What the user allowed the client, consistently; nothing when never asked.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_consent(&self, user: UserId, client: &ClientId) -> Result<Consent, StoreError> {
        let item = self.find("find_consent", &self.tables.registry, key(user)).await?.unwrap_or_default();
        match item.get(&attribute(client)) {
            Some(value) => Ok(read(value)?.0),
            None => Ok(Consent::default()),
        }
    }

    /// Everything that the user allowed clients, consistently, by client.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn list_consents(&self, user: UserId) -> Result<Vec<KeptConsent>, StoreError> {
        let item = self.find("list_consents", &self.tables.registry, key(user)).await?.unwrap_or_default();
        let mut kept = Vec::new();
        for (name, value) in &item {
            let Some(id) = name.strip_prefix(CLIENT) else { continue };
            let client_id = ClientId::parse(id).map_err(|_| corrupt(name))?;
            let (consent, updated_at) = read(value)?;
            kept.push(KeptConsent { client_id, consent, updated_at });
        }
        kept.sort_by(|a, b| a.client_id.as_str().cmp(b.client_id.as_str()));
        Ok(kept)
    }

    /// Remembers `consent`, all that the user allows the client from now on.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn remember_consent(&self, user: UserId, client: &ClientId, consent: &Consent, now: Timestamp) -> Result<(), StoreError> {
        let update = self
            .dynamodb
            .update_item()
            .table_name(&self.tables.registry)
            .key(PK, text(key(user)))
            .update_expression("SET #client = :consent")
            .expression_attribute_names("#client", attribute(client))
            .expression_attribute_values(":consent", AttributeValue::M(render(consent, now)));
        update.send().await.map(drop).map_err(unavailable("remember_consent"))
    }

    /// Forgets what the user allowed the client. Answers whether there was anything.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn forget_consent(&self, user: UserId, client: &ClientId) -> Result<bool, StoreError> {
        let answer = self
            .dynamodb
            .update_item()
            .table_name(&self.tables.registry)
            .key(PK, text(key(user)))
            .update_expression("REMOVE #client")
            .condition_expression("attribute_exists(#client)")
            .expression_attribute_names("#client", attribute(client))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) => Ok(false),
            Err(error) => Err(unavailable("forget_consent")(error)),
        }
    }

    /// Forgets everything that the user allowed.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn forget_consents(&self, user: UserId) -> Result<(), StoreError> {
        self.remove("forget_consents", &self.tables.registry, key(user)).await.map(drop)
    }
}

fn render(consent: &Consent, now: Timestamp) -> Item {
    ItemBuilder::default()
        .texts("scopes", &consent.scopes)
        .optional_texts("claims", &consent.claims)
        .optional_texts("resources", &consent.resources)
        .time("updated_at", now)
        .build()
}

fn read(value: &AttributeValue) -> Result<(Consent, Timestamp), StoreError> {
    let item = ItemReader::new("consents", value.as_m().map_err(|_| corrupt("a client's"))?);
    let consent = Consent {
        scopes: item.texts("scopes")?,
        claims: item.find_texts("claims")?.unwrap_or_default(),
        resources: item.find_texts("resources")?.unwrap_or_default(),
    };
    Ok((consent, item.time("updated_at")?))
}

fn corrupt(name: &str) -> StoreError {
    StoreError::Corrupt { record: "consents", reason: format!("the attribute {name}") }
}
