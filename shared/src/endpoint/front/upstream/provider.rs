//! What is known of a provider: its metadata by discovery, kept for an hour, and the secret that it gave us, kept for five minutes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use url::Url;

use super::error::UpstreamError;
use crate::context::{Context, Timestamp};
use crate::endpoint::client_keys::{ClientKeys, reach_of};
use crate::endpoint::fetch::{Reach, fetch};
use crate::model::secret::Secret;
use crate::model::settings::{ConnectionKind, ConnectionSettings};
use crate::store::connection_key;
use crate::vault::{SealingOwner, Vault};

/// How long metadata are kept, in seconds. They go on being used while newer ones can't be had.
const MAX_AGE: i64 = 3_600;
/// The least time between two attempts to read metadata that failed, in seconds.
const PAUSE: i64 = 5;
/// How long a secret is kept, in seconds.
const SECRET_AGE: i64 = 300;
/// The largest metadata that are read, in bytes.
const MAX_METADATA: usize = 64 * 1024;

/// How we prove to the token endpoint who we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecretPlace {
    /// `client_secret_basic`.
    Header,
    /// `client_secret_post`.
    Body,
}

/// Where a provider is to be asked what.
#[derive(Clone, Debug)]
pub(super) struct Provider {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: Url,
    pub(super) token_endpoint: Url,
    pub(super) userinfo_endpoint: Option<Url>,
    /// None where there are no ID tokens.
    pub(super) jwks_uri: Option<String>,
    pub(super) secret_place: SecretPlace,
    /// Every answer names the issuer (RFC 9207 section 3).
    pub(super) sends_issuer: bool,
    /// The values of `prompt` that it understands, where it says so (Initiating User Registration via `OpenID` Connect, `prompt_values_supported`).
    pub(super) prompts: Option<Vec<String>>,
}

/// The metadata that matter here (`OpenID` Connect Discovery section 3).
#[derive(Debug, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: Option<String>,
    jwks_uri: String,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    prompt_values_supported: Option<Vec<String>>,
}

/// What was read of a provider, and when it was tried last.
#[derive(Clone, Debug)]
struct Known {
    provider: Option<Arc<Provider>>,
    read_at: Timestamp,
    tried_at: Timestamp,
}

/// Everything that is kept in memory about providers.
#[derive(Debug)]
pub(in super::super) struct Providers {
    vault: Vault,
    /// By the issuer that is asked, and the one that must be named.
    known: Mutex<HashMap<(String, String), Known>>,
    secrets: Mutex<HashMap<String, (Option<Secret>, Timestamp)>>,
    /// The keys that sign their ID tokens.
    pub(super) keys: ClientKeys,
}

impl Providers {
    /// Nothing known yet; `vault` holds what unseals the secrets.
    pub(in super::super) fn new(vault: Vault) -> Self {
        Self { vault, known: Mutex::default(), secrets: Mutex::default(), keys: ClientKeys::default() }
    }

    /// The provider of `connection`.
    ///
    /// # Errors
    /// When its metadata must be read and can't be, or are not its own.
    pub(super) async fn find(&self, context: &Context, connection: &ConnectionSettings) -> Result<Arc<Provider>, UpstreamError> {
        if connection.kind == ConnectionKind::Github {
            return github(connection).map(Arc::new);
        }
        let key = (connection.issuer().to_owned(), connection.metadata_issuer().to_owned());
        let now = context.now();
        let known = locked(&self.known, |known| known.get(&key).cloned());
        if let Some(Known { provider: Some(provider), read_at, .. }) = &known
            && (0..MAX_AGE).contains(&now.since(*read_at))
        {
            return Ok(provider.clone());
        }
        // While it can't be read, what was known before is good enough; and nobody makes us ask again and again.
        let before = known.as_ref().and_then(|known| known.provider.clone());
        if known.as_ref().is_some_and(|known| (0..PAUSE).contains(&now.since(known.tried_at))) {
            return before.ok_or(UpstreamError::Metadata("they could not be read a moment ago"));
        }
        match discover(context, connection).await {
            Ok(provider) => {
                let provider = Arc::new(provider);
                let fresh = Known { provider: Some(provider.clone()), read_at: now, tried_at: now };
                locked(&self.known, |known| known.insert(key, fresh));
                Ok(provider)
            }
            Err(error) => {
                let read_at = known.map_or(Timestamp::default(), |known| known.read_at);
                let failed = Known { provider: before.clone(), read_at, tried_at: now };
                locked(&self.known, |known| known.insert(key, failed));
                tracing::warn!(connection = connection.id, reason = %error, "a provider's metadata can't be read");
                before.ok_or(error)
            }
        }
    }

