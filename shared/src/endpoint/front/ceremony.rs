//! How passkey ceremonies begin and end, whatever they are for. One lives for five minutes, in the browser that began it, and is finished once.

use http::StatusCode;
use http::header::RETRY_AFTER;
use serde_json::json;
use ulid::Ulid;

use super::FrontChannel;
use super::error::{PageReason, Refusal};
use super::form::browser_hash;
use super::reply::json;
use crate::endpoint::login_ways::LoginWays;
use crate::endpoint::{Request, Response, network_of};
use crate::model::code::parse_ulid;
use crate::model::passkey::{Ceremony, CeremonyKind};
use crate::protocol::params::Params;
use crate::store::{Attempt, AttemptLimit};
use crate::webauthn::{Begun, FinishError, NewCredential, RelyingParty};

/// How long people may take, in seconds.
const PATIENCE: i64 = 300;
/// Challenges that one network gets in a window before anybody has logged in: many people may sit behind it, and each look at the login page takes one.
const CHALLENGES: u32 = 300;
/// The length of the window in seconds.
const WINDOW: i64 = 900;

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

/// Counts a challenge for somebody who has not logged in: each costs a write. Answers with what a network hears that has had too many.
///
/// # Errors
/// When the store failed.
pub(super) async fn count(front: &FrontChannel, request: &Request) -> Result<Result<(), Box<Response>>, Refusal> {
    let subject = format!("passkey challenges\0{}", network_of(request.source_ip));
    let limit = AttemptLimit { subject, limit: CHALLENGES, window: WINDOW };
    match front.context.store.count_attempt(&limit, front.context.now()).await? {
        Attempt::Allowed(_) => Ok(Ok(())),
        Attempt::Exhausted { retry_after } => {
            tracing::info!(request_id = request.request_id, "too many passkey challenges");
            let body = json!({"error": "temporarily_unavailable"});
            Ok(Err(Box::new(json(StatusCode::TOO_MANY_REQUESTS, &body).with(RETRY_AFTER, &retry_after.to_string()))))
        }
    }
}

/// Keeps a ceremony with a new `id`, and tells the browser how to go on: `challenge`, by which the answer refers to it, and `publicKey` for `navigator.credentials`.
///
/// # Errors
/// When the browser kept no cookie that it could be bound to, or the store failed.
pub(super) async fn begin(
    front: &FrontChannel,
    request: &Request,
    id: Ulid,
    kind: CeremonyKind,
    begun: Begun,
) -> Result<Response, Refusal> {
    let context = &front.context;
    let browser_hash = browser_hash(front, request).ok_or(PageReason::ForeignForm)?;
    let ceremony = Ceremony { id, kind, browser_hash, state: begun.state, expires_at: context.now().plus(PATIENCE) };
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

/// The credential that was made in the ceremony that a form refers to, if everything about it is right (`WebAuthn` Level 3 section 7.1). The challenge is
/// spent first, so that each has one try.
///
/// # Errors
/// When it can't be known.
pub(super) async fn finish_creation(
    front: &FrontChannel,
    request: &Request,
    params: &Params,
    kind: CeremonyKind,
) -> Result<Option<NewCredential>, Refusal> {
    let party = relying_party(front).await?;
    let Some(state) = take(front, request, params, kind).await? else {
        tracing::info!(request_id = request.request_id, "passkey refused: no such challenge for this browser and purpose");
        return Ok(None);
    };
    match party.finish_creation(&state, params.find("credential").unwrap_or_default()) {
        Ok(made) => Ok(Some(made)),
        Err(FinishError::Answer(reason)) => {
            tracing::info!(request_id = request.request_id, %reason, "passkey refused");
            Ok(None)
        }
        Err(FinishError::Ours(failure)) => Err(failure.into()),
    }
}
