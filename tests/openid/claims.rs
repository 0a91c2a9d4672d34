//! The `claims` parameter (OpenID Connect Core section 5.5), and the claims of scopes (sections 5.1, 5.4).

use serde_json::{Value, json};

use super::{alice_at_home, allow, ask, assert_code, assert_told, log_in, query, tokens};
use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, As, claims, parameter, refresh, userinfo};
use crate::support::person::Person;
use crate::support::server::Server;

/// A server on which Alice has every claim.
async fn server() -> Server {
    let server = Server::local(json!({})).await;
    let known = json!({
        "name": "Alice", "email": "alice@example.com", "email_verified": true, "birthdate": "1990-02-03",
        "phone_number": "+49 30 1", "phone_number_verified": false,
        "address": {"street_address": "1 Road", "locality": "Berlin", "country": "DE"},
    });
    let local = server.inside();
    assert!(local.context.store.set_claims(local.alice, known.as_object().unwrap(), local.context.now()).await.unwrap());
    server
}

/// What userinfo answers to the access token of `tokens`.
async fn info(server: &Server, tokens: &Value) -> Value {
    let reply = userinfo(server, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

/// What leaves the server when Alice allows `scope` and `asked`.
async fn released(server: &Server, scope: &str, asked: &Value) -> (Value, Value) {
    let asked = asked.to_string();
    let landed = Person::new(server).authorize(&query(&[("scope", Some(scope)), ("claims", Some(&asked))]), ALICE).await;
    let tokens = tokens(server, &landed).await;
    (claims(tokens["id_token"].as_str().unwrap()), info(server, &tokens).await)
}

/// OpenID Connect Core section 5.5: each claim goes where it was asked for, whatever the scopes.
#[tokio::test]
async fn a_claim_is_returned_where_it_was_asked_for() {
    let server = server().await;
    let asked = json!({"id_token": {"email": {"essential": true}, "auth_time": {"essential": true}}, "userinfo": {"birthdate": null, "address": null}});
    let (id_token, info) = released(&server, "openid", &asked).await;
    assert_eq!((&id_token["email"], id_token.get("birthdate")), (&json!("alice@example.com"), None));
    assert!(id_token["auth_time"].is_i64());
    assert_eq!((info.get("email"), &info["birthdate"], &info["address"]["locality"]), (None, &json!("1990-02-03"), &json!("Berlin")));
    assert_eq!(info.as_object().unwrap().len(), 3, "sub and what was asked for: {info}");
}

/// OpenID Connect Core sections 5.1 and 5.4: scopes stand for their claims, with their types.
#[tokio::test]
async fn scopes_return_their_claims_with_their_types() {
    let server = server().await;
    let (id_token, info) = released(&server, "openid profile email phone address", &json!({})).await;
    assert_eq!(info["email_verified"], true);
    assert_eq!(info["phone_number_verified"], false);
    assert!(info["updated_at"].is_i64() && info["address"].is_object());
    assert_eq!(info["preferred_username"], "alice");
    assert!(
        ["name", "email", "address"].iter().all(|name| id_token.get(name).is_none()),
        "by the code flow they come from userinfo: {id_token}"
    );
}

/// OpenID Connect Core section 5.5.1: a claim of another value is not returned, and that is no error, essential or not.
#[tokio::test]
async fn a_claim_that_can_not_be_returned_as_asked_is_left_out() {
    let server = server().await;
    let asked = json!({"userinfo": {
        "birthdate": {"value": "2000-01-01", "essential": true}, "phone_number": {"values": ["+49 30 1", "x"]},
        "picture": {"essential": true}, "https://claims.example/role": {"essential": true}, "gender": null,
    }});
    let (_, info) = released(&server, "openid", &asked).await;
    let names: Vec<&String> = info.as_object().unwrap().keys().collect();
    assert_eq!(names, ["phone_number", "sub"]);
}

/// OpenID Connect Core section 5.5.2: `iss`, `aud` and the like can't be asked for, or overwritten by what is known of a person.
#[tokio::test]
async fn no_requested_claim_replaces_one_of_the_token() {
    let server = server().await;
    let local = server.inside();
    let nasty = json!({"sub": "somebody", "iss": "https://evil.example", "acr": "gold", "auth_time": 1, "name": "Alice", "sid": "x"});
    assert!(local.context.store.set_claims(local.alice, nasty.as_object().unwrap(), local.context.now()).await.unwrap());
    let all = json!({"sub": null, "iss": null, "acr": null, "auth_time": null, "sid": null, "name": null, "at_hash": null});
    let (id_token, info) = released(&server, "openid", &json!({"id_token": all, "userinfo": all})).await;
    assert_eq!(id_token["sub"], local.alice.to_string());
    assert_eq!(
        (&id_token["iss"], &id_token["acr"], &id_token["name"]),
        (&json!(server.issuer()), &json!("urn:grantlet:acr:single-factor"), &json!("Alice"))
    );
    assert_eq!(info, json!({"sub": local.alice.to_string(), "name": "Alice"}));
}

/// OpenID Connect Core sections 5.5 and 12.2: what was granted holds at each refresh, and changes with what is known.
#[tokio::test]
async fn granted_claims_hold_at_a_refresh() {
    let server = server().await;
    let asked = json!({"id_token": {"name": null}, "userinfo": {"birthdate": null}}).to_string();
    let landed = Person::new(&server).authorize(&query(&[("scope", Some("openid offline_access")), ("claims", Some(&asked))]), ALICE).await;
    let first = tokens(&server, &landed).await;
    let local = server.inside();
    let now = json!({"name": "Alice Liddell", "birthdate": "1852-05-04"});
    assert!(local.context.store.set_claims(local.alice, now.as_object().unwrap(), local.context.now()).await.unwrap());
    let second = refresh(&server, As::Basic("app"), first["refresh_token"].as_str().unwrap()).await.json();
    assert_eq!(claims(first["id_token"].as_str().unwrap())["name"], "Alice");
    assert_eq!(claims(second["id_token"].as_str().unwrap())["name"], "Alice Liddell");
    assert_eq!(info(&server, &second).await["birthdate"], "1852-05-04");
}

/// OpenID Connect Core section 3.1.2.4: claims beyond the scopes are shown, and a consent that was remembered must cover them.
#[tokio::test]
async fn claims_beyond_the_scopes_need_a_consent_of_their_own() {
    let server = server().await;
    let mut person = alice_at_home(&server).await;
    assert_code(&ask(&mut person, &[]).await);
    let covered = r#"{"userinfo":{"email":null},"id_token":{"acr":null,"sub":null,"name":null}}"#;
    assert_code(&ask(&mut person, &[("claims", Some(covered))]).await);
    assert_code(&ask(&mut person, &[("scope", Some("openid")), ("claims", Some(covered))]).await);

    let beyond = r#"{"userinfo":{"phone_number":null}}"#;
    let more = [("claims", Some(beyond))];
    assert_told(&ask(&mut person, &[("claims", Some(beyond)), ("prompt", Some("none"))]).await, "consent_required");
    let page = ask(&mut person, &more).await;
    assert!(page.body.contains("your phone number"), "{}", page.body);
    let form = Form::find(&page.body, "consent").unwrap();
    assert_told(&person.submit(&form, "deny").await, "access_denied");
    let page = ask(&mut person, &more).await;
    assert_code(&allow(&mut person, &page).await);
    assert_code(&ask(&mut person, &more).await);
    let page = ask(&mut person, &[("claims", Some(r#"{"id_token":{"address":null}}"#))]).await;
    assert!(Form::find(&page.body, "consent").is_some() && page.body.contains("your postal address"));
}

/// OpenID Connect Core section 5.5: JSON of another form is refused; without `openid` the parameter has no meaning.
#[tokio::test]
async fn a_claims_parameter_that_can_not_be_read_is_refused() {
    let server = server().await;
    let mut person = alice_at_home(&server).await;
    let deep = format!("{}{}", "[".repeat(300), "]".repeat(300));
    for bad in ["x", "[]", "{", r#"{"userinfo":1}"#, r#"{"id_token":{"name":"Alice"}}"#, &deep] {
        assert_told(&ask(&mut person, &[("claims", Some(bad))]).await, "invalid_request");
    }
    let landed = assert_code(&ask(&mut person, &[("scope", Some("email")), ("claims", Some(r#"{"userinfo":{"address":null}}"#))]).await);
    assert!(tokens(&server, &landed).await.get("id_token").is_none());
}

/// OAuth 2.1 section 7.12: no text of a claims request or of a hint becomes markup.
#[tokio::test]
async fn nothing_in_claims_or_hints_becomes_markup() {
    let server = server().await;
    let script = "\"><script>alert(1)</script>";
    let asked = json!({"userinfo": {script: null, "birthdate": {"value": script}}}).to_string();
    let changes = [
        ("claims", Some(asked.as_str())),
        ("login_hint", Some(script)),
        ("ui_locales", Some(script)),
        ("acr_values", Some(script)),
        ("display", Some(script)),
        ("prompt", Some("consent")),
    ];
    let mut person = Person::new(&server);
    let login = ask(&mut person, &changes).await;
    let consent = log_in(&mut person, &login, ALICE).await;
    for page in [&login, &consent] {
        assert_eq!(page.status, 200);
        assert!(!page.body.contains("<script>alert"), "{}", page.body);
    }
    assert_code(&allow(&mut person, &consent).await);
}

/// OpenID Connect Core section 3.1.2.1: `POST /authorize` is as good as GET, claims included; what is too long for a URL is a page.
#[tokio::test]
async fn a_posted_request_goes_on_by_get_and_one_that_is_too_long_is_a_page() {
    let server = server().await;
    let mut person = alice_at_home(&server).await;
    let form = query(&[("claims", Some(r#"{"id_token":{"name":null}}"#)), ("prompt", Some("none"))]);
    // From another site, so without cookies.
    let posted = server
        .send(&Event::post_form("/authorize", &form).header("origin", "https://app.example").header("sec-fetch-site", "cross-site"))
        .await;
    assert_eq!(posted.status, 303);
    let landed = assert_code(&person.open(posted.header("location").unwrap()).await);
    assert_eq!(claims(tokens(&server, &landed).await["id_token"].as_str().unwrap())["name"], "Alice");
    let long = format!("{form}&x={}", "y".repeat(5_000));
    let page = server.send(&Event::post_form("/authorize", &long)).await;
    assert_eq!((page.status, page.header("location")), (400, None));
    assert!(page.body.contains("invalid_request"));
    assert!(parameter(&landed, "error").is_none());
}
