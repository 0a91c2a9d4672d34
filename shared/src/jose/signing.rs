//! Private signing keys, parsed once, and the JWS that they make.
//!
//! Signing goes to aws-lc-rs directly: jsonwebtoken parses the private key again for each signature (`docs/decisions/0004`).

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::jwk::PublicMaterial;
use crate::model::client::SigningAlg;
use crate::model::secret::Secret;

/// The keys of one set, in parsed form.
#[derive(Debug)]
pub struct SigningKeys {
    /// The id of the set in the key ring.
    pub set_id: String,
    /// One key an algorithm.
    pub keys: Vec<SigningKey>,
}

impl SigningKeys {
    /// Makes the keys of a new set, one an algorithm: two of RSA with 2048 bits, P-256 and Ed25519.
    ///
    /// Beside the keys stands the text to keep them by; [`KeptSigningKeys::read`] reads it. The randomness is aws-lc's own: it lets nobody
    /// hand in the primes of an RSA key.
    ///
    /// # Errors
    /// When the cryptographic library can't make a key.
    pub fn generate(set_id: &str) -> Result<(Self, Secret), SigningError> {
        let mut keys = Vec::new();
        let mut stored = StoredSet { id: set_id.to_owned(), keys: Vec::new() };
        for alg in SigningAlg::ALL {
            let pkcs8 = generate_pkcs8(alg)?;
            let key = SigningKey::from_pkcs8(alg, &pkcs8)?;
            stored.keys.push(StoredKey { kid: key.kid.clone(), alg, pkcs8: URL_SAFE_NO_PAD.encode(&*pkcs8), parsed: OnceLock::new() });
            keys.push(key);
        }
        let text = serde_json::to_string(&stored).map_err(|e| SigningError(e.to_string()))?;
        Ok((Self { set_id: set_id.to_owned(), keys }, Secret::new(text)))
    }

    /// The key that signs with `alg`.
    #[must_use]
    pub fn find(&self, alg: SigningAlg) -> Option<&SigningKey> {
        self.keys.iter().find(|key| key.alg() == alg)
    }
}

/// The keys of one set as they are kept. A key is parsed when it is asked for, and then stays: checking the components of an RSA key takes as long as
/// signing with it, and most functions sign with one algorithm of four.
#[derive(Debug)]
pub struct KeptSigningKeys(StoredSet);

impl KeptSigningKeys {
    /// Reads the text that [`SigningKeys::generate`] made for the set `set_id`. Its keys are not looked at yet.
    ///
    /// # Errors
    /// When the text has another form or belongs to another set.
    pub fn read(set_id: &str, text: &Secret) -> Result<Self, SigningError> {
        // serde_json's messages may quote what they stumbled over, so only the place is passed on.
        let stored: StoredSet = serde_json::from_str(text.expose())
            .map_err(|e| SigningError(format!("no signing set at line {} column {}", e.line(), e.column())))?;
        if stored.id != set_id {
            return Err(SigningError(format!("the set calls itself {}", stored.id)));
        }
        Ok(Self(stored))
    }

    /// The id of the set in the key ring.
    #[must_use]
    pub fn set_id(&self) -> &str {
        &self.0.id
    }

    /// The key that signs with `alg`; none if the set has no such key.
    ///
    /// # Errors
    /// When the key can't be read, or is not the one that its `kid` names.
    pub fn find(&self, alg: SigningAlg) -> Result<Option<&SigningKey>, SigningError> {
        self.0.keys.iter().find(|key| key.alg == alg).map(StoredKey::parsed).transpose()
    }
}

/// A private key that signs.
pub struct SigningKey {
    /// Its `kid`.
    pub kid: String,
    pair: Pair,
    public_jwk: Value,
}

