//! The `jwks` function.

fn main() {}
