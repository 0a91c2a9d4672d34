//! A password that somebody chooses: judged, and hashed on a thread of its own, since both take a processor for a while.

use super::FrontChannel;
use super::error::{FailureReason, Refusal};
use super::mails::host_of;
use crate::model::secret::Secret;
use crate::model::user::PasswordHash;
use crate::password::{LONGEST, Weakness, check_strength, hash_password};

/// Judges and hashes a new password of somebody about whom `about` is known.
///
/// # Errors
/// When the thread ended.
pub(super) async fn choose(front: &FrontChannel, password: Secret, about: &[&str]) -> Result<Result<PasswordHash, Weakness>, Refusal> {
    // What can't be taken anyway is not handed on.
    if password.expose().len() > LONGEST {
        return Ok(Err(Weakness::TooLong));
    }
    let random = front.context.random.clone();
    let mut known: Vec<String> = about.iter().filter(|text| !text.is_empty()).map(|text| (*text).to_owned()).collect();
    known.push(host_of(front));
    let work = move || {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        check_strength(&password, &known).map(|()| hash_password(&password, &*random))
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| Refusal::Ours(FailureReason::Hashing))
}
