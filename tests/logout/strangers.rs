//! Clients that registered themselves, or that a document describes, at logout.

use grantlet::protocol::issuer::Issuer;
use serde_json::{Value, json};

use super::{BYE, form, path};
use crate::support::event::Event;
use crate::support::oauth::{ALICE, REDIRECT_URI, authorization_query, claims};
use crate::support::person::Person;
use crate::support::server::Server;
use crate::support::web::{Document, Web};

async fn register(server: &Server, changes: Value) -> String {
    let mut metadata = json!({"client_name": "Newcomer", "redirect_uris": [REDIRECT_URI]});
    metadata.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let event = Event::new("POST", "/register").header("content-type", "application/json").body(metadata.to_string().as_bytes());
    let reply = server.send(&event).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.json()["client_id"].as_str().unwrap().to_owned()
}

/// RFC 9700 section 4.11.2: nobody is sent to a stranger's address by a link alone
#[tokio::test]
async fn without_a_login_a_page_names_where_a_stranger_wants_the_browser_to_go() {
    let server = Server::local(json!({"registration": {"mode": "open", "trusted_hosts": ["known.example"]}})).await;
    let known = "https://known.example/bye";
    let id = register(&server, json!({"post_logout_redirect_uris": [BYE, known, "com.example.app:/bye"]})).await;
    let ask = |uri: &str| path(&[("client_id", &id), ("post_logout_redirect_uri", uri), ("state", "a&b")]);
    for (uri, words) in [(BYE, "app.example"), ("com.example.app:/bye", "an app on this device")] {
        let page = Person::new(&server).open(&ask(uri)).await;
        assert!(page.status == 200 && page.header("location").is_none(), "{page:?}");
        assert!(page.body.contains(words) && page.body.contains(&format!("href=\"{uri}?state=a%26b\"")), "{}", page.body);
    }
    let page = Person::new(&server).open(&ask(known)).await;
    assert_eq!((page.status, page.header("location")), (303, Some("https://known.example/bye?state=a%26b")));
    // Whoever is logged in was asked, and was told where to.
    let mut person = Person::new(&server);
    person.authorize(&authorization_query("app", &[]), ALICE).await;
    let page = person.open(&ask(BYE)).await;
    assert!(page.body.contains("app.example"), "{}", page.body);
    let reply = person.submit(&form(&page), "logout").await;
    assert_eq!((reply.status, reply.header("location")), (303, Some("https://app.example/bye?state=a%26b")));
}

/// Back-Channel Logout section 2.2: every kind of client may want to be told
#[tokio::test]
async fn clients_of_every_source_are_told() {
    let settings = json!({"registration": {"mode": "open", "metadata_documents": true}});
    let server = Server::local_with(settings, |config| config.issuer = Issuer::parse("http://localhost:9000").unwrap()).await;
    let web = Web::start().await;
    web.put("/told", Document::json(&json!({})));
    let uri = web.url("/told");
    let dynamic = register(&server, json!({"backchannel_logout_uri": uri})).await;
    let document = web.url("/client.json");
    let described = json!({"client_id": document, "redirect_uris": [REDIRECT_URI], "backchannel_logout_uri": uri});
    web.put("/client.json", Document::json(&described));
    server.inside().register("own", json!({"backchannel_logout_uri": uri})).await;
    let mut person = Person::new(&server);
    for id in [&dynamic, &document, "own"] {
        let landed = person.authorize(&authorization_query(id, &[("scope", Some("openid"))]), ALICE).await;
        assert!(landed.contains("code="), "{landed}");
    }
    let page = person.open("/logout").await;
    person.submit(&form(&page), "logout").await;
    let local = server.inside();
    assert_eq!(local.notify(&local.ended_sessions()).await, json!({"batchItemFailures": []}));
    let told = web.arrived().into_iter().filter(|arrived| arrived.path == "/told");
    let mut audiences: Vec<String> =
        told.map(|arrived| claims(arrived.body.strip_prefix("logout_token=").unwrap())["aud"].as_str().unwrap().to_owned()).collect();
    audiences.sort();
    let mut all = [dynamic, document, "own".to_owned()];
    all.sort();
    assert_eq!(audiences, all);
}
