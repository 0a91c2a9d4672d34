//! Passkeys and the ceremonies in which they are made and used: whose they are, how many, and who finishes a ceremony.

use grantlet::model::passkey::{Ceremony, CeremonyKind, MAX_PASSKEYS, Passkey, PasskeyId};
use grantlet::model::secret::SecretHash;
use grantlet::model::user::{Login, User, UserId};
use grantlet::store::{PasskeyAdded, PasskeyRemoved, PersonAdded, Store};
use tokio::task::JoinSet;

use super::NOW;
use super::people::user;
use crate::support::engines::{Fresh, new_ulid};

fn passkey(user: UserId, credential: &str) -> Passkey {
    Passkey {
        id: PasskeyId::of(credential.as_bytes()),
        user_id: user,
        credential: format!("{{\"of\":\"{credential}\"}}"),
        name: "My phone".to_owned(),
        counter: 3,
        backed_up: false,
        created_at: NOW,
        last_used_at: None,
    }
}

/// A person in the store, with `change`.
async fn person(store: &Store, name: &str, change: impl FnOnce(&mut User)) -> UserId {
    let mut user = user(new_ulid(store));
    change(&mut user);
    assert!(store.create_user(&user, &Login::Local(name.to_owned())).await.unwrap());
    user.id
}

