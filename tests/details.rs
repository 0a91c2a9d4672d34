//! Rich authorization requests (RFC 9396): asked of people, kept in the grant, carried in the token.

use grantlet::model::code::CodeToken;
use serde_json::{Value, json};

use crate::support::event::Event;
use crate::support::oauth::{
    ALICE, As, VERIFIER, assert_refused, authorization_query, claims, exchange, parameter, post, push_form, pushed_query, refresh, token,
};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::stack::ISSUER;

const APP: As<'static> = As::Basic("app");
const BANK: &str = "https://bank.example";

async fn server() -> Server {
    let settings = json!({
        "resources": [{"uri": BANK, "name": "The Bank", "introspected_by": ["other"]}],
        "authorization_details": [
            {"type": "payment_initiation", "description": "Pay once", "required": ["instructedAmount"], "optional": ["creditorName"]},
            {"type": "calendar", "description": "See your <calendar>"},
        ],
    });
    Server::local(settings).await
}

fn payment() -> Value {
    json!({
        "type": "payment_initiation", "locations": [BANK], "actions": ["initiate"],
        "instructedAmount": {"currency": "EUR", "amount": "123.50"}, "creditorName": "Merchant A",
    })
}

fn calendar() -> Value {
    json!({"type": "calendar", "actions": ["list"]})
}

fn query(client: &str, details: &Value, changes: &[(&str, Option<&str>)]) -> String {
    let text = details.to_string();
    authorization_query(client, &[&[("authorization_details", Some(text.as_str()))], changes].concat())
}

async fn allow(server: &Server, details: &Value, changes: &[(&str, Option<&str>)]) -> String {
    let landed = Person::new(server).authorize(&query("app", details, changes), ALICE).await;
    parameter(&landed, "code").unwrap_or_else(|| panic!("no code in {landed}"))
}

async fn exchange_with(server: &Server, client: As<'_>, code: &str, further: &[(&str, &str)]) -> Reply {
    let form = [&[("grant_type", "authorization_code"), ("code", code), ("code_verifier", VERIFIER)], further].concat();
    post(server, "/token", client, &form).await
}

/// RFC 9396 sections 7, 9.1 and 9.2
#[tokio::test]
async fn what_was_allowed_stands_in_the_token_the_answer_and_the_introspection() {
    let server = server().await;
    let code = allow(&server, &json!([calendar(), payment()]), &[]).await;
    let tokens = exchange(&server, APP, &code).await;
    let access = token(&tokens, "access_token");
    let said = claims(&access);
    // The location says whom the token is for, since no `resource` does.
    assert_eq!(said["aud"], BANK);
    assert_eq!(said["authorization_details"], json!([calendar(), payment()]));
    assert_eq!(tokens.json()["authorization_details"], said["authorization_details"]);
    assert!(claims(&token(&tokens, "id_token")).get("authorization_details").is_none());
    for (client, text) in [("app", &access), ("other", &access), ("app", &token(&tokens, "refresh_token"))] {
        let told = post(&server, "/introspect", As::Basic(client), &[("token", text)]).await.json();
        assert_eq!(told["authorization_details"], said["authorization_details"], "{told}");
    }
}

/// RFC 9396 section 9.1: what is for one resource server is told to no other
#[tokio::test]
async fn a_location_keeps_details_to_its_audience() {
    let server = server().await;
    let code = allow(&server, &json!([calendar(), payment()]), &[("resource", Some(ISSUER))]).await;
    let tokens = exchange(&server, APP, &code).await;
    assert_eq!(claims(&token(&tokens, "access_token"))["authorization_details"], json!([calendar()]));
    let form = [("grant_type", "refresh_token"), ("refresh_token", &token(&tokens, "refresh_token")), ("resource", BANK)];
    let at_bank = post(&server, "/token", APP, &form).await;
    assert_eq!(claims(&token(&at_bank, "access_token"))["authorization_details"], json!([calendar(), payment()]));

    let code = allow(&server, &json!([payment()]), &[("resource", Some(ISSUER))]).await;
    let tokens = exchange(&server, APP, &code).await;
    assert!(claims(&token(&tokens, "access_token")).get("authorization_details").is_none());
    assert!(tokens.json().get("authorization_details").is_none());
}

