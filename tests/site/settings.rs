//! How the settings and the environment connect the site.

use grantlet::model::settings::{Settings, SiteLogin};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{SESSION, SITE, connect, finish, log_in, send_to_site, sign, site_login, start};
use crate::support::forms::{Form, unescape};
use crate::support::oauth::{ALICE, authorization_query, claims, parameter, token};
use crate::support::person::Person;
use crate::support::program::{Dev, argument, run};
use crate::support::server::Server;
use crate::support::signer::Signer;
use crate::support::web::{Document, Web};

/// The operator connects the site in `grantlet.toml`
#[tokio::test]
async fn people_go_straight_to_the_site_that_the_settings_name() {
    let server = start(json!({})).await;
    let mut person = Person::new(&server);
    let query = authorization_query("app", &[("login_hint", Some("ada")), ("acr_values", Some("gold silver"))]);
    let visit = send_to_site(&mut person, &query).await;
    assert!(visit.url.starts_with("https://site.example/login?challenge="), "{}", visit.url);
    assert_eq!(parameter(&visit.url, "acr_values").as_deref(), Some("gold silver"));
    let back = finish(&mut person, &sign(&server, &visit, &json!({"acr": "gold"})), &visit).await;
    assert_eq!(back.header("location"), Some(visit.state.as_str()));
    assert!(person.cookies.contains_key(SESSION));
}

/// Both ways side by side, if the operator wants that
#[tokio::test]
async fn accounts_kept_here_may_log_in_beside_the_site_where_the_settings_say_so() {
    let server = start(json!({"password_login": true, "name": "Example & <Sons>"})).await;
    let mut person = Person::new(&server);
    let query = authorization_query("app", &[]);
    let page = person.open(&format!("/authorize?{query}")).await;
    assert!(Form::find(&page.body, "login").is_some(), "{page:?}");
    assert!(unescape(&page.body).contains("Example & <Sons>") && !page.body.contains("<Sons>"));
    assert!(parameter(&person.authorize(&query, ALICE).await, "code").is_some());

    let alone = start(json!({})).await;
    let form = crate::support::oauth::encode(&[("request", &query), ("username", ALICE.username), ("password", ALICE.password)]);
    let refused = alone.send(&crate::support::event::Event::post_form("/login/password", &form)).await;
    assert_eq!(refused.status, 400, "nobody logs in with a password where that is off");
}

/// `[site_login]` counts whole, and beside it nothing of the environment
#[tokio::test]
async fn the_settings_win_over_the_environment() {
    let other = SiteLogin::new("https://old.example/login".parse().unwrap(), "https://old.example");
    let server = Server::local_with(json!({"site_login": site_login(json!({}))}), |config| {
        config.site_login = Some(other.clone());
        config.password_login = true;
    })
    .await;
    connect(&server).await;
    let visit = send_to_site(&mut Person::new(&server), &authorization_query("app", &[])).await;
    assert!(visit.url.starts_with("https://site.example/login?"), "{}", visit.url);
    let mut person = Person::new(&server);
    let visit = send_to_site(&mut person, &authorization_query("app", &[])).await;
    assert_eq!(finish(&mut person, &sign(&server, &visit, &json!({"iss": "https://old.example"})), &visit).await.status, 400);

    // Without the section the environment counts.
    let server = Server::local_with(json!({}), |config| {
        config.site_login = Some(other);
        config.password_login = false;
    })
    .await;
    let visit = send_to_site(&mut Person::new(&server), &authorization_query("app", &[])).await;
    assert!(visit.url.starts_with("https://old.example/login?"), "{}", visit.url);
}

