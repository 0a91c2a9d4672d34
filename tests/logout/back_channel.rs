//! OpenID Connect Back-Channel Logout 1.0: whoever ends a session, the clients in it are told.

use grantlet::model::client::SigningAlg;
use grantlet::model::user::UserId;
use grantlet::protocol::issuer::Issuer;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use super::{form, logged_in, path, tokens};
use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, As, authorization_query, claims, exchange, post, register_client, token, userinfo};
use crate::support::person::{Account, Person};
use crate::support::server::Server;
use crate::support::web::{Document, Web};

const ISSUER: &str = "http://localhost:9000";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A server on a loopback address, whose clients may be on the same machine, and the web server of its clients.
async fn start() -> (Server, Web) {
    let server = Server::local_with(json!({}), |config| {
        config.issuer = Issuer::parse(ISSUER).unwrap();
        ISSUER.clone_into(&mut config.default_audience);
    })
    .await;
    (server, Web::start().await)
}

/// Registers a client that is told at `/<id>`, and takes it.
async fn register(server: &Server, web: &Web, id: &str, metadata: Value) {
    let mut all = json!({"backchannel_logout_uri": web.url(&format!("/{id}"))});
    all.as_object_mut().unwrap().extend(metadata.as_object().unwrap().clone());
    server.inside().register(id, all).await;
    answer(web, id, 200);
}

/// Lets the client answer with `status` from now on.
fn answer(web: &Web, id: &str, status: u16) {
    web.put(&format!("/{id}"), Document { status, ..Document::json(&json!({})) });
}

/// The logout tokens that the client `id` was sent.
fn received(web: &Web, id: &str) -> Vec<String> {
    let posted = web.arrived().into_iter().filter(|arrived| arrived.path == format!("/{id}"));
    posted
        .map(|arrived| {
            assert_eq!(arrived.method, "POST");
            let fields: Vec<(String, String)> = url::form_urlencoded::parse(arrived.body.as_bytes()).into_owned().collect();
            let [(name, token)] = &fields[..] else { panic!("one field: {fields:?}") };
            assert_eq!(name, "logout_token");
            token.clone()
        })
        .collect()
}

/// Lets the person log out by the page that asks.
async fn log_out(person: &mut Person<'_>) {
    let page = person.open("/logout").await;
    assert_eq!(person.submit(&form(&page), "logout").await.status, 200);
}

/// Tells of everything that ended since the last time, and answers with the numbers of failures.
async fn notify(server: &Server) -> usize {
    let local = server.inside();
    failures(&local.notify(&local.ended_sessions()).await)
}

fn failures(answer: &Value) -> usize {
    answer["batchItemFailures"].as_array().unwrap().len()
}

fn nothing() -> Value {
    json!({"batchItemFailures": []})
}

