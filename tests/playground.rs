//! The playground of `grantlet dev`: real requests, what DynamoDB did for them, and nothing of it for strangers.

use grantlet::http::ROUTES;
use serde_json::{Value, json};
use std::net::TcpListener;

use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::oauth::{CHALLENGE, VERIFIER, assert_refused, encode, parameter, token, userinfo};
use crate::support::person::{Account, Person};
use crate::support::program::Dev;
use crate::support::server::{Reply, Server};

/// A walk through the playground: its clients and its person, and what the walk came by.
struct Walk<'s> {
    server: &'s Server,
    begun: Value,
    person: Person<'s>,
}

impl<'s> Walk<'s> {
    async fn begin(server: &'s Server) -> Self {
        let reply = server.send(&Event::new("POST", "/playground/start")).await;
        assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")), "{reply:?}");
        Self { server, begun: reply.json(), person: Person::new(server) }
    }

    fn text(&self, pointer: &str) -> &str {
        self.begun.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {}", self.begun))
    }

    /// The authorization request of the page's public client.
    fn query(&self) -> String {
        let callback = self.callback();
        encode(&[
            ("response_type", "code"),
            ("client_id", "playground-app"),
            ("redirect_uri", &callback),
            ("scope", "openid profile email offline_access"),
            ("state", "state-1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("resource", self.server.issuer()),
            ("resource", self.text("/api")),
            ("prompt", "consent"),
        ])
    }

    fn callback(&self) -> String {
        format!("{}/playground/callback", self.server.issuer())
    }

    /// Logs in, allows, and answers with the code.
    async fn obtain_code(&mut self) -> String {
        let (username, password) = (self.text("/person/username").to_owned(), self.text("/person/password").to_owned());
        let page = self.person.consent_page(&self.query(), Account { username: &username, password: &password }).await;
        let reply = self.person.submit(&Form::find(&page, "consent").expect("a consent page"), "allow").await;
        let location = reply.header("location").expect("a redirect");
        assert!(location.starts_with(&self.callback()), "{location}");
        parameter(location, "code").expect("a code")
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        self.server.send(&Event::post_form(path, &encode(&[form, &[("client_id", "playground-app")]].concat()))).await
    }

    async fn redeem(&self, path: &str, code: &str, verifier: &str) -> Reply {
        self.post(path, &[("grant_type", "authorization_code"), ("code", code), ("code_verifier", verifier)]).await
    }

    async fn refresh(&self, path: &str, refresh_token: &str, resource: &str) -> Reply {
        self.post(path, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token), ("resource", resource)]).await
    }

    async fn call_api(&self, access_token: &str) -> Reply {
        self.server.send(&Event::get("/playground/api").header("authorization", &format!("Bearer {access_token}"))).await
    }
}

async fn trace_after(server: &Server, number: u64) -> Vec<Value> {
    let reply = server.send(&Event::get(&format!("/playground/trace?after={number}"))).await;
    reply.json()["requests"].as_array().expect("requests").clone()
}

/// What DynamoDB did for the request that `reply` answers.
async fn calls_for(server: &Server, reply: &Reply) -> Vec<Value> {
    let number: u64 = reply.header("grantlet-trace").expect("a number").parse().expect("a number");
    let requests = trace_after(server, number - 1).await;
    requests.first().filter(|one| one["number"] == number).expect("it is kept")["calls"].as_array().expect("calls").clone()
}

fn find_call<'c>(calls: &'c [Value], operation: &str, kind: &str) -> &'c Value {
    let is_it = |call: &&Value| call["operation"] == operation && call["key"].as_str().is_some_and(|key| key.starts_with(kind));
    calls.iter().find(is_it).unwrap_or_else(|| panic!("no {operation} of {kind} in {calls:?}"))
}

/// The clauses that are known not to have held.
fn failed(call: &Value) -> Vec<&str> {
    let clauses = call["condition"].as_array().expect("clauses").iter();
    clauses.filter(|clause| clause["held"] == false).map(|clause| clause["text"].as_str().expect("a text")).collect()
}

