//! Levels of login that clients would like, or can't do without (OpenID Connect Core sections 3.1.2.1 and 5.5.1.1): who can reach one is asked to, and who
//! lacks what it takes is led to where it is set up, and back.

use serde_json::{Value, json};

use super::{alice_at_home, allow, ask, assert_code, assert_told, query, tokens};
use crate::passwords::Phone;
use crate::support::authenticator::Authenticator;
use crate::support::event::Event;
use crate::support::forms::{Form, unescape};
use crate::support::oauth::{ALICE, As, claims, encode, parameter, push};
use crate::support::passkeys::{give_passkey, log_in as log_in_by_passkey, post};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::totp::code_at;

const ONE: &str = "urn:grantlet:acr:single-factor";
const TWO: &str = "urn:grantlet:acr:multi-factor";
const PASSKEY: &str = "phr";

/// The `claims` parameter of a client that can't do without `level`.
fn essential(level: &str) -> String {
    json!({"id_token": {"acr": {"essential": true, "values": [level]}}}).to_string()
}

/// Opens a request of a client that can't do without `level`.
async fn demand(person: &mut Person<'_>, level: &str) -> Reply {
    ask(person, &[("claims", Some(&essential(level)))]).await
}

/// Sends Alice's name and password to the login page.
async fn send_password(person: &mut Person<'_>, page: &Reply) -> Reply {
    let form = Form::find(&page.body, "login").unwrap_or_else(|| panic!("no login page: {page:?}"));
    person.submit(&form.fill("username", ALICE.username).fill("password", ALICE.password), "sign-in").await
}

/// Follows a 303 within the server.
async fn follow(person: &mut Person<'_>, reply: &Reply) -> Reply {
    let path = reply.header("location").unwrap_or_else(|| panic!("{reply:?}")).to_owned();
    assert!(path.starts_with('/'), "{path}");
    person.open(&path).await
}

/// Goes on from a login to the code, allows where asked, and answers with what the ID token says.
async fn id_token(server: &Server, person: &mut Person<'_>, reply: Reply) -> Value {
    let mut reply = reply;
    for _ in 0..3 {
        match reply.header("location") {
            Some(path) if path.starts_with('/') => reply = follow(person, &reply).await,
            Some(landed) => return claims(tokens(server, landed).await["id_token"].as_str().unwrap()),
            None => reply = allow(person, &reply).await,
        }
    }
    claims(tokens(server, &assert_code(&reply)).await["id_token"].as_str().unwrap())
}

/// The address behind the link with the id `id`; none where there is no such link.
fn link(page: &Reply, id: &str) -> Option<String> {
    let rest = page.body.split(&format!("id=\"{id}\" href=\"")).nth(1)?;
    Some(unescape(rest.split('"').next().unwrap()))
}

/// Asserts that a page says what is missing, and offers these ways.
fn assert_stronger(page: &Reply, sign_in: bool, set_up: bool) {
    assert!(page.status == 200 && Form::find(&page.body, "stronger").is_some(), "{page:?}");
    assert_eq!(page.body.contains("id=\"sign-in-again\""), sign_in, "{page:?}");
    assert_eq!(link(page, "to-passkeys").is_some(), set_up, "{page:?}");
}

