//! Who asks (OAuth 2.1 section 2.4).

use std::time::{Duration, Instant};

use grantlet::model::client::ClientId;
use grantlet::model::secret::Secret;
use grantlet::store::AttemptLimit;
use serde_json::json;

use super::{Ask, Asked, Bench, assert_refused, exchange_form, header, success};
use crate::support::oauth::{CLIENT_SECRET, register_client};

/// OAuth 2.1 section 2.4.1: in the header or in the body, whichever the library likes
#[tokio::test]
async fn a_secret_is_taken_from_the_header_and_from_the_body() {
    let bench = Bench::start().await;
    for method in ["client_secret_basic", "client_secret_post"] {
        register_client(&bench.context, method, json!({"token_endpoint_auth_method": method})).await;
        let asked = Asked { client: method, ..Asked::default() };
        let code = bench.issue(asked.clone()).await.render();
        success(&bench.send(exchange_form(code.expose(), &[]).basic(method, CLIENT_SECRET)).await);
        let code = bench.issue(asked).await.render();
        let in_body = [("client_id", Some(method)), ("client_secret", Some(CLIENT_SECRET))];
        success(&bench.send(exchange_form(code.expose(), &in_body)).await);
    }
}

/// OAuth 2.1 section 3.2.4: 401 and a challenge, whatever is wrong; and the code is not burnt
#[tokio::test]
async fn a_client_that_does_not_prove_itself_gets_401_and_burns_nothing() {
    let bench = Bench::start().await;
    let code = bench.code().await;
    let form = || exchange_form(code.expose(), &[]);
    let with = |changes: &[(&'static str, Option<&str>)]| exchange_form(code.expose(), changes);
    for ask in [
        form(),
        form().basic("app", "wrong"),
        form().basic("app", ""),
        form().basic("unknown", CLIENT_SECRET),
        form().header("authorization", "Basic"),
        form().header("authorization", "Basic !!!"),
        form().header("authorization", "Bearer abc"),
        form().basic("app", CLIENT_SECRET).basic("app", CLIENT_SECRET),
        with(&[("client_id", Some("app"))]),
        with(&[("client_id", Some("app")), ("client_secret", Some("wrong"))]),
        with(&[("client_id", Some("unknown"))]),
        with(&[("client_id", Some("a b"))]),
    ] {
        let response = bench.send(ask).await;
        assert_refused(&response, 401, "invalid_client");
        assert!(header(&response, "www-authenticate").unwrap().starts_with("Basic "));
    }
    success(&bench.exchange(code.expose(), &[]).await);
}

/// OAuth 2.1 section 2.4: one method in each request
#[tokio::test]
async fn two_credentials_at_once_are_an_invalid_request() {
    let bench = Bench::start().await;
    let code = bench.code().await;
    for changes in [[("client_secret", Some(CLIENT_SECRET))], [("client_id", Some("other"))]] {
        let response = bench.send(exchange_form(code.expose(), &changes).basic("app", CLIENT_SECRET)).await;
        assert_refused(&response, 400, "invalid_request");
    }
    let same = bench.send(exchange_form(code.expose(), &[("client_id", Some("app"))]).basic("app", CLIENT_SECRET)).await;
    success(&same);
}

/// OAuth 2.1 section 3.2.2: sent credentials are always checked
#[tokio::test]
async fn a_public_client_needs_no_secret_and_a_false_one_is_refused() {
    let bench = Bench::start().await;
    let code = bench.issue(Asked { client: "cli", ..Asked::default() }).await.render();
    let with_secret = [("client_id", Some("cli")), ("client_secret", Some("anything"))];
    assert_refused(&bench.send(exchange_form(code.expose(), &with_secret)).await, 401, "invalid_client");
    assert_refused(&bench.send(exchange_form(code.expose(), &[]).basic("cli", "x")).await, 401, "invalid_client");
    success(&bench.send(exchange_form(code.expose(), &[("client_id", Some("cli"))])).await);
}

/// RFC 6749 section 2.3.1: some libraries form-encode the parts of Basic, as they should, and some do not
#[tokio::test]
async fn secrets_with_special_characters_work_encoded_and_as_they_are() {
    let bench = Bench::start().await;
    let secret = "p%2B+:/ \u{7e}";
    let id = ClientId::parse("app").unwrap();
    let mut client = bench.context.store.find_client(&id).await.unwrap().unwrap();
    client.secret_hash = Some(Secret::new(secret).hash());
    assert!(bench.context.store.replace_client(&client).await.unwrap());
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    for sent in [secret, encoded.as_str()] {
        let code = bench.code().await;
        success(&bench.send(exchange_form(code.expose(), &[]).basic("app", sent)).await);
    }
}

/// A client is kept for a minute; a new secret works at once, and an old one at most that long
#[tokio::test]
async fn a_rotated_secret_works_at_once_and_the_old_one_ends_within_a_minute() {
    let bench = Bench::start().await;
    success(&bench.exchange(bench.code().await.expose(), &[]).await);
    let id = ClientId::parse("app").unwrap();
    let mut client = bench.context.store.find_client(&id).await.unwrap().unwrap();
    client.secret_hash = Some(Secret::new("another").hash());
    assert!(bench.context.store.replace_client(&client).await.unwrap());
    let code = bench.code().await;
    success(&bench.send(exchange_form(code.expose(), &[]).basic("app", "another")).await);
    let code = bench.code().await;
    assert_refused(&bench.exchange(code.expose(), &[]).await, 401, "invalid_client");
}

/// Clients register again on exactly this answer
#[tokio::test]
async fn a_removed_client_gets_401_invalid_client_within_a_minute() {
    let bench = Bench::start().await;
    success(&bench.exchange(bench.code().await.expose(), &[]).await);
    let code = bench.code().await;
    bench.context.store.remove_client(&ClientId::parse("app").unwrap()).await.unwrap();
    bench.clock.advance(59);
    success(&bench.exchange(code.expose(), &[]).await);
    bench.clock.advance(1);
    let response = bench.refresh("whatever", &[]).await;
    assert_refused(&response, 401, "invalid_client");
}

/// A comma in `Authorization` is two headers that API Gateway joined
#[tokio::test]
async fn joined_authorization_headers_are_refused() {
    let bench = Bench::start().await;
    let response =
        bench.send(Ask::form("/token", &[("grant_type", "refresh_token")]).header("authorization", "Basic YTpi,Basic YTpi")).await;
    assert_refused(&response, 401, "invalid_client");
}

/// OAuth 2.1 section 2.4.1: while a secret is replaced, both count until the time that the operator set, and then the new one alone
#[tokio::test]
async fn two_secrets_count_until_the_old_one_ends() {
    let bench = Bench::start().await;
    let id = ClientId::parse("app").unwrap();
    let mut client = bench.context.store.find_client(&id).await.unwrap().unwrap();
    client.previous_secret = client.secret_hash.map(|old| (old, bench.context.now().plus(3_600)));
    client.secret_hash = Some(Secret::new("the-new-one").hash());
    assert!(bench.context.store.replace_client(&client).await.unwrap());
    let with = async |secret: &str| {
        let code = bench.code().await;
        let form = [("client_id", Some("app")), ("client_secret", Some(secret))];
        let (header, body) = (exchange_form(code.expose(), &[]).basic("app", secret), exchange_form(code.expose(), &form));
        let first = bench.send(header).await;
        if first.status == 200 {
            let other = bench.code().await;
            success(&bench.send(exchange_form(other.expose(), &form)).await);
        } else {
            assert_refused(&bench.send(body).await, 401, "invalid_client");
        }
        first
    };
    for secret in [CLIENT_SECRET, "the-new-one"] {
        success(&with(secret).await);
    }
    assert_refused(&with("neither").await, 401, "invalid_client");
    bench.clock.advance(3_599);
    for secret in [CLIENT_SECRET, "the-new-one"] {
        success(&with(secret).await);
    }
    // At the second that was set, and although the registration is still cached.
    bench.clock.advance(1);
    assert_refused(&with(CLIENT_SECRET).await, 401, "invalid_client");
    success(&with("the-new-one").await);
}

/// OAuth 2.1 section 2.4.1: guessing from everywhere is slow, and who knows the secret does not wait
#[tokio::test]
async fn beyond_a_thousand_wrong_secrets_from_everywhere_each_one_more_takes_its_time() {
    let bench = Bench::start().await;
    let everywhere = AttemptLimit { subject: "client\0app".to_owned(), limit: u32::MAX, window: 3_600 };
    for _ in 0..999 {
        bench.context.store.count_attempt(&everywhere, bench.context.now()).await.unwrap();
    }
    let code = bench.code().await;
    for (host, is_slow) in [(1, false), (2, true), (3, true)] {
        let mut guess = exchange_form(code.expose(), &[]).basic("app", "wrong");
        guess.0.source_ip = Some([198, 51, 100, host].into());
        let begun = Instant::now();
        assert_refused(&bench.send(guess).await, 401, "invalid_client");
        assert_eq!(begun.elapsed() >= Duration::from_secs(2), is_slow, "{host}");
    }
    let begun = Instant::now();
    success(&bench.exchange(code.expose(), &[]).await);
    assert!(begun.elapsed() < Duration::from_secs(2));
}
