//! What the operator set for the whole server: the file `grantlet.toml`, kept as JSON in the item `settings` of the registry.
//!
//! `docs/configuration.md` describes every name. What must be known before the first request (issuer, tables, where keys are, lifetimes) is in the
//! environment instead, in [`crate::config`].

mod accounts;
mod connections;
mod passkeys;
mod site;
mod site_login;
mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

pub use self::accounts::{AccountSettings, MailSettings, SignUp};
use self::connections::check_connections;
pub use self::connections::{AnswerMode, ConnectionKind, ConnectionSettings, SecondFactor, is_tenant, issuer_of_tenant};
use crate::jose::verify::VerificationKey;
use crate::protocol::resource;
use crate::protocol::scope::is_token;

pub use self::passkeys::PasskeySettings;
pub use self::site::{Colour, Logo, SiteSettings, Support};
pub use self::site_login::{SiteLogin, WebUrl, WebUrlError};
pub use self::words::Words;

/// The operator's settings. The default is what a server without any does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Rules for authorization requests.
    pub authorization: AuthorizationSettings,
    /// Rules for DPoP.
    pub dpop: DpopSettings,
    /// Clients that register themselves.
    pub registration: RegistrationSettings,
    /// Built-in accounts.
    pub accounts: AccountSettings,
    /// Mail that is sent to people.
    pub mail: MailSettings,
    /// Passkeys.
    pub passkeys: PasskeySettings,
    /// The site: its look, and whom people turn to.
    pub site: SiteSettings,
    /// Resources that tokens are issued for, beside the default audience.
    pub resources: Vec<ResourceSettings>,
    /// Types of rich authorization requests.
    pub authorization_details: Vec<DetailType>,
    /// Issuers whose assertions are taken as grants.
    pub assertion_issuers: Vec<AssertionIssuer>,
    /// Where else people may log in.
    pub connections: Vec<ConnectionSettings>,
    /// The site's own login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site_login: Option<SiteLogin>,
}

/// Rules for authorization requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthorizationSettings {
    /// Every client must push its requests (RFC 9126 section 5).
    pub require_pushed_requests: bool,
    /// Request objects may be fetched from the client's registered `request_uris` (RFC 9101 section 5.2.2).
    pub request_uris: bool,
}

/// Rules for DPoP (RFC 9449).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DpopSettings {
    /// Proofs must carry a nonce of this server (RFC 9449 section 8).
    pub require_nonce: bool,
}

/// Who may register a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationMode {
    /// The operator alone.
    #[default]
    Off,
    /// Whoever has an initial access token (RFC 7591 section 3).
    Token,
    /// Everybody.
    Open,
}

/// Clients that register themselves (RFC 7591, RFC 7592), and clients known by a metadata document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RegistrationSettings {
    /// Who may register a client.
    pub mode: RegistrationMode,
    /// SHA-256 of each initial access token, base64url without padding; `grantlet registration token` makes one.
    pub initial_access_tokens: Vec<String>,
    /// An HTTPS URL may be a `client_id`; the document there is the client's registration.
    pub metadata_documents: bool,
    /// Hosts to whose redirect URIs such clients are answered without a page in between, even before anybody has logged in.
    pub trusted_hosts: Vec<String>,
    /// `false` lets confidential clients that registered themselves go without PKCE.
    pub require_pkce: bool,
    /// The scopes that such clients may ask for, separated by spaces; when absent, those of any client without registered scopes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Days after which a client is forgotten that nobody uses.
    pub unused_days: u32,
    /// How many registrations one address may make in an hour.
    pub per_address: u32,
    /// Whose software statements (RFC 7591 section 2.3) are believed; without it they are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_statements: Option<SoftwareStatements>,
}

impl Default for RegistrationSettings {
    fn default() -> Self {
        Self {
            mode: RegistrationMode::Off,
            initial_access_tokens: Vec::new(),
            metadata_documents: false,
            trusted_hosts: Vec::new(),
            require_pkce: true,
            scope: None,
            unused_days: 30,
            per_address: 20,
            software_statements: None,
        }
    }
}

/// Whose software statements are believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoftwareStatements {
    /// The `iss` of the statements.
    pub issuer: String,
    /// The issuer's public keys, a JWK set.
    pub jwks: Value,
    /// Registrations without a statement are refused.
    #[serde(default)]
    pub required: bool,
}

/// A resource that tokens are issued for (RFC 8707).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceSettings {
    /// Its identifier, an absolute URI without fragment: the `aud` of its tokens.
    pub uri: String,
    /// What people read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Words>,
    /// Its scopes, each with the words that people read. They stand in no token for another resource.
    #[serde(default)]
    pub scopes: BTreeMap<String, Words>,
    /// Clients that may ask `/introspect` about its tokens.
    #[serde(default)]
    pub introspected_by: Vec<String>,
    /// Clients that may exchange tokens for other resources for tokens for this one (RFC 8693).
    #[serde(default)]
    pub exchanged_by: Vec<String>,
}

