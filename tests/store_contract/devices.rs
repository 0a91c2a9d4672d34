//! Requests of devices: one conditional delete decides, one conditional answer counts.

use grantlet::context::Timestamp;
use grantlet::model::device::{
    Answered, DevicePresentation, DeviceRedemption, DeviceRequest, DeviceStatus, INTERVAL, LIFETIME, Pace, SLOW_DOWN, UserCode,
};
use grantlet::model::grant::Grant;
use grantlet::model::secret::SecretHash;
use grantlet::protocol::details::AuthorizationDetails;
use tokio::task::JoinSet;
use ulid::Ulid;

use super::{NOW, Wrong, client, grant, owned};
use crate::support::engines::{Fresh, new_ulid};

fn request(id: Ulid, code: u64) -> DeviceRequest {
    DeviceRequest {
        id,
        secret_hash: SecretHash::of(b"the device code's secret"),
        seed_hash: SecretHash::of(b"the seed"),
        client_id: client("app"),
        user_code: UserCode::new(code),
        scopes: owned(&["openid", "email"]),
        resources: owned(&["https://api.example", "https://other.example"]),
        details: AuthorizationDetails::read_untyped(r#"[{"type":"payment","amount":"5"}]"#).unwrap(),
        status: DeviceStatus::Pending,
        pace: Pace::new(NOW),
        expires_at: NOW.plus(LIFETIME),
    }
}

fn presentation(id: Ulid) -> DevicePresentation {
    DevicePresentation {
        id,
        secret_hash: SecretHash::of(b"the device code's secret"),
        client_id: client("app"),
        resources: owned(&["https://api.example"]),
        now: NOW,
    }
}

/// The grant of an approved request: no authorization code began it.
fn device_grant(id: Ulid) -> Grant {
    Grant { code: None, ..grant(id) }
}

fn approved(id: Ulid) -> DeviceRequest {
    DeviceRequest { status: DeviceStatus::Approved { user_id: device_grant(id).user_id }, ..request(id, 7) }
}

async fn create(fresh: &Fresh) -> Ulid {
    let id = new_ulid(&fresh.store);
    assert!(fresh.store.create_device_request(&request(id, 7), NOW).await.unwrap());
    id
}

/// RFC 8628 section 6.1: two that wait never share a code; one that is over may be used again
#[tokio::test]
async fn a_request_is_found_by_its_code_until_it_is_over_and_no_other_takes_its_code() {
    let fresh = Fresh::start().await;
    let (first, second) = (create(&fresh).await, new_ulid(&fresh.store));
    let code = UserCode::new(7);
    let end = NOW.plus(LIFETIME);
    for found in [fresh.store.find_device_by_code(&code, NOW).await, fresh.store.find_device_request(first, end.plus(-1)).await] {
        assert_eq!(found.unwrap(), Some(request(first, 7)));
    }
    assert!(!fresh.store.create_device_request(&request(second, 7), end.plus(-1)).await.unwrap());
    assert_eq!(fresh.store.find_device_request(second, NOW).await.unwrap(), None, "nothing was written");
    assert_eq!(fresh.store.find_device_by_code(&UserCode::new(8), NOW).await.unwrap(), None);
    assert_eq!(fresh.store.find_device_by_code(&code, end).await.unwrap(), None, "TTL deletes late");
    assert_eq!(fresh.store.find_device_request(first, end).await.unwrap(), None, "TTL deletes late");
    let later = DeviceRequest { expires_at: end.plus(LIFETIME), ..request(second, 7) };
    assert!(fresh.store.create_device_request(&later, end).await.unwrap());
    assert_eq!(fresh.store.find_device_by_code(&code, end).await.unwrap(), Some(later));
}

/// RFC 8628 section 3.4
#[tokio::test]
async fn an_approved_request_is_redeemed_once_and_its_grant_is_there() {
    let fresh = Fresh::start().await;
    let id = create(&fresh).await;
    assert_eq!(fresh.store.redeem_device(&presentation(id)).await.unwrap(), DeviceRedemption::Refused(Box::new(request(id, 7))));
    assert_eq!(fresh.store.approve_device(&device_grant(id), NOW).await.unwrap(), Answered::Done);
    assert_eq!(fresh.store.find_grant(id).await.unwrap(), Some(device_grant(id)));
    assert_eq!(fresh.store.redeem_device(&presentation(id)).await.unwrap(), DeviceRedemption::Redeemed(Box::new(approved(id))));
    assert_eq!(fresh.store.redeem_device(&presentation(id)).await.unwrap(), DeviceRedemption::Gone);
    assert_eq!(fresh.store.find_device_by_code(&UserCode::new(7), NOW).await.unwrap(), None);
    // No authorization code can end such a grant, whatever it presents.
    let mut code = super::presentation(id);
    (code.code_challenge, code.dpop_jkt, code.redirect_uri) = (None, None, None);
    for secret in [b"the device code's secret".as_slice(), b"the seed", b""] {
        code.secret_hash = SecretHash::of(secret);
        assert!(!fresh.store.revoke_replayed_grant(&code).await.unwrap());
    }
}

/// Everything that may be wrong with a presentation leaves the request as it was
#[tokio::test]
async fn whatever_is_presented_wrongly_is_refused_and_the_request_stays() {
    let fresh = Fresh::start().await;
    let id = create(&fresh).await;
    fresh.store.approve_device(&device_grant(id), NOW).await.unwrap();
    let wrong: [Wrong<DevicePresentation>; 6] = [
        ("secret", |p| p.secret_hash = SecretHash::of(b"another")),
        ("seed", |p| p.secret_hash = SecretHash::of(b"the seed")),
        ("client", |p| p.client_id = client("other")),
        ("resource", |p| p.resources = owned(&["https://foreign.example"])),
        ("one resource of two", |p| p.resources = owned(&["https://api.example", "https://foreign.example"])),
        ("late by nothing", |p| p.now = NOW.plus(LIFETIME)),
    ];
    for (what, change) in wrong {
        let mut presented = presentation(id);
        change(&mut presented);
        let refused = fresh.store.redeem_device(&presented).await.unwrap();
        assert_eq!(refused, DeviceRedemption::Refused(Box::new(approved(id))), "{what}");
    }
    let last = DevicePresentation { now: NOW.plus(LIFETIME - 1), resources: Vec::new(), ..presentation(id) };
    assert!(matches!(fresh.store.redeem_device(&last).await.unwrap(), DeviceRedemption::Redeemed(_)));
}

/// Both or neither: an answer that came too late leaves no grant behind
#[tokio::test]
async fn an_answer_counts_once_and_in_time_for_the_client_that_asked() {
    let fresh = Fresh::start().await;
    let id = create(&fresh).await;
    let foreign = Grant { client_id: client("other"), ..device_grant(id) };
    assert_eq!(fresh.store.approve_device(&foreign, NOW).await.unwrap(), Answered::TooLate);
    let end = NOW.plus(LIFETIME);
    assert_eq!(fresh.store.approve_device(&device_grant(id), end).await.unwrap(), Answered::TooLate);
    assert_eq!(fresh.store.deny_device(id, end).await.unwrap(), Answered::TooLate);
    assert_eq!(fresh.store.deny_device(id, NOW).await.unwrap(), Answered::Done);
    assert_eq!(fresh.store.deny_device(id, NOW).await.unwrap(), Answered::TooLate);
    assert_eq!(fresh.store.approve_device(&device_grant(id), NOW).await.unwrap(), Answered::TooLate);
    assert_eq!(fresh.store.find_grant(id).await.unwrap(), None);
    let denied = DeviceRequest { status: DeviceStatus::Denied, ..request(id, 7) };
    assert_eq!(fresh.store.redeem_device(&presentation(id)).await.unwrap(), DeviceRedemption::Refused(Box::new(denied)));
    let nobody = new_ulid(&fresh.store);
    assert_eq!(fresh.store.deny_device(nobody, NOW).await.unwrap(), Answered::TooLate);
    assert_eq!(fresh.store.approve_device(&device_grant(nobody), NOW).await.unwrap(), Answered::TooLate);
    assert_eq!(fresh.store.find_device_request(nobody, NOW).await.unwrap(), None, "no answer makes a request");
    assert_eq!(fresh.store.find_grant(nobody).await.unwrap(), None);
}

/// Approve and deny at once: exactly one answer counts
#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_answers_at_once_one_counts() {
    let fresh = Fresh::start().await;
    for _ in 0..3 {
        let id = new_ulid(&fresh.store);
        let code = u64::try_from(id.random() & 0xffff_ffff).unwrap();
        assert!(fresh.store.create_device_request(&request(id, code), NOW).await.unwrap());
        let mut answers = JoinSet::new();
        for n in 0..20 {
            let store = fresh.another_store();
            answers.spawn(async move {
                if n % 2 == 0 { store.approve_device(&device_grant(id), NOW).await } else { store.deny_device(id, NOW).await }
            });
        }
        // One that met too many others at once says that it does not know; none says that it counted when it did not.
        let told = answers.join_all().await;
        assert!(told.iter().filter(|answer| matches!(answer, Ok(Answered::Done))).count() <= 1, "{told:?}");
        let status = fresh.store.find_device_request(id, NOW).await.unwrap().unwrap().status;
        let granted = fresh.store.find_grant(id).await.unwrap().is_some();
        assert_eq!(granted, matches!(status, DeviceStatus::Approved { .. }));
        assert_ne!(status, DeviceStatus::Pending);
    }
}

