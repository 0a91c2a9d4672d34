//! Clients: registered metadata (RFC 7591 section 2) and the operator's own settings for them.

use serde::{Deserialize, Serialize};

use super::secret::SecretHash;
use super::settings::{Logo, Settings};
use crate::context::Timestamp;
use crate::protocol::claims::is_standard_scope;

/// What the `sub` of a client begins with.
pub const CLIENT_SUBJECT: &str = "client:";

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

    /// The identifier of a client that registered itself, made of a fresh ULID.
    #[must_use]
    pub fn of_dynamic(ulid: ulid::Ulid) -> Self {
        Self(format!("{DYNAMIC_PREFIX}{}", ulid.to_string().to_ascii_lowercase()))
    }

    /// Whose record it names: each source of clients has identifiers of its own form, so that one never stands in for another.
    #[must_use]
    pub fn source(&self) -> ClientSource {
        if self.0.starts_with(DYNAMIC_PREFIX) {
            ClientSource::Dynamic
        } else if self.0.starts_with("https://") || self.0.starts_with("http://") {
            ClientSource::Document
        } else {
            ClientSource::Operator
        }
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The `sub` of tokens that the client gets in its own name. No person has one that begins so (RFC 9700 section 4.15.1).
    #[must_use]
    pub fn subject(&self) -> String {
        format!("{CLIENT_SUBJECT}{}", self.0)
    }
}

/// What the identifier of a client that registered itself begins with.
const DYNAMIC_PREFIX: &str = "dyn-";

/// Where a client's registration comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientSource {
    /// The operator registered it.
    Operator,
    /// It registered itself (RFC 7591).
    Dynamic,
    /// The document at the URL that is its identifier (OAuth Client ID Metadata Document).
    Document,
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
    /// A JWT that the secret authenticates (OpenID Connect Core section 9).
    ClientSecretJwt,
    /// A JWT that one of the client's own keys signed (RFC 7523 section 2.2).
    PrivateKeyJwt,
}

impl AuthMethod {
    /// Every method, in the order in which the metadata lists them.
    pub const ALL: [Self; 5] = [Self::ClientSecretBasic, Self::ClientSecretPost, Self::ClientSecretJwt, Self::PrivateKeyJwt, Self::None];

    /// The registered name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    /// Whether the client and this server share a secret.
    #[must_use]
    pub fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt)
    }
}

/// Grants that a client may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// OAuth 2.1 section 4.1.
    AuthorizationCode,
    /// OAuth 2.1 section 4.3. A client registered for it gets refresh tokens without asking for `offline_access`.
    RefreshToken,
    /// OAuth 2.1 section 4.2: the client in its own name.
    ClientCredentials,
    /// RFC 8628: a device without a browser.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
    /// RFC 8693: a token for a token.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
    /// RFC 7523 section 2.1: an assertion of an issuer that the operator trusts.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:jwt-bearer")]
    JwtBearer,
}

impl GrantType {
    /// Every grant type, in the order in which the metadata lists them.
    pub const ALL: [Self; 6] =
        [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials, Self::DeviceCode, Self::TokenExchange, Self::JwtBearer];

    /// The registered name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
        }
    }
}

/// Whether clients share a person's `sub` (OpenID Connect Core section 8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// Every client sees the same.
    #[default]
    Public,
    /// Each sector sees its own.
    Pairwise,
}

/// A profile that a client is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecurityProfile {
    /// The FAPI 2.0 Security Profile: pushed requests, sender-constrained tokens, `private_key_jwt`, no RS256, no rotation.
    #[serde(rename = "fapi2")]
    Fapi2,
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
    /// RSASSA-PSS with SHA-256.
    PS256,
    /// ECDSA with P-256 and SHA-256.
    ES256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDSA,
}

impl SigningAlg {
    /// Every algorithm, in the order in which the metadata lists them.
    pub const ALL: [Self; 4] = [Self::RS256, Self::PS256, Self::ES256, Self::EdDSA];

    /// The registered `alg` value.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::PS256 => "PS256",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
        }
    }
}

/// A client, as the operator registered it. Redirect URIs are valid (`protocol::redirect_uri`) once a client is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "registered metadata has as many flags")]
pub struct Client {
    /// Its identifier.
    pub client_id: ClientId,
    /// What people read on the consent page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// A picture that people see beside the name; the operator's to give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<Logo>,
    /// Where codes may be sent, as registered.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// How it authenticates.
    #[serde(default)]
    pub token_endpoint_auth_method: AuthMethod,
    /// The grants that it may use.
    #[serde(default = "default_grant_types")]
    pub grant_types: Vec<GrantType>,
    /// The scopes that it may ask for, separated by spaces; every standard scope and every scope of a resource when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The algorithm of its client assertions; any that we take when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// Its public keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<serde_json::Value>,
    /// Where its public keys are published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Whether it must push its authorization requests (RFC 9126 section 6).
    #[serde(default, skip_serializing_if = "is_no")]
    pub require_pushed_authorization_requests: bool,
    /// Whether it must sign its authorization requests (RFC 9101 section 10.5).
    #[serde(default, skip_serializing_if = "is_no")]
    pub require_signed_request_object: bool,
    /// The algorithm of its request objects; any that we take when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<String>,
    /// Whether its tokens must be bound to a key of its own (RFC 9449 section 5.2).
    #[serde(default, skip_serializing_if = "is_no")]
    pub dpop_bound_access_tokens: bool,
    /// The algorithm of userinfo answers; JSON when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<SigningAlg>,
    /// The algorithm of introspection answers; JSON unless asked otherwise when absent (RFC 9701).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introspection_signed_response_alg: Option<SigningAlg>,
    /// Which `sub` it sees.
    #[serde(default)]
    pub subject_type: SubjectType,
    /// Where the browser may go after logout (OpenID Connect RP-Initiated Logout section 3.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    /// Where it is told that a session ended (OpenID Connect Back-Channel Logout section 2.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// The oldest login that is good enough, in seconds, when a request names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<i64>,
    /// The profile that it is held to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_profile: Option<SecurityProfile>,
    /// The types of authorization details that it may use (RFC 9396 section 10); every type when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_details_types: Option<Vec<String>>,
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_no(flag: &bool) -> bool {
    !flag
}

impl Client {
    /// Whether the client has no secret.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == AuthMethod::None
    }

