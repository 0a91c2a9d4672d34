//! What a proof binds: codes, access tokens, and refresh tokens of public clients.

use grantlet::model::grant::{GrantStatus, RevokedBy};
use serde_json::json;
use ulid::Ulid;

use crate::support::dpop::{ProofKey, exchange_with, refresh_request, refresh_with, userinfo_with};
use crate::support::event::Event;
use crate::support::oauth::{
    ALICE, As, assert_refused, authorization_query, claims, exchange, obtain_code, parameter, post, refresh, token,
};
use crate::support::person::Person;
use crate::support::server::Server;

/// A code of the client `id` that is bound to a key from the authorization request on.
async fn bound_code(server: &Server, id: &str, key: &ProofKey) -> String {
    let jkt = key.jkt();
    let landed = Person::new(server).authorize(&authorization_query(id, &[("dpop_jkt", Some(&jkt))]), ALICE).await;
    parameter(&landed, "code").unwrap_or_else(|| panic!("no code in {landed}"))
}

fn grant_of(token: &str) -> Ulid {
    Ulid::from_string(token.split('.').next().unwrap()).unwrap()
}

/// RFC 9449 section 10
#[tokio::test]
async fn a_code_bound_by_dpop_jkt_is_redeemed_with_that_key_alone_and_a_wrong_one_burns_nothing() {
    let server = Server::local(json!({})).await;
    let (key, other) = (ProofKey::new(), ProofKey::new());
    for client in [As::Basic("app"), As::Public("cli")] {
        let (As::Basic(id) | As::Public(id)) = client;
        let code = bound_code(&server, id, &key).await;
        assert_refused(&exchange(&server, client, &code).await, 400, "invalid_grant");
        assert_refused(&exchange_with(&server, client, &code, &other).await, 400, "invalid_grant");
        let tokens = exchange_with(&server, client, &code, &key).await;
        assert_eq!(claims(&token(&tokens, "access_token"))["cnf"]["jkt"], key.jkt());
    }
}

/// OAuth 2.1 section 7.5.2: a replay without the key revokes nothing, one with it everything
#[tokio::test]
async fn only_a_replay_with_the_bound_key_revokes_the_grant() {
    let server = Server::local(json!({})).await;
    let (key, other) = (ProofKey::new(), ProofKey::new());
    let code = bound_code(&server, "app", &key).await;
    token(&exchange_with(&server, As::Basic("app"), &code, &key).await, "access_token");
    let status = || async { server.inside().context.store.find_grant(grant_of(&code)).await.unwrap().unwrap().status };
    assert_refused(&exchange(&server, As::Basic("app"), &code).await, 400, "invalid_grant");
    assert_refused(&exchange_with(&server, As::Basic("app"), &code, &other).await, 400, "invalid_grant");
    assert_eq!(status().await, GrantStatus::Active);
    assert_refused(&exchange_with(&server, As::Basic("app"), &code, &key).await, 400, "invalid_grant");
    assert_eq!(status().await, GrantStatus::Revoked(RevokedBy::CodeReplay));
}

/// RFC 9449 section 10: a thumbprint and nothing else
#[tokio::test]
async fn a_dpop_jkt_that_is_no_thumbprint_is_refused_at_the_authorization_endpoint() {
    let server = Server::local(json!({})).await;
    let jkt = ProofKey::new().jkt();
    for wrong in [&jkt[1..], &format!("{jkt}A"), &format!("{}=", &jkt[1..]), "x", &"é".repeat(22), &"A".repeat(2_000)] {
        let landed = Person::new(&server).authorize(&authorization_query("app", &[("dpop_jkt", Some(wrong))]), ALICE).await;
        assert_eq!(parameter(&landed, "error").as_deref(), Some("invalid_request"), "{wrong}");
    }
}