/// Back-Channel Logout sections 2.4 and 2.6: everything that a client checks of a logout token
#[tokio::test]
async fn a_client_is_sent_a_logout_token_of_the_session_that_ended() {
    let (server, web) = start().await;
    for (id, alg) in [("rs", "RS256"), ("es", "ES256"), ("ed", "EdDSA"), ("ps", "PS256")] {
        register(&server, &web, id, json!({"id_token_signed_response_alg": alg})).await;
    }
    let mut person = Person::new(&server);
    let mut id_tokens = Vec::new();
    for id in ["rs", "es", "ed", "ps"] {
        id_tokens.push((id, token(&tokens(&server, &mut person, id, &[]).await, "id_token")));
    }
    assert_eq!(notify(&server).await, 0);
    assert!(web.arrived().is_empty(), "a login ends nothing");
    log_out(&mut person).await;
    assert_eq!(notify(&server).await, 0);

    let keys = server.send(&Event::get("/jwks.json")).await.json();
    let mut identifiers = std::collections::BTreeSet::new();
    for (id, id_token) in id_tokens {
        let all = received(&web, id);
        let [logout_token] = &all[..] else { panic!("{id} was sent {}", all.len()) };
        let header = jsonwebtoken::decode_header(logout_token).unwrap();
        assert_eq!((header.typ.as_deref(), header.alg), (Some("logout+jwt"), jsonwebtoken::decode_header(&id_token).unwrap().alg));
        let jwk = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header.kid.as_deref().unwrap()).unwrap();
        let key = DecodingKey::from_jwk(&serde_json::from_value(jwk.clone()).unwrap()).unwrap();
        let mut validation = Validation::new(header.alg);
        // The server's clock stands still, so that the times are judged below.
        validation.validate_exp = false;
        validation.set_audience(&[id]);
        validation.set_issuer(&[ISSUER]);
        let told: Value = jsonwebtoken::decode(logout_token, &key, &validation).unwrap().claims;
        let known = claims(&id_token);
        assert_eq!([&told["sub"], &told["sid"]], [&known["sub"], &known["sid"]]);
        assert_eq!(told["events"], json!({ EVENT: {} }));
        let now = server.inside().context.now().0;
        assert_eq!((told["iat"].as_i64(), told["exp"].as_i64()), (Some(now), Some(now + 120)));
        let names: Vec<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["aud", "events", "exp", "iat", "iss", "jti", "sid", "sub"], "and no nonce");
        assert!(told["jti"].as_str().unwrap().len() >= 22 && identifiers.insert(told["jti"].to_string()));
    }
    assert_eq!(Algorithm::RS256, jsonwebtoken::decode_header(&received(&web, "rs")[0]).unwrap().alg);
}

/// Back-Channel Logout section 2.3: the clients of that session, which want to be told, and no others
#[tokio::test]
async fn only_clients_of_the_session_that_want_it_are_told() {
    let (server, web) = start().await;
    for id in ["one", "two", "elsewhere", "plain", "gone", "changed"] {
        register(&server, &web, id, json!({})).await;
    }
    let mut person = Person::new(&server);
    for id in ["one", "two", "one", "gone", "changed", "app"] {
        person.authorize(&authorization_query(id, &[("scope", Some("openid"))]), ALICE).await;
    }
    // Without an ID token there is no session that the client could know.
    person.authorize(&authorization_query("plain", &[("scope", Some("profile"))]), ALICE).await;
    let (mut other, _) = logged_in(&server, "elsewhere").await;
    let store = &server.inside().context.store;
    store.remove_client(&grantlet::model::client::ClientId::parse("gone").unwrap()).await.unwrap();
    let mut changed = store.find_client(&grantlet::model::client::ClientId::parse("changed").unwrap()).await.unwrap().unwrap();
    changed.client.backchannel_logout_uri = None;
    assert!(store.replace_client(&changed).await.unwrap());

    log_out(&mut person).await;
    assert_eq!(notify(&server).await, 0);
    let counts = ["one", "two", "elsewhere", "plain", "gone", "changed"].map(|id| received(&web, id).len());
    assert_eq!(counts, [1, 1, 0, 0, 0, 0]);
    log_out(&mut other).await;
    assert_eq!(notify(&server).await, 0);
    assert_eq!(received(&web, "elsewhere").len(), 1);
}

/// Back-Channel Logout section 2.3: a client is told long after its codes and tokens have ended and were forgotten
#[tokio::test]
async fn a_client_without_refresh_tokens_is_told_after_its_grant_is_gone() {
    let (server, web) = start().await;
    register(&server, &web, "site", json!({"grant_types": ["authorization_code"]})).await;
    let local = server.inside();
    let mut person = Person::new(&server);
    person.authorize(&authorization_query("site", &[("scope", Some("openid"))]), ALICE).await;
    local.clock.advance(6 * 24 * 3_600);
    local.forget("grant#");
    log_out(&mut person).await;
    assert_eq!(notify(&server).await, 0);
    assert_eq!(received(&web, "site").len(), 1);
}

