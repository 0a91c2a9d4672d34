//! What happens when the network and DynamoDB fail between a function and its tables: never two token sets, never a revocation by our own retry,
//! and 503 where nobody can know.

use std::time::Duration;

use grantlet::model::code::CodeToken;
use grantlet::model::grant::GrantStatus;
use serde_json::json;

use crate::support::event::Event;
use crate::support::oauth::{
    ALICE, As, add_alice, assert_refused, authorization_query, exchange, obtain_code, push, push_form, refresh, register_client, token,
    userinfo,
};
use crate::support::person::Person;
use crate::support::proxy::{Fault, Rule};
use crate::support::server::Server;
use crate::support::stack::Stack;

const APP: As<'static> = As::Basic("app");

async fn server() -> Server {
    let stack = Stack::start(&[]).await;
    register_client(&stack.operator, "app", json!({})).await;
    add_alice(&stack.operator).await;
    Server::Functions(stack)
}

fn stack_of(server: &Server) -> &Stack {
    match server {
        Server::Functions(stack) => stack,
        Server::Dev { .. } | Server::Local(_) => unreachable!("a stack was started"),
    }
}

async fn status_of(server: &Server, code: &str) -> GrantStatus {
    let id = code.parse::<CodeToken>().unwrap().id;
    stack_of(server).operator.store.find_grant(id).await.unwrap().expect("the grant is there").status
}

/// The delete was applied and its answer lost: nobody knows, and the second attempt finds nothing
#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_whose_answer_was_lost_is_503_and_its_retry_never_revokes() {
    let server = server().await;
    let code = obtain_code(&server, "app").await;
    let rule = stack_of(&server).proxy.inject(Rule::new(Fault::DropAnswer, "dynamodb:DeleteItem", "code#"));
    let lost = exchange(&server, APP, &code).await;
    assert_eq!(rule.fired(), 1);
    assert_refused(&lost, 503, "temporarily_unavailable");
    assert!(lost.header("retry-after").is_some());
    assert_eq!(status_of(&server, &code).await, GrantStatus::Active);
    // The client tries again, as Retry-After tells it to: the code is burnt, and that is all.
    let again = exchange(&server, APP, &code).await;
    assert_eq!(again.status, 400, "never a second token set, and never a first one twice: {again:?}");
}

/// The request never arrived, the service failed or throttled, or the connection was stale: the second attempt wins
#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_survives_a_lost_request_a_500_a_throttle_and_a_stale_connection() {
    let server = server().await;
    for fault in [Fault::DropRequest, Fault::InternalError, Fault::Throttle, Fault::DropReused] {
        let code = obtain_code(&server, "app").await;
        let proxy = &stack_of(&server).proxy;
        let rule = proxy.inject(Rule::new(fault, "dynamodb:DeleteItem", "code#"));
        let tokens = exchange(&server, APP, &code).await;
        assert_eq!(rule.fired(), 1, "{fault:?}");
        token(&tokens, "access_token");
        proxy.heal();
        assert_eq!(status_of(&server, &code).await, GrantStatus::Active);
    }
}

/// Both attempts fail: 503, and the code is as good as it was
#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_that_never_arrives_is_503_and_burns_nothing() {
    let server = server().await;
    for fault in [Fault::DropRequest, Fault::InternalError, Fault::Throttle] {
        let code = obtain_code(&server, "app").await;
        let proxy = &stack_of(&server).proxy;
        let rule = proxy.inject(Rule::new(fault, "dynamodb:DeleteItem", "code#").times(2));
        assert_refused(&exchange(&server, APP, &code).await, 503, "temporarily_unavailable");
        assert_eq!(rule.fired(), 2, "{fault:?}");
        proxy.heal();
        token(&exchange(&server, APP, &code).await, "access_token");
    }
}

