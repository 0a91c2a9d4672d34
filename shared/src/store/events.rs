//! `events#<user>`: what happened to a person's account, the newest in one item.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};

use super::item::{Expression, Item, ItemBuilder, ItemReader, PK, number, text, time};
use super::outcome::unavailable;
use super::{Store, StoreError};
use crate::context::Timestamp;
use crate::model::event::{EventKind, KEPT_FOR, SecurityEvent};
use crate::model::user::UserId;
use crate::model::whereabouts::{Browser, Whereabouts};

/// The list in the item.
const EVENTS: &str = "events";
/// How many events an item has at most, and how many stay when it is full: it is rewritten now and then, and not each time.
const MOST: usize = 60;
const STAY: usize = 49;
/// How often it is tried where others write at the same time.
const ATTEMPTS: u32 = 4;

impl Store {
    /// Adds an event to those of `user`, by one update unless the item is full.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn record_event(&self, user: UserId, event: &SecurityEvent) -> Result<(), StoreError> {
        const OPERATION: &str = "record_event";
        for _ in 0..ATTEMPTS {
            let append = Expression::default()
                .and_with("(attribute_not_exists(events) OR size(events) < :most)", ":most", number(MOST))
                .with(":none", AttributeValue::L(Vec::new()));
            let Some(full) =
                self.write_events(OPERATION, user, "list_append(if_not_exists(events, :none), :new)", vec![render(event)], append).await?
            else {
                return Ok(());
            };
            let Some(AttributeValue::L(mut kept)) = full.get(EVENTS).cloned() else { continue };
            kept.drain(..kept.len().saturating_sub(STAY));
            kept.push(render(event));
            let replace = Expression::default().and_with("size(events) >= :most", ":most", number(MOST));
            if self.write_events(OPERATION, user, ":new", kept, replace).await?.is_none() {
                return Ok(());
            }
        }
        Err(StoreError::Unavailable { operation: OPERATION, reason: "others write at the same time".to_owned() })
    }

    /// Sets the list to `value`, in which `new` is called `:new`. Answers with the item as it stands where the condition does not hold.
    async fn write_events(
        &self,
        operation: &'static str,
        user: UserId,
        value: &str,
        new: Vec<AttributeValue>,
        condition: Expression,
    ) -> Result<Option<Item>, StoreError> {
        let newest = new.iter().filter_map(|event| event.as_m().ok()?.get("at")?.as_n().ok()?.parse().ok()).max().unwrap_or_default();
        let condition_text = condition.condition();
        let values = condition.with(":new", AttributeValue::L(new)).with(":end", time(Timestamp(newest).plus(KEPT_FOR)));
        let answer = self
            .dynamodb
            .update_item()
            .table_name(&self.tables.state)
            .key(PK, text(key(user)))
            .update_expression(format!("SET events = {value}, expires_at = :end"))
            .condition_expression(condition_text)
            .set_expression_attribute_values(Some(values.into_values()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(None),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => Ok(Some(failed.item.clone().unwrap_or_default())),
                _ => Err(unavailable(operation)(error)),
            },
        }
    }

    /// Removes the events of `user`.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn forget_events(&self, user: UserId) -> Result<(), StoreError> {
        self.remove("forget_events", &self.tables.state, key(user)).await.map(drop)
    }

    /// The events of `user`, newest first, consistently. One that was written twice, since an answer was lost, is there once; kinds that this version does
    /// not know are left out.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn list_events(&self, user: UserId, now: Timestamp) -> Result<Vec<SecurityEvent>, StoreError> {
        let item = self.find("list_events", &self.tables.state, key(user)).await?;
        let Some(AttributeValue::L(list)) = item.as_ref().and_then(|item| item.get(EVENTS)) else { return Ok(Vec::new()) };
        let mut events = Vec::new();
        for entry in list {
            let entry = entry.as_m().map_err(|_| StoreError::Corrupt { record: "events", reason: "an event".to_owned() })?;
            events.extend(read(entry)?.filter(|event| now.since(event.at) < KEPT_FOR));
        }
        events.reverse();
        events.sort_by_key(|event| std::cmp::Reverse(event.at));
        events.dedup();
        Ok(events)
    }
}

fn key(user: UserId) -> String {
    format!("events#{user}")
}

fn render(event: &SecurityEvent) -> AttributeValue {
    let Whereabouts { browser, network } = &event.whereabouts;
    let entry = ItemBuilder::default()
        .text("kind", event.kind.as_str())
        .time("at", event.at)
        .optional_text("browser", browser.to_text().as_deref())
        .optional_text("network", network.as_deref())
        .optional_text("about", event.about.as_deref());
    AttributeValue::M(entry.build())
}

fn read(entry: &Item) -> Result<Option<SecurityEvent>, StoreError> {
    let entry = ItemReader::new("events", entry);
    let Some(kind) = EventKind::parse(entry.text("kind")?) else { return Ok(None) };
    Ok(Some(SecurityEvent { kind, at: entry.time("at")?, whereabouts: read_whereabouts(&entry)?, about: entry.find_owned("about")? }))
}

/// Browser and network, as events and sessions have them.
pub(super) fn read_whereabouts(item: &ItemReader<'_>) -> Result<Whereabouts, StoreError> {
    let browser = item.find_text("browser")?.map(Browser::from_text).unwrap_or_default();
    Ok(Whereabouts { browser, network: item.find_owned("network")? })
}
