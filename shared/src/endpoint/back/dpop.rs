//! DPoP at our endpoints (RFC 9449): a proof of possession beside a request, good once, and the nonces that date it.

use http::{HeaderName, StatusCode};

use super::BackChannel;
use super::error::TokenError;
use crate::context::Timestamp;
use crate::endpoint::{Request, Response};
use crate::jose::dpop::{ProofError, ProofTarget, VerifiedProof};
use crate::jose::verify::UnverifiedJws;
use crate::model::client::{Client, SigningAlg};
use crate::store::{JtiKind, Spent};

/// The header field of a proof.
pub(super) const DPOP: HeaderName = HeaderName::from_static("dpop");
/// The header field of a nonce for the next proof.
pub(super) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The proof that a request comes from who holds a key: right in everything, and spent.
#[derive(Debug)]
pub(super) struct DpopProof {
    jkt: String,
}

impl DpopProof {
    /// The thumbprint of the key.
    #[must_use]
    pub(super) fn jkt(&self) -> &str {
        &self.jkt
    }
}

/// A proof that is right in everything, but was perhaps used before.
#[derive(Debug)]
pub(super) struct UnspentProof {
    proof: VerifiedProof,
    /// Until when it would be taken again if nobody remembered it.
    kept_until: Timestamp,
}

impl UnspentProof {
    /// The thumbprint of its key. Good for finding out early that it is the wrong one.
    #[must_use]
    pub(super) fn jkt(&self) -> &str {
        &self.proof.jkt
    }

    /// Spends it by one conditional write (RFC 9449 section 11.1), after everything else that can be checked, and before anything is done for it.
    ///
    /// # Errors
    /// When it was spent before, or the store failed.
    pub(super) async fn spend(self, back: &BackChannel) -> Result<DpopProof, TokenError> {
        let VerifiedProof { jkt, jti, .. } = self.proof;
        match back.context.store.spend_jti(JtiKind::Dpop, &jkt, &jti, self.kept_until).await? {
            Spent::First => Ok(DpopProof { jkt }),
            Spent::Replayed => Err(ProofError::Replayed.into()),
        }
    }
}

/// Spends the proof of a request, if it has one.
///
/// # Errors
/// As [`UnspentProof::spend`].
pub(super) async fn spend(back: &BackChannel, proof: Option<UnspentProof>) -> Result<Option<DpopProof>, TokenError> {
    match proof {
        Some(proof) => proof.spend(back).await.map(Some),
        None => Ok(None),
    }
}

/// The proof beside a request of `client`, checked and spent: for whoever has nothing else to check before.
///
/// # Errors
/// As [`find_proof`] and [`UnspentProof::spend`].
pub(super) async fn check_proof(back: &BackChannel, request: &Request, client: &Client) -> Result<Option<DpopProof>, TokenError> {
    spend(back, find_proof(back, request, client).await?).await
}

/// The proof beside a request of `client`, checked in everything but whether it was used before. None where there is none and none is needed.
///
/// # Errors
/// When it is wrong or lacks a nonce, or the client must send one and did not (RFC 9449 section 5.2).
pub(super) async fn find_proof(back: &BackChannel, request: &Request, client: &Client) -> Result<Option<UnspentProof>, TokenError> {
    let Some(proof) = find_any_proof(back, request, None).await? else {
        return if client.must_bind() { Err(TokenError::ProofMissing) } else { Ok(None) };
    };
    // FAPI 2.0 Security Profile section 5.4.1: no RS256.
    if client.is_fapi2() && proof.proof.alg == SigningAlg::RS256.as_str() {
        return Err(ProofError::Algorithm.into());
    }
    Ok(Some(proof))
}

/// The proof beside a request, whoever sent it, for `access_token` if there is one.
///
/// # Errors
/// When it is wrong or lacks a nonce.
pub(super) async fn find_any_proof(
    back: &BackChannel,
    request: &Request,
    access_token: Option<&str>,
) -> Result<Option<UnspentProof>, TokenError> {
    if !request.headers.contains_key(DPOP) {
        return Ok(None);
    }
    let header = request.header(&DPOP).ok_or(ProofError::NotOne)?;
    let url = back.context.config.issuer.url(&request.path);
    let target = ProofTarget { method: request.method.as_str(), url: &url, access_token };
    let proof = VerifiedProof::verify(header, &target)?;
    let kept_until = check_age(back, &proof).await?;
    Ok(Some(UnspentProof { proof, kept_until }))
}

/// RFC 9449 section 4.3, checks 10 and 11: a nonce of ours dates the proof, and otherwise its `iat` does. A nonce that does not count, or none
/// where the operator requires one, is answered with one that does; so a client that brings an old one along is put right by itself. Answers
/// until when the proof has to be remembered.
async fn check_age(back: &BackChannel, proof: &VerifiedProof) -> Result<Timestamp, TokenError> {
    let now = back.context.now();
    let Some(nonce) = &proof.nonce else {
        if back.context.settings().await?.dpop.require_nonce {
            return Err(TokenError::UseDpopNonce(current_nonce(back).await?));
        }
        return Ok(proof.check_time(now)?);
    };
    let keys = back.keys.current(&back.context).await?;
    match keys.nonces().find_map(|key| key.check(nonce, now)) {
        Some(kept_until) => Ok(kept_until),
        None => Err(TokenError::UseDpopNonce(current_nonce(back).await?)),
    }
}

async fn current_nonce(back: &BackChannel) -> Result<String, TokenError> {
    let keys = back.keys.current(&back.context).await?;
    Ok(keys.active_nonce()?.current(back.context.now()))
}

/// `response` with the nonce for the next proof (RFC 9449 section 8.2), where nonces are required or the client uses them: one that comes with
/// the answer saves it from being refused later. Only an answer to a request with a proof has one.
pub(super) async fn with_next_nonce(back: &BackChannel, request: &Request, response: Response) -> Response {
    let is_pointless = response.headers.contains_key(DPOP_NONCE) || response.status == StatusCode::SERVICE_UNAVAILABLE;
    let Some(header) = request.header(&DPOP).filter(|_| !is_pointless) else { return response };
    let uses_nonces = || {
        let claims = UnverifiedJws::parse(header).and_then(|jws| jws.unverified_claims());
        claims.is_ok_and(|claims| claims.as_map().contains_key("nonce"))
    };
    let is_required = back.context.settings().await.is_ok_and(|settings| settings.dpop.require_nonce);
    if !is_required && !uses_nonces() {
        return response;
    }
    match current_nonce(back).await {
        Ok(nonce) => response.with(DPOP_NONCE, &nonce),
        Err(error) => {
            tracing::warn!(%error, "no nonce for the next proof");
            response
        }
    }
}
