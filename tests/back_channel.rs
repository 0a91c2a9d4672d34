//! What holds for every endpoint that clients call: whatever is wrong with a request, its refusal is registered, uncached, and stores nothing.

use serde_json::json;

use crate::support::event::Event;
use crate::support::oauth::{
    As, assert_refused, authorization_query, encode, exchange, obtain_code, post, push_form, refresh, request, token,
};
use crate::support::server::{Reply, Server};

const PATHS: [&str; 7] = ["/token", "/par", "/device_authorization", "/introspect", "/revoke", "/register", "/userinfo"];
/// Codes of OAuth 2.1 section 3.2.4, RFC 6750 section 3.1, RFC 7591 section 3.2.2 and OAuth 2.1 section 4.1.2.1.
const REGISTERED: [&str; 8] = [
    "invalid_request",
    "invalid_client",
    "invalid_token",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_client_metadata",
    "invalid_grant",
    "temporarily_unavailable",
];

/// Asserts what every refusal has, whichever it is.
fn assert_orderly(path: &str, what: &str, reply: &Reply) {
    assert!((400..500).contains(&reply.status), "{path}, {what}: {reply:?}");
    assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}, {what}: {reply:?}");
    assert!(reply.cookies.is_empty() && reply.header("location").is_none(), "{path}, {what}: {reply:?}");
    // OAuth 2.1 section 3.2.4, RFC 6750 section 3
    let scheme = if ["/register", "/userinfo"].contains(&path) { "Bearer " } else { "Basic " };
    let is_challenged = reply.header("www-authenticate").is_some_and(|challenge| challenge.starts_with(scheme));
    assert!(is_challenged || reply.status != 401, "{path}, {what}: {reply:?}");
    assert_eq!(reply.header("allow").is_some(), reply.status == 405, "{path}, {what}: {reply:?}");
    assert_eq!(reply.header("retry-after").is_some(), reply.status == 429, "{path}, {what}: {reply:?}");
    if !reply.body.is_empty() {
        assert_eq!(reply.header("content-type"), Some("application/json"), "{path}, {what}: {reply:?}");
        let body = reply.json();
        assert!(REGISTERED.contains(&body["error"].as_str().unwrap()), "{path}, {what}: {body}");
        // RFC 6749 appendix A.8
        let fits = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
        assert!(body["error_description"].as_str().unwrap().chars().all(fits), "{path}, {what}: {body}");
    }
}

/// OAuth 2.1 sections 3.2, 3.2.3 and 3.2.4, RFC 9126 section 2.3, RFC 7662 section 2.3, RFC 7009 section 2.2.1, RFC 7591 section 3.2.2
#[tokio::test]
async fn whatever_is_wrong_with_a_request_its_refusal_is_registered_uncached_and_stores_nothing() {
    let server = Server::local(json!({"registration": {"mode": "open", "per_address": 1_000}})).await;
    let before = server.inside().stored();
    let many: Vec<String> = (0..65).map(|index| format!("p{index}=x")).collect();
    for path in PATHS {
        let form = |body: &str| Event::post_form(path, body);
        let as_client = |body: &str| request(path, As::Basic("app"), &[]).body(body.as_bytes());
        let cases = [
            ("no client", form("")),
            ("no client, and something else", form("token=x&grant_type=refresh_token")),
            ("an unknown client", form("client_id=nobody&token=x")),
            ("a wrong secret", form("client_id=app&client_secret=wrong&token=x")),
            ("no secret", form("client_id=app&token=x")),
            ("a secret of one that has none", form("client_id=cli&client_secret=x&token=x")),
            ("two secrets", as_client("client_secret=x")),
            ("two clients", as_client("client_id=other")),
            ("a client that is no text", form("client_id=%ff")),
            ("a NUL", form("client_id=app%00")),
            ("an identifier with an umlaut", form(&encode(&[("client_id", "größe \"\\")]))),
            ("a parameter twice", as_client("token=x&token=x")),
            ("an unknown parameter twice", as_client("x=1&x=2")),
            ("too many parameters", as_client(&many.join("&"))),
            ("too long a parameter", as_client(&format!("token={}", "x".repeat(16 * 1024)))),
            ("no parameter", as_client("")),
            ("another scheme", form("token=x").header("authorization", "Digest x")),
            ("a scheme alone", form("token=x").header("authorization", "Basic")),
            ("no base64", form("token=x").header("authorization", "Basic %")),
            ("no colon", form("token=x").header("authorization", "Basic YXBw")),
            ("two headers", form("token=x").header("authorization", "Basic YXBw").header("authorization", "Basic YXBw")),
            ("a token that is none", form("").header("authorization", "Bearer x")),
            ("JSON that is none", Event::new("POST", path).header("content-type", "application/json").body(b"{\"a\":")),
            ("a list", Event::new("POST", path).header("content-type", "application/json").body(b"[]")),
            ("no type", Event::new("POST", path).body(b"client_id=app")),
            ("plain text", Event::new("POST", path).header("content-type", "text/plain").body(b"client_id=app")),
            ("multipart", Event::new("POST", path).header("content-type", "multipart/form-data; boundary=x").body(b"--x--")),
            ("GET", Event::get(path)),
            ("the parameters in the query", Event::get(&format!("{path}?client_id=app&token=x"))),
            ("PUT", Event::new("PUT", path)),
            ("DELETE", Event::new("DELETE", path)),
            ("PATCH", Event::new("PATCH", path)),
            ("OPTIONS, and no preflight", Event::new("OPTIONS", path)),
            ("a method of one's own", Event::new("REVOKE", path)),
        ];
        for (what, event) in cases {
            let reply = server.send(&event).await;
            assert_orderly(path, what, &reply);
        }
    }
    let mut after = server.inside().stored();
    after.remove("attempt");
    assert_eq!(after, before, "nothing but the count of wrong secrets is kept");
}

/// RFC 6749 section 3.3: more scopes than anybody has, each as short as it can be
#[tokio::test]
async fn three_thousand_scopes_are_refused_and_leave_nothing_behind() {
    const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
    let server = Server::local(json!({})).await;
    server.inside().register("greedy", json!({"grant_types": ["authorization_code", "refresh_token", DEVICE]})).await;
    let client = As::Basic("greedy");
    let tokens = exchange(&server, client, &obtain_code(&server, "greedy").await).await;
    let refresh_token = token(&tokens, "refresh_token");
    let before = server.inside().stored();

    let letters = ('a'..='z').chain('A'..='Z').chain('0'..='9');
    let pairs = letters.clone().flat_map(|first| letters.clone().map(move |second| format!("{first}{second}")));
    let scope = pairs.take(3_000).collect::<Vec<_>>().join(" ");
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str()), ("scope", scope.as_str())];
    assert_refused(&post(&server, "/token", client, &form).await, 400, "invalid_scope");
    assert_refused(&post(&server, "/device_authorization", client, &[("scope", &scope)]).await, 400, "invalid_scope");
    let pushed = push_form(&server, client, &authorization_query("greedy", &[("scope", Some(&scope))])).await;
    assert_refused(&pushed, 400, "invalid_scope");
    assert_eq!(server.inside().stored(), before);
    assert_eq!(refresh(&server, client, &refresh_token).await.status, 200, "nothing rotated");
}