/// RFC 7517 section 5: public keys instead of a secret, and new ones where the operator names another place
#[tokio::test]
async fn the_site_s_public_keys_are_read_where_the_settings_say() {
    let (web, server) = (Web::start().await, start(json!({})).await);
    let (one, two) = (Signer::new("one", SITE, 0), Signer::new("two", SITE, 0));
    web.put("/one.json", Document::json(&one.jwks()));
    web.put("/two.json", Document::json(&two.jwks()));
    for (place, signer, other) in [("/one.json", &one, &two), ("/two.json", &two, &one)] {
        let settings: Settings = serde_json::from_value(json!({"site_login": site_login(json!({"jwks_uri": web.url(place)}))})).unwrap();
        settings.check().unwrap();
        server.inside().context.store.replace_settings(&settings).await.unwrap();
        server.inside().clock.advance(601);
        for alg in [
            grantlet::model::client::SigningAlg::RS256,
            grantlet::model::client::SigningAlg::ES256,
            grantlet::model::client::SigningAlg::EdDSA,
        ] {
            let mut person = Person::new(&server);
            let visit = send_to_site(&mut person, &authorization_query("app", &[])).await;
            let claims = super::login_claims(&server, &visit, &json!({}));
            let foreign = finish(&mut person, &other.sign(alg, "grantlet-login+jwt", &claims), &visit).await;
            assert_eq!(foreign.status, 400, "{alg:?} at {place}");
            assert_eq!(finish(&mut person, &sign(&server, &visit, &json!({})), &visit).await.status, 400, "a secret counts no more");
            let good = finish(&mut person, &signer.sign(alg, "grantlet-login+jwt", &claims), &visit).await;
            assert_eq!(good.status, 303, "{alg:?} at {place}: {good:?}");
        }
    }
}

/// Taken out of the settings, the site's login is gone
#[tokio::test]
async fn a_site_that_is_no_longer_connected_logs_nobody_in() {
    let server = start(json!({})).await;
    let mut person = Person::new(&server);
    let visit = send_to_site(&mut person, &authorization_query("app", &[])).await;
    let token = sign(&server, &visit, &json!({}));
    server.inside().context.store.replace_settings(&Settings::default()).await.unwrap();
    server.inside().clock.advance(601);
    assert_eq!(finish(&mut person, &token, &visit).await.status, 400);
    assert!(!person.cookies.contains_key(SESSION));
}

/// Somebody who logs in at the site is the same person whichever way the site was connected
#[tokio::test]
async fn a_person_of_the_site_has_the_site_s_name_as_their_subject() {
    let server = start(json!({})).await;
    let query = authorization_query("app", &[]);
    let tokens = log_in(&server, &mut Person::new(&server), &query, &json!({"sub": "ada@site.example"})).await;
    assert_eq!(claims(&token(&tokens, "id_token"))["sub"], "ada@site.example");
}

/// Errors name the line, or the field
#[test]
fn a_file_with_a_faulty_site_login_is_refused() {
    let folder = TempDir::new().unwrap();
    let (file, data) = (folder.path().join("grantlet.toml"), folder.path().join("data"));
    assert!(Dev::serve(&["--data", argument(&data)]).stop().success());
    let settings = |arguments: &[&str]| run(&[&["settings", "--data", argument(&data)], arguments].concat());
    for (text, expected) in [
        ("[site_login]\nurl = \"https://site.example/login\"\n", &["missing field", "issuer", "line 1"][..]),
        ("[site_login]\nurl = \"http://site.example/login\"\nissuer = \"x\"\n", &["line 2", "https"]),
        ("[site_login]\nurl = \"https://site.example/login\"\nissuer = \"x\"\nsecret = \"y\"\n", &["line 4", "secret"]),
        ("[site_login]\nurl = \"https://site.example/login\"\nissuer = \"\"\n", &["site_login.issuer", "iss of your site"]),
        ("[site_login]\nurl = \"https://s.example\"\nissuer = \"x\"\nclaims = { role = \"admin\" }\n", &["site_login.claims", "admin"]),
    ] {
        std::fs::write(&file, text).unwrap();
        let ended = settings(&["check", argument(&file)]);
        assert_eq!(ended.code, Some(1), "{text}");
        assert!(expected.iter().all(|part| ended.stderr.contains(part)), "{}", ended.stderr);
    }
    let text = "[site_login]\nurl = \"https://site.example/login\"\nissuer = \"https://site.example\"\nlogout_uri = \"https://site.example/out\"\n\
                [site_login.claims]\n\"https://site.example/plan\" = \"profile\"\n";
    std::fs::write(&file, text).unwrap();
    assert_eq!(settings(&["apply", argument(&file)]).code, Some(0));
    let shown: Value = settings(&["show", "--json"]).json();
    assert_eq!(shown["site_login"]["claims"], json!({"https://site.example/plan": "profile"}));
    assert!(settings(&["show"]).stdout.contains("[site_login.claims]"));
}
