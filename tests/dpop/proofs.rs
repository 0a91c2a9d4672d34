//! Which proofs are taken, and how often.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::dpop::{ALGS, Proof, ProofKey, exchange_request, exchange_with, refresh_request};
use crate::support::oauth::{As, assert_refused, claims, exchange, obtain_code, refresh, token};
use crate::support::server::{Reply, Server};

/// RFC 9449 sections 4.2, 5 and 6.1
#[tokio::test]
async fn a_proof_of_every_algorithm_binds_the_access_token_to_its_key() {
    let server = Server::local(json!({})).await;
    for alg in ALGS {
        let key = ProofKey::with_alg(alg);
        let tokens = exchange_with(&server, As::Basic("app"), &obtain_code(&server, "app").await, &key).await;
        assert_eq!(claims(&token(&tokens, "access_token"))["cnf"], json!({"jkt": key.jkt()}), "{alg}");
        assert_eq!(tokens.json()["token_type"], "DPoP");
        assert_eq!(tokens.header("cache-control"), Some("no-store"));
    }
    let plain = exchange(&server, As::Basic("app"), &obtain_code(&server, "app").await).await;
    assert_eq!(plain.json()["token_type"], "Bearer");
    assert_eq!(claims(&token(&plain, "access_token")).get("cnf"), None);
}

type Change = fn(Proof<'_>) -> Proof<'_>;

/// RFC 9449 section 4.3: each check by itself, and none of them burns the code
#[tokio::test]
async fn whatever_is_wrong_with_a_proof_is_refused_and_burns_no_code() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    let code = obtain_code(&server, "app").await;
    let wrong: [(&str, Change); 32] = [
        ("no typ", |p| p.header("typ", Value::Null)),
        ("typ of another JWT", |p| p.header("typ", json!("JWT"))),
        ("typ of an access token", |p| p.header("typ", json!("at+jwt"))),
        ("typ is no text", |p| p.header("typ", json!(1))),
        ("no algorithm", |p| p.header("alg", Value::Null)),
        ("alg none", |p| p.header("alg", json!("none"))),
        ("another algorithm of the same family", |p| p.header("alg", json!("ES384"))),
        ("an algorithm of another key", |p| p.header("alg", json!("EdDSA"))),
        ("a critical header", |p| p.header("crit", json!(["x"])).header("x", json!(1))),
        ("no key", |p| p.header("jwk", Value::Null)),
        ("a key that is none", |p| p.header("jwk", json!("key"))),
        ("an empty key", |p| p.header("jwk", json!({}))),
        ("a key of another curve", |p| p.header("jwk", json!({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}))),
        ("a shared secret", |p| p.header("jwk", json!({"kty": "oct", "k": "c2VjcmV0"}))),
        ("a key by its name alone", |p| p.header("jwk", Value::Null).header("kid", json!("key"))),
        ("no jti", |p| p.claim("jti", Value::Null)),
        ("an empty jti", |p| p.claim("jti", json!(""))),
        ("a long jti", |p| p.claim("jti", json!("j".repeat(257)))),
        ("a jti that is no text", |p| p.claim("jti", json!(7))),
        ("no htm", |p| p.claim("htm", Value::Null)),
        ("another method", |p| p.claim("htm", json!("GET"))),
        ("the method in lower case", |p| p.claim("htm", json!("post"))),
        ("no htu", |p| p.claim("htu", Value::Null)),
        ("another endpoint", |p| p.claim("htu", json!("https://issuer.example/userinfo"))),
        ("another host", |p| p.claim("htu", json!("https://evil.example/token"))),
        ("no TLS", |p| p.claim("htu", json!("http://issuer.example/token"))),
        ("no iat", |p| p.claim("iat", Value::Null)),
        ("an iat that is no number", |p| p.claim("iat", json!("1800000000"))),
        ("too old", |p| p.claim("iat", json!(1_800_000_000 - 301))),
        ("from the future", |p| p.claim("iat", json!(1_800_000_000 + 61))),
        ("a nonce that is no text", |p| p.claim("nonce", json!(1))),
        ("too long", |p| p.claim("more", json!("m".repeat(6 * 1024)))),
    ];
    for (what, change) in wrong {
        let proof = change(key.token_proof(&server)).sign();
        let refused = server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &proof)).await;
        assert_eq!(refused.json()["error"], "invalid_dpop_proof", "{what}: {refused:?}");
        assert_refused(&refused, 400, "invalid_dpop_proof");
    }
    assert_eq!(server.inside().stored().get("jti"), None, "nothing is remembered of a proof that proves nothing");
    token(&exchange_with(&server, As::Basic("app"), &code, &key).await, "access_token");
}

