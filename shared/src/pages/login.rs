//! Signing in with a password, and choosing an account.

use askama::Template;

use super::{ConnectionButton, Markup, Page, Policy, StrongerWish, UpstreamProblem, View, render};

/// The script that signs in with a passkey.
pub(super) const PASSKEY_LOGIN: &str = include_str!("passkey_login.js");

/// The login page for built-in accounts.
#[derive(Clone, Debug, Template)]
#[template(path = "login.html")]
pub struct LoginPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What for.
    pub purpose: LoginPurpose<'a>,
    /// What the client would like beside a password, and the client's name for people.
    pub stronger: Option<(StrongerWish, &'a str)>,
    /// What stands in the user name field at first.
    pub username: &'a str,
    /// What went wrong before.
    pub problem: Option<LoginProblem>,
    /// Whether people may sign in with a passkey. Only browsers that can are offered to.
    pub passkeys: bool,
    /// The host of the site whose own login may be used as well; the button posts nothing, it is the link `site_login_url`.
    pub site_host: Option<&'a str>,
    /// Where the site's own login begins, when there is one.
    pub site_login_url: Option<&'a str>,
    /// Whether there are accounts with passwords here.
    pub password: bool,
    /// The providers at which people may log in instead.
    pub connections: &'a [ConnectionButton<'a>],
    /// What came of a login at a provider, and the provider's name.
    pub upstream_problem: Option<(UpstreamProblem, &'a str)>,
    /// Where people go who forgot their password, where a link can be sent to them.
    pub forgot_url: Option<&'a str>,
    /// Where people make an account, where they may.
    pub sign_up_url: Option<&'a str>,
    /// What the login is for, as a hidden field that the form carries: the raw query of the authorization request in `request`, the code of a
    /// device in `user_code`, or the way back to an account page in `account`.
    pub errand: (&'a str, &'a str),
    /// The token that binds the form to the browser, in the hidden field `form_token`.
    pub form_token: &'a str,
}

/// What somebody logs in for, as they read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginPurpose<'a> {
    /// The client that asks, by its name for people.
    Client(&'a str),
    /// The device that shows this code. Its client is named once somebody has logged in.
    Device(String),
    /// Their account pages.
    Account,
    /// Something on their account pages that only a new login allows.
    AccountAgain,
}

impl LoginPurpose<'_> {
    /// What people read.
    fn sentence(&self, view: &View) -> Markup {
        match self {
            Self::Client(name) => view.mark("login-continue", [("client", *name)]),
            Self::Device(code) => view.rich("login-device", [("code", view.whole(code))]),
            Self::Account => view.plain(view.say("login-account")),
            Self::AccountAgain => view.plain(view.say("login-account-again")),
        }
    }
}

/// The page on which a person chooses an account: the one that is logged in, or another.
#[derive(Clone, Debug, Template)]
#[template(path = "account.html")]
pub struct AccountPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// The client's name for people.
    pub client_name: &'a str,
    /// Who is logged in, as people know themselves.
    pub user_name: &'a str,
    /// The raw query of the authorization request, in the hidden field `request`.
    pub request: &'a str,
    /// The token that binds the form to the browser, in the hidden field `form_token`.
    pub form_token: &'a str,
}

/// Why a login did not work, as far as people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginProblem {
    /// User name or password is wrong, the account is locked, or there is none: nobody is told which.
    WrongCredentials,
    /// Too many attempts.
    TooManyAttempts {
        /// Minutes to wait, at least 1.
        minutes: i64,
    },
    /// The passkey does not count, for whatever reason.
    Passkey,
    /// The form was sent by another browser, or its cookie is gone.
    Expired,
}

impl LoginProblem {
    /// What people read.
    fn sentence(self, view: &View) -> String {
        match self {
            Self::WrongCredentials => view.say("login-problem-credentials").into_owned(),
            Self::TooManyAttempts { minutes } => view.tell("too-many-attempts", [("minutes", minutes)]),
            Self::Passkey => view.say("passkey-login-problem").into_owned(),
            Self::Expired => view.say("login-problem-expired").into_owned(),
        }
    }
}

impl LoginPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, if self.passkeys { Policy::Asking(PASSKEY_LOGIN) } else { Policy::Form })
    }
}

impl AccountPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Form)
    }
}
