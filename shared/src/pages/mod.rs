//! What people see: accessible HTML without script, in one style. Templates escape every field.

use std::sync::LazyLock;

use askama::Template;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::protocol::redirect_uri::RedirectKind;

/// The style of every page.
const STYLE: &str = include_str!("style.css");
/// The one script: it sends the form of the `form_post` page.
const SUBMIT: &str = "document.getElementById(\"response\").submit()";

/// No `form-action` where a form's redirects may lead to a client: browsers apply it along the whole chain, custom schemes included.
static FORM_CSP: LazyLock<String> = LazyLock::new(|| format!("{}; style-src {}", BASE_CSP, source(STYLE)));
static FORM_POST_CSP: LazyLock<String> = LazyLock::new(|| format!("{}; script-src {}", *FORM_CSP, source(SUBMIT)));
static ERROR_CSP: LazyLock<String> = LazyLock::new(|| format!("{}; form-action 'none'", *FORM_CSP));
const BASE_CSP: &str = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The CSP source of an inline style or script: its hash (CSP Level 3 section 2.3.1).
fn source(inline: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, inline.as_bytes())))
}

/// A scope in words; none for scopes that are the operator's own.
#[must_use]
fn describe(scope: &str) -> Option<&'static str> {
    match scope {
        "openid" => Some("to know who you are"),
        "profile" => Some("your name and profile"),
        "email" => Some("your e-mail address"),
        "phone" => Some("your phone number"),
        "address" => Some("your postal address"),
        "offline_access" => Some("to stay connected while you are away, until the access is withdrawn"),
        _ => None,
    }
}

/// A claim in words (`OpenID` Connect Core section 5.1).
#[must_use]
fn describe_claim(claim: &str) -> Option<&'static str> {
    match claim {
        "name" => Some("your name"),
        "given_name" => Some("your given name"),
        "family_name" => Some("your family name"),
        "middle_name" => Some("your middle name"),
        "nickname" => Some("your nickname"),
        "preferred_username" => Some("your user name"),
        "profile" => Some("the address of your profile page"),
        "picture" => Some("your picture"),
        "website" => Some("your website"),
        "gender" => Some("your gender"),
        "birthdate" => Some("your date of birth"),
        "zoneinfo" => Some("your time zone"),
        "locale" => Some("your language"),
        "updated_at" => Some("when your profile was changed last"),
        "email" => Some("your e-mail address"),
        "email_verified" => Some("whether your e-mail address was checked"),
        "phone_number" => Some("your phone number"),
        "phone_number_verified" => Some("whether your phone number was checked"),
        "address" => Some("your postal address"),
        _ => None,
    }
}

/// A rendered page, and the `Content-Security-Policy` that fits it.
#[derive(Clone, Debug)]
pub struct Page {
    /// The document.
    pub html: String,
    /// The value of the header: nothing but this page's own inline style, and its own script where it has one, by hash.
    pub csp: &'static str,
}

/// The login page for built-in accounts.
#[derive(Clone, Debug, Template)]
#[template(path = "login.html")]
pub struct LoginPage<'a> {
    /// The client that asks, by its name for people; none where a device does, whose client is named once somebody has logged in.
    pub client_name: Option<&'a str>,
    /// What stands in the user name field at first.
    pub username: &'a str,
    /// What went wrong before.
    pub problem: Option<LoginProblem>,
    /// The host of the site whose own login may be used as well; the button posts nothing, it is the link `site_login_url`.
    pub site_host: Option<&'a str>,
    /// Where the site's own login begins, when there is one.
    pub site_login_url: Option<&'a str>,
    /// What the login is for, as a hidden field that the form carries: the raw query of the authorization request in `request`, or the code of a
    /// device in `user_code`.
    pub errand: (&'a str, &'a str),
    /// The token that binds the form to the browser, in the hidden field `form_token`.
    pub form_token: &'a str,
}

/// The page on which a person chooses an account: the one that is logged in, or another.
#[derive(Clone, Debug, Template)]
#[template(path = "account.html")]
pub struct AccountPage<'a> {
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
    /// The form was sent by another browser, or its cookie is gone.
    Expired,
}

