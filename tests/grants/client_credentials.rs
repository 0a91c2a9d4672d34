//! OAuth 2.1 section 4.2: a client in its own name.

use serde_json::json;

use super::{BANK, CLIENT_CREDENTIALS, JWT_BEARER, MAIL, NOTES, TOKEN_EXCHANGE, access_token_alone, ask, resources};
use crate::support::dpop::ProofKey;
use crate::support::event::Event;
use crate::support::local::START;
use crate::support::oauth::{As, assert_refused, claims, post, request, token, userinfo};
use crate::support::server::Server;
use crate::support::stack::ISSUER;

const ROBOT: As<'static> = As::Basic("robot");

/// A server with a client `robot` that may act in its own name.
async fn server() -> Server {
    let server = Server::local(json!({ "resources": resources() })).await;
    let scope = "openid profile offline_access notes:read mail:send free";
    server.inside().register("robot", json!({"grant_types": [CLIENT_CREDENTIALS], "redirect_uris": [], "scope": scope})).await;
    server
}

/// OAuth 2.1 section 4.2.3, RFC 9068 section 2.2: `sub` is the client, and there is neither a refresh token nor an ID token
#[tokio::test]
async fn a_client_gets_a_token_in_its_own_name_and_nothing_is_written() {
    let server = server().await;
    let before = server.inside().stored();
    let reply = ask(&server, ROBOT, CLIENT_CREDENTIALS, &[]).await;
    let access = access_token_alone(&reply);
    assert_eq!((&reply.json()["expires_in"], &reply.json()["scope"]), (&json!(600), &json!("free")));
    let claims = claims(&access);
    for (name, expected) in [
        ("iss", json!(ISSUER)),
        ("sub", json!("client:robot")),
        ("client_id", json!("robot")),
        ("aud", json!(ISSUER)),
        ("scope", json!("free")),
        ("iat", json!(START)),
        ("exp", json!(START + 600)),
    ] {
        assert_eq!(claims[name], expected, "{name}");
    }
    for absent in ["grant_id", "auth_time", "acr", "amr", "act", "cnf", "sid"] {
        assert!(claims.get(absent).is_none(), "{absent}: {claims}");
    }
    assert_eq!(server.inside().stored(), before);
}

/// RFC 6749 section 3.3, OAuth 2.1 section 4.2.2: without `scope` what is registered, but nothing about a person; the response says what was granted
#[tokio::test]
async fn the_scopes_are_those_of_the_client_and_never_about_a_person() {
    let server = server().await;
    for (asked, resource, expected) in [
        (None, None, Some("free")),
        (None, Some(NOTES), Some("notes:read free")),
        (Some("free"), Some(NOTES), Some("free")),
        (Some("notes:read unknown notes:write"), Some(NOTES), Some("notes:read")),
        (Some("openid free offline_access"), None, Some("free")),
        (Some("openid profile"), None, None),
        (Some("offline_access"), None, None),
        (Some("unknown"), None, None),
        (Some("mail:send"), Some(NOTES), None),
        (Some("fr\"ee"), None, None),
    ] {
        let form: Vec<_> = asked.map(|scope| ("scope", scope)).into_iter().chain(resource.map(|uri| ("resource", uri))).collect();
        let reply = ask(&server, ROBOT, CLIENT_CREDENTIALS, &form).await;
        match expected {
            Some(scope) => {
                assert_eq!(claims(&access_token_alone(&reply))["scope"], scope, "{form:?}");
                assert_eq!(reply.json()["scope"], scope, "{form:?}");
            }
            None => assert_refused(&reply, 400, "invalid_scope"),
        }
    }
}

/// RFC 6749 section 5.1: without `scope` in the answer it would be what was asked for
#[tokio::test]
async fn a_client_without_scopes_gets_a_token_without_scopes() {
    let server = server().await;
    server.inside().register("plain", json!({"grant_types": [CLIENT_CREDENTIALS], "redirect_uris": []})).await;
    let reply = ask(&server, As::Basic("plain"), CLIENT_CREDENTIALS, &[]).await;
    assert_eq!((&claims(&access_token_alone(&reply))["scope"], &reply.json()["scope"]), (&json!(""), &json!("")));
    // Without registered scopes it may ask for those of resources, and gets none by itself.
    let reply = ask(&server, As::Basic("plain"), CLIENT_CREDENTIALS, &[("scope", "mail:send"), ("resource", MAIL)]).await;
    assert_eq!(claims(&access_token_alone(&reply))["scope"], "mail:send");
}

/// RFC 8707 section 2.2
#[tokio::test]
async fn the_audience_is_the_resource_asked_for_and_an_unknown_one_is_refused() {
    let server = server().await;
    for (asked, expected) in [
        (&[("resource", "https://notes.example/")][..], Some(NOTES)),
        (&[("audience", NOTES)], Some(NOTES)),
        (&[("resource", NOTES), ("audience", "https://notes.example/")], Some(NOTES)),
        (&[("resource", ISSUER)], Some(ISSUER)),
        (&[("resource", "https://unknown.example")], None),
        (&[("resource", "robot")], None),
        (&[("resource", NOTES), ("resource", BANK)], None),
        (&[("resource", NOTES), ("audience", BANK)], None),
    ] {
        let reply = ask(&server, ROBOT, CLIENT_CREDENTIALS, asked).await;
        match expected {
            Some(audience) => assert_eq!(claims(&access_token_alone(&reply))["aud"], audience, "{asked:?}"),
            None => assert_refused(&reply, 400, "invalid_target"),
        }
    }
}

