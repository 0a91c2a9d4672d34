//! `/login/passkey`: who is let in, and that nothing else than the right passkey, in the right browser, once, does.

use grantlet::store::PasskeyRemoved;
use serde_json::{Value, json};

use super::Wrong;
use crate::support::authenticator::{Authenticator, BACKED_UP, BACKUP_ELIGIBLE, Said, USER_PRESENT, USER_VERIFIED};
use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, As, authorization_query, claims, encode, exchange, parameter};
use crate::support::passkeys::{ask_challenge, give_passkey, log_in, login_page, post, send_answer};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

const SENTENCE: &str = "This passkey can’t be used to sign in now.";

/// Alice's authenticator, and a server that knows it.
async fn server_and_passkey() -> (Server, Authenticator) {
    let server = Server::local(json!({})).await;
    let mut authenticator = Authenticator::new();
    let local = server.inside();
    give_passkey(&local.context, local.alice, &mut authenticator, |said| said.counter = 10).await;
    (server, authenticator)
}

fn assert_refused(reply: &Reply) {
    assert_eq!(reply.status, 403, "{reply:?}");
    assert!(reply.body.contains(SENTENCE), "{reply:?}");
    assert!(!reply.cookies.iter().any(|cookie| cookie.contains("session")), "{reply:?}");
}

/// Goes on from a login, allows where asked, and answers with the claims of the ID token.
async fn id_token(server: &Server, person: &mut Person<'_>, done: &Reply) -> Value {
    assert_eq!(done.status, 303, "{done:?}");
    let path = done.header("location").unwrap().to_owned();
    let landed = person.authorize(path.strip_prefix("/authorize?").unwrap(), ALICE).await;
    let tokens = exchange(server, As::Basic("app"), &parameter(&landed, "code").unwrap_or_else(|| panic!("{landed}"))).await.json();
    claims(tokens["id_token"].as_str().unwrap())
}

/// WebAuthn Level 3 section 7.2; RFC 8176 section 2; OpenID Connect EAP ACR Values section 2
#[tokio::test]
async fn a_passkey_logs_its_person_in_and_tokens_say_how() {
    let (server, authenticator) = server_and_passkey().await;
    let mut person = Person::new(&server);
    let page = login_page(&mut person, &[]).await;
    assert!(page.body.contains("autocomplete=\"username webauthn\""), "{}", page.body);
    assert!(page.header("content-security-policy").unwrap().contains("connect-src 'self'"));
    let done = log_in(&mut person, &server, &page, &authenticator, |said| said.counter = 11).await;
    let claims = id_token(&server, &mut person, &done).await;
    assert_eq!(claims["sub"], server.inside().alice.to_string());
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!("phr"), &json!(["pop", "user", "mfa"])));
    assert_eq!(claims["auth_time"], server.inside().clock.time().0);
}

/// The record of the passkey says when it was used last, to the hour, and what its authenticator told
#[tokio::test]
async fn a_login_is_noted_when_something_changed_or_an_hour_has_passed() {
    let server = Server::local(json!({})).await;
    let mut authenticator = Authenticator::new();
    let local = server.inside();
    let made = give_passkey(&local.context, local.alice, &mut authenticator, |said| said.flags |= BACKUP_ELIGIBLE).await;
    let store = &local.context.store;
    let begun = local.clock.time();
    for (seconds, flags, last, backed_up) in [
        (0, BACKUP_ELIGIBLE, 0, false),
        (100, BACKUP_ELIGIBLE, 0, false),
        (200, BACKUP_ELIGIBLE | BACKED_UP, 300, true),
        (3_600, BACKUP_ELIGIBLE | BACKED_UP, 3_900, true),
    ] {
        local.clock.advance(seconds);
        let mut person = Person::new(&server);
        let page = login_page(&mut person, &[]).await;
        let done = log_in(&mut person, &server, &page, &authenticator, |said| said.flags |= flags).await;
        assert_eq!(done.status, 303, "{done:?}");
        let kept = store.find_passkey(&made.id).await.unwrap().unwrap();
        assert_eq!((kept.last_used_at, kept.backed_up), (Some(begun.plus(last)), backed_up), "{seconds}");
    }
}

