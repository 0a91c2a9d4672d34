//! The JWTs by which the site says who logged in and who logged out. Everything they must say is checked here; whether a `jti` was seen before is for the
//! store.

use serde_json::Value;

use crate::context::Timestamp;
use crate::jose::claims::{Freshness, JwtError};
use crate::jose::verify::{JwsError, UnverifiedJws, VerificationKey, VerifiedClaims};
use crate::model::settings::SiteLogin as SiteSettings;
use crate::model::user::{Claims, Subject};
use crate::protocol::claims::check_claim;

/// The `typ` of the site's login JWTs: a session token of the site's is none, and none of ours is.
const LOGIN: &str = "grantlet-login+jwt";
/// The `typ` of those that log somebody out.
const LOGOUT: &str = "grantlet-logout+jwt";
/// The longest life of a login JWT, and the oldest one that is taken, in seconds.
const MAX_AGE: i64 = 60;
/// Seconds by which the site's clock may differ from ours.
pub(super) const CLOCK_SKEW: i64 = 10;
/// The longest `jti`, in bytes.
const MAX_JTI: usize = 128;
/// The longest `sid`, in bytes.
const MAX_SID: usize = 128;
/// The longest `acr`, the most methods in `amr`, and the longest of them, in bytes.
const MAX_ACR: usize = 255;
const MAX_METHODS: usize = 16;
const MAX_METHOD: usize = 64;
/// The most bytes of claims that are kept of a person.
const MAX_CLAIMS: usize = 8 * 1024;

/// What a JWT of the site's must say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected<'a> {
    /// Whose it must be.
    pub(super) site: &'a SiteSettings,
    /// Us.
    pub(super) audience: &'a str,
    /// The time of the request.
    pub(super) now: Timestamp,
}

impl Expected<'_> {
    fn freshness(&self) -> Freshness {
        Freshness { now: self.now, max_age: MAX_AGE, clock_skew: CLOCK_SKEW }
    }
}

/// A login that the site vouches for.
#[derive(Clone, Debug)]
pub(super) struct SiteLogin {
    /// Who logged in, as the site names them.
    pub(super) subject: Subject,
    /// When they proved it to the site; not after now.
    pub(super) auth_time: Timestamp,
    /// The level that the site names.
    pub(super) acr: Option<String>,
    /// The methods that the site names.
    pub(super) amr: Vec<String>,
    /// The session that the person has at the site, if the site says which.
    pub(super) session_id: Option<String>,
    /// What is kept of the person.
    pub(super) claims: Claims,
    /// What must be spent once.
    pub(super) jti: String,
    /// Until when it must be remembered as spent.
    pub(super) expires_at: Timestamp,
}

/// A logout that the site vouches for.
#[derive(Clone, Debug)]
pub(super) struct SiteLogout {
    /// Who logged out, as the site names them.
    pub(super) subject: Subject,
    /// Of which session of the site's; of all when it is none.
    pub(super) session_id: Option<String>,
    /// What must be spent once.
    pub(super) jti: String,
    /// Until when it must be remembered as spent.
    pub(super) expires_at: Timestamp,
}

/// Checks a login JWT. `challenge` is that with which the browser was sent to the site.
///
/// # Errors
/// Says for the log what is wrong with it.
pub(super) fn check_site_token(
    text: &str,
    keys: &[VerificationKey],
    expected: Expected<'_>,
    challenge: &str,
) -> Result<SiteLogin, SiteTokenError> {
    let Checked { claims, jti, expires_at } = check_jwt(text, LOGIN, keys, expected)?;
    claims.check_text("nonce", challenge)?;
    Ok(SiteLogin {
        auth_time: claims.past_auth_time(expected.freshness())?.ok_or(JwtError::Missing("auth_time"))?,
        subject: read_subject(&claims)?,
        acr: read_level(&claims)?,
        amr: read_methods(&claims)?,
        session_id: read_session(&claims)?,
        claims: read_person(&claims, expected.site)?,
        jti,
        expires_at,
    })
}

