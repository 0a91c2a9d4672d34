//! Grants: rotation is one conditional update, and only a fully valid replay revokes.

use grantlet::model::code::Presentation;
use grantlet::model::grant::{Grant, GrantStatus, RevokedBy, Rotated, RotationRequest, Successor};
use grantlet::model::secret::SecretHash;
use grantlet::protocol::details::AuthorizationDetails;
use tokio::task::JoinSet;
use ulid::Ulid;

use super::{NOW, Wrong, client, grant, owned, presentation};
use crate::support::engines::{Fresh, new_ulid};

fn rotation(id: Ulid, name: &str) -> RotationRequest {
    RotationRequest {
        id,
        generation: 0,
        seed_hash: SecretHash::of(b"the seed"),
        client_id: client("app"),
        scopes: Vec::new(),
        resources: Vec::new(),
        details: AuthorizationDetails::default(),
        now: NOW,
        idle_at: NOW.plus(200),
        rotate: Some(Successor { rotation_id: name.to_owned(), kid: "k1".to_owned() }),
    }
}

async fn stored(fresh: &Fresh) -> Grant {
    let grant = grant(new_ulid(&fresh.store));
    fresh.store.create_grant(&grant).await.unwrap();
    grant
}

#[tokio::test]
async fn a_grant_reads_back_as_it_was_written_and_is_never_overwritten() {
    let fresh = Fresh::start().await;
    let grant = stored(&fresh).await;
    assert_eq!(fresh.store.find_grant(grant.id).await.unwrap(), Some(grant.clone()));
    let mut other = grant.clone();
    other.client_id = client("other");
    assert!(fresh.store.create_grant(&other).await.is_err());
    assert_eq!(fresh.store.find_grant(new_ulid(&fresh.store)).await.unwrap(), None);
}

/// OAuth 2.1 section 4.3.1
#[tokio::test]
async fn a_rotation_moves_generation_key_end_and_the_three_times() {
    let fresh = Fresh::start().await;
    let grant = stored(&fresh).await;
    for generation in 0..4 {
        let now = NOW.plus(i64::try_from(generation).unwrap());
        let request = RotationRequest { generation, now, ..rotation(grant.id, &format!("r{generation}")) };
        let Rotated::Done(after) = fresh.store.rotate_grant(&request).await.unwrap() else { panic!("{generation}") };
        assert_eq!(after.refresh.generation, generation + 1);
        assert_eq!((after.refresh.current_kid.as_deref(), after.refresh.idle_at), (Some("k1"), NOW.plus(200)));
        assert_eq!(after.refresh.rotation_id.as_deref(), Some(format!("r{generation}").as_str()));
    }
    let after = fresh.store.find_grant(grant.id).await.unwrap().unwrap();
    assert_eq!(after.refresh.rotated_at, [NOW.plus(3), NOW.plus(2), NOW.plus(1)]);
    assert_eq!(Grant { refresh: grant.refresh.clone(), ..after }, grant, "nothing else has changed");
}

