//! The exchange of a code (OAuth 2.1 section 4.1.3).

use grantlet::model::grant::{GrantStatus, RevokedBy};
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Value, json};

use super::{API, Ask, Asked, Bench, ISSUER, START, assert_refused, body, exchange_form, header, success, text};
use crate::support::oauth::{CLIENT_SECRET, REDIRECT_URI, VERIFIER, claims, register_client};

/// Every published key, by `kid`.
async fn published_key(bench: &Bench, kid: &str) -> DecodingKey {
    let ring = bench.context.store.find_key_ring().await.unwrap().unwrap();
    let key = ring.published().find(|key| key.kid == kid).expect("a published key").jwk.clone();
    DecodingKey::from_jwk(&serde_json::from_value(key).unwrap()).unwrap()
}

async fn verified(bench: &Bench, jwt: &str, typ: &str) -> Value {
    let header = jsonwebtoken::decode_header(jwt).unwrap();
    assert_eq!(header.typ.as_deref(), Some(typ));
    let mut validation = Validation::new(header.alg);
    (validation.validate_exp, validation.validate_aud) = (false, false);
    jsonwebtoken::decode::<Value>(jwt, &published_key(bench, &header.kid.unwrap()).await, &validation).unwrap().claims
}

/// OAuth 2.1 section 3.2.3, RFC 9068 section 2.2, OpenID Connect Core sections 2 and 3.1.3.3
#[tokio::test]
async fn a_code_is_exchanged_for_a_complete_token_response() {
    let bench = Bench::start().await;
    let code = bench.issue(Asked::default()).await;
    let response = bench.exchange(code.render().expose(), &[]).await;
    let tokens = success(&response);
    assert_eq!(header(&response, "cache-control"), Some("no-store"));
    assert_eq!(header(&response, "content-type"), Some("application/json"));
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], json!(600));
    assert_eq!(tokens["scope"], "openid profile email offline_access");
    assert!(tokens["refresh_token"].is_string());

    let access = verified(&bench, text(&tokens, "access_token"), "at+jwt").await;
    for (name, expected) in [
        ("iss", json!(ISSUER)),
        ("aud", json!(ISSUER)),
        ("client_id", json!("app")),
        ("sub", json!(bench.alice.to_string())),
        ("scope", json!("openid profile email offline_access")),
        ("iat", json!(START)),
        ("exp", json!(START + 600)),
        ("auth_time", json!(START - 30)),
        ("grant_id", json!(code.id.to_string())),
    ] {
        assert_eq!(access[name], expected, "{name}");
    }
    let id = verified(&bench, text(&tokens, "id_token"), "JWT").await;
    for (name, expected) in [
        ("iss", json!(ISSUER)),
        ("aud", json!("app")),
        ("sub", access["sub"].clone()),
        ("nonce", json!("nonce-1")),
        ("auth_time", json!(START - 30)),
        ("acr", json!("urn:grantlet:acr:single-factor")),
        ("amr", json!(["pwd"])),
        ("iat", json!(START)),
        ("exp", json!(START + 600)),
    ] {
        assert_eq!(id[name], expected, "{name}");
    }
    assert!(id["at_hash"].is_string() && id["sid"].is_string());
}

/// OpenID Connect Core section 3.1.3.7, RFC 9068 section 2.1: the algorithm is the client's
#[tokio::test]
async fn tokens_are_signed_with_the_algorithm_that_the_client_registered() {
    let bench = Bench::start().await;
    for alg in ["RS256", "ES256", "EdDSA"] {
        let id = alg.to_lowercase();
        let metadata = json!({"id_token_signed_response_alg": alg, "access_token_signed_response_alg": alg});
        register_client(&bench.context, &id, metadata).await;
        let client: &'static str = Box::leak(id.into_boxed_str());
        let code = bench.issue(Asked { client, ..Asked::default() }).await;
        let response = bench.send(exchange_form(code.render().expose(), &[]).basic(client, CLIENT_SECRET)).await;
        let tokens = success(&response);
        for (token, typ) in [("access_token", "at+jwt"), ("id_token", "JWT")] {
            let header = jsonwebtoken::decode_header(text(&tokens, token)).unwrap();
            assert_eq!(format!("{:?}", header.alg), alg);
            verified(&bench, text(&tokens, token), typ).await;
        }
    }
}

