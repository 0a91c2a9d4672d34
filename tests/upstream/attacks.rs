//! What strangers try: answers of others, for others, from elsewhere, once more; and providers that lie.

use ::grantlet::jose::signing::{SigningKey, SigningKeys};
use ::grantlet::model::client::SigningAlg;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{ask, assert_told, home, home_of, id_token, leave, location, log_in, people};
use crate::forged_headers::{critical, forgeries};
use crate::support::event::Event;
use crate::support::idp::{ACCESS_TOKEN, Idp};
use crate::support::oauth::{encode, parameter};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::web::{Document, Web};
use crate::unadvertised::keys::AlgKey;

/// OpenID Connect Core section 3.1.3.7: each step of the verification, seen from outside
#[tokio::test]
async fn an_id_token_that_is_wrong_in_anything_logs_nobody_in() {
    let idp = Idp::start().await;
    let server = home_of(&idp, &json!({})).await;
    let now = server.inside().clock.time().0;
    for changes in [
        json!({"iss": "https://accounts.example"}),
        json!({"iss": null}),
        json!({"aud": "another-client"}),
        json!({"aud": ["grantlet-at-idp", "another-client"]}),
        json!({"azp": "another-client"}),
        json!({"nonce": "a-nonce-of-another-browser"}),
        json!({"nonce": null}),
        json!({"exp": now - 31}),
        json!({"exp": null}),
        json!({"iat": now - 400}),
        json!({"iat": now + 60}),
        json!({"iat": "now"}),
        json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": "a\u{0}b"}),
    ] {
        let (_, reply) = log_in(&server, &idp, &changes).await;
        assert_told(&reply, 400, "did not work");
    }
    assert_eq!(people(&server).await, 0);
    assert!(!server.inside().stored().contains_key("session"));
    let (mut person, reply) = log_in(&server, &idp, &json!({})).await;
    id_token(&server, &mut person, &reply).await;
}

/// Comes back from the provider, which answers with what `sign` makes of honest claims.
async fn come_back_with(server: &Server, idp: &Idp, sign: impl Fn(&Value) -> String) -> Reply {
    let mut person = Person::new(server);
    let sent = leave(&mut person, &[]).await;
    idp.answer(&sign(&idp.claims(&sent, server.inside().clock.time().0, &json!({}))));
    person.open(&Idp::back(&sent, &[])).await
}

/// Makes an ID token of claims.
type Forge<'a> = Box<dyn Fn(&Value) -> String + 'a>;

/// RFC 8725 sections 2.1, 3.1 and 3.11
#[tokio::test]
async fn no_algorithm_and_no_key_but_the_provider_s_own_is_believed() {
    let idp = Idp::start().await;
    let server = home_of(&idp, &json!({})).await;
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let public = idp.keys.find(SigningAlg::RS256).unwrap().public_jwk().clone();
    let hs256 = |claims: &Value, secret: &[u8]| {
        let input = format!("{}.{}", encode(&json!({"alg": "HS256", "typ": "JWT"})), encode(claims));
        let key = jsonwebtoken::EncodingKey::from_secret(secret);
        let signature = jsonwebtoken::crypto::sign(input.as_bytes(), &key, jsonwebtoken::Algorithm::HS256).unwrap();
        format!("{input}.{signature}")
    };
    let (theirs, _) = SigningKeys::generate("idp").unwrap();
    let forgeries: Vec<(&str, Forge<'_>)> = vec![
        ("none", Box::new(|claims| format!("{}.{}.", encode(&json!({"alg": "none"})), encode(claims)))),
        ("none with a signature", Box::new(|claims| format!("{}.{}.c2ln", encode(&json!({"alg": "None"})), encode(claims)))),
        ("the public key as a secret", Box::new(|claims| hs256(claims, public.to_string().as_bytes()))),
        ("the modulus as a secret", Box::new(|claims| hs256(claims, public["n"].as_str().unwrap().as_bytes()))),
        ("our client_id as a secret", Box::new(|claims| hs256(claims, b"grantlet-at-idp"))),
        ("foreign keys of the same names", Box::new(|claims| theirs.keys[0].sign("JWT", claims).unwrap().expose().to_owned())),
        ("an access token", Box::new(|claims| idp.keys.keys[0].sign("at+jwt", claims).unwrap().expose().to_owned())),
        ("a logout token", Box::new(|claims| idp.keys.keys[0].sign("logout+jwt", claims).unwrap().expose().to_owned())),
        ("no JWT", Box::new(|_| "x".to_owned())),
    ];
    for (name, forge) in forgeries {
        let reply = come_back_with(&server, &idp, forge).await;
        assert_eq!(reply.status, 400, "{name}: {reply:?}");
        assert_told(&reply, 400, "did not work");
    }
    assert_eq!(people(&server).await, 0);
}

