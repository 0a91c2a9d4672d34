//! How an answer gets to a client where a redirect will not do, and where the browser goes.

use askama::Template;

use super::view::Markup;
use super::{Page, Policy, View, render};
use crate::protocol::redirect_uri::RedirectKind;

/// The one script here: it sends the form of the `form_post` page.
pub(super) const SUBMIT: &str = "document.getElementById(\"response\").submit()";

/// The page that sends an authorization response by a form (OAuth 2.0 Form Post Response Mode).
#[derive(Clone, Debug, Template)]
#[template(path = "form_post.html")]
pub struct FormPostPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// The client's name for people.
    pub client_name: &'a str,
    /// The redirect URI.
    pub action: &'a str,
    /// The response parameters.
    pub fields: &'a [(&'a str, &'a str)],
}

/// The page before an unasked-for redirect to a client that registered itself (RFC 9700 section 4.11.2).
#[derive(Clone, Debug, Template)]
#[template(path = "leaving.html")]
pub struct LeavingPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What the client calls itself.
    pub client_name: &'a str,
    /// The client's identifier.
    pub client_id: &'a str,
    /// Where the browser would go.
    pub destination: &'a Destination<'a>,
    /// Why the request ended, in a sentence.
    pub sentence: &'a str,
    /// The registered error code.
    pub error: &'a str,
    /// The address to go on to.
    pub action: &'a str,
    /// What a form posts there; empty where a link will do.
    pub fields: &'a [(&'a str, &'a str)],
}

/// Where a browser goes after consent, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination<'a> {
    /// A web host.
    Host(&'a str),
    /// A program on this computer, by a loopback address.
    ThisComputer,
    /// An app that owns this URI scheme.
    App(&'a str),
}

impl<'a> Destination<'a> {
    /// Where a redirect URI leads.
    #[must_use]
    pub fn of(kind: &'a RedirectKind) -> Self {
        match kind {
            RedirectKind::Web { host } => Self::Host(host),
            RedirectKind::Loopback => Self::ThisComputer,
            RedirectKind::App { scheme } => Self::App(scheme),
        }
    }

    /// What people read.
    pub(super) fn shown(&self, view: &View) -> Markup {
        self.within(view, "<strong>")
    }

    /// What people read where the destination is what the page is about.
    pub(super) fn named(&self, view: &View) -> Markup {
        self.within(view, "<strong id=\"destination\">")
    }

    fn within(&self, view: &View, tag: &'static str) -> Markup {
        let strong = |text: &str| Markup::set(tag, text, "</strong>");
        match self {
            Self::Host(host) => strong(host),
            Self::ThisComputer => strong(&view.say("place-computer")),
            Self::App(scheme) => strong(&view.say("place-app")).then(&Markup::set(" (<code>", scheme, ":</code>)")),
        }
    }
}

impl FormPostPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Script(SUBMIT))
    }
}

impl LeavingPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Form)
    }
}