/// Back-Channel Logout section 2: a logout token is signed only for a session that the store says has ended
#[tokio::test]
async fn nobody_is_told_of_a_session_that_lives_whatever_the_stream_says() {
    let (server, web) = start().await;
    register(&server, &web, "one", json!({})).await;
    let local = server.inside();
    let mut person = Person::new(&server);
    let id_token = token(&tokens(&server, &mut person, "one", &[]).await, "id_token");
    let sid = claims(&id_token)["sid"].as_str().unwrap().to_owned();
    let forged = json!({"Records": [{
        "eventName": "REMOVE",
        "dynamodb": {
            "SequenceNumber": "100000000000000000001", "Keys": {"pk": {"S": format!("session#{sid}")}},
            "OldImage": {"pk": {"S": format!("session#{sid}")}, "user_id": {"S": local.alice.to_string()}, "clients": {"SS": ["one"]}},
        },
    }]});
    assert_eq!(local.notify(&forged).await, nothing());
    assert!(web.arrived().is_empty());
    // The same person's next login goes on with the session.
    person.authorize(&authorization_query("one", &[("prompt", Some("login"))]), ALICE).await;
    assert_eq!(notify(&server).await, 0);
    assert!(web.arrived().is_empty());
    // One second before its end it lives; then it has ended, although TTL has not deleted it.
    local.clock.advance(7 * 24 * 3_600 - 1);
    assert_eq!(local.notify(&forged).await, nothing());
    assert!(web.arrived().is_empty());
    local.clock.advance(1);
    assert_eq!(local.notify(&forged).await, nothing());
    assert_eq!(received(&web, "one").len(), 1);
}

/// Whoever ends a session, the rest follows: another person's login, a lock, a new password, the end of its time
#[tokio::test]
async fn clients_are_told_whoever_ends_the_session() {
    let (server, web) = start().await;
    register(&server, &web, "one", json!({})).await;
    let local = server.inside();
    let bob = Account { username: "bob", password: "password-pw-correct-horse-battery" };
    add_bob(&server).await;
    let mut person = Person::new(&server);
    person.authorize(&authorization_query("one", &[]), ALICE).await;
    person.authorize(&authorization_query("app", &[("prompt", Some("login"))]), bob).await;
    assert_eq!(notify(&server).await, 0);
    assert_eq!(received(&web, "one").len(), 1, "another person's login in the same browser");

    // The operator's program ends sessions by the index, from another process.
    logged_in(&server, "one").await;
    logged_in(&server, "one").await;
    for id in local.context.store.list_session_ids(local.alice).await.unwrap() {
        local.context.store.end_session(id).await.unwrap();
    }
    assert_eq!(notify(&server).await, 0);
    let told = received(&web, "one");
    assert_eq!(told.len(), 3);

    logged_in(&server, "one").await;
    local.clock.advance(7 * 24 * 3_600);
    local.forget("session#");
    assert_eq!(notify(&server).await, 0);
    let told = received(&web, "one");
    assert_eq!(told.len(), 4, "the end of its time");
    let sessions: std::collections::BTreeSet<_> = told.iter().map(|token| claims(token)["sid"].to_string()).collect();
    assert_eq!(sessions.len(), 4);
}

/// Back-Channel Logout section 2.4: either `sub` or `sid` is enough where nobody knows the person any more
#[tokio::test]
async fn a_person_who_was_removed_is_named_by_the_session_alone() {
    let (server, web) = start().await;
    register(&server, &web, "one", json!({})).await;
    let local = server.inside();
    let (_, id_token) = logged_in(&server, "one").await;
    for id in local.context.store.list_session_ids(local.alice).await.unwrap() {
        local.context.store.end_session(id).await.unwrap();
    }
    assert!(local.context.store.remove_user(local.alice).await.unwrap());
    assert_eq!(notify(&server).await, 0);
    let told = claims(&received(&web, "one")[0]);
    assert_eq!(told["sid"], claims(&id_token)["sid"]);
    assert!(told.get("sub").is_none());
}

