//! What people say about themselves: written by them, checked, and told to clients that may know it.

use grantlet::model::event::EventKind;
use serde_json::{Value, json};

use super::base::come_back;
use super::{BOB, add_bob, alice_at, follow, form, open};
use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, As, authorization_query, claims, encode, exchange, parameter, userinfo};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::site::server_with_site;

const PATH: &str = "/account/profile";

async fn server() -> Server {
    Server::local(json!({})).await
}

/// Fills the form in and sends it.
async fn save(person: &mut Person<'_>, values: &[(&str, &str)]) -> Reply {
    let page = person.open(PATH).await;
    let form = values.iter().fold(form(&page, "profile-form"), |form, (name, value)| form.fill(name, value));
    person.submit(&form, "save").await
}

async fn saved(person: &mut Person<'_>, values: &[(&str, &str)]) -> Reply {
    let done = save(person, values).await;
    assert_eq!((done.status, done.header("location")), (303, Some("/account/profile?done=profile-saved")), "{done:?}");
    follow(person, done).await
}

async fn claims_of_alice(server: &Server) -> Value {
    let local = server.inside();
    Value::Object(local.context.store.find_user(local.alice).await.unwrap().unwrap().claims)
}

/// What stands beside the field `name`.
fn complaint(page: &Reply, name: &str) -> Option<String> {
    let (_, rest) = page.body.split_once(&format!("id=\"{name}-problem\">"))?;
    Some(rest.split('<').next().unwrap().to_owned())
}

/// OpenID Connect Core sections 5.1 and 5.3
#[tokio::test]
async fn what_a_person_writes_is_in_the_next_id_token_and_at_userinfo() {
    let server = server().await;
    let (mut person, page) = alice_at(&server, PATH).await;
    assert_eq!(form(&page, "profile-form").field("name"), "Alice");
    server.inside().clock.advance(100);
    let values = [
        ("name", " Dr. Alice <Adams> "),
        ("given_name", "Alice"),
        ("family_name", "Adams"),
        ("picture", "https://Images.example/alice.png"),
        ("gender", "female"),
        ("birthdate", "0000-02-29"),
        ("zoneinfo", "Europe/Zurich"),
        ("locale", "de_ch"),
        ("street_address", "1 Road\r\nHouse"),
        ("locality", "Bern"),
        ("country", "CH"),
    ];
    let page = saved(&mut person, &values).await;
    assert!(page.body.contains("id=\"notice\"") && page.body.contains("Dr. Alice &#60;Adams&#62;"), "{page:?}");
    let known = json!({
        "name": "Dr. Alice <Adams>", "given_name": "Alice", "family_name": "Adams", "picture": "https://images.example/alice.png", "gender": "female",
        "birthdate": "0000-02-29", "zoneinfo": "Europe/Zurich", "locale": "de-CH", "email": "alice@example.com", "email_verified": true,
        "address": {"street_address": "1 Road\nHouse", "locality": "Bern", "country": "CH"},
    });
    assert_eq!(claims_of_alice(&server).await, known);

    let asked = json!({"id_token": {"name": null, "locale": null, "updated_at": null, "address": null}}).to_string();
    let query = authorization_query("app", &[("scope", Some("openid profile email address")), ("claims", Some(&asked))]);
    let landed = person.authorize(&query, ALICE).await;
    let tokens = exchange(&server, As::Basic("app"), &parameter(&landed, "code").unwrap()).await.json();
    let id_token = claims(tokens["id_token"].as_str().unwrap());
    assert_eq!((&id_token["name"], &id_token["locale"], &id_token["address"]), (&known["name"], &known["locale"], &known["address"]));
    let now = server.inside().clock.time().0;
    assert_eq!(id_token["updated_at"], now);
    let told = userinfo(&server, tokens["access_token"].as_str().unwrap()).await.json();
    for (name, value) in known.as_object().unwrap() {
        assert_eq!(&told[name], value, "{name}");
    }
    assert_eq!(told["updated_at"], now);
    // A field that is emptied is told no more, and what nobody wrote in anew stays.
    server.inside().clock.advance(100);
    saved(&mut person, &[("locale", ""), ("street_address", ""), ("locality", " "), ("country", "")]).await;
    let left = claims_of_alice(&server).await;
    assert!(left.get("locale").is_none() && left.get("address").is_none(), "{left}");
    assert_eq!((&left["name"], &left["zoneinfo"]), (&known["name"], &known["zoneinfo"]));
    let told = userinfo(&server, tokens["access_token"].as_str().unwrap()).await.json();
    assert_eq!((told.get("locale"), &told["updated_at"]), (None, &json!(now + 100)));
}

