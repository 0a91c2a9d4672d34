//! Pushed authorization requests: one browser, one code.

use grantlet::model::pushed::PushedRequest;
use grantlet::model::secret::SecretHash;
use tokio::task::JoinSet;
use ulid::Ulid;

use super::{NOW, Wrong, client};
use crate::support::engines::{Fresh, new_ulid};

fn pushed(id: Ulid) -> PushedRequest {
    PushedRequest {
        id,
        secret_hash: SecretHash::of(b"the reference's secret"),
        client_id: client("app"),
        query: "client_id=app&scope=openid".to_owned(),
        browser_hash: None,
        expires_at: NOW.plus(90),
    }
}

fn browser(n: u32) -> SecretHash {
    SecretHash::of(&n.to_be_bytes())
}

/// RFC 9126 section 2.2: short-lived; TTL deletes late
#[tokio::test]
async fn a_pushed_request_comes_back_whole_until_it_ends() {
    let fresh = Fresh::start().await;
    let request = pushed(new_ulid(&fresh.store));
    fresh.store.create_pushed_request(&request).await.unwrap();
    fresh.store.create_pushed_request(&request).await.expect("the very same item is our own retry");
    let other = PushedRequest { query: "client_id=app".to_owned(), ..request.clone() };
    assert!(fresh.store.create_pushed_request(&other).await.is_err(), "it is never overwritten");
    assert_eq!(fresh.store.find_pushed_request(request.id, NOW.plus(89)).await.unwrap(), Some(request.clone()));
    assert_eq!(fresh.store.find_pushed_request(request.id, NOW.plus(90)).await.unwrap(), None);

    assert!(fresh.store.bind_pushed_request(&request, &browser(1), NOW.plus(600), NOW.plus(89)).await.unwrap());
    let bound = PushedRequest { browser_hash: Some(browser(1)), expires_at: NOW.plus(600), ..request.clone() };
    assert_eq!(fresh.store.find_pushed_request(request.id, NOW.plus(599)).await.unwrap(), Some(bound));
    assert!(!fresh.store.spend_pushed_request(&request, &browser(1), NOW.plus(600)).await.unwrap(), "it has ended");
    assert!(fresh.store.spend_pushed_request(&request, &browser(1), NOW.plus(599)).await.unwrap());
    assert_eq!(fresh.store.find_pushed_request(request.id, NOW).await.unwrap(), None);
    assert!(!fresh.store.spend_pushed_request(&request, &browser(1), NOW).await.unwrap());
    assert!(!fresh.store.bind_pushed_request(&request, &browser(1), NOW.plus(600), NOW).await.unwrap(), "a spent one does not come back");
}

/// Whatever differs from what was read binds nothing and spends nothing
#[tokio::test]
async fn a_request_is_bound_and_spent_only_as_it_was_read_and_by_its_own_browser() {
    let fresh = Fresh::start().await;
    let request = pushed(new_ulid(&fresh.store));
    fresh.store.create_pushed_request(&request).await.unwrap();
    assert!(!fresh.store.spend_pushed_request(&request, &browser(1), NOW).await.unwrap(), "it is bound to nobody");
    let wrong: [Wrong<PushedRequest>; 3] = [
        ("secret", |p| p.secret_hash = SecretHash::of(b"another")),
        ("client", |p| p.client_id = client("other")),
        ("id", |p| p.id = Ulid::from_parts(1, 1)),
    ];
    for is_bound in [false, true] {
        for (what, change) in wrong {
            let mut presented = request.clone();
            change(&mut presented);
            assert!(!fresh.store.bind_pushed_request(&presented, &browser(2), NOW.plus(600), NOW).await.unwrap(), "{what}");
            assert!(!fresh.store.spend_pushed_request(&presented, &browser(1), NOW).await.unwrap(), "{what}");
        }
        assert!(is_bound || fresh.store.bind_pushed_request(&request, &browser(1), NOW.plus(600), NOW).await.unwrap());
    }
    assert!(!fresh.store.bind_pushed_request(&request, &browser(2), NOW.plus(600), NOW).await.unwrap());
    assert!(fresh.store.bind_pushed_request(&request, &browser(1), NOW.plus(600), NOW).await.unwrap(), "the same one is our own retry");
    assert!(!fresh.store.spend_pushed_request(&request, &browser(2), NOW).await.unwrap());
    assert!(fresh.store.spend_pushed_request(&request, &browser(1), NOW).await.unwrap());
}

/// RFC 9126 section 4: one browser of forty, and one code of forty
#[tokio::test(flavor = "multi_thread")]
async fn of_forty_parallel_browsers_one_gets_the_request_and_of_forty_calls_one_spends_it() {
    let fresh = Fresh::start().await;
    let request = pushed(new_ulid(&fresh.store));
    fresh.store.create_pushed_request(&request).await.unwrap();
    let mut bindings = JoinSet::new();
    for n in 0..40 {
        let (store, request) = (fresh.another_store(), request.clone());
        bindings.spawn(
            async move { store.bind_pushed_request(&request, &browser(n), NOW.plus(600), NOW).await.unwrap().then_some(browser(n)) },
        );
    }
    let won: Vec<SecretHash> = bindings.join_all().await.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    let mut calls = JoinSet::new();
    for _ in 0..40 {
        let (store, request, browser) = (fresh.another_store(), request.clone(), won[0]);
        calls.spawn(async move { store.spend_pushed_request(&request, &browser, NOW).await.unwrap() });
    }
    assert_eq!(calls.join_all().await.into_iter().filter(|spent| *spent).count(), 1);
}