/// OpenID Connect Core section 3.1.2.1: `acr_values` are voluntary; who can reach one is asked for it, once
#[tokio::test]
async fn somebody_who_has_what_it_takes_is_asked_for_a_level_that_a_client_would_like() {
    let server = Server::local(json!({})).await;
    let mut person = alice_at_home(&server).await;
    let wish = |level| [("acr_values", Some(level)), ("nonce", Some(level))];
    // While there is no second factor, she goes on as she is.
    let reply = ask(&mut person, &wish(TWO)).await;
    let token = id_token(&server, &mut person, reply).await;
    assert_eq!((&token["acr"], &token["amr"]), (&json!(ONE), &json!(["pwd"])));

    let phone = Phone::set_up(&server).await;
    for foreign in ["gold", PASSKEY] {
        assert_code(&ask(&mut person, &wish(foreign)).await);
    }
    // With `prompt=none` nothing can be asked, and a wish is no demand.
    let silent = ask(&mut person, &[("acr_values", Some(TWO)), ("prompt", Some("none"))]).await;
    let token = id_token(&server, &mut person, silent).await;
    assert_eq!(token["acr"], ONE);

    let login = ask(&mut person, &wish(TWO)).await;
    assert!(login.body.contains("asks for a passkey, or for a second factor beside your password."), "{login:?}");
    let page = send_password(&mut person, &login).await;
    let code = Form::find(&page.body, "factor").unwrap().fill("code", &phone.code(&server));
    let done = person.submit(&code, "confirm").await;
    let token = id_token(&server, &mut person, done).await;
    assert_eq!((&token["acr"], &token["amr"]), (&json!(TWO), &json!(["pwd", "otp", "mfa"])));
    // Once it is reached, nobody is asked again.
    assert_code(&ask(&mut person, &[("acr_values", Some(TWO)), ("nonce", Some("another"))]).await);
}

/// A wish is asked for once: whoever has logged in for the request goes on, whatever they used
#[tokio::test]
async fn who_logs_in_at_a_lower_level_for_a_wish_goes_on_at_that() {
    let server = Server::local(json!({})).await;
    let mut authenticator = Authenticator::new();
    give_passkey(&server.inside().context, server.inside().alice, &mut authenticator, |_| ()).await;
    let mut person = alice_at_home(&server).await;
    let login = ask(&mut person, &[("acr_values", Some(PASSKEY))]).await;
    assert!(login.body.contains("asks you to sign in with a passkey."), "{login:?}");
    let done = send_password(&mut person, &login).await;
    assert_eq!(id_token(&server, &mut person, done).await["acr"], ONE);

    let login = ask(&mut person, &[("acr_values", Some(PASSKEY)), ("nonce", Some("another"))]).await;
    let done = log_in_by_passkey(&mut person, &server, &login, &authenticator, |_| ()).await;
    let token = id_token(&server, &mut person, done).await;
    assert_eq!((&token["acr"], &token["amr"]), (&json!(PASSKEY), &json!(["pop", "user", "mfa"])));
}

/// OpenID Connect Core section 5.5.1.1: who lacks the factor is offered to set it up, or goes back to the client, which is told
#[tokio::test]
async fn somebody_who_lacks_what_a_client_demands_is_told_what_to_do() {
    let server = Server::local(json!({})).await;
    for level in [TWO, PASSKEY] {
        let mut person = alice_at_home(&server).await;
        let page = demand(&mut person, level).await;
        assert_stronger(&page, false, true);
        assert_eq!(link(&page, "to-factors").is_some(), level == TWO);
        let told = person.submit(&Form::find(&page.body, "stronger").unwrap(), "leave").await;
        assert_told(&told, "unmet_authentication_requirements");
        // Whoever logs in for it sees the same.
        let mut other = Person::new(&server);
        let login = demand(&mut other, level).await;
        let done = send_password(&mut other, &login).await;
        assert_stronger(&follow(&mut other, &done).await, false, true);
        // Nothing is shown where nothing may be.
        let silent = ask(&mut person, &[("claims", Some(&essential(level))), ("prompt", Some("none"))]).await;
        assert_told(&silent, "unmet_authentication_requirements");
    }
    let without = Server::local(json!({"passkeys": {"enabled": false}})).await;
    let mut person = alice_at_home(&without).await;
    assert_told(&demand(&mut person, PASSKEY).await, "unmet_authentication_requirements");
    let page = demand(&mut person, TWO).await;
    assert!(link(&page, "to-passkeys").is_none() && link(&page, "to-factors").is_some(), "{page:?}");
}

