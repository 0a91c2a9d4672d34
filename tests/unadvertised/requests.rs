//! Authorization requests, through the browser, pushed, and of devices.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::registry::{CHALLENGE_METHODS, CLAIMS, DISPLAYS, LANGUAGES, LEVELS, PROMPTS, RESPONSE_MODES, RESPONSE_TYPES, with_near_misses};
use super::{advertised, everything};
use crate::support::oauth::{
    ALICE, As, REDIRECT_URI, assert_refused, authorization_query, claims, exchange, parameter, post, push_form, token, userinfo,
};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

/// The error with which the browser is sent back to the client; none when somebody is asked to log in.
fn error_of(reply: &Reply) -> Option<String> {
    match reply.header("location") {
        Some(location) => {
            assert!(location.starts_with(REDIRECT_URI) && parameter(location, "code").is_none(), "{location}");
            Some(parameter(location, "error").unwrap_or_else(|| panic!("{reply:?}")))
        }
        None if reply.body.contains(REDIRECT_URI) && reply.body.contains("name=\"error\"") => {
            let value = reply.body.split("name=\"error\" value=\"").nth(1).unwrap_or_else(|| panic!("{reply:?}"));
            value.split('"').next().map(str::to_owned)
        }
        None => {
            assert!(reply.status == 200 && reply.body.contains("id=\"login\""), "{reply:?}");
            None
        }
    }
}

/// Sends each of `values` as the parameter `name`, through the browser and pushed: `good` ones lead on, others to `error`.
async fn assert_only(server: &Server, name: &str, values: &BTreeSet<String>, good: &BTreeSet<String>, error: &str) {
    assert!(good.is_subset(values) && good.len() < values.len());
    for value in values {
        let query = authorization_query("app", &[(name, Some(value))]);
        let told = error_of(&Person::new(server).open(&format!("/authorize?{query}")).await);
        assert_eq!(told.as_deref(), (!good.contains(value)).then_some(error), "{name}={value}");
        let pushed = push_form(server, As::Basic("app"), &query).await;
        if good.contains(value) {
            assert_eq!(pushed.status, 201, "{name}={value}: {pushed:?}");
        } else {
            assert_refused(&pushed, 400, error);
        }
    }
}

/// OAuth 2.1 sections 4.1.1 and 4.1.2.1, OAuth 2.0 Multiple Response Types section 3, RFC 9126 section 2.3
#[tokio::test]
async fn no_response_type_but_those_that_are_advertised_is_answered() {
    let server = everything().await;
    let good = advertised(&server, "response_types_supported").await;
    assert_only(&server, "response_type", &with_near_misses(RESPONSE_TYPES, &good), &good, "unsupported_response_type").await;
}

/// OAuth 2.0 Multiple Response Types section 2.1: Form Post and JARM as well
#[tokio::test]
async fn no_response_mode_but_those_that_are_advertised_is_answered() {
    let server = everything().await;
    let good = advertised(&server, "response_modes_supported").await;
    assert_only(&server, "response_mode", &with_near_misses(RESPONSE_MODES, &good), &good, "invalid_request").await;
}

/// RFC 7636 section 4.4.1, OAuth 2.1 section 4.1.1: `plain` with the verifier itself for a challenge is no better
#[tokio::test]
async fn no_challenge_method_but_those_that_are_advertised_is_taken() {
    let server = everything().await;
    let good = advertised(&server, "code_challenge_methods_supported").await;
    assert_only(&server, "code_challenge_method", &with_near_misses(CHALLENGE_METHODS, &good), &good, "invalid_request").await;
    let plain = authorization_query("app", &[("code_challenge", Some(crate::support::oauth::VERIFIER)), ("code_challenge_method", None)]);
    let told = error_of(&Person::new(&server).open(&format!("/authorize?{plain}")).await);
    assert_eq!(told.as_deref(), Some("invalid_request"), "without a method it would be plain");
}