/// A request that arrives after we gave up on it: at most one token set, whoever wins
#[tokio::test(flavor = "multi_thread")]
async fn a_delayed_delete_never_yields_two_token_sets_nor_a_revocation() {
    let server = server().await;
    for fault in [Fault::DelayRequest(Duration::from_secs(2)), Fault::DelayAnswer(Duration::from_secs(2))] {
        let code = obtain_code(&server, "app").await;
        let proxy = &stack_of(&server).proxy;
        let rule = proxy.inject(Rule::new(fault, "dynamodb:DeleteItem", "code#"));
        let first = exchange(&server, APP, &code).await;
        assert_eq!(rule.fired(), 1, "{fault:?}");
        assert!([200, 503].contains(&first.status), "{first:?}");
        assert_eq!(status_of(&server, &code).await, GrantStatus::Active, "{fault:?}");
        proxy.heal();
        let second = exchange(&server, APP, &code).await;
        assert_eq!(second.status, 400, "{second:?}");
    }
}

/// The delete won and then nothing can be read: the code is burnt, and nothing is signed
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_read_after_the_delete_signs_nothing() {
    let server = server().await;
    let code = obtain_code(&server, "app").await;
    let rule = stack_of(&server).proxy.inject(Rule::new(Fault::InternalError, "dynamodb:GetItem", "user#").of("token").times(usize::MAX));
    assert_refused(&exchange(&server, APP, &code).await, 503, "temporarily_unavailable");
    assert!(rule.fired() >= 2, "reads are retried");
    stack_of(&server).proxy.heal();
    assert_eq!(exchange(&server, APP, &code).await.status, 400);
}

/// A frozen function wakes with connections that the other side has closed
#[tokio::test(flavor = "multi_thread")]
async fn a_thawed_function_exchanges_over_a_fresh_connection() {
    let server = server().await;
    let code = obtain_code(&server, "app").await;
    let stack = stack_of(&server);
    let function = stack.function("token");
    function.freeze().await;
    assert!(stack.proxy.reset_idle_connections() > 0);
    function.thaw().await;
    token(&exchange(&server, APP, &code).await, "access_token");
}

/// OAuth 2.1 section 4.3.1: the rotation was applied and its answer lost
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_whose_answer_was_lost_yields_the_same_successor() {
    let server = server().await;
    for fault in [Fault::DropAnswer, Fault::DropRequest, Fault::InternalError, Fault::DelayAnswer(Duration::from_secs(3))] {
        let code = obtain_code(&server, "app").await;
        let first = token(&exchange(&server, APP, &code).await, "refresh_token");
        let proxy = &stack_of(&server).proxy;
        let rule = proxy.inject(Rule::new(fault, "dynamodb:UpdateItem", "grant#"));
        let second = token(&refresh(&server, APP, &first).await, "refresh_token");
        assert_eq!(rule.fired(), 1, "{fault:?}");
        proxy.heal();
        // The client's own answer was lost as well: the same token again, and nobody is revoked.
        assert_eq!(token(&refresh(&server, APP, &first).await, "refresh_token"), second, "{fault:?}");
        assert_eq!(status_of(&server, &code).await, GrantStatus::Active);
        token(&refresh(&server, APP, &second).await, "refresh_token");
    }
}

/// RFC 9126 section 4: a pushed request is bound and spent once, also where answers are lost; and never is there a code that nobody can account for
#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_request_survives_what_can_be_known_and_issues_nothing_where_nobody_knows() {
    let server = server().await;
    let proxy = &stack_of(&server).proxy;
    let mut person = Person::new(&server);
    person.authorize(&authorization_query("app", &[]), ALICE).await;
    for (fault, action, status) in [
        (Fault::DropAnswer, "PutItem", 303),
        (Fault::DropAnswer, "UpdateItem", 303),
        (Fault::DropRequest, "UpdateItem", 303),
        (Fault::DropRequest, "DeleteItem", 303),
        (Fault::InternalError, "DeleteItem", 303),
        (Fault::DropAnswer, "DeleteItem", 503),
    ] {
        let rule = proxy.inject(Rule::new(fault, &format!("dynamodb:{action}"), "par#"));
        let query = push(&server, APP, &[]).await;
        let reply = person.open(&format!("/authorize?{query}")).await;
        assert_eq!((rule.fired(), reply.status), (1, status), "{fault:?} {action}: {reply:?}");
        assert_eq!(reply.header("location").is_some_and(|location| location.contains("code=")), status == 303);
        proxy.heal();
        assert_eq!(person.open(&format!("/authorize?{query}")).await.status, 400, "it was spent");
    }
    // Before it was spent, a failure costs nothing.
    let query = push(&server, APP, &[]).await;
    for action in ["GetItem", "UpdateItem"] {
        proxy.inject(Rule::new(Fault::InternalError, &format!("dynamodb:{action}"), "par#").times(usize::MAX));
        assert_eq!(person.open(&format!("/authorize?{query}")).await.status, 503);
        proxy.heal();
    }
    assert!(person.authorize(&query, ALICE).await.contains("code="));
    proxy.inject(Rule::new(Fault::InternalError, "dynamodb:PutItem", "par#").times(usize::MAX));
    assert_refused(&push_form(&server, APP, &authorization_query("app", &[])).await, 503, "temporarily_unavailable");
}

