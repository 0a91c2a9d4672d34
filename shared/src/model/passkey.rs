//! Passkeys (W3C Web Authentication Level 3): the public halves of keys with which people log in, and the ceremonies in which they are made and used.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ulid::Ulid;

use super::secret::SecretHash;
use super::user::UserId;
use crate::context::Timestamp;

/// The most passkeys of one person.
pub const MAX_PASSKEYS: usize = 20;
/// The longest name of a passkey, in characters.
pub const MAX_NAME: usize = 64;

/// The key of a passkey's record: the SHA-256 of the credential's id, base64url. Credential ids themselves may be longer than keys may be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PasskeyId(String);

impl PasskeyId {
    /// The key for a credential's id, as the authenticator made it.
    #[must_use]
    pub fn of(credential_id: &[u8]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(SecretHash::of(credential_id).as_bytes()))
    }

    /// Reads the key from where it was written.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_hash = text.len() == 43 && URL_SAFE_NO_PAD.decode(text).is_ok();
        is_hash.then(|| Self(text.to_owned()))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PasskeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A passkey of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// The key.
    pub id: PasskeyId,
    /// Whose it is.
    pub user_id: UserId,
    /// The credential, as [`crate::webauthn`] reads and writes it.
    pub credential: String,
    /// What the person calls it; empty for one that has no name.
    pub name: String,
    /// How often it signed, as far as it tells (WebAuthn section 6.1.1); 0 for those that do not count.
    pub counter: u32,
    /// Whether it is kept in more than one place (WebAuthn section 6.1.3).
    pub backed_up: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When somebody logged in with it last; to the hour.
    pub last_used_at: Option<Timestamp>,
}

impl Passkey {
    /// Whether a login at `now` is worth a note in the record: once an hour is enough to tell passkeys that are used from others.
    #[must_use]
    pub fn is_last_use_stale(&self, now: Timestamp) -> bool {
        const HOUR: i64 = 3_600;
        self.last_used_at.is_none_or(|last| now.since(last) >= HOUR)
    }
}

/// The name of a passkey as it is kept: trimmed, without control characters, not longer than [`MAX_NAME`].
#[must_use]
pub fn tidy_name(name: &str) -> String {
    let kept: String = name.chars().filter(|c| !c.is_control()).collect();
    kept.trim().chars().take(MAX_NAME).collect::<String>().trim_end().to_owned()
}

/// What a ceremony is for. A challenge for one is none for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CeremonyKind {
    /// To log in with a passkey (WebAuthn section 7.2).
    Login,
    /// To make a passkey for this person (WebAuthn section 7.1).
    Creation(UserId),
    /// To make an account with a passkey, by the link that was mailed with this hash. The account gets the ceremony's own id.
    SignUp(SecretHash),
}

/// A ceremony that was begun in a browser, and that is finished there once, within minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceremony {
    /// The key, which goes to the browser and comes back.
    pub id: Ulid,
    /// What for.
    pub kind: CeremonyKind,
    /// The hash of what the browser keeps in its cookie.
    pub browser_hash: SecretHash,
    /// The challenge and what it demands, as [`crate::webauthn`] reads and writes it.
    pub state: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let id = PasskeyId::of(b"credential");
        assert_eq!(PasskeyId::parse(id.as_str()), Some(id));
        for bad in ["", "short", "user#01ARZ3NDEKTSV4RRFFQ69G5FAV-aaaaaaaaaaaaaaa"] {
            assert_eq!(PasskeyId::parse(bad), None);
        }
    }

    #[test]
    fn a_name_is_bounded_and_printable() {
        assert_eq!(tidy_name("  My\u{7} phone \n"), "My phone");
        assert_eq!(tidy_name(&"é".repeat(100)).chars().count(), MAX_NAME);
        assert_eq!(tidy_name(" \t "), "");
    }
}
