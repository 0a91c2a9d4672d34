//! JWK, JWS and JWT claims, over jsonwebtoken and aws-lc-rs.
//!
//! [`signing`] makes keys and signs; [`verify`] reads what others signed and trusts nothing before the signature is checked, [`claims`] checks what
//! they said; [`jwk`] has what signing and verifying share. [`dpop`] checks proofs of possession, [`dpop_nonce`] makes what dates them. [`sealing`]
//! encrypts what must stay usable.

pub mod claims;
pub mod dpop;
pub mod dpop_nonce;
pub mod jwk;
pub mod sealing;
pub mod signing;
pub mod verify;
