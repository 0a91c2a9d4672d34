//! The parameters of an authorization request (OAuth 2.1 section 4.1.1, `OpenID` Connect Core section 3.1.2.1), and where its answer may go.

use url::form_urlencoded;

use super::claims_request::ClaimsRequest;
use super::details::{AuthorizationDetails, DetailsError};
use super::params::Params;
use super::pkce::CodeChallenge;
use super::redirect_uri::{RedirectKind, RedirectUri, parse_redirect_uri};
use super::scope::{Scope, ScopeError};
use crate::jose::jwk::is_thumbprint;
use crate::model::client::Client;
use crate::model::settings::Settings;

/// The longest query of an authorization request, in bytes; longer requests have to be pushed.
pub const MAX_QUERY: usize = 4_096;
/// The longest `state`, in bytes.
pub const MAX_STATE: usize = 1_024;
/// The longest `nonce`, in bytes.
const MAX_NONCE: usize = 512;
/// The longest `acr_values`, in bytes.
const MAX_ACR_VALUES: usize = 1_024;
/// The longest `id_token_hint`, in bytes.
const MAX_HINT: usize = 6 * 1_024;
/// The most resources that one request may name.
const MAX_RESOURCES: usize = 10;

/// A query in the one spelling that can stand in a `Location` and in a form: bytes that no URL has are percent-encoded.
#[must_use]
pub fn normalize_query(raw: &str) -> String {
    let mut normal = String::with_capacity(raw.len());
    for byte in raw.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>#\\^`{|}".contains(&byte) {
            normal.push(char::from(byte));
        } else {
            normal.push_str(percent_encoding::percent_encode_byte(byte));
        }
    }
    normal
}

/// A redirect URI that was proven to be the client's. Nothing else can be turned into a redirect to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedRedirect {
    uri: String,
    registered: RedirectUri,
}

/// Why nothing may be sent to where the request asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UntrustedRedirect {
    /// The client has several, so that it must say which.
    #[error("redirect_uri is missing")]
    Missing,
    /// It is none of the client's.
    #[error("redirect_uri is not registered for the client")]
    Unregistered,
}

impl TrustedRedirect {
    /// Holds the presented URI against the registered ones (OAuth 2.1 section 2.3.1). It may be left out where there is only one.
    ///
    /// # Errors
    /// When it is missing or not the client's.
    pub fn check(client: &Client, presented: Option<&str>) -> Result<Self, UntrustedRedirect> {
        let registered = usable(&client.redirect_uris);
        let Some(presented) = presented else {
            return match <[RedirectUri; 1]>::try_from(registered) {
                Ok([only]) => Ok(Self { uri: only.as_str().to_owned(), registered: only }),
                Err(_) => Err(UntrustedRedirect::Missing),
            };
        };
        Self::find(registered, presented)
    }

    /// Holds the URI to which the browser shall go after logout against those that the client registered for it (OpenID Connect RP-Initiated
    /// Logout section 3).
    ///
    /// # Errors
    /// When it is not the client's.
    pub fn check_post_logout(client: &Client, presented: &str) -> Result<Self, UntrustedRedirect> {
        Self::find(usable(&client.post_logout_redirect_uris), presented)
    }

    fn find(registered: Vec<RedirectUri>, presented: &str) -> Result<Self, UntrustedRedirect> {
        let matching = registered.into_iter().find(|uri| uri.matches(presented)).ok_or(UntrustedRedirect::Unregistered)?;
        Ok(Self { uri: presented.to_owned(), registered: matching })
    }

    /// The URI, as the request presented it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.uri
    }

    /// Where it leads.
    #[must_use]
    pub fn kind(&self) -> &RedirectKind {
        self.registered.kind()
    }

    /// Whether any program on the same device may receive what is sent there (RFC 8252 section 8.6).
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.registered.is_local()
    }

    /// The URI with `fields` added to its query (OAuth 2.1 section 4.1.2); as it is where there are none.
    #[must_use]
    pub fn with_query(&self, fields: &[(&str, &str)]) -> String {
        if fields.is_empty() {
            return self.uri.clone();
        }
        let separator = match self.uri.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some((_, query)) if query.ends_with('&') => "",
            Some(_) => "&",
        };
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        format!("{}{separator}{query}", self.uri)
    }
}

/// What was registered was checked then; whatever no longer can be is passed over.
fn usable(registered: &[String]) -> Vec<RedirectUri> {
    registered.iter().filter_map(|uri| parse_redirect_uri(uri).ok()).collect()
}

