//! DPoP proofs (RFC 9449 section 4): a client shows, for one request, that it holds a private key.
//!
//! Everything that a proof says by itself is checked here. Whether its nonce is ours and whether it was used before is for the endpoint to find out.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use url::Url;

use super::jwk::thumbprint;
use super::verify::{JwsError, UnverifiedJws, VerificationKey, VerifiedClaims};
use crate::context::Timestamp;
use crate::model::client::SigningAlg;

/// The longest proof that is read, in bytes: one with an RSA key of 8192 bits fits, and API Gateway lets 10,240 bytes of headers through.
const MAX_LENGTH: usize = 6 * 1024;
/// The longest `jti`, in bytes.
const MAX_JTI: usize = 256;
/// The oldest proof that is taken, in seconds (RFC 9449 section 11.1: seconds or minutes).
const MAX_AGE: i64 = 300;
/// By how much the client's clock may be ahead, in seconds.
const MAX_AHEAD: i64 = 60;
/// By how much the clocks of two of our own instances may differ, in seconds: so much longer a `jti` is kept.
pub(super) const OWN_SKEW: i64 = 60;
/// The members of private and symmetric keys (RFC 7518 sections 6.2.2, 6.3.2 and 6.4, RFC 8037 section 2).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The request that a proof must be for.
#[derive(Clone, Copy, Debug)]
pub struct ProofTarget<'a> {
    /// The method.
    pub method: &'a str,
    /// The URL of the endpoint by our own configuration; what the request says of the host is never asked.
    pub url: &'a str,
    /// The access token beside it, at a protected resource.
    pub access_token: Option<&'a str>,
}

/// A proof that is right in everything but time, nonce and single use.
#[derive(Clone, Debug)]
pub struct VerifiedProof {
    /// The SHA-256 thumbprint of its key (RFC 7638).
    pub jkt: String,
    /// By what it is known when it comes again.
    pub jti: String,
    /// When the client says that it was made.
    pub iat: Timestamp,
    /// The server's nonce in it.
    pub nonce: Option<String>,
    /// Its algorithm.
    pub alg: &'static str,
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is more than one header field, or a list in one.
    #[error("there must be exactly one DPoP header field with one proof")]
    NotOne,
    /// It is longer than any honest one.
    #[error("it is too long")]
    TooLong,
    /// It is no JWT that can be read, or its signature is not by the key in it.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// Its type is not `dpop+jwt`.
    #[error("typ must be dpop+jwt")]
    Type,
    /// Its algorithm is symmetric, or not one for this client.
    #[error("its algorithm is not accepted")]
    Algorithm,
    /// It has no key, or one that we do not verify with.
    #[error("jwk is missing or not supported")]
    Key,
    /// The key in it is a private one.
    #[error("jwk must not contain a private key")]
    PrivateKey,
    /// A claim that must be there is not, or is too long.
    #[error("the claim {0} is missing or not valid")]
    Claim(&'static str),
    /// It is for another method.
    #[error("htm is not the method of this request")]
    Method,
    /// It is for another URL.
    #[error("htu is not the URL of this endpoint")]
    Url,
    /// It is too old, or from the future.
    #[error("iat is too far from the server's time")]
    Time,
    /// It is not for the access token beside it.
    #[error("ath is not the hash of the access token")]
    AccessToken,
    /// It was used before.
    #[error("it was used before")]
    Replayed,
}

impl VerifiedProof {
    /// Checks the value of a `DPoP` header field, in the order of RFC 9449 section 4.3.
    ///
    /// # Errors
    /// Says what is wrong; nothing in it is a secret.
    pub fn verify(header: &str, target: &ProofTarget<'_>) -> Result<Self, ProofError> {
        if header.len() > MAX_LENGTH {
            return Err(ProofError::TooLong);
        }
        // API Gateway joins repeated header fields with commas.
        if header.contains(',') {
            return Err(ProofError::NotOne);
        }
        let jws = UnverifiedJws::parse(header)?;
        if !jws.has_typ("dpop+jwt") {
            return Err(ProofError::Type);
        }
        let alg = SigningAlg::ALL.iter().map(|alg| alg.as_str()).find(|alg| *alg == jws.alg()).ok_or(ProofError::Algorithm)?;
        let jwk = check_key(&jws)?;
        let claims = jws.check_signature(&[VerificationKey::from_jwk(&jwk).ok_or(ProofError::Key)?])?;
        let proof = Self {
            jkt: thumbprint(&jwk).ok_or(ProofError::Key)?,
            jti: required(&claims, "jti")?.to_owned(),
            iat: claims.time("iat")?.ok_or(ProofError::Claim("iat"))?,
            nonce: claims.text("nonce")?.map(str::to_owned),
            alg,
        };
        if !(1..=MAX_JTI).contains(&proof.jti.len()) {
            return Err(ProofError::Claim("jti"));
        }
        // RFC 9110 section 9.1: methods are case-sensitive.
        if required(&claims, "htm")? != target.method {
            return Err(ProofError::Method);
        }
        if !is_same_url(required(&claims, "htu")?, target.url) {
            return Err(ProofError::Url);
        }
        match target.access_token {
            Some(token) if required(&claims, "ath")? != hash_of(token) => Err(ProofError::AccessToken),
            _ => Ok(proof),
        }
    }

