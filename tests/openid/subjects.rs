//! Subjects, public and pairwise (OpenID Connect Core section 8).

use grantlet::endpoint::fetch::Reach;
use grantlet::endpoint::rotate::{RotateCommand, Rotator};
use grantlet::endpoint::sector::check_sector;
use grantlet::model::client::Client;
use serde_json::{Value, json};

use crate::support::oauth::{ALICE, As, CHALLENGE, CLIENT_SECRET, VERIFIER, claims, encode, parameter, post, refresh, token, userinfo};
use crate::support::person::Person;
use crate::support::server::Server;
use crate::support::web::{Document, Web};

/// A server with pairwise clients: two of one sector, one of another.
async fn server() -> Server {
    let server = Server::local(json!({})).await;
    for (id, uri) in [
        ("one", "https://sector-a.example/callback"),
        ("two", "https://sector-a.example/other"),
        ("three", "https://sector-b.example/callback"),
    ] {
        server.inside().register(id, json!({"subject_type": "pairwise", "redirect_uris": [uri]})).await;
    }
    server
}

/// Tokens of Alice for the client `id`.
async fn tokens(server: &Server, id: &str) -> Value {
    let query = [
        ("response_type", "code"),
        ("client_id", id),
        ("scope", "openid profile offline_access"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let landed = Person::new(server).authorize(&encode(&query), ALICE).await;
    let code = parameter(&landed, "code").unwrap_or_else(|| panic!("{landed}"));
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("code_verifier", VERIFIER)];
    let reply = post(server, "/token", As::Basic(id), &form).await;
    token(&reply, "id_token");
    reply.json()
}

/// The one `sub` that every artefact for a client says.
async fn subject(server: &Server, tokens: &Value) -> String {
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let info = userinfo(server, &text("access_token")).await;
    assert_eq!(info.status, 200, "{info:?}");
    let subjects = [claims(&text("id_token"))["sub"].clone(), claims(&text("access_token"))["sub"].clone(), info.json()["sub"].clone()];
    assert!(subjects.iter().all(|one| *one == subjects[0]), "{subjects:?}");
    subjects[0].as_str().unwrap().to_owned()
}

/// OpenID Connect Core section 8.1: the same person is somebody else in each sector, and the same within one.
#[tokio::test]
async fn a_pairwise_subject_is_the_same_within_a_sector_and_differs_between_sectors() {
    let server = server().await;
    let mut seen = Vec::new();
    for id in ["one", "two", "three", "app"] {
        seen.push(subject(&server, &tokens(&server, id).await).await);
    }
    let [one, two, three, public] = &seen[..] else { panic!("four clients") };
    assert_eq!(one, two);
    assert_ne!(one, three);
    let alice = server.inside().alice.to_string();
    assert_eq!(*public, alice, "a public client sees the person's own subject");
    for pairwise in [one, three] {
        assert_ne!(*pairwise, alice);
        assert_eq!(pairwise.len(), 43, "never the form of a user's ULID");
    }
}

/// OpenID Connect Core section 8: no identifier leaks that joins what two sectors know.
#[tokio::test]
async fn tokens_for_a_pairwise_client_do_not_name_the_user() {
    let server = server().await;
    let tokens = tokens(&server, "one").await;
    let alice = server.inside().alice.to_string();
    for name in ["access_token", "id_token"] {
        assert!(!claims(tokens[name].as_str().unwrap()).to_string().contains(&alice));
    }
    let info = userinfo(&server, tokens["access_token"].as_str().unwrap()).await;
    assert!(!info.body.contains(&alice) && !info.body.contains(CLIENT_SECRET));
}

/// OpenID Connect Core section 8.1: never reassigned, and stable while keys come and go, an emergency included; at a refresh as at the exchange.
#[tokio::test]
async fn a_pairwise_subject_outlives_every_key_rotation() {
    let server = server().await;
    let first = tokens(&server, "one").await;
    let before = subject(&server, &first).await;
    let refreshed = refresh(&server, As::Basic("one"), first["refresh_token"].as_str().unwrap()).await;
    assert_eq!(claims(&token(&refreshed, "id_token"))["sub"], before.as_str());
    let local = server.inside();
    let rotator = Rotator { context: local.context.clone(), vault: local.vault.clone() };
    for command in [RotateCommand::Now, RotateCommand::Emergency] {
        rotator.run(command).await.unwrap();
        local.clock.advance(2_000);
        assert_eq!(subject(&server, &tokens(&server, "one").await).await, before, "{command:?}");
    }
}

/// OpenID Connect Core section 5.3.2: a token whose subject is no longer the client's says nothing about anybody.
#[tokio::test]
async fn userinfo_refuses_a_token_of_another_subject_type() {
    let server = server().await;
    let tokens = tokens(&server, "one").await;
    let local = server.inside();
    let id = grantlet::model::client::ClientId::parse("one").unwrap();
    let mut stored = local.context.store.find_client(&id).await.unwrap().unwrap();
    stored.client.subject_type = grantlet::model::client::SubjectType::Public;
    assert!(local.context.store.replace_client(&stored).await.unwrap());
    local.clock.advance(61);
    let info = userinfo(&server, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!((info.status, info.json()["error"].as_str()), (401, Some("invalid_token")));
}

/// OpenID Connect Core section 8.1, Dynamic Client Registration section 5: a sector lists its redirect URIs, or the client is not registered.
#[tokio::test]
async fn a_client_joins_a_sector_that_lists_its_redirect_uris_and_no_other() {
    let web = Web::start().await;
    let listed = ["https://a.example/cb", "https://b.example/cb"];
    web.put("/sector.json", Document::json(&json!(listed)));
    web.put("/object.json", Document::json(&json!({"redirect_uris": listed})));
    web.put("/endless.json", Document::json(&json!(["https://a.example/cb", "x".repeat(100_000)])));
    let client = |path: &str, uris: &[&str]| -> Client {
        let registration =
            json!({"client_id": "c", "subject_type": "pairwise", "sector_identifier_uri": web.url(path), "redirect_uris": uris});
        serde_json::from_value(registration).unwrap()
    };
    for (path, uris, why) in [
        ("/sector.json", &listed[..], None),
        ("/sector.json", &listed[1..], None),
        ("/sector.json", &["https://a.example/cb", "https://evil.example/cb"], Some("evil.example")),
        ("/object.json", &listed, Some("JSON array")),
        ("/nothing.json", &listed, Some("404")),
        ("/endless.json", &listed[..1], Some("too large")),
    ] {
        let checked = check_sector(&client(path, uris), Reach::Loopback).await.map_err(|error| error.to_string());
        match why {
            None => assert_eq!(checked, Ok(()), "{path}"),
            Some(why) => assert!(checked.clone().is_err_and(|text| text.contains(why)), "{path}: {checked:?}"),
        }
    }
    // Nobody outside makes this server look into its own network.
    let refused = check_sector(&client("/sector.json", &listed), Reach::Public).await.unwrap_err();
    assert!(refused.to_string().contains("not allowed"), "{refused}");
}
