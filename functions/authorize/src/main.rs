//! The `authorize` function.

fn main() {}