/// RFC 9449 section 5: bound to the key of the exchange, with or without `dpop_jkt`
#[tokio::test]
async fn a_public_client_s_refresh_token_is_of_no_use_without_its_key() {
    let server = Server::local(json!({})).await;
    let (key, other) = (ProofKey::new(), ProofKey::new());
    for code in [obtain_code(&server, "cli").await, bound_code(&server, "cli", &key).await] {
        let tokens = exchange_with(&server, As::Public("cli"), &code, &key).await;
        let first = token(&tokens, "refresh_token");
        let before = server.inside().stored();
        assert_refused(&refresh(&server, As::Public("cli"), &first).await, 400, "invalid_grant");
        assert_refused(&refresh_with(&server, As::Public("cli"), &first, &other).await, 400, "invalid_grant");
        assert_eq!(server.inside().stored(), before, "not even the foreign proof is spent");
        let grant = server.inside().context.store.find_grant(grant_of(&first)).await.unwrap().unwrap();
        assert_eq!((grant.refresh.generation, grant.status), (0, GrantStatus::Active), "nothing has changed");
        let mut current = first;
        for _ in 0..3 {
            let refreshed = refresh_with(&server, As::Public("cli"), &current, &key).await;
            assert_eq!(refreshed.json()["token_type"], "DPoP");
            assert_eq!(claims(&token(&refreshed, "access_token"))["cnf"]["jkt"], key.jkt());
            current = token(&refreshed, "refresh_token");
            assert_refused(&refresh(&server, As::Public("cli"), &current).await, 400, "invalid_grant");
        }
    }
}

/// RFC 9449 section 5: the binding can't be taken out of the token
#[tokio::test]
async fn a_bound_refresh_token_without_its_thumbprint_or_cut_short_is_no_token() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    let tokens = exchange_with(&server, As::Public("cli"), &obtain_code(&server, "cli").await, &key).await;
    let bound = token(&tokens, "refresh_token");
    let stripped = bound.replace(&format!(".{}", key.jkt()), "");
    assert_ne!(stripped, bound);
    assert_refused(&refresh(&server, As::Public("cli"), &stripped).await, 400, "invalid_grant");
    let other = ProofKey::new();
    let swapped = bound.replace(&key.jkt(), &other.jkt());
    assert_refused(&refresh_with(&server, As::Public("cli"), &swapped, &other).await, 400, "invalid_grant");
    for end in 1..bound.len() {
        assert_refused(&refresh(&server, As::Public("cli"), &bound[..end]).await, 400, "invalid_grant");
    }
    token(&refresh_with(&server, As::Public("cli"), &bound, &key).await, "access_token");
}

/// OAuth 2.1 section 4.3.1, RFC 9449 section 7.3: a lost answer and a retry with a new proof get the same successor
#[tokio::test]
async fn a_bound_refresh_token_may_be_retried_within_the_grace_window() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    let tokens = exchange_with(&server, As::Public("cli"), &obtain_code(&server, "cli").await, &key).await;
    let first = token(&tokens, "refresh_token");
    let second = token(&refresh_with(&server, As::Public("cli"), &first, &key).await, "refresh_token");
    let again = token(&refresh_with(&server, As::Public("cli"), &first, &key).await, "refresh_token");
    assert_eq!(again, second);
    token(&refresh_with(&server, As::Public("cli"), &second, &key).await, "access_token");
}

/// RFC 7009: whoever found a bound token may end it, with no key
#[tokio::test]
async fn a_bound_refresh_token_and_a_bound_access_token_are_revoked_without_a_proof() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    for name in ["access_token", "refresh_token"] {
        let tokens = exchange_with(&server, As::Public("cli"), &obtain_code(&server, "cli").await, &key).await;
        let access = token(&tokens, "access_token");
        assert_eq!(userinfo_with(&server, &access, &key).await.status, 200);
        assert_eq!(post(&server, "/revoke", As::Public("cli"), &[("token", &token(&tokens, name))]).await.status, 200);
        assert_eq!(userinfo_with(&server, &access, &key).await.status, 401, "{name}");
    }
}

