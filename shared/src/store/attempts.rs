//! `attempt#…`: how often somebody guessed, per account and address, in windows of time.

use super::{Store, StoreError};
use crate::context::Timestamp;

/// What is counted, and how many are allowed.
#[derive(Clone, Debug)]
pub struct AttemptLimit {
    /// What is counted: a purpose, an account and an address, hashed by the store into the key.
    pub subject: String,
    /// How many attempts a window allows.
    pub limit: u32,
    /// The length of a window in seconds.
    pub window: i64,
}

/// Whether an attempt may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It is this many-th of its window.
    Allowed(u32),
    /// The window is used up; the next begins in so many seconds.
    Exhausted {
        /// Seconds until an attempt is allowed again.
        retry_after: i64,
    },
}

impl Store {
    /// Counts an attempt before it is made, so that parallel ones can't outrun the counter: one conditional write.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn count_attempt(&self, limit: &AttemptLimit, now: Timestamp) -> Result<Attempt, StoreError> {
        todo!()
    }

    /// Forgets the attempts of the present window, after a success.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn clear_attempts(&self, limit: &AttemptLimit, now: Timestamp) -> Result<(), StoreError> {
        todo!()
    }
}