/// How the answer travels to the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query of a redirect.
    #[default]
    Query,
    /// In a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// What the client wants people to be asked (`OpenID` Connect Core section 3.1.2.1, `prompt`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set of four values, each there or not")]
pub struct Prompt {
    /// Nothing may be shown.
    pub none: bool,
    /// People log in again.
    pub login: bool,
    /// People are asked for consent again.
    pub consent: bool,
    /// People choose an account: the one that is logged in, or another by logging in.
    pub select_account: bool,
}

impl Prompt {
    /// Reads a list of values.
    fn parse(text: &str) -> Option<Self> {
        let mut prompt = Self::default();
        let mut count = 0;
        for value in text.split(' ').filter(|value| !value.is_empty()) {
            match value {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                _ => return None,
            }
            count += 1;
        }
        // With other values beside it, `none` is an error.
        (!prompt.none || count == 1).then_some(prompt)
    }

    /// Whether whoever is sent to log in must prove anew who they are: only so they can choose who they are, too.
    #[must_use]
    pub fn wants_login(self) -> bool {
        self.login || self.select_account
    }
}

/// Everything that a request asks for beyond client and redirect URI, checked as far as that can be done without looking anything up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationParameters {
    /// The scopes that the client may have and asked for, in the order asked.
    pub scopes: Vec<String>,
    /// The S256 challenge; none only where the operator allows it.
    pub code_challenge: Option<CodeChallenge>,
    /// The thumbprint of the DPoP key with which the code must be redeemed (RFC 9449 section 10).
    pub dpop_jkt: Option<String>,
    /// For the ID token.
    pub nonce: Option<String>,
    /// The resources asked for, normalized; empty for the default audience.
    pub resources: Vec<String>,
    /// What is asked for in a structured form (RFC 9396).
    pub details: AuthorizationDetails,
    /// What people shall be asked.
    pub prompt: Prompt,
    /// The oldest login that is good enough, in seconds.
    pub max_age: Option<i64>,
    /// What the login page may have in its user name field.
    pub login_hint: Option<String>,
    /// The languages that the client prefers, handed on to the site's login.
    pub ui_locales: Option<String>,
    /// The levels of login that the client would like, by preference; handed on to the site's login.
    pub acr_values: Vec<String>,
    /// Claims asked for one by one; none without the scope `openid`.
    pub claims: ClaimsRequest,
    /// An ID token of the person whom the client expects, not looked at yet.
    pub id_token_hint: Option<String>,
}

