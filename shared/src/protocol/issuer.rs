//! The issuer identifier (RFC 8414 section 2): an origin, spelt in one way everywhere.

use std::fmt;

use url::{Host, Url};

/// An issuer: `https://host[:port]`, or `http` on a loopback host. No path, no trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(String);

impl Issuer {
    /// Reads an issuer. A single trailing slash is dropped, so that one spelling remains.
    ///
    /// # Errors
    /// Says what is wrong with `text`.
    pub fn parse(text: &str) -> Result<Self, IssuerError> {
        let url = Url::parse(text).map_err(|_| IssuerError::NotAUrl)?;
        let loopback = match url.host() {
            None => return Err(IssuerError::NotAUrl),
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
        };
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => return Err(IssuerError::Scheme),
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some()
        {
            return Err(IssuerError::NotAnOrigin);
        }
        Ok(Self(url.origin().ascii_serialization()))
    }

    /// The issuer as it stands in `iss` and in the metadata.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether browsers reach this issuer by TLS. When not, it is a loopback address and cookies are plain.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The URL of `path`, which starts with `/`, at this issuer.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no issuer.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// It can't be read as a URL with a host.
    #[error("it is no absolute URL")]
    NotAUrl,
    /// OAuth 2.1 section 1.5: TLS everywhere but on loopback.
    #[error("the scheme must be https; http is for loopback hosts only")]
    Scheme,
    /// It has more than scheme, host and port.
    #[error("it must be an origin: scheme, host and port, nothing behind")]
    NotAnOrigin,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OAuth 2.1 section 1.5
    #[test]
    fn an_http_issuer_is_refused_outside_loopback() {
        for (text, expected) in [
            ("http://id.example.com", Err(IssuerError::Scheme)),
            ("https://id.example.com/", Ok("https://id.example.com")),
            ("https://id.example.com:443", Ok("https://id.example.com")),
            ("http://localhost:9000", Ok("http://localhost:9000")),
            ("http://127.0.0.1:9000/", Ok("http://127.0.0.1:9000")),
            ("http://[::1]:9000", Ok("http://[::1]:9000")),
            ("https://id.example.com/a", Err(IssuerError::NotAnOrigin)),
            ("https://id.example.com/?a", Err(IssuerError::NotAnOrigin)),
            ("https://u@id.example.com/", Err(IssuerError::NotAnOrigin)),
            ("id.example.com", Err(IssuerError::NotAUrl)),
        ] {
            assert_eq!(Issuer::parse(text).as_ref().map(Issuer::as_str), expected.as_ref().map(|s| *s), "{text}");
        }
    }
}
