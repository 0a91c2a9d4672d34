//! The settings, read from the environment once. `docs/configuration.md` describes each variable.

use std::path::PathBuf;

use crate::model::settings::{SiteLogin, WebUrl};
use crate::protocol::issuer::{Issuer, IssuerError};

/// The settings of one deployment.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who issues: `GRANTLET_ISSUER`.
    pub issuer: Issuer,
    /// The names of the two tables: `GRANTLET_STATE_TABLE`, `GRANTLET_REGISTRY_TABLE`.
    pub tables: Tables,
    /// Where private keys are kept: `GRANTLET_KEY_STORE`, `ssm:/prefix` or `dir:/path`.
    pub key_store: KeyStore,
    /// The audience of access tokens when the client names no resource: `GRANTLET_DEFAULT_AUDIENCE`, by default the issuer.
    pub default_audience: String,
    /// Resources (RFC 8707) that clients may name beside the default audience: `GRANTLET_RESOURCES`, separated by spaces.
    pub resources: Vec<String>,
    /// The site's own login, when `GRANTLET_SITE_LOGIN_URL` is set: with `GRANTLET_SITE_ISSUER`, and `GRANTLET_SITE_JWKS_URL` or the secret made by
    /// `grantlet site connect`. It counts where the settings have no `site_login`: [`crate::endpoint::login_ways`].
    pub site_login: Option<SiteLogin>,
    /// Whether people may log in with a user name and password of Grantlet's: `GRANTLET_PASSWORD_LOGIN`, `on` or `off`. By default `on`
    /// unless a site login is configured.
    pub password_login: bool,
    /// Whether authorization responses carry `iss` (RFC 9207) and the metadata says so: `GRANTLET_ISS_PARAMETER`, `on` or `off`, by default
    /// `on`. `off` is for clients that refuse parameters they do not know; it gives up the defence against mix-up.
    pub iss_parameter: bool,
    /// What is logged: `GRANTLET_LOG`, a level or filter, by default `info`.
    pub log: String,
    /// How long things live.
    pub lifetimes: Lifetimes,
}

/// The names of the two tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    /// Whatever a new login makes again: codes, grants, sessions, counters.
    pub state: String,
    /// What would cost the site: clients, users, consents, public keys, settings.
    pub registry: String,
}

/// Where the private halves of keys are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyStore {
    /// SSM SecureStrings below this path, which starts with `/` and has no `/` at its end.
    Ssm {
        /// The path.
        prefix: String,
    },
    /// Files of mode 0600 in this directory.
    Directory(PathBuf),
}

/// How long things live, in seconds.
#[derive(Clone, Debug)]
pub struct Lifetimes {
    /// An authorization code: `GRANTLET_CODE_LIFETIME`, 60.
    pub code: i64,
    /// An access token, and an ID token: `GRANTLET_TOKEN_LIFETIME`, 600.
    pub token: i64,
    /// A refresh token that is not used: `GRANTLET_REFRESH_IDLE_LIFETIME`, 30 days.
    pub refresh_idle: i64,
    /// A grant from consent to its end: `GRANTLET_REFRESH_ABSOLUTE_LIFETIME`, 180 days.
    pub refresh_absolute: i64,
    /// How long an older refresh token is answered with its successor: `GRANTLET_REFRESH_GRACE`, 60, 0 to 300.
    pub refresh_grace: i64,
    /// A session of a browser: `GRANTLET_SESSION_LIFETIME`, 7 days.
    pub session: i64,
    /// How long a login answers the authorization request that asked for it, 600.
    pub answered_request: i64,
    /// How long a new signing key is published before it signs: `GRANTLET_KEY_PUBLISH_AHEAD`, 24 h.
    pub key_publish_ahead: i64,
    /// How long a signing key signs before its successor takes over: `GRANTLET_KEY_ACTIVE`, 90 days.
    pub key_active: i64,
}

impl Default for Lifetimes {
    fn default() -> Self {
        const DAY: i64 = 24 * 60 * 60;
        Self {
            code: 60,
            token: 600,
            refresh_idle: 30 * DAY,
            refresh_absolute: 180 * DAY,
            refresh_grace: 60,
            session: 7 * DAY,
            answered_request: 600,
            key_publish_ahead: DAY,
            key_active: 90 * DAY,
        }
    }
}

impl Config {
    /// Settings for `issuer` with every default.
    #[must_use]
    pub fn new(issuer: Issuer, tables: Tables, key_store: KeyStore) -> Self {
        let default_audience = issuer.as_str().to_owned();
        Self {
            issuer,
            tables,
            key_store,
            default_audience,
            resources: Vec::new(),
            site_login: None,
            password_login: true,
            iss_parameter: true,
            log: "info".to_owned(),
            lifetimes: Lifetimes::default(),
        }
    }

    /// Reads the settings from the environment of the process.
    ///
    /// # Errors
    /// Names the first variable that is missing or can't be used.
    pub fn from_env() -> Result<Self, ConfigError> {
        #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads the settings by `lookup`, which answers with a variable's value. An empty value counts as absent.
    ///
    /// # Errors
    /// Names the first variable that is missing or can't be used.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let find = |name: &'static str| lookup(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let need = |name: &'static str| find(name).ok_or(ConfigError::Missing(name));

        let issuer = Issuer::parse(&need("GRANTLET_ISSUER")?).map_err(ConfigError::Issuer)?;
        let tables = Tables { state: need("GRANTLET_STATE_TABLE")?, registry: need("GRANTLET_REGISTRY_TABLE")? };
        let key_store = parse_key_store(&need("GRANTLET_KEY_STORE")?)?;
        let mut config = Self::new(issuer, tables, key_store);

        config.apply_optional(lookup)?;
        Ok(config)
    }

