//! Wire types: parsing and rendering, without clock, store or randomness.

pub mod issuer;
pub mod params;
