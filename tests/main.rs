//! Black-box tests, over HTTP, Lambda events and the store's own interface.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking, its helpers too")]

mod advertised;
mod artefacts;
mod authorize;
mod cli;
mod conformance;
mod cors;
mod details;
mod dev_server;
mod device;
mod dpop;
mod fapi2;
mod faults;
mod figures;
mod functions;
mod grants;
mod harness;
mod introspection;
mod keys;
mod lambda;
mod logout;
mod look;
mod openid;
mod openid_client;
mod par;
mod policies;
mod registration;
mod request_objects;
mod resources;
mod settings;
mod single_use;
mod site_login;
mod store_contract;
mod support;
mod template;
mod token;
