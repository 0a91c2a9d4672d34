//! Sign in with Apple, by a provider that answers as Apple's documentation says: by a form, to a client whose secret is a signed JWT, with a name that comes
//! once.

use ::grantlet::jose::verify::{UnverifiedJws, VerificationKey};
use serde_json::{Value, json};

use super::grantlet::{keep_secret, visit_by_form};
use super::{HOME, assert_told, home, leave, location, people, userinfo};
use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::idp::Idp;
use crate::support::oauth::{encode, parameter};
use crate::support::pem::ec_key;
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

const CODE: &str = "c1a2b3.0.mrxw.apple-code";
const NAME: &str = r#"{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"someone.else@example.com"}"#;

fn connection(idp: &Idp, changes: &Value) -> Value {
    let mut all =
        json!({"id": "apple", "name": "Apple", "kind": "apple", "team_id": "DEF123GHIJ", "key_id": "ABC123DEFG", "trust_email": true});
    all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    idp.connection(&all)
}

/// A server of ours with Apple alone, and the public half of the key that it signs client secrets with.
async fn home_at(idp: &Idp) -> (Server, Value) {
    idp.publish(&json!({"token_endpoint_auth_methods_supported": ["client_secret_post"], "userinfo_endpoint": null}));
    let server = home(json!([connection(idp, &json!({}))]), false).await;
    let (pem, public) = ec_key();
    keep_secret(&server, "apple", &pem).await;
    (server, public)
}

/// The form that Apple has the browser post, as it arrives here: from another site, without cookies.
async fn post_from_apple(server: &Server, fields: &[(&str, &str)]) -> Reply {
    let event = Event::post_form("/login/callback", &encode(fields)).header("origin", "https://appleid.apple.com");
    server.send(&event.header("sec-fetch-site", "cross-site")).await
}

/// Comes back from Apple with `fields` beside the state.
async fn come_back(server: &Server, person: &mut Person<'_>, sent: &str, fields: &[(&str, &str)]) -> Reply {
    let state = parameter(sent, "state").unwrap();
    let page = post_from_apple(server, &[&[("state", state.as_str())], fields].concat()).await;
    let form = Form::find(&page.body, "response").unwrap_or_else(|| panic!("no form to go on with: {page:?}"));
    person.submit(&form, "continue").await
}

/// A new browser logs in at Apple, whose ID token has `changes`, and whose form has the field `user`.
async fn log_in<'s>(server: &'s Server, idp: &Idp, changes: &Value, user: Option<&str>) -> (Person<'s>, Reply) {
    let mut person = Person::new(server);
    let sent = leave(&mut person, &[]).await;
    let mut claims = idp.claims(&sent, server.inside().clock.time().0, &json!({"name": null, "acr": null, "amr": null}));
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    idp.vouch(&claims);
    let fields: Vec<_> = [("code", CODE)].into_iter().chain(user.map(|user| ("user", user))).collect();
    let reply = come_back(server, &mut person, &sent, &fields).await;
    (person, reply)
}

/// Apple's documentation, "Request an authorization to the Sign in with Apple server" and "Creating a client secret"
#[tokio::test]
async fn apple_is_asked_for_a_form_by_a_client_whose_secret_is_signed() {
    let idp = Idp::start().await;
    let (server, public) = home_at(&idp).await;
    let now = server.inside().clock.time().0;
    let wishes = [("prompt", Some("login")), ("login_hint", Some("ada@example.com")), ("ui_locales", Some("de")), ("max_age", Some("60"))];
    let sent = leave(&mut Person::new(&server), &wishes).await;
    for (name, expected) in [
        ("response_mode", Some("form_post")),
        ("response_type", Some("code")),
        ("scope", Some("openid name email")),
        ("redirect_uri", Some("http://localhost:9000/login/callback")),
        ("prompt", None),
        ("login_hint", None),
        ("ui_locales", None),
        ("max_age", None),
    ] {
        assert_eq!(parameter(&sent, name).as_deref(), expected, "{name}");
    }
    let (_, reply) = log_in(&server, &idp, &json!({}), None).await;
    assert_eq!(reply.status, 303, "{reply:?}");

    let arrived = idp.web.arrived();
    let form = &arrived.iter().find(|arrived| arrived.path == "/token").unwrap().body;
    let fields: std::collections::BTreeMap<_, _> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    assert_eq!((fields["client_id"].as_str(), fields["code"].as_str()), ("grantlet-at-idp", CODE));
    let jws = UnverifiedJws::parse(&fields["client_secret"]).unwrap();
    assert_eq!((jws.alg(), jws.kid()), ("ES256", Some("ABC123DEFG")));
    let claims = jws.check_signature(&[VerificationKey::from_jwk(&public).unwrap()]).unwrap();
    let expected = json!({"iss": "DEF123GHIJ", "sub": "grantlet-at-idp", "aud": idp.issuer(), "iat": now, "exp": now + 300});
    assert_eq!(Value::Object(claims.as_map().clone()), expected);
}

