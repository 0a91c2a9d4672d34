//! What applications may do, as people see it.

use askama::Template;

use super::{Frame, ListPages};
use crate::context::Timestamp;
use crate::pages::{AskedDetail, AskedScope, Page, Policy, Stranger, View, render};

/// `/account/apps`.
#[derive(Clone, Debug, Template)]
#[template(path = "account/apps.html")]
pub struct AppsPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What every account page has.
    pub frame: Frame<'a>,
    /// The one that was allowed something last comes first.
    pub apps: &'a [ShownApp<'a>],
    /// The other pages of the list.
    pub pages: ListPages<'a>,
    /// The token that binds the forms to the browser.
    pub form_token: &'a str,
}

/// An application with everything that it may do.
#[derive(Clone, Debug)]
pub struct ShownApp<'a> {
    /// The client's identifier.
    pub client_id: &'a str,
    /// The client's name for people.
    pub name: &'a str,
    /// It is not registered any more.
    pub is_gone: bool,
    /// What stands behind it, when it is not the operator.
    pub stranger: Option<Stranger<'a>>,
    /// The scopes.
    pub scopes: Vec<AskedScope<'a>>,
    /// The claims beside those of the scopes.
    pub claims: &'a [String],
    /// The resources that the access is for, as people know them; empty for the default one alone.
    pub resources: Vec<&'a str>,
    /// What it may do in a structured form (RFC 9396).
    pub details: Vec<AskedDetail<'a>>,
    /// Whether it stays connected while nobody is there.
    pub offline: bool,
    /// Since when; none where it only need not ask.
    pub since: Option<Timestamp>,
    /// When it last got a token.
    pub last_used: Option<Timestamp>,
    /// When it ends by itself.
    pub ends_at: Option<Timestamp>,
    /// It need not ask again for what it was allowed.
    pub is_remembered: bool,
}

impl AppsPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Form)
    }
}
