//! How passkey ceremonies begin and end, whatever they are for. One lives for five minutes, in the browser that began it, and is finished once.

use http::StatusCode;
use serde_json::json;

use super::FrontChannel;
use super::error::{PageReason, Refusal};
use super::form::browser_hash;
use super::reply::json;
use crate::endpoint::login_ways::LoginWays;
use crate::endpoint::{Request, Response};
use crate::model::code::parse_ulid;
use crate::model::passkey::{Ceremony, CeremonyKind};
use crate::protocol::params::Params;
use crate::webauthn::{Begun, RelyingParty};

/// How long people may take, in seconds.
const PATIENCE: i64 = 300;

/// This server as authenticators know it, made when it is needed.
///
/// # Errors
/// Where nobody uses passkeys.
pub(super) async fn relying_party(front: &FrontChannel) -> Result<RelyingParty, Refusal> {
    let settings = front.context.settings().await?;
    let config = &front.context.config;
    let party = LoginWays::of(config, &settings).passkeys.then(|| RelyingParty::new(&config.issuer, settings.passkeys.domain.as_deref()));
    party.flatten().ok_or_else(|| PageReason::LoginUnavailable.into())
}

/// Keeps a ceremony, and tells the browser how to go on: `challenge`, by which the answer refers to it, and `publicKey` for `navigator.credentials`.
///
/// # Errors
/// When the browser kept no cookie that it could be bound to, or the store failed.
pub(super) async fn begin(front: &FrontChannel, request: &Request, kind: CeremonyKind, begun: Begun) -> Result<Response, Refusal> {
    let context = &front.context;
    let browser_hash = browser_hash(front, request).ok_or(PageReason::ForeignForm)?;
    let ceremony = Ceremony { id: context.ulid(), kind, browser_hash, state: begun.state, expires_at: context.now().plus(PATIENCE) };
    context.store.begin_ceremony(&ceremony).await?;
    Ok(json(StatusCode::OK, &json!({"challenge": ceremony.id.to_string(), "publicKey": begun.options})))
}

/// Takes the ceremony that a form refers to, and answers with its state; none when there is none any more, or it was another's.
///
/// # Errors
/// When it can't be known whether it was taken.
pub(super) async fn take(front: &FrontChannel, request: &Request, params: &Params, kind: CeremonyKind) -> Result<Option<String>, Refusal> {
    let (Some(id), Some(browser)) = (params.find("challenge").and_then(parse_ulid), browser_hash(front, request)) else {
        return Ok(None);
    };
    Ok(front.context.store.take_ceremony(id, kind, &browser, front.context.now()).await?)
}
