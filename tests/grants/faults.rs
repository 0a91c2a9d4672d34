//! A store that fails is 503, never a lie about the client; and an assertion whose spending nobody can be sure of yields nothing.

use grantlet::jose::signing::{SigningKey, SigningKeys};
use grantlet::model::client::SigningAlg;
use serde_json::json;

use super::{ACCESS_TOKEN, CLIENT_CREDENTIALS, JWT_BEARER, TOKEN_EXCHANGE, access_token_alone, ask};
use crate::support::oauth::{As, add_alice, assert_refused, register_client};
use crate::support::proxy::{Fault, Rule};
use crate::support::server::Server;
use crate::support::stack::{ISSUER, Stack};

const AGENT: As<'static> = As::Basic("agent");

/// OAuth 2.1 section 3.2.4, RFC 9110 section 15.6.4
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_is_503_for_every_grant_without_a_browser() {
    let (keys, _) = SigningKeys::generate("idp").unwrap();
    let jwks = json!({"keys": keys.keys.iter().map(SigningKey::public_jwk).collect::<Vec<_>>()});
    let issuer = json!({"issuer": "https://idp.example", "jwks": jwks, "subject": "username", "clients": ["agent"], "scopes": ["openid"]});
    let stack = Stack::start_with(&[], json!({"assertion_issuers": [issuer]})).await;
    register_client(&stack.operator, "agent", json!({"grant_types": [JWT_BEARER, TOKEN_EXCHANGE, CLIENT_CREDENTIALS]})).await;
    add_alice(&stack.operator).await;
    let now = stack.operator.now().0;
    let assertion = |jti: &str| {
        let claims = json!({"iss": "https://idp.example", "sub": "alice", "aud": ISSUER, "exp": now + 300, "jti": jti});
        keys.find(SigningAlg::ES256).unwrap().sign("JWT", &claims).unwrap().expose().to_owned()
    };
    let server = Server::Functions(stack);
    let Server::Functions(stack) = &server else { unreachable!("a stack was started") };
    let bring = async |assertion: &str| ask(&server, AGENT, JWT_BEARER, &[("assertion", assertion)]).await;
    let access = access_token_alone(&bring(&assertion("first")).await);

    for (action, key) in [("GetItem", "login#"), ("GetItem", "user#"), ("PutItem", "grant#")] {
        let rule = stack.proxy.inject(Rule::new(Fault::InternalError, &format!("dynamodb:{action}"), key).of("token").times(usize::MAX));
        assert_refused(&bring(&assertion(&format!("{action} {key}"))).await, 503, "temporarily_unavailable");
        assert!(rule.fired() > 0, "{action} {key}");
        stack.proxy.heal();
    }
    // The write was done and its answer lost: the second attempt finds it done, by whomever. No token then, and never two.
    let rule = stack.proxy.inject(Rule::new(Fault::DropAnswer, "dynamodb:PutItem", "jti#assertion#").of("token"));
    assert_refused(&bring(&assertion("lost")).await, 503, "temporarily_unavailable");
    assert_eq!(rule.fired(), 1);
    stack.proxy.heal();
    assert_refused(&bring(&assertion("lost")).await, 400, "invalid_grant");

    let swap = async || ask(&server, AGENT, TOKEN_EXCHANGE, &[("subject_token", &access), ("subject_token_type", ACCESS_TOKEN)]).await;
    for key in ["grant#", "revoked#", "user#"] {
        let rule = stack.proxy.inject(Rule::new(Fault::InternalError, "dynamodb:GetItem", key).of("token").times(usize::MAX));
        assert_refused(&swap().await, 503, "temporarily_unavailable");
        assert!(rule.fired() > 0, "{key}");
        stack.proxy.heal();
    }
    access_token_alone(&swap().await);
}
