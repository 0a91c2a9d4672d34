//! Who has guessed too often, as this instance remembers it. The count itself is in the store.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::context::Timestamp;

/// The most entries; beyond it those that are over are forgotten, and if none is, all.
const MAX_ENTRIES: usize = 4_096;

/// Pairs of client and address that are not listened to for a while.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<HashMap<String, Timestamp>>);

impl Throttle {
    /// For how many seconds `subject` is not listened to; none if it is.
    pub(super) fn blocked_for(&self, subject: &str, now: Timestamp) -> Option<i64> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(subject).map(|until| until.since(now)).filter(|left| *left > 0)
    }

    /// Does not listen to `subject` until then.
    pub(super) fn block(&self, subject: &str, until: Timestamp) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_ENTRIES {
            entries.clear();
        }
        entries.insert(subject.to_owned(), until);
    }
}
