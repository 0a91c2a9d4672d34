//! Where a command works: a data directory, or a stack.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Data, open_store, seed, start_engine};
use crate::support::program::{Ended, argument, command, run};

#[test]
fn without_data_a_command_says_how_to_make_them() {
    let folder = TempDir::new().unwrap();
    let ended = run(&["client", "list", "--data", argument(&folder.path().join("none"))]);
    assert!(ended.sentence().contains("grantlet dev"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn parallel_commands_wait_for_one_another() {
    let data = Data::new(&json!({}));
    let path = data.path();
    let add = |id: &str| {
        let arguments = ["client", "add", "--id", id, "--redirect-uri", "https://a.example/cb", "--data", argument(&path)];
        command(&arguments).spawn().unwrap()
    };
    for child in ["a", "b", "c"].map(add) {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(data.json(&["client", "list"]).as_array().unwrap().len(), 3);
}

/// Answers every request with the parameter that the template writes, as SSM does.
async fn serve_parameter(value: &Value) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = json!({"Parameter": {"Name": "/grantlet/prod/stack", "Type": "String", "Value": value.to_string()}});
    let router = axum::Router::new().fallback(move |body: axum::body::Bytes| async move {
        let asked: Value = serde_json::from_slice(&body).unwrap();
        let known = asked["Name"] == answer["Parameter"]["Name"];
        let body = if known { answer } else { json!({"__type": "ParameterNotFound"}) };
        let status = if known { http::StatusCode::OK } else { http::StatusCode::BAD_REQUEST };
        (status, [(http::header::CONTENT_TYPE, "application/x-amz-json-1.1")], body.to_string())
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_is_found_by_the_parameter_that_its_template_writes() {
    let data = Data::new(&seed());
    let engine = start_engine(&data.path()).await;
    let ssm = serve_parameter(&json!({
        "issuer": "https://id.example.com", "state_table": "grantlet-state", "registry_table": "grantlet-registry",
        "key_store": "ssm:/grantlet/prod", "rotate_function": "prod-rotate",
    }))
    .await;
    let run_on = |stack: &str, arguments: &[&str]| {
        let mut command = command(&[arguments, &["--stack", stack, "--region", "eu-central-1", "--json"]].concat());
        command.env("AWS_ENDPOINT_URL_SSM", &ssm).env("AWS_ENDPOINT_URL_DYNAMODB", engine.endpoint());
        command.env("AWS_ACCESS_KEY_ID", "local").env("AWS_SECRET_ACCESS_KEY", "local");
        let output = command.spawn().unwrap().wait_with_output().unwrap();
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    };
    assert_eq!(run_on("prod", &["client", "show", "web"]).json()["client_name"], "Web");
    assert_eq!(run_on("prod", &["user", "lock", "alice"]).json()["locked"], true);
    let ended = run_on("staging", &["client", "list"]);
    assert!(ended.sentence().contains("There is no stack staging in eu-central-1"), "{ended:?}");

    let file = data.folder.path().join("grantlet.toml");
    fs::write(&file, "[[resources]]\nuri = \"https://notes.example\"\nname = \"Notes\"\n").unwrap();
    let applied = run_on("prod", &["settings", "apply", argument(&file)]).json();
    assert_eq!((&applied["resources"][0]["uri"], &applied["resources"][0]["name"]), (&json!("https://notes.example"), &json!("Notes")));
    assert_eq!(run_on("prod", &["settings", "show"]).json(), applied);
    let read = open_store(&engine).find_settings().await.unwrap().expect("settings");
    assert_eq!(serde_json::to_value(read).unwrap(), applied, "it is what the functions read");
    fs::write(&file, "[[resources]]\nuri = \"notes\"\n").unwrap();
    let refused = run_on("prod", &["settings", "apply", argument(&file)]);
    assert!(refused.code == Some(1) && refused.stderr.contains("resources[0].uri"), "{refused:?}");
    assert_eq!(run_on("prod", &["settings", "show"]).json(), applied, "the old ones stay in force");
    engine.shutdown().await;
}
