//! A login of the site's that ends here: the site is told (OpenID Connect Back-Channel Logout 1.0), with itself in the place of the client.

use grantlet::protocol::issuer::Issuer;
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Value, json};

use super::{SITE, connect, log_in, site_login};
use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, authorization_query, claims};
use crate::support::person::Person;
use crate::support::server::Server;
use crate::support::web::{Document, Web};

const ISSUER: &str = "http://localhost:9000";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A server on a loopback address, and the site on the same machine, which is told at `/told`. `more` stands in `[site_login]`.
async fn start(more: Value) -> (Server, Web) {
    let web = Web::start().await;
    web.put("/told", Document::json(&json!({})));
    let mut site = site_login(json!({"logout_uri": web.url("/told")}));
    site.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    site.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let server = Server::local_with(json!({ "site_login": site }), |config| {
        config.issuer = Issuer::parse(ISSUER).unwrap();
        ISSUER.clone_into(&mut config.default_audience);
    })
    .await;
    connect(&server).await;
    (server, web)
}

/// The logout tokens that the site was sent.
fn received(web: &Web) -> Vec<String> {
    let token = |body: &str| body.strip_prefix("logout_token=").unwrap().to_owned();
    web.arrived().iter().map(|arrived| token(&arrived.body)).collect()
}

/// Tells of everything that ended since the last time, and answers with the number of failures.
async fn notify(server: &Server) -> usize {
    let local = server.inside();
    local.notify(&local.ended_sessions()).await["batchItemFailures"].as_array().unwrap().len()
}

/// Logs in at the site, with `changes` of what it says.
async fn logged_in(server: &Server, changes: Value) -> Person<'_> {
    let mut person = Person::new(server);
    log_in(server, &mut person, &authorization_query("app", &[]), &changes).await;
    person
}

async fn log_out(person: &mut Person<'_>) {
    let page = person.open("/logout").await;
    let form = Form::find(&page.body, "logout-form").unwrap_or_else(|| panic!("nobody is asked: {page:?}"));
    assert_eq!(person.submit(&form, "logout").await.status, 200);
}

/// Back-Channel Logout sections 2.4 and 2.6: everything that the site checks
#[tokio::test]
async fn the_site_is_sent_a_logout_token_of_its_own_session() {
    let (server, web) = start(json!({})).await;
    let mut person = logged_in(&server, json!({"sid": "site-session-1"})).await;
    assert_eq!(notify(&server).await, 0);
    assert!(received(&web).is_empty(), "a login ends nothing");
    log_out(&mut person).await;
    assert_eq!(notify(&server).await, 0);
    let all = received(&web);
    let [logout_token] = &all[..] else { panic!("{all:?}") };

    let header = jsonwebtoken::decode_header(logout_token).unwrap();
    assert_eq!((header.typ.as_deref(), header.alg), (Some("logout+jwt"), jsonwebtoken::Algorithm::RS256));
    let keys = server.send(&Event::get("/jwks.json")).await.json();
    let jwk = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header.kid.as_deref().unwrap()).unwrap();
    let mut validation = Validation::new(header.alg);
    // The server's clock stands still, so that the times are judged below.
    validation.validate_exp = false;
    validation.set_audience(&[SITE]);
    validation.set_issuer(&[ISSUER]);
    let key = DecodingKey::from_jwk(&serde_json::from_value(jwk.clone()).unwrap()).unwrap();
    let told: Value = jsonwebtoken::decode(logout_token, &key, &validation).unwrap().claims;
    let now = server.inside().context.now().0;
    assert_eq!((told["iat"].as_i64(), told["exp"].as_i64()), (Some(now), Some(now + 120)));
    assert_eq!((&told["sub"], &told["sid"], &told["events"]), (&json!("user-7"), &json!("site-session-1"), &json!({ EVENT: {} })));
    let names: Vec<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["aud", "events", "exp", "iat", "iss", "jti", "sid", "sub"], "and no nonce");
}

/// Back-Channel Logout section 2.4: without a `sid` the person alone is named
#[tokio::test]
async fn a_site_that_names_no_session_is_told_the_person() {
    let (server, web) = start(json!({"logout_audience": "the-site"})).await;
    let mut person = logged_in(&server, json!({})).await;
    log_out(&mut person).await;
    assert_eq!(notify(&server).await, 0);
    let told = claims(&received(&web)[0]);
    assert_eq!((&told["aud"], &told["sub"], told.get("sid")), (&json!("the-site"), &json!("user-7"), None));
}

