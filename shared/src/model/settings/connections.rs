//! `[[connections]]`: where else people may log in, at an `OpenID` provider or at GitHub.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{SettingsError, is_web, refuse};
use crate::protocol::scope::is_token;

/// The most connections: each is a button on the login page.
const MAX_CONNECTIONS: usize = 16;
/// The longest identifier and name, in bytes.
const MAX_ID: usize = 32;
const MAX_NAME: usize = 64;
/// Identifiers that stand for logins of other kinds in the keys of `login#` records.
const RESERVED: [&str; 6] = ["local", "site", "email", "username", "password", "passkey"];
/// GitHub itself, where nobody names an Enterprise server.
const GITHUB: &str = "https://github.com";
const GITHUB_API: &str = "https://api.github.com";
/// Apple, where nobody names another issuer.
const APPLE: &str = "https://appleid.apple.com";
/// Where the id of a tenant stands in a template of issuers, as Microsoft's metadata spell it.
const TENANT: &str = "{tenantid}";
/// The most tenants of a connection.
const MAX_TENANTS: usize = 64;
/// The length of a team's and of a key's identifier at Apple, in bytes.
const APPLE_ID: usize = 10;

/// What a connection speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionKind {
    /// `OpenID` Connect.
    #[default]
    Oidc,
    /// GitHub's OAuth.
    Github,
    /// Sign in with Apple: `OpenID` Connect with a client secret that is signed anew for each use, and a name that is told once.
    Apple,
}

/// How a provider's answer comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerMode {
    /// In the query of a redirect.
    Query,
    /// In a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// Who asks for the second factor of an account that has one, after a login at a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// This server, each time.
    #[default]
    Ask,
    /// The provider is trusted with it. This server asks where the provider says that there was one factor alone, or where a client wants two and the
    /// provider's word for them does not count.
    Provider,
}

/// A provider at which people may log in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionSettings {
    /// Its name in records, in commands and in addresses. People's accounts hang on it: it stays.
    pub id: String,
    /// What people read on its button.
    pub name: String,
    /// What it speaks.
    #[serde(default)]
    pub kind: ConnectionKind,
    /// The provider's issuer, to the letter. For GitHub the address of an Enterprise server, if it is one; for Apple only where it is not Apple's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The template of the issuers of Microsoft Entra's tenants, with `{tenantid}` where each has its own id, for an issuer that speaks for many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer_template: Option<String>,
    /// The ids of the tenants whose people may come; none: those of every tenant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<String>,
    /// Where the API of a GitHub server is, when it is not where GitHub has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// The `client_id` that the provider gave.
    pub client_id: String,
    /// The scopes to ask for; by default those for a name and an e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// The values of `prompt` that the provider understands; by default those that its metadata name, or `login` and `select_account`; at GitHub
    /// `select_account`, at Apple none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompts: Option<Vec<String>>,
    /// How the answer comes back; by default in a query, from Apple in a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_mode: Option<AnswerMode>,
    /// The identifier of the operator's team at Apple.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_id: Option<String>,
    /// The identifier that Apple gave the key which signs client secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// Whether somebody who was never here gets an account by logging in there.
    #[serde(default = "yes")]
    pub sign_up: bool,
    /// Whether the provider is believed when it says that an e-mail address was verified.
    #[serde(default)]
    pub trust_email: bool,
    /// Whether the provider is believed when it says how somebody logged in (`acr`, `amr`).
    #[serde(default)]
    pub trust_authentication: bool,
    /// Who asks for the second factor of an account that has one.
    #[serde(default)]
    pub second_factor: SecondFactor,
}

fn yes() -> bool {
    true
}

impl ConnectionSettings {
    /// The scopes to ask for.
    #[must_use]
    pub fn scope(&self) -> String {
        match (&self.scopes, self.kind) {
            (Some(scopes), _) => scopes.join(" "),
            (None, ConnectionKind::Oidc) => "openid profile email".to_owned(),
            (None, ConnectionKind::Github) => "read:user user:email".to_owned(),
            (None, ConnectionKind::Apple) => "openid name email".to_owned(),
        }
    }

    /// Whether `scope` is asked for.
    #[must_use]
    pub fn asks_for(&self, scope: &str) -> bool {
        self.scope().split(' ').any(|one| one == scope)
    }

