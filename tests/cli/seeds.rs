//! Seeds: what `grantlet seed apply` brings about.

use serde_json::json;

use super::{Data, seed};

#[tokio::test]
async fn a_seed_applied_twice_changes_nothing() {
    let data = Data::new(&seed());
    let once = data.read_everything().await;
    assert!(once["grantlet-registry"].len() > 6, "clients, users, logins, keys");
    data.apply(&seed());
    assert_eq!(data.read_everything().await, once);
}

#[tokio::test]
async fn a_changed_seed_brings_clients_and_users_up_to_date_and_leaves_the_rest() {
    let data = Data::new(&seed());
    let before = data.read_everything().await;
    let mut changed = seed();
    changed["clients"][0]["client_secret"] = json!("another");
    changed["clients"][0]["client_name"] = json!("New name");
    changed["clients"].as_array_mut().unwrap().remove(1);
    changed["users"][0]["claims"]["email"] = json!("alice@example.com");
    changed["users"][1] = json!({"username": "mallory", "password": "new password"});
    data.apply(&changed);

    let client = data.json(&["client", "show", "web"]);
    assert_eq!(client["client_name"], "New name");
    assert_eq!(data.json(&["client", "list"]).as_array().unwrap().len(), 2);
    let alice = data.json(&["user", "show", "alice"]);
    assert_eq!(alice["claims"]["email"], "alice@example.com");
    assert_eq!(data.json(&["user", "show", "mallory"])["locked"], true, "what the seed does not say stays");
    let after = data.read_everything().await;
    let changed_items = after["grantlet-registry"].iter().filter(|item| !before["grantlet-registry"].contains(item)).count();
    assert_eq!(changed_items, 3, "web, alice and mallory's password; no other item was written");
}

#[test]
fn a_seed_that_locks_and_unlocks_does_so() {
    let data = Data::new(&seed());
    let mut changed = seed();
    changed["users"][0]["locked"] = json!(true);
    changed["users"][1]["locked"] = json!(false);
    data.apply(&changed);
    let locked: Vec<_> = data.json(&["user", "list"]).as_array().unwrap().iter().map(|user| user["locked"].clone()).collect();
    assert_eq!(locked, [json!(true), json!(false)]);
}