/// RFC 9396 section 6: fewer, never more or others; and a wrong request spends nothing
#[tokio::test]
async fn a_token_request_may_ask_for_fewer_details() {
    let server = server().await;
    let code = allow(&server, &json!([calendar(), payment()]), &[]).await;
    let mut dearer = payment();
    dearer["instructedAmount"]["amount"] = json!("9999.00");
    let long = json!([{"type": "calendar", "identifier": "x".repeat(10_000)}]).to_string();
    let wrong = [json!([dearer]).to_string(), json!([{"type": "calendar"}]).to_string(), "{}".to_owned(), "[".to_owned(), long];
    for text in &wrong {
        let reply = exchange_with(&server, APP, &code, &[("authorization_details", text)]).await;
        assert_refused(&reply, 400, "invalid_authorization_details");
    }
    // Who has not got the code learns nothing of its grant.
    let forged = format!("{}.{}", code.split_once('.').unwrap().0, "A".repeat(43));
    for text in [&wrong[0], &json!([payment()]).to_string()] {
        assert_refused(&exchange_with(&server, APP, &forged, &[("authorization_details", text)]).await, 400, "invalid_grant");
        assert_refused(&exchange_with(&server, As::Basic("other"), &code, &[("authorization_details", text)]).await, 400, "invalid_grant");
    }
    let narrow = json!([payment()]).to_string();
    let tokens = exchange_with(&server, APP, &code, &[("authorization_details", &narrow)]).await;
    assert_eq!(claims(&token(&tokens, "access_token"))["authorization_details"], json!([payment()]));

    let refresh_token = token(&tokens, "refresh_token");
    let refresh_with = async |text: &str| {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str()), ("authorization_details", text)];
        post(&server, "/token", APP, &form).await
    };
    for text in &wrong {
        assert_refused(&refresh_with(text).await, 400, "invalid_authorization_details");
    }
    let id = code.parse::<CodeToken>().unwrap().id;
    assert_eq!(server.inside().context.store.find_grant(id).await.unwrap().unwrap().refresh.generation, 0, "nothing rotated");
    // The order of members makes no difference.
    let tokens = refresh_with(r#"[{"actions":["list"],"type":"calendar"}]"#).await;
    assert_eq!(claims(&token(&tokens, "access_token"))["authorization_details"], json!([calendar()]));
    let tokens = refresh(&server, APP, &token(&tokens, "refresh_token")).await;
    assert_eq!(tokens.json()["authorization_details"], json!([calendar(), payment()]), "narrowed once, all may be asked again");
}

/// RFC 9396 section 5
#[tokio::test]
async fn details_that_can_not_be_granted_are_refused_at_the_client() {
    let server = server().await;
    server.inside().register("planner", json!({"authorization_details_types": ["calendar"]})).await;
    let mut elsewhere = payment();
    elsewhere["locations"] = json!(["https://x.example"]);
    let many: Value = (0..11).map(|_| calendar()).collect();
    for (client, text) in [
        ("app", "calendar".to_owned()),
        ("app", "{}".to_owned()),
        ("app", "[1]".to_owned()),
        ("app", json!([{"type": "unknown"}]).to_string()),
        ("app", json!([calendar(), {"actions": ["list"]}]).to_string()),
        ("app", json!([{"type": "payment_initiation", "creditorName": "A"}]).to_string()),
        ("app", json!([{"type": "calendar", "extra": 1}]).to_string()),
        ("app", json!([{"type": "calendar", "actions": "list"}]).to_string()),
        ("app", json!([{"type": "payment_initiation", "instructedAmount": "1\u{202e}0"}]).to_string()),
        ("app", "[".repeat(1_200)),
        ("app", json!([elsewhere]).to_string()),
        ("app", many.to_string()),
        ("planner", json!([payment()]).to_string()),
    ] {
        let landed = Person::new(&server).authorize(&authorization_query(client, &[("authorization_details", Some(&text))]), ALICE).await;
        assert_eq!(parameter(&landed, "error").as_deref(), Some("invalid_authorization_details"), "{text}: {landed}");
        assert_eq!(parameter(&landed, "state").as_deref(), Some("state-1"));
    }
    let stored = server.inside().stored();
    assert!(!stored.contains_key("grant") && !stored.contains_key("code"), "{stored:?}");
    let landed = Person::new(&server).authorize(&query("planner", &json!([calendar()]), &[]), ALICE).await;
    assert!(parameter(&landed, "code").is_some());
    // Too long for a query, in which case nothing at all is believed.
    let text = json!([{"type": "calendar", "identifier": "x".repeat(10_000)}]).to_string();
    let reply =
        server.send(&Event::get(&format!("/authorize?{}", authorization_query("app", &[("authorization_details", Some(&text))])))).await;
    assert_eq!((reply.status, reply.header("location")), (400, None));
}