    /// Whether the provider understands this value of `prompt`. Its metadata may say which (`prompt_values_supported`); the settings know better.
    #[must_use]
    pub fn knows_prompt(&self, prompt: &str, advertised: Option<&[String]>) -> bool {
        match (self.prompts.as_deref(), self.kind) {
            (Some(prompts), _) => prompts.iter().any(|one| one == prompt),
            (None, ConnectionKind::Oidc) => advertised.is_none_or(|values| values.iter().any(|one| one == prompt)),
            (None, ConnectionKind::Github) => prompt == "select_account",
            (None, ConnectionKind::Apple) => false,
        }
    }

    /// How the answer comes back. Apple answers by a form, whenever it is asked for a name or an address.
    #[must_use]
    pub fn answer_mode(&self) -> AnswerMode {
        match self.kind {
            ConnectionKind::Oidc | ConnectionKind::Github => self.response_mode.unwrap_or(AnswerMode::Query),
            ConnectionKind::Apple => AnswerMode::FormPost,
        }
    }

    /// The issuer of an `OpenID` provider, or the address of a GitHub server without a slash at its end.
    #[must_use]
    pub fn issuer(&self) -> &str {
        match self.kind {
            ConnectionKind::Oidc => self.issuer.as_deref().unwrap_or_default(),
            ConnectionKind::Github => self.issuer.as_deref().unwrap_or(GITHUB).trim_end_matches('/'),
            ConnectionKind::Apple => self.issuer.as_deref().unwrap_or(APPLE),
        }
    }

    /// The issuer that the provider's metadata must name: its own, or the template.
    #[must_use]
    pub fn metadata_issuer(&self) -> &str {
        self.issuer_template.as_deref().unwrap_or_else(|| self.issuer())
    }

    /// Whether `issuer` can be that of a tenant whose people may come.
    #[must_use]
    pub fn is_tenants_issuer(&self, issuer: &str) -> bool {
        let parts = self.issuer_template.as_deref().and_then(|template| template.split_once(TENANT));
        let id = parts.and_then(|(before, after)| issuer.strip_prefix(before)?.strip_suffix(after));
        id.is_some_and(|id| is_tenant(id) && self.admits_tenant(id))
    }

    /// Whether people of the tenant `id` may come.
    #[must_use]
    pub fn admits_tenant(&self, id: &str) -> bool {
        self.tenants.is_empty() || self.tenants.iter().any(|one| one.eq_ignore_ascii_case(id))
    }

    /// Where the API of a GitHub server is, without a slash at its end.
    #[must_use]
    pub fn github_api(&self) -> String {
        match (&self.api, self.issuer()) {
            (Some(api), _) => api.trim_end_matches('/').to_owned(),
            (None, GITHUB) => GITHUB_API.to_owned(),
            (None, server) => format!("{server}/api/v3"),
        }
    }
}

