//! The consent page: who asks, for what, for how long, and what was allowed before.

use serde_json::{Value, json};

use crate::support::event::Event;
use crate::support::forms::{Form, unescape};
use crate::support::oauth::{ALICE, authorization_query, parameter};
use crate::support::person::Person;
use crate::support::server::Server;

const LOGO: &str = "data:image/png;base64,iVBORw0KGgo=";

/// The list that is labelled by the element `id`, item by item.
fn list(page: &str, id: &str) -> Vec<String> {
    let Some((_, rest)) = page.split_once(&format!("aria-labelledby=\"{id}\">")) else { return Vec::new() };
    let (items, _) = rest.split_once("</ul>").unwrap();
    items.split("<li>").skip(1).map(|item| unescape(item.split_once("</li>").unwrap().0)).collect()
}

fn query(client: &str, scope: &str) -> String {
    authorization_query(client, &[("scope", Some(scope))])
}

async fn allow(person: &mut Person<'_>, page: &str) {
    let reply = person.submit(&Form::find(page, "consent").unwrap(), "allow").await;
    assert!(parameter(reply.header("location").unwrap(), "code").is_some(), "{reply:?}");
}

/// RFC 6749 section 3.3, and incremental consent: only what is new is asked, and what was allowed before is shown as that
#[tokio::test]
async fn only_what_is_new_is_asked() {
    let server = Server::local(json!({})).await;
    server.inside().register("shop", json!({"grant_types": ["authorization_code"]})).await;
    let mut person = Person::new(&server);
    let page = person.consent_page(&query("shop", "openid profile"), ALICE).await;
    assert_eq!(list(&page, "asks"), ["to know who you are", "your name and profile"]);
    assert!(list(&page, "before").is_empty());
    allow(&mut person, &page).await;

    let page = person.consent_page(&query("shop", "openid profile email"), ALICE).await;
    assert_eq!(list(&page, "asks"), ["your e-mail address"]);
    assert_eq!(list(&page, "before"), ["to know who you are", "your name and profile"]);
    assert!(page.contains("asks for more:"));
    allow(&mut person, &page).await;
    let landed = person.authorize(&query("shop", "openid email"), ALICE).await;
    assert!(parameter(&landed, "code").is_some(), "everything was allowed before: {landed}");

    // Who is asked because the client wants it is asked about everything.
    let again = authorization_query("shop", &[("scope", Some("openid email")), ("prompt", Some("consent"))]);
    assert_eq!(list(&person.consent_page(&again, ALICE).await, "asks").len(), 2);
}

/// RFC 8707: a scope that was allowed at one resource is new at another
#[tokio::test]
async fn at_another_resource_everything_is_new() {
    let notes = |uri: &str| json!({"uri": uri, "scopes": {"read": "Read your notes"}});
    let server = Server::local(json!({"resources": [notes("https://one.example"), notes("https://two.example")]})).await;
    let mut person = Person::new(&server);
    for resource in ["https://one.example", "https://two.example"] {
        let query = authorization_query("app", &[("scope", Some("openid read")), ("resource", Some(resource))]);
        let page = person.consent_page(&query, ALICE).await;
        assert!(list(&page, "asks").contains(&"Read your notes".to_owned()) && list(&page, "before").is_empty(), "{page}");
        allow(&mut person, &page).await;
    }
}

/// For how long: until it is withdrawn where the client gets refresh tokens, else as long as its one token lives; and whether people are asked again
#[tokio::test]
async fn people_read_for_how_long() {
    let server = Server::local(json!({})).await;
    server.inside().register("once", json!({"grant_types": ["authorization_code"]})).await;
    server.inside().register("tool", json!({"token_endpoint_auth_method": "none", "redirect_uris": ["http://127.0.0.1/callback"]})).await;
    for (client, redirect, sentence) in [
        ("once", None, "It has this access for 10 minutes. You are asked again only if it wants more."),
        ("app", None, "It keeps this access until you withdraw it, and for 180 days at most. You are asked again only if it wants more."),
        ("tool", Some("http://127.0.0.1:7/callback"), "and for 180 days at most. You are asked each time."),
    ] {
        let mut changes = vec![("scope", Some("openid"))];
        changes.extend(redirect.map(|uri| ("redirect_uri", Some(uri))));
        let page = Person::new(&server).consent_page(&authorization_query(client, &changes), ALICE).await;
        assert!(page.contains(sentence), "{client}: {page}");
    }
}

/// Who stands behind a client is said of every one: the operator's own, one that the operator registered, one that nobody knows
#[tokio::test]
async fn people_read_who_stands_behind_a_client() {
    let server = Server::local(json!({"registration": {"mode": "open"}})).await;
    server.inside().register("own", json!({"first_party": true})).await;
    let stranger = register_itself(&server, json!({"redirect_uris": [crate::support::oauth::REDIRECT_URI]})).await;
    for (client, words) in [
        ("own", "It belongs to the people who run this site."),
        ("app", "The people who run this site registered it."),
        (stranger["client_id"].as_str().unwrap(), "This application registered itself."),
    ] {
        let query = authorization_query(client, &[("scope", Some("openid")), ("prompt", Some("consent"))]);
        let page = Person::new(&server).consent_page(&query, ALICE).await;
        let said: Vec<_> = ["It belongs to", "registered it.", "registered itself."].into_iter().filter(|one| page.contains(one)).collect();
        assert!(page.contains(words) && said.len() == 1, "{client}: {page}");
        assert!(page.contains("<strong>app.example</strong>"), "where the browser goes afterwards: {page}");
    }
}

async fn register_itself(server: &Server, metadata: Value) -> Value {
    let reply = server
        .send(&Event::new("POST", "/register").header("content-type", "application/json").body(metadata.to_string().as_bytes()))
        .await;
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.json()
}

/// A logo makes a client look like somebody, so that it is the operator's to give: whatever a client says of itself is not shown
#[tokio::test]
async fn a_logo_is_shown_only_if_the_operator_gave_it() {
    let server = Server::local(json!({"registration": {"mode": "open"}})).await;
    server.inside().register("shop", json!({"logo": LOGO})).await;
    let page = Person::new(&server).consent_page(&query("shop", "openid"), ALICE).await;
    assert!(page.contains(&format!("<img class=\"mark\" src=\"{LOGO}\" alt=\"\">")), "{page}");

    let asked = json!({"redirect_uris": [crate::support::oauth::REDIRECT_URI], "logo": LOGO, "logo_uri": "https://app.example/logo.png"});
    let registered = register_itself(&server, asked).await;
    assert!(registered.get("logo").is_none(), "{registered}");
    let page = Person::new(&server).consent_page(&query(registered["client_id"].as_str().unwrap(), "openid"), ALICE).await;
    assert!(!page.contains("<img") && !page.contains("logo.png"), "{page}");
}
