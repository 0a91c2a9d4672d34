//! JWTs that somebody hands us: nothing of them is believed before the signature is (RFC 8725).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

use super::jwk::is_typ;
use crate::context::Timestamp;
use crate::model::secret::Secret;

/// The longest token that is read, in bytes.
const MAX_LENGTH: usize = 16 * 1024;
/// The largest JWK set that is read, in bytes.
const MAX_JWKS_LENGTH: usize = 64 * 1024;
/// The most keys of a set that are looked at.
const MAX_KEYS: usize = 64;
/// The shortest HMAC secret, in bytes (RFC 7518 section 3.2).
const MIN_SECRET: usize = 32;
/// The shortest RSA modulus, in bytes (RFC 7518 section 3.3).
const MIN_MODULUS: usize = 256;

/// A JWS in compact form (RFC 7515 section 7.1) whose signature has not been checked.
#[derive(Debug)]
pub struct UnverifiedJws<'a> {
    signing_input: &'a str,
    claims: &'a str,
    signature: &'a str,
    alg: Algorithm,
    kid: Option<String>,
    typ: Option<String>,
    jwk: Option<Value>,
}

impl<'a> UnverifiedJws<'a> {
    /// Reads the header of `text`.
    ///
    /// # Errors
    /// When it is no compact JWS, has an algorithm that we do not take (`none` among them), or a critical header that we do not know.
    pub fn parse(text: &'a str) -> Result<Self, JwsError> {
        if text.len() > MAX_LENGTH {
            return Err(JwsError::Malformed);
        }
        let (signing_input, signature) = text.rsplit_once('.').ok_or(JwsError::Malformed)?;
        let (header, claims) = signing_input.split_once('.').ok_or(JwsError::Malformed)?;
        if claims.contains('.') || signature.is_empty() {
            return Err(JwsError::Malformed);
        }
        let header = decode_object(header)?;
        // RFC 7515 section 4.1.11: extensions that are not understood invalidate the JWS, and we understand none.
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(JwsError::Critical);
        }
        let text_of = |name| header.get(name).map(|value| value.as_str().map(str::to_owned).ok_or(JwsError::Malformed)).transpose();
        let alg = match text_of("alg")?.as_deref() {
            Some("RS256") => Algorithm::RS256,
            Some("PS256") => Algorithm::PS256,
            Some("ES256") => Algorithm::ES256,
            // RFC 9864 gives Ed25519 a name of its own.
            Some("EdDSA" | "Ed25519") => Algorithm::EdDSA,
            Some("HS256") => Algorithm::HS256,
            _ => return Err(JwsError::Algorithm),
        };
        let (kid, typ, jwk) = (text_of("kid")?, text_of("typ")?, header.get("jwk").cloned());
        Ok(Self { signing_input, claims, signature, alg, kid, typ, jwk })
    }

    /// The key that the token names. Only good for looking it up.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithm that the token claims, by the one name that [`canonical_alg`] gives it.
    #[must_use]
    pub fn alg(&self) -> &'static str {
        match self.alg {
            Algorithm::PS256 => "PS256",
            Algorithm::ES256 => "ES256",
            Algorithm::EdDSA => "EdDSA",
            Algorithm::HS256 => "HS256",
            _ => "RS256",
        }
    }

    /// The key that stands inside the token. It proves possession (RFC 9449 section 4.2) and never who sent it: nothing but DPoP may look.
    #[must_use]
    pub fn embedded_jwk(&self) -> Option<&Value> {
        self.jwk.as_ref()
    }

    /// The claims, before anything is verified. Only good for looking up whose keys shall verify them.
    ///
    /// # Errors
    /// When they are no JSON object.
    pub fn unverified_claims(&self) -> Result<VerifiedClaims, JwsError> {
        Ok(VerifiedClaims { claims: decode_object(self.claims)?, key_issuer: None })
    }

    /// The type that the token claims.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// Whether the token claims the type `expected` (RFC 8725 section 3.11).
    #[must_use]
    pub fn has_typ(&self, expected: &str) -> bool {
        self.typ().is_some_and(|typ| is_typ(typ, expected))
    }

    /// Checks the signature with those of `keys` that are for the token's algorithm and bear the name that it gives.
    ///
    /// A key's own type decides what it verifies, so no public key is ever taken for a shared secret (RFC 8725 section 2.1). Keys inside the
    /// token (`jwk`, `jku`, `x5c`) are not looked at.
    ///
    /// # Errors
    /// When no key verifies it, or the claims are no JSON object.
    pub fn check_signature(&self, keys: &[VerificationKey]) -> Result<VerifiedClaims, JwsError> {
        let named = |key: &&VerificationKey| match (&self.kid, &key.kid) {
            (Some(wanted), Some(kid)) => wanted == kid,
            _ => true,
        };
        let verifies = |key: &VerificationKey| {
            jsonwebtoken::crypto::verify(self.signature, self.signing_input.as_bytes(), &key.key, self.alg).unwrap_or(false)
        };
        let by = keys.iter().filter(|key| key.algs.contains(&self.alg)).filter(named).find(|key| verifies(key));
        let key_issuer = by.ok_or(JwsError::Signature)?.issuer.clone();
        Ok(VerifiedClaims { claims: decode_object(self.claims)?, key_issuer })
    }
}

