//! Signed request objects (RFC 9101).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantlet::model::client::SigningAlg;
use grantlet::protocol::issuer::Issuer;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::local::START;
use crate::support::oauth::{
    ALICE, As, CLIENT_SECRET, REDIRECT_URI, assert_refused, authorization_query, claims, encode, exchange, parameter, push_form,
    pushed_query, token,
};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::signer::Signer;
use crate::support::stack::ISSUER;
use crate::support::web::{Document, Web};

/// The issuer of a server that fetches from this machine.
const LOOPBACK: &str = "http://localhost:9000";

/// A server, and a client `signer` with keys of its own.
async fn signer(metadata: Value) -> (Server, Signer) {
    let server = Server::local(json!({})).await;
    let signer = Signer::new("signer", ISSUER, START);
    register(&server, &signer, metadata).await;
    (server, signer)
}

async fn register(server: &Server, signer: &Signer, metadata: Value) {
    let mut all = json!({"jwks": signer.jwks()});
    all.as_object_mut().unwrap().extend(metadata.as_object().unwrap().clone());
    server.inside().register(signer.id, all).await;
}

/// A query with `object` in it, and beside it what says where errors go.
fn query_of(object: &str) -> String {
    encode(&[
        ("client_id", "signer"),
        ("request", object),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT_URI),
        ("state", "outer-state"),
        ("scope", "email"),
        ("nonce", "outer-nonce"),
    ])
}

async fn open(server: &Server, query: &str) -> Reply {
    Person::new(server).open(&format!("/authorize?{query}")).await
}

/// The error that the client was told, at its address: with the state inside once the object was believed, with the one outside before.
fn told(reply: &Reply) -> Option<String> {
    let location = reply.header("location")?;
    assert!(location.starts_with(REDIRECT_URI), "{location}");
    assert!(["inner-state", "outer-state"].contains(&parameter(location, "state").unwrap().as_str()));
    assert_eq!(parameter(location, "iss").as_deref(), Some(ISSUER));
    parameter(location, "error")
}

/// RFC 9101 sections 5 and 6.3: each algorithm, each usual type; what stands outside does not count
#[tokio::test]
async fn what_the_object_says_counts_and_nothing_else() {
    let (server, signer) = signer(json!({})).await;
    for (alg, typ) in SigningAlg::ALL.into_iter().zip(["oauth-authz-req+jwt", "application/oauth-authz-req+jwt", "JWT", "jwt"]) {
        let object = signer.sign(alg, typ, &signer.request(&json!({})));
        let landed = Person::new(&server).authorize(&query_of(&object), ALICE).await;
        assert_eq!(parameter(&landed, "state").as_deref(), Some("inner-state"), "{landed}");
        let tokens = exchange(&server, As::Basic("signer"), &parameter(&landed, "code").unwrap()).await;
        assert_eq!(tokens.json()["scope"], "openid profile");
        assert_eq!(claims(&token(&tokens, "id_token"))["nonce"], "inner-nonce");
    }
    // Nothing but the client has to stand outside.
    let object = signer.object(&json!({}));
    let landed = Person::new(&server).authorize(&encode(&[("client_id", "signer"), ("request", &object)]), ALICE).await;
    assert!(landed.contains("code="));
}

/// RFC 9101 section 6: every claim that is missing, wrong or of a wrong type; nothing is asked and nothing stored
#[tokio::test]
async fn an_object_with_anything_wrong_is_an_invalid_request_object() {
    let (server, signer) = signer(json!({})).await;
    for changes in [
        json!({"iss": null}),
        json!({"iss": "app"}),
        json!({"iss": 7}),
        json!({"aud": null}),
        json!({"aud": "https://else.example"}),
        json!({"aud": format!("{ISSUER}/")}),
        json!({"client_id": null}),
        json!({"client_id": "app"}),
        json!({"client_id": ["signer"]}),
        json!({"sub": "signer"}),
        json!({"exp": START - 10}),
        json!({"exp": START - 5_000}),
        json!({"exp": "later"}),
        json!({"nbf": START + 11}),
        json!({"nbf": "soon"}),
        json!({"iat": START + 11}),
        json!({"request": "a.b.c"}),
        json!({"request_uri": "urn:ietf:params:oauth:request_uri:x"}),
        json!({"scope": ["openid"]}),
        json!({"max_age": 1.5}),
        json!({"state": null, "prompt": true, "nonce": [1]}),
        json!({"state": "\u{0}"}),
    ] {
        let reply = open(&server, &query_of(&signer.object(&changes))).await;
        assert_eq!(told(&reply).as_deref(), Some("invalid_request_object"), "{changes}");
    }
    // What is wrong with the request itself is told as ever, where the object says.
    for (changes, error) in [
        (json!({"response_type": "token"}), "unsupported_response_type"),
        (json!({"response_type": null}), "invalid_request"),
        (json!({"code_challenge_method": "plain"}), "invalid_request"),
        (json!({"scope": "admin"}), "invalid_scope"),
        (json!({"prompt": "none"}), "login_required"),
    ] {
        let reply = open(&server, &query_of(&signer.object(&changes))).await;
        let location = reply.header("location").unwrap();
        assert_eq!((parameter(location, "error").as_deref(), parameter(location, "state").as_deref()), (Some(error), Some("inner-state")));
    }
    let foreign = open(&server, &query_of(&signer.object(&json!({"redirect_uri": "https://evil.example"})))).await;
    assert_eq!((foreign.status, foreign.header("location")), (400, None));
    assert!(server.inside().stored().is_empty());
}