/// RFC 9449 section 4.3, check 7: whoever sends a private key is not the only one who has it
#[tokio::test]
async fn a_private_key_in_a_proof_is_refused_whatever_its_kind() {
    let server = Server::local(json!({})).await;
    for alg in ALGS {
        let key = ProofKey::with_alg(alg);
        for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            let mut jwk = key.jwk.clone();
            jwk[member] = json!("AQAB");
            let proof = key.token_proof(&server).header("jwk", jwk).sign();
            let code = format!("{}.{}", server.inside().context.ulid(), "A".repeat(43));
            let refused = server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &proof)).await;
            assert_refused(&refused, 400, "invalid_dpop_proof");
        }
    }
}

/// RFC 8725 sections 2.1 and 3.1: the public key is never taken for a shared secret
#[tokio::test]
async fn a_proof_by_a_shared_secret_or_by_another_key_is_refused() {
    let server = Server::local(json!({})).await;
    let (key, other) = (ProofKey::new(), ProofKey::new());
    let code = obtain_code(&server, "app").await;
    let foreign = key.token_proof(&server).header("jwk", other.jwk.clone()).sign();
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({"jti": "j", "htm": "POST", "htu": "https://issuer.example/token", "iat": 1_800_000_000});
    let input = format!("{}.{}", part(&json!({"typ": "dpop+jwt", "alg": "HS256", "jwk": key.jwk})), part(&claims));
    let secret = hmac::Key::new(hmac::HMAC_SHA256, key.jwk["x"].as_str().unwrap().as_bytes());
    let symmetric = format!("{input}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&secret, input.as_bytes())));
    let good = key.token_proof(&server).sign();
    let (unsigned, _) = good.rsplit_once('.').unwrap();
    for proof in [foreign, symmetric, format!("{unsigned}."), unsigned.to_owned(), "x".to_owned(), String::new(), format!("{good}=")] {
        let refused = server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &proof)).await;
        assert_eq!(refused.json()["error"], "invalid_dpop_proof", "{proof}: {refused:?}");
    }
}

/// RFC 9449 section 4.3, checks 1 and 2
#[tokio::test]
async fn two_proofs_are_refused_in_one_field_or_in_two() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    let code = obtain_code(&server, "app").await;
    let (one, two) = (key.token_proof(&server).sign(), key.token_proof(&server).sign());
    for value in [format!("{one},{two}"), format!("{one}, {two}"), format!("{one},"), format!("{one} {two}")] {
        let refused = server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &value)).await;
        assert_refused(&refused, 400, "invalid_dpop_proof");
    }
    let refused = server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &one).header("DPoP", &two)).await;
    assert_refused(&refused, 400, "invalid_dpop_proof");
}

/// RFC 9449 section 4.3, check 9, and RFC 9700 section 4.13: the URL is the configured one, whatever the request says of its host
#[tokio::test]
async fn htu_is_normalized_and_never_compared_with_a_header_of_the_request() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    for htu in ["HTTPS://ISSUER.example:443/token?x=y#z", "https://issuer.example/./token"] {
        let proof = key.token_proof(&server).claim("htu", json!(htu)).sign();
        let code = obtain_code(&server, "app").await;
        token(&server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &proof)).await, "access_token");
    }
    let spoofed = key.token_proof(&server).claim("htu", json!("https://evil.example/token")).sign();
    let code = obtain_code(&server, "app").await;
    let mut event = exchange_request(As::Basic("app"), &code).header("dpop", &spoofed);
    for name in ["host", "x-forwarded-host"] {
        event = event.header(name, "evil.example");
    }
    assert_refused(&server.send(&event).await, 400, "invalid_dpop_proof");
}