/// The consent page.
#[derive(Clone, Debug, Template)]
#[template(path = "consent.html")]
pub struct ConsentPage<'a> {
    /// The client's name for people.
    pub client_name: &'a str,
    /// The client's identifier.
    pub client_id: &'a str,
    /// Where the browser goes afterwards: a host, or for a program on this computer or an app the words for it.
    pub destination: &'a Destination<'a>,
    /// What stands behind the client, when it is not the operator.
    pub stranger: Option<Stranger<'a>>,
    /// Who is logged in, as people know themselves.
    pub user_name: &'a str,
    /// The scopes asked for.
    pub scopes: &'a [AskedScope<'a>],
    /// The claims asked for beside those of the scopes.
    pub claims: &'a [String],
    /// The resources that the access is for, as people know them; empty for the default one alone.
    pub resources: &'a [&'a str],
    /// What is asked for in a structured form (RFC 9396).
    pub details: &'a [AskedDetail<'a>],
    /// Whether the client stays connected while nobody is there (refresh tokens).
    pub offline: bool,
    /// The raw query of the authorization request, in the hidden field `request`.
    pub request: &'a str,
    /// The token that binds the form to the browser, in the hidden field `form_token`.
    pub form_token: &'a str,
}

/// A client that nobody who runs this server has checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stranger<'a> {
    /// It registered itself.
    Registered,
    /// A document describes it.
    Described {
        /// The host that the document is at.
        host: &'a str,
    },
}

/// A scope that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedScope<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it allows, in words; none where nobody gave any.
    pub words: Option<&'a str>,
}

/// Something that is asked for in a structured form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedDetail<'a> {
    /// What its type allows, in the operator's words.
    pub description: &'a str,
    /// What the client says about it: names and values.
    pub rows: Vec<(String, String)>,
}

impl<'a> AskedScope<'a> {
    /// The scope `name`, in the operator's words if there are any.
    #[must_use]
    pub fn new(name: &'a str, words: Option<&'a str>) -> Self {
        Self { name, words: words.or_else(|| describe(name)) }
    }
}

/// The page on which people type in a device's code.
#[derive(Clone, Debug, Template)]
#[template(path = "device.html")]
pub struct DevicePage<'a> {
    /// What stands in the field `user_code` at first.
    pub user_code: &'a str,
    /// What went wrong before.
    pub problem: Option<DeviceProblem>,
    /// The token that binds the form to the browser, in the hidden field `form_token`.
    pub form_token: &'a str,
}

/// Why a device's code did not work, as far as people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceProblem {
    /// No device waits under this code: it is wrong, over, or answered. Nobody is told which.
    WrongCode,
    /// Too many attempts.
    TooManyAttempts {
        /// Minutes to wait, at least 1.
        minutes: i64,
    },
    /// The form was sent by another browser, or its cookie is gone.
    Expired,
}

/// The page that asks whether a device may act for a person (RFC 8628 section 5.4).
#[derive(Clone, Debug, Template)]
#[template(path = "device_consent.html")]
pub struct DeviceConsentPage<'a> {
    /// The client's name for people.
    pub client_name: &'a str,
    /// The client's identifier.
    pub client_id: &'a str,
    /// Why people must be careful with its name, where the operator does not know the client.
    pub stranger: Option<Stranger<'a>>,
    /// Who is logged in, as people know themselves.
    pub user_name: &'a str,
    /// The scopes asked for.
    pub scopes: &'a [AskedScope<'a>],
    /// The resources that it may use them at, where it named any.
    pub resources: &'a [&'a str],
    /// What is asked for in a structured form (RFC 9396).
    pub details: &'a [AskedDetail<'a>],
    /// Whether the client stays connected while nobody is there (refresh tokens).
    pub offline: bool,
    /// The code that the device shows, which the form carries in the hidden field `user_code`.
    pub user_code: &'a str,
    /// The key of the device's request, in the hidden field `device`.
    pub device: &'a str,
    /// The token that binds the form to the browser, in the hidden field `form_token`.
    pub form_token: &'a str,
}

