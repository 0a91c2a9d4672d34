//! E-mail addresses that mail can be sent to.

use url::Host;

/// The longest address, and the longest part before the `@`, in bytes (RFC 5321 section 4.5.3.1).
const MAX_ADDRESS: usize = 254;
const MAX_LOCAL: usize = 64;

/// An e-mail address: a dot-atom before the `@`, a domain with a dot after it, in ASCII (RFC 5322 section 3.4.1). Quoted parts and addresses of
/// hosts by number are left out; so are letters beyond ASCII before the `@`, which SES does not send to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress {
    text: String,
    at: usize,
}

/// What was given is no address that mail can be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no e-mail address that mail can be sent to")]
pub struct EmailError;

impl EmailAddress {
    /// Reads an address. Spaces around it are dropped; the domain becomes lower case and ASCII.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        if text.len() > MAX_ADDRESS {
            return Err(EmailError);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError)?;
        let is_atom =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b));
        if local.len() > MAX_LOCAL || !local.split('.').all(is_atom) {
            return Err(EmailError);
        }
        let domain = match Host::parse(domain) {
            Ok(Host::Domain(domain)) if domain.contains('.') && !domain.ends_with('.') && domain.split('.').all(is_label) => domain,
            _ => return Err(EmailError),
        };
        let text = format!("{local}@{domain}");
        if text.len() > MAX_ADDRESS { Err(EmailError) } else { Ok(Self { at: local.len(), text }) }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What follows the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.text.get(self.at + 1..).unwrap_or_default()
    }

    /// What stands before the `@`.
    #[must_use]
    pub fn local(&self) -> &str {
        self.text.get(..self.at).unwrap_or_default()
    }
}

/// RFC 1123 section 2.1
fn is_label(label: &str) -> bool {
    let is_inside = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_inside && !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5322 section 3.4.1
    #[test]
    fn addresses_are_read_and_everything_else_is_refused() {
        for (text, expected) in [
            ("alice@example.com", "alice@example.com"),
            ("  Alice.A+tag@EXAMPLE.Com ", "Alice.A+tag@example.com"),
            ("o'brien@mail.example.co.uk", "o'brien@mail.example.co.uk"),
            ("a@bücher.example", "a@xn--bcher-kva.example"),
        ] {
            let address = EmailAddress::parse(text).unwrap();
            assert_eq!(address.as_str(), expected);
            assert_eq!(format!("{}@{}", address.local(), address.domain()), expected);
        }
        let long = format!("{}@example.com", "a".repeat(65));
        let longer = format!("a@{}.example", ["b".repeat(60), "c".repeat(60), "d".repeat(60), "e".repeat(60), "f".repeat(60)].join("."));
        for text in [
            "",
            "@",
            "alice",
            "alice@",
            "@example.com",
            "alice@localhost",
            "alice@127.0.0.1",
            "alice@[::1]",
            "a b@example.com",
            ".a@example.com",
            "a..b@example.com",
            "a@b@example.com",
            "a@example.com\r\nBcc: b@example.com",
            "\"a\"@example.com",
            "a<b>@example.com",
            "a@-example.com",
            "a@example..com",
            "a@example.com.",
            "ä@example.com",
            "a,b@example.com",
            "a@exa_mple.com",
            &long,
            &longer,
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
    }
}
