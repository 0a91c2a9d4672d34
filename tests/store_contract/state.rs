//! Sessions, attempts, spent identifiers, the key ring: what else decides.

use grantlet::model::key_ring::{KeyRing, KeyState, RefreshKeyInfo};
use grantlet::model::secret::SecretHash;
use grantlet::model::session::{AnsweredRequest, Authentication, Session, SiteSession};
use grantlet::model::user::UserId;
use grantlet::model::whereabouts::{Browser, Whereabouts};
use grantlet::store::{Attempt, AttemptLimit, JtiKind, Spent};
use tokio::task::JoinSet;
use ulid::Ulid;

use super::{NOW, owned};
use crate::support::engines::{Fresh, new_ulid};

fn session(id: Ulid) -> Session {
    Session {
        id,
        secret_hash: SecretHash::of(b"first"),
        user_id: UserId(Ulid::from_parts(5, 5)),
        authentication: Authentication { auth_time: NOW, acr: Some("gold".to_owned()), amr: owned(&["pwd"]) },
        answered: Some(AnsweredRequest { hash: SecretHash::of(b"request"), at: NOW }),
        whereabouts: Whereabouts { browser: Browser::of("Firefox/1 Linux"), network: Some("192.0.2.*".to_owned()) },
        clients: Vec::new(),
        site: Some(SiteSession { subject: "ada".to_owned(), session_id: Some("first".to_owned()) }),
        created_at: NOW,
        expires_at: NOW.plus(100),
    }
}

#[tokio::test]
async fn a_session_counts_until_it_ends_and_its_secret_changes_for_its_own_user_only() {
    let fresh = Fresh::start().await;
    let first = session(new_ulid(&fresh.store));
    fresh.store.create_session(&first).await.unwrap();
    assert_eq!(fresh.store.find_session(first.id, NOW.plus(99)).await.unwrap(), Some(first.clone()));
    assert_eq!(fresh.store.find_session(first.id, NOW.plus(100)).await.unwrap(), None, "TTL deletes late");

    let renewed = Session {
        secret_hash: SecretHash::of(b"second"),
        authentication: Authentication { auth_time: NOW.plus(9), acr: None, amr: Vec::new() },
        answered: None,
        whereabouts: Whereabouts { browser: Browser::default(), network: Some("198.51.100.*".to_owned()) },
        expires_at: NOW.plus(200),
        ..first.clone()
    };
    let other_user = Session { user_id: UserId(Ulid::from_parts(6, 6)), ..renewed.clone() };
    assert!(!fresh.store.renew_session(&other_user, first.secret_hash, NOW).await.unwrap());
    assert!(!fresh.store.renew_session(&renewed, SecretHash::of(b"another"), NOW).await.unwrap());
    assert!(!fresh.store.renew_session(&renewed, first.secret_hash, NOW.plus(100)).await.unwrap(), "it has ended");
    assert!(fresh.store.renew_session(&renewed, first.secret_hash, NOW).await.unwrap());
    assert!(!fresh.store.renew_session(&renewed, first.secret_hash, NOW).await.unwrap(), "the old secret is worth nothing now");
    assert_eq!(fresh.store.find_session(first.id, NOW).await.unwrap(), Some(renewed));
    assert_eq!(fresh.store.list_session_ids(first.user_id).await.unwrap(), [first.id]);

    fresh.store.end_session(first.id).await.unwrap();
    fresh.store.end_session(first.id).await.unwrap();
    assert_eq!(fresh.store.find_session(first.id, NOW).await.unwrap(), None);
    assert!(!fresh.store.renew_session(&session(first.id), first.secret_hash, NOW).await.unwrap(), "an ended session does not come back");
}

/// Attempts are counted before they are made: parallel ones can't outrun the counter
#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_parallel_attempts_exactly_as_many_are_allowed_as_the_limit_says() {
    let fresh = Fresh::start().await;
    let limit = AttemptLimit { subject: "login alice 192.0.2.1".to_owned(), limit: 10, window: 900 };
    let mut attempts = JoinSet::new();
    for _ in 0..50 {
        let (store, limit) = (fresh.store.clone(), limit.clone());
        attempts.spawn(async move { store.count_attempt(&limit, NOW).await.unwrap() });
    }
    let mut allowed: Vec<u32> = attempts
        .join_all()
        .await
        .into_iter()
        .filter_map(|attempt| match attempt {
            Attempt::Allowed(count) => Some(count),
            Attempt::Exhausted { .. } => None,
        })
        .collect();
    allowed.sort_unstable();
    assert_eq!(allowed, (1..=10).collect::<Vec<_>>());
}