/// RFC 9101 sections 6.2 and 10.8, RFC 8725: the client's key, the client's algorithm, the right type, the whole object
#[tokio::test]
async fn only_the_client_s_own_signature_is_believed() {
    let (server, signer) = signer(json!({"request_object_signing_alg": "ES256"})).await;
    let request = signer.request(&json!({}));
    let stranger = Signer::new("signer", ISSUER, START);
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = format!("{}.{}.", encoded(&json!({"alg": "none"})), encoded(&request));
    let by_secret = |secret: &str| {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &request, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    };
    let good = signer.object(&json!({}));
    let (head, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = head.split_once('.').unwrap();
    for object in [
        stranger.object(&json!({})),
        unsigned,
        by_secret(CLIENT_SECRET),
        by_secret(&signer.jwks().to_string()),
        signer.sign(SigningAlg::PS256, "oauth-authz-req+jwt", &request),
        signer.sign(SigningAlg::ES256, "at+jwt", &request),
        signer.sign(SigningAlg::ES256, "dpop+jwt", &request),
        format!("{header}.{}.{signature}", encoded(&signer.request(&json!({"scope": "openid email"})))),
        "a.b.c".to_owned(),
        "nothing".to_owned(),
    ] {
        assert_eq!(told(&open(&server, &query_of(&object)).await).as_deref(), Some("invalid_request_object"), "{object}");
    }
    for end in (1..good.len()).step_by(11) {
        assert_eq!(told(&open(&server, &query_of(&good[..end])).await).as_deref(), Some("invalid_request_object"), "{end}");
    }
    // A client without keys has nothing to be believed by, and another client's object is not this one's.
    for id in ["app", "other"] {
        let query = encode(&[("client_id", id), ("request", &good), ("redirect_uri", REDIRECT_URI), ("state", "outer-state")]);
        assert_eq!(told(&open(&server, &query).await).as_deref(), Some("invalid_request_object"));
    }
    assert!(server.inside().stored().is_empty());
}

/// OAuth 2.1 section 4.1.2.1: nobody is redirected by an object that is not believed
#[tokio::test]
async fn without_a_place_to_tell_the_client_an_error_is_a_page() {
    let (server, signer) = signer(json!({"redirect_uris": [REDIRECT_URI, "https://app.example/2"]})).await;
    let stranger = Signer::new("signer", ISSUER, START).object(&json!({}));
    let evil = [("client_id", "signer"), ("request", stranger.as_str()), ("redirect_uri", "https://evil.example")];
    for query in [encode(&evil[..2]), encode(&evil), format!("{}&request={stranger}", query_of(&signer.object(&json!({}))))] {
        let reply = open(&server, &query).await;
        assert_eq!((reply.status, reply.header("location")), (400, None), "{query}");
    }
}

/// RFC 9101 section 10.5
#[tokio::test]
async fn a_client_that_must_sign_is_refused_when_it_does_not() {
    let (server, signer) = signer(json!({"require_signed_request_object": true})).await;
    let query = authorization_query("signer", &[("state", Some("outer-state"))]);
    assert_eq!(told(&open(&server, &query).await).as_deref(), Some("invalid_request"));
    assert_refused(&push_form(&server, As::Basic("signer"), &query).await, 400, "invalid_request");
    let pushed = push_form(&server, As::Basic("signer"), &encode(&[("request", &signer.object(&json!({})))])).await;
    for query in [query_of(&signer.object(&json!({}))), pushed_query("signer", &pushed)] {
        assert!(Person::new(&server).authorize(&query, ALICE).await.contains("code="));
    }
}

/// RFC 9126 section 3: a request object may be pushed
#[tokio::test]
async fn a_pushed_object_counts_alone_and_is_checked_when_it_is_pushed() {
    let (server, signer) = signer(json!({})).await;
    let push = async |object: &str| {
        let form = encode(&[("request", object), ("scope", "email"), ("state", "outer-state"), ("redirect_uri", "https://evil.example")]);
        push_form(&server, As::Basic("signer"), &form).await
    };
    for changes in [
        json!({"client_id": "app"}),
        json!({"iss": null}),
        json!({"aud": "https://else.example"}),
        json!({"exp": START - 10}),
        json!({"request_uri": "urn:a"}),
    ] {
        assert_refused(&push(&signer.object(&changes)).await, 400, "invalid_request_object");
    }
    assert_refused(&push(&signer.object(&json!({"redirect_uri": "https://evil.example"}))).await, 400, "invalid_request");
    assert_refused(&push(&signer.object(&json!({"scope": "admin"}))).await, 400, "invalid_scope");
    assert_refused(&push(&Signer::new("signer", ISSUER, START).object(&json!({}))).await, 400, "invalid_request_object");
    assert!(server.inside().stored().is_empty());

    let reply = push(&signer.object(&json!({}))).await;
    assert_eq!(reply.status, 201);
    // Its time was looked at when it was pushed.
    server.inside().clock.advance(80);
    let landed = Person::new(&server).authorize(&pushed_query("signer", &reply), ALICE).await;
    assert_eq!(parameter(&landed, "state").as_deref(), Some("inner-state"));
    let tokens = exchange(&server, As::Basic("signer"), &parameter(&landed, "code").unwrap()).await;
    assert_eq!(tokens.json()["scope"], "openid profile");
}

/// RFC 9101 section 6.2: while a client's keys can't be had, nothing is known about what it signed
#[tokio::test]
async fn an_object_of_a_client_whose_keys_can_not_be_had_for_a_while_is_no_fault_of_the_client() {
    let server = Server::local_with(json!({}), |config| config.issuer = Issuer::parse(LOOPBACK).unwrap()).await;
    let (signer, web) = (Signer::new("signer", LOOPBACK, START), Web::start().await);
    web.put("/jwks", Document { status: 503, ..Document::json(&json!(null)) });
    server.inside().register(signer.id, json!({"jwks_uri": web.url("/jwks")})).await;
    let object = signer.object(&json!({}));
    let push = async || push_form(&server, As::Basic("signer"), &encode(&[("request", &object)])).await;
    let refused = push().await;
    assert_refused(&refused, 503, "temporarily_unavailable");
    assert!(refused.header("retry-after").is_some());
    let reply = open(&server, &query_of(&object)).await;
    assert_eq!(parameter(reply.header("location").unwrap(), "error").as_deref(), Some("temporarily_unavailable"));
    assert!(server.inside().stored().is_empty());

    web.put("/jwks", Document::json(&signer.jwks()));
    server.inside().clock.advance(31);
    assert_eq!(push().await.status, 201);
}

/// RFC 9101 section 10.8: an object is no client assertion, and an assertion no object
#[tokio::test]
async fn one_jwt_of_a_client_is_never_taken_for_another() {
    let (server, signer) = signer(json!({"token_endpoint_auth_method": "private_key_jwt"})).await;
    let assertion = signer.assertion(SigningAlg::ES256, &json!({"client_id": "signer"}));
    assert_eq!(told(&open(&server, &query_of(&assertion)).await).as_deref(), Some("invalid_request_object"));
    let object = signer.object(&json!({"jti": "j1"}));
    let assertion_type = crate::support::signer::ASSERTION_TYPE;
    for proof in [object.clone(), signer.object(&json!({"jti": "j1", "sub": "signer"}))] {
        let form = [("request", object.as_str()), ("client_assertion_type", assertion_type), ("client_assertion", proof.as_str())];
        assert_refused(&push_form(&server, As::Public("signer"), &encode(&form)).await, 401, "invalid_client");
    }
    let pushed = push_form(&server, As::Public("signer"), &signer.authenticated(&[("request", &object)])).await;
    assert!(Person::new(&server).authorize(&pushed_query("signer", &pushed), ALICE).await.contains("code="));
}

/// RFC 9101 section 4: members that are JSON
#[tokio::test]
async fn members_of_an_object_may_be_numbers_and_lists() {
    let server = Server::local(json!({"resources": [{"uri": "https://a.example"}, {"uri": "https://b.example"}]})).await;
    let signer = Signer::new("signer", ISSUER, START);
    register(&server, &signer, json!({})).await;
    let mut person = Person::new(&server);
    person.authorize(&query_of(&signer.object(&json!({}))), ALICE).await;
    server.inside().clock.advance(30);
    let object = signer.object(&json!({"max_age": 29, "resource": ["https://a.example", "https://b.example"], "claims": {"id_token": {}}}));
    let shown = person.open(&format!("/authorize?{}", query_of(&object))).await;
    assert!(Form::find(&shown.body, "login").is_some(), "the login is too old: {shown:?}");
    let landed = person.authorize(&query_of(&object), ALICE).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &parameter(&landed, "code").unwrap()),
        ("code_verifier", crate::support::oauth::VERIFIER),
        ("resource", "https://b.example"),
    ];
    let tokens = crate::support::oauth::post(&server, "/token", As::Basic("signer"), &form).await;
    assert_eq!(claims(&token(&tokens, "access_token"))["aud"], "https://b.example");
}