/// The one name of an algorithm that has two: `Ed25519` says no more than `EdDSA` with the only curve that is taken here (RFC 9864 section 2.2).
#[must_use]
pub fn canonical_alg(name: &str) -> &str {
    if name == "Ed25519" { "EdDSA" } else { name }
}

/// The claims of a token whose signature was checked. Whether they say the right thing is for the caller to judge.
#[derive(Clone, Debug)]
pub struct VerifiedClaims {
    claims: Map<String, Value>,
    key_issuer: Option<String>,
}

impl VerifiedClaims {
    /// The text of the claim `name`; none when it is absent.
    ///
    /// # Errors
    /// When it is there and no text: a claim of a wrong type is never skipped.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, JwsError> {
        self.claims.get(name).map(|value| value.as_str().ok_or(JwsError::Claim(name))).transpose()
    }

    /// The `NumericDate` (RFC 7519 section 2) of the claim `name`, fractions dropped; none when it is absent.
    ///
    /// # Errors
    /// When it is there and no number of a sensible size.
    pub fn time(&self, name: &'static str) -> Result<Option<Timestamp>, JwsError> {
        let read = |value: &Value| match (value.as_i64(), value.as_f64()) {
            (Some(seconds), _) => Some(seconds),
            #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
            (None, Some(seconds)) if (0.0..1e12).contains(&seconds) => Some(seconds as i64),
            _ => None,
        };
        self.claims.get(name).map(|value| read(value).map(Timestamp).ok_or(JwsError::Claim(name))).transpose()
    }

    /// Whether the claim `aud` is `audience` and nothing else, as a single text.
    #[must_use]
    pub fn is_only_for(&self, audience: &str) -> bool {
        self.claims.get("aud").and_then(Value::as_str) == Some(audience)
    }

    /// Whether the claim `aud` names `audience`, alone or in a list (RFC 7519 section 4.1.3).
    #[must_use]
    pub fn is_for(&self, audience: &str) -> bool {
        match self.claims.get("aud") {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(several)) => several.iter().any(|one| one == audience),
            _ => false,
        }
    }

    /// The texts of the claim `name`, a list; none when it is absent.
    ///
    /// # Errors
    /// When it is there and no list of texts.
    pub fn texts(&self, name: &'static str) -> Result<Option<Vec<&str>>, JwsError> {
        let read = |value: &'_ Value| -> Option<Vec<String>> { value.as_array()?.iter().map(|v| v.as_str().map(str::to_owned)).collect() };
        match self.claims.get(name) {
            None => Ok(None),
            Some(value) if read(value).is_some() => Ok(value.as_array().map(|list| list.iter().filter_map(Value::as_str).collect())),
            Some(_) => Err(JwsError::Claim(name)),
        }
    }

    /// All claims.
    #[must_use]
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The issuer that the key is for which verified the signature; none where its JWK says none. The member is no registered one: Microsoft's keys have it.
    #[must_use]
    pub fn key_issuer(&self) -> Option<&str> {
        self.key_issuer.as_deref()
    }
}

