//! The exchange of an authorization code for tokens (OAuth 2.1 section 4.1.3).

use super::client_auth::AuthenticatedClient;
use super::error::{GrantReason, TokenError};
use super::mint::{Issue, check_can_issue, first_refresh_token};
use super::target::{check_known, read_details, read_resources};
use super::{BackChannel, dpop};
use crate::endpoint::resources::audience_for;
use crate::endpoint::{Request, Response};
use crate::model::code::{AuthorizationCode, CodeToken, MAX_AGE, Presentation, Redemption};
use crate::model::grant::{Grant, GrantStatus, RevokedBy};
use crate::protocol::details::{AuthorizationDetails, DetailsError};
use crate::protocol::params::Params;
use crate::protocol::pkce::CodeVerifier;

/// Seconds by which another function's clock may be ahead of ours.
const CLOCK_SKEW: i64 = 60;

/// Exchanges a code. Two requests to the store in sequence: the delete beside the grant, then the user; a DPoP proof is spent before.
pub(super) async fn exchange(
    back: &BackChannel,
    client: &AuthenticatedClient,
    request: &Request,
    params: &Params,
) -> Result<Response, TokenError> {
    let code = check_code_text(back, params.find("code").ok_or(TokenError::Missing("code"))?)?;
    let mut presentation = read_presentation(back, client, &code, params)?;
    let proof = dpop::find_proof(back, request, client.registration()).await?;
    let keys = back.keys.current(&back.context).await?;
    let settings = back.context.settings().await?;
    let config = &back.context.config;
    check_known(config, &settings, &presentation.resources)?;
    let details = read_details(params)?;
    if let Some(asked) = &details {
        check_details(back, &presentation, asked).await?;
    }
    check_can_issue(back, &keys, client.registration()).await?;
    let proof = dpop::spend(back, proof).await?;
    presentation.dpop_jkt = proof.as_ref().map(|proof| proof.jkt().to_owned());

    let (redemption, grant) = tokio::join!(back.context.store.redeem_code(&presentation), back.context.store.find_grant(code.id));
    let redeemed = match redemption? {
        Redemption::Redeemed(redeemed) => redeemed,
        Redemption::Refused(record) => {
            return Err(judge_refusal(&record, &presentation));
        }
        Redemption::Gone => return Err(judge_replay(back, request, client, grant?, &presentation).await?),
    };

    // This call won the code. From here on every failure burns it, and none signs.
    let grant = check_grant(grant?)?;
    let user = back.check_user(redeemed.user_id).await?;
    let refresh_token = first_refresh_token(&keys, client.registration(), &grant, code.refresh_seed(), proof.as_ref())?;
    let audience = audience_for(config, &settings, presentation.resources.first(), &redeemed.resources)?;
    let issue = Issue {
        client: client.registration(),
        grant: &grant,
        user: &user,
        scopes: &grant.scopes,
        audience,
        details: details.as_ref().filter(|asked| grant.authorization_details.has_all(asked)).unwrap_or(&grant.authorization_details),
        settings: &settings,
        nonce: redeemed.nonce.as_deref(),
        proof: proof.as_ref(),
        refresh_token,
    };
    issue.respond(back, &keys).await
}

/// A code that may be asked about: malformed and stale ones cost no request to the store.
fn check_code_text(back: &BackChannel, text: &str) -> Result<CodeToken, TokenError> {
    let code: CodeToken = text.parse().map_err(|_| TokenError::Grant(GrantReason::CodeMalformed))?;
    let age = back.context.now().since(code.made_at());
    if (-CLOCK_SKEW..=MAX_AGE).contains(&age) { Ok(code) } else { Err(TokenError::Grant(GrantReason::CodeStale)) }
}

