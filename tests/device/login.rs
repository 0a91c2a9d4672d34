//! Logging in on the way to a device: the way back leads to `/device?user_code=…` or `/authorize?…`, and nowhere else.

use serde_json::json;

use super::{TV, enter, poll, register, server, start};
use crate::support::event::Event;
use crate::support::forms::{Form, unescape};
use crate::support::oauth::{ALICE, authorization_query, encode, parameter, token};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::site::{login_jwt, server_with_site, way_back};

/// Texts that are no code, though they would like to be an address.
const EVIL: [&str; 12] = [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example/",
    "javascript:alert(1)",
    "BCDF-GHJK&next=https://evil.example",
    "BCDF-GHJK#https://evil.example",
    "BCDF-GHJK/../../authorize",
    "BCDF-GHJK\r\nLocation: https://evil.example",
    "../authorize?client_id=app",
    "@evil.example",
    "BCDFGHJA",
    "",
];

fn is_at_home(reply: &Reply) -> bool {
    reply.header("location").is_none() && !reply.cookies.iter().any(|cookie| cookie.contains("session"))
}

async fn log_in_with(person: &mut Person<'_>, form: Form) -> Reply {
    person.submit(&form.fill("username", ALICE.username).fill("password", ALICE.password), "sign-in").await
}

/// RFC 8628 section 3.3.1, OpenID Connect Core section 3.1.2.1: a device that asks for a language is answered in it from the first page to the last
#[tokio::test]
async fn the_language_that_a_device_asks_for_goes_along_to_the_last_page() {
    let server = server().await;
    for (button, words) in [("allow", "<h1 id=\"done\">Das Gerät ist verbunden</h1>"), ("deny", "<h1 id=\"denied\">")] {
        let device = start(&server).await;
        let mut person = Person::new(&server);
        let is_german = |page: &Reply| assert!(page.body.contains("<html lang=\"de\""), "{page:?}");
        let page = person.open(&format!("/device?user_code={}&ui_locales=xx%20de-AT%20fr", device.user_code)).await;
        is_german(&page);
        let wrong = person.submit(&Form::find(&page.body, "device").unwrap().fill("user_code", "BCDF-GHJK"), "continue").await;
        is_german(&wrong);
        let login = person.submit(&Form::find(&wrong.body, "device").unwrap().fill("user_code", &device.user_code), "continue").await;
        is_german(&login);
        let form = Form::find(&login.body, "login").unwrap();
        let refused = person.submit(&form.fill("username", ALICE.username).fill("password", "wrong"), "sign-in").await;
        is_german(&refused);
        let done = log_in_with(&mut person, Form::find(&refused.body, "login").unwrap()).await;
        let back = format!("/device?user_code={}&ui_locales=de", device.user_code);
        assert_eq!((done.status, done.header("location")), (303, Some(back.as_str())));
        let question = person.open(&back).await;
        is_german(&question);
        let answered = person.submit(&Form::find(&question.body, "consent").unwrap(), button).await;
        is_german(&answered);
        assert!(answered.body.contains(words), "{answered:?}");
    }
}

/// The way back has a language that pages are written in, or none
#[tokio::test]
async fn no_other_language_and_nothing_else_stands_in_the_way_back_to_a_device() {
    let server = server().await;
    let device = start(&server).await;
    let mut person = Person::new(&server);
    let login = enter(&mut person, &device.user_code).await;
    let form = Form::find(&login.body, "login").unwrap();
    for evil in ["xx", "", "de&next=//evil.example", "de de", "DE", "de&ui_locales=fr", "de-AT"] {
        let sent = log_in_with(&mut person, form.clone().fill("user_code", &format!("{}&ui_locales={evil}", device.user_code))).await;
        assert!(sent.status == 400 && is_at_home(&sent), "{evil}: {sent:?}");
    }
}

