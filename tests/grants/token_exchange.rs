//! RFC 8693: a token for another one.

use grantlet::jose::signing::SigningKeys;
use grantlet::model::client::SigningAlg;
use grantlet::model::grant::RevokedBy;
use serde_json::{Value, json};

use super::{ACCESS_TOKEN, BANK, CLIENT_CREDENTIALS, MAIL, NOTES, TOKEN_EXCHANGE, access_token_alone, ask, resources, tokens_of_alice};
use crate::support::dpop::{ProofKey, exchange_with};
use crate::support::local::START;
use crate::support::oauth::{ALICE, As, assert_refused, authorization_query, claims, parameter, post, request, token, userinfo};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::stack::ISSUER;

const WEB: As<'static> = As::Basic("web");
const NOTES_API: As<'static> = As::Basic("notes-api");

/// A server with a client `web` that people use, the client `notes-api` that is the resource of [`NOTES`], and a thief.
async fn server() -> Server {
    let server = Server::local(json!({ "resources": resources() })).await;
    let local = server.inside();
    local.register("web", json!({"grant_types": ["authorization_code", "refresh_token", TOKEN_EXCHANGE, CLIENT_CREDENTIALS]})).await;
    for id in ["notes-api", "thief"] {
        local.register(id, json!({"grant_types": [TOKEN_EXCHANGE, CLIENT_CREDENTIALS], "redirect_uris": []})).await;
    }
    server
}

/// Alice's access token at `web`, for [`NOTES`]; she allowed [`MAIL`] as well.
async fn alice_s_token(server: &Server) -> String {
    let tokens = tokens_of_alice(server, "web", "openid notes:read notes:write shared mail:send", &[NOTES, MAIL]).await;
    tokens["access_token"].as_str().unwrap().to_owned()
}

/// Exchanges `subject` with further parameters.
async fn swap(server: &Server, client: As<'_>, subject: &str, form: &[(&str, &str)]) -> Reply {
    let always = [("subject_token", subject), ("subject_token_type", ACCESS_TOKEN)];
    ask(server, client, TOKEN_EXCHANGE, &[&always, form].concat()).await
}

/// RFC 8693 section 2.2.1: the same person, fewer scopes, and nothing is written
#[tokio::test]
async fn a_client_narrows_its_own_token() {
    let server = server().await;
    let subject = alice_s_token(&server).await;
    let before = server.inside().stored();
    for (form, scope) in [
        (&[][..], "notes:read notes:write shared"),
        (&[("scope", "notes:read")], "notes:read"),
        (&[("scope", "shared notes:read offline_access"), ("requested_token_type", ACCESS_TOKEN)], "shared notes:read"),
        (&[("resource", "https://notes.example/")], "notes:read notes:write shared"),
        (&[("audience", NOTES), ("scope", "shared")], "shared"),
    ] {
        let reply = swap(&server, WEB, &subject, form).await;
        let (old, new) = (claims(&subject), claims(&access_token_alone(&reply)));
        assert_eq!((reply.json()["issued_token_type"].as_str(), reply.json()["scope"].as_str()), (Some(ACCESS_TOKEN), Some(scope)));
        assert_eq!((new["scope"].as_str(), new["aud"].as_str()), (Some(scope), Some(NOTES)), "{form:?}");
        for same in ["sub", "client_id", "grant_id", "auth_time", "acr", "amr"] {
            assert_eq!(new[same], old[same], "{same}");
        }
        assert_ne!(new["jti"], old["jti"]);
        assert!(new.get("act").is_none(), "nobody acts for anybody");
    }
    assert_eq!(server.inside().stored(), before);
}

/// RFC 8693 section 2.1, `resource` and `audience`: another resource that the person allowed this client
#[tokio::test]
async fn a_client_turns_its_token_to_another_resource_of_the_same_permission() {
    let server = server().await;
    let subject = alice_s_token(&server).await;
    for form in [[("resource", MAIL)], [("audience", "https://mail.example/")]] {
        let new = claims(&access_token_alone(&swap(&server, WEB, &subject, &form).await));
        // `mail:send` was allowed, too, but stands not in the token that is exchanged.
        assert_eq!((&new["aud"], &new["scope"]), (&json!(MAIL), &json!("shared")));
    }
    let narrow = tokens_of_alice(&server, "web", "notes:read shared", &[NOTES]).await;
    let reply = swap(&server, WEB, narrow["access_token"].as_str().unwrap(), &[("resource", MAIL)]).await;
    assert_refused(&reply, 400, "invalid_target");
}

