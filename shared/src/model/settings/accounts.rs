//! Built-in accounts, and the mail that they need: `[accounts]` and `[mail]`.

use serde::{Deserialize, Serialize};

use super::{SettingsError, refuse};
use crate::model::email::EmailAddress;
use crate::protocol::profile::EDITABLE;

/// Who may make an account of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignUp {
    /// Nobody: the operator adds people.
    #[default]
    Off,
    /// Whoever shows that an e-mail address is theirs.
    Open,
}

/// Built-in accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountSettings {
    /// Who may make an account of their own.
    pub registration: SignUp,
    /// The domains of the e-mail addresses with which they may; any when empty.
    pub registration_domains: Vec<String>,
    /// People may delete their account by themselves.
    pub deletion: bool,
    /// The standard claims that people may write themselves. All but the address of mail and phone, which have to be verified, and
    /// `preferred_username`, by which clients may know people though they must not (`OpenID` Connect Core section 5.7).
    pub editable_claims: Vec<String>,
}

impl Default for AccountSettings {
    fn default() -> Self {
        let editable_claims = EDITABLE.into_iter().filter(|name| *name != "preferred_username").map(str::to_owned).collect();
        Self { registration: SignUp::default(), registration_domains: Vec::new(), deletion: true, editable_claims }
    }
}

/// Mail that is sent to people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailSettings {
    /// From whom: an address, or a name and an address in angle brackets. Without it no mail is sent, and what needs mail is not offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

impl AccountSettings {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let bad = self.registration_domains.iter().find(|domain| EmailAddress::parse(&format!("somebody@{domain}")).is_err());
        if let Some(domain) = bad {
            return refuse("accounts.registration_domains".to_owned(), &format!("{domain:?} is no domain, such as example.com"));
        }
        match self.editable_claims.iter().find(|name| !EDITABLE.contains(&name.as_str())) {
            Some(name) => refuse("accounts.editable_claims".to_owned(), &format!("{name:?} is none of {}", EDITABLE.join(", "))),
            None => Ok(()),
        }
    }

    /// The claims that people may write themselves, in the order in which they are asked for.
    pub fn editable(&self) -> impl Iterator<Item = &'static str> {
        EDITABLE.into_iter().filter(|name| self.editable_claims.iter().any(|one| one == name))
    }

    /// Whether somebody with this address may make an account.
    #[must_use]
    pub fn admits(&self, address: &EmailAddress) -> bool {
        let is_known = |domain: &String| domain.eq_ignore_ascii_case(address.domain());
        self.registration == SignUp::Open && (self.registration_domains.is_empty() || self.registration_domains.iter().any(is_known))
    }
}

impl MailSettings {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        match &self.from {
            Some(from) if !is_sender(from) => {
                refuse("mail.from".to_owned(), "give an address, or a name and an address: \"Example <login@example.com>\"")
            }
            _ => Ok(()),
        }
    }
}

/// `address`, or `name <address>`: a name of ASCII letters, which goes into the header as it is (RFC 5322 section 3.4).
fn is_sender(text: &str) -> bool {
    let is_plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || " -_.'".contains(c));
    match text.strip_suffix('>').and_then(|text| text.split_once('<')) {
        Some((name, address)) => is_plain(name) && EmailAddress::parse(address).is_ok(),
        None => EmailAddress::parse(text).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_are_addresses_with_or_without_a_name() {
        for from in ["login@example.com", "Example <login@example.com>", "The Login-Desk of St. John's <a@b.example>"] {
            assert!(is_sender(from), "{from}");
        }
        for from in ["", "login", "Example login@example.com", "Ex\"ample <a@b.example>", "A\r\nBcc: x <a@b.example>", "<a@b.example> x"] {
            assert!(!is_sender(from), "{from}");
        }
    }

    #[test]
    fn people_write_what_needs_no_proof() {
        let default = AccountSettings::default();
        assert!(default.check().is_ok());
        let names: Vec<_> = default.editable().collect();
        assert!(names.starts_with(&["name", "given_name"]) && names.contains(&"address") && !names.contains(&"preferred_username"));
        for proven in ["email", "phone_number", "sub", "role"] {
            assert!(
                AccountSettings { editable_claims: vec![proven.to_owned()], ..AccountSettings::default() }.check().is_err(),
                "{proven}"
            );
        }
        let twice = AccountSettings { editable_claims: vec!["locale".to_owned(), "name".to_owned(), "locale".to_owned()], ..default };
        assert_eq!(twice.editable().collect::<Vec<_>>(), ["name", "locale"]);
    }

    #[test]
    fn accounts_may_be_kept_to_some_domains() {
        let address = |text| EmailAddress::parse(text).unwrap();
        let open = AccountSettings {
            registration: SignUp::Open,
            registration_domains: vec!["Example.com".to_owned()],
            ..AccountSettings::default()
        };
        assert!(open.check().is_ok() && open.admits(&address("a@example.COM")));
        assert!(!open.admits(&address("a@sub.example.com")) && !open.admits(&address("a@example.com.evil.example")));
        assert!(!AccountSettings::default().admits(&address("a@example.com")));
        assert!(AccountSettings { registration_domains: vec!["a b".to_owned()], ..open }.check().is_err());
    }
}
