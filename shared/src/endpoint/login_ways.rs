//! The ways in which people log in. Those of the settings count where they stand there; else those of the environment.

use crate::config::Config;
use crate::model::settings::{ConnectionSettings, PasskeySettings, Settings, SiteLogin};
use crate::webauthn::relying_party_id;

/// The ways in which people log in.
#[derive(Clone, Copy, Debug)]
pub struct LoginWays<'a> {
    /// The site's own login.
    pub site: Option<&'a SiteLogin>,
    /// Accounts kept here.
    pub passwords: bool,
    /// Providers that are connected.
    pub connections: &'a [ConnectionSettings],
    /// Passkeys of those accounts.
    pub passkeys: bool,
}

impl<'a> LoginWays<'a> {
    /// What is in force. `[site_login]` of the settings counts whole: nothing of the environment is mixed in.
    #[must_use]
    pub fn of(config: &'a Config, settings: &'a Settings) -> Self {
        let connections = settings.connections.as_slice();
        let (site, passwords) = match &settings.site_login {
            Some(site) => (Some(site), site.password_login),
            None => (config.site_login.as_ref(), config.password_login),
        };
        let PasskeySettings { enabled, domain } = &settings.passkeys;
        let passkeys = passwords && *enabled && relying_party_id(&config.issuer, domain.as_deref()).is_some();
        Self { site, passwords, connections, passkeys }
    }
}