/// RFC 8693 sections 1.1 and 4.1: a resource that was sent a token acts for the person at the next one, and the token says so
#[tokio::test]
async fn a_resource_exchanges_what_it_was_sent_for_one_that_lets_it() {
    let server = server().await;
    let subject = alice_s_token(&server).await;
    let reply = swap(&server, NOTES_API, &subject, &[("resource", MAIL)]).await;
    let (old, new) = (claims(&subject), claims(&access_token_alone(&reply)));
    assert_eq!(new["sub"], old["sub"]);
    assert_eq!((&new["aud"], &new["client_id"], &new["scope"]), (&json!(MAIL), &json!("notes-api"), &json!("shared")));
    assert_eq!(new["act"], json!({"sub": "client:notes-api"}));
    assert_eq!(new["grant_id"], old["grant_id"], "it ends with the person's permission");
    // What it was issued is its own now, and still no key to everything.
    let second = access_token_alone(&swap(&server, NOTES_API, &access_token_alone(&reply), &[]).await);
    assert_eq!(claims(&second)["act"], json!({"sub": "client:notes-api"}), "nobody stands there twice in a row");
    for target in [BANK, NOTES, ISSUER] {
        assert_refused(&swap(&server, NOTES_API, &second, &[("resource", target)]).await, 400, "invalid_target");
    }
}

/// RFC 8693 section 2.2.2: a target that the client may not have, that nobody knows, or several
#[tokio::test]
async fn a_target_beyond_what_is_allowed_is_refused() {
    let server = server().await;
    let subject = alice_s_token(&server).await;
    for (client, form) in [
        (NOTES_API, &[("resource", BANK)][..]),
        (NOTES_API, &[("audience", ISSUER)]),
        (WEB, &[("resource", BANK)]),
        (WEB, &[("resource", "https://unknown.example")]),
        (WEB, &[("audience", "notes-api")]),
        (WEB, &[("resource", NOTES), ("resource", MAIL)]),
        (WEB, &[("resource", NOTES), ("audience", MAIL)]),
    ] {
        assert_refused(&swap(&server, client, &subject, form).await, 400, "invalid_target");
    }
}

/// RFC 8693 section 5: whoever found a token can do nothing with it here
#[tokio::test]
async fn a_stolen_token_can_not_be_exchanged() {
    let server = server().await;
    let subject = alice_s_token(&server).await;
    for form in [&[][..], &[("resource", NOTES)], &[("scope", "shared"), ("resource", MAIL)]] {
        assert_refused(&swap(&server, As::Basic("thief"), &subject, form).await, 400, "invalid_request");
    }
    // Sent to another resource, it is not that of `notes-api` either.
    let other = tokens_of_alice(&server, "web", "shared", &[MAIL, NOTES]).await;
    assert_refused(&swap(&server, NOTES_API, other["access_token"].as_str().unwrap(), &[]).await, 400, "invalid_request");
    // A token for the server itself names nobody who could be its resource.
    let own = tokens_of_alice(&server, "web", "openid", &[]).await;
    assert_refused(&swap(&server, NOTES_API, own["access_token"].as_str().unwrap(), &[]).await, 400, "invalid_request");
}

/// RFC 8693 section 2.1, `scope`: never more than the token has, nor than the client may have
#[tokio::test]
async fn a_scope_beyond_the_token_or_the_client_is_refused() {
    let server = server().await;
    let subject = tokens_of_alice(&server, "web", "notes:read shared", &[NOTES]).await;
    let subject = subject["access_token"].as_str().unwrap();
    for scope in ["notes:write", "notes:read notes:write", "openid", "mail:send", "a\"b"] {
        assert_refused(&swap(&server, WEB, subject, &[("scope", scope)]).await, 400, "invalid_scope");
    }
    let metadata = json!({"grant_types": [TOKEN_EXCHANGE], "redirect_uris": [], "scope": "shared"});
    server.inside().register("a1", metadata).await;
    assert_refused(&swap(&server, As::Basic("a1"), subject, &[("scope", "notes:read")]).await, 400, "invalid_scope");
    let reply = swap(&server, As::Basic("a1"), subject, &[]).await;
    assert_eq!(claims(&access_token_alone(&reply))["scope"], "shared");
}