    /// The secret that the provider gave us; none for a public client.
    ///
    /// # Errors
    /// When it must be read and can't be.
    pub(super) async fn find_secret(&self, context: &Context, id: &str) -> Result<Option<Secret>, UpstreamError> {
        let now = context.now();
        let kept = locked(&self.secrets, |secrets| secrets.get(id).cloned());
        if let Some((secret, read_at)) = kept
            && (0..SECRET_AGE).contains(&now.since(read_at))
        {
            return Ok(secret);
        }
        let secret = match context.store.find_sealed_connection_secret(id).await? {
            Some(sealed) => Some(self.unseal(id, &sealed).await?),
            None => None,
        };
        locked(&self.secrets, |secrets| secrets.insert(id.to_owned(), (secret.clone(), now)));
        Ok(secret)
    }

    async fn unseal(&self, id: &str, sealed: &[u8]) -> Result<Secret, UpstreamError> {
        let key = self.vault.find_sealing_key(SealingOwner::Authorize).await?.ok_or(UpstreamError::Unsealable)?;
        let opened = key.open(&connection_key(id), sealed).map_err(|_| UpstreamError::Unsealable)?;
        std::str::from_utf8(&opened).map(Secret::new).map_err(|_| UpstreamError::Unsealable)
    }
}

fn locked<K, T>(map: &Mutex<K>, with: impl FnOnce(&mut K) -> T) -> T {
    with(&mut map.lock().unwrap_or_else(PoisonError::into_inner))
}

/// `OpenID` Connect Discovery section 4.
async fn discover(context: &Context, connection: &ConnectionSettings) -> Result<Provider, UpstreamError> {
    let url = format!("{}/.well-known/openid-configuration", connection.issuer().trim_end_matches('/'));
    let url = Url::parse(&url).map_err(|_| UpstreamError::Metadata("the issuer is no URL"))?;
    let reach = reach_of(context);
    let fetched = fetch(&url, reach, "application/json", MAX_METADATA).await;
    let fetched = fetched.map_err(|error| UpstreamError::Unreachable { what: "the provider's metadata", error })?;
    read_metadata(&fetched.body, connection.metadata_issuer(), reach)
}

/// Section 4.3: the issuer must be the very one that was asked, or anybody's metadata could stand in for it. One that speaks for many tenants names the
/// template instead that the settings name.
fn read_metadata(body: &[u8], issuer: &str, reach: Reach) -> Result<Provider, UpstreamError> {
    let metadata: Metadata = serde_json::from_slice(body).map_err(|_| UpstreamError::Metadata("something that must be there is not"))?;
    if metadata.issuer != issuer {
        return Err(UpstreamError::Metadata("their issuer is another one"));
    }
    // Section 3: without the member it is client_secret_basic.
    let methods = metadata.token_endpoint_auth_methods_supported.unwrap_or_else(|| vec!["client_secret_basic".to_owned()]);
    let has = |name: &str| methods.iter().any(|method| method == name);
    let secret_place = if !has("client_secret_basic") && has("client_secret_post") { SecretPlace::Body } else { SecretPlace::Header };
    Ok(Provider {
        authorization_endpoint: endpoint(&metadata.authorization_endpoint, reach)?,
        token_endpoint: endpoint(&metadata.token_endpoint, reach)?,
        userinfo_endpoint: metadata.userinfo_endpoint.map(|text| endpoint(&text, reach)).transpose()?,
        jwks_uri: Some(endpoint(&metadata.jwks_uri, reach)?.to_string()),
        secret_place,
        sends_issuer: metadata.authorization_response_iss_parameter_supported,
        prompts: metadata.prompt_values_supported,
        issuer: metadata.issuer,
    })
}

