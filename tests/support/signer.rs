//! A client that signs: its keys, its assertions (RFC 7523) and its request objects (RFC 9101).

use std::sync::atomic::{AtomicU32, Ordering};

use grantlet::jose::signing::{SigningKey, SigningKeys};
use grantlet::model::client::SigningAlg;
use serde_json::{Value, json};

use super::oauth::{CHALLENGE, REDIRECT_URI, encode};

/// The one type of client assertions.
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The keys of the client `id`, and what it says of a server at a time.
pub(crate) struct Signer {
    pub(crate) id: &'static str,
    pub(crate) keys: SigningKeys,
    issuer: String,
    now: i64,
    assertions: AtomicU32,
}

impl Signer {
    /// A client with new keys.
    pub(crate) fn new(id: &'static str, issuer: &str, now: i64) -> Self {
        let (keys, _) = SigningKeys::generate("client").expect("keys");
        Self { id, keys, issuer: issuer.to_owned(), now, assertions: AtomicU32::new(0) }
    }

    /// Its public keys.
    pub(crate) fn jwks(&self) -> Value {
        json!({"keys": self.keys.keys.iter().map(SigningKey::public_jwk).collect::<Vec<_>>()})
    }

    /// What it signed with the header's `typ`.
    pub(crate) fn sign(&self, alg: SigningAlg, typ: &str, claims: &Value) -> String {
        self.keys.find(alg).expect("a key").sign(typ, claims).expect("a signature").expose().to_owned()
    }

    /// The claims of an honest request object, with `changes`; null leaves out.
    pub(crate) fn request(&self, changes: &Value) -> Value {
        let claims = json!({
            "iss": self.id, "aud": self.issuer, "client_id": self.id, "nbf": self.now, "exp": self.now + 60, "response_type": "code",
            "redirect_uri": REDIRECT_URI, "scope": "openid profile", "state": "inner-state", "nonce": "inner-nonce",
            "code_challenge": CHALLENGE, "code_challenge_method": "S256",
        });
        with_changes(claims, changes)
    }

    /// An honest request object with `changes`.
    pub(crate) fn object(&self, changes: &Value) -> String {
        self.sign(SigningAlg::ES256, "oauth-authz-req+jwt", &self.request(changes))
    }

    /// A client assertion that was never used, with `changes`.
    pub(crate) fn assertion(&self, alg: SigningAlg, changes: &Value) -> String {
        let jti = format!("{}-assertion-{}", self.id, self.assertions.fetch_add(1, Ordering::Relaxed));
        let claims = json!({"iss": self.id, "sub": self.id, "aud": self.issuer, "iat": self.now, "exp": self.now + 300, "jti": jti});
        self.sign(alg, "JWT", &with_changes(claims, changes))
    }

    /// `form`, with a new assertion beside it.
    pub(crate) fn authenticated(&self, form: &[(&str, &str)]) -> String {
        let assertion = self.assertion(SigningAlg::ES256, &json!({}));
        encode(&[form, &[("client_assertion_type", ASSERTION_TYPE), ("client_assertion", &assertion)]].concat())
    }
}

fn with_changes(mut claims: Value, changes: &Value) -> Value {
    let all = claims.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        match value {
            Value::Null => all.remove(name),
            value => all.insert(name.clone(), value.clone()),
        };
    }
    claims
}
