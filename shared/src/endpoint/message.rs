//! The request and response that endpoints see, whoever carries them: API Gateway, `cargo lambda watch` or `grantlet dev`.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::model::whereabouts::Whereabouts;

/// A request, as it came. Nothing of it is decoded but the body's transport encoding.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, starting with `/`.
    pub path: String,
    /// The query as it stood in the request line, without `?`. API Gateway joins repeated parameters in its own
    /// decoded map, so this is the only source for them.
    pub raw_query: String,
    /// The header fields. Cookies are not among them.
    pub headers: HeaderMap,
    /// The cookies as name and value, in the order sent.
    pub cookies: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// The address of the peer, as API Gateway or the socket tells it; no header is trusted for it.
    pub source_ip: Option<IpAddr>,
    /// An id to find the request in the log by.
    pub request_id: String,
}

impl Request {
    /// The header `name` when it was sent exactly once and is visible ASCII.
    #[must_use]
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        let mut all = self.headers.get_all(name).iter();
        match (all.next(), all.next()) {
            (Some(value), None) => value.to_str().ok(),
            _ => None,
        }
    }

    /// The first cookie called `name`.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Where it came from, as people may be reminded of it later.
    #[must_use]
    pub fn whereabouts(&self) -> Whereabouts {
        Whereabouts::of(self.header(&http::header::USER_AGENT), self.source_ip)
    }
}

/// Whom attempts are counted by: the address, or the network of one of IPv6, since whoever has one of its addresses has the other 2^64.
#[must_use]
pub fn network_of(address: Option<IpAddr>) -> String {
    match address {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
        None => String::new(),
    }
}

/// A response, complete.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The header fields, without `Set-Cookie`.
    pub headers: HeaderMap,
    /// The values of `Set-Cookie`, one each.
    pub cookies: Vec<String>,
    /// The body.
    pub body: String,
}

impl Response {
    /// An empty response with `status`.
    #[must_use]
    pub fn new(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), cookies: Vec::new(), body: String::new() }
    }

    /// A `text/html` response.
    #[must_use]
    pub fn html(status: StatusCode, body: String) -> Self {
        Self::new(status).with(http::header::CONTENT_TYPE, "text/html; charset=utf-8").with_body(body)
    }

    /// An `application/json` response.
    #[must_use]
    pub fn json(status: StatusCode, body: &serde_json::Value) -> Self {
        Self::new(status).with(http::header::CONTENT_TYPE, "application/json").with_body(body.to_string())
    }

    /// A 303 to `location`: the browser goes on by GET and drops the body (RFC 9700 section 4.12).
    #[must_use]
    pub fn see_other(location: &str) -> Self {
        Self::new(StatusCode::SEE_OTHER).with(http::header::LOCATION, location)
    }

    /// This response with the header `name` set. A value that is no legal header value is left out.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// This response with `body`.
    #[must_use]
    pub fn with_body(mut self, body: String) -> Self {
        self.body = body;
        self
    }

    /// This response with one more `Set-Cookie`.
    #[must_use]
    pub fn with_cookie(mut self, cookie: String) -> Self {
        self.cookies.push(cookie);
        self
    }
}
