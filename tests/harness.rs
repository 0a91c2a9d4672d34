//! The test harness itself: a proxy that did not fail when told to would prove nothing.

use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};

use crate::support::calls::{Names, Recorder, Resource};
use crate::support::proxy::{Fault, Proxy, Rule, Upstream};
use crate::support::ssm::ParameterStore;

struct Bench {
    store: ParameterStore,
    proxy: Proxy,
    endpoint: String,
    client: Client,
}

impl Bench {
    async fn new() -> Self {
        let store = ParameterStore::start().await;
        let names = Names {
            state_table: "state".to_owned(),
            registry_table: "registry".to_owned(),
            key_prefix: "/grantlet/test".to_owned(),
            mail_identity: "id.example".to_owned(),
        };
        let upstream = Upstream { dynamodb: store.endpoint().to_owned(), ssm: store.endpoint().to_owned() };
        let proxy = Proxy::new(upstream, names, Recorder::default());
        let endpoint = proxy.attach("rotate").await;
        Self { store, proxy, endpoint, client: Client::builder().no_proxy().build().unwrap() }
    }

    async fn send(&self, target: &str, body: &Value) -> Result<(u16, Value), reqwest::Error> {
        let answer = self.client.post(&self.endpoint).header("x-amz-target", target).body(body.to_string()).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    async fn ssm(&self, operation: &str, body: &Value) -> Result<(u16, Value), reqwest::Error> {
        self.send(&format!("AmazonSSM.{operation}"), body).await
    }

    async fn put(&self, name: &str) -> Result<(u16, Value), reqwest::Error> {
        self.ssm("PutParameter", &json!({ "Name": format!("/grantlet/test/{name}"), "Value": "secret", "Type": "SecureString" })).await
    }
}

/// A request that is dropped has no effect, and no answer
#[tokio::test]
async fn a_dropped_request_never_reaches_the_engine() {
    let bench = Bench::new().await;
    let rule = bench.proxy.inject(Rule::new(Fault::DropRequest, "ssm:PutParameter", "signing/"));
    assert!(bench.put("signing/1").await.is_err());
    assert_eq!((rule.fired(), bench.store.names()), (1, vec![]));
    assert_eq!(bench.put("signing/1").await.unwrap().0, 200, "the rule was for one call");
}

/// An answer that is dropped leaves its effect
#[tokio::test]
async fn a_dropped_answer_leaves_the_write_applied() {
    let bench = Bench::new().await;
    let rule = bench.proxy.inject(Rule::new(Fault::DropAnswer, "ssm:PutParameter", "signing/"));
    assert!(bench.put("signing/1").await.is_err());
    assert_eq!((rule.fired(), bench.store.names()), (1, vec![("/grantlet/test/signing/1".to_owned(), true)]));
    assert_eq!(bench.put("signing/1").await.unwrap().1["__type"], "ParameterAlreadyExists");
}

/// Each service's own words for failure
#[tokio::test]
async fn failures_are_told_in_the_services_words() {
    let bench = Bench::new().await;
    let item = json!({ "TableName": "state", "Key": { "pk": { "S": "code#1" } } });
    bench.proxy.inject(Rule::new(Fault::InternalError, "dynamodb:DeleteItem", "code#"));
    let (status, body) = bench.send("DynamoDB_20120810.DeleteItem", &item).await.unwrap();
    assert_eq!((status, &body["__type"]), (500, &json!("com.amazonaws.dynamodb.v20120810#InternalServerError")));
    bench.proxy.heal();
    bench.proxy.inject(Rule::new(Fault::Throttle, "dynamodb:DeleteItem", "code#"));
    let (status, body) = bench.send("DynamoDB_20120810.DeleteItem", &item).await.unwrap();
    assert_eq!((status, &body["__type"]), (400, &json!("com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException")));
    bench.proxy.inject(Rule::new(Fault::Throttle, "ssm:PutParameter", ""));
    let (status, body) = bench.put("signing/1").await.unwrap();
    assert_eq!((status, &body["__type"]), (400, &json!("com.amazonaws.ssm#ThrottlingException")));
    assert_eq!(bench.store.names(), []);
}

/// Rules choose by function, action, key and count
#[tokio::test]
async fn a_rule_strikes_only_the_calls_that_it_describes() {
    let bench = Bench::new().await;
    let other = bench.proxy.inject(Rule::new(Fault::DropRequest, "ssm:PutParameter", "signing/").of("token"));
    let second_and_third = bench.proxy.inject(Rule::new(Fault::DropRequest, "ssm:PutParameter", "signing/").after(1).times(2));
    assert!(bench.put("refresh/1").await.is_ok());
    let outcomes = [
        bench.put("signing/1").await.is_ok(),
        bench.put("signing/2").await.is_ok(),
        bench.put("signing/3").await.is_ok(),
        bench.put("signing/4").await.is_ok(),
    ];
    assert_eq!(outcomes, [true, false, false, true]);
    assert_eq!((other.fired(), second_and_third.fired()), (0, 2));
}

/// Both delays are felt; only one of them holds back the write
#[tokio::test]
async fn a_delayed_request_is_applied_late_and_a_delayed_answer_is_not() {
    const DELAY: Duration = Duration::from_millis(80);
    let bench = Bench::new().await;
    for fault in [Fault::DelayRequest(DELAY), Fault::DelayAnswer(DELAY)] {
        bench.proxy.inject(Rule::new(fault, "ssm:PutParameter", ""));
        let started = Instant::now();
        let name = format!("signing/{}", bench.store.names().len());
        assert_eq!(bench.put(&name).await.unwrap().0, 200);
        assert!(started.elapsed() >= DELAY, "{fault:?}");
        bench.proxy.heal();
    }
    assert_eq!(bench.store.names().len(), 2);
}

/// What a frozen function finds when it wakes
#[tokio::test]
async fn idle_connections_can_be_reset() {
    let bench = Bench::new().await;
    bench.put("signing/1").await.unwrap();
    assert_eq!(bench.proxy.reset_idle_connections(), 1);
    // Whether the pool has noticed yet is a race, so the first call may fail; the connection is gone for the next one.
    let _ = bench.put("signing/2").await;
    assert_eq!(bench.put("signing/3").await.unwrap().0, 200);
}

/// What a frozen function finds when it wakes, and its pool has not noticed
#[tokio::test]
async fn a_reused_connection_can_be_dropped_while_a_fresh_one_works() {
    let bench = Bench::new().await;
    let stale = bench.proxy.inject(Rule::new(Fault::DropReused, "ssm:PutParameter", "").times(usize::MAX));
    let outcomes = [bench.put("signing/1").await.is_ok(), bench.put("signing/2").await.is_ok(), bench.put("signing/3").await.is_ok()];
    assert_eq!((outcomes, stale.fired()), ([true, false, true], 1));
    assert_eq!(bench.store.names().len(), 2);
}

/// Rights are held against the template, both ways
#[tokio::test]
async fn every_call_is_recorded_with_function_action_and_resource_even_if_it_fails() {
    let bench = Bench::new().await;
    bench.proxy.inject(Rule::new(Fault::DropRequest, "ssm:PutParameter", ""));
    let _ = bench.put("signing/1").await;
    let _ = bench.ssm("DeleteParameters", &json!({ "Names": ["/grantlet/test/signing/1", "/elsewhere"] })).await;
    let calls: Vec<_> = bench.proxy.recorder().calls().into_iter().map(|call| (call.function, call.action, call.resource)).collect();
    let expected = [
        ("ssm:PutParameter", Resource::Parameter("signing/1".to_owned())),
        ("ssm:DeleteParameters", Resource::Parameter("signing/1".to_owned())),
        ("ssm:DeleteParameters", Resource::Unknown("/elsewhere".to_owned())),
    ];
    assert_eq!(calls, expected.map(|(action, resource)| ("rotate".to_owned(), action.to_owned(), resource)));
}

/// AWS Systems Manager, `GetParametersByPath`: at most ten a page, decrypted on demand
#[tokio::test]
async fn the_parameter_store_answers_in_pages_and_decrypts_only_when_asked() {
    let bench = Bench::new().await;
    for n in 0..12 {
        bench.put(&format!("signing/{n:02}")).await.unwrap();
    }
    bench.put("refresh/1").await.unwrap();
    let mut request = json!({ "Path": "/grantlet/test/signing", "WithDecryption": true });
    let (_, first) = bench.ssm("GetParametersByPath", &request).await.unwrap();
    request["NextToken"] = first["NextToken"].clone();
    let (_, second) = bench.ssm("GetParametersByPath", &request).await.unwrap();
    let pages = [&first, &second].map(|page| page["Parameters"].as_array().unwrap().len());
    assert_eq!((pages, &second["NextToken"]), ([10, 2], &Value::Null));
    assert_eq!(first["Parameters"][0]["Value"], "secret");
    let (_, blind) = bench.ssm("GetParameter", &json!({ "Name": "/grantlet/test/refresh/1" })).await.unwrap();
    assert_ne!(blind["Parameter"]["Value"], "secret");
    assert_eq!(bench.store.values().len(), 13);
}
