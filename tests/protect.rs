//! The API of the examples beside the real program: what it lets pass, and what it refuses (RFC 9068 section 4, RFC 6750 section 3).

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::functions::build_example;
use crate::support::oauth::{ALICE, As, CLIENT_SECRET, REDIRECT_URI, authorization_query, exchange, parameter, post, token};
use crate::support::person::Person;
use crate::support::program::argument;
use crate::support::server::Server;

const NOTES: &str = "https://notes.example";

/// The API as a process. It is killed when this is dropped.
struct Api {
    process: Child,
    url: String,
}

impl Drop for Api {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Api {
    fn start(issuer: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut process = Command::new(build_example("axum-site", "api"))
            .env_clear()
            .envs([("PORT", port.to_string().as_str()), ("GRANTLET_ISSUER", issuer), ("API_AUDIENCE", NOTES)])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Its one line comes before it listens; connections wait in between no longer than that takes.
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::yield_now();
        }
        Self { process, url: format!("http://127.0.0.1:{port}/notes") }
    }

    /// Status, `WWW-Authenticate` and body of a request with this `Authorization`.
    async fn ask(&self, authorization: Option<&str>) -> (u16, String, String) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = authorization.into_iter().fold(client.get(&self.url), |request, value| request.header("authorization", value));
        let response = request.send().await.unwrap();
        let challenge = response.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        (response.status().as_u16(), challenge, response.text().await.unwrap())
    }
}

/// The real program, with a resource that has two scopes and another one beside it.
fn start(folder: &TempDir) -> Server {
    let (seed, settings) = (folder.path().join("seed.json"), folder.path().join("grantlet.toml"));
    let client = |id: &str, grants: &[&str]| json!({"client_id": id, "client_secret": CLIENT_SECRET, "redirect_uris": [REDIRECT_URI], "grant_types": grants});
    let clients = json!([client("app", &["authorization_code", "refresh_token"]), client("robot", &["client_credentials"])]);
    let users = json!([{"username": ALICE.username, "password": ALICE.password}]);
    std::fs::write(&seed, json!({"clients": clients, "users": users}).to_string()).unwrap();
    let text = format!(
        "[[resources]]\nuri = \"{NOTES}\"\nscopes = {{ \"notes:read\" = \"Read your notes\", \"notes:write\" = \"Change your notes\" }}\n\
         [[resources]]\nuri = \"https://mail.example\"\nscopes = {{ \"notes:read\" = \"Read your notes\" }}\n"
    );
    std::fs::write(&settings, text).unwrap();
    Server::dev(&["--in-memory", "--seed", argument(&seed), "--settings", argument(&settings)])
}

/// The tokens that Alice lets the client `app` have for a resource.
async fn tokens_for(server: &Server, resource: &str, scope: &str) -> Value {
    let query = authorization_query("app", &[("resource", Some(resource)), ("scope", Some(scope))]);
    let landed = Person::new(server).authorize(&query, ALICE).await;
    let code = parameter(&landed, "code").unwrap_or_else(|| panic!("no code in {landed}"));
    exchange(server, As::Basic("app"), &code).await.json()
}

/// RFC 9068 section 4
#[tokio::test]
async fn an_api_lets_its_own_tokens_pass_and_refuses_all_others() {
    let folder = TempDir::new().unwrap();
    let server = start(&folder);
    let api = Api::start(server.issuer());
    let tokens = tokens_for(&server, NOTES, "openid notes:read").await;
    let good = tokens["access_token"].as_str().unwrap();
    let (status, _, body) = api.ask(Some(&format!("Bearer {good}"))).await;
    let subject = crate::support::oauth::claims(good)["sub"].as_str().unwrap().to_owned();
    assert_eq!((status, body), (200, format!("The notes of {subject}.")));
    let form = [("grant_type", "client_credentials"), ("resource", NOTES), ("scope", "notes:read")];
    let robot = token(&post(&server, "/token", As::Basic("robot"), &form).await, "access_token");
    assert_eq!(api.ask(Some(&format!("Bearer {robot}"))).await.2, "The notes of client:robot.");

    for nothing in [None, Some("Bearer "), Some("Basic YTpi")] {
        let (status, challenge, _) = api.ask(nothing).await;
        assert_eq!((status, challenge.as_str()), (401, "Bearer"), "without a token no error is told");
    }
    let elsewhere = tokens_for(&server, "https://mail.example", "notes:read").await;
    let (head, signature) = good.rsplit_once('.').unwrap();
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{}.", good.split('.').nth(1).unwrap());
    for (what, bad) in [
        ("an ID token", tokens["id_token"].as_str().unwrap()),
        ("a token for another API", elsewhere["access_token"].as_str().unwrap()),
        ("a refresh token", tokens["refresh_token"].as_str().unwrap()),
        ("no signature", &unsigned),
        ("a broken signature", &format!("{head}.{}", signature.chars().rev().collect::<String>())),
        ("half a token", head),
    ] {
        let (status, challenge, _) = api.ask(Some(&format!("Bearer {bad}"))).await;
        assert_eq!((status, challenge.as_str()), (401, "Bearer error=\"invalid_token\""), "{what}");
    }
    let writer = tokens_for(&server, NOTES, "notes:write").await;
    let (status, challenge, _) = api.ask(Some(&format!("Bearer {}", writer["access_token"].as_str().unwrap()))).await;
    assert_eq!((status, challenge.as_str()), (403, "Bearer error=\"insufficient_scope\", scope=\"notes:read\""));
}