/// The name comes at the first login, in a field that nobody signed: it is what people say they are called, and no more
#[tokio::test]
async fn a_name_that_is_told_once_is_kept_and_not_changed_from_outside() {
    let idp = Idp::start().await;
    let (server, _) = home_at(&idp).await;
    let mut subjects = std::collections::BTreeSet::new();
    for (email, user) in [
        ("ada@example.com", Some(NAME)),
        ("ada@example.com", None),
        ("ada@privaterelay.example", Some(r#"{"name":{"firstName":"Eve"},"email":"eve@example.com"}"#)),
    ] {
        let (mut person, reply) = log_in(&server, &idp, &json!({"email": email, "email_verified": "true"}), user).await;
        let info = userinfo(&server, &mut person, &reply).await;
        assert_eq!((info["name"].as_str(), info["given_name"].as_str()), (Some("Ada Lovelace"), Some("Ada")), "{user:?}");
        assert_eq!((info["email"].as_str(), info["email_verified"].as_bool()), (Some(email), Some(true)), "the ID token says so");
        subjects.insert(info["sub"].as_str().unwrap().to_owned());
    }
    assert_eq!((subjects.len(), people(&server).await), (1, 1));
    // Somebody who does not say what they are called gets in all the same; and what the token says goes before what the field says.
    for (sub, user) in [("s-2", None), ("s-3", Some("{")), ("s-4", Some(r#"{"name":{"firstName":["x"]}}"#))] {
        let (mut person, reply) = log_in(&server, &idp, &json!({"sub": sub}), user).await;
        assert!(userinfo(&server, &mut person, &reply).await.get("name").is_none(), "{user:?}");
    }
    let (mut person, reply) = log_in(&server, &idp, &json!({"sub": "s-5", "name": "Signed"}), Some(NAME)).await;
    assert_eq!(userinfo(&server, &mut person, &reply).await["name"], "Signed");
}

/// RFC 9700 section 4.7: a form from another site does nothing by itself; only the browser that was sent goes on with it, and only by our own page
#[tokio::test]
async fn a_posted_answer_counts_in_the_browser_that_was_sent_alone() {
    let idp = Idp::start().await;
    let other = Idp::start().await;
    let (server, _) = home_at(&idp).await;
    let now = server.inside().clock.time().0;
    let (mut attacker, mut victim) = (Person::new(&server), Person::new(&server));
    let (sent, own) = (leave(&mut attacker, &[]).await, leave(&mut victim, &[]).await);
    idp.vouch(&idp.claims(&sent, now, &json!({})));
    let state = parameter(&sent, "state").unwrap();
    let asked = || idp.web.arrived().iter().filter(|arrived| arrived.path == "/token").count();

    // Even if a browser sent its cookies with it, the first form is answered by a page and nothing else.
    let fields = [("state", state.as_str()), ("code", CODE), ("user", NAME), ("error_description", "<b>"), ("continue", "1")];
    let event = Event::post_form("/login/callback", &encode(&fields)).header("origin", "https://appleid.apple.com");
    let page = attacker.send(event).await;
    assert_eq!((page.status, page.cookies.len(), asked()), (200, 0, 0), "{page:?}");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let form = Form::find(&page.body, "response").unwrap();
    assert_eq!((form.action.as_str(), form.field("code"), form.field("user")), ("/login/callback", CODE, NAME));
    assert!(!page.body.contains("error_description") && !page.body.contains("<b>"), "{page:?}");

    // Login CSRF: in the victim's browser, in one without any cookie, and by a form that says it is ours and comes from elsewhere.
    assert_eq!(victim.submit(&form, "continue").await.status, 400);
    assert_eq!(Person::new(&server).submit(&form, "continue").await.status, 400);
    for (name, value) in [("origin", "https://appleid.apple.com"), ("sec-fetch-site", "cross-site")] {
        let event = Event::post_form("/login/callback", &form.press("continue")).header(name, value);
        assert_eq!(attacker.clone().send(event).await.status, 403, "{name}");
    }
    // By another way than was asked for: the same in an address.
    assert_eq!(attacker.clone().open(&Idp::back(&sent, &[])).await.status, 400);
    assert_eq!(asked(), 0);
    let done = attacker.submit(&form, "continue").await;
    assert_eq!((done.status, asked()), (303, 1), "{done:?}");
    assert_eq!(attacker.submit(&form, "continue").await.status, 400, "a stay counts once");
    // The victim's state with the attacker's ID token: its nonce is another browser's.
    assert_told(&come_back(&server, &mut victim, &own, &[("code", CODE)]).await, 400, "did not work");
    assert_eq!(people(&server).await, 1);

    // Who is asked to answer in the query does so.
    let both = json!([connection(&idp, &json!({})), other.connection(&json!({"id": "other"}))]);
    let server = home(both, false).await;
    let mut person = Person::new(&server);
    let sent = location(&person.open("/login/upstream?connection=other&user_code=BCDF-GHJK").await);
    other.vouch(&other.claims(&sent, now, &json!({})));
    let state = parameter(&sent, "state").unwrap();
    let page = post_from_apple(&server, &[("state", state.as_str()), ("code", CODE)]).await;
    let form = Form::find(&page.body, "response").unwrap();
    assert_eq!(person.clone().submit(&form, "continue").await.status, 400);
    assert_eq!(person.open(&Idp::back(&sent, &[])).await.status, 303);
}

/// Everything that a stranger posts is bounded
#[tokio::test]
async fn odd_forms_are_refused() {
    let idp = Idp::start().await;
    let (server, _) = home_at(&idp).await;
    for body in ["state=a&state=b".to_owned(), format!("state={}", "x".repeat(17_000)), "state=%00".to_owned()] {
        let event = Event::post_form("/login/callback", &body);
        assert_eq!(server.send(&event).await.status, 400, "{}", &body[..20.min(body.len())]);
    }
    for body in ["", "continued=1", "continued=1&state=x&code=y"] {
        let reply = Person::new(&server).send(Event::post_form("/login/callback", body)).await;
        assert!(reply.status == 400 || (body.is_empty() && reply.status == 200), "{body}: {reply:?}");
    }
    let put = server.send(&Event::new("PUT", "/login/callback")).await;
    assert_eq!((put.status, put.header("allow")), (405, Some("GET, POST")));
}

/// Apple's documentation: `user_cancelled_authorize`
#[tokio::test]
async fn somebody_who_turns_back_at_apple_is_back_at_the_login_page() {
    let idp = Idp::start().await;
    let (server, _) = home_at(&idp).await;
    let mut person = Person::new(&server);
    let sent = leave(&mut person, &[]).await;
    let reply = come_back(&server, &mut person, &sent, &[("error", "user_cancelled_authorize")]).await;
    assert_told(&reply, 200, "Apple did not sign you in, or you cancelled there");
}

/// A key that is not there, or is none, is ours to mend, and nothing is lost
#[tokio::test]
async fn without_a_key_nobody_is_asked_and_the_login_can_go_on() {
    for kept in [None, Some("no key")] {
        let idp = Idp::start().await;
        let server = home(json!([connection(&idp, &json!({}))]), false).await;
        if let Some(text) = kept {
            keep_secret(&server, "apple", text).await;
        }
        let mut person = Person::new(&server);
        let sent = leave(&mut person, &[]).await;
        assert_eq!(come_back(&server, &mut person, &sent, &[("code", CODE)]).await.status, 503, "{kept:?}");
        assert!(idp.web.arrived().iter().all(|arrived| arrived.path != "/token"));
        keep_secret(&server, "apple", &ec_key().0).await;
        server.inside().clock.advance(301);
        idp.vouch(&idp.claims(&sent, server.inside().clock.time().0, &json!({})));
        assert_eq!(come_back(&server, &mut person, &sent, &[("code", CODE)]).await.status, 303, "{kept:?}");
    }
}

/// OAuth 2.0 Form Post Response Mode section 2: with any provider that knows it
#[tokio::test]
async fn another_grantlet_answers_by_a_form_where_that_is_asked_for() {
    let (upstream, home) = super::grantlet::pair("client_secret_basic", json!({"response_mode": "form_post"})).await;
    let mut person = Person::new(&home);
    let sent = leave(&mut person, &[]).await;
    assert_eq!(parameter(&sent, "response_mode").as_deref(), Some("form_post"));
    let form = visit_by_form(&upstream, &sent).await;
    assert_eq!(form.action, format!("{HOME}/login/callback"));
    let event = Event::post_form("/login/callback", &form.press("continue")).header("origin", upstream.server.issuer());
    let page = home.send(&event).await;
    let done = person.submit(&Form::find(&page.body, "response").unwrap(), "continue").await;
    let info = userinfo(&home, &mut person, &done).await;
    assert_eq!((info["name"].as_str(), info["email"].as_str()), (Some("Alice"), Some("alice@example.com")));
}