/// Checks the connections.
pub(super) fn check_connections(connections: &[ConnectionSettings]) -> Result<(), SettingsError> {
    if connections.len() > MAX_CONNECTIONS {
        return refuse("connections".to_owned(), &format!("there are at most {MAX_CONNECTIONS}"));
    }
    for (index, one) in connections.iter().enumerate() {
        let at = |name: &str| format!("connections[{index}].{name}");
        if !is_id(&one.id) {
            return refuse(at("id"), "give 1 to 32 of a-z, 0-9 and -, and no name that Grantlet uses itself");
        }
        if connections.iter().take(index).any(|other| other.id == one.id) {
            return refuse(at("id"), "the connection stands there twice");
        }
        if one.name.trim().is_empty() || one.name.len() > MAX_NAME || one.name.chars().any(char::is_control) {
            return refuse(at("name"), "give what people shall read on the button, up to 64 bytes");
        }
        if one.client_id.is_empty() || one.client_id.chars().any(char::is_control) {
            return refuse(at("client_id"), "give the client_id that the provider gave you");
        }
        match (one.kind, &one.issuer) {
            (ConnectionKind::Oidc, None) => {
                return refuse(at("issuer"), "an OpenID provider has an issuer: give it as its metadata spells it");
            }
            (_, Some(issuer)) if !is_address(issuer) => {
                return refuse(at("issuer"), "give an https URL without query and fragment; http is for loopback addresses");
            }
            _ => {}
        }
        check_tenants(one, at)?;
        match (one.kind, &one.api) {
            (ConnectionKind::Oidc | ConnectionKind::Apple, Some(_)) => return refuse(at("api"), "is for kind = \"github\""),
            (ConnectionKind::Github, Some(api)) if !is_address(api) => {
                return refuse(at("api"), "give an https URL without query and fragment; http is for loopback addresses");
            }
            _ => {}
        }
        if one.scopes.iter().flatten().any(|scope| !is_token(scope)) || one.scopes.as_ref().is_some_and(Vec::is_empty) {
            return refuse(at("scopes"), "give scope names, or leave it out");
        }
        if one.prompts.iter().flatten().any(|prompt| !matches!(prompt.as_str(), "login" | "select_account")) {
            return refuse(at("prompts"), "give \"login\", \"select_account\", both or neither");
        }
        if one.kind != ConnectionKind::Github && !one.asks_for("openid") {
            return refuse(at("scopes"), "without the scope openid there is no ID token");
        }
        if one.kind != ConnectionKind::Oidc && one.trust_authentication {
            return refuse(at("trust_authentication"), "neither GitHub nor Apple says how somebody logged in");
        }
        match (one.kind, one.response_mode) {
            (ConnectionKind::Github, Some(AnswerMode::FormPost)) => return refuse(at("response_mode"), "GitHub answers in the query"),
            (ConnectionKind::Apple, Some(AnswerMode::Query)) => return refuse(at("response_mode"), "Apple answers by a form"),
            _ => {}
        }
        for (name, value) in [("team_id", &one.team_id), ("key_id", &one.key_id)] {
            match (one.kind, value) {
                (ConnectionKind::Apple, Some(id)) if is_apple_id(id) => {}
                (ConnectionKind::Apple, _) => return refuse(at(name), "give the 10 letters and digits that Apple shows"),
                (ConnectionKind::Oidc | ConnectionKind::Github, None) => {}
                (ConnectionKind::Oidc | ConnectionKind::Github, Some(_)) => return refuse(at(name), "is for kind = \"apple\""),
            }
        }
    }
    Ok(())
}

/// An issuer that speaks for many tenants names a template, and nobody's word about addresses counts there: anybody can have a tenant.
fn check_tenants(one: &ConnectionSettings, at: impl Fn(&str) -> String) -> Result<(), SettingsError> {
    let Some(template) = &one.issuer_template else {
        if one.issuer.as_ref().is_some_and(|issuer| issuer.contains(TENANT)) {
            return refuse(at("issuer"), "that is a template: give it as issuer_template, beside the issuer whose metadata name it");
        }
        return if one.tenants.is_empty() { Ok(()) } else { refuse(at("tenants"), "goes with issuer_template") };
    };
    let origin = |text: &str| Url::parse(text).map(|url| url.origin()).ok();
    let example = issuer_of_tenant(template, "00000000-0000-0000-0000-000000000000");
    let is_usable = template.matches(TENANT).count() == 1 && is_address(&example) && origin(&example) == origin(one.issuer());
    if one.kind != ConnectionKind::Oidc {
        return refuse(at("issuer_template"), "is for kind = \"oidc\"");
    }
    if !is_usable {
        return refuse(at("issuer_template"), "give an address at the issuer's host, with {tenantid} in it once");
    }
    if one.tenants.len() > MAX_TENANTS || !one.tenants.iter().all(|id| is_tenant(&id.to_ascii_lowercase())) {
        return refuse(at("tenants"), "give the ids of tenants, such as 8eaef023-2b34-4da1-9baa-8bc8c9d6a490, up to 64");
    }
    if one.trust_email {
        return refuse(at("trust_email"), "whoever has a tenant writes addresses there as they like");
    }
    Ok(())
}

/// The issuer of the tenant `id`, by a template.
#[must_use]
pub fn issuer_of_tenant(template: &str, id: &str) -> String {
    template.replace(TENANT, id)
}

