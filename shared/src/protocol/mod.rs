//! Wire types: parsing and rendering, without clock, store or randomness.

pub mod accept;
pub mod authorize;
pub mod basic;
pub mod claims;
pub mod claims_request;
pub mod details;
pub mod issuer;
pub mod language;
pub mod params;
pub mod pkce;
pub mod profile;
pub mod redirect_uri;
pub mod request_object;
pub mod resource;
pub mod scope;