enum Pair {
    Rs256(Box<RsaKeyPair>),
    Ps256(Box<RsaKeyPair>),
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// The ES256 key in `pem`, a private key in PKCS #8 (RFC 7468 section 10), that somebody else knows by `kid`.
    ///
    /// # Errors
    /// When the text is no such key. Nothing of it is repeated.
    pub fn from_pem(kid: &str, pem: &Secret) -> Result<Self, SigningError> {
        let begun =
            pem.expose().split_once("-----BEGIN PRIVATE KEY-----").and_then(|(_, rest)| rest.split_once("-----END PRIVATE KEY-----"));
        let (text, _) = begun.ok_or_else(|| SigningError("no private key in PEM".to_owned()))?;
        let text = Zeroizing::new(text.split_ascii_whitespace().collect::<String>());
        let pkcs8 = STANDARD.decode(&*text).map_err(|_| SigningError("the private key is not base64".to_owned()))?;
        let mut key = Self::from_pkcs8(SigningAlg::ES256, &Zeroizing::new(pkcs8))?;
        kid.clone_into(&mut key.kid);
        if let Some(members) = key.public_jwk.as_object_mut() {
            members.insert("kid".to_owned(), Value::from(kid));
        }
        Ok(key)
    }

    /// The algorithm of this key.
    #[must_use]
    pub fn alg(&self) -> SigningAlg {
        match self.pair {
            Pair::Rs256(_) => SigningAlg::RS256,
            Pair::Ps256(_) => SigningAlg::PS256,
            Pair::Es256(_) => SigningAlg::ES256,
            Pair::EdDsa(_) => SigningAlg::EdDSA,
        }
    }

    /// The public half as a JWK with `kid`, `alg` and `use` (RFC 7517 section 4).
    #[must_use]
    pub fn public_jwk(&self) -> &Value {
        &self.public_jwk
    }

    /// Signs `claims` as a JWS in compact form (RFC 7515 section 7.1) whose header is `alg`, `typ` and `kid`.
    ///
    /// # Errors
    /// When the claims can't be serialized or the key can't sign; both are faults of ours.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<Secret, SigningError> {
        let header = Header { alg: self.alg().as_str(), typ, kid: &self.kid };
        let mut token = encode_json(&header)?;
        token.push('.');
        token.push_str(&encode_json(claims)?);
        let signature = self.sign_bytes(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(Secret::new(token))
    }

    fn sign_bytes(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let failed = |_| SigningError(format!("{} refused to sign", self.kid));
        match &self.pair {
            Pair::Rs256(pair) | Pair::Ps256(pair) => {
                let padding = if self.alg() == SigningAlg::PS256 { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &SystemRandom::new(), message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
            Pair::Es256(pair) => Ok(pair.sign(&SystemRandom::new(), message).map_err(failed)?.as_ref().to_vec()),
            Pair::EdDsa(pair) => Ok(pair.try_sign(message).map_err(failed)?.as_ref().to_vec()),
        }
    }

    fn from_pkcs8(alg: SigningAlg, pkcs8: &[u8]) -> Result<Self, SigningError> {
        let rejected = |reason: &dyn std::fmt::Display| SigningError(format!("no private key for {}: {reason}", alg.as_str()));
        let (pair, (kid, public_jwk)) = match alg {
            SigningAlg::RS256 | SigningAlg::PS256 => {
                let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|e| rejected(&e))?;
                let public = pair.public_key();
                let (n, e) = (public.modulus(), public.exponent());
                let material = PublicMaterial::Rsa { n: n.big_endian_without_leading_zero(), e: e.big_endian_without_leading_zero() };
                let jwk = material.to_jwk(alg);
                let pair = Box::new(pair);
                (if alg == SigningAlg::PS256 { Pair::Ps256(pair) } else { Pair::Rs256(pair) }, jwk)
            }
            SigningAlg::ES256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map_err(|e| rejected(&e))?;
                // SEC 1 section 2.3.3: 0x04, then both coordinates.
                let coordinates = pair.public_key().as_ref().strip_prefix(&[4]).and_then(|point| point.split_at_checked(32));
                let (x, y) = coordinates.ok_or_else(|| rejected(&"its point has an unexpected form"))?;
                let jwk = PublicMaterial::P256 { x, y }.to_jwk(alg);
                (Pair::Es256(pair), jwk)
            }
            SigningAlg::EdDSA => {
                let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|e| rejected(&e))?;
                let jwk = PublicMaterial::Ed25519 { x: pair.public_key().as_ref() }.to_jwk(alg);
                (Pair::EdDsa(pair), jwk)
            }
        };
        Ok(Self { kid, pair, public_jwk })
    }
}

