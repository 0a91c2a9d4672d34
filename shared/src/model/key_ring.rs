//! The key ring: the public half of every key, its state, and when the state may change.

use serde::{Deserialize, Serialize};

use super::client::SigningAlg;
use crate::context::Timestamp;

/// All public keys of an issuer, in one record that is replaced whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRing {
    /// Counts replacements; a replacement is conditional on the version it was made from.
    pub version: u64,
    /// The sets of signing keys, oldest first. Each set has a key for each algorithm.
    pub signing: Vec<SigningSet>,
    /// The keys that authenticate refresh tokens, oldest first. Only names and states: they have no public half.
    pub refresh: Vec<RefreshKeyInfo>,
}

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Published (or loaded), but not used yet.
    Next,
    /// In use for new tokens.
    Active,
    /// Not used for new tokens; still verifies old ones until `remove_at`.
    Retired,
    /// No longer published; the public half is kept for `id_token_hint`.
    Archived,
}

/// Keys that were made together, change state together, and whose private halves are stored together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningSet {
    /// The name of the set, a ULID.
    pub id: String,
    /// Its state.
    pub state: KeyState,
    /// When it was made and published.
    pub created_at: Timestamp,
    /// When it began to sign.
    pub activated_at: Option<Timestamp>,
    /// When it stopped signing.
    pub retired_at: Option<Timestamp>,
    /// The keys.
    pub keys: Vec<PublicKey>,
}

/// One public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// Its `kid`: the RFC 7638 thumbprint.
    pub kid: String,
    /// Its algorithm.
    pub alg: SigningAlg,
    /// The JWK, with `kid`, `alg` and `use` (RFC 7517 section 4).
    pub jwk: serde_json::Value,
}

/// A key that authenticates refresh tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshKeyInfo {
    /// Its name, which refresh tokens carry.
    pub kid: String,
    /// Its state.
    pub state: KeyState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it came into use.
    pub activated_at: Option<Timestamp>,
    /// When it went out of use.
    pub retired_at: Option<Timestamp>,
}

impl KeyRing {
    /// The keys that belong into the JWKS: those that sign, will sign, or have signed tokens that may still be valid.
    pub fn published(&self) -> impl Iterator<Item = &PublicKey> {
        self.signing.iter().filter(|set| set.state != KeyState::Archived).flat_map(|set| &set.keys)
    }

    /// The set that signs.
    #[must_use]
    pub fn active_signing(&self) -> Option<&SigningSet> {
        self.signing.iter().rev().find(|set| set.state == KeyState::Active)
    }

    /// The key that new refresh tokens are authenticated with.
    #[must_use]
    pub fn active_refresh(&self) -> Option<&RefreshKeyInfo> {
        self.refresh.iter().rev().find(|key| key.state == KeyState::Active)
    }
}
