//! The edge: API Gateway's payload 2.0 events become requests, responses become its answers, and a path finds its zone.
//!
//! `lambda_http`'s own `Request` panics on some hostile events while it is built, so the event type that it re-exports is read here by hand:
//! the raw query, cookies and body as they came.

use std::future::Future;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode};
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_http::lambda_runtime::{self, LambdaEvent, service_fn};
use serde_json::Value;

use crate::endpoint::{Request, Response};

/// The largest body that is read, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// A trust zone: the endpoints that one function serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// What browsers bring: the `authorize` function.
    Front,
    /// What clients' servers bring: the `token` function.
    Back,
    /// Public documents: the `jwks` function.
    Metadata,
}

/// Every path that is served, with its zone. `template.yaml` and the watch router list the same; a test compares them.
pub const ROUTES: &[(&str, Zone)] = &[
    ("/authorize", Zone::Front),
    ("/login/password", Zone::Front),
    ("/login/passkey", Zone::Front),
    ("/login/passkey/options", Zone::Front),
    ("/login/factor", Zone::Front),
    ("/login/signup", Zone::Front),
    ("/login/forgot", Zone::Front),
    ("/login/reset", Zone::Front),
    ("/login/verify", Zone::Front),
    ("/login/verify/options", Zone::Front),
    ("/account/password", Zone::Front),
    ("/account/email", Zone::Front),
    ("/account/factors", Zone::Front),
    ("/login/account", Zone::Front),
    ("/login/stronger", Zone::Front),
    ("/login/site", Zone::Front),
    ("/login/upstream", Zone::Front),
    ("/login/callback", Zone::Front),
    ("/consent", Zone::Front),
    ("/device", Zone::Front),
    ("/logout", Zone::Front),
    ("/logout/site", Zone::Front),
    ("/account", Zone::Front),
    ("/account/profile", Zone::Front),
    ("/account/sessions", Zone::Front),
    ("/account/passkeys", Zone::Front),
    ("/account/passkeys/options", Zone::Front),
    ("/account/connections", Zone::Front),
    ("/account/apps", Zone::Front),
    ("/account/data", Zone::Front),
    ("/account/delete", Zone::Front),
    ("/account/events", Zone::Front),
    ("/token", Zone::Back),
    ("/userinfo", Zone::Back),
    ("/revoke", Zone::Back),
    ("/introspect", Zone::Back),
    ("/par", Zone::Back),
    ("/device_authorization", Zone::Back),
    ("/register", Zone::Back),
    ("/jwks.json", Zone::Metadata),
    ("/.well-known/openid-configuration", Zone::Metadata),
    ("/.well-known/oauth-authorization-server", Zone::Metadata),
];

/// The zone that serves `path`.
#[must_use]
pub fn zone_of(path: &str) -> Option<Zone> {
    ROUTES.iter().find(|(route, _)| *route == path).map(|(_, zone)| *zone)
}

/// An event that is no request of API Gateway's payload 2.0.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// The JSON does not have the form of the event.
    #[error("the event is no API Gateway payload 2.0 request")]
    NotAnEvent,
    /// The body says that it is base64 and is not.
    #[error("the body is not base64")]
    Body,
    /// The body is larger than any request to us needs.
    #[error("the body is too large")]
    TooLarge,
}

/// Reads an event.
///
/// # Errors
/// When it is no payload 2.0 event, or its body can't be read.
pub fn read_event(event: Value) -> Result<Request, EventError> {
    let event: ApiGatewayV2httpRequest = serde_json::from_value(event).map_err(|_| EventError::NotAnEvent)?;
    let context = event.request_context;
    let body = match event.body {
        None => Vec::new(),
        Some(text) if text.len() > MAX_BODY * 4 / 3 + 4 => return Err(EventError::TooLarge),
        Some(text) if event.is_base64_encoded => STANDARD.decode(text).map_err(|_| EventError::Body)?,
        Some(text) => text.into_bytes(),
    };
    if body.len() > MAX_BODY {
        return Err(EventError::TooLarge);
    }
    Ok(Request {
        method: context.http.method,
        path: event.raw_path.or(context.http.path).unwrap_or_default(),
        raw_query: event.raw_query_string.unwrap_or_default(),
        cookies: event.cookies.unwrap_or_default().iter().flat_map(|line| read_cookies(line)).collect(),
        headers: without_cookies(event.headers),
        body,
        source_ip: context.http.source_ip.and_then(|ip| ip.parse().ok()),
        request_id: context.request_id.unwrap_or_default(),
    })
}

/// The cookies of one `Cookie` header line.
pub fn read_cookies(line: &str) -> impl Iterator<Item = (String, String)> + '_ {
    line.split(';').filter_map(|pair| pair.trim().split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned()))
}

