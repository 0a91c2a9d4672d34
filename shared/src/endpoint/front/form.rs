//! Forms of our own pages: each carries a token that is bound to the browser, to its purpose and to the request, and comes from our origin.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{CONTENT_TYPE, HeaderName, ORIGIN};

use super::FrontChannel;
use super::cookie::Cookie;
use super::error::PageReason;
use crate::endpoint::{Request, Response};
use crate::model::secret::{Secret, SecretHash};
use crate::protocol::params::Params;

/// How long a browser keeps what its forms are bound to, in seconds.
const LIFETIME: i64 = 24 * 60 * 60;
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a form is for. A token for one is none for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To log in with a password.
    Login,
    /// To give a second factor.
    Factor,
    /// To ask for an account.
    SignUp,
    /// To ask for a new password.
    Forgot,
    /// To use a link that was mailed.
    Link,
    /// To choose an account.
    Account,
    /// To say how to go on where a stronger login is wanted.
    Stronger,
    /// To answer a consent page.
    Consent,
    /// To confirm a logout.
    Logout,
    /// To type in a device's code.
    DeviceCode,
    /// To say whether a device may go on.
    DeviceConsent,
    /// To change something on an account page.
    AccountPage,
}

/// A token for a form, and the `Set-Cookie` that binds it, when the browser has none yet.
pub(super) struct FormToken {
    pub(super) token: String,
    /// The browser, for what is bound to it beside forms, as [`browser_of`] will find it when the form is sent.
    pub(super) browser: String,
    set_cookie: Option<String>,
}

impl FormToken {
    /// The response that shows the form, with the cookie that the form is bound to.
    pub(super) fn bind(self, response: Response) -> Response {
        self.set_cookie.into_iter().fold(response, Response::with_cookie)
    }
}

/// Makes the token for a form. `about` is what else it is bound to: the request, and for consent the session.
pub(super) fn make_token(front: &FrontChannel, request: &Request, purpose: Purpose, about: &str) -> FormToken {
    match read_cookie(front, request) {
        Some(secret) => FormToken { token: compute(&secret, purpose, about), browser: browser(&secret), set_cookie: None },
        None => {
            let secret = Secret::from_bytes(&front.context.random_bytes::<32>());
            let set_cookie = Some(Cookie::Form.render(front, secret.expose(), LIFETIME));
            FormToken { token: compute(&secret, purpose, about), browser: browser(&secret), set_cookie }
        }
    }
}

/// The fields of a form that one of our pages sent.
///
/// # Errors
/// When it is no form, or does not come from our own origin.
pub(super) fn read_form(front: &FrontChannel, request: &Request) -> Result<Params, PageReason> {
    let is_form = request
        .header(&CONTENT_TYPE)
        .is_some_and(|value| value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    // Browsers that send neither header are left to the token.
    let same_site = !request.headers.contains_key(SEC_FETCH_SITE) || request.header(&SEC_FETCH_SITE) == Some("same-origin");
    let same_origin = !request.headers.contains_key(ORIGIN) || request.header(&ORIGIN) == Some(front.context.config.issuer.as_str());
    if !is_form || !same_site || !same_origin {
        return Err(PageReason::ForeignForm);
    }
    Ok(Params::parse(&request.body)?)
}

/// Whether `params` carry the token that was made for this browser.
pub(super) fn has_token(front: &FrontChannel, request: &Request, params: &Params, purpose: Purpose, about: &str) -> bool {
    let (Some(secret), Some(token)) = (read_cookie(front, request), params.find("form_token")) else { return false };
    // Hashed once more, so that the comparison takes the same time wherever they differ.
    SecretHash::of(token.as_bytes()) == SecretHash::of(compute(&secret, purpose, about).as_bytes())
}

/// What a ceremony is bound to that begins in this browser; none for one that has not kept the cookie of a form.
pub(super) fn browser_hash(front: &FrontChannel, request: &Request) -> Option<SecretHash> {
    read_cookie(front, request).map(|secret| SecretHash::of(format!("ceremony\0{}", secret.expose()).as_bytes()))
}

/// The browser that sent the request, for what is bound to it beside forms; none where it has no cookie yet.
pub(super) fn browser_of(front: &FrontChannel, request: &Request) -> Option<String> {
    read_cookie(front, request).map(|secret| browser(&secret))
}

fn browser(secret: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(SecretHash::of(format!("browser\0{}", secret.expose()).as_bytes()).as_bytes())
}

fn read_cookie(front: &FrontChannel, request: &Request) -> Option<Secret> {
    Cookie::Form.find(front, request).filter(|value| value.len() == 43).map(Secret::new)
}

fn compute(secret: &Secret, purpose: Purpose, about: &str) -> String {
    let purpose = match purpose {
        Purpose::Login => "login",
        Purpose::Factor => "factor",
        Purpose::SignUp => "sign up",
        Purpose::Forgot => "forgot",
        Purpose::Link => "link",
        Purpose::Account => "account",
        Purpose::Stronger => "stronger",
        Purpose::Consent => "consent",
        Purpose::Logout => "logout",
        Purpose::DeviceCode => "device code",
        Purpose::DeviceConsent => "device consent",
        Purpose::AccountPage => "account page",
    };
    URL_SAFE_NO_PAD.encode(SecretHash::of(format!("{purpose}\0{}\0{about}", secret.expose()).as_bytes()).as_bytes())
}
