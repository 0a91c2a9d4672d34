//! The login page with connections: which ways it shows, when it is skipped, and what it says when a login elsewhere came to nothing.

use serde_json::json;

use super::{ask, assert_told, home, home_of, leave};
use crate::support::forms::Form;
use crate::support::idp::Idp;
use crate::support::oauth::{ALICE, parameter};
use crate::support::person::Person;
use crate::support::server::Server;

/// One way leads there at once, several are shown
#[tokio::test]
async fn each_way_to_log_in_has_its_place_on_the_page() {
    let idp = Idp::start().await;
    let one = json!([idp.connection(&json!({"name": "A & <b>"}))]);
    let two = json!([idp.connection(&json!({})), idp.connection(&json!({"id": "idp-2", "name": "Second"}))]);
    for (connections, password, has_form, buttons) in
        [(json!([]), true, true, 0), (one.clone(), true, true, 1), (two.clone(), true, true, 2), (two, false, false, 2)]
    {
        let server = home(connections, password).await;
        let page = ask(&mut Person::new(&server), &[]).await;
        assert_eq!(page.status, 200, "{page:?}");
        assert_eq!(Form::find(&page.body, "login").is_some(), has_form);
        assert_eq!(page.body.matches("href=\"/login/upstream?connection=").count(), buttons, "{page:?}");
        assert!(!page.body.contains("<b>"), "{page:?}");
    }
    let server = home(one, false).await;
    assert!(leave(&mut Person::new(&server), &[]).await.starts_with(&idp.issuer()));
    // With nothing at all there is nothing to show.
    let server = home(json!([]), false).await;
    assert_eq!(ask(&mut Person::new(&server), &[]).await.status, 400);
}

/// Beside the site's own login, as well
#[tokio::test]
async fn the_site_s_login_and_a_provider_stand_side_by_side() {
    let idp = Idp::start().await;
    let site = json!({"url": "https://site.example/login", "issuer": "https://site.example"});
    let settings = json!({"connections": [idp.connection(&json!({}))], "site_login": site});
    let server = Server::local_with(settings, |config| super::at_home(config, false));
    let page = ask(&mut Person::new(&server.await), &[]).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("id=\"site-login\"") && page.body.contains("id=\"with-idp\""), "{page:?}");
    assert!(Form::find(&page.body, "login").is_none());
}

/// OAuth 2.1 section 4.1.2.1: what a provider answers instead of a code
#[tokio::test]
async fn somebody_who_is_turned_away_is_back_at_the_login_page() {
    let idp = Idp::start().await;
    let server = home(json!([idp.connection(&json!({}))]), true).await;
    for (error, status, sentence) in [
        ("access_denied", 200, "did not sign you in, or you cancelled there"),
        ("server_error", 503, "can&#39;t be reached"),
        ("temporarily_unavailable", 503, "can&#39;t be reached"),
        ("login_required", 400, "did not work"),
        ("invalid_scope", 400, "did not work"),
        ("anything-else", 400, "did not work"),
    ] {
        let mut person = Person::new(&server);
        let page = ask(&mut person, &[]).await;
        let link = page.body.split("id=\"with-idp\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let sent = super::location(&person.open(&crate::support::forms::unescape(&link)).await);
        let reply = person.open(&Idp::back(&sent, &[("code", None), ("error", Some(error))])).await;
        assert_told(&reply, status, sentence);
        // The other way is still open.
        let form = Form::find(&reply.body, "login").unwrap().fill("username", ALICE.username).fill("password", ALICE.password);
        assert_eq!(person.submit(&form, "sign-in").await.status, 303);
    }
    // The only way there is: the page is shown all the same, or people would go round in circles.
    let server = home_of(&idp, &json!({})).await;
    let mut person = Person::new(&server);
    let sent = leave(&mut person, &[]).await;
    let reply = person.open(&Idp::back(&sent, &[("code", None), ("error", Some("access_denied"))])).await;
    assert_told(&reply, 200, "did not sign you in");
    assert!(reply.body.contains("id=\"with-idp\""));
}

/// The error of the provider that means a level can't be reached is the client's to know
#[tokio::test]
async fn a_level_that_the_provider_can_not_reach_is_told_to_the_client() {
    let idp = Idp::start().await;
    let server = home_of(&idp, &json!({"trust_authentication": true})).await;
    let mut person = Person::new(&server);
    let sent = leave(&mut person, &[("acr_values", Some("gold silver"))]).await;
    assert_eq!(parameter(&sent, "acr_values").as_deref(), Some("gold silver"));
    let reply = person.open(&Idp::back(&sent, &[("code", None), ("error", Some("unmet_authentication_requirements"))])).await;
    let told = reply.header("location").unwrap();
    assert_eq!(parameter(told, "error").as_deref(), Some("unmet_authentication_requirements"));
}
