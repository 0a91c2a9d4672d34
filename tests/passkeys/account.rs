//! `/account/passkeys`: made, named, used, removed; never another person's, and never the last way in.

use grantlet::model::passkey::{MAX_PASSKEYS, Passkey, PasskeyId};
use grantlet::model::user::{Login, Subject, User, UserId};
use grantlet::store::PasskeyAdded;
use serde_json::{Value, json};

use super::WRONG_CREATIONS;
use crate::support::authenticator::{Authenticator, Said};
use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::oauth::ALICE;
use crate::support::passkeys::{give_passkey, log_in, login_page, post};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

const PAGE: &str = "/account/passkeys";

/// A browser in which Alice has just logged in with her password, on the page of her passkeys.
pub(super) async fn alice_at_her_passkeys(server: &Server) -> (Person<'_>, Reply) {
    let mut person = Person::new(server);
    let login = person.open(PAGE).await;
    let form = Form::find(&login.body, "login").unwrap().fill("username", ALICE.username).fill("password", ALICE.password);
    let done = person.submit(&form, "sign-in").await;
    assert_eq!(done.status, 303, "{done:?}");
    let page = open(&mut person).await;
    (person, page)
}

async fn open(person: &mut Person<'_>) -> Reply {
    let page = person.open(PAGE).await;
    assert_eq!(page.status, 200, "{page:?}");
    page
}

fn form(page: &Reply, id: &str) -> Form {
    Form::find(&page.body, id).unwrap_or_else(|| panic!("no form {id}: {page:?}"))
}

