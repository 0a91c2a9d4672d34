//! One module an endpoint. Each shows the order of its checks, in the order of the specification.
//!
//! The endpoints are grouped by trust zone, one a Lambda function: [`front`] parses what a browser brings and never signs; [`back`]
//! signs; [`metadata`] serves public keys and nothing else; [`rotate`] makes and retires keys;
//! [`notify`] tells clients that a session has ended, and signs what it tells them.

mod authorization;
pub mod back;
mod ceiling;
pub mod client_cache;
pub mod client_documents;
pub mod client_keys;
pub mod cors;
pub mod fetch;
pub mod front;
pub mod login_ways;
pub mod message;
pub mod metadata;
pub mod notify;
pub mod people;
mod resources;
pub mod rotate;
pub mod sector;
pub mod subjects;

pub use message::{Request, Response, network_of};
