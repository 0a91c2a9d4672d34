//! What a client says of itself, when nobody else stands behind it: bounded before it is read, completed with defaults, and without everything that
//! only the operator may say (RFC 7591 section 2, OAuth Client ID Metadata Document).
//!
//! Whether the result may stand is for [`check_registration`] to say, as for every other client.

use serde_json::{Map, Value, json};
use url::Url;

use super::client::{AuthMethod, Client, ClientId, GrantType, SubjectType};
use super::registration::{RegistrationError, check_registration};
use super::settings::Settings;
use crate::protocol::claims::is_standard_scope;

/// The largest registration that is read, in bytes.
pub const MAX_METADATA: usize = 16 * 1024;
/// The most levels of its JSON.
const MAX_DEPTH: usize = 8;
/// The most members, and the most elements of a list.
const MAX_ELEMENTS: usize = 64;
/// The longest scope that is looked at, in bytes.
const MAX_SCOPE: usize = 4_096;

/// Members that this server gives and no client says.
const GIVEN: [&str; 6] = [
    "client_id",
    "client_secret",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
];
/// Members that the operator alone decides. What a client says of them is passed over.
const OPERATOR_ONLY: [&str; 5] = ["first_party", "logo", "require_pkce", "rotation", "security_profile"];
/// Members for people, each an address on the web. None of them is ever fetched or shown.
const WEB_ADDRESSES: [&str; 5] = ["client_uri", "logo_uri", "policy_uri", "tos_uri", "initiate_login_uri"];

/// Who registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registrant {
    /// Anybody.
    Anybody,
    /// Somebody to whom the operator gave an initial access token.
    Invited,
    /// A document that a URL leads to.
    Document,
}

/// A registration's metadata as they came: a JSON object within bounds, without members that are `null` (RFC 7592 section 2.2: as if left out).
pub type Metadata = Map<String, Value>;

fn refuse<T>(why: impl Into<String>) -> Result<T, RegistrationError> {
    Err(RegistrationError::Metadata(why.into()))
}

/// Reads the JSON of a registration.
///
/// # Errors
/// When it is too large, too deep, or no object.
pub fn parse_metadata(json: &[u8]) -> Result<Metadata, RegistrationError> {
    if json.len() > MAX_METADATA {
        return refuse(format!("the metadata have more than {MAX_METADATA} bytes."));
    }
    if depth(json) > MAX_DEPTH {
        return refuse(format!("the metadata have more than {MAX_DEPTH} levels."));
    }
    let mut metadata: Metadata = match serde_json::from_slice(json) {
        Ok(Value::Object(metadata)) => metadata,
        _ => return refuse("the metadata are no JSON object."),
    };
    let too_many = |value: &Value| value.as_array().is_some_and(|list| list.len() > MAX_ELEMENTS);
    if metadata.len() > MAX_ELEMENTS || metadata.values().any(too_many) {
        return refuse(format!("the metadata have more than {MAX_ELEMENTS} members, or a list of more."));
    }
    // RFC 7592 section 2.2: null says that there is none. Clients say so by an empty text as well.
    metadata.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
    Ok(metadata)
}

/// The deepest nesting of `json`, told without parsing it.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in json {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b'{' | b'[') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The client that `metadata` describe, under the identifier `id`.
///
/// # Errors
/// Says what can't be registered.
pub fn read_registration(
    mut metadata: Metadata,
    id: &ClientId,
    registrant: Registrant,
    settings: &Settings,
) -> Result<Client, RegistrationError> {
    for name in GIVEN.iter().chain(&OPERATOR_ONLY) {
        metadata.remove(*name);
    }
    check_texts(&metadata)?;
    check_addresses(&metadata)?;
    let grants = complete_grants(&mut metadata, registrant)?;
    complete_response_types(&mut metadata, grants.contains(&GrantType::AuthorizationCode))?;
    complete_method(&mut metadata, registrant)?;
    complete_scope(&mut metadata, settings)?;
    complete_details(&mut metadata, settings)?;
    if metadata.get("jwks").is_some_and(|jwks| jwks.get("keys").and_then(Value::as_array).is_none()) {
        return refuse("its jwks is no JWK set.");
    }
    metadata.insert("client_id".to_owned(), id.as_str().into());
    if registrant == Registrant::Document {
        // Nobody asks whether that sector would have it.
        metadata.remove("sector_identifier_uri");
    }
    let mut client: Client = serde_json::from_value(Value::Object(metadata))
        .map_err(|error| RegistrationError::Metadata(format!("the metadata can't be read: {error}.")))?;
    // A sector is proven by redirect URIs: who can't receive a code there must not learn what people are called there.
    let by_redirect = [GrantType::AuthorizationCode, GrantType::RefreshToken];
    if client.subject_type == SubjectType::Pairwise && !client.grant_types.iter().all(|grant| by_redirect.contains(grant)) {
        return refuse("subject_type pairwise is for the grant_types authorization_code and refresh_token alone.");
    }
    // A document's client shares no secret with us: PKCE is what its codes are bound by.
    client.require_pkce = settings.registration.require_pkce || client.is_public() || registrant == Registrant::Document;
    Ok(client)
}

