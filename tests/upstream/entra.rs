//! An issuer that speaks for many tenants, as Microsoft Entra's `organizations` and `common` do: metadata name a template, and each tenant is an issuer.

use ::grantlet::jose::signing::SigningKey;
use serde_json::{Value, json};

use super::{assert_told, home_of, id_token, leave, log_in, people, userinfo};
use crate::support::idp::Idp;
use crate::support::oauth::parameter;
use crate::support::person::Person;
use crate::support::server::Server;
use crate::support::web::Document;

const ONE: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
const TWO: &str = "82229342-1101-4ab6-817b-70c0747630f3";

/// The template of the tenants' issuers.
fn template(idp: &Idp) -> String {
    format!("{}/{{tenantid}}/v2.0", idp.issuer())
}

fn issuer_of(idp: &Idp, tenant: &str) -> String {
    template(idp).replace("{tenantid}", tenant)
}

/// The claims of a token of `tenant`, but for those that every token has.
fn of(idp: &Idp, tenant: &str) -> Value {
    json!({"iss": issuer_of(idp, tenant), "tid": tenant})
}

fn with(mut claims: Value, changes: &Value) -> Value {
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    claims
}

/// Publishes keys that name `issuer` as theirs.
fn publish_keys(idp: &Idp, issuer: &str) {
    let keys = idp.keys.keys.iter().map(SigningKey::public_jwk).map(|jwk| with(jwk.clone(), &json!({"issuer": issuer})));
    idp.web.put("/jwks", Document::json(&json!({"keys": keys.collect::<Vec<_>>()})));
}

/// A provider for many tenants, and a server of ours that is connected with it, with `changes`.
async fn entra(changes: &Value) -> (Idp, Server) {
    let idp = Idp::start().await;
    idp.publish(&json!({"issuer": template(&idp)}));
    publish_keys(&idp, &template(&idp));
    let server = home_of(&idp, &with(json!({"issuer_template": template(&idp)}), changes)).await;
    (idp, server)
}

/// OpenID Connect Core section 5.7: `sub` is a name within an issuer, and each tenant is one
#[tokio::test]
async fn the_same_name_in_two_tenants_is_two_people() {
    let (idp, server) = entra(&json!({})).await;
    let mut subjects = Vec::new();
    for tenant in [ONE, TWO, ONE] {
        let (mut person, reply) = log_in(&server, &idp, &of(&idp, tenant)).await;
        subjects.push(id_token(&server, &mut person, &reply).await["sub"].as_str().unwrap().to_owned());
    }
    assert_eq!(subjects[0], subjects[2]);
    assert_ne!(subjects[0], subjects[1]);
    assert_eq!(people(&server).await, 2);
    // No name can be made up that runs into one of another tenant's.
    let clash = with(of(&idp, TWO), &json!({"sub": format!("{ONE}:ada-1")}));
    let (mut person, reply) = log_in(&server, &idp, &clash).await;
    assert!(!subjects.contains(&id_token(&server, &mut person, &reply).await["sub"].as_str().unwrap().to_owned()));
}

/// OpenID Connect Core section 3.1.3.7, step 2, and Microsoft's documentation, "Validate the issuer": template, `iss` and `tid` fit together
#[tokio::test]
async fn a_token_whose_issuer_and_tenant_do_not_fit_logs_nobody_in() {
    let (idp, server) = entra(&json!({})).await;
    let shouted = ONE.to_uppercase();
    for changes in [
        json!({}),
        json!({"tid": TWO}),
        json!({"tid": null}),
        json!({"tid": 7}),
        json!({"tid": ""}),
        json!({"tid": "common", "iss": issuer_of(&idp, "common")}),
        json!({"tid": "{tenantid}", "iss": template(&idp)}),
        json!({"tid": shouted, "iss": issuer_of(&idp, &shouted)}),
        json!({"tid": format!("{ONE}/v2.0#"), "iss": issuer_of(&idp, &format!("{ONE}/v2.0#"))}),
        json!({"iss": idp.issuer()}),
        json!({"iss": format!("{}/", issuer_of(&idp, ONE))}),
        json!({"iss": format!("https://login.example/{ONE}/v2.0")}),
        json!({"iss": null}),
    ] {
        let wrong = if changes == json!({}) { json!({}) } else { with(of(&idp, ONE), &changes) };
        assert_told(&log_in(&server, &idp, &wrong).await.1, 400, "did not work");
    }
    assert_eq!(people(&server).await, 0);
}

