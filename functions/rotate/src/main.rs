//! The `rotate` function.

fn main() {}