/// OpenID Connect Core section 3.1.2.1: `none` is known, and somebody has to log in
#[tokio::test]
async fn no_prompt_but_those_that_are_advertised_is_taken() {
    let server = everything().await;
    let good = advertised(&server, "prompt_values_supported").await;
    let values = with_near_misses(PROMPTS, &good);
    for value in &values {
        let query = authorization_query("app", &[("prompt", Some(value))]);
        let told = error_of(&Person::new(&server).open(&format!("/authorize?{query}")).await);
        let expected = match value.as_str() {
            "none" => Some("login_required"),
            value => (!good.contains(value)).then_some("invalid_request"),
        };
        assert_eq!(told.as_deref(), expected, "{value}");
        let pushed = push_form(&server, As::Basic("app"), &query).await;
        assert_eq!(pushed.status, if good.contains(value) { 201 } else { 400 }, "{value}: {pushed:?}");
        // A list is as good as the worst of it.
        let list = authorization_query("app", &[("prompt", Some(&format!("login {value}")))]);
        let told = error_of(&Person::new(&server).open(&format!("/authorize?{list}")).await);
        let is_good = good.contains(value) && value != "none";
        assert_eq!(told.as_deref(), (!is_good).then_some("invalid_request"), "login {value}");
    }
}

/// RFC 9396 sections 5 and 10: in a browser, pushed, and by a device
#[tokio::test]
async fn no_type_of_authorization_details_but_those_that_are_advertised_is_taken() {
    let server = everything().await;
    let devices = json!({"grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"]});
    server.inside().register("tv", devices).await;
    let good = advertised(&server, "authorization_details_types_supported").await;
    for name in with_near_misses(["openid_credential", "account_information", "payment_initiation"], &good) {
        let details = json!([{"type": name, "amount": "1"}]).to_string();
        let query = authorization_query("app", &[("authorization_details", Some(&details))]);
        let told = error_of(&Person::new(&server).open(&format!("/authorize?{query}")).await);
        let pushed = push_form(&server, As::Basic("app"), &query).await;
        let device = post(&server, "/device_authorization", As::Basic("tv"), &[("authorization_details", &details)]).await;
        if good.contains(&name) {
            assert_eq!((told, pushed.status, device.status), (None, 201, 200), "{name}");
        } else {
            assert_eq!(told.as_deref(), Some("invalid_authorization_details"), "{name}");
            assert_refused(&pushed, 400, "invalid_authorization_details");
            assert_refused(&device, 400, "invalid_authorization_details");
        }
    }
}

/// OAuth 2.1 sections 1.4.1 and 4.1.2.1: asked for alone, in a browser, pushed, by a device, and by a client in its own name
#[tokio::test]
async fn no_scope_but_those_that_are_advertised_is_granted() {
    let server = everything().await;
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    server.inside().register("tv", json!({"grant_types": ["authorization_code", "client_credentials", device]})).await;
    let good = advertised(&server, "scopes_supported").await;
    let resource = "https://notes.example";
    for scope in with_near_misses(["admin", "read", "write", "notes:write", "*", "uma_protection", "https://notes.example/notes"], &good) {
        let query = authorization_query("app", &[("scope", Some(&scope)), ("resource", Some(resource))]);
        let told = error_of(&Person::new(&server).open(&format!("/authorize?{query}")).await);
        let pushed = push_form(&server, As::Basic("app"), &query).await;
        let form = [("scope", scope.as_str()), ("resource", resource)];
        let asked = post(&server, "/device_authorization", As::Basic("tv"), &form).await;
        let own = post(&server, "/token", As::Basic("tv"), &[&form[..], &[("grant_type", "client_credentials")]].concat()).await;
        if good.contains(&scope) {
            assert_eq!((told, pushed.status, asked.status), (None, 201, 200), "{scope}");
        } else {
            assert_eq!(told.as_deref(), Some("invalid_scope"), "{scope}");
            for refused in [pushed, asked, own] {
                assert_refused(&refused, 400, "invalid_scope");
            }
        }
    }
}

