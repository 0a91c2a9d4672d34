//! The refresh of tokens (OAuth 2.1 section 4.3).

use grantlet::endpoint::rotate::{RotateCommand, Rotator};
use grantlet::model::grant::{GrantStatus, RevokedBy};
use serde_json::json;

use super::{API, Ask, Asked, Bench, START, assert_refused, body, exchange_form, success, text};
use crate::support::oauth::{CLIENT_SECRET, claims, register_client};

/// OAuth 2.1 section 4.3.1
#[tokio::test]
async fn a_refresh_answers_with_new_tokens_and_the_granted_scope() {
    let bench = Bench::start().await;
    let first = bench.tokens().await;
    bench.clock.advance(300);
    let second = success(&bench.refresh(text(&first, "refresh_token"), &[]).await);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_ne!(first["access_token"], second["access_token"]);
    assert_eq!(second["scope"], first["scope"]);
    let (old, new) = (claims(text(&first, "id_token")), claims(text(&second, "id_token")));
    // OpenID Connect Core section 12.2
    for same in ["iss", "sub", "aud", "auth_time", "sid"] {
        assert_eq!(old[same], new[same], "{same}");
    }
    assert_eq!(new["iat"], json!(START + 300));
    assert!(new.get("nonce").is_none());
    success(&bench.refresh(text(&second, "refresh_token"), &[]).await);
}

/// OAuth 2.1 section 4.3.1: an answer that was lost is given again, the very same one
#[tokio::test]
async fn a_refresh_retried_within_the_window_yields_the_same_successor() {
    let bench = Bench::start().await;
    let first = bench.tokens().await;
    let lost = success(&bench.refresh(text(&first, "refresh_token"), &[]).await);
    bench.clock.advance(30);
    let again = success(&bench.refresh(text(&first, "refresh_token"), &[]).await);
    assert_eq!(lost["refresh_token"], again["refresh_token"]);
    success(&bench.refresh(text(&again, "refresh_token"), &[]).await);
    // And once more with the first, two rotations later: the current token again.
    bench.clock.advance(20);
    success(&bench.refresh(text(&first, "refresh_token"), &[]).await);
}

/// OAuth 2.1 section 4.3.1
#[tokio::test]
async fn a_replaced_token_used_after_the_window_revokes_the_grant() {
    let bench = Bench::start().await;
    let code = bench.issue(Asked::default()).await;
    let first = success(&bench.exchange(code.render().expose(), &[]).await);
    let second = success(&bench.refresh(text(&first, "refresh_token"), &[]).await);
    bench.clock.advance(60);
    assert_refused(&bench.refresh(text(&first, "refresh_token"), &[]).await, 400, "invalid_grant");
    assert_eq!(bench.grant_status(&code).await, GrantStatus::Revoked(RevokedBy::RefreshReuse));
    assert_refused(&bench.refresh(text(&second, "refresh_token"), &[]).await, 400, "invalid_grant");
}

/// Two machines refresh at once
#[tokio::test(flavor = "multi_thread")]
async fn parallel_refreshes_all_get_the_same_successor() {
    let bench = std::sync::Arc::new(Bench::start().await);
    let token = text(&bench.tokens().await, "refresh_token").to_owned();
    let mut refreshes = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (bench, token) = (bench.clone(), token.clone());
        refreshes.spawn(async move { text(&success(&bench.refresh(&token, &[]).await), "refresh_token").to_owned() });
    }
    let mut successors = refreshes.join_all().await;
    successors.dedup();
    assert_eq!(successors.len(), 1, "{successors:?}");
}