/// A key that verifies signatures of its own algorithm. An RSA key that does not name one verifies both of RSA's.
#[derive(Clone)]
pub struct VerificationKey {
    kid: Option<String>,
    algs: Vec<Algorithm>,
    issuer: Option<String>,
    key: DecodingKey,
}

impl std::fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerificationKey").field("kid", &self.kid).field("algs", &self.algs).finish_non_exhaustive()
    }
}

impl VerificationKey {
    /// The public key of a JWK (RFC 7517); none for keys of another kind, for encryption, too short ones and secrets.
    #[must_use]
    pub fn from_jwk(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        if text("use").is_some_and(|usage| usage != "sig") {
            return None;
        }
        // A private half handed over by mistake is not used: whoever sent it can't be the only one who has it.
        if jwk.get("d").is_some() {
            return None;
        }
        let (all, key): (&[Algorithm], _) = match (text("kty")?, text("crv")) {
            ("RSA", None) => {
                let (n, e) = (text("n")?, text("e")?);
                let modulus = URL_SAFE_NO_PAD.decode(n).ok()?;
                if modulus.iter().skip_while(|b| **b == 0).count() < MIN_MODULUS {
                    return None;
                }
                (&[Algorithm::RS256, Algorithm::PS256], DecodingKey::from_rsa_components(n, e).ok()?)
            }
            ("EC", Some("P-256")) => (&[Algorithm::ES256], DecodingKey::from_ec_components(text("x")?, text("y")?).ok()?),
            ("OKP", Some("Ed25519")) => (&[Algorithm::EdDSA], DecodingKey::from_ed_components(text("x")?).ok()?),
            _ => return None,
        };
        // RFC 8725 section 3.1: a key is for one algorithm.
        let named = match text("alg") {
            None => None,
            Some("RS256") => Some(Algorithm::RS256),
            Some("PS256") => Some(Algorithm::PS256),
            Some("ES256") => Some(Algorithm::ES256),
            Some("EdDSA" | "Ed25519") => Some(Algorithm::EdDSA),
            Some(_) => return None,
        };
        let algs: Vec<_> = all.iter().copied().filter(|alg| named.is_none_or(|named| named == *alg)).collect();
        let owned = |name: &str| text(name).map(str::to_owned);
        (!algs.is_empty()).then(|| Self { kid: owned("kid"), algs, issuer: owned("issuer"), key })
    }

    /// The usable keys of a JWK set (RFC 7517 section 5). Keys that we do not know are passed over, as the RFC asks.
    ///
    /// # Errors
    /// When `bytes` is no JWK set, or too large a one.
    pub fn from_jwks(bytes: &[u8]) -> Result<Vec<Self>, JwsError> {
        if bytes.len() > MAX_JWKS_LENGTH {
            return Err(JwsError::Malformed);
        }
        let set: Value = serde_json::from_slice(bytes).map_err(|_| JwsError::Malformed)?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or(JwsError::Malformed)?;
        Ok(keys.iter().take(MAX_KEYS).filter_map(Self::from_jwk).collect())
    }

    /// A shared secret for HS256; none when it is shorter than 32 bytes.
    #[must_use]
    pub fn from_secret(secret: &Secret) -> Option<Self> {
        let bytes = secret.expose().as_bytes();
        let key = || Self { kid: None, algs: vec![Algorithm::HS256], issuer: None, key: DecodingKey::from_secret(bytes) };
        (bytes.len() >= MIN_SECRET).then(key)
    }

