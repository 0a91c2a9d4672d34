//! Which endpoints a script of another origin may call (Fetch standard, CORS protocol): those that apps in a browser need, and never one
//! that reads cookies (OAuth 2.1 section 3.1).
//!
//! None of these endpoints knows who sits at the browser: whatever they answer was earned by what the request itself carries. So every origin is
//! allowed, and no credentials of the browser's are.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
};
use http::{Method, StatusCode};

use super::{Request, Response};

/// The paths, each with the methods that a script may use.
const OPEN: [(&str, &str); 8] = [
    ("/token", "POST"),
    ("/revoke", "POST"),
    ("/par", "POST"),
    ("/userinfo", "GET, POST"),
    ("/register", "POST, GET, PUT, DELETE"),
    ("/jwks.json", "GET, HEAD"),
    ("/.well-known/openid-configuration", "GET, HEAD"),
    ("/.well-known/oauth-authorization-server", "GET, HEAD"),
];
/// Headers that a script may send.
const SENT: &str = "Authorization, Content-Type, Accept, DPoP, MCP-Protocol-Version";
/// Headers that a script may read beside those that every script may.
const READ: &str = "WWW-Authenticate, DPoP-Nonce, Retry-After, ETag";
/// How long a browser may remember the answer, in seconds; browsers keep it for two hours at most.
const KEPT: &str = "7200";

fn methods_of(path: &str) -> Option<&'static str> {
    OPEN.iter().find(|(open, _)| *open == path).map(|(_, methods)| *methods)
}

/// The answer to a browser that asks beforehand whether a script may call; none for any other request.
#[must_use]
pub fn preflight(request: &Request) -> Option<Response> {
    if request.method != Method::OPTIONS || !request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        return None;
    }
    let methods = methods_of(&request.path)?;
    let answer = Response::new(StatusCode::NO_CONTENT)
        .with(ACCESS_CONTROL_ALLOW_METHODS, methods)
        .with(ACCESS_CONTROL_ALLOW_HEADERS, SENT)
        .with(ACCESS_CONTROL_MAX_AGE, KEPT);
    Some(open(&request.path, answer))
}

/// `response`, readable by scripts of every origin where `path` is one that they may call.
#[must_use]
pub fn open(path: &str, response: Response) -> Response {
    match methods_of(path) {
        Some(_) => response.with(ACCESS_CONTROL_ALLOW_ORIGIN, "*").with(ACCESS_CONTROL_EXPOSE_HEADERS, READ),
        None => response,
    }
}
