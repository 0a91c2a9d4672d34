//! The algorithms of what clients sign: assertions, request objects and DPoP proofs, each signed as it should be wherever that can be done.

use serde_json::{Value, json};

use super::keys::AlgKey;
use super::registry::JWS_ALGS;
use super::{advertised, everything, registration};
use crate::support::event::Event;
use crate::support::local::START;
use crate::support::oauth::{As, CHALLENGE, CLIENT_SECRET, REDIRECT_URI, assert_refused, encode, exchange, obtain_code, request, token};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::signer::ASSERTION_TYPE;
use crate::support::stack::ISSUER;

/// A client that registered itself, with its key of one algorithm.
struct Client {
    id: String,
    key: AlgKey,
}

impl Client {
    /// Authenticates by `method`, with the key for `alg` and another one, without which no such client can be registered.
    async fn register(server: &Server, method: &str, alg: &'static str) -> Self {
        // A public key of the client's stands where a shared secret would be needed: it must not be taken for one (RFC 8725 section 2.1).
        let spare = AlgKey::new("ES256", "");
        let key = AlgKey::new(alg, &spare.jwk.to_string());
        let mut metadata = json!({"redirect_uris": [REDIRECT_URI], "token_endpoint_auth_method": method});
        metadata["jwks"] = json!({"keys": [key.jwk, spare.jwk]});
        let registered = server.send(&registration(&metadata)).await;
        assert_eq!(registered.status, 201, "{alg}: {registered:?}");
        let told = registered.json();
        let by_secret = method == "client_secret_jwt" && alg.starts_with("HS");
        let key = if by_secret { AlgKey::new(alg, told["client_secret"].as_str().unwrap()) } else { key };
        Self { id: told["client_id"].as_str().unwrap().to_owned(), key }
    }

    /// Authenticates at `path` by an assertion that is right in everything.
    async fn authenticate(&self, server: &Server, path: &str) -> Reply {
        let claims = json!({"iss": self.id, "sub": self.id, "aud": ISSUER, "iat": START, "exp": START + 60, "jti": path});
        let assertion = self.key.sign(json!({"typ": "JWT"}), &claims);
        let form = [
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
            ("token", "x"),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT_URI),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        server.send(&Event::post_form(path, &encode(&form))).await
    }
}

/// RFC 7523 section 3, RFC 8725 section 3.1: at every endpoint that authenticates clients, by a key and by a secret
#[tokio::test]
async fn no_algorithm_of_assertions_but_those_that_are_advertised_is_taken() {
    let server = everything().await;
    for (method, alg) in ["private_key_jwt", "client_secret_jwt"].into_iter().flat_map(|method| JWS_ALGS.map(|alg| (method, alg))) {
        let client = Client::register(&server, method, alg).await;
        for (path, name) in [
            ("/token", "token_endpoint_auth_signing_alg_values_supported"),
            ("/par", "token_endpoint_auth_signing_alg_values_supported"),
            ("/device_authorization", "token_endpoint_auth_signing_alg_values_supported"),
            ("/revoke", "revocation_endpoint_auth_signing_alg_values_supported"),
            ("/introspect", "introspection_endpoint_auth_signing_alg_values_supported"),
        ] {
            let reply = client.authenticate(&server, path).await;
            let by_secret = method == "client_secret_jwt";
            if advertised(&server, name).await.contains(alg) && by_secret == alg.starts_with("HS") {
                assert_ne!(reply.status, 401, "{alg} at {path}: {reply:?}");
            } else {
                assert_refused(&reply, 401, "invalid_client");
            }
        }
    }
}

