//! `grantlet key` and the secret that is shared with the site.

use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::{Data, open_store, start_engine};

fn states(ring: &Value) -> Vec<String> {
    ring["signing"].as_array().unwrap().iter().map(|set| set["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn keys_are_listed_and_rotated_and_an_emergency_leaves_no_old_key() {
    let data = Data::new(&json!({}));
    let first = data.json(&["key", "list"]);
    assert_json_snapshot!("key_list", first, {
        ".version" => "[version]", ".signing[].id" => "[ulid]", ".signing[].created_at" => "[time]", ".signing[].activated_at" => "[time]",
        ".signing[].keys[].kid" => "[kid]", ".refresh[].kid" => "[kid]", ".refresh[].created_at" => "[time]", ".refresh[].activated_at" => "[time]",
    });
    let rotated = data.json(&["key", "rotate"]);
    assert_eq!(rotated, data.json(&["key", "list"]));
    assert!(states(&rotated).len() > states(&first).len() || states(&rotated) != states(&first), "{rotated}");

    let after = data.json(&["key", "rotate", "--emergency"]);
    let old = first["signing"][0]["id"].as_str().unwrap();
    let still_published = after["signing"].as_array().unwrap().iter().any(|set| set["id"] == old && set["state"] != "archived");
    assert!(!still_published, "{after}");
    assert_eq!(states(&after).iter().filter(|state| *state == "active").count(), 1);
}

#[tokio::test]
async fn the_secret_for_the_site_is_shown_once_and_stored_sealed() {
    let data = Data::new(&json!({}));
    let shown = data.json(&["site", "connect"]);
    let secret = shown["secret"].as_str().unwrap();
    assert_eq!((secret.len(), &shown["alg"]), (43, &json!("HS256")));
    let engine = start_engine(&data.path()).await;
    let sealed = open_store(&engine).find_sealed_site_secret().await.unwrap().unwrap();
    engine.shutdown().await;
    assert!(sealed.len() > secret.len());
    assert!(!sealed.windows(secret.len()).any(|window| window == secret.as_bytes()));
    assert_ne!(data.json(&["site", "connect"])["secret"], shown["secret"]);
}
