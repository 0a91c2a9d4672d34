//! Resource indicators (RFC 8707): for whom a token is, and what it allows there.

use serde_json::{Value, json};

use crate::support::event::Event;
use crate::support::oauth::{
    ALICE, As, assert_refused, authorization_query, claims, exchange, parameter, post, refresh, register_client, token, userinfo,
};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::stack::ISSUER;

const APP: As<'static> = As::Basic("app");
const NOTES: &str = "https://notes.example";
const MAIL: &str = "https://mail.example";
const SHORT: &str = "https://short.example";
/// Of a server that has several.
const TOOLS: &str = "https://tools.example/mcp";

fn settings() -> Value {
    json!({"resources": [
        {"uri": NOTES, "name": "Alice's <Notes>", "scopes": {"notes:read": "Read your notes", "shared": "Share what you have"}},
        {"uri": TOOLS, "scopes": {"tools:use": "Use the tools"}},
        {"uri": "https://mail.example/", "scopes": {"mail:send": "Send mail <b>as you</b>", "shared": "Share what you have"}},
    ]})
}

async fn server() -> Server {
    Server::local_with(settings(), |config| config.resources = vec![SHORT.to_owned()]).await
}

/// The URL at which Alice leaves, having allowed what was asked.
async fn authorize(server: &Server, client: &str, scope: &str, resources: &[&str]) -> String {
    let mut changes = vec![("scope", Some(scope))];
    changes.extend(resources.iter().map(|&one| ("resource", Some(one))));
    Person::new(server).authorize(&authorization_query(client, &changes), ALICE).await
}

async fn exchange_for(server: &Server, landed: &str, resource: Option<&str>) -> Reply {
    let code = parameter(landed, "code").unwrap_or_else(|| panic!("no code in {landed}"));
    match resource {
        None => exchange(server, APP, &code).await,
        Some(resource) => {
            let verifier = crate::support::oauth::VERIFIER;
            let form = [("grant_type", "authorization_code"), ("code", &code), ("code_verifier", verifier), ("resource", resource)];
            post(server, "/token", APP, &form).await
        }
    }
}

async fn refresh_for(server: &Server, refresh_token: &str, further: &[(&str, &str)]) -> Reply {
    let form = [&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)], further].concat();
    post(server, "/token", APP, &form).await
}

const ALL: &str = "openid email notes:read mail:send shared tools:use offline_access";

/// RFC 8707 section 2.2: a token is for one of the resources granted, and has the scopes of that one
#[tokio::test]
async fn each_audience_has_its_own_scopes() {
    let server = server().await;
    for (resources, asked, audience, scope) in [
        (&[][..], None, ISSUER, "openid email offline_access"),
        (&[ISSUER, NOTES], None, ISSUER, "openid email offline_access"),
        (&[NOTES, ISSUER], None, NOTES, "notes:read shared"),
        (&[NOTES, MAIL], Some(MAIL), "https://mail.example/", "mail:send shared"),
        (&[NOTES, "https://mail.example/"], Some("https://notes.example/"), NOTES, "notes:read shared"),
        (&[SHORT, NOTES], Some(NOTES), NOTES, "notes:read shared"),
        (&["https://tools.example/mcp/"], None, TOOLS, "tools:use"),
        (&[TOOLS], Some("https://tools.example/mcp/"), TOOLS, "tools:use"),
    ] {
        let landed = authorize(&server, "app", ALL, resources).await;
        let reply = exchange_for(&server, &landed, asked).await;
        let said = claims(&token(&reply, "access_token"));
        assert_eq!((&said["aud"], &said["scope"]), (&json!(audience), &json!(scope)), "{resources:?} {asked:?}");
        assert_eq!(reply.json()["scope"], scope);
        // The ID token is for the client, whatever the access token is for.
        assert_eq!(claims(&token(&reply, "id_token"))["aud"], "app");
    }
}