/// A failing store is a 503, never a lie about the client
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_is_503_everywhere_and_never_invalid_grant() {
    let server = server().await;
    let code = obtain_code(&server, "app").await;
    let tokens = exchange(&server, APP, &code).await;
    let (access, refresh_token) = (token(&tokens, "access_token"), token(&tokens, "refresh_token"));
    let unused = obtain_code(&server, "app").await;
    let proxy = &stack_of(&server).proxy;
    for action in ["GetItem", "PutItem", "UpdateItem", "DeleteItem"] {
        proxy.inject(Rule::new(Fault::InternalError, &format!("dynamodb:{action}"), "").times(usize::MAX));
    }
    assert_refused(&exchange(&server, APP, &unused).await, 503, "temporarily_unavailable");
    assert_refused(&refresh(&server, APP, &refresh_token).await, 503, "temporarily_unavailable");
    assert_eq!(userinfo(&server, &access).await.status, 503);
    let revoke = crate::support::oauth::post(&server, "/revoke", APP, &[("token", &refresh_token)]).await;
    assert_refused(&revoke, 503, "temporarily_unavailable");
    for text in [&access, &refresh_token] {
        let asked = crate::support::oauth::post(&server, "/introspect", APP, &[("token", text)]).await;
        assert_refused(&asked, 503, "temporarily_unavailable");
        assert!(asked.json().get("active").is_none(), "nobody knows: {asked:?}");
    }
    let page = server.send(&Event::get(&format!("/authorize?{}", authorization_query("unknown", &[])))).await;
    assert_eq!((page.status, page.header("location")), (503, None));
    assert!(page.header("retry-after").is_some());
    proxy.heal();
    token(&refresh(&server, APP, &refresh_token).await, "access_token");
}

/// RFC 8628 section 3.5: as for codes, nobody knows whether a device's delete was applied, and the second attempt finds nothing
#[tokio::test(flavor = "multi_thread")]
async fn a_poll_whose_answer_was_lost_is_503_and_never_yields_two_token_sets() {
    let server = server().await;
    let operator = &stack_of(&server).operator;
    for (fault, lost) in [(Fault::DropAnswer, true), (Fault::DropRequest, false)] {
        let device = crate::device::allowed_on(&server, operator, &format!("tv-{lost}")).await;
        let rule = stack_of(&server).proxy.inject(Rule::new(fault, "dynamodb:DeleteItem", "device#"));
        let polled = device.poll(&server).await;
        assert_eq!(rule.fired(), 1);
        if lost {
            assert_refused(&polled, 503, "temporarily_unavailable");
        } else {
            token(&polled, "access_token");
        }
        stack_of(&server).proxy.heal();
        assert_refused(&device.poll(&server).await, 400, "invalid_grant");
    }
}

/// The person's answer is applied and its answer lost: pressing the button again finds it done, and the device has it
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_for_a_device_that_fails_on_the_way_can_be_given_again() {
    let server = server().await;
    let operator = &stack_of(&server).operator;
    for fault in [Fault::DropAnswer, Fault::DropRequest, Fault::InternalError] {
        let proxy = stack_of(&server).proxy.clone();
        let rule = proxy.inject(Rule::new(fault, "dynamodb:UpdateItem", "device#"));
        let device = crate::device::allowed_on(&server, operator, &format!("tv-{fault:?}")).await;
        assert!(rule.fired() >= 1);
        proxy.heal();
        token(&device.poll(&server).await, "access_token");
    }
}
