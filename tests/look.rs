//! In which language people are asked, and in which look.

use serde_json::json;

use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, As, authorization_query, encode, push};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

const LANGUAGES: [&str; 7] = ["en", "de", "fr", "es", "pt", "zh", "ja"];

async fn server() -> Server {
    Server::local(json!({})).await
}

/// Asserts that a page is in a language, and says `words`.
fn assert_language(reply: &Reply, language: &str, words: &str) {
    assert!(reply.body.contains(&format!("<html lang=\"{language}\" dir=\"ltr\">")), "{}", reply.body);
    assert!(reply.body.contains(words), "{words}: {}", reply.body);
}

fn authorize(changes: &[(&str, Option<&str>)]) -> Event {
    Event::get(&format!("/authorize?{}", authorization_query("app", changes)))
}

/// OpenID Connect Core section 3.1.2.1: `ui_locales` goes before what the browser says, and a language that is not spoken here is no error
#[tokio::test]
async fn the_login_page_is_in_the_language_that_was_asked_for() {
    let server = server().await;
    for (ui_locales, accepted, language, words) in [
        (Some("de-AT de"), "fr", "de", "Anmelden"),
        (Some("tlh fr-CA"), "de", "fr", "Se connecter"),
        (Some("tlh"), "es-MX,en;q=0.8", "es", "Contraseña"),
        (None, "pt-BR, en;q=0.5", "pt", "Palavra-passe"),
        (None, "zh-CN", "zh", "密码"),
        (None, "ja", "ja", "パスワード"),
        (None, "tlh", "en", "Password"),
    ] {
        let reply = server.send(&authorize(&[("ui_locales", ui_locales)]).header("accept-language", accepted)).await;
        assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")));
        assert_language(&reply, language, words);
    }
    assert_language(&server.send(&authorize(&[])).await, "en", "Password");
}

/// OpenID Connect Discovery section 3: the languages are advertised
#[tokio::test]
async fn the_languages_are_advertised() {
    let metadata = server().await.send(&Event::get("/.well-known/openid-configuration")).await.json();
    assert_eq!(metadata["ui_locales_supported"], json!(LANGUAGES));
}

/// OpenID Connect Core section 3.1.2.1: the language of a request is that of all its pages, whichever way it came
#[tokio::test]
async fn a_request_keeps_its_language_from_page_to_page() {
    let server = server().await;
    let pushed = push(&server, As::Basic("app"), &[("ui_locales", Some("ja")), ("prompt", Some("select_account consent"))]).await;
    let plain = authorization_query("app", &[("ui_locales", Some("ja")), ("prompt", Some("select_account consent"))]);
    for query in [pushed, plain] {
        let mut person = Person::new(&server);
        let page = person.open(&format!("/authorize?{query}")).await;
        assert_language(&page, "ja", "サインイン");
        let form = Form::find(&page.body, "login").unwrap().fill("username", ALICE.username);
        let page = person.submit(&form.clone().fill("password", "wrong"), "sign-in").await;
        assert_language(&page, "ja", "パスワードが正しくありません");
        let done = person.submit(&form.clone().fill("password", ALICE.password), "sign-in").await;
        let page = person.open(done.header("location").unwrap()).await;
        assert_language(&page, "ja", "許可する");
        let other = form.fill("form_token", "another").fill("password", ALICE.password);
        assert_language(&person.submit(&other, "sign-in").await, "ja", "もう一度サインイン");
    }
}

/// What went wrong is said in the person's language, too, whether or not the request could be read
#[tokio::test]
async fn error_pages_are_in_the_language_of_the_person() {
    let server = server().await;
    for (event, words) in [
        (authorize(&[("ui_locales", Some("fr")), ("redirect_uri", Some("https://evil.example/"))]), "envoyé ailleurs"),
        (authorize(&[("ui_locales", Some("fr")), ("client_id", Some("nobody"))]), "Application inconnue"),
        (authorize(&[("client_id", None)]).header("accept-language", "fr"), "demande incorrecte"),
        (Event::get("/logout?ui_locales=fr&post_logout_redirect_uri=https%3A%2F%2Fevil.example"), "demande incorrecte"),
        (Event::post_form("/consent", &encode(&[("request", "ui_locales=fr&client_id=nobody")])), "Application inconnue"),
        (Event::get("/authorize?client_id=%ff").header("accept-language", "fr;q=0.1"), "demande incorrecte"),
    ] {
        let reply = server.send(&event).await;
        assert!(reply.status >= 400, "{reply:?}");
        assert_language(&reply, "fr", words);
    }
}

/// OpenID Connect RP-Initiated Logout section 2: `ui_locales`
#[tokio::test]
async fn signing_out_is_in_the_language_that_was_asked_for() {
    let server = server().await;
    let mut person = Person::new(&server);
    person.authorize(&authorization_query("app", &[]), ALICE).await;
    let page = person.open("/logout?ui_locales=de").await;
    assert_language(&page, "de", "Abmelden?");
    let form = Form::find(&page.body, "logout-form").unwrap();
    assert_language(&person.submit(&form, "stay").await, "de", "weiterhin angemeldet");
    assert_language(&person.submit(&form, "logout").await, "de", "Sie sind abgemeldet");
}

/// OAuth 2.1 section 7.12: neither parameter nor header becomes markup, whatever stands there
#[tokio::test]
async fn a_list_of_languages_is_never_shown() {
    let server = server().await;
    let nasty = "\"><script>alert(1)</script>";
    let long = "de ".repeat(1_000);
    for locales in [nasty, "de\"onload=x", &long] {
        let reply = server.send(&authorize(&[("ui_locales", Some(locales))]).header("accept-language", nasty)).await;
        assert_eq!(reply.status, 200);
        assert_language(&reply, "en", "Password");
        assert!(!reply.body.contains("<script"));
    }
}