    /// Whether it is held to the FAPI 2.0 Security Profile.
    #[must_use]
    pub fn is_fapi2(&self) -> bool {
        self.security_profile == Some(SecurityProfile::Fapi2)
    }

    /// Whether it must push its authorization requests.
    #[must_use]
    pub fn must_push(&self) -> bool {
        self.require_pushed_authorization_requests || self.is_fapi2()
    }

    /// Where it keeps request objects (OpenID Connect Registration section 2).
    pub fn request_uris(&self) -> impl Iterator<Item = &str> {
        self.other.get("request_uris").and_then(serde_json::Value::as_array).into_iter().flatten().filter_map(serde_json::Value::as_str)
    }

    /// Whether its tokens must be bound to a key.
    #[must_use]
    pub fn must_bind(&self) -> bool {
        self.dpop_bound_access_tokens || self.is_fapi2()
    }

    /// Whether its refresh tokens stay the same.
    #[must_use]
    pub fn never_rotates(&self) -> bool {
        !self.is_public() && (self.rotation == Rotation::Never || self.is_fapi2())
    }

    /// The sector of its pairwise subjects (OpenID Connect Core section 8.1): the host of its `sector_identifier_uri`, or of its redirect URIs.
    #[must_use]
    pub fn sector(&self) -> Option<String> {
        let uri = self.sector_identifier_uri().or_else(|| self.redirect_uris.first().map(String::as_str))?;
        url::Url::parse(uri).ok()?.host_str().map(str::to_owned)
    }

    /// Where the redirect URIs of its sector are listed (OpenID Connect Core section 8.1).
    #[must_use]
    pub fn sector_identifier_uri(&self) -> Option<&str> {
        self.other.get("sector_identifier_uri").and_then(serde_json::Value::as_str)
    }

    /// Whether the client may use `grant`.
    #[must_use]
    pub fn may_use(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// Whether it gets refresh tokens with `scopes`: asked for, or what it is registered for.
    #[must_use]
    pub fn stays_connected(&self, scopes: &[String]) -> bool {
        scopes.iter().any(|scope| scope == "offline_access") || self.may_use(GrantType::RefreshToken)
    }

    /// Whether the client may ask for `scope`: those that were registered for it, or else every standard scope and every scope of a resource.
    #[must_use]
    pub fn may_ask_for(&self, scope: &str, settings: &Settings) -> bool {
        match &self.scope {
            Some(registered) => registered.split(' ').any(|one| one == scope),
            None => is_standard_scope(scope) || settings.resources.iter().any(|one| one.scopes.contains_key(scope)),
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
    /// The SHA-256 of its secret; none for a client without one.
    pub secret_hash: Option<SecretHash>,
    /// The SHA-256 of the secret before that, and until when it counts.
    pub previous_secret: Option<(SecretHash, Timestamp)>,
    /// The secret itself, sealed for the `token` function, where it must authenticate JWTs.
    pub sealed_secret: Option<Vec<u8>>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// What stands behind the registration.
    pub origin: Origin,
}

/// What stands behind a registration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// The operator's word.
    #[default]
    Operator,
    /// Its own word (RFC 7591).
    Dynamic(DynamicOrigin),
    /// The document at its identifier, which is read again after this.
    Document {
        /// When what is known of the document is out of date.
        fresh_until: Timestamp,
        /// When it was read.
        read_at: Timestamp,
    },
}

/// What is kept beside a client that registered itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DynamicOrigin {
    /// The SHA-256 of its registration access token (RFC 7592).
    pub token_hash: SecretHash,
    /// Changes with each update, so that of two at once one is refused.
    pub version: u64,
    /// Whether it had an initial access token of the operator's, and so may have grants in its own name.
    pub is_invited: bool,
    /// When it is forgotten, unless it is used before.
    pub expires_at: Timestamp,
}

impl StoredClient {
    /// Whether nobody but the client itself stands behind its registration.
    #[must_use]
    pub fn is_stranger(&self) -> bool {
        self.origin != Origin::Operator
    }

    /// Whether the registration counts at `now`. What a client's document said is not bound to a time here.
    #[must_use]
    pub fn is_alive(&self, now: Timestamp) -> bool {
        match &self.origin {
            Origin::Dynamic(origin) => now < origin.expires_at,
            Origin::Operator | Origin::Document { .. } => true,
        }
    }
}
