//! What somebody logs in for, and so where the browser goes afterwards: an authorization request, the code of a device, or an account page.
//!
//! There is no free return address: whoever could name one would send people, just logged in, wherever they like. The way back is put together from
//! what was read and checked, whatever page carried it.

use super::FrontChannel;
use super::account::AccountErrand;
use super::check::{CheckedRequest, check_request};
use super::device::DeviceErrand;
use super::error::{PageReason, Refusal};
use crate::endpoint::Request;
use crate::model::secret::SecretHash;
use crate::pages::{LoginPurpose, View};
use crate::protocol::params::Params;

/// What the way back to an authorization request begins with.
const AUTHORIZE: &str = "/authorize?";
/// The fields that carry an errand from page to page; a page has one of them.
const REQUEST: &str = "request";
const USER_CODE: &str = "user_code";
const ACCOUNT: &str = "account";

/// What somebody logs in for.
#[derive(Clone, Debug)]
pub(super) enum Errand {
    /// An authorization request.
    Authorize(Box<CheckedRequest>),
    /// The device that shows a code.
    Device(DeviceErrand),
    /// An account page.
    Account(AccountErrand),
}

impl From<CheckedRequest> for Errand {
    fn from(asked: CheckedRequest) -> Self {
        Self::Authorize(Box::new(asked))
    }
}

impl Errand {
    /// Reads the errand that a login form or a link to the site's login carries.
    ///
    /// # Errors
    /// When it is none, or more than one.
    pub(super) async fn read(front: &FrontChannel, request: &Request, params: &Params) -> Result<Self, Refusal> {
        match (params.find(REQUEST), params.find(USER_CODE), params.find(ACCOUNT)) {
            (None, Some(code), None) => Ok(Self::Device(DeviceErrand::parse(code).ok_or(PageReason::UserCode)?)),
            (None, None, Some(path)) => Ok(Self::Account(AccountErrand::from_path(path).ok_or(PageReason::ForeignLogin)?)),
            (query, None, None) => Ok(check_request(front, request, query.unwrap_or_default()).await?.into()),
            _ => Err(PageReason::TwoErrands.into()),
        }
    }

    /// Reads the errand from its way back, as [`Errand::path`] spells it and in no other spelling of a device's code or an account page.
    ///
    /// # Errors
    /// When it leads anywhere else.
    pub(super) async fn from_path(front: &FrontChannel, request: &Request, path: &str) -> Result<Self, Refusal> {
        if let Some(query) = path.strip_prefix(AUTHORIZE) {
            return Ok(check_request(front, request, query).await?.into());
        }
        if let Some(page) = AccountErrand::from_path(path) {
            return Ok(Self::Account(page));
        }
        DeviceErrand::from_path(path).map(Self::Device).ok_or_else(|| PageReason::ForeignLogin.into())
    }

    /// The way back, a path of this server.
    pub(super) fn path(&self) -> String {
        match self {
            Self::Authorize(asked) => asked.path(),
            Self::Device(device) => device.path(),
            Self::Account(page) => page.path(),
        }
    }

    /// By what a login remembers what it was done for. No authorization request has the hash of another errand: each names a client.
    pub(super) fn hash(&self) -> SecretHash {
        match self {
            Self::Authorize(asked) => asked.hash(),
            Self::Device(_) | Self::Account(_) => SecretHash::of(self.path().as_bytes()),
        }
    }

    /// The field that carries it from page to page, and what stands in it.
    pub(super) fn field(&self) -> (&'static str, String) {
        match self {
            Self::Authorize(asked) => (REQUEST, asked.query.clone()),
            Self::Device(device) => (USER_CODE, device.field()),
            Self::Account(page) => (ACCOUNT, page.path()),
        }
    }

    /// In which language and look it is asked about.
    pub(super) fn view(&self, front: &FrontChannel, request: &Request) -> View {
        match self {
            Self::Authorize(asked) => asked.view().clone(),
            Self::Device(DeviceErrand { language: Some(language), .. }) => front.view_in(request, Some(language.tag())),
            Self::Device(_) | Self::Account(_) => front.view(request),
        }
    }

    /// The authorization request, if that is what it is.
    pub(super) fn request(&self) -> Option<&CheckedRequest> {
        match self {
            Self::Authorize(asked) => Some(asked),
            Self::Device(_) | Self::Account(_) => None,
        }
    }

    /// Whether a login that somebody already has elsewhere is not good enough for it.
    pub(super) fn wants_new_login(&self) -> bool {
        match self {
            Self::Authorize(asked) => asked.parameters.prompt.wants_login(),
            Self::Device(_) => false,
            Self::Account(page) => page.wants_new_login(),
        }
    }

    /// Who may be about to log in, for the field of the user name.
    pub(super) fn login_hint(&self) -> Option<&str> {
        match self {
            Self::Authorize(asked) => asked.parameters.login_hint.as_deref(),
            Self::Device(_) => None,
            Self::Account(page) => page.login_hint(),
        }
    }

    /// What people read about it where they log in.
    pub(super) fn purpose(&self) -> LoginPurpose<'_> {
        match self {
            Self::Authorize(asked) => LoginPurpose::Client(asked.client().display_name()),
            Self::Device(device) => LoginPurpose::Device(device.code.display()),
            Self::Account(page) if page.wants_new_login() => LoginPurpose::AccountAgain,
            Self::Account(_) => LoginPurpose::Account,
        }
    }
}
