//! One's data: seen, taken along, and deleted.

use grantlet::model::user::Login;
use serde_json::{Value, json};

use super::{BOB, add_bob, alice_at, form, log_in, open};
use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, As, assert_refused, authorization_query, encode, exchange, parameter, post, refresh, userinfo};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

const DATA: &str = "/account/data";
const DELETE: &str = "/account/delete";

async fn server() -> Server {
    Server::local(json!({})).await
}

async fn tokens(server: &Server, person: &mut Person<'_>) -> Value {
    let landed = person.authorize(&authorization_query("app", &[]), ALICE).await;
    exchange(server, As::Basic("app"), &parameter(&landed, "code").unwrap()).await.json()
}

async fn download(person: &mut Person<'_>) -> Reply {
    let page = person.open(DATA).await;
    person.submit(&form(&page, "export"), "download").await
}

async fn delete(person: &mut Person<'_>, name: &str) -> Reply {
    let page = person.open(DELETE).await;
    let form = form(&page, "deletion").fill("name", name);
    person.submit(&form, "delete").await
}

/// GDPR articles 15 and 20: everything that is kept, and no secret
#[tokio::test]
async fn a_person_downloads_everything_that_is_kept_about_them_and_no_secret() {
    let server = server().await;
    add_bob(&server).await;
    open(&mut Person::new(&server), "/account", BOB).await;
    let (mut person, page) = alice_at(&server, DATA).await;
    assert!(page.body.contains("alice@example.com") && page.body.contains(&server.inside().alice.to_string()), "{page:?}");
    let tokens = tokens(&server, &mut person).await;
    let answer = download(&mut person).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"account.json\""));
    assert_eq!((answer.header("cache-control"), answer.header("x-content-type-options")), (Some("no-store"), Some("nosniff")));
    let data = answer.json();
    assert_eq!(data["profile"]["username"], "alice");
    assert_eq!(data["profile"]["claims"]["email"], "alice@example.com");
    assert_eq!(data["logins"], json!([{"by": "user name", "name": "alice"}]));
    assert_eq!((data["sessions"][0]["browser"].as_str(), data["sessions"][0]["network"].as_str()), (Some("Firefox"), Some("192.0.2.*")));
    assert_eq!((data["grants"][0]["client_id"].as_str(), data["grants"][0]["status"].as_str()), (Some("app"), Some("active")));
    assert_eq!(data["grants"][0]["scopes"], json!(["openid", "profile", "email", "offline_access"]));
    assert_eq!(data["remembered_consents"][0]["client_id"], "app");
    assert_eq!(data["events"][0]["what"], "data-exported");
    assert!(!answer.body.contains("argon2") && !answer.body.contains("bob") && !answer.body.contains("hash"));
    for secret in
        person.cookies.values().cloned().chain(["access_token", "refresh_token"].map(|name| tokens[name].as_str().unwrap().to_owned()))
    {
        let secret = secret.rsplit('.').next().unwrap().to_owned();
        assert!(!answer.body.contains(&secret), "{secret}");
    }
}

/// NIST SP 800-63B-4 section 5.2: a session that was left open is not enough for it
#[tokio::test]
async fn a_download_and_a_deletion_take_a_login_of_the_last_ten_minutes() {
    let server = server().await;
    let (mut person, _) = alice_at(&server, DATA).await;
    let (page, deletion) = (person.open(DATA).await, person.open(DELETE).await);
    server.inside().clock.advance(600);
    assert_eq!(person.submit(&form(&page, "export"), "download").await.header("content-type"), Some("application/json"));
    server.inside().clock.advance(1);
    for asked in [
        person.submit(&form(&page, "export"), "download").await,
        person.submit(&form(&deletion, "deletion").fill("name", "alice"), "delete").await,
        person.open(DELETE).await,
    ] {
        let login = form(&asked, "login");
        assert_eq!(login.field("username"), "alice", "the likely one is filled in");
        assert!(login.field("account").ends_with("?login=new"), "{asked:?}");
    }
    assert_eq!(server.inside().context.store.find_user(server.inside().alice).await.unwrap().map(|user| user.locked), Some(false));
    // And back, to the very page.
    let asked = person.open(DELETE).await;
    let back = log_in(&mut person, asked, ALICE).await;
    form(&back, "deletion");
}