/// RFC 8725 sections 2.1, 3.1 and 3.10, RFC 7515 section 4.1: whatever a header says, brings, names or wants to be understood
#[tokio::test]
async fn no_header_makes_a_stranger_s_id_token_the_provider_s() {
    let (idp, web) = (Idp::start().await, Web::start().await);
    let key = AlgKey::new("ES256", "");
    let keys: Vec<_> = idp.keys.keys.iter().map(SigningKey::public_jwk).chain([&key.jwk]).collect();
    let published = json!({ "keys": keys });
    idp.web.put("/jwks", Document::json(&published));
    let server = home_of(&idp, &json!({})).await;
    let honest = idp.keys.find(SigningAlg::RS256).unwrap();
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": honest.kid});
    for forgery in forgeries(&header, &published.to_string(), &web) {
        assert_told(&come_back_with(&server, &idp, |claims| forgery.sign(claims)).await, 400, "did not work");
    }
    assert_told(&come_back_with(&server, &idp, |claims| critical(&key, "JWT", claims)).await, 400, "did not work");
    assert_eq!(people(&server).await, 0);
    assert!(web.arrived().is_empty(), "an address in a header is not visited");
    assert_eq!(come_back_with(&server, &idp, |claims| key.sign(json!({"typ": "JWT"}), claims)).await.status, 303);
    let by_honest = |claims: &Value| honest.sign("JWT", claims).unwrap().expose().to_owned();
    assert_eq!(come_back_with(&server, &idp, by_honest).await.status, 303);
}

/// OpenID Connect Core section 10.1.1: a provider may change its keys at any time
#[tokio::test]
async fn keys_are_fetched_once_more_when_the_provider_changed_them() {
    let idp = Idp::start().await;
    let server = home_of(&idp, &json!({})).await;
    log_in(&server, &idp, &json!({})).await;
    let (new, _) = SigningKeys::generate("new").unwrap();
    idp.web.put("/jwks", Document::json(&json!({"keys": [new.keys[2].public_jwk()]})));
    server.inside().clock.advance(60);
    let mut person = Person::new(&server);
    let sent = leave(&mut person, &[]).await;
    let claims = idp.claims(&sent, server.inside().clock.time().0, &json!({}));
    idp.answer(new.keys[2].sign("JWT", &claims).unwrap().expose());
    assert_eq!(person.open(&Idp::back(&sent, &[])).await.status, 303);
}

/// RFC 9207 section 2.4: an answer from elsewhere is refused before the code is sent anywhere
#[tokio::test]
async fn an_answer_of_another_issuer_never_reaches_the_token_endpoint() {
    let idp = Idp::start().await;
    let issuer = idp.issuer();
    for (advertised, iss, is_good) in [
        (false, None, true),
        (false, Some(issuer.as_str()), true),
        (false, Some("https://other.example"), false),
        (true, Some(issuer.as_str()), true),
        (true, None, false),
        (true, Some("https://other.example"), false),
        (true, Some(&format!("{issuer}/")), false),
    ] {
        idp.publish(&json!({"authorization_response_iss_parameter_supported": advertised}));
        let server = home_of(&idp, &json!({})).await;
        for (field, value) in [("code", "a-code"), ("error", "access_denied")] {
            let mut person = Person::new(&server);
            let sent = leave(&mut person, &[]).await;
            idp.vouch(&idp.claims(&sent, server.inside().clock.time().0, &json!({})));
            let before = asked_for_tokens(&idp);
            let back = Idp::back(&sent, &[("code", None), (field, Some(value)), ("iss", iss)]);
            let reply = person.open(&back).await;
            let expected = match (is_good, field) {
                (true, "code") => 303,
                (true, _) => 200,
                (false, _) => 400,
            };
            assert_eq!(reply.status, expected, "{advertised} {iss:?} {field}: {reply:?}");
            assert_eq!(asked_for_tokens(&idp) > before, is_good && field == "code", "{advertised} {iss:?} {field}");
        }
    }
}

fn asked_for_tokens(idp: &Idp) -> usize {
    idp.web.arrived().iter().filter(|arrived| arrived.path == "/token").count()
}

