//! `POST /device_authorization` (RFC 8628 section 3.1): a device asks, and gets a code to poll with and one to show.

use http::StatusCode;
use serde_json::json;

use super::client_auth::{AuthenticatedClient, check_client};
use super::error::{TokenError, no_store};
use super::{BackChannel, log_failure, read_form};
use crate::endpoint::authorization::{CheckedTarget, check_target};
use crate::endpoint::{Request, Response};
use crate::model::client::GrantType;
use crate::model::code::CodeToken;
use crate::model::device::{DeviceRequest, DeviceStatus, INTERVAL, LIFETIME, Pace, UserCode};
use crate::store::StoreError;

/// Requests that one network may make for one client in a window.
const REQUESTS: u32 = 60;
/// How many user codes are tried, should one be taken.
const CODES: u32 = 4;

/// Answers a device authorization request.
pub(super) async fn handle(back: &BackChannel, request: &Request) -> Response {
    match answer(back, request).await {
        Ok(response) => response,
        Err(error) => {
            log_failure("device_authorization", request, &error);
            error.render()
        }
    }
}

/// The order of checks: form, client, its registration, what it asks for, how often it asked.
async fn answer(back: &BackChannel, request: &Request) -> Result<Response, TokenError> {
    let params = read_form(request)?;
    let client = check_client(back, request, &params).await?;
    if !client.registration().may_use(GrantType::DeviceCode) {
        return Err(TokenError::UnauthorizedClient);
    }
    let settings = back.context.settings().await?;
    let target = check_target(&back.context.config, &settings, client.registration(), &params)?;
    // Each request writes two records, and makes it a little likelier that a guessed user code is a live one.
    back.count_request("device request", REQUESTS, request, client.id()).await?;
    let (code, device) = create(back, &client, target).await?;
    tracing::info!(device_id = %device.id, client_id = %device.client_id, request_id = request.request_id, "a device asks");
    // RFC 8628 section 3.2
    let user_code = device.user_code.display();
    let page = back.context.config.issuer.url("/device");
    let body = json!({
        "device_code": code.render().expose(),
        "user_code": user_code,
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={user_code}"),
        "expires_in": LIFETIME,
        "interval": INTERVAL,
    });
    Ok(no_store(Response::json(StatusCode::OK, &body)))
}

async fn create(back: &BackChannel, client: &AuthenticatedClient, target: CheckedTarget) -> Result<(CodeToken, DeviceRequest), TokenError> {
    let context = &back.context;
    let now = context.now();
    let code = CodeToken::new(context.ulid(), &context.random_bytes::<32>());
    let user_code = || UserCode::new(u64::from_be_bytes(context.random_bytes::<8>()));
    let mut device = DeviceRequest {
        id: code.id,
        secret_hash: code.secret.hash(),
        seed_hash: code.refresh_seed().0.hash(),
        client_id: client.id().clone(),
        user_code: user_code(),
        scopes: target.scopes,
        resources: target.resources,
        details: target.details,
        status: DeviceStatus::Pending,
        pace: Pace::new(now),
        expires_at: now.plus(LIFETIME),
    };
    for _ in 0..CODES {
        if context.store.create_device_request(&device, now).await? {
            return Ok((code, device));
        }
        device.user_code = user_code();
    }
    Err(StoreError::Unavailable { operation: "create_device_request", reason: "every user code that was tried is taken".to_owned() }.into())
}
