//! Redirect URIs: which may be registered, and which presented one is the registered one (OAuth 2.1 section 2.3).

use url::{Host, Url};

/// The longest redirect URI, in bytes.
const MAX_LENGTH: usize = 2_000;
/// Schemes that run what they carry, or reach what is not an app.
const UNSAFE_SCHEMES: [&str; 11] =
    ["javascript", "data", "vbscript", "file", "blob", "about", "ftp", "ws", "wss", "filesystem", "view-source"];
/// Loopback hosts, whose port is free (OAuth 2.1 section 8.4.2). `localhost` is there because clients use it.
const LOOPBACK_HOSTS: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// A redirect URI that may be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    kind: RedirectKind,
}

/// Where a redirect URI leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedirectKind {
    /// A web server, by TLS.
    Web {
        /// Its host, in ASCII, with the port when it is not the usual one.
        host: String,
    },
    /// A program on the person's own computer.
    Loopback,
    /// An app that owns the scheme (RFC 8252 section 7.1).
    App {
        /// The scheme.
        scheme: String,
    },
}

/// Reads a redirect URI for registration.
///
/// # Errors
/// Says what is wrong with `text`.
pub fn parse_redirect_uri(text: &str) -> Result<RedirectUri, RedirectUriError> {
    if text.len() > MAX_LENGTH {
        return Err(RedirectUriError::TooLong);
    }
    // RFC 3986 section 2: what a URI may consist of. Parsers repair the rest, each in its own way.
    if !text.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}*".contains(&b)) {
        return Err(RedirectUriError::Character);
    }
    // OAuth 2.1 section 2.3: no fragment.
    if text.contains('#') {
        return Err(RedirectUriError::Fragment);
    }
    let (scheme, rest) = text.split_once(':').ok_or(RedirectUriError::NotAbsolute)?;
    let named = scheme.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b));
    if !named || !scheme.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(RedirectUriError::NotAbsolute);
    }
    if UNSAFE_SCHEMES.contains(&scheme) {
        return Err(RedirectUriError::UnsafeScheme);
    }
    let url = Url::parse(text).map_err(|_| RedirectUriError::NotAbsolute)?;
    if !url.username().is_empty() || url.password().is_some() || authority(rest).is_some_and(|a| a.contains('@')) {
        return Err(RedirectUriError::Credentials);
    }
    if has_dot_segment(rest) {
        return Err(RedirectUriError::DotSegment);
    }
    let kind = read_kind(scheme, rest, &url)?;
    Ok(RedirectUri { text: text.to_owned(), kind })
}

fn read_kind(scheme: &str, rest: &str, url: &Url) -> Result<RedirectKind, RedirectUriError> {
    match scheme {
        "https" | "http" => {
            let authority = authority(rest).filter(|a| !a.is_empty()).ok_or(RedirectUriError::NotAbsolute)?;
            // RFC 3986 section 6.2.2.1: a host has no case; one spelling is enough, and it is the one that parsers give.
            let host = url.host_str().filter(|host| authority == *host || authority.starts_with(&format!("{host}:")));
            let host = host.ok_or(RedirectUriError::Spelling)?;
            if LOOPBACK_HOSTS.contains(&host) {
                return Ok(RedirectKind::Loopback);
            }
            match (scheme, url.host()) {
                // RFC 9700 section 2.6: plain HTTP is for loopback only.
                ("http", _) => Err(RedirectUriError::PlainHttp),
                (_, Some(Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_))) => Ok(RedirectKind::Web { host: authority.to_owned() }),
                (_, None) => Err(RedirectUriError::NotAbsolute),
            }
        }
        _ if rest.is_empty() => Err(RedirectUriError::NotAbsolute),
        _ => Ok(RedirectKind::App { scheme: scheme.to_owned() }),
    }
}

impl RedirectUri {
    /// The URI as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where it leads.
    #[must_use]
    pub fn kind(&self) -> &RedirectKind {
        &self.kind
    }

    /// Whether no server of the client's stands behind it, so that any program on the same device may pose as the client.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self.kind {
            RedirectKind::Web { .. } => false,
            RedirectKind::Loopback | RedirectKind::App { .. } => true,
        }
    }

    /// Whether `presented` is this registered URI: the same text (OAuth 2.1 section 2.3.1), but for the port of a loopback host
    /// reached by plain HTTP (section 8.4.2).
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        if self.text == presented {
            return true;
        }
        match (split_loopback(&self.text), split_loopback(presented)) {
            (Some(registered), Some(presented)) => registered == presented,
            _ => false,
        }
    }
}