/// OpenID Connect Core sections 3.1.2.1 and 5.5.1.1: a wish for a level leads to the login page, and a passkey meets it.
#[tokio::test]
async fn a_passkey_meets_an_essential_acr_that_a_password_does_not() {
    let (server, authenticator) = server_and_passkey().await;
    let mut person = Person::new(&server);
    person.authorize(&authorization_query("app", &[]), ALICE).await;
    let wanted = |level: &str| json!({"id_token": {"acr": {"essential": true, "values": [level]}}}).to_string();
    for (count, level) in [(11, "phr"), (12, "urn:grantlet:acr:multi-factor")] {
        let wanted = wanted(level);
        let asked = [("claims", Some(wanted.as_str())), ("nonce", Some(level))];
        if level == "phr" {
            let page = login_page(&mut person, &asked).await;
            let done = log_in(&mut person, &server, &page, &authenticator, |said| said.counter = count).await;
            assert_eq!(id_token(&server, &mut person, &done).await["acr"], level);
        } else {
            // The login of a moment ago reaches it, too; the client reads what it asked for.
            let reply = person.open(&format!("/authorize?{}", authorization_query("app", &asked))).await;
            let code = parameter(reply.header("location").unwrap(), "code").unwrap();
            let tokens = exchange(&server, As::Basic("app"), &code).await.json();
            assert_eq!(claims(tokens["id_token"].as_str().unwrap())["acr"], level);
        }
    }
    let told = server.send(&Event::get("/.well-known/openid-configuration")).await.json();
    assert_eq!(told["acr_values_supported"], json!(["urn:grantlet:acr:single-factor", "urn:grantlet:acr:multi-factor", "phr"]));
}

/// WebAuthn Level 3 section 7.2: whatever is wrong, nobody is let in, and one sentence is all that is said (section 14.6.2).
#[tokio::test]
async fn a_login_that_is_wrong_in_any_point_lets_nobody_in() {
    let (server, authenticator) = server_and_passkey().await;
    let wrong: [Wrong; 10] = [
        ("another origin", |said| said.origin = "https://evil.example".to_owned()),
        ("another relying party", |said| said.rp_id = "evil.example".to_owned()),
        ("another challenge", |said| said.challenge = "c29tZXRoaW5nIGVsc2U".to_owned()),
        ("inside of another page", |said| said.cross_origin = true),
        ("nobody present", |said| said.flags = USER_VERIFIED),
        ("nobody verified", |said| said.flags = USER_PRESENT),
        ("no user handle", |said| said.user_handle = None),
        ("another user", |said| said.user_handle = Some(vec![7; 16])),
        ("the counter stands still", |said| said.counter = 10),
        ("the counter goes backwards", |said| said.counter = 3),
    ];
    for (what, change) in wrong {
        let mut person = Person::new(&server);
        let page = login_page(&mut person, &[]).await;
        let reply = log_in(&mut person, &server, &page, &authenticator, |said| {
            said.counter = 11;
            change(said);
        })
        .await;
        assert_refused(&reply);
        assert!(person.cookies.keys().all(|name| !name.contains("session")), "{what}");
    }
    assert!(!server.inside().stored().contains_key("session"));
}

/// WebAuthn Level 3 section 13.4.3: a challenge counts once, for five minutes, in the browser that asked for it.
#[tokio::test]
async fn a_challenge_counts_once_in_time_and_in_its_browser() {
    let (server, authenticator) = server_and_passkey().await;
    let mut person = Person::new(&server);
    let page = login_page(&mut person, &[]).await;

    let challenge = ask_challenge(&mut person, &server, &page).await;
    let said = Said { counter: 11, ..authenticator.about_to_get(&challenge["publicKey"], server.issuer()) };
    let answer = authenticator.get(&said);
    let mut thief = Person::new(&server);
    let other_page = login_page(&mut thief, &[]).await;
    assert_refused(&send_answer(&mut thief, &other_page, &challenge, &answer).await);
    assert_eq!(send_answer(&mut person, &page, &challenge, &answer).await.status, 303);
    assert_refused(&send_answer(&mut person, &page, &challenge, &answer).await);

    // Its own challenge does not help the thief to use what was answered to another.
    let own = ask_challenge(&mut thief, &server, &other_page).await;
    assert_refused(&send_answer(&mut thief, &other_page, &own, &answer).await);

    let late = ask_challenge(&mut person, &server, &page).await;
    let said = Said { counter: 12, ..authenticator.about_to_get(&late["publicKey"], server.issuer()) };
    server.inside().clock.advance(300);
    assert_refused(&send_answer(&mut person, &page, &late, &authenticator.get(&said)).await);
}

