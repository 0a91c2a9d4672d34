//! The second factor of an account after a login at a provider.

use ::grantlet::model::event::EventKind;
use ::grantlet::model::user::Identity;
use ::grantlet::store::KeptIdentity;
use serde_json::{Value, json};

use super::{home, id_token, location};
use crate::passwords::Phone;
use crate::support::forms::Form;
use crate::support::idp::Idp;
use crate::support::oauth::{authorization_query, encode};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

const TWO: &str = "urn:grantlet:acr:multi-factor";

/// A server with passwords and the connection `idp` with `changes`, where Alice has a second factor and is known at the provider.
async fn alice_with_phone(idp: &Idp, changes: &Value) -> (Server, Phone) {
    let server = home(json!([idp.connection(changes)]), true).await;
    let phone = Phone::set_up(&server).await;
    let inside = server.inside();
    let identity = Identity { connection: "idp".to_owned(), subject: "ada-1".to_owned() };
    let kept = KeptIdentity { identity, user_id: inside.alice, label: None, made_user: false, since: inside.context.now() };
    assert!(inside.context.store.add_identity(&kept).await.unwrap());
    inside.forget("session");
    (server, phone)
}

/// Goes to the provider for an authorization request with `wishes`, in an empty browser, and comes back with an ID token that has `said`.
async fn come_back<'s>(server: &'s Server, idp: &Idp, wishes: &[(&str, Option<&str>)], said: &Value) -> (Person<'s>, Reply) {
    let mut person = Person::new(server);
    let query = authorization_query("app", wishes);
    let sent = location(&person.open(&format!("/login/upstream?{}", encode(&[("connection", "idp"), ("request", &query)]))).await);
    idp.vouch(&idp.claims(&sent, server.inside().clock.time().0, said));
    let reply = person.open(&Idp::back(&sent, &[])).await;
    (person, reply)
}

/// Sends a code to the page that asks for it.
async fn send(person: &mut Person<'_>, page: &Reply, code: &str) -> Reply {
    let form = Form::find(&page.body, "factor").unwrap_or_else(|| panic!("nothing is asked: {page:?}"));
    person.submit(&form.fill("code", code), "confirm").await
}

fn is_asked(reply: &Reply) -> bool {
    let asked = Form::find(&reply.body, "factor").is_some();
    assert_eq!(reply.status, if asked { 200 } else { 303 }, "{reply:?}");
    asked
}

/// OpenID Connect Core section 2, RFC 8176 section 2
#[tokio::test]
async fn an_account_with_a_second_factor_is_asked_for_it_after_a_login_at_a_provider() {
    let idp = Idp::start().await;
    for (trusted, amr) in [(false, json!(["otp", "mfa"])), (true, json!(["hwk", "otp", "mfa"]))] {
        let (server, phone) = alice_with_phone(&idp, &json!({"trust_authentication": trusted})).await;
        let at = server.inside().clock.time().0;
        let (mut person, page) = come_back(&server, &idp, &[], &json!({"auth_time": at - 50})).await;
        assert!(is_asked(&page) && page.body.contains("You have signed in elsewhere."), "{page:?}");
        assert!(!server.inside().stored().contains_key("session"), "nobody is logged in");
        assert!(!person.cookies.contains_key("grantlet-session") && !person.cookies.contains_key("grantlet-upstream"));

        let refused = send(&mut person, &page, "000000").await;
        assert!(refused.status == 403 && refused.body.contains("You have signed in elsewhere."), "{refused:?}");
        let done = send(&mut person, &refused, &phone.code(&server)).await;
        let token = id_token(&server, &mut person, &done).await;
        assert_eq!((&token["sub"], &token["acr"], &token["amr"]), (&json!(server.inside().alice.to_string()), &json!(TWO), &amr));
        assert_eq!(token["auth_time"], at - 50, "two factors are as old as the first");
    }
}

/// NIST SP 800-63B section 3.1.2: look-up secrets
#[tokio::test]
async fn a_recovery_code_stands_in_and_is_told_of() {
    let idp = Idp::start().await;
    let (server, phone) = alice_with_phone(&idp, &json!({})).await;
    for expected in [303, 403] {
        let (mut person, page) = come_back(&server, &idp, &[], &json!({})).await;
        assert_eq!(send(&mut person, &page, &phone.codes[0]).await.status, expected);
    }
    let inside = server.inside();
    let events = inside.context.store.list_events(inside.alice, inside.clock.time()).await.unwrap();
    assert_eq!(events[0].kind, EventKind::RecoveryCodeUsed);
}