#[tokio::test]
async fn only_the_local_server_of_this_machine_has_a_playground() {
    assert!(ROUTES.iter().all(|(path, _)| !path.starts_with("/playground")), "no function serves it");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let dev = Dev::start(&["--in-memory", "--issuer", "https://id.example.com", "--port", &port.to_string()], "Ctrl-C stops it");
    for path in ["/playground", "/playground/trace", "/playground/callback", "/playground/api"] {
        let response = reqwest::Client::new().get(Dev::url(port, path)).header("host", "id.example.com").send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
        assert!(!response.headers().contains_key("grantlet-trace"));
    }
    assert!(!dev.printed().contains("walk through a login"));
    assert!(Dev::serve(&["--in-memory"]).printed().contains("/playground: walk through a login"));
}

/// CSP Level 3; RFC 9700 section 4.2
#[tokio::test]
async fn the_page_carries_all_that_it_needs_and_may_load_nothing() {
    let server = Server::dev(&["--in-memory"]);
    for path in ["/playground", "/playground/callback?code=a&state=b"] {
        let page = server.send(&Event::get(path)).await;
        assert_eq!(
            (page.status, page.header("cache-control"), page.header("referrer-policy")),
            (200, Some("no-store"), Some("no-referrer"))
        );
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("connect-src 'self'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert!(page.body.len() <= 50_000 && !page.body.contains(" src=") && !page.body.contains("<link"));
        assert!(page.body.contains("<noscript>"), "without script it says so");
    }
}

/// DNS rebinding, and requests of other sites: what the playground hands out is for its own page
#[tokio::test]
async fn another_name_or_another_page_gets_nothing() {
    let server = Server::dev(&["--in-memory"]);
    let port = url::Url::parse(server.issuer()).unwrap().port().unwrap();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let page = client.get(Dev::url(port, "/playground")).send().await.unwrap();
    assert_eq!(
        (page.status().as_u16(), page.headers()["location"].to_str().unwrap()),
        (303, format!("{}/playground", server.issuer()).as_str())
    );
    for (method, path) in
        [("POST", "/playground/start"), ("GET", "/playground/trace"), ("GET", "/playground/callback"), ("POST", "/playground/late/token")]
    {
        let request = client.request(method.parse().unwrap(), Dev::url(port, path)).header("host", format!("evil.example:{port}"));
        assert_eq!(request.send().await.unwrap().status(), 421, "{path}");
    }
    for (name, value) in
        [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")]
    {
        for (method, path) in
            [("POST", "/playground/start"), ("POST", "/playground/reset"), ("GET", "/playground/trace"), ("GET", "/playground/api")]
        {
            let reply = server.send(&Event::new(method, path).header(name, value)).await;
            assert_eq!((reply.status, reply.body.as_str()), (403, ""), "{path} {name}: {value}");
            assert_eq!(reply.header("access-control-allow-origin"), None);
        }
    }
    assert_eq!(server.send(&Event::get("/playground/start")).await.status, 405);
    assert_eq!(server.send(&Event::new("POST", "/playground/trace")).await.status, 405);
    assert_eq!(server.send(&Event::get("/playground/nothing")).await.status, 404);
}

/// OAuth 2.1 sections 4.1.2, 4.1.3 and 7.5.2: the page shows which clause of the condition refused a thief
#[tokio::test]
async fn the_trace_tells_what_decided_about_a_code() {
    let server = Server::dev(&["--in-memory"]);
    let mut walk = Walk::begin(&server).await;
    let code = walk.obtain_code().await;
    let key = format!("code#{}", code.split('.').next().unwrap());

    let consent = trace_after(&server, 0).await;
    let consent = consent.iter().find(|one| one["method"] == "POST" && one["path"] == "/consent").expect("the consent");
    let written = find_call(consent["calls"].as_array().unwrap(), "PutItem", &key);
    assert_eq!((&written["outcome"], &written["condition"][0]["text"]), (&json!("applied"), &json!("attribute_not_exists(pk)")));
    assert_eq!(written["written"]["client_id"], json!("\"playground-app\""));

    let wrong = walk.redeem("/token", &code, &VERIFIER.replace('d', "e")).await;
    assert_refused(&wrong, 400, "invalid_grant");
    let calls = calls_for(&server, &wrong).await;
    let delete = find_call(&calls, "DeleteItem", &key);
    assert_eq!(delete["outcome"], "refused");
    assert!(matches!(failed(delete)[..], [clause] if clause.starts_with("code_challenge = ")), "{delete}");

    // Nobody waits: the clock of this one request is ahead.
    let late = walk.redeem("/playground/late/token", &code, VERIFIER).await;
    assert_refused(&late, 400, "invalid_grant");
    let calls = calls_for(&server, &late).await;
    assert!(matches!(failed(find_call(&calls, "DeleteItem", &key))[..], [clause] if clause.starts_with("expires_at > ")), "{calls:?}");

    let right = walk.redeem("/token", &code, VERIFIER).await;
    let calls = calls_for(&server, &right).await;
    let delete = find_call(&calls, "DeleteItem", &key);
    assert_eq!((right.status, &delete["outcome"]), (200, &json!("applied")));
    assert!(delete["took"].as_f64().unwrap() > 0.0 && find_call(&calls, "GetItem", "grant#")["outcome"] == "found");

    let again = walk.redeem("/token", &code, VERIFIER).await;
    assert_refused(&again, 400, "invalid_grant");
    let calls = calls_for(&server, &again).await;
    assert_eq!(find_call(&calls, "DeleteItem", &key)["returned"], Value::Null, "there is nothing left to delete");
    assert!(find_call(&calls, "UpdateItem", "grant#")["update"].as_str().unwrap().contains("revoked"));
    assert_eq!(userinfo(&server, &token(&right, "access_token")).await.status, 401);
}

/// OAuth 2.1 section 4.3.1, RFC 9700 section 4.14.2
#[tokio::test]
async fn a_replaced_refresh_token_is_a_stolen_one_when_the_clock_is_ahead() {
    let server = Server::dev(&["--in-memory"]);
    let mut walk = Walk::begin(&server).await;
    let code = walk.obtain_code().await;
    let first = token(&walk.redeem("/token", &code, VERIFIER).await, "refresh_token");
    let api = walk.text("/api").to_owned();
    let second = token(&walk.refresh("/token", &first, &api).await, "refresh_token");
    assert_eq!(token(&walk.refresh("/token", &first, &api).await, "refresh_token"), second, "an answer may have been lost");
    assert_refused(&walk.refresh("/playground/late/token", &first, &api).await, 400, "invalid_grant");
    assert_refused(&walk.refresh("/token", &second, &api).await, 400, "invalid_grant");
}

/// RFC 9068 section 4, RFC 8707 section 2: an API that asks nobody
#[tokio::test]
async fn the_api_takes_tokens_for_itself_alone_and_never_asks_the_table() {
    let server = Server::dev(&["--in-memory"]);
    let mut walk = Walk::begin(&server).await;
    let code = walk.obtain_code().await;
    let tokens = walk.redeem("/token", &code, VERIFIER).await;
    let api = walk.text("/api").to_owned();
    let for_api = token(&walk.refresh("/token", &token(&tokens, "refresh_token"), &api).await, "access_token");

    walk.call_api(&for_api).await;
    let welcome = walk.call_api(&for_api).await;
    assert_eq!((welcome.status, calls_for(&server, &welcome).await), (200, Vec::new()));
    let (head, signature) = for_api.rsplit_once('.').unwrap();
    let tampered = format!("{head}.{}", signature.chars().rev().collect::<String>());
    let for_userinfo = token(&tokens, "access_token");
    for (text, why) in [
        (for_userinfo.as_str(), "another audience"),
        (&token(&tokens, "id_token"), "no access token"),
        (&tampered, "signature"),
        ("nonsense", "no JWT"),
    ] {
        let reply = walk.call_api(text).await;
        assert_refused(&reply, 401, "invalid_token");
        assert!(reply.body.contains(why) && reply.header("www-authenticate").unwrap().contains("invalid_token"), "{reply:?}");
    }
    assert_refused(&server.send(&Event::get("/playground/api")).await, 401, "invalid_token");
    let elsewhere = userinfo(&server, &for_api).await;
    assert_eq!(
        (elsewhere.status, elsewhere.header("www-authenticate").unwrap().contains("insufficient_scope")),
        (403, true),
        "{elsewhere:?}"
    );
}

/// The checklist: no secret of a run in anything that is shown
#[tokio::test]
async fn no_secret_of_a_walk_stands_in_the_trace() {
    let server = Server::dev(&["--in-memory"]);
    let mut walk = Walk::begin(&server).await;
    let code = walk.obtain_code().await;
    let tokens = walk.redeem("/token", &code, VERIFIER).await;
    let refresh_token = token(&tokens, "refresh_token");
    let api = walk.text("/api").to_owned();
    let next = walk.refresh("/token", &refresh_token, &api).await;
    walk.post("/revoke", &[("token", &refresh_token)]).await;
    userinfo(&server, &token(&tokens, "access_token")).await;

    let shown = serde_json::to_string(&trace_after(&server, 0).await).unwrap();
    assert!(shown.contains("code#") && shown.contains("session#") && shown.contains("(hidden)"));
    let mut secrets: Vec<String> =
        ["/person/password", "/clients/confidential/client_secret"].map(|name| walk.text(name).to_owned()).to_vec();
    secrets.extend(walk.person.cookies.values().flat_map(|value| value.split('.').filter(|part| part.len() > 30).map(str::to_owned)));
    secrets.extend([VERIFIER.to_owned(), code.split('.').nth(1).unwrap().to_owned()]);
    for reply in [&tokens, &next] {
        secrets.extend([token(reply, "access_token"), token(reply, "id_token"), token(reply, "refresh_token")]);
        secrets.extend(token(reply, "refresh_token").split('.').skip(3).map(str::to_owned));
    }
    secrets.extend(["$argon2id$", "pat@example.com"].map(str::to_owned));
    assert!(secrets.len() >= 14, "the walk has its secrets: {secrets:?}");
    for secret in secrets {
        assert!(!shown.contains(&secret), "{secret}");
    }
}

#[tokio::test]
async fn the_trace_keeps_the_last_requests_and_none_of_the_page_s_own() {
    let server = Server::dev(&["--in-memory"]);
    Walk::begin(&server).await;
    assert_eq!(trace_after(&server, 0).await, Vec::<Value>::new());
    let long = format!("/{}", "x".repeat(5_000));
    server.send(&Event::get(&long)).await;
    assert_eq!(trace_after(&server, 0).await[0]["path"].as_str().unwrap().len(), 100);
    for _ in 0..120 {
        server.send(&Event::get("/jwks.json")).await;
    }
    let kept = trace_after(&server, 0).await;
    assert_eq!((kept.len(), &kept[0]["number"], &kept[99]["number"]), (100, &json!(22), &json!(121)));
    assert_eq!(trace_after(&server, 120).await.len(), 1);
}

#[tokio::test]
async fn the_clients_are_made_once_and_resetting_ends_what_the_person_began() {
    let server = Server::dev(&["--in-memory"]);
    let mut walk = Walk::begin(&server).await;
    let code = walk.obtain_code().await;
    let tokens = walk.redeem("/token", &code, VERIFIER).await;
    assert_eq!(Walk::begin(&server).await.begun, walk.begun, "a second page changes nothing");
    assert_eq!(userinfo(&server, &token(&tokens, "access_token")).await.status, 200);
    assert_eq!(server.send(&Event::new("POST", "/playground/reset")).await.status, 204);
    assert_eq!(userinfo(&server, &token(&tokens, "access_token")).await.status, 401);
    let page = walk.person.open(&format!("/authorize?{}", walk.query())).await;
    assert!(Form::find(&page.body, "login").is_some(), "nobody is logged in any more");
}
