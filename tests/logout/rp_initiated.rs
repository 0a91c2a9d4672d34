//! OpenID Connect RP-Initiated Logout 1.0.

use grantlet::endpoint::rotate::{RotateCommand, Rotator};
use grantlet::jose::signing::SigningKeys;
use grantlet::model::client::SigningAlg;
use serde_json::json;

use super::{BYE, SESSION, form, is_logged_in, logged_in, path, sign, start, tokens};
use crate::support::event::Event;
use crate::support::oauth::{ALICE, As, authorization_query, claims, exchange, parameter, refresh, token};
use crate::support::person::Person;
use crate::support::server::Reply;

/// Asserts that people are told, that nothing is sent anywhere, and that no cookie changes.
fn assert_page(reply: &Reply, words: &str) {
    assert_eq!(reply.status, 400, "{reply:?}");
    assert!(reply.header("location").is_none() && reply.cookies.is_empty(), "{reply:?}");
    assert!(reply.body.contains(words) && reply.body.contains("To sign out here"), "{words}: {}", reply.body);
}

/// RP-Initiated Logout section 2: a client that proves the very session spares people the question
#[tokio::test]
async fn an_id_token_of_this_session_ends_it_at_once_and_leads_back_to_the_client() {
    let server = start().await;
    let (mut person, id_token) = logged_in(&server, "leaver").await;
    let reply = person.open(&path(&[("id_token_hint", &id_token), ("post_logout_redirect_uri", BYE), ("state", "a b&c")])).await;
    assert_eq!((reply.status, reply.header("location")), (303, Some("https://app.example/bye?state=a+b%26c")));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert!(!person.cookies.contains_key(SESSION), "{:?}", person.cookies);
    assert!(!is_logged_in(&mut person).await);
    assert_eq!(server.inside().stored().get("session"), None);
}

/// RP-Initiated Logout section 2: otherwise people must be asked
#[tokio::test]
async fn people_are_asked_unless_the_client_proves_the_session() {
    let server = start().await;
    let (mut person, own) = logged_in(&server, "leaver").await;
    let (_, elsewhere) = logged_in(&server, "leaver").await;
    for parameters in [
        vec![],
        vec![("client_id", "leaver")],
        vec![("client_id", "leaver"), ("post_logout_redirect_uri", BYE)],
        vec![("id_token_hint", elsewhere.as_str())],
        vec![("id_token_hint", elsewhere.as_str()), ("post_logout_redirect_uri", BYE)],
        vec![("logout_hint", "alice"), ("ui_locales", "de fr"), ("unknown", "x")],
    ] {
        let mut browser = person.clone();
        let page = browser.open(&path(&parameters)).await;
        let asked = form(&page);
        assert!(page.body.contains("alice"), "{}", page.body);
        assert_eq!(page.body.contains("The Leaver"), parameters.iter().any(|(name, _)| *name == "client_id" || *name == "id_token_hint"));
        assert_eq!(page.body.contains("app.example"), parameters.iter().any(|(name, _)| *name == "post_logout_redirect_uri"));
        assert!(is_logged_in(&mut browser).await, "asking ends nothing");
        let stayed = browser.submit(&asked, "stay").await;
        assert!(stayed.status == 200 && stayed.body.contains("id=\"still-signed-in\"") && stayed.header("location").is_none());
        assert!(is_logged_in(&mut browser).await);
    }
    let page = person.open(&path(&[("client_id", "leaver"), ("post_logout_redirect_uri", BYE)])).await;
    let reply = person.submit(&form(&page), "logout").await;
    assert_eq!((reply.status, reply.header("location")), (303, Some(BYE)), "the address as it is, without a state");
    assert!(!is_logged_in(&mut person).await);
    // Nobody is logged in any more: straight on.
    let reply = person.open(&path(&[("id_token_hint", &own), ("post_logout_redirect_uri", BYE), ("state", "s")])).await;
    assert_eq!((reply.status, reply.header("location")), (303, Some("https://app.example/bye?state=s")));
    let reply = person.open("/logout").await;
    assert!(reply.status == 200 && reply.body.contains("id=\"signed-out\""), "{reply:?}");
}

/// RP-Initiated Logout section 2: by GET and by POST; a POST of another site's carries no cookies, and goes on by GET
#[tokio::test]
async fn a_post_goes_on_by_get_and_never_reads_cookies() {
    let server = start().await;
    let (mut person, id_token) = logged_in(&server, "leaver").await;
    let body = crate::support::oauth::encode(&[("id_token_hint", &id_token), ("post_logout_redirect_uri", BYE), ("state", "s")]);
    let posted = person.send(Event::post_form("/logout", &body).header("origin", "https://app.example")).await;
    let location = posted.header("location").unwrap().to_owned();
    assert_eq!((posted.status, location.as_str()), (303, format!("/logout?{body}").as_str()));
    assert!(is_logged_in(&mut person).await);
    assert_eq!(person.open(&location).await.header("location"), Some("https://app.example/bye?state=s"));
    assert!(!is_logged_in(&mut person).await);
    for method in ["PUT", "HEAD", "DELETE"] {
        let reply = server.send(&Event::new(method, "/logout")).await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, POST")), "{method}");
    }
}

