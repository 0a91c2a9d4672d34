//! A device polls for its tokens (RFC 8628 section 3.4). What it is told is in section 3.5.

use super::client_auth::AuthenticatedClient;
use super::dpop::DpopProof;
use super::error::{DeviceReason, GrantReason, TokenError};
use super::mint::{Issue, check_can_issue, first_refresh_token};
use super::target::{check_known, read_details, read_resources};
use super::{BackChannel, dpop};
use crate::endpoint::resources::audience_for;
use crate::endpoint::{Request, Response};
use crate::model::code::CodeToken;
use crate::model::device::{DevicePresentation, DeviceRedemption, DeviceRequest, DeviceStatus, LIFETIME};
use crate::model::grant::{Grant, GrantStatus};
use crate::protocol::details::{AuthorizationDetails, DetailsError};
use crate::protocol::params::Params;

/// Seconds by which another function's clock may be ahead of ours.
const CLOCK_SKEW: i64 = 60;

/// Answers a poll: its device's request is found, is this client's, and is then judged by what the person said.
pub(super) async fn poll(
    back: &BackChannel,
    client: &AuthenticatedClient,
    request: &Request,
    params: &Params,
) -> Result<Response, TokenError> {
    let asked = read_poll(back, client, params)?;
    let proof = dpop::find_proof(back, request, client.registration()).await?;
    let device = find_device(back, &asked).await?;
    // RFC 9449 section 11.1: each poll has a proof of its own.
    let proof = dpop::spend(back, proof).await?;
    match device.status {
        DeviceStatus::Denied => Err(TokenError::Device(DeviceReason::Denied)),
        DeviceStatus::Pending => {
            let in_time = back.context.store.note_poll(device.id, device.pace, asked.presentation.now).await?;
            Err(TokenError::Device(if in_time { DeviceReason::Pending } else { DeviceReason::TooFast }))
        }
        DeviceStatus::Approved { .. } => exchange(back, client, &asked, proof.as_ref()).await,
    }
}

/// What a poll says.
struct Poll {
    code: CodeToken,
    presentation: DevicePresentation,
    /// The authorization details that the access token shall have; all that were granted when absent.
    details: Option<AuthorizationDetails>,
}

fn read_poll(back: &BackChannel, client: &AuthenticatedClient, params: &Params) -> Result<Poll, TokenError> {
    let code = check_code_text(back, params.find("device_code").ok_or(TokenError::Missing("device_code"))?)?;
    let presentation = DevicePresentation {
        id: code.id,
        secret_hash: code.secret.hash(),
        client_id: client.id().clone(),
        resources: read_resources(params)?,
        now: back.context.now(),
    };
    Ok(Poll { code, presentation, details: read_details(params)? })
}

/// A code that may be asked about: malformed ones, and those that are over, cost no request to the store.
fn check_code_text(back: &BackChannel, text: &str) -> Result<CodeToken, TokenError> {
    let code: CodeToken = text.parse().map_err(|_| TokenError::Grant(GrantReason::CodeMalformed))?;
    match back.context.now().since(code.made_at()) {
        age if age < -CLOCK_SKEW => Err(TokenError::Grant(GrantReason::CodeStale)),
        age if age >= LIFETIME => Err(TokenError::Device(DeviceReason::Expired)),
        _ => Ok(code),
    }
}

/// The request of the device that polls. Nothing is written before it proved to be that.
async fn find_device(back: &BackChannel, poll: &Poll) -> Result<DeviceRequest, TokenError> {
    let presented = &poll.presentation;
    let found = back.context.store.find_device_request(presented.id, presented.now).await?;
    let device = found.ok_or(TokenError::Grant(GrantReason::CodeGone))?;
    if device.secret_hash != presented.secret_hash {
        return Err(TokenError::Grant(GrantReason::CodeRefused));
    }
    if device.client_id != presented.client_id {
        return Err(TokenError::Grant(GrantReason::OtherClient));
    }
    if presented.resources.iter().any(|asked| !device.resources.contains(asked)) {
        return Err(TokenError::InvalidTarget);
    }
    // RFC 9396 section 6
    if poll.details.as_ref().is_some_and(|asked| !device.details.has_all(asked)) {
        return Err(DetailsError::Exceeds.into());
    }
    Ok(device)
}

/// Exchanges an approved code. What is asked of the store in sequence: the delete beside the grant, then the user.
async fn exchange(
    back: &BackChannel,
    client: &AuthenticatedClient,
    poll: &Poll,
    proof: Option<&DpopProof>,
) -> Result<Response, TokenError> {
    let registration = client.registration();
    let Poll { code, presentation, details } = poll;
    let (config, settings) = (&back.context.config, back.context.settings().await?);
    let keys = back.keys.current(&back.context).await?;
    check_known(config, &settings, &presentation.resources)?;
    check_can_issue(back, &keys, registration).await?;

    let store = &back.context.store;
    let (redemption, grant) = tokio::join!(store.redeem_device(presentation), store.find_grant(code.id));
    match redemption? {
        DeviceRedemption::Redeemed(_) => {}
        DeviceRedemption::Refused(_) => return Err(TokenError::Grant(GrantReason::CodeRefused)),
        // Another poll was faster. It revokes nothing: devices poll again when an answer was lost (RFC 8628 section 3.5).
        DeviceRedemption::Gone => return Err(TokenError::Grant(GrantReason::CodeGone)),
    }

    // This call won the code. From here on every failure burns it, and none signs.
    let grant = check_grant(grant?)?;
    let user = back.check_user(grant.user_id).await?;
    let refresh_token = first_refresh_token(&keys, registration, &grant, code.refresh_seed(), proof)?;
    let issue = Issue {
        client: registration,
        grant: &grant,
        user: &user,
        scopes: &grant.scopes,
        audience: audience_for(config, &settings, presentation.resources.first(), &grant.resources)?,
        details: details.as_ref().unwrap_or(&grant.authorization_details),
        settings: &settings,
        nonce: None,
        proof,
        refresh_token,
    };
    issue.respond(back, &keys).await
}

/// The grant of a code that was just redeemed: active still.
fn check_grant(grant: Option<Grant>) -> Result<Grant, TokenError> {
    let grant = grant.ok_or(TokenError::Grant(GrantReason::GrantGone))?;
    match grant.status {
        GrantStatus::Active => Ok(grant),
        GrantStatus::Revoked(_) => Err(TokenError::Grant(GrantReason::Revoked)),
    }
}
