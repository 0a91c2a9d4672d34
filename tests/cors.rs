//! Scripts of other origins: apps in a browser call what they need, and nothing that reads cookies.

use grantlet::http::{ROUTES, Zone};
use serde_json::json;

use crate::support::event::Event;
use crate::support::server::Server;

const ORIGIN: &str = "https://spa.example";
/// What an app in a browser calls.
const OPEN: [&str; 8] = [
    "/token",
    "/revoke",
    "/par",
    "/userinfo",
    "/register",
    "/jwks.json",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
];

fn preflight(path: &str, method: &str) -> Event {
    let headers = "authorization, content-type, dpop";
    Event::new("OPTIONS", path)
        .header("origin", ORIGIN)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", headers)
}

/// OAuth 2.1 section 3.1: no CORS at authorize, nor anywhere else where cookies count; Fetch standard section 3.2.3
#[tokio::test]
async fn scripts_may_call_what_browser_apps_need_and_nothing_that_reads_cookies() {
    let server = Server::local(json!({})).await;
    for &(path, zone) in ROUTES {
        let asked = server.send(&preflight(path, "POST")).await;
        let origin = asked.header("access-control-allow-origin");
        let is_open = OPEN.contains(&path);
        assert!(!is_open || zone != Zone::Front, "{path} reads cookies");
        assert_eq!(origin, is_open.then_some("*"), "{path}");
        assert_eq!(asked.header("access-control-allow-credentials"), None, "{path}");
        if is_open {
            assert_eq!(asked.status, 204, "{path}");
            let allowed = asked.header("access-control-allow-headers").unwrap().to_ascii_lowercase();
            assert!(["authorization", "content-type", "dpop"].iter().all(|name| allowed.contains(name)));
            assert!(asked.header("access-control-allow-methods").is_some());
        } else {
            assert_ne!(asked.status, 204, "{path}");
        }
        let answer = server.send(&Event::new("POST", path).header("origin", ORIGIN)).await;
        assert_eq!(answer.header("access-control-allow-origin"), is_open.then_some("*"), "{path}: errors are readable too");
    }
}

/// RFC 9449 section 8.2: what a client must read is exposed to it
#[tokio::test]
async fn scripts_can_read_what_the_protocol_says_in_headers() {
    let server = Server::local(json!({})).await;
    let answer = server.send(&Event::get("/userinfo").header("origin", ORIGIN)).await;
    let exposed = answer.header("access-control-expose-headers").unwrap().to_ascii_lowercase();
    assert!(["www-authenticate", "dpop-nonce", "retry-after"].iter().all(|name| exposed.contains(name)), "{exposed}");
}

/// A request by `OPTIONS` that is no preflight is a wrong method like any other
#[tokio::test]
async fn options_without_a_question_is_a_wrong_method() {
    let server = Server::local(json!({})).await;
    for path in ["/token", "/jwks.json"] {
        assert_eq!(server.send(&Event::new("OPTIONS", path)).await.status, 405, "{path}");
    }
}