/// The client that the document `json` at `id` describes (OAuth Client ID Metadata Document section 4).
///
/// # Errors
/// Says why the document is not taken.
pub fn read_document(json: &[u8], id: &ClientId, settings: &Settings) -> Result<Client, RegistrationError> {
    let metadata = parse_metadata(json)?;
    if metadata.get("client_id").and_then(Value::as_str) != Some(id.as_str()) {
        return refuse("the client_id in the document is not the document's own URL.");
    }
    if metadata.contains_key("client_secret") || metadata.contains_key("client_secret_expires_at") {
        return refuse("the document has a client_secret, which everybody could read.");
    }
    let client = read_registration(metadata, id, Registrant::Document, settings)?;
    check_registration(&client, None)?;
    Ok(client)
}

/// What people may read, and lists of redirect URIs, in the types that they must have.
fn check_texts(metadata: &Metadata) -> Result<(), RegistrationError> {
    for (name, value) in metadata {
        let (plain, _) = name.split_once('#').unwrap_or((name, ""));
        if plain == "client_name" && !value.as_str().is_some_and(is_showable) {
            return refuse(format!("its {plain} must be a text of letters that can be shown."));
        }
    }
    let is_list = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
    match metadata.get("redirect_uris") {
        Some(uris) if !is_list(uris) => Err(RegistrationError::RedirectUri("its redirect_uris must be a list of texts.".to_owned())),
        _ => Ok(()),
    }
}

/// Neither control characters, nor those that turn the direction of what follows or can't be seen: names are read by people.
fn is_showable(text: &str) -> bool {
    let hidden = |c: char| matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    !text.trim().is_empty() && !text.chars().any(|c| c.is_control() || hidden(c))
}

fn check_addresses(metadata: &Metadata) -> Result<(), RegistrationError> {
    for (name, value) in metadata {
        let (plain, _) = name.split_once('#').unwrap_or((name, ""));
        if WEB_ADDRESSES.contains(&plain) && !value.as_str().is_some_and(is_web_address) {
            return refuse(format!("its {plain} must be a web address."));
        }
    }
    let texts = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(|one| one.as_str().is_some_and(is_web_address)));
    if metadata.get("request_uris").is_some_and(|uris| !texts(uris)) {
        return refuse("its request_uris must be a list of web addresses.");
    }
    if metadata.get("sector_identifier_uri").is_some_and(|uri| !uri.as_str().is_some_and(is_web_address)) {
        return refuse("its sector_identifier_uri must be a web address.");
    }
    Ok(())
}

fn is_web_address(text: &str) -> bool {
    let written = text.len() <= 2_048 && !text.chars().any(|c| c.is_control() || c.is_whitespace());
    written && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.username().is_empty())
}

/// The grants that stand to whoever registers in this way. Those in the client's own name are for whom the operator knows.
fn allowed_grants(registrant: Registrant) -> &'static [GrantType] {
    match registrant {
        Registrant::Anybody => &[GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::DeviceCode],
        Registrant::Invited => &GrantType::ALL,
        // Where a redirect leads is all that tells people whom they allow something.
        Registrant::Document => &[GrantType::AuthorizationCode, GrantType::RefreshToken],
    }
}

/// RFC 7591 section 2: unsupported grant types are dropped, as the server may; the response says what is left.
fn complete_grants(metadata: &mut Metadata, registrant: Registrant) -> Result<Vec<GrantType>, RegistrationError> {
    let grants: Vec<GrantType> = match metadata.get("grant_types").map(texts_of) {
        None => vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        Some(None) => return refuse("its grant_types must be a list of texts."),
        Some(Some(asked)) => {
            allowed_grants(registrant).iter().copied().filter(|grant| asked.iter().any(|name| name == grant.as_str())).collect()
        }
    };
    if grants.is_empty() {
        return refuse("none of its grant_types can be registered here.");
    }
    metadata.insert("grant_types".to_owned(), grants.iter().map(|grant| grant.as_str()).collect());
    Ok(grants)
}

