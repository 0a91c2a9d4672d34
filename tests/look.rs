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
        assert!(!reply.body.contains("<script>alert") && reply.body.matches("<script").count() <= 1, "{}", reply.body);
    }
}

/// The look of the site comes from the settings, with the links that discovery tells as well (OpenID Connect Discovery section 3)
#[tokio::test]
async fn pages_have_the_look_of_the_site() {
    let server = Server::local(json!({"site": {
        "name": "Notes & <b>Co</b>", "logo": "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "accent": "#a3005c",
        "support": "https://notes.example/help", "privacy": "https://notes.example/privacy", "terms": "https://notes.example/terms",
        "language": "fr",
    }}))
    .await;
    let metadata = server.send(&Event::get("/.well-known/openid-configuration")).await.json();
    assert_eq!(
        (&metadata["op_policy_uri"], &metadata["op_tos_uri"]),
        (&json!("https://notes.example/privacy"), &json!("https://notes.example/terms"))
    );
    let login = server.send(&authorize(&[])).await;
    let error = server.send(&authorize(&[("client_id", Some("nobody"))])).await;
    let device = server.send(&Event::get("/device")).await;
    for page in [&login, &error, &device] {
        assert_language(page, "fr", "Notes &#38; &#60;b&#62;Co");
        assert!(page.body.contains("--accent:#a3005c") && page.body.contains("href=\"https://notes.example/privacy\""), "{}", page.body);
        // An SVG is shown as a picture, in which nothing runs.
        assert!(page.body.contains("<img class=\"logo\" src=\"data:image/svg+xml;base64,") && !page.body.contains("<script>alert"));
        let csp = page.header("content-security-policy").unwrap();
        assert!(csp.contains("img-src data:") && csp.contains("style-src 'sha256-") && !csp.contains("unsafe"), "{csp}");
    }
    let german = server.send(&authorize(&[]).header("accept-language", "de")).await;
    assert_language(&german, "de", "Datenschutz");
    let plain = Server::local(json!({})).await.send(&authorize(&[])).await;
    assert!(!plain.body.contains("<header") && !plain.body.contains("<footer") && !plain.body.contains("<img"));
    assert!(!plain.header("content-security-policy").unwrap().contains("img-src"));
}

/// The operator's words for scopes, resources and details are given once, or for each language
#[tokio::test]
async fn what_is_asked_for_is_said_in_the_language_of_the_person() {
    let server = Server::local(json!({
        "resources": [{"uri": "https://notes.example", "name": {"en": "Your notes", "de": "Ihre Notizen"},
            "scopes": {"read": {"en": "Read your notes", "de": "Ihre Notizen lesen"}, "write": "Change your notes"}}],
        "authorization_details": [{"type": "payment", "description": {"en": "Send a payment", "de": "Eine Zahlung senden"}}],
    }))
    .await;
    let details = json!([{"type": "payment"}]).to_string();
    for (language, words) in [
        ("de", ["Ihre Notizen", "Ihre Notizen lesen", "Change your notes", "Eine Zahlung senden"]),
        ("fr", ["Your notes", "Read your notes", "Change your notes", "Send a payment"]),
    ] {
        let query = authorization_query(
            "app",
            &[
                ("scope", Some("openid read write")),
                ("resource", Some("https://notes.example")),
                ("authorization_details", Some(&details)),
                ("ui_locales", Some(language)),
            ],
        );
        let page = Person::new(&server).consent_page(&query, ALICE).await;
        for text in words {
            assert!(page.contains(text), "{text}: {page}");
        }
    }
}
