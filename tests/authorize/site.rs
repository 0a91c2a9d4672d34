//! The site's own login: the browser goes there with a challenge, and comes back with a JWT.

use grantlet::model::settings::SiteLogin;
use grantlet::model::user::{Login, Subject, User, UserId};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use ulid::Ulid;

use super::{Bench, Browser, ISSUER, assert_page, assert_told, location, post, query, with_header};
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, encode, parameter};

const SITE: &str = "https://site.example";
const SECRET: &str = "a secret that was made for the logins of this site alone";

/// A front channel whose people log in at the site only.
async fn bench() -> Bench {
    let bench = Bench::with(|config| {
        config.password_login = false;
        config.site_login = Some(SiteLogin::new("https://site.example/login?lang=en".parse().unwrap(), SITE));
    })
    .await;
    let sealing = bench.vault.find_sealing_key(grantlet::vault::SealingOwner::Authorize).await.unwrap().unwrap();
    let sealed = sealing.seal(grantlet::store::SETTINGS_KEY, SECRET.as_bytes());
    bench.context.store.replace_sealed_site_secret(&sealed).await.unwrap();
    bench
}

/// What the site was told about a browser.
struct Visit {
    challenge: String,
    state: String,
    url: String,
}

async fn send_to_site(browser: &mut Browser<'_>, asked: &str) -> Visit {
    let response = browser.authorize(asked).await;
    assert_eq!(response.status, 303, "{response:?}");
    let url = location(&response).unwrap().to_owned();
    Visit { challenge: parameter(&url, "challenge").unwrap(), state: parameter(&url, "state").unwrap(), url }
}

/// The site's JWT for a visit, with `changes`; null leaves a claim out.
fn sign(bench: &Bench, visit: &Visit, changes: Value) -> String {
    sign_as("grantlet-login+jwt", bench, visit, changes)
}

