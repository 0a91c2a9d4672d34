//! The operator's commands, one file a group. Each answers with text, or with the JSON that `docs/configuration.md` documents.

pub(crate) mod client;
pub(crate) mod connection;
pub(crate) mod grant;
pub(crate) mod key;
pub(crate) mod registration;
pub(crate) mod resource;
pub(crate) mod settings;
pub(crate) mod site;
pub(crate) mod user;
