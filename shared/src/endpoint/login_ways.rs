//! The ways in which people log in. Those of the settings count where they stand there; else those of the environment.

use crate::config::Config;
use crate::model::settings::{ConnectionSettings, Settings, SiteLogin};

/// The ways in which people log in.
#[derive(Clone, Copy, Debug)]
pub struct LoginWays<'a> {
    /// The site's own login.
    pub site: Option<&'a SiteLogin>,
    /// Accounts kept here.
    pub passwords: bool,
    /// Providers that are connected.
    pub connections: &'a [ConnectionSettings],
}

impl<'a> LoginWays<'a> {
    /// What is in force. `[site_login]` of the settings counts whole: nothing of the environment is mixed in.
    #[must_use]
    pub fn of(config: &'a Config, settings: &'a Settings) -> Self {
        let connections = settings.connections.as_slice();
        match &settings.site_login {
            Some(site) => Self { site: Some(site), passwords: site.password_login, connections },
            None => Self { site: config.site_login.as_ref(), passwords: config.password_login, connections },
        }
    }
}