/// Asks for a challenge, as the script of the page does.
async fn ask(person: &mut Person<'_>, server: &Server, page: &Reply) -> Value {
    let reply = post(person, server, "/account/passkeys/options", &form(page, "add-passkey").press("add")).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

/// Sends what an authenticator answered, with a name.
async fn send(person: &mut Person<'_>, page: &Reply, challenge: &Value, answer: &Value, name: &str) -> Reply {
    let id = challenge["challenge"].as_str().unwrap();
    let form = form(page, "add-passkey").fill("challenge", id).fill("credential", &answer.to_string()).fill("name", name);
    person.submit(&form, "add").await
}

/// Adds a passkey by the page, with `change` to what the authenticator says.
pub(super) async fn add(
    person: &mut Person<'_>,
    server: &Server,
    authenticator: &mut Authenticator,
    name: &str,
    change: impl FnOnce(&mut Said),
) -> Reply {
    let page = open(person).await;
    let challenge = ask(person, server, &page).await;
    let mut said = authenticator.about_to_create(&challenge["publicKey"], server.issuer());
    change(&mut said);
    send(person, &page, &challenge, &authenticator.create(&said), name).await
}

pub(super) fn assert_added(reply: &Reply) {
    assert_eq!((reply.status, reply.header("location")), (303, Some("/account/passkeys?done=passkey-added")), "{reply:?}");
}

fn assert_not_added(reply: &Reply) {
    assert_eq!(reply.status, 400, "{reply:?}");
    assert!(reply.body.contains("The passkey could not be added."), "{reply:?}");
}

/// WebAuthn Level 3 section 7.1
#[tokio::test]
async fn a_person_makes_passkeys_and_logs_in_with_each() {
    let server = Server::local(json!({})).await;
    let (mut person, page) = alice_at_her_passkeys(&server).await;
    assert!(page.body.contains("id=\"no-passkeys\"") && page.body.contains("aria-current=\"page\">Passkeys"), "{page:?}");
    let (mut phone, mut key) = (Authenticator::new(), Authenticator::new());
    assert_added(&add(&mut person, &server, &mut phone, " My <phone> ", |_| ()).await);
    key.aaguid = 0xd548_826e_79b4_db40_a3d8_1111_6f7e_8349_u128.to_be_bytes();
    server.inside().clock.advance(60);
    assert_added(&add(&mut person, &server, &mut key, "", |_| ()).await);
    let page = open(&mut person).await;
    assert!(page.body.contains("My &#60;phone&#62;") && page.body.contains("Bitwarden"), "{}", page.body);
    assert_eq!(page.body.matches("Not used yet.").count(), 2);
    for authenticator in [&phone, &key] {
        let mut other = Person::new(&server);
        let login = login_page(&mut other, &[]).await;
        assert_eq!(log_in(&mut other, &server, &login, authenticator, |_| ()).await.status, 303);
    }
    assert!(open(&mut person).await.body.contains("Last used: <time"));
    let events = person.open("/account/events").await;
    assert_eq!(events.body.matches("A passkey was added").count(), 2, "{events:?}");
    assert!(events.body.contains("Bitwarden"));
}

/// Whoever changes how an account is protected has just proved who they are
#[tokio::test]
async fn passkeys_need_a_recent_login_and_a_passkey_is_one() {
    let server = Server::local(json!({})).await;
    let (mut person, page) = alice_at_her_passkeys(&server).await;
    let mut authenticator = Authenticator::new();
    assert_added(&add(&mut person, &server, &mut authenticator, "", |_| ()).await);
    server.inside().clock.advance(601);
    let login = person.open(PAGE).await;
    assert!(Form::find(&login.body, "login").is_some(), "{login:?}");
    let body = form(&page, "add-passkey").press("add");
    for path in [PAGE, "/account/passkeys/options"] {
        let reply = post(&mut person, &server, path, &body).await;
        assert!(Form::find(&reply.body, "login").is_some() && !reply.body.contains("publicKey\":{"), "{reply:?}");
    }
    let done = log_in(&mut person, &server, &login, &authenticator, |_| ()).await;
    assert_eq!((done.status, done.header("location").map(|to| to.starts_with(PAGE))), (303, Some(true)), "{done:?}");
    open(&mut person).await;
}

/// WebAuthn Level 3 section 7.1: nothing that is wrong in any point is kept.
#[tokio::test]
async fn a_passkey_that_is_wrong_in_any_point_is_not_kept() {
    let server = Server::local(json!({})).await;
    let (mut person, _) = alice_at_her_passkeys(&server).await;
    for (what, change) in WRONG_CREATIONS {
        let refused = add(&mut person, &server, &mut Authenticator::new(), what, change).await;
        assert_not_added(&refused);
    }
    assert!(open(&mut person).await.body.contains("id=\"no-passkeys\""));
}

/// WebAuthn Level 3 sections 7.1 step 26 and 13.4.3: one challenge, one passkey; one credential, one person.
#[tokio::test]
async fn a_challenge_and_a_credential_count_once() {
    let server = Server::local(json!({})).await;
    let local = server.inside();
    let (mut person, page) = alice_at_her_passkeys(&server).await;
    let mut authenticator = Authenticator::new();
    let challenge = ask(&mut person, &server, &page).await;
    let said = authenticator.about_to_create(&challenge["publicKey"], server.issuer());
    let answer = authenticator.create(&said);

    // A challenge to log in is none to make a passkey, nor is one for another browser.
    let (mut thief, thief_s_page) = alice_at_her_passkeys(&server).await;
    assert_not_added(&send(&mut thief, &thief_s_page, &challenge, &answer, "").await);
    assert_added(&send(&mut person, &page, &challenge, &answer, "").await);
    assert_not_added(&send(&mut person, &page, &challenge, &answer, "").await);
    assert_not_added(&add(&mut person, &server, &mut authenticator, "", |_| ()).await);

    let bob = add_bob(&server).await;
    let kept = local.context.store.find_passkey(&PasskeyId::of(&authenticator.credential_id)).await.unwrap().unwrap();
    let of_bob = Passkey { user_id: bob, ..kept };
    assert_eq!(local.context.store.add_passkey(&of_bob).await.unwrap(), PasskeyAdded::Taken);
}

/// Adds another person, who has no password.
async fn add_bob(server: &Server) -> UserId {
    let context = &server.inside().context;
    let id = UserId(context.ulid());
    let user = User {
        id,
        subject: Subject(id.to_string()),
        username: Some("bob".to_owned()),
        password_hash: None,
        claims: serde_json::Map::new(),
        locked: false,
        created_at: context.now(),
        updated_at: context.now(),
    };
    assert!(context.store.create_user(&user, &Login::Local("bob".to_owned())).await.unwrap());
    id
}

#[tokio::test]
async fn a_passkey_gets_another_name_and_is_removed() {
    let server = Server::local(json!({})).await;
    let (mut person, _) = alice_at_her_passkeys(&server).await;
    let mut authenticator = Authenticator::new();
    assert_added(&add(&mut person, &server, &mut authenticator, "Old", |_| ()).await);
    let page = open(&mut person).await;
    let renamed = person.submit(&form(&page, "change-1").fill("name", "New\u{202e} name"), "rename-1").await;
    assert_eq!(renamed.header("location"), Some("/account/passkeys?done=passkey-renamed"), "{renamed:?}");
    let page = open(&mut person).await;
    assert!(page.body.contains("New") && !page.body.contains(">Old<"), "{page:?}");

    let removed = person.submit(&form(&page, "change-1"), "remove-1").await;
    assert_eq!(removed.header("location"), Some("/account/passkeys?done=passkey-removed"), "{removed:?}");
    assert!(open(&mut person).await.body.contains("id=\"no-passkeys\""));
    assert!(person.open("/account/events").await.body.contains("A passkey was removed"));
    let mut other = Person::new(&server);
    let login = login_page(&mut other, &[]).await;
    assert_eq!(log_in(&mut other, &server, &login, &authenticator, |_| ()).await.status, 403);
    // Twice is as good as once.
    assert_eq!(person.submit(&form(&page, "change-1"), "remove-1").await.header("location"), Some(PAGE));
}

/// Insecure direct object references: another person's passkey is as good as none
#[tokio::test]
async fn nobody_changes_another_person_s_passkey() {
    let server = Server::local(json!({})).await;
    let local = server.inside();
    let bob = add_bob(&server).await;
    let mut of_bob = Authenticator::new();
    let kept = give_passkey(&local.context, bob, &mut of_bob, |_| ()).await;
    let (mut person, _) = alice_at_her_passkeys(&server).await;
    assert_added(&add(&mut person, &server, &mut Authenticator::new(), "Mine", |_| ()).await);
    let page = open(&mut person).await;
    assert!(!page.body.contains(kept.id.as_str()));
    for (button, id) in [("rename-1", kept.id.as_str()), ("remove-1", kept.id.as_str()), ("remove-1", "x"), ("rename-1", "user#x")] {
        let reply = person.submit(&form(&page, "change-1").fill("passkey", id).fill("name", "Stolen"), button).await;
        assert_eq!(reply.header("location"), Some(PAGE), "{reply:?}");
    }
    assert_eq!(local.context.store.find_passkey(&kept.id).await.unwrap(), Some(kept));
}

/// Nobody locks themselves out: the last way to log in stays
#[tokio::test]
async fn the_last_way_to_log_in_can_not_be_removed() {
    let server = Server::local(json!({})).await;
    let local = server.inside();
    let bob = add_bob(&server).await;
    let (mut one, mut two) = (Authenticator::new(), Authenticator::new());
    give_passkey(&local.context, bob, &mut one, |_| ()).await;
    let mut person = Person::new(&server);
    let login = person.open(PAGE).await;
    assert_eq!(log_in(&mut person, &server, &login, &one, |_| ()).await.status, 303);
    let page = open(&mut person).await;
    let refused = person.submit(&form(&page, "change-1"), "remove-1").await;
    assert_eq!(refused.status, 409, "{refused:?}");
    assert!(refused.body.contains("Without this passkey you could not sign in any more."));
    assert_added(&add(&mut person, &server, &mut two, "", |_| ()).await);
    let page = open(&mut person).await;
    assert_eq!(person.submit(&form(&page, "change-1"), "remove-1").await.status, 303);
}

#[tokio::test]
async fn a_person_has_so_many_passkeys_and_no_more() {
    let server = Server::local(json!({})).await;
    let local = server.inside();
    let (mut person, page) = alice_at_her_passkeys(&server).await;
    let challenge = ask(&mut person, &server, &page).await;
    for _ in 0..MAX_PASSKEYS {
        give_passkey(&local.context, local.alice, &mut Authenticator::new(), |_| ()).await;
    }
    let mut late = Authenticator::new();
    let said = late.about_to_create(&challenge["publicKey"], server.issuer());
    let refused = send(&mut person, &page, &challenge, &late.create(&said), "").await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("as many passkeys as one account may have") && Form::find(&refused.body, "add-passkey").is_none());
    assert_eq!(local.context.store.find_passkey(&PasskeyId::of(&late.credential_id)).await.unwrap(), None);
}

