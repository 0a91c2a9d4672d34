//! A second Grantlet as the provider: two real servers, nothing between them but HTTP.

use serde_json::json;

use super::{HOME, ask, assert_told, at_home, id_token, leave, location, people, userinfo};
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, CLIENT_SECRET, parameter};
use crate::support::person::Person;
use crate::support::served::Served;
use crate::support::server::Server;

/// The provider, where we are the client `grantlet`, and us, with one way to log in.
pub(super) async fn pair(auth_method: &str, changes: serde_json::Value) -> (Served, Server) {
    let upstream = Served::start(json!({}), |_| ()).await;
    let callback = format!("{HOME}/login/callback");
    let metadata = json!({"redirect_uris": [callback], "token_endpoint_auth_method": auth_method, "client_name": "Home"});
    upstream.server.inside().register("grantlet", metadata).await;
    let mut connection = json!({
        "id": "other", "name": "The other Grantlet", "issuer": upstream.server.issuer(), "client_id": "grantlet", "trust_email": true,
    });
    connection.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let home = Server::local_with(json!({"connections": [connection]}), |config| at_home(config, false)).await;
    if auth_method != "none" {
        keep_secret(&home, "other", CLIENT_SECRET).await;
    }
    (upstream, home)
}

/// Keeps the secret of a connection, as `grantlet connection set-secret` does.
pub(super) async fn keep_secret(server: &Server, id: &str, secret: &str) {
    let inside = server.inside();
    let key = inside.vault.find_sealing_key(::grantlet::vault::SealingOwner::Authorize).await.unwrap().unwrap();
    let sealed = key.seal(&::grantlet::store::connection_key(id), secret.as_bytes());
    inside.context.store.replace_sealed_connection_secret(id, &sealed).await.unwrap();
}

/// Goes to the provider, logs in there as Alice, allows, and answers with the path on the way back.
async fn visit(upstream: &Served, sent: &str) -> String {
    let there = sent.strip_prefix(upstream.server.issuer()).unwrap_or_else(|| panic!("not at the provider: {sent}"));
    let back = Person::new(&upstream.server).authorize(there.strip_prefix("/authorize?").unwrap(), ALICE).await;
    back.strip_prefix(HOME).unwrap_or_else(|| panic!("not sent back: {back}")).to_owned()
}

/// The same by a form: logs in there, allows, and answers with the form that the browser would post.
pub(super) async fn visit_by_form(upstream: &Served, sent: &str) -> Form {
    let mut person = Person::new(&upstream.server);
    let consent = person.consent_page(sent.split_once('?').unwrap().1, ALICE).await;
    let page = person.submit(&Form::find(&consent, "consent").unwrap(), "allow").await;
    Form::find(&page.body, "response").unwrap_or_else(|| panic!("no form: {page:?}"))
}

/// OpenID Connect Core section 3.1, OAuth 2.1 sections 2.4 and 4.1: confidential clients, and public ones with PKCE alone
#[tokio::test]
async fn a_person_logs_in_at_another_grantlet_and_has_a_sub_of_ours() {
    for method in ["client_secret_basic", "none"] {
        let (upstream, home) = pair(method, json!({})).await;
        let mut person = Person::new(&home);
        let sent = leave(&mut person, &[]).await;
        assert_eq!(parameter(&sent, "code_challenge_method").as_deref(), Some("S256"));
        assert!(!sent.contains("state-1") && !sent.contains("app.example"), "the provider learns whom somebody logs in for: {sent}");
        assert!(home.inside().stored().keys().all(|kind| kind != "session"), "{:?}", home.inside().stored());
        let back = visit(&upstream, &sent).await;
        let done = person.open(&back).await;
        let token = id_token(&home, &mut person, &done).await;
        assert_eq!(token["iss"], HOME);
        assert_ne!(token["sub"].as_str().unwrap(), upstream.server.inside().alice.to_string());
        assert_ne!(token["sub"].as_str().unwrap(), home.inside().alice.to_string());
        assert!(token.get("acr").is_none() && token.get("amr").is_none(), "nobody said that the provider is believed: {token}");

        // The same person in another browser is the same person here.
        let mut other = Person::new(&home);
        let sent = leave(&mut other, &[]).await;
        let back = visit(&upstream, &sent).await;
        let done = other.open(&back).await;
        let info = userinfo(&home, &mut other, &done).await;
        assert_eq!(info["sub"], token["sub"]);
        assert_eq!(
            (info["name"].as_str(), info["email"].as_str(), info["email_verified"].as_bool()),
            (Some("Alice"), Some("alice@example.com"), Some(true))
        );
        assert_eq!(people(&home).await, 1);
    }
}