/// RFC 8693 section 2.2.1, `expires_in`: never longer than what it was exchanged for
#[tokio::test]
async fn an_exchanged_token_ends_with_the_first_one() {
    let server = server().await;
    let subject = alice_s_token(&server).await;
    server.inside().clock.advance(400);
    let reply = swap(&server, WEB, &subject, &[]).await;
    let first = access_token_alone(&reply);
    assert_eq!((&reply.json()["expires_in"], &claims(&first)["exp"]), (&json!(200), &json!(START + 600)));
    server.inside().clock.advance(199);
    let reply = swap(&server, WEB, &first, &[]).await;
    assert_eq!((&reply.json()["expires_in"], &claims(&access_token_alone(&reply))["exp"]), (&json!(1), &json!(START + 600)));
    server.inside().clock.advance(1);
    for token in [&subject, &first] {
        assert_refused(&swap(&server, WEB, token, &[]).await, 400, "invalid_request");
    }
}

/// RFC 8693 section 2.1: an actor's token bounds the life, too
#[tokio::test]
async fn an_exchanged_token_ends_with_the_actor_s() {
    let server = server().await;
    let actor = access_token_alone(&ask(&server, WEB, CLIENT_CREDENTIALS, &[]).await);
    server.inside().clock.advance(500);
    let subject = alice_s_token(&server).await;
    let reply = swap(&server, WEB, &subject, &[("actor_token", &actor), ("actor_token_type", ACCESS_TOKEN)]).await;
    assert_eq!(claims(&access_token_alone(&reply))["exp"], START + 600);
}

/// RFC 8693 section 2.2.2: a token that counts no more, whatever ended it
#[tokio::test]
async fn a_token_that_was_revoked_or_whose_person_is_locked_is_not_exchanged() {
    let server = server().await;
    let local = server.inside();
    let grant_of = |token: &str| claims(token)["grant_id"].as_str().unwrap().parse().unwrap();

    let subject = alice_s_token(&server).await;
    assert_eq!(post(&server, "/revoke", WEB, &[("token", &subject)]).await.status, 200);
    assert_refused(&swap(&server, WEB, &subject, &[]).await, 400, "invalid_request");

    let subject = alice_s_token(&server).await;
    let exchanged = access_token_alone(&swap(&server, NOTES_API, &subject, &[("resource", MAIL)]).await);
    assert!(local.context.store.revoke_grant(grant_of(&subject), RevokedBy::Operator).await.unwrap());
    assert_refused(&swap(&server, WEB, &subject, &[]).await, 400, "invalid_request");
    assert_refused(&swap(&server, NOTES_API, &exchanged, &[]).await, 400, "invalid_request");

    let subject = alice_s_token(&server).await;
    local.context.store.set_locked(local.alice, true).await.unwrap();
    assert_refused(&swap(&server, WEB, &subject, &[]).await, 400, "invalid_request");
    local.context.store.set_locked(local.alice, false).await.unwrap();
    access_token_alone(&swap(&server, WEB, &subject, &[]).await);
}

/// RFC 8693 section 2.1: what must be there, and types other than an access token's
#[tokio::test]
async fn parameters_that_are_missing_or_name_other_types_are_an_invalid_request() {
    let server = server().await;
    let subject = alice_s_token(&server).await;
    let subject = subject.as_str();
    let id_token_type = "urn:ietf:params:oauth:token-type:id_token";
    for form in [
        &[][..],
        &[("subject_token", subject)],
        &[("subject_token_type", ACCESS_TOKEN)],
        &[("subject_token", subject), ("subject_token_type", id_token_type)],
        &[("subject_token", subject), ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt")],
        &[("subject_token", subject), ("subject_token_type", "access_token")],
        &[("subject_token", subject), ("subject_token_type", ACCESS_TOKEN), ("requested_token_type", id_token_type)],
        &[
            ("subject_token", subject),
            ("subject_token_type", ACCESS_TOKEN),
            ("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"),
        ],
        &[("subject_token", subject), ("subject_token_type", ACCESS_TOKEN), ("actor_token", subject)],
        &[("subject_token", subject), ("subject_token_type", ACCESS_TOKEN), ("actor_token_type", ACCESS_TOKEN)],
        &[("subject_token", subject), ("subject_token_type", ACCESS_TOKEN), ("actor_token", subject), ("actor_token_type", id_token_type)],
    ] {
        assert_refused(&ask(&server, WEB, TOKEN_EXCHANGE, form).await, 400, "invalid_request");
    }
}

/// RFC 8725 section 2.8: one artefact is never taken for another, nor a part of one for the whole
#[tokio::test]
async fn nothing_but_an_access_token_of_ours_is_exchanged() {
    let server = server().await;
    let tokens = tokens_of_alice(&server, "web", "openid offline_access", &[]).await;
    let access = tokens["access_token"].as_str().unwrap();
    let (keys, _) = SigningKeys::generate("foreign").unwrap();
    let forged = keys.find(SigningAlg::RS256).unwrap().sign("at+jwt", &claims(access)).unwrap();
    let (head, signature) = access.rsplit_once('.').unwrap();
    let payload = base64_of(&json!({"iss": ISSUER, "sub": "x", "exp": START + 600}));
    let unsigned = format!("{}.{payload}.", base64_of(&json!({"alg": "none", "typ": "at+jwt"})));
    for other in [
        tokens["id_token"].as_str().unwrap(),
        tokens["refresh_token"].as_str().unwrap(),
        forged.expose(),
        &unsigned,
        head,
        signature,
        &access[..access.len() - 1],
        "abc",
        "a.b.c",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV.secret",
        "urn:ietf:params:oauth:request_uri:abc",
    ] {
        assert_refused(&swap(&server, WEB, other, &[]).await, 400, "invalid_request");
        let actor = [("actor_token", other), ("actor_token_type", ACCESS_TOKEN)];
        assert_refused(&swap(&server, WEB, access, &actor).await, 400, "invalid_request");
    }
    access_token_alone(&swap(&server, WEB, access, &[]).await);
}

fn base64_of(value: &Value) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, value.to_string())
}

