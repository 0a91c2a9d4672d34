//! Why a request of a browser is refused: a reason for the log, a page for people, or a registered error for the client.

use http::StatusCode;
use http::header::{ALLOW, RETRY_AFTER};

use super::FrontChannel;
use super::logout::LogoutReason;
use super::reply::{ClientReply, page};
use super::site_keys::SiteKeysError;
use super::site_token::SiteTokenError;
use crate::endpoint::authorization::RequestError;
use crate::endpoint::client_documents::LookupError;
use crate::endpoint::{Request, Response};
use crate::mail::MailError;
use crate::pages::{ErrorPage, View};
use crate::protocol::authorize::UntrustedRedirect;
use crate::protocol::params::ParamsError;
use crate::store::StoreError;
use crate::vault::VaultError;
use crate::webauthn::PasskeyFailure;

/// Why a request goes no further.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The path does not know the method; it knows these.
    Method(&'static str),
    /// People are told. Nothing is sent to any client: it is not known whether it would be the right one.
    Page(PageReason),
    /// Somebody has to log in first, on this page or elsewhere.
    Login(Box<Response>),
    /// The client is told, at a redirect URI that was proven to be its own.
    Client(Box<ClientReply>, ClientReason),
    /// The client would be told by a redirect that nobody asked for: a page names the destination instead (RFC 9700 section 4.11.2).
    Leaving(Box<ClientReply>, ClientReason),
    /// We failed.
    Ours(FailureReason),
}