/// OpenID Connect Core section 2: `acr` and `amr` are the provider's word, and count where the operator says so
#[tokio::test]
async fn the_level_of_a_login_is_believed_where_the_operator_says_so() {
    let (upstream, home) = pair("none", json!({"trust_authentication": true})).await;
    let mut person = Person::new(&home);
    let essential = r#"{"id_token":{"acr":{"essential":true,"values":["urn:grantlet:acr:single-factor"]}}}"#;
    let sent = leave(&mut person, &[("claims", Some(essential))]).await;
    assert_eq!(parameter(&sent, "acr_values").as_deref(), Some("urn:grantlet:acr:single-factor"));
    let done = person.open(&visit(&upstream, &sent).await).await;
    let token = id_token(&home, &mut person, &done).await;
    assert_eq!((token["acr"].as_str(), &token["amr"]), (Some("urn:grantlet:acr:single-factor"), &json!(["pwd"])));

    // Where nobody is believed, nobody is sent there for a level that would not count.
    let (_upstream, home) = pair("none", json!({})).await;
    let told = location(&ask(&mut Person::new(&home), &[("claims", Some(essential)), ("prompt", Some("none"))]).await);
    assert_eq!(parameter(&told, "error").as_deref(), Some("login_required"));
}

/// OpenID Connect Core section 3.1.2.1: `prompt=login` is handed on, and the provider's `auth_time` proves that it was obeyed
#[tokio::test]
async fn somebody_who_must_log_in_again_logs_in_again_at_the_provider() {
    let (upstream, home) = pair("client_secret_basic", json!({})).await;
    let mut at_upstream = Person::new(&upstream.server);
    let mut person = Person::new(&home);
    let go = async |at_upstream: &mut Person<'_>, sent: &str| {
        let query = sent.split_once('?').unwrap().1;
        let back = at_upstream.authorize(query, ALICE).await;
        back.strip_prefix(HOME).unwrap().to_owned()
    };
    let sent = leave(&mut person, &[]).await;
    let back = go(&mut at_upstream, &sent).await;
    let done = person.open(&back).await;
    let first = id_token(&home, &mut person, &done).await;
    for server in [&*upstream.server, &home] {
        server.inside().clock.advance(100);
    }
    let sent = leave(&mut person, &[("prompt", Some("login"))]).await;
    assert_eq!((parameter(&sent, "prompt").as_deref(), parameter(&sent, "max_age").as_deref()), (Some("login"), Some("0")));
    let back = go(&mut at_upstream, &sent).await;
    let done = person.open(&back).await;
    let second = id_token(&home, &mut person, &done).await;
    assert_eq!(second["auth_time"].as_i64().unwrap() - first["auth_time"].as_i64().unwrap(), 100);
    assert_eq!((&first["sub"], &first["sid"]), (&second["sub"], &second["sid"]));
}

/// RFC 6749 section 4.1.2: the code is the provider's, and counts once there as well
#[tokio::test]
async fn a_way_back_that_was_used_leads_nowhere() {
    let (upstream, home) = pair("client_secret_basic", json!({})).await;
    let mut person = Person::new(&home);
    let sent = leave(&mut person, &[]).await;
    let mut copy = person.clone();
    let back = visit(&upstream, &sent).await;
    assert_eq!(person.open(&back).await.status, 303);
    // The browser has nothing left to go on with; a copy of it from before meets the provider's refusal.
    assert_eq!(person.open(&back).await.status, 400);
    assert_told(&copy.open(&back).await, 400, "did not work");
}

/// Nothing is lost when the provider can't be reached
#[tokio::test]
async fn a_provider_that_is_down_is_named_and_can_be_tried_again() {
    let (mut upstream, home) = pair("client_secret_basic", json!({})).await;
    let mut person = Person::new(&home);
    let sent = leave(&mut person, &[]).await;
    let back = visit(&upstream, &sent).await;
    upstream.stop().await;
    let down = person.open(&back).await;
    assert_told(&down, 503, "The other Grantlet can&#39;t be reached");
    assert_eq!(down.header("retry-after"), Some("10"));
    assert_eq!(people(&home).await, 0);

    // Nobody has been there before: its metadata can't be read.
    let (mut upstream, home) = pair("client_secret_basic", json!({})).await;
    upstream.stop().await;
    assert_told(&ask(&mut Person::new(&home), &[]).await, 503, "can&#39;t be reached");
}