/// The page that says what became of a device.
#[derive(Clone, Debug, Template)]
#[template(path = "device_done.html")]
pub struct DeviceDonePage<'a> {
    /// The client's name for people.
    pub client_name: &'a str,
    /// Whether it was allowed.
    pub allowed: bool,
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
}

/// The page that asks whether to log out (OpenID Connect RP-Initiated Logout section 2).
#[derive(Clone, Debug, Template)]
#[template(path = "logout.html")]
pub struct LogoutPage<'a> {
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
    /// Whether the person chose to stay.
    pub signed_in: bool,
    /// The name for people of the client that asked, where it said who it is.
    pub client_name: Option<&'a str>,
    /// An address to go on to, and where it leads, where that is for the person to decide.
    pub next: Option<(&'a str, &'a Destination<'a>)>,
}

/// The page that sends an authorization response by a form (OAuth 2.0 Form Post Response Mode).
#[derive(Clone, Debug, Template)]
#[template(path = "form_post.html")]
pub struct FormPostPage<'a> {
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

/// A page that says what happened and what to do next.
#[derive(Clone, Debug, Template)]
#[template(path = "error.html")]
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

impl LoginProblem {
    /// What people read.
    fn sentence(self) -> String {
        match self {
            Self::WrongCredentials => "The user name or the password is not right. Try again.".to_owned(),
            Self::TooManyAttempts { minutes: 1 } => "Too many attempts. Try again in a minute.".to_owned(),
            Self::TooManyAttempts { minutes } => format!("Too many attempts. Try again in {minutes} minutes."),
            Self::Expired => "This page had waited too long. Please sign in once more.".to_owned(),
        }
    }
}

impl DeviceProblem {
    /// What people read.
    fn sentence(self) -> String {
        match self {
            Self::WrongCode => "No device waits under this code. Compare it with the device; if it is right, start again there.".to_owned(),
            Self::TooManyAttempts { minutes: 1 } => "Too many attempts. Try again in a minute.".to_owned(),
            Self::TooManyAttempts { minutes } => format!("Too many attempts. Try again in {minutes} minutes."),
            Self::Expired => "This page had waited too long. Please send the code once more.".to_owned(),
        }
    }
}

/// Renders `page`. Templates only write strings to a string, which can't fail.
fn render(page: &impl Template, csp: &'static str) -> Page {
    Page { html: page.render().unwrap_or_default(), csp }
}

impl LoginPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, &FORM_CSP)
    }
}

/// The words for staying connected, unless a scope says so already.
fn offline_words(offline: bool, scopes: &[AskedScope<'_>]) -> Option<&'static str> {
    const OFFLINE: &str = "offline_access";
    describe(OFFLINE).filter(|_| offline && scopes.iter().all(|scope| scope.name != OFFLINE))
}

impl AccountPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, &FORM_CSP)
    }
}

impl DevicePage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, &FORM_CSP)
    }
}

impl DeviceConsentPage<'_> {
    fn offline_words(&self) -> Option<&'static str> {
        offline_words(self.offline, self.scopes)
    }

    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, &FORM_CSP)
    }
}

impl DeviceDonePage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, &ERROR_CSP)
    }
}

impl ConsentPage<'_> {
    fn offline_words(&self) -> Option<&'static str> {
        offline_words(self.offline, self.scopes)
    }

    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, &FORM_CSP)
    }
}

impl FormPostPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, &FORM_POST_CSP)
    }
}

impl LeavingPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, &FORM_CSP)
    }
}

impl LogoutPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, &FORM_CSP)
    }
}

impl SignedOutPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, &ERROR_CSP)
    }
}

