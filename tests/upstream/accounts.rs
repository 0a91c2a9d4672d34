//! Whose account it is: made once, found again, never somebody else's.

use ::grantlet::model::user::{Identity, Login};
use ::grantlet::store::KeptIdentity;
use serde_json::{Value, json};

use super::{HOME, ask, assert_told, home, home_of, id_token, location, log_in, people, userinfo};
use crate::support::forms::unescape;
use crate::support::idp::Idp;
use crate::support::oauth::ALICE;
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

/// Logs in by the button of the connection `id` in a new browser, as whom `changes` say.
async fn log_in_by<'s>(server: &'s Server, idp: &Idp, id: &str, changes: &Value) -> (Person<'s>, Reply) {
    let mut person = Person::new(server);
    let page = ask(&mut person, &[]).await;
    let link = page.body.split(&format!("id=\"with-{id}\" href=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let sent = location(&person.open(&unescape(&link)).await);
    idp.vouch(&idp.claims(&sent, server.inside().clock.time().0, changes));
    let reply = person.open(&Idp::back(&sent, &[])).await;
    (person, reply)
}

/// OpenID Connect Core section 5.7: only `iss` and `sub` together name a person
#[tokio::test]
async fn the_same_name_at_two_providers_is_two_people() {
    let (one, two) = (Idp::start().await, Idp::start().await);
    let connections = json!([one.connection(&json!({"id": "one"})), two.connection(&json!({"id": "two"}))]);
    let server = home(connections, true).await;
    let mut subjects = Vec::new();
    for (idp, id) in [(&one, "one"), (&two, "two"), (&one, "one")] {
        let (mut person, reply) = log_in_by(&server, idp, id, &json!({"sub": "1001"})).await;
        subjects.push(id_token(&server, &mut person, &reply).await["sub"].as_str().unwrap().to_owned());
    }
    assert_eq!(subjects[0], subjects[2]);
    assert_ne!(subjects[0], subjects[1]);
    // And nobody is who a provider says they are called here: neither Alice by her user name, nor by her sub, nor a client.
    let alice = server.inside().alice.to_string();
    for sub in [ALICE.username, alice.as_str(), "client:app", "local#alice", "one#1001"] {
        let (mut person, reply) = log_in_by(&server, &one, "one", &json!({"sub": sub, "email_verified": false})).await;
        let token = id_token(&server, &mut person, &reply).await;
        assert_ne!(token["sub"], alice);
        assert_ne!(token["sub"], sub);
    }
}

/// OpenID Connect Core section 5.7: an address may change hands, and is no name of a person
#[tokio::test]
async fn an_address_takes_over_no_account_and_tells_of_none_that_nobody_proved() {
    let idp = Idp::start().await;
    let trusted = idp.connection(&json!({"id": "trusted", "name": "Trusted", "trust_email": true}));
    let server = home(json!([trusted, idp.connection(&json!({"id": "other", "name": "Other"}))]), true).await;
    let store = &server.inside().context.store;
    // Alice's user name is an address.
    let alice = store.find_user(server.inside().alice).await.unwrap().unwrap();
    let named = ::grantlet::model::user::User {
        id: ::grantlet::model::user::UserId(server.inside().context.ulid()),
        username: Some("Ada@Example.com".to_owned()),
        ..alice
    };
    assert!(store.create_user(&named, &Login::Local("ada@example.com".to_owned())).await.unwrap());
    let before = people(&server).await;

    let (_, told) = log_in_by(&server, &idp, "trusted", &json!({"email": "ADA@example.com"})).await;
    assert_told(&told, 403, "There may already be an account here with your e-mail address");
    assert_eq!(people(&server).await, before);
    // Whoever does not prove the address is told nothing of it, and gets an account of their own, with the address unverified.
    for (id, sub, verified) in [("other", "s1", json!(true)), ("trusted", "s2", json!(false)), ("trusted", "s3", json!(null))] {
        let (mut person, reply) = log_in_by(&server, &idp, id, &json!({"sub": sub, "email_verified": verified})).await;
        let info = userinfo(&server, &mut person, &reply).await;
        assert_ne!(info["sub"], named.id.to_string());
        assert_eq!((info["email"].as_str(), info["email_verified"].as_bool()), (Some("ada@example.com"), Some(false)), "{id} {sub}");
    }
}

/// Where nobody may sign up, whoever is unknown is told how to go on
#[tokio::test]
async fn without_sign_up_only_connected_people_come_in() {
    let idp = Idp::start().await;
    let server = home_of(&idp, &json!({"sign_up": false})).await;
    let (_, told) = log_in(&server, &idp, &json!({})).await;
    assert_told(&told, 403, "No account here is connected");
    assert_eq!(people(&server).await, 0);

    let inside = server.inside();
    let identity = Identity { connection: "idp".to_owned(), subject: "ada-1".to_owned() };
    let kept = KeptIdentity { identity, user_id: inside.alice, label: None, made_user: false, since: inside.clock.time() };
    assert!(inside.context.store.add_identity(&kept).await.unwrap());
    let (mut person, reply) = log_in(&server, &idp, &json!({})).await;
    let info = userinfo(&server, &mut person, &reply).await;
    assert_eq!(info["sub"], inside.alice.to_string());
    assert_eq!((info["name"].as_str(), info["email"].as_str()), (Some("Alice"), Some("alice@example.com")), "what was known stays");
}

/// OpenID Connect Core section 5.1: standard claims, of the right types, as the provider has them now
#[tokio::test]
async fn claims_are_those_of_the_last_login() {
    let idp = Idp::start().await;
    let server = home_of(&idp, &json!({"trust_email": true})).await;
    let (mut person, reply) = log_in(&server, &idp, &json!({"role": "admin", "birthdate": 7, "picture": "https://a.example/p.png"})).await;
    let first = userinfo(&server, &mut person, &reply).await;
    assert_eq!((first["name"].as_str(), first["email_verified"].as_bool()), (Some("Ada"), Some(true)));
    assert!(first.get("role").is_none() && first.get("birthdate").is_none(), "{first}");
    let (mut person, reply) = log_in(&server, &idp, &json!({"name": "Ada Lovelace", "email": "ada@new.example"})).await;
    let second = userinfo(&server, &mut person, &reply).await;
    assert_eq!((second["name"].as_str(), second["email"].as_str()), (Some("Ada Lovelace"), Some("ada@new.example")));
    assert_eq!(first["sub"], second["sub"]);
    assert!(second.get("picture").is_none(), "{second}");
}

/// Locked people get nothing
#[tokio::test]
async fn a_locked_person_is_not_let_in() {
    let idp = Idp::start().await;
    let server = home_of(&idp, &json!({})).await;
    log_in(&server, &idp, &json!({})).await;
    let store = &server.inside().context.store;
    let user = store.list_users().await.unwrap().into_iter().find(|user| user.username.is_none()).unwrap();
    store.set_locked(user.id, true).await.unwrap();
    let (person, reply) = log_in(&server, &idp, &json!({"name": "Changed"})).await;
    assert_eq!(reply.status, 403, "{reply:?}");
    assert!(reply.body.contains("This account is locked"), "{reply:?}");
    assert!(!person.cookies.contains_key("grantlet-session"));
    assert_eq!(store.find_user(user.id).await.unwrap().unwrap().claims["name"], "Ada");
}

/// Two requests at once make one person
#[tokio::test]
async fn a_first_login_in_two_browsers_at_once_makes_one_account() {
    let idp = Idp::start().await;
    let server = home_of(&idp, &json!({})).await;
    let mut sent = Vec::new();
    for _ in 0..4 {
        let mut person = Person::new(&server);
        let at = super::leave(&mut person, &[]).await;
        sent.push((person, at));
    }
    // One nonce at a time can stand in the provider's answer, so the four meet where the account is made.
    let inside = server.inside();
    let identity = Identity { connection: "idp".to_owned(), subject: "race".to_owned() };
    let made = Box::pin(futures_of(inside, &identity)).await;
    assert_eq!(made.iter().filter(|made| **made).count(), 1, "{made:?}");
    assert_eq!(people(&server).await, 1);
    let (person, at) = &mut sent[0];
    idp.vouch(&idp.claims(at, inside.clock.time().0, &json!({"sub": "race"})));
    assert_eq!(person.open(&Idp::back(at, &[])).await.status, 303);
    assert_eq!(people(&server).await, 1, "{HOME}");
}

async fn futures_of(inside: &crate::support::local::Local, identity: &Identity) -> Vec<bool> {
    let make = async || {
        let id = ::grantlet::model::user::UserId(inside.context.ulid());
        let now = inside.clock.time();
        let user = ::grantlet::model::user::User {
            id,
            subject: ::grantlet::model::user::Subject(id.to_string()),
            username: None,
            password_hash: None,
            claims: serde_json::Map::new(),
            locked: false,
            created_at: now,
            updated_at: now,
        };
        let kept = KeptIdentity { identity: identity.clone(), user_id: id, label: None, made_user: true, since: now };
        inside.context.store.create_user_of(&user, &kept).await.unwrap()
    };
    let (a, b, c, d) = tokio::join!(make(), make(), make(), make());
    vec![a, b, c, d]
}
