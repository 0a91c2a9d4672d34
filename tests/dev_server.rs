//! `grantlet dev`: one command starts everything on this machine.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::program::{Dev, argument, run};

async fn find_json(url: &str) -> Value {
    let response = reqwest::get(url).await.unwrap();
    assert_eq!(response.status(), 200, "{url}");
    response.json().await.unwrap()
}

fn port_of(url: &str) -> u16 {
    url::Url::parse(url).unwrap().port().unwrap()
}

#[cfg(unix)]
fn mode_of(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// RFC 8414 section 3, RFC 7517 section 5
#[tokio::test]
async fn one_command_serves_the_metadata_and_the_keys_of_its_issuer() {
    let dev = Dev::serve(&["--in-memory"]);
    let issuer = dev.issuer();
    assert!(issuer.starts_with("http://localhost:"));
    for document in ["openid-configuration", "oauth-authorization-server"] {
        let metadata = find_json(&format!("{issuer}/.well-known/{document}")).await;
        assert_eq!(metadata["issuer"], json!(issuer));
        assert_eq!(metadata["token_endpoint"], json!(format!("{issuer}/token")));
    }
    let keys = find_json(&format!("{issuer}/jwks.json")).await;
    let algs: Vec<_> = keys["keys"].as_array().unwrap().iter().map(|key| key["alg"].clone()).collect();
    for alg in ["RS256", "ES256", "EdDSA"] {
        assert!(algs.contains(&json!(alg)), "{algs:?}");
    }
}

/// RFC 9700 section 4.13
#[tokio::test]
async fn behind_a_proxy_the_issuer_is_the_one_given_and_no_header_changes_it() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let port_text = port.to_string();
    let _dev = Dev::start(&["--in-memory", "--issuer", "https://id.example.com", "--port", &port_text], "Ctrl-C stops it");
    let response = reqwest::Client::new()
        .get(Dev::url(port, "/.well-known/openid-configuration"))
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "http")
        .header("forwarded", "host=evil.example;proto=http")
        .send()
        .await
        .unwrap();
    assert!(response.headers().contains_key("strict-transport-security"));
    let text = response.text().await.unwrap();
    assert!(text.contains("https://id.example.com/authorize") && !text.contains("evil.example"), "{text}");
}

#[tokio::test]
async fn localhost_is_served_whichever_address_it_means() {
    let dev = Dev::serve(&["--in-memory"]);
    let port = port_of(&dev.issuer());
    find_json(&format!("http://127.0.0.1:{port}/jwks.json")).await;
    // A machine without IPv6 has nothing to be served on there.
    if TcpListener::bind("[::1]:0").is_ok() {
        find_json(&format!("http://[::1]:{port}/jwks.json")).await;
    }
}

#[tokio::test]
async fn a_body_over_64_kib_is_refused_and_an_unknown_path_says_where_to_look() {
    let dev = Dev::serve(&["--in-memory"]);
    let issuer = dev.issuer();
    let client = reqwest::Client::new();
    let response = client.post(format!("{issuer}/token")).body(vec![b'a'; 64 * 1024 + 1]).send().await.unwrap();
    assert_eq!(response.status(), 413);
    let response = client.get(format!("{issuer}/nothing")).send().await.unwrap();
    assert_eq!(response.status(), 404);
    let text = response.text().await.unwrap();
    assert!(text.contains(&issuer) && text.contains(&format!("{issuer}/playground")) && !text.contains("/token"), "{text}");
    // Where the ready-made login ends.
    let response = client.get(format!("{issuer}/callback?code=x")).send().await.unwrap();
    assert_eq!(response.status(), 404);
    assert!(response.text().await.unwrap().contains("exchange it at /token"));
}