fn sign_as(typ: &str, bench: &Bench, visit: &Visit, changes: Value) -> String {
    let now = bench.clock.time().0;
    let mut claims = json!({
        "iss": SITE, "aud": ISSUER, "sub": "user-7", "nonce": visit.challenge, "iat": now, "exp": now + 60, "auth_time": now, "jti": visit.challenge,
        "name": "Ada", "email": "ada@site.example",
    });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    let header = Header { typ: Some(typ.to_owned()), ..Header::new(Algorithm::HS256) };
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

fn way_back(token: &str, visit: &Visit) -> String {
    format!("/login/site?{}", encode(&[("token", token), ("state", &visit.state)]))
}

async fn finish(browser: &mut Browser<'_>, token: &str, visit: &Visit) -> grantlet::endpoint::Response {
    browser.open(&way_back(token, visit)).await
}

#[tokio::test]
async fn a_person_logs_in_at_the_site_and_comes_back_to_the_same_request() {
    let bench = bench().await;
    let mut browser = bench.browser();
    let asked = query(&[("login_hint", Some("ada")), ("ui_locales", Some("de"))]);
    let visit = send_to_site(&mut browser, &asked).await;
    assert!(visit.url.starts_with("https://site.example/login?lang=en&"), "{}", visit.url);
    assert_eq!(visit.state, format!("/authorize?{asked}"));
    assert_eq!((parameter(&visit.url, "login_hint").as_deref(), parameter(&visit.url, "ui_locales").as_deref()), (Some("ada"), Some("de")));
    for absent in ["prompt", "max_age", "return_to", "redirect_uri"] {
        assert_eq!(parameter(&visit.url, absent), None);
    }
    bench.clock.advance(20);
    let token = sign(&bench, &visit, json!({"amr": ["hwk"], "acr": "gold", "auth_time": bench.clock.time().0 - 5}));
    let done = finish(&mut browser, &token, &visit).await;
    assert_eq!((done.status.as_u16(), location(&done)), (303, Some(visit.state.as_str())));
    let grant = bench.grant_of(&browser.walk(&asked).await).await;
    let user = bench.context.store.find_user(grant.user_id).await.unwrap().unwrap();
    assert_eq!((user.subject.0.as_str(), user.claims["name"].as_str()), ("user-7", Some("Ada")));
    let login = &grant.authentication;
    assert_eq!((login.auth_time.0, login.acr.as_deref(), login.amr.as_slice()), (super::START + 15, Some("gold"), &["hwk".to_owned()][..]));
    assert!(!browser.cookies.contains_key("__Host-grantlet-challenge"));
}

/// Known people are found again, and what the site says of them is kept
#[tokio::test]
async fn a_second_login_finds_the_same_user_and_takes_over_new_claims() {
    let bench = bench().await;
    let mut users = Vec::new();
    for name in ["Ada", "Ada", "Ada Lovelace"] {
        let mut browser = bench.browser();
        let visit = send_to_site(&mut browser, &query(&[])).await;
        finish(&mut browser, &sign(&bench, &visit, json!({"name": name})), &visit).await;
        let grant = bench.grant_of(&browser.walk(&query(&[])).await).await;
        let user = bench.context.store.find_user(grant.user_id).await.unwrap().unwrap();
        assert_eq!(user.claims["name"], name);
        users.push(user.id);
    }
    users.dedup();
    assert_eq!(users.len(), 1);
}

/// The site may post its JWT; that comes without cookies, and goes on by GET
#[tokio::test]
async fn a_form_post_of_the_site_s_goes_on_by_get() {
    let bench = bench().await;
    let mut browser = bench.browser();
    let visit = send_to_site(&mut browser, &query(&[])).await;
    let back = way_back(&sign(&bench, &visit, json!({})), &visit);
    let (path, form) = back.split_once('?').unwrap();
    let posted = bench.front.handle(with_header(post(path, form), "origin", SITE)).await;
    assert_eq!((posted.status.as_u16(), posted.cookies.len()), (303, 0));
    assert_eq!(browser.open(location(&posted).unwrap()).await.status, 303);
    assert!(browser.cookies.contains_key("__Host-grantlet-session"));
}

/// A login begun by an attacker and finished by a victim, and the reverse
#[tokio::test]
async fn only_the_browser_that_was_sent_can_come_back() {
    let bench = bench().await;
    let mut attacker = bench.browser();
    let visit = send_to_site(&mut attacker, &query(&[])).await;
    let token = sign(&bench, &visit, json!({}));
    let mut victim = bench.browser();
    assert_page(&finish(&mut victim, &token, &visit).await, 400);
    send_to_site(&mut victim, &query(&[])).await;
    assert_page(&finish(&mut victim, &token, &visit).await, 400);
    assert!(!victim.cookies.contains_key("__Host-grantlet-session"));
    let mut swapped = send_to_site(&mut attacker, &query(&[])).await;
    swapped.state = visit.state.replace("state-1", "state-2");
    assert_page(&finish(&mut attacker, &sign(&bench, &swapped, json!({})), &swapped).await, 400);
    assert!(!bench.stored().contains_key("session") && !bench.stored().contains_key("jti"), "{:?}", bench.stored());
}

/// There is no return address: whoever names one is ignored
#[tokio::test]
async fn foreign_return_addresses_are_ignored_and_foreign_states_refused() {
    let bench = bench().await;
    let mut browser = bench.browser();
    let visit = send_to_site(&mut browser, &query(&[])).await;
    let token = sign(&bench, &visit, json!({}));
    for state in ["https://evil.example/", "//evil.example/authorize?a", "/authorize", "/login/site?x", ""] {
        let response = browser.open(&format!("/login/site?{}", encode(&[("token", &token), ("state", state)]))).await;
        assert_page(&response, 400);
    }
    let further = [
        ("token", token.as_str()),
        ("state", visit.state.as_str()),
        ("return_to", "https://evil.example/"),
        ("redirect_uri", "https://evil.example/"),
    ];
    let done = browser.open(&format!("/login/site?{}", encode(&further))).await;
    assert_eq!(location(&done), Some(visit.state.as_str()));
}

/// `typ`: a session token of the site's is no login
#[tokio::test]
async fn a_jwt_with_any_wrong_claim_logs_nobody_in_and_spends_nothing() {
    let bench = bench().await;
    let mut browser = bench.browser();
    let visit = send_to_site(&mut browser, &query(&[])).await;
    let now = bench.clock.time().0;
    for changes in [
        json!({"iss": "https://evil.example"}),
        json!({"aud": "https://other.example"}),
        json!({"nonce": "another"}),
        json!({"exp": now - 11}),
        json!({"iat": now - 71}),
        json!({"sub": "client:app"}),
        json!({"jti": null}),
        json!({"auth_time": null}),
    ] {
        assert_page(&finish(&mut browser, &sign(&bench, &visit, changes), &visit).await, 400);
    }
    for typ in ["JWT", "at+jwt"] {
        assert_page(&finish(&mut browser, &sign_as(typ, &bench, &visit, json!({})), &visit).await, 400);
    }
    assert_page(&finish(&mut browser, "not.a.jwt", &visit).await, 400);
    assert!(!bench.stored().contains_key("jti"));
    assert_eq!(finish(&mut browser, &sign(&bench, &visit, json!({})), &visit).await.status, 303);
}

/// A login JWT counts once, also within its life
#[tokio::test]
async fn a_login_jwt_is_good_for_one_login() {
    let bench = bench().await;
    let mut browser = bench.browser();
    let visit = send_to_site(&mut browser, &query(&[])).await;
    let token = sign(&bench, &visit, json!({}));
    let mut again = browser.clone();
    assert_eq!(finish(&mut browser, &token, &visit).await.status, 303);
    assert_page(&finish(&mut again, &token, &visit).await, 400);
    assert!(!again.cookies.contains_key("__Host-grantlet-session"));
}

#[tokio::test]
async fn people_have_ten_minutes_at_the_site() {
    let bench = bench().await;
    let mut browser = bench.browser();
    let visit = send_to_site(&mut browser, &query(&[])).await;
    bench.clock.advance(601);
    assert_page(&finish(&mut browser, &sign(&bench, &visit, json!({})), &visit).await, 400);
}

/// OpenID Connect Core section 3.1.2.1: `prompt=login` is answered by a new login, `max_age` by a recent one; otherwise `login_required`, and no loop
#[tokio::test]
async fn an_older_login_does_not_answer_prompt_login_or_max_age() {
    let bench = bench().await;
    for (name, value, age, good) in [
        ("prompt", "login", 0, true),
        ("prompt", "login", 10, true),
        ("prompt", "login", 11, false),
        ("max_age", "100", 110, true),
        ("max_age", "100", 111, false),
        ("max_age", "0", 10, true),
    ] {
        let mut browser = bench.browser();
        let asked = query(&[(name, Some(value))]);
        let visit = send_to_site(&mut browser, &asked).await;
        let handed_on = if name == "prompt" { "prompt" } else { "max_age" };
        assert_eq!(parameter(&visit.url, handed_on).as_deref(), Some(value));
        let began = bench.clock.time().0;
        bench.clock.advance(30);
        let token = sign(&bench, &visit, json!({"auth_time": began - age}));
        let response = finish(&mut browser, &token, &visit).await;
        if good {
            assert_eq!(location(&response), Some(visit.state.as_str()), "{name}={value} {age}");
            assert!(browser.authorize(&asked).await.status == 200, "asked for consent, not to log in again");
        } else {
            assert_told(&response, "login_required");
        }
    }
}

/// A user whose external id is another account's, or a client's
#[tokio::test]
async fn nobody_gets_another_account_s_subject_by_naming_it() {
    let bench = bench().await;
    let mut browser = bench.browser();
    let visit = send_to_site(&mut browser, &query(&[])).await;
    let as_alice = json!({"sub": bench.alice.to_string()});
    assert_page(&finish(&mut browser, &sign(&bench, &visit, as_alice), &visit).await, 403);
    let ulid = Ulid::from_parts(1_700_000_000_000, 5);
    let visit = send_to_site(&mut browser, &query(&[])).await;
    assert_eq!(finish(&mut browser, &sign(&bench, &visit, json!({"sub": ulid.to_string()})), &visit).await.status, 303);
    let user = User {
        id: UserId(ulid),
        subject: Subject(ulid.to_string()),
        username: Some("carol".to_owned()),
        password_hash: None,
        claims: serde_json::Map::new(),
        locked: false,
        created_at: bench.context.now(),
        updated_at: bench.context.now(),
    };
    let taken = bench.context.store.create_user(&user, &Login::Local("carol".to_owned())).await.unwrap();
    assert!(!taken, "the id is taken, and with it the subject");
    let mut browser = bench.browser();
    let visit = send_to_site(&mut browser, &query(&[])).await;
    assert_eq!(
        finish(&mut browser, &sign(&bench, &visit, json!({"sub": "app"})), &visit).await.status,
        303,
        "a client's sub has another form"
    );
}

#[tokio::test]
async fn a_locked_person_is_told_and_gets_no_session() {
    let bench = bench().await;
    let mut browser = bench.browser();
    let visit = send_to_site(&mut browser, &query(&[])).await;
    finish(&mut browser, &sign(&bench, &visit, json!({})), &visit).await;
    let id = bench.context.store.find_login(&Login::Site("user-7".to_owned())).await.unwrap().unwrap();
    bench.context.store.set_locked(id, true).await.unwrap();
    let mut browser = bench.browser();
    let visit = send_to_site(&mut browser, &query(&[])).await;
    assert_page(&finish(&mut browser, &sign(&bench, &visit, json!({})), &visit).await, 403);
}

/// Both ways side by side, and prompt=none goes nowhere
#[tokio::test]
async fn beside_passwords_the_site_is_a_link_on_the_login_page() {
    let bench = Bench::with(|config| {
        let url = "https://site.example/login".parse().unwrap();
        config.site_login = Some(SiteLogin::new(url, SITE));
    })
    .await;
    let mut browser = bench.browser();
    let page = browser.authorize(&query(&[])).await;
    assert!(Form::find(&page.body, "login").is_some() && page.body.contains("Sign in at site.example"));
    let link = page.body.split("id=\"site-login\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let away = browser.open(&crate::support::forms::unescape(link)).await;
    assert!(location(&away).unwrap().starts_with("https://site.example/login?challenge="));
    assert_told(&browser.authorize(&query(&[("prompt", Some("none"))])).await, "login_required");
    let bad = browser.open("/login/site?request=client_id%3Dunknown").await;
    assert_page(&bad, 400);
    assert_eq!(browser.log_in(&page).await.status, 200, "{}", ALICE.username);
}

/// The secret is not there yet: ours to mend, not the browser's
#[tokio::test]
async fn without_a_secret_the_way_back_is_503() {
    let bench = bench().await;
    let other = Bench::with(|config| {
        config.site_login = bench.context.config.site_login.clone();
    })
    .await;
    let mut browser = other.browser();
    let away = browser.open(&format!("/login/site?{}", encode(&[("request", &query(&[]))]))).await;
    let url = location(&away).unwrap();
    let visit = Visit { challenge: parameter(url, "challenge").unwrap(), state: parameter(url, "state").unwrap(), url: url.to_owned() };
    let response = finish(&mut browser, &sign(&other, &visit, json!({})), &visit).await;
    assert_page(&response, 503);
}
