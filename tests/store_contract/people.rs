//! Clients, users, consents: what must not be lost.

use grantlet::model::client::{Origin, StoredClient};
use grantlet::model::consent::Consent;
use grantlet::model::secret::SecretHash;
use grantlet::model::user::{Claims, Login, PasswordHash, Subject, User, UserId};
use serde_json::json;
use tokio::task::JoinSet;
use ulid::Ulid;

use super::{NOW, client, owned};
use crate::support::engines::{Fresh, new_ulid};

fn claims(value: serde_json::Value) -> Claims {
    value.as_object().unwrap().clone()
}

fn consent(scopes: &[&str]) -> Consent {
    Consent { scopes: owned(scopes), claims: Vec::new(), resources: Vec::new() }
}

pub(super) fn user(id: Ulid) -> User {
    User {
        id: UserId(id),
        subject: Subject(id.to_string()),
        username: Some("Alice".to_owned()),
        password_hash: Some(PasswordHash("$argon2id$".to_owned())),
        claims: claims(json!({"name": "Alice", "address": {"country": "DE"}})),
        locked: false,
        created_at: NOW,
        updated_at: NOW,
    }
}

#[tokio::test]
async fn a_client_is_registered_once_replaced_listed_and_removed() {
    let fresh = Fresh::start().await;
    let registration = json!({"client_id": "app", "redirect_uris": ["https://app.example/cb"], "contacts": ["a@app.example"]});
    let stored = StoredClient {
        client: serde_json::from_value(registration).unwrap(),
        secret_hash: Some(SecretHash::of(b"secret")),
        previous_secret: Some((SecretHash::of(b"old"), NOW)),
        sealed_secret: Some(vec![1, 2, 3]),
        created_at: NOW,
        origin: Origin::Operator,
    };
    assert!(!fresh.store.replace_client(&stored).await.unwrap(), "it is not there yet");
    assert!(fresh.store.create_client(&stored).await.unwrap());
    let mut changed = stored.clone();
    (changed.client.first_party, changed.secret_hash) = (true, None);
    assert!(!fresh.store.create_client(&changed).await.unwrap());
    assert_eq!(fresh.store.find_client(&client("app")).await.unwrap(), Some(stored));
    assert!(fresh.store.replace_client(&changed).await.unwrap());
    assert_eq!(fresh.store.list_clients().await.unwrap(), [changed]);
    assert_eq!(fresh.store.find_client(&client("ap")).await.unwrap(), None);
    assert!(fresh.store.remove_client(&client("app")).await.unwrap());
    assert!(!fresh.store.remove_client(&client("app")).await.unwrap());
}

/// A login points to its user, created with it in one transaction
#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_people_who_take_one_name_at_once_one_gets_it_and_no_half_is_left() {
    let fresh = Fresh::start().await;
    let login = Login::Local("alice".to_owned());
    let mut creations = JoinSet::new();
    for _ in 0..20 {
        let (store, user, login) = (fresh.another_store(), user(new_ulid(&fresh.store)), login.clone());
        creations.spawn(async move { store.create_user(&user, &login).await.unwrap().then_some(user) });
    }
    let created: Vec<User> = creations.join_all().await.into_iter().flatten().collect();
    assert_eq!(created.len(), 1);
    assert_eq!(fresh.store.find_login(&login).await.unwrap(), Some(created[0].id));
    assert_eq!(fresh.store.list_users().await.unwrap(), created);
}

/// RFC 9700 section 4.15.1: a person's `sub` never looks like a client's
#[tokio::test]
async fn nobody_is_created_with_the_sub_of_a_client() {
    let fresh = Fresh::start().await;
    let mut user = user(new_ulid(&fresh.store));
    user.subject = Subject(client("app").subject());
    for login in [Login::Local("alice".to_owned()), Login::Site("client:app".to_owned())] {
        assert!(fresh.store.create_user(&user, &login).await.is_err());
        assert_eq!(fresh.store.find_login(&login).await.unwrap(), None);
    }
    assert_eq!(fresh.store.list_users().await.unwrap(), []);
}

/// Two connections never share a name, and an id is taken once
#[tokio::test]
async fn the_same_name_at_another_connection_is_another_login() {
    let fresh = Fresh::start().await;
    let (local, site) = (Login::Local("7".to_owned()), Login::Site("7".to_owned()));
    let first = user(new_ulid(&fresh.store));
    assert!(fresh.store.create_user(&first, &local).await.unwrap());
    assert_eq!(fresh.store.find_login(&site).await.unwrap(), None);
    assert!(!fresh.store.create_user(&first, &site).await.unwrap(), "the id is taken");
    assert_eq!(fresh.store.find_login(&site).await.unwrap(), None, "and nothing was written");
    let second = user(new_ulid(&fresh.store));
    assert!(fresh.store.create_user(&second, &site).await.unwrap());
    assert_eq!(fresh.store.find_user(second.id).await.unwrap(), Some(second));
}

