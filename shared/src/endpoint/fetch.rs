//! Fetching what a client names: key sets and metadata documents; and telling it something at an address that it names. An address that a stranger chooses must not lead into our own network.
//!
//! Names are resolved here, every address is looked at, and the connection goes to exactly the address that was looked at. Redirects are not followed,
//! and size and time are bounded.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use http::StatusCode;
use url::{Host, Url};

use crate::model::secret::Secret;

/// How long a fetch may take, from the name to the last byte.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the connection may take.
const CONNECT: Duration = Duration::from_secs(2);

/// Why something was not fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address is one that nobody outside may make us visit, or not over TLS.
    #[error("the address is not allowed")]
    Forbidden,
    /// It did not answer, or not in time.
    #[error("it can't be reached: {0}")]
    Unreachable(String),
    /// It answered with another status than was expected; redirects are among them.
    #[error("it answered with status {0}")]
    Status(u16),
    /// It answered with more than was allowed.
    #[error("its answer is too large")]
    TooLarge,
}

impl FetchError {
    /// Whether it may be had another time: nothing is known to be wrong with what is there.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Forbidden | Self::TooLarge => false,
            Self::Status(status) => *status >= 500,
            Self::Unreachable(_) => true,
        }
    }
}

/// What was fetched.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The body.
    pub body: Vec<u8>,
    /// For how long it may be kept, in seconds, as `Cache-Control` says; none when it does not.
    pub max_age: Option<i64>,
}

/// From where may be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses over TLS.
    Public,
    /// This machine as well, without TLS: for a server that is itself on a loopback address.
    Loopback,
}

/// Fetches `url`, at most `limit` bytes of it, as `accept`.
///
/// # Errors
/// When the address is not allowed, or did not answer as expected.
pub async fn fetch(url: &Url, reach: Reach, accept: &str, limit: usize) -> Result<Fetched, FetchError> {
    tokio::time::timeout(PATIENCE, fetch_patiently(url, reach, accept, limit))
        .await
        .map_err(|_| FetchError::Unreachable("no answer in time".to_owned()))?
}

/// A request whose answer is read whatever its status is: where a protocol answers refusals in the body.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The form to post; without one it is a `GET`.
    pub form: Option<&'a [(&'a str, &'a str)]>,
    /// The value of `Authorization`, if there is one.
    pub authorization: Option<Secret>,
    /// The value of `Accept`.
    pub accept: &'a str,
    /// The most bytes that are read.
    pub limit: usize,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Told {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends `question` to `url`, and reads the answer whatever its status is.
///
/// # Errors
/// When the address is not allowed, did not answer in time, or said too much.
pub async fn ask(url: &Url, reach: Reach, question: &Question<'_>) -> Result<Told, FetchError> {
    tokio::time::timeout(PATIENCE, ask_patiently(url, reach, question))
        .await
        .map_err(|_| FetchError::Unreachable("no answer in time".to_owned()))?
}

async fn ask_patiently(url: &Url, reach: Reach, question: &Question<'_>) -> Result<Told, FetchError> {
    let client = connect(url, reach).await?;
    let request = match question.form {
        Some(form) => client.post(url.clone()).form(form),
        None => client.get(url.clone()),
    };
    // GitHub answers nobody who does not say who they are.
    let mut request = request.header(http::header::ACCEPT, question.accept).header(http::header::USER_AGENT, "grantlet");
    if let Some(authorization) = &question.authorization {
        request = request.header(http::header::AUTHORIZATION, authorization.expose());
    }
    let mut response = request.send().await.map_err(failed)?;
    let status = response.status();
    Ok(Told { status, body: read_body(&mut response, question.limit).await? })
}

/// The body, as far as it is not larger than `limit`.
async fn read_body(response: &mut reqwest::Response, limit: usize) -> Result<Vec<u8>, FetchError> {
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(FetchError::TooLarge);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > limit {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Posts `form` to `url`, and waits until that is acknowledged with 200 or 204. What else the answer says is not read.
///
/// # Errors
/// When the address is not allowed, or did not answer as expected.
pub async fn post_form(url: &Url, reach: Reach, form: &[(&str, &str)]) -> Result<(), FetchError> {
    tokio::time::timeout(PATIENCE, post_patiently(url, reach, form))
        .await
        .map_err(|_| FetchError::Unreachable("no answer in time".to_owned()))?
}

async fn post_patiently(url: &Url, reach: Reach, form: &[(&str, &str)]) -> Result<(), FetchError> {
    let response = connect(url, reach).await?.post(url.clone()).form(form).send().await.map_err(failed)?;
    match response.status() {
        StatusCode::OK | StatusCode::NO_CONTENT => Ok(()),
        other => Err(FetchError::Status(other.as_u16())),
    }
}

/// What went wrong, without the address, which may have a secret of the client's in it.
fn failed(error: reqwest::Error) -> FetchError {
    FetchError::Unreachable(error.without_url().to_string())
}

/// A client that connects to the one address that was looked at, and to no other.
async fn connect(url: &Url, reach: Reach) -> Result<reqwest::Client, FetchError> {
    let address = resolve(url, reach).await?;
    let mut builder =
        reqwest::Client::builder().connect_timeout(CONNECT).timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).no_proxy();
    if let Some(Host::Domain(name)) = url.host() {
        builder = builder.resolve(name, address);
    }
    builder.build().map_err(failed)
}

async fn fetch_patiently(url: &Url, reach: Reach, accept: &str, limit: usize) -> Result<Fetched, FetchError> {
    let client = connect(url, reach).await?;
    let mut response = client.get(url.clone()).header(http::header::ACCEPT, accept).send().await.map_err(failed)?;
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status(response.status().as_u16()));
    }
    let max_age = response.headers().get(http::header::CACHE_CONTROL).and_then(|value| read_max_age(value.to_str().ok()?));
    Ok(Fetched { body: read_body(&mut response, limit).await?, max_age })
}

