//! What the JWTs of others must say, whatever they are for (RFC 7519 section 4.1): the checks that the kinds of JWTs share, and what they are refused for.

use super::verify::{JwsError, VerifiedClaims};
use crate::context::Timestamp;

/// Why a JWT is not what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// No JWS, a wrong signature, or a claim of a wrong type.
    #[error("{0}")]
    Jws(#[from] JwsError),
    /// A claim that must be there is not.
    #[error("the claim {0} is missing")]
    Missing(&'static str),
    /// A claim says something else than it must.
    #[error("the claim {0} is not what was expected")]
    Mismatch(&'static str),
    /// A time lies ahead.
    #[error("the claim {0} lies in the future")]
    Future(&'static str),
    /// It has ended, or was made too long ago.
    #[error("it has expired")]
    Expired,
}

/// When a JWT that was made for this very moment counts.
#[derive(Clone, Copy, Debug)]
pub struct Freshness {
    /// The time of the request.
    pub now: Timestamp,
    /// The oldest one that is taken, in seconds.
    pub max_age: i64,
    /// By how much the clock of whoever made it may differ from ours, in seconds.
    pub clock_skew: i64,
}

impl Freshness {
    fn is_ahead(&self, time: Timestamp) -> bool {
        time > self.now.plus(self.clock_skew)
    }
}

impl VerifiedClaims {
    /// The text of the claim `name`, which must be there.
    ///
    /// # Errors
    /// When it is not, or is no text.
    pub fn required_text(&self, name: &'static str) -> Result<&str, JwtError> {
        self.text(name)?.ok_or(JwtError::Missing(name))
    }

    /// The time in the claim `name`, which must be there.
    ///
    /// # Errors
    /// When it is not, or is no time.
    pub fn required_time(&self, name: &'static str) -> Result<Timestamp, JwtError> {
        self.time(name)?.ok_or(JwtError::Missing(name))
    }

    /// Checks that the claim `name` says `expected`.
    ///
    /// # Errors
    /// When it says something else, or nothing.
    pub fn check_text(&self, name: &'static str, expected: &str) -> Result<(), JwtError> {
        if self.text(name)? == Some(expected) { Ok(()) } else { Err(JwtError::Mismatch(name)) }
    }

    /// Checks `iat`, `exp` and `nbf` (RFC 7519 sections 4.1.4 to 4.1.6): made just now, and not over. Answers with `iat` and `exp`.
    ///
    /// # Errors
    /// When one that must be there is not, or says another time.
    pub fn check_times(&self, freshness: Freshness) -> Result<(Timestamp, Timestamp), JwtError> {
        let Freshness { now, max_age, clock_skew } = freshness;
        let (issued_at, expires_at) = (self.required_time("iat")?, self.required_time("exp")?);
        if freshness.is_ahead(issued_at) {
            return Err(JwtError::Future("iat"));
        }
        if self.time("nbf")?.is_some_and(|not_before| freshness.is_ahead(not_before)) {
            return Err(JwtError::Future("nbf"));
        }
        if now.since(issued_at) > max_age.saturating_add(clock_skew) || now.since(expires_at) >= clock_skew {
            return Err(JwtError::Expired);
        }
        Ok((issued_at, expires_at))
    }

    /// When the person proved who they are (`OpenID` Connect Core section 2, `auth_time`), not after now; none where it is not said.
    ///
    /// # Errors
    /// When it lies ahead, or is no time.
    pub fn past_auth_time(&self, freshness: Freshness) -> Result<Option<Timestamp>, JwtError> {
        match self.time("auth_time")? {
            Some(time) if freshness.is_ahead(time) => Err(JwtError::Future("auth_time")),
            time => Ok(time.map(|time| time.min(freshness.now))),
        }
    }

    /// Whom it is about: at most 255 ASCII characters (`OpenID` Connect Core section 2, `sub`).
    ///
    /// # Errors
    /// When nobody is named, or in another way.
    pub fn subject(&self) -> Result<&str, JwtError> {
        let subject = self.required_text("sub")?;
        let fits = (1..=255).contains(&subject.len()) && subject.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
        if fits { Ok(subject) } else { Err(JwtError::Mismatch("sub")) }
    }
}
