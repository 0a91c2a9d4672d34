//! What a client's registration may say (RFC 7591 section 2). Seeds, the operator's commands and registration by clients share these rules.

use serde_json::Value;
use url::Url;

use super::client::{AuthMethod, Client, GrantType, SigningAlg, SubjectType};
use super::secret::Secret;
use crate::jose::verify::VerificationKey;
use crate::protocol::redirect_uri::parse_redirect_uri;

/// The algorithms of JWTs that clients sign, in the order in which the metadata lists them. The last two are one by two names (RFC 9864 section 2.2).
pub const CLIENT_SIGNING_ALGS: [&str; 5] = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"];
/// The algorithm of JWTs that a client's secret authenticates.
pub const CLIENT_SECRET_ALG: &str = "HS256";
/// What asks for protection that this server does not give: encrypted tokens and answers, and signed authorization responses (JARM). Whoever asks for it is
/// told, and not left to believe that it has it.
const UNSUPPORTED: [&str; 11] = [
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "introspection_encrypted_response_alg",
    "introspection_encrypted_response_enc",
    "authorization_signed_response_alg",
    "authorization_encrypted_response_alg",
    "authorization_encrypted_response_enc",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
];
/// RFC 8705 section 3.4, likewise.
const BOUND_BY_CERTIFICATE: &str = "tls_client_certificate_bound_access_tokens";
/// The most redirect URIs, logout URIs and the like that one client may have.
const MAX_URIS: usize = 32;
/// The longest text in a registration, in bytes.
const MAX_TEXT: usize = 2_048;

/// The largest logo of a client, in bytes.
const MAX_LOGO: usize = 8 * 1_024;

/// Why a client can't be registered (RFC 7591 section 3.2.2). The text is a sentence's end for whoever registers it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// `invalid_redirect_uri`.
    #[error("{0}")]
    RedirectUri(String),
    /// `invalid_client_metadata`.
    #[error("{0}")]
    Metadata(String),
}

fn metadata(why: impl Into<String>) -> Result<(), RegistrationError> {
    Err(RegistrationError::Metadata(why.into()))
}

/// Checks a registration, the secret beside it included.
///
/// # Errors
/// Says what is wrong, and what to do about it.
pub fn check_registration(client: &Client, secret: Option<&Secret>) -> Result<(), RegistrationError> {
    check_redirects(client)?;
    check_authentication(client, secret)?;
    check_keys(client)?;
    check_grants(client)?;
    check_signatures(client)?;
    check_rest(client)?;
    if client.is_fapi2() { check_fapi2(client) } else { Ok(()) }
}

fn check_redirects(client: &Client) -> Result<(), RegistrationError> {
    if client.redirect_uris.is_empty() && client.may_use(GrantType::AuthorizationCode) {
        return Err(RegistrationError::RedirectUri("it has no redirect_uris. Name at least one.".to_owned()));
    }
    if client.redirect_uris.len() > MAX_URIS {
        return Err(RegistrationError::RedirectUri(format!("it has more than {MAX_URIS} redirect_uris. Name fewer.")));
    }
    for uri in &client.redirect_uris {
        if let Err(error) = parse_redirect_uri(uri) {
            return Err(RegistrationError::RedirectUri(format!("the redirect URI {uri:?} can't be used: {error}. Correct it.")));
        }
    }
    if client.subject_type == SubjectType::Pairwise && client.other.get("sector_identifier_uri").is_none() {
        let hosts = client.redirect_uris.iter().map(|uri| Url::parse(uri).ok().and_then(|url| url.host_str().map(str::to_owned)));
        let hosts: std::collections::BTreeSet<_> = hosts.collect();
        if hosts.len() != 1 || hosts.contains(&None) {
            return metadata("with subject_type pairwise its redirect_uris must share one host.");
        }
    }
    Ok(())
}

