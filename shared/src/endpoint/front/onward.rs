//! The way back from an account page to the authorization request that led there, because its client wants more than the login that the person had.
//!
//! As everywhere it is the request itself that is carried, in the field `request`. It is checked anew, with its client and redirect URI, before a page names
//! the client; and it leads to `/authorize` of this server and nowhere else. One that can't be accepted any more leads nowhere.

use super::FrontChannel;
use super::account::{AccountErrand, Place};
use super::check::{CheckedRequest, check_request};
use super::error::Refusal;
use super::session::{self, ActiveSession};
use crate::endpoint::{Request, Response};
use crate::model::session::Authentication;
use crate::pages::OnwardLink;
use crate::protocol::params::Params;

/// The field that carries it.
const REQUEST: &str = "request";

/// An authorization request that waits for a stronger login, and the page on which it is set up.
pub(super) struct Onward {
    asked: CheckedRequest,
    place: Place,
}

/// The raw query of the authorization request that a form or an address carries, whatever it says.
pub(super) fn carried(request: &Request) -> Option<String> {
    let read = |encoded: &[u8]| Params::parse(encoded).ok()?.find(REQUEST).map(str::to_owned);
    read(&request.body).or_else(|| read(request.raw_query.as_bytes()))
}

impl Onward {
    /// The request that led to `place`, if one did that can be accepted.
    ///
    /// # Errors
    /// When that can't be known.
    pub(super) async fn find(front: &FrontChannel, request: &Request, place: Place) -> Result<Option<Self>, Refusal> {
        let Some(query) = carried(request) else { return Ok(None) };
        match check_request(front, request, &query).await {
            Ok(asked) => Ok(Some(Self { asked, place })),
            Err(Refusal::Ours(reason)) => Err(Refusal::Ours(reason)),
            Err(_) => Ok(None),
        }
    }

    /// The address of the page, with the request.
    pub(super) fn here(&self) -> String {
        AccountErrand::to(self.place).going_on(Some(self.asked.query.clone())).path()
    }

    /// What the page says of it.
    pub(super) fn link(&self) -> OnwardLink<'_> {
        OnwardLink {
            client_name: self.asked.client().display_name(),
            request: &self.asked.query,
            url: self.asked.path(),
            here: self.here(),
        }
    }

    /// The levels that the client wants.
    pub(super) fn wanted_levels(&self) -> Vec<&str> {
        self.asked.parameters.wanted_levels()
    }

    /// The same response for a session that is now worth `authentication`, so that the request goes on at once. What was set up stays set up whether or not
    /// the session can be renewed: then the person logs in with it. A failure is logged.
    pub(super) async fn raise(
        &self,
        front: &FrontChannel,
        request: &Request,
        active: &ActiveSession,
        authentication: Authentication,
        response: Response,
    ) -> Response {
        match session::raise(front, active, authentication).await {
            Ok(cookie) => cookie.into_iter().fold(response, Response::with_cookie),
            Err(error) => {
                tracing::error!(request_id = request.request_id, %error, "a session could not be raised to what its person set up");
                response
            }
        }
    }
}
