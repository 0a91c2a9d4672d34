//! What is no login JWT of the site's, however much it looks like one (RFC 8725, RFC 7515).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantlet::model::client::SigningAlg;
use grantlet::model::user::{Identity, Login, Subject, UserId};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::{SECRET, SESSION, SITE, Visit, finish, log_in, login_claims, send_to_site, sign, site_login, start};
use crate::support::event::Event;
use crate::support::oauth::{As, authorization_query, obtain_code, post, token};
use crate::support::person::Person;
use crate::support::server::Server;
use crate::support::signer::Signer;
use crate::support::web::{Document, Web};

const TYP: &str = "grantlet-login+jwt";

/// A JWS with any header, over any payload, by HMAC.
fn hs256(header: &Value, payload: &[u8], secret: &[u8]) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(payload));
    let signature = jsonwebtoken::crypto::sign(input.as_bytes(), &EncodingKey::from_secret(secret), Algorithm::HS256).unwrap();
    format!("{input}.{signature}")
}

/// Brings each token back in a browser that was sent to the site, and asserts that nobody is logged in by it, that nothing is spent or kept, and
/// that the honest token is still good afterwards.
async fn assert_refused(server: &Server, tokens: impl Fn(&Visit) -> Vec<(String, String)>, honest: impl Fn(&Visit) -> String) {
    let mut person = Person::new(server);
    let visit = send_to_site(&mut person, &authorization_query("app", &[])).await;
    for (what, token) in tokens(&visit) {
        let reply = finish(&mut person, &token, &visit).await;
        assert_eq!((reply.status, reply.header("location")), (400, None), "{what}: {reply:?}");
        assert!(token.len() < 20 || !reply.body.contains(&token), "{what}: nothing of it is shown");
    }
    let stored = server.inside().stored();
    assert!(!person.cookies.contains_key(SESSION) && !stored.contains_key("session") && !stored.contains_key("jti"), "{stored:?}");
    assert_eq!(finish(&mut person, &honest(&visit), &visit).await.status, 303, "the honest one is not spoiled");
}

/// Every claim that is missing, wrong, of a wrong type, early or late
#[tokio::test]
async fn a_jwt_with_any_wrong_claim_logs_nobody_in() {
    let server = start(json!({})).await;
    let now = server.inside().context.now().0;
    let wrong = [
        json!({"iss": null}),
        json!({"iss": "https://site.example/"}),
        json!({"iss": [SITE]}),
        json!({"aud": null}),
        json!({"aud": "https://other.example"}),
        json!({"aud": ["https://other.example"]}),
        json!({"aud": format!("{}/login/site", server.issuer())}),
        json!({"nonce": null}),
        json!({"nonce": "another"}),
        json!({"nonce": 7}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": 7}),
        json!({"sub": "client:app"}),
        json!({"sub": "a".repeat(256)}),
        json!({"sub": "ad\u{e4}"}),
        json!({"iat": null}),
        json!({"iat": now + 11, "exp": now + 60}),
        json!({"iat": now - 71, "exp": now - 11}),
        json!({"iat": now.to_string()}),
        json!({"exp": null}),
        json!({"exp": now - 11}),
        json!({"exp": now + 61}),
        json!({"exp": "never"}),
        json!({"nbf": now + 11}),
        json!({"nbf": "now"}),
        json!({"jti": null}),
        json!({"jti": ""}),
        json!({"jti": 7}),
        json!({"jti": "j".repeat(129)}),
        json!({"auth_time": null}),
        json!({"auth_time": now + 11}),
        json!({"auth_time": "now"}),
        json!({"acr": ["gold"]}),
        json!({"amr": "pwd"}),
        json!({"sid": 7}),
    ];
    let tokens = |visit: &Visit| wrong.iter().map(|changes| (changes.to_string(), sign(&server, visit, changes))).collect();
    assert_refused(&server, tokens, |visit| sign(&server, visit, &json!({}))).await;
}

/// RFC 8725 sections 2.1, 3.1 and 3.2: a public key is no secret, and no algorithm is none
#[tokio::test]
async fn the_public_key_of_the_site_is_no_shared_secret() {
    let web = Web::start().await;
    let site = Signer::new("site", SITE, 0);
    web.put("/jwks.json", Document::json(&site.jwks()));
    let server = start(json!({"jwks_uri": web.url("/jwks.json")})).await;
    let tokens = |visit: &Visit| {
        let claims = login_claims(&server, visit, &json!({}));
        let payload = claims.to_string();
        let mut tokens = Vec::new();
        // The bytes that somebody could take for a secret: the set, each key, and what stands in it.
        let mut secrets = vec![site.jwks().to_string().into_bytes(), SECRET.as_bytes().to_vec()];
        for key in site.jwks()["keys"].as_array().unwrap() {
            secrets.push(key.to_string().into_bytes());
            for member in ["n", "x", "kid"] {
                let Some(text) = key[member].as_str() else { continue };
                secrets.push(text.as_bytes().to_vec());
                secrets.extend(URL_SAFE_NO_PAD.decode(text).ok());
            }
            for secret in &secrets {
                let header = json!({"alg": "HS256", "typ": TYP, "kid": key["kid"]});
                tokens.push((format!("HS256 with {} public bytes", secret.len()), hs256(&header, payload.as_bytes(), secret)));
            }
        }
        for alg in ["none", "None", "NONE", "HS384", "HS512", "RS384", "ES384", "ES256K", "dir", ""] {
            let header = URL_SAFE_NO_PAD.encode(json!({"alg": alg, "typ": TYP}).to_string());
            for signature in ["", "AA"] {
                tokens.push((format!("alg {alg}"), format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(&payload))));
            }
        }
        // One key's signature under another one's header.
        let (rs, es) = (site.sign(SigningAlg::RS256, TYP, &claims), site.sign(SigningAlg::ES256, TYP, &claims));
        let (rs_input, es_signature) = (rs.rsplit_once('.').unwrap().0, es.rsplit_once('.').unwrap().1);
        tokens.push(("a swapped signature".to_owned(), format!("{rs_input}.{es_signature}")));
        let other = Signer::new("other", SITE, 0);
        tokens.push(("another's key".to_owned(), other.sign(SigningAlg::ES256, TYP, &claims)));
        tokens
    };
    assert_refused(&server, tokens, |visit| site.sign(SigningAlg::RS256, TYP, &login_claims(&server, visit, &json!({})))).await;
}

