//! The token endpoint, and what else takes a client's word: grant types, ways of authentication, types of tokens and assertions.

use serde_json::json;

use super::registry::{ASSERTION_TYPES, GRANT_TYPES, TOKEN_TYPES, with_near_misses};
use super::{advertised, everything};
use crate::support::event::Event;
use crate::support::local::START;
use crate::support::oauth::{As, CLIENT_SECRET, assert_refused, encode, exchange, obtain_code, post, token};
use crate::support::signer::{ASSERTION_TYPE, Signer};
use crate::support::stack::ISSUER;

/// OAuth 2.1 sections 3.2.2 and 3.2.4, RFC 9700 section 2.4: no password, no implicit grant; for a client that is registered for everything
#[tokio::test]
async fn no_grant_type_but_those_that_are_advertised_is_known() {
    let server = everything().await;
    let good = advertised(&server, "grant_types_supported").await;
    server.inside().register("all", json!({ "grant_types": good })).await;
    for grant in with_near_misses(GRANT_TYPES, &good) {
        let form =
            [("grant_type", grant.as_str()), ("username", "alice"), ("password", "password-pw-correct-horse-battery"), ("scope", "notes")];
        let form = [&form[..], &[("resource", "https://notes.example")]].concat();
        let reply = post(&server, "/token", As::Basic("all"), &form).await;
        if !good.contains(&grant) {
            assert_refused(&reply, 400, "unsupported_grant_type");
        } else if grant == "client_credentials" {
            token(&reply, "access_token");
        } else {
            // It is known, and told that what it is about is missing.
            assert_refused(&reply, 400, "invalid_request");
        }
    }
}

/// RFC 7521 section 4.2, RFC 7522 section 2.2: assertions of another type prove no client, whatever is in them
#[tokio::test]
async fn no_type_of_client_assertion_but_that_of_jwts_is_taken() {
    let server = everything().await;
    let signer = Signer::new("signer", ISSUER, START);
    server.inside().register("signer", json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": signer.jwks()})).await;
    for name in with_near_misses(ASSERTION_TYPES, &[ASSERTION_TYPE.to_owned()].into()) {
        let assertion = signer.assertion(grantlet::model::client::SigningAlg::ES256, &json!({}));
        let form = [("grant_type", "refresh_token"), ("client_assertion_type", name.as_str()), ("client_assertion", &assertion)];
        let reply = server.send(&Event::post_form("/token", &encode(&form))).await;
        if name == ASSERTION_TYPE { assert_refused(&reply, 400, "invalid_request") } else { assert_refused(&reply, 401, "invalid_client") }
    }
}

/// RFC 8414 section 2: a way of authentication that an endpoint does not list is refused there; `none` at introspection
#[tokio::test]
async fn no_way_of_authentication_but_those_of_the_endpoint_is_taken() {
    let server = everything().await;
    let local = server.inside();
    let signer = Signer::new("by-private_key_jwt", ISSUER, START);
    for method in ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"] {
        let mut metadata = json!({"token_endpoint_auth_method": method});
        if method == "private_key_jwt" {
            metadata["jwks"] = signer.jwks();
        }
        local.register(&format!("by-{method}"), metadata).await;
    }
    let access_token = token(&exchange(&server, As::Basic("app"), &obtain_code(&server, "app").await).await, "access_token");
    for (path, name) in [
        ("/token", "token_endpoint_auth_methods_supported"),
        ("/revoke", "revocation_endpoint_auth_methods_supported"),
        ("/introspect", "introspection_endpoint_auth_methods_supported"),
    ] {
        let good = advertised(&server, name).await;
        for method in ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"] {
            let id = format!("by-{method}");
            let form = [("grant_type", "refresh_token"), ("refresh_token", "x"), ("token", &access_token)];
            let body = match method {
                "none" => encode(&[&form[..], &[("client_id", &id)]].concat()),
                "client_secret_post" => encode(&[&form[..], &[("client_id", &id), ("client_secret", CLIENT_SECRET)]].concat()),
                "private_key_jwt" => signer.authenticated(&form),
                _ => encode(&form),
            };
            let reply = match method {
                "client_secret_basic" => post(&server, path, As::Basic(&id), &form).await,
                _ => server.send(&Event::post_form(path, &body)).await,
            };
            match (good.contains(method), path) {
                (false, _) => assert_refused(&reply, 401, "invalid_client"),
                // Known, and told what is wrong with the refresh token.
                (true, "/token") => assert_refused(&reply, 400, "invalid_grant"),
                (true, _) => assert_eq!(reply.status, 200, "{path} {method}: {reply:?}"),
            }
        }
    }
}

/// RFC 8693 sections 2.1, 2.2.2 and 3: access tokens for access tokens, and nothing else
#[tokio::test]
async fn no_type_of_token_is_exchanged_or_issued_but_access_tokens() {
    const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
    let server = everything().await;
    let exchanger = "urn:ietf:params:oauth:grant-type:token-exchange";
    server.inside().register("exchanger", json!({"grant_types": ["authorization_code", "refresh_token", exchanger]})).await;
    let tokens = exchange(&server, As::Basic("exchanger"), &obtain_code(&server, "exchanger").await).await;
    let subject = token(&tokens, "access_token");
    for name in with_near_misses(TOKEN_TYPES, &[ACCESS_TOKEN.to_owned()].into()) {
        let is_good = name == ACCESS_TOKEN;
        for parameter in ["subject_token_type", "requested_token_type", "actor_token_type"] {
            let mut form = vec![("grant_type", exchanger), ("subject_token", &subject), (parameter, &name)];
            if parameter != "subject_token_type" {
                form.push(("subject_token_type", ACCESS_TOKEN));
            }
            if parameter == "actor_token_type" {
                form.push(("actor_token", &subject));
            }
            let reply = post(&server, "/token", As::Basic("exchanger"), &form).await;
            if is_good {
                assert_eq!(reply.json()["issued_token_type"], ACCESS_TOKEN, "{reply:?}");
            } else {
                assert_refused(&reply, 400, "invalid_request");
            }
        }
    }
}