/// A wrong answer spends its challenge: whoever tries has one try each
#[tokio::test]
async fn a_wrong_answer_spends_the_challenge() {
    let (server, authenticator) = server_and_passkey().await;
    let mut person = Person::new(&server);
    let page = login_page(&mut person, &[]).await;
    let challenge = ask_challenge(&mut person, &server, &page).await;
    let honest = Said { counter: 11, ..authenticator.about_to_get(&challenge["publicKey"], server.issuer()) };
    let wrong = Said { flags: USER_PRESENT, ..honest.clone() };
    assert_refused(&send_answer(&mut person, &page, &challenge, &authenticator.get(&wrong)).await);
    assert_refused(&send_answer(&mut person, &page, &challenge, &authenticator.get(&honest)).await);
    let done = log_in(&mut person, &server, &page, &authenticator, |said| said.counter = 11).await;
    assert_eq!(done.status, 303);
}

/// Nobody learns which passkeys and people there are: a passkey that nobody has, a removed one and a locked person's look alike.
#[tokio::test]
async fn an_unknown_passkey_a_removed_one_and_a_locked_person_s_look_alike() {
    let (server, authenticator) = server_and_passkey().await;
    let local = server.inside();
    let mut person = Person::new(&server);
    let page = login_page(&mut person, &[]).await;
    let mut stranger = Authenticator::new();
    stranger.user_handle.clone_from(&authenticator.user_handle);
    let unknown = log_in(&mut person, &server, &page, &stranger, |_| ()).await;
    assert_refused(&unknown);

    local.context.store.set_locked(local.alice, true).await.unwrap();
    let locked = log_in(&mut person, &server, &page, &authenticator, |said| said.counter = 11).await;
    assert_refused(&locked);
    local.context.store.set_locked(local.alice, false).await.unwrap();
    let id = grantlet::model::passkey::PasskeyId::of(&authenticator.credential_id);
    assert_eq!(local.context.store.remove_passkey(local.alice, &id).await.unwrap(), PasskeyRemoved::Done);
    let removed = log_in(&mut person, &server, &page, &authenticator, |said| said.counter = 12).await;
    assert_refused(&removed);
    assert_eq!((&unknown.body, &unknown.body), (&locked.body, &removed.body));
}

/// What is sent is bounded before it is read, and garbage is an answer that does not count.
#[tokio::test]
async fn garbage_lets_nobody_in() {
    let (server, authenticator) = server_and_passkey().await;
    let mut person = Person::new(&server);
    let page = login_page(&mut person, &[]).await;
    for garbage in [
        json!(null),
        json!("x"),
        json!({}),
        json!({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}}),
        json!("x".repeat(12_500)),
    ] {
        let challenge = ask_challenge(&mut person, &server, &page).await;
        assert_refused(&send_answer(&mut person, &page, &challenge, &garbage).await);
    }
    let challenge = ask_challenge(&mut person, &server, &page).await;
    let reply = send_answer(&mut person, &page, &challenge, &json!("x".repeat(20_000))).await;
    assert_eq!(reply.status, 400, "{reply:?}");
    for bad in ["", "x", "01ARZ3NDEKTSV4RRFFQ69G5FAV"] {
        let said = Said { counter: 11, ..authenticator.about_to_get(&challenge["publicKey"], server.issuer()) };
        assert_refused(&send_answer(&mut person, &page, &json!({ "challenge": bad }), &authenticator.get(&said)).await);
    }
}