#[tokio::test]
async fn the_request_log_has_method_path_and_status_and_never_a_query_or_a_body() {
    let mut dev = Dev::serve(&["--in-memory"]);
    let issuer = dev.issuer();
    reqwest::get(format!("{issuer}/authorize?state=marked-in-the-query")).await.unwrap();
    let client = reqwest::Client::new();
    client.post(format!("{issuer}/token")).form(&[("client_secret", "marked-in-the-body")]).send().await.unwrap();
    client.get(format!("{issuer}/jwks.json")).send().await.unwrap();
    dev.wait_for("GET     /jwks.json 200");
    let printed = dev.printed();
    assert!(printed.contains("GET     /authorize 400") && printed.contains("POST    /token 4"), "{printed}");
    assert!(!printed.contains("marked-in-the"), "{printed}");
    assert!(!printed.contains('\u{1b}'), "colours are for terminals");
}

#[test]
fn a_port_in_use_is_a_sentence_that_says_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = run(&["dev", "--in-memory", "--port", &port]);
    assert_eq!(
        ended.sentence(),
        format!("Port {port} is in use. Stop the program that listens there, or choose another port with --port.")
    );
    let ended = run(&["dev", "--in-memory", "--engine-only", "--engine-port", &port]);
    assert!(ended.sentence().contains(&port) && ended.sentence().contains("--engine-port"), "{ended:?}");
}

#[test]
fn a_data_directory_of_a_newer_format_is_a_sentence_and_stays_as_it_is() {
    let data = TempDir::new().unwrap();
    fs::write(data.path().join("format"), "7\n").unwrap();
    for arguments in [&["dev", "--port", "0"][..], &["client", "list"], &["user", "list", "--json"]] {
        let ended = run(&[arguments, &["--data", argument(data.path())]].concat());
        assert!(ended.sentence().contains("format is 7, this one knows 1"), "{ended:?}");
    }
    assert_eq!(fs::read_to_string(data.path().join("format")).unwrap(), "7\n");
    assert!(!data.path().join("dynamodb.sqlite").exists());
}

#[test]
fn a_directory_of_somebody_else_is_left_alone() {
    let data = TempDir::new().unwrap();
    fs::write(data.path().join("thesis.tex"), "").unwrap();
    let ended = run(&["dev", "--port", "0", "--data", argument(data.path())]);
    assert!(ended.sentence().contains("not Grantlet's"));
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1);

    let file = data.path().join("thesis.tex");
    let ended = run(&["dev", "--port", "0", "--data", argument(&file)]);
    assert!(ended.sentence().contains("can't be used"));
}

#[test]
fn a_bad_seed_is_a_sentence_with_line_and_column_and_nothing_starts() {
    let folder = TempDir::new().unwrap();
    let (seed, data) = (folder.path().join("seed.json"), folder.path().join("data"));
    for (text, fragment) in
        [("{\n  \"clients\": [\n    {\"client_id\": }\n]}", "line 3 column 19"), ("{\"users\": [{\"username\": \"a\"}]}", "password")]
    {
        fs::write(&seed, text).unwrap();
        let ended = run(&["dev", "--port", "0", "--data", argument(&data), "--seed", argument(&seed)]);
        assert!(ended.sentence().contains(fragment) && ended.sentence().contains("seed.json"), "{ended:?}");
    }
    let ended = run(&["dev", "--seed", argument(&folder.path().join("missing.json"))]);
    assert!(ended.sentence().contains("--seed"));
    assert!(!data.exists());
}

#[test]
fn an_issuer_over_plain_http_is_refused_outside_this_machine() {
    let ended = run(&["dev", "--in-memory", "--port", "0", "--issuer", "http://id.example.com"]);
    assert!(ended.sentence().contains("--issuer"));
}

