//! Time that stands still until a test moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use grantlet::context::{Clock, Timestamp};

/// A clock that a test sets. Clones show the same time.
#[derive(Clone, Debug)]
pub(crate) struct FixedClock(Arc<AtomicI64>);

impl FixedClock {
    /// A clock that shows `seconds` since 1970.
    pub(crate) fn at(seconds: i64) -> Self {
        Self(Arc::new(AtomicI64::new(seconds)))
    }

    /// Moves it on.
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    /// What it shows.
    pub(crate) fn time(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

impl Clock for FixedClock {
    fn now_millis(&self) -> u64 {
        u64::try_from(self.0.load(Ordering::SeqCst)).expect("a time after 1970") * 1000
    }
}
