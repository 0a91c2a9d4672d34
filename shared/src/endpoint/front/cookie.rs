//! Cookies: `__Host-`, `HttpOnly`, `Secure`, `SameSite=Lax` (RFC 6265bis section 4.1). At a plain loopback issuer some browsers drop such
//! names, so they are plain there.

use super::FrontChannel;
use crate::endpoint::Request;

/// A cookie of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cookie {
    /// Who is logged in.
    Session,
    /// What forms are bound to.
    Form,
    /// What a login at the site is bound to.
    Challenge,
    /// What pushed requests are bound to.
    Pushed,
    /// What a login at a provider is bound to.
    Upstream,
}

impl Cookie {
    fn name(self, front: &FrontChannel) -> &'static str {
        match (self, front.context.config.issuer.is_https()) {
            (Self::Session, true) => "__Host-grantlet-session",
            (Self::Session, false) => "grantlet-session",
            (Self::Form, true) => "__Host-grantlet-form",
            (Self::Form, false) => "grantlet-form",
            (Self::Challenge, true) => "__Host-grantlet-challenge",
            (Self::Challenge, false) => "grantlet-challenge",
            (Self::Pushed, true) => "__Host-grantlet-pushed",
            (Self::Pushed, false) => "grantlet-pushed",
            (Self::Upstream, true) => "__Host-grantlet-upstream",
            (Self::Upstream, false) => "grantlet-upstream",
        }
    }

    /// What the browser sent.
    pub(super) fn find(self, front: &FrontChannel, request: &Request) -> Option<String> {
        request.cookie(self.name(front)).map(str::to_owned)
    }

    /// The `Set-Cookie` that keeps `value` for `max_age` seconds; 0 forgets it.
    pub(super) fn render(self, front: &FrontChannel, value: &str, max_age: i64) -> String {
        let secure = if front.context.config.issuer.is_https() { "; Secure" } else { "" };
        format!("{}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}", self.name(front))
    }
}
