//! What a function does before its first request: settings, log, connections.

use aws_config::{BehaviorVersion, SdkConfig};

use crate::config::Config;
use crate::context::Context;
use crate::mail::Mailer;
use crate::store::{Store, http_client};
use crate::vault::{Vault, connect_ssm};

/// A function that has read its settings.
pub struct Start {
    /// What endpoints work with.
    pub context: Context,
    /// Private keys, for the zones that may open it.
    pub vault: Vault,
    /// Whether the issuer is reached by TLS.
    pub https: bool,
}

impl Start {
    /// Reads the settings from the environment and opens the store and the vault. Nothing is sent yet.
    ///
    /// # Errors
    /// When the settings can't be used.
    pub async fn from_env() -> Result<Self, lambda_http::Error> {
        let config = Config::from_env()?;
        crate::telemetry::init(&config.log);
        let sdk: SdkConfig = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client()).load().await;
        let store = Store::connect(&sdk, config.tables.clone());
        let vault = Vault::new(&config.key_store, || connect_ssm(&sdk));
        let https = config.issuer.is_https();
        Ok(Self { context: Context::new(config, store).with_mailer(Mailer::ses(sdk)), vault, https })
    }
}