fn without_cookies(mut headers: HeaderMap) -> HeaderMap {
    headers.remove(http::header::COOKIE);
    headers
}

/// The answer that API Gateway expects.
#[must_use]
pub fn render_response(response: Response) -> Value {
    let mut answer = ApiGatewayV2httpResponse::default();
    answer.status_code = i64::from(response.status.as_u16());
    answer.headers = response.headers;
    answer.cookies = response.cookies;
    answer.body = Some(lambda_http::Body::Text(response.body));
    serde_json::to_value(answer).unwrap_or(Value::Null)
}

/// The response to an event that could not be read: always the sender's fault, never a crash.
#[must_use]
pub fn render_event_error(error: &EventError) -> Response {
    let status = match error {
        EventError::NotAnEvent | EventError::Body => StatusCode::BAD_REQUEST,
        EventError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
    };
    Response::json(status, &serde_json::json!({"error": "invalid_request", "error_description": error.to_string()}))
        .with(http::header::CACHE_CONTROL, "no-store")
}

/// What every response carries, whoever made it.
#[must_use]
pub fn with_common_headers(response: Response, https: bool) -> Response {
    let response = response.with(http::header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if https { response.with(http::header::STRICT_TRANSPORT_SECURITY, "max-age=31536000") } else { response }
}

/// Serves events with `handle` until the runtime ends.
///
/// # Errors
/// When Lambda's runtime interface fails.
pub async fn serve<H, F>(https: bool, handle: H) -> Result<(), lambda_http::Error>
where
    H: Fn(Request) -> F + Send + Sync + 'static,
    F: Future<Output = Response> + Send,
{
    let handle = Arc::new(handle);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let handle = handle.clone();
        async move {
            let response = match read_event(event.payload) {
                Ok(request) => answer(&*handle, request).await,
                Err(error) => {
                    tracing::info!(reason = %error, "event refused");
                    render_event_error(&error)
                }
            };
            Ok::<_, lambda_http::Error>(render_response(with_common_headers(response, https)))
        }
    }))
    .await
}

async fn answer<H, F>(handle: &H, request: Request) -> Response
where
    H: Fn(Request) -> F,
    F: Future<Output = Response>,
{
    let (method, path, request_id) = (request.method.clone(), request.path.clone(), request.request_id.clone());
    let response = handle(request).await;
    tracing::info!(%method, path, request_id, status = response.status.as_u16(), "request");
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(changes: Value) -> Value {
        let mut event = json!({
            "version": "2.0", "routeKey": "POST /token", "rawPath": "/token", "rawQueryString": "a=1&a=2",
            "cookies": ["x=1", "y=2; z=3"], "headers": {"content-type": "text/plain", "cookie": "no"},
            "requestContext": {"http": {"method": "POST", "path": "/token", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "t"},
                "requestId": "r1", "timeEpoch": 0},
            "body": "YQ==", "isBase64Encoded": true,
        });
        event.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        event
    }

    #[test]
    fn an_event_is_read_as_it_came() {
        let request = read_event(event(json!({}))).unwrap();
        assert_eq!((request.method.as_str(), request.path.as_str(), request.raw_query.as_str()), ("POST", "/token", "a=1&a=2"));
        assert_eq!(request.cookie("z"), Some("3"));
        assert!(!request.headers.contains_key("cookie"));
        assert_eq!(request.body, b"a");
        assert_eq!(request.source_ip.unwrap().to_string(), "192.0.2.1");
    }

    #[test]
    fn a_hostile_event_is_an_error_and_never_a_panic() {
        for raw in ["<script>", "a=\"b\"", "a b", "#", "%", "%ff%", "\u{0}", "é"] {
            assert_eq!(read_event(event(json!({"rawQueryString": raw}))).unwrap().raw_query, raw);
        }
        for headers in [json!({"host": "a b<>"}), json!({"x-forwarded-proto": ""}), json!({"x-forwarded-proto": "a,b"})] {
            assert!(read_event(event(json!({"headers": headers}))).is_ok());
        }
        assert_eq!(read_event(event(json!({"body": "!"}))).unwrap_err(), EventError::Body);
        assert_eq!(read_event(event(json!({"headers": {"a\nb": "c"}}))).unwrap_err(), EventError::NotAnEvent);
        assert_eq!(read_event(json!([1, 2])).unwrap_err(), EventError::NotAnEvent);
        let huge = "a".repeat(MAX_BODY + 1);
        assert_eq!(read_event(event(json!({"body": huge, "isBase64Encoded": false}))).unwrap_err(), EventError::TooLarge);
    }
}