#[tokio::test]
async fn a_passkey_is_kept_used_renamed_and_listed() {
    let fresh = Fresh::start().await;
    let (alice, bob) = (person(&fresh.store, "alice", |_| ()).await, person(&fresh.store, "bob", |_| ()).await);
    let mut first = passkey(alice, "one");
    let second = Passkey { created_at: NOW.plus(1), ..passkey(alice, "two") };
    for one in [&second, &first] {
        assert_eq!(fresh.store.add_passkey(one).await.unwrap(), PasskeyAdded::Done);
    }
    assert_eq!(fresh.store.list_passkeys(alice).await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(fresh.store.list_passkeys(bob).await.unwrap(), []);
    assert_eq!(fresh.store.add_passkey(&passkey(bob, "one")).await.unwrap(), PasskeyAdded::Taken, "whosever it is");

    (first.counter, first.backed_up, first.last_used_at) = (4, true, Some(NOW.plus(9)));
    assert!(fresh.store.note_passkey_use(&first, 3, NOW.plus(9)).await.unwrap());
    assert!(!fresh.store.note_passkey_use(&first, 3, NOW.plus(9)).await.unwrap(), "somebody used it since");
    "Other".clone_into(&mut first.name);
    assert!(fresh.store.rename_passkey(alice, &first.id, "Other").await.unwrap());
    assert!(!fresh.store.rename_passkey(bob, &first.id, "Bob's").await.unwrap(), "it is Alice's");
    assert_eq!(fresh.store.find_passkey(&first.id).await.unwrap(), Some(first));
    assert!(!fresh.store.rename_passkey(alice, &PasskeyId::of(b"none"), "None").await.unwrap());
    assert_eq!(fresh.store.find_passkey(&PasskeyId::of(b"none")).await.unwrap(), None, "none was made");
}

/// Adding and removing change the passkey and the person's list as one
#[tokio::test]
async fn a_person_has_so_many_passkeys_and_no_more() {
    let fresh = Fresh::start().await;
    let alice = person(&fresh.store, "alice", |_| ()).await;
    for index in 0..MAX_PASSKEYS {
        assert_eq!(fresh.store.add_passkey(&passkey(alice, &format!("{index}"))).await.unwrap(), PasskeyAdded::Done);
    }
    assert_eq!(fresh.store.add_passkey(&passkey(alice, "one more")).await.unwrap(), PasskeyAdded::Refused);
    assert_eq!(fresh.store.find_passkey(&PasskeyId::of(b"one more")).await.unwrap(), None);
    assert_eq!(fresh.store.remove_all_passkeys(alice).await.unwrap(), MAX_PASSKEYS);
    assert_eq!(fresh.store.remove_all_passkeys(alice).await.unwrap(), 0);
    assert_eq!(fresh.store.find_passkey(&PasskeyId::of(b"0")).await.unwrap(), None);

    let locked = person(&fresh.store, "locked", |user| user.locked = true).await;
    assert_eq!(fresh.store.add_passkey(&passkey(locked, "x")).await.unwrap(), PasskeyAdded::Refused);
    assert_eq!(fresh.store.add_passkey(&passkey(UserId(new_ulid(&fresh.store)), "y")).await.unwrap(), PasskeyAdded::Refused, "nobody");
}

#[tokio::test]
async fn a_passkey_is_removed_while_another_way_to_log_in_stays() {
    let fresh = Fresh::start().await;
    let with_password = person(&fresh.store, "with a password", |_| ()).await;
    let without = person(&fresh.store, "without", |user| user.password_hash = None).await;
    let of_the_site = person(&fresh.store, "of the site", |user| (user.password_hash, user.username) = (None, None)).await;
    for (user, name) in [(with_password, "a"), (without, "b"), (without, "c"), (of_the_site, "d")] {
        assert_eq!(fresh.store.add_passkey(&passkey(user, name)).await.unwrap(), PasskeyAdded::Done);
    }
    let remove = async |user, name: &str| fresh.store.remove_passkey(user, &PasskeyId::of(name.as_bytes())).await.unwrap();
    assert_eq!(remove(without, "a").await, PasskeyRemoved::Unknown, "it is somebody else's");
    assert_eq!(remove(with_password, "none").await, PasskeyRemoved::Unknown);
    assert_eq!(remove(with_password, "a").await, PasskeyRemoved::Done);
    assert_eq!(remove(with_password, "a").await, PasskeyRemoved::Unknown);
    assert_eq!(remove(without, "b").await, PasskeyRemoved::Done);
    assert_eq!(remove(without, "c").await, PasskeyRemoved::Last);
    assert!(fresh.store.find_passkey(&PasskeyId::of(b"c")).await.unwrap().is_some());
    assert_eq!(remove(of_the_site, "d").await, PasskeyRemoved::Done);
}

/// Two tabs that remove the last two passkeys at once leave one
#[tokio::test(flavor = "multi_thread")]
async fn of_two_last_passkeys_one_stays() {
    let fresh = Fresh::start().await;
    let alice = person(&fresh.store, "alice", |user| user.password_hash = None).await;
    let mut removals = JoinSet::new();
    for name in ["one", "two"] {
        assert_eq!(fresh.store.add_passkey(&passkey(alice, name)).await.unwrap(), PasskeyAdded::Done);
    }
    for name in ["one", "two"] {
        let store = fresh.another_store();
        removals.spawn(async move { store.remove_passkey(alice, &PasskeyId::of(name.as_bytes())).await });
    }
    let _ = removals.join_all().await;
    assert!(!fresh.store.list_passkeys(alice).await.unwrap().is_empty());
}

/// Person, login and passkey are one: all are there, or none is
#[tokio::test]
async fn a_person_is_added_with_a_passkey_or_not_at_all() {
    let fresh = Fresh::start().await;
    let somebody = || User { password_hash: None, ..user(new_ulid(&fresh.store)) };
    let (alice, bob, carol) = (somebody(), somebody(), somebody());
    let name = |text: &str| Login::Local(text.to_owned());
    let add = async |user: &User, text, credential| {
        fresh.store.create_user_with_passkey(user, &name(text), &passkey(user.id, credential)).await.unwrap()
    };
    assert_eq!(add(&alice, "alice", "one").await, PersonAdded::Done);
    assert_eq!(fresh.store.find_user(alice.id).await.unwrap().as_ref(), Some(&alice));
    assert_eq!(fresh.store.find_login(&name("alice")).await.unwrap(), Some(alice.id));
    assert_eq!(fresh.store.list_passkeys(alice.id).await.unwrap(), [passkey(alice.id, "one")]);
    for (user, text, credential, expected) in [
        (&bob, "alice", "two", PersonAdded::NameTaken),
        (&bob, "alice", "one", PersonAdded::NameTaken),
        (&alice, "another", "two", PersonAdded::NameTaken),
        (&carol, "carol", "one", PersonAdded::PasskeyTaken),
    ] {
        assert_eq!(add(user, text, credential).await, expected, "{text} {credential}");
    }
    for nobody in [&bob, &carol] {
        assert_eq!(fresh.store.find_user(nobody.id).await.unwrap(), None);
    }
    assert_eq!(fresh.store.find_passkey(&PasskeyId::of(b"two")).await.unwrap(), None);
    assert_eq!(fresh.store.find_login(&name("carol")).await.unwrap(), None);
    // It is the one way in which this person logs in.
    assert_eq!(fresh.store.remove_passkey(alice.id, &PasskeyId::of(b"one")).await.unwrap(), PasskeyRemoved::Last);
}

#[tokio::test]
async fn a_removed_user_leaves_no_passkey() {
    let fresh = Fresh::start().await;
    let alice = person(&fresh.store, "alice", |_| ()).await;
    assert_eq!(fresh.store.add_passkey(&passkey(alice, "one")).await.unwrap(), PasskeyAdded::Done);
    assert!(fresh.store.remove_user(alice).await.unwrap());
    assert_eq!(fresh.store.find_passkey(&PasskeyId::of(b"one")).await.unwrap(), None);
}

fn ceremony(store: &Store, kind: CeremonyKind) -> Ceremony {
    Ceremony {
        id: new_ulid(store),
        kind,
        browser_hash: SecretHash::of(b"browser"),
        state: "the state".to_owned(),
        expires_at: NOW.plus(300),
    }
}

/// WebAuthn Level 3 section 13.4.3: a challenge counts once, in the browser and for the purpose that it was made for.
#[tokio::test]
async fn a_ceremony_is_finished_once_by_whoever_began_it() {
    let fresh = Fresh::start().await;
    let (alice, bob) = (UserId(new_ulid(&fresh.store)), UserId(new_ulid(&fresh.store)));
    let (login, creation, of_bob) = (CeremonyKind::Login, CeremonyKind::Creation(alice), CeremonyKind::Creation(bob));
    let (sign_up, of_another_link) = (CeremonyKind::SignUp(SecretHash::of(b"link")), CeremonyKind::SignUp(SecretHash::of(b"another")));
    for (begun, wrong) in
        [(login, [creation, of_bob, sign_up]), (creation, [login, of_bob, sign_up]), (sign_up, [login, creation, of_another_link])]
    {
        let ceremony = ceremony(&fresh.store, begun);
        fresh.store.begin_ceremony(&ceremony).await.unwrap();
        let take =
            async |kind, browser: &[u8], now| fresh.store.take_ceremony(ceremony.id, kind, &SecretHash::of(browser), now).await.unwrap();
        for kind in wrong {
            assert_eq!(take(kind, b"browser", NOW).await, None, "{kind:?}");
        }
        assert_eq!(take(begun, b"another browser", NOW).await, None);
        assert_eq!(take(begun, b"browser", NOW.plus(300)).await, None, "too late");
        assert_eq!(take(begun, b"browser", NOW.plus(299)).await.as_deref(), Some("the state"));
        assert_eq!(take(begun, b"browser", NOW).await, None, "used");
    }
    assert_eq!(fresh.store.take_ceremony(new_ulid(&fresh.store), login, &SecretHash::of(b"browser"), NOW).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_thirty_who_finish_a_ceremony_at_once_one_does() {
    let fresh = Fresh::start().await;
    let ceremony = ceremony(&fresh.store, CeremonyKind::Login);
    fresh.store.begin_ceremony(&ceremony).await.unwrap();
    let mut takers = JoinSet::new();
    for _ in 0..30 {
        let (store, ceremony) = (fresh.another_store(), ceremony.clone());
        takers.spawn(async move { store.take_ceremony(ceremony.id, ceremony.kind, &ceremony.browser_hash, NOW).await.unwrap() });
    }
    assert_eq!(takers.join_all().await.into_iter().flatten().count(), 1);
}
