//! A client reads, changes and removes its registration (RFC 7592).

use serde_json::{Value, json};

use super::{
    assert_not_registered, count_registered, manage, manage_event, metadata, obtain_tokens, open, open_with, refresh, registered, text,
    with,
};
use crate::support::event::Event;
use crate::support::oauth::{REDIRECT_URI, assert_refused, authorization_query, token};

/// What a client sends to change its registration: everything that it was told, with `changes`.
fn changed(client: &Value, changes: Value) -> Value {
    let own = with(metadata(json!({})), json!({"client_id": client["client_id"], "client_secret": client["client_secret"]}));
    with(own, changes)
}

/// RFC 7592 sections 2.1 and 3
#[tokio::test]
async fn a_client_reads_its_registration() {
    let server = open().await;
    let client = registered(&server, json!({"contacts": ["a@app.example"]})).await;
    let reply = manage(&server, "GET", &client, &json!({})).await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")));
    assert_eq!(reply.json(), with(client.clone(), json!({"client_secret": null})), "the secret is kept as a hash");
}

/// RFC 7592 sections 2 and 5: a token is good for its own client
#[tokio::test]
async fn without_its_own_token_nobody_reaches_a_registration() {
    let server = open().await;
    let (mine, other) = (registered(&server, json!({})).await, registered(&server, json!({})).await);
    let id = text(&mine, "client_id");
    let own = text(&mine, "registration_access_token");
    let secret = text(&mine, "client_secret");
    let prefixes = (1..own.len()).map(|end| own[..end].to_owned());
    let mut wrong = vec![text(&other, "registration_access_token").to_owned(), secret.to_owned(), "x".to_owned(), format!("{own}x")];
    wrong.extend(prefixes);
    for method in ["GET", "PUT", "DELETE"] {
        for token in &wrong {
            let reply = server.send(&manage_event(method, id, token, &changed(&mine, json!({})))).await;
            assert_not_registered(&reply, 401, "invalid_token");
        }
        let without = server.send(&Event::new(method, "/register").query(&format!("client_id={id}"))).await;
        assert_not_registered(&without, 401, "invalid_token");
        for foreign in ["app", "dyn-00000000000000000000000000", "https://app.example/client.json", "", "dyn-"] {
            let reply = server.send(&manage_event(method, foreign, own, &changed(&mine, json!({})))).await;
            assert_not_registered(&reply, 401, "invalid_token");
        }
        let twice = Event::new(method, "/register")
            .query(&format!("client_id={id}&client_id={id}"))
            .header("authorization", &format!("Bearer {own}"));
        assert_not_registered(&server.send(&twice).await, 401, "invalid_token");
    }
    assert_eq!(manage(&server, "GET", &mine, &json!({})).await.status, 200, "everything is as it was");
    assert_eq!(count_registered(&server), 2);
    // And it opens nothing else.
    assert_eq!(crate::support::oauth::userinfo(&server, own).await.status, 401);
}