/// RFC 9101 sections 6.2 and 10.1: in the query, and pushed
#[tokio::test]
async fn no_algorithm_of_request_objects_but_those_that_are_advertised_is_taken() {
    let server = everything().await;
    let good = advertised(&server, "request_object_signing_alg_values_supported").await;
    for alg in JWS_ALGS {
        let client = Client::register(&server, "client_secret_post", alg).await;
        let claims = json!({
            "iss": client.id, "aud": ISSUER, "client_id": client.id, "response_type": "code", "redirect_uri": REDIRECT_URI, "scope": "openid",
            "code_challenge": CHALLENGE, "code_challenge_method": "S256", "exp": START + 60,
        });
        let key = client.key;
        let object = key.sign(json!({"typ": "oauth-authz-req+jwt"}), &claims);
        if object.len() < 3_000 {
            let query = encode(&[("client_id", &client.id), ("request", &object), ("redirect_uri", REDIRECT_URI)]);
            let reply = Person::new(&server).open(&format!("/authorize?{query}")).await;
            // A stranger's client is answered by a page, before somebody has logged in.
            let is_taken = reply.status == 200 && reply.body.contains("id=\"login\"");
            assert_eq!(is_taken, good.contains(alg), "{alg}: {reply:?}");
            assert!(is_taken || (reply.status == 400 && reply.body.contains("invalid_request_object")), "{alg}: {reply:?}");
        }
        server.inside().register(&format!("for-{alg}"), json!({"jwks": {"keys": [key.jwk]}})).await;
        let claims = with_client(claims, &format!("for-{alg}"));
        let object = key.sign(json!({"typ": "oauth-authz-req+jwt"}), &claims);
        let pushed = server.send(&request("/par", As::Basic(&format!("for-{alg}")), &[("request", &object)])).await;
        if good.contains(alg) {
            assert_eq!(pushed.status, 201, "{alg}: {pushed:?}");
        } else {
            assert_refused(&pushed, 400, "invalid_request_object");
        }
    }
}

fn with_client(mut claims: Value, id: &str) -> Value {
    claims["iss"] = json!(id);
    claims["client_id"] = json!(id);
    claims
}

/// RFC 9449 sections 4.3, 5.1 and 7.1: at every endpoint that takes proofs, and told in the challenge of the one that is a resource
#[tokio::test]
async fn no_algorithm_of_proofs_but_those_that_are_advertised_is_taken() {
    let server = everything().await;
    let good = advertised(&server, "dpop_signing_alg_values_supported").await;
    for alg in JWS_ALGS {
        let key = AlgKey::new(alg, CLIENT_SECRET);
        let prove = |method: &str, path: &str, more: Value| {
            let mut claims = json!({"jti": format!("{alg}{path}"), "htm": method, "htu": format!("{ISSUER}{path}"), "iat": START});
            claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            key.sign(json!({"typ": "dpop+jwt", "jwk": key.jwk}), &claims)
        };
        let code = obtain_code(&server, "app").await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("code_verifier", crate::support::oauth::VERIFIER),
            ("redirect_uri", REDIRECT_URI),
        ];
        let bound = server.send(&request("/token", As::Basic("app"), &form).header("dpop", &prove("POST", "/token", json!({})))).await;
        let query = crate::support::oauth::authorization_query("app", &[]);
        let parameters: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let parameters: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let pushed = server.send(&request("/par", As::Basic("app"), &parameters).header("dpop", &prove("POST", "/par", json!({})))).await;
        if good.contains(alg) {
            let access = token(&bound, "access_token");
            assert_eq!((bound.json()["token_type"].as_str(), pushed.status), (Some("DPoP"), 201), "{alg}");
            let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, access.as_bytes());
            let ath = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, hash);
            let event = Event::get("/userinfo").header("authorization", &format!("DPoP {access}"));
            let told = server.send(&event.header("dpop", &prove("GET", "/userinfo", json!({ "ath": ath })))).await;
            assert_eq!(told.status, 200, "{alg}: {told:?}");
        } else {
            assert_refused(&bound, 400, "invalid_dpop_proof");
            assert_refused(&pushed, 400, "invalid_dpop_proof");
            // Nothing was spent by it.
            token(&exchange(&server, As::Basic("app"), &code).await, "access_token");
        }
    }
    let challenge = server.send(&Event::get("/userinfo")).await.header("www-authenticate").unwrap().to_owned();
    let told = challenge.split("algs=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().split(' ').map(str::to_owned);
    assert_eq!(told.collect::<std::collections::BTreeSet<_>>(), good);
}
