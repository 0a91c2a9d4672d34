//! DPoP (RFC 9449): proofs, the tokens that are bound by them, and nonces.

mod nonces;
mod proofs;
mod pushed;
mod tokens;
mod userinfo;
