//! `/userinfo` (OpenID Connect Core section 5.3) and `/revoke` (RFC 7009).

use grantlet::model::grant::{GrantStatus, RevokedBy};
use http::Method;
use serde_json::json;

use super::{Ask, Asked, Bench, assert_refused, body, header, success, text};
use crate::support::oauth::{CLIENT_SECRET, register_client};

async fn revoke(bench: &Bench, client: &str, form: &[(&str, &str)]) -> grantlet::endpoint::Response {
    bench.send(Ask::form("/revoke", form).basic(client, CLIENT_SECRET)).await
}

/// OpenID Connect Core sections 5.3.2 and 5.4
#[tokio::test]
async fn userinfo_has_the_claims_of_the_granted_scopes_and_no_others() {
    let bench = Bench::start().await;
    let claims = json!({
        "name": "Alice", "given_name": "Al", "email": "alice@example.com", "email_verified": true, "phone_number": "+49 1",
        "address": {"formatted": "Street 1", "country": "DE"}, "zoneinfo": "Europe/Berlin",
    });
    bench.context.store.set_claims(bench.alice, claims.as_object().unwrap(), bench.context.now()).await.unwrap();
    for (scopes, expected) in [
        (vec!["openid"], vec!["sub"]),
        (vec!["openid", "email"], vec!["email", "email_verified", "sub"]),
        (vec!["openid", "profile"], vec!["given_name", "name", "preferred_username", "sub", "updated_at", "zoneinfo"]),
        (vec!["openid", "phone", "address"], vec!["address", "phone_number", "sub"]),
    ] {
        let code = bench.issue(Asked { scopes: scopes.clone(), ..Asked::default() }).await.render();
        let tokens = success(&bench.exchange(code.expose(), &[]).await);
        let response = bench.userinfo(text(&tokens, "access_token")).await;
        let mut info = success(&response);
        assert_eq!(info["sub"], json!(bench.alice.to_string()));
        if let Some(updated_at) = info.get("updated_at") {
            assert!(updated_at.is_number());
        }
        if let Some(address) = info.get("address") {
            assert_eq!(address["country"], "DE");
        }
        let names: Vec<_> = info.as_object_mut().unwrap().keys().cloned().collect();
        assert_eq!(names, expected, "{scopes:?}");
        assert_eq!(header(&response, "cache-control"), Some("no-store"));
    }
}

/// RFC 6750 sections 2.1 and 2.2
#[tokio::test]
async fn userinfo_takes_the_token_from_the_header_or_the_form_but_not_the_query_nor_twice() {
    let bench = Bench::start().await;
    let tokens = bench.tokens().await;
    let token = text(&tokens, "access_token");
    let mut post = Ask::new(Method::POST, "/userinfo").header("authorization", &format!("bearer {token}"));
    success(&bench.send(post).await);
    success(&bench.send(Ask::form("/userinfo", &[("access_token", token)])).await);
    let mut query = Ask::get("/userinfo");
    query.0.raw_query = format!("access_token={token}");
    assert_eq!(bench.send(query).await.status, 401);
    post = Ask::form("/userinfo", &[("access_token", token)]).header("authorization", &format!("Bearer {token}"));
    assert_eq!(bench.send(post).await.status, 400);
    let delete = bench.send(Ask::new(Method::DELETE, "/userinfo")).await;
    assert_eq!((delete.status.as_u16(), header(&delete, "allow")), (405, Some("GET, POST")));
}

/// RFC 6750 section 3.1; one artefact is never taken for another
#[tokio::test]
async fn userinfo_takes_access_tokens_only_and_only_while_they_count() {
    let bench = Bench::start().await;
    let code = bench.issue(Asked::default()).await;
    let unused = bench.code().await;
    let tokens = success(&bench.exchange(code.render().expose(), &[]).await);
    let token = text(&tokens, "access_token");
    for other in [text(&tokens, "id_token"), text(&tokens, "refresh_token"), unused.expose(), "abc", &token[..token.len() - 1]] {
        let response = bench.userinfo(other).await;
        assert_eq!((response.status.as_u16(), body(&response)["error"].as_str()), (401, Some("invalid_token")), "{other}");
        assert!(header(&response, "www-authenticate").unwrap().contains("invalid_token"));
    }
    bench.clock.advance(599);
    success(&bench.userinfo(token).await);
    bench.clock.advance(1);
    assert_eq!(bench.userinfo(token).await.status, 401);
    let without = bench.issue(Asked { scopes: vec!["email"], ..Asked::default() }).await.render();
    let tokens = success(&bench.exchange(without.expose(), &[]).await);
    let response = bench.userinfo(text(&tokens, "access_token")).await;
    assert_eq!((response.status.as_u16(), body(&response)["error"].as_str()), (403, Some("insufficient_scope")));
    let nothing = bench.send(Ask::get("/userinfo")).await;
    assert_eq!(nothing.status, 401);
    assert!(!header(&nothing, "www-authenticate").unwrap().contains("error"), "RFC 6750 section 3.1");
}

