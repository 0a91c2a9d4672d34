//! JWK, JWS and JWT claims, over jsonwebtoken and aws-lc-rs.

pub mod signing;