/// RFC 8725 sections 3.9 to 3.11, RFC 7515 sections 4.1 and 5.2: types, critical headers, keys that a token brings or names, tokens in tokens
#[tokio::test]
async fn headers_that_ask_for_something_else_are_refused() {
    let server = start(json!({})).await;
    let web = Web::start().await;
    let thief = Signer::new("thief", SITE, 0);
    web.put("/jwks.json", Document::json(&thief.jwks()));
    let jwk = thief.jwks()["keys"][0].clone();
    let tokens = |visit: &Visit| {
        let payload = login_claims(&server, visit, &json!({})).to_string();
        let good = sign(&server, visit, &json!({}));
        let mut tokens = Vec::new();
        for (what, header) in [
            ("no typ", json!({"alg": "HS256"})),
            ("a session's typ", json!({"alg": "HS256", "typ": "JWT"})),
            ("an access token's typ", json!({"alg": "HS256", "typ": "at+jwt"})),
            ("a logout token's typ", json!({"alg": "HS256", "typ": "logout+jwt"})),
            ("a typ that is no text", json!({"alg": "HS256", "typ": [TYP]})),
            ("a critical header", json!({"alg": "HS256", "typ": TYP, "crit": ["exp"], "exp": 1})),
            ("an empty crit", json!({"alg": "HS256", "typ": TYP, "crit": []})),
            ("an unencoded payload", json!({"alg": "HS256", "typ": TYP, "b64": false, "crit": ["b64"]})),
            ("b64 alone", json!({"alg": "HS256", "typ": TYP, "b64": true})),
            ("a kid that is no text", json!({"alg": "HS256", "typ": TYP, "kid": 7})),
            ("no alg", json!({"typ": TYP})),
        ] {
            tokens.push((what.to_owned(), hs256(&header, payload.as_bytes(), SECRET.as_bytes())));
        }
        // A key that the token brings or names, with the signature of its holder.
        let brought = json!({"alg": "HS256", "typ": TYP, "jwk": {"kty": "oct", "k": URL_SAFE_NO_PAD.encode([7; 32])}});
        tokens.push(("its own secret".to_owned(), hs256(&brought, payload.as_bytes(), &[7; 32])));
        let named =
            json!({"alg": "HS256", "typ": TYP, "jku": web.url("/jwks.json"), "x5u": web.url("/jwks.json"), "jwk": jwk, "kid": "/dev/null"});
        for secret in [&b""[..], b"\0", jwk.to_string().as_bytes()] {
            tokens.push(("a kid and a jku".to_owned(), hs256(&named, payload.as_bytes(), secret)));
        }
        let theirs = thief.sign(SigningAlg::RS256, TYP, &login_claims(&server, visit, &json!({})));
        tokens.push(("another one's key".to_owned(), theirs));
        // A token in a token, and claims that are none.
        let nested = json!({"alg": "HS256", "typ": TYP, "cty": "JWT"});
        for payload in [good.as_bytes(), b"[]", b"\"sub\"", b"", b"{\"sub\":", &[0xff, 0xfe]] {
            tokens.push(("a payload that is no object".to_owned(), hs256(&nested, payload, SECRET.as_bytes())));
        }
        for end in [0, 1, good.len() / 3, good.len() / 2, good.len() - 1] {
            tokens.push((format!("the first {end} bytes"), good[..end].to_owned()));
        }
        for odd in [format!("{good}="), format!("{good}."), format!(".{good}"), format!("{good}.{good}"), good.replacen('.', "..", 1)] {
            tokens.push(("another shape".to_owned(), odd));
        }
        // An empty `token` is none at all, and would begin a login.
        tokens.retain(|(_, token)| !token.is_empty());
        tokens
    };
    assert_refused(&server, tokens, |visit| sign(&server, visit, &json!({}))).await;
    assert!(web.arrived().is_empty(), "an address in a token is not visited");
}

