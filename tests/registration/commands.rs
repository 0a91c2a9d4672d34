//! What the operator does about clients that register themselves: `grantlet registration …`.

use std::fs;

use grantlet::model::secret::Secret;
use serde_json::json;
use tempfile::TempDir;

use super::{manage, metadata, register_event, text};
use crate::support::program::{Dev, argument, run};
use crate::support::server::Server;

/// RFC 7591 section 3: the token is shown once, and the settings have its hash
#[tokio::test(flavor = "multi_thread")]
async fn the_operator_s_token_registers_and_the_operator_sees_and_removes_who_did() {
    let folder = TempDir::new().unwrap();
    let (settings, data) = (folder.path().join("grantlet.toml"), folder.path().join("data"));
    let made = run(&["registration", "token", "--json"]).json();
    let (token, hash) = (text(&made, "initial_access_token"), made["initial_access_tokens"][0].as_str().unwrap());
    assert_eq!(base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, Secret::new(token).hash().as_bytes()), hash);
    fs::write(&settings, format!("[registration]\nmode = \"token\"\ninitial_access_tokens = [\"{hash}\"]\n")).unwrap();
    let server = Server::dev(&["--data", argument(&data), "--settings", argument(&settings)]);
    let event = register_event(metadata(json!({})).to_string().as_bytes());
    assert_eq!(server.send(&event).await.status, 401);
    let client = server.send(&event.header("authorization", &format!("Bearer {token}"))).await.json();
    let id = text(&client, "client_id");

    let on_data = |arguments: &[&str]| run(&[&["registration"], arguments, &["--data", argument(&data), "--json"]].concat());
    let listed = on_data(&["list"]).json();
    assert_eq!((listed.as_array().unwrap().len(), text(&listed[0], "client_id")), (1, id));
    let shown = on_data(&["show", id]).json();
    assert_eq!((text(&shown, "client_name"), shown.get("client_secret")), ("Newcomer", None));
    assert!(on_data(&["show", "demo"]).sentence().contains("registration list"));
    assert_eq!(on_data(&["remove", id]).json()["removed"], true);
    assert!(on_data(&["remove", id]).sentence().contains(id));
    assert_eq!(manage(&server, "GET", &client, &json!({})).await.status, 401);
    assert_eq!(on_data(&["list"]).json(), json!([]));
}

/// RFC 7591 section 5: the operator's clients and those that register themselves never share an identifier
#[test]
fn the_operator_can_not_take_an_identifier_of_the_other_forms() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let _server = Dev::serve(&["--data", argument(&data)]);
    for id in ["dyn-01arz3ndektsv4rrffq69g5fav", "dyn-x", "https://app.example/client.json", "http://localhost/client.json"] {
        let arguments = ["client", "add", "--id", id, "--redirect-uri", "https://app.example/cb", "--data", argument(&data)];
        assert!(run(&arguments).sentence().contains("register themselves"), "{id}");
    }
}
