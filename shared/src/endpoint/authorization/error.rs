//! Why an authorization request is refused, whoever is told: the browser's redirect, or the client that pushed it.

use crate::endpoint::resources::UnknownResource;
use crate::protocol::authorize::InvalidParameters;

/// What is wrong with a request of which client and redirect URI are right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::endpoint) enum RequestError {
    /// A parameter is repeated.
    #[error("a parameter is repeated")]
    Repeated,
    /// `state` is longer than 1,024 bytes. It is not sent back.
    #[error("state is too long")]
    StateTooLong,
    /// The parameters are not valid.
    #[error("{0}")]
    Invalid(#[from] InvalidParameters),
    /// The client is not registered for codes.
    #[error("the client may not use the authorization code grant")]
    Unauthorized,
    /// A resource that this server does not know.
    #[error(transparent)]
    Resource(#[from] UnknownResource),
}

impl RequestError {
    /// The registered code (OAuth 2.1 section 4.1.2.1, OpenID Connect Core section 3.1.2.6, RFC 8707 section 2) and a sentence for the developer.
    pub(in crate::endpoint) fn oauth_error(&self) -> (&'static str, String) {
        use InvalidParameters as P;
        let (error, sentence) = match self {
            Self::Repeated => ("invalid_request", "A parameter is repeated."),
            Self::StateTooLong => ("invalid_request", "state may have 1,024 bytes."),
            Self::Invalid(reason) => {
                let error = match reason {
                    P::Unsupported("request") => "request_not_supported",
                    P::Unsupported("request_uri") => "request_uri_not_supported",
                    P::Unsupported("registration") => "registration_not_supported",
                    P::Unsupported(_) | P::Missing(_) | P::Malformed(_) | P::PkceRequired | P::PkceMethod => "invalid_request",
                    P::ResponseType => "unsupported_response_type",
                    P::Scope => "invalid_scope",
                };
                return (error, sentence_of(&reason.to_string()));
            }
            Self::Unauthorized => ("unauthorized_client", "The client may not use the authorization code grant."),
            Self::Resource(UnknownResource) => ("invalid_target", "This server issues no tokens for that resource."),
        };
        (error, sentence.to_owned())
    }
}

/// A reason as a sentence of its own.
fn sentence_of(reason: &str) -> String {
    let mut letters = reason.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
