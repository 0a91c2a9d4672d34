//! Private signing keys, parsed once, and the JWS that they make.

use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use serde::Serialize;

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

/// A private key that signs.
pub struct SigningKey {
    /// Its `kid`.
    pub kid: String,
    pair: Pair,
}

enum Pair {
    Rs256(Box<RsaKeyPair>),
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// The algorithm of this key.
    #[must_use]
    pub fn alg(&self) -> SigningAlg {
        match self.pair {
            Pair::Rs256(_) => SigningAlg::RS256,
            Pair::Es256(_) => SigningAlg::ES256,
            Pair::EdDsa(_) => SigningAlg::EdDSA,
        }
    }

    /// Signs `claims` as a JWS in compact form (RFC 7515 section 7.1) whose header is `alg`, `typ` and `kid`.
    ///
    /// # Errors
    /// When the claims can't be serialized or the key can't sign; both are faults of ours.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<Secret, SigningError> {
        let _ = (typ, claims, &self.pair);
        todo!()
    }
}

/// A signature could not be made.
#[derive(Debug, thiserror::Error)]
#[error("signing failed: {0}")]
pub struct SigningError(pub String);