/// A type of rich authorization requests (RFC 9396).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetailType {
    /// The value of `type`.
    pub r#type: String,
    /// What people read above the details.
    pub description: Words,
    /// Members that must be there.
    #[serde(default)]
    pub required: Vec<String>,
    /// Further members that may be there, beside the common ones of RFC 9396 section 2.2.
    #[serde(default)]
    pub optional: Vec<String>,
}

/// Whom an assertion's `sub` names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssertionSubject {
    /// A person, by the name that the site's own login has for them.
    #[default]
    Site,
    /// A person, by the user name of a built-in account.
    Username,
}

/// An issuer whose assertions are taken as grants (RFC 7523 section 2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssertionIssuer {
    /// The `iss` of the assertions.
    pub issuer: String,
    /// Where its public keys are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Its public keys, a JWK set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// Whom `sub` names.
    #[serde(default)]
    pub subject: AssertionSubject,
    /// Clients that may bring its assertions.
    pub clients: Vec<String>,
    /// Scopes that its assertions are good for.
    pub scopes: Vec<String>,
}

/// Why settings can't be used: which, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct SettingsError {
    /// The name, as a path.
    pub field: String,
    /// What is wrong, and what to give.
    pub reason: String,
}

impl Settings {
    /// Checks what the form alone does not show.
    ///
    /// # Errors
    /// Names the first setting that can't be used.
    pub fn check(&self) -> Result<(), SettingsError> {
        self.check_registration()?;
        self.site.check()?;
        self.accounts.check()?;
        self.mail.check()?;
        self.passkeys.check()?;
        check_connections(&self.connections)?;
        for (index, one) in self.resources.iter().enumerate() {
            let at = |name: &str| format!("resources[{index}].{name}");
            if !is_absolute(&one.uri) {
                return refuse(at("uri"), "give an absolute URI without a fragment");
            }
            if self.resources.iter().take(index).any(|other| resource::normalize(&other.uri) == resource::normalize(&one.uri)) {
                return refuse(at("uri"), "the resource stands there twice");
            }
            if let Some(bad) = one.scopes.keys().find(|scope| !is_token(scope)) {
                return refuse(at("scopes"), &format!("{bad:?} is no scope"));
            }
            if one.name.as_ref().is_some_and(Words::is_empty) {
                return refuse(at("name"), "say something in each language, or leave it out");
            }
        }
        for (index, one) in self.authorization_details.iter().enumerate() {
            if one.r#type.is_empty() || self.authorization_details.iter().take(index).any(|other| other.r#type == one.r#type) {
                return refuse(format!("authorization_details[{index}].type"), "give each type once, and not empty");
            }
        }
        for (index, one) in self.assertion_issuers.iter().enumerate() {
            let at = |name: &str| format!("assertion_issuers[{index}].{name}");
            match (&one.jwks_uri, &one.jwks) {
                (Some(uri), None) if is_web(uri) => {}
                (Some(_), None) => return refuse(at("jwks_uri"), "give an https URL; http is for loopback addresses"),
                (None, Some(jwks)) => check_jwks(at("jwks"), jwks)?,
                _ => return refuse(at("jwks_uri"), "give jwks_uri or jwks, one of them"),
            }
            if let Some(bad) = one.scopes.iter().find(|scope| !is_token(scope)) {
                return refuse(at("scopes"), &format!("{bad:?} is no scope"));
            }
        }
        self.site_login.as_ref().map_or(Ok(()), SiteLogin::check)
    }

    fn check_registration(&self) -> Result<(), SettingsError> {
        let registration = &self.registration;
        let at = |name: &str| format!("registration.{name}");
        if registration.mode == RegistrationMode::Token && registration.initial_access_tokens.is_empty() {
            return refuse(at("initial_access_tokens"), "mode \"token\" needs one; `grantlet registration token` makes it");
        }
        if registration.initial_access_tokens.iter().any(|hash| hash.len() != 43) {
            return refuse(at("initial_access_tokens"), "give hashes, as `grantlet registration token` prints them");
        }
        if registration.scope.as_ref().is_some_and(|scope| !scope.split(' ').all(is_token)) {
            return refuse(at("scope"), "give scope names, separated by single spaces");
        }
        if registration.unused_days == 0 || registration.per_address == 0 {
            return refuse(at("unused_days"), "unused_days and per_address are at least 1; mode \"off\" turns registration off");
        }
        match &registration.software_statements {
            Some(statements) => check_jwks(at("software_statements.jwks"), &statements.jwks),
            None => Ok(()),
        }
    }

    /// The connection with this identifier.
    #[must_use]
    pub fn find_connection(&self, id: &str) -> Option<&ConnectionSettings> {
        self.connections.iter().find(|one| one.id == id)
    }

    /// The registered resource with this identifier.
    #[must_use]
    pub fn find_resource(&self, uri: &str) -> Option<&ResourceSettings> {
        let wanted = resource::normalize(uri);
        self.resources.iter().find(|one| resource::normalize(&one.uri) == wanted)
    }
}

