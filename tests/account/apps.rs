//! Connected apps: seen with what they may do, and withdrawn so that nothing of it is left.

use grantlet::model::client::ClientId;
use grantlet::model::grant::{GrantStatus, RevokedBy};
use serde_json::json;

use super::{BOB, add_bob, alice_at, follow, form, open};
use crate::support::event::Event;
use crate::support::oauth::{
    ALICE, As, assert_refused, authorization_query, claims, encode, exchange, parameter, post, refresh, token, userinfo,
};
use crate::support::person::{Account, Person};
use crate::support::server::{Reply, Server};

const PATH: &str = "/account/apps";
const FILMS: &str = "https://films.example";

async fn server() -> Server {
    let server = Server::local(json!({
        "resources": [{"uri": FILMS, "name": "Your films", "scopes": {"films": "Play your films"}}],
        "authorization_details": [{"type": "rental", "description": "Rent a film", "required": ["film"]}],
    }))
    .await;
    server.inside().register("player", json!({"client_name": "The Player", "scope": "openid films offline_access"})).await;
    server
}

/// Lets somebody allow `client` everything that the query asks for, and answers with the code.
async fn allow(server: &Server, client: &str, changes: &[(&str, Option<&str>)], account: Account<'_>) -> String {
    let landed = Person::new(server).authorize(&authorization_query(client, changes), account).await;
    parameter(&landed, "code").unwrap_or_else(|| panic!("no code: {landed}"))
}

