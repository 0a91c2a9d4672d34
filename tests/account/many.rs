//! People who have more than fits on one page: everything is shown, ended and taken along all the same.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantlet::endpoint::people::{ExportPart, export_person};
use grantlet::model::client::ClientId;
use grantlet::model::consent::Consent;
use grantlet::model::event::EventKind;
use grantlet::model::grant::{Grant, GrantStatus, RevokedBy};
use grantlet::protocol::details::AuthorizationDetails;
use serde_json::{Value, json};
use ulid::Ulid;

use super::{BOB, add_bob, alice_at, follow, form, open};
use crate::support::oauth::{ALICE, authorization_query};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

const APPS: &str = "/account/apps";
const SESSIONS: &str = "/account/sessions";
const DATA: &str = "/account/data";

/// A site whose logo is as large as it may be, on every page.
fn site() -> Value {
    let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 16 * 1_024 - 8]].concat();
    json!({"site": {"name": "Notes", "logo": format!("data:image/png;base64,{}", STANDARD.encode(png))}})
}

/// A server with Alice, who allowed things to `client(0)`, the newest, up to `client(count - 1)`.
async fn with_grants(count: usize, client: impl Fn(usize) -> String) -> (Server, Vec<Grant>) {
    let server = Server::local(site()).await;
    Person::new(&server).authorize(&authorization_query("app", &[]), ALICE).await;
    let local = server.inside();
    let store = &local.context.store;
    let first = store.list_grant_ids(local.alice).await.unwrap()[0];
    let like = store.find_grant(first).await.unwrap().unwrap();
    store.delete_grant(first).await.unwrap();
    store.forget_consents(local.alice).await.unwrap();
    let newest = first.timestamp_ms();
    let grant = |at: usize| Grant {
        id: Ulid::from_parts(newest - u64::try_from(at).unwrap(), 7),
        client_id: ClientId::parse(&client(at)).unwrap(),
        created_at: like.created_at.plus(-i64::try_from(at).unwrap()),
        ..like.clone()
    };
    let grants: Vec<Grant> = (0..count).map(grant).collect();
    for grant in &grants {
        store.create_grant(grant).await.unwrap();
    }
    (server, grants)
}

/// The values of the buttons called `name`.
fn buttons(page: &Reply, name: &str) -> Vec<String> {
    let marker = format!("name=\"{name}\" value=\"");
    page.body.split(marker.as_str()).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

fn link(page: &Reply, id: &str) -> Option<String> {
    let (_, rest) = page.body.split_once(&format!("id=\"{id}\" href=\""))?;
    Some(rest.split('"').next().unwrap().to_owned())
}

/// All pages of a list, from `page` on, none of which is larger than a page may be.
async fn walk(person: &mut Person<'_>, page: Reply) -> Vec<Reply> {
    let mut pages = vec![page];
    while let Some(next) = link(pages.last().unwrap(), "next-page") {
        let page = person.open(&next).await;
        assert_eq!(page.status, 200, "{page:?}");
        pages.push(page);
    }
    assert!(pages.iter().all(|page| page.body.contains("class=\"logo\"") && page.body.len() <= 50_000));
    pages
}

async fn active(server: &Server) -> usize {
    let local = server.inside();
    let mut count = 0;
    for id in local.context.store.list_grant_ids(local.alice).await.unwrap() {
        let grant = local.context.store.find_grant(id).await.unwrap().unwrap();
        assert!([GrantStatus::Active, GrantStatus::Revoked(RevokedBy::Person)].contains(&grant.status));
        count += usize::from(grant.status == GrantStatus::Active);
    }
    count
}

#[tokio::test]
async fn every_application_of_a_long_list_is_shown_once_and_withdrawn_wherever_it_stands() {
    // The newest and the oldest are one application's.
    let (server, _) = with_grants(250, |at| format!("app-{}", if at == 249 { 0 } else { at })).await;
    let (mut person, page) = alice_at(&server, APPS).await;
    let pages = walk(&mut person, page).await;
    assert_eq!(pages.len(), 13);
    let shown: Vec<Vec<String>> = pages.iter().map(|page| buttons(page, "withdraw")).collect();
    let all: BTreeSet<&String> = shown.iter().flatten().collect();
    assert_eq!((all.len(), shown.concat().len()), (249, 250), "one application is on two pages");
    assert!(shown[0][0] == "app-0" && shown[12].contains(&"app-0".to_owned()));
    assert!(pages.iter().all(|page| page.body.contains("id=\"long-list\"")) && link(&pages[0], "first-page").is_none());
    assert_eq!(link(&pages[12], "first-page").as_deref(), Some(APPS));

    let done = person.submit(&form(&pages[0], "apps"), "withdraw-app-0").await;
    let page = follow(&mut person, done).await;
    assert_eq!(active(&server).await, 248);
    let last = walk(&mut person, page).await.pop().unwrap();
    assert!(!buttons(&last, "withdraw").contains(&"app-0".to_owned()));
    // From the last page as from the first: everything.
    let done = person.submit(&form(&last, "apps"), "withdraw-all").await;
    let page = follow(&mut person, done).await;
    assert!(page.body.contains("id=\"notice\"") && page.body.contains("id=\"no-apps\""), "{page:?}");
    assert_eq!(active(&server).await, 0);
    let local = server.inside();
    let events = local.context.store.list_events(local.alice, local.context.now()).await.unwrap();
    let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::AllAccessWithdrawn, EventKind::AccessWithdrawn]);
}