/// RFC 8693 section 4.1: the one who acts, by a token of their own
#[tokio::test]
async fn an_actor_token_names_who_acts() {
    let server = server().await;
    let subject = alice_s_token(&server).await;
    let actor = access_token_alone(&ask(&server, WEB, CLIENT_CREDENTIALS, &[]).await);
    let with = |token| [("actor_token", token), ("actor_token_type", ACCESS_TOKEN)];
    let acted = access_token_alone(&swap(&server, WEB, &subject, &with(&actor)).await);
    assert_eq!(claims(&acted)["act"], json!({"sub": "client:web"}));
    assert_eq!(claims(&acted)["sub"], claims(&subject)["sub"]);
    // The next one stands outside, the one before inside.
    let next = access_token_alone(&swap(&server, NOTES_API, &acted, &[]).await);
    assert_eq!(claims(&next)["act"], json!({"sub": "client:notes-api", "act": {"sub": "client:web"}}));
    // Somebody else's token, one with an actor of its own, one that was revoked.
    let foreign = access_token_alone(&ask(&server, NOTES_API, CLIENT_CREDENTIALS, &[]).await);
    for wrong in [&foreign, &acted] {
        assert_refused(&swap(&server, WEB, &subject, &with(wrong)).await, 400, "invalid_request");
    }
    assert_eq!(post(&server, "/revoke", WEB, &[("token", &actor)]).await.status, 200);
    assert_refused(&swap(&server, WEB, &subject, &with(&actor)).await, 400, "invalid_request");
}

/// RFC 8693 section 4.1: a chain of actors does not grow for ever
#[tokio::test]
async fn at_most_four_act_for_one_another() {
    let server = server().await;
    let mut token = alice_s_token(&server).await;
    for id in ["a1", "a2", "a3", "a4"] {
        server.inside().register(id, json!({"grant_types": [TOKEN_EXCHANGE], "redirect_uris": []})).await;
        token = access_token_alone(&swap(&server, As::Basic(id), &token, &[]).await);
    }
    let expected = json!({"sub": "client:a4", "act": {"sub": "client:a3", "act": {"sub": "client:a2", "act": {"sub": "client:a1"}}}});
    assert_eq!(claims(&token)["act"], expected);
    server.inside().register("a5", json!({"grant_types": [TOKEN_EXCHANGE], "redirect_uris": []})).await;
    assert_refused(&swap(&server, As::Basic("a5"), &token, &[]).await, 400, "invalid_request");
}

/// A client's own token has no person behind it, and may still be narrowed
#[tokio::test]
async fn a_token_of_a_client_in_its_own_name_stays_one() {
    let server = server().await;
    let own = access_token_alone(&ask(&server, WEB, CLIENT_CREDENTIALS, &[("resource", NOTES), ("scope", "notes:read shared")]).await);
    let new = claims(&access_token_alone(&swap(&server, WEB, &own, &[("scope", "shared")]).await));
    assert_eq!((&new["sub"], &new["scope"], new.get("grant_id"), new.get("act")), (&json!("client:web"), &json!("shared"), None, None));
    let sent = claims(&access_token_alone(&swap(&server, NOTES_API, &own, &[("resource", MAIL)]).await));
    assert_eq!((&sent["sub"], &sent["act"]), (&json!("client:web"), &json!({"sub": "client:notes-api"})));
}

