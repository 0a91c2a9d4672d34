//! The event: a batch of a stream's records, as Lambda's event source mapping hands it over; and what is answered to it.

use serde::Serialize;
use serde_json::Value;

use crate::model::session::EndedSession;
use crate::store::{StreamError, find_ended_session};

/// A record of the stream.
#[derive(Debug)]
pub(super) struct Change {
    /// By which it is reported when it has to come again.
    pub(super) sequence_number: String,
    /// The session whose end it tells of.
    pub(super) ended: Result<Option<EndedSession>, StreamError>,
}

/// An event that is no batch of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event is no batch of a stream's records")]
pub struct EventError;

/// The records that have to come again, in the form of Lambda's partial batch responses. An empty list is a success.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failures {
    batch_item_failures: Vec<Failure>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

impl Failures {
    pub(super) fn add(&mut self, sequence_number: String) {
        self.batch_item_failures.push(Failure { item_identifier: sequence_number });
    }

    /// The sequence numbers of the records that failed.
    pub fn sequence_numbers(&self) -> impl Iterator<Item = &str> {
        self.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str())
    }
}

/// Reads a batch. A record that can't be read fails by itself; one without a number could not be reported, and fails the batch.
pub(super) fn read_changes(event: &Value) -> Result<Vec<Change>, EventError> {
    let records = event.get("Records").and_then(Value::as_array).ok_or(EventError)?;
    let read = |record: &Value| {
        let sequence_number = record.get("dynamodb")?.get("SequenceNumber")?.as_str()?.to_owned();
        Some(Change { sequence_number, ended: find_ended_session(record) })
    };
    records.iter().map(|record| read(record).ok_or(EventError)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_that_is_no_batch_fails_and_never_panics() {
        for event in [json!(null), json!([]), json!({}), json!({"Records": {}}), json!({"Records": [{}]}), json!({"Records": [1]})] {
            assert_eq!(read_changes(&event).unwrap_err(), EventError, "{event}");
        }
        assert!(read_changes(&json!({"Records": []})).unwrap().is_empty());
        let odd = read_changes(&json!({"Records": [{"dynamodb": {"SequenceNumber": "7"}}]})).unwrap();
        assert!(odd[0].sequence_number == "7" && odd[0].ended.is_err(), "it is reported by itself");
    }

    #[test]
    fn failures_are_reported_by_number() {
        let mut failures = Failures::default();
        assert_eq!(serde_json::to_value(&failures).unwrap(), json!({"batchItemFailures": []}));
        failures.add("7".to_owned());
        assert_eq!(serde_json::to_value(&failures).unwrap(), json!({"batchItemFailures": [{"itemIdentifier": "7"}]}));
    }
}
