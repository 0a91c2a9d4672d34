//! What leaves the front channel: pages, and answers to clients.

use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_FRAME_OPTIONS};

use super::FrontChannel;
use crate::endpoint::Response;
use crate::pages::{Destination, FormPostPage, LeavingPage, Page, View};
use crate::protocol::authorize::{ResponseMode, TrustedRedirect};

/// A page with the headers that every page has. Forms go to our own origin alone, where `same-origin` lets `Origin` be seen.
pub(super) fn page(status: StatusCode, page: Page) -> Response {
    let Page { html, csp } = page;
    no_store(Response::html(status, html)).with(CONTENT_SECURITY_POLICY, &csp).with(X_FRAME_OPTIONS, "DENY")
}

/// JSON for a script of one of our own pages.
pub(super) fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    no_store(Response::json(status, body))
}

/// A 303 within this server.
pub(super) fn go_on(path: &str) -> Response {
    no_store(Response::see_other(path))
}

/// A 303 to an address that was proven to be a client's.
pub(super) fn redirect(location: &str) -> Response {
    no_store(Response::see_other(location))
}

fn no_store(response: Response) -> Response {
    response.with(CACHE_CONTROL, "no-store").with(REFERRER_POLICY, "same-origin")
}

/// Where and how the answer to a request goes. It can be made of a [`TrustedRedirect`] alone.
#[derive(Clone, Debug)]
pub(super) struct ClientReply {
    pub(super) redirect: TrustedRedirect,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<String>,
    pub(super) client_name: String,
    /// In which language and look people see it.
    pub(super) view: View,
    /// `iss` is sent even where it is switched off (FAPI 2.0 Security Profile section 5.3.2.2).
    pub(super) always_iss: bool,
    pub(super) client_id: String,
    /// Nothing is sent before somebody has logged in (RFC 9700 section 4.11.2).
    pub(super) needs_login: bool,
}

impl ClientReply {
    /// Sends `fields` to the client.
    pub(super) fn send(&self, front: &FrontChannel, fields: &[(&str, &str)]) -> Response {
        let all = self.complete(front, fields);
        match self.mode {
            // OAuth 2.1 section 7.5.3: never 307, which would hand on the form that was posted.
            ResponseMode::Query => no_store(Response::see_other(&self.redirect.with_query(&all))),
            ResponseMode::FormPost => {
                let form = FormPostPage { view: &self.view, client_name: &self.client_name, action: self.redirect.as_str(), fields: &all };
                page(StatusCode::OK, form.render())
            }
        }
    }

    /// A page that names where the browser would go with an error, and leaves it to the person.
    pub(super) fn offer(&self, front: &FrontChannel, status: StatusCode, error: &str, description: &str) -> Response {
        let all = self.complete(front, &[("error", error), ("error_description", description)]);
        let (action, fields) = match self.mode {
            ResponseMode::Query => (self.redirect.with_query(&all), Vec::new()),
            ResponseMode::FormPost => (self.redirect.as_str().to_owned(), all),
        };
        let leaving = LeavingPage {
            view: &self.view,
            client_name: &self.client_name,
            client_id: &self.client_id,
            destination: &self.destination(),
            sentence: description,
            error,
            action: &action,
            fields: &fields,
        };
        page(status, leaving.render())
    }

    /// Where the browser goes, for people.
    pub(super) fn destination(&self) -> Destination<'_> {
        Destination::of(self.redirect.kind())
    }

    /// `fields` with `state` as it came and `iss` (OAuth 2.1 section 4.1.2, RFC 9207 section 2).
    fn complete<'a>(&'a self, front: &'a FrontChannel, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let config = &front.context.config;
        let mut all = fields.to_vec();
        all.extend(self.state.as_deref().map(|state| ("state", state)));
        all.extend((config.iss_parameter || self.always_iss).then_some(("iss", config.issuer.as_str())));
        all
    }
}
