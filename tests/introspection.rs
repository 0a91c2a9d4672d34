//! Introspection (RFC 7662, RFC 9701): who may ask about which token, and what is told. Revocation (RFC 7009), seen from there.

use grantlet::model::client::ClientId;
use grantlet::model::code::CodeToken;
use grantlet::model::grant::RevokedBy;
use serde_json::{Value, json};

use crate::support::event::Event;
use crate::support::oauth::{
    ALICE, As, CLIENT_SECRET, authorization_query, claims, encode, exchange, obtain_code, parameter, post, refresh, token, userinfo,
};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::stack::ISSUER;

const APP: As<'static> = As::Basic("app");
const NOTES: &str = "https://notes.example";
const MAIL: &str = "https://mail.example";

/// Two resources, of which `notes-api` serves one and `mail-api` the other.
async fn server() -> Server {
    let settings = json!({"resources": [
        {"uri": NOTES, "name": "Notes", "scopes": {"notes:read": "Read your notes"}, "introspected_by": ["notes-api"]},
        {"uri": MAIL, "name": "Mail", "scopes": {"mail:send": "Send mail"}, "introspected_by": ["mail-api"]},
        {"uri": ISSUER, "introspected_by": ["site-api"]},
    ]});
    let server = Server::local(settings).await;
    for id in ["notes-api", "mail-api", "site-api"] {
        server.inside().register(id, json!({})).await;
    }
    server
}

async fn introspect(server: &Server, client: As<'_>, token: &str) -> Value {
    let reply = post(server, "/introspect", client, &[("token", token)]).await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")), "{reply:?}");
    assert_eq!(reply.header("content-type"), Some("application/json"));
    reply.json()
}

fn inactive() -> Value {
    json!({"active": false})
}

/// The tokens of Alice's login with `app`, for Notes and the issuer, the access token for Notes.
async fn notes_tokens(server: &Server) -> (String, String, String) {
    let changes = [("scope", Some("openid profile notes:read offline_access")), ("resource", Some(NOTES)), ("resource", Some(ISSUER))];
    let landed = Person::new(server).authorize(&authorization_query("app", &changes), ALICE).await;
    let code = parameter(&landed, "code").unwrap_or_else(|| panic!("no code in {landed}"));
    let tokens = exchange(server, APP, &code).await;
    (code, token(&tokens, "access_token"), token(&tokens, "refresh_token"))
}

/// RFC 7662 section 2.2, RFC 6750 section 3.1: a token does not outlive the grant that it comes from, whichever endpoint of ours is asked
#[tokio::test]
async fn a_token_ends_with_its_grant_at_introspection_and_at_userinfo() {
    let server = Server::local_with(json!({}), |config| config.lifetimes.refresh_absolute = 120).await;
    let access = token(&exchange(&server, APP, &obtain_code(&server, "app").await).await, "access_token");
    for (later, holds) in [(119, true), (1, false)] {
        server.inside().clock.advance(later);
        assert_eq!(introspect(&server, APP, &access).await["active"], holds);
        assert_eq!(userinfo(&server, &access).await.status, if holds { 200 } else { 401 });
    }
}

/// RFC 7662 section 2.2, RFC 9068 section 2.2: what the token says, and no more
#[tokio::test]
async fn who_serves_the_audience_and_who_was_issued_the_token_are_told_what_it_says() {
    let server = server().await;
    let (_, access, _) = notes_tokens(&server).await;
    let said = claims(&access);
    for asking in ["notes-api", "app"] {
        let told = introspect(&server, As::Basic(asking), &access).await;
        assert_eq!((&told["active"], &told["token_type"]), (&json!(true), &json!("Bearer")));
        for name in ["iss", "sub", "aud", "client_id", "scope", "exp", "iat", "jti", "auth_time", "acr"] {
            assert_eq!(told[name], said[name], "{name}: {told}");
            assert!(!told[name].is_null(), "{name}: {told}");
        }
        assert_eq!((&told["aud"], &told["scope"]), (&json!(NOTES), &json!("notes:read")));
        assert!(told.get("grant_id").is_none() && told.get("username").is_none(), "{told}");
    }
}