/// OpenID Connect Core section 8: the subject is the one that the client knows
#[tokio::test]
async fn a_pairwise_client_is_told_of_its_own_subject() {
    let (server, web) = start().await;
    register(&server, &web, "pair", json!({"subject_type": "pairwise"})).await;
    register(&server, &web, "public", json!({})).await;
    let mut person = Person::new(&server);
    let pair = tokens(&server, &mut person, "pair", &[]).await;
    tokens(&server, &mut person, "public", &[]).await;
    log_out(&mut person).await;
    assert_eq!(notify(&server).await, 0);
    let (told, public) = (claims(&received(&web, "pair")[0]), claims(&received(&web, "public")[0]));
    assert_eq!(told["sub"], claims(&token(&pair, "id_token"))["sub"]);
    assert_eq!(told["sub"], userinfo(&server, &token(&pair, "access_token")).await.json()["sub"]);
    assert_ne!(told["sub"], public["sub"]);
}

/// Back-Channel Logout section 2.8: what a client does not take comes again, for this client alone
#[tokio::test]
async fn a_client_that_fails_is_told_again_and_the_others_are_not() {
    let (server, web) = start().await;
    for id in ["good", "bad"] {
        register(&server, &web, id, json!({})).await;
    }
    let local = server.inside();
    let mut person = Person::new(&server);
    for id in ["good", "bad"] {
        person.authorize(&authorization_query(id, &[]), ALICE).await;
    }
    log_out(&mut person).await;
    let event = local.ended_sessions();
    for (status, tries) in [(500, 1), (302, 2), (400, 3), (201, 4)] {
        answer(&web, "bad", status);
        assert_eq!(failures(&local.notify(&event).await), 1, "{status}");
        assert_eq!((received(&web, "good").len(), received(&web, "bad").len()), (1, tries), "{status}");
    }
    answer(&web, "bad", 204);
    assert_eq!(local.notify(&event).await, nothing());
    assert_eq!((received(&web, "good").len(), received(&web, "bad").len()), (1, 5));
    assert_eq!(local.notify(&event).await, nothing());
    assert_eq!((received(&web, "good").len(), received(&web, "bad").len()), (1, 5), "it was told");
    let identifiers: std::collections::BTreeSet<_> = received(&web, "bad").iter().map(|token| claims(token)["jti"].to_string()).collect();
    assert_eq!(identifiers.len(), 5, "each attempt is a token of its own");
    // At least once: another instance does not know.
    local.other_notifier().handle(&event).await.unwrap();
    assert_eq!(received(&web, "good").len(), 2);
}

/// Lambda's partial batch responses: what fails holds up nothing else
#[tokio::test]
async fn of_a_batch_only_the_sessions_that_failed_come_again() {
    let (server, web) = start().await;
    for id in ["good", "bad", "away"] {
        register(&server, &web, id, json!({})).await;
    }
    answer(&web, "bad", 503);
    let unreachable = json!({"backchannel_logout_uri": "http://127.0.0.1:9/", "redirect_uris": ["https://app.example/callback"]});
    register_client(&server.inside().context, "nowhere", unreachable).await;
    let forbidden = json!({"backchannel_logout_uri": "https://169.254.169.254/latest/meta-data/"});
    register_client(&server.inside().context, "forbidden", forbidden).await;
    for id in ["good", "bad", "nowhere", "forbidden", "good"] {
        let mut person = Person::new(&server);
        person.authorize(&authorization_query(id, &[]), ALICE).await;
        log_out(&mut person).await;
    }
    let local = server.inside();
    let mut event = local.ended_sessions();
    let numbers: Vec<Value> =
        event["Records"].as_array().unwrap().iter().map(|record| record["dynamodb"]["SequenceNumber"].clone()).collect();
    let failed =
        |at: &[usize]| json!({"batchItemFailures": at.iter().map(|at| json!({"itemIdentifier": numbers[*at]})).collect::<Vec<_>>()});
    assert_eq!(local.notify(&event).await, failed(&[1, 2, 3]));
    assert_eq!(received(&web, "good").len(), 2);
    // A record that nobody can read is reported as well, so that it ends where failures do.
    event["Records"][0]["dynamodb"]["OldImage"] = json!({"pk": {"S": "session#x"}});
    assert_eq!(local.notify(&event).await, failed(&[0, 1, 2, 3]));
    assert!(local.other_notifier().handle(&json!({"Records": [{}]})).await.is_err());
}