/// A login that was asked for by a code leads to the question for that code at once, and for no other
#[tokio::test]
async fn the_way_back_from_a_login_is_the_code_that_asked_for_it() {
    let server = server().await;
    let (device, other) = (start(&server).await, start(&server).await);
    let mut person = Person::new(&server);
    let login = enter(&mut person, &device.user_code.to_lowercase()).await;
    let form = Form::find(&login.body, "login").unwrap();
    assert_eq!(form.field("user_code"), device.user_code);
    let done = log_in_with(&mut person, form).await;
    let back = format!("/device?user_code={}", device.user_code);
    assert_eq!((done.status, done.header("location")), (303, Some(back.as_str())));
    assert!(Form::find(&person.open(&back).await.body, "consent").is_some());
    let page = person.open(&format!("/device?user_code={}", other.user_code)).await;
    assert!(Form::find(&page.body, "consent").is_none(), "another code was not what the login was for");
    // Ten minutes later, or after a login for something else, the link is a link again.
    person.authorize(&authorization_query("app", &[("prompt", Some("login"))]), ALICE).await;
    assert!(Form::find(&person.open(&back).await.body, "consent").is_none());
}

/// Open redirectors: what is no code of a device is no way back, whatever form or link carries it
#[tokio::test]
async fn a_login_leads_to_no_address_that_somebody_put_into_its_form() {
    let server = with_site().await;
    let device = start(&server).await;
    let mut person = Person::new(&server);
    let login = enter(&mut person, &device.user_code).await;
    let form = Form::find(&login.body, "login").unwrap();
    for evil in EVIL {
        let sent = log_in_with(&mut person, form.clone().fill("user_code", evil)).await;
        assert!(is_at_home(&sent) && sent.status == 400, "{evil}: {sent:?}");
        let link = person.open(&format!("/login/site?{}", encode(&[("user_code", evil)]))).await;
        assert!(is_at_home(&link) && link.status == 400, "{evil}: {link:?}");
    }
    // Another device's code needs a form of its own; nor is a login for two things at once one for either.
    let other = start(&server).await;
    let swapped = log_in_with(&mut person, form.clone().fill("user_code", &other.user_code)).await;
    assert!(is_at_home(&swapped) && swapped.status == 403, "{swapped:?}");
    let both = format!("{}&{}", form.press("sign-in"), encode(&[("request", &authorization_query("app", &[]))]));
    let both = person.send(Event::post_form("/login/password", &both)).await;
    assert!(is_at_home(&both) && both.status == 400, "{both:?}");
    let query = encode(&[("request", &authorization_query("app", &[])), ("user_code", &device.user_code)]);
    let both = person.open(&format!("/login/site?{query}")).await;
    assert!(is_at_home(&both) && both.status == 400, "{both:?}");
    // A login form for an authorization request is none for a device.
    let page = Person::new(&server).open(&format!("/authorize?{}", authorization_query("app", &[]))).await;
    let form = Form::find(&page.body, "login").unwrap();
    let body = format!("user_code={}&{}", device.user_code, form.press("sign-in").replacen("request=", "ignored=", 1));
    assert_eq!(person.send(Event::post_form("/login/password", &body)).await.status, 403);
}

/// What `return_to` and its like say is not read at all
#[tokio::test]
async fn foreign_return_addresses_are_ignored() {
    let server = server().await;
    let device = start(&server).await;
    let mut person = Person::new(&server);
    let page = person.open("/device?return_to=https://evil.example&next=//evil.example&redirect_uri=https://evil.example").await;
    assert!(!page.body.contains("evil"));
    let form = Form::find(&page.body, "device").unwrap().fill("user_code", &device.user_code);
    let body = format!("{}&return_to=https%3A%2F%2Fevil.example&state=%2F%2Fevil.example", form.press("continue"));
    let login = person.send(Event::post_form(&form.action, &body)).await;
    let form = Form::find(&login.body, "login").unwrap().fill("username", ALICE.username).fill("password", ALICE.password);
    let body = format!("{}&return_to=https%3A%2F%2Fevil.example", form.press("sign-in"));
    let done = person.send(Event::post_form(&form.action, &body)).await;
    assert_eq!(done.header("location"), Some(format!("/device?user_code={}", device.user_code).as_str()));
}