/// Microsoft's documentation, "Validate the issuer": keys have an issuer of their own, and sign for no other
#[tokio::test]
async fn a_key_of_one_tenant_signs_for_no_other() {
    for (issuer, is_good) in [(ONE, true), (TWO, false), ("{tenantid}", true)] {
        let (idp, server) = entra(&json!({})).await;
        publish_keys(&idp, &issuer_of(&idp, issuer));
        let (_, reply) = log_in(&server, &idp, &of(&idp, ONE)).await;
        assert_eq!(reply.status, if is_good { 303 } else { 400 }, "{issuer}: {reply:?}");
    }
}

/// The operator may name the tenants
#[tokio::test]
async fn only_people_of_the_tenants_that_are_named_come_in() {
    let (idp, server) = entra(&json!({"tenants": [ONE.to_uppercase()]})).await;
    assert_told(&log_in(&server, &idp, &of(&idp, TWO)).await.1, 400, "did not work");
    assert_eq!(people(&server).await, 0);
    assert_eq!(log_in(&server, &idp, &of(&idp, ONE)).await.1.status, 303);
}

/// An address there is what an administrator wrote, whatever stands beside it
#[tokio::test]
async fn no_address_of_a_tenant_s_is_taken_for_verified() {
    let (idp, server) = entra(&json!({})).await;
    let claims = with(of(&idp, ONE), &json!({"email_verified": true, "xms_edov": true}));
    let (mut person, reply) = log_in(&server, &idp, &claims).await;
    let info = userinfo(&server, &mut person, &reply).await;
    assert_eq!((info["email"].as_str(), info["email_verified"].as_bool()), (Some("ada@example.com"), Some(false)));
}

/// RFC 9207 section 2.4: where an answer names its issuer, it is that of a tenant that may come
#[tokio::test]
async fn an_answer_of_no_tenant_never_reaches_the_token_endpoint() {
    let (idp, server) = entra(&json!({"tenants": [ONE]})).await;
    let good = issuer_of(&idp, ONE);
    for (iss, is_good) in [
        (issuer_of(&idp, TWO), false),
        (format!("{good}/"), false),
        (format!("https://login.example/{ONE}/v2.0"), false),
        (issuer_of(&idp, "x"), false),
        (good, true),
    ] {
        let mut person = Person::new(&server);
        let sent = leave(&mut person, &[]).await;
        assert!(parameter(&sent, "state").is_some());
        idp.vouch(&idp.claims(&sent, server.inside().clock.time().0, &of(&idp, ONE)));
        let reply = person.open(&Idp::back(&sent, &[("iss", Some(iss.as_str()))])).await;
        assert_eq!(reply.status, if is_good { 303 } else { 400 }, "{iss}: {reply:?}");
        assert_eq!(idp.web.arrived().iter().any(|arrived| arrived.path == "/token"), is_good, "{iss}");
    }
}

/// OpenID Connect Discovery section 4.3: a template counts where the settings name it, and no other does
#[tokio::test]
async fn a_template_is_taken_where_the_settings_name_it_alone() {
    for (setting, published) in [(None, "{tenantid}/v2.0"), (Some("{tenantid}/v2.0"), "{tenantid}/v1.0"), (Some("{tenantid}/v2.0"), "v2.0")]
    {
        let idp = Idp::start().await;
        idp.publish(&json!({"issuer": format!("{}/{published}", idp.issuer())}));
        let changes = setting.map_or(json!({}), |path| json!({"issuer_template": format!("{}/{path}", idp.issuer())}));
        let server = home_of(&idp, &changes).await;
        let told = super::ask(&mut Person::new(&server), &[]).await;
        assert_told(&told, 503, "can&#39;t be reached");
    }
}
