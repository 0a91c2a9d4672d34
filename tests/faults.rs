//! What happens when the network and DynamoDB fail between a function and its tables: never two token sets, never a revocation by our own retry,
//! and 503 where nobody can know.

use std::time::Duration;

use grantlet::model::code::CodeToken;
use grantlet::model::grant::{GrantStatus, RevokedBy};
use serde_json::{Value, json};

use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::oauth::{
    ALICE, As, REDIRECT_URI, add_alice, assert_refused, authorization_query, exchange, obtain_code, parameter, post, push, push_form,
    refresh, register_client, token, userinfo,
};
use crate::support::person::Person;
use crate::support::proxy::{Fault, Rule};
use crate::support::server::{Reply, Server};
use crate::support::stack::Stack;

const APP: As<'static> = As::Basic("app");

async fn server() -> Server {
    server_with(&[], json!({})).await
}

/// The same, with further settings for the functions, and those that the operator applied before.
async fn server_with(settings: &[(&str, &str)], operator_settings: Value) -> Server {
    let stack = Stack::start_with(settings, operator_settings).await;
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
async fn an_exchange_whose_answer_was_lost_is_503_and_our_own_retry_never_revokes() {
    let server = server().await;
    let code = obtain_code(&server, "app").await;
    let rule = stack_of(&server).proxy.inject(Rule::new(Fault::DropAnswer, "dynamodb:DeleteItem", "code#"));
    let lost = exchange(&server, APP, &code).await;
    assert_eq!(rule.fired(), 1);
    assert_refused(&lost, 503, "temporarily_unavailable");
    assert!(lost.header("retry-after").is_some());
    assert_eq!(status_of(&server, &code).await, GrantStatus::Active);
    // The client tries again, as Retry-After tells it to: that looks like a replay, and ends a grant of which no tokens were handed out.
    let again = exchange(&server, APP, &code).await;
    assert_refused(&again, 400, "invalid_grant");
    assert_eq!(status_of(&server, &code).await, GrantStatus::Revoked(RevokedBy::CodeReplay));
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
    let revoke = post(&server, "/revoke", APP, &[("token", &refresh_token)]).await;
    assert_refused(&revoke, 503, "temporarily_unavailable");
    for text in [&access, &refresh_token] {
        let asked = post(&server, "/introspect", APP, &[("token", text)]).await;
        assert_refused(&asked, 503, "temporarily_unavailable");
        assert!(asked.json().get("active").is_none(), "nobody knows: {asked:?}");
    }
    assert_unavailable(&server.send(&Event::get(&format!("/authorize?{}", authorization_query("unknown", &[])))).await);
    proxy.heal();
    token(&refresh(&server, APP, &refresh_token).await, "access_token");
}

/// A page that leads nowhere, and says that another time may be better.
fn assert_unavailable(page: &Reply) {
    assert_eq!((page.status, page.header("location")), (503, None), "{page:?}");
    assert!(page.header("retry-after").is_some(), "{page:?}");
}

/// OpenID Connect Core section 3.1.2.6: `login_required` says that nobody is logged in, which nobody knows
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_can_not_be_read_is_503_and_never_login_required() {
    let server = server().await;
    let proxy = &stack_of(&server).proxy;
    let mut person = Person::new(&server);
    person.authorize(&authorization_query("app", &[]), ALICE).await;
    let silent = format!("/authorize?{}", authorization_query("app", &[("prompt", Some("none"))]));
    let rule = proxy.inject(Rule::new(Fault::InternalError, "dynamodb:GetItem", "session#").times(usize::MAX));
    assert_unavailable(&person.open(&silent).await);
    assert!(rule.fired() > 0);
    proxy.heal();
    let landed = person.open(&silent).await;
    assert!(parameter(landed.header("location").unwrap(), "code").is_some(), "{landed:?}");
}

/// OAuth 2.1 section 4.1.2: a code that may not be there is never sent, and who allowed it presses the button again
#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_can_not_be_kept_is_503_and_can_be_given_again() {
    let server = server().await;
    let proxy = &stack_of(&server).proxy;
    let mut person = Person::new(&server);
    let query = authorization_query("app", &[("prompt", Some("consent"))]);
    for key in ["grant#", "code#"] {
        let form = Form::find(&person.consent_page(&query, ALICE).await, "consent").unwrap();
        let rule = proxy.inject(Rule::new(Fault::InternalError, "dynamodb:PutItem", key).times(usize::MAX));
        assert_unavailable(&person.submit(&form, "allow").await);
        assert!(rule.fired() > 0, "{key}");
        proxy.heal();
        let allowed = person.submit(&form, "allow").await;
        let code = parameter(allowed.header("location").unwrap(), "code").unwrap();
        token(&exchange(&server, APP, &code).await, "access_token");
    }
}