/// Whoever ends the session: a lock, the account's pages, another person in the same browser
#[tokio::test]
async fn the_site_is_told_whoever_ends_the_session() {
    let (server, web) = start(json!({"password_login": true})).await;
    let store = &server.inside().context.store;
    let query = authorization_query("app", &[]);
    let link = |page: &str| {
        let link = page.split("id=\"site-login\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        crate::support::forms::unescape(link)
    };
    // With both ways, the site is a link on the login page.
    let mut people = Vec::new();
    for sid in ["one", "two"] {
        let mut person = Person::new(&server);
        let page = person.open(&format!("/authorize?{query}")).await;
        let sent = person.open(&link(&page.body)).await;
        let url = sent.header("location").unwrap();
        let parameter = |name| crate::support::oauth::parameter(url, name).unwrap();
        let visit = super::Visit { challenge: parameter("challenge"), state: parameter("state"), url: url.to_owned() };
        let token = super::sign(&server, &visit, &json!({ "sid": sid }));
        assert_eq!(super::finish(&mut person, &token, &visit).await.status, 303);
        people.push(person);
    }
    // Alice logs in after Ada in one browser.
    people[0].authorize(&authorization_query("app", &[("prompt", Some("login"))]), ALICE).await;
    assert_eq!(notify(&server).await, 0);
    let session = |token: &String| claims(token)["sid"].clone();
    assert_eq!(received(&web).iter().map(session).collect::<Vec<_>>(), ["one"]);
    // The operator locks Ada.
    let ada = store.find_login(&grantlet::model::user::Login::Site("user-7".to_owned())).await.unwrap().unwrap();
    assert!(store.set_locked(ada, true).await.unwrap());
    for id in store.list_session_ids(ada).await.unwrap() {
        store.end_session(id).await.unwrap();
    }
    assert_eq!(notify(&server).await, 0);
    assert_eq!(received(&web).iter().map(session).collect::<Vec<_>>(), ["one", "two"]);
    // Alice's own login has nothing to do with the site.
    log_out(&mut people[0]).await;
    assert_eq!(notify(&server).await, 0);
    assert_eq!(received(&web).len(), 2);
}

/// A later login at the site is the one that ends
#[tokio::test]
async fn a_session_that_goes_on_tells_of_the_site_s_last_login() {
    let (server, web) = start(json!({})).await;
    let mut person = logged_in(&server, json!({"sid": "first"})).await;
    let again = authorization_query("app", &[("prompt", Some("login"))]);
    log_in(&server, &mut person, &again, &json!({"sid": "second"})).await;
    log_out(&mut person).await;
    assert_eq!(notify(&server).await, 0);
    let told: Vec<_> = received(&web).iter().map(|token| claims(token)["sid"].clone()).collect();
    assert_eq!(told, ["second"]);
}

/// That the time of a session is up here says nothing of the site's own
#[tokio::test]
async fn the_site_is_not_told_of_a_session_whose_time_is_up() {
    let (server, web) = start(json!({})).await;
    logged_in(&server, json!({"sid": "one"})).await;
    server.inside().clock.advance(7 * 24 * 3_600);
    server.inside().forget("session#");
    assert_eq!(notify(&server).await, 0);
    assert!(received(&web).is_empty());
}

/// Nothing leaves where the site does not want to be told
#[tokio::test]
async fn a_site_without_a_logout_address_is_told_nothing() {
    let (server, web) = start(json!({"logout_uri": null})).await;
    let mut person = logged_in(&server, json!({"sid": "one"})).await;
    log_out(&mut person).await;
    assert_eq!(notify(&server).await, 0);
    assert!(web.arrived().is_empty());
}

/// Back-Channel Logout section 2.8: what was not taken comes again, and what was is not sent twice
#[tokio::test]
async fn a_site_that_fails_is_told_again_and_one_that_took_it_is_not() {
    let (server, web) = start(json!({})).await;
    web.put("/told", Document { status: 500, ..Document::json(&json!({})) });
    let mut person = logged_in(&server, json!({"sid": "one"})).await;
    log_out(&mut person).await;
    let local = server.inside();
    let event = local.ended_sessions();
    let failures = |answer: Value| answer["batchItemFailures"].as_array().unwrap().len();
    assert_eq!(failures(local.notify(&event).await), 1);
    web.put("/told", Document { status: 204, ..Document::json(&json!({})) });
    assert_eq!(failures(local.notify(&event).await), 0);
    assert_eq!(failures(local.notify(&event).await), 0);
    assert_eq!(received(&web).len(), 2, "once in vain, once with success, and no more");
}

mod told_by_the_site {
    //! `POST /logout/site`: the site says that somebody has logged out there.

    use grantlet::model::client::SigningAlg;
    use jsonwebtoken::{Algorithm, EncodingKey, Header};
    use serde_json::{Value, json};

    use super::super::{SECRET, SITE, finish, login_claims, send_to_site};
    use super::{logged_in, notify, received, start};
    use crate::forged_headers::{critical, forgeries, header_of};
    use crate::support::event::Event;
    use crate::support::oauth::{ALICE, As, authorization_query, encode, exchange, obtain_code, parameter, refresh, token};
    use crate::support::person::Person;
    use crate::support::server::{Reply, Server};
    use crate::support::signer::Signer;
    use crate::support::web::{Document, Web};
    use crate::unadvertised::keys::AlgKey;

    const TYP: &str = "grantlet-logout+jwt";

    /// The claims of a logout JWT of the site's, with `changes`; null leaves one out.
    fn logout_claims(server: &Server, changes: &Value) -> Value {
        let now = server.inside().context.now().0;
        let mut claims = json!({"iss": SITE, "aud": server.issuer(), "sub": "user-7", "iat": now, "exp": now + 60, "jti": "logout-1"});
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => claims.as_object_mut().unwrap().remove(name),
                value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        claims
    }

    /// A logout JWT of the site's, with `changes`.
    fn sign(server: &Server, typ: &str, changes: &Value) -> String {
        let header = Header { typ: Some(typ.to_owned()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &logout_claims(server, changes), &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
    }

    async fn tell(server: &Server, token: &str) -> Reply {
        server.send(&Event::post_form("/logout/site", &encode(&[("logout_token", token)]))).await
    }

    async fn is_logged_in(person: &mut Person<'_>) -> bool {
        let silent = person.open(&format!("/authorize?{}", authorization_query("app", &[("prompt", Some("none"))]))).await;
        parameter(silent.header("location").unwrap(), "error").as_deref() != Some("login_required")
    }

    /// A session of the site's, or all of a person's, and nobody else's
    #[tokio::test]
    async fn the_sessions_that_the_site_means_end_and_no_others() {
        let (server, web) = start(json!({})).await;
        let mut one = logged_in(&server, json!({"sid": "one"})).await;
        let mut two = logged_in(&server, json!({"sid": "two"})).await;
        let mut other = logged_in(&server, json!({"sid": "one", "sub": "user-8"})).await;
        let told = tell(&server, &sign(&server, "grantlet-logout+jwt", &json!({"sid": "one"}))).await;
        assert_eq!((told.status, told.body.as_str(), told.cookies.len()), (204, "", 0));
        assert_eq!([is_logged_in(&mut one).await, is_logged_in(&mut two).await, is_logged_in(&mut other).await], [false, true, true]);
        assert_eq!(tell(&server, &sign(&server, "grantlet-logout+jwt", &json!({"jti": "logout-2"}))).await.status, 204);
        assert_eq!([is_logged_in(&mut two).await, is_logged_in(&mut other).await], [false, true]);
        // Who is known to nobody, and who has no session, is logged out already.
        for sub in ["nobody", "user-7"] {
            assert_eq!(tell(&server, &sign(&server, "grantlet-logout+jwt", &json!({"sub": sub, "jti": sub}))).await.status, 204);
        }
        assert_eq!(notify(&server).await, 0);
        assert_eq!(received(&web).len(), 2, "the site is told of what it told; it knows that already");
    }

    /// Back-Channel Logout section 2.7: tokens to stay connected are not revoked, as after any logout
    #[tokio::test]
    async fn grants_stay_and_a_login_that_is_not_the_site_s_goes_on() {
        let (server, _web) = start(json!({"password_login": true})).await;
        let tokens = exchange(&server, As::Basic("app"), &obtain_code(&server, "app").await).await;
        let mut alice = Person::new(&server);
        alice.authorize(&authorization_query("app", &[]), ALICE).await;
        let subject = server.inside().alice.to_string();
        for (sub, jti) in [("alice", "a"), (subject.as_str(), "b")] {
            assert_eq!(tell(&server, &sign(&server, "grantlet-logout+jwt", &json!({"sub": sub, "jti": jti}))).await.status, 204);
        }
        assert!(is_logged_in(&mut alice).await);
        assert_eq!(refresh(&server, As::Basic("app"), &token(&tokens, "refresh_token")).await.status, 200);
    }

    /// Every claim that is missing or wrong, other types, other keys, once more
    #[tokio::test]
    async fn a_jwt_that_is_not_quite_a_logout_ends_nothing() {
        let (server, _web) = start(json!({})).await;
        let mut person = logged_in(&server, json!({"sid": "one"})).await;
        let now = server.inside().context.now().0;
        let mut bad: Vec<String> = ["grantlet-login+jwt", "logout+jwt", "JWT", ""].map(|typ| sign(&server, typ, &json!({}))).into();
        for changes in [
            json!({"iss": "https://evil.example"}),
            json!({"aud": SITE}),
            json!({"sub": null}),
            json!({"sub": 7}),
            json!({"sid": 7}),
            json!({"iat": null}),
            json!({"exp": now - 11}),
            json!({"exp": now + 3_600}),
            json!({"iat": now - 71, "exp": now - 11}),
            json!({"jti": null}),
        ] {
            bad.push(sign(&server, "grantlet-logout+jwt", &changes));
        }
        let good = sign(&server, "grantlet-logout+jwt", &json!({}));
        bad.extend([good[..good.len() - 4].to_owned(), "a.b.c".to_owned(), String::new()]);
        for token in bad {
            let reply = tell(&server, &token).await;
            assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some("invalid_request")), "{token}");
            assert_eq!(reply.header("cache-control"), Some("no-store"));
        }
        assert_eq!(server.send(&Event::get(&format!("/logout/site?logout_token={good}"))).await.status, 405);
        assert!(is_logged_in(&mut person).await);
        assert_eq!(tell(&server, &good).await.status, 204);
        assert!(!is_logged_in(&mut person).await);
        let mut again = logged_in(&server, json!({"sid": "one"})).await;
        assert_eq!(tell(&server, &good).await.status, 400, "it counts once");
        assert!(is_logged_in(&mut again).await);
    }

    /// RFC 8725 sections 2.1, 3.1 and 3.10, RFC 7515 section 4.1: whatever a header says, brings, names or wants to be understood
    #[tokio::test]
    async fn no_header_makes_a_stranger_s_jwt_a_logout_of_the_site_s() {
        let (keys, web) = (Web::start().await, Web::start().await);
        let (site, key) = (Signer::new("site", SITE, 0), AlgKey::new("ES256", ""));
        let mut published = site.jwks();
        published["keys"].as_array_mut().unwrap().push(key.jwk.clone());
        keys.put("/jwks.json", Document::json(&published));
        let (server, _web) = start(json!({"jwks_uri": keys.url("/jwks.json")})).await;
        let mut person = Person::new(&server);
        let visit = send_to_site(&mut person, &authorization_query("app", &[])).await;
        let login = site.sign(SigningAlg::RS256, "grantlet-login+jwt", &login_claims(&server, &visit, &json!({})));
        assert_eq!(finish(&mut person, &login, &visit).await.status, 303);

        let claims = logout_claims(&server, &json!({}));
        let honest = site.sign(SigningAlg::RS256, TYP, &claims);
        let forged = forgeries(&header_of(&honest), &published.to_string(), &web);
        for token in forged.iter().map(|forgery| forgery.sign(&claims)).chain([critical(&key, TYP, &claims)]) {
            let reply = tell(&server, &token).await;
            assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some("invalid_request")), "{token}");
        }
        assert!(web.arrived().is_empty(), "an address in a header is not visited");
        assert!(is_logged_in(&mut person).await);
        assert_eq!(tell(&server, &honest).await.status, 204);
        assert!(!is_logged_in(&mut person).await);
        let other = key.sign(json!({ "typ": TYP }), &logout_claims(&server, &json!({"jti": "logout-2"})));
        assert_eq!(tell(&server, &other).await.status, 204);
    }

    /// A logout JWT is no login, and there is nothing to tell where no site is connected
    #[tokio::test]
    async fn without_a_site_nobody_can_be_logged_out() {
        let (server, _web) = start(json!({})).await;
        let token = sign(&server, "grantlet-logout+jwt", &json!({}));
        let plain = Server::local(json!({})).await;
        assert_eq!(tell(&plain, &token).await.status, 400);
    }
}