    /// Takes the optional settings from the environment of the process, for a program that has the others from elsewhere.
    ///
    /// # Errors
    /// Names the first variable that can't be used.
    pub fn apply_env(&mut self) -> Result<(), ConfigError> {
        #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
        self.apply_optional(|name| std::env::var(name).ok())
    }

    /// Takes the optional settings by `lookup`, which answers with a variable's value. An empty value counts as absent.
    ///
    /// # Errors
    /// Names the first variable that can't be used.
    pub fn apply_optional(&mut self, lookup: impl Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        let find = |name: &'static str| lookup(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let need = |name: &'static str| find(name).ok_or(ConfigError::Missing(name));

        if let Some(audience) = find("GRANTLET_DEFAULT_AUDIENCE") {
            self.default_audience = audience;
        }
        self.resources = find("GRANTLET_RESOURCES").map(|v| v.split_whitespace().map(str::to_owned).collect()).unwrap_or_default();
        self.site_login = find("GRANTLET_SITE_LOGIN_URL")
            .map(|url| {
                let jwks_uri = find("GRANTLET_SITE_JWKS_URL").map(|url| parse_site_url("GRANTLET_SITE_JWKS_URL", &url)).transpose()?;
                let site = SiteLogin::new(parse_site_url("GRANTLET_SITE_LOGIN_URL", &url)?, need("GRANTLET_SITE_ISSUER")?);
                Ok::<_, ConfigError>(SiteLogin { jwks_uri, ..site })
            })
            .transpose()?;
        self.password_login =
            read_switch(find("GRANTLET_PASSWORD_LOGIN").as_deref(), "GRANTLET_PASSWORD_LOGIN", self.site_login.is_none())?;
        self.iss_parameter = read_switch(find("GRANTLET_ISS_PARAMETER").as_deref(), "GRANTLET_ISS_PARAMETER", true)?;

        if let Some(log) = find("GRANTLET_LOG") {
            self.log = log;
        }

        let l = &mut self.lifetimes;
        for (name, field, range) in [
            ("GRANTLET_CODE_LIFETIME", &mut l.code, 10..=600),
            ("GRANTLET_TOKEN_LIFETIME", &mut l.token, 60..=86_400),
            ("GRANTLET_REFRESH_IDLE_LIFETIME", &mut l.refresh_idle, 60..=63_072_000),
            ("GRANTLET_REFRESH_ABSOLUTE_LIFETIME", &mut l.refresh_absolute, 60..=63_072_000),
            ("GRANTLET_REFRESH_GRACE", &mut l.refresh_grace, 0..=300),
            ("GRANTLET_SESSION_LIFETIME", &mut l.session, 60..=31_536_000),
            ("GRANTLET_KEY_PUBLISH_AHEAD", &mut l.key_publish_ahead, 0..=2_592_000),
            ("GRANTLET_KEY_ACTIVE", &mut l.key_active, 3_600..=63_072_000),
        ] {
            if let Some(value) = find(name) {
                *field = value
                    .parse()
                    .ok()
                    .filter(|v| range.contains(v))
                    .ok_or(ConfigError::Invalid(name, "give whole seconds within the documented range"))?;
            }
        }
        Ok(())
    }
}

/// Whether whoever runs the program wants no colours: `NO_COLOR`, set to anything but an empty text.
#[must_use]
pub fn is_colour_refused() -> bool {
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

fn read_switch(value: Option<&str>, name: &'static str, default: bool) -> Result<bool, ConfigError> {
    match value {
        None => Ok(default),
        Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(_) => Err(ConfigError::Invalid(name, "use `on` or `off`")),
    }
}

fn parse_key_store(value: &str) -> Result<KeyStore, ConfigError> {
    let bad = ConfigError::Invalid("GRANTLET_KEY_STORE", "use `ssm:/prefix` or `dir:/path`");
    match value.split_once(':') {
        Some(("ssm", prefix)) if prefix.starts_with('/') && prefix.len() > 1 && !prefix.ends_with('/') => {
            Ok(KeyStore::Ssm { prefix: prefix.to_owned() })
        }
        Some(("dir", path)) if !path.is_empty() => Ok(KeyStore::Directory(PathBuf::from(path))),
        _ => Err(bad),
    }
}

fn parse_site_url(name: &'static str, value: &str) -> Result<WebUrl, ConfigError> {
    value.parse().map_err(|_| ConfigError::Invalid(name, "give an absolute URL with https; http is for loopback addresses"))
}

/// Why the settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable that must be set is not.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// A variable has a value that can't be used; the second part says what to give.
    #[error("{0} can't be used: {1}")]
    Invalid(&'static str, &'static str),
    /// The issuer is no origin.
    #[error("GRANTLET_ISSUER can't be used: {0}")]
    Issuer(#[source] IssuerError),
}