fn check_authentication(client: &Client, secret: Option<&Secret>) -> Result<(), RegistrationError> {
    let method = client.token_endpoint_auth_method;
    match (method.has_secret(), secret) {
        (false, Some(_)) if client.is_public() => {
            return metadata("a public client (token_endpoint_auth_method none) has no client_secret. Leave it out.");
        }
        (false, Some(_)) => return metadata("a client with private_key_jwt has no client_secret. Leave it out."),
        (true, None) => {
            return metadata("it needs a client_secret, or token_endpoint_auth_method none if it can't keep one.");
        }
        // RFC 6749 appendix A.2
        (true, Some(secret)) if secret.expose().is_empty() || !secret.expose().bytes().all(|b| (0x20..0x7f).contains(&b)) => {
            return metadata("its client_secret must be printable ASCII, and not empty.");
        }
        // RFC 7518 section 3.2
        (true, Some(secret)) if method == AuthMethod::ClientSecretJwt && secret.expose().len() < 32 => {
            return metadata("with client_secret_jwt its client_secret must have at least 32 characters.");
        }
        _ => {}
    }
    if client.is_public() && !client.require_pkce {
        return metadata("require_pkce: false is for confidential clients only. Leave it out.");
    }
    if client.is_public() && client.rotation == super::client::Rotation::Never {
        return metadata("rotation \"never\" is for confidential clients only. Leave it out.");
    }
    Ok(())
}

fn check_keys(client: &Client) -> Result<(), RegistrationError> {
    if client.jwks.is_some() && client.jwks_uri.is_some() {
        return metadata("it has both jwks and jwks_uri. Leave one out.");
    }
    let signs = client.token_endpoint_auth_method == AuthMethod::PrivateKeyJwt
        || client.require_signed_request_object
        || client.request_object_signing_alg.is_some();
    if signs && client.jwks.is_none() && client.jwks_uri.is_none() {
        return metadata("it signs JWTs, so that it needs jwks or jwks_uri.");
    }
    if let Some(jwks) = &client.jwks {
        let keys = VerificationKey::from_jwks(jwks.to_string().as_bytes());
        if signs && keys.map_or(true, |keys| keys.is_empty()) {
            return metadata("its jwks has no public key that can be used: RSA of 2048 bits or more, P-256 or Ed25519.");
        }
        let private = jwks.get("keys").and_then(Value::as_array).is_some_and(|keys| keys.iter().any(|key| key.get("d").is_some()));
        if private {
            return metadata("its jwks has a private key in it. Take it out of use, and register public keys alone.");
        }
    }
    if client.other.get("sector_identifier_uri").is_some_and(|uri| !uri.as_str().is_some_and(is_fetchable)) {
        return metadata("its sector_identifier_uri must be an https URL without a fragment.");
    }
    match &client.jwks_uri {
        Some(uri) if !is_fetchable(uri) => metadata("its jwks_uri must be an https URL without a fragment."),
        _ => Ok(()),
    }
}

fn check_grants(client: &Client) -> Result<(), RegistrationError> {
    if client.grant_types.is_empty() {
        return metadata("its grant_types are empty. Name one, or leave them out.");
    }
    if client.grant_types == [GrantType::RefreshToken] {
        return metadata("its grant_types must contain \"authorization_code\", or another grant that refresh tokens come from.");
    }
    let alone = [GrantType::ClientCredentials, GrantType::TokenExchange, GrantType::JwtBearer];
    if client.is_public() && alone.into_iter().any(|grant| client.may_use(grant)) {
        return metadata("a public client can't have grants in its own name: only authorization_code, refresh_token and device_code.");
    }
    let expected = if client.may_use(GrantType::AuthorizationCode) { serde_json::json!(["code"]) } else { serde_json::json!([]) };
    if client.other.get("response_types").is_some_and(|types| *types != expected) {
        return metadata(format!("response_types can only be {expected}."));
    }
    Ok(())
}

fn check_signatures(client: &Client) -> Result<(), RegistrationError> {
    let by_secret = client.token_endpoint_auth_method == AuthMethod::ClientSecretJwt;
    for (name, alg, secret) in [
        ("token_endpoint_auth_signing_alg", &client.token_endpoint_auth_signing_alg, by_secret),
        ("request_object_signing_alg", &client.request_object_signing_alg, false),
    ] {
        let fits = |alg: &str| if secret { alg == CLIENT_SECRET_ALG } else { CLIENT_SIGNING_ALGS.contains(&alg) };
        if alg.as_deref().is_some_and(|alg| !fits(alg)) {
            return metadata(format!("its {name} is not supported."));
        }
    }
    let is_bound = client.other.get(BOUND_BY_CERTIFICATE).is_some_and(|value| *value != Value::Bool(false));
    let asked = UNSUPPORTED.into_iter().find(|name| client.other.contains_key(*name)).or(is_bound.then_some(BOUND_BY_CERTIFICATE));
    if let Some(name) = asked {
        return metadata(format!("{name} asks for protection that this server does not give. Leave it out."));
    }
    Ok(())
}

