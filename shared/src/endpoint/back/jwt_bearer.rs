//! Assertions as grants (RFC 7523 section 2.1): another issuer, whom the operator trusts, says for whom a client acts.
//!
//! What it yields is a person's token like any other, so that it has a grant like any other: the person and the operator can end it, a lock ends it,
//! and introspection, userinfo and token exchange see that (decision 0013). There is no refresh token and no ID token: the client brings another
//! assertion.

use super::BackChannel;
use super::client_auth::AuthenticatedClient;
use super::dpop::{self, DpopProof};
use super::error::TokenError;
use super::mint::AccessTokenIssue;
use super::target::{asked_scopes, asked_target, check_no_details, narrow};
use crate::context::Timestamp;
use crate::endpoint::client_keys::ClientKeyError;
use crate::endpoint::resources::{find_audience, scopes_for};
use crate::endpoint::{Request, Response};
use crate::jose::verify::{JwsError, UnverifiedJws, VerificationKey, VerifiedClaims};
use crate::model::grant::{Grant, GrantStatus, RefreshState};
use crate::model::secret::SecretHash;
use crate::model::session::Authentication;
use crate::model::settings::{AssertionIssuer, AssertionSubject, Settings};
use crate::model::user::{Login, User, fold_username};
use crate::protocol::claims_request::ClaimsRequest;
use crate::protocol::details::AuthorizationDetails;
use crate::protocol::params::Params;
use crate::protocol::resource::normalize;
use crate::store::{JtiKind, Spent};

/// By how much clocks may differ, in seconds.
const CLOCK_SKEW: i64 = 10;
/// By how much a time that has to be past may lie ahead, in seconds.
const MAX_AHEAD: i64 = 60;
/// The longest life of an assertion from now on, in seconds: so long its `jti` is kept.
const MAX_LIFE: i64 = 3_600;
/// The longest `jti`, in bytes.
const MAX_JTI: usize = 512;
/// The longest `sub`, in bytes (`OpenID` Connect Core section 2).
const MAX_SUBJECT: usize = 255;
/// The type of an assertion that an identity provider issued for one client to use here, which has rules of its own.
const IDENTITY_ASSERTION: &str = "oauth-id-jag+jwt";
/// The types of an assertion (RFC 8725 section 3.11). ID tokens of old have the first as well; their audience gives them away.
const TYPES: [&str; 3] = ["JWT", "authorization-grant+jwt", IDENTITY_ASSERTION];

/// Why an assertion is no grant. The client is told `invalid_grant` (RFC 7521 section 4.1.1) and nothing more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum AssertionGrantError {
    /// It is no JWT that can be read, or a claim has a wrong type.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// It says of itself that it is something else.
    #[error("the typ of something else")]
    Type,
    /// Nobody whom the operator trusts.
    #[error("unknown issuer")]
    Issuer,
    /// The issuer's assertions are not for this client.
    #[error("a client that may not bring assertions of this issuer")]
    Client,
    /// The issuer's keys do not verify it.
    #[error(transparent)]
    Key(ClientKeyError),
    /// A claim is missing or says the wrong thing.
    #[error("claim {0}")]
    Claim(&'static str),
    /// Nobody whom this server knows.
    #[error("unknown subject")]
    Subject,
    /// It was used before.
    #[error("used before")]
    Replayed,
}

/// An assertion that is right in everything, but was perhaps used before.
struct CheckedAssertion<'a> {
    issuer: &'a AssertionIssuer,
    subject: &'a str,
    jti: &'a str,
    /// Until when its `jti` has to be remembered.
    kept_until: Timestamp,
    /// The scopes that it is good for; none when it does not say.
    scopes: Option<Vec<&'a str>>,
    /// The resources that it is good for; empty when it does not say.
    resources: Vec<String>,
}

/// Takes an assertion as a grant, in the order of RFC 7523 section 3. It is spent when everything else is right.
pub(super) async fn exchange(
    back: &BackChannel,
    client: &AuthenticatedClient,
    request: &Request,
    params: &Params,
) -> Result<Response, TokenError> {
    check_no_details(params)?;
    let text = params.find("assertion").ok_or(TokenError::Missing("assertion"))?;
    let settings = back.context.settings().await?;
    let jws = UnverifiedJws::parse(text).map_err(AssertionGrantError::from)?;
    let issuer = find_issuer(back, client, &settings, &jws)?;
    let claims = check_signature(back, issuer, &jws).await?;
    let assertion = check_claims(back, client, issuer, &jws, &claims)?;
    let audience = check_target(back, &settings, params, &assertion)?;
    let scopes = check_scopes(back, client, &settings, params, &assertion, audience)?;
    let keys = back.keys.current(&back.context).await?;
    keys.signing(client.registration().access_token_signed_response_alg)?;
    let user = check_person(back, &assertion).await?;
    let subject = back.subjects.subject_for(client.registration(), &user).await?;
    let proof = dpop::check_proof(back, request, client.registration()).await?;
    spend(back, &assertion).await?;

    // This call won the assertion.
    let grant = make_grant(back, client, &user, &scopes, audience);
    back.context.store.create_grant(&grant).await?;
    tracing::info!(grant_id = %grant.id, client_id = %client.id(), user_id = %user.id, issuer = issuer.issuer, "an assertion was taken as a grant");
    let token = AccessTokenIssue {
        client: client.registration(),
        subject: &subject.0,
        audience,
        scopes: &scopes,
        authorization_details: None,
        grant: Some(&grant),
        dpop_jkt: proof.as_ref().map(DpopProof::jkt),
        actor: None,
        lifetime: back.context.config.lifetimes.token,
    };
    token.respond(&back.context, &keys, None)
}

