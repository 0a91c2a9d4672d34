//! The ID token of a provider: everything that `OpenID` Connect Core section 3.1.3.7 asks for, but the signature, which comes before.

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::context::Timestamp;
use crate::jose::claims::{Freshness, JwtError};
use crate::jose::verify::{JwsError, UnverifiedJws, VerifiedClaims};
use crate::model::secret::{Secret, SecretHash};
use crate::model::settings::{ConnectionSettings, is_tenant, issuer_of_tenant};

/// Seconds by which the provider's clock may differ from ours.
pub(super) const CLOCK_SKEW: i64 = 30;
/// The oldest ID token that is taken, in seconds: it was made for this very exchange.
const MAX_AGE: i64 = 300;

/// What an ID token must say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected<'a> {
    /// Who issued it.
    pub(super) issuer: ExpectedIssuer<'a>,
    /// Us, as the provider knows us.
    pub(super) client_id: &'a str,
    /// What the browser was sent with.
    pub(super) nonce: &'a str,
    /// The access token that came with it.
    pub(super) access_token: Option<&'a Secret>,
    /// The time of the request.
    pub(super) now: Timestamp,
}

/// Who may have issued an ID token.
#[derive(Clone, Copy, Debug)]
pub(super) enum ExpectedIssuer<'a> {
    /// This issuer, to the letter.
    One(&'a str),
    /// A tenant of this connection's, each an issuer of its own.
    Tenant(&'a ConnectionSettings),
}

/// What an ID token says about a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Login {
    /// Who, as the provider names them.
    pub(super) subject: String,
    /// The tenant within which that name counts, where the issuer speaks for many.
    pub(super) tenant: Option<String>,
    /// When they proved it to the provider, if it says.
    pub(super) auth_time: Option<Timestamp>,
    /// The level that the provider names.
    pub(super) acr: Option<String>,
    /// The methods that the provider names.
    pub(super) amr: Vec<String>,
}

impl Login {
    /// The name by which the person is known here: unique among everybody whom the connection vouches for.
    pub(super) fn name(&self) -> String {
        match &self.tenant {
            // A tenant's id has no colon, so two names never run into one.
            Some(tenant) => format!("{tenant}:{}", self.subject),
            None => self.subject.clone(),
        }
    }
}

/// Why an ID token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum IdTokenError {
    /// It is no JWT that its provider's keys verify, or says the wrong thing.
    #[error("{0}")]
    Jwt(#[from] JwtError),
    /// Some other JWT.
    #[error("its typ is that of another kind of JWT")]
    Typ,
    /// It is authenticated by a shared secret, which proves less than a signature.
    #[error("it is not signed")]
    Algorithm,
    /// The key that signed it is another issuer's.
    #[error("its key is for another issuer")]
    ForeignKey,
    /// It comes from a tenant whose people may not come.
    #[error("its tenant is none of those that may come")]
    Tenant,
}

impl From<JwsError> for IdTokenError {
    fn from(error: JwsError) -> Self {
        Self::Jwt(error.into())
    }
}

/// Reads the header: no algorithm that is none or takes a shared secret, no JWT of another kind (RFC 8725 sections 3.1 and 3.11).
///
/// # Errors
/// Says for the log what is wrong with it.
pub(super) fn read_header(text: &str) -> Result<UnverifiedJws<'_>, IdTokenError> {
    let jws = UnverifiedJws::parse(text)?;
    if jws.alg() == "HS256" {
        return Err(IdTokenError::Algorithm);
    }
    if jws.typ().is_some() && !jws.has_typ("JWT") {
        return Err(IdTokenError::Typ);
    }
    Ok(jws)
}

/// Checks the claims of an ID token whose signature, by `alg`, was verified.
///
/// # Errors
/// Says for the log what is wrong with it.
pub(super) fn check_id_token(claims: &VerifiedClaims, alg: &str, expected: Expected<'_>) -> Result<Login, IdTokenError> {
    let freshness = Freshness { now: expected.now, max_age: MAX_AGE, clock_skew: CLOCK_SKEW };
    let tenant = check_issuer(claims, expected.issuer)?;
    check_audience(claims, expected.client_id)?;
    // Steps 9 and 10.
    claims.check_times(freshness)?;
    claims.check_text("nonce", expected.nonce)?;
    check_access_token(claims, alg, expected.access_token)?;
    Ok(Login {
        auth_time: claims.past_auth_time(freshness)?,
        subject: claims.subject()?.to_owned(),
        tenant,
        acr: claims.text("acr")?.map(str::to_owned),
        amr: claims.texts("amr")?.unwrap_or_default().into_iter().map(str::to_owned).collect(),
    })
}

