//! The grant: one person's permission to one client, and the life of its refresh tokens.

use ulid::Ulid;

use super::client::ClientId;
use super::secret::SecretHash;
use super::session::Authentication;
use super::user::UserId;
use crate::context::Timestamp;

/// A grant, as it is stored. It has the ULID of the code that began it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The key.
    pub id: Ulid,
    /// Whether it still holds.
    pub status: GrantStatus,
    /// Whose permission.
    pub user_id: UserId,
    /// To whom.
    pub client_id: ClientId,
    /// The scopes granted, in the order asked.
    pub scopes: Vec<String>,
    /// The resources that tokens may be for; never empty.
    pub resources: Vec<String>,
    /// The session in which it was given; the ID token's `sid`.
    pub session_id: Ulid,
    /// The login behind it.
    pub authentication: Authentication,
    /// Whether refresh tokens are issued.
    pub offline: bool,
    /// What a full replay of the code must match, kept after the code is gone.
    pub code: CodeBinding,
    /// The refresh tokens' state.
    pub refresh: RefreshState,
    /// When the permission was given.
    pub created_at: Timestamp,
}

/// Whether a grant holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantStatus {
    /// It holds until `absolute_at`.
    Active,
    /// It was ended.
    Revoked(RevokedBy),
}

/// What ended a grant. Stored by these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokedBy {
    /// A fully valid replay of the code (OAuth 2.1 section 7.5.2).
    CodeReplay,
    /// A refresh token that had been replaced was used again (OAuth 2.1 section 4.3.1).
    RefreshReuse,
    /// The client asked for it (RFC 7009).
    Client,
    /// The operator, by locking or removing the user, or by revoking it.
    Operator,
}

impl RevokedBy {
    /// The stored name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CodeReplay => "code_replay",
            Self::RefreshReuse => "refresh_reuse",
            Self::Client => "client",
            Self::Operator => "operator",
        }
    }

    /// The reason stored as `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::CodeReplay, Self::RefreshReuse, Self::Client, Self::Operator].into_iter().find(|r| r.as_str() == name)
    }
}

/// What was bound to the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeBinding {
    /// The hash of the code's secret.
    pub secret_hash: SecretHash,
    /// The S256 challenge.
    pub code_challenge: Option<String>,
    /// Where the code was sent.
    pub redirect_uri: String,
    /// The DPoP key named at authorization.
    pub dpop_jkt: Option<String>,
}

/// The state of a grant's refresh tokens. Generation 0 is issued with the code's exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshState {
    /// The generation of the current token.
    pub generation: u64,
    /// The hash of the seed.
    pub seed_hash: SecretHash,
    /// The refresh key of the current token; none until the first rotation.
    pub current_kid: Option<String>,
    /// The end, if it is not used before.
    pub idle_at: Timestamp,
    /// The end in any case.
    pub absolute_at: Timestamp,
    /// The last three rotations, newest first; 0 for one that has not been.
    pub rotated_at: [Timestamp; 3],
    /// The random id of the request that rotated last, by which it knows its own success.
    pub rotation_id: Option<String>,
}

/// A refresh, as the store is asked to carry it out.
#[derive(Clone, Debug)]
pub struct RotationRequest {
    /// The grant.
    pub id: Ulid,
    /// The generation of the presented token.
    pub generation: u64,
    /// The hash of its seed.
    pub seed_hash: SecretHash,
    /// The authenticated client.
    pub client_id: ClientId,
    /// The scopes asked for; empty for all.
    pub scopes: Vec<String>,
    /// The resources asked for; empty for the default.
    pub resources: Vec<String>,
    /// The time of the request.
    pub now: Timestamp,
    /// The new idle end.
    pub idle_at: Timestamp,
    /// The change of the token, or none for clients whose tokens do not rotate.
    pub rotate: Option<Successor>,
}

/// The next token of a grant.
#[derive(Clone, Debug)]
pub struct Successor {
    /// A random id of this request.
    pub rotation_id: String,
    /// The refresh key that signs the next token.
    pub kid: String,
}

/// How the store's conditional update ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// This call rotated (or, without rotation, checked and extended) the grant; here it is after the change.
    Done(Box<Grant>),
    /// The condition failed; here is the grant as it stands, to be judged by [`super::grant`]'s rules.
    Refused(Box<Grant>),
    /// There is no such grant.
    Gone,
}
