//! The public half of a key as a JWK (RFC 7517), and the thumbprint that names it (RFC 7638).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::model::client::SigningAlg;

/// The public key material of the key types that we know (RFC 7518 section 6, RFC 8037 section 2), as big-endian bytes.
#[derive(Clone, Copy, Debug)]
pub(super) enum PublicMaterial<'a> {
    /// Modulus and exponent, without leading zeros.
    Rsa { n: &'a [u8], e: &'a [u8] },
    /// The coordinates of a point on P-256, 32 bytes each.
    P256 { x: &'a [u8], y: &'a [u8] },
    /// An Ed25519 public key.
    Ed25519 { x: &'a [u8] },
}

impl PublicMaterial<'_> {
    /// The JWK with `kid`, `alg` and `use` (RFC 7517 section 4), and its `kid`.
    pub(super) fn to_jwk(self, alg: SigningAlg) -> (String, Value) {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        // The texts of the thumbprint are base64url and fixed names, so nothing in them needs escaping.
        let (canonical, mut jwk) = match self {
            Self::Rsa { n, e } => {
                let (n, e) = (encode(n), encode(e));
                (format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#), json!({"kty": "RSA", "n": n, "e": e}))
            }
            Self::P256 { x, y } => {
                let (x, y) = (encode(x), encode(y));
                (format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#), json!({"kty": "EC", "crv": "P-256", "x": x, "y": y}))
            }
            Self::Ed25519 { x } => {
                let x = encode(x);
                (format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#), json!({"kty": "OKP", "crv": "Ed25519", "x": x}))
            }
        };
        let kid = encode(digest(&SHA256, canonical.as_bytes()).as_ref());
        if let Some(members) = jwk.as_object_mut() {
            members.insert("kid".to_owned(), Value::from(kid.clone()));
            members.insert("alg".to_owned(), Value::from(alg.as_str()));
            members.insert("use".to_owned(), Value::from("sig"));
        }
        (kid, jwk)
    }
}

/// The RFC 7638 thumbprint of a public JWK of a kind that we verify with; none for any other.
#[must_use]
pub fn thumbprint(jwk: &Value) -> Option<String> {
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(jwk.get(name)?.as_str()?).ok();
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let (kid, _) = match (text("kty")?, text("crv")) {
        ("RSA", None) => PublicMaterial::Rsa { n: &bytes("n")?, e: &bytes("e")? }.to_jwk(SigningAlg::RS256),
        ("EC", Some("P-256")) => PublicMaterial::P256 { x: &bytes("x")?, y: &bytes("y")? }.to_jwk(SigningAlg::ES256),
        ("OKP", Some("Ed25519")) => PublicMaterial::Ed25519 { x: &bytes("x")? }.to_jwk(SigningAlg::EdDSA),
        _ => return None,
    };
    Some(kid)
}

/// Whether `text` has the form of a thumbprint: 32 bytes in base64url without padding.
#[must_use]
pub fn is_thumbprint(text: &str) -> bool {
    text.len() == 43 && URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// Whether `typ` names the media type `expected`: letter case does not count, and `application/` may stand in front
/// (RFC 7515 section 4.1.9, RFC 8725 section 3.11).
#[must_use]
pub fn is_typ(typ: &str, expected: &str) -> bool {
    const PREFIX: &str = "application/";
    let short = match typ.get(..PREFIX.len()) {
        Some(prefix) if prefix.eq_ignore_ascii_case(PREFIX) => typ.get(PREFIX.len()..).unwrap_or_default(),
        _ => typ,
    };
    !short.contains('/') && short.eq_ignore_ascii_case(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7638 section 3.1
    #[test]
    fn thumbprint_of_the_rfc_s_example_is_the_rfc_s() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs\
                 tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbI\
                 SD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let n = URL_SAFE_NO_PAD.decode(n.replace(' ', "")).unwrap();
        let (kid, jwk) = PublicMaterial::Rsa { n: &n, e: &[1, 0, 1] }.to_jwk(SigningAlg::RS256);
        assert_eq!(kid, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        assert_eq!(jwk["kid"], kid);
        assert_eq!(jwk["e"], "AQAB");
    }

    /// RFC 8037 appendix A.3
    #[test]
    fn thumbprint_of_an_ed25519_key_is_the_rfc_s() {
        let x = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let (kid, _) = PublicMaterial::Ed25519 { x: &x }.to_jwk(SigningAlg::EdDSA);
        assert_eq!(kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    /// RFC 8725 section 3.11
    #[test]
    fn typ_is_compared_without_case_and_prefix() {
        for (typ, same) in [
            ("at+jwt", true),
            ("AT+JWT", true),
            ("application/at+jwt", true),
            ("Application/AT+jwt", true),
            ("application/application/at+jwt", false),
            ("text/at+jwt", false),
            ("JWT", false),
            ("at+jwt ", false),
            ("", false),
            ("application/", false),
            ("é", false),
        ] {
            assert_eq!(is_typ(typ, "at+jwt"), same, "{typ}");
        }
    }
}