/// `max-age` of a `Cache-Control` (RFC 9111 section 5.2.2); 0 where it must not be kept.
fn read_max_age(value: &str) -> Option<i64> {
    let directives = || value.split(',').map(str::trim);
    if directives().any(|one| one.eq_ignore_ascii_case("no-store") || one.eq_ignore_ascii_case("no-cache")) {
        return Some(0);
    }
    directives().find_map(|one| one.to_ascii_lowercase().strip_prefix("max-age=")?.trim_matches('"').parse().ok())
}

/// The one address to connect to. If any of a name's addresses is not allowed, none is: whoever owns the name chose that one, too.
async fn resolve(url: &Url, reach: Reach) -> Result<SocketAddr, FetchError> {
    let is_web = url.scheme() == "https" || (url.scheme() == "http" && reach == Reach::Loopback);
    if !is_web || !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::Forbidden);
    }
    let port = url.port_or_known_default().ok_or(FetchError::Forbidden)?;
    let addresses: Vec<SocketAddr> = match url.host().ok_or(FetchError::Forbidden)? {
        Host::Ipv4(ip) => vec![(IpAddr::V4(ip), port).into()],
        Host::Ipv6(ip) => vec![(IpAddr::V6(ip), port).into()],
        Host::Domain(name) => tokio::net::lookup_host((name, port))
            .await
            .map_err(|_| FetchError::Unreachable("its name can't be resolved".to_owned()))?
            .collect(),
    };
    let is_ours = reach == Reach::Loopback && addresses.iter().all(|address| address.ip().is_loopback());
    let is_public = url.scheme() == "https" && addresses.iter().all(|address| is_public(address.ip()));
    match addresses.first() {
        Some(address) if is_ours || is_public => Ok(*address),
        _ => Err(FetchError::Forbidden),
    }
}

/// Whether an address belongs to the public internet: not this host, not a private network, not a cloud's metadata service.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_unspecified()
        || ip.is_multicast();
    // "This" network, shared address space (RFC 6598), protocol assignments, 6to4 relays, benchmarking, and what is reserved.
    let reserved = a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b))
        || a >= 240;
    !special && !reserved
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let segments = ip.segments();
    let [first, second, third, fourth, fifth, sixth, high, low] = segments;
    let embedded = || Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    // IPv4 in other clothes: mapped, compatible, NAT64 (RFC 6052), 6to4 (RFC 3056).
    if [first, second, third, fourth, fifth] == [0; 5] && (sixth == 0xffff || sixth == 0) {
        return sixth == 0xffff && is_public_v4(embedded());
    }
    if first == 0x64 && second == 0xff9b {
        return third == 0 && is_public_v4(embedded());
    }
    if first == 0x2002 {
        return is_public_v4(Ipv4Addr::from((u32::from(second) << 16) | u32::from(third)));
    }
    // Only 2000::/3 is given out to anybody; Teredo, documentation and protocol assignments in it are not.
    let global = (first & 0xe000) == 0x2000;
    let special = (first == 0x2001 && (second < 0x0200 || second == 0x0db8)) || (first == 0x3fff && second < 0x1000);
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9700 section 4.13 and the MCP specification: no address of ours, in whatever clothes
    #[test]
    fn only_public_addresses_are_visited() {
        for address in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "3fff::1",
            "100::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["1.1.1.1", "93.184.215.14", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::1", "::ffff:1.1.1.1"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[tokio::test]
    async fn forbidden_addresses_are_refused_before_anything_is_sent() {
        for url in [
            "http://example.com/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://localhost/",
            "https://169.254.169.254/latest/meta-data/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://user:pass@1.1.1.1/",
            "ftp://1.1.1.1/",
            "file:///etc/passwd",
            "data:,x",
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(fetch(&url, Reach::Public, "*/*", 10).await.unwrap_err(), FetchError::Forbidden, "{url}");
            assert_eq!(post_form(&url, Reach::Public, &[]).await.unwrap_err(), FetchError::Forbidden, "{url}");
            let question = Question { form: Some(&[("code", "x")]), authorization: None, accept: "*/*", limit: 10 };
            assert_eq!(ask(&url, Reach::Public, &question).await.unwrap_err(), FetchError::Forbidden, "{url}");
        }
        let private = Url::parse("https://10.0.0.1/").unwrap();
        assert_eq!(fetch(&private, Reach::Loopback, "*/*", 10).await.unwrap_err(), FetchError::Forbidden);
    }

    /// RFC 9111 section 5.2.2
    #[test]
    fn cache_control_is_read() {
        for (value, age) in [
            ("max-age=60", Some(60)),
            ("public, Max-Age=\"60\"", Some(60)),
            ("no-store", Some(0)),
            ("max-age=60, no-cache", Some(0)),
            ("private", None),
            ("max-age=x", None),
        ] {
            assert_eq!(read_max_age(value), age, "{value}");
        }
    }
}
