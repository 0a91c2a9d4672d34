//! Grantlet: an OAuth 2.1 authorization server and OpenID Connect provider for AWS Lambda and DynamoDB.
//!
//! Read it in this order. Every module may use those named after it, never those before:
//!
//! - [`http`] turns API Gateway events into requests, and finds the endpoint for a path.
//! - [`endpoint`] holds one module an endpoint: the order of its checks, in the order of the specification.
//! - [`pages`] renders what people see.
//! - [`vault`] keeps the private halves of keys; [`store`] is the only code that speaks to DynamoDB.
//! - [`model`] has the things that are stored, and the states they go through.
//! - [`password`] judges, hashes and verifies passwords; [`webauthn`] begins and finishes passkey ceremonies; [`mail`] sends mail; [`jose`] signs and verifies JWTs.
//! - [`protocol`] parses and renders what travels over the wire; it knows no clock, store or randomness.
//!
//! [`context`] hands time, randomness, settings and the store to the endpoints; [`config`] reads settings from the
//! environment, and [`settings_cache`] keeps those of [`model::settings`] that the operator applied.

// The metadata document is one `json!` of more than fifty members.
#![recursion_limit = "256"]

pub mod config;
pub mod context;
pub mod endpoint;
pub mod http;
pub mod jose;
pub mod mail;
pub mod model;
pub mod pages;
pub mod password;
pub mod protocol;
pub mod settings_cache;
pub mod start;
pub mod store;
pub mod telemetry;
pub mod vault;
pub mod webauthn;