/// RFC 7662 section 4: no leak of other audiences' tokens; all that a client may not know looks alike
#[tokio::test]
async fn whom_a_token_does_not_concern_is_told_that_it_is_inactive() {
    let server = server().await;
    let (code, access, refresh_token) = notes_tokens(&server).await;
    for asking in ["mail-api", "site-api", "other"] {
        for text in [&access, &refresh_token, &code] {
            assert_eq!(introspect(&server, As::Basic(asking), text).await, inactive(), "{asking}");
        }
    }
    assert_eq!(introspect(&server, As::Basic("notes-api"), &refresh_token).await, inactive(), "a refresh token is for no resource");
    for text in ["x", "a.b.c", "01ARZ3NDEKTSV4RRFFQ69G5FAV.0.k.s.m", "\u{e9}", &"x".repeat(10_000)] {
        assert_eq!(introspect(&server, APP, text).await, inactive(), "{text}");
    }
}

/// RFC 7662 section 2.2: the user name comes with the scope that lets it out, for the audience that has that scope
#[tokio::test]
async fn the_user_name_is_told_where_the_token_has_the_scope_profile() {
    let server = server().await;
    let (_, _, refresh_token) = notes_tokens(&server).await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str()), ("resource", ISSUER)];
    let access = token(&post(&server, "/token", APP, &form).await, "access_token");
    let told = introspect(&server, As::Basic("site-api"), &access).await;
    assert_eq!((&told["username"], &told["scope"]), (&json!("alice"), &json!("openid profile offline_access")));
}

/// RFC 7662 section 2.1: refresh tokens as well, to the client that they were issued to
#[tokio::test]
async fn a_refresh_token_is_active_while_a_refresh_would_be_answered() {
    let server = server().await;
    let (_, _, first) = notes_tokens(&server).await;
    let told = introspect(&server, APP, &first).await;
    assert_eq!(told["active"], true);
    assert_eq!((&told["client_id"], &told["scope"]), (&json!("app"), &json!("openid profile notes:read offline_access")));
    assert_eq!(told["aud"], json!([NOTES, ISSUER]));
    assert!(told["exp"].is_i64() && told["sub"].is_string() && told.get("token_type").is_none(), "{told}");

    let second = token(&refresh(&server, APP, &first).await, "refresh_token");
    for (seconds, first_is_active) in [(0, true), (59, true), (1, false)] {
        server.inside().clock.advance(seconds);
        assert_eq!(introspect(&server, APP, &first).await["active"], first_is_active, "{seconds}");
        assert_eq!(introspect(&server, APP, &second).await["active"], true);
    }
    // Asking is no use: the replaced token was not taken for stolen.
    assert_eq!(refresh(&server, APP, &second).await.status, 200);
    server.inside().clock.advance(30 * 86_400);
    assert_eq!(introspect(&server, APP, &second).await, inactive(), "unused for too long");
}

/// OpenID Connect Core section 8.1: a client that knows people by pseudonyms is told those, and no names
#[tokio::test]
async fn a_pairwise_client_is_told_its_own_subject() {
    let server = server().await;
    server.inside().register("pair", json!({"subject_type": "pairwise"})).await;
    let tokens = exchange(&server, As::Basic("pair"), &obtain_code(&server, "pair").await).await;
    let subject = claims(&token(&tokens, "id_token"))["sub"].clone();
    for name in ["access_token", "refresh_token"] {
        let told = introspect(&server, As::Basic("pair"), &token(&tokens, name)).await;
        assert_eq!((&told["sub"], told.get("username")), (&subject, None), "{told}");
    }
    let told = introspect(&server, As::Basic("site-api"), &token(&tokens, "access_token")).await;
    assert_eq!((&told["sub"], told.get("username")), (&subject, None), "nobody learns who is behind a pseudonym: {told}");
}