#[tokio::test]
async fn claims_password_and_lock_change_only_what_they_name() {
    let fresh = Fresh::start().await;
    let mut expected = user(new_ulid(&fresh.store));
    fresh.store.create_user(&expected, &Login::Local("alice".to_owned())).await.unwrap();
    let later = NOW.plus(50);
    assert!(fresh.store.set_claims(expected.id, &expected.claims, later).await.unwrap());
    assert_eq!(fresh.store.find_user(expected.id).await.unwrap(), Some(expected.clone()), "equal claims are no change");
    (expected.claims, expected.updated_at) = (claims(json!({"name": "Al"})), later);
    assert!(fresh.store.set_claims(expected.id, &expected.claims, later).await.unwrap());
    expected.password_hash = Some(PasswordHash("$another$".to_owned()));
    assert!(fresh.store.set_password(expected.id, &PasswordHash("$another$".to_owned())).await.unwrap());
    expected.locked = true;
    assert!(fresh.store.set_locked(expected.id, true).await.unwrap());
    assert_eq!(fresh.store.find_user(expected.id).await.unwrap(), Some(expected));

    let nobody = UserId(new_ulid(&fresh.store));
    assert!(!fresh.store.set_claims(nobody, &Claims::new(), later).await.unwrap());
    assert!(!fresh.store.set_password(nobody, &PasswordHash(String::new())).await.unwrap());
    assert!(!fresh.store.set_locked(nobody, true).await.unwrap());
    assert_eq!(fresh.store.find_user(nobody).await.unwrap(), None, "nobody was made");
}

/// Of two writers who read the same claims one wins, and the other learns of it
#[tokio::test]
async fn claims_are_replaced_by_whoever_saw_them_as_they_are() {
    let fresh = Fresh::start().await;
    let mut expected = user(new_ulid(&fresh.store));
    fresh.store.create_user(&expected, &Login::Local("alice".to_owned())).await.unwrap();
    let (first, second) = (claims(json!({"name": "A"})), claims(json!({"name": "B"})));
    let replace = async |new: &Claims| fresh.store.replace_claims(expected.id, &expected.claims, new, NOW.plus(50)).await.unwrap();
    let won = tokio::join!(replace(&first), replace(&second));
    assert!(won.0 != won.1, "{won:?}");
    (expected.claims, expected.updated_at) = (if won.0 { first } else { second }, NOW.plus(50));
    assert_eq!(fresh.store.find_user(expected.id).await.unwrap(), Some(expected.clone()));
    let nobody = UserId(new_ulid(&fresh.store));
    assert!(!fresh.store.replace_claims(nobody, &Claims::new(), &Claims::new(), NOW).await.unwrap());
    assert_eq!(fresh.store.find_user(nobody).await.unwrap(), None, "nobody was made");
}

#[tokio::test]
async fn a_removed_user_leaves_no_login_and_no_consent() {
    let fresh = Fresh::start().await;
    let (alice, bob) = (user(new_ulid(&fresh.store)), user(new_ulid(&fresh.store)));
    fresh.store.create_user(&alice, &Login::Local("alice".to_owned())).await.unwrap();
    fresh.store.create_user(&bob, &Login::Local("bob".to_owned())).await.unwrap();
    for user in [&alice, &bob] {
        fresh.store.remember_consent(user.id, &client("app"), &consent(&["openid"]), NOW).await.unwrap();
    }
    assert!(fresh.store.remove_user(alice.id).await.unwrap());
    assert!(!fresh.store.remove_user(alice.id).await.unwrap());
    assert_eq!(fresh.store.find_login(&Login::Local("alice".to_owned())).await.unwrap(), None);
    assert!(fresh.store.find_consent(alice.id, &client("app")).await.unwrap().is_empty());
    assert_eq!(fresh.store.find_consent(bob.id, &client("app")).await.unwrap(), consent(&["openid"]));
    assert_eq!(fresh.store.find_login(&Login::Local("bob".to_owned())).await.unwrap(), Some(bob.id));
}

#[tokio::test]
async fn a_consent_is_remembered_for_one_user_and_one_client() {
    let fresh = Fresh::start().await;
    let alice = UserId(new_ulid(&fresh.store));
    fresh.store.remember_consent(alice, &client("app"), &consent(&["openid", "email"]), NOW).await.unwrap();
    assert_eq!(fresh.store.find_consent(alice, &client("app")).await.unwrap(), consent(&["openid", "email"]));
    let more = consent(&["openid"]).with(Consent {
        scopes: owned(&["openid"]),
        claims: owned(&["birthdate"]),
        resources: owned(&["https://api.example"]),
    });
    fresh.store.remember_consent(alice, &client("app"), &more, NOW).await.unwrap();
    let kept = fresh.store.find_consent(alice, &client("app")).await.unwrap();
    assert_eq!((kept.scopes, kept.claims), (owned(&["openid"]), owned(&["birthdate"])));
    assert!(fresh.store.find_consent(alice, &client("app2")).await.unwrap().is_empty());
    assert!(fresh.store.find_consent(UserId(new_ulid(&fresh.store)), &client("app")).await.unwrap().is_empty());
}
