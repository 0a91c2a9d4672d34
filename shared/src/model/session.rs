//! A browser's session: that somebody logged in, when, how, and for which request.

use ulid::Ulid;

use super::client::ClientId;
use super::level::{self, Level};
use super::secret::SecretHash;
use super::user::UserId;
use super::whereabouts::Whereabouts;
use crate::context::Timestamp;

/// `amr` of a second factor (RFC 8176): a recovery code is a one-time password as well, on paper.
const SECOND_FACTOR_AMR: [&str; 2] = ["otp", "mfa"];

/// How somebody logged in: the ID token's `auth_time`, `acr` and `amr`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// When.
    pub auth_time: Timestamp,
    /// The level reached.
    pub acr: Option<String>,
    /// The methods used (RFC 8176).
    pub amr: Vec<String>,
}

impl Authentication {
    /// The same login, as a client is told of it that would like one of the `wanted` levels.
    #[must_use]
    pub fn told_to(&self, wanted: &[&str]) -> Self {
        let acr = self.acr.as_deref().map(|reached| level::told(reached, wanted).to_owned());
        Self { acr, ..self.clone() }
    }

    /// The same login, with a one-time password beside it: two factors (RFC 8176 section 2). A level of somebody else's stays if it is what was `wanted`
    /// and two factors are not, and so does a higher one of ours.
    #[must_use]
    pub fn with_second_factor(self, wanted: &[&str]) -> Self {
        let two = Level::MultiFactor.acr();
        let is_wanted = |acr: &str| wanted.iter().any(|wanted| level::answers(acr, wanted));
        let stays = |acr: &String| level::answers(acr, two) || (Level::parse(acr).is_none() && is_wanted(acr) && !is_wanted(two));
        let acr = self.acr.filter(stays).unwrap_or_else(|| two.to_owned());
        let mut amr = self.amr;
        for method in SECOND_FACTOR_AMR {
            if !amr.iter().any(|known| known == method) {
                amr.push(method.to_owned());
            }
        }
        Self { acr: Some(acr), amr, ..self }
    }
}

/// A session. Its ULID is the `sid` of ID tokens and stays while the same person logs in again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The key, and the first half of the cookie.
    pub id: Ulid,
    /// The hash of the second half of the cookie; new at each login.
    pub secret_hash: SecretHash,
    /// Who logged in.
    pub user_id: UserId,
    /// When and how.
    pub authentication: Authentication,
    /// The hash of the authorization request or device's code that the login answered, and when it did.
    pub answered: Option<AnsweredRequest>,
    /// From where somebody logged in last.
    pub whereabouts: Whereabouts,
    /// The clients that want to be told when it ends, among those that got a code in it (OpenID Connect Back-Channel Logout section 2.3).
    pub clients: Vec<ClientId>,
    /// The site's login that it began with, or was renewed by: the site is told, too.
    pub site: Option<SiteSession>,
    /// When the session was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A login that the site vouched for, as the site knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteSession {
    /// Who, by the site's name for them.
    pub subject: String,
    /// The site's own session, if the site said which.
    pub session_id: Option<String>,
}

/// A session that is over, as the table's stream tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedSession {
    /// Its key.
    pub id: Ulid,
    /// Who was logged in.
    pub user_id: UserId,
    /// The clients that want to be told.
    pub clients: Vec<ClientId>,
    /// The site's login in it.
    pub site: Option<SiteSession>,
    /// When it would have ended by itself; unknown in records of old.
    pub expires_at: Option<Timestamp>,
}

impl EndedSession {
    /// Whether nobody ended it: its time was up.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

impl Session {
    /// Whether its login was done for what has this hash, at most `lifetime` seconds ago.
    #[must_use]
    pub fn has_answered(&self, hash: SecretHash, now: Timestamp, lifetime: i64) -> bool {
        self.answered.as_ref().is_some_and(|answered| answered.hash == hash && (0..=lifetime).contains(&now.since(answered.at)))
    }
}

/// What a login was done for, an authorization request or a device's code, so that `prompt=login` and `max_age=0` are met once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnsweredRequest {
    /// The SHA-256 of the request's raw query, or of the way back to the device's code.
    pub hash: SecretHash,
    /// When the login was done.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OpenID Connect Core section 2, RFC 8176 section 2
    #[test]
    fn a_second_factor_makes_two_of_one_and_takes_nothing_away() {
        const TWO: &str = "urn:grantlet:acr:multi-factor";
        for (acr, amr, wanted, expected_acr, expected_amr) in [
            (Some("urn:grantlet:acr:single-factor"), &["pwd"][..], &[][..], TWO, &["pwd", "otp", "mfa"][..]),
            (None, &[], &[], TWO, &["otp", "mfa"]),
            (Some("gold"), &["hwk"], &[], TWO, &["hwk", "otp", "mfa"]),
            (Some("gold"), &["hwk", "mfa"], &["gold"], "gold", &["hwk", "mfa", "otp"]),
            (Some("gold"), &[], &["silver"], TWO, &["otp", "mfa"]),
            (Some("gold"), &[], &["gold", TWO], TWO, &["otp", "mfa"]),
            (Some("phr"), &["pop"], &[], "phr", &["pop", "otp", "mfa"]),
        ] {
            let login = Authentication {
                auth_time: Timestamp(7),
                acr: acr.map(str::to_owned),
                amr: amr.iter().map(|&method| method.to_owned()).collect(),
            };
            let raised = login.with_second_factor(wanted);
            assert_eq!((raised.acr.as_deref(), raised.auth_time), (Some(expected_acr), Timestamp(7)), "{acr:?} {wanted:?}");
            assert_eq!(raised.amr, expected_amr, "{acr:?}");
        }
    }
}