/// RFC 7662 section 2.2: a token holds only while everything behind it does
#[tokio::test]
async fn a_token_is_inactive_once_anything_behind_it_is_gone() {
    let server = server().await;
    let local = server.inside();
    let store = &local.context.store;
    for end in ["time", "revoked token", "revoked grant", "locked user", "removed client"] {
        let (code, access, refresh_token) = notes_tokens(&server).await;
        let id = code.parse::<CodeToken>().unwrap().id;
        assert_eq!(introspect(&server, As::Basic("notes-api"), &access).await["active"], true, "{end}");
        let mut refresh_holds = false;
        match end {
            "time" => {
                local.clock.advance(600);
                refresh_holds = true;
            }
            "revoked token" => {
                assert_eq!(post(&server, "/revoke", APP, &[("token", &access)]).await.status, 200);
                refresh_holds = true;
            }
            "revoked grant" => assert!(store.revoke_grant(id, RevokedBy::Operator).await.unwrap()),
            "locked user" => assert!(store.set_locked(local.alice, true).await.unwrap()),
            _ => {
                assert!(store.remove_client(&ClientId::parse("app").unwrap()).await.unwrap());
                local.clock.advance(60);
            }
        }
        assert_eq!(introspect(&server, As::Basic("notes-api"), &access).await, inactive(), "{end}");
        if end != "removed client" {
            assert_eq!(introspect(&server, APP, &refresh_token).await["active"], refresh_holds, "{end}");
            store.set_locked(local.alice, false).await.unwrap();
        }
    }
}

/// Zitadel CVE-2026-27840: every proper prefix of a token is another token
#[tokio::test]
async fn every_prefix_and_every_other_artefact_is_inactive_and_revokes_nothing() {
    let server = server().await;
    let code = obtain_code(&server, "app").await;
    let tokens = exchange(&server, APP, &code).await;
    let (access, refresh_token, id_token) = (token(&tokens, "access_token"), token(&tokens, "refresh_token"), token(&tokens, "id_token"));
    let mut texts: Vec<&str> = vec![&code, &id_token];
    for artefact in [&access, &refresh_token] {
        let part = artefact.rfind('.').unwrap();
        texts.extend([1, part / 2, part - 1, part, part + 1, artefact.len() - 2, artefact.len() - 1].map(|end| &artefact[..end]));
    }
    for text in texts {
        assert_eq!(introspect(&server, APP, text).await, inactive(), "{text}");
        assert_eq!(post(&server, "/revoke", APP, &[("token", text)]).await.status, 200, "{text}");
    }
    assert_eq!(introspect(&server, APP, &access).await["active"], true);
    assert_eq!(introspect(&server, APP, &refresh_token).await["active"], true);
    assert_eq!(userinfo(&server, &access).await.status, 200);
}

/// RFC 7009 section 2.1: any client could revoke another's token → 200, and the token is alive
#[tokio::test]
async fn only_the_client_of_a_token_revokes_it() {
    let server = server().await;
    server.inside().register("tool", json!({"token_endpoint_auth_method": "none"})).await;
    let code = obtain_code(&server, "cli").await;
    let tokens = exchange(&server, As::Public("cli"), &code).await;
    let (access, refresh_token) = (token(&tokens, "access_token"), token(&tokens, "refresh_token"));
    for foreign in [As::Basic("app"), As::Basic("notes-api"), As::Public("tool")] {
        for text in [&access, &refresh_token] {
            let reply = post(&server, "/revoke", foreign, &[("token", text)]).await;
            assert_eq!((reply.status, reply.body.as_str()), (200, ""), "{foreign:?}");
        }
    }
    assert_eq!(userinfo(&server, &access).await.status, 200);
    let told = introspect(&server, As::Basic("site-api"), &access).await;
    assert_eq!(told["active"], true);
    assert_eq!(post(&server, "/revoke", As::Public("cli"), &[("token", &refresh_token)]).await.status, 200);
    assert_eq!(introspect(&server, As::Basic("site-api"), &access).await, inactive());
    assert_eq!(userinfo(&server, &access).await.status, 401);
}

async fn ask(server: &Server, client: &str, accept: Option<&str>, token: &str) -> Reply {
    let credentials = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{client}:{CLIENT_SECRET}"));
    let event = Event::post_form("/introspect", &encode(&[("token", token)])).header("authorization", &format!("Basic {credentials}"));
    server.send(&accept.into_iter().fold(event, |event, accept| event.header("accept", accept))).await
}

