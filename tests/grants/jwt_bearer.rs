//! RFC 7523 section 2.1: an assertion of another issuer as a grant.

use std::rc::Rc;

use grantlet::jose::signing::{SigningKey, SigningKeys};
use grantlet::model::client::SigningAlg;
use grantlet::model::grant::{GrantStatus, RevokedBy};
use grantlet::model::user::{Login, Subject, User, UserId};
use grantlet::protocol::issuer::Issuer;
use serde_json::{Value, json};
use tokio::task::LocalSet;

use super::{ACCESS_TOKEN, JWT_BEARER, MAIL, NOTES, TOKEN_EXCHANGE, access_token_alone, ask, resources, tokens_of_alice};
use crate::support::local::START;
use crate::support::oauth::{As, assert_refused, claims, post, userinfo};
use crate::support::server::{Reply, Server};
use crate::support::stack::ISSUER;
use crate::support::web::{Document, Web};

const AGENT: As<'static> = As::Basic("agent");
/// An issuer that the operator trusts.
const IDP: &str = "https://idp.example";
/// Another one, who calls people by the names of the site's login.
const SITE_IDP: &str = "https://site-idp.example";

/// A server that trusts the holder of `keys`, and a client `agent` that may bring its assertions.
struct Bench {
    server: Server,
    keys: SigningKeys,
}

fn jwks(keys: &SigningKeys) -> Value {
    json!({"keys": keys.keys.iter().map(SigningKey::public_jwk).collect::<Vec<_>>()})
}

fn trusted(issuer: &str, subject: &str, keys: &SigningKeys) -> Value {
    let scopes = ["openid", "email", "offline_access", "notes:read", "notes:write", "shared"];
    json!({"issuer": issuer, "jwks": jwks(keys), "subject": subject, "clients": ["agent", "bound", "narrow"], "scopes": scopes})
}

impl Bench {
    async fn start() -> Self {
        let (keys, _) = SigningKeys::generate("idp").unwrap();
        let issuers = [trusted(IDP, "username", &keys), trusted(SITE_IDP, "site", &keys)];
        let server = Server::local(json!({"resources": resources(), "assertion_issuers": issuers})).await;
        let grants = json!({"grant_types": [JWT_BEARER, TOKEN_EXCHANGE], "redirect_uris": []});
        server.inside().register("agent", grants.clone()).await;
        server.inside().register("stranger", grants).await;
        Self { server, keys }
    }

    /// An honest assertion about Alice with `changes`; null leaves out.
    fn assertion(&self, changes: &Value) -> String {
        self.typed("JWT", changes)
    }

    fn typed(&self, typ: &str, changes: &Value) -> String {
        sign(&self.keys, SigningAlg::ES256, typ, changes)
    }

    async fn bring(&self, client: As<'_>, assertion: &str, form: &[(&str, &str)]) -> Reply {
        ask(&self.server, client, JWT_BEARER, &[&[("assertion", assertion)], form].concat()).await
    }

    fn stored(&self, kind: &str) -> usize {
        self.server.inside().stored().get(kind).copied().unwrap_or_default()
    }
}

fn sign(keys: &SigningKeys, alg: SigningAlg, typ: &str, changes: &Value) -> String {
    let mut claims = json!({"iss": IDP, "sub": "alice", "aud": ISSUER, "iat": START, "exp": START + 300, "jti": "jti-1"});
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    keys.find(alg).unwrap().sign(typ, &claims).unwrap().expose().to_owned()
}

