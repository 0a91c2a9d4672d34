//! What is known about a person, and how it goes.

use askama::Template;

use super::{Entry, Frame};
use crate::context::Timestamp;
use crate::pages::{Page, Policy, View, render};

/// `/account/data`.
#[derive(Clone, Debug, Template)]
#[template(path = "account/data.html")]
pub struct DataPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What every account page has.
    pub frame: Frame<'a>,
    /// By what applications know the person.
    pub subject: &'a str,
    /// The claims that are kept.
    pub entries: &'a [Entry],
    /// When they changed last.
    pub changed_at: Timestamp,
    /// Where the person may change them, if they may.
    pub profile: Option<&'static str>,
    /// The parts in which the download comes: number and what names each; none where it is one.
    pub parts: &'a [(usize, String)],
    /// Where the account can be deleted, if people may do that.
    pub deletion: Option<&'static str>,
    /// The token that binds the form to the browser.
    pub form_token: &'a str,
}

/// `/account/delete`.
#[derive(Clone, Debug, Template)]
#[template(path = "account/deletion.html")]
pub struct DeletionPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What every account page has.
    pub frame: Frame<'a>,
    /// What has to be typed in.
    pub name: &'a str,
    /// Something else was typed in before.
    pub differs: bool,
    /// The account belongs to another site, and would be made anew by the next login from there.
    pub made_elsewhere: bool,
    /// The token that binds the form to the browser.
    pub form_token: &'a str,
}

/// What is said when it is done.
#[derive(Clone, Debug, Template)]
#[template(path = "account/deleted.html")]
pub struct DeletedPage<'a> {
    /// Language and look.
    pub view: &'a View,
}

impl DataPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Form)
    }
}

impl DeletionPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Form)
    }
}

impl DeletedPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Closed)
    }
}