/// RFC 9700 sections 4.4 and 4.7: the connection, the browser and the time are in what `state` fits to
#[tokio::test]
async fn only_the_browser_that_was_sent_comes_back_to_what_it_was_sent_for() {
    let (idp, evil) = (Idp::start().await, Idp::start().await);
    let server = home(json!([idp.connection(&json!({})), evil.connection(&json!({"id": "evil", "name": "Evil"}))]), false).await;
    let now = server.inside().clock.time().0;
    let leave_by = async |person: &mut Person<'_>, id: &str| {
        let login = ask(person, &[]).await;
        let link = login.body.split(&format!("id=\"with-{id}\" href=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
        location(&person.open(&crate::support::forms::unescape(&link)).await)
    };

    // Login CSRF: the attacker's code and state, in the victim's browser; with and without a stay of the victim's own.
    let (mut attacker, mut victim) = (Person::new(&server), Person::new(&server));
    let sent = leave_by(&mut attacker, "idp").await;
    idp.vouch(&idp.claims(&sent, now, &json!({})));
    assert_eq!(victim.open(&Idp::back(&sent, &[])).await.status, 400);
    let own = leave_by(&mut victim, "idp").await;
    assert_eq!(victim.open(&Idp::back(&sent, &[])).await.status, 400);
    assert!(!victim.cookies.contains_key("grantlet-session"));
    // The victim's state with the attacker's ID token: its nonce is another browser's.
    let swapped = victim.open(&Idp::back(&own, &[])).await;
    assert_told(&swapped, 400, "did not work");

    // Mix-up: what began at one provider can't end at another.
    let mut person = Person::new(&server);
    let (at_evil, at_idp) = (leave_by(&mut person.clone(), "evil").await, leave_by(&mut person, "idp").await);
    assert_ne!(parameter(&at_evil, "state"), parameter(&at_idp, "state"));
    assert_eq!(person.open(&Idp::back(&at_evil, &[])).await.status, 400);

    // State that is missing, empty, cut, longer, or somebody's guess.
    let state = parameter(&at_idp, "state").unwrap();
    let longer = format!("{state}x");
    for wrong in [None, Some(""), Some(&state[..42]), Some(longer.as_str()), Some("state-1"), Some("..."), Some(".L2F1dGhvcml6ZT8")] {
        let reply = person.clone().open(&Idp::back(&at_idp, &[("state", wrong)])).await;
        assert_eq!(reply.status, 400, "{wrong:?}");
    }
    // A cookie that was changed: another connection, a later time, another way back.
    let cookie = person.cookies["grantlet-upstream"].clone();
    let parts: Vec<&str> = cookie.split('.').collect();
    let foreign = URL_SAFE_NO_PAD.encode("https://evil.example/");
    for (at, value) in [(0, "AAAA"), (1, "1800000100"), (2, "evil"), (3, "01JD0000000000000000000000"), (4, foreign.as_str()), (4, "")] {
        let mut changed = parts.clone();
        changed[at] = value;
        let mut thief = person.clone();
        thief.cookies.insert("grantlet-upstream".to_owned(), changed.join("."));
        assert_eq!(thief.open(&Idp::back(&at_idp, &[])).await.status, 400, "{at} {value}");
    }
    // Ten minutes are enough.
    server.inside().clock.advance(601);
    idp.vouch(&idp.claims(&at_idp, now + 601, &json!({})));
    assert_eq!(person.open(&Idp::back(&at_idp, &[])).await.status, 400);
    assert_eq!(people(&server).await, 0);
}

/// OAuth 2.1 section 7.5.1: a code that was stolen on its way is worth nothing without the verifier, which hangs on the browser
#[tokio::test]
async fn the_verifier_is_sent_with_the_code_and_belongs_to_the_challenge() {
    let idp = Idp::start().await;
    let server = home_of(&idp, &json!({})).await;
    let (mut one, mut two) = (Person::new(&server), Person::new(&server));
    let (sent, other) = (leave(&mut one, &[]).await, leave(&mut two, &[]).await);
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(parameter(&sent, name), parameter(&other, name));
    }
    idp.vouch(&idp.claims(&sent, server.inside().clock.time().0, &json!({})));
    one.open(&Idp::back(&sent, &[])).await;
    let arrived = idp.web.arrived();
    let form = &arrived.iter().find(|arrived| arrived.path == "/token").unwrap().body;
    let fields: std::collections::BTreeMap<_, _> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, fields["code_verifier"].as_bytes());
    assert_eq!(Some(URL_SAFE_NO_PAD.encode(hash)), parameter(&sent, "code_challenge"));
    assert_eq!(fields["redirect_uri"], "http://localhost:9000/login/callback");
    assert_eq!((fields["client_id"].as_str(), fields["grant_type"].as_str()), ("grantlet-at-idp", "authorization_code"));
    assert!(!fields.contains_key("client_secret"));
}

