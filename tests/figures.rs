//! What each operation asks of DynamoDB, warm. `docs/performance.md` has the same figures, and times.

use serde_json::json;

use crate::support::dpop::{ProofKey, exchange_with, refresh_with, userinfo_with};
use crate::support::event::Event;
use crate::support::meter::Cost;
use crate::support::oauth::{
    ALICE, As, add_alice, authorization_query, exchange, obtain_code, parameter, refresh, register_client, token, userinfo,
};
use crate::support::person::Person;
use crate::support::server::Server;
use crate::support::stack::Stack;

/// A stack with Alice and a client, warm: it has served a login, an exchange, a refresh and the documents.
async fn warm_stack() -> Server {
    let stack = Stack::start(&[]).await;
    register_client(&stack.operator, "app", json!({})).await;
    add_alice(&stack.operator).await;
    let server = Server::Functions(stack);
    let code = obtain_code(&server, "app").await;
    let tokens = exchange(&server, As::Basic("app"), &code).await;
    refresh(&server, As::Basic("app"), &token(&tokens, "refresh_token")).await;
    server.send(&Event::get("/jwks.json")).await;
    server
}

fn start(server: &Server) {
    let Server::Functions(stack) = server else { unreachable!("a stack was started") };
    stack.proxy.meter().start();
}

fn stop(server: &Server) -> Cost {
    let Server::Functions(stack) = server else { unreachable!("a stack was started") };
    stack.proxy.meter().stop()
}

fn assert_cost(cost: &Cost, round_trips: usize, read_units: f64, write_units: f64) {
    let exact = Cost { operations: cost.operations.clone(), round_trips, read_units, write_units };
    assert_eq!(cost, &exact);
}

/// Design of the store: redemption is one conditional delete, beside which the grant is read
#[tokio::test(flavor = "multi_thread")]
async fn a_warm_exchange_takes_two_round_trips_a_refresh_two_and_the_documents_none() {
    let server = warm_stack().await;
    let code = obtain_code(&server, "app").await;

    start(&server);
    let tokens = exchange(&server, As::Basic("app"), &code).await;
    let cost = stop(&server);
    assert_eq!(tokens.status, 200);
    println!("{cost:?}");
    assert!(cost.round_trips <= 2 && cost.write_units <= 2.0, "{cost:?}");

    start(&server);
    let refreshed = refresh(&server, As::Basic("app"), &token(&tokens, "refresh_token")).await;
    let cost = stop(&server);
    assert_eq!(refreshed.status, 200);
    assert_cost(&cost, 2, 1.0, 1.0);

    start(&server);
    assert_eq!(userinfo(&server, &token(&refreshed, "access_token")).await.status, 200);
    let cost = stop(&server);
    assert_cost(&cost, 2, 3.0, 0.0);

    start(&server);
    for path in ["/jwks.json", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        assert_eq!(server.send(&Event::get(path)).await.status, 200);
    }
    assert_eq!(stop(&server), Cost::default());
}

/// RFC 9449: one round trip and one unit more where a proof is spent, none where it goes beside the reads
#[tokio::test(flavor = "multi_thread")]
async fn a_dpop_proof_costs_one_round_trip_and_one_unit() {
    let server = warm_stack().await;
    let key = ProofKey::new();
    let code = obtain_code(&server, "app").await;

    start(&server);
    let tokens = exchange_with(&server, As::Basic("app"), &code, &key).await;
    let cost = stop(&server);
    assert_eq!(tokens.status, 200);
    assert!(cost.round_trips <= 3 && cost.write_units <= 3.0, "{cost:?}");

    start(&server);
    let refreshed = refresh_with(&server, As::Basic("app"), &token(&tokens, "refresh_token"), &key).await;
    let cost = stop(&server);
    assert_eq!(refreshed.status, 200);
    assert_cost(&cost, 3, 1.0, 2.0);

    start(&server);
    assert_eq!(userinfo_with(&server, &token(&refreshed, "access_token"), &key).await.status, 200);
    let cost = stop(&server);
    assert_cost(&cost, 2, 3.0, 1.0);
}

/// The figure for one login: six units, one for the counter of attempts, one when consent is first remembered
#[tokio::test(flavor = "multi_thread")]
async fn a_login_from_the_request_to_the_tokens_writes_seven_units_and_one_more_for_a_first_consent() {
    let server = warm_stack().await;
    for (query, most) in [(authorization_query("app", &[]), 7.0), (authorization_query("app", &[("prompt", Some("consent"))]), 8.0)] {
        start(&server);
        let url = Person::new(&server).authorize(&query, ALICE).await;
        let code = parameter(&url, "code").expect("a code");
        let tokens = exchange(&server, As::Basic("app"), &code).await;
        let cost = stop(&server);
        assert_eq!(tokens.status, 200);
        assert!(cost.write_units > 0.0 && cost.write_units <= most, "{cost:?}");
    }
}
