//! People: who they are to clients, and how they prove it.

use std::fmt;

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use super::client::CLIENT_SUBJECT;
use crate::context::Timestamp;

/// The key of a user's record. Never leaves the server as such; clients see the [`Subject`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub Ulid);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The `sub` of a user (`OpenID` Connect Core section 2): at most 255 ASCII characters, never one that starts with `client:`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Subject(pub String);

impl Subject {
    /// Whether it is a client's, so that no person may have it (RFC 9700 section 4.15.1).
    #[must_use]
    pub fn is_a_client_s(&self) -> bool {
        self.0.starts_with(CLIENT_SUBJECT)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A way to log in: which connection, and who the person is there. The key of a `login#` record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// A user name of Grantlet's own, already folded by [`fold_username`].
    Local(String),
    /// The `sub` of the site's own login.
    Site(String),
    /// An account at a provider that the settings connect.
    Upstream(Identity),
}

/// Who somebody is at a provider: two providers may use one name for different people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The `id` of the connection in the settings, which has no `#` in it.
    pub connection: String,
    /// The provider's own name for the person, which it never gives to another one: 1 to 255 ASCII characters.
    pub subject: String,
}

impl Identity {
    /// The identity of this spelling: connection, `#`, subject.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (connection, subject) = text.split_once('#')?;
        Some(Self { connection: connection.to_owned(), subject: subject.to_owned() })
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.connection, self.subject)
    }
}

/// The form of a user name under which it is looked up: trimmed and in lower case.
#[must_use]
pub fn fold_username(username: &str) -> String {
    username.trim().to_lowercase()
}

/// Claims about a person, by their registered names (`OpenID` Connect Core section 5.1).
pub type Claims = serde_json::Map<String, serde_json::Value>;

/// A person.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// The key.
    pub id: UserId,
    /// What clients see as `sub`.
    pub subject: Subject,
    /// The user name as it was given, for built-in accounts.
    pub username: Option<String>,
    /// The Argon2id hash in PHC form, for built-in accounts.
    pub password_hash: Option<PasswordHash>,
    /// The standard claims that are known.
    pub claims: Claims,
    /// A locked user gets nothing: no login, no code, no token.
    pub locked: bool,
    /// When the record was made.
    pub created_at: Timestamp,
    /// When the claims changed last, the claim `updated_at`.
    pub updated_at: Timestamp,
}

/// An Argon2id hash in PHC form. `Debug` does not print it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
