//! `[site_login]`: the site's own login, and what passes between the site and this server.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{SettingsError, is_web, refuse};
use crate::protocol::claims::{SCOPES_WITH_CLAIMS, is_standard};

/// The most claims that are kept beside the standard ones.
const MAX_CLAIMS: usize = 32;
/// The longest name of one, in bytes.
const MAX_CLAIM_NAME: usize = 128;
/// The longest name of a site, in characters.
const MAX_NAME: usize = 60;
/// Claims that this server says of a login or a token, and nobody else of a person.
const OURS: [&str; 21] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "events",
    "act",
    "cnf",
    "_claim_names",
    "_claim_sources",
];

/// How the site's own login is reached and believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteLogin {
    /// The site's login page.
    pub url: WebUrl,
    /// The `iss` of the site's login JWTs.
    pub issuer: String,
    /// The site's public keys. Without it the secret made by `grantlet site connect` is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<WebUrl>,
    /// What people read on the button that leads to the site; by default the host of `url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether accounts kept here may log in as well.
    #[serde(default)]
    pub password_login: bool,
    /// Where the site is told that a session has ended that began by its login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logout_uri: Option<WebUrl>,
    /// The `aud` of what it is told; by default `issuer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logout_audience: Option<String>,
    /// Claims of the site's that are kept beside the standard ones, each with the standard scope by which clients get it at `/userinfo`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, String>,
}

impl SiteLogin {
    /// A login at `url` with every default.
    #[must_use]
    pub fn new(url: WebUrl, issuer: impl Into<String>) -> Self {
        Self {
            url,
            issuer: issuer.into(),
            jwks_uri: None,
            name: None,
            password_login: false,
            logout_uri: None,
            logout_audience: None,
            claims: BTreeMap::new(),
        }
    }

    /// What people read.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.name.as_deref().or_else(|| self.url.as_url().host_str()).unwrap_or(&self.issuer)
    }

    /// The `aud` of what the site is told.
    #[must_use]
    pub fn logout_audience(&self) -> &str {
        self.logout_audience.as_deref().unwrap_or(&self.issuer)
    }

    /// Whether the claim `name` of the site's is kept of a person.
    #[must_use]
    pub fn keeps(&self, name: &str) -> bool {
        (is_standard(name) && name != "updated_at") || self.claims.contains_key(name)
    }

    /// Checks what the form alone does not show.
    ///
    /// # Errors
    /// Names the first setting that can't be used.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let at = |name: &str| format!("site_login.{name}");
        if self.issuer.trim().is_empty() {
            return refuse(at("issuer"), "give the iss of your site's login JWTs");
        }
        if self.name.as_ref().is_some_and(|name| name.trim().is_empty() || name.chars().count() > MAX_NAME) {
            return refuse(at("name"), "give 1 to 60 characters, or leave it out");
        }
        if self.logout_audience.as_ref().is_some_and(|audience| audience.trim().is_empty()) {
            return refuse(at("logout_audience"), "give the aud that your site expects, or leave it out");
        }
        if self.claims.len() > MAX_CLAIMS {
            return refuse(at("claims"), "give 32 claims at most");
        }
        for (name, scope) in &self.claims {
            if name.is_empty() || name.len() > MAX_CLAIM_NAME || name.chars().any(char::is_control) {
                return refuse(at("claims"), &format!("{name:?} is no name of a claim"));
            }
            if is_standard(name) {
                return refuse(at("claims"), &format!("{name:?} is a standard claim, which is kept anyhow"));
            }
            if OURS.contains(&name.as_str()) {
                return refuse(at("claims"), &format!("{name:?} is this server's to say"));
            }
            if !SCOPES_WITH_CLAIMS.contains(&scope.as_str()) {
                return refuse(at("claims"), &format!("{scope:?} is none of the scopes profile, email, phone and address"));
            }
        }
        Ok(())
    }
}

/// An `https` URL, or an `http` one of a loopback address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebUrl(Url);

/// A text that is no such URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give an https URL; http is for loopback addresses")]
pub struct WebUrlError;

impl WebUrl {
    /// The URL.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.0
    }
}

impl FromStr for WebUrl {
    type Err = WebUrlError;

    fn from_str(text: &str) -> Result<Self, WebUrlError> {
        if is_web(text) { Url::parse(text).map(Self).map_err(|_| WebUrlError) } else { Err(WebUrlError) }
    }
}

impl TryFrom<String> for WebUrl {
    type Error = WebUrlError;

    fn try_from(text: String) -> Result<Self, WebUrlError> {
        text.parse()
    }
}

impl From<WebUrl> for String {
    fn from(url: WebUrl) -> Self {
        url.0.into()
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