/// OAuth 2.1 sections 3.2.4 and 4.2: confidential clients that are registered for the grant, and whatever else the record says, no public one
#[tokio::test]
async fn other_clients_are_not_authorized_for_grants_in_their_own_name() {
    let server = server().await;
    let all = [CLIENT_CREDENTIALS, TOKEN_EXCHANGE, JWT_BEARER];
    server.inside().register("open", json!({"token_endpoint_auth_method": "none", "grant_types": all})).await;
    for grant in all {
        assert_refused(&ask(&server, As::Basic("app"), grant, &[]).await, 400, "unauthorized_client");
        assert_refused(&ask(&server, As::Public("cli"), grant, &[]).await, 400, "unauthorized_client");
        assert_refused(&ask(&server, As::Public("open"), grant, &[]).await, 400, "unauthorized_client");
        assert_refused(&ask(&server, As::Public("robot"), grant, &[]).await, 401, "invalid_client");
    }
    assert_refused(&ask(&server, ROBOT, "authorization_code", &[("code", "x")]).await, 400, "unauthorized_client");
    assert_refused(&ask(&server, ROBOT, "password", &[]).await, 400, "unsupported_grant_type");
    assert_refused(&ask(&server, ROBOT, "CLIENT_CREDENTIALS", &[]).await, 400, "unsupported_grant_type");
    assert_refused(&post(&server, "/token", ROBOT, &[]).await, 400, "invalid_request");
}

/// OpenID Connect Core section 5.3: there is nobody to tell about
#[tokio::test]
async fn userinfo_has_nothing_to_say_about_a_client() {
    let server = server().await;
    let access = access_token_alone(&ask(&server, ROBOT, CLIENT_CREDENTIALS, &[]).await);
    let reply = userinfo(&server, &access).await;
    assert!([401, 403].contains(&reply.status), "{reply:?}");
}

/// RFC 7009 section 2.1
#[tokio::test]
async fn the_client_revokes_its_token_and_nobody_else_does() {
    let server = server().await;
    let both = json!({"grant_types": [CLIENT_CREDENTIALS, TOKEN_EXCHANGE], "redirect_uris": []});
    server.inside().register("both", both).await;
    let access = access_token_alone(&ask(&server, As::Basic("both"), CLIENT_CREDENTIALS, &[]).await);
    let subject = [("subject_token", access.as_str()), ("subject_token_type", super::ACCESS_TOKEN)];
    assert_eq!(post(&server, "/revoke", As::Basic("other"), &[("token", &access)]).await.status, 200);
    access_token_alone(&ask(&server, As::Basic("both"), TOKEN_EXCHANGE, &subject).await);
    assert_eq!(post(&server, "/revoke", As::Basic("both"), &[("token", &access)]).await.status, 200);
    assert_eq!(server.inside().stored().get("revoked"), Some(&1));
    assert_refused(&ask(&server, As::Basic("both"), TOKEN_EXCHANGE, &subject).await, 400, "invalid_request");
}

/// RFC 9449 section 5.2: a client whose tokens must be bound gets no other ones
#[tokio::test]
async fn a_client_that_must_bind_its_tokens_gets_none_without_a_proof() {
    let server = server().await;
    let metadata = json!({"grant_types": [CLIENT_CREDENTIALS], "redirect_uris": [], "dpop_bound_access_tokens": true});
    server.inside().register("bound", metadata).await;
    let reply = ask(&server, As::Basic("bound"), CLIENT_CREDENTIALS, &[]).await;
    assert_refused(&reply, 400, "invalid_request");
    let key = ProofKey::new();
    let event = request("/token", As::Basic("bound"), &[("grant_type", CLIENT_CREDENTIALS)]);
    let reply = server.send(&event.header("dpop", &key.token_proof(&server).sign())).await;
    assert_eq!(reply.json()["token_type"], "DPoP");
    assert_eq!(claims(&token(&reply, "access_token"))["cnf"], json!({"jkt": key.jkt()}));
}

/// RFC 9396 section 6: what people allow is not for a client to take in its own name; it is refused and not left out
#[tokio::test]
async fn authorization_details_are_refused_by_every_grant_without_a_browser() {
    let server = server().await;
    let all = json!({"grant_types": [CLIENT_CREDENTIALS, TOKEN_EXCHANGE, JWT_BEARER], "redirect_uris": []});
    server.inside().register("all", all).await;
    for grant in [CLIENT_CREDENTIALS, TOKEN_EXCHANGE, JWT_BEARER] {
        let form = [("authorization_details", r#"[{"type":"payment"}]"#)];
        assert_refused(&ask(&server, As::Basic("all"), grant, &form).await, 400, "invalid_authorization_details");
    }
}

/// RFC 8414 section 2: both documents name the grants
#[tokio::test]
async fn the_metadata_name_the_grants() {
    let server = server().await;
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let metadata = server.send(&Event::get(path)).await.json();
        let grants = metadata["grant_types_supported"].as_array().unwrap();
        for grant in ["authorization_code", "refresh_token", CLIENT_CREDENTIALS, TOKEN_EXCHANGE, JWT_BEARER] {
            assert!(grants.contains(&json!(grant)), "{grant}");
        }
    }
}