/// RFC 8725 section 3.11, in both directions: no artefact is taken for another
#[tokio::test]
async fn a_login_jwt_opens_nothing_else_and_nothing_else_is_a_login() {
    let server = start(json!({"password_login": true})).await;
    let code = obtain_code(&server, "app").await;
    let tokens = crate::support::oauth::exchange(&server, As::Basic("app"), &code).await.json();
    let alone: grantlet::model::settings::Settings = serde_json::from_value(json!({"site_login": site_login(json!({}))})).unwrap();
    server.inside().context.store.replace_settings(&alone).await.unwrap();
    server.inside().clock.advance(601);
    let mut person = Person::new(&server);
    let visit = send_to_site(&mut person, &authorization_query("app", &[])).await;
    for name in ["access_token", "id_token", "refresh_token"] {
        assert_eq!(finish(&mut person, tokens[name].as_str().unwrap(), &visit).await.status, 400, "{name}");
    }
    assert_eq!(finish(&mut person, &code, &visit).await.status, 400);

    let login = sign(&server, &visit, &json!({}));
    let bearer = server.send(&Event::get("/userinfo").header("authorization", &format!("Bearer {login}"))).await;
    assert_eq!(bearer.status, 401);
    for form in [
        &[("grant_type", "authorization_code"), ("code", login.as_str())][..],
        &[("grant_type", "refresh_token"), ("refresh_token", &login)],
        &[("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", &login)],
    ] {
        assert_eq!(post(&server, "/token", As::Basic("app"), form).await.status, 400, "{form:?}");
    }
    assert_eq!(person.open(&format!("/logout?id_token_hint={login}")).await.status, 400);
    assert_eq!(finish(&mut person, &login, &visit).await.status, 303);
}