/// OpenID Connect Core section 5.1: each value has a form
#[tokio::test]
async fn each_field_says_what_is_wrong_with_it_and_keeps_what_was_entered() {
    let server = server().await;
    let before = claims_of_alice(&server).await;
    let (mut person, _) = alice_at(&server, PATH).await;
    let wrong = [
        ("nickname", "a\u{202e}b", "can’t be shown"),
        ("picture", "http://images.example/a.png", "begins with https://"),
        ("website", "javascript:alert(1)", "begins with https://"),
        ("birthdate", "31.05.1990", "year-month-day"),
        ("locale", "German", "language tag"),
        ("zoneinfo", "Berlin", "area and city"),
        ("family_name", &"x".repeat(101), "at most 100 characters"),
        ("postal_code", "3000\u{7}", "can’t be shown"),
    ];
    let mut values: Vec<(&str, &str)> = wrong.iter().map(|(name, value, _)| (*name, *value)).collect();
    values.extend([("given_name", "Alice"), ("name", "\"><script>alert(1)</script>")]);
    let page = save(&mut person, &values).await;
    assert_eq!(page.status, 400);
    assert!(page.body.contains("Nothing is saved yet") && !page.body.contains("<script"), "{page:?}");
    let shown = form(&page, "profile-form");
    for (name, value, words) in wrong {
        assert!(complaint(&page, name).is_some_and(|said| said.contains(words)), "{name}: {page:?}");
        assert_eq!(shown.field(name), value);
        let described = format!("aria-describedby=\"{name}-problem");
        assert!(page.body.contains(&described) && page.body.matches("aria-invalid=\"true\"").count() == wrong.len(), "{name}: {page:?}");
    }
    for (name, value) in [("given_name", "Alice"), ("name", "\"><script>alert(1)</script>")] {
        assert_eq!((complaint(&page, name), shown.field(name)), (None, value));
    }
    assert_eq!(claims_of_alice(&server).await, before);
    // What was entered is mended where it is, and sent again.
    let mended = [
        ("nickname", "ab"),
        ("picture", ""),
        ("website", ""),
        ("birthdate", "1990"),
        ("locale", "de"),
        ("zoneinfo", "UTC"),
        ("family_name", "A"),
        ("postal_code", "3000"),
    ];
    let form = mended.iter().fold(shown, |form, (name, value)| form.fill(name, value));
    assert_eq!(person.submit(&form, "save").await.status, 303);
    assert_eq!(claims_of_alice(&server).await["birthdate"], "1990");
}

/// What the operator wrote stays as it is until somebody changes it
#[tokio::test]
async fn what_is_not_touched_is_neither_judged_nor_lost() {
    let server = server().await;
    let local = server.inside();
    let kept = json!({
        "name": "Alice", "website": "http://old.example/", "zoneinfo": "CET", "role": ["admin"], "name#ja": "アリス", "preferred_username": "al",
        "phone_number": "+41 31 000 00 00", "address": {"formatted": "1 Road\nBern", "locality": "Bern"},
    });
    local.context.store.set_claims(local.alice, kept.as_object().unwrap(), local.context.now()).await.unwrap();
    let (mut person, page) = alice_at(&server, PATH).await;
    assert!(page.body.contains("+41 31 000 00 00") && form(&page, "profile-form").field("formatted") == "1 Road\nBern", "{page:?}");
    saved(&mut person, &[("nickname", "Ali")]).await;
    let mut expected = kept.clone();
    expected["nickname"] = json!("Ali");
    assert_eq!(claims_of_alice(&server).await, expected);
    // A form that lacks fields changes those that it has.
    let shown = form(&person.open(PATH).await, "profile-form");
    let (token, state) = (shown.field("form_token"), shown.field("state"));
    let body = encode(&[
        ("form_token", token),
        ("state", state),
        ("name", "Alice A."),
        ("email", "evil@example.com"),
        ("role", "root"),
        ("sub", "bob"),
    ]);
    let done = person.send(Event::post_form(PATH, &body).header("origin", server.issuer())).await;
    assert_eq!(done.status, 303, "{done:?}");
    expected["name"] = json!("Alice A.");
    assert_eq!(claims_of_alice(&server).await, expected);
    // An address whose parts changed would be said wrongly as a whole.
    saved(&mut person, &[("locality", "Biel")]).await;
    assert_eq!(claims_of_alice(&server).await["address"], json!({"locality": "Biel"}));
}

/// The operator decides what people may write
#[tokio::test]
async fn people_write_the_claims_that_the_operator_lets_them() {
    let server = Server::local(json!({"accounts": {"editable_claims": ["nickname", "preferred_username"]}})).await;
    let (mut person, page) = alice_at(&server, PATH).await;
    for (name, is_there) in [("nickname", true), ("preferred_username", true), ("name", false), ("street_address", false), ("email", false)]
    {
        assert_eq!(page.body.contains(&format!("name=\"{name}\"")), is_there, "{name}");
    }
    let shown = form(&page, "profile-form");
    let (token, state) = (shown.field("form_token"), shown.field("state"));
    let body = encode(&[("form_token", token), ("state", state), ("nickname", "Ali"), ("name", "Mallory"), ("locality", "Bern")]);
    assert_eq!(person.send(Event::post_form(PATH, &body)).await.status, 303);
    let known = claims_of_alice(&server).await;
    assert_eq!((&known["nickname"], &known["name"], known.get("address")), (&json!("Ali"), &json!("Alice"), None));

    let closed = Server::local(json!({"accounts": {"editable_claims": []}})).await;
    let (mut person, hub) = alice_at(&closed, "/account").await;
    assert!(!hub.body.contains(PATH), "{hub:?}");
    assert!(Form::find(&person.open(PATH).await.body, "profile-form").is_none());
    assert!(!person.open("/account/data").await.body.contains(PATH));
}