/// What need not ask again comes after what has access, on as many pages as it takes
#[tokio::test]
async fn every_remembered_consent_of_a_long_list_is_shown() {
    let (server, _) = with_grants(30, |at| format!("app-{at}")).await;
    let local = server.inside();
    let consent = Consent { scopes: vec!["openid".to_owned(), "profile".to_owned()], ..Consent::default() };
    let remembered: BTreeSet<String> = (0..60).map(|at| format!("known-{at:02}")).chain(["app-29".to_owned()]).collect();
    for id in &remembered {
        local.context.store.remember_consent(local.alice, &ClientId::parse(id).unwrap(), &consent, local.context.now()).await.unwrap();
    }
    let (mut person, page) = alice_at(&server, APPS).await;
    let pages = walk(&mut person, page).await;
    let shown: Vec<Vec<String>> = pages.iter().map(|page| buttons(page, "withdraw")).collect();
    assert_eq!(shown.iter().map(Vec::len).collect::<Vec<_>>(), [20, 20, 20, 20, 10]);
    assert!(shown[0].iter().all(|id| id.starts_with("app-")));
    let all: BTreeSet<String> = shown.concat().into_iter().collect();
    assert!(all.len() == 90 && all.is_superset(&remembered), "{all:?}");
    // With access and remembered, it is one entry.
    assert_eq!(pages[1].body.matches("app-29").count(), pages[1].body.matches("app-28").count());

    let done = person.submit(&form(&pages[4], "apps"), "withdraw-all").await;
    let page = follow(&mut person, done).await;
    assert!(page.body.contains("id=\"no-apps\""), "{page:?}");
}

/// Apps with much to say are fewer on a page
#[tokio::test]
async fn a_page_of_apps_with_long_details_has_fewer_of_them() {
    let (server, grants) = with_grants(30, |at| format!("app-{at}")).await;
    let store = &server.inside().context.store;
    for grant in &grants {
        store.delete_grant(grant.id).await.unwrap();
        let details = (0..3).map(|at| json!({"type": "payment", "note": format!("{at} {}", "x".repeat(900))})).collect::<Vec<_>>();
        let authorization_details = AuthorizationDetails::read_untyped(&json!(details).to_string()).unwrap();
        store.create_grant(&Grant { authorization_details, ..grant.clone() }).await.unwrap();
    }
    let (mut person, page) = alice_at(&server, APPS).await;
    let pages = walk(&mut person, page).await;
    let shown: Vec<String> = pages.iter().flat_map(|page| buttons(page, "withdraw")).collect();
    assert_eq!((shown.len(), shown.iter().collect::<BTreeSet<_>>().len()), (30, 30));
    assert!(pages.len() > 2, "{}", pages.len());
}

/// OWASP API1: the place in a list is of one person, one list and an hour, and says nothing to anybody
#[tokio::test]
async fn a_place_in_a_list_is_of_no_use_to_somebody_else_elsewhere_or_later() {
    let (server, grants) = with_grants(21, |at| format!("app-{at}")).await;
    add_bob(&server).await;
    let (mut person, page) = alice_at(&server, APPS).await;
    let next = link(&page, "next-page").unwrap();
    assert!(grants.iter().all(|grant| !next.contains(&grant.id.to_string())) && !next.contains(&server.inside().alice.to_string()));
    assert_eq!(buttons(&person.open(&next).await, "withdraw"), ["app-20"]);
    let mut bob = Person::new(&server);
    open(&mut bob, APPS, BOB).await;
    let begins_anew = |reply: &Reply, path: &str| assert_eq!((reply.status, reply.header("location")), (303, Some(path)), "{reply:?}");
    begins_anew(&bob.open(&next).await, APPS);
    begins_anew(&person.open(&next.replace(APPS, SESSIONS)).await, SESSIONS);
    begins_anew(&person.open(&format!("{APPS}?after=nonsense")).await, APPS);
    begins_anew(&person.open(&next[..next.len() - 2]).await, APPS);
    server.inside().clock.advance(3_600);
    begins_anew(&person.open(&next).await, APPS);
}

