//! Access tokens that come back to us (RFC 6750 section 2, RFC 9068 section 4, RFC 9449 section 7).

use http::header::AUTHORIZATION;
use serde_json::Value;
use ulid::Ulid;

use super::BackChannel;
use super::error::TokenError;
use crate::context::Timestamp;
use crate::endpoint::Request;
use crate::jose::verify::{UnverifiedJws, VerifiedClaims};
use crate::model::client::ClientId;
use crate::model::code::parse_ulid;

/// An access token that we signed and that has not expired. Whether its grant still holds is another question.
#[derive(Debug)]
pub(super) struct AccessToken {
    pub(super) jti: String,
    /// The grant behind it; none where the client acts in its own name.
    pub(super) grant_id: Option<Ulid>,
    pub(super) client_id: ClientId,
    pub(super) subject: String,
    pub(super) scopes: Vec<String>,
    /// The thumbprint of the DPoP key that it is bound to (RFC 9449 section 6.1).
    pub(super) dpop_jkt: Option<String>,
    pub(super) expires_at: Timestamp,
    /// Everything that it says.
    pub(super) claims: VerifiedClaims,
}

impl AccessToken {
    /// The one resource that it is for.
    #[must_use]
    pub(super) fn audience(&self) -> &str {
        self.claims.text("aud").ok().flatten().unwrap_or_default()
    }

    /// Who acts for the subject (RFC 8693 section 4.1).
    #[must_use]
    pub(super) fn actor(&self) -> Option<&Value> {
        self.claims.as_map().get("act")
    }
}

/// Verifies `text` as an access token of ours. `None` is anything else: forged, expired, an ID token, another issuer's.
///
/// # Errors
/// When keys can't be read.
pub(super) async fn verify(back: &BackChannel, text: &str) -> Result<Option<AccessToken>, TokenError> {
    let Ok(jws) = UnverifiedJws::parse(text) else { return Ok(None) };
    // RFC 9068 section 4: an ID token, or any other JWT of ours, is no access token.
    if !jws.has_typ("at+jwt") {
        return Ok(None);
    }
    let Some(kid) = jws.kid() else { return Ok(None) };
    let keys = back.keys.current_with(&back.context, kid).await?;
    let Ok(claims) = jws.check_signature(keys.verification()) else { return Ok(None) };
    let now = back.context.now();
    Ok(read_claims(claims, back.context.config.issuer.as_str()).filter(|token| now < token.expires_at))
}

fn read_claims(claims: VerifiedClaims, issuer: &str) -> Option<AccessToken> {
    let text = |name| claims.text(name).ok().flatten();
    if text("iss")? != issuer {
        return None;
    }
    Some(AccessToken {
        jti: text("jti")?.to_owned(),
        grant_id: match text("grant_id") {
            Some(id) => Some(parse_ulid(id)?),
            None => None,
        },
        client_id: ClientId::parse(text("client_id")?).ok()?,
        subject: text("sub")?.to_owned(),
        scopes: text("scope").unwrap_or_default().split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect(),
        // A confirmation that can't be read is none that can be left out.
        dpop_jkt: match claims.as_map().get("cnf") {
            Some(cnf) => Some(cnf.get("jkt")?.as_str()?.to_owned()),
            None => None,
        },
        expires_at: claims.time("exp").ok().flatten()?,
        claims,
    })
}

/// The schemes by which an access token may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// By itself (RFC 6750 section 2).
    Bearer,
    /// With a proof of the key that it is bound to (RFC 9449 section 7.1).
    Dpop,
}

/// The token in `Authorization: Bearer` or `Authorization: DPoP`, if that is what the header has.
pub(super) fn from_header(request: &Request) -> Option<(Scheme, &str)> {
    let (name, token) = request.header(&AUTHORIZATION)?.split_once(' ')?;
    let fits = !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic() && b != b',');
    let scheme = [("bearer", Scheme::Bearer), ("dpop", Scheme::Dpop)].into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
    scheme.filter(|_| fits).map(|(_, scheme)| (scheme, token))
}
