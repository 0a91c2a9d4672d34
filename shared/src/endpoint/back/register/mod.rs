//! `/register`: clients register themselves (RFC 7591) and look after their registration (RFC 7592).

mod answer;
mod create;
mod error;
mod manage;
mod metadata;
mod statement;

use http::Method;

use self::error::RegisterError;
use super::BackChannel;
use super::bearer::{self, Scheme};
use super::error::no_store;
use crate::endpoint::{Request, Response};
use crate::model::secret::Secret;

/// Answers a request to the registration endpoint, or to the configuration endpoint of one client.
pub(super) async fn handle(back: &BackChannel, request: &Request) -> Response {
    let answered = match request.method {
        Method::POST => create::create(back, request).await,
        Method::GET => manage::read(back, request).await,
        Method::PUT => manage::replace(back, request).await,
        Method::DELETE => manage::remove(back, request).await,
        _ => Err(RegisterError::Method),
    };
    match answered {
        Ok(response) => no_store(response),
        Err(error) => {
            error.log(request);
            no_store(error.render())
        }
    }
}

/// The token that the request brings in `Authorization: Bearer`.
fn find_token(request: &Request) -> Option<Secret> {
    match bearer::from_header(request)? {
        (Scheme::Bearer, token) => Some(Secret::new(token)),
        (Scheme::Dpop, _) => None,
    }
}