/// OpenID Connect Core section 5.3: userinfo tells the client that the person allowed, and nobody who acts for them
#[tokio::test]
async fn userinfo_refuses_a_token_that_another_client_got_by_exchange() {
    let server = Server::local(json!({"resources": [{"uri": ISSUER, "introspected_by": ["notes-api"]}]})).await;
    for (id, grants) in [("web", vec!["authorization_code", TOKEN_EXCHANGE]), ("notes-api", vec![TOKEN_EXCHANGE])] {
        server.inside().register(id, json!({ "grant_types": grants })).await;
    }
    let subject = tokens_of_alice(&server, "web", "openid email", &[]).await;
    let subject = subject["access_token"].as_str().unwrap();
    let own = access_token_alone(&swap(&server, WEB, subject, &[("scope", "openid")]).await);
    let info = userinfo(&server, &own).await;
    assert_eq!((info.status, info.json().get("email")), (200, None));
    let foreign = access_token_alone(&swap(&server, NOTES_API, subject, &[]).await);
    assert_eq!(userinfo(&server, &foreign).await.status, 401);
}

/// RFC 9449 section 5: a bound token is exchanged by whoever holds its key, and the new one is bound as well
#[tokio::test]
async fn a_bound_token_is_exchanged_with_a_proof_of_its_key_only() {
    let server = server().await;
    let (key, other) = (ProofKey::new(), ProofKey::new());
    let query = authorization_query("web", &[("scope", Some("notes:read shared")), ("resource", Some(NOTES))]);
    let code = parameter(&Person::new(&server).authorize(&query, ALICE).await, "code").unwrap();
    let subject = token(&exchange_with(&server, WEB, &code, &key).await, "access_token");
    let form = [("grant_type", TOKEN_EXCHANGE), ("subject_token", &subject), ("subject_token_type", ACCESS_TOKEN)];
    let with = async |client, key: &ProofKey| {
        let proof = key.token_proof(&server).sign();
        server.send(&request("/token", client, &form).header("dpop", &proof)).await
    };
    assert_refused(&swap(&server, WEB, &subject, &[]).await, 400, "invalid_request");
    assert_refused(&with(WEB, &other).await, 400, "invalid_request");
    // The resource that was sent the token does not hold its key.
    assert_refused(&swap(&server, NOTES_API, &subject, &[]).await, 400, "invalid_request");
    assert_refused(&with(NOTES_API, &other).await, 400, "invalid_request");
    let reply = with(WEB, &key).await;
    assert_eq!(reply.json()["token_type"], "DPoP");
    assert_eq!(claims(&token(&reply, "access_token"))["cnf"], json!({"jkt": key.jkt()}));
}

/// RFC 9449 section 5: a proof binds what was not bound before, and is good once
#[tokio::test]
async fn a_proof_binds_the_exchanged_token() {
    let server = server().await;
    let subject = alice_s_token(&server).await;
    let key = ProofKey::new();
    let form = [("grant_type", TOKEN_EXCHANGE), ("subject_token", &subject), ("subject_token_type", ACCESS_TOKEN)];
    let event = request("/token", WEB, &form).header("dpop", &key.token_proof(&server).sign());
    let reply = server.send(&event).await;
    assert_eq!(claims(&token(&reply, "access_token"))["cnf"], json!({"jkt": key.jkt()}));
    assert_refused(&server.send(&event).await, 400, "invalid_dpop_proof");
}

/// RFC 7662 section 2.2, RFC 8693 section 4.1: introspection says who acts for whom, and ends with the person's permission
#[tokio::test]
async fn introspection_shows_who_acts_until_the_permission_ends() {
    let server = server().await;
    let subject = alice_s_token(&server).await;
    let exchanged = access_token_alone(&swap(&server, NOTES_API, &subject, &[("resource", MAIL)]).await);
    let said = async |token: &str| post(&server, "/introspect", NOTES_API, &[("token", token)]).await.json();
    let answer = said(&exchanged).await;
    assert_eq!((&answer["active"], &answer["aud"], &answer["act"]), (&json!(true), &json!(MAIL), &json!({"sub": "client:notes-api"})));
    let own = access_token_alone(&ask(&server, NOTES_API, CLIENT_CREDENTIALS, &[]).await);
    let answer = said(&own).await;
    assert_eq!((&answer["active"], &answer["sub"], answer.get("act")), (&json!(true), &json!("client:notes-api"), None));
    let grant = claims(&subject)["grant_id"].as_str().unwrap().parse().unwrap();
    assert!(server.inside().context.store.revoke_grant(grant, RevokedBy::Operator).await.unwrap());
    assert_eq!(said(&exchanged).await, json!({"active": false}));
    assert_eq!(post(&server, "/revoke", NOTES_API, &[("token", &own)]).await.status, 200);
    assert_eq!(said(&own).await, json!({"active": false}));
}
