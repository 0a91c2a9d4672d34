//! Signed request objects (RFC 9101): what a client says in one is believed once its own key proved to have signed it.

use crate::context::{Context, Timestamp};
use crate::endpoint::client_keys::{ClientKeyError, ClientKeys};
use crate::jose::verify::{JwsError, UnverifiedJws, VerifiedClaims, canonical_alg};
use crate::model::client::Client;
use crate::model::registration::CLIENT_SIGNING_ALGS;
use crate::protocol::params::Params;
use crate::protocol::request_object::{RequestObjectError, parameters_of};

/// By how much clocks may differ, in seconds.
const CLOCK_SKEW: i64 = 10;
/// How long people may take who presented an object in time, in seconds.
const PATIENCE: i64 = 600;
/// The longest life of an object of a client under FAPI 2.0, and the oldest `nbf`, in seconds (FAPI 2.0 Message Signing section 5.3.1).
const FAPI_LIFE: i64 = 3_600;

/// Why a request object is not believed. For the log; the client is told `invalid_request_object`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::endpoint) enum ObjectError {
    /// It is no JWS that can be read.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// It is a JWT made for another purpose.
    #[error("its typ is not oauth-authz-req+jwt")]
    Type,
    /// Its algorithm is not one that the client may use.
    #[error("its algorithm is not the client's")]
    Algorithm,
    /// The client's keys can't be had, or none fits.
    #[error(transparent)]
    Key(#[from] ClientKeyError),
    /// A claim is missing or says the wrong thing.
    #[error("its claim {0}")]
    Claim(&'static str),
    /// It has expired.
    #[error("it has expired")]
    Expired,
    /// What it asks for can't be read.
    #[error(transparent)]
    Parameters(#[from] RequestObjectError),
}

/// A request object that the client signed.
#[derive(Debug)]
pub(in crate::endpoint) struct RequestObject {
    /// What it asks for: nothing outside counts (RFC 9101 section 6.3).
    pub(in crate::endpoint) params: Params,
    /// It expired a moment ago: good enough only for going on with what was begun in time.
    pub(in crate::endpoint) is_late: bool,
}

/// Verifies and reads the request object `text` of `client`, in the order of RFC 9101 section 6.
pub(in crate::endpoint) async fn read_object(
    context: &Context,
    keys: &ClientKeys,
    client: &Client,
    text: &str,
) -> Result<RequestObject, ObjectError> {
    let jws = UnverifiedJws::parse(text)?;
    // RFC 9101 section 10.8: an explicit type keeps other JWTs of the client out. Libraries older than it send `JWT` or none.
    if !(jws.typ().is_none() || jws.has_typ("oauth-authz-req+jwt") || jws.has_typ("JWT")) {
        return Err(ObjectError::Type);
    }
    check_alg(client, jws.alg())?;
    let claims = keys.verify(context, client, &jws).await?;
    check_parties(context, client, &claims)?;
    let is_late = check_times(client, &claims, context.now())?;
    Ok(RequestObject { params: parameters_of(claims.as_map())?, is_late })
}

/// RFC 9101 section 6.2: the client's registered algorithm, or any that has a public key. `none` and shared secrets are not among them.
fn check_alg(client: &Client, alg: &str) -> Result<(), ObjectError> {
    let registered = client.request_object_signing_alg.as_deref();
    let fits = registered.is_none_or(|one| canonical_alg(one) == alg)
        && CLIENT_SIGNING_ALGS.contains(&alg)
        && !(client.is_fapi2() && alg == "RS256");
    if fits { Ok(()) } else { Err(ObjectError::Algorithm) }
}

/// RFC 9101 sections 4 and 6.3: from this client, for this server, and the same client inside as outside. Section 10.8: with the client as `sub` it
/// could be a client assertion, and must be no request.
fn check_parties(context: &Context, client: &Client, claims: &VerifiedClaims) -> Result<(), ObjectError> {
    let id = client.client_id.as_str();
    if claims.text("iss")? != Some(id) {
        return Err(ObjectError::Claim("iss"));
    }
    if !claims.is_for(context.config.issuer.as_str()) {
        return Err(ObjectError::Claim("aud"));
    }
    if claims.text("client_id")? != Some(id) {
        return Err(ObjectError::Claim("client_id"));
    }
    if claims.text("sub")? == Some(id) {
        return Err(ObjectError::Claim("sub"));
    }
    Ok(())
}

/// Whether the object expired a moment ago. Both times must be there, and close together, for a client under FAPI 2.0.
fn check_times(client: &Client, claims: &VerifiedClaims, now: Timestamp) -> Result<bool, ObjectError> {
    let (expires_at, begins_at) = (claims.time("exp")?, claims.time("nbf")?);
    let is_future = |time: Timestamp| time > now.plus(CLOCK_SKEW);
    if begins_at.is_some_and(is_future) || claims.time("iat")?.is_some_and(is_future) {
        return Err(ObjectError::Claim("nbf"));
    }
    if client.is_fapi2() {
        let begins_at = begins_at.ok_or(ObjectError::Claim("nbf"))?;
        if now.since(begins_at) > FAPI_LIFE {
            return Err(ObjectError::Claim("nbf"));
        }
        if expires_at.ok_or(ObjectError::Claim("exp"))?.since(begins_at) > FAPI_LIFE {
            return Err(ObjectError::Claim("exp"));
        }
    }
    match expires_at.map(|end| now.since(end.plus(CLOCK_SKEW))) {
        Some(late) if late >= PATIENCE => Err(ObjectError::Expired),
        Some(late) => Ok(late >= 0),
        None => Ok(false),
    }
}
