//! A code is issued: the grant is written, then the code, both only if they are new, and then the browser goes back to the client.

use super::FrontChannel;
use super::check::CheckedRequest;
use super::error::Refusal;
use super::pushed::spend;
use super::reply::go_on;
use super::session::{ActiveSession, note_client};
use crate::context::Timestamp;
use crate::endpoint::Response;
use crate::model::code::{AuthorizationCode, CodeToken};
use crate::model::grant::{CodeBinding, Grant, GrantStatus, RefreshState};

/// Issues a code for what was asked, to be redeemed by the client alone (OAuth 2.1 section 4.1.2).
pub(super) async fn issue_code(front: &FrontChannel, asked: &CheckedRequest, active: &ActiveSession) -> Result<Response, Refusal> {
    let context = &front.context;
    if !note_client(front, &active.session, asked.client(), &asked.parameters.scopes).await? {
        // The session ended while this was answered: back to the beginning.
        return Ok(go_on(&asked.path()));
    }
    // RFC 9126 section 4: a pushed request is good for one code. Whatever fails after this, there is no second one.
    if let Some(presented) = &asked.pushed {
        spend(front, presented).await?;
    }
    let now = context.now();
    let token = CodeToken::new(context.ulid(), &context.random_bytes::<32>());
    let binding = CodeBinding {
        secret_hash: token.secret.hash(),
        code_challenge: asked.parameters.code_challenge.as_ref().map(|challenge| challenge.as_str().to_owned()),
        redirect_uri: asked.reply.redirect.as_str().to_owned(),
        dpop_jkt: asked.parameters.dpop_jkt.clone(),
    };
    let grant = grant_of(front, asked, active, &token, &binding, now);
    let code = AuthorizationCode {
        id: token.id,
        secret_hash: binding.secret_hash,
        client_id: grant.client_id.clone(),
        user_id: grant.user_id,
        redirect_uri: binding.redirect_uri.clone(),
        code_challenge: binding.code_challenge.clone(),
        dpop_jkt: binding.dpop_jkt.clone(),
        resources: grant.resources.clone(),
        nonce: asked.parameters.nonce.clone(),
        expires_at: now.plus(code_lifetime(front, asked)),
    };
    // In this order: a code without its grant would be redeemed for nothing.
    context.store.create_grant(&grant).await?;
    context.store.create_code(&code).await?;
    tracing::info!(grant_id = %token.id, client_id = %code.client_id, user_id = %code.user_id, "code issued");
    Ok(asked.reply.send(front, &[("code", token.render().expose())]))
}

/// How long the code lives; at most a minute under FAPI 2.0 (Security Profile section 5.3.2.1).
fn code_lifetime(front: &FrontChannel, asked: &CheckedRequest) -> i64 {
    let lifetime = front.context.config.lifetimes.code;
    if asked.client().is_fapi2() { lifetime.min(60) } else { lifetime }
}

fn grant_of(
    front: &FrontChannel,
    asked: &CheckedRequest,
    active: &ActiveSession,
    token: &CodeToken,
    binding: &CodeBinding,
    now: Timestamp,
) -> Grant {
    let lifetimes = &front.context.config.lifetimes;
    let offline = asked.is_offline();
    // A grant without refresh tokens matters as long as its access token does.
    let absolute = if offline { lifetimes.refresh_absolute } else { code_lifetime(front, asked) + lifetimes.token };
    let absolute_at = now.plus(absolute);
    Grant {
        id: token.id,
        status: GrantStatus::Active,
        user_id: active.user.id,
        client_id: asked.client().client_id.clone(),
        scopes: asked.parameters.scopes.clone(),
        resources: asked.resources.clone(),
        claims: asked.parameters.claims.clone(),
        authorization_details: asked.parameters.details.clone(),
        session_id: active.session.id,
        authentication: active.session.authentication.told_to(&asked.parameters.wanted_levels()),
        offline,
        code: Some(binding.clone()),
        refresh: RefreshState::begin(token.refresh_seed().0.hash(), now.plus(lifetimes.refresh_idle), absolute_at),
        created_at: now,
    }
}
