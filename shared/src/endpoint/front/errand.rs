//! What somebody logs in for, and so where the browser goes afterwards: an authorization request, or the code of a device.
//!
//! There is no free return address: whoever could name one would send people, just logged in, wherever they like. The way back is put together from
//! what was read and checked, whatever page carried it.

use super::FrontChannel;
use super::check::{CheckedRequest, check_request};
use super::error::{PageReason, Refusal};
use crate::endpoint::Request;
use crate::model::device::UserCode;
use crate::model::secret::SecretHash;
use crate::pages::View;
use crate::protocol::params::Params;

/// What the way back to an authorization request begins with.
const AUTHORIZE: &str = "/authorize?";
/// What the way back to a device's code begins with.
const DEVICE: &str = "/device?user_code=";
/// The fields that carry an errand from page to page; a page has one of the two.
const REQUEST: &str = "request";
const USER_CODE: &str = "user_code";

/// What somebody logs in for.
#[derive(Clone, Debug)]
pub(super) enum Errand {
    /// An authorization request.
    Authorize(Box<CheckedRequest>),
    /// The device that shows this code. Whether there is one is not asked before somebody has logged in.
    Device(UserCode),
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
        match (params.find(REQUEST), params.find(USER_CODE)) {
            (Some(_), Some(_)) => Err(PageReason::TwoErrands.into()),
            (None, Some(code)) => Ok(Self::Device(UserCode::parse(code).map_err(|_| PageReason::UserCode)?)),
            (query, None) => Ok(check_request(front, request, query.unwrap_or_default()).await?.into()),
        }
    }

    /// Reads the errand from its way back, as [`Errand::path`] spells it and in no other spelling of a device's code.
    ///
    /// # Errors
    /// When it leads anywhere else.
    pub(super) async fn from_path(front: &FrontChannel, request: &Request, path: &str) -> Result<Self, Refusal> {
        if let Some(query) = path.strip_prefix(AUTHORIZE) {
            return Ok(check_request(front, request, query).await?.into());
        }
        let code = path.strip_prefix(DEVICE).and_then(|text| UserCode::parse(text).ok().filter(|code| code.display() == text));
        code.map(Self::Device).ok_or_else(|| PageReason::ForeignLogin.into())
    }

    /// The way back, a path of this server.
    pub(super) fn path(&self) -> String {
        match self {
            Self::Authorize(asked) => asked.path(),
            Self::Device(code) => format!("{DEVICE}{}", code.display()),
        }
    }

    /// By what a login remembers what it was done for. No authorization request has the hash of a device's code: each names a client.
    pub(super) fn hash(&self) -> SecretHash {
        match self {
            Self::Authorize(asked) => asked.hash(),
            Self::Device(_) => SecretHash::of(self.path().as_bytes()),
        }
    }

    /// The field that carries it from page to page, and what stands in it.
    pub(super) fn field(&self) -> (&'static str, String) {
        match self {
            Self::Authorize(asked) => (REQUEST, asked.query.clone()),
            Self::Device(code) => (USER_CODE, code.display()),
        }
    }

    /// In which language and look it is asked about.
    pub(super) fn view(&self, front: &FrontChannel, request: &Request) -> View {
        match self {
            Self::Authorize(asked) => asked.view().clone(),
            Self::Device(_) => front.view(request),
        }
    }

    /// The authorization request, if that is what it is.
    pub(super) fn request(&self) -> Option<&CheckedRequest> {
        match self {
            Self::Authorize(asked) => Some(asked),
            Self::Device(_) => None,
        }
    }
}