/// An endpoint: over TLS, but for a provider that runs beside us on a laptop.
fn endpoint(text: &str, reach: Reach) -> Result<Url, UpstreamError> {
    let url = Url::parse(text).map_err(|_| UpstreamError::Metadata("an endpoint is no URL"))?;
    let is_web = url.scheme() == "https" || (url.scheme() == "http" && reach == Reach::Loopback);
    if is_web && url.has_host() { Ok(url) } else { Err(UpstreamError::Metadata("an endpoint is not under https")) }
}

/// GitHub publishes no metadata; its endpoints stand in its documentation.
fn github(connection: &ConnectionSettings) -> Result<Provider, UpstreamError> {
    let server = connection.issuer();
    let at = |path: &str| Url::parse(&format!("{server}/login/oauth/{path}")).map_err(|_| UpstreamError::Metadata("no URL"));
    Ok(Provider {
        issuer: server.to_owned(),
        authorization_endpoint: at("authorize")?,
        token_endpoint: at("access_token")?,
        userinfo_endpoint: None,
        jwks_uri: None,
        secret_place: SecretPlace::Body,
        sends_issuer: false,
        prompts: None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ISSUER: &str = "https://idp.example";

    fn read(changes: &Value) -> Result<Provider, UpstreamError> {
        let mut metadata = json!({
            "issuer": ISSUER, "authorization_endpoint": "https://idp.example/a", "token_endpoint": "https://idp.example/t",
            "jwks_uri": "https://idp.example/k",
        });
        metadata.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        read_metadata(metadata.to_string().as_bytes(), ISSUER, Reach::Public)
    }

    /// `OpenID` Connect Discovery sections 3 and 4.3
    #[test]
    fn metadata_are_of_the_very_issuer_and_under_https() {
        assert_eq!(read(&json!({})).unwrap().secret_place, SecretPlace::Header);
        for changes in [
            json!({"issuer": "https://idp.example/"}),
            json!({"issuer": "https://IDP.example"}),
            json!({"issuer": "https://idp.example.evil.example"}),
            json!({"issuer": null}),
            json!({"authorization_endpoint": "http://idp.example/a"}),
            json!({"authorization_endpoint": "javascript:alert(1)"}),
            json!({"token_endpoint": "http://127.0.0.1/t"}),
            json!({"token_endpoint": "/t"}),
            json!({"jwks_uri": null}),
            json!({"jwks_uri": "file:///etc/passwd"}),
            json!({"userinfo_endpoint": "http://idp.example/u"}),
        ] {
            assert!(read(&changes).is_err(), "{changes}");
        }
    }

    /// `OpenID` Connect Discovery section 3: `token_endpoint_auth_methods_supported`
    #[test]
    fn the_secret_goes_where_the_provider_wants_it() {
        for (methods, expected) in [
            (json!(["client_secret_basic", "client_secret_post"]), SecretPlace::Header),
            (json!(["client_secret_post"]), SecretPlace::Body),
            (json!(["private_key_jwt", "client_secret_post"]), SecretPlace::Body),
            (json!(null), SecretPlace::Header),
        ] {
            assert_eq!(read(&json!({"token_endpoint_auth_methods_supported": methods})).unwrap().secret_place, expected, "{methods}");
        }
    }
}