fn read_presentation(
    back: &BackChannel,
    client: &AuthenticatedClient,
    code: &CodeToken,
    params: &Params,
) -> Result<Presentation, TokenError> {
    // RFC 7636 section 4.6: the challenge is computed from the verifier, and the delete's condition compares.
    let code_challenge = params
        .find("code_verifier")
        .map(|text| CodeVerifier::parse(text).map(|verifier| verifier.s256()))
        .transpose()
        .map_err(|_| TokenError::Malformed("code_verifier"))?
        .map(|challenge| challenge.as_str().to_owned());
    Ok(Presentation {
        id: code.id,
        secret_hash: code.secret.hash(),
        client_id: client.id().clone(),
        code_challenge,
        dpop_jkt: None,
        redirect_uri: params.find("redirect_uri").map(str::to_owned),
        resources: read_resources(params)?,
        now: back.context.now(),
    })
}

/// RFC 9396 section 6: no more than was granted. Asked before the code is spent, so that a wrong request does not burn it, and answered to nobody
/// but who has the code: for anybody else the redemption fails, and says nothing of the grant.
async fn check_details(back: &BackChannel, presented: &Presentation, asked: &AuthorizationDetails) -> Result<(), TokenError> {
    let Some(grant) = back.context.store.find_grant(presented.id).await? else { return Ok(()) };
    let is_theirs =
        grant.client_id == presented.client_id && grant.code.as_ref().is_some_and(|code| code.secret_hash == presented.secret_hash);
    if is_theirs && !grant.authorization_details.has_all(asked) { Err(DetailsError::Exceeds.into()) } else { Ok(()) }
}

/// The grant of a code that was just redeemed: active, or revoked by nothing but a replay of this very code, which this call outran.
fn check_grant(grant: Option<Grant>) -> Result<Grant, TokenError> {
    let grant = grant.ok_or(TokenError::Grant(GrantReason::GrantGone))?;
    match grant.status {
        GrantStatus::Active | GrantStatus::Revoked(RevokedBy::CodeReplay) => Ok(grant),
        GrantStatus::Revoked(_) => Err(TokenError::Grant(GrantReason::Revoked)),
    }
}

/// OAuth 2.1 section 7.5.2: a code used twice ends what it began, if the second use was valid in everything else.
async fn judge_replay(
    back: &BackChannel,
    request: &Request,
    client: &AuthenticatedClient,
    grant: Option<Grant>,
    presentation: &Presentation,
) -> Result<TokenError, TokenError> {
    let Some(grant) = grant else { return Ok(TokenError::Grant(GrantReason::CodeGone)) };
    let revoked = back.context.store.revoke_replayed_grant(presentation).await?;
    if revoked {
        back.note_reuse(request, client, grant.user_id).await;
        tracing::warn!(grant_id = %presentation.id, client_id = %presentation.client_id, "a redeemed code was presented again; its grant is revoked");
    }
    Ok(TokenError::Grant(if revoked { GrantReason::CodeReplayed } else { GrantReason::CodeGone }))
}

/// Says in the log which part was wrong; the client only learns that the code is of no use, or, when everything else was right, that it
/// asked for a resource beyond what was granted (RFC 8707 section 2.2).
fn judge_refusal(record: &AuthorizationCode, presented: &Presentation) -> TokenError {
    let wrong: Vec<&str> = [
        ("secret", record.secret_hash != presented.secret_hash),
        ("client", record.client_id != presented.client_id),
        ("time", record.expires_at <= presented.now),
        ("code_verifier", record.code_challenge != presented.code_challenge),
        ("dpop_jkt", record.dpop_jkt.is_some() && record.dpop_jkt != presented.dpop_jkt),
        ("redirect_uri", presented.redirect_uri.as_ref().is_some_and(|uri| *uri != record.redirect_uri)),
        ("resource", presented.resources.iter().any(|asked| !record.resources.contains(asked))),
    ]
    .into_iter()
    .filter_map(|(name, is_wrong)| is_wrong.then_some(name))
    .collect();
    tracing::info!(grant_id = %presented.id, client_id = %presented.client_id, wrong = wrong.join(","), "a code was refused and stays");
    if wrong == ["resource"] { TokenError::InvalidTarget } else { TokenError::Grant(GrantReason::CodeRefused) }
}
