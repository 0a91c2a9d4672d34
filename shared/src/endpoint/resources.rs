//! For which resources tokens are issued (RFC 8707), and which of the granted scopes stand in a token for each
//! (`docs/decisions/0017-scopes-belong-to-resources.md`).

use crate::config::Config;
use crate::model::settings::Settings;
use crate::protocol::claims::is_standard_scope;
use crate::protocol::resource::normalize;

/// A resource was asked for that this server issues no tokens for: `invalid_target` (RFC 8707 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown resource")]
pub(super) struct UnknownResource;

/// The resources that tokens may be for, normalized: those that were asked for, or the default audience if none was (RFC 8707 section 2).
///
/// # Errors
/// When one of them is unknown.
pub(super) fn check_resources(config: &Config, settings: &Settings, asked: &[String]) -> Result<Vec<String>, UnknownResource> {
    if asked.is_empty() {
        return Ok(vec![normalize(&config.default_audience)]);
    }
    let mut resources: Vec<String> = Vec::new();
    for one in asked {
        find_audience(config, settings, one).ok_or(UnknownResource)?;
        let one = normalize(one);
        if !resources.contains(&one) {
            resources.push(one);
        }
    }
    Ok(resources)
}

/// The `aud` of tokens for `resource`, in the operator's own spelling, which offline verifiers compare to the letter; none when this server issues
/// no tokens for it. The issuer is known always: it is the audience of `/userinfo`.
pub(super) fn find_audience<'a>(config: &'a Config, settings: &'a Settings, resource: &str) -> Option<&'a str> {
    let wanted = normalize(resource);
    let registered = settings.resources.iter().map(|one| one.uri.as_str()).chain(config.resources.iter().map(String::as_str));
    [config.default_audience.as_str()].into_iter().chain(registered).chain([config.issuer.as_str()]).find(|one| normalize(one) == wanted)
}

/// The audience of the next token of a grant for `granted`: what was asked for, or the first of the granted ones that is still known.
///
/// # Errors
/// When none of them is.
pub(super) fn audience_for<'a>(
    config: &'a Config,
    settings: &'a Settings,
    asked: Option<&String>,
    granted: &[String],
) -> Result<&'a str, UnknownResource> {
    let found = match asked {
        Some(asked) => find_audience(config, settings, asked),
        None => granted.iter().find_map(|one| find_audience(config, settings, one)),
    };
    found.ok_or(UnknownResource)
}

/// Those of `scopes` that stand in an access token for `audience`. Every grant takes them from here.
///
/// A scope that is registered with resources stands in tokens for those alone; the standard ones of `OpenID` Connect, which open `/userinfo`, in
/// tokens for the default audience and the issuer as well; any other in every token.
pub(super) fn scopes_for(config: &Config, settings: &Settings, audience: &str, scopes: &[String]) -> Vec<String> {
    scopes.iter().filter(|scope| stands_in(config, settings, audience, scope)).cloned().collect()
}

/// Those of `scopes` that are of any use with `resources`: that stand in a token for one of them, or say what is told about the person.
pub(super) fn useful_scopes(config: &Config, settings: &Settings, resources: &[String], scopes: &[String]) -> Vec<String> {
    let is_useful = |scope: &&String| is_standard_scope(scope) || resources.iter().any(|one| stands_in(config, settings, one, scope));
    scopes.iter().filter(is_useful).cloned().collect()
}

fn stands_in(config: &Config, settings: &Settings, audience: &str, scope: &str) -> bool {
    let audience = normalize(audience);
    let mut owners = settings.resources.iter().filter(|one| one.scopes.contains_key(scope)).peekable();
    let is_free = owners.peek().is_none();
    if owners.any(|one| normalize(&one.uri) == audience) {
        return true;
    }
    if is_standard_scope(scope) {
        return [config.default_audience.as_str(), config.issuer.as_str()].into_iter().any(|one| normalize(one) == audience);
    }
    is_free
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::{KeyStore, Tables};
    use crate::protocol::issuer::Issuer;

    fn config() -> Config {
        let tables = Tables { state: "state".to_owned(), registry: "registry".to_owned() };
        let mut config = Config::new(Issuer::parse("https://issuer.example").unwrap(), tables, KeyStore::Directory("keys".into()));
        config.default_audience = "https://site.example/".to_owned();
        config.resources = vec!["https://short.example".to_owned()];
        config
    }

    fn settings() -> Settings {
        serde_json::from_value(json!({"resources": [
            {"uri": "https://notes.example/", "scopes": {"notes:read": "Read your notes", "shared": "Share"}},
            {"uri": "https://mail.example", "scopes": {"mail:send": "Send mail", "shared": "Share", "email": "Know your address"}},
            {"uri": "https://site.example", "scopes": {"site": "Use the site"}},
        ]}))
        .unwrap()
    }

    fn owned(list: &[&str]) -> Vec<String> {
        list.iter().map(|&text| text.to_owned()).collect()
    }

    /// RFC 8707 section 2
    #[test]
    fn a_resource_is_known_with_and_without_its_slash_and_answers_in_the_operator_s_spelling() {
        let (config, settings) = (config(), settings());
        for (asked, expected) in [
            ("https://notes.example", Some("https://notes.example/")),
            ("https://notes.example/", Some("https://notes.example/")),
            ("https://site.example", Some("https://site.example/")),
            ("https://short.example/", Some("https://short.example")),
            ("https://issuer.example", Some("https://issuer.example")),
            ("https://notes.example/x", None),
            ("https://notes.example.evil.example", None),
        ] {
            assert_eq!(find_audience(&config, &settings, asked), expected, "{asked}");
        }
        assert_eq!(check_resources(&config, &settings, &[]).unwrap(), ["https://site.example"]);
        let twice = owned(&["https://mail.example/", "https://mail.example"]);
        assert_eq!(check_resources(&config, &settings, &twice).unwrap(), ["https://mail.example"]);
        assert!(check_resources(&config, &settings, &owned(&["https://mail.example", "https://x.example"])).is_err());
    }

    /// RFC 8707 section 2.2
    #[test]
    fn a_token_for_a_resource_has_the_scopes_of_that_resource() {
        let all = owned(&["openid", "email", "notes:read", "mail:send", "shared", "site", "free"]);
        for (audience, expected) in [
            ("https://site.example/", &["openid", "email", "site", "free"][..]),
            ("https://issuer.example", &["openid", "email", "free"]),
            ("https://notes.example", &["notes:read", "shared", "free"]),
            ("https://mail.example/", &["email", "mail:send", "shared", "free"]),
            ("https://short.example", &["free"]),
        ] {
            assert_eq!(scopes_for(&config(), &settings(), audience, &all), expected, "{audience}");
        }
        let useful = useful_scopes(&config(), &settings(), &owned(&["https://notes.example"]), &all);
        assert_eq!(useful, ["openid", "email", "notes:read", "shared", "free"]);
    }
}
