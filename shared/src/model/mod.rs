//! What is stored, and the states it goes through. No clock, no store.

pub mod client;
pub mod code;
pub mod consent;
pub mod device;
pub mod email;
pub mod event;
pub mod factor;
pub mod grant;
pub mod key_ring;
pub mod level;
pub mod passkey;
pub mod pushed;
pub mod refresh_token;
pub mod registration;
pub mod secret;
pub mod self_registration;
pub mod session;
pub mod settings;
pub mod user;
pub mod whereabouts;