/// OpenID Connect Core section 3.1.2.1: no error is meant for a display that is not known, and it changes nothing
#[tokio::test]
async fn a_display_that_is_not_advertised_changes_nothing() {
    let server = everything().await;
    let good = advertised(&server, "display_values_supported").await;
    let shown = async |value: Option<&str>| {
        let reply = Person::new(&server).open(&format!("/authorize?{}", authorization_query("app", &[("display", value)]))).await;
        assert_eq!(error_of(&reply), None, "{value:?}");
        // What differs is what binds a form to its browser and its request, in values of fields and addresses of links.
        let pieces = reply.body.split(" value=\"").flat_map(|piece| piece.split(" href=\""));
        pieces.map(|piece| piece.split_once('"').map_or(piece, |(_, rest)| rest).to_owned()).collect::<Vec<_>>()
    };
    let plain = shown(None).await;
    for value in with_near_misses(DISPLAYS, &good) {
        assert_eq!(shown(Some(&value)).await, plain, "{value}");
    }
}

/// OpenID Connect Core section 3.1.2.1: pages speak each advertised language; asked for another, they speak English, which is no error
#[tokio::test]
async fn pages_speak_the_advertised_languages_and_no_others() {
    let server = everything().await;
    let good = advertised(&server, "ui_locales_supported").await;
    let mut spoken = BTreeSet::new();
    for language in LANGUAGES.split_whitespace() {
        let query = authorization_query("app", &[("ui_locales", Some(language))]);
        let reply = Person::new(&server).open(&format!("/authorize?{query}")).await;
        assert_eq!(error_of(&reply), None, "{language}");
        let lang = reply.body.split("<html lang=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("{reply:?}"));
        assert!(good.contains(lang), "{lang}");
        assert_eq!(lang == language, good.contains(language), "{language} is answered in {lang}");
        assert!(good.contains(language) || lang == "en", "{language} is answered in {lang}");
        spoken.insert(lang.to_owned());
    }
    assert_eq!(spoken, good);
}

/// OpenID Connect Core section 5.5.1.1, and the error code `unmet_authentication_requirements`: a level that is not advertised is never reached
#[tokio::test]
async fn no_level_but_those_that_are_advertised_is_reached() {
    let server = everything().await;
    let good = advertised(&server, "acr_values_supported").await;
    let mut alice = Person::new(&server);
    alice.authorize(&authorization_query("app", &[]), ALICE).await;
    for level in with_near_misses(LEVELS, &good).into_iter().filter(|level| !good.contains(level)) {
        let essential = json!({"id_token": {"acr": {"essential": true, "values": [level]}}}).to_string();
        let query = authorization_query("app", &[("claims", Some(&essential))]);
        let told = error_of(&alice.open(&format!("/authorize?{query}")).await);
        assert_eq!(told.as_deref(), Some("unmet_authentication_requirements"), "{level}");
        // As a wish it is passed over, and not said to be met.
        let query = authorization_query("app", &[("acr_values", Some(&level))]);
        let landed = alice.authorize(&query, ALICE).await;
        let tokens = exchange(&server, As::Basic("app"), &parameter(&landed, "code").unwrap()).await;
        let acr = claims(&token(&tokens, "id_token"))["acr"].as_str().unwrap().to_owned();
        assert!(good.contains(&acr), "{level} is answered with {acr}");
    }
}

/// OpenID Connect Core sections 5.5 and 5.5.1: a claim that is not advertised is not told, wherever it is asked for, and asking is no error
#[tokio::test]
async fn no_claim_but_those_that_are_advertised_is_told() {
    let server = everything().await;
    let good = advertised(&server, "claims_supported").await;
    let all: serde_json::Map<String, Value> = CLAIMS.into_iter().map(|name| (name.to_owned(), Value::Null)).collect();
    let asked = json!({"userinfo": all, "id_token": all}).to_string();
    let query = authorization_query("app", &[("claims", Some(&asked)), ("scope", Some("openid profile email address phone"))]);
    let landed = Person::new(&server).authorize(&query, ALICE).await;
    let tokens = exchange(&server, As::Basic("app"), &parameter(&landed, "code").unwrap_or_else(|| panic!("{landed}"))).await;
    let told = userinfo(&server, &token(&tokens, "access_token")).await.json();
    for said in [&told, &claims(&token(&tokens, "id_token"))] {
        assert_eq!(said["email"], "alice@example.com");
        let unknown: Vec<_> = said.as_object().unwrap().keys().filter(|name| !good.contains(*name)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