/// RFC 9701 sections 4 to 6
#[tokio::test]
async fn an_answer_is_signed_for_whoever_wants_it_so() {
    let server = server().await;
    for (id, alg) in [("es", "ES256"), ("ed", "EdDSA"), ("ps", "PS256")] {
        server.inside().register(id, json!({"introspection_signed_response_alg": alg})).await;
    }
    let (_, access, _) = notes_tokens(&server).await;
    let keys = server.send(&Event::get("/jwks.json")).await.json();
    let wanted = Some("application/token-introspection+jwt");
    for (client, accept, alg, active) in [
        ("notes-api", wanted, "RS256", true),
        ("mail-api", wanted, "RS256", false),
        ("es", None, "ES256", false),
        ("ed", Some("application/json"), "EdDSA", false),
        ("ps", wanted, "PS256", false),
    ] {
        let reply = ask(&server, client, accept, &access).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, wanted), "{reply:?}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let header = jsonwebtoken::decode_header(&reply.body).unwrap();
        assert_eq!(header.typ.as_deref(), Some("token-introspection+jwt"));
        assert_eq!(format!("{:?}", header.alg), alg);
        let jwk = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == json!(header.kid)).expect("the key is published");
        let key = jsonwebtoken::DecodingKey::from_jwk(&serde_json::from_value(jwk.clone()).unwrap()).unwrap();
        let mut validation = jsonwebtoken::Validation::new(header.alg);
        validation.set_audience(&[client]);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["iss", "aud"]);
        let said = jsonwebtoken::decode::<Value>(&reply.body, &key, &validation).unwrap().claims;
        assert_eq!(said["iat"], json!(server.inside().context.now()));
        assert!(said.get("sub").is_none() && said.get("exp").is_none(), "no cross-JWT confusion: {said}");
        let told = &said["token_introspection"];
        if active {
            assert_eq!((&told["active"], &told["scope"]), (&json!(true), &json!("notes:read")));
        } else {
            assert_eq!(*told, inactive());
        }
        // A signed answer is no access token.
        assert_eq!(userinfo(&server, &reply.body).await.status, 401);
        assert_eq!(introspect(&server, APP, &reply.body).await, inactive());
    }
    let plain = ask(&server, "notes-api", Some("application/json, application/token-introspection+jwt"), &access).await;
    assert_eq!(plain.header("content-type"), Some("application/json"));
}

/// RFC 7662 section 2.1: authorized callers alone, by POST
#[tokio::test]
async fn who_can_not_prove_who_asks_is_refused() {
    let server = server().await;
    let (_, access, _) = notes_tokens(&server).await;
    let form = encode(&[("token", access.as_str())]);
    for (event, status, error) in [
        (Event::post_form("/introspect", &form), 401, "invalid_client"),
        (Event::post_form("/introspect", &format!("{form}&client_id=cli")), 401, "invalid_client"),
        (Event::post_form("/introspect", &format!("{form}&client_id=app&client_secret=wrong")), 401, "invalid_client"),
        (Event::post_form("/introspect", &form).header("authorization", &format!("Bearer {access}")), 401, "invalid_client"),
        (Event::post_form("/introspect", &format!("client_id=app&client_secret={CLIENT_SECRET}")), 400, "invalid_request"),
        (Event::post_form("/introspect", &format!("{form}&{form}&client_id=app&client_secret={CLIENT_SECRET}")), 400, "invalid_request"),
        (Event::new("POST", "/introspect").header("content-type", "application/json").body(b"{}"), 400, "invalid_request"),
        (Event::get(&format!("/introspect?{form}")), 405, "invalid_request"),
    ] {
        let reply = server.send(&event).await;
        assert_eq!((reply.status, reply.json()["error"].as_str()), (status, Some(error)), "{event:?}: {reply:?}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert!(reply.json().get("active").is_none());
    }
}

/// RFC 8414 section 2, RFC 9701 section 7
#[tokio::test]
async fn the_metadata_says_how_to_ask() {
    let server = server().await;
    let metadata = server.send(&Event::get("/.well-known/oauth-authorization-server")).await.json();
    assert_eq!(metadata["introspection_endpoint"], format!("{ISSUER}/introspect"));
    let methods = &metadata["introspection_endpoint_auth_methods_supported"];
    assert_eq!(*methods, json!(["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"]));
    assert_eq!(metadata["introspection_signing_alg_values_supported"], json!(["RS256", "PS256", "ES256", "EdDSA"]));
    assert!(metadata["introspection_endpoint_auth_signing_alg_values_supported"].as_array().unwrap().contains(&json!("ES256")));
}
