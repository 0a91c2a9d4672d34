//! The passkeys of an account.

use askama::Template;

use super::account::Frame;
use super::view::Markup;
use super::{OnwardLink, Page, Policy, View, render};
use crate::context::Timestamp;
use crate::model::passkey::Passkey;

/// The script that makes a passkey.
pub(super) const CREATION: &str = include_str!("passkey_creation.js");

/// `/account/passkeys`.
#[derive(Clone, Debug, Template)]
#[template(path = "account/passkeys.html")]
pub struct PasskeysPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What every account page has.
    pub frame: Frame<'a>,
    /// The oldest first.
    pub passkeys: &'a [ShownPasskey<'a>],
    /// There are as many as one person may have.
    pub is_full: bool,
    /// What went wrong before.
    pub problem: Option<PasskeyProblem>,
    /// The authorization request that waits for it, if one led here.
    pub onward: Option<OnwardLink<'a>>,
    /// The token that binds the forms to the browser.
    pub form_token: &'a str,
}

/// A passkey, as people see it.
#[derive(Clone, Copy, Debug)]
pub struct ShownPasskey<'a> {
    /// Its key.
    pub id: &'a str,
    /// What the person calls it; empty for one without a name.
    pub name: &'a str,
    /// It is kept in more than one place.
    pub backed_up: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was used last, if it was.
    pub last_used_at: Option<Timestamp>,
}

/// What went wrong, as far as people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyProblem {
    /// The passkey that was made does not count.
    NotAdded,
    /// There are as many as one person may have.
    Full,
    /// Without it the person could not log in any more.
    Last,
}

impl<'a> ShownPasskey<'a> {
    /// What people see of a passkey.
    #[must_use]
    pub fn of(passkey: &'a Passkey) -> Self {
        Self {
            id: passkey.id.as_str(),
            name: &passkey.name,
            backed_up: passkey.backed_up,
            created_at: passkey.created_at,
            last_used_at: passkey.last_used_at,
        }
    }

    /// Its name, or what it is called without one.
    fn title(&self, view: &View) -> Markup {
        if self.name.is_empty() { view.rich("passkeys-unnamed", [("date", view.date(self.created_at))]) } else { view.plain(self.name) }
    }
}

impl PasskeyProblem {
    /// What people read: the id of a message.
    fn sentence(self) -> &'static str {
        match self {
            Self::NotAdded => "passkeys-not-added",
            Self::Full => "passkeys-full",
            Self::Last => "passkeys-last",
        }
    }
}

impl PasskeysPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, if self.is_full { Policy::Form } else { Policy::Asking(CREATION) })
    }
}
