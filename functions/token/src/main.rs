//! The `token` function.

fn main() {}