/// Host and what follows the port of `http://<loopback host>[:port]…`.
fn split_loopback(text: &str) -> Option<(&'static str, &str)> {
    let rest = text.strip_prefix("http://")?;
    let (host, rest) = LOOPBACK_HOSTS.into_iter().find_map(|host| Some((host, rest.strip_prefix(host)?)))?;
    let rest = match rest.strip_prefix(':') {
        None => rest,
        Some(port_and_rest) => {
            let end = port_and_rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(port_and_rest.len());
            let (port, rest) = port_and_rest.split_at(end);
            if port.starts_with('0') || port.parse::<u16>().is_err() {
                return None;
            }
            rest
        }
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((host, rest))
}

/// What stands between `//` and the path.
fn authority(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix("//")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    rest.get(..end)
}

/// Whether a path segment is, or some server may take it for, `.` or `..`.
fn has_dot_segment(rest: &str) -> bool {
    let path = rest.split('?').next().unwrap_or_default().to_ascii_lowercase().replace("%2e", ".").replace("%2f", "/");
    path.split('/').any(|segment| matches!(segment.split(';').next(), Some("." | "..")))
}

/// Why a redirect URI may not be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    /// More than 2,000 bytes.
    #[error("it is longer than 2,000 bytes")]
    TooLong,
    /// A character that no URI has, or a wildcard.
    #[error("it has a character that is not allowed there; wildcards are not either")]
    Character,
    /// It is relative, or can't be read.
    #[error("it is no absolute URI")]
    NotAbsolute,
    /// OAuth 2.1 section 2.3: no fragment.
    #[error("it has a fragment (#)")]
    Fragment,
    /// The scheme runs what the URI carries.
    #[error("its scheme is not allowed")]
    UnsafeScheme,
    /// A user name or password stands before the host.
    #[error("it has a user name or password")]
    Credentials,
    /// `.` or `..` in the path.
    #[error("its path has a . or .. segment")]
    DotSegment,
    /// The host is not spelt as browsers do.
    #[error("its host must be in lower case, and in ASCII")]
    Spelling,
    /// RFC 9700 section 2.6.
    #[error("http is for 127.0.0.1, [::1] and localhost only; use https")]
    PlainHttp,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OAuth 2.1 section 2.3, RFC 9700 section 2.6
    #[test]
    fn what_can_be_registered() {
        for good in [
            "https://app.example.com/cb",
            "https://app.example.com",
            "https://app.example.com:8443/cb?tenant=a",
            "https://xn--bcher-kva.example/cb",
            "https://192.0.2.1/cb",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:9000/cb",
            "http://[::1]/cb",
            "http://localhost:3000",
            "https://localhost/cb",
            "com.example.app:/cb",
            "com.example.app://cb",
            "claude://oauth/callback",
        ] {
            assert_eq!(parse_redirect_uri(good).map(|uri| uri.as_str().to_owned()).as_deref(), Ok(good));
        }
    }

    /// OAuth 2.1 section 2.3, RFC 9700 section 2.6
    #[test]
    fn what_can_not_be_registered() {
        use RedirectUriError as E;
        for (bad, expected) in [
            ("", E::NotAbsolute),
            ("/cb", E::NotAbsolute),
            ("//app.example.com/cb", E::NotAbsolute),
            ("https:", E::NotAbsolute),
            ("https:///cb", E::NotAbsolute),
            ("https:app.example.com", E::NotAbsolute),
            ("com.example.app:", E::NotAbsolute),
            ("https://app.example.com/cb#", E::Fragment),
            ("https://app.example.com/*", E::Character),
            ("https://*.example.com/cb", E::Character),
            ("https://app.example.com/c b", E::Character),
            ("https://app.example.com/c\tb", E::Character),
            ("https://app.example.com\\cb", E::Character),
            ("https://bücher.example/cb", E::Character),
            ("https://APP.example.com/cb", E::Spelling),
            ("https://app%2eexample.com/cb", E::Spelling),
            ("https://0x7f.1/cb", E::Spelling),
            ("HTTPS://app.example.com/cb", E::NotAbsolute),
            ("https://user@app.example.com/cb", E::Credentials),
            ("https://user:pw@app.example.com/cb", E::Credentials),
            ("https://@app.example.com/cb", E::Credentials),
            ("http://app.example.com/cb", E::PlainHttp),
            ("http://127.0.0.2/cb", E::PlainHttp),
            ("http://localhost.example.com/cb", E::PlainHttp),
            ("https://app.example.com/a/../cb", E::DotSegment),
            ("https://app.example.com/a/..;/cb", E::DotSegment),
            ("https://app.example.com/a/%2E%2e/cb", E::DotSegment),
            ("https://app.example.com/a%2f..%2Fcb", E::DotSegment),
            ("javascript:alert(1)", E::UnsafeScheme),
            ("JavaScript:alert(1)", E::NotAbsolute),
            ("java\nscript:alert(1)", E::Character),
            ("data:text/html,x", E::UnsafeScheme),
            ("file:///etc/passwd", E::UnsafeScheme),
        ] {
            assert_eq!(parse_redirect_uri(bad), Err(expected), "{bad}");
        }
        assert_eq!(parse_redirect_uri(&format!("https://a.example/{}", "a".repeat(2_000))), Err(E::TooLong));
    }

    /// OAuth 2.1 section 2.3.1
    #[test]
    fn a_near_miss_is_no_match() {
        let registered = parse_redirect_uri("https://app.example.com/cb").unwrap();
        assert!(registered.matches("https://app.example.com/cb"));
        for near in [
            "https://app.example.com/cb/",
            "https://app.example.com/CB",
            "https://APP.example.com/cb",
            "https://app.example.com:443/cb",
            "https://app.example.com/cb?a",
            "https://app.example.com/cb?",
            "https://app.example.com/cb#",
            "https://app.example.com/%63b",
            "https://app.example.com//cb",
            "https://app.example.com/x/../cb",
            "https://app.example.com/cb/..;/cb",
            "https://app.example.com.evil.example/cb",
            "https://app.example.com@evil.example/cb",
            "https://evil.example/cb",
            "http://app.example.com/cb",
            "https://app.example.com/cb ",
            "",
        ] {
            assert!(!registered.matches(near), "{near}");
        }
    }

    /// OAuth 2.1 section 8.4.2, RFC 8252 section 7.3
    #[test]
    fn the_port_of_a_loopback_host_is_free_and_nothing_else_is() {
        for (registered, presented, matches) in [
            ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", true),
            ("http://127.0.0.1:9000/cb", "http://127.0.0.1/cb", true),
            ("http://[::1]/cb", "http://[::1]:1/cb", true),
            ("http://localhost/cb?a=b", "http://localhost:8080/cb?a=b", true),
            ("http://localhost/cb", "http://127.0.0.1/cb", false),
            ("http://localhost/cb", "http://localhost:80/cb?x=1", false),
            ("http://localhost/cb", "http://localhost:0/cb", false),
            ("http://localhost/cb", "http://localhost:65536/cb", false),
            ("http://localhost/cb", "http://localhost:/cb", false),
            ("http://localhost/cb", "http://localhost:80@evil.example/cb", false),
            ("http://localhost/cb", "http://localhost.evil.example/cb", false),
            ("http://localhost", "http://localhost:80evil", false),
            ("https://localhost/cb", "https://localhost:8443/cb", false),
        ] {
            assert_eq!(parse_redirect_uri(registered).unwrap().matches(presented), matches, "{registered} {presented}");
        }
    }

    /// RFC 8252 section 8.6
    #[test]
    fn where_a_redirect_leads_is_told_apart() {
        let kind = |text| parse_redirect_uri(text).unwrap().kind().clone();
        assert_eq!(kind("https://app.example.com:8443/cb"), RedirectKind::Web { host: "app.example.com:8443".to_owned() });
        assert_eq!(kind("http://[::1]:3/cb"), RedirectKind::Loopback);
        assert_eq!(kind("com.example.app:/cb"), RedirectKind::App { scheme: "com.example.app".to_owned() });
        assert!(parse_redirect_uri("http://localhost/cb").unwrap().is_local());
        assert!(!parse_redirect_uri("https://app.example.com/cb").unwrap().is_local());
    }
}