/// RFC 8707 section 2.2: each refresh picks its audience among those granted
#[tokio::test]
async fn a_refresh_picks_another_audience_and_may_narrow_its_scopes() {
    let server = server().await;
    let landed = authorize(&server, "app", ALL, &[NOTES, MAIL, ISSUER]).await;
    let mut current = token(&exchange_for(&server, &landed, None).await, "refresh_token");
    for (further, audience, scope) in [
        (&[("resource", MAIL)][..], "https://mail.example/", "mail:send shared"),
        (&[("resource", ISSUER)], ISSUER, "openid email offline_access"),
        (&[("resource", MAIL), ("scope", "shared")], "https://mail.example/", "shared"),
        (&[], NOTES, "notes:read shared"),
    ] {
        let reply = refresh_for(&server, &current, further).await;
        let said = claims(&token(&reply, "access_token"));
        assert_eq!((&said["aud"], &said["scope"]), (&json!(audience), &json!(scope)), "{further:?}");
        current = token(&reply, "refresh_token");
    }
    for further in [&[("resource", SHORT)][..], &[("resource", "https://x.example")], &[("resource", NOTES), ("resource", MAIL)]] {
        assert_refused(&refresh_for(&server, &current, further).await, 400, "invalid_target");
    }
    assert_eq!(refresh(&server, APP, &current).await.status, 200, "nothing rotated");
}

/// RFC 8707 section 2
#[tokio::test]
async fn a_resource_that_is_unknown_or_was_not_granted_is_an_invalid_target() {
    let server = server().await;
    for resources in [&["https://x.example"][..], &[NOTES, "https://x.example"], &["https://notes.example/more"]] {
        let landed = authorize(&server, "app", ALL, resources).await;
        assert_eq!(parameter(&landed, "error").as_deref(), Some("invalid_target"), "{resources:?}");
    }
    for resource in ["notes", "https://notes.example#x", "/notes"] {
        let landed = authorize(&server, "app", ALL, &[resource]).await;
        assert_eq!(parameter(&landed, "error").as_deref(), Some("invalid_request"), "{resource}");
    }
    let landed = authorize(&server, "app", ALL, &[NOTES]).await;
    for resource in [MAIL, "https://x.example"] {
        assert_refused(&exchange_for(&server, &landed, Some(resource)).await, 400, "invalid_target");
    }
    assert_eq!(exchange_for(&server, &landed, Some(NOTES)).await.status, 200, "the code was not spent");
}

/// RFC 8707 section 3: a resource server can't present its token to `/userinfo`
#[tokio::test]
async fn a_token_for_a_resource_opens_no_userinfo() {
    let server = server().await;
    let landed = authorize(&server, "app", ALL, &[NOTES, ISSUER]).await;
    let tokens = exchange_for(&server, &landed, None).await;
    let reply = userinfo(&server, &token(&tokens, "access_token")).await;
    assert_eq!((reply.status, reply.json()["error"].as_str()), (403, Some("insufficient_scope")));
    let own = refresh_for(&server, &token(&tokens, "refresh_token"), &[("resource", ISSUER)]).await;
    assert_eq!(userinfo(&server, &token(&own, "access_token")).await.json()["email"], "alice@example.com");
}

/// RFC 6749 section 3.3, RFC 7591 section 2: a client without registered scopes may ask for those of every resource
#[tokio::test]
async fn what_a_client_may_ask_for_is_registered_or_known() {
    let server = server().await;
    server.inside().register("narrow", json!({"scope": "openid notes:read"})).await;
    server.inside().register("own", json!({"scope": "openid special"})).await;
    for (client, scope, resources, granted) in [
        ("app", "openid notes:read unknown", &[NOTES][..], Ok("openid notes:read")),
        ("app", "notes:read", &[], Err("invalid_scope")),
        ("app", "mail:send", &[NOTES], Err("invalid_scope")),
        ("app", "unknown", &[NOTES], Err("invalid_scope")),
        ("narrow", "openid notes:read mail:send email", &[NOTES, MAIL], Ok("openid notes:read")),
        ("own", "openid special", &[SHORT], Ok("openid special")),
    ] {
        let landed = authorize(&server, client, scope, resources).await;
        match granted {
            Err(error) => assert_eq!(parameter(&landed, "error").as_deref(), Some(error), "{client} {scope}"),
            Ok(granted) => {
                let id = parameter(&landed, "code").unwrap().parse::<grantlet::model::code::CodeToken>().unwrap().id;
                let grant = server.inside().context.store.find_grant(id).await.unwrap().unwrap();
                assert_eq!(grant.scopes.join(" "), granted, "{client} {scope}");
            }
        }
    }
}

