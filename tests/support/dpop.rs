//! A client that holds a key (RFC 9449): it makes DPoP proofs, right ones and wrong ones, by aws-lc alone.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantlet::context::{Clock as _, SystemClock, Timestamp};
use grantlet::jose::jwk::thumbprint;
use serde_json::{Value, json};

use super::event::Event;
use super::oauth::{As, REDIRECT_URI, VERIFIER, request};
use super::server::{Reply, Server};

/// Every algorithm that proofs may have.
pub(crate) const ALGS: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];

/// A private key, with which a client makes proofs.
pub(crate) struct ProofKey {
    alg: &'static str,
    pair: Pair,
    /// The public half.
    pub(crate) jwk: Value,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl ProofKey {
    /// A new key for ES256.
    pub(crate) fn new() -> Self {
        Self::with_alg("ES256")
    }

    /// A new key for `alg`.
    pub(crate) fn with_alg(alg: &'static str) -> Self {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (pair, jwk) = match alg {
            "ES256" => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                let jwk = json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)});
                (Pair::P256(pair), jwk)
            }
            "EdDSA" => {
                let pair = Ed25519KeyPair::generate().unwrap();
                let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref())});
                (Pair::Ed25519(pair), jwk)
            }
            _ => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
                let public = pair.public_key();
                let (n, e) = (public.modulus(), public.exponent());
                let (n, e) = (encode(n.big_endian_without_leading_zero()), encode(e.big_endian_without_leading_zero()));
                (Pair::Rsa(Box::new(pair)), json!({"kty": "RSA", "n": n, "e": e}))
            }
        };
        Self { alg, pair, jwk }
    }

    /// Its thumbprint (RFC 7638).
    pub(crate) fn jkt(&self) -> String {
        thumbprint(&self.jwk).unwrap()
    }

    /// A proof for a request of `method` to `path`, right in everything, at the server's time.
    pub(crate) fn proof(&self, server: &Server, method: &str, path: &str) -> Proof<'_> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let jti = format!("proof-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let claims = json!({"jti": jti, "htm": method, "htu": format!("{}{path}", server.issuer()), "iat": now(server).0});
        Proof { key: self, header: json!({"typ": "dpop+jwt", "alg": self.alg, "jwk": self.jwk}), claims }
    }

    /// A proof for a token request.
    pub(crate) fn token_proof(&self, server: &Server) -> Proof<'_> {
        self.proof(server, "POST", "/token")
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let padding = if self.alg == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature).unwrap();
                signature
            }
            Pair::P256(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }
}

/// A proof, to be signed.
#[derive(Clone)]
pub(crate) struct Proof<'k> {
    key: &'k ProofKey,
    header: Value,
    claims: Value,
}

impl Proof<'_> {
    /// With the claim `name`; `null` leaves it out.
    pub(crate) fn claim(mut self, name: &str, value: Value) -> Self {
        set(&mut self.claims, name, value);
        self
    }

    /// With the header parameter `name`; `null` leaves it out.
    pub(crate) fn header(mut self, name: &str, value: Value) -> Self {
        set(&mut self.header, name, value);
        self
    }

    /// With the server's nonce.
    pub(crate) fn nonce(self, nonce: &str) -> Self {
        self.claim("nonce", json!(nonce))
    }

    /// For the access token beside it.
    pub(crate) fn access_token(self, token: &str) -> Self {
        let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()));
        self.claim("ath", json!(hash))
    }

    /// What stands in the `DPoP` header.
    pub(crate) fn sign(&self) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", part(&self.header), part(&self.claims));
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(self.key.sign(input.as_bytes())))
    }
}

fn set(object: &mut Value, name: &str, value: Value) {
    let members = object.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
}

/// What the server takes for the time.
pub(crate) fn now(server: &Server) -> Timestamp {
    match server {
        Server::Local(local) => local.clock.time(),
        Server::Dev { .. } | Server::Functions(_) => SystemClock.now(),
    }
}

/// The exchange of a code, to be sent with a proof.
pub(crate) fn exchange_request(client: As<'_>, code: &str) -> Event {
    let form = [("grant_type", "authorization_code"), ("code", code), ("code_verifier", VERIFIER), ("redirect_uri", REDIRECT_URI)];
    request("/token", client, &form)
}

/// A refresh, to be sent with a proof.
pub(crate) fn refresh_request(client: As<'_>, token: &str) -> Event {
    request("/token", client, &[("grant_type", "refresh_token"), ("refresh_token", token)])
}

/// Exchanges a code and proves `key`.
pub(crate) async fn exchange_with(server: &Server, client: As<'_>, code: &str, key: &ProofKey) -> Reply {
    server.send(&exchange_request(client, code).header("dpop", &key.token_proof(server).sign())).await
}

/// Refreshes and proves `key`.
pub(crate) async fn refresh_with(server: &Server, client: As<'_>, token: &str, key: &ProofKey) -> Reply {
    server.send(&refresh_request(client, token).header("dpop", &key.token_proof(server).sign())).await
}

/// Asks `/userinfo` with a bound token and a proof of `key`.
pub(crate) async fn userinfo_with(server: &Server, token: &str, key: &ProofKey) -> Reply {
    let proof = key.proof(server, "GET", "/userinfo").access_token(token).sign();
    server.send(&Event::get("/userinfo").header("authorization", &format!("DPoP {token}")).header("dpop", &proof)).await
}
