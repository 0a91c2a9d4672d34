//! Why an authorization request is refused, whoever is told: the browser's redirect, or the client that pushed it.

use super::object::ObjectError;
use crate::endpoint::client_keys::ClientKeyError;
use crate::endpoint::fetch::FetchError;
use crate::endpoint::resources::UnknownResource;
use crate::protocol::authorize::{InvalidParameters, UntrustedRedirect};

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
    /// The request was not pushed, and must be.
    #[error("the request must be pushed")]
    MustPush,
    /// The request was not signed, and must be.
    #[error("the request must be a signed request object")]
    MustSign,
    /// `request` and `request_uri` at once (RFC 9101 section 5).
    #[error("both request and request_uri")]
    TwoRequests,
    /// `request_uri` where a request is pushed (RFC 9126 section 2.1).
    #[error("request_uri in a pushed request")]
    UriPushed,
    /// A pushed request needs its own redirect URI, and one that is the client's.
    #[error("{0}")]
    Redirect(#[from] UntrustedRedirect),
    /// `dpop_jkt` names another key than the proof beside the pushed request (RFC 9449 section 10.1).
    #[error("dpop_jkt is not the key of the DPoP proof")]
    OtherKey,
    /// More than is kept of a pushed request.
    #[error("the pushed request is too long")]
    PushedTooLong,
    /// The request object is not to be believed.
    #[error("request object: {0}")]
    Object(#[from] ObjectError),
    /// The client did not register this `request_uri`.
    #[error("request_uri is not registered for the client")]
    UnregisteredUri,
    /// The request object behind `request_uri` can't be had.
    #[error("request_uri: {0}")]
    Unfetched(#[from] FetchError),
}

impl RequestError {
    /// Whether the same request may be good another time: the client's keys can't be had, so that nothing is known about what it signed.
    #[must_use]
    pub(in crate::endpoint) fn may_pass(&self) -> bool {
        matches!(self, Self::Object(ObjectError::Key(ClientKeyError::Fetch(error))) if error.may_pass())
    }

    /// The registered code (OAuth 2.1 section 4.1.2.1, OpenID Connect Core section 3.1.2.6, RFC 8707 section 2, RFC 9101 section 7) and
    /// a sentence for the developer.
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
                    P::Scope | P::Malformed("scope") => "invalid_scope",
                    P::Unsupported(_) | P::Missing(_) | P::Malformed(_) | P::PkceRequired | P::PkceMethod => "invalid_request",
                    P::ResponseType => "unsupported_response_type",
                    P::Details(_) => "invalid_authorization_details",
                };
                return (error, sentence_of(&reason.to_string()));
            }
            Self::Unauthorized => ("unauthorized_client", "The client may not use the authorization code grant."),
            Self::Resource(UnknownResource) => ("invalid_target", "This server issues no tokens for that resource."),
            Self::MustPush => ("invalid_request", "The request must be pushed to the pushed authorization request endpoint."),
            Self::MustSign => ("invalid_request", "The request must come as a signed request object."),
            Self::TwoRequests => ("invalid_request", "Send request or request_uri, one of them."),
            Self::UriPushed => ("invalid_request", "A pushed request can't have a request_uri."),
            Self::Redirect(UntrustedRedirect::Missing) => ("invalid_request", "The parameter redirect_uri is missing."),
            Self::Redirect(UntrustedRedirect::Unregistered) => ("invalid_request", "The redirect_uri is not registered for the client."),
            Self::OtherKey => ("invalid_request", "dpop_jkt names another key than the DPoP proof."),
            Self::PushedTooLong => ("invalid_request", "The request is longer than this server keeps."),
            Self::Object(ObjectError::Expired) => ("invalid_request_object", "The request object has expired."),
            Self::Object(_) if self.may_pass() => {
                ("temporarily_unavailable", "The keys at the client's jwks_uri can't be read at the moment.")
            }
            Self::Object(_) => {
                ("invalid_request_object", "The request object can't be accepted: its type, algorithm, signature, claims or parameters.")
            }
            Self::UnregisteredUri => ("invalid_request_uri", "The request_uri is not registered for the client."),
            Self::Unfetched(_) => ("invalid_request_uri", "The request object can't be fetched from the request_uri."),
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