#[tokio::test]
async fn attempts_begin_anew_in_the_next_window_and_after_a_success() {
    let fresh = Fresh::start().await;
    let limit = AttemptLimit { subject: "login bob".to_owned(), limit: 2, window: 900 };
    let other = AttemptLimit { subject: "login carol".to_owned(), ..limit.clone() };
    // Windows begin at whole multiples: this one 300 s ago.
    let now = grantlet::context::Timestamp(NOW.0 - NOW.0.rem_euclid(900) + 300);
    for count in 1..=2 {
        assert_eq!(fresh.store.count_attempt(&limit, now).await.unwrap(), Attempt::Allowed(count));
    }
    assert_eq!(fresh.store.count_attempt(&limit, now).await.unwrap(), Attempt::Exhausted { retry_after: 600 });
    assert_eq!(fresh.store.count_attempt(&other, now).await.unwrap(), Attempt::Allowed(1));
    assert_eq!(fresh.store.count_attempt(&limit, now.plus(599)).await.unwrap(), Attempt::Exhausted { retry_after: 1 });
    assert_eq!(fresh.store.count_attempt(&limit, now.plus(600)).await.unwrap(), Attempt::Allowed(1));
    fresh.store.clear_attempts(&limit, now).await.unwrap();
    assert_eq!(fresh.store.count_attempt(&limit, now).await.unwrap(), Attempt::Allowed(1));
}

/// RFC 7519 section 4.1.7
#[tokio::test(flavor = "multi_thread")]
async fn of_forty_parallel_uses_of_one_jti_one_is_the_first() {
    let fresh = Fresh::start().await;
    let mut uses = JoinSet::new();
    for _ in 0..40 {
        let store = fresh.another_store();
        uses.spawn(async move { store.spend_jti(JtiKind::Site, "https://site.example", "j1", NOW).await.unwrap() });
    }
    assert_eq!(uses.join_all().await.into_iter().filter(|spent| *spent == Spent::First).count(), 1);
    let other_issuer = fresh.store.spend_jti(JtiKind::Site, "https://site.examplej", "1", NOW).await.unwrap();
    assert_eq!(other_issuer, Spent::First, "the two never run together");
}

#[tokio::test]
async fn a_revoked_access_token_is_known_as_such_and_no_other() {
    let fresh = Fresh::start().await;
    fresh.store.revoke_access_token("t1", NOW).await.unwrap();
    fresh.store.revoke_access_token("t1", NOW).await.unwrap();
    assert!(fresh.store.is_access_token_revoked("t1").await.unwrap());
    assert!(!fresh.store.is_access_token_revoked("t").await.unwrap());
}

/// Two runs of `rotate` at once: one replacement counts
#[tokio::test(flavor = "multi_thread")]
async fn a_key_ring_is_replaced_only_from_the_version_that_it_was_made_of() {
    let fresh = Fresh::start().await;
    assert_eq!(fresh.store.find_key_ring().await.unwrap(), None);
    let ring = |version: u64, kid: &str| KeyRing {
        version,
        signing: Vec::new(),
        refresh: vec![RefreshKeyInfo {
            kid: kid.to_owned(),
            state: KeyState::Active,
            created_at: NOW,
            activated_at: Some(NOW),
            retired_at: None,
        }],
    };
    for version in 1..4 {
        let mut runs = JoinSet::new();
        for n in 0..10 {
            let (store, ring) = (fresh.another_store(), ring(version, &format!("{version}-{n}")));
            runs.spawn(async move { store.replace_key_ring(&ring).await.unwrap().then_some(ring) });
        }
        let won: Vec<KeyRing> = runs.join_all().await.into_iter().flatten().collect();
        assert_eq!(won.len(), 1);
        assert_eq!(fresh.store.find_key_ring().await.unwrap().as_ref(), won.first());
        assert!(fresh.store.replace_key_ring(&won[0]).await.unwrap(), "the very same ring is our own retry");
    }
    assert!(!fresh.store.replace_key_ring(&ring(3, "late")).await.unwrap());
    assert!(!fresh.store.replace_key_ring(&ring(9, "early")).await.unwrap());
}

#[tokio::test]
async fn the_sealed_secret_of_the_site_is_kept_and_replaced() {
    let fresh = Fresh::start().await;
    assert_eq!(fresh.store.find_sealed_site_secret().await.unwrap(), None);
    for sealed in [&[1, 2, 3][..], &[4; 100]] {
        fresh.store.replace_sealed_site_secret(sealed).await.unwrap();
        assert_eq!(fresh.store.find_sealed_site_secret().await.unwrap().as_deref(), Some(sealed));
    }
}

/// A record that this version did not write is our fault, and no panic
#[tokio::test]
async fn a_record_of_an_unexpected_form_is_an_error_that_names_the_attribute() {
    use aws_sdk_dynamodb::types::AttributeValue as A;
    let fresh = Fresh::start().await;
    let id = new_ulid(&fresh.store);
    let put = fresh
        .dynamodb
        .put_item()
        .table_name(&fresh.tables.state)
        .item("pk", A::S(format!("grant#{id}")))
        .item("status", A::N("1".to_owned()));
    put.send().await.unwrap();
    let error = fresh.store.find_grant(id).await.unwrap_err().to_string();
    assert!(error.contains("grant") && error.contains("status"), "{error}");
}