/// Whether `id` can be that of a tenant: a GUID in lower case.
#[must_use]
pub fn is_tenant(id: &str) -> bool {
    let groups: Vec<&str> = id.split('-').collect();
    let is_hex = |group: &str| group.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups.into_iter().all(is_hex)
}

fn is_id(id: &str) -> bool {
    let fits = (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    fits && !RESERVED.contains(&id)
}

fn is_apple_id(id: &str) -> bool {
    id.len() == APPLE_ID && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn is_address(text: &str) -> bool {
    let is_plain = Url::parse(text).is_ok_and(|url| url.query().is_none() && url.fragment().is_none() && url.username().is_empty());
    is_plain && is_web(text)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::Settings;
    use super::*;

    fn read(connection: Value) -> Result<ConnectionSettings, String> {
        let settings: Settings = serde_json::from_value(json!({"connections": [connection]})).map_err(|error| error.to_string())?;
        settings.check().map_err(|error| error.to_string())?;
        Ok(settings.connections.into_iter().next().unwrap())
    }

    fn oidc(changes: Value) -> Value {
        let mut one = json!({"id": "google", "name": "Google", "issuer": "https://accounts.google.com", "client_id": "x"});
        one.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        one
    }

    #[test]
    fn a_provider_needs_few_words() {
        let google = read(oidc(json!({}))).unwrap();
        assert_eq!((google.kind, google.scope().as_str(), google.sign_up), (ConnectionKind::Oidc, "openid profile email", true));
        assert!(!google.trust_email && !google.trust_authentication);
        assert_eq!(google.second_factor, SecondFactor::Ask);
        let github = read(json!({"id": "github", "name": "GitHub", "kind": "github", "client_id": "x"})).unwrap();
        assert_eq!((github.issuer(), github.github_api().as_str()), ("https://github.com", "https://api.github.com"));
        let enterprise =
            read(json!({"id": "ghe", "name": "Work", "kind": "github", "client_id": "x", "issuer": "https://git.example/"})).unwrap();
        assert_eq!((enterprise.issuer(), enterprise.github_api().as_str()), ("https://git.example", "https://git.example/api/v3"));
        assert_eq!((google.answer_mode(), github.answer_mode()), (AnswerMode::Query, AnswerMode::Query));
        let apple = read(apple(json!({}))).unwrap();
        assert_eq!((apple.issuer(), apple.scope().as_str()), ("https://appleid.apple.com", "openid name email"));
        assert_eq!((apple.answer_mode(), apple.knows_prompt("login", None)), (AnswerMode::FormPost, false));
    }

    fn entra(changes: Value) -> Value {
        let mut one = oidc(json!({
            "issuer": "https://login.microsoftonline.com/organizations/v2.0",
            "issuer_template": "https://login.microsoftonline.com/{tenantid}/v2.0",
        }));
        one.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        one
    }

    /// Microsoft's documentation, "Access tokens in the Microsoft identity platform", "Validate the issuer"
    #[test]
    fn a_template_belongs_to_an_issuer_that_speaks_for_many() {
        const TENANT_ID: &str = "8EAEF023-2b34-4da1-9baa-8bc8c9d6a490";
        let all = read(entra(json!({}))).unwrap();
        assert_eq!(all.metadata_issuer(), "https://login.microsoftonline.com/{tenantid}/v2.0");
        assert!(all.admits_tenant("82229342-1101-4ab6-817b-70c0747630f3"));
        let some = read(entra(json!({"tenants": [TENANT_ID]}))).unwrap();
        assert!(some.admits_tenant(&TENANT_ID.to_lowercase()) && !some.admits_tenant("82229342-1101-4ab6-817b-70c0747630f3"));
        for (changes, expected) in [
            (json!({"issuer_template": null, "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"}), "connections[0].issuer"),
            (json!({"issuer_template": null, "tenants": [TENANT_ID]}), "connections[0].tenants"),
            (json!({"issuer_template": "https://login.microsoftonline.com/common/v2.0"}), "connections[0].issuer_template"),
            (json!({"issuer_template": "https://login.microsoftonline.com/{tenantid}/{tenantid}"}), "connections[0].issuer_template"),
            (json!({"issuer_template": "https://{tenantid}.example/v2.0"}), "connections[0].issuer_template"),
            (json!({"issuer_template": "https://login.example/{tenantid}/v2.0"}), "connections[0].issuer_template"),
            (json!({"issuer_template": "http://login.microsoftonline.com/{tenantid}/v2.0"}), "connections[0].issuer_template"),
            (json!({"tenants": ["contoso.onmicrosoft.com"]}), "connections[0].tenants"),
            (json!({"tenants": [""]}), "connections[0].tenants"),
            (json!({"tenants": [TENANT_ID.replace('-', "")]}), "connections[0].tenants"),
            (json!({"trust_email": true}), "connections[0].trust_email"),
        ] {
            let error = read(entra(changes.clone())).unwrap_err();
            assert!(error.contains(expected), "{changes}: {error}");
        }
        let error = read(apple(json!({"issuer_template": "https://appleid.apple.com/{tenantid}"}))).unwrap_err();
        assert!(error.contains("connections[0].issuer_template"), "{error}");
    }

    fn apple(changes: Value) -> Value {
        let mut one = json!({
            "id": "apple", "name": "Apple", "kind": "apple", "client_id": "com.example.id", "team_id": "DEF123GHIJ", "key_id": "ABC123DEFG",
        });
        one.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        one
    }

    /// Errors name the field
    #[test]
    fn a_connection_with_apple_names_team_and_key() {
        for (changes, expected) in [
            (json!({"team_id": null}), "connections[0].team_id"),
            (json!({"team_id": "def123ghij"}), "connections[0].team_id"),
            (json!({"key_id": "ABC123DEFGH"}), "connections[0].key_id"),
            (json!({"key_id": null}), "connections[0].key_id"),
            (json!({"response_mode": "query"}), "connections[0].response_mode"),
            (json!({"response_mode": "fragment"}), "fragment"),
            (json!({"scopes": ["name", "email"]}), "connections[0].scopes"),
            (json!({"api": "https://api.example"}), "connections[0].api"),
            (json!({"trust_authentication": true}), "connections[0].trust_authentication"),
            (json!({"issuer": "http://apple.example"}), "connections[0].issuer"),
        ] {
            let error = read(apple(changes.clone())).unwrap_err();
            assert!(error.contains(expected), "{changes}: {error}");
        }
    }

    /// Errors name the field
    #[test]
    fn connections_that_can_not_be_used_are_named() {
        for (changes, expected) in [
            (json!({"id": "Google"}), "connections[0].id"),
            (json!({"id": "a#b"}), "connections[0].id"),
            (json!({"id": ""}), "connections[0].id"),
            (json!({"id": "site"}), "connections[0].id"),
            (json!({"id": "local"}), "connections[0].id"),
            (json!({"name": " "}), "connections[0].name"),
            (json!({"client_id": ""}), "connections[0].client_id"),
            (json!({"issuer": null}), "connections[0].issuer"),
            (json!({"issuer": "http://accounts.google.com"}), "connections[0].issuer"),
            (json!({"issuer": "https://a.example/?x=1"}), "connections[0].issuer"),
            (json!({"api": "https://api.example"}), "connections[0].api"),
            (json!({"scopes": ["email"]}), "connections[0].scopes"),
            (json!({"scopes": []}), "connections[0].scopes"),
            (json!({"scopes": ["openid email"]}), "connections[0].scopes"),
            (json!({"prompts": ["none"]}), "connections[0].prompts"),
            (json!({"kind": "saml"}), "saml"),
            (json!({"second_factor": "never"}), "never"),
            (json!({"client_secret": "x"}), "client_secret"),
            (json!({"kind": "github", "trust_authentication": true}), "connections[0].trust_authentication"),
            (json!({"kind": "github", "response_mode": "form_post"}), "connections[0].response_mode"),
            (json!({"team_id": "DEF123GHIJ"}), "connections[0].team_id"),
            (json!({"kind": "github", "key_id": "ABC123DEFG"}), "connections[0].key_id"),
        ] {
            let error = read(oidc(changes.clone())).unwrap_err();
            assert!(error.contains(expected), "{changes}: {error}");
        }
        let twice: Settings = serde_json::from_value(json!({"connections": [oidc(json!({})), oidc(json!({}))]})).unwrap();
        assert_eq!(twice.check().unwrap_err().field, "connections[1].id");
    }
}