/// OpenID Connect Core section 3.1.2.1, OAuth 2.1 section 4.3
#[tokio::test]
async fn without_openid_there_is_no_id_token_and_without_offline_no_refresh_token() {
    let bench = Bench::start().await;
    let code = bench.issue(Asked { scopes: vec!["profile"], offline: false, ..Asked::default() }).await;
    let tokens = success(&bench.exchange(code.render().expose(), &[]).await);
    assert_eq!(tokens["scope"], "profile");
    assert!(tokens.get("id_token").is_none() && tokens.get("refresh_token").is_none());
}

/// OAuth 2.1 section 4.1.3: whatever is presented wrongly is refused, and burns nothing
#[tokio::test]
async fn a_wrong_presentation_is_refused_and_leaves_the_code_good() {
    let bench = Bench::start().await;
    let code = bench.issue(Asked::default()).await;
    let text = code.render();
    let (id, secret) = text.expose().split_once('.').unwrap();
    let mut other_secret = secret.to_owned();
    other_secret.replace_range(0..1, if secret.starts_with('A') { "B" } else { "A" });
    let forged = format!("{id}.{other_secret}");
    let other_verifier = "a".repeat(43);
    for (changes, error) in [
        (vec![("code_verifier", Some(other_verifier.as_str()))], "invalid_grant"),
        (vec![("code_verifier", None)], "invalid_grant"),
        (vec![("code_verifier", Some(""))], "invalid_grant"),
        (vec![("code_verifier", Some("too short"))], "invalid_request"),
        (vec![("redirect_uri", Some("https://app.example/callback/"))], "invalid_grant"),
        (vec![("redirect_uri", Some("https://evil.example/"))], "invalid_grant"),
        (vec![("resource", Some("https://foreign.example"))], "invalid_target"),
        (vec![("code", Some(forged.as_str()))], "invalid_grant"),
        (vec![("code", None)], "invalid_request"),
        (vec![("grant_type", None)], "invalid_request"),
        (vec![("grant_type", Some("password"))], "unsupported_grant_type"),
        (vec![("grant_type", Some("implicit"))], "unsupported_grant_type"),
    ] {
        assert_refused(&bench.exchange(text.expose(), &changes).await, 400, error);
        assert_eq!(bench.grant_status(&code).await, GrantStatus::Active, "{changes:?}");
    }
    let foreign = bench.send(exchange_form(text.expose(), &[]).basic("other", CLIENT_SECRET)).await;
    assert_refused(&foreign, 400, "invalid_grant");
    let public = bench.send(exchange_form(text.expose(), &[("client_id", Some("cli"))])).await;
    assert_refused(&public, 400, "invalid_grant");
    success(&bench.exchange(text.expose(), &[]).await);
}

/// OAuth 2.1 section 4.1.2: a minute, whether TTL has come by or not
#[tokio::test]
async fn a_code_expired_by_one_second_is_refused() {
    let bench = Bench::start().await;
    let code = bench.code().await;
    let last = bench.code().await;
    bench.clock.advance(59);
    success(&bench.exchange(last.expose(), &[]).await);
    bench.clock.advance(1);
    assert_refused(&bench.exchange(code.expose(), &[]).await, 400, "invalid_grant");
}

/// OAuth 2.1 section 7.5.2
#[tokio::test]
async fn a_fully_valid_replay_revokes_the_grant() {
    let bench = Bench::start().await;
    let code = bench.issue(Asked::default()).await;
    let tokens = success(&bench.exchange(code.render().expose(), &[]).await);
    assert_refused(&bench.exchange(code.render().expose(), &[]).await, 400, "invalid_grant");
    assert_eq!(bench.grant_status(&code).await, GrantStatus::Revoked(RevokedBy::CodeReplay));
    assert_refused(&bench.refresh(text(&tokens, "refresh_token"), &[]).await, 400, "invalid_grant");
    assert_eq!(bench.userinfo(text(&tokens, "access_token")).await.status, 401);
}