fn check_rest(client: &Client) -> Result<(), RegistrationError> {
    if client.logo.as_ref().is_some_and(|logo| logo.len() > MAX_LOGO) {
        return metadata(format!("its logo has more than {MAX_LOGO} bytes, and it is read whenever the client is. Give a smaller one."));
    }
    if let Some(scope) = &client.scope
        && (scope.len() > MAX_TEXT || !scope.split(' ').filter(|token| !token.is_empty()).all(is_scope_token))
    {
        return metadata("its scope must be scope names separated by spaces.");
    }
    if client.client_name.as_ref().is_some_and(|name| name.len() > 256 || name.chars().any(char::is_control)) {
        return metadata("its client_name is too long, or has characters that can't be shown.");
    }
    if client.post_logout_redirect_uris.len() > MAX_URIS
        || !client.post_logout_redirect_uris.iter().all(|uri| parse_redirect_uri(uri).is_ok())
    {
        return metadata("its post_logout_redirect_uris must be absolute URIs as redirect_uris are.");
    }
    if client.backchannel_logout_uri.as_ref().is_some_and(|uri| !is_fetchable(uri)) {
        return metadata("its backchannel_logout_uri must be an https URL without a fragment.");
    }
    check_request_uris(client)?;
    if client.authorization_details_types.as_ref().is_some_and(|types| types.len() > MAX_URIS || types.iter().any(|one| one.len() > 256)) {
        return metadata("its authorization_details_types are too many or too long.");
    }
    if client.default_max_age.is_some_and(|age| age < 0) {
        return metadata("its default_max_age must not be negative.");
    }
    Ok(())
}

/// OpenID Connect Registration section 2: `https` URLs, which may say by a fragment what is there. RFC 9101 section 5.2 bounds them.
fn check_request_uris(client: &Client) -> Result<(), RegistrationError> {
    let Some(uris) = client.other.get("request_uris") else { return Ok(()) };
    let is_good = |uri: &Value| {
        let place = uri.as_str().filter(|uri| uri.len() <= 512 && uri.is_ascii()).and_then(|uri| uri.split('#').next());
        place.is_some_and(is_fetchable)
    };
    match uris.as_array() {
        Some(list) if list.len() <= MAX_URIS && list.iter().all(is_good) => Ok(()),
        _ => metadata(format!("its request_uris must be a list of at most {MAX_URIS} https URLs of at most 512 characters.")),
    }
}

/// FAPI 2.0 Security Profile sections 5.3.2.1 and 5.4.1, as far as a registration decides it.
fn check_fapi2(client: &Client) -> Result<(), RegistrationError> {
    if client.token_endpoint_auth_method != AuthMethod::PrivateKeyJwt {
        return metadata("security_profile fapi2 needs token_endpoint_auth_method private_key_jwt.");
    }
    if !client.require_pkce {
        return metadata("security_profile fapi2 needs PKCE. Leave require_pkce out.");
    }
    if client.id_token_signed_response_alg == SigningAlg::RS256 || client.access_token_signed_response_alg == SigningAlg::RS256 {
        return metadata(
            "security_profile fapi2 needs another algorithm than RS256 for id_token_signed_response_alg and access_token_signed_response_alg: PS256, ES256 or EdDSA.",
        );
    }
    let answers = [client.userinfo_signed_response_alg, client.introspection_signed_response_alg];
    if answers.contains(&Some(SigningAlg::RS256)) {
        return metadata("security_profile fapi2 does not allow RS256 for signed answers. Use PS256, ES256 or EdDSA.");
    }
    if client.token_endpoint_auth_signing_alg.as_deref() == Some("RS256") || client.request_object_signing_alg.as_deref() == Some("RS256") {
        return metadata("security_profile fapi2 does not allow RS256. Use PS256, ES256 or EdDSA.");
    }
    Ok(())
}

/// RFC 6749 appendix A.4
fn is_scope_token(token: &str) -> bool {
    token.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
}

/// Whether this server may be asked to fetch from `uri`: over TLS, or from this very machine while developing.
fn is_fetchable(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| {
        let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        uri.len() <= MAX_TEXT && url.fragment().is_none() && (url.scheme() == "https" || (url.scheme() == "http" && loopback))
    })
}
