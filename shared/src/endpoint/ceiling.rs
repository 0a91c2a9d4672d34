//! Guesses from everywhere: once there were many, each further one takes longer. Nobody is locked out by others.

use std::time::Duration;

use crate::context::Context;
use crate::store::{Attempt, AttemptLimit, StoreError};

/// The length in seconds of the window in which they are counted.
const WINDOW: i64 = 3_600;
/// How much longer each one beyond the ceiling takes.
const DELAY: Duration = Duration::from_secs(2);

/// Counts a wrong guess at `subject` from wherever, and takes its time if there were more than `ceiling` in an hour.
///
/// # Errors
/// When the store failed.
pub(super) async fn slow_down(context: &Context, subject: String, ceiling: u32) -> Result<(), StoreError> {
    let limit = AttemptLimit { subject, limit: u32::MAX, window: WINDOW };
    if let Attempt::Allowed(count) = context.store.count_attempt(&limit, context.now()).await?
        && count > ceiling
    {
        tokio::time::sleep(DELAY).await;
    }
    Ok(())
}
