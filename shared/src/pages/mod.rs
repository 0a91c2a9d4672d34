//! What people see: accessible HTML that works without script, in one style and in seven languages. Templates escape every field.
//!
//! Every page is a struct beside its template, and carries the [`View`] of the request, through which it says everything. To add one: a struct with
//! `view`, a template that extends `base.html`, its texts in `texts/<language>/<area>.ftl`, and a line in the tests that render every page.

pub mod account;
mod answer;
mod consent;
mod device;
mod error;
mod login;
mod logout;
mod look;
pub mod mail;
mod onward;
pub mod passkeys;
pub mod passwords;
pub mod qr;
mod stronger;
mod texts;
mod upstream;
mod view;

use askama::Template;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use self::answer::{Destination, FormPostPage, LeavingPage};
pub use self::consent::{AskedDetail, AskedScope, ConsentPage, Lasting, Stranger};
pub use self::device::{DeviceConsentPage, DeviceDonePage, DevicePage, DeviceProblem};
pub use self::error::ErrorPage;
pub use self::login::{AccountPage, LoginPage, LoginProblem, LoginPurpose};
pub use self::logout::{LogoutPage, SignedOutPage};
pub use self::look::Look;
pub use self::onward::OnwardLink;
pub use self::stronger::{StrongerPage, StrongerWish};
pub use self::upstream::{ConnectionButton, UpstreamProblem};
pub use self::view::{Argument, Markup, View};
pub use crate::protocol::language::Language;

/// What every page forbids. No `form-action` where a form's redirects may lead to a client: browsers apply it along the whole chain, custom schemes
/// included.
const BASE_CSP: &str = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// What a page may do beside being looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    /// Send forms, whose redirects may lead to a client.
    Form,
    /// Send forms, and run this one script, which stands in the page.
    Script(&'static str),
    /// The same, with a script that asks this server something.
    Asking(&'static str),
    /// Nothing.
    Closed,
}

/// The CSP source of an inline style or script: its hash (CSP Level 3 section 2.3.1).
fn source(inline: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, inline.as_bytes())))
}

/// A rendered page, and the `Content-Security-Policy` that fits it.
#[derive(Clone, Debug)]
pub struct Page {
    /// The document.
    pub html: String,
    /// The value of the header: nothing but this page's own inline style, and its own script where it has one, by hash.
    pub csp: String,
}

/// Renders `page`. Templates only write strings to a string, which can't fail.
fn render(page: &impl Template, view: &View, policy: Policy) -> Page {
    let html = page.render().unwrap_or_default();
    // Text can't make an element, so that it is a template's own if there is one. A logo stands in the page itself.
    let images = if html.contains("<img ") { "; img-src data:" } else { "" };
    let base = format!("{BASE_CSP}; style-src {}{images}", view.look().style_source());
    let csp = match policy {
        Policy::Form => base,
        Policy::Script(script) => format!("{base}; script-src {}", source(script)),
        Policy::Asking(script) => format!("{base}; script-src {}; connect-src 'self'", source(script)),
        Policy::Closed => format!("{base}; form-action 'none'"),
    };
    Page { html, csp }
}

#[cfg(test)]
mod tests;