fn complete_response_types(metadata: &mut Metadata, has_codes: bool) -> Result<(), RegistrationError> {
    let asked = match metadata.get("response_types").map(texts_of) {
        Some(None) => return refuse("its response_types must be a list of texts."),
        asked => asked.flatten(),
    };
    if has_codes && asked.is_some_and(|types| !types.iter().any(|one| one == "code")) {
        return refuse("its response_types must contain \"code\", the only one that is supported.");
    }
    metadata.insert("response_types".to_owned(), if has_codes { json!(["code"]) } else { json!([]) });
    Ok(())
}

/// RFC 7591 section 2: the default is a secret. A document can't have one.
fn complete_method(metadata: &mut Metadata, registrant: Registrant) -> Result<(), RegistrationError> {
    const NAME: &str = "token_endpoint_auth_method";
    let default = if registrant == Registrant::Document { AuthMethod::None } else { AuthMethod::default() };
    let method = match metadata.get(NAME) {
        None => default,
        Some(value) => match AuthMethod::ALL.into_iter().find(|method| value == method.as_str()) {
            Some(method) if registrant == Registrant::Document && method.has_secret() => {
                return refuse(format!("{} needs a secret, which everybody could read.", method.as_str()));
            }
            Some(method) => method,
            None => return refuse(format!("its {NAME} is not supported.")),
        },
    };
    metadata.insert(NAME.to_owned(), method.as_str().into());
    Ok(())
}

/// The scopes that it asked for, as far as the operator lets such clients have them (RFC 7591 section 2: the server may register others).
fn complete_scope(metadata: &mut Metadata, settings: &Settings) -> Result<(), RegistrationError> {
    let registered = settings.registration.scope.as_deref();
    let asked = match metadata.remove("scope") {
        None => Vec::new(),
        Some(Value::String(scope)) if scope.len() <= MAX_SCOPE => scope.split(' ').map(str::to_owned).collect(),
        Some(_) => return refuse("its scope must be scope names separated by spaces."),
    };
    let may_have = |scope: &str| match registered {
        Some(registered) => registered.split(' ').any(|one| one == scope),
        None => is_standard_scope(scope) || settings.resources.iter().any(|resource| resource.scopes.contains_key(scope)),
    };
    let mut kept: Vec<String> = Vec::new();
    for scope in asked {
        if may_have(&scope) && !kept.contains(&scope) {
            kept.push(scope);
        }
    }
    let scope = if kept.is_empty() { registered.map(str::to_owned) } else { Some(kept.join(" ")) };
    metadata.extend(scope.map(|scope| ("scope".to_owned(), Value::String(scope))));
    Ok(())
}