/// RFC 7591 section 3.2.2, RFC 7592 section 2: a client that may well be there is not told that it is not, or it would register anew
#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_can_not_be_read_or_kept_is_503_and_never_401() {
    let server = server_with(&[], json!({"registration": {"mode": "open"}})).await;
    let proxy = &stack_of(&server).proxy;
    let ask = |method: &str, metadata: &Value| {
        Event::new(method, "/register").header("content-type", "application/json").body(metadata.to_string().as_bytes())
    };
    let mut metadata = json!({"redirect_uris": [REDIRECT_URI], "token_endpoint_auth_method": "none"});
    let register = ask("POST", &metadata);
    let made = server.send(&register).await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    metadata["client_id"] = made["client_id"].clone();
    let query = format!("client_id={}", made["client_id"].as_str().unwrap());
    let bearer = format!("Bearer {}", made["registration_access_token"].as_str().unwrap());
    let manage = |method: &str| ask(method, &metadata).query(&query).header("authorization", &bearer);
    let refresh = Event::post_form("/token", &format!("grant_type=refresh_token&refresh_token=none&{query}"));
    for (action, event) in [
        ("PutItem", &register),
        ("GetItem", &manage("GET")),
        ("PutItem", &manage("PUT")),
        ("DeleteItem", &manage("DELETE")),
        ("GetItem", &refresh),
    ] {
        let rule = proxy.inject(Rule::new(Fault::InternalError, &format!("dynamodb:{action}"), "dynclient#").times(usize::MAX));
        assert_refused(&server.send(event).await, 503, "temporarily_unavailable");
        assert!(rule.fired() > 0, "{action}");
        proxy.heal();
    }
    assert_refused(&server.send(&refresh).await, 400, "invalid_grant");
    for (method, status) in [("GET", 200), ("PUT", 200), ("DELETE", 204)] {
        assert_eq!(server.send(&manage(method)).await.status, status, "{method}");
    }
}

/// OAuth 2.1 section 3.2.4, RFC 8628 section 3.2: no code is shown that may not be there
#[tokio::test(flavor = "multi_thread")]
async fn a_device_whose_request_can_not_be_kept_is_told_503() {
    let server = server().await;
    let stack = stack_of(&server);
    let grants = json!(["urn:ietf:params:oauth:grant-type:device_code"]);
    let metadata = json!({"token_endpoint_auth_method": "none", "grant_types": grants, "redirect_uris": []});
    register_client(&stack.operator, "tv", metadata).await;
    let ask = async || post(&server, "/device_authorization", As::Public("tv"), &[]).await;
    for (action, key) in [("GetItem", "client#"), ("UpdateItem", "attempt#"), ("PutItem", "device#")] {
        let rule = stack.proxy.inject(Rule::new(Fault::InternalError, &format!("dynamodb:{action}"), key).times(usize::MAX));
        assert_refused(&ask().await, 503, "temporarily_unavailable");
        assert!(rule.fired() > 0, "{key}");
        stack.proxy.heal();
    }
    assert_eq!(ask().await.status, 200);
}

/// RFC 7009 section 2.2.1: with 503 the token is as good as before, and the client asks again
#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_that_can_not_be_kept_is_503_and_done_when_it_is_asked_for_again() {
    let server = server().await;
    let proxy = &stack_of(&server).proxy;
    let access = token(&exchange(&server, APP, &obtain_code(&server, "app").await).await, "access_token");
    let revoke = async || post(&server, "/revoke", APP, &[("token", &access)]).await;
    let rule = proxy.inject(Rule::new(Fault::InternalError, "dynamodb:PutItem", "revoked#").times(usize::MAX));
    assert_refused(&revoke().await, 503, "temporarily_unavailable");
    assert!(rule.fired() > 0);
    proxy.heal();
    assert_eq!(userinfo(&server, &access).await.status, 200);
    assert_eq!(revoke().await.status, 200);
    assert_eq!(userinfo(&server, &access).await.status, 401);
}

/// OAuth 2.1 section 7.5.2: a replay that could not end the grant says so, and the next one ends it
#[tokio::test(flavor = "multi_thread")]
async fn a_replay_of_a_code_that_can_not_revoke_is_503_and_the_next_one_revokes() {
    let server = server().await;
    let proxy = &stack_of(&server).proxy;
    let code = obtain_code(&server, "app").await;
    let access = token(&exchange(&server, APP, &code).await, "access_token");
    let rule = proxy.inject(Rule::new(Fault::InternalError, "dynamodb:UpdateItem", "grant#").times(usize::MAX));
    assert_refused(&exchange(&server, APP, &code).await, 503, "temporarily_unavailable");
    assert!(rule.fired() > 0);
    assert_eq!(status_of(&server, &code).await, GrantStatus::Active);
    proxy.heal();
    assert_refused(&exchange(&server, APP, &code).await, 400, "invalid_grant");
    assert_eq!(status_of(&server, &code).await, GrantStatus::Revoked(RevokedBy::CodeReplay));
    assert_eq!(userinfo(&server, &access).await.status, 401);
}

/// OAuth 2.1 section 4.3.1: the same for a refresh token that was replaced
#[tokio::test(flavor = "multi_thread")]
async fn a_reuse_of_a_refresh_token_that_can_not_revoke_is_503_and_the_next_one_revokes() {
    let server = server_with(&[("GRANTLET_REFRESH_GRACE", "0")], json!({})).await;
    let proxy = &stack_of(&server).proxy;
    let code = obtain_code(&server, "app").await;
    let first = token(&exchange(&server, APP, &code).await, "refresh_token");
    let second = token(&refresh(&server, APP, &first).await, "refresh_token");
    // The rotation is asked for and refused; what fails is the revocation after it.
    let rule = proxy.inject(Rule::new(Fault::InternalError, "dynamodb:UpdateItem", "grant#").after(1).times(usize::MAX));
    assert_refused(&refresh(&server, APP, &first).await, 503, "temporarily_unavailable");
    assert!(rule.fired() > 0);
    assert_eq!(status_of(&server, &code).await, GrantStatus::Active);
    proxy.heal();
    assert_refused(&refresh(&server, APP, &first).await, 400, "invalid_grant");
    assert_eq!(status_of(&server, &code).await, GrantStatus::Revoked(RevokedBy::RefreshReuse));
    assert_refused(&refresh(&server, APP, &second).await, 400, "invalid_grant");
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
