//! Private keys as providers hand them out: PKCS #8 in PEM (RFC 7468 section 10).

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
    let lines = STANDARD.encode(der);
    let lines: Vec<_> = lines.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    let mut public = keys.find(SigningAlg::ES256).expect("an ES256 key").public_jwk().clone();
    public.as_object_mut().expect("a JWK").remove("kid");
    (format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n")), public)
}