/// Nothing rotates before everything is valid
#[tokio::test]
async fn whatever_is_wrong_with_a_refresh_rotates_nothing() {
    let fresh = Fresh::start().await;
    let grant = stored(&fresh).await;
    let wrong: [Wrong<RotationRequest>; 8] = [
        ("generation", |r| r.generation = 1),
        ("client", |r| r.client_id = client("other")),
        ("seed", |r| r.seed_hash = SecretHash::of(b"another")),
        ("scope", |r| r.scopes = owned(&["openid", "phone"])),
        ("resource", |r| r.resources = owned(&["https://foreign.example"])),
        ("authorization details", |r| r.details = AuthorizationDetails::read_untyped(r#"[{"type":"payment"}]"#).unwrap()),
        ("idle by nothing", |r| r.now = NOW.plus(100)),
        ("ended", |r| (r.now, r.idle_at) = (NOW.plus(1_000), NOW.plus(2_000))),
    ];
    for (what, change) in wrong {
        let mut request = rotation(grant.id, "r");
        change(&mut request);
        assert_eq!(fresh.store.rotate_grant(&request).await.unwrap(), Rotated::Refused(Box::new(grant.clone())), "{what}");
    }
    assert_eq!(fresh.store.rotate_grant(&rotation(new_ulid(&fresh.store), "r")).await.unwrap(), Rotated::Gone);
    let narrow = RotationRequest {
        details: AuthorizationDetails::read_untyped(r#"[{"type":"calendar"}]"#).unwrap(),
        scopes: owned(&["email"]),
        resources: owned(&["https://api.example"]),
        ..rotation(grant.id, "r")
    };
    assert!(matches!(fresh.store.rotate_grant(&narrow).await.unwrap(), Rotated::Done(_)));
}

/// For clients whose tokens do not rotate
#[tokio::test]
async fn without_a_successor_only_the_idle_end_moves() {
    let fresh = Fresh::start().await;
    let grant = stored(&fresh).await;
    let request = RotationRequest { rotate: None, ..rotation(grant.id, "unused") };
    for _ in 0..2 {
        let Rotated::Done(after) = fresh.store.rotate_grant(&request).await.unwrap() else { panic!("refused") };
        assert_eq!(after.refresh.idle_at, NOW.plus(200));
        let mut expected = grant.clone();
        expected.refresh.idle_at = NOW.plus(200);
        assert_eq!(*after, expected);
    }
}

/// Of many refreshes at once one rotates, and the others see its work
#[tokio::test(flavor = "multi_thread")]
async fn of_forty_parallel_rotations_one_is_done() {
    let fresh = Fresh::start().await;
    let grant = stored(&fresh).await;
    let mut rotations = JoinSet::new();
    for n in 0..40 {
        let (store, request) = (fresh.another_store(), rotation(grant.id, &format!("r{n}")));
        rotations.spawn(async move { store.rotate_grant(&request).await.unwrap() });
    }
    let outcomes = rotations.join_all().await;
    let done = outcomes.iter().filter(|outcome| matches!(outcome, Rotated::Done(_))).count();
    assert_eq!(done, 1);
    for outcome in outcomes {
        let (Rotated::Done(after) | Rotated::Refused(after)) = outcome else { panic!("gone") };
        assert_eq!(after.refresh.generation, 1);
    }
}

/// OAuth 2.1 section 7.5.2
#[tokio::test]
async fn only_a_replay_in_which_everything_matches_revokes() {
    let fresh = Fresh::start().await;
    let grant = stored(&fresh).await;
    let wrong: [Wrong<Presentation>; 8] = [
        ("secret", |p| p.secret_hash = SecretHash::of(b"another")),
        ("client", |p| p.client_id = client("other")),
        ("verifier", |p| p.code_challenge = Some("another".to_owned())),
        ("no verifier", |p| p.code_challenge = None),
        ("key", |p| p.dpop_jkt = Some("another".to_owned())),
        ("no key", |p| p.dpop_jkt = None),
        ("redirect", |p| p.redirect_uri = Some("https://app.example/cb/".to_owned())),
        ("resource", |p| p.resources = owned(&["https://foreign.example"])),
    ];
    for (what, change) in wrong {
        let mut presented = presentation(grant.id);
        change(&mut presented);
        assert!(!fresh.store.revoke_replayed_grant(&presented).await.unwrap(), "{what}");
    }
    assert_eq!(fresh.store.find_grant(grant.id).await.unwrap(), Some(grant.clone()));
    // However late.
    let late = Presentation { now: NOW.plus(500), ..presentation(grant.id) };
    assert!(fresh.store.revoke_replayed_grant(&late).await.unwrap());
    let revoked = fresh.store.find_grant(grant.id).await.unwrap().unwrap();
    assert_eq!(revoked.status, GrantStatus::Revoked(RevokedBy::CodeReplay));
    assert!(!fresh.store.revoke_replayed_grant(&late).await.unwrap(), "it is revoked already");
    assert!(!fresh.store.revoke_replayed_grant(&presentation(new_ulid(&fresh.store))).await.unwrap(), "and nothing is made");
}

/// OAuth 2.1 section 7.5.2, RFC 9449 section 10: the redemption's own rule for the key
#[tokio::test]
async fn a_replay_with_any_key_revokes_where_the_code_was_bound_to_none() {
    let fresh = Fresh::start().await;
    for proven in [None, Some("any")] {
        let mut unbound = grant(new_ulid(&fresh.store));
        unbound.code.as_mut().unwrap().dpop_jkt = None;
        fresh.store.create_grant(&unbound).await.unwrap();
        let replay = Presentation { dpop_jkt: proven.map(str::to_owned), ..presentation(unbound.id) };
        assert!(fresh.store.revoke_replayed_grant(&replay).await.unwrap(), "{proven:?}");
    }
}

#[tokio::test]
async fn a_revoked_grant_stays_revoked_for_its_first_reason_and_rotates_no_more() {
    let fresh = Fresh::start().await;
    let grant = stored(&fresh).await;
    assert!(fresh.store.revoke_grant(grant.id, RevokedBy::Client).await.unwrap());
    assert!(!fresh.store.revoke_grant(grant.id, RevokedBy::Operator).await.unwrap());
    assert!(!fresh.store.revoke_grant(new_ulid(&fresh.store), RevokedBy::Operator).await.unwrap());
    let Rotated::Refused(after) = fresh.store.rotate_grant(&rotation(grant.id, "r")).await.unwrap() else { panic!("rotated") };
    assert_eq!((after.status, after.refresh.generation), (GrantStatus::Revoked(RevokedBy::Client), 0));
}

#[tokio::test]
async fn a_user_s_grants_are_listed_by_the_index_and_nobody_else_s() {
    let fresh = Fresh::start().await;
    let (one, two) = (stored(&fresh).await, stored(&fresh).await);
    let mut foreign = grant(new_ulid(&fresh.store));
    foreign.user_id = grantlet::model::user::UserId(Ulid::from_parts(9, 9));
    fresh.store.create_grant(&foreign).await.unwrap();
    let mut expected = vec![one.id, two.id];
    expected.sort_unstable();
    let mut listed = fresh.store.list_grant_ids(one.user_id).await.unwrap();
    listed.sort_unstable();
    assert_eq!(listed, expected);
    assert!(fresh.store.list_session_ids(one.user_id).await.unwrap().is_empty());
}