/// What takes too long at once is said, and goes on at the next press
#[tokio::test]
async fn more_than_one_press_can_end_is_said_and_ended_by_the_next() {
    let (server, _) = with_grants(620, |_| "app".to_owned()).await;
    let (mut person, page) = alice_at(&server, APPS).await;
    assert_eq!(buttons(&page, "withdraw"), ["app"]);
    let done = person.submit(&form(&page, "apps"), "withdraw-app").await;
    let page = follow(&mut person, done).await;
    let left = active(&server).await;
    assert!(page.body.contains("once more") && left > 0 && left <= 120, "{left}: {page:?}");
    let done = person.submit(&form(&page, "apps"), "withdraw-app").await;
    let page = follow(&mut person, done).await;
    assert!(page.body.contains("id=\"no-apps\"") && !page.body.contains("once more"), "{page:?}");
    assert_eq!(active(&server).await, 0);
}

#[tokio::test]
async fn every_session_of_a_long_list_is_shown_and_ended() {
    let server = Server::local(site()).await;
    let (mut person, _) = alice_at(&server, "/account").await;
    let local = server.inside();
    let store = &local.context.store;
    let own = store.list_session_ids(local.alice).await.unwrap()[0];
    let like = store.find_session(own, local.context.now()).await.unwrap().unwrap();
    for at in 1..=230 {
        let id = Ulid::from_parts(own.timestamp_ms() - at, 7);
        store.create_session(&grantlet::model::session::Session { id, ..like.clone() }).await.unwrap();
    }
    let page = person.open(SESSIONS).await;
    assert_eq!(page.body.matches("this browser").count(), 1);
    let pages = walk(&mut person, page).await;
    let shown: Vec<String> = pages.iter().flat_map(|page| buttons(page, "end")).filter(|value| value != "others").collect();
    assert_eq!((pages.len(), shown.len(), shown.iter().collect::<BTreeSet<_>>().len()), (10, 230, 230));
    assert!(!shown.contains(&own.to_string()) && !pages[1].body.contains("this browser"));
    let done = person.submit(&form(&pages[9], "sessions"), "end-others").await;
    let page = follow(&mut person, done).await;
    assert!(page.body.contains("id=\"notice\"") && !page.body.contains("end-others"), "{page:?}");
    assert_eq!(store.list_session_ids(local.alice).await.unwrap(), [own]);
}

/// GDPR articles 15 and 20: everything, in as many files as it takes
#[tokio::test]
async fn a_long_download_comes_in_parts_that_have_everything_together() {
    let (server, grants) = with_grants(450, |at| format!("app-{at}")).await;
    add_bob(&server).await;
    let (mut person, page) = alice_at(&server, DATA).await;
    assert!(page.body.contains("in 3 files"), "{page:?}");
    let shown = form(&page, "export");
    // What is made or ended in between neither hides nor doubles anything.
    let local = server.inside();
    let later = Grant { id: Ulid::from_parts(grants[0].id.timestamp_ms() + 1, 7), ..grants[0].clone() };
    local.context.store.create_grant(&later).await.unwrap();
    let mut ids = Vec::new();
    for number in 1..=3 {
        let answer = person.submit(&shown, &format!("download-{number}")).await;
        let name = format!("attachment; filename=\"account-{number}-of-3.json\"");
        assert_eq!((answer.status, answer.header("content-disposition")), (200, Some(name.as_str())), "{answer:?}");
        let data = answer.json();
        assert_eq!(data["part"], json!({"number": number, "of": 3}));
        assert_eq!((data.get("profile").is_some(), data.get("events").is_some()), (number == 1, number == 1));
        assert_eq!(data["sessions"].as_array().unwrap().is_empty(), number > 1);
        ids.extend(data["grants"].as_array().unwrap().iter().map(|grant| grant["id"].as_str().unwrap().to_owned()));
    }
    let expected: Vec<String> = std::iter::once(&later).chain(&grants).map(|grant| grant.id.to_string()).collect();
    assert_eq!(ids, expected);
    let events = local.context.store.list_events(local.alice, local.context.now()).await.unwrap();
    assert_eq!(events.iter().filter(|event| event.kind == EventKind::DataExported).count(), 1, "it is one download");

    // The operator's program has no limit.
    let user = local.context.store.find_user(local.alice).await.unwrap().unwrap();
    let whole: Value = export_person(&local.context, &user, &ExportPart::WHOLE).await.unwrap();
    assert_eq!((whole["grants"].as_array().unwrap().len(), &whole["part"]), (451, &json!({"number": 1, "of": 1})));
    assert_eq!(whole["profile"]["username"], "alice");
    // A part is its person's.
    let mut bob = Person::new(&server);
    let page = open(&mut bob, DATA, BOB).await;
    let token = form(&page, "export").field("form_token").to_owned();
    let body = crate::support::oauth::encode(&[("form_token", token.as_str()), ("part", &buttons(&person.open(DATA).await, "part")[1])]);
    let refused = bob.send(crate::support::event::Event::post_form(DATA, &body)).await;
    assert_eq!((refused.status, refused.header("location")), (303, Some(DATA)), "{refused:?}");
}