/// OWASP Cross-Site Request Forgery Prevention: challenges and answers come from our own page, in the browser that opened it.
#[tokio::test]
async fn another_site_gets_no_challenge_and_sends_no_answer() {
    let (server, _) = server_and_passkey().await;
    let mut person = Person::new(&server);
    let page = login_page(&mut person, &[]).await;
    let body = Form::find(&page.body, "passkey").unwrap().press("passkey-sign-in");
    for path in ["/login/passkey/options", "/login/passkey"] {
        for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")] {
            let reply = person.send(Event::post_form(path, &body).header(name, value)).await;
            assert_eq!(reply.status, 403, "{path} {name}");
        }
        let json = Event::new("POST", path).header("content-type", "application/json").body(b"{}");
        assert_eq!(person.send(json).await.status, 403);
        let without: Vec<&str> = body.split('&').filter(|pair| !pair.starts_with("form_token=")).collect();
        assert_eq!(post(&mut person, &server, path, &without.join("&")).await.status, 403, "{path}");
        assert_eq!(post(&mut Person::new(&server), &server, path, &body).await.status, 403, "{path}: another browser");
        assert_eq!(person.open(path).await.status, 405);
    }
    assert!(!server.inside().stored().contains_key("challenge"));
}

/// Challenges cost a write, and are given out to strangers: so many for one network, and no more.
#[tokio::test]
async fn challenges_are_counted_by_network() {
    let (server, _) = server_and_passkey().await;
    let mut person = Person::new(&server);
    let page = login_page(&mut person, &[]).await;
    for _ in 0..300 {
        ask_challenge(&mut person, &server, &page).await;
    }
    let body = Form::find(&page.body, "passkey").unwrap().press("passkey-sign-in");
    let reply = post(&mut person, &server, "/login/passkey/options", &body).await;
    assert_eq!(reply.status, 429, "{reply:?}");
    assert!(reply.header("retry-after").is_some());
    ask_challenge(&mut person.clone().at("192.0.2.9"), &server, &page).await;
    server.inside().clock.advance(900);
    ask_challenge(&mut person, &server, &page).await;
}

/// RFC 8628: a device's code is an errand like any other.
#[tokio::test]
async fn a_passkey_logs_in_for_a_device() {
    let (server, authenticator) = server_and_passkey().await;
    let mut person = Person::new(&server);
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    let tv = json!({"grant_types": [grant], "redirect_uris": [], "token_endpoint_auth_method": "none"});
    server.inside().register("tv", tv).await;
    let asked = server.send(&Event::post_form("/device_authorization", &encode(&[("client_id", "tv"), ("scope", "openid")]))).await.json();
    let code = asked["user_code"].as_str().unwrap_or_else(|| panic!("{asked}"));
    let form = Form::find(&person.open("/device").await.body, "device").unwrap().fill("user_code", code);
    let page = person.submit(&form, "continue").await;
    let done = log_in(&mut person, &server, &page, &authenticator, |said| said.counter = 11).await;
    assert_eq!((done.status, done.header("location")), (303, Some(format!("/device?user_code={code}").as_str())), "{done:?}");
}

/// `[passkeys]`: where they are off, and where accounts are not kept here, there is no button and no way in.
#[tokio::test]
async fn where_passkeys_are_off_there_is_no_way_in() {
    for settings in [json!({"passkeys": {"enabled": false}}), json!({"passkeys": {"domain": "other.example"}})] {
        let server = Server::local(settings).await;
        let mut person = Person::new(&server);
        let page = person.open(&format!("/authorize?{}", authorization_query("app", &[]))).await;
        assert!(Form::find(&page.body, "login").is_some() && Form::find(&page.body, "passkey").is_none(), "{page:?}");
        assert!(!page.body.contains("<script") && !page.header("content-security-policy").unwrap().contains("script-src"));
        for path in ["/login/passkey/options", "/login/passkey"] {
            assert_eq!(post(&mut person, &server, path, &encode(&[("request", "x")])).await.status, 400);
        }
        let told = server.send(&Event::get("/.well-known/openid-configuration")).await.json();
        assert!(!told["acr_values_supported"].as_array().unwrap().contains(&json!("phr")));
    }
}