/// RFC 9449 section 11.1
#[tokio::test]
async fn a_proof_counts_once_and_a_replay_burns_no_code_and_rotates_nothing() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    let used = key.token_proof(&server).sign();
    let first = obtain_code(&server, "app").await;
    let tokens = server.send(&exchange_request(As::Basic("app"), &first).header("dpop", &used)).await;
    let refresh_token = token(&tokens, "refresh_token");
    let second = obtain_code(&server, "app").await;
    let replays = [exchange_request(As::Basic("app"), &second), refresh_request(As::Basic("app"), &refresh_token)];
    for event in replays {
        let refused = server.send(&event.header("dpop", &used)).await;
        assert_refused(&refused, 400, "invalid_dpop_proof");
    }
    // Another key may have the same jti.
    let other = ProofKey::new();
    let jti = claims(&used)["jti"].clone();
    let proof = other.token_proof(&server).claim("jti", jti).sign();
    token(&server.send(&exchange_request(As::Basic("app"), &second).header("dpop", &proof)).await, "access_token");
    token(&refresh(&server, As::Basic("app"), &refresh_token).await, "access_token");
}

/// RFC 9449 section 11.1: for as long as its time would let it count
#[tokio::test]
async fn a_proof_is_remembered_until_it_is_too_old() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    let used = key.token_proof(&server).claim("iat", json!(1_800_000_000 + 60)).sign();
    token(
        &server.send(&exchange_request(As::Basic("app"), &obtain_code(&server, "app").await).header("dpop", &used)).await,
        "access_token",
    );
    for later in [1, 299, 59, 1, 1] {
        server.inside().clock.advance(later);
        let code = obtain_code(&server, "app").await;
        let refused = server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &used)).await;
        assert_refused(&refused, 400, "invalid_dpop_proof");
    }
}

/// RFC 9449 section 11.1: of many uses of one proof at once, one succeeds, and the codes of the others stay good
#[tokio::test(flavor = "multi_thread")]
async fn of_parallel_uses_of_one_proof_one_succeeds_and_nothing_else_is_spoiled() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    let proof = key.token_proof(&server).sign();
    let mut codes = Vec::new();
    for _ in 0..10 {
        codes.push(obtain_code(&server, "app").await);
    }
    let exchanges = codes.iter().map(|code| {
        let event = exchange_request(As::Basic("app"), code).header("dpop", &proof);
        let server = &server;
        async move { server.send(&event).await }
    });
    let replies: Vec<Reply> = join_all(exchanges).await;
    let won = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(won, 1);
    for (code, reply) in codes.iter().zip(&replies).filter(|(_, reply)| reply.status != 200) {
        assert_refused(reply, 400, "invalid_dpop_proof");
        token(&exchange_with(&server, As::Basic("app"), code, &key).await, "access_token");
    }
}

/// Polls all of them until each is done.
async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        for (future, output) in &mut running {
            if output.is_none()
                && let std::task::Poll::Ready(done) = future.as_mut().poll(context)
            {
                *output = Some(done);
            }
        }
        if running.iter().all(|(_, output)| output.is_some()) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    running.into_iter().filter_map(|(_, output)| output).collect()
}

/// RFC 9449 section 4.3: every proper prefix of a proof
#[tokio::test]
async fn every_proper_prefix_of_a_proof_is_refused() {
    let server = Server::local(json!({})).await;
    let proof = ProofKey::new().token_proof(&server).sign();
    let code = obtain_code(&server, "app").await;
    for end in 0..proof.len() {
        let refused = server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &proof[..end])).await;
        assert_eq!(refused.json()["error"], "invalid_dpop_proof", "{end}");
    }
    token(&server.send(&exchange_request(As::Basic("app"), &code).header("dpop", &proof)).await, "access_token");
}

/// A stranger's proof costs nothing before client and code could be right
#[tokio::test]
async fn no_proof_is_spent_for_a_client_or_code_that_can_not_be_right() {
    let server = Server::local(json!({})).await;
    let key = ProofKey::new();
    for (client, code) in [(As::Public("nobody"), "x"), (As::Public("app"), "x"), (As::Basic("app"), "x"), (As::Public("cli"), "x.y")] {
        assert_ne!(exchange_with(&server, client, code, &key).await.status, 200);
    }
    assert_eq!(server.inside().stored().get("jti"), None);
}