/// RFC 7523 section 2.1, RFC 7521 section 4.1: a token for the person, with a grant behind it and nothing to refresh
#[tokio::test]
async fn an_assertion_yields_a_token_for_the_person_whom_it_names() {
    let bench = Bench::start().await;
    let reply = bench.bring(AGENT, &bench.assertion(&json!({})), &[("resource", NOTES)]).await;
    let access = access_token_alone(&reply);
    let found = claims(&access);
    let alice = bench.server.inside().alice;
    for (name, expected) in [
        ("sub", json!(alice.to_string())),
        ("client_id", json!("agent")),
        ("aud", json!(NOTES)),
        ("scope", json!("notes:read notes:write shared")),
        ("exp", json!(START + 600)),
    ] {
        assert_eq!(found[name], expected, "{name}");
    }
    assert_eq!(reply.json()["scope"], "notes:read notes:write shared");
    for absent in ["auth_time", "acr", "amr", "act"] {
        assert!(found.get(absent).is_none(), "nobody logged in here: {found}");
    }
    assert_eq!((bench.stored("grant"), bench.stored("jti")), (1, 1));
    let grant =
        bench.server.inside().context.store.find_grant(found["grant_id"].as_str().unwrap().parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((grant.user_id, grant.client_id.as_str(), grant.offline), (alice, "agent", false));
    assert_eq!(grant.refresh.absolute_at.0, START + 600, "it ends with its token");
}

/// RFC 7523 section 3: each algorithm, and this server by its issuer or its token endpoint, alone or in a list
#[tokio::test]
async fn every_algorithm_and_both_names_of_this_server_are_taken() {
    let bench = Bench::start().await;
    let audiences = [json!(ISSUER), json!(format!("{ISSUER}/token")), json!([ISSUER]), json!(["https://else.example", ISSUER])];
    for (index, alg) in SigningAlg::ALL.into_iter().enumerate() {
        let assertion = sign(&bench.keys, alg, "JWT", &json!({"aud": audiences[index], "jti": format!("jti-{index}")}));
        access_token_alone(&bench.bring(AGENT, &assertion, &[]).await);
    }
    access_token_alone(&bench.bring(AGENT, &bench.typed("authorization-grant+jwt", &json!({"jti": "typed"})), &[]).await);
}

/// RFC 7523 section 3: every claim that is missing, wrong, of a wrong type, early or late; nothing is stored, and the assertion is not spent
#[tokio::test]
async fn an_assertion_with_anything_wrong_is_no_grant() {
    let bench = Bench::start().await;
    for changes in [
        json!({"iss": null}),
        json!({"iss": 7}),
        json!({"iss": "https://idp.example/"}),
        json!({"iss": ISSUER}),
        json!({"iss": "agent"}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": 7}),
        json!({"sub": "nobody"}),
        json!({"sub": "client:agent"}),
        json!({"sub": "a".repeat(256)}),
        json!({"sub": bench.server.inside().alice.to_string()}),
        json!({"aud": null}),
        json!({"aud": "https://else.example"}),
        json!({"aud": format!("{ISSUER}/")}),
        json!({"aud": format!("{ISSUER}/authorize")}),
        json!({"aud": "agent"}),
        json!({"aud": {"a": ISSUER}}),
        json!({"exp": null}),
        json!({"exp": "later"}),
        json!({"exp": START - 10}),
        json!({"exp": START + 3_601}),
        json!({"nbf": START + 61}),
        json!({"nbf": "soon"}),
        json!({"iat": START + 61}),
        json!({"iat": [START]}),
        json!({"jti": null}),
        json!({"jti": ""}),
        json!({"jti": 7}),
        json!({"jti": "j".repeat(513)}),
        json!({"client_id": "stranger"}),
        json!({"client_id": 7}),
        json!({"scope": ["notes:read"]}),
        json!({"resource": 7}),
        json!({"resource": [7]}),
    ] {
        assert_refused(&bench.bring(AGENT, &bench.assertion(&changes), &[]).await, 400, "invalid_grant");
    }
    let (others, _) = SigningKeys::generate("others").unwrap();
    let honest = bench.assertion(&json!({}));
    let (head, signature) = honest.rsplit_once('.').unwrap();
    for wrong in [&sign(&others, SigningAlg::ES256, "JWT", &json!({})), head, signature, &honest[..honest.len() - 1], "abc", "a.b.c"] {
        assert_refused(&bench.bring(AGENT, wrong, &[]).await, 400, "invalid_grant");
    }
    for typ in ["at+jwt", "logout+jwt", "dpop+jwt", "client-authentication+jwt", "grantlet-login+jwt", "oauth-authz-req+jwt"] {
        assert_refused(&bench.bring(AGENT, &bench.typed(typ, &json!({})), &[]).await, 400, "invalid_grant");
    }
    assert_refused(&ask(&bench.server, AGENT, JWT_BEARER, &[]).await, 400, "invalid_request");
    assert_eq!(bench.server.inside().stored(), [].into());
    access_token_alone(&bench.bring(AGENT, &honest, &[]).await);
}

/// RFC 7523 section 3, check 3: the time of an assertion has an end, and a little skew
#[tokio::test]
async fn an_assertion_is_good_until_it_expires_and_is_remembered_for_longer() {
    let bench = Bench::start().await;
    bench.server.inside().clock.advance(309);
    access_token_alone(&bench.bring(AGENT, &bench.assertion(&json!({"jti": "late"})), &[]).await);
    let reply = bench.bring(AGENT, &bench.assertion(&json!({"jti": "late"})), &[]).await;
    assert_refused(&reply, 400, "invalid_grant");
    bench.server.inside().clock.advance(1);
    assert_refused(&bench.bring(AGENT, &bench.assertion(&json!({"jti": "later"})), &[]).await, 400, "invalid_grant");
}

/// RFC 7523 section 3, check 7: of twenty at once exactly one yields a token, and the same `jti` counts apart for each issuer
#[tokio::test]
async fn of_twenty_that_bring_one_assertion_at_once_one_gets_a_token() {
    let bench = Rc::new(Bench::start().await);
    let assertion = bench.assertion(&json!({}));
    let together = LocalSet::new();
    let attempts: Vec<_> = (0..20)
        .map(|_| {
            let (bench, assertion) = (bench.clone(), assertion.clone());
            together.spawn_local(async move { bench.bring(AGENT, &assertion, &[]).await })
        })
        .collect();
    together.await;
    let mut replies = Vec::new();
    for attempt in attempts {
        replies.push(attempt.await.unwrap());
    }
    let (won, lost): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 200);
    assert_eq!(won.len(), 1);
    for reply in lost {
        assert_refused(reply, 400, "invalid_grant");
    }
    assert_eq!((bench.stored("grant"), bench.stored("jti")), (1, 1));
}

/// RFC 7523 section 3, check 7: a client's own assertion and another issuer's with the same names are two
#[tokio::test]
async fn the_jti_of_a_client_assertion_is_another_one() {
    let (keys, _) = SigningKeys::generate("idp").unwrap();
    let issuers = [trusted("agent", "username", &keys)];
    let server = Server::local(json!({"assertion_issuers": issuers})).await;
    let metadata = json!({"grant_types": [JWT_BEARER], "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks(&keys)});
    server.inside().register("agent", metadata).await;
    let authentication = sign(&keys, SigningAlg::ES256, "JWT", &json!({"iss": "agent", "sub": "agent"}));
    let assertion = sign(&keys, SigningAlg::ES256, "JWT", &json!({"iss": "agent"}));
    let form = |assertion: &str| {
        crate::support::oauth::encode(&[
            ("grant_type", JWT_BEARER),
            ("assertion", assertion),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &authentication),
        ])
    };
    // The client's own assertion is none about a person; and being refused, it is spent as the proof that it was.
    let event = crate::support::event::Event::post_form("/token", &form(&assertion));
    access_token_alone(&server.send(&event).await);
    assert_refused(&server.send(&event).await, 401, "invalid_client");
}

/// RFC 7521 section 4.1.1: nobody whom this server does not know, and nobody who is locked; the assertion stays good
#[tokio::test]
async fn an_assertion_about_somebody_locked_yields_nothing_until_they_are_unlocked() {
    let bench = Bench::start().await;
    let local = bench.server.inside();
    let assertion = bench.assertion(&json!({}));
    local.context.store.set_locked(local.alice, true).await.unwrap();
    assert_refused(&bench.bring(AGENT, &assertion, &[]).await, 400, "invalid_grant");
    assert_eq!(local.stored(), [].into());
    local.context.store.set_locked(local.alice, false).await.unwrap();
    access_token_alone(&bench.bring(AGENT, &assertion, &[]).await);
}

/// The operator says by which of their names an issuer calls people; the same text at another connection is somebody else
#[tokio::test]
async fn a_subject_is_looked_up_where_the_operator_says() {
    let bench = Bench::start().await;
    let context = &bench.server.inside().context;
    let id = UserId(context.ulid());
    let user = User {
        id,
        subject: Subject("site-7".to_owned()),
        username: None,
        password_hash: None,
        claims: serde_json::Map::new(),
        locked: false,
        created_at: context.now(),
        updated_at: context.now(),
    };
    assert!(context.store.create_user(&user, &Login::Site("site-7".to_owned())).await.unwrap());
    for (issuer, subject, expected) in [
        (IDP, "alice", Some(bench.server.inside().alice.to_string())),
        (IDP, " ALICE ", Some(bench.server.inside().alice.to_string())),
        (IDP, "site-7", None),
        (SITE_IDP, "site-7", Some("site-7".to_owned())),
        (SITE_IDP, "Site-7", None),
        (SITE_IDP, "alice", None),
    ] {
        let assertion = bench.assertion(&json!({"iss": issuer, "sub": subject, "jti": format!("{issuer}{subject}")}));
        let reply = bench.bring(AGENT, &assertion, &[]).await;
        match expected {
            Some(sub) => assert_eq!(claims(&access_token_alone(&reply))["sub"], sub),
            None => assert_refused(&reply, 400, "invalid_grant"),
        }
    }
}

/// RFC 7521 section 4.1, `scope`: what issuer, assertion and client all have, for the resource; beyond it is refused, and the assertion stays good
#[tokio::test]
async fn scopes_are_bounded_by_issuer_assertion_and_client() {
    let bench = Bench::start().await;
    bench.server.inside().register("narrow", json!({"grant_types": [JWT_BEARER], "redirect_uris": [], "scope": "shared openid"})).await;
    for (index, (client, asserted, resource, asked, expected)) in [
        (AGENT, None, NOTES, None, Some("notes:read notes:write shared")),
        (AGENT, None, NOTES, Some("shared notes:read offline_access"), Some("shared notes:read")),
        (AGENT, Some("notes:read openid unknown"), NOTES, None, Some("notes:read")),
        (AGENT, Some("notes:read"), NOTES, Some("notes:write"), None),
        (AGENT, None, MAIL, None, Some("shared")),
        (AGENT, None, MAIL, Some("mail:send"), None),
        (AGENT, None, NOTES, Some("profile"), None),
        (AGENT, None, ISSUER, None, Some("openid email")),
        (As::Basic("narrow"), None, NOTES, None, Some("shared")),
        (As::Basic("narrow"), None, NOTES, Some("notes:read"), None),
    ]
    .into_iter()
    .enumerate()
    {
        let assertion = bench.assertion(&json!({"scope": asserted, "jti": format!("jti-{index}")}));
        let form: Vec<_> = [("resource", resource)].into_iter().chain(asked.map(|scope| ("scope", scope))).collect();
        let reply = bench.bring(client, &assertion, &form).await;
        match expected {
            Some(scope) => assert_eq!(claims(&access_token_alone(&reply))["scope"], scope, "{form:?}"),
            None => {
                assert_refused(&reply, 400, "invalid_scope");
                access_token_alone(&bench.bring(client, &assertion, &[]).await);
            }
        }
    }
}

/// RFC 8707 section 2: the resource asked for, within those that the assertion names
#[tokio::test]
async fn the_audience_is_bounded_by_the_assertion() {
    let bench = Bench::start().await;
    for (index, (asserted, asked, expected)) in [
        (json!(null), None, Some(ISSUER)),
        (json!(null), Some(MAIL), Some(MAIL)),
        (json!(null), Some("https://unknown.example"), None),
        (json!("https://notes.example/"), None, Some(NOTES)),
        (json!([NOTES, MAIL]), Some(MAIL), Some(MAIL)),
        (json!(NOTES), Some(MAIL), None),
        (json!("https://unknown.example"), None, None),
    ]
    .into_iter()
    .enumerate()
    {
        let assertion = bench.assertion(&json!({"resource": asserted, "jti": format!("jti-{index}")}));
        let form: Vec<_> = asked.map(|uri| ("resource", uri)).into_iter().collect();
        let reply = bench.bring(AGENT, &assertion, &form).await;
        match expected {
            Some(audience) => assert_eq!(claims(&access_token_alone(&reply))["aud"], audience),
            None => assert_refused(&reply, 400, "invalid_target"),
        }
    }
}

/// An identity provider's assertion for one client names it, and is for the issuer alone
#[tokio::test]
async fn an_identity_assertion_is_for_the_client_that_it_names() {
    let bench = Bench::start().await;
    let typ = "oauth-id-jag+jwt";
    for changes in [json!({}), json!({"client_id": "stranger"}), json!({"client_id": "agent", "aud": format!("{ISSUER}/token")})] {
        assert_refused(&bench.bring(AGENT, &bench.typed(typ, &changes), &[]).await, 400, "invalid_grant");
    }
    access_token_alone(&bench.bring(AGENT, &bench.typed(typ, &json!({"client_id": "agent"})), &[]).await);
}

/// RFC 7521 section 4.1.1: an assertion is good for the clients that the operator named
#[tokio::test]
async fn another_client_can_not_use_the_assertion() {
    let bench = Bench::start().await;
    let assertion = bench.assertion(&json!({}));
    assert_refused(&bench.bring(As::Basic("stranger"), &assertion, &[]).await, 400, "invalid_grant");
    assert_refused(&bench.bring(As::Basic("app"), &assertion, &[]).await, 400, "unauthorized_client");
    assert_refused(&bench.bring(As::Public("cli"), &assertion, &[]).await, 400, "unauthorized_client");
    access_token_alone(&bench.bring(AGENT, &assertion, &[]).await);
}

/// RFC 8725 section 2.8: nothing that this server issued is an assertion
#[tokio::test]
async fn no_artefact_of_ours_is_taken_for_an_assertion() {
    let bench = Bench::start().await;
    let tokens = tokens_of_alice(&bench.server, "app", "openid offline_access", &[]).await;
    for name in ["access_token", "id_token", "refresh_token"] {
        assert_refused(&bench.bring(AGENT, tokens[name].as_str().unwrap(), &[]).await, 400, "invalid_grant");
    }
    let own = access_token_alone(&bench.bring(AGENT, &bench.assertion(&json!({})), &[]).await);
    assert_refused(&bench.bring(AGENT, &own, &[]).await, 400, "invalid_grant");
    let as_subject = [("subject_token", bench.assertion(&json!({"jti": "2"}))), ("subject_token_type", ACCESS_TOKEN.to_owned())];
    let as_subject: Vec<_> = as_subject.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_refused(&ask(&bench.server, AGENT, TOKEN_EXCHANGE, &as_subject).await, 400, "invalid_request");
}

/// Revoking its grant ends the token wherever this server is asked, and so does a lock
#[tokio::test]
async fn the_grant_of_an_assertion_can_be_ended_like_any_other() {
    let bench = Bench::start().await;
    let local = bench.server.inside();
    let access = access_token_alone(&bench.bring(AGENT, &bench.assertion(&json!({})), &[("resource", ISSUER)]).await);
    let info = userinfo(&bench.server, &access).await;
    assert_eq!((info.status, info.json()["email"].as_str()), (200, Some("alice@example.com")));
    local.context.store.set_locked(local.alice, true).await.unwrap();
    assert_eq!(userinfo(&bench.server, &access).await.status, 401);
    local.context.store.set_locked(local.alice, false).await.unwrap();
    let id = claims(&access)["grant_id"].as_str().unwrap().parse().unwrap();
    assert!(local.context.store.list_grant_ids(local.alice).await.unwrap().contains(&id), "the person finds it in the list");
    assert!(local.context.store.revoke_grant(id, RevokedBy::Operator).await.unwrap());
    assert_eq!(userinfo(&bench.server, &access).await.status, 401);
    let subject = [("subject_token", access.as_str()), ("subject_token_type", ACCESS_TOKEN)];
    assert_refused(&ask(&bench.server, AGENT, TOKEN_EXCHANGE, &subject).await, 400, "invalid_request");
    let grant = local.context.store.find_grant(id).await.unwrap().unwrap();
    assert_eq!(grant.status, GrantStatus::Revoked(RevokedBy::Operator));
}

/// RFC 7009 section 2.1
#[tokio::test]
async fn the_client_revokes_a_token_that_it_got_by_an_assertion() {
    let bench = Bench::start().await;
    let access = access_token_alone(&bench.bring(AGENT, &bench.assertion(&json!({})), &[("resource", ISSUER)]).await);
    assert_eq!(post(&bench.server, "/revoke", AGENT, &[("token", &access)]).await.status, 200);
    assert_eq!(userinfo(&bench.server, &access).await.status, 401);
}

/// RFC 9449 section 5.2: a client whose tokens must be bound gets no other ones, and the assertion stays good
#[tokio::test]
async fn a_client_that_must_bind_its_tokens_needs_a_proof() {
    let bench = Bench::start().await;
    let metadata = json!({"grant_types": [JWT_BEARER], "redirect_uris": [], "dpop_bound_access_tokens": true});
    bench.server.inside().register("bound", metadata).await;
    let assertion = bench.assertion(&json!({}));
    assert_refused(&bench.bring(As::Basic("bound"), &assertion, &[]).await, 400, "invalid_request");
    access_token_alone(&bench.bring(AGENT, &assertion, &[]).await);
}

/// OpenID Connect Core section 8: a pairwise client sees its own subject of the person here, too
#[tokio::test]
async fn a_pairwise_client_gets_its_own_subject() {
    let bench = Bench::start().await;
    let metadata = json!({"grant_types": [JWT_BEARER], "subject_type": "pairwise"});
    bench.server.inside().register("narrow", metadata).await;
    let sub_of = async |client: As<'_>, jti: &str| {
        let reply = bench.bring(client, &bench.assertion(&json!({ "jti": jti })), &[("resource", ISSUER)]).await;
        claims(&access_token_alone(&reply))["sub"].as_str().unwrap().to_owned()
    };
    let pairwise = sub_of(As::Basic("narrow"), "1").await;
    assert_ne!(pairwise, bench.server.inside().alice.to_string());
    assert_eq!(sub_of(As::Basic("narrow"), "2").await, pairwise);
    assert_eq!(sub_of(AGENT, "3").await, bench.server.inside().alice.to_string());
}

/// RFC 7517 section 5: keys at an address; what can't be read says nothing about the assertion
#[tokio::test]
async fn the_issuer_s_keys_are_read_from_its_address_and_a_failure_is_503() {
    const LOOPBACK: &str = "http://localhost:9000";
    let web = Web::start().await;
    let (keys, _) = SigningKeys::generate("idp").unwrap();
    let mut issuer = trusted(IDP, "username", &keys);
    issuer.as_object_mut().unwrap().remove("jwks");
    issuer["jwks_uri"] = json!(web.url("/keys"));
    let server = Server::local_with(json!({"assertion_issuers": [issuer]}), |config| {
        config.issuer = Issuer::parse(LOOPBACK).unwrap();
        config.default_audience = LOOPBACK.to_owned();
    })
    .await;
    server.inside().register("agent", json!({"grant_types": [JWT_BEARER], "redirect_uris": []})).await;
    let assertion = sign(&keys, SigningAlg::EdDSA, "JWT", &json!({"aud": LOOPBACK}));
    let bring = async || ask(&server, AGENT, JWT_BEARER, &[("assertion", &assertion)]).await;
    assert_refused(&bring().await, 503, "temporarily_unavailable");
    web.put("/keys", Document::json(&jwks(&keys)));
    // It is not asked again at once; what is not known meanwhile is not held against the assertion.
    assert_refused(&bring().await, 503, "temporarily_unavailable");
    server.inside().clock.advance(30);
    access_token_alone(&bring().await);
}