/// A login JWT counts once, in one browser, for one request, within its minute
#[tokio::test]
async fn challenges_can_be_neither_replayed_nor_swapped() {
    let server = start(json!({})).await;
    let query = authorization_query("app", &[]);
    let (mut one, mut two) = (Person::new(&server), Person::new(&server));
    let (first, second) = (send_to_site(&mut one, &query).await, send_to_site(&mut two, &query).await);
    assert_ne!(first.challenge, second.challenge);
    let (for_one, for_two) = (sign(&server, &first, &json!({})), sign(&server, &second, &json!({"sub": "user-8"})));
    // Each browser with the other one's token, whatever state it names.
    for (person, token) in [(&mut one, &for_two), (&mut two, &for_one)] {
        for visit in [&first, &second] {
            assert_eq!(finish(person, token, visit).await.status, 400);
        }
    }
    // The right browser, for another request than the one that was sent.
    let other = Visit { state: first.state.replace("scope=openid", "scope=email"), ..first.clone() };
    assert_ne!(other.state, first.state);
    assert_eq!(finish(&mut one, &for_one, &other).await.status, 400);
    // Two tokens for one challenge: the second finds the challenge's cookie gone, and the first is spent.
    let second_token = sign(&server, &first, &json!({"jti": "another"}));
    let mut copy = one.clone();
    assert_eq!(finish(&mut one, &for_one, &first).await.status, 303);
    assert_eq!(finish(&mut one, &second_token, &first).await.status, 400);
    assert_eq!(finish(&mut copy, &for_one, &first).await.status, 400, "the jti counts once, whoever kept the cookie");
    // Late by a second.
    server.inside().clock.advance(71);
    assert_eq!(finish(&mut two, &for_two, &second).await.status, 400);
}

/// Accounts of two connections with the same id are different people
#[tokio::test]
async fn the_name_of_somebody_at_a_provider_is_nobody_s_name_at_the_site() {
    let server = start(json!({})).await;
    let store = &server.inside().context.store;
    let mut theirs = store.find_user(server.inside().alice).await.unwrap().unwrap();
    theirs.id = UserId(server.inside().context.ulid());
    theirs.subject = Subject(theirs.id.to_string());
    theirs.username = None;
    let identity = Identity { connection: "google".to_owned(), subject: "user-7".to_owned() };
    assert!(store.create_user(&theirs, &Login::Upstream(identity.clone())).await.unwrap());
    let tokens = log_in(&server, &mut Person::new(&server), &authorization_query("app", &[]), &json!({})).await;
    assert_eq!(crate::support::oauth::claims(&token(&tokens, "id_token"))["sub"], "user-7");
    let at_site = store.find_login(&Login::Site("user-7".to_owned())).await.unwrap();
    assert!(at_site.is_some() && at_site != Some(theirs.id));
    assert_eq!(store.find_login(&Login::Upstream(identity)).await.unwrap(), Some(theirs.id));
    assert_eq!(store.find_user(theirs.id).await.unwrap().unwrap().claims, theirs.claims, "what the site says is not said of them");
}

/// RFC 9700 section 4.15.1: a person whom the site calls by the name of a client is another subject
#[tokio::test]
async fn the_site_s_robot_is_not_the_client_that_is_called_robot() {
    let server = start(json!({})).await;
    server.inside().register("robot", json!({"grant_types": ["client_credentials"], "redirect_uris": []})).await;
    let query = authorization_query("app", &[]);
    let tokens = log_in(&server, &mut Person::new(&server), &query, &json!({"sub": "robot"})).await;
    let own = post(&server, "/token", As::Basic("robot"), &[("grant_type", "client_credentials")]).await;
    let subject = |jwt: &str| crate::support::oauth::claims(jwt)["sub"].clone();
    assert_eq!(subject(&token(&tokens, "id_token")), "robot");
    for name in ["id_token", "access_token"] {
        assert_ne!(subject(&token(&tokens, name)), subject(&token(&own, "access_token")), "{name}");
    }
}

/// The site may say of its own people what it likes, and nothing of others: its names and those of accounts kept here are different people
#[tokio::test]
async fn the_site_s_alice_is_not_the_alice_who_has_an_account_here() {
    let server = start(json!({})).await;
    let local = server.inside();
    let query = authorization_query("app", &[]);
    let tokens = log_in(&server, &mut Person::new(&server), &query, &json!({"sub": "alice"})).await;
    let told = crate::support::oauth::claims(&token(&tokens, "id_token"));
    assert_eq!(told["sub"], "alice");
    assert_ne!(told["sub"], local.alice.to_string());
    let login = Login::Site("alice".to_owned());
    assert_ne!(local.context.store.find_login(&login).await.unwrap(), Some(local.alice));
    // The key of an account kept here is taken.
    let mut person = Person::new(&server);
    let visit = send_to_site(&mut person, &query).await;
    let reply = finish(&mut person, &sign(&server, &visit, &json!({"sub": local.alice.to_string()})), &visit).await;
    assert_eq!(reply.status, 403, "{reply:?}");
    assert!(!person.cookies.contains_key(SESSION));
}