/// A code is never issued in a session of which nobody would know that the client was in it
#[tokio::test]
async fn a_session_that_ends_before_the_code_is_issued_issues_none() {
    let (server, web) = start().await;
    register(&server, &web, "one", json!({})).await;
    let local = server.inside();
    let mut person = Person::new(&server);
    person.authorize(&authorization_query("app", &[]), ALICE).await;
    let page = person.open(&format!("/authorize?{}", authorization_query("one", &[]))).await;
    let consent = Form::find(&page.body, "consent").unwrap();
    for id in local.context.store.list_session_ids(local.alice).await.unwrap() {
        local.context.store.end_session(id).await.unwrap();
    }
    let answered = person.submit(&consent, "allow").await;
    assert!(answered.header("location").unwrap().starts_with("/authorize?"), "{answered:?}");
    let ended = grantlet::model::client::ClientId::parse("one").unwrap();
    assert!(!local.context.store.note_client(ulid::Ulid::from_parts(1, 1), &ended, local.context.now()).await.unwrap());
    assert_eq!(local.stored().get("session"), None, "noting makes no record");
}

/// RFC 8628 section 3.3: the session in which a person allows a device is the device's, too
#[tokio::test]
async fn a_client_on_a_device_is_told_as_well() {
    let (server, web) = start().await;
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    register(&server, &web, "tv", json!({"grant_types": [device], "redirect_uris": []})).await;
    let asked = post(&server, "/device_authorization", As::Basic("tv"), &[("scope", "openid")]).await.json();
    let mut person = Person::new(&server);
    person.authorize(&authorization_query("app", &[]), ALICE).await;
    let page = person.open("/device").await;
    let code = Form::find(&page.body, "device").unwrap().fill("user_code", asked["user_code"].as_str().unwrap());
    let question = person.submit(&code, "continue").await;
    let done = person.submit(&Form::find(&question.body, "consent").unwrap(), "allow").await;
    assert!(done.body.contains("id=\"done\""), "{done:?}");
    let form = [("grant_type", device), ("device_code", asked["device_code"].as_str().unwrap())];
    let id_token = token(&post(&server, "/token", As::Basic("tv"), &form).await, "id_token");
    log_out(&mut person).await;
    assert_eq!(notify(&server).await, 0);
    assert_eq!(claims(&received(&web, "tv")[0])["sid"], claims(&id_token)["sid"]);
}

/// RFC 8725 section 3.11: a logout token is no other artefact
#[tokio::test]
async fn a_logout_token_is_worth_nothing_anywhere_else() {
    let (server, web) = start().await;
    register(&server, &web, "one", json!({})).await;
    let (mut person, _) = logged_in(&server, "one").await;
    log_out(&mut person).await;
    assert_eq!(notify(&server).await, 0);
    let told = received(&web, "one").remove(0);
    assert_eq!(userinfo(&server, &told).await.status, 401);
    assert_eq!(exchange(&server, As::Basic("one"), &told).await.status, 400);
    assert_eq!(crate::support::oauth::refresh(&server, As::Basic("one"), &told).await.status, 400);
    assert_eq!(person.open(&path(&[("id_token_hint", &told)])).await.status, 400);
}

/// Back-Channel Logout section 2.1
#[tokio::test]
async fn support_is_advertised() {
    let (server, _) = start().await;
    let metadata = server.send(&Event::get("/.well-known/openid-configuration")).await.json();
    assert_eq!(metadata["backchannel_logout_supported"], true);
    assert_eq!(metadata["backchannel_logout_session_supported"], true);
    assert!(SigningAlg::ALL.len() == metadata["id_token_signing_alg_values_supported"].as_array().unwrap().len());
}

/// Another account, with Alice's password.
async fn add_bob(server: &Server) -> UserId {
    use grantlet::model::user::Login;
    let local = server.inside();
    let store = &local.context.store;
    let mut bob = store.find_user(local.alice).await.unwrap().unwrap();
    bob.id = UserId(local.context.ulid());
    bob.subject = grantlet::model::user::Subject(bob.id.to_string());
    bob.username = Some("bob".to_owned());
    assert!(store.create_user(&bob, &Login::Local("bob".to_owned())).await.unwrap());
    bob.id
}