/// An object that expires while somebody logs in or reads the consent page is good to the end of that; one that comes late is not
#[tokio::test]
async fn an_object_may_expire_while_people_take_their_time() {
    let (server, signer) = signer(json!({})).await;
    let query = query_of(&signer.object(&json!({"exp": START + 5})));
    let path = format!("/authorize?{query}");
    let mut person = Person::new(&server);
    let login = Form::find(&person.open(&path).await.body, "login").unwrap();
    server.inside().clock.advance(300);
    assert_eq!(told(&open(&server, &query).await).as_deref(), Some("invalid_request_object"), "another browser comes late");
    let back = person.submit(&login.fill("username", ALICE.username).fill("password", ALICE.password), "sign-in").await;
    let consent = Form::find(&person.open(back.header("location").unwrap()).await.body, "consent").unwrap();
    server.inside().clock.advance(200);
    let landed = person.submit(&consent, "allow").await;
    assert!(landed.header("location").unwrap().contains("code="), "{landed:?}");
    server.inside().clock.advance(200);
    assert_eq!(told(&person.open(&path).await).as_deref(), Some("invalid_request_object"));
    assert_eq!(told(&person.submit(&consent, "allow").await).as_deref(), Some("invalid_request_object"));
}

mod by_reference {
    use super::*;

