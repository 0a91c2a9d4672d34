//! JWK, JWS and JWT claims, over jsonwebtoken and aws-lc-rs.
//!
//! [`signing`] makes keys and signs; [`verify`] reads what others signed and trusts nothing before the signature is checked; [`jwk`] has
//! what the two share. [`sealing`] encrypts what must stay usable.

pub mod jwk;
pub mod sealing;
pub mod signing;
pub mod verify;