/// The page is for the browser that came from the provider, for what it came for, for five minutes
#[tokio::test]
async fn what_waits_for_the_second_factor_is_bound_to_browser_and_errand() {
    let idp = Idp::start().await;
    let (server, phone) = alice_with_phone(&idp, &json!({})).await;
    let (mut person, page) = come_back(&server, &idp, &[], &json!({})).await;
    let right = Form::find(&page.body, "factor").unwrap().fill("code", &phone.codes[0]);
    let another = authorization_query("app", &[("state", Some("another"))]);
    let mut thief = come_back(&server, &idp, &[], &json!({})).await.0;
    for (refused, why) in [
        (thief.submit(&right, "confirm").await, "another browser"),
        (Person::new(&server).submit(&right, "confirm").await, "an empty browser"),
        (person.submit(&right.clone().fill("request", &another), "confirm").await, "another request"),
        (person.submit(&right.clone().fill("pending", &right.field("pending")[1..]), "confirm").await, "something else sealed"),
    ] {
        assert_eq!(refused.status, 403, "{why}");
        assert!(refused.body.contains("id=\"login\""), "{why}");
    }
    server.inside().clock.advance(300);
    assert!(person.submit(&right, "confirm").await.body.contains("id=\"login\""), "too late");
    server.inside().clock.advance(-1);
    assert_eq!(person.submit(&right, "confirm").await.status, 303);
}

/// A provider that is trusted with it: its `acr` and `amr` are held against it, and a client that wants two factors gets them
#[tokio::test]
async fn a_provider_may_be_trusted_with_the_second_factor() {
    let idp = Idp::start().await;
    let (server, _) = alice_with_phone(&idp, &json!({"second_factor": "provider"})).await;
    for (said, wanted, expected) in [
        (json!({"acr": null, "amr": null}), None, false),
        (json!({"acr": null, "amr": ["pwd", "otp", "mfa"]}), None, false),
        (json!({"acr": null, "amr": ["pwd"]}), None, true),
        (json!({"acr": "0", "amr": null}), None, true),
        (json!({"acr": "phr", "amr": ["pop"]}), None, false),
        (json!({"acr": null, "amr": ["mfa"]}), Some(TWO), true),
        (json!({"acr": "urn:idp:acr:gold", "amr": ["mfa"]}), Some("urn:idp:acr:gold"), false),
    ] {
        let (mut person, reply) = come_back(&server, &idp, &[("acr_values", wanted)], &said).await;
        assert_eq!(is_asked(&reply), expected, "{said} {wanted:?}");
        if !expected {
            // Nobody said that the provider is believed about levels.
            let token = id_token(&server, &mut person, &reply).await;
            assert_eq!((token.get("acr"), token.get("amr")), (None, None), "{said}");
        }
    }
    let (server, phone) = alice_with_phone(&idp, &json!({"second_factor": "provider", "trust_authentication": true})).await;
    let (mut person, reply) = come_back(&server, &idp, &[], &json!({"acr": "urn:idp:acr:gold", "amr": ["hwk", "mfa"]})).await;
    let token = id_token(&server, &mut person, &reply).await;
    assert_eq!((&token["acr"], &token["amr"]), (&json!("urn:idp:acr:gold"), &json!(["hwk", "mfa"])));
    // A level of the provider's that a client asks for by name stays where a code of ours stands beside it.
    let wishes = [("acr_values", Some("urn:idp:acr:gold")), ("prompt", Some("login"))];
    let (mut person, page) = come_back(&server, &idp, &wishes, &json!({"acr": "urn:idp:acr:gold", "amr": ["hwk"]})).await;
    let done = send(&mut person, &page, &phone.code(&server)).await;
    let token = id_token(&server, &mut person, &done).await;
    assert_eq!((&token["acr"], &token["amr"]), (&json!("urn:idp:acr:gold"), &json!(["hwk", "otp", "mfa"])));
}

/// Whoever logs in for their account pages is asked as well
#[tokio::test]
async fn a_login_for_an_account_page_is_no_way_round() {
    let idp = Idp::start().await;
    let (server, phone) = alice_with_phone(&idp, &json!({})).await;
    let mut person = Person::new(&server);
    let path = encode(&[("connection", "idp"), ("account", "/account/passkeys?login=new")]);
    let sent = location(&person.open(&format!("/login/upstream?{path}")).await);
    idp.vouch(&idp.claims(&sent, server.inside().clock.time().0, &json!({})));
    let page = person.open(&Idp::back(&sent, &[])).await;
    assert!(is_asked(&page));
    assert!(Form::find(&person.open("/account/passkeys").await.body, "login").is_some());
    let done = send(&mut person, &page, &phone.code(&server)).await;
    assert_eq!(location(&done), "/account/passkeys?login=new");
    assert_eq!(person.open(&location(&done)).await.status, 200);

    // Without a second factor nobody is asked.
    server.inside().context.store.remove_factors(server.inside().alice).await.unwrap();
    let (_, reply) = come_back(&server, &idp, &[], &json!({})).await;
    assert!(!is_asked(&reply));
}