/// RFC 6238; OpenID Connect Core section 5.5.1.1: a second factor is set up on the way, and the request goes on
#[tokio::test]
async fn a_second_factor_is_set_up_on_the_way_and_the_request_goes_on() {
    let server = Server::local(json!({})).await;
    let mut person = alice_at_home(&server).await;
    let page = demand(&mut person, TWO).await;
    let old = person.clone();
    let page = person.open(&link(&page, "to-factors").unwrap()).await;
    assert!(page.body.contains("asks for a stronger sign-in") && page.body.contains("The App"), "{page:?}");
    let way_back = link(&page, "go-on").unwrap();
    assert_eq!(way_back, format!("/authorize?{}", query(&[("claims", Some(&essential(TWO)))])));
    let enrol = person.submit(&Form::find(&page.body, "factors").unwrap(), "begin").await;
    let key = enrol.body.split("<code id=\"key\">").nth(1).unwrap().split("</code>").next().unwrap().to_owned();
    let form = Form::find(&enrol.body, "enrol").unwrap();
    assert_eq!(person.submit(&form.clone().fill("code", "000000"), "confirm").await.status, 403);
    let codes = person.submit(&form.fill("code", &code_at(&key, server.inside().clock.time().0)), "confirm").await;
    assert_eq!(link(&codes, "kept").as_deref(), Some(way_back.as_str()), "{codes:?}");
    let token = {
        let reply = person.open(&way_back).await;
        id_token(&server, &mut person, reply).await
    };
    assert_eq!((&token["acr"], &token["amr"]), (&json!(TWO), &json!(["pwd", "otp", "mfa"])));
    assert_eq!(token["auth_time"], server.inside().clock.time().0);

    // As at each login, the cookie of before is worth nothing, and the login elsewhere takes both.
    let mut old = old;
    assert!(Form::find(&old.open("/account").await.body, "login").is_some());
    let login = demand(&mut old, TWO).await;
    assert!(Form::find(&send_password(&mut old, &login).await.body, "factor").is_some());
}

/// WebAuthn Level 3 section 7.1; a pushed request (RFC 9126) waits like any other
#[tokio::test]
async fn a_passkey_is_made_on_the_way_and_a_pushed_request_goes_on() {
    let server = Server::local(json!({})).await;
    let mut person = alice_at_home(&server).await;
    let pushed = push(&server, As::Basic("app"), &[("claims", Some(&essential(PASSKEY)))]).await;
    let page = person.open(&format!("/authorize?{pushed}")).await;
    let page = person.open(&link(&page, "to-passkeys").unwrap()).await;
    let form = Form::find(&page.body, "add-passkey").unwrap_or_else(|| panic!("{page:?}"));
    let challenge = post(&mut person, &server, "/account/passkeys/options", &form.press("add")).await.json();
    let mut authenticator = Authenticator::new();
    let said = authenticator.about_to_create(&challenge["publicKey"], server.issuer());
    let answer = authenticator.create(&said).to_string();
    let form = form.fill("challenge", challenge["challenge"].as_str().unwrap()).fill("credential", &answer);
    let added = person.submit(&form, "add").await;
    let page = follow(&mut person, &added).await;
    assert!(page.body.contains("id=\"notice\""), "{page:?}");
    let reply = person.open(&link(&page, "go-on").unwrap()).await;
    let token = id_token(&server, &mut person, reply).await;
    assert_eq!((&token["acr"], &token["amr"]), (&json!(PASSKEY), &json!(["pop", "user", "mfa"])));
}

/// What protects an account is set up after a login of the last ten minutes, and the request waits for that as well
#[tokio::test]
async fn an_older_login_is_renewed_before_anything_is_set_up() {
    let server = Server::local(json!({})).await;
    let mut person = alice_at_home(&server).await;
    server.inside().clock.advance(601);
    let page = demand(&mut person, TWO).await;
    let login = person.open(&link(&page, "to-factors").unwrap()).await;
    let done = send_password(&mut person, &login).await;
    let way = done.header("location").unwrap().to_owned();
    assert!(way.starts_with("/account/factors?login=new&request="), "{way}");
    let page = follow(&mut person, &done).await;
    assert!(link(&page, "go-on").is_some(), "{page:?}");
    // It grows old while the page is open: the form leads to the login, and from there back.
    server.inside().clock.advance(601);
    let login = person.submit(&Form::find(&page.body, "factors").unwrap(), "begin").await;
    let done = send_password(&mut person, &login).await;
    assert_eq!(done.header("location"), Some(way.as_str()));
}

