//! Who has guessed too often, as this instance remembers it. The count itself is in the store.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::context::Timestamp;

/// The most entries; beyond it those that are over are forgotten, and if none is, the one that ends first.
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

    /// Does not listen to `subject` until then. Whoever fills the memory lets nobody off who would have to wait for longer.
    pub(super) fn block(&self, subject: &str, until: Timestamp, now: Timestamp) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_ENTRIES {
            entries.retain(|_, until| *until > now);
        }
        if entries.len() >= MAX_ENTRIES
            && let Some(first) = entries.iter().min_by_key(|(_, until)| **until).map(|(subject, _)| subject.clone())
        {
            entries.remove(&first);
        }
        entries.insert(subject.to_owned(), until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OAuth 2.1 section 2.4.1: many who guess at many clients do not free the one who has to wait
    #[test]
    fn a_full_memory_forgets_who_waits_for_the_shortest_time_and_nobody_else() {
        let (throttle, now) = (Throttle::default(), Timestamp(1_000));
        throttle.block("over", now.plus(1), now);
        throttle.block("first", now.plus(1_000), now);
        let later = now.plus(2);
        for index in 0..MAX_ENTRIES {
            throttle.block(&format!("another {index}"), later.plus(500), later);
        }
        assert_eq!(throttle.0.lock().unwrap().len(), MAX_ENTRIES);
        assert_eq!(throttle.blocked_for("first", later), Some(998));
        assert_eq!(throttle.blocked_for("over", later), None);
        assert_eq!(throttle.blocked_for(&format!("another {}", MAX_ENTRIES - 1), later), Some(500));
    }
}
