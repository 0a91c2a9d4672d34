//! What people see where a client wants more than the login that they have.

use askama::Template;

use super::view::Markup;
use super::{Page, Policy, View, render};

/// The page that says so, where the client can't do without.
#[derive(Clone, Debug, Template)]
#[template(path = "stronger.html")]
pub struct StrongerPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// The client's name for people.
    pub client_name: &'a str,
    /// The person has what it takes, and may log in with it.
    pub sign_in: bool,
    /// Where a passkey can be made for it.
    pub passkey_url: Option<String>,
    /// Where a second factor can be set up for it.
    pub factor_url: Option<String>,
    /// The raw query of the authorization request, in the hidden field `request`.
    pub request: &'a str,
    /// The token that binds the form to the browser, in the hidden field `form_token`.
    pub form_token: &'a str,
}

/// What a client would like that a password alone is not, as the login page says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrongerWish {
    /// A passkey.
    Passkey,
    /// A passkey, or a second factor.
    Factor,
    /// A second factor, where there are no passkeys.
    Code,
}

impl StrongerWish {
    /// What people read.
    pub(super) fn sentence(self, view: &View, client: &str) -> Markup {
        let id = match self {
            Self::Passkey => "login-stronger-passkey",
            Self::Factor => "login-stronger-factor",
            Self::Code => "login-stronger-code",
        };
        view.mark(id, [("client", client)])
    }
}

impl StrongerPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Form)
    }
}
