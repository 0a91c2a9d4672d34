//! Clients: registered metadata (RFC 7591 section 2) and the operator's own settings for them.

use serde::{Deserialize, Serialize};

use super::secret::SecretHash;
use crate::context::Timestamp;
use crate::protocol::claims::SCOPES_WITH_CLAIMS;

/// The identifier of a client. Between 1 and 255 visible ASCII characters (RFC 6749 appendix A.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ClientId(String);

impl ClientId {
    /// Reads a client identifier.
    ///
    /// # Errors
    /// When it is empty, too long, or has a character other than visible ASCII.
    pub fn parse(text: &str) -> Result<Self, ClientIdError> {
        if (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ClientIdError)
        }
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ClientId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ClientId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A text that is no client identifier.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a client_id has 1 to 255 visible ASCII characters")]
pub struct ClientIdError;

/// How a client proves itself at the token endpoint (RFC 7591 section 2, `token_endpoint_auth_method`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// A public client: it has no secret.
    None,
    /// The secret in `Authorization: Basic` (OAuth 2.1 section 2.4.1).
    #[default]
    ClientSecretBasic,
    /// The secret in the request body.
    ClientSecretPost,
}

/// Grants that a client may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// OAuth 2.1 section 4.1.
    AuthorizationCode,
    /// OAuth 2.1 section 4.3. A client registered for it gets refresh tokens without asking for `offline_access`.
    RefreshToken,
}

/// Whether refresh tokens change at each use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// A new token at each refresh (OAuth 2.1 section 4.3.1).
    #[default]
    Always,
    /// The same token until it ends; for confidential clients only.
    Never,
}

/// A signature algorithm of ours (RFC 7518 section 3.1, RFC 8037).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SigningAlg {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[default]
    RS256,
    /// ECDSA with P-256 and SHA-256.
    ES256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDSA,
}

impl SigningAlg {
    /// Every algorithm, in the order in which the metadata lists them.
    pub const ALL: [Self; 3] = [Self::RS256, Self::ES256, Self::EdDSA];

    /// The registered `alg` value.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
        }
    }
}

/// A client, as the operator registered it. Redirect URIs are valid (`protocol::redirect_uri`) once a client is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its identifier.
    pub client_id: ClientId,
    /// What people read on the consent page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// Where codes may be sent, as registered.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// How it authenticates.
    #[serde(default)]
    pub token_endpoint_auth_method: AuthMethod,
    /// The grants that it may use.
    #[serde(default = "default_grant_types")]
    pub grant_types: Vec<GrantType>,
    /// The scopes that it may ask for, separated by spaces; every standard scope when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The algorithm of its ID tokens.
    #[serde(default)]
    pub id_token_signed_response_alg: SigningAlg,
    /// The algorithm of access tokens issued to it; RS256 is what API Gateway's JWT authorizer takes.
    #[serde(default)]
    pub access_token_signed_response_alg: SigningAlg,
    /// The operator's own client: people are not asked for consent.
    #[serde(default)]
    pub first_party: bool,
    /// `false` lets a confidential client of old omit PKCE.
    #[serde(default = "yes")]
    pub require_pkce: bool,
    /// Whether its refresh tokens rotate.
    #[serde(default)]
    pub rotation: Rotation,
    /// Everything else of its registered metadata, kept and shown as it came.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

fn default_grant_types() -> Vec<GrantType> {
    vec![GrantType::AuthorizationCode]
}

fn yes() -> bool {
    true
}

impl Client {
    /// Whether the client has no secret.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == AuthMethod::None
    }

    /// Whether the client may ask for `scope`: those that the operator registered for it, or else every standard scope.
    #[must_use]
    pub fn may_ask_for(&self, scope: &str) -> bool {
        match &self.scope {
            Some(registered) => registered.split(' ').any(|one| one == scope),
            None => ["openid", "offline_access"].contains(&scope) || SCOPES_WITH_CLAIMS.contains(&scope),
        }
    }

    /// The name for people: `client_name`, or the identifier.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.client_name.as_deref().unwrap_or(self.client_id.as_str())
    }
}

/// A client as it is stored: the registration and the hash of its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredClient {
    /// The registration.
    pub client: Client,
    /// The SHA-256 of its secret; none for a public client.
    pub secret_hash: Option<SecretHash>,
    /// When it was registered.
    pub created_at: Timestamp,
}