/// OAuth 2.1 section 4.3, RFC 8707 section 2.2: refused without rotating, and the same token still works
#[tokio::test]
async fn a_wider_scope_or_a_foreign_resource_is_refused_and_rotates_nothing() {
    let bench = Bench::start().await;
    let code = bench.issue(Asked::default()).await;
    let tokens = success(&bench.exchange(code.render().expose(), &[]).await);
    let token = text(&tokens, "refresh_token");
    for (further, error) in [
        (vec![("scope", "openid phone")], "invalid_scope"),
        (vec![("scope", "admin")], "invalid_scope"),
        (vec![("resource", "https://foreign.example")], "invalid_target"),
        (vec![("resource", API), ("resource", "https://issuer.example")], "invalid_target"),
    ] {
        assert_refused(&bench.refresh(token, &further).await, 400, error);
    }
    let grant = bench.context.store.find_grant(code.id).await.unwrap().unwrap();
    assert_eq!((grant.refresh.generation, grant.status), (0, GrantStatus::Active));
    success(&bench.refresh(token, &[]).await);
}

/// OAuth 2.1 section 4.3.3
#[tokio::test]
async fn a_refresh_may_narrow_and_the_next_one_may_ask_for_everything_again() {
    let bench = Bench::start().await;
    let tokens = bench.tokens().await;
    let narrow = success(&bench.refresh(text(&tokens, "refresh_token"), &[("scope", "email")]).await);
    assert_eq!(narrow["scope"], "email");
    assert!(narrow.get("id_token").is_none());
    assert_eq!(claims(text(&narrow, "access_token"))["scope"], "email");
    let elsewhere = success(&bench.refresh(text(&narrow, "refresh_token"), &[("scope", "email"), ("resource", API)]).await);
    let access = claims(text(&elsewhere, "access_token"));
    // What opens /userinfo stands in no token for another resource.
    assert_eq!((&access["scope"], &access["aud"]), (&json!(""), &json!(API)));
    let wide = success(&bench.refresh(text(&narrow, "refresh_token"), &[]).await);
    assert_eq!(wide["scope"], tokens["scope"]);
}

/// OAuth 2.1 section 4.3: bound to the client
#[tokio::test]
async fn another_client_can_not_use_a_refresh_token_and_harms_nobody() {
    let bench = Bench::start().await;
    let tokens = bench.tokens().await;
    let token = text(&tokens, "refresh_token");
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    let foreign = bench.send(Ask::form("/token", &form).basic("other", CLIENT_SECRET)).await;
    assert_refused(&foreign, 400, "invalid_grant");
    let public = bench.send(Ask::form("/token", &[&form[..], &[("client_id", "cli")]].concat())).await;
    assert_refused(&public, 400, "invalid_grant");
    success(&bench.refresh(token, &[]).await);
}

/// Zitadel CVE-2026-27840
#[tokio::test]
async fn every_proper_prefix_and_every_changed_part_of_a_refresh_token_is_refused() {
    let bench = Bench::start().await;
    let tokens = bench.tokens().await;
    let token = text(&tokens, "refresh_token");
    for end in 1..token.len() {
        assert_refused(&bench.refresh(&token[..end], &[]).await, 400, "invalid_grant");
    }
    let parts: Vec<&str> = token.split('.').collect();
    for (index, other) in [(0, "01ARZ3NDEKTSV4RRFFQ69G5FAV"), (1, "1"), (3, &"A".repeat(43)), (4, &"A".repeat(43))] {
        let mut changed = parts.clone();
        changed[index] = other;
        assert_refused(&bench.refresh(&changed.join("."), &[]).await, 400, "invalid_grant");
    }
    success(&bench.refresh(token, &[]).await);
}

/// RFC 9700 section 4.14.2: inactivity, and an end in any case
#[tokio::test]
async fn a_refresh_token_ends_when_it_is_not_used_and_in_any_case() {
    let bench = Bench::with(|config| {
        config.lifetimes.refresh_idle = 100;
        config.lifetimes.refresh_absolute = 250;
    })
    .await;
    let idle = bench.tokens().await;
    let mut used = bench.tokens().await;
    for _ in 0..2 {
        bench.clock.advance(99);
        used = success(&bench.refresh(text(&used, "refresh_token"), &[]).await);
    }
    assert_refused(&bench.refresh(text(&idle, "refresh_token"), &[]).await, 400, "invalid_grant");
    bench.clock.advance(51);
    bench.clock.advance(1);
    assert_refused(&bench.refresh(text(&used, "refresh_token"), &[]).await, 400, "invalid_grant");
}

