//! What a request wants of the login is handed on, and checked on the way back (OpenID Connect Core section 3.1.2.1).

use serde_json::json;

use super::{home_of, id_token, leave, location};
use crate::support::event::Event;
use crate::support::idp::Idp;
use crate::support::oauth::{authorization_query, parameter};
use crate::support::person::Person;
use crate::support::server::Server;

async fn come_back<'s>(
    server: &'s Server,
    idp: &Idp,
    wishes: &[(&str, Option<&str>)],
    changes: serde_json::Value,
) -> (Person<'s>, crate::support::server::Reply) {
    let mut person = Person::new(server);
    let sent = leave(&mut person, wishes).await;
    idp.vouch(&idp.claims(&sent, server.inside().clock.time().0, &changes));
    let reply = person.open(&Idp::back(&sent, &[])).await;
    (person, reply)
}

/// OpenID Connect Core section 3.1.2.1
#[tokio::test]
async fn wishes_are_handed_on() {
    let idp = Idp::start().await;
    let server = home_of(&idp, &json!({})).await;
    for (wishes, expected) in [
        (vec![], vec![("prompt", None), ("max_age", None), ("login_hint", None), ("ui_locales", None), ("acr_values", None)]),
        (vec![("prompt", Some("login"))], vec![("prompt", Some("login")), ("max_age", Some("0"))]),
        (vec![("prompt", Some("select_account"))], vec![("prompt", Some("select_account")), ("max_age", None)]),
        (vec![("max_age", Some("300"))], vec![("prompt", None), ("max_age", Some("300"))]),
        (vec![("login_hint", Some("ada@example.com"))], vec![("login_hint", Some("ada@example.com"))]),
        (vec![("ui_locales", Some("de-CH fr"))], vec![("ui_locales", Some("de-CH fr"))]),
        (vec![("acr_values", Some("gold"))], vec![("acr_values", None)]),
        (vec![("prompt", Some("consent"))], vec![("prompt", None)]),
    ] {
        let sent = leave(&mut Person::new(&server), &wishes).await;
        for (name, value) in expected {
            assert_eq!(parameter(&sent, name).as_deref(), value, "{wishes:?} {name}");
        }
        assert_eq!(parameter(&sent, "scope").as_deref(), Some("openid profile email"));
    }
}

/// Initiating User Registration via OpenID Connect, `prompt_values_supported`: some providers answer a prompt that they do not know with an error
#[tokio::test]
async fn a_provider_is_asked_for_prompts_that_it_knows_alone() {
    for (advertised, setting, login, select_account) in [
        (json!(null), json!(null), Some("login"), Some("select_account")),
        (json!(["none", "login", "consent"]), json!(null), Some("login"), None),
        (json!(["none", "select_account"]), json!(null), Some("select_account"), Some("select_account")),
        (json!([]), json!(null), None, None),
        (json!(["none"]), json!(["login"]), Some("login"), None),
        (json!(null), json!(["select_account"]), Some("select_account"), Some("select_account")),
    ] {
        let idp = Idp::start().await;
        idp.publish(&json!({"prompt_values_supported": advertised}));
        let server = home_of(&idp, &json!({"prompts": setting})).await;
        for (wish, expected) in [("login", login), ("select_account", select_account)] {
            let sent = leave(&mut Person::new(&server), &[("prompt", Some(wish))]).await;
            assert_eq!(parameter(&sent, "prompt").as_deref(), expected, "{advertised} {setting} {wish}");
        }
    }
}

/// OpenID Connect Core section 3.1.2.1: `prompt=login` and `max_age` are met, or the client is told; nobody goes round in circles
#[tokio::test]
async fn an_older_login_at_the_provider_is_no_answer_to_a_demand() {
    let idp = Idp::start().await;
    let server = home_of(&idp, &json!({})).await;
    let now = server.inside().clock.time().0;
    for (wishes, auth_time, is_good) in [
        (vec![("prompt", Some("login"))], json!(now), true),
        (vec![("prompt", Some("login"))], json!(now - 31), false),
        (vec![("prompt", Some("login"))], json!(null), false),
        (vec![("max_age", Some("0"))], json!(now - 31), false),
        (vec![("max_age", Some("300"))], json!(now - 330), true),
        (vec![("max_age", Some("300"))], json!(now - 331), false),
        (vec![("max_age", Some("300"))], json!(null), false),
        (vec![], json!(now - 100_000), true),
        (vec![], json!(null), true),
    ] {
        let (_, reply) = come_back(&server, &idp, &wishes, json!({"auth_time": auth_time})).await;
        let to = location(&reply);
        assert_eq!(to.starts_with("/authorize?"), is_good, "{wishes:?} {auth_time}: {to}");
        if !is_good {
            assert_eq!(parameter(&to, "error").as_deref(), Some("login_required"));
        }
    }
    // The provider's time is the one that clients are told; where it says none, it is now.
    let (mut person, reply) = come_back(&server, &idp, &[], json!({"auth_time": now - 4_000})).await;
    assert_eq!(id_token(&server, &mut person, &reply).await["auth_time"], now - 4_000);
    let (mut person, reply) = come_back(&server, &idp, &[], json!({"auth_time": null})).await;
    assert_eq!(id_token(&server, &mut person, &reply).await["auth_time"], now);
}