/// Checks a logout JWT.
///
/// # Errors
/// Says for the log what is wrong with it.
pub(super) fn check_logout_token(text: &str, keys: &[VerificationKey], expected: Expected<'_>) -> Result<SiteLogout, SiteTokenError> {
    let Checked { claims, jti, expires_at } = check_jwt(text, LOGOUT, keys, expected)?;
    Ok(SiteLogout { subject: read_subject(&claims)?, session_id: read_session(&claims)?, jti, expires_at })
}

/// What is the same for both.
struct Checked {
    claims: VerifiedClaims,
    jti: String,
    expires_at: Timestamp,
}

fn check_jwt(text: &str, typ: &'static str, keys: &[VerificationKey], expected: Expected<'_>) -> Result<Checked, SiteTokenError> {
    let jws = UnverifiedJws::parse(text)?;
    // RFC 8725 section 3.11: the type first, so that no other JWT of the site's is ever taken for one.
    if !jws.has_typ(typ) {
        return Err(SiteTokenError::Typ(typ));
    }
    let claims = jws.check_signature(keys)?;
    claims.check_text("iss", &expected.site.issuer)?;
    if !claims.is_for(expected.audience) {
        return Err(JwtError::Mismatch("aud").into());
    }
    let (issued_at, expires_at) = claims.check_times(expected.freshness())?;
    if expires_at.since(issued_at) > MAX_AGE {
        return Err(SiteTokenError::TooLong);
    }
    let jti = claims.required_text("jti")?;
    if jti.is_empty() || jti.len() > MAX_JTI {
        return Err(JwtError::Mismatch("jti").into());
    }
    let jti = jti.to_owned();
    Ok(Checked { claims, jti, expires_at: expires_at.plus(CLOCK_SKEW) })
}

/// What begins with `client:` is a client's (RFC 9700 section 4.15.1).
fn read_subject(claims: &VerifiedClaims) -> Result<Subject, SiteTokenError> {
    let subject = claims.subject()?;
    let person = Subject(subject.to_owned());
    if !person.is_a_client_s() && subject.trim() == subject { Ok(person) } else { Err(JwtError::Mismatch("sub").into()) }
}

/// `sid` (OpenID Connect Back-Channel Logout section 2.1): the site is told it when the login ends here.
fn read_session(claims: &VerifiedClaims) -> Result<Option<String>, SiteTokenError> {
    match claims.text("sid")? {
        Some(sid) if sid.is_empty() || sid.len() > MAX_SID || sid.chars().any(char::is_control) => Err(JwtError::Mismatch("sid").into()),
        sid => Ok(sid.map(str::to_owned)),
    }
}

/// `acr` and `amr` stand in the session, in grants and in every token, so that they are short.
fn read_level(claims: &VerifiedClaims) -> Result<Option<String>, SiteTokenError> {
    match claims.text("acr")? {
        Some(acr) if acr.is_empty() || acr.len() > MAX_ACR => Err(JwtError::Mismatch("acr").into()),
        acr => Ok(acr.map(str::to_owned)),
    }
}

fn read_methods(claims: &VerifiedClaims) -> Result<Vec<String>, SiteTokenError> {
    let methods = claims.texts("amr")?.unwrap_or_default();
    if methods.len() > MAX_METHODS || methods.iter().any(|method| method.len() > MAX_METHOD) {
        return Err(JwtError::Mismatch("amr").into());
    }
    Ok(methods.into_iter().map(str::to_owned).collect())
}