/// The tokens that `client` gets in Alice's name.
async fn tokens(server: &Server, client: &str) -> serde_json::Value {
    let code = allow(server, client, &[], ALICE).await;
    let reply = exchange(server, As::Basic(client), &code).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

async fn send(person: &mut Person<'_>, page: &Reply, fields: &[(&str, &str)]) -> Reply {
    let form_token = form(page, "apps").field("form_token").to_owned();
    let body = encode(&[&[("form_token", form_token.as_str())], fields].concat());
    person.send(Event::post_form(PATH, &body).header("origin", "https://issuer.example")).await
}

#[tokio::test]
async fn a_person_sees_which_applications_may_do_what_since_when_and_until_when() {
    let server = server().await;
    let (_, page) = alice_at(&server, PATH).await;
    assert!(page.body.contains("id=\"no-apps\""), "{page:?}");
    let scope = ("scope", Some("openid films offline_access"));
    let details = json!([{"type": "rental", "film": "Metropolis"}]).to_string();
    allow(&server, "player", &[scope, ("resource", Some(FILMS)), ("authorization_details", Some(&details))], ALICE).await;
    server.inside().clock.advance(3_600);
    let tokens = tokens(&server, "app").await;
    server.inside().clock.advance(3_600);
    assert_eq!(refresh(&server, As::Basic("app"), tokens["refresh_token"].as_str().unwrap()).await.status, 200);
    let (_, page) = alice_at(&server, PATH).await;
    for words in [
        "The App",
        "your e-mail address",
        "stay connected",
        "Allowed since <time datetime=\"2027-01-15T09:00Z\">",
        "Last connected <time datetime=\"2027-01-15T10:00Z\">",
        "Ends at the latest <time datetime=\"2027-07-14T09:00Z\">",
        "need not ask you again",
        "<code>app</code>",
        "The Player",
        "Play your films",
        "Rent a film",
        "Metropolis",
        "Your films",
    ] {
        assert!(page.body.contains(words), "{words}: {page:?}");
    }
    // The newest comes first.
    assert!(page.body.find("The App") < page.body.find("The Player"));
}

/// OAuth 2.1 section 4.3, RFC 7662 section 2.2, OpenID Connect Core section 5.3: nothing that was allowed is left
#[tokio::test]
async fn a_withdrawn_application_gets_nothing_more_and_has_to_ask_again() {
    let server = server().await;
    let before = tokens(&server, "app").await;
    let other = tokens(&server, "other").await;
    // A code that is on its way, too.
    let code = allow(&server, "app", &[], ALICE).await;
    let (mut person, page) = alice_at(&server, PATH).await;
    let done = person.submit(&form(&page, "apps"), "withdraw-app").await;
    let page = follow(&mut person, done).await;
    assert!(page.body.contains("id=\"notice\"") && !page.body.contains("withdraw-app\""), "{page:?}");

    let text = |name: &str| before[name].as_str().unwrap().to_owned();
    assert_refused(&refresh(&server, As::Basic("app"), &text("refresh_token")).await, 400, "invalid_grant");
    assert_refused(&exchange(&server, As::Basic("app"), &code).await, 400, "invalid_grant");
    assert_eq!(userinfo(&server, &text("access_token")).await.status, 401);
    for name in ["access_token", "refresh_token"] {
        let told = post(&server, "/introspect", As::Basic("app"), &[("token", &text(name))]).await;
        assert_eq!(told.json(), json!({"active": false}));
    }
    assert!(!server.inside().stored().contains_key("code"));
    let asked = person.open(&format!("/authorize?{}", authorization_query("app", &[]))).await;
    form(&asked, "consent");
    // Others keep what they have.
    assert_eq!(refresh(&server, As::Basic("other"), other["refresh_token"].as_str().unwrap()).await.status, 200);
    let events = person.open("/account/events").await.body;
    assert!(events.contains("access was withdrawn") && events.contains("The App"), "{events}");
    let id = claims(&text("access_token"))["grant_id"].as_str().map(str::to_owned);
    if let Some(id) = id {
        let grant = server.inside().context.store.find_grant(id.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(grant.status, GrantStatus::Revoked(RevokedBy::Person));
    }
}

#[tokio::test]
async fn all_applications_are_withdrawn_at_once() {
    let server = server().await;
    let all = [("app", tokens(&server, "app").await), ("other", tokens(&server, "other").await)];
    let (mut person, page) = alice_at(&server, PATH).await;
    let done = person.submit(&form(&page, "apps"), "withdraw-all").await;
    assert!(follow(&mut person, done).await.body.contains("id=\"no-apps\""));
    for (client, tokens) in all {
        assert_refused(&refresh(&server, As::Basic(client), tokens["refresh_token"].as_str().unwrap()).await, 400, "invalid_grant");
    }
    // Where nothing is left to withdraw, nothing is noted: whoever presses the button again pushes no other event out of the list.
    let again = person.submit(&form(&page, "apps"), "withdraw-all").await;
    assert_eq!((again.status, again.header("location")), (303, Some(PATH)), "{again:?}");
    assert_eq!(person.open("/account/events").await.body.matches("access was withdrawn").count(), 1);
}

/// RFC 8628 section 3.3: a device is an application like any other
#[tokio::test]
async fn what_a_device_was_allowed_is_withdrawn_before_it_fetches_its_tokens() {
    let server = server().await;
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    let tv = json!({"client_name": "The TV", "token_endpoint_auth_method": "none", "grant_types": [grant, "refresh_token"], "redirect_uris": []});
    server.inside().register("tv", tv).await;
    let asked = post(&server, "/device_authorization", As::Public("tv"), &[("scope", "openid offline_access")]).await.json();
    let (mut person, _) = alice_at(&server, "/account").await;
    let page = person.open("/device").await;
    let entered = form(&page, "device").fill("user_code", asked["user_code"].as_str().unwrap());
    let question = person.submit(&entered, "continue").await;
    person.submit(&form(&question, "consent"), "allow").await;
    let page = person.open(PATH).await;
    assert!(page.body.contains("The TV"), "{page:?}");
    person.submit(&form(&page, "apps"), "withdraw-tv").await;
    let form = [("grant_type", grant), ("device_code", asked["device_code"].as_str().unwrap())];
    assert_refused(&post(&server, "/token", As::Public("tv"), &form).await, 400, "invalid_grant");
}

/// OWASP API1: what another person allowed is out of reach, and not shown
#[tokio::test]
async fn nobody_withdraws_what_another_person_allowed() {
    let server = server().await;
    add_bob(&server).await;
    let code = allow(&server, "app", &[], BOB).await;
    let bobs = token(&exchange(&server, As::Basic("app"), &code).await, "refresh_token");
    let grant = code.split('.').next().unwrap().to_owned();
    tokens(&server, "other").await;
    let (mut person, page) = alice_at(&server, PATH).await;
    assert!(!page.body.contains("The App"));
    for fields in [&[("withdraw", "app")][..], &[("withdraw", &grant)], &[("withdraw", "")], &[], &[("withdraw", "app"), ("all", "yes")]] {
        assert_eq!(send(&mut person, &page, fields).await.header("location"), Some(PATH));
    }
    send(&mut person, &page, &[("all", "yes")]).await;
    assert_eq!(refresh(&server, As::Basic("app"), &bobs).await.status, 200);
    let local = server.inside();
    let bob = local.context.store.find_login(&grantlet::model::user::Login::Local("bob".to_owned())).await.unwrap().unwrap();
    assert!(!local.context.store.find_consent(bob, &ClientId::parse("app").unwrap()).await.unwrap().is_empty());
}

/// OWASP CSRF: a token of another page or another browser is none
#[tokio::test]
async fn a_form_of_another_page_or_browser_withdraws_nothing() {
    let server = server().await;
    let tokens = tokens(&server, "app").await;
    let (mut person, _) = alice_at(&server, PATH).await;
    let sessions = person.open("/account/sessions").await;
    let of_sessions = form(&sessions, "sessions").field("form_token").to_owned();
    let (_, elsewhere) = alice_at(&server, PATH).await;
    let of_another = form(&elsewhere, "apps").field("form_token").to_owned();
    add_bob(&server).await;
    let mut bob = Person::new(&server);
    open(&mut bob, PATH, BOB).await;
    for wrong in [of_sessions.as_str(), of_another.as_str(), ""] {
        let body = encode(&[("form_token", wrong), ("withdraw", "app")]);
        assert_eq!(person.send(Event::post_form(PATH, &body)).await.status, 403);
        assert_eq!(bob.send(Event::post_form(PATH, &body)).await.status, 403);
    }
    assert_eq!(refresh(&server, As::Basic("app"), tokens["refresh_token"].as_str().unwrap()).await.status, 200);
}

/// OAuth 2.1 section 7.12
#[tokio::test]
async fn what_an_application_calls_itself_becomes_no_markup() {
    let server = server().await;
    let nasty = "<script>alert(1)</script>\"'";
    server.inside().register("nasty", json!({"client_name": nasty})).await;
    tokens(&server, "nasty").await;
    let (mut person, page) = alice_at(&server, PATH).await;
    assert!(!page.body.contains("<script") && page.body.contains("&#60;script&#62;"), "{page:?}");
    let done = person.submit(&form(&page, "apps"), "withdraw-nasty").await;
    assert_eq!(done.status, 303);
    assert!(!person.open("/account/events").await.body.contains("<script"));
}

/// What ended by itself is no access any more, whether or not TTL came by
#[tokio::test]
async fn what_ended_by_itself_is_not_shown() {
    let server = server().await;
    server
        .inside()
        .register("guest", json!({"client_name": "The Guest", "first_party": true, "grant_types": ["authorization_code"]}))
        .await;
    allow(&server, "guest", &[("scope", Some("openid"))], ALICE).await;
    let (mut person, page) = alice_at(&server, PATH).await;
    assert!(page.body.contains("The Guest"), "{page:?}");
    server.inside().clock.advance(3_600);
    assert!(!person.open(PATH).await.body.contains("The Guest"));
}