/// RFC 8414 section 2, RFC 9728 section 4
#[tokio::test]
async fn the_metadata_lists_resources_and_their_scopes() {
    let server = server().await;
    let metadata = server.send(&Event::get("/.well-known/openid-configuration")).await.json();
    assert_eq!(metadata["protected_resources"], json!(["https://mail.example/", NOTES, SHORT, TOOLS]));
    let scopes = metadata["scopes_supported"].as_array().unwrap();
    for scope in ["openid", "email", "offline_access", "notes:read", "mail:send", "shared"] {
        assert_eq!(scopes.iter().filter(|one| *one == scope).count(), 1, "{scope}");
    }
}

/// OAuth 2.1 section 7.3: people read what they allow, and where
#[tokio::test]
async fn the_consent_page_has_the_words_of_the_settings() {
    let server = server().await;
    let changes = [("scope", Some("openid notes:read mail:send")), ("resource", Some(NOTES)), ("resource", Some(MAIL))];
    let page = Person::new(&server).consent_page(&authorization_query("app", &changes), ALICE).await;
    for words in
        ["to know who you are", "Read your notes", "Alice&#39;s &#60;Notes&#62;", "Send mail &#60;b&#62;as you", "https://mail.example"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("<b>as you") && !page.contains("notes:read"), "{page}");
}

/// What was allowed at one resource was not allowed at another
#[tokio::test]
async fn people_are_asked_again_when_a_client_wants_to_go_elsewhere() {
    let server = server().await;
    let mut person = Person::new(&server);
    let query = |resource: &'static str| authorization_query("app", &[("scope", Some("openid shared")), ("resource", Some(resource))]);
    for (resource, expected) in [
        (NOTES, Some("login_required")),
        (NOTES, None),
        (MAIL, Some("consent_required")),
        (MAIL, None),
        (NOTES, None),
        // This server itself goes without saying.
        (ISSUER, None),
        (SHORT, Some("consent_required")),
    ] {
        let reply = person.open(&format!("/authorize?{}&prompt=none", query(resource))).await;
        let error = reply.header("location").and_then(|location| parameter(location, "error"));
        assert_eq!(error.as_deref(), expected, "{resource}");
        person.authorize(&query(resource), ALICE).await;
    }
}

/// The short form of before: resources without scopes of their own
#[tokio::test]
async fn a_resource_of_the_environment_has_the_scopes_that_no_resource_claims() {
    let server = server().await;
    register_client(&server.inside().context, "api", json!({"scope": "openid read write"})).await;
    let landed = authorize(&server, "api", "openid read", &[SHORT]).await;
    let code = parameter(&landed, "code").unwrap();
    let tokens = exchange(&server, As::Basic("api"), &code).await;
    let said = claims(&token(&tokens, "access_token"));
    assert_eq!((&said["aud"], &said["scope"]), (&json!(SHORT), &json!("read")));
}

/// RFC 8707 section 2: without `resource` the operator's default audience is meant, and the issuer stays good for `/userinfo`
#[tokio::test]
async fn a_default_audience_that_is_not_the_issuer_is_that_of_every_grant() {
    const API: &str = "https://api.example/v1";
    let server = Server::local_with(settings(), |config| API.clone_into(&mut config.default_audience)).await;
    server.inside().register("robot", json!({"grant_types": ["client_credentials"], "redirect_uris": [], "scope": "read"})).await;
    let audience = |reply: &Reply| claims(&token(reply, "access_token"))["aud"].clone();
    let scope = "openid email offline_access";
    let mut person = Person::new(&server);
    let query = |resource: Option<&str>| authorization_query("app", &[("scope", Some(scope)), ("resource", resource)]);

    let first = exchange_for(&server, &person.authorize(&query(None), ALICE).await, None).await;
    let refreshed = refresh(&server, APP, &token(&first, "refresh_token")).await;
    let own = post(&server, "/token", As::Basic("robot"), &[("grant_type", "client_credentials")]).await;
    assert_eq!([audience(&first), audience(&refreshed), audience(&own)], [API; 3]);

    // What was allowed for the default audience was allowed for this server itself, and for the audience by its name.
    for resource in [ISSUER, API] {
        let silent = person.open(&format!("/authorize?{}&prompt=none", query(Some(resource)))).await;
        let reply = exchange_for(&server, silent.header("location").unwrap(), None).await;
        assert_eq!(audience(&reply), resource);
        let info = userinfo(&server, &token(&reply, "access_token")).await;
        assert_eq!((info.status, &info.json()["email"]), (200, &json!("alice@example.com")), "{resource}");
    }
}