/// RP-Initiated Logout section 3: exactly one of the registered addresses, but for the port of a loopback one
#[tokio::test]
async fn near_misses_of_the_registered_address_are_refused_and_the_session_stays() {
    let server = start().await;
    let (mut person, id_token) = logged_in(&server, "leaver").await;
    for uri in [
        "https://app.example/bye/",
        "https://app.example/bye?x=1",
        "https://app.example/bye#x",
        "https://app.example/Bye",
        "https://APP.example/bye",
        "https://app.example:443/bye",
        "https://app.example/%62ye",
        "https://app.example/a/..;/bye",
        "https://user@app.example/bye",
        "https://app.example.evil.example/bye",
        "http://app.example/bye",
        "https://app.example/callback",
        "https://stranger.example/bye",
        "javascript:alert(1)",
        "//app.example/bye",
        "/bye",
        "*",
    ] {
        let reply = person.open(&path(&[("id_token_hint", &id_token), ("post_logout_redirect_uri", uri), ("state", "s")])).await;
        assert_page(&reply, "not registered");
        assert!(!reply.body.contains(uri) || uri.len() < 8, "{uri} is repeated");
    }
    assert!(is_logged_in(&mut person).await);
    for uri in ["http://127.0.0.1:4321/bye", "com.example.app:/bye", BYE] {
        let reply = Person::new(&server).open(&path(&[("client_id", "leaver"), ("post_logout_redirect_uri", uri)])).await;
        assert_eq!((reply.status, reply.header("location")), (303, Some(uri)));
    }
    server.inside().register("new", json!({})).await;
    let ask = path(&[("client_id", "new"), ("post_logout_redirect_uri", "https://new.example/bye")]);
    assert_page(&person.open(&ask).await, "not registered");
}

/// RP-Initiated Logout sections 2 and 4: what can't be validated is not used
#[tokio::test]
async fn a_client_that_is_missing_unknown_or_another_one_is_refused() {
    let server = start().await;
    let (mut person, id_token) = logged_in(&server, "leaver").await;
    let hint = ("id_token_hint", id_token.as_str());
    for (parameters, words) in [
        (vec![("post_logout_redirect_uri", BYE)], "not which application it is"),
        (vec![hint, ("client_id", "app")], "issued to another application"),
        (
            vec![hint, ("client_id", "stranger"), ("post_logout_redirect_uri", "https://stranger.example/bye")],
            "issued to another application",
        ),
    ] {
        assert_page(&person.open(&path(&parameters)).await, words);
    }
    for id in ["nobody", "a b", "é"] {
        let reply = person.open(&path(&[("client_id", id), ("post_logout_redirect_uri", BYE)])).await;
        assert!(reply.status == 400 && reply.header("location").is_none() && reply.body.contains("invalid_client"), "{id}: {reply:?}");
    }
    let long = "s".repeat(1_025);
    assert_page(&person.open(&path(&[hint, ("post_logout_redirect_uri", BYE), ("state", &long)])).await, "state is longer");
    for query in [format!("client_id=leaver&client_id=leaver&id_token_hint={id_token}"), "state=%ff".to_owned(), "a".repeat(9_000)] {
        let reply = person.send(Event::get("/logout").query(&query)).await;
        assert!(reply.status == 400 && reply.header("location").is_none(), "{reply:?}");
        let posted = person.send(Event::post_form("/logout", &query)).await;
        assert!(posted.status == 400 || posted.header("location").is_some_and(|to| to.starts_with("/logout?")), "{posted:?}");
    }
    assert!(is_logged_in(&mut person).await);
}

