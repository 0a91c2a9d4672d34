//! Functions as Lambda runs them: real binaries on a Runtime API, with API Gateway's events.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::calls::{Names, Recorder};
use crate::support::event::Event;
use crate::support::lambda::{Function, InvokeError, all_log_lines};
use crate::support::oauth::{As, add_alice, exchange, obtain_code, register_client, token};
use crate::support::policy::Policies;
use crate::support::proxy::{Fault, Proxy, Rule, Upstream};
use crate::support::server::Server;
use crate::support::ssm::ParameterStore;
use crate::support::stack::Stack;
use crate::support::template::project_template;

const SETTINGS: [(&str, &str); 4] = [
    ("GRANTLET_ISSUER", "https://issuer.example"),
    ("GRANTLET_STATE_TABLE", "state"),
    ("GRANTLET_REGISTRY_TABLE", "registry"),
    ("GRANTLET_KEY_STORE", "ssm:/grantlet/test"),
];

/// The `jwks` function before a store that fails every call, and the proxy between them.
async fn jwks_without_store() -> (Function, Proxy) {
    let store = ParameterStore::start().await;
    let names = Names {
        state_table: "state".to_owned(),
        registry_table: "registry".to_owned(),
        key_prefix: "/grantlet/test".to_owned(),
        mail_identity: "id.example".to_owned(),
    };
    let upstream = Upstream { dynamodb: store.endpoint().to_owned(), ssm: store.endpoint().to_owned() };
    let proxy = Proxy::new(upstream, names, Recorder::default());
    proxy.inject(Rule::new(Fault::InternalError, "dynamodb:GetItem", "").times(usize::MAX));
    let endpoint = proxy.attach("jwks").await;
    let mut env = SETTINGS.to_vec();
    env.extend([("AWS_ENDPOINT_URL_DYNAMODB", endpoint.as_str()), ("AWS_ENDPOINT_URL_SSM", endpoint.as_str())]);
    (Function::start("jwks", &env).await, proxy)
}

/// A store that fails is 503 with `Retry-After`: neither keys nor what settings turn on are guessed
#[tokio::test]
async fn documents_that_cannot_be_read_are_a_503_with_retry_after() {
    let (jwks, proxy) = jwks_without_store().await;
    for path in ["/jwks.json", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let answer = jwks.send(&Event::get(path)).await;
        assert_eq!((answer.status(), answer.header("cache-control")), (503, Some("no-store")), "{path}");
        assert!(answer.header("retry-after").is_some() && answer.cookies().is_empty());
    }
    let calls = proxy.recorder().calls();
    assert!(!calls.is_empty());
    assert!(Policies::read(&project_template()).unwrap().forbidden(&calls).is_empty(), "{calls:?}");
}

/// RFC 9110 section 15.5.6
#[tokio::test]
async fn a_wrong_method_reaches_the_function_and_gets_its_405() {
    let (jwks, _) = jwks_without_store().await;
    let answer = jwks.send(&Event::post_form("/.well-known/openid-configuration", "a=b").at_address("2001:db8::1").cookie("a=b")).await;
    assert_eq!((answer.status(), answer.header("allow")), (405, Some("GET, HEAD")));
}

/// Sends to `function` what strangers make of an event: what can be read has a method that is not allowed, as `good` has, and the rest is refused.
async fn assert_withstands(function: &Function, good: &Event) {
    let mut not_base64 = good.to_json();
    not_base64["body"] = json!("%%%");
    not_base64["isBase64Encoded"] = json!(true);
    let mut no_context = good.to_json();
    no_context.as_object_mut().unwrap().remove("requestContext");
    for (event, status) in [
        (good.clone().query("a=<script>&b=\"&c= d#e%zz&a=again").to_json(), 405),
        (good.clone().header("host", "a b<\"").header("x-forwarded-proto", "").to_json(), 405),
        (Event::new("M\u{fc}ll", "/\u{0}").body(&[0xff, 0x00]).to_json(), 400),
        (not_base64, 400),
        (no_context, 400),
        (json!({}), 400),
        (json!([]), 400),
        (Value::Null, 400),
        (json!({ "version": "1.0", "httpMethod": "GET", "path": good.path() }), 400),
    ] {
        let answer = function.invoke(event.clone()).await;
        let told = answer.as_ref().ok().and_then(|answer| answer["statusCode"].as_u64());
        assert_eq!(told, Some(status), "{event}: {answer:?}");
    }
    assert_eq!(function.send(good).await.status(), 405);
}

/// API Gateway payload 2.0, and what strangers make of it
#[tokio::test]
async fn hostile_events_are_answered_and_never_end_the_process() {
    let (jwks, _) = jwks_without_store().await;
    assert_withstands(&jwks, &Event::new("DELETE", "/.well-known/openid-configuration")).await;
}

/// API Gateway payload 2.0: the functions of browsers and clients, which answer honest requests as before
#[tokio::test(flavor = "multi_thread")]
async fn hostile_events_end_neither_the_front_nor_the_back_channel() {
    let stack = Stack::start(&[]).await;
    register_client(&stack.operator, "app", json!({})).await;
    add_alice(&stack.operator).await;
    for (name, path) in [("authorize", "/authorize"), ("token", "/token")] {
        assert_withstands(stack.function(name), &Event::new("DELETE", path)).await;
    }
    let server = Server::Functions(stack);
    token(&exchange(&server, As::Basic("app"), &obtain_code(&server, "app").await).await, "access_token");
}

/// Lambda freezes functions between events
#[tokio::test]
async fn a_frozen_function_answers_when_it_thaws() {
    let (jwks, proxy) = jwks_without_store().await;
    jwks.freeze().await;
    assert!(proxy.reset_idle_connections() > 0);
    jwks.thaw().await;
    assert_eq!(jwks.send(&Event::get("/.well-known/openid-configuration")).await.status(), 503, "an answer, after a look at the store");
}

/// A setting that can't be used is told at the start, not at the first request
#[tokio::test]
async fn a_function_without_settings_does_not_start_and_says_which_is_missing() {
    let error = Function::try_start("jwks", &SETTINGS[1..]).await.unwrap_err();
    assert!(matches!(error, InvokeError::Exited(_) | InvokeError::Failed(_)), "{error}");
    let log: BTreeSet<_> = all_log_lines().into_iter().filter(|(function, _)| function == "jwks").map(|(_, line)| line).collect();
    assert!(log.iter().any(|line| line.contains("GRANTLET_ISSUER")), "{log:#?}");
}

/// The run-wide check for secrets reads these lines
#[tokio::test]
async fn what_a_function_writes_is_kept() {
    let (jwks, _) = jwks_without_store().await;
    let lines = jwks.finish().await;
    assert!(lines.iter().any(|line| line.contains("keys could not be read")), "{lines:#?}");
    let kept: BTreeSet<_> = all_log_lines().into_iter().map(|(_, line)| line).collect();
    assert!(lines.iter().all(|line| kept.contains(line)));
}