/// Step 2. A tenant's issuer is made of the template and the token's own `tid`, which must be one that may come; and a key that is for one issuer alone signs
/// for no other (Microsoft's documentation, "Access tokens in the Microsoft identity platform", "Validate the issuer").
fn check_issuer(claims: &VerifiedClaims, expected: ExpectedIssuer<'_>) -> Result<Option<String>, IdTokenError> {
    let connection = match expected {
        ExpectedIssuer::One(issuer) => {
            claims.check_text("iss", issuer)?;
            return Ok(None);
        }
        ExpectedIssuer::Tenant(connection) => connection,
    };
    let tenant = claims.text("tid")?.filter(|id| is_tenant(id)).ok_or(JwtError::Mismatch("tid"))?;
    let template = connection.metadata_issuer();
    let issuer = issuer_of_tenant(template, tenant);
    claims.check_text("iss", &issuer)?;
    if claims.key_issuer().is_some_and(|named| named != template && named != issuer) {
        return Err(IdTokenError::ForeignKey);
    }
    if connection.admits_tenant(tenant) { Ok(Some(tenant.to_owned())) } else { Err(IdTokenError::Tenant) }
}

/// Steps 3 to 5. Nobody else is an audience that we would trust.
fn check_audience(claims: &VerifiedClaims, client_id: &str) -> Result<(), JwtError> {
    let others = match claims.as_map().get("aud") {
        Some(serde_json::Value::Array(several)) => several.len() > 1,
        _ => false,
    };
    if !claims.is_for(client_id) || others {
        return Err(JwtError::Mismatch("aud"));
    }
    match claims.text("azp")? {
        Some(party) if party != client_id => Err(JwtError::Mismatch("azp")),
        _ => Ok(()),
    }
}

