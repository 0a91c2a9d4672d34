//! The `grantlet` program.

fn main() {}