#[tokio::test]
async fn a_deleted_person_is_gone_with_everything_that_was_kept() {
    let server = server().await;
    server.inside().register("watcher", json!({"backchannel_logout_uri": "https://app.example/logout"})).await;
    let mut phone = Person::new(&server);
    let tokens = tokens(&server, &mut phone).await;
    phone.authorize(&authorization_query("watcher", &[]), ALICE).await;
    let (mut person, _) = alice_at(&server, DATA).await;
    person.authorize(&authorization_query("other", &[]), ALICE).await;
    download(&mut person).await;
    server.inside().ended_sessions();
    let done = delete(&mut person, "alice").await;
    assert!(done.status == 200 && done.body.contains("id=\"deleted\""), "{done:?}");
    assert!(!person.cookies.keys().any(|name| name.contains("session")));

    let (local, text) = (server.inside(), |name: &str| tokens[name].as_str().unwrap().to_owned());
    let store = &local.context.store;
    assert_eq!(store.find_user(local.alice).await.unwrap(), None);
    assert_eq!(store.find_login(&Login::Local("alice".to_owned())).await.unwrap(), None);
    assert!(store.list_consents(local.alice).await.unwrap().is_empty());
    assert!(store.list_grant_ids(local.alice).await.unwrap().is_empty());
    let stored = local.stored();
    for kind in ["session", "grant", "code", "events"] {
        assert!(!stored.contains_key(kind), "{kind}: {stored:?}");
    }
    // OpenID Connect Back-Channel Logout section 2.5: who wants to be told is told.
    assert!(local.ended_sessions().to_string().contains("watcher"));
    assert_refused(&refresh(&server, As::Basic("app"), &text("refresh_token")).await, 400, "invalid_grant");
    assert_eq!(userinfo(&server, &text("access_token")).await.status, 401);
    let told = post(&server, "/introspect", As::Basic("app"), &[("token", &text("access_token"))]).await;
    assert_eq!(told.json(), json!({"active": false}));
    assert!(Form::find(&phone.open("/account").await.body, "login").is_some());
    let login = person.open("/account").await;
    let refused = form(&login, "login").fill("username", ALICE.username).fill("password", ALICE.password);
    assert_eq!(person.submit(&refused, "sign-in").await.status, 403);
}

/// What is cut short leaves nobody who can log in, and the operator's program finishes it
#[tokio::test]
async fn a_deletion_that_was_cut_short_can_be_repeated() {
    let server = server().await;
    let (mut person, _) = alice_at(&server, DATA).await;
    tokens(&server, &mut person).await;
    let local = server.inside();
    let store = &local.context.store;
    let user = store.find_user(local.alice).await.unwrap().unwrap();
    // As far as this the first try came.
    store.set_locked(user.id, true).await.unwrap();
    store.forget_consents(user.id).await.unwrap();
    store.remove_login(&Login::Local("alice".to_owned()), user.id).await.unwrap();
    assert!(Form::find(&person.open("/account").await.body, "login").is_some());
    let deleted = grantlet::endpoint::people::delete_person(&local.context, &user).await.unwrap();
    assert_eq!((deleted.grants, deleted.sessions), (1, 1));
    assert_eq!(store.find_user(user.id).await.unwrap(), None);
    let again = grantlet::endpoint::people::delete_person(&local.context, &user).await.unwrap();
    assert_eq!((again.grants, again.sessions), (0, 0));
    assert_eq!(store.find_user(user.id).await.unwrap(), None, "and nothing is made by it");
}

#[tokio::test]
async fn a_deletion_takes_the_right_name_and_a_form_of_this_browser() {
    let server = server().await;
    add_bob(&server).await;
    let (mut person, _) = alice_at(&server, DATA).await;
    for wrong in ["", "bob", "ALICE", "alice@example.com"] {
        let asked = delete(&mut person, wrong).await;
        assert!(asked.status == 400 && asked.body.contains("role=\"alert\""), "{wrong}: {asked:?}");
    }
    let mut bob = Person::new(&server);
    open(&mut bob, DATA, BOB).await;
    let page = bob.open(DELETE).await;
    let token = form(&page, "deletion").field("form_token").to_owned();
    let data = person.open(DATA).await;
    let of_data = form(&data, "export").field("form_token").to_owned();
    for token in [token.as_str(), of_data.as_str(), ""] {
        let body = encode(&[("form_token", token), ("name", "alice")]);
        assert_eq!(person.send(Event::post_form(DELETE, &body)).await.status, 403);
    }
    let body = encode(&[("form_token", token.as_str()), ("name", "bob")]);
    assert_eq!(bob.send(Event::post_form(DELETE, &body).header("origin", "https://evil.example")).await.status, 403);
    assert!(Form::find(&person.open("/account").await.body, "login").is_none());
    assert!(Form::find(&bob.open("/account").await.body, "login").is_none());
}

/// The operator decides
#[tokio::test]
async fn nobody_deletes_an_account_where_that_is_off() {
    let server = Server::local(json!({"accounts": {"deletion": false}})).await;
    let (mut person, page) = alice_at(&server, DATA).await;
    assert!(!page.body.contains(DELETE));
    let refused = person.open(DELETE).await;
    assert!(refused.status == 403 && refused.body.contains("can’t be deleted here"), "{refused:?}");
    let body = encode(&[("form_token", form(&page, "export").field("form_token")), ("name", "alice")]);
    assert_eq!(person.send(Event::post_form(DELETE, &body)).await.status, 403);
    assert!(server.inside().context.store.find_user(server.inside().alice).await.unwrap().is_some());
}

/// The name is free again, and whoever takes it is somebody else to every client
#[tokio::test]
async fn a_name_may_be_taken_again_and_a_sub_never() {
    let server = server().await;
    let (mut person, _) = alice_at(&server, DATA).await;
    let first = server.inside().alice;
    delete(&mut person, "alice").await;
    let second = crate::support::oauth::add_alice(&server.inside().context).await;
    assert_ne!(first, second);
    let page = open(&mut person, DATA, ALICE).await;
    assert!(page.body.contains(&second.to_string()) && !page.body.contains(&first.to_string()));
    let apps = person.open("/account/apps").await;
    assert!(apps.body.contains("id=\"no-apps\""), "{apps:?}");
    let done = download(&mut person).await;
    assert_eq!(done.json()["grants"], json!([]));
}