/// A server whose people may log in at the site as well, and where devices ask.
async fn with_site() -> Server {
    let server = server_with_site(true).await;
    register(&server).await;
    server
}

/// The challenge and the state with which a browser was sent to the site.
async fn send_to_site(person: &mut Person<'_>, user_code: &str) -> (String, String) {
    let login = enter(person, user_code).await;
    let link = login.body.split("id=\"site-login\" href=\"").nth(1).expect("the link").split('"').next().unwrap();
    let sent = person.open(&unescape(link)).await;
    let url = sent.header("location").unwrap().to_owned();
    assert!(url.starts_with("https://site.example/login?"), "{url}");
    (parameter(&url, "challenge").unwrap(), parameter(&url, "state").unwrap())
}

/// The site's JWT, by a login of some time ago.
fn sign(server: &Server, challenge: &str) -> String {
    let auth_time = server.inside().clock.time().0 - 4_000;
    login_jwt(server, challenge, &json!({"auth_time": auth_time, "name": "Ada"}))
}

#[tokio::test]
async fn a_person_who_logs_in_at_the_site_comes_back_to_the_code() {
    let server = with_site().await;
    let device = start(&server).await;
    let mut person = Person::new(&server);
    let (challenge, state) = send_to_site(&mut person, &device.user_code).await;
    assert_eq!(state, format!("/device?user_code={}", device.user_code));
    let done = person.open(&way_back(&sign(&server, &challenge), &state)).await;
    assert_eq!((done.status, done.header("location")), (303, Some(state.as_str())));
    let page = person.open(&state).await;
    let form = Form::find(&page.body, "consent").unwrap_or_else(|| panic!("{page:?}"));
    assert!(person.submit(&form, "allow").await.body.contains("id=\"done\""));
    let tokens = poll(&server, TV, &device.code).await;
    assert_eq!(crate::support::oauth::claims(&token(&tokens, "access_token"))["sub"], "user-7");
}

/// The challenge is a hash over the state: a code can't be swapped, and no other address be put in its place
#[tokio::test]
async fn a_site_login_comes_back_to_the_code_that_it_began_with_and_nowhere_else() {
    let server = with_site().await;
    let (device, other) = (start(&server).await, start(&server).await);
    let mut person = Person::new(&server);
    let (challenge, state) = send_to_site(&mut person, &device.user_code).await;
    let jwt = sign(&server, &challenge);
    let code = &device.user_code;
    let mut states: Vec<String> = EVIL.iter().map(|evil| format!("/device?user_code={evil}")).collect();
    states.extend(EVIL.map(str::to_owned));
    states.extend([
        format!("/device?user_code={}", other.user_code),
        format!("/device?user_code={}", code.to_lowercase()),
        format!("/device?user_code={}", code.replace('-', "")),
        format!("/device?user_code={code}&next=//evil.example"),
        format!("//evil.example/device?user_code={code}"),
        format!("https://evil.example/device?user_code={code}"),
        format!("/device?next=//evil.example&user_code={code}"),
        format!("/authorize?{}", authorization_query("app", &[])),
    ]);
    for wrong in states.iter().filter(|wrong| !wrong.is_empty()) {
        let refused = person.open(&way_back(&jwt, wrong)).await;
        assert!(is_at_home(&refused) && refused.status == 400, "{wrong}: {refused:?}");
    }
    let mut victim = Person::new(&server);
    send_to_site(&mut victim, &device.user_code).await;
    assert!(is_at_home(&victim.open(&way_back(&jwt, &state)).await), "another browser's login");
    assert!(!server.inside().stored().contains_key("session"));
    assert_eq!(person.open(&way_back(&jwt, &state)).await.status, 303);
}