/// A locked user and a revoked grant are seen at once
#[tokio::test]
async fn userinfo_ends_with_the_grant_and_with_the_user() {
    let bench = Bench::start().await;
    let code = bench.issue(Asked::default()).await;
    let tokens = success(&bench.exchange(code.render().expose(), &[]).await);
    bench.context.store.set_locked(bench.alice, true).await.unwrap();
    assert_eq!(bench.userinfo(text(&tokens, "access_token")).await.status, 401);
    bench.context.store.set_locked(bench.alice, false).await.unwrap();
    success(&bench.userinfo(text(&tokens, "access_token")).await);
    bench.context.store.revoke_grant(code.id, RevokedBy::Operator).await.unwrap();
    assert_eq!(bench.userinfo(text(&tokens, "access_token")).await.status, 401);
}

/// RFC 7009 section 2.1
#[tokio::test]
async fn revoking_a_refresh_token_ends_the_grant() {
    let bench = Bench::start().await;
    for hint in [None, Some("refresh_token"), Some("access_token"), Some("nonsense")] {
        let code = bench.issue(Asked::default()).await;
        let tokens = success(&bench.exchange(code.render().expose(), &[]).await);
        let mut form = vec![("token", text(&tokens, "refresh_token"))];
        form.extend(hint.map(|hint| ("token_type_hint", hint)));
        assert_eq!(revoke(&bench, "app", &form).await.status, 200);
        assert_eq!(bench.grant_status(&code).await, GrantStatus::Revoked(RevokedBy::Client));
        assert_refused(&bench.refresh(text(&tokens, "refresh_token"), &[]).await, 400, "invalid_grant");
        assert_eq!(bench.userinfo(text(&tokens, "access_token")).await.status, 401);
    }
}

/// RFC 7009 section 2.1: the token alone
#[tokio::test]
async fn revoking_an_access_token_ends_that_token_and_not_the_grant() {
    let bench = Bench::start().await;
    let tokens = bench.tokens().await;
    assert_eq!(revoke(&bench, "app", &[("token", text(&tokens, "access_token"))]).await.status, 200);
    assert_eq!(bench.userinfo(text(&tokens, "access_token")).await.status, 401);
    let next = success(&bench.refresh(text(&tokens, "refresh_token"), &[]).await);
    success(&bench.userinfo(text(&next, "access_token")).await);
}

/// Any client could revoke another's token: answer 200, token still alive
#[tokio::test]
async fn a_foreign_client_s_revocation_is_answered_and_does_nothing() {
    let bench = Bench::start().await;
    let tokens = bench.tokens().await;
    for name in ["refresh_token", "access_token"] {
        assert_eq!(revoke(&bench, "other", &[("token", text(&tokens, name))]).await.status, 200);
    }
    success(&bench.userinfo(text(&tokens, "access_token")).await);
    success(&bench.refresh(text(&tokens, "refresh_token"), &[]).await);
}

/// RFC 7009 section 2.2: an invalid token is revoked already
#[tokio::test]
async fn unknown_tokens_are_revoked_already_and_bad_requests_are_refused() {
    let bench = Bench::start().await;
    for token in ["abc", "a.b.c", "01ARZ3NDEKTSV4RRFFQ69G5FAV.0.k.s.m"] {
        assert_eq!(revoke(&bench, "app", &[("token", token)]).await.status, 200, "{token}");
    }
    assert_refused(&revoke(&bench, "app", &[]).await, 400, "invalid_request");
    assert_refused(&bench.send(Ask::form("/revoke", &[("token", "x")]).basic("app", "wrong")).await, 401, "invalid_client");
    assert_refused(&bench.send(Ask::get("/revoke").basic("app", CLIENT_SECRET)).await, 405, "invalid_request");
}

/// RFC 7009 section 2.1: public clients revoke, too
#[tokio::test]
async fn a_public_client_revokes_its_own_token() {
    let bench = Bench::start().await;
    register_client(&bench.context, "tool", json!({"token_endpoint_auth_method": "none"})).await;
    let code = bench.issue(Asked { client: "tool", ..Asked::default() }).await;
    let ask = super::exchange_form(code.render().expose(), &[("client_id", Some("tool"))]);
    let tokens = success(&bench.send(ask).await);
    let form = [("token", text(&tokens, "refresh_token")), ("client_id", "tool")];
    assert_eq!(bench.send(Ask::form("/revoke", &form)).await.status, 200);
    assert_eq!(bench.grant_status(&code).await, GrantStatus::Revoked(RevokedBy::Client));
}