/// OpenID Connect Core section 5.3.2: userinfo about somebody else is not about the person
#[tokio::test]
async fn userinfo_counts_only_with_the_same_sub() {
    let idp = Idp::start().await;
    let server = home_of(&idp, &json!({})).await;
    let without = json!({"name": null, "email": null, "email_verified": null});
    for (info, status, is_good) in [
        (json!({"sub": "ada-1", "name": "Ada", "email": "ada@example.com"}), 200, true),
        (json!({"sub": "bob-2", "name": "Bob", "email": "bob@example.com"}), 200, false),
        (json!({"name": "Ada"}), 200, false),
        (json!([]), 200, false),
    ] {
        idp.web.put("/userinfo", Document { status, ..Document::json(&info) });
        let (_, reply) = log_in(&server, &idp, &without).await;
        assert_eq!(reply.status == 303, is_good, "{info}: {reply:?}");
    }
    idp.web.put("/userinfo", Document { status: 500, ..Document::json(&json!({})) });
    assert_told(&log_in(&server, &idp, &without).await.1, 503, "can&#39;t be reached");
    let asked: Vec<_> = idp.web.arrived().into_iter().filter(|arrived| arrived.path == "/userinfo").collect();
    assert_eq!(asked.len(), 5);
}

/// RFC 9700 section 4.13, OpenID Connect Discovery section 4.3: no metadata of another issuer, no address inside
#[tokio::test]
async fn metadata_that_lead_elsewhere_are_not_used() {
    for changes in [
        json!({"issuer": "https://accounts.example"}),
        json!({"token_endpoint": "http://169.254.169.254/latest/meta-data/"}),
        json!({"jwks_uri": "http://10.0.0.1/jwks"}),
    ] {
        let idp = Idp::start().await;
        idp.publish(&changes);
        let server = home_of(&idp, &json!({})).await;
        let mut person = Person::new(&server);
        let reply = ask(&mut person, &[]).await;
        let reply = if reply.status == 303 {
            let sent = location(&reply);
            idp.vouch(&idp.claims(&sent, server.inside().clock.time().0, &json!({})));
            person.open(&Idp::back(&sent, &[])).await
        } else {
            reply
        };
        assert_told(&reply, 503, "can&#39;t be reached");
        assert_eq!(people(&server).await, 0);
    }
}

/// Everything that a stranger sends is bounded, and nothing of it is shown
#[tokio::test]
async fn odd_answers_are_refused_and_nothing_of_them_is_repeated() {
    let idp = Idp::start().await;
    let server = home_of(&idp, &json!({})).await;
    let long = "x".repeat(5_000);
    for fields in [
        vec![("error", Some("<script>alert(1)</script>"))],
        vec![("error", Some("access_denied")), ("error_description", Some("<script>alert(1)</script>"))],
        vec![("code", None)],
        vec![("code", Some(long.as_str()))],
        vec![("code", Some("a")), ("error", Some("server_error"))],
    ] {
        let mut person = Person::new(&server);
        let sent = leave(&mut person, &[]).await;
        let reply = person.open(&Idp::back(&sent, &fields)).await;
        assert!(matches!(reply.status, 200 | 400 | 503), "{reply:?}");
        assert!(!reply.body.contains("<script>alert"), "{reply:?}");
        assert!(reply.cookies.iter().any(|cookie| cookie.starts_with("grantlet-upstream=;")), "the stay is over: {reply:?}");
    }
    for document in [
        Document { status: 400, ..Document::json(&json!({"error": "invalid_grant"})) },
        Document { status: 200, ..Document::json(&json!({"access_token": ACCESS_TOKEN})) },
        Document { status: 200, ..Document::json(&json!([])) },
        Document { status: 302, headers: vec![("location", idp.web.url("/elsewhere"))], ..Document::json(&json!({})) },
    ] {
        let mut person = Person::new(&server);
        let sent = leave(&mut person, &[]).await;
        idp.web.put("/token", document);
        let reply = person.open(&Idp::back(&sent, &[])).await;
        assert!(matches!(reply.status, 400 | 503), "{reply:?}");
    }
    assert!(idp.web.arrived().iter().all(|arrived| arrived.path != "/elsewhere"), "redirects of a provider are not followed");
    // Only a GET is a way back: a cross-site POST brings no cookies.
    let posted = server.send(&Event::post_form("/login/callback", &encode(&[("code", "x"), ("state", "y")]))).await;
    assert_eq!((posted.status, posted.header("allow")), (405, Some("GET")));
    for path in ["/login/callback", "/login/callback?state=x&state=y&code=z", "/login/upstream", "/login/upstream?connection=idp"] {
        assert_eq!(Person::new(&server).open(path).await.status, 400, "{path}");
    }
}
