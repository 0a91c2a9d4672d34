//! What people see: accessible HTML without script, in one style. Templates escape every field.

/// A rendered page, and the `Content-Security-Policy` that fits it.
#[derive(Clone, Debug)]
pub struct Page {
    /// The document.
    pub html: String,
    /// The value of the header: nothing but this page's own inline style, and its own script where it has one, by hash.
    pub csp: &'static str,
}

/// The login page for built-in accounts.
#[derive(Clone, Debug)]
pub struct LoginPage<'a> {
    /// The client that asks, by its name for people.
    pub client_name: &'a str,
    /// What stands in the user name field at first.
    pub username: &'a str,
    /// What went wrong before.
    pub problem: Option<LoginProblem>,
    /// The host of the site whose own login may be used as well; the button posts nothing, it is the link `site_login_url`.
    pub site_host: Option<&'a str>,
    /// Where the site's own login begins, when there is one.
    pub site_login_url: Option<&'a str>,
    /// The raw query of the authorization request, which the form carries in the hidden field `request`.
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
    /// The form was sent by another browser, or its cookie is gone.
    Expired,
}

/// The consent page.
#[derive(Clone, Debug)]
pub struct ConsentPage<'a> {
    /// The client's name for people.
    pub client_name: &'a str,
    /// The client's identifier.
    pub client_id: &'a str,
    /// Where the browser goes afterwards: a host, or for a program on this computer or an app the words for it.
    pub destination: &'a Destination<'a>,
    /// Who is logged in, as people know themselves.
    pub user_name: &'a str,
    /// The scopes asked for.
    pub scopes: &'a [&'a str],
    /// Whether the client stays connected while nobody is there (refresh tokens).
    pub offline: bool,
    /// The raw query of the authorization request, in the hidden field `request`.
    pub request: &'a str,
    /// The token that binds the form to the browser, in the hidden field `form_token`.
    pub form_token: &'a str,
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

/// The page that sends an authorization response by a form (OAuth 2.0 Form Post Response Mode).
#[derive(Clone, Debug)]
pub struct FormPostPage<'a> {
    /// The client's name for people.
    pub client_name: &'a str,
    /// The redirect URI.
    pub action: &'a str,
    /// The response parameters.
    pub fields: &'a [(&'a str, &'a str)],
}

/// A page that says what happened and what to do next.
#[derive(Clone, Debug)]
pub struct ErrorPage<'a> {
    /// What happened, in a few words.
    pub title: &'a str,
    /// What happened, in a sentence or two.
    pub message: &'a str,
    /// Whose turn it is, and what to do.
    pub advice: &'a str,
    /// The registered error code, for developers; none where there is none.
    pub error: Option<&'a str>,
    /// The id to find the request in the log by.
    pub request_id: &'a str,
}