/// RP-Initiated Logout section 2: validated as ours; RFC 8725 section 3.11: no other JWT of ours is an ID token
#[tokio::test]
async fn only_id_tokens_of_ours_are_hints() {
    let server = start().await;
    let mut person = Person::new(&server);
    let issued = tokens(&server, &mut person, "leaver", &[]).await;
    let id_token = token(&issued, "id_token");
    let (vault, own) = (&server.inside().vault, claims(&id_token));
    let changed = |changes: serde_json::Value| {
        let mut all = own.clone();
        for (name, value) in changes.as_object().unwrap() {
            let claims = all.as_object_mut().unwrap();
            if value.is_null() {
                claims.remove(name)
            } else {
                claims.insert(name.clone(), value.clone())
            };
        }
        all
    };
    let (foreign, _) = SigningKeys::generate("01FOREIGN").unwrap();
    let mut hints = vec![
        ("an access token", token(&issued, "access_token")),
        ("a refresh token", token(&issued, "refresh_token")),
        ("no token", "x".to_owned()),
        ("a foreign key", foreign.find(SigningAlg::RS256).unwrap().sign("JWT", &own).unwrap().expose().to_owned()),
        ("a logout token", sign(vault, "logout+jwt", &own).await),
        ("another issuer", sign(vault, "JWT", &changed(json!({"iss": "https://issuer.example/"}))).await),
        ("two audiences", sign(vault, "JWT", &changed(json!({"aud": ["leaver"]}))).await),
        ("a sid that is none", sign(vault, "JWT", &changed(json!({"sid": "x"}))).await),
        ("a long one", sign(vault, "JWT", &changed(json!({"more": "x".repeat(5_000)}))).await),
    ];
    for name in ["iss", "sub", "aud", "iat", "exp", "sid"] {
        hints.push((name, sign(vault, "JWT", &changed(json!({name: null}))).await));
    }
    let (header, rest) = id_token.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let none = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, r#"{"alg":"none","typ":"JWT"}"#);
    hints.push(("no algorithm", format!("{none}.{payload}.")));
    hints.push(("no algorithm, signed", format!("{none}.{payload}.{signature}")));
    hints.push(("no signature", format!("{header}.{payload}.")));
    for end in [1, id_token.len() / 3, id_token.len() / 2, id_token.len() - 1] {
        hints.push(("a prefix", id_token[..end].to_owned()));
    }
    for (what, hint) in hints {
        for more in [vec![], vec![("post_logout_redirect_uri", BYE)]] {
            let reply = person.open(&path(&[vec![("id_token_hint", hint.as_str())], more].concat())).await;
            assert!(reply.status == 400 && reply.header("location").is_none(), "{what}: {reply:?}");
            assert_page(&reply, "not with an ID token of this server");
        }
    }
    assert!(is_logged_in(&mut person).await);
    // What was signed here for the test is as good as the real one, so that the refusals above are about what was changed.
    let same = sign(vault, "JWT", &own).await;
    assert_eq!(person.open(&path(&[("id_token_hint", &same)])).await.status, 200);
    assert!(!is_logged_in(&mut person).await);
}

/// RP-Initiated Logout section 2: accepted even when `exp` has passed
#[tokio::test]
async fn an_expired_id_token_is_a_hint_even_when_its_key_is_published_no_more() {
    let server = start().await;
    let local = server.inside();
    let (_, id_token) = logged_in(&server, "leaver").await;
    let kid = jsonwebtoken::decode_header(&id_token).unwrap().kid.unwrap();
    let rotator = Rotator { context: local.context.clone(), vault: local.vault.clone() };
    for days in [89, 1, 1, 100] {
        local.clock.advance(days * 24 * 3_600);
        rotator.run(RotateCommand::Scheduled).await.unwrap();
    }
    let published = server.send(&Event::get("/jwks.json")).await;
    assert!(!published.body.contains(&kid), "it is archived");
    let hint = [("id_token_hint", id_token.as_str()), ("post_logout_redirect_uri", BYE)];
    assert_eq!(Person::new(&server).open(&path(&hint)).await.header("location"), Some(BYE));
    // After an emergency nothing counts that the old keys signed.
    rotator.run(RotateCommand::Emergency).await.unwrap();
    local.clock.advance(301);
    assert_page(&Person::new(&server).open(&path(&hint)).await, "not with an ID token of this server");
    // A key that is younger than what is remembered is looked up.
    local.clock.advance(11);
    let (mut person, id_token) = logged_in(&server, "leaver").await;
    person.open(&path(&[("id_token_hint", &id_token)])).await;
    assert!(!is_logged_in(&mut person).await);
}