/// RFC 9449 section 5: refresh tokens of confidential clients are bound by their authentication, so their keys may change
#[tokio::test]
async fn a_confidential_client_refreshes_with_any_key_and_the_access_token_is_bound_to_that_one() {
    let server = Server::local(json!({})).await;
    let (old, new) = (ProofKey::new(), ProofKey::with_alg("EdDSA"));
    let tokens = exchange_with(&server, As::Basic("app"), &obtain_code(&server, "app").await, &old).await;
    let refreshed = refresh_with(&server, As::Basic("app"), &token(&tokens, "refresh_token"), &new).await;
    let access = token(&refreshed, "access_token");
    assert_eq!(claims(&access)["cnf"]["jkt"], new.jkt());
    assert_eq!(userinfo_with(&server, &access, &new).await.status, 200);
    assert_eq!(userinfo_with(&server, &access, &old).await.status, 401);
    let plain = refresh(&server, As::Basic("app"), &token(&refreshed, "refresh_token")).await;
    assert_eq!(plain.json()["token_type"], "Bearer");
}

/// RFC 9449 section 5: a token that was issued without a key stays as it is, and its access tokens may be bound
#[tokio::test]
async fn a_public_client_may_begin_to_prove_a_key() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    let tokens = exchange(&server, As::Public("cli"), &obtain_code(&server, "cli").await).await;
    let refreshed = refresh_with(&server, As::Public("cli"), &token(&tokens, "refresh_token"), &key).await;
    assert_eq!(claims(&token(&refreshed, "access_token"))["cnf"]["jkt"], key.jkt());
    token(&refresh(&server, As::Public("cli"), &token(&refreshed, "refresh_token")).await, "access_token");
}

/// RFC 9449 section 5.2: no way down for a client that is registered to bind its tokens
#[tokio::test]
async fn a_client_with_dpop_bound_access_tokens_gets_none_without_a_proof() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    server.inside().register("bound", json!({"dpop_bound_access_tokens": true})).await;
    let code = obtain_code(&server, "bound").await;
    assert_refused(&exchange(&server, As::Basic("bound"), &code).await, 400, "invalid_request");
    let tokens = exchange_with(&server, As::Basic("bound"), &code, &key).await;
    let first = token(&tokens, "refresh_token");
    assert_refused(&refresh(&server, As::Basic("bound"), &first).await, 400, "invalid_request");
    token(&refresh_with(&server, As::Basic("bound"), &first, &ProofKey::new()).await, "access_token");
}

/// RFC 9449 section 6.2
#[tokio::test]
async fn introspection_tells_the_key_that_a_token_is_bound_to_and_asks_for_no_proof() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    let tokens = exchange_with(&server, As::Basic("app"), &obtain_code(&server, "app").await, &key).await;
    let told = post(&server, "/introspect", As::Basic("app"), &[("token", &token(&tokens, "access_token"))]).await.json();
    assert_eq!((&told["active"], &told["token_type"], &told["cnf"]), (&json!(true), &json!("DPoP"), &json!({"jkt": key.jkt()})));
}

/// RFC 9449 section 5.1
#[tokio::test]
async fn the_metadata_lists_the_algorithms_of_proofs() {
    let server = Server::local(json!({})).await;
    for path in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
        let metadata = server.send(&Event::get(path)).await.json();
        assert_eq!(metadata["dpop_signing_alg_values_supported"], json!(["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]));
    }
}

/// RFC 9449 section 5.2: a proof that is sent is checked, even where none is needed
#[tokio::test]
async fn a_wrong_proof_is_never_passed_over_for_a_bearer_token() {
    let server = Server::local(json!({})).await;
    let tokens = exchange(&server, As::Basic("app"), &obtain_code(&server, "app").await).await;
    let event = refresh_request(As::Basic("app"), &token(&tokens, "refresh_token"));
    assert_refused(&server.send(&event.clone().header("dpop", "nonsense")).await, 400, "invalid_dpop_proof");
    token(&server.send(&event).await, "access_token");
}