    async fn start(is_on: bool) -> (Server, Signer, Web) {
        let settings = json!({"authorization": {"request_uris": is_on}});
        let server = Server::local_with(settings, |config| config.issuer = Issuer::parse(LOOPBACK).unwrap()).await;
        let (signer, web) = (Signer::new("signer", LOOPBACK, START), Web::start().await);
        register(&server, &signer, json!({"request_uris": [web.url("/request.jwt"), web.url("/gone.jwt")]})).await;
        (server, signer, web)
    }

    fn document(object: &str) -> Document {
        let content_type = "application/oauth-authz-req+jwt";
        Document { status: 200, content_type, headers: Vec::new(), body: format!("{object}\n") }
    }

    fn query_at(uri: &str) -> String {
        encode(&[("client_id", "signer"), ("request_uri", uri), ("redirect_uri", REDIRECT_URI), ("state", "outer-state")])
    }

    fn error_of(reply: &Reply) -> Option<String> {
        reply.header("location").and_then(|location| parameter(location, "error"))
    }

    /// RFC 9101 section 5.2, OpenID Connect Core section 6.2: off unless the operator turns it on
    #[tokio::test]
    async fn an_object_is_fetched_from_where_the_client_registered_it() {
        let (server, signer, web) = start(true).await;
        web.put("/request.jwt", document(&signer.object(&json!({"exp": null, "nbf": null}))));
        for uri in [web.url("/request.jwt"), format!("{}#version-2", web.url("/request.jwt"))] {
            let landed = Person::new(&server).authorize(&query_at(&uri), ALICE).await;
            assert_eq!(parameter(&landed, "state").as_deref(), Some("inner-state"));
            assert!(landed.contains("code="));
        }
        let metadata = server.send(&Event::get("/.well-known/openid-configuration")).await.json();
        assert_eq!(
            (&metadata["request_uri_parameter_supported"], &metadata["require_request_uri_registration"]),
            (&json!(true), &json!(true))
        );

        let (server, _, web) = start(false).await;
        let reply = open(&server, &query_at(&web.url("/request.jwt"))).await;
        assert_eq!(error_of(&reply).as_deref(), Some("request_uri_not_supported"));
        assert!(web.arrived().is_empty());
    }