/// RFC 9700 section 4.11.2: a client that nobody vouches for gets no redirect before somebody has logged in
#[tokio::test]
async fn a_stranger_s_client_is_told_nothing_before_a_login() {
    let idp = Idp::start().await;
    let settings = json!({"connections": [idp.connection(&json!({}))], "registration": {"mode": "open"}});
    let server = Server::local_with(settings, |config| super::at_home(config, false)).await;
    let metadata = json!({"redirect_uris": ["https://stranger.example/callback"], "token_endpoint_auth_method": "none"}).to_string();
    let event = Event::new("POST", "/register").header("content-type", "application/json").body(metadata.as_bytes());
    let id = server.send(&event).await.json()["client_id"].as_str().unwrap().to_owned();
    let mut person = Person::new(&server);
    let wishes = [("redirect_uri", Some("https://stranger.example/callback")), ("prompt", Some("login"))];
    let sent = location(&person.open(&format!("/authorize?{}", authorization_query(&id, &wishes))).await);
    idp.vouch(&idp.claims(&sent, server.inside().clock.time().0, &json!({"auth_time": null})));
    let reply = person.open(&Idp::back(&sent, &[])).await;
    assert_eq!((reply.status, reply.header("location")), (400, None), "{reply:?}");
    assert!(reply.body.contains("stranger.example"), "the page names where it would lead: {reply:?}");
}

/// OpenID Connect Core section 2: the level is believed where the operator says so
#[tokio::test]
async fn acr_and_amr_are_the_provider_s_word_or_nobody_s() {
    let idp = Idp::start().await;
    for (trusted, acr, amr) in [(true, json!("urn:idp:acr:gold"), json!(["hwk"])), (false, json!(null), json!(null))] {
        let server = home_of(&idp, &json!({"trust_authentication": trusted})).await;
        let (mut person, reply) = come_back(&server, &idp, &[], json!({})).await;
        let token = id_token(&server, &mut person, &reply).await;
        assert_eq!((&token["acr"], &token["amr"]), (&acr, &amr), "{trusted}");
    }
}

/// Requests of every size that this server takes come back whole: short ones by the cookie, long ones by `state`
#[tokio::test]
async fn a_long_request_comes_back_whole() {
    let idp = Idp::start().await;
    let server = home_of(&idp, &json!({})).await;
    for length in [10, 2_300, 3_400] {
        let filler = "x".repeat(length);
        let mut person = Person::new(&server);
        let query = format!("{}&unknown={filler}", authorization_query("app", &[]));
        let sent = location(&person.open(&format!("/authorize?{query}")).await);
        let cookie = &person.cookies["grantlet-upstream"];
        assert!(cookie.len() + "grantlet-upstream=".len() <= 4_096, "{}", cookie.len());
        assert_eq!(parameter(&sent, "state").unwrap().len() > 43, length > 3_000);
        idp.vouch(&idp.claims(&sent, server.inside().clock.time().0, &json!({})));
        let reply = person.open(&Idp::back(&sent, &[])).await;
        assert_eq!(location(&reply), format!("/authorize?{query}"));
    }
}

/// RFC 8628: a login for a device comes back to the device's code
#[tokio::test]
async fn a_login_for_a_device_comes_back_to_it() {
    let idp = Idp::start().await;
    let server = home_of(&idp, &json!({})).await;
    let mut person = Person::new(&server);
    let sent = location(&person.open("/login/upstream?connection=idp&user_code=BCDF-GHJK").await);
    idp.vouch(&idp.claims(&sent, server.inside().clock.time().0, &json!({})));
    assert_eq!(location(&person.open(&Idp::back(&sent, &[])).await), "/device?user_code=BCDF-GHJK");
}