/// RFC 7592 section 2.2: what is sent takes the place of what was there
#[tokio::test]
async fn a_client_changes_its_registration_and_it_counts_at_once() {
    let server = open().await;
    let client = registered(&server, json!({"contacts": ["a@app.example"]})).await;
    let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
    let tokens = obtain_tokens(&server, id, Some(secret), REDIRECT_URI).await;
    let body = changed(&client, json!({"client_name": "Renamed", "redirect_uris": ["https://new.example/cb"]}));
    let reply = manage(&server, "PUT", &client, &body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let told = reply.json();
    assert_eq!((text(&told, "client_name"), text(&told, "client_secret")), ("Renamed", secret));
    assert_eq!(told["registration_access_token"], client["registration_access_token"]);
    assert_eq!(told["client_id_issued_at"], client["client_id_issued_at"]);
    assert!(told.get("contacts").is_none(), "replaced, and not added to");
    token(&refresh(&server, id, Some(secret), &token(&tokens, "refresh_token")).await, "access_token");
    for (uri, status) in [("https://new.example/cb", 200), (REDIRECT_URI, 400)] {
        server.inside().clock.advance(61);
        let query = authorization_query(id, &[("redirect_uri", Some(uri))]);
        assert_eq!(server.send(&Event::get("/authorize").query(&query)).await.status, status, "{uri}");
    }
}

/// RFC 7592 section 2.2, RFC 7591 section 5: a change goes through the checks of a registration
#[tokio::test]
async fn a_change_is_checked_as_a_registration_is() {
    let server = open_with(json!({"per_address": 100})).await;
    let client = registered(&server, json!({})).await;
    let before = manage(&server, "GET", &client, &json!({})).await.json();
    for (changes, error) in [
        (json!({"redirect_uris": ["javascript:alert(1)"]}), "invalid_redirect_uri"),
        (json!({"redirect_uris": ["JaVaScRiPt:alert(1)"]}), "invalid_redirect_uri"),
        (json!({"redirect_uris": ["java\nscript:alert(1)"]}), "invalid_redirect_uri"),
        (json!({"redirect_uris": ["http://evil.example/cb"]}), "invalid_redirect_uri"),
        (json!({"redirect_uris": []}), "invalid_redirect_uri"),
        (json!({"redirect_uris": null}), "invalid_redirect_uri"),
        (json!({"jwks_uri": "http://169.254.169.254/"}), "invalid_client_metadata"),
        (json!({"sector_identifier_uri": "https://169.254.169.254/"}), "invalid_client_metadata"),
        (json!({"token_endpoint_auth_method": "private_key_jwt"}), "invalid_client_metadata"),
        (json!({"grant_types": ["client_credentials"]}), "invalid_client_metadata"),
        (json!({"software_statement": "x"}), "unapproved_software_statement"),
        (json!({"logo_uri": "javascript:alert(1)"}), "invalid_client_metadata"),
        (json!({"client_id": "app"}), "invalid_client_metadata"),
        (json!({"client_id": null}), "invalid_client_metadata"),
        (json!({"client_secret": "a-secret-of-its-own-choice-that-is-long-enough"}), "invalid_client_metadata"),
        (json!({"x": [[[[[[[[[1]]]]]]]]]}), "invalid_client_metadata"),
    ] {
        let reply = manage(&server, "PUT", &client, &changed(&client, changes.clone())).await;
        assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some(error)), "{changes}");
    }
    assert_eq!(manage(&server, "GET", &client, &json!({})).await.json(), before);
    let asked = json!({"first_party": true, "require_pkce": false, "rotation": "never", "grant_types": ["authorization_code", "client_credentials"]});
    let reply = manage(&server, "PUT", &client, &changed(&client, asked)).await.json();
    assert_eq!(reply["grant_types"], json!(["authorization_code"]), "a change is no way to more than a registration gives");
    let query = authorization_query(text(&client, "client_id"), &[("code_challenge", None), ("code_challenge_method", None)]);
    assert!(server.send(&Event::get("/authorize").query(&query)).await.body.contains("invalid_request"));
}

/// RFC 7592 section 2.2: one client's change never lands in another's record
#[tokio::test]
async fn a_change_can_not_be_aimed_at_another_client() {
    let server = open().await;
    let (mine, victim) = (registered(&server, json!({})).await, registered(&server, json!({"client_name": "Victim"})).await);
    let body = changed(&mine, json!({"client_id": victim["client_id"], "redirect_uris": ["https://evil.example/cb"]}));
    assert_not_registered(&manage(&server, "PUT", &mine, &body).await, 400, "invalid_client_metadata");
    let aimed = manage_event("PUT", text(&victim, "client_id"), text(&mine, "registration_access_token"), &body);
    assert_not_registered(&server.send(&aimed).await, 401, "invalid_token");
    let read = manage(&server, "GET", &victim, &json!({})).await.json();
    assert_eq!((text(&read, "client_name"), &read["redirect_uris"]), ("Victim", &json!([REDIRECT_URI])));
}