/// The issuer that the assertion names, if the operator lets this client bring its assertions. What we sign ourselves is never one.
fn find_issuer<'s>(
    back: &BackChannel,
    client: &AuthenticatedClient,
    settings: &'s Settings,
    jws: &UnverifiedJws<'_>,
) -> Result<&'s AssertionIssuer, AssertionGrantError> {
    if jws.typ().is_some() && !TYPES.iter().any(|typ| jws.has_typ(typ)) {
        return Err(AssertionGrantError::Type);
    }
    let claims = jws.unverified_claims()?;
    let named = claims.text("iss")?.ok_or(AssertionGrantError::Claim("iss"))?;
    let found = settings.assertion_issuers.iter().find(|one| one.issuer == named);
    let issuer = found.filter(|one| one.issuer != back.context.config.issuer.as_str()).ok_or(AssertionGrantError::Issuer)?;
    let may_bring = issuer.clients.iter().any(|id| id == client.id().as_str());
    if may_bring { Ok(issuer) } else { Err(AssertionGrantError::Client) }
}

/// RFC 7523 section 3, check 9. Keys that can't be had say nothing about the assertion.
async fn check_signature(back: &BackChannel, issuer: &AssertionIssuer, jws: &UnverifiedJws<'_>) -> Result<VerifiedClaims, TokenError> {
    let verified = match (&issuer.jwks, &issuer.jwks_uri) {
        (Some(set), _) => {
            let keys = VerificationKey::from_jwks(set.to_string().as_bytes()).map_err(AssertionGrantError::from)?;
            jws.check_signature(&keys).map_err(|_| ClientKeyError::Signature)
        }
        (None, Some(uri)) => back.client_keys.verify_at(&back.context, uri, jws).await,
        (None, None) => Err(ClientKeyError::NoKeys),
    };
    verified.map_err(|error| match error {
        ClientKeyError::Fetch(error) => {
            tracing::warn!(issuer = issuer.issuer, %error, "the keys of an assertion issuer can't be read");
            TokenError::Keys("the keys of an assertion issuer can't be read")
        }
        other => AssertionGrantError::Key(other).into(),
    })
}

/// RFC 7523 section 3, checks 1 to 8.
fn check_claims<'c>(
    back: &BackChannel,
    client: &AuthenticatedClient,
    issuer: &'c AssertionIssuer,
    jws: &UnverifiedJws<'_>,
    claims: &'c VerifiedClaims,
) -> Result<CheckedAssertion<'c>, AssertionGrantError> {
    use AssertionGrantError::Claim;
    let subject = claims.text("sub")?.filter(|sub| (1..=MAX_SUBJECT).contains(&sub.len())).ok_or(Claim("sub"))?;
    let us = &back.context.config.issuer;
    let is_for_one_client = jws.has_typ(IDENTITY_ASSERTION);
    let is_for_us = claims.is_for(us.as_str()) || (!is_for_one_client && claims.is_for(&us.url("/token")));
    if !is_for_us {
        return Err(Claim("aud"));
    }
    let expires_at = check_times(claims, back.context.now())?;
    let jti = claims.text("jti")?.filter(|jti| (1..=MAX_JTI).contains(&jti.len())).ok_or(Claim("jti"))?;
    // Made for one client, it is of no use to another.
    match claims.text("client_id")? {
        Some(named) if named != client.id().as_str() => return Err(Claim("client_id")),
        None if is_for_one_client => return Err(Claim("client_id")),
        _ => {}
    }
    let scopes = claims.text("scope")?.map(|text| text.split(' ').filter(|scope| !scope.is_empty()).collect());
    let kept_until = expires_at.plus(CLOCK_SKEW + MAX_AHEAD);
    Ok(CheckedAssertion { issuer, subject, jti, kept_until, scopes, resources: read_resources(claims)? })
}

