//! The events of a person: appended, bounded, and told newest first.

use grantlet::model::event::{EventKind, KEPT_FOR, SecurityEvent};
use grantlet::model::user::UserId;
use grantlet::model::whereabouts::{Browser, Whereabouts};
use ulid::Ulid;

use super::NOW;
use crate::support::engines::Fresh;

fn event(number: i64) -> SecurityEvent {
    let whereabouts = Whereabouts { browser: Browser::of("Firefox/1 Linux"), network: Some("192.0.2.*".to_owned()) };
    SecurityEvent::new(EventKind::PasskeyAdded, NOW.plus(number), whereabouts, Some(&format!("Key {number}")))
}

#[tokio::test]
async fn at_least_the_newest_fifty_events_of_a_person_are_kept_for_a_year() {
    let fresh = Fresh::start().await;
    let (alice, bob) = (UserId(Ulid::from_parts(1, 1)), UserId(Ulid::from_parts(1, 2)));
    assert!(fresh.store.list_events(alice, NOW).await.unwrap().is_empty());
    for number in 0..75 {
        fresh.store.record_event(alice, &event(number)).await.unwrap();
    }
    fresh.store.record_event(bob, &event(0)).await.unwrap();
    // Sixty fit; the next one leaves fifty, and so on.
    let expected: Vec<_> = (22..75).rev().map(event).collect();
    assert_eq!(fresh.store.list_events(alice, NOW.plus(75)).await.unwrap(), expected);
    assert_eq!(fresh.store.list_events(bob, NOW).await.unwrap(), [event(0)]);
    // TTL deletes late.
    let kept = fresh.store.list_events(alice, NOW.plus(70 + KEPT_FOR)).await.unwrap();
    assert_eq!(kept, (71..75).rev().map(event).collect::<Vec<_>>());
}

/// The SDK repeats a write whose answer was lost
#[tokio::test]
async fn an_event_that_was_written_twice_is_told_once() {
    let fresh = Fresh::start().await;
    let alice = UserId(Ulid::from_parts(1, 1));
    let bare = SecurityEvent::new(EventKind::PasswordChanged, NOW, Whereabouts::default(), None);
    for event in [&bare, &bare, &event(0)] {
        fresh.store.record_event(alice, event).await.unwrap();
    }
    assert_eq!(fresh.store.list_events(alice, NOW).await.unwrap(), [event(0), bare]);
}

/// Two requests at once, one of which has to make room
#[tokio::test(flavor = "multi_thread")]
async fn no_event_is_lost_where_two_come_at_once() {
    let fresh = Fresh::start().await;
    let alice = UserId(Ulid::from_parts(1, 1));
    for number in 0..60 {
        fresh.store.record_event(alice, &event(number)).await.unwrap();
    }
    let (one, two) = (event(60), event(61));
    let (first, second) = tokio::join!(fresh.store.record_event(alice, &one), fresh.store.record_event(alice, &two));
    first.unwrap();
    second.unwrap();
    let kept = fresh.store.list_events(alice, NOW.plus(61)).await.unwrap();
    assert_eq!(kept[..2], [two, one]);
    assert_eq!(kept.len(), 51);
}