/// The types of authorization details that it asked for, as far as this server knows them (RFC 9396 section 10).
fn complete_details(metadata: &mut Metadata, settings: &Settings) -> Result<(), RegistrationError> {
    const NAME: &str = "authorization_details_types";
    let Some(asked) = metadata.get(NAME) else { return Ok(()) };
    let asked = texts_of(asked).ok_or_else(|| RegistrationError::Metadata(format!("its {NAME} must be a list of texts.")))?;
    let known = settings.authorization_details.iter().map(|one| one.r#type.as_str()).filter(|name| asked.iter().any(|one| one == name));
    metadata.insert(NAME.to_owned(), known.collect());
    Ok(())
}

fn texts_of(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect()
}

/// The URL of a client ID metadata document (section 3): with a path, in its one spelling, so that no two texts mean one document; `http` only on this
/// very machine, while trying out.
#[must_use]
pub fn document_url(id: &ClientId, on_loopback: bool) -> Option<Url> {
    let url = Url::parse(id.as_str()).ok()?;
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let allowed = url.scheme() == "https" || (url.scheme() == "http" && on_loopback && is_local);
    // A URL's parser resolves dot segments, percent-encoded ones too, so that one that has any is spelt otherwise afterwards.
    let plain = url.as_str() == id.as_str() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    (allowed && plain && url.path() != "/").then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ClientId {
        ClientId::parse(text).unwrap()
    }

    fn read(metadata: Value, registrant: Registrant, settings: Value) -> Result<Client, RegistrationError> {
        let settings = serde_json::from_value(settings).unwrap();
        read_registration(parse_metadata(metadata.to_string().as_bytes())?, &id("dyn-1"), registrant, &settings)
    }

    /// RFC 7591 section 2
    #[test]
    fn what_is_missing_gets_its_default() {
        let client = read(json!({"redirect_uris": ["https://app.example/cb"]}), Registrant::Anybody, json!({})).unwrap();
        assert_eq!(client.token_endpoint_auth_method, AuthMethod::ClientSecretBasic);
        assert_eq!(client.grant_types, [GrantType::AuthorizationCode, GrantType::RefreshToken]);
        assert_eq!(client.other["response_types"], json!(["code"]));
        assert!(client.require_pkce && client.scope.is_none());
    }

    /// RFC 7591 section 5: what a client says of itself is not believed
    #[test]
    fn what_only_the_operator_may_say_is_passed_over() {
        let asked = json!({
            "first_party": true, "require_pkce": false, "rotation": "never", "security_profile": "x", "client_id": "app",
            "client_secret": "mine", "registration_access_token": "mine", "client_name": null,
        });
        for registrant in [Registrant::Anybody, Registrant::Invited, Registrant::Document] {
            let client = read(asked.clone(), registrant, json!({})).unwrap();
            assert!(!client.first_party && client.require_pkce && client.client_id == id("dyn-1"), "{client:?}");
            assert_eq!(client.rotation, super::super::client::Rotation::Always);
            assert_eq!(client.other.keys().collect::<Vec<_>>(), ["response_types"]);
        }
    }

    /// RFC 7591 section 2
    #[test]
    fn grants_that_a_stranger_may_not_have_are_dropped() {
        let all: Vec<&str> = GrantType::ALL.iter().map(|grant| grant.as_str()).chain(["implicit", "password"]).collect();
        let grants = |registrant| read(json!({"grant_types": all}), registrant, json!({})).unwrap().grant_types;
        assert_eq!(grants(Registrant::Anybody), [GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::DeviceCode]);
        assert_eq!(grants(Registrant::Document), [GrantType::AuthorizationCode, GrantType::RefreshToken]);
        assert_eq!(grants(Registrant::Invited), GrantType::ALL);
        assert!(read(json!({"grant_types": ["client_credentials"]}), Registrant::Anybody, json!({})).is_err());
    }

    #[test]
    fn a_scope_is_what_the_operator_lets_strangers_have() {
        let scope = |asked: Value, settings: Value| read(asked, Registrant::Anybody, settings).unwrap().scope;
        let limited = json!({"registration": {"scope": "openid notes:read"}});
        let resource = json!({"resources": [{"uri": "https://notes.example", "scopes": {"notes:read": "Read"}}]});
        assert_eq!(scope(json!({"scope": "openid admin openid  email"}), json!({})).as_deref(), Some("openid email"));
        assert_eq!(scope(json!({"scope": "admin"}), json!({})), None);
        assert_eq!(scope(json!({"scope": "notes:read admin"}), resource).as_deref(), Some("notes:read"));
        assert_eq!(scope(json!({"scope": "email notes:read"}), limited.clone()).as_deref(), Some("notes:read"));
        assert_eq!(scope(json!({}), limited.clone()).as_deref(), Some("openid notes:read"));
        assert_eq!(scope(json!({"scope": "email"}), limited).as_deref(), Some("openid notes:read"));
    }

    /// RFC 7591 section 3.2.2
    #[test]
    fn what_can_not_be_registered_is_refused() {
        for bad in [
            json!({"redirect_uris": "https://app.example/cb"}),
            json!({"redirect_uris": [1]}),
            json!({"client_name": 7}),
            json!({"client_name": "Bank\u{202e}gpj"}),
            json!({"client_name#de": "a\u{200b}b"}),
            json!({"logo_uri": "javascript:alert(1)"}),
            json!({"client_uri": "JavaScript:alert(1)"}),
            json!({"tos_uri": "java\nscript:alert(1)"}),
            json!({"policy_uri#de": " https://a.example"}),
            json!({"request_uris": ["data:,x"]}),
            json!({"sector_identifier_uri": "file:///etc/passwd"}),
            json!({"grant_types": "authorization_code"}),
            json!({"response_types": ["token"]}),
            json!({"token_endpoint_auth_method": "tls_client_auth"}),
            json!({"id_token_signed_response_alg": "none"}),
            json!({"jwks": "keys"}),
            json!({"default_max_age": "1"}),
            json!({"contacts": vec!["a"; 65]}),
            json!({"x": [[[[[[[[1]]]]]]]]}),
        ] {
            assert!(read(bad.clone(), Registrant::Anybody, json!({})).is_err(), "{bad}");
        }
        assert!(parse_metadata(b"[]").is_err() && parse_metadata(b"{").is_err());
        assert!(parse_metadata(&[b'['; 10_000]).is_err() && parse_metadata(&vec![b' '; MAX_METADATA + 1]).is_err());
        assert!(parse_metadata(br#"{"a": "[[[[[[[[[[\"[["}"#).is_ok());
    }

    /// OAuth Client ID Metadata Document section 3
    #[test]
    fn only_a_plain_https_url_with_a_path_leads_to_a_document() {
        for (text, https, loopback) in [
            ("https://app.example/client.json", true, true),
            ("https://app.example:8443/a?b=c", true, true),
            ("http://localhost:9999/client.json", false, true),
            ("http://127.0.0.1/client.json", false, true),
            ("http://app.example/client.json", false, false),
            ("https://app.example", false, false),
            ("https://app.example/", false, false),
            ("https://app.example/a#b", false, false),
            ("https://user@app.example/a", false, false),
            ("https://user:pw@app.example/a", false, false),
            ("https://app.example/a/../b", false, false),
            ("https://app.example/./b", false, false),
            ("https://app.example/%2e%2E/b", false, false),
            ("https://APP.example/a", false, false),
            ("https://app.example:443/a", false, false),
            ("https://app.example\\a", false, false),
            ("https:app.example/a", false, false),
            ("javascript:alert(1)", false, false),
        ] {
            assert_eq!([false, true].map(|on| document_url(&id(text), on).is_some()), [https, loopback], "{text}");
        }
    }

    /// OAuth Client ID Metadata Document section 4
    #[test]
    fn a_document_says_who_it_is_and_has_no_secret() {
        let url = id("https://app.example/client.json");
        let document = |changes: Value| {
            let mut document = json!({"client_id": url.as_str(), "redirect_uris": ["https://app.example/cb", "http://localhost/cb"]});
            document.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            read_document(document.to_string().as_bytes(), &url, &Settings::default())
        };
        assert!(document(json!({})).unwrap().is_public());
        let signs = json!({"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://app.example/jwks.json"});
        assert_eq!(document(signs).unwrap().token_endpoint_auth_method, AuthMethod::PrivateKeyJwt);
        for bad in [
            json!({"client_id": "https://app.example/other.json"}),
            json!({"client_id": "https://app.example/client.json/"}),
            json!({"client_secret": "x"}),
            json!({"client_secret_expires_at": 0}),
            json!({"token_endpoint_auth_method": "client_secret_post"}),
            json!({"token_endpoint_auth_method": "client_secret_basic"}),
            json!({"token_endpoint_auth_method": "client_secret_jwt"}),
            json!({"token_endpoint_auth_method": "private_key_jwt"}),
            json!({"redirect_uris": []}),
            json!({"redirect_uris": ["javascript:alert(1)"]}),
            json!({"redirect_uris": ["http://app.example/cb"]}),
            json!({"subject_type": "pairwise", "sector_identifier_uri": "https://app.example/sector"}),
        ] {
            assert!(document(bad.clone()).is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        /// RFC 7591 section 5: whatever a stranger sends, nothing breaks, and nothing of the operator's is given away
        #[test]
        fn nothing_that_a_stranger_sends_breaks_or_gives_more(
            name in "[a-z_#]{0,24}",
            text in ".{0,80}",
            flag in proptest::bool::ANY,
            cut in 0_usize..200,
        ) {
            let metadata = json!({name: &text, "client_name": &text, "redirect_uris": [&text], "scope": &text, "first_party": flag, "require_pkce": flag});
            let bytes = metadata.to_string().into_bytes();
            let whole = parse_metadata(&bytes).and_then(|metadata| read_registration(metadata, &id("dyn-1"), Registrant::Anybody, &Settings::default()));
            if let Ok(client) = whole {
                assert!(!client.first_party && client.require_pkce && client.client_id == id("dyn-1"));
            }
            let _ = parse_metadata(bytes.get(..cut.min(bytes.len())).unwrap_or_default());
            let _ = parse_metadata(text.as_bytes());
        }
    }
}
