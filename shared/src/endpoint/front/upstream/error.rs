//! Why a login at a provider came to nothing: a reason for the log, and what people are told.

use http::StatusCode;

use super::id_token::IdTokenError;
use crate::endpoint::client_keys::ClientKeyError;
use crate::endpoint::fetch::FetchError;
use crate::pages::UpstreamProblem;
use crate::store::StoreError;
use crate::vault::VaultError;

/// Why a login at a provider came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum UpstreamError {
    /// Our store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Our vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The provider's secret was sealed under another key.
    #[error("the connection's secret can't be unsealed; `grantlet connection set-secret` keeps it anew")]
    Unsealable,
    /// GitHub has no public clients.
    #[error("there is no secret of the connection; `grantlet connection set-secret` keeps it")]
    NoSecret,
    /// What is kept for a connection with Apple is not the key that signs client secrets.
    #[error("there is no ES256 key of the connection; `grantlet connection set-secret` keeps it")]
    NoKey,
    /// The provider can't be reached.
    #[error("{what}: {error}")]
    Unreachable {
        /// What was fetched.
        what: &'static str,
        /// Why not.
        error: FetchError,
    },
    /// The provider's metadata are not what they must be.
    #[error("the provider's metadata: {0}")]
    Metadata(&'static str),
    /// The provider has trouble of its own.
    #[error("{what}: answered with status {status}")]
    Trouble {
        /// What was asked.
        what: &'static str,
        /// The answer.
        status: u16,
    },
    /// The provider's keys can't be had, or none of them signed the ID token.
    #[error(transparent)]
    Keys(#[from] ClientKeyError),
    /// The provider, or the person there, said no. The reason is one of the registered codes, or `other`.
    #[error("the provider answered with an error: {0}")]
    Answered(&'static str),
    /// The answer names another issuer, or none where one must stand (RFC 9207 section 2.4).
    #[error("the answer comes from another issuer than was asked")]
    ForeignIssuer,
    /// The answer has neither a code nor an error.
    #[error("the answer has no code")]
    NoCode,
    /// The token endpoint refused the code.
    #[error("the token endpoint refused the code: {0}")]
    Refused(&'static str),
    /// An answer does not have the form that it must have.
    #[error("{0}: the answer does not have the form that it must have")]
    Malformed(&'static str),
    /// The ID token is not to be believed.
    #[error("the ID token: {0}")]
    IdToken(#[from] IdTokenError),
    /// Userinfo is about somebody else (`OpenID` Connect Core section 5.3.2).
    #[error("userinfo is about another sub than the ID token")]
    OtherSubject,
}

/// What is to be done about it.
pub(super) enum Consequence {
    /// We failed.
    Ours,
    /// The person is told, with this status.
    Told(UpstreamProblem, StatusCode),
}

impl UpstreamError {
    /// What is to be done about it.
    pub(super) fn consequence(&self) -> Consequence {
        match self {
            Self::Store(_) | Self::Vault(_) | Self::Unsealable | Self::NoSecret | Self::NoKey => Consequence::Ours,
            Self::Unreachable { .. }
            | Self::Trouble { .. }
            | Self::Metadata(_)
            | Self::Keys(ClientKeyError::Fetch(_) | ClientKeyError::NoKeys)
            | Self::Answered("temporarily_unavailable" | "server_error") => {
                Consequence::Told(UpstreamProblem::Unavailable, StatusCode::SERVICE_UNAVAILABLE)
            }
            Self::Answered("access_denied" | CANCELLED) => Consequence::Told(UpstreamProblem::Denied, StatusCode::OK),
            Self::Keys(ClientKeyError::Signature)
            | Self::Answered(_)
            | Self::ForeignIssuer
            | Self::NoCode
            | Self::Refused(_)
            | Self::Malformed(_)
            | Self::IdToken(_)
            | Self::OtherSubject => Consequence::Told(UpstreamProblem::Failed, StatusCode::BAD_REQUEST),
        }
    }

    /// Whether the operator has to do something.
    pub(super) fn is_for_the_operator(&self) -> bool {
        match self {
            Self::Unsealable
            | Self::NoSecret
            | Self::NoKey
            | Self::Metadata(_)
            | Self::Refused("invalid_client" | "unauthorized_client" | "incorrect_client_credentials") => true,
            Self::Store(_)
            | Self::Vault(_)
            | Self::Unreachable { .. }
            | Self::Trouble { .. }
            | Self::Keys(_)
            | Self::Answered(_)
            | Self::ForeignIssuer
            | Self::NoCode
            | Self::Refused(_)
            | Self::Malformed(_)
            | Self::IdToken(_)
            | Self::OtherSubject => false,
        }
    }
}

/// The answer of a provider at which the demanded level is not to be had (`OpenID` Connect Core Error Code, `unmet_authentication_requirements`).
pub(super) const LEVEL_UNMET: &str = "unmet_authentication_requirements";

/// The answer of Apple when somebody turns back there.
const CANCELLED: &str = "user_cancelled_authorize";

/// The codes that an authorization or token endpoint may answer with (OAuth 2.1 sections 3.2.4 and 4.1.2.1, `OpenID` Connect Core section 3.1.2.6,
/// and GitHub's and Apple's own). Anything else a stranger may have written, and is not repeated.
const KNOWN: [&str; 21] = [
    "access_denied",
    "account_selection_required",
    "application_suspended",
    "bad_verification_code",
    "consent_required",
    "incorrect_client_credentials",
    "interaction_required",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "login_required",
    "redirect_uri_mismatch",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    LEVEL_UNMET,
    "unsupported_grant_type",
    "unsupported_response_type",
    "unverified_user_email",
    CANCELLED,
];

/// The code as one that is known, or `other`.
pub(super) fn known_code(code: &str) -> &'static str {
    KNOWN.into_iter().find(|known| *known == code).unwrap_or("other")
}
