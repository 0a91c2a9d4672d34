//! The authorization code: what it says, and what must be presented to redeem it (OAuth 2.1 section 4.1.3).

use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ulid::Ulid;

use super::client::ClientId;
use super::secret::{Secret, SecretHash};
use super::user::UserId;
use crate::context::Timestamp;

/// Codes older than this are refused by their ULID alone, without a request to the store. In seconds.
pub const MAX_AGE: i64 = 600;

/// A code as it travels: `ULID "." base64url(32 random bytes)`. The ULID is the key of the code and of its grant.
#[derive(Clone, Debug)]
pub struct CodeToken {
    /// The key, which also dates the code.
    pub id: Ulid,
    /// What the client must know.
    pub secret: Secret,
}

impl CodeToken {
    /// A code of `id` with the secret `bytes`.
    #[must_use]
    pub fn new(id: Ulid, bytes: &[u8; 32]) -> Self {
        Self { id, secret: Secret::from_bytes(bytes) }
    }

    /// The code as it is sent to the client.
    #[must_use]
    pub fn render(&self) -> Secret {
        Secret::new(format!("{}.{}", self.id, self.secret.expose()))
    }

    /// When the code was made, by its ULID.
    #[must_use]
    pub fn made_at(&self) -> Timestamp {
        Timestamp(i64::try_from(self.id.timestamp_ms() / 1000).unwrap_or(i64::MAX))
    }

    /// The seed of the grant's refresh tokens. Only who held the code can know it.
    #[must_use]
    pub fn refresh_seed(&self) -> RefreshSeed {
        let mut input = b"grantlet refresh seed\0".to_vec();
        input.extend_from_slice(self.secret.expose().as_bytes());
        let hash = SecretHash::of(&input);
        RefreshSeed(Secret::from_bytes(hash.as_bytes()))
    }
}

/// The seed that every refresh token of a grant carries; the grant holds its hash.
#[derive(Clone, Debug)]
pub struct RefreshSeed(pub Secret);

/// A text that was never a code of ours.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an authorization code")]
pub struct CodeError;

impl FromStr for CodeToken {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let (id, secret) = text.split_once('.').ok_or(CodeError)?;
        let id = parse_ulid(id).ok_or(CodeError)?;
        match URL_SAFE_NO_PAD.decode(secret) {
            Ok(bytes) if bytes.len() == 32 => Ok(Self { id, secret: Secret::new(secret) }),
            _ => Err(CodeError),
        }
    }
}

/// Reads a ULID in its one canonical spelling: 26 characters, upper case.
#[must_use]
pub fn parse_ulid(text: &str) -> Option<Ulid> {
    let id = Ulid::from_string(text).ok()?;
    (id.to_string() == text).then_some(id)
}

/// An authorization code, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationCode {
    /// The key; the grant has the same.
    pub id: Ulid,
    /// The hash of the code's secret.
    pub secret_hash: SecretHash,
    /// Who may redeem it.
    pub client_id: ClientId,
    /// Who consented.
    pub user_id: UserId,
    /// Where it was sent.
    pub redirect_uri: String,
    /// The S256 challenge (RFC 7636 section 4.2); none only for clients with `require_pkce: false`.
    pub code_challenge: Option<String>,
    /// The DPoP key that the authorization request named (RFC 9449 section 10).
    pub dpop_jkt: Option<String>,
    /// The resources that tokens may be for; never empty.
    pub resources: Vec<String>,
    /// The `nonce` for the ID token.
    pub nonce: Option<String>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What a client presents to redeem a code. Every part is held against the record by the delete's own condition.
#[derive(Clone, Debug)]
pub struct Presentation {
    /// The key.
    pub id: Ulid,
    /// The hash of the presented secret.
    pub secret_hash: SecretHash,
    /// The authenticated client.
    pub client_id: ClientId,
    /// The S256 of the presented verifier. With one, the code must have that challenge; without, it must have none.
    pub code_challenge: Option<String>,
    /// The thumbprint of the proven DPoP key. A code that is bound to a key is redeemed with that one alone; any other with any key, or none.
    pub dpop_jkt: Option<String>,
    /// The redirect URI, when the client sent one (OAuth 2.1 section 10.2).
    pub redirect_uri: Option<String>,
    /// The resources asked for, each of which the code must contain.
    pub resources: Vec<String>,
    /// The time of the request.
    pub now: Timestamp,
}

/// How a redemption ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redemption {
    /// This call deleted the code: it alone may issue tokens.
    Redeemed(Box<AuthorizationCode>),
    /// Something presented was wrong or the code has expired; the code is as it was. The record tells the log what.
    Refused(Box<AuthorizationCode>),
    /// There is no such code: never there, removed by TTL, or redeemed.
    Gone,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_survives_rendering_and_every_proper_prefix_is_refused() {
        let code = CodeToken::new(Ulid::from_parts(1_700_000_000_000, 7), &[9; 32]);
        let rendered = code.render();
        let text = rendered.expose();
        assert_eq!(text.parse::<CodeToken>().unwrap().id, code.id);
        for end in 0..text.len() {
            assert!(text[..end].parse::<CodeToken>().is_err(), "{end}");
        }
        assert!(text.to_lowercase().parse::<CodeToken>().is_err());
    }
}