fn check_times(claims: &VerifiedClaims, now: Timestamp) -> Result<Timestamp, AssertionGrantError> {
    let expires_at = claims.time("exp")?.ok_or(AssertionGrantError::Claim("exp"))?;
    if expires_at.plus(CLOCK_SKEW) <= now || expires_at > now.plus(MAX_LIFE) {
        return Err(AssertionGrantError::Claim("exp"));
    }
    for name in ["nbf", "iat"] {
        if claims.time(name)?.is_some_and(|time| time > now.plus(MAX_AHEAD)) {
            return Err(AssertionGrantError::Claim(name));
        }
    }
    Ok(expires_at)
}

/// The claim `resource`, a text or a list of texts.
fn read_resources(claims: &VerifiedClaims) -> Result<Vec<String>, AssertionGrantError> {
    let resources = match claims.as_map().get("resource") {
        None => Vec::new(),
        Some(one) if one.is_string() => claims.text("resource")?.into_iter().map(normalize).collect(),
        Some(_) => claims.texts("resource")?.unwrap_or_default().into_iter().map(normalize).collect(),
    };
    Ok(resources)
}

/// The audience: what was asked for, within what the assertion is good for; else the first that it is good for, or the default.
fn check_target<'a>(
    back: &'a BackChannel,
    settings: &'a Settings,
    params: &Params,
    assertion: &CheckedAssertion<'_>,
) -> Result<&'a str, TokenError> {
    let config = &back.context.config;
    let asked = asked_target(params)?;
    if asked.as_ref().is_some_and(|asked| !assertion.resources.is_empty() && !assertion.resources.contains(asked)) {
        return Err(TokenError::InvalidTarget);
    }
    let target = asked.as_ref().or(assertion.resources.first()).unwrap_or(&config.default_audience);
    find_audience(config, settings, target).ok_or(TokenError::InvalidTarget)
}

/// The scopes that issuer, assertion and client all have, and that stand in tokens for the audience.
fn check_scopes(
    back: &BackChannel,
    client: &AuthenticatedClient,
    settings: &Settings,
    params: &Params,
    assertion: &CheckedAssertion<'_>,
    audience: &str,
) -> Result<Vec<String>, TokenError> {
    let mut allowed = scopes_for(&back.context.config, settings, audience, &assertion.issuer.scopes);
    let is_asserted = |scope: &str| assertion.scopes.as_ref().is_none_or(|list| list.contains(&scope));
    allowed.retain(|scope| scope != "offline_access" && is_asserted(scope) && client.registration().may_ask_for(scope, settings));
    narrow(allowed, asked_scopes(params)?)
}

/// The person whom the issuer means: one whom this server knows already, and who is not locked.
async fn check_person(back: &BackChannel, assertion: &CheckedAssertion<'_>) -> Result<User, TokenError> {
    let subject = assertion.subject;
    let login = match assertion.issuer.subject {
        AssertionSubject::Site => Login::Site(subject.to_owned()),
        AssertionSubject::Username => Login::Local(fold_username(subject)),
    };
    let id = back.context.store.find_login(&login).await?.ok_or(AssertionGrantError::Subject)?;
    back.check_user(id).await
}

/// Spends the assertion (RFC 7523 section 3, check 7) by one conditional write. The space keeps issuers apart from the clients that sign
/// assertions of their own: no `client_id` has one.
async fn spend(back: &BackChannel, assertion: &CheckedAssertion<'_>) -> Result<(), TokenError> {
    let source = format!("grant {}", assertion.issuer.issuer);
    match back.context.store.spend_jti(JtiKind::Assertion, &source, assertion.jti, assertion.kept_until).await? {
        Spent::First => Ok(()),
        Spent::Replayed => Err(AssertionGrantError::Replayed.into()),
    }
}

/// The grant behind the token. It ends with it: there is nothing to refresh.
fn make_grant(back: &BackChannel, client: &AuthenticatedClient, user: &User, scopes: &[String], audience: &str) -> Grant {
    let context = &back.context;
    let (id, now) = (context.ulid(), context.now());
    let end = now.plus(context.config.lifetimes.token);
    Grant {
        id,
        status: GrantStatus::Active,
        user_id: user.id,
        client_id: client.id().clone(),
        scopes: scopes.to_vec(),
        claims: ClaimsRequest::default(),
        authorization_details: AuthorizationDetails::default(),
        resources: vec![normalize(audience)],
        // There is no session here. Its own id is that of none.
        session_id: id,
        authentication: Authentication { auth_time: Timestamp::default(), acr: None, amr: Vec::new() },
        offline: false,
        code: None,
        refresh: RefreshState {
            generation: 0,
            // Of a secret that nobody has.
            seed_hash: SecretHash::of(&context.random_bytes::<32>()),
            current_kid: None,
            idle_at: end,
            absolute_at: end,
            rotated_at: [Timestamp::default(); 3],
            rotation_id: None,
        },
        created_at: now,
    }
}