/// What people are told.
#[derive(Debug, thiserror::Error)]
pub(super) enum PageReason {
    /// The request is larger than any honest one.
    #[error("the request is too long")]
    TooLong,
    /// The parameters can't be read, or name client or redirect URI twice.
    #[error("parameters: {0}")]
    Params(#[from] ParamsError),
    /// No client is named.
    #[error("client_id is missing")]
    ClientMissing,
    /// No such client.
    #[error("unknown client")]
    ClientUnknown,
    /// The document that describes the client can't be had, or says what can't be registered.
    #[error(transparent)]
    ClientDocument(LookupError),
    /// The redirect URI is not to be trusted.
    #[error("{0}")]
    Redirect(#[from] UntrustedRedirect),
    /// The request can't be accepted, and does not say where the client could be told.
    #[error("{0}")]
    Request(RequestError),
    /// No such pushed request: never there, of another client, used, or expired.
    #[error("the pushed request is gone, or another client's")]
    PushedGone,
    /// The pushed request was presented by another browser before.
    #[error("the pushed request belongs to another browser")]
    PushedElsewhere,
    /// A form of ours came without its token, from another site, or from another browser.
    #[error("a form was not sent by the browser that it was made for")]
    ForeignForm,
    /// A code that no device shows.
    #[error("not a user code")]
    UserCode,
    /// The device's request was answered, is over, or its client may not ask any more.
    #[error("the device does not wait for an answer any more")]
    DeviceOver,
    /// A login for an authorization request and for a device at once.
    #[error("a login for two things at once")]
    TwoErrands,
    /// Nobody logs in this way here.
    #[error("no login of this kind is configured")]
    LoginUnavailable,
    /// The browser that comes back from the site is not the one that was sent, or took too long.
    #[error("the login was not begun in this browser, or too long ago")]
    ForeignLogin,
    /// People may not delete their accounts here.
    #[error("deletion is off")]
    DeletionOff,
    /// A new login was asked for, and the one that came is older.
    #[error("the login is older than was asked for")]
    LoginTooOld,
    /// A link that was mailed: used, too old, or made for an account that is not what it was.
    #[error("a link that was mailed does not count any more")]
    LinkOver,
    /// The site's login JWT is not to be believed.
    #[error("login JWT: {0}")]
    SiteToken(#[from] SiteTokenError),
    /// The site's login JWT was used before.
    #[error("login JWT: its jti was used before")]
    SiteTokenReplayed,
    /// The account is locked.
    #[error("the account is locked")]
    Locked,
    /// The site's identifier for a person is that of an account that the site did not make.
    #[error("the sub of the login JWT belongs to another account")]
    SubjectTaken,
    /// A request to log out that can't be carried out.
    #[error("{0}")]
    Logout(#[from] LogoutReason),
}

/// What the client is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ClientReason {
    /// The request is not as it must be.
    #[error("{0}")]
    Request(#[from] RequestError),
    /// The `id_token_hint` is no ID token of ours, or another client's.
    #[error("the id_token_hint is not the client's")]
    Hint,
    /// The level of login that the client can't do without was not reached.
    #[error("the requested acr was not reached")]
    AcrUnmet,
    /// Somebody has to log in, and `prompt=none` forbids to ask; or the login at the site was older than was asked for.
    #[error("somebody has to log in")]
    LoginRequired,
    /// Somebody has to consent, and `prompt=none` forbids to ask.
    #[error("somebody has to consent")]
    ConsentRequired,
    /// The person said no.
    #[error("denied by the person")]
    Denied,
}

/// What failed with us.
#[derive(Debug, thiserror::Error)]
pub(super) enum FailureReason {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The site's keys.
    #[error(transparent)]
    SiteKeys(#[from] SiteKeysError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// What a login at a provider needs: our store, our vault, or the provider's secret in them.
    #[error("a login at a provider: {0}")]
    Upstream(String),
    /// What is kept of passkeys.
    #[error(transparent)]
    Passkeys(#[from] PasskeyFailure),
    /// Mail.
    #[error(transparent)]
    Mail(MailError),
    /// A seed was sealed under another key.
    #[error("a second factor can't be unsealed; `grantlet user remove-factor` takes it away")]
    Unsealable,
    /// A thread that hashed a password ended.
    #[error("password hashing broke off")]
    Hashing,
}

impl From<PageReason> for Refusal {
    fn from(reason: PageReason) -> Self {
        Self::Page(reason)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Ours(error.into())
    }
}

impl From<LookupError> for Refusal {
    fn from(error: LookupError) -> Self {
        match error {
            LookupError::Store(error) => error.into(),
            LookupError::Fetch(_) | LookupError::Document(_) | LookupError::TooMany(_) => Self::Page(PageReason::ClientDocument(error)),
        }
    }
}

impl From<VaultError> for Refusal {
    fn from(error: VaultError) -> Self {
        Self::Ours(error.into())
    }
}

impl From<PasskeyFailure> for Refusal {
    fn from(error: PasskeyFailure) -> Self {
        Self::Ours(error.into())
    }
}

impl From<SiteKeysError> for Refusal {
    fn from(error: SiteKeysError) -> Self {
        Self::Ours(error.into())
    }
}

impl Refusal {
    /// The answer, logged here and nowhere else.
    pub(super) fn respond(self, front: &FrontChannel, request: &Request) -> Response {
        let (path, request_id) = (request.path.as_str(), request.request_id.as_str());
        match self {
            Self::Method(allowed) => Response::new(StatusCode::METHOD_NOT_ALLOWED).with(ALLOW, allowed),
            Self::Page(reason) => {
                tracing::info!(path, request_id, %reason, "refused with a page");
                page(reason.status(), reason.render(&front.view(request), request_id))
            }
            Self::Login(response) => *response,
            Self::Client(reply, reason) => {
                tracing::info!(path, request_id, %reason, "refused at the client");
                let (error, description) = reason.oauth_error();
                reply.send(front, &[("error", error), ("error_description", &description)])
            }
            Self::Leaving(reply, reason) => {
                tracing::info!(path, request_id, %reason, "refused with a page that names the destination");
                let (error, description) = reason.oauth_error();
                reply.offer(front, StatusCode::BAD_REQUEST, error, &description)
            }
            Self::Ours(reason) => {
                tracing::error!(path, request_id, %reason, "request failed");
                let unavailable = ErrorPage {
                    view: &front.view(request),
                    title: "error-unavailable",
                    message: "error-unavailable-why",
                    advice: "error-advice-reload",
                    error: Some("temporarily_unavailable"),
                    request_id,
                };
                page(StatusCode::SERVICE_UNAVAILABLE, unavailable.render()).with(RETRY_AFTER, "2")
            }
        }
    }
}

impl PageReason {
    fn status(&self) -> StatusCode {
        match self {
            Self::TooLong
            | Self::Params(_)
            | Self::ClientMissing
            | Self::ClientUnknown
            | Self::ClientDocument(_)
            | Self::Redirect(_)
            | Self::UserCode
            | Self::DeviceOver
            | Self::TwoErrands
            | Self::Request(_)
            | Self::PushedGone
            | Self::LoginUnavailable
            | Self::ForeignLogin
            | Self::LinkOver
            | Self::SiteToken(_)
            | Self::SiteTokenReplayed
            | Self::Logout(_) => StatusCode::BAD_REQUEST,
            Self::PushedElsewhere | Self::ForeignForm | Self::DeletionOff | Self::LoginTooOld | Self::Locked | Self::SubjectTaken => {
                StatusCode::FORBIDDEN
            }
        }
    }

    /// What happened, whose turn it is, and what to do.
    fn render(&self, view: &View, request_id: &str) -> crate::pages::Page {
        let (title, message, advice, error) = self.words();
        ErrorPage { view, title, message, advice, error, request_id }.render()
    }

    /// What happened, in a few words and in a sentence, and what to do: ids of messages; and the registered error code, if there is one.
    fn words(&self) -> (&'static str, &'static str, &'static str, Option<&'static str>) {
        const FAULTY: &str = "error-faulty";
        const BACK: &str = "error-advice-back";
        const AGAIN: &str = "error-advice-again";
        const INVALID: Option<&str> = Some("invalid_request");
        match self {
            Self::TooLong => (FAULTY, "error-long-why", BACK, INVALID),
            Self::Params(_) => (FAULTY, "error-params-why", BACK, INVALID),
            Self::ClientMissing => (FAULTY, "error-client-missing-why", BACK, INVALID),
            Self::ClientUnknown => ("error-client-unknown", "error-client-unknown-why", BACK, Some("invalid_client")),
            Self::ClientDocument(LookupError::TooMany(_)) => {
                ("error-client-many", "error-client-many-why", "error-advice-wait", Some("temporarily_unavailable"))
            }
            Self::ClientDocument(LookupError::Fetch(_) | LookupError::Store(_)) => {
                ("error-client-unread", "error-client-unread-why", BACK, Some("invalid_client"))
            }
            Self::ClientDocument(LookupError::Document(_)) => {
                ("error-client-document", "error-client-document-why", BACK, Some("invalid_client"))
            }
            Self::Redirect(UntrustedRedirect::Missing) => (FAULTY, "error-redirect-missing-why", BACK, INVALID),
            Self::Redirect(UntrustedRedirect::Unregistered) => ("error-elsewhere", "error-redirect-why", BACK, INVALID),
            Self::Request(reason) => (FAULTY, "error-request-why", BACK, Some(reason.oauth_error().0)),
            Self::PushedGone => ("error-pushed", "error-pushed-why", AGAIN, Some("invalid_request_uri")),
            Self::PushedElsewhere => ("error-browser", "error-browser-why", AGAIN, None),
            Self::ForeignForm => ("error-form", "error-form-why", AGAIN, None),
            Self::UserCode => ("error-code-wrong", "error-code-wrong-why", "error-advice-code", None),
            Self::DeviceOver => ("error-code-over", "error-code-over-why", "error-advice-device", None),
            Self::TwoErrands => (FAULTY, "error-two-why", BACK, INVALID),
            Self::LoginUnavailable => ("error-login-off", "error-login-off-why", AGAIN, None),
            Self::ForeignLogin => ("error-login-foreign", "error-login-foreign-why", AGAIN, None),
            Self::DeletionOff => ("error-deletion-off", "error-deletion-off-why", "error-advice-ask", None),
            Self::LoginTooOld => ("error-login-old", "error-login-old-why", "error-advice-login-old", None),
            Self::LinkOver => ("error-link", "error-link-why", "error-advice-link", None),
            Self::SiteToken(_) => ("error-login-failed", "error-site-token-why", BACK, None),
            Self::SiteTokenReplayed => ("error-login-replayed", "error-login-replayed-why", AGAIN, None),
            Self::Locked => ("error-locked", "error-locked-why", "error-advice-ask", None),
            Self::Logout(reason) => {
                let (title, message, advice) = reason.words();
                (title, message, advice, INVALID)
            }
            Self::SubjectTaken => ("error-login-failed", "error-subject-why", "error-advice-tell", None),
        }
    }
}

impl ClientReason {
    /// The registered code (OAuth 2.1 section 4.1.2.1, OpenID Connect Core section 3.1.2.6) and a sentence for the developer.
    fn oauth_error(&self) -> (&'static str, String) {
        let (error, sentence) = match self {
            Self::Request(reason) => return reason.oauth_error(),
            Self::Hint => ("invalid_request", "The id_token_hint is not an ID token that this client got here."),
            // OpenID Connect Core Error Code unmet_authentication_requirements, section 1.
            Self::AcrUnmet => ("unmet_authentication_requirements", "The requested acr can't be reached."),
            Self::LoginRequired => ("login_required", "Somebody has to log in."),
            Self::ConsentRequired => ("consent_required", "Somebody has to consent."),
            Self::Denied => ("access_denied", "The person denied the request."),
        };
        (error, sentence.to_owned())
    }
}