    /// RFC 9101 sections 7 and 10.4.1: nobody makes this server fetch from elsewhere, and what is there is bounded
    #[tokio::test]
    async fn what_is_not_registered_not_there_or_no_object_is_refused() {
        let (server, signer, web) = start(true).await;
        let object = signer.object(&json!({}));
        web.put("/other.jwt", document(&object));
        let long = format!("{}?{}", web.url("/request.jwt"), "a".repeat(600));
        for uri in
            [web.url("/other.jwt"), format!("{}?x", web.url("/request.jwt")), long, "https://evil.example/r".to_owned(), "urn:x".to_owned()]
        {
            assert_eq!(error_of(&open(&server, &query_at(&uri)).await).as_deref(), Some("invalid_request_uri"), "{uri}");
        }
        assert!(web.arrived().is_empty(), "nothing was fetched");
        assert_eq!(error_of(&open(&server, &query_at(&web.url("/gone.jwt"))).await).as_deref(), Some("invalid_request_uri"));
        let redirect = Document { status: 302, headers: vec![("location", web.url("/other.jwt"))], ..document("") };
        let huge = document(&"a".repeat(20_000));
        for (wrong, error) in [
            (redirect, "invalid_request_uri"),
            (huge, "invalid_request_uri"),
            (document("no object"), "invalid_request_object"),
            (document(&Signer::new("signer", LOOPBACK, START).object(&json!({}))), "invalid_request_object"),
        ] {
            web.put("/request.jwt", wrong);
            assert_eq!(error_of(&open(&server, &query_at(&web.url("/request.jwt"))).await).as_deref(), Some(error));
        }
        let both = format!("{}&request={object}", query_at(&web.url("/request.jwt")));
        assert_eq!(error_of(&open(&server, &both).await).as_deref(), Some("invalid_request"));
        assert!(!web.arrived().iter().any(|arrived| arrived.path == "/other.jwt"), "redirects are not followed");
        assert!(server.inside().stored().is_empty());
    }

    /// RFC 9101 section 10.4.1: a public server fetches nothing from its own network, nor without TLS, whatever a client registered
    #[tokio::test]
    async fn an_object_at_an_address_inside_is_not_fetched() {
        let server = Server::local(json!({"authorization": {"request_uris": true}})).await;
        let (signer, web) = (Signer::new("signer", ISSUER, START), Web::start().await);
        web.put("/request.jwt", document(&signer.object(&json!({}))));
        let plain = web.url("/request.jwt");
        let secure = plain.replacen("http:", "https:", 1);
        let uris = [plain.as_str(), &secure, "https://169.254.169.254/", "https://localhost/request.jwt"];
        register(&server, &signer, json!({ "request_uris": uris })).await;
        for uri in uris {
            let reply = open(&server, &query_at(uri)).await;
            assert_eq!(told(&reply).as_deref(), Some("invalid_request_uri"), "{uri}");
            let why = parameter(reply.header("location").unwrap(), "error_description").unwrap();
            assert!(why.contains("can't be fetched"), "{uri}: {why}");
        }
        assert!(web.arrived().is_empty());
    }

    /// What a person agreed to is what they were shown
    #[tokio::test]
    async fn an_object_that_changes_under_the_consent_page_is_not_consented_to() {
        let (server, signer, web) = start(true).await;
        let path = format!("/authorize?{}", query_at(&web.url("/request.jwt")));
        web.put("/request.jwt", document(&signer.object(&json!({"scope": "openid"}))));
        let mut person = Person::new(&server);
        let login = Form::find(&person.open(&path).await.body, "login").unwrap();
        let back = person.submit(&login.fill("username", ALICE.username).fill("password", ALICE.password), "sign-in").await;
        let consent = Form::find(&person.open(back.header("location").unwrap()).await.body, "consent").unwrap();
        web.put("/request.jwt", document(&signer.object(&json!({"scope": "openid email"}))));
        let refused = person.submit(&consent, "allow").await;
        assert_eq!((refused.status, refused.header("location")), (403, None));
        assert!(!server.inside().stored().contains_key("code"));
    }
}