/// WebAuthn Level 3 section 6.1.1: a clone is refused, and the person finds it among their events.
#[tokio::test]
async fn a_passkey_that_may_have_been_copied_is_told_of() {
    let server = Server::local(json!({})).await;
    let (mut person, _) = alice_at_her_passkeys(&server).await;
    let mut authenticator = Authenticator::new();
    assert_added(&add(&mut person, &server, &mut authenticator, "My key", |said| said.counter = 9).await);
    let mut thief = Person::new(&server);
    let login = login_page(&mut thief, &[]).await;
    assert_eq!(log_in(&mut thief, &server, &login, &authenticator, |said| said.counter = 5).await.status, 403);
    let events = person.open("/account/events").await;
    assert!(events.body.contains("A passkey may have been copied") && events.body.contains("My key"), "{events:?}");
}

/// OWASP Cross-Site Request Forgery Prevention
#[tokio::test]
async fn forms_come_from_the_page_in_its_browser_and_login() {
    let server = Server::local(json!({})).await;
    let (mut person, page) = alice_at_her_passkeys(&server).await;
    let body = form(&page, "add-passkey").press("add");
    for path in [PAGE, "/account/passkeys/options"] {
        for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
            assert_eq!(person.send(Event::post_form(path, &body).header(name, value)).await.status, 403, "{path} {name}");
        }
        let without: Vec<&str> = body.split('&').filter(|pair| !pair.starts_with("form_token=")).collect();
        assert_eq!(post(&mut person, &server, path, &without.join("&")).await.status, 403);
    }
    let (mut again, _) = alice_at_her_passkeys(&server).await;
    assert_eq!(post(&mut again, &server, "/account/passkeys/options", &body).await.status, 403, "another login");
    assert_eq!(person.open("/account/passkeys/options").await.status, 405);
}

/// `[passkeys]`: where they are off, nobody is led there
#[tokio::test]
async fn where_passkeys_are_off_the_account_does_not_speak_of_them() {
    let server = Server::local(json!({"passkeys": {"enabled": false}})).await;
    let mut person = Person::new(&server);
    let login = person.open("/account").await;
    let done = person.submit(&form(&login, "login").fill("username", ALICE.username).fill("password", ALICE.password), "sign-in").await;
    let hub = person.open(done.header("location").unwrap()).await;
    assert!(hub.status == 200 && !hub.body.contains(PAGE), "{hub:?}");
    assert_eq!(person.open(PAGE).await.status, 400);
}