/// A user who was locked, or a grant that was revoked, between two refreshes
#[tokio::test]
async fn nothing_is_refreshed_for_a_locked_user_or_a_revoked_grant() {
    let bench = Bench::start().await;
    let tokens = bench.tokens().await;
    bench.context.store.set_locked(bench.alice, true).await.unwrap();
    assert_refused(&bench.refresh(text(&tokens, "refresh_token"), &[]).await, 400, "invalid_grant");
    bench.context.store.set_locked(bench.alice, false).await.unwrap();
    let code = bench.issue(Asked::default()).await;
    let tokens = success(&bench.exchange(code.render().expose(), &[]).await);
    bench.context.store.revoke_grant(code.id, RevokedBy::Operator).await.unwrap();
    assert_refused(&bench.refresh(text(&tokens, "refresh_token"), &[]).await, 400, "invalid_grant");
}

/// Only what the operator allows, and only for confidential clients
#[tokio::test]
async fn a_client_without_rotation_keeps_its_token_and_the_idle_end_moves() {
    let bench = Bench::with(|config| config.lifetimes.refresh_idle = 100).await;
    register_client(&bench.context, "steady", json!({"rotation": "never"})).await;
    let code = bench.issue(Asked { client: "steady", ..Asked::default() }).await.render();
    let tokens = success(&bench.send(exchange_form(code.expose(), &[]).basic("steady", CLIENT_SECRET)).await);
    let token = text(&tokens, "refresh_token");
    for _ in 0..4 {
        bench.clock.advance(80);
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        let again = success(&bench.send(Ask::form("/token", &form).basic("steady", CLIENT_SECRET)).await);
        assert_eq!(again["refresh_token"], token);
    }
}

/// OAuth 2.1 section 4.3.1: the refresh tokens of a public client rotate, whatever its record says
#[tokio::test]
async fn a_public_client_rotates_even_where_it_is_registered_not_to() {
    let bench = Bench::start().await;
    register_client(&bench.context, "open", json!({"rotation": "never", "token_endpoint_auth_method": "none"})).await;
    let code = bench.issue(Asked { client: "open", ..Asked::default() }).await.render();
    let first = success(&bench.send(exchange_form(code.expose(), &[("client_id", Some("open"))])).await);
    let form = [("grant_type", "refresh_token"), ("refresh_token", text(&first, "refresh_token")), ("client_id", "open")];
    let second = success(&bench.send(Ask::form("/token", &form)).await);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    bench.clock.advance(60);
    assert_refused(&bench.send(Ask::form("/token", &form)).await, 400, "invalid_grant");
}

/// A refresh key has a life of its own: old tokens stay good while new ones are made with its successor
#[tokio::test]
async fn tokens_outlive_the_rotation_of_the_refresh_key_and_end_with_an_emergency() {
    let bench = Bench::start().await;
    let rotator = Rotator { context: bench.context.clone(), vault: bench.vault.clone() };
    let tokens = bench.tokens().await;
    rotator.run(RotateCommand::Now).await.unwrap();
    bench.clock.advance(25 * 3600);
    let ring = rotator.run(RotateCommand::Scheduled).await.unwrap();
    bench.clock.advance(1);
    let second = success(&bench.refresh(text(&tokens, "refresh_token"), &[]).await);
    assert_eq!(text(&second, "refresh_token").split('.').nth(2), Some(ring.active_refresh().unwrap().kid.as_str()));
    rotator.run(RotateCommand::Emergency).await.unwrap();
    bench.clock.advance(1_800);
    let response = bench.refresh(text(&second, "refresh_token"), &[]).await;
    assert_refused(&response, 400, "invalid_grant");
    assert!(body(&response).get("access_token").is_none());
}
