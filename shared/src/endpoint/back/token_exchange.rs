//! Token exchange (RFC 8693): an access token of ours for another one, for another resource, with fewer scopes, or both; never for more, and never
//! for longer. Who may exchange which token for which resource is decision 0013.

use serde_json::{Value, json};

use super::BackChannel;
use super::backing::find_backing;
use super::bearer::{self, AccessToken};
use super::client_auth::AuthenticatedClient;
use super::dpop::{self, UnspentProof};
use super::error::TokenError;
use super::mint::AccessTokenIssue;
use super::target::{asked_scopes, asked_target, check_no_details, narrow};
use crate::endpoint::resources::{find_audience, scopes_for};
use crate::endpoint::{Request, Response};
use crate::model::client::ClientId;
use crate::model::grant::Grant;
use crate::model::settings::Settings;
use crate::protocol::params::Params;
use crate::protocol::resource::normalize;

/// The one type of token that is taken and issued (RFC 8693 section 3).
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// The most parties that act for a subject, one for the other.
const MAX_ACTORS: usize = 4;

/// Why a token is not exchanged. The client is told `invalid_request` (RFC 8693 section 2.2.2) and which parameter it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ExchangeError {
    /// A type other than an access token's.
    #[error("the {0} is not supported")]
    Type(&'static str),
    /// Not an access token of ours that counts at this moment.
    #[error("the {0} is no access token that counts")]
    Token(&'static str),
    /// The client has no business with the subject token.
    #[error("the subject_token was issued neither to the client nor for a resource of its own")]
    Foreign,
    /// The actor token is another client's.
    #[error("the actor_token was not issued to the client")]
    ForeignActor,
    /// An actor token for which somebody else acts in turn.
    #[error("the actor_token has an actor of its own")]
    ActedActor,
    /// A type of actor token without the token.
    #[error("actor_token_type without actor_token")]
    LooseActorType,
    /// The token is bound to a key that was not proven (RFC 9449 section 5).
    #[error("the {0} is bound to a key that was not proven")]
    KeyUnproven(&'static str),
    /// Too many act for the subject already.
    #[error("more than {MAX_ACTORS} parties act for one another")]
    TooManyActors,
}

/// An access token that counts at this moment, and the grant behind it; none where a client acts in its own name.
struct LiveToken {
    token: AccessToken,
    grant: Option<Grant>,
}

impl LiveToken {
    /// The access token in the parameter `name`: signed here, not expired, not revoked, and nothing behind it has ended.
    async fn find(back: &BackChannel, text: &str, name: &'static str) -> Result<Self, TokenError> {
        let token = bearer::verify(back, text).await?.ok_or(ExchangeError::Token(name))?;
        let backing = Box::pin(find_backing(back, &token)).await?.ok_or(ExchangeError::Token(name))?;
        Ok(Self { token, grant: backing.grant })
    }
}

/// Exchanges a token, in the order of RFC 8693 section 2.1. Nothing is written but a spent DPoP proof.
pub(super) async fn exchange(
    back: &BackChannel,
    client: &AuthenticatedClient,
    request: &Request,
    params: &Params,
) -> Result<Response, TokenError> {
    check_type(params, "requested_token_type")?;
    check_no_details(params)?;
    let settings = back.context.settings().await?;
    let proof = dpop::find_proof(back, request, client.registration()).await?;
    let subject = check_subject(back, client, &settings, params, proof.as_ref()).await?;
    let actor = check_actor(back, client, params, proof.as_ref()).await?;
    let act = chain_actors(client, &subject.token, actor.as_ref().map(|actor| &actor.token))?;
    let audience = check_target(back, client, &settings, params, &subject)?;
    let scopes = check_scopes(back, client, &settings, params, &subject.token, audience)?;
    let keys = back.keys.current(&back.context).await?;
    keys.signing(client.registration().access_token_signed_response_alg)?;
    let proof = dpop::spend(back, proof).await?;
    let token = AccessTokenIssue {
        client: client.registration(),
        // Verbatim: a pairwise subject stays the one that the token's resources know.
        subject: &subject.token.subject,
        audience,
        scopes: &scopes,
        authorization_details: None,
        grant: subject.grant.as_ref(),
        dpop_jkt: proof.as_ref().map(dpop::DpopProof::jkt),
        actor: act.as_ref(),
        lifetime: lifetime(back, &subject, actor.as_ref()),
    };
    tracing::info!(client_id = %client.id(), issued_to = %subject.token.client_id, audience, "token exchanged");
    token.respond(&back.context, &keys, Some(ACCESS_TOKEN))
}

/// RFC 8693 section 3: access tokens, for access tokens. Whether the parameter must be there is for the caller to say.
fn check_type(params: &Params, name: &'static str) -> Result<(), ExchangeError> {
    if params.find(name).is_none_or(|given| given == ACCESS_TOKEN) { Ok(()) } else { Err(ExchangeError::Type(name)) }
}

async fn check_subject(
    back: &BackChannel,
    client: &AuthenticatedClient,
    settings: &Settings,
    params: &Params,
    proof: Option<&UnspentProof>,
) -> Result<LiveToken, TokenError> {
    const NAME: &str = "subject_token";
    let text = params.find(NAME).ok_or(TokenError::Missing(NAME))?;
    params.find("subject_token_type").ok_or(TokenError::Missing("subject_token_type"))?;
    check_type(params, "subject_token_type")?;
    let live = LiveToken::find(back, text, NAME).await?;
    check_source(client, settings, &live.token)?;
    check_key(&live.token, proof, NAME)?;
    Ok(live)
}

/// The actor, if the client names one: by a token that was issued to itself (RFC 8693 section 2.1).
async fn check_actor(
    back: &BackChannel,
    client: &AuthenticatedClient,
    params: &Params,
    proof: Option<&UnspentProof>,
) -> Result<Option<LiveToken>, TokenError> {
    const NAME: &str = "actor_token";
    let text = match (params.find(NAME), params.find("actor_token_type")) {
        (None, None) => return Ok(None),
        (None, Some(_)) => return Err(ExchangeError::LooseActorType.into()),
        (Some(_), None) => return Err(TokenError::Missing("actor_token_type")),
        (Some(text), Some(_)) => text,
    };
    check_type(params, "actor_token_type")?;
    let live = LiveToken::find(back, text, NAME).await?;
    if live.token.client_id != *client.id() {
        return Err(ExchangeError::ForeignActor.into());
    }
    if live.token.actor().is_some() {
        return Err(ExchangeError::ActedActor.into());
    }
    check_key(&live.token, proof, NAME)?;
    Ok(Some(live))
}

/// A client exchanges what was issued to it, and what was sent to a resource that it is. Whoever found somebody else's token can do nothing with
/// it here (decision 0013).
fn check_source(client: &AuthenticatedClient, settings: &Settings, token: &AccessToken) -> Result<(), ExchangeError> {
    let is_own = token.client_id == *client.id();
    let resource = settings.find_resource(token.audience());
    let is_its_resource = resource.is_some_and(|one| one.introspected_by.iter().any(|id| id == client.id().as_str()));
    if is_own || is_its_resource { Ok(()) } else { Err(ExchangeError::Foreign) }
}

/// RFC 9449 section 5: a bound token is of no use without its key, here as everywhere.
fn check_key(token: &AccessToken, proof: Option<&UnspentProof>, name: &'static str) -> Result<(), ExchangeError> {
    match &token.dpop_jkt {
        Some(bound) if proof.map(UnspentProof::jkt) != Some(bound) => Err(ExchangeError::KeyUnproven(name)),
        _ => Ok(()),
    }
}

/// RFC 8693 section 4.1: who acts now stands outside, who acted before inside. Whoever exchanges a token of another client acts for its subject,
/// whether they say so or not, so that no exchange makes the one who made it invisible.
fn chain_actors(client: &AuthenticatedClient, subject: &AccessToken, actor: Option<&AccessToken>) -> Result<Option<Value>, ExchangeError> {
    let before = subject.actor();
    let by = match actor {
        Some(actor) => actor.subject.clone(),
        None if subject.client_id != *client.id() => client.id().subject(),
        None => return Ok(before.cloned()),
    };
    let act = match before {
        Some(before) if before.get("sub").and_then(Value::as_str) == Some(&by) => before.clone(),
        Some(before) => json!({"sub": by, "act": before}),
        None => json!({"sub": by}),
    };
    let depth = std::iter::successors(Some(&act), |one| one.get("act")).take(MAX_ACTORS + 1).count();
    if depth > MAX_ACTORS { Err(ExchangeError::TooManyActors) } else { Ok(Some(act)) }
}

/// The resource that the new token is for: the old one's when none is named. Another one must stand in the person's permission to this very
/// client, or list the client as one that may exchange tokens for it (decision 0013).
fn check_target<'a>(
    back: &'a BackChannel,
    client: &AuthenticatedClient,
    settings: &'a Settings,
    params: &Params,
    subject: &LiveToken,
) -> Result<&'a str, TokenError> {
    let asked = asked_target(params)?;
    let asked = asked.as_deref().unwrap_or(subject.token.audience());
    let audience = find_audience(&back.context.config, settings, asked).ok_or(TokenError::InvalidTarget)?;
    let is = |one: &str| normalize(one) == normalize(audience);
    let is_own = |id: &ClientId| id == client.id();
    let is_the_same = is(subject.token.audience());
    let was_granted = is_own(&subject.token.client_id)
        && subject.grant.as_ref().is_some_and(|grant| is_own(&grant.client_id) && grant.resources.iter().any(|one| is(one)));
    let resource = settings.find_resource(audience);
    let is_allowed = resource.is_some_and(|one| one.exchanged_by.iter().any(|id| id == client.id().as_str()));
    if is_the_same || was_granted || is_allowed { Ok(audience) } else { Err(TokenError::InvalidTarget) }
}

/// The scopes of the old token or fewer: those that the client may have, and that stand in tokens for the resource. There is no refresh token, so
/// that `offline_access` means nothing.
fn check_scopes(
    back: &BackChannel,
    client: &AuthenticatedClient,
    settings: &Settings,
    params: &Params,
    subject: &AccessToken,
    audience: &str,
) -> Result<Vec<String>, TokenError> {
    let mut allowed = scopes_for(&back.context.config, settings, audience, &subject.scopes);
    allowed.retain(|scope| scope != "offline_access" && client.registration().may_ask_for(scope, settings));
    narrow(allowed, asked_scopes(params)?)
}

/// Never longer than what it was exchanged for.
fn lifetime(back: &BackChannel, subject: &LiveToken, actor: Option<&LiveToken>) -> i64 {
    let now = back.context.now();
    let tokens = [Some(subject), actor].into_iter().flatten();
    let ends = tokens.flat_map(|live| [Some(live.token.expires_at), live.grant.as_ref().map(|grant| grant.refresh.absolute_at)]);
    ends.flatten().map(|end| end.since(now)).fold(back.context.config.lifetimes.token, i64::min)
}