/// The standard claims (`OpenID` Connect Core section 5.1) but for `updated_at`, which is ours to say, and those that the operator wants kept. One of
/// a wrong type is left out, and the log says so: whoever logs in can't help it, and clients must not see it.
fn read_person(claims: &VerifiedClaims, site: &SiteSettings) -> Result<Claims, SiteTokenError> {
    let kept: Claims = claims
        .as_map()
        .iter()
        .filter(|(name, value)| site.keeps(name) && !value.is_null() && has_type(name, value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let length = serde_json::to_vec(&kept).map_or(usize::MAX, |json| json.len());
    if length <= MAX_CLAIMS { Ok(kept) } else { Err(SiteTokenError::TooLarge) }
}

fn has_type(name: &str, value: &Value) -> bool {
    match check_claim(name, value) {
        Ok(()) => true,
        Err(reason) => {
            tracing::warn!(claim = name, %reason, "a claim of the site's login JWT is left out");
            false
        }
    }
}

/// Why a login JWT is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SiteTokenError {
    /// It is no JWT that the site's keys verify, or says the wrong thing.
    #[error("{0}")]
    Jwt(#[from] JwtError),
    /// Some other JWT.
    #[error("its typ is not {0}")]
    Typ(&'static str),
    /// It would live longer than 60 s.
    #[error("it lives longer than 60 seconds")]
    TooLong,
    /// The claims about the person are more than are kept.
    #[error("its claims are too large")]
    TooLarge,
}

impl From<JwsError> for SiteTokenError {
    fn from(error: JwsError) -> Self {
        Self::Jwt(error.into())
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, EncodingKey, Header};
    use serde_json::json;

    use super::*;
    use crate::model::secret::Secret;

    const SECRET: &str = "a secret that was made for the logins of this site alone";
    const NOW: Timestamp = Timestamp(1_800_000_000);

    fn sign(typ: &str, changes: Value) -> String {
        let mut claims = json!({
            "iss": "https://site.example", "aud": "https://id.example", "sub": "user-7", "nonce": "the challenge", "iat": NOW.0 - 1, "exp": NOW.0 + 59,
            "jti": "j1", "auth_time": NOW.0 - 5, "name": "Ada", "email": "ada@site.example", "updated_at": 5, "role": "admin",
        });
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => claims.as_object_mut().unwrap().remove(name),
                value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        let header = Header { typ: Some(typ.to_owned()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
    }

    fn site() -> SiteSettings {
        let site = SiteSettings::new("https://site.example/login".parse().unwrap(), "https://site.example");
        SiteSettings { claims: [("https://site.example/plan".to_owned(), "profile".to_owned())].into(), ..site }
    }

    fn check(token: &str) -> Result<SiteLogin, SiteTokenError> {
        let keys = [VerificationKey::from_secret(&Secret::new(SECRET)).unwrap()];
        let site = site();
        let expected = Expected { site: &site, audience: "https://id.example", now: NOW };
        check_site_token(token, &keys, expected, "the challenge")
    }

    #[test]
    fn a_login_jwt_yields_who_logged_in_and_their_standard_claims() {
        let login = check(&sign(LOGIN, json!({"amr": ["pwd", "otp"], "acr": "2", "aud": ["x", "https://id.example"]}))).unwrap();
        assert_eq!((login.subject.0.as_str(), login.auth_time, login.jti.as_str()), ("user-7", Timestamp(NOW.0 - 5), "j1"));
        assert_eq!(login.claims.keys().collect::<Vec<_>>(), ["email", "name"]);
        let typed = check(&sign(LOGIN, json!({"email_verified": "yes", "address": {"locality": "Paris"}, "birthdate": 7}))).unwrap();
        assert_eq!(typed.claims.keys().collect::<Vec<_>>(), ["address", "email", "name"], "claims of a wrong type are left out");
        let further = check(&sign(LOGIN, json!({"https://site.example/plan": {"tier": 3}, "https://site.example/age": 7}))).unwrap();
        assert_eq!(
            further.claims.keys().collect::<Vec<_>>(),
            ["email", "https://site.example/plan", "name"],
            "what the operator wants kept"
        );
        assert_eq!((login.acr.as_deref(), login.amr.as_slice()), (Some("2"), &["pwd".to_owned(), "otp".to_owned()][..]));
        assert!(login.expires_at >= Timestamp(NOW.0 + 59));
    }

    /// Every claim that is missing, wrong, of a wrong type, early or late
    #[test]
    fn a_login_jwt_with_any_wrong_claim_is_refused() {
        use JwtError as E;
        let now = NOW.0;
        for (changes, expected) in [
            (json!({"exp": now + 60}), SiteTokenError::TooLong),
            (json!({"exp": now + 1_000_000}), SiteTokenError::TooLong),
            (json!({"name": "a".repeat(9_000)}), SiteTokenError::TooLarge),
        ] {
            assert_eq!(check(&sign(LOGIN, changes.clone())).unwrap_err(), expected, "{changes}");
        }
        for (changes, expected) in [
            (json!({"iss": null}), E::Mismatch("iss")),
            (json!({"iss": "https://other.example"}), E::Mismatch("iss")),
            (json!({"iss": 1}), E::Jws(JwsError::Claim("iss"))),
            (json!({"aud": null}), E::Mismatch("aud")),
            (json!({"aud": "https://id.example/"}), E::Mismatch("aud")),
            (json!({"aud": ["https://other.example"]}), E::Mismatch("aud")),
            (json!({"nonce": null}), E::Mismatch("nonce")),
            (json!({"nonce": "another challenge"}), E::Mismatch("nonce")),
            (json!({"iat": null}), E::Missing("iat")),
            (json!({"iat": "now"}), E::Jws(JwsError::Claim("iat"))),
            (json!({"iat": now + 11, "exp": now + 60}), E::Future("iat")),
            (json!({"iat": now - 71, "exp": now + 59}), E::Expired),
            (json!({"exp": null}), E::Missing("exp")),
            (json!({"exp": "never"}), E::Jws(JwsError::Claim("exp"))),
            (json!({"exp": now - 10}), E::Expired),
            (json!({"nbf": now + 11}), E::Future("nbf")),
            (json!({"nbf": "x"}), E::Jws(JwsError::Claim("nbf"))),
            (json!({"auth_time": null}), E::Missing("auth_time")),
            (json!({"auth_time": now + 11}), E::Future("auth_time")),
            (json!({"jti": null}), E::Missing("jti")),
            (json!({"jti": ""}), E::Mismatch("jti")),
            (json!({"jti": "j".repeat(129)}), E::Mismatch("jti")),
            (json!({"sub": null}), E::Missing("sub")),
            (json!({"sub": ""}), E::Mismatch("sub")),
            (json!({"sub": 7}), E::Jws(JwsError::Claim("sub"))),
            (json!({"sub": "client:app"}), E::Mismatch("sub")),
            (json!({"sub": "é"}), E::Mismatch("sub")),
            (json!({"sub": "a\u{0}"}), E::Mismatch("sub")),
            (json!({"sub": " a"}), E::Mismatch("sub")),
            (json!({"sub": "a".repeat(256)}), E::Mismatch("sub")),
            (json!({"sid": 1}), E::Jws(JwsError::Claim("sid"))),
            (json!({"sid": ""}), E::Mismatch("sid")),
            (json!({"sid": "s".repeat(129)}), E::Mismatch("sid")),
            (json!({"acr": 1}), E::Jws(JwsError::Claim("acr"))),
            (json!({"acr": "a".repeat(256)}), E::Mismatch("acr")),
            (json!({"amr": "pwd"}), E::Jws(JwsError::Claim("amr"))),
            (json!({"amr": ["pwd", 1]}), E::Jws(JwsError::Claim("amr"))),
            (json!({"amr": vec!["pwd"; 17]}), E::Mismatch("amr")),
            (json!({"amr": ["p".repeat(65)]}), E::Mismatch("amr")),
        ] {
            assert_eq!(check(&sign(LOGIN, changes.clone())).unwrap_err(), SiteTokenError::Jwt(expected), "{changes}");
        }
    }

    /// RFC 8725 section 3.11
    #[test]
    fn a_session_token_of_the_site_is_no_login() {
        for typ in ["JWT", "", "at+jwt", "grantlet-login", LOGOUT] {
            assert_eq!(check(&sign(typ, json!({}))).unwrap_err(), SiteTokenError::Typ(LOGIN), "{typ}");
        }
        let other = VerificationKey::from_secret(&Secret::new("another secret, as long as the first one is")).unwrap();
        let site = site();
        let expected = Expected { site: &site, audience: "https://id.example", now: NOW };
        let refused = check_site_token(&sign(LOGIN, json!({})), &[other], expected, "the challenge").unwrap_err();
        assert_eq!(refused, JwsError::Signature.into());
    }
}