/// Who has a passkey and used the password is asked to use it; nobody goes round in circles
#[tokio::test]
async fn somebody_who_has_it_and_did_not_use_it_may_log_in_once_more() {
    let server = Server::local(json!({})).await;
    let mut authenticator = Authenticator::new();
    give_passkey(&server.inside().context, server.inside().alice, &mut authenticator, |_| ()).await;
    let mut person = Person::new(&server);
    let login = demand(&mut person, PASSKEY).await;
    let done = send_password(&mut person, &login).await;
    let page = follow(&mut person, &done).await;
    assert_stronger(&page, true, false);
    let login = person.submit(&Form::find(&page.body, "stronger").unwrap(), "sign-in-again").await;
    let done = log_in_by_passkey(&mut person, &server, &login, &authenticator, |_| ()).await;
    assert_eq!(id_token(&server, &mut person, done).await["acr"], PASSKEY);
}

/// RFC 9700 section 4.11: the way back is a request that was checked, and no address
#[tokio::test]
async fn the_way_back_is_no_open_redirect() {
    let server = Server::local(json!({})).await;
    let mut person = alice_at_home(&server).await;
    for evil in [
        "https://evil.example".to_owned(),
        "//evil.example".to_owned(),
        query(&[("client_id", Some("nobody"))]),
        query(&[("redirect_uri", Some("https://evil.example/"))]),
        format!("{}&claims=%7B", query(&[])),
        "x".repeat(4_097),
    ] {
        let page = person.open(&format!("/account/factors?{}", encode(&[("request", &evil)]))).await;
        assert_eq!(page.status, 200, "{page:?}");
        assert!(link(&page, "go-on").is_none() && !page.body.contains("evil.example"), "{evil}: {page:?}");
    }
    // Nor is there another spelling of the way from a login to such a page, or a way to another page.
    let asked = encode(&[("request", &query(&[]))]);
    for (path, status) in [
        (format!("/account/factors?{asked}"), 200),
        (format!("/account/passkeys?login=new&{asked}"), 200),
        (format!("/account/passkeys?{asked}&login=new"), 400),
        (format!("/account/data?{asked}"), 400),
        (format!("/account/factors?{asked}&x=y"), 400),
        ("/account/factors?login=old".to_owned(), 400),
        ("/account/factors?".to_owned(), 400),
        ("//evil.example/account/factors".to_owned(), 400),
    ] {
        let mut nobody = Person::new(&server);
        let login = nobody.open("/account").await;
        let form = Form::find(&login.body, "login").unwrap().fill("account", &path).fill("username", "alice").fill("password", "wrong");
        // The form's token is for another errand: one that can be read shows the login page anew, and one that can't is refused.
        let expected = if status == 200 { 403 } else { 400 };
        assert_eq!(nobody.submit(&form, "sign-in").await.status, expected, "{path}");
    }
}

/// OWASP Cross-Site Request Forgery Prevention
#[tokio::test]
async fn the_answer_comes_from_the_page_in_its_browser_and_login() {
    let server = Server::local(json!({})).await;
    let mut person = alice_at_home(&server).await;
    let page = demand(&mut person, TWO).await;
    let form = Form::find(&page.body, "stronger").unwrap();
    let body = form.press("leave");
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        assert_eq!(person.send(Event::post_form("/login/stronger", &body).header(name, value)).await.status, 403, "{name}");
    }
    assert_eq!(person.submit(&form.clone().fill("form_token", "x"), "leave").await.status, 403);
    let mut other = alice_at_home(&server).await;
    assert_eq!(other.submit(&form, "leave").await.status, 403, "another login");
    // Nobody is logged in, or it is reached: back to the request.
    let mut nobody = Person::new(&server);
    assert_eq!(nobody.submit(&form, "leave").await.header("location").unwrap().split('?').next(), Some("/authorize"));
    assert_eq!(person.open("/login/stronger").await.status, 405);
    assert_eq!(parameter(person.submit(&form, "leave").await.header("location").unwrap(), "code"), None);
}