/// OAuth 2.1 section 7.5.2: or a thief who saw a code pass by could log people out
#[tokio::test]
async fn a_replay_that_is_not_fully_valid_revokes_nothing() {
    let bench = Bench::start().await;
    let code = bench.issue(Asked::default()).await;
    let rendered = code.render();
    let code_text = rendered.expose();
    let tokens = success(&bench.exchange(code_text, &[]).await);
    let other_verifier = "b".repeat(43);
    for changes in
        [[("code_verifier", None)], [("code_verifier", Some(other_verifier.as_str()))], [("redirect_uri", Some("https://evil.example/"))]]
    {
        assert_refused(&bench.exchange(code_text, &changes).await, 400, "invalid_grant");
    }
    let foreign = bench.send(exchange_form(code_text, &[]).basic("other", CLIENT_SECRET)).await;
    assert_refused(&foreign, 400, "invalid_grant");
    let secretless = bench.send(exchange_form(code_text, &[("client_id", Some("app"))])).await;
    assert_refused(&secretless, 401, "invalid_client");
    assert_eq!(bench.grant_status(&code).await, GrantStatus::Active);
    success(&bench.refresh(text(&tokens, "refresh_token"), &[]).await);
}

/// A forged code with the ULID of a real grant has no effect
#[tokio::test]
async fn a_forged_code_with_a_real_ulid_revokes_nothing() {
    let bench = Bench::start().await;
    let code = bench.issue(Asked::default()).await;
    success(&bench.exchange(code.render().expose(), &[]).await);
    let forged = format!("{}.{}", code.id, "A".repeat(43));
    assert_refused(&bench.exchange(&forged, &[]).await, 400, "invalid_grant");
    assert_eq!(bench.grant_status(&code).await, GrantStatus::Active);
}

/// OAuth 2.1 section 4.1.3: 50 parallel redemptions, one success
#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_parallel_exchanges_exactly_one_succeeds() {
    let bench = std::sync::Arc::new(Bench::start().await);
    let code = std::sync::Arc::new(bench.code().await);
    let mut exchanges = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (bench, code) = (bench.clone(), code.clone());
        exchanges.spawn(async move { bench.exchange(code.expose(), &[]).await.status.as_u16() });
    }
    let statuses = exchanges.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 400].contains(status)), "{statuses:?}");
}

/// RFC 7636 section 4.4.1, authentik CVE-2023-48228: leaving a parameter out switches no check off
#[tokio::test]
async fn a_verifier_where_no_challenge_was_is_refused() {
    let bench = Bench::start().await;
    register_client(&bench.context, "old", json!({"require_pkce": false})).await;
    let code = bench.issue(Asked { client: "old", challenge: None, ..Asked::default() }).await.render();
    let with = bench.send(exchange_form(code.expose(), &[]).basic("old", CLIENT_SECRET)).await;
    assert_refused(&with, 400, "invalid_grant");
    let without = bench.send(exchange_form(code.expose(), &[("code_verifier", None)]).basic("old", CLIENT_SECRET)).await;
    success(&without);
}

/// OAuth 2.1 section 10.2
#[tokio::test]
async fn a_redirect_uri_may_be_left_out_at_the_token_endpoint() {
    let bench = Bench::start().await;
    success(&bench.exchange(bench.code().await.expose(), &[("redirect_uri", None)]).await);
}

/// RFC 8707 section 2.2
#[tokio::test]
async fn a_resource_of_the_grant_becomes_the_audience() {
    let bench = Bench::start().await;
    for resource in [API, "https://api.example/"] {
        let tokens = success(&bench.exchange(bench.code().await.expose(), &[("resource", Some(resource))]).await);
        assert_eq!(claims(text(&tokens, "access_token"))["aud"], API);
    }
    let two = [("resource", Some(API)), ("resource", Some(ISSUER))];
    assert_refused(&bench.exchange(bench.code().await.expose(), &two).await, 400, "invalid_target");
}

