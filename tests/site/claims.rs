//! What the site says of a person, and what clients get to know of it.

use serde_json::{Value, json};

use super::{info, log_in, start};
use crate::support::event::Event;
use crate::support::oauth::{authorization_query, claims, token};
use crate::support::person::Person;

/// Every standard claim that the site may say.
fn all_claims() -> Value {
    json!({
        "name": "Ada Lovelace", "family_name": "Lovelace", "given_name": "Ada", "middle_name": "King", "nickname": "Ada", "preferred_username": "ada",
        "profile": "https://site.example/ada", "picture": "https://site.example/ada.png", "website": "https://ada.example", "gender": "female",
        "birthdate": "1815-12-10", "zoneinfo": "Europe/London", "locale": "en-GB", "email": "ada@site.example", "email_verified": true,
        "phone_number": "+44 20 7946 0000", "phone_number_verified": false, "address": {"locality": "London", "country": "GB"},
    })
}

/// OpenID Connect Core sections 5.1, 5.3.2 and 5.4
#[tokio::test]
async fn userinfo_tells_what_the_site_said_by_scope_and_type() {
    let server = start(json!({})).await;
    let said = all_claims();
    for (scope, names) in [
        ("openid", &[][..]),
        ("openid email", &["email", "email_verified"]),
        ("openid phone", &["phone_number", "phone_number_verified"]),
        ("openid address", &["address"]),
        (
            "openid profile",
            &[
                "name",
                "family_name",
                "given_name",
                "middle_name",
                "nickname",
                "preferred_username",
                "profile",
                "picture",
                "website",
                "gender",
                "birthdate",
                "zoneinfo",
                "locale",
            ],
        ),
    ] {
        let mut expected = json!({"sub": "user-7"});
        for name in names {
            expected[name] = said[name].clone();
        }
        let mut told = info(&server, scope, &said).await;
        let updated = told.as_object_mut().unwrap().remove("updated_at");
        assert_eq!(updated.is_some(), scope.contains("profile"), "when it changed is ours to say");
        assert_eq!(told, expected, "{scope}");
    }
}

/// OpenID Connect Core section 5.5: single claims in the ID token
#[tokio::test]
async fn the_id_token_tells_what_was_asked_for_one_by_one() {
    let server = start(json!({})).await;
    let asked = json!({"id_token": {"email": null, "email_verified": null, "gender": null}}).to_string();
    let query = authorization_query("app", &[("scope", Some("openid")), ("claims", Some(&asked))]);
    let tokens = log_in(&server, &mut Person::new(&server), &query, &json!({"email_verified": true})).await;
    let told = claims(&token(&tokens, "id_token"));
    assert_eq!((&told["email"], &told["email_verified"]), (&json!("ada@site.example"), &json!(true)));
    assert!(told.get("gender").is_none() && told.get("name").is_none(), "{told}");
}

/// What the site says no more is known no more
#[tokio::test]
async fn a_claim_that_the_site_leaves_out_vanishes_at_the_next_login() {
    let server = start(json!({})).await;
    assert_eq!(info(&server, "openid profile email", &json!({"nickname": "Countess"})).await["nickname"], "Countess");
    let later = info(&server, "openid profile email", &json!({"email": null, "name": "Ada Lovelace"})).await;
    assert_eq!(later["name"], "Ada Lovelace");
    assert!(later.get("nickname").is_none() && later.get("email").is_none(), "{later}");
}

/// OpenID Connect Core section 5.1: a claim of a wrong type is told to nobody, and holds nobody up
#[tokio::test]
async fn a_claim_of_a_wrong_type_is_left_out() {
    let server = start(json!({})).await;
    let wrong = json!({"email_verified": "true", "phone_number": 44, "address": "London", "birthdate": null, "updated_at": 5});
    let told = info(&server, "openid profile email phone address", &wrong).await;
    let mut names: Vec<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["email", "name", "sub", "updated_at"]);
    assert_eq!(told["updated_at"], server.inside().context.now().0);
}

/// OpenID Connect Core section 5.1.2: further claims are the operator's to allow, each by a scope
#[tokio::test]
async fn claims_beside_the_standard_ones_are_kept_where_the_settings_name_them() {
    let further = json!({"claims": {"https://site.example/plan": "profile", "groups": "email"}});
    let said = json!({"https://site.example/plan": {"tier": 3}, "groups": ["math"], "https://site.example/card": "4111"});
    let server = start(further).await;
    let profile = info(&server, "openid profile", &said).await;
    assert_eq!(profile["https://site.example/plan"], json!({"tier": 3}));
    assert!(profile.get("groups").is_none() && profile.get("https://site.example/card").is_none(), "{profile}");
    let email = info(&server, "openid email", &said).await;
    assert_eq!(email["groups"], json!(["math"]));
    assert!(email.get("https://site.example/plan").is_none());
    let advertised = server.send(&Event::get("/.well-known/openid-configuration")).await.json();
    assert!(advertised["claims_supported"].as_array().unwrap().contains(&json!("groups")));

    let plain = start(json!({})).await;
    let told = info(&plain, "openid profile email", &said).await;
    assert!(told.get("groups").is_none() && told.get("https://site.example/plan").is_none(), "{told}");
}