/// Without registered types there is nothing that could be asked for
#[tokio::test]
async fn a_server_without_types_knows_none() {
    let server = Server::local(json!({})).await;
    let landed = Person::new(&server).authorize(&query("app", &json!([calendar()]), &[]), ALICE).await;
    assert_eq!(parameter(&landed, "error").as_deref(), Some("invalid_authorization_details"));
    let landed = Person::new(&server).authorize(&query("app", &json!([]), &[]), ALICE).await;
    assert!(parameter(&landed, "code").is_some(), "an empty list asks for nothing");
}

/// RFC 9396 section 11: people read what they allow, as text, each time
#[tokio::test]
async fn people_are_asked_about_details_legibly_and_every_time() {
    let server = server().await;
    server.inside().register("own", json!({"first_party": true})).await;
    let mut nasty = payment();
    nasty["creditorName"] = json!("\"><script>alert(1)</script>");
    nasty["instructedAmount"] = json!({"<img src=x onerror=alert(1)>": "1"});
    for client in ["app", "own"] {
        let mut person = Person::new(&server);
        let asked = query(client, &json!([calendar(), nasty]), &[]);
        let page = person.consent_page(&asked, ALICE).await;
        for words in
            ["<h2>Pay once</h2>", "<h2>See your &#60;calendar&#62;</h2>", "<dd>initiate</dd>", "The Bank", "&#60;script&#62;alert(1)"]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        person.authorize(&asked, ALICE).await;
        person.consent_page(&asked, ALICE).await;
        let silent = person.open(&format!("/authorize?{}", query(client, &json!([calendar()]), &[("prompt", Some("none"))]))).await;
        assert_eq!(parameter(silent.header("location").unwrap(), "error").as_deref(), Some("consent_required"));
    }
}

/// A code stays small, whatever was allowed
#[tokio::test]
async fn details_live_in_the_grant_and_not_in_the_code() {
    let server = server().await;
    let code = allow(&server, &json!([{"type": "calendar", "identifier": "x".repeat(2_000)}]), &[]).await;
    let id = code.parse::<CodeToken>().unwrap().id;
    assert!(server.inside().size_of(&format!("code#{id}")) < 1_024);
    assert!(server.inside().size_of(&format!("grant#{id}")) > 2_000);
}

/// RFC 9396 section 10
#[tokio::test]
async fn the_metadata_lists_the_types() {
    let server = server().await;
    let metadata = server.send(&Event::get("/.well-known/oauth-authorization-server")).await.json();
    assert_eq!(metadata["authorization_details_types_supported"], json!(["payment_initiation", "calendar"]));
}

/// RFC 9126 section 2.1: what is too long for a query is pushed, by the same rules
#[tokio::test]
async fn details_are_pushed_by_the_same_rules() {
    let server = server().await;
    let long = json!([{"type": "calendar", "identifier": "x".repeat(3_900)}]);
    let pushed = push_form(&server, APP, &query("app", &long, &[])).await;
    assert_eq!(pushed.status, 201, "{pushed:?}");
    let landed = Person::new(&server).authorize(&pushed_query("app", &pushed), ALICE).await;
    let tokens = exchange(&server, APP, &parameter(&landed, "code").unwrap()).await;
    assert_eq!(claims(&token(&tokens, "access_token"))["authorization_details"], long);
    for wrong in [json!([{"type": "unknown"}]), json!([{"type": "calendar", "identifier": "x".repeat(10_000)}])] {
        assert_refused(&push_form(&server, APP, &query("app", &wrong, &[])).await, 400, "invalid_authorization_details");
    }
}
