//! A key of each algorithm that can be signed with here, and signatures that only look like one for the others.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// A key of a client for one algorithm.
pub(crate) struct AlgKey {
    alg: &'static str,
    pair: Pair,
    /// The public half; for shared secrets and unsigned JWTs that of a key of another kind, which must not be taken instead.
    pub(crate) jwk: Value,
}

enum Pair {
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Secret(Box<hmac::Key>),
    /// An empty signature.
    Unsigned,
    /// Nothing here signs so: as many zeros as such a signature has bytes.
    Foreign(usize),
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl AlgKey {
    /// A new key for `alg`; `secret` where that takes a shared one.
    pub(crate) fn new(alg: &'static str, secret: &str) -> Self {
        let ec = |algorithm: &'static EcdsaSigningAlgorithm, curve| {
            let pair = EcdsaKeyPair::generate(algorithm).unwrap();
            let point = &pair.public_key().as_ref()[1..];
            let (x, y) = point.split_at(point.len() / 2);
            let jwk = json!({"kty": "EC", "crv": curve, "x": encode(x), "y": encode(y)});
            (Pair::Ec(pair), jwk)
        };
        let rsa = |encoding: &'static dyn RsaEncoding| {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
            let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
            let jwk = json!({
                "kty": "RSA", "n": encode(n.big_endian_without_leading_zero()), "e": encode(e.big_endian_without_leading_zero()),
            });
            (Pair::Rsa(Box::new(pair), encoding), jwk)
        };
        let p256 = || ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256");
        let mac = |algorithm| (Pair::Secret(Box::new(hmac::Key::new(algorithm, secret.as_bytes()))), p256().1);
        let okp = |curve, bytes| json!({"kty": "OKP", "crv": curve, "x": encode(bytes)});
        let (pair, jwk) = match alg {
            "none" => (Pair::Unsigned, p256().1),
            "HS256" => mac(hmac::HMAC_SHA256),
            "HS384" => mac(hmac::HMAC_SHA384),
            "HS512" => mac(hmac::HMAC_SHA512),
            "RS256" => rsa(&RSA_PKCS1_SHA256),
            "RS384" => rsa(&RSA_PKCS1_SHA384),
            "RS512" => rsa(&RSA_PKCS1_SHA512),
            "PS256" => rsa(&RSA_PSS_SHA256),
            "PS384" => rsa(&RSA_PSS_SHA384),
            "PS512" => rsa(&RSA_PSS_SHA512),
            "ES256" => p256(),
            "ES384" => ec(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
            "ES512" => ec(&ECDSA_P521_SHA512_FIXED_SIGNING, "P-521"),
            "ES256K" => ec(&ECDSA_P256K1_SHA256_FIXED_SIGNING, "secp256k1"),
            "EdDSA" | "Ed25519" => {
                let pair = Ed25519KeyPair::generate().unwrap();
                let jwk = okp("Ed25519", pair.public_key().as_ref());
                (Pair::Ed25519(pair), jwk)
            }
            "Ed448" => (Pair::Foreign(114), okp("Ed448", &[7; 57])),
            "ML-DSA-44" => (Pair::Foreign(2_420), json!({"kty": "AKP", "alg": alg, "pub": encode(&[7; 1_312])})),
            "ML-DSA-65" => (Pair::Foreign(3_309), json!({"kty": "AKP", "alg": alg, "pub": encode(&[7; 1_952])})),
            "ML-DSA-87" => (Pair::Foreign(4_627), json!({"kty": "AKP", "alg": alg, "pub": encode(&[7; 2_592])})),
            unknown => unreachable!("{unknown}"),
        };
        Self { alg, pair, jwk }
    }

    /// A JWS of `claims`, with the members of `header` beside `alg`.
    pub(crate) fn sign(&self, header: Value, claims: &Value) -> String {
        let mut header = header;
        header["alg"] = json!(self.alg);
        let input = format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
        format!("{input}.{}", encode(&self.signature(input.as_bytes())))
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature).unwrap();
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Secret(key) => hmac::sign(key, message).as_ref().to_vec(),
            Pair::Unsigned => Vec::new(),
            Pair::Foreign(length) => vec![0; *length],
        }
    }
}