/// Why a request can't be granted, as the client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidParameters {
    /// A parameter that must be there is not.
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
    /// A parameter that has a form which is not the specified one.
    #[error("the parameter {0} is not valid")]
    Malformed(&'static str),
    /// A parameter of an extension that is not supported: `request`, `request_uri`, `registration`.
    #[error("the parameter {0} is not supported")]
    Unsupported(&'static str),
    /// A `response_type` other than `code`.
    #[error("the response_type is not supported")]
    ResponseType,
    /// No scope remains that the client may have.
    #[error("the client may have none of these scopes")]
    Scope,
    /// RFC 9396 section 5.
    #[error("the parameter authorization_details is not valid: {0}")]
    Details(#[from] DetailsError),
    /// The client must use PKCE, and did not.
    #[error("the parameter code_challenge is missing: this server requires PKCE")]
    PkceRequired,
    /// A method other than S256 (OAuth 2.1 section 4.1.1).
    #[error("the parameter code_challenge_method must be S256")]
    PkceMethod,
}

/// Reads how the answer shall travel. Beside it, whether that was said in a way that is known.
pub fn read_response_mode(params: &Params) -> (ResponseMode, Result<(), InvalidParameters>) {
    match params.find("response_mode") {
        None | Some("query") => (ResponseMode::Query, Ok(())),
        Some("form_post") => (ResponseMode::FormPost, Ok(())),
        Some(_) => (ResponseMode::Query, Err(InvalidParameters::Malformed("response_mode"))),
    }
}

impl AuthorizationParameters {
    /// Reads what `client` asks for, in the order of OAuth 2.1 section 4.1.1.
    ///
    /// # Errors
    /// Says what is wrong, to be sent to the client.
    pub fn read(params: &Params, client: &Client, settings: &Settings) -> Result<Self, InvalidParameters> {
        use InvalidParameters as E;
        // OpenID Connect Core section 6: what is not supported must be refused, since it may say something else than the query.
        for name in ["request", "request_uri", "registration"] {
            if params.find(name).is_some() {
                return Err(E::Unsupported(name));
            }
        }
        match params.find("response_type") {
            None => return Err(E::Missing("response_type")),
            Some("code") => {}
            Some(_) => return Err(E::ResponseType),
        }
        let scopes = read_scopes(params, client, settings)?;
        let code_challenge = read_challenge(params, client)?;
        let dpop_jkt = match params.find("dpop_jkt") {
            Some(text) if !is_thumbprint(text) => return Err(E::Malformed("dpop_jkt")),
            jkt => jkt.map(str::to_owned),
        };
        let bounded = |name, limit| match params.find(name) {
            Some(value) if value.len() > limit => Err(E::Malformed(name)),
            value => Ok(value.map(str::to_owned)),
        };
        let nonce = bounded("nonce", MAX_NONCE)?;
        let resources = read_resources(params)?;
        let details = read_details(params, client, settings)?;
        let prompt = params.find("prompt").map_or(Some(Prompt::default()), Prompt::parse).ok_or(E::Malformed("prompt"))?;
        let max_age = match params.find("max_age") {
            None => client.default_max_age,
            Some(text) if text.bytes().all(|b| b.is_ascii_digit()) => Some(text.parse().map_err(|_| E::Malformed("max_age"))?),
            Some(_) => return Err(E::Malformed("max_age")),
        };
        // Section 15.1: whether `acr_values` can be met is another question, and `display` never is one: every page fits every screen.
        let acr_values: Vec<String> = bounded("acr_values", MAX_ACR_VALUES)?
            .unwrap_or_default()
            .split(' ')
            .filter(|one| !one.is_empty())
            .map(str::to_owned)
            .collect();
        let claims = match params.find("claims") {
            Some(text) => ClaimsRequest::parse(text).map_err(|_| E::Malformed("claims"))?,
            None => ClaimsRequest::default(),
        };
        let claims = if scopes.iter().any(|scope| scope == "openid") { claims } else { ClaimsRequest::default() };
        let id_token_hint = bounded("id_token_hint", MAX_HINT)?;
        let hint = |name| params.find(name).filter(|hint| hint.len() <= 256 && !hint.chars().any(char::is_control)).map(str::to_owned);
        Ok(Self {
            scopes,
            code_challenge,
            dpop_jkt,
            nonce,
            resources,
            details,
            prompt,
            max_age,
            login_hint: hint("login_hint"),
            ui_locales: hint("ui_locales"),
            acr_values,
            claims,
            id_token_hint,
        })
    }
}

impl AuthorizationParameters {
    /// The levels of login that would be welcome: those that are essential, or else those that the client would like (`OpenID` Connect Core sections
    /// 3.1.2.1 and 5.5.1.1).
    #[must_use]
    pub fn wanted_levels(&self) -> Vec<&str> {
        self.claims.essential_acr().unwrap_or_else(|| self.acr_values.iter().map(String::as_str).collect())
    }
}

/// The scopes asked for that the client may have. Unknown ones are left out (RFC 6749 section 3.3); the token response says what was granted.
pub(crate) fn read_scopes(params: &Params, client: &Client, settings: &Settings) -> Result<Vec<String>, InvalidParameters> {
    let Some(asked) = params.find("scope") else {
        // The default is what the operator registered for the client.
        let registered = client.scope.as_deref().map(Scope::parse).and_then(Result::ok).unwrap_or_default();
        return Ok(registered.iter().map(str::to_owned).collect());
    };
    let asked = Scope::parse(asked).map_err(|_: ScopeError| InvalidParameters::Malformed("scope"))?;
    let granted: Vec<String> = asked.iter().filter(|scope| client.may_ask_for(scope, settings)).map(str::to_owned).collect();
    if granted.is_empty() { Err(InvalidParameters::Scope) } else { Ok(granted) }
}

/// RFC 7636 section 4.3, OAuth 2.1 section 4.1.1: S256 and nothing else; leaving it out is for the operator to allow.
fn read_challenge(params: &Params, client: &Client) -> Result<Option<CodeChallenge>, InvalidParameters> {
    match (params.find("code_challenge"), params.find("code_challenge_method")) {
        (Some(challenge), Some("S256")) => {
            CodeChallenge::parse(challenge).map(Some).map_err(|_| InvalidParameters::Malformed("code_challenge"))
        }
        // Without a method it would be `plain`.
        (Some(_), _) => Err(InvalidParameters::PkceMethod),
        (None, Some(_)) => Err(InvalidParameters::Missing("code_challenge")),
        (None, None) if client.require_pkce || client.is_public() || client.is_fapi2() => Err(InvalidParameters::PkceRequired),
        (None, None) => Ok(None),
    }
}

/// RFC 9396 section 2: types that the operator registered and, where it is registered for some, the client may use.
pub(crate) fn read_details(params: &Params, client: &Client, settings: &Settings) -> Result<AuthorizationDetails, DetailsError> {
    match params.find("authorization_details") {
        None => Ok(AuthorizationDetails::default()),
        Some(text) => AuthorizationDetails::read(text, &settings.authorization_details, client.authorization_details_types.as_deref()),
    }
}

/// RFC 8707 section 2: absolute URIs without fragment.
pub(crate) fn read_resources(params: &Params) -> Result<Vec<String>, InvalidParameters> {
    let mut resources: Vec<String> = Vec::new();
    for resource in params.find_all("resource") {
        let absolute = url::Url::parse(resource).is_ok() && !resource.contains('#');
        if !absolute || resources.len() >= MAX_RESOURCES {
            return Err(InvalidParameters::Malformed("resource"));
        }
        let resource = super::resource::normalize(resource);
        if !resources.contains(&resource) {
            resources.push(resource);
        }
    }
    Ok(resources)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn client(uris: &[&str]) -> Client {
        serde_json::from_value(json!({"client_id": "app", "redirect_uris": uris})).unwrap()
    }

    /// OAuth 2.1 section 2.3.1
    #[test]
    fn a_redirect_is_trusted_only_if_it_is_the_client_s() {
        let one = client(&["https://app.example/cb"]);
        let two = client(&["https://app.example/cb", "http://127.0.0.1/cb"]);
        assert_eq!(TrustedRedirect::check(&one, None).unwrap().as_str(), "https://app.example/cb");
        assert_eq!(TrustedRedirect::check(&two, None), Err(UntrustedRedirect::Missing));
        assert_eq!(TrustedRedirect::check(&client(&[]), None), Err(UntrustedRedirect::Missing));
        assert_eq!(TrustedRedirect::check(&two, Some("http://127.0.0.1:4000/cb")).unwrap().as_str(), "http://127.0.0.1:4000/cb");
        assert_eq!(TrustedRedirect::check(&one, Some("https://evil.example/cb")), Err(UntrustedRedirect::Unregistered));
    }

    /// OAuth 2.1 section 4.1.2
    #[test]
    fn response_parameters_are_added_to_the_query_that_is_there() {
        for (uri, expected) in [
            ("https://a.example/cb", "https://a.example/cb?code=a+b%26&state=%C3%A9"),
            ("https://a.example/cb?", "https://a.example/cb?code=a+b%26&state=%C3%A9"),
            ("https://a.example/cb?x=1", "https://a.example/cb?x=1&code=a+b%26&state=%C3%A9"),
            ("https://a.example/cb?x=1&", "https://a.example/cb?x=1&code=a+b%26&state=%C3%A9"),
            ("com.example.app:/cb", "com.example.app:/cb?code=a+b%26&state=%C3%A9"),
        ] {
            let redirect = TrustedRedirect::check(&client(&[uri]), Some(uri)).unwrap();
            assert_eq!(redirect.with_query(&[("code", "a b&"), ("state", "é")]), expected);
        }
    }

    /// OpenID Connect Core section 3.1.2.1
    #[test]
    fn prompt_is_a_list_in_which_none_stands_alone() {
        assert!(Prompt::parse("none").unwrap().none);
        let both = Prompt::parse("login consent").unwrap();
        assert!(both.login && both.consent && both.wants_login());
        for bad in ["none login", "create", "login  x", "LOGIN"] {
            assert_eq!(Prompt::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_query_is_put_into_a_form_that_any_header_can_carry() {
        assert_eq!(normalize_query("a=<b> \"é\"&c=%20+#d\r\n"), "a=%3Cb%3E%20%22%C3%A9%22&c=%20+%23d%0D%0A");
        assert_eq!(normalize_query("a=1&b=%zz"), "a=1&b=%zz");
    }
}