/// RP-Initiated Logout section 6, RFC 9700 section 4.7: nobody is logged out by another site, or by another person's form
#[tokio::test]
async fn a_form_counts_in_its_own_browser_for_its_own_session_and_request_only() {
    let server = start().await;
    let (mut alice, _) = logged_in(&server, "leaver").await;
    let (mut other, _) = logged_in(&server, "leaver").await;
    let asked = form(&alice.open(&path(&[("client_id", "leaver")])).await);
    let foreign = form(&other.open(&path(&[("client_id", "leaver")])).await);
    assert_eq!(alice.submit(&foreign, "logout").await.status, 403);
    let retargeted =
        asked.clone().fill("request", &crate::support::oauth::encode(&[("client_id", "leaver"), ("post_logout_redirect_uri", BYE)]));
    assert_eq!(alice.submit(&retargeted, "logout").await.status, 403);
    assert_eq!(alice.submit(&asked.clone().fill("form_token", "x"), "logout").await.status, 403);
    for (name, value) in
        [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")]
    {
        let event = Event::post_form("/logout", &asked.press("logout")).header(name, value);
        assert_eq!(alice.send(event).await.status, 403, "{name}: {value}");
    }
    // A new login in between makes the form void.
    alice.authorize(&authorization_query("leaver", &[("prompt", Some("login"))]), ALICE).await;
    assert_eq!(alice.submit(&asked, "logout").await.status, 403);
    assert!(is_logged_in(&mut alice).await && is_logged_in(&mut other).await);
    let asked = form(&alice.open("/logout").await);
    assert_eq!(alice.submit(&asked, "logout").await.status, 200);
    assert!(!is_logged_in(&mut alice).await && is_logged_in(&mut other).await, "the session of the other browser stays");
    // Sent twice, it ends what has ended.
    assert_eq!(alice.submit(&asked, "logout").await.status, 200);
}

/// OAuth 2.1 section 7.12, CSP Level 3: what a stranger says stays text, and no page frames or runs anything
#[tokio::test]
async fn nothing_that_a_client_says_becomes_markup() {
    let server = start().await;
    let nasty = "\"><script>alert(1)</script>";
    server.inside().register("nasty", json!({"client_name": nasty, "post_logout_redirect_uris": [BYE]})).await;
    let (mut person, _) = logged_in(&server, "leaver").await;
    let parameters =
        [("client_id", "nasty"), ("post_logout_redirect_uri", BYE), ("state", nasty), ("logout_hint", nasty), ("ui_locales", nasty)];
    let page = person.open(&path(&parameters)).await;
    let stayed = person.submit(&form(&page), "stay").await;
    let nobody = Person::new(&server).open(&path(&[("client_id", "nasty"), ("state", nasty)])).await;
    for reply in [&page, &stayed, &nobody] {
        assert!(!reply.body.contains("<script") && reply.body.contains("&#60;script"), "{}", reply.body);
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; base-uri 'none'; frame-ancestors 'none'") && !policy.contains("script-src"));
        assert_eq!((reply.header("x-frame-options"), reply.header("cache-control")), (Some("DENY"), Some("no-store")));
    }
    assert!(!page.header("content-security-policy").unwrap().contains("form-action"), "the form's redirect leads to the client");
    let reply = person.submit(&form(&page), "logout").await;
    assert_eq!(parameter(reply.header("location").unwrap(), "state").as_deref(), Some(nasty));
}

/// OpenID Connect Core section 11: what was allowed for while nobody is there outlives the session
#[tokio::test]
async fn a_grant_outlives_the_session_in_which_it_was_given() {
    let server = start().await;
    let mut person = Person::new(&server);
    let issued = tokens(&server, &mut person, "leaver", &[]).await;
    person.open(&path(&[("id_token_hint", &token(&issued, "id_token"))])).await;
    assert!(!is_logged_in(&mut person).await);
    assert_eq!(refresh(&server, As::Basic("leaver"), &token(&issued, "refresh_token")).await.status, 200);
}

/// RP-Initiated Logout section 2: the session of a person who was locked ends as well, and an expired one has ended
#[tokio::test]
async fn a_locked_person_can_log_out_and_an_expired_session_is_none() {
    let server = start().await;
    let local = server.inside();
    let (mut person, _) = logged_in(&server, "leaver").await;
    local.context.store.set_locked(local.alice, true).await.unwrap();
    let page = person.open("/logout").await;
    person.submit(&form(&page), "logout").await;
    assert_eq!(local.stored().get("session"), None);
    local.context.store.set_locked(local.alice, false).await.unwrap();
    let (mut person, _) = logged_in(&server, "leaver").await;
    local.clock.advance(7 * 24 * 3_600);
    assert!(person.open("/logout").await.body.contains("id=\"signed-out\""));
}

/// OpenID Connect Core section 3.1.3.7: after a logout the client's next login is a session of its own
#[tokio::test]
async fn the_next_login_has_another_sid() {
    let server = start().await;
    let (mut person, first) = logged_in(&server, "leaver").await;
    person.open(&path(&[("id_token_hint", &first)])).await;
    let landed = person.authorize(&authorization_query("leaver", &[]), ALICE).await;
    let second = token(&exchange(&server, As::Basic("leaver"), &parameter(&landed, "code").unwrap()).await, "id_token");
    assert_ne!(claims(&first)["sid"], claims(&second)["sid"]);
    // The first one names another session now, so that people are asked.
    form(&person.open(&path(&[("id_token_hint", &first)])).await);
}

/// RP-Initiated Logout section 2.1
#[tokio::test]
async fn the_endpoint_is_advertised() {
    let server = start().await;
    let metadata = server.send(&Event::get("/.well-known/openid-configuration")).await.json();
    assert_eq!(metadata["end_session_endpoint"], "https://issuer.example/logout");
}
