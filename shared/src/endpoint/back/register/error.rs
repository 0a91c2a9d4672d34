//! Why a registration fails: a rich reason for the log, a registered code and a sentence for the client's developer (RFC 7591 section 3.2.2).

use http::StatusCode;
use http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::json;

use super::statement::StatementError;
use crate::endpoint::back::error::TokenError;
use crate::endpoint::{Request, Response};
use crate::model::registration::RegistrationError;
use crate::store::StoreError;

/// The longest description of an error, in characters: what a client sent may be quoted in it.
const MAX_DESCRIPTION: usize = 300;

/// Why a request to `/register` fails.
#[derive(Debug, thiserror::Error)]
pub(super) enum RegisterError {
    /// None of the methods that mean something here.
    #[error("the method means nothing here")]
    Method,
    /// The operator registers clients, and nobody else.
    #[error("registration is off")]
    Off,
    /// One address registers more than it may; the next one counts in so many seconds.
    #[error("too many registrations")]
    TooMany(i64),
    /// No initial access token was sent (RFC 7591 section 3).
    #[error("no initial access token")]
    InitialTokenMissing,
    /// The initial access token is none of the operator's.
    #[error("unknown initial access token")]
    InitialTokenUnknown,
    /// No registration access token was sent (RFC 7592 section 2).
    #[error("no registration access token")]
    TokenMissing,
    /// There is no such client, or the token is not its own. Which of them is not told.
    #[error("unknown client, or another one's registration access token")]
    TokenUnknown,
    /// The metadata come as JSON.
    #[error("the content type is not application/json")]
    ContentType,
    /// The metadata can't be registered.
    #[error("{0}")]
    Registration(#[from] RegistrationError),
    /// The software statement is not to be believed.
    #[error("software statement: {0}")]
    Statement(#[from] StatementError),
    /// Two updates at once: this one was not applied.
    #[error("the registration was changed at the same time")]
    Conflict,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A secret could not be sealed.
    #[error("sealing: {0}")]
    Sealing(TokenError),
}

impl RegisterError {
    fn status(&self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Off => StatusCode::FORBIDDEN,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::InitialTokenMissing | Self::InitialTokenUnknown | Self::TokenMissing | Self::TokenUnknown => StatusCode::UNAUTHORIZED,
            Self::ContentType | Self::Registration(_) | Self::Statement(_) => StatusCode::BAD_REQUEST,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Store(_) | Self::Sealing(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn oauth_error(&self) -> (&'static str, String) {
        let (code, sentence) = match self {
            Self::Method => ("invalid_request", "Use POST to register; GET, PUT or DELETE at the registration_client_uri."),
            Self::Off => ("access_denied", "Clients do not register themselves here. Ask the operator."),
            Self::TooMany(_) => ("temporarily_unavailable", "Too many registrations from one address. Wait, then try again."),
            Self::InitialTokenMissing | Self::InitialTokenUnknown => {
                ("invalid_token", "Send an initial access token of the operator's as a Bearer token.")
            }
            Self::TokenMissing | Self::TokenUnknown => {
                ("invalid_token", "There is no such client, or the registration access token is not its own.")
            }
            Self::ContentType => ("invalid_client_metadata", "Send the metadata as application/json."),
            Self::Registration(error) => {
                let code = match error {
                    RegistrationError::RedirectUri(_) => "invalid_redirect_uri",
                    RegistrationError::Metadata(_) => "invalid_client_metadata",
                };
                return (code, printable(&format!("The client can't be registered: {error}")));
            }
            Self::Statement(error) => return (error.code(), printable(&format!("The software statement can't be used: {error}."))),
            Self::Conflict => ("invalid_client_metadata", "The registration was changed at the same time. Read it, then try again."),
            Self::Store(_) | Self::Sealing(_) => ("temporarily_unavailable", "The server can't answer at the moment. Try again shortly."),
        };
        (code, sentence.to_owned())
    }

    /// The answer to the client.
    pub(super) fn render(&self) -> Response {
        let (error, description) = self.oauth_error();
        let status = self.status();
        let response = Response::json(status, &json!({"error": error, "error_description": description}));
        match self {
            Self::Method => response.with(ALLOW, "POST, GET, PUT, DELETE"),
            // RFC 6750 section 3.1: a request without a token is told no error code.
            Self::InitialTokenMissing | Self::TokenMissing => response.with(WWW_AUTHENTICATE, "Bearer realm=\"register\""),
            Self::InitialTokenUnknown | Self::TokenUnknown => {
                response.with(WWW_AUTHENTICATE, "Bearer realm=\"register\", error=\"invalid_token\"")
            }
            Self::TooMany(seconds) => response.with(RETRY_AFTER, &seconds.to_string()),
            Self::Store(_) | Self::Sealing(_) => response.with(RETRY_AFTER, "2"),
            Self::Off | Self::ContentType | Self::Registration(_) | Self::Statement(_) | Self::Conflict => response,
        }
    }

    /// Logged here and nowhere else.
    pub(super) fn log(&self, request: &Request) {
        let request_id = &request.request_id;
        match self {
            Self::Store(_) | Self::Sealing(_) => tracing::error!(endpoint = "register", request_id, reason = %self, "request failed"),
            _ => tracing::info!(endpoint = "register", request_id, reason = %printable(&self.to_string()), "request refused"),
        }
    }
}

/// The characters of an `error_description` (RFC 6749 appendix A.8), and not too many of them.
fn printable(text: &str) -> String {
    let fits = |c: char| matches!(c, ' '..='~') && c != '\\';
    text.chars().map(|c| if c == '"' { '\'' } else { c }).map(|c| if fits(c) { c } else { '?' }).take(MAX_DESCRIPTION).collect()
}
