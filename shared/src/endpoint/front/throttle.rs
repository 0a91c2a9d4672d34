//! Guesses and mails are counted before they are made: for an account or address and the network that asks, so that nobody is kept out by others.

use std::time::Duration;

use super::FrontChannel;
use crate::endpoint::{Request, network_of};
use crate::store::{Attempt, AttemptLimit, StoreError};

/// The window in which most is counted, in seconds.
const WINDOW: i64 = 900;
/// The window for mails and for guesses from everywhere, in seconds.
const LONG_WINDOW: i64 = 3_600;

/// What is counted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Counted<'a> {
    /// Passwords and codes of one account, by the network.
    Guess { purpose: &'static str, account: &'a str },
    /// Six digits for one state of an account, from everywhere. Whoever gets so far knows the password; a new password begins a new count, and recovery
    /// codes are counted apart.
    Digits { account: &'a str, state: &'a str },
    /// Mails to one address or account, from everywhere. It has got mails when this is used up.
    MailTo { recipient: &'a str },
    /// Mails that one network has sent.
    MailFrom,
    /// Accounts and passwords that one network makes by links.
    Links,
}

impl Counted<'_> {
    fn limit(self, request: &Request) -> AttemptLimit {
        let network = network_of(request.source_ip);
        let (subject, limit, window) = match self {
            Self::Guess { purpose, account } => (format!("{purpose}\0{account}\0{network}"), 10, WINDOW),
            Self::Digits { account, state } => (format!("digits\0{account}\0{state}"), 30, LONG_WINDOW),
            Self::MailTo { recipient } => (format!("mail to\0{recipient}"), 6, LONG_WINDOW),
            Self::MailFrom => (format!("mail from\0{network}"), 20, LONG_WINDOW),
            Self::Links => (format!("links\0{network}"), 30, WINDOW),
        };
        AttemptLimit { subject, limit, window }
    }
}

/// How many minutes somebody has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    /// Until the next window, in seconds.
    pub(super) seconds: i64,
}

impl Wait {
    /// The same in minutes, at least 1.
    pub(super) fn minutes(self) -> i64 {
        self.seconds.div_euclid(60) + 1
    }
}

/// Counts an attempt. Answers how long to wait if there were too many, else the how many-th it is.
///
/// # Errors
/// When the store failed.
pub(super) async fn count(front: &FrontChannel, request: &Request, counted: Counted<'_>) -> Result<Result<u32, Wait>, StoreError> {
    match front.context.store.count_attempt(&counted.limit(request), front.context.now()).await? {
        Attempt::Allowed(attempt) => Ok(Ok(attempt)),
        Attempt::Exhausted { retry_after } => {
            tracing::info!(request_id = request.request_id, ?counted, "too many attempts");
            Ok(Err(Wait { seconds: retry_after }))
        }
    }
}

/// Forgets the attempts before a success.
///
/// # Errors
/// When the store failed.
pub(super) async fn forget(front: &FrontChannel, request: &Request, counted: Counted<'_>) -> Result<(), StoreError> {
    front.context.store.clear_attempts(&counted.limit(request), front.context.now()).await
}

/// Does `work`, and takes the time that one with a mail takes, whether it sends one or not.
pub(super) async fn evenly<T>(front: &FrontChannel, work: impl Future<Output = T>) -> T {
    let floor: Duration = front.context.mailer.floor();
    let (done, ()) = tokio::join!(work, async {
        if !floor.is_zero() {
            tokio::time::sleep(floor).await;
        }
    });
    done
}
