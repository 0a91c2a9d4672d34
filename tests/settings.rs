//! What the operator sets in `grantlet.toml`, seen from outside.

use serde_json::json;
use tempfile::TempDir;

use crate::support::event::Event;
use crate::support::oauth::{ALICE, As, authorization_query, claims, exchange, parameter, token};
use crate::support::person::Person;
use crate::support::program::{Dev, argument, run};
use crate::support::server::Server;

/// RFC 8707 section 2
#[tokio::test]
async fn a_resource_of_the_settings_may_be_asked_for_and_is_advertised() {
    let server = Server::local(json!({"resources": [{"uri": "https://notes.example"}]})).await;
    let metadata = server.send(&Event::get("/.well-known/oauth-authorization-server")).await.json();
    assert_eq!(metadata["protected_resources"], json!(["https://notes.example"]));
    for (resource, expected) in [("https://notes.example/", Some("https://notes.example")), ("https://unknown.example", None)] {
        let query = authorization_query("app", &[("resource", Some(resource))]);
        let landed = Person::new(&server).authorize(&query, ALICE).await;
        match expected {
            Some(audience) => {
                let tokens = exchange(&server, As::Basic("app"), &parameter(&landed, "code").unwrap()).await;
                assert_eq!(claims(&token(&tokens, "access_token"))["aud"], audience);
            }
            None => assert_eq!(parameter(&landed, "error").as_deref(), Some("invalid_target")),
        }
    }
}

/// Settings are kept for a minute, and read again beside a request
#[tokio::test]
async fn new_settings_count_within_a_minute() {
    let server = Server::local(json!({})).await;
    let local = server.inside();
    let advertised =
        || async { server.send(&Event::get("/.well-known/oauth-authorization-server")).await.json()["protected_resources"].clone() };
    assert_eq!(advertised().await, json!([]));
    let settings = serde_json::from_value(json!({"resources": [{"uri": "https://notes.example"}]})).unwrap();
    local.context.store.replace_settings(&settings).await.unwrap();
    local.clock.advance(59);
    assert_eq!(advertised().await, json!([]));
    local.clock.advance(600);
    assert_eq!(advertised().await, json!(["https://notes.example"]), "whoever slept for long does not go by what it remembers");
    local.context.store.replace_settings(&serde_json::from_value(json!({})).unwrap()).await.unwrap();
    local.clock.advance(61);
    while advertised().await != json!([]) {
        tokio::task::yield_now().await;
    }
}

/// The operator checks, applies and shows a file; what can't be used changes nothing, and the sentence names line and field
#[test]
fn a_settings_file_is_checked_applied_and_shown() {
    let folder = TempDir::new().unwrap();
    let (file, data) = (folder.path().join("grantlet.toml"), folder.path().join("data"));
    assert!(Dev::serve(&["--data", argument(&data)]).stop().success());
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    let settings = |arguments: &[&str]| run(&[&["settings", "--data", argument(&data)], arguments].concat());

    write("[[resources]]\nuri = \"https://notes.example\"\nscopes = { read = \"Read your notes\" }\n");
    assert!(settings(&["check", argument(&file)]).code == Some(0));
    assert_eq!(settings(&["show", "--json"]).json()["resources"], json!([]), "a check changes nothing");
    assert!(settings(&["apply", argument(&file)]).code == Some(0));
    assert_eq!(settings(&["show", "--json"]).json()["resources"][0]["scopes"]["read"], "Read your notes");
    assert!(settings(&["show"]).stdout.contains("https://notes.example"));

    for (text, expected) in [("[registration]\nmode = \"all\"\n", "line 2"), ("[[resources]]\nuri = \"notes\"\n", "resources[0].uri")] {
        write(text);
        for command in ["check", "apply"] {
            let ended = settings(&[command, argument(&file)]);
            assert_eq!(ended.code, Some(1));
            assert!(ended.stderr.contains(expected), "{}", ended.stderr);
        }
    }
    assert_eq!(settings(&["show", "--json"]).json()["resources"][0]["uri"], "https://notes.example", "the old ones stay in force");
}

/// RFC 9728 sections 2 and 3.1
#[test]
fn the_document_of_a_resource_is_printed_with_the_place_to_serve_it_at() {
    let folder = TempDir::new().unwrap();
    let (file, data) = (folder.path().join("grantlet.toml"), folder.path().join("data"));
    assert!(Dev::serve(&["--data", argument(&data)]).stop().success());
    std::fs::write(&file, "[[resources]]\nuri = \"https://tools.example/mcp\"\nname = \"Tools\"\nscopes = { use = \"Use them\" }\n")
        .unwrap();
    assert!(run(&["settings", "--data", argument(&data), "apply", argument(&file)]).code == Some(0));
    let resource = |uri: &str| run(&["resource", "--data", argument(&data), "--issuer", "https://login.example", uri]);
    let printed = resource("https://tools.example/mcp");
    assert_eq!(
        printed.json(),
        json!({
            "resource": "https://tools.example/mcp", "resource_name": "Tools", "authorization_servers": ["https://login.example"],
            "scopes_supported": ["use"], "bearer_methods_supported": ["header"],
        })
    );
    assert!(printed.stderr.contains("https://tools.example/.well-known/oauth-protected-resource/mcp"));
    assert!(resource("https://else.example").stderr.contains("[[resources]]"));
}