    /// Checks by `iat` when it was made. Answers until when it has to be remembered.
    ///
    /// # Errors
    /// When it is too old, or from the future.
    pub fn check_time(&self, now: Timestamp) -> Result<Timestamp, ProofError> {
        let age = now.since(self.iat);
        if (-MAX_AHEAD..=MAX_AGE).contains(&age) { Ok(self.iat.plus(MAX_AGE + OWN_SKEW)) } else { Err(ProofError::Time) }
    }
}

/// The key in the header: a public one. Its `kid`, `use` and the like are left out, since it is known by its thumbprint alone.
fn check_key(jws: &UnverifiedJws<'_>) -> Result<Value, ProofError> {
    let members = jws.embedded_jwk().and_then(Value::as_object).ok_or(ProofError::Key)?;
    if PRIVATE_MEMBERS.iter().any(|name| members.contains_key(*name)) {
        return Err(ProofError::PrivateKey);
    }
    let public = ["kty", "crv", "x", "y", "n", "e", "alg", "use"];
    Ok(members.iter().filter(|(name, _)| public.contains(&name.as_str())).map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn required<'c>(claims: &'c VerifiedClaims, name: &'static str) -> Result<&'c str, ProofError> {
    claims.text(name)?.ok_or(ProofError::Claim(name))
}

/// Whether both name the same endpoint, ignoring query and fragment, after the normalization of RFC 3986 sections 6.2.2 and 6.2.3.
fn is_same_url(htu: &str, expected: &str) -> bool {
    let normal = |text: &str| {
        let mut url = Url::parse(text).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        Some(url)
    };
    // The parser would pass over white space.
    htu.bytes().all(|b| b.is_ascii_graphic()) && normal(htu).is_some_and(|url| Some(url) == normal(expected))
}

/// The `ath` of an access token (RFC 9449 section 4.2).
fn hash_of(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, access_token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9449 section 4.1, figure 2
    const AT_TOKEN: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
    /// RFC 9449 section 7.1, figure 13
    const AT_RESOURCE: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
    /// RFC 9449 section 6.1, figure 9
    const JKT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    const TOKEN: ProofTarget<'_> = ProofTarget { method: "POST", url: "https://server.example.com/token", access_token: None };

    /// RFC 9449 sections 4.1 and 6.1
    #[test]
    fn the_proof_of_the_specification_verifies_and_has_its_thumbprint() {
        let proof = VerifiedProof::verify(AT_TOKEN, &TOKEN).unwrap();
        assert_eq!((proof.jkt.as_str(), proof.jti.as_str(), proof.iat.0), (JKT, "-BwC3ESc6acc2lTc", 1_562_262_616));
        assert_eq!((proof.alg, proof.nonce), ("ES256", None));
        for end in 0..AT_TOKEN.len() {
            assert!(VerifiedProof::verify(&AT_TOKEN[..end], &TOKEN).is_err(), "{end}");
        }
    }

    /// RFC 9449 section 7.1
    #[test]
    fn the_resource_proof_of_the_specification_is_for_its_access_token_and_no_other() {
        let target = |access_token| ProofTarget { method: "GET", url: "https://resource.example.org/protectedresource", access_token };
        let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
        assert_eq!(VerifiedProof::verify(AT_RESOURCE, &target(Some(token))).unwrap().jkt, JKT);
        assert_eq!(VerifiedProof::verify(AT_RESOURCE, &target(Some(&token[1..]))).unwrap_err(), ProofError::AccessToken);
        let without = ProofTarget { access_token: Some(token), ..TOKEN };
        assert_eq!(VerifiedProof::verify(AT_TOKEN, &without).unwrap_err(), ProofError::Claim("ath"));
    }

    /// RFC 9449 section 4.3: syntax-based and scheme-based normalization
    #[test]
    fn htu_is_compared_after_normalization_without_query_and_fragment() {
        let issuer = "https://server.example.com/token";
        for (htu, same) in [
            ("https://server.example.com/token", true),
            ("https://SERVER.example.com:443/token?a=b#c", true),
            ("HTTPS://server.example.com/./x/../token", true),
            ("https://server.example.com/token/", false),
            ("https://server.example.com/Token", false),
            ("https://server.example.com/tok%65n", false),
            ("https://server.example.com:8443/token", false),
            ("http://server.example.com/token", false),
            ("https://evil.example.com/token", false),
            ("https://user@server.example.com/token", false),
            (" https://server.example.com/token", false),
            ("https://server.example.com/to\nken", false),
            ("/token", false),
            ("", false),
        ] {
            assert_eq!(is_same_url(htu, issuer), same, "{htu}");
        }
    }

    /// RFC 9449 section 11.1
    #[test]
    fn a_proof_counts_for_five_minutes_and_a_minute_of_skew() {
        let proof = VerifiedProof::verify(AT_TOKEN, &TOKEN).unwrap();
        for (later, counts) in [(-61, false), (-60, true), (0, true), (300, true), (301, false)] {
            let until = proof.check_time(proof.iat.plus(later));
            assert_eq!(until.is_ok(), counts, "{later}");
            assert!(until.is_err() || until == Ok(proof.iat.plus(360)), "it is remembered for longer than it counts");
        }
    }
}
