//! Pushed authorization requests (RFC 9126): what a client left here, and by what a browser refers to it.

use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ulid::Ulid;

use super::client::ClientId;
use super::code::parse_ulid;
use super::secret::{Secret, SecretHash};
use crate::context::Timestamp;

/// What every reference to a pushed request begins with (RFC 9126 section 2.2).
pub const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// How long a client may take until a browser presents the reference, in seconds.
pub const LIFETIME: i64 = 90;
/// How long people may take, from the moment at which their browser presented it, in seconds.
pub const BOUND_LIFETIME: i64 = 600;
/// The longest request that is kept, in bytes of its encoded parameters.
pub const MAX_PUSHED: usize = 16 * 1024;

/// The reference to a pushed request: [`PREFIX`], a ULID, `.`, 32 random bytes in base64url. The ULID is the key of the record.
#[derive(Clone, Debug)]
pub struct PushedUri {
    /// The key.
    pub id: Ulid,
    /// What only the client and the browser that it sent here know.
    pub secret: Secret,
}

impl PushedUri {
    /// A reference to the request `id` with the secret `bytes`.
    #[must_use]
    pub fn new(id: Ulid, bytes: &[u8; 32]) -> Self {
        Self { id, secret: Secret::from_bytes(bytes) }
    }

    /// The reference as the client gets it.
    #[must_use]
    pub fn render(&self) -> Secret {
        Secret::new(format!("{PREFIX}{}.{}", self.id, self.secret.expose()))
    }
}

/// A text that was never a reference of ours.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the reference of a pushed authorization request")]
pub struct PushedUriError;

impl FromStr for PushedUri {
    type Err = PushedUriError;

    fn from_str(text: &str) -> Result<Self, PushedUriError> {
        let (id, secret) = text.strip_prefix(PREFIX).and_then(|rest| rest.split_once('.')).ok_or(PushedUriError)?;
        let id = parse_ulid(id).ok_or(PushedUriError)?;
        match URL_SAFE_NO_PAD.decode(secret) {
            Ok(bytes) if bytes.len() == 32 => Ok(Self { id, secret: Secret::new(secret) }),
            _ => Err(PushedUriError),
        }
    }
}

/// A pushed request, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedRequest {
    /// The key.
    pub id: Ulid,
    /// The hash of the reference's secret.
    pub secret_hash: SecretHash,
    /// Who pushed it.
    pub client_id: ClientId,
    /// The parameters, encoded; those that authenticated the client are not among them.
    pub query: String,
    /// The hash of what the browser keeps that presented it first; none until one did.
    pub browser_hash: Option<SecretHash>,
    /// When it ends.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9126 section 2.2
    #[test]
    fn a_reference_survives_rendering_and_every_proper_prefix_is_refused() {
        let uri = PushedUri::new(Ulid::from_parts(1_700_000_000_000, 7), &[9; 32]);
        let rendered = uri.render();
        let text = rendered.expose();
        assert!(text.starts_with("urn:ietf:params:oauth:request_uri:"));
        assert_eq!(text.parse::<PushedUri>().unwrap().id, uri.id);
        for end in 0..text.len() {
            assert!(text[..end].parse::<PushedUri>().is_err(), "{end}");
        }
        assert!(text.to_uppercase().parse::<PushedUri>().is_err());
    }
}