/// RFC 7592 section 2.2: a secret that is left out is replaced, and the old one works for another hour
#[tokio::test]
async fn a_secret_is_kept_when_it_is_sent_and_renewed_when_it_is_not() {
    let server = open().await;
    let client = registered(&server, json!({})).await;
    let (id, old) = (text(&client, "client_id"), text(&client, "client_secret"));
    let reply = manage(&server, "PUT", &client, &changed(&client, json!({"client_secret": null}))).await.json();
    let new = text(&reply, "client_secret");
    assert_ne!(new, old);
    let works = |secret: String| {
        let server = &server;
        async move { refresh(server, id, Some(&secret), "x").await.json()["error"] == "invalid_grant" }
    };
    assert!(works(old.to_owned()).await && works(new.to_owned()).await);
    let stale = manage(&server, "PUT", &client, &changed(&client, json!({}))).await;
    assert_not_registered(&stale, 400, "invalid_client_metadata");
    server.inside().clock.advance(3_600);
    assert!(!works(old.to_owned()).await && works(new.to_owned()).await);

    let public = manage(&server, "PUT", &client, &changed(&client, json!({"client_secret": null, "token_endpoint_auth_method": "none"})))
        .await
        .json();
    assert!(public.get("client_secret").is_none() && public.get("client_secret_expires_at").is_none());
    assert_refused(&refresh(&server, id, Some(new), "x").await, 401, "invalid_client");
    assert_eq!(refresh(&server, id, None, "x").await.json()["error"], "invalid_grant");
}

/// Of changes at once each is applied whole or refused
#[tokio::test]
async fn of_changes_at_once_none_is_lost_unnoticed() {
    let server = open_with(json!({"per_address": 100})).await;
    let client = registered(&server, json!({})).await;
    let change = |name: &'static str| {
        let body = changed(&client, json!({"client_secret": null, "client_name": name}));
        let (server, client) = (&server, &client);
        async move { manage(server, "PUT", client, &body).await }
    };
    let (one, two, three, four) = tokio::join!(change("One"), change("Two"), change("Three"), change("Four"));
    let replies = [one, two, three, four];
    assert!(replies.iter().all(|reply| matches!(reply.status, 200 | 409)), "{replies:?}");
    let told: Vec<Value> = replies.iter().filter(|reply| reply.status == 200).map(crate::support::server::Reply::json).collect();
    let read = manage(&server, "GET", &client, &json!({})).await.json();
    let last = told.iter().find(|one| one["client_name"] == read["client_name"]).expect("the last one was told that it was applied");
    let reply = refresh(&server, text(&client, "client_id"), last["client_secret"].as_str(), "x").await;
    assert_eq!(reply.json()["error"], "invalid_grant", "its secret is the one that works");
}

/// RFC 7592 section 2.3
#[tokio::test]
async fn a_client_that_removed_itself_is_gone_and_what_it_was_issued_with_it() {
    let server = open().await;
    let client = registered(&server, json!({})).await;
    let (id, secret) = (text(&client, "client_id"), client["client_secret"].as_str());
    let tokens = obtain_tokens(&server, id, secret, REDIRECT_URI).await;
    let reply = manage(&server, "DELETE", &client, &json!({})).await;
    assert_eq!((reply.status, reply.body.as_str()), (204, ""));
    assert_eq!(count_registered(&server), 0);
    assert_refused(&refresh(&server, id, secret, &token(&tokens, "refresh_token")).await, 401, "invalid_client");
    for method in ["GET", "PUT", "DELETE"] {
        assert_not_registered(&manage(&server, method, &client, &changed(&client, json!({}))).await, 401, "invalid_token");
    }
    // The front channel has its own cache of a minute.
    server.inside().clock.advance(60);
    let page = server.send(&Event::get("/authorize").query(&authorization_query(id, &[]))).await;
    assert!(page.status == 400 && page.body.contains("Unknown application"));
}

/// `docs/configuration.md`: clients that are there stay when registration is turned off, and change no more
#[tokio::test]
async fn with_registration_off_a_client_may_only_read_and_leave() {
    let server = open().await;
    let client = registered(&server, json!({})).await;
    let settings = serde_json::from_value(json!({})).unwrap();
    server.inside().context.store.replace_settings(&settings).await.unwrap();
    server.inside().clock.advance(600);
    assert_not_registered(&manage(&server, "PUT", &client, &changed(&client, json!({}))).await, 403, "access_denied");
    assert_eq!(manage(&server, "GET", &client, &json!({})).await.status, 200);
    assert_eq!(manage(&server, "DELETE", &client, &json!({})).await.status, 204);
}
