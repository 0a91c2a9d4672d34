//! Signing out.

use askama::Template;

use super::{Destination, Page, Policy, View, render};

/// The page that asks whether to log out (OpenID Connect RP-Initiated Logout section 2).
#[derive(Clone, Debug, Template)]
#[template(path = "logout.html")]
pub struct LogoutPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// The name for people of the client that asks, where it says who it is.
    pub client_name: Option<&'a str>,
    /// Where the browser goes afterwards, if anywhere.
    pub destination: Option<&'a Destination<'a>>,
    /// Who is logged in, as people know themselves.
    pub user_name: Option<&'a str>,
    /// The raw query of the logout request, in the hidden field `request`.
    pub request: &'a str,
    /// The token that binds the form to the browser, in the hidden field `form_token`.
    pub form_token: &'a str,
}

/// The page at the end of a logout that leads nowhere else.
#[derive(Clone, Debug, Template)]
#[template(path = "signed_out.html")]
pub struct SignedOutPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// Whether the person chose to stay.
    pub signed_in: bool,
    /// The name for people of the client that asked, where it said who it is.
    pub client_name: Option<&'a str>,
    /// An address to go on to, and where it leads, where that is for the person to decide.
    pub next: Option<(&'a str, &'a Destination<'a>)>,
}

impl LogoutPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Form)
    }
}

impl SignedOutPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Closed)
    }
}
