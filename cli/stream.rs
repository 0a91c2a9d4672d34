//! The stream of a table on the embedded engine, in the place of Lambda's event source mapping: read from where it was left, batch by batch.

use dynoxide::Database;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::streams::{shard_id, stream_arn};
use serde_json::{Value, json};

/// How many records are read at a time.
const BATCH: usize = 100;

/// The stream can't be read.
#[derive(Debug, thiserror::Error)]
#[error("the stream can't be read: {0}")]
pub struct StreamError(String);

impl StreamError {
    fn new(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// A reader of a table's stream.
#[derive(Clone)]
pub struct StreamReader {
    database: Database,
    position: String,
}

impl StreamReader {
    /// A reader of the stream of `table`, from its beginning.
    ///
    /// # Errors
    /// When the table has no stream.
    pub fn begin(database: Database, table: &str) -> Result<Self, StreamError> {
        let request = GetShardIteratorRequest {
            stream_arn: stream_arn(table, ""),
            shard_id: shard_id(table),
            shard_iterator_type: "TRIM_HORIZON".to_owned(),
            sequence_number: None,
        };
        let position = database.get_shard_iterator(request).map_err(StreamError::new)?.shard_iterator;
        let position = position.ok_or_else(|| StreamError::new("the engine names no position"))?;
        Ok(Self { database, position })
    }

    /// A reader that goes on at `position`, which [`StreamReader::position`] told.
    #[must_use]
    pub fn resume(database: Database, position: String) -> Self {
        Self { database, position }
    }

    /// Where the next batch begins.
    #[must_use]
    pub fn position(&self) -> &str {
        &self.position
    }

    /// The sessions that were deleted among the next records, as an event of Lambda's; none at the end of the stream. It filters as `template.yaml` does.
    /// The engine is asked on the calling thread.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn next_ended_sessions(&mut self) -> Result<Option<Value>, StreamError> {
        let request = GetRecordsRequest { shard_iterator: self.position.clone(), limit: Some(BATCH) };
        let answer = self.database.get_records(request).map_err(StreamError::new)?;
        if answer.records.is_empty() {
            return Ok(None);
        }
        self.position = answer.next_shard_iterator.ok_or_else(|| StreamError::new("the engine names no position"))?;
        let records = serde_json::to_value(answer.records).map_err(StreamError::new)?;
        let is_end = |record: &&Value| {
            let pk = record.pointer("/dynamodb/Keys/pk/S").and_then(Value::as_str);
            record.get("eventName").is_some_and(|name| name == "REMOVE") && pk.is_some_and(|pk| pk.starts_with("session#"))
        };
        let ended: Vec<&Value> = records.as_array().into_iter().flatten().filter(is_end).collect();
        Ok(Some(json!({ "Records": ended })))
    }
}