fn generate_pkcs8(alg: SigningAlg) -> Result<Zeroizing<Vec<u8>>, SigningError> {
    let failed = |_| SigningError(format!("no new key for {}", alg.as_str()));
    let der = match alg {
        SigningAlg::RS256 | SigningAlg::PS256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
            let der: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
            der.as_ref().to_vec()
        }
        SigningAlg::ES256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?;
            pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec()
        }
        SigningAlg::EdDSA => Ed25519KeyPair::generate().map_err(failed)?.to_pkcs8v1().map_err(failed)?.as_ref().to_vec(),
    };
    Ok(Zeroizing::new(der))
}

fn encode_json(value: &impl Serialize) -> Result<String, SigningError> {
    serde_json::to_vec(value).map(|json| URL_SAFE_NO_PAD.encode(json)).map_err(|e| SigningError(e.to_string()))
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

/// The form in which the vault keeps a set.
#[derive(Debug, Serialize, Deserialize)]
struct StoredSet {
    id: String,
    keys: Vec<StoredKey>,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct StoredKey {
    #[zeroize(skip)]
    kid: String,
    #[zeroize(skip)]
    alg: SigningAlg,
    pkcs8: String,
    /// The key, once somebody asked for it.
    #[serde(skip)]
    #[zeroize(skip)]
    parsed: OnceLock<SigningKey>,
}

impl std::fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl StoredKey {
    fn parsed(&self) -> Result<&SigningKey, SigningError> {
        if let Some(key) = self.parsed.get() {
            return Ok(key);
        }
        let key = self.parse()?;
        Ok(self.parsed.get_or_init(|| key))
    }

    fn parse(&self) -> Result<SigningKey, SigningError> {
        let pkcs8 = URL_SAFE_NO_PAD.decode(&self.pkcs8).map_err(|_| SigningError(format!("{} is not base64url", self.kid)))?;
        let key = SigningKey::from_pkcs8(self.alg, &Zeroizing::new(pkcs8))?;
        if key.kid == self.kid { Ok(key) } else { Err(SigningError(format!("{} holds another key", self.kid))) }
    }
}

/// A signature or a key could not be made, or a stored key can't be read. The text is for the log and has no secret in it.
#[derive(Debug, thiserror::Error)]
#[error("signing failed: {0}")]
pub struct SigningError(pub String);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    /// RFC 7515 section 5.1
    #[test]
    fn tokens_of_every_algorithm_are_accepted_by_jsonwebtoken() {
        let (set, _) = SigningKeys::generate("01SET").unwrap();
        for alg in SigningAlg::ALL {
            let key = set.find(alg).unwrap();
            let token = key.sign("at+jwt", &json!({"sub": "alice", "exp": 4_000_000_000_u64})).unwrap();
            let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(key.public_jwk().clone()).unwrap();
            let decoding = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
            let validation = jsonwebtoken::Validation::new(alg.as_str().parse().unwrap());
            let decoded = jsonwebtoken::decode::<Value>(token.expose(), &decoding, &validation).unwrap();
            assert_eq!(decoded.claims["sub"], "alice");
            assert_eq!(decoded.header.typ.as_deref(), Some("at+jwt"));
            assert_eq!(decoded.header.kid.as_deref(), Some(key.kid.as_str()));
        }
    }

    /// RFC 7518 section 3.4: the signature of ES256 is r and s, 32 bytes each, not DER.
    #[test]
    fn es256_signatures_have_64_bytes() {
        let (set, _) = SigningKeys::generate("01SET").unwrap();
        for _ in 0..50 {
            let token = set.find(SigningAlg::ES256).unwrap().sign("JWT", &json!({})).unwrap();
            let signature = token.expose().rsplit('.').next().unwrap().to_owned();
            assert_eq!(URL_SAFE_NO_PAD.decode(signature).unwrap().len(), 64);
        }
    }

    /// RFC 7517 section 4: nothing of the private half stands in the public one.
    #[test]
    fn public_jwks_have_exactly_the_public_members() {
        let (set, _) = SigningKeys::generate("01SET").unwrap();
        let names = |alg| -> BTreeSet<String> { set.find(alg).unwrap().public_jwk().as_object().unwrap().keys().cloned().collect() };
        let expected = |list: &[&str]| list.iter().map(|&s| s.to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(names(SigningAlg::RS256), expected(&["kty", "n", "e", "kid", "alg", "use"]));
        assert_eq!(names(SigningAlg::ES256), expected(&["kty", "crv", "x", "y", "kid", "alg", "use"]));
        assert_eq!(names(SigningAlg::EdDSA), expected(&["kty", "crv", "x", "kid", "alg", "use"]));
    }

    /// A standard SSM parameter holds 4096 bytes.
    #[test]
    fn a_stored_set_fits_a_standard_parameter_and_reads_back() {
        let (set, text) = SigningKeys::generate("01ARZ3NDEKTSV4RRFFQ69G5FAV").unwrap();
        assert!(text.expose().len() < 4096, "{} bytes", text.expose().len());
        let again = KeptSigningKeys::read("01ARZ3NDEKTSV4RRFFQ69G5FAV", &text).unwrap();
        assert_eq!(again.set_id(), set.set_id);
        for alg in SigningAlg::ALL {
            let key = again.find(alg).unwrap().unwrap();
            assert_eq!((key.alg(), &key.kid), (alg, &set.find(alg).unwrap().kid));
            assert!(std::ptr::eq(key, again.find(alg).unwrap().unwrap()), "parsed once");
        }
    }

    #[test]
    fn a_stored_set_under_another_name_or_with_swapped_keys_is_refused() {
        let (_, text) = SigningKeys::generate("01A").unwrap();
        assert!(KeptSigningKeys::read("01B", &text).is_err());
        let mut swapped: Value = serde_json::from_str(text.expose()).unwrap();
        swapped["keys"][1]["kid"] = swapped["keys"][2]["kid"].clone();
        let alg: SigningAlg = serde_json::from_value(swapped["keys"][1]["alg"].clone()).unwrap();
        let kept = KeptSigningKeys::read("01A", &Secret::new(swapped.to_string())).unwrap();
        assert!(kept.find(alg).is_err());
        for end in 0..text.expose().len() {
            assert!(KeptSigningKeys::read("01A", &Secret::new(&text.expose()[..end])).is_err(), "{end}");
        }
    }

    /// RFC 7468 section 10: the text around the key, its line ends and its indentation do not matter; another kind of key does
    #[test]
    fn a_key_in_pem_is_read_and_bears_the_name_that_it_was_given() {
        let pem_of = |alg| {
            let lines = STANDARD.encode(&*generate_pkcs8(alg).unwrap());
            let lines: Vec<_> = lines.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
            format!("-----BEGIN PRIVATE KEY-----\r\n{}\r\n-----END PRIVATE KEY-----\r\n", lines.join("\r\n"))
        };
        let good = pem_of(SigningAlg::ES256);
        for text in [good.clone(), format!("Key of the team\n{good}"), good.replace("\r\n", "\n  "), good.trim_end().to_owned()] {
            let key = SigningKey::from_pem("ABC123DEFG", &Secret::new(text)).unwrap();
            assert_eq!((key.kid.as_str(), key.alg(), &key.public_jwk()["kid"]), ("ABC123DEFG", SigningAlg::ES256, &json!("ABC123DEFG")));
            let token = key.sign("JWT", &json!({})).unwrap();
            let public = crate::jose::verify::VerificationKey::from_jwk(key.public_jwk()).unwrap();
            crate::jose::verify::UnverifiedJws::parse(token.expose()).unwrap().check_signature(&[public]).unwrap();
        }
        for text in [
            "",
            "secret",
            &good[..80],
            &good.replace("PRIVATE KEY", "EC PRIVATE KEY"),
            &pem_of(SigningAlg::EdDSA),
            &pem_of(SigningAlg::RS256),
        ] {
            let error = SigningKey::from_pem("ABC123DEFG", &Secret::new(text)).unwrap_err();
            assert!(!error.to_string().contains(&good[40..60]), "{error}");
        }
    }

    #[test]
    fn keys_print_without_their_private_half() {
        let (set, text) = SigningKeys::generate("01A").unwrap();
        let stored: Value = serde_json::from_str(text.expose()).unwrap();
        let kept = KeptSigningKeys::read("01A", &text).unwrap();
        kept.find(SigningAlg::ES256).unwrap();
        for printed in [format!("{set:?}"), format!("{kept:?}")] {
            for key in stored["keys"].as_array().unwrap() {
                assert!(printed.contains(key["kid"].as_str().unwrap()));
                assert!(!printed.contains(&key["pkcs8"].as_str().unwrap()[40..]));
            }
        }
    }
}