    /// Its name.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }
}

fn decode_object(part: &str) -> Result<Map<String, Value>, JwsError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| JwsError::Malformed)
}

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// It is no compact JWS, or its header or claims are no JSON object.
    #[error("the token is malformed")]
    Malformed,
    /// Its algorithm is not one that we take.
    #[error("the token's algorithm is not accepted")]
    Algorithm,
    /// It asks for an extension.
    #[error("the token has a critical header that is not understood")]
    Critical,
    /// No key verifies it.
    #[error("no key verifies the token's signature")]
    Signature,
    /// A claim has a wrong type.
    #[error("the token's claim {0} has a wrong type")]
    Claim(&'static str),
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jose::signing::SigningKeys;
    use crate::model::client::SigningAlg;

    fn encode(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    fn hs256(header: &Value, claims: &Value, secret: &[u8]) -> String {
        let input = format!("{}.{}", encode(header), encode(claims));
        let key = jsonwebtoken::EncodingKey::from_secret(secret);
        let signature = jsonwebtoken::crypto::sign(input.as_bytes(), &key, Algorithm::HS256).unwrap();
        format!("{input}.{signature}")
    }

    fn refused(token: &str, keys: &[VerificationKey]) -> JwsError {
        UnverifiedJws::parse(token).and_then(|jws| jws.check_signature(keys)).unwrap_err()
    }

    /// RFC 7515 section 5.2
    #[test]
    fn what_we_sign_verifies_and_every_proper_prefix_is_refused() {
        let (set, _) = SigningKeys::generate("01SET").unwrap();
        let keys: Vec<_> = set.keys.iter().map(|key| VerificationKey::from_jwk(key.public_jwk()).unwrap()).collect();
        for alg in SigningAlg::ALL {
            let token = set.find(alg).unwrap().sign("at+jwt", &json!({"sub": "alice", "exp": 1.5, "aud": ["a", "b"]})).unwrap();
            let jws = UnverifiedJws::parse(token.expose()).unwrap();
            assert!(jws.has_typ("at+jwt") && !jws.has_typ("JWT"));
            let claims = jws.check_signature(&keys).unwrap();
            assert_eq!(claims.text("sub"), Ok(Some("alice")));
            assert_eq!(claims.time("exp"), Ok(Some(Timestamp(1))));
            assert!(claims.is_for("b") && !claims.is_for("c"));
            for end in 0..token.expose().len() {
                refused(&token.expose()[..end], &keys);
            }
        }
    }

    /// RFC 7515 appendix A.1
    #[test]
    fn the_hs256_example_of_the_specification_verifies() {
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let secret =
            URL_SAFE_NO_PAD.decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow").unwrap();
        let key = VerificationKey { kid: None, algs: vec![Algorithm::HS256], issuer: None, key: DecodingKey::from_secret(&secret) };
        let claims = UnverifiedJws::parse(token).unwrap().check_signature(&[key]).unwrap();
        assert_eq!(claims.time("exp"), Ok(Some(Timestamp(1_300_819_380))));
    }

    /// RFC 8725 sections 2.1, 3.1 and 3.2
    #[test]
    fn no_algorithm_but_the_key_s_own_is_accepted() {
        let (set, _) = SigningKeys::generate("01SET").unwrap();
        let public = set.find(SigningAlg::RS256).unwrap().public_jwk();
        let keys = [VerificationKey::from_jwk(public).unwrap()];
        let claims = json!({"sub": "mallory"});
        let none = format!("{}.{}.", encode(&json!({"alg": "none"})), encode(&claims));
        assert_eq!(refused(&none, &keys), JwsError::Malformed);
        for alg in ["none", "None", "nOnE", "HS384", "RS512", "PS384", ""] {
            let token = format!("{}.{}.c2ln", encode(&json!({"alg": alg})), encode(&claims));
            assert_eq!(refused(&token, &keys), JwsError::Algorithm, "{alg}");
        }
        // A public key used as a shared secret.
        for secret in [public.to_string(), public["n"].as_str().unwrap().to_owned()] {
            assert_eq!(refused(&hs256(&json!({"alg": "HS256"}), &claims, secret.as_bytes()), &keys), JwsError::Signature);
        }
    }

    /// RFC 7515 sections 4.1.3 and 4.1.11
    #[test]
    fn embedded_keys_are_ignored_and_critical_headers_refused() {
        let (mine, _) = SigningKeys::generate("01MINE").unwrap();
        let (theirs, _) = SigningKeys::generate("01THEIRS").unwrap();
        let keys = [VerificationKey::from_jwk(mine.keys[2].public_jwk()).unwrap()];
        let token = theirs.keys[2].sign("JWT", &json!({})).unwrap();
        assert_eq!(refused(token.expose(), &keys), JwsError::Signature);
        let embedded = json!({"alg": "HS256", "jwk": {"kty": "oct", "k": URL_SAFE_NO_PAD.encode([1; 32])}});
        assert_eq!(refused(&hs256(&embedded, &json!({}), &[1; 32]), &keys), JwsError::Signature);
        for header in
            [json!({"alg": "HS256", "crit": ["x"], "x": 1}), json!({"alg": "HS256", "crit": []}), json!({"alg": "HS256", "b64": false})]
        {
            let secret = VerificationKey::from_secret(&Secret::new("x".repeat(32))).unwrap();
            assert_eq!(refused(&hs256(&header, &json!({}), "x".repeat(32).as_bytes()), &[secret]), JwsError::Critical);
        }
    }

    /// RFC 7519 section 4.1: a time that is no number is an error, never an absent one.
    #[test]
    fn a_claim_of_a_wrong_type_is_not_skipped() {
        let claims = json!({"exp": "tomorrow", "nbf": true, "iat": -1e300, "sub": 7, "amr": ["a", 1]}).as_object().unwrap().clone();
        let claims = VerifiedClaims { claims, key_issuer: None };
        for name in ["exp", "nbf", "iat"] {
            assert_eq!(claims.time(name), Err(JwsError::Claim(name)));
        }
        assert_eq!(claims.text("sub"), Err(JwsError::Claim("sub")));
        assert_eq!(claims.texts("amr"), Err(JwsError::Claim("amr")));
        assert_eq!(claims.time("auth_time"), Ok(None));
    }

    /// RFC 7517 section 5
    #[test]
    fn a_key_set_yields_public_signature_keys_only() {
        let (set, _) = SigningKeys::generate("01SET").unwrap();
        let mut keys: Vec<Value> = set.keys.iter().map(|key| key.public_jwk().clone()).collect();
        keys.extend([
            json!({"kty": "oct", "k": "c2VjcmV0"}),
            json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode([255; 128]), "e": "AQAB"}),
            json!({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}),
            json!(7),
        ]);
        let mut encryption = set.keys[0].public_jwk().clone();
        encryption["use"] = json!("enc");
        let mut other_alg = set.keys[1].public_jwk().clone();
        other_alg["alg"] = json!("ES384");
        keys.extend([encryption, other_alg]);
        let read = VerificationKey::from_jwks(json!({"keys": keys}).to_string().as_bytes()).unwrap();
        assert_eq!(
            read.iter().flat_map(|key| key.algs.clone()).collect::<Vec<_>>(),
            [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA]
        );
        for bad in ["", "[]", "{}", r#"{"keys": 1}"#] {
            assert!(VerificationKey::from_jwks(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    /// RFC 7518 section 3.2
    #[test]
    fn a_short_secret_is_no_key() {
        assert!(VerificationKey::from_secret(&Secret::new("x".repeat(31))).is_none());
        assert!(VerificationKey::from_secret(&Secret::new("x".repeat(32))).is_some());
    }
}
