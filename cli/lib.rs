//! What the `grantlet` program is made of: the embedded engine, the local server, seeds, and the operator's commands.

pub mod engine;
pub mod tables;
