//! Passkeys: `[passkeys]`.

use serde::{Deserialize, Serialize};

use super::{SettingsError, refuse};

/// Whether people may log in with passkeys, where accounts are kept here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasskeySettings {
    /// They may.
    pub enabled: bool,
    /// The domain that passkeys are made for (the relying party's id, WebAuthn section 5.1.2): the issuer's host, or one that it lies below. Absent, the
    /// issuer's host. Passkeys that were made for another one are of no use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
}

impl Default for PasskeySettings {
    fn default() -> Self {
        Self { enabled: true, domain: None }
    }
}

impl PasskeySettings {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let is_label = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        match &self.domain {
            Some(domain) if !domain.split('.').all(is_label) => {
                refuse("passkeys.domain".to_owned(), "give the issuer's host or a domain that it lies below, in lower case")
            }
            _ => Ok(()),
        }
    }
}
