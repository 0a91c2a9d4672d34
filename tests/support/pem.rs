//! Keys in PEM: private ones as providers hand them out (PKCS #8, RFC 7468 section 10), and public ones as libraries read them (RFC 7468 section 13).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use grantlet::jose::signing::SigningKeys;
use grantlet::model::client::SigningAlg;
use serde_json::Value;

/// A new P-256 key in PEM, and its public half as a JWK without a name.
pub(crate) fn ec_key() -> (String, Value) {
    let (keys, text) = SigningKeys::generate("pem").expect("keys");
    let stored: Value = serde_json::from_str(text.expose()).expect("JSON");
    let stored = stored["keys"].as_array().expect("keys").iter().find(|key| key["alg"] == "ES256").expect("an ES256 key").clone();
    let der = URL_SAFE_NO_PAD.decode(stored["pkcs8"].as_str().expect("a text")).expect("base64url");
    let mut public = keys.find(SigningAlg::ES256).expect("an ES256 key").public_jwk().clone();
    public.as_object_mut().expect("a JWK").remove("kid");
    (wrap("PRIVATE KEY", &STANDARD.encode(der)), public)
}

/// The public key in a JWK, of RSA with 2048 bits or on P-256.
pub(crate) fn public_pem(jwk: &Value) -> String {
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().expect("a text")).expect("base64url");
    // Up to the key itself, all keys of a kind begin alike (RFC 5280 section 4.1).
    let (start, key) = match jwk["kty"].as_str() {
        Some("RSA") => ("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA", [bytes("n"), vec![2, 3, 1, 0, 1]].concat()),
        _ => ("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE", [bytes("x"), bytes("y")].concat()),
    };
    wrap("PUBLIC KEY", &format!("{start}{}", STANDARD.encode(key)))
}

fn wrap(label: &str, base64: &str) -> String {
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
