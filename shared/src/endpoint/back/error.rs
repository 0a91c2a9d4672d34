//! Why a back-channel request fails: a rich reason for the log, a registered code and a fixed sentence for the client.

use http::StatusCode;
use http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::json;

use super::assertion::AssertionError;
use super::dpop::DPOP_NONCE;
use super::jwt_bearer::AssertionGrantError;
use super::token_exchange::ExchangeError;
use crate::endpoint::Response;
use crate::endpoint::authorization::RequestError;
use crate::endpoint::client_documents::LookupError;
use crate::endpoint::client_keys::ClientKeyError;
use crate::endpoint::fetch::FetchError;
use crate::endpoint::resources::UnknownResource;
use crate::jose::dpop::ProofError;
use crate::jose::signing::SigningError;
use crate::protocol::details::DetailsError;
use crate::protocol::params::ParamsError;
use crate::store::StoreError;
use crate::vault::VaultError;

/// Why a request to `/token` or `/revoke` fails.
#[derive(Debug, thiserror::Error)]
pub(super) enum TokenError {
    /// OAuth 2.1 section 3.2: clients use POST.
    #[error("the method is not POST")]
    Method,
    /// OAuth 2.1 section 3.2: parameters come as a form.
    #[error("the content type is not application/x-www-form-urlencoded")]
    ContentType,
    /// The form can't be read.
    #[error("parameters: {0}")]
    Params(#[from] ParamsError),
    /// RFC 9126 section 2.3: a pushed request of more than is read.
    #[error("the request is too large")]
    TooLarge,
    /// What the client asks for is not as it must be: a pushed request, or that of a device.
    #[error("authorization request: {0}")]
    Authorization(#[from] RequestError),
    /// A parameter that must be there is not.
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
    /// A parameter does not have the form that its specification asks for.
    #[error("the parameter {0} is malformed")]
    Malformed(&'static str),
    /// OAuth 2.1 section 2.4: not more than one authentication method in a request.
    #[error("two ways of client authentication at once")]
    TwoCredentials,
    /// The body names another client than the header.
    #[error("client_id differs from the Authorization header")]
    ClientIdDiffers,
    /// Neither header nor body names a client.
    #[error("no client credentials")]
    NoClient,
    /// The `Authorization` header can't be read.
    #[error("unreadable Authorization header")]
    UnreadableCredentials,
    /// No such client.
    #[error("unknown client")]
    UnknownClient,
    /// The document that describes the client says what can't be registered, or is not where it should be.
    #[error(transparent)]
    ClientDocument(LookupError),
    /// The document that describes the client can't be had at the moment.
    #[error(transparent)]
    ClientUnreachable(LookupError),
    /// Too many documents of clients were asked for; the next one in so many seconds.
    #[error("too many documents of clients were asked for")]
    TooManyDocuments(i64),
    /// A confidential client without its secret.
    #[error("a confidential client sent no secret")]
    SecretMissing,
    /// A secret from a client that has none.
    #[error("a public client sent a secret")]
    SecretUnexpected,
    /// The secret is another.
    #[error("wrong client secret")]
    WrongSecret,
    /// The client is registered to authenticate in another way.
    #[error("not the client's registered way of authentication")]
    WrongMethod,
    /// A public client asks what only those may ask who prove who they are.
    #[error("a public client")]
    PublicClient,
    /// A JWT that does not prove the client.
    #[error("client assertion: {0}")]
    Assertion(AssertionError),
    /// The client's keys can't be had at the moment, so that nothing is known about what it signed.
    #[error("the client's keys: {0}")]
    ClientKeys(FetchError),
    /// Somebody guessed too often; the next attempt counts in so many seconds.
    #[error("too many wrong credentials")]
    TooManyAttempts(i64),
    /// More requests than one network may make; the next counts in so many seconds.
    #[error("too many requests")]
    TooManyRequests(i64),
    /// What a device that polls is told.
    #[error("device: {0}")]
    Device(DeviceReason),
    /// Not a grant type of this server.
    #[error("unsupported grant_type")]
    UnsupportedGrantType,
    /// A grant type that this client is not registered for.
    #[error("grant_type not registered for the client")]
    UnauthorizedClient,
    /// Why the authorization code, refresh token or grant is of no use.
    #[error("invalid grant: {0}")]
    Grant(GrantReason),
    /// Why a token is not exchanged (RFC 8693 section 2.2.2).
    #[error("token exchange: {0}")]
    Exchange(#[from] ExchangeError),
    /// Why an assertion is no grant (RFC 7521 section 4.1.1).
    #[error("assertion: {0}")]
    AssertionGrant(#[from] AssertionGrantError),
    /// A scope beyond what was granted, or what the client may have.
    #[error("scope beyond what may be had")]
    InvalidScope,
    /// A resource beyond what was granted, or unknown (RFC 8707 section 2).
    #[error("resource beyond what may be had")]
    InvalidTarget,
    /// A DPoP proof that proves nothing (RFC 9449 section 5).
    #[error("DPoP proof: {0}")]
    Proof(#[from] ProofError),
    /// A client that must send a DPoP proof sent none (RFC 9449 section 5.2).
    #[error("the client must send a DPoP proof and did not")]
    ProofMissing,
    /// The DPoP proof needs a nonce, or another one: this one (RFC 9449 section 8).
    #[error("the DPoP proof has no nonce that counts")]
    UseDpopNonce(String),
    /// Authorization details that are not those granted (RFC 9396 section 6).
    #[error("authorization_details: {0}")]
    Details(#[from] DetailsError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Keys could not be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A key that is needed is not there yet, and asking again was put off.
    #[error("keys are not available: {0}")]
    Keys(&'static str),
    /// A token could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

impl From<AssertionError> for TokenError {
    fn from(error: AssertionError) -> Self {
        match error {
            AssertionError::Key(ClientKeyError::Fetch(error)) if error.may_pass() => Self::ClientKeys(error),
            other => Self::Assertion(other),
        }
    }
}

impl From<LookupError> for TokenError {
    fn from(error: LookupError) -> Self {
        match error {
            LookupError::Store(error) => error.into(),
            LookupError::TooMany(seconds) => Self::TooManyDocuments(seconds),
            LookupError::Fetch(_) | LookupError::Document(_) if error.is_document_s() => Self::ClientDocument(error),
            LookupError::Fetch(_) | LookupError::Document(_) => Self::ClientUnreachable(error),
        }
    }
}

/// Why a device that polls gets no tokens (RFC 8628 section 3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DeviceReason {
    /// The person has not answered yet.
    #[error("nobody has answered yet")]
    Pending,
    /// Nor have they, and the device asks too often.
    #[error("nobody has answered yet, and the device polls too fast")]
    TooFast,
    /// The person said no.
    #[error("denied by the person")]
    Denied,
    /// The code is over.
    #[error("the device code has expired")]
    Expired,
}

/// Why an authorization code, refresh token or grant is of no use. The client is told `invalid_grant` and nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum GrantReason {
    /// The text was never a code of ours.
    #[error("malformed code")]
    CodeMalformed,
    /// Its ULID is too old; no request was made for it.
    #[error("stale code")]
    CodeStale,
    /// The delete's condition failed: client, secret, challenge, redirect URI, DPoP key or time.
    #[error("code refused by its conditions")]
    CodeRefused,
    /// No such code.
    #[error("code gone")]
    CodeGone,
    /// No such code, and everything else was right: the grant was revoked.
    #[error("code replayed, grant revoked")]
    CodeReplayed,
    /// The text was never a refresh token of ours, or is another client's.
    #[error("malformed, forged or foreign refresh token")]
    TokenUnverified,
    /// The refresh token is bound to a DPoP key that was not proven (RFC 9449 section 5).
    #[error("refresh token without its DPoP key")]
    KeyUnproven,
    /// Its refresh key is no more.
    #[error("refresh key unknown")]
    KeyGone,
    /// The grant is another client's.
    #[error("grant of another client")]
    OtherClient,
    /// The grant has another seed.
    #[error("wrong seed")]
    WrongSeed,
    /// The grant was revoked.
    #[error("grant revoked")]
    Revoked,
    /// The grant ended, or was not used for too long.
    #[error("grant expired")]
    Expired,
    /// Replaced more than three times within the grace window.
    #[error("refresh token replaced repeatedly within the grace window")]
    TooFarBack,
    /// Replaced, and used again after the grace window: the grant was revoked.
    #[error("refresh token reused, grant revoked")]
    Reused,
    /// A generation that the grant has not reached.
    #[error("refresh token ahead of its grant")]
    Future,
    /// The grant is gone, or gives no refresh tokens.
    #[error("no such grant")]
    GrantGone,
    /// The person is locked or gone.
    #[error("user locked or gone")]
    UserLocked,
}

impl From<UnknownResource> for TokenError {
    fn from(UnknownResource: UnknownResource) -> Self {
        Self::InvalidTarget
    }
}

impl TokenError {
    /// Whether the fault is ours, and stands in the log as an error.
    #[must_use]
    pub(super) fn is_ours(&self) -> bool {
        self.status().is_server_error() && !matches!(self, Self::ClientUnreachable(_) | Self::ClientKeys(_) | Self::Authorization(_))
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::NoClient
            | Self::UnreadableCredentials
            | Self::UnknownClient
            | Self::ClientDocument(_)
            | Self::SecretMissing
            | Self::SecretUnexpected
            | Self::WrongSecret
            | Self::WrongMethod
            | Self::PublicClient
            | Self::Assertion(_) => StatusCode::UNAUTHORIZED,
            Self::TooManyAttempts(_) | Self::TooManyRequests(_) | Self::TooManyDocuments(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Authorization(error) if error.may_pass() => StatusCode::SERVICE_UNAVAILABLE,
            Self::ContentType
            | Self::Authorization(_)
            | Self::Device(_)
            | Self::Params(_)
            | Self::Missing(_)
            | Self::Malformed(_)
            | Self::TwoCredentials
            | Self::ClientIdDiffers
            | Self::UnsupportedGrantType
            | Self::UnauthorizedClient
            | Self::Grant(_)
            | Self::Exchange(_)
            | Self::AssertionGrant(_)
            | Self::InvalidScope
            | Self::InvalidTarget
            | Self::Proof(_)
            | Self::ProofMissing
            | Self::UseDpopNonce(_)
            | Self::Details(_) => StatusCode::BAD_REQUEST,
            Self::Store(_) | Self::Vault(_) | Self::Keys(_) | Self::ClientUnreachable(_) | Self::ClientKeys(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Signing(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The registered code (OAuth 2.1 section 3.2.4, RFC 8707 section 2, RFC 9449 sections 5 and 8) and the sentence for the client's developer.
    fn oauth_error(&self) -> (&'static str, String) {
        let (code, sentence) = match self {
            Self::Method => ("invalid_request", "Use POST."),
            Self::ContentType => ("invalid_request", "Send the parameters as application/x-www-form-urlencoded."),
            Self::TooLarge => ("invalid_request", "The request is too large."),
            Self::Params(error) => return ("invalid_request", format!("The parameters can't be read: {error}.")),
            Self::Authorization(error) => return error.oauth_error(),
            Self::Missing(name) => return ("invalid_request", format!("The parameter {name} is missing.")),
            Self::Malformed(name) => return ("invalid_request", format!("The parameter {name} is malformed.")),
            Self::TwoCredentials => ("invalid_request", "Authenticate in one way: the Authorization header or the body."),
            Self::ClientIdDiffers => ("invalid_request", "client_id differs from the client in the Authorization header."),
            Self::NoClient
            | Self::UnreadableCredentials
            | Self::UnknownClient
            | Self::SecretMissing
            | Self::SecretUnexpected
            | Self::WrongSecret
            | Self::WrongMethod
            | Self::PublicClient
            | Self::Assertion(_) => ("invalid_client", "Client authentication failed."),
            Self::ClientDocument(_) => ("invalid_client", "The document at the client_id is not one that this server accepts."),
            Self::ClientUnreachable(_) => ("temporarily_unavailable", "The document at the client_id can't be read at the moment."),
            Self::ClientKeys(_) => ("temporarily_unavailable", "The keys at the client's jwks_uri can't be read at the moment."),
            Self::TooManyDocuments(_) => {
                ("temporarily_unavailable", "Too many clients that are not known here were named. Wait, then try again.")
            }
            // Not invalid_client: on that, clients that registered themselves give up what they have and register again.
            Self::TooManyAttempts(_) => ("temporarily_unavailable", "Too many wrong credentials. Wait, then try again."),
            Self::TooManyRequests(_) => ("temporarily_unavailable", "Too many requests. Wait, then try again."),
            // RFC 8628 section 3.5
            Self::Device(DeviceReason::Pending) => ("authorization_pending", "The person has not answered yet."),
            Self::Device(DeviceReason::TooFast) => {
                ("slow_down", "The person has not answered yet. Wait five seconds longer between polls.")
            }
            Self::Device(DeviceReason::Denied) => ("access_denied", "The person denied the request."),
            Self::Device(DeviceReason::Expired) => ("expired_token", "The device_code has expired. Ask for a new one."),
            Self::UnsupportedGrantType => ("unsupported_grant_type", "This grant_type is not supported."),
            Self::UnauthorizedClient => ("unauthorized_client", "The client is not registered for this grant_type."),
            Self::Grant(_) => ("invalid_grant", "The code or token is invalid, expired, revoked, or was issued to another client."),
            Self::Exchange(reason) => return ("invalid_request", format!("The token can't be exchanged: {reason}.")),
            Self::AssertionGrant(_) => ("invalid_grant", "The assertion is invalid, expired, used, or not good for this client."),
            Self::InvalidScope => ("invalid_scope", "The scope exceeds what was granted, or what the client may have."),
            Self::Details(error) => {
                return ("invalid_authorization_details", format!("The authorization_details can't be granted: {error}."));
            }
            Self::InvalidTarget => ("invalid_target", "The resource is unknown, or exceeds what was granted."),
            // Whoever made the proof may know what is wrong with it: nothing in it is ours.
            Self::Proof(error) => return ("invalid_dpop_proof", format!("The DPoP proof is not valid: {error}.")),
            Self::ProofMissing => ("invalid_request", "This client must send a DPoP proof."),
            Self::UseDpopNonce(_) => ("use_dpop_nonce", "The DPoP proof needs the nonce in the header DPoP-Nonce."),
            Self::Store(_) | Self::Vault(_) | Self::Keys(_) => {
                ("temporarily_unavailable", "The server can't answer at the moment. Try again shortly.")
            }
            Self::Signing(_) => ("server_error", "The server failed."),
        };
        (code, sentence.to_owned())
    }

    /// The answer to the client (OAuth 2.1 section 3.2.4).
    #[must_use]
    pub(super) fn render(&self) -> Response {
        let (error, description) = self.oauth_error();
        let status = self.status();
        let response = no_store(Response::json(status, &json!({"error": error, "error_description": description})));
        match status {
            StatusCode::UNAUTHORIZED => response.with(WWW_AUTHENTICATE, "Basic realm=\"token\", charset=\"UTF-8\""),
            StatusCode::SERVICE_UNAVAILABLE => response.with(RETRY_AFTER, "2"),
            StatusCode::TOO_MANY_REQUESTS => match self {
                Self::TooManyAttempts(seconds) | Self::TooManyRequests(seconds) | Self::TooManyDocuments(seconds) => {
                    response.with(RETRY_AFTER, &seconds.to_string())
                }
                _ => response,
            },
            StatusCode::METHOD_NOT_ALLOWED => response.with(http::header::ALLOW, "POST"),
            StatusCode::BAD_REQUEST => match self {
                Self::UseDpopNonce(nonce) => response.with(DPOP_NONCE, nonce),
                _ => response,
            },
            _ => response,
        }
    }
}

/// `response` kept out of every cache (OAuth 2.1 section 3.2.3).
pub(super) fn no_store(response: Response) -> Response {
    response.with(CACHE_CONTROL, "no-store").with(http::header::PRAGMA, "no-cache")
}