/// Lost updates: a page that was open meanwhile undoes nothing, and keeps what was entered
#[tokio::test]
async fn two_pages_that_were_open_at_once_do_not_undo_each_other() {
    let server = server().await;
    let (mut phone, first) = alice_at(&server, PATH).await;
    let (mut person, second) = alice_at(&server, PATH).await;
    assert_eq!(phone.submit(&form(&first, "profile-form").fill("family_name", "Adams"), "save").await.status, 303);
    let refused = person.submit(&form(&second, "profile-form").fill("nickname", "Ali"), "save").await;
    assert!(refused.status == 409 && refused.body.contains("changed elsewhere"), "{refused:?}");
    let known = claims_of_alice(&server).await;
    assert_eq!((&known["family_name"], known.get("nickname")), (&json!("Adams"), None));
    let shown = form(&refused, "profile-form");
    assert_eq!((shown.field("nickname"), shown.field("family_name")), ("Ali", ""));
    assert_eq!(person.submit(&shown.fill("family_name", "Adams"), "save").await.status, 303);
    let known = claims_of_alice(&server).await;
    assert_eq!((&known["family_name"], &known["nickname"]), (&json!("Adams"), &json!("Ali")));
}

/// The site's own login: what it says of its people stays its own to say
#[tokio::test]
async fn a_person_of_the_site_changes_what_is_known_of_them_there() {
    let server = server_with_site(false).await;
    let mut person = Person::new(&server);
    let sent = person.open(PATH).await;
    come_back(&server, &mut person, &sent, 0).await;
    let page = person.open(PATH).await;
    assert!(page.body.contains("id=\"elsewhere\"") && Form::find(&page.body, "profile-form").is_none(), "{page:?}");
    assert!(!person.open("/account").await.body.contains(PATH));
}

/// Events are few, and whoever saves often pushes none out
#[tokio::test]
async fn a_changed_profile_is_an_event_once_a_day() {
    let server = server().await;
    let (mut person, _) = alice_at(&server, PATH).await;
    let kinds = async || {
        let local = server.inside();
        let events = local.context.store.list_events(local.alice, local.context.now()).await.unwrap();
        events.into_iter().map(|event| event.kind).collect::<Vec<_>>()
    };
    saved(&mut person, &[]).await;
    assert_eq!(kinds().await, [], "nothing has changed");
    for nickname in ["A", "B", "C"] {
        saved(&mut person, &[("nickname", nickname)]).await;
    }
    assert_eq!(kinds().await, [EventKind::ProfileChanged]);
    assert!(person.open("/account/events").await.body.contains("The profile was changed"));
    server.inside().clock.advance(24 * 3_600);
    let (mut person, _) = alice_at(&server, PATH).await;
    saved(&mut person, &[("nickname", "D")]).await;
    assert_eq!(kinds().await, [EventKind::ProfileChanged; 2]);
}

/// OWASP CSRF: a form counts in the browser and on the page that it was made for
#[tokio::test]
async fn nobody_writes_about_somebody_else() {
    let server = server().await;
    add_bob(&server).await;
    let (mut alice, page) = alice_at(&server, PATH).await;
    let of_alice = form(&page, "profile-form").field("form_token").to_owned();
    let of_sessions = form(&alice.open("/account/sessions").await, "sessions").field("form_token").to_owned();
    let mut bob = Person::new(&server);
    open(&mut bob, PATH, BOB).await;
    let send = |token: &str| Event::post_form(PATH, &encode(&[("form_token", token), ("name", "Mallory")]));
    assert_eq!(bob.send(send(&of_alice)).await.status, 403);
    assert_eq!(alice.send(send(&of_sessions)).await.status, 403);
    assert_eq!(alice.send(send(&of_alice).header("origin", "https://evil.example")).await.status, 403);
    assert_eq!(claims_of_alice(&server).await["name"], "Alice");
}

/// The page with one's data says claims in words, and an address in its parts
#[tokio::test]
async fn claims_are_shown_in_words() {
    let server = server().await;
    let (mut person, _) = alice_at(&server, PATH).await;
    saved(&mut person, &[("street_address", "1 Road\nHouse"), ("locality", "Bern"), ("gender", "male")]).await;
    let page = person.open("/account/data").await;
    for words in [
        "<dt>Street and number</dt><dd class=\"lines\">1 Road\nHouse</dd>",
        "<dt>City</dt><dd class=\"lines\">Bern</dd>",
        "<dt>E-mail address verified</dt><dd class=\"lines\">yes</dd>",
        "<dt>Gender</dt><dd class=\"lines\">male</dd>",
        "href=\"/account/profile\"",
    ] {
        assert!(page.body.contains(words), "{words}: {page:?}");
    }
    assert!(!page.body.contains('{') || !page.body.contains("&#34;locality"), "{page:?}");
}
