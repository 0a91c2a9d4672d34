//! Black-box tests, over HTTP, Lambda events and the store's own interface.

mod cli;
mod dev_server;
mod support;