/// Single use under race
#[tokio::test(flavor = "multi_thread")]
async fn of_forty_redemptions_at_once_one_wins() {
    let fresh = Fresh::start().await;
    let id = create(&fresh).await;
    fresh.store.approve_device(&device_grant(id), NOW).await.unwrap();
    let mut redemptions = JoinSet::new();
    for _ in 0..40 {
        let store = fresh.store.clone();
        redemptions.spawn(async move { store.redeem_device(&presentation(id)).await.unwrap() });
    }
    let told = redemptions.join_all().await;
    assert_eq!(told.iter().filter(|one| matches!(one, DeviceRedemption::Redeemed(_))).count(), 1);
    assert_eq!(told.iter().filter(|one| matches!(one, DeviceRedemption::Gone)).count(), 39);
}

/// RFC 8628 section 3.5
#[tokio::test]
async fn a_poll_that_comes_too_soon_slows_all_that_follow() {
    let fresh = Fresh::start().await;
    let id = create(&fresh).await;
    let pace = |interval, next_at: Timestamp| Pace { interval, next_at };
    let kept = || async { fresh.store.find_device_request(id, NOW).await.unwrap().unwrap().pace };
    assert!(fresh.store.note_poll(id, kept().await, NOW).await.unwrap());
    assert_eq!(kept().await, pace(INTERVAL, NOW.plus(4)));
    assert!(!fresh.store.note_poll(id, kept().await, NOW.plus(3)).await.unwrap());
    assert_eq!(kept().await, pace(INTERVAL + SLOW_DOWN, NOW.plus(12)));
    // Two polls that saw the same pace: one of them was faster than it thought.
    let seen = kept().await;
    assert!(fresh.store.note_poll(id, seen, NOW.plus(12)).await.unwrap());
    assert!(!fresh.store.note_poll(id, seen, NOW.plus(12)).await.unwrap());
    // What is answered or gone is not polled any more, and does not come back.
    fresh.store.deny_device(id, NOW).await.unwrap();
    let before = kept().await;
    assert!(!fresh.store.note_poll(id, before, NOW.plus(100)).await.unwrap());
    assert_eq!(kept().await, before);
    let nobody = new_ulid(&fresh.store);
    assert!(!fresh.store.note_poll(nobody, Pace::new(NOW), NOW).await.unwrap());
    assert_eq!(fresh.store.find_device_request(nobody, NOW).await.unwrap(), None);
}