#[test]
fn the_ready_made_client_is_shown_once_and_data_stay_between_starts() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let arguments = ["--data", argument(&data)];
    let mut dev = Dev::serve(&arguments);
    dev.wait_for("set-password demo");
    let (secret, issuer) = (dev.printed_word("demo       secret "), dev.issuer());
    assert!(dev.printed().contains(&format!("{issuer}/authorize?response_type=code&client_id=demo&")));
    assert!(dev.stop().success());

    let mut dev = Dev::serve(&arguments);
    dev.wait_for("data  ");
    assert!(!dev.printed().contains("Ready-made") && !dev.printed().contains(&secret));
    assert!(!dev.printed().contains("WARN"), "nothing went wrong: {}", dev.printed());
    let clients = run(&[&["client", "list", "--json"][..], &arguments].concat()).json();
    let ids: Vec<_> = clients.as_array().unwrap().iter().map(|client| client["client_id"].clone()).collect();
    assert_eq!(ids, ["demo", "demo-cli"]);
    assert!(dev.stop().success());
    assert!(!data.join("endpoint").exists());
    for entry in fs::read_dir(&data).unwrap().filter_map(|entry| fs::read(entry.unwrap().path()).ok()) {
        assert!(!entry.windows(secret.len()).any(|window| window == secret.as_bytes()), "the secret is not kept in clear");
    }
}

#[test]
fn a_start_with_a_seed_makes_nothing_of_its_own() {
    let folder = TempDir::new().unwrap();
    let seed = folder.path().join("seed.json");
    fs::write(&seed, json!({"users": [{"username": "alice", "password": "pw"}]}).to_string()).unwrap();
    let data = folder.path().join("data");
    let arguments = ["--data", argument(&data)];
    let dev = Dev::serve(&[&arguments[..], &["--seed", argument(&seed)]].concat());
    assert!(!dev.printed().contains("Ready-made"));
    assert_eq!(run(&[&["client", "list", "--json"][..], &arguments].concat()).json(), json!([]));
}

#[test]
#[cfg(unix)]
fn what_is_kept_is_readable_by_its_owner_alone() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let dev = Dev::serve(&["--data", argument(&data)]);
    assert_eq!((mode_of(&data), mode_of(&data.join("keys")), mode_of(&data.join("dynamodb.sqlite"))), (0o700, 0o700, 0o600));
    let mut folders = vec![data.join("keys")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                assert_eq!(mode_of(&entry), 0o700, "{}", entry.display());
                folders.push(entry);
            } else {
                assert_eq!(mode_of(&entry), 0o600, "{}", entry.display());
                files += 1;
            }
        }
    }
    assert!(files > 0);
    drop(dev);
}

#[test]
fn two_servers_never_share_a_data_directory() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let dev = Dev::serve(&["--data", argument(&data)]);
    let ended = run(&["dev", "--port", "0", "--data", argument(&data)]);
    assert!(ended.sentence().starts_with("Another grantlet is running on "));
    drop(dev);
    // Killed, it could not tidy up; the next one is not kept from starting.
    assert!(data.join("endpoint").exists());
    assert!(Dev::serve(&["--data", argument(&data)]).stop().success());
}

#[tokio::test]
async fn the_engine_alone_prints_the_variables_that_functions_need() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data dir");
    let arguments = ["--data", argument(&data)];
    let mut dev = Dev::start(&[&arguments[..], &["--engine-only", "--engine-port", "0"]].concat(), "Ready-made");
    let printed = dev.printed();
    let exports: Vec<(&str, &str)> = printed.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('=')).collect();
    let names: Vec<&str> = exports.iter().map(|(name, _)| *name).collect();
    let expected = [
        "AWS_ENDPOINT_URL_DYNAMODB",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_REGION",
        "GRANTLET_ISSUER",
        "GRANTLET_STATE_TABLE",
        "GRANTLET_REGISTRY_TABLE",
        "GRANTLET_KEY_STORE",
    ];
    assert_eq!(names, expected);
    let value = |name: &str| exports.iter().find(|(n, _)| *n == name).unwrap().1.to_owned();
    assert_eq!(value("GRANTLET_ISSUER"), "http://localhost:9000");
    assert_eq!(value("GRANTLET_KEY_STORE"), format!("'dir:{}'", data.join("keys").display()));
    assert!(reqwest::get(value("AWS_ENDPOINT_URL_DYNAMODB")).await.is_ok(), "the engine answers");
    assert_eq!(run(&[&["client", "list", "--json"][..], &arguments].concat()).json().as_array().unwrap().len(), 2);
    dev.wait_for("client      demo-cli");
    assert!(dev.stop().success());
}
