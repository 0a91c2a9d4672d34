//! The refresh of an access token (OAuth 2.1 section 4.3).

use super::client_auth::AuthenticatedClient;
use super::dpop::UnspentProof;
use super::error::{GrantReason, TokenError};
use super::keys::LoadedKeys;
use super::mint::{Issue, check_can_issue};
use super::target::{check_known, read_details, read_resources};
use super::{BackChannel, dpop};
use crate::endpoint::resources::audience_for;
use crate::endpoint::{Request, Response};
use crate::model::grant::{Grant, RefusedRotation, RevokedBy, Rotated, RotationRequest, Successor, judge_refused};
use crate::model::refresh_token::{RefreshToken, UnverifiedRefreshToken};
use crate::model::secret::Secret;
use crate::protocol::details::DetailsError;
use crate::protocol::params::Params;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Refreshes. Two requests to the store in sequence: the conditional update, then the user; a DPoP proof is spent before.
pub(super) async fn refresh(
    back: &BackChannel,
    client: &AuthenticatedClient,
    request: &Request,
    params: &Params,
) -> Result<Response, TokenError> {
    let text = params.find("refresh_token").ok_or(TokenError::Missing("refresh_token"))?;
    let unverified: UnverifiedRefreshToken = text.parse().map_err(|_| TokenError::Grant(GrantReason::TokenUnverified))?;
    let keys = back.keys.current_with(&back.context, &unverified.kid).await?;
    let kid = unverified.kid.clone();
    let key = keys.refresh(&kid).ok_or(TokenError::Grant(GrantReason::KeyGone))?;
    let token = unverified.verify(key, client.id()).map_err(|_| TokenError::Grant(GrantReason::TokenUnverified))?;
    let proof = dpop::find_proof(back, request, client.registration()).await?;
    check_binding(&token, proof.as_ref())?;

    check_can_issue(back, &keys, client.registration()).await?;
    let rotation = read_request(back, client, &token, &keys, params)?;
    let settings = back.context.settings().await?;
    let config = &back.context.config;
    check_known(config, &settings, &rotation.resources)?;
    let proof = dpop::spend(back, proof).await?;
    let grant = match back.context.store.rotate_grant(&rotation).await? {
        Rotated::Done(grant) => grant,
        Rotated::Gone => return Err(TokenError::Grant(GrantReason::GrantGone)),
        Rotated::Refused(grant) => judge(back, request, client, *grant, &rotation).await?,
    };
    if !grant.offline {
        return Err(TokenError::Grant(GrantReason::GrantGone));
    }
    let user = back.check_user(grant.user_id).await?;

    let refresh_token = match &rotation.rotate {
        None => Secret::new(text),
        Some(_) => current_token(back, client, &grant, &token).await?,
    };
    let scopes = if rotation.scopes.is_empty() { &grant.scopes } else { &rotation.scopes };
    let audience = audience_for(config, &settings, rotation.resources.first(), &grant.resources)?;
    let issue = Issue {
        client: client.registration(),
        grant: &grant,
        user: &user,
        scopes,
        audience,
        details: if rotation.details.is_empty() { &grant.authorization_details } else { &rotation.details },
        settings: &settings,
        nonce: None,
        proof: proof.as_ref(),
        refresh_token: Some(refresh_token),
    };
    issue.respond(back, &keys).await
}

/// RFC 9449 section 5: who refreshes with a bound token proves the key that it is bound to. Any other may come with any key, or none.
fn check_binding(token: &RefreshToken, proof: Option<&UnspentProof>) -> Result<(), TokenError> {
    match &token.dpop_jkt {
        Some(bound) if proof.map(UnspentProof::jkt) != Some(bound) => Err(TokenError::Grant(GrantReason::KeyUnproven)),
        _ => Ok(()),
    }
}

fn read_request(
    back: &BackChannel,
    client: &AuthenticatedClient,
    token: &RefreshToken,
    keys: &LoadedKeys,
    params: &Params,
) -> Result<RotationRequest, TokenError> {
    let context = &back.context;
    let now = context.now();
    let rotate = if client.registration().never_rotates() {
        None
    } else {
        Some(Successor { rotation_id: URL_SAFE_NO_PAD.encode(context.random_bytes::<12>()), kid: keys.active_refresh()?.0.to_owned() })
    };
    let mut scopes: Vec<String> = Vec::new();
    for scope in params.find("scope").unwrap_or_default().split(' ').filter(|scope| !scope.is_empty()) {
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
        // The store's condition has a clause for each; no grant holds as many as this.
        if scopes.len() > 100 {
            return Err(TokenError::InvalidScope);
        }
    }
    Ok(RotationRequest {
        id: token.grant_id,
        generation: token.generation,
        seed_hash: token.seed_hash(),
        client_id: client.id().clone(),
        scopes,
        resources: read_resources(params)?,
        details: read_details(params)?.unwrap_or_default(),
        now,
        idle_at: now.plus(context.config.lifetimes.refresh_idle),
        rotate,
    })
}

/// Judges a refused rotation. The grant comes back when the current token may be handed out again.
async fn judge(
    back: &BackChannel,
    request: &Request,
    client: &AuthenticatedClient,
    grant: Grant,
    rotation: &RotationRequest,
) -> Result<Box<Grant>, TokenError> {
    let reason = match judge_refused(&grant, rotation, back.context.config.lifetimes.refresh_grace) {
        RefusedRotation::OwnSuccess => return Ok(Box::new(grant)),
        RefusedRotation::Successor => {
            tracing::info!(grant_id = %grant.id, generation = rotation.generation, "a replaced refresh token is answered with its successor");
            return Ok(Box::new(grant));
        }
        RefusedRotation::InvalidScope => return Err(TokenError::InvalidScope),
        RefusedRotation::InvalidTarget => return Err(TokenError::InvalidTarget),
        RefusedRotation::InvalidDetails => return Err(DetailsError::Exceeds.into()),
        RefusedRotation::OtherClient => GrantReason::OtherClient,
        RefusedRotation::WrongSeed => GrantReason::WrongSeed,
        RefusedRotation::Revoked => GrantReason::Revoked,
        RefusedRotation::Expired => GrantReason::Expired,
        RefusedRotation::TooFarBack => GrantReason::TooFarBack,
        RefusedRotation::Future => GrantReason::Future,
        RefusedRotation::Reuse => {
            // OAuth 2.1 section 4.3.1. A failure here is a 503 and not swallowed: the next use tries again.
            if back.context.store.revoke_grant(grant.id, RevokedBy::RefreshReuse).await? {
                back.note_reuse(request, client, grant.user_id).await;
            }
            tracing::warn!(grant_id = %grant.id, client_id = %grant.client_id, "a replaced refresh token was used again; its grant is revoked");
            GrantReason::Reused
        }
    };
    Err(TokenError::Grant(reason))
}

/// The grant's current token: derived from the stored generation and key id, so that whoever asks within the window gets the same one.
async fn current_token(
    back: &BackChannel,
    client: &AuthenticatedClient,
    grant: &Grant,
    presented: &RefreshToken,
) -> Result<Secret, TokenError> {
    let kid = grant.refresh.current_kid.as_deref().ok_or(TokenError::Grant(GrantReason::GrantGone))?;
    let keys = back.keys.current_with(&back.context, kid).await?;
    let key = keys.refresh(kid).ok_or(TokenError::Keys("the current token's refresh key was not read"))?;
    // Every token of a grant has the binding of the first.
    let token = RefreshToken { generation: grant.refresh.generation, ..presented.clone() };
    Ok(token.render(kid, key, client.id()))
}
