//! What an operation costs DynamoDB: how many requests, how many of them one after another, and what the engine says they consumed.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long an answer stays on the way while the meter is on. Without it, the engine beside us has answered the first of two parallel requests
/// before the second is sent, and they would look like two round trips.
pub(crate) const LATENCY: Duration = Duration::from_millis(20);

/// One request to DynamoDB.
#[derive(Clone, Debug)]
pub(crate) struct Metered {
    pub(crate) operation: String,
    started: Instant,
    ended: Instant,
    units: f64,
}

/// Notes requests while it is on.
#[derive(Debug, Default)]
pub(crate) struct Meter(Mutex<Option<Vec<Metered>>>);

/// What the requests of one operation came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Cost {
    /// All requests, in the order in which they began.
    pub(crate) operations: Vec<String>,
    /// How many of them had to wait for an earlier one.
    pub(crate) round_trips: usize,
    /// Read units, indexes included.
    pub(crate) read_units: f64,
    /// Write units, indexes included.
    pub(crate) write_units: f64,
}

impl Meter {
    /// Forgets what was noted, and notes what follows.
    pub(crate) fn start(&self) {
        *self.0.lock().unwrap() = Some(Vec::new());
    }

    /// Stops, and sums up.
    pub(crate) fn stop(&self) -> Cost {
        let mut noted = self.0.lock().unwrap().take().expect("a meter that was started");
        noted.sort_by_key(|request| request.started);
        let mut cost = Cost::default();
        let mut first_answer = None;
        for request in noted {
            // Sent after an answer had come: one more round trip. Sent before any: side by side with the others.
            match first_answer {
                Some(answer) if request.started < answer => first_answer = Some(request.ended.min(answer)),
                _ => {
                    cost.round_trips += 1;
                    first_answer = Some(request.ended);
                }
            }
            if matches!(request.operation.as_str(), "GetItem" | "Query" | "BatchGetItem" | "TransactGetItems") {
                cost.read_units += request.units;
            } else {
                cost.write_units += request.units;
            }
            cost.operations.push(request.operation);
        }
        cost
    }

    /// The request with which the engine also tells what it consumed, while the meter is on.
    pub(crate) fn asking(&self, target: &str, body: &Value) -> Option<Value> {
        (self.is_on() && target.starts_with("DynamoDB_")).then(|| {
            let mut body = body.clone();
            body["ReturnConsumedCapacity"] = "TOTAL".into();
            body
        })
    }

    /// Whether requests are noted now.
    pub(crate) fn is_on(&self) -> bool {
        self.0.lock().unwrap().is_some()
    }

    /// Notes an answer.
    pub(crate) fn note(&self, target: &str, started: Instant, answer: &[u8]) {
        let Some((_, operation)) = target.split_once('.').filter(|(service, _)| service.starts_with("DynamoDB_")) else { return };
        let answer: Value = serde_json::from_slice(answer).unwrap_or(Value::Null);
        let units = match &answer["ConsumedCapacity"] {
            Value::Array(tables) => tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum(),
            table => table["CapacityUnits"].as_f64().unwrap_or_default(),
        };
        if let Some(noted) = self.0.lock().unwrap().as_mut() {
            noted.push(Metered { operation: operation.to_owned(), started, ended: Instant::now(), units });
        }
    }
}