/// Section 3.1.3.8: `at_hash` binds the access token, where it is there.
fn check_access_token(claims: &VerifiedClaims, alg: &str, access_token: Option<&Secret>) -> Result<(), JwtError> {
    let Some(stated) = claims.text("at_hash")? else { return Ok(()) };
    let access_token = access_token.ok_or(JwtError::Mismatch("at_hash"))?;
    let function = if alg == "EdDSA" { &SHA512 } else { &SHA256 };
    let hash = digest(function, access_token.expose().as_bytes());
    let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    let computed = URL_SAFE_NO_PAD.encode(left);
    if SecretHash::of(computed.as_bytes()) == SecretHash::of(stated.as_bytes()) { Ok(()) } else { Err(JwtError::Mismatch("at_hash")) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::jose::signing::SigningKeys;
    use crate::jose::verify::VerificationKey;
    use crate::model::client::SigningAlg;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    /// Signs the claims of an honest ID token with `changes` (null leaves out), and checks it.
    fn check(alg: SigningAlg, changes: &Value) -> Result<Login, IdTokenError> {
        let access_token = Secret::new("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
        let mut claims = json!({
            "iss": "https://idp.example", "aud": "us", "sub": "248289761001", "nonce": "n", "iat": NOW.0, "exp": NOW.0 + 600,
            "auth_time": NOW.0 - 5, "acr": "2", "amr": ["pwd"],
        });
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => claims.as_object_mut().unwrap().remove(name),
                value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        let (keys, _) = SigningKeys::generate("01SET").unwrap();
        let token = keys.find(alg).unwrap().sign("JWT", &claims).unwrap();
        let public: Vec<_> = keys.keys.iter().map(|key| VerificationKey::from_jwk(key.public_jwk()).unwrap()).collect();
        let jws = read_header(token.expose()).unwrap();
        let verified = jws.check_signature(&public).unwrap();
        let issuer = ExpectedIssuer::One("https://idp.example");
        let expected = Expected { issuer, client_id: "us", nonce: "n", access_token: Some(&access_token), now: NOW };
        check_id_token(&verified, jws.alg(), expected)
    }

    /// `OpenID` Connect Core section 3.1.3.7
    #[test]
    fn an_honest_id_token_says_who_logged_in() {
        for alg in SigningAlg::ALL {
            let login = check(alg, &json!({"azp": "us"})).unwrap();
            assert_eq!(
                (login.subject.as_str(), login.auth_time, login.acr.as_deref()),
                ("248289761001", Some(Timestamp(NOW.0 - 5)), Some("2"))
            );
        }
        let login = check(SigningAlg::RS256, &json!({"aud": ["us"], "auth_time": null, "amr": null, "acr": null})).unwrap();
        assert_eq!((login.auth_time, login.acr, login.amr.len()), (None, None, 0));
    }

    /// `OpenID` Connect Core sections 2, 3.1.3.7 and 3.1.3.8: every claim that is missing, wrong, of a wrong type, early or late
    #[test]
    fn an_id_token_with_any_wrong_claim_is_refused() {
        use JwtError as E;
        let now = NOW.0;
        for (changes, expected) in [
            (json!({"iss": null}), E::Mismatch("iss")),
            (json!({"iss": "https://idp.example/"}), E::Mismatch("iss")),
            (json!({"iss": 1}), E::Jws(JwsError::Claim("iss"))),
            (json!({"aud": null}), E::Mismatch("aud")),
            (json!({"aud": "them"}), E::Mismatch("aud")),
            (json!({"aud": []}), E::Mismatch("aud")),
            (json!({"aud": ["us", "them"]}), E::Mismatch("aud")),
            (json!({"aud": ["us", "them"], "azp": "us"}), E::Mismatch("aud")),
            (json!({"azp": "them"}), E::Mismatch("azp")),
            (json!({"azp": 7}), E::Jws(JwsError::Claim("azp"))),
            (json!({"exp": null}), E::Missing("exp")),
            (json!({"exp": now - CLOCK_SKEW}), E::Expired),
            (json!({"exp": "never"}), E::Jws(JwsError::Claim("exp"))),
            (json!({"iat": null}), E::Missing("iat")),
            (json!({"iat": now + CLOCK_SKEW + 1}), E::Future("iat")),
            (json!({"iat": now - MAX_AGE - CLOCK_SKEW - 1}), E::Expired),
            (json!({"nbf": now + CLOCK_SKEW + 1}), E::Future("nbf")),
            (json!({"nonce": null}), E::Mismatch("nonce")),
            (json!({"nonce": "another"}), E::Mismatch("nonce")),
            (json!({"at_hash": "77QmUPtjPfzWtF2AnpK9RA"}), E::Mismatch("at_hash")),
            (json!({"at_hash": 7}), E::Jws(JwsError::Claim("at_hash"))),
            (json!({"auth_time": now + CLOCK_SKEW + 1}), E::Future("auth_time")),
            (json!({"auth_time": "now"}), E::Jws(JwsError::Claim("auth_time"))),
            (json!({"sub": null}), E::Missing("sub")),
            (json!({"sub": ""}), E::Mismatch("sub")),
            (json!({"sub": "é"}), E::Mismatch("sub")),
            (json!({"sub": "a\u{0}"}), E::Mismatch("sub")),
            (json!({"sub": "a".repeat(256)}), E::Mismatch("sub")),
            (json!({"sub": 248_289_761}), E::Jws(JwsError::Claim("sub"))),
            (json!({"acr": 2}), E::Jws(JwsError::Claim("acr"))),
            (json!({"amr": "pwd"}), E::Jws(JwsError::Claim("amr"))),
        ] {
            assert_eq!(check(SigningAlg::ES256, &changes).unwrap_err(), IdTokenError::Jwt(expected), "{changes}");
        }
    }

    /// `OpenID` Connect Core section 3.1.3.8: the value was computed with Python's hashlib
    #[test]
    fn at_hash_binds_the_access_token() {
        check(SigningAlg::PS256, &json!({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"})).unwrap();
        assert_eq!(check(SigningAlg::EdDSA, &json!({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"})), Err(JwtError::Mismatch("at_hash").into()));
    }

    /// RFC 8725 sections 2.1 and 3.11
    #[test]
    fn other_kinds_of_jwts_and_shared_secrets_are_no_id_tokens() {
        let (keys, _) = SigningKeys::generate("01SET").unwrap();
        for typ in ["at+jwt", "logout+jwt", "secevent+jwt", "grantlet-login+jwt"] {
            let token = keys.find(SigningAlg::ES256).unwrap().sign(typ, &json!({})).unwrap();
            assert_eq!(read_header(token.expose()).unwrap_err(), IdTokenError::Typ, "{typ}");
        }
        let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let hs256 = format!("{}.{}.c2ln", encode(json!({"alg": "HS256"})), encode(json!({})));
        assert_eq!(read_header(&hs256).unwrap_err(), IdTokenError::Algorithm);
        for none in [format!("{}.e30.", encode(json!({"alg": "none"}))), format!("{}.e30.c2ln", encode(json!({"alg": "none"})))] {
            assert!(matches!(read_header(&none), Err(IdTokenError::Jwt(JwtError::Jws(_)))));
        }
    }
}
