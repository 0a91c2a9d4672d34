//! What happened to a person's account, for them to look through: what changed how they log in, and what ended.

use super::whereabouts::Whereabouts;
use crate::context::Timestamp;

/// How long an event is kept, in seconds: a year.
pub const KEPT_FOR: i64 = 365 * 24 * 60 * 60;
/// The longest text about an event, in bytes.
const MAX_ABOUT: usize = 120;

/// One event. Logins are none: sessions show them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityEvent {
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub at: Timestamp,
    /// From where.
    pub whereabouts: Whereabouts,
    /// To what, by the name that people know: a client, a passkey, a connection.
    pub about: Option<String>,
}

/// What happened. Stored by these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The password was changed.
    PasswordChanged,
    /// A new password was set by a link sent by e-mail.
    PasswordReset,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// A passkey's counter went backwards: there may be a copy of it (`WebAuthn` Level 3 section 6.1.1).
    PasskeySuspicious,
    /// A second factor was switched on.
    FactorAdded,
    /// A second factor was switched off.
    FactorRemoved,
    /// Somebody logged in by a recovery code.
    RecoveryCodeUsed,
    /// New recovery codes were made.
    RecoveryCodesRenewed,
    /// The e-mail address was changed.
    EmailChanged,
    /// What is known about the person was changed.
    ProfileChanged,
    /// A login elsewhere was connected.
    ConnectionAdded,
    /// A login elsewhere was disconnected.
    ConnectionRemoved,
    /// What a client had been allowed was withdrawn.
    AccessWithdrawn,
    /// What all clients had been allowed was.
    AllAccessWithdrawn,
    /// A session was ended from another one.
    SessionEnded,
    /// The person's data were downloaded.
    DataExported,
    /// A client's code or refresh token was used twice, and what it had been allowed ended (OAuth 2.1 sections 4.3.1 and 7.5.2).
    TokenReused,
}

/// Every kind with the name by which it is stored.
const NAMES: [(EventKind, &str); 18] = [
    (EventKind::PasswordChanged, "password-changed"),
    (EventKind::PasswordReset, "password-reset"),
    (EventKind::PasskeyAdded, "passkey-added"),
    (EventKind::PasskeyRemoved, "passkey-removed"),
    (EventKind::PasskeySuspicious, "passkey-suspicious"),
    (EventKind::FactorAdded, "factor-added"),
    (EventKind::FactorRemoved, "factor-removed"),
    (EventKind::RecoveryCodeUsed, "recovery-code-used"),
    (EventKind::RecoveryCodesRenewed, "recovery-codes-renewed"),
    (EventKind::EmailChanged, "email-changed"),
    (EventKind::ProfileChanged, "profile-changed"),
    (EventKind::ConnectionAdded, "connection-added"),
    (EventKind::ConnectionRemoved, "connection-removed"),
    (EventKind::AccessWithdrawn, "access-withdrawn"),
    (EventKind::AllAccessWithdrawn, "all-access-withdrawn"),
    (EventKind::SessionEnded, "session-ended"),
    (EventKind::DataExported, "data-exported"),
    (EventKind::TokenReused, "token-reused"),
];

impl EventKind {
    /// The stored name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The kind stored as `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }

    /// Whether somebody else may have had a hand in it.
    #[must_use]
    pub fn is_alarming(self) -> bool {
        matches!(self, Self::PasskeySuspicious | Self::TokenReused)
    }
}

impl SecurityEvent {
    /// An event, with `about` cut to what is kept.
    #[must_use]
    pub fn new(kind: EventKind, at: Timestamp, whereabouts: Whereabouts, about: Option<&str>) -> Self {
        let about = about.map(|text| text.get(..text.floor_char_boundary(MAX_ABOUT)).unwrap_or_default().to_owned());
        Self { kind, at, whereabouts, about: about.filter(|text| !text.is_empty()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        for (kind, name) in NAMES {
            assert_eq!((kind.as_str(), EventKind::parse(name)), (name, Some(kind)));
        }
        assert_eq!(EventKind::parse("login"), None);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let event = SecurityEvent::new(EventKind::PasskeyAdded, Timestamp(1), Whereabouts::default(), Some(&"é".repeat(200)));
        assert_eq!(event.about.unwrap().len(), 120);
        let event = SecurityEvent::new(EventKind::PasskeyAdded, Timestamp(1), Whereabouts::default(), Some(""));
        assert_eq!(event.about, None);
    }
}