fn refuse<T>(field: String, reason: &str) -> Result<T, SettingsError> {
    Err(SettingsError { field, reason: reason.to_owned() })
}

fn check_jwks(field: String, jwks: &Value) -> Result<(), SettingsError> {
    match VerificationKey::from_jwks(jwks.to_string().as_bytes()) {
        Ok(keys) if !keys.is_empty() => Ok(()),
        _ => refuse(field, "give a JWK set with a public key: RSA of 2048 bits or more, P-256 or Ed25519"),
    }
}

fn is_absolute(uri: &str) -> bool {
    Url::parse(uri).is_ok() && !uri.contains('#')
}

fn is_web(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| {
        let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        url.scheme() == "https" || (url.scheme() == "http" && loopback)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(settings: Value) -> Result<Settings, String> {
        let settings: Settings = serde_json::from_value(settings).map_err(|error| error.to_string())?;
        settings.check().map_err(|error| error.to_string())?;
        Ok(settings)
    }

    #[test]
    fn no_settings_are_the_defaults() {
        assert_eq!(read(json!({})).unwrap(), Settings::default());
        assert!(Settings::default().registration.require_pkce);
    }

    #[test]
    fn a_resource_is_found_with_and_without_its_slash() {
        let settings = read(json!({"resources": [{"uri": "https://api.example", "scopes": {"read": "Read your notes"}}]})).unwrap();
        assert_eq!(settings.find_resource("https://api.example/").unwrap().scopes.len(), 1);
        assert!(settings.find_resource("https://api.example/v1").is_none());
    }

    /// Errors name the field
    #[test]
    fn what_can_not_be_used_is_named() {
        for (settings, expected) in [
            (json!({"registratoin": {}}), "registratoin"),
            (json!({"registration": {"mode": "everybody"}}), "everybody"),
            (json!({"registration": {"mode": "token"}}), "registration.initial_access_tokens"),
            (json!({"registration": {"scope": "a  b"}}), "registration.scope"),
            (json!({"registration": {"unused_days": 0}}), "registration.unused_days"),
            (json!({"registration": {"software_statements": {"issuer": "x", "jwks": {"keys": []}}}}), "software_statements.jwks"),
            (json!({"accounts": {"registration": "everybody"}}), "everybody"),
            (json!({"accounts": {"registration_domains": ["a b"]}}), "accounts.registration_domains"),
            (json!({"accounts": {"editable_claims": ["email"]}}), "accounts.editable_claims"),
            (json!({"mail": {"from": "login"}}), "mail.from"),
            (json!({"passkeys": {"domain": "https://example.com"}}), "passkeys.domain"),
            (json!({"resources": [{"uri": "api"}]}), "resources[0].uri"),
            (json!({"resources": [{"uri": "https://a.example"}, {"uri": "https://a.example/"}]}), "resources[1].uri"),
            (json!({"resources": [{"uri": "https://a.example", "scopes": {"a b": ""}}]}), "resources[0].scopes"),
            (json!({"authorization_details": [{"type": "", "description": ""}]}), "authorization_details[0].type"),
            (json!({"assertion_issuers": [{"issuer": "x", "clients": [], "scopes": []}]}), "assertion_issuers[0].jwks_uri"),
            (json!({"assertion_issuers": [{"issuer": "x", "clients": [], "scopes": [], "jwks_uri": "http://a.example"}]}), "jwks_uri"),
            (json!({"site_login": {"url": "http://site.example/login", "issuer": "x"}}), "https URL"),
            (json!({"site_login": {"url": "https://site.example/login"}}), "issuer"),
            (json!({"site_login": {"url": "https://site.example/login", "issuer": " "}}), "site_login.issuer"),
            (json!({"site_login": {"url": "https://site.example/login", "issuer": "x", "secret": "y"}}), "secret"),
            (json!({"site_login": {"url": "https://site.example/login", "issuer": "x", "name": ""}}), "site_login.name"),
            (json!({"site_login": {"url": "https://site.example/login", "issuer": "x", "logout_uri": "javascript:alert(1)"}}), "https URL"),
            (json!({"site_login": {"url": "https://s.example", "issuer": "x", "claims": {"plan": "shop"}}}), "\"shop\" is none"),
            (json!({"site_login": {"url": "https://s.example", "issuer": "x", "claims": {"email": "profile"}}}), "standard claim"),
            (json!({"site_login": {"url": "https://s.example", "issuer": "x", "claims": {"sid": "profile"}}}), "this server's to say"),
        ] {
            let error = read(settings.clone()).unwrap_err();
            assert!(error.contains(expected), "{settings}: {error}");
        }
    }
}
