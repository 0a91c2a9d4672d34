//! Clients that registered themselves, and documents of clients: what ends, and who may change what.

use grantlet::model::client::{ClientId, DynamicOrigin, Origin, StoredClient};
use grantlet::model::secret::SecretHash;
use grantlet::store::KeptDocument;
use serde_json::json;
use tokio::task::JoinSet;

use super::{NOW, client};
use crate::support::engines::{Fresh, new_ulid};

fn origin() -> DynamicOrigin {
    DynamicOrigin { token_hash: SecretHash::of(b"token"), version: 3, is_invited: true, expires_at: NOW.plus(100) }
}

fn stranger(id: &ClientId, origin: &DynamicOrigin) -> StoredClient {
    StoredClient {
        client: serde_json::from_value(json!({"client_id": id.as_str(), "redirect_uris": ["https://app.example/cb"], "x": [1]})).unwrap(),
        secret_hash: Some(SecretHash::of(b"secret")),
        previous_secret: None,
        sealed_secret: Some(vec![1, 2]),
        created_at: NOW,
        origin: Origin::Dynamic(origin.clone()),
    }
}

/// TTL deletes late: every read and every condition looks at the time
#[tokio::test]
async fn a_client_that_registered_itself_counts_until_it_ends() {
    let fresh = Fresh::start().await;
    let id = ClientId::of_dynamic(new_ulid(&fresh.store));
    let stored = stranger(&id, &origin());
    fresh.store.create_dynamic_client(&stored, &origin()).await.unwrap();
    assert_eq!(fresh.store.find_dynamic_client(&id, NOW.plus(99)).await.unwrap(), Some(stored));
    assert_eq!(fresh.store.find_dynamic_client(&id, NOW.plus(100)).await.unwrap(), None);
    assert_eq!(fresh.store.find_client(&id).await.unwrap(), None, "it never stands beside the operator's");

    let end = |found: Option<StoredClient>| match found.unwrap().origin {
        Origin::Dynamic(origin) => origin.expires_at,
        Origin::Operator | Origin::Document { .. } => panic!("it registered itself"),
    };
    fresh.store.renew_dynamic_client(&id, NOW.plus(200), NOW.plus(99)).await.unwrap();
    fresh.store.renew_dynamic_client(&id, NOW.plus(150), NOW.plus(99)).await.unwrap();
    assert_eq!(end(fresh.store.find_dynamic_client(&id, NOW).await.unwrap()), NOW.plus(200), "never back");
    fresh.store.renew_dynamic_client(&id, NOW.plus(900), NOW.plus(200)).await.unwrap();
    assert_eq!(fresh.store.find_dynamic_client(&id, NOW.plus(200)).await.unwrap(), None, "what has ended stays so");
    let nobody = ClientId::of_dynamic(new_ulid(&fresh.store));
    fresh.store.renew_dynamic_client(&nobody, NOW.plus(900), NOW).await.unwrap();
    assert_eq!(fresh.store.find_dynamic_client(&nobody, NOW).await.unwrap(), None, "a renewal makes no client");
    assert_eq!(fresh.store.list_dynamic_clients(NOW.plus(100)).await.unwrap().len(), 1);
    assert!(fresh.store.list_dynamic_clients(NOW.plus(200)).await.unwrap().is_empty());
}

/// RFC 7592 section 2: by its own token, and in the version that was read
#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_changes_of_one_version_one_is_applied() {
    let fresh = Fresh::start().await;
    let id = ClientId::of_dynamic(new_ulid(&fresh.store));
    fresh.store.create_dynamic_client(&stranger(&id, &origin()), &origin()).await.unwrap();
    let mut attempts = JoinSet::new();
    for n in 0..20 {
        let (store, id) = (fresh.another_store(), id.clone());
        attempts.spawn(async move {
            let changed = DynamicOrigin { version: 4, ..origin() };
            let mut client = stranger(&id, &changed);
            client.client.client_name = Some(format!("Name {n}"));
            store.replace_dynamic_client(&client, &changed, &origin(), NOW).await.unwrap().then_some(client)
        });
    }
    let applied: Vec<StoredClient> = attempts.join_all().await.into_iter().flatten().collect();
    assert_eq!(applied.len(), 1);
    assert_eq!(fresh.store.find_dynamic_client(&id, NOW).await.unwrap().as_ref(), applied.first());

    let next = DynamicOrigin { version: 5, ..origin() };
    let now_read = DynamicOrigin { version: 4, ..origin() };
    let foreign = DynamicOrigin { token_hash: SecretHash::of(b"another"), ..now_read.clone() };
    assert!(!fresh.store.replace_dynamic_client(&stranger(&id, &next), &next, &foreign, NOW).await.unwrap());
    assert!(!fresh.store.replace_dynamic_client(&stranger(&id, &next), &next, &now_read, NOW.plus(100)).await.unwrap(), "it has ended");
    fresh.store.remove_dynamic_client(&id, &foreign, NOW).await.unwrap();
    assert!(fresh.store.find_dynamic_client(&id, NOW).await.unwrap().is_some());
    fresh.store.remove_dynamic_client(&id, &now_read, NOW).await.unwrap();
    assert_eq!(fresh.store.find_dynamic_client(&id, NOW).await.unwrap(), None);
    assert!(!fresh.store.replace_dynamic_client(&stranger(&id, &next), &next, &now_read, NOW).await.unwrap(), "a change makes no client");
    assert!(!fresh.store.expel_dynamic_client(&id).await.unwrap());
}

/// `docs/storage-schema.md`: a document is kept as it came
#[tokio::test]
async fn a_document_is_kept_until_it_ends_and_replaced_by_a_newer_one() {
    let fresh = Fresh::start().await;
    let id = client("https://app.example/client.json");
    let first = KeptDocument { text: "{}".to_owned(), read_at: NOW, fresh_until: NOW.plus(60), expires_at: NOW.plus(100) };
    assert_eq!(fresh.store.find_client_document(&id, NOW).await.unwrap(), None);
    fresh.store.keep_client_document(&id, &first).await.unwrap();
    assert_eq!(fresh.store.find_client_document(&id, NOW.plus(99)).await.unwrap(), Some(first.clone()));
    assert_eq!(fresh.store.find_client_document(&id, NOW.plus(100)).await.unwrap(), None);
    assert_eq!(fresh.store.find_client_document(&client("https://app.example/client.jso"), NOW).await.unwrap(), None);
    let second = KeptDocument { text: "{\"a\":1}".to_owned(), ..first };
    fresh.store.keep_client_document(&id, &second).await.unwrap();
    assert_eq!(fresh.store.find_client_document(&id, NOW).await.unwrap(), Some(second));
}