impl ErrorPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, &ERROR_CSP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = "\"><script>alert(1)</script>' onfocus=x {{ 7*7 }} &amp;";

    fn pages(text: &str) -> Vec<Page> {
        let scopes = ["openid", text, "offline_access"].map(|name| AskedScope::new(name, None));
        let worded = [AskedScope::new(text, Some(text))];
        let details = [AskedDetail { description: text, rows: vec![(text.to_owned(), text.to_owned())] }];
        let resources = [text];
        let fields = [("code", text), (text, "x")];
        let claims = [text.to_owned(), "birthdate".to_owned()];
        let logout =
            |destination| LogoutPage { client_name: Some(text), destination, user_name: Some(text), request: text, form_token: text };
        let login = LoginPage {
            client_name: Some(text),
            username: text,
            problem: Some(LoginProblem::WrongCredentials),
            site_host: Some(text),
            site_login_url: Some(text),
            errand: ("request", text),
            form_token: text,
        };
        let consent = |destination| ConsentPage {
            client_name: text,
            client_id: text,
            destination,
            stranger: Some(Stranger::Described { host: text }),
            user_name: text,
            scopes: &scopes,
            claims: &claims,
            resources: &[],
            details: &[],
            offline: true,
            request: text,
            form_token: text,
        };
        let device = DeviceConsentPage {
            client_name: text,
            client_id: text,
            stranger: Some(Stranger::Described { host: text }),
            user_name: text,
            scopes: &scopes,
            resources: &[text],
            details: &details,
            offline: true,
            user_code: text,
            device: text,
            form_token: text,
        };
        let leaving = |fields| {
            let destination = &Destination::Host(text);
            LeavingPage { client_name: text, client_id: text, destination, sentence: text, error: text, action: text, fields }.render()
        };
        vec![
            login.render(),
            consent(&Destination::Host(text)).render(),
            consent(&Destination::App(text)).render(),
            ConsentPage { scopes: &worded, resources: &resources, details: &details, ..consent(&Destination::ThisComputer) }.render(),
            leaving(&[]),
            leaving(&fields),
            FormPostPage { client_name: text, action: text, fields: &fields }.render(),
            AccountPage { client_name: text, user_name: text, request: text, form_token: text }.render(),
            logout(Some(&Destination::Host(text))).render(),
            logout(Some(&Destination::App(text))).render(),
            logout(None).render(),
            SignedOutPage { signed_in: true, client_name: Some(text), next: None }.render(),
            SignedOutPage { signed_in: false, client_name: Some(text), next: Some((text, &Destination::Host(text))) }.render(),
            DevicePage { user_code: text, problem: Some(DeviceProblem::WrongCode), form_token: text }.render(),
            device.render(),
            DeviceDonePage { client_name: text, allowed: true }.render(),
            DeviceDonePage { client_name: text, allowed: false }.render(),
            ErrorPage { title: text, message: text, advice: text, error: Some(text), request_id: text }.render(),
        ]
    }

    /// OAuth 2.1 section 7.12
    #[test]
    fn nothing_that_a_stranger_says_becomes_markup() {
        for page in pages(NASTY) {
            let html = page.html.replace(SUBMIT, "");
            assert!(!html.contains("<script>alert") && !html.contains("\"><"), "{html}");
            assert!(!html.contains("' onfocus"), "{html}");
        }
    }

    /// CSP Level 3: a page whose hashes differ would be naked
    #[test]
    fn the_policy_allows_exactly_what_the_page_has_inline() {
        for page in pages("text") {
            let style = page.html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
            assert!(page.csp.contains(&source(style)), "{}", page.csp);
            match page.html.split_once("<script>") {
                Some((_, rest)) => assert!(page.csp.contains(&format!("script-src {}", source(rest.split_once("</script>").unwrap().0)))),
                None => assert!(!page.csp.contains("script-src")),
            }
            assert!(!page.csp.contains("unsafe") && page.csp.contains("frame-ancestors 'none'"));
            assert!(!page.html.contains("style=\"") && !page.html.contains("src=") && !page.html.contains("http"), "{}", page.html);
            assert!(page.html.len() < 10_000, "{}", page.html.len());
        }
    }

    #[test]
    fn consent_says_what_for_and_where_to() {
        let [_, host, app, here, ..] = &pages("text")[..] else { panic!("six pages") };
        assert!(host.html.contains("to know who you are") && host.html.contains("stay connected while you are away"));
        assert!(host.html.contains("your date of birth"));
        assert_eq!(host.html.matches("stay connected").count(), 1);
        assert!(app.html.contains("an app on this device") && here.html.contains("a program on this computer"));
    }
}
