//! The front channel: `/authorize`, `/login/*`, `/consent`.

use crate::context::Context;
use crate::endpoint::{Request, Response};

/// Everything that the front channel needs. It holds no signing key.
pub struct FrontChannel {
    /// Settings, store, time and randomness.
    pub context: Context,
}

impl FrontChannel {
    /// Answers a request to one of the front channel's paths; 404 for any other.
    pub async fn handle(&self, request: Request) -> Response {
        let _ = request;
        todo!()
    }
}
