//! Codes: one conditional delete decides.

use grantlet::model::code::{AuthorizationCode, Presentation, Redemption};
use grantlet::model::secret::SecretHash;

use super::{NOW, Wrong, client, code, owned, presentation};
use crate::support::engines::{Fresh, new_ulid};

/// OAuth 2.1 section 4.1.3
#[tokio::test]
async fn a_code_is_redeemed_once_and_comes_back_whole() {
    let fresh = Fresh::start().await;
    let id = new_ulid(&fresh.store);
    fresh.store.create_code(&code(id)).await.unwrap();
    assert_eq!(fresh.store.redeem_code(&presentation(id)).await.unwrap(), Redemption::Redeemed(Box::new(code(id))));
    assert_eq!(fresh.store.redeem_code(&presentation(id)).await.unwrap(), Redemption::Gone);
}

/// Everything that may be wrong with a presentation leaves the code as it was
#[tokio::test]
async fn whatever_is_presented_wrongly_is_refused_and_the_code_stays() {
    let fresh = Fresh::start().await;
    let id = new_ulid(&fresh.store);
    fresh.store.create_code(&code(id)).await.unwrap();
    let wrong: [Wrong<Presentation>; 11] = [
        ("secret", |p| p.secret_hash = SecretHash::of(b"another")),
        ("client", |p| p.client_id = client("other")),
        ("verifier", |p| p.code_challenge = Some("another".to_owned())),
        ("no verifier", |p| p.code_challenge = None),
        ("key", |p| p.dpop_jkt = Some("another".to_owned())),
        ("no key", |p| p.dpop_jkt = None),
        ("redirect", |p| p.redirect_uri = Some("https://app.example/cb/".to_owned())),
        ("resource", |p| p.resources = owned(&["https://foreign.example"])),
        ("one resource of two", |p| p.resources = owned(&["https://api.example", "https://foreign.example"])),
        ("late by nothing", |p| p.now = NOW.plus(60)),
        ("late", |p| p.now = NOW.plus(61)),
    ];
    for (what, change) in wrong {
        let mut presented = presentation(id);
        change(&mut presented);
        assert_eq!(fresh.store.redeem_code(&presented).await.unwrap(), Redemption::Refused(Box::new(code(id))), "{what}");
    }
    let mut last = presentation(id);
    (last.redirect_uri, last.resources, last.now) = (None, Vec::new(), NOW.plus(59));
    assert!(matches!(fresh.store.redeem_code(&last).await.unwrap(), Redemption::Redeemed(_)));
}

/// RFC 7636 section 4.6: bindings work both ways, what is presented must be bound
#[tokio::test]
async fn a_binding_that_the_code_does_not_have_is_refused() {
    let fresh = Fresh::start().await;
    let id = new_ulid(&fresh.store);
    let mut unbound = code(id);
    (unbound.code_challenge, unbound.dpop_jkt, unbound.nonce) = (None, None, None);
    fresh.store.create_code(&unbound).await.unwrap();
    let mut presented = presentation(id);
    (presented.code_challenge, presented.dpop_jkt) = (Some("challenge".to_owned()), None);
    assert!(matches!(fresh.store.redeem_code(&presented).await.unwrap(), Redemption::Refused(_)));
    presented.code_challenge = None;
    assert_eq!(fresh.store.redeem_code(&presented).await.unwrap(), Redemption::Redeemed(Box::new(unbound)));
}

/// RFC 9449 section 10: a code that names no key is redeemed with any key, or none; one that does with that one alone
#[tokio::test]
async fn any_key_may_be_proven_for_a_code_that_is_bound_to_none() {
    let fresh = Fresh::start().await;
    for (bound, proven, redeems) in [
        (None, None, true),
        (None, Some("thumbprint"), true),
        (Some("thumbprint"), Some("thumbprint"), true),
        (Some("thumbprint"), Some("another"), false),
        (Some("thumbprint"), None, false),
    ] {
        let id = new_ulid(&fresh.store);
        let issued = AuthorizationCode { dpop_jkt: bound.map(str::to_owned), ..code(id) };
        fresh.store.create_code(&issued).await.unwrap();
        let presented = Presentation { dpop_jkt: proven.map(str::to_owned), ..presentation(id) };
        let redeemed = matches!(fresh.store.redeem_code(&presented).await.unwrap(), Redemption::Redeemed(_));
        assert_eq!(redeemed, redeems, "{bound:?} {proven:?}");
    }
}

#[tokio::test]
async fn a_code_is_never_overwritten_and_can_be_deleted_with_its_grant() {
    let fresh = Fresh::start().await;
    let id = new_ulid(&fresh.store);
    fresh.store.create_code(&code(id)).await.unwrap();
    let mut other = code(id);
    other.client_id = client("other");
    assert!(fresh.store.create_code(&other).await.is_err());
    fresh.store.create_code(&code(id)).await.expect("the very same item is our own retry");
    fresh.store.delete_code(id).await.unwrap();
    fresh.store.delete_code(id).await.unwrap();
    assert_eq!(fresh.store.redeem_code(&presentation(id)).await.unwrap(), Redemption::Gone);
}

/// A code item stays under 1 KB, so that each write of it is one unit
#[tokio::test]
async fn a_code_fits_into_one_write_unit() {
    let fresh = Fresh::start().await;
    let id = new_ulid(&fresh.store);
    let mut large = code(id);
    large.redirect_uri = format!("https://app.example/{}", "c".repeat(150));
    large.nonce = Some("n".repeat(64));
    large.code_challenge = Some("c".repeat(43));
    large.dpop_jkt = Some("j".repeat(43));
    fresh.store.create_code(&large).await.unwrap();
    let deleted = fresh
        .dynamodb
        .delete_item()
        .table_name(&fresh.tables.state)
        .key("pk", aws_sdk_dynamodb::types::AttributeValue::S(format!("code#{id}")))
        .return_consumed_capacity(aws_sdk_dynamodb::types::ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap();
    let units = deleted.consumed_capacity.unwrap().capacity_units.unwrap();
    assert!((0.9..1.1).contains(&units), "{units}");
}