/// A user who was locked, or a grant that was revoked, between consent and exchange
#[tokio::test]
async fn nothing_is_signed_for_a_locked_user_or_a_revoked_grant() {
    let bench = Bench::start().await;
    for by in [RevokedBy::Operator, RevokedBy::Client, RevokedBy::RefreshReuse] {
        let code = bench.issue(Asked::default()).await;
        bench.context.store.revoke_grant(code.id, by).await.unwrap();
        assert_refused(&bench.exchange(code.render().expose(), &[]).await, 400, "invalid_grant");
    }
    let code = bench.code().await;
    bench.context.store.set_locked(bench.alice, true).await.unwrap();
    assert_refused(&bench.exchange(code.expose(), &[]).await, 400, "invalid_grant");
}

/// The winner of a race answers as if the replay had come a moment later
#[tokio::test]
async fn a_grant_revoked_by_a_replay_of_the_same_code_does_not_stop_the_winner() {
    let bench = Bench::start().await;
    let code = bench.issue(Asked::default()).await;
    bench.context.store.revoke_grant(code.id, RevokedBy::CodeReplay).await.unwrap();
    let tokens = success(&bench.exchange(code.render().expose(), &[]).await);
    assert_refused(&bench.refresh(text(&tokens, "refresh_token"), &[]).await, 400, "invalid_grant");
}

/// OAuth 2.1 section 3.2
#[tokio::test]
async fn only_post_with_a_form_is_taken() {
    let bench = Bench::start().await;
    let get = bench.send(Ask::get("/token").basic("app", CLIENT_SECRET)).await;
    assert_refused(&get, 405, "invalid_request");
    assert_eq!(header(&get, "allow"), Some("POST"));
    let code = bench.code().await;
    let form = format!("grant_type=authorization_code&code={}&code_verifier={VERIFIER}", code.expose());
    let mut json_body = Ask::raw_form("/token", &form).basic("app", CLIENT_SECRET);
    json_body.0.headers.insert("content-type", "application/json".parse().unwrap());
    assert_refused(&bench.send(json_body).await, 400, "invalid_request");
    let mut lenient = Ask::raw_form("/token", &format!("{form}&scope=&unknown=1")).basic("app", CLIENT_SECRET);
    lenient.0.headers.insert("content-type", "Application/X-WWW-Form-URLEncoded; charset=UTF-8".parse().unwrap());
    success(&bench.send(lenient).await);
}

/// OAuth 2.1 section 3.2: parameters must not be included more than once
#[tokio::test]
async fn a_repeated_parameter_is_refused() {
    let bench = Bench::start().await;
    let code = bench.code().await;
    for name in ["code", "grant_type", "code_verifier", "redirect_uri", "client_id", "anything"] {
        let form = format!(
            "grant_type=authorization_code&code={}&code_verifier={VERIFIER}&redirect_uri={}&client_id=app&anything=1&{name}=x",
            code.expose(),
            url::form_urlencoded::byte_serialize(REDIRECT_URI.as_bytes()).collect::<String>(),
        );
        let response = bench.send(Ask::raw_form("/token", &form).basic("app", CLIENT_SECRET)).await;
        assert_refused(&response, 400, "invalid_request");
        assert!(!response.body.contains("anything"), "an unknown name is not echoed: {response:?}");
    }
    success(&bench.exchange(code.expose(), &[]).await);
}

/// Zitadel CVE-2026-27840
#[tokio::test]
async fn every_proper_prefix_of_a_code_is_refused_and_burns_nothing() {
    let bench = Bench::start().await;
    let code = bench.code().await;
    let text = code.expose();
    for end in 0..text.len() {
        let response = bench.exchange(&text[..end], &[]).await;
        assert_eq!(response.status, 400, "{end}");
    }
    assert_eq!(bench.exchange(&format!("{text}A"), &[]).await.status, 400);
    success(&bench.exchange(text, &[]).await);
}

/// OAuth 2.1 section 2.4: a grant type that the client is not registered for
#[tokio::test]
async fn a_client_without_the_grant_type_is_unauthorized() {
    let bench = Bench::start().await;
    register_client(&bench.context, "machine", json!({"grant_types": ["refresh_token"]})).await;
    let code = bench.code().await;
    let response = bench.send(exchange_form(code.expose(), &[]).basic("machine", CLIENT_SECRET)).await;
    assert_refused(&response, 400, "unauthorized_client");
    assert!(body(&response)["error_description"].is_string());
}
