//! The whole flow on the functions' real binaries, as Lambda and API Gateway run them; every call that they make of AWS is held against their
//! policies, and every line that they log is searched for secrets.

use grantlet::jose::signing::{SigningKey, SigningKeys};
use grantlet::model::client::{Client, ClientId, Origin, SigningAlg, StoredClient};
use grantlet::model::secret::Secret;
use grantlet::model::session::{Authentication, Session, SiteSession};
use grantlet::model::user::Login;
use grantlet::model::whereabouts::Whereabouts;
use grantlet::vault::SealingOwner;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::support::dpop::{ProofKey, exchange_with, refresh_request, userinfo_with};
use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::idp::Idp;
use crate::support::lambda::all_log_lines;
use crate::support::oauth::{
    ALICE, As, CLIENT_SECRET, REDIRECT_URI, VERIFIER, add_alice, add_person, assert_refused, authorization_query, claims, exchange,
    obtain_code, parameter, push_form, pushed_query, refresh, register_client, token, userinfo,
};
use crate::support::person::{Account, Person};
use crate::support::policy::assert_policies_hold;
use crate::support::server::Server;
use crate::support::signer::Signer;
use crate::support::stack::{ISSUER, Stack};
use crate::support::template::project_template;
use crate::support::web::{Document, Web};

const SITE: &str = "https://site.example";
/// An issuer of assertions.
const IDP: &str = "https://idp.example";

/// A stack with Alice, a confidential client and a public one.
async fn stack(settings: &[(&str, &str)]) -> Server {
    stack_with(settings, json!({})).await
}

/// The same, with what the operator applied before.
async fn stack_with(settings: &[(&str, &str)], operator_settings: Value) -> Server {
    let stack = Stack::start_with(settings, operator_settings).await;
    register_client(&stack.operator, "app", json!({})).await;
    register_client(&stack.operator, "cli", json!({"token_endpoint_auth_method": "none"})).await;
    add_alice(&stack.operator).await;
    Server::Functions(stack)
}

fn stack_of(server: &Server) -> &Stack {
    match server {
        Server::Functions(stack) => stack,
        Server::Dev { .. } | Server::Local(_) => unreachable!("a stack was started"),
    }
}

/// OAuth 2.1 sections 4.1 and 4.3, OpenID Connect Core section 3.1
#[tokio::test(flavor = "multi_thread")]
async fn a_person_logs_in_and_both_kinds_of_clients_get_their_tokens_on_three_functions() {
    let server = stack(&[]).await;
    for client in [As::Basic("app"), As::Public("cli")] {
        let (As::Basic(id) | As::Public(id)) = client;
        let code = obtain_code(&server, id).await;
        let tokens = exchange(&server, client, &code).await;
        let access = token(&tokens, "access_token");
        assert_eq!(claims(&access)["iss"], ISSUER);
        assert_eq!(claims(&token(&tokens, "id_token"))["aud"], id);
        assert_eq!(tokens.header("strict-transport-security"), Some("max-age=31536000"));
        let info = userinfo(&server, &access).await;
        assert_eq!((info.status, info.json()["email"].as_str()), (200, Some("alice@example.com")));
        let refreshed = refresh(&server, client, &token(&tokens, "refresh_token")).await;
        assert_ne!(token(&refreshed, "access_token"), access);

        let keys = server.send(&Event::get("/jwks.json")).await.json();
        let kid = jsonwebtoken::decode_header(&access).unwrap().kid.unwrap();
        let jwk = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == kid.as_str()).expect("the key is published");
        let key = jsonwebtoken::DecodingKey::from_jwk(&serde_json::from_value(jwk.clone()).unwrap()).unwrap();
        let mut validation = jsonwebtoken::Validation::new(Algorithm::RS256);
        validation.set_audience(&[ISSUER]);
        jsonwebtoken::decode::<Value>(&access, &key, &validation).unwrap();
    }
}

/// OAuth 2.1 section 7.5.2
#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_once_across_processes() {
    let server = stack(&[]).await;
    let other = stack_of(&server).start_function("token").await;
    let code = obtain_code(&server, "app").await;
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("code_verifier", VERIFIER), ("redirect_uri", REDIRECT_URI)];
    let credentials = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("app:{CLIENT_SECRET}"));
    let event = Event::post_form("/token", &crate::support::oauth::encode(&form)).header("authorization", &format!("Basic {credentials}"));
    let (one, two) = tokio::join!(server.send(&event), other.send(&event));
    let mut statuses = [u64::from(one.status), two.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    assert_refused(&exchange(&server, As::Basic("app"), &code).await, 400, "invalid_grant");
}

/// No call outside the policies, no right that nothing uses; and no secret in any log
#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_allowed_every_right_is_used_and_no_secret_is_logged() {
    let mut seen = Secrets::default();
    let mut calls = Vec::new();

    let (asserting, _) = SigningKeys::generate("idp").unwrap();
    let passwords = stack_with(&[], trusting(&asserting)).await;
    walk_passwords(&passwords, &mut seen).await;
    walk_grants(&passwords, &asserting, &mut seen).await;
    walk_dpop(&passwords, &mut seen).await;
    walk_assertions(&passwords, &mut seen).await;
    walk_openid(&passwords, &mut seen).await;
    walk_par(&passwords, &mut seen).await;
    walk_introspection(&passwords, &mut seen).await;
    walk_logout(&passwords, &mut seen).await;
    walk_account(&passwords, &mut seen).await;
    seen.keep_all(crate::passkeys::walk(&passwords).await);
    seen.keep_all(crate::passwords::walk(&passwords, stack_of(&passwords)).await);
    seen.keep_all(crate::device::walk(&passwords, &stack_of(&passwords).operator).await);
    calls.extend(stack_of(&passwords).proxy.recorder().calls());
    seen.keep_all(stack_of(&passwords).parameters.values());

    let site =
        [("GRANTLET_SITE_LOGIN_URL", "https://site.example/login"), ("GRANTLET_SITE_ISSUER", SITE), ("GRANTLET_PASSWORD_LOGIN", "on")];
    let site = stack(&site).await;
    walk_site(&site, &mut seen).await;
    calls.extend(stack_of(&site).proxy.recorder().calls());

    let idp = Idp::start().await;
    let connected = stack_with(&[("GRANTLET_ISSUER", "http://localhost:9000")], json!({"connections": [idp.connection(&json!({}))]})).await;
    seen.keep_all(crate::upstream::walk(stack_of(&connected), &connected, &idp).await);
    calls.extend(stack_of(&connected).proxy.recorder().calls());

    let strangers = stack(&[("GRANTLET_ISSUER", "http://localhost:9000")]).await;
    walk_registration(&strangers, &mut seen).await;
    walk_notify(&strangers, &mut seen).await;
    calls.extend(stack_of(&strangers).proxy.recorder().calls());

    // After the emergency the operator's walk is over: it ends every token.
    let rotate = stack_of(&passwords).function("rotate");
    for command in ["now", "emergency"] {
        rotate.invoke(json!({ "command": command })).await.unwrap();
    }
    seen.keep_all(stack_of(&passwords).parameters.values());
    // The stack is deleted. Nobody waits for the answer here, so that the function tells Lambda of a failure; the parameters are gone all the same.
    assert!(rotate.invoke(delete_event()).await.is_err());
    assert!(stack_of(&passwords).parameters.names().is_empty());
    calls.extend(stack_of(&passwords).proxy.recorder().calls());

    calls.sort();
    calls.dedup();
    assert_policies_hold(&project_template(), &calls);
    let lines = all_log_lines();
    assert!(lines.iter().any(|(function, line)| function == "token" && line.contains("/token")), "the token function logged nothing");
    for secret in &seen.0 {
        let told = lines.iter().find(|(_, line)| line.contains(secret.as_str()));
        assert!(told.is_none(), "a secret was logged: {told:?}");
    }
}

/// CloudFormation's request to delete the keys; its bucket does not exist.
fn delete_event() -> Value {
    json!({
        "RequestType": "Delete", "ResponseURL": "https://grantlet-test-of-no-bucket.s3.amazonaws.com/answer", "RequestId": "r", "LogicalResourceId": "FirstKey",
        "StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/s/g", "PhysicalResourceId": "grantlet-keys",
    })
}

/// Everything secret that passed by.
#[derive(Default)]
struct Secrets(Vec<String>);

impl Secrets {
    fn keep(&mut self, secret: &str) -> String {
        assert!(secret.len() >= 16, "{secret:?} is no secret to search for");
        self.0.push(secret.to_owned());
        secret.to_owned()
    }

    fn keep_all(&mut self, secrets: Vec<String>) {
        self.0.extend(secrets);
    }

    fn keep_tokens(&mut self, tokens: &Value) {
        for name in ["access_token", "refresh_token", "id_token"] {
            self.keep(tokens[name].as_str().unwrap());
        }
    }
}

/// Logins with passwords, right and wrong, another person in the same browser, and everything that clients may do.
async fn walk_passwords(server: &Server, seen: &mut Secrets) {
    seen.keep_all(vec![CLIENT_SECRET.to_owned(), ALICE.password.to_owned(), VERIFIER.to_owned()]);
    let query = authorization_query("app", &[("state", Some("a-state-that-is-nobody-else's-business"))]);
    seen.keep("a-state-that-is-nobody-else's-business");
    let mut person = Person::new(server);
    for _ in 0..5 {
        let login = person.open(&format!("/authorize?{query}")).await;
        let form = Form::find(&login.body, "login").unwrap().fill("username", ALICE.username).fill("password", "wrong-wrong-wrong-wrong");
        assert_eq!(person.submit(&form, "sign-in").await.status, 403);
    }
    seen.keep("wrong-wrong-wrong-wrong");
    let landed = person.authorize(&query, ALICE).await;
    let code = seen.keep(&parameter(&landed, "code").unwrap());
    // The same person again, and then somebody else, in the same browser.
    person.authorize(&authorization_query("app", &[("prompt", Some("login"))]), ALICE).await;
    for cookie in person.cookies.values().cloned().collect::<Vec<_>>() {
        seen.keep(&cookie);
    }

    let tokens = exchange(server, As::Basic("app"), &code).await.json();
    seen.keep_tokens(&tokens);
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(userinfo(server, access).await.status, 200);
    let refreshed = refresh(server, As::Basic("app"), tokens["refresh_token"].as_str().unwrap()).await.json();
    seen.keep_tokens(&refreshed);
    for name in ["access_token", "refresh_token"] {
        let form = [("token", refreshed[name].as_str().unwrap())];
        assert_eq!(crate::support::oauth::post(server, "/revoke", As::Basic("app"), &form).await.status, 200);
    }
    // A replay revokes.
    let code = seen.keep(&obtain_code(server, "app").await);
    assert_eq!(exchange(server, As::Basic("app"), &code).await.status, 200);
    assert_refused(&exchange(server, As::Basic("app"), &code).await, 400, "invalid_grant");
    assert_eq!(server.send(&Event::get("/jwks.json")).await.status, 200);
}

/// A client that authenticates JWTs with its secret, and one that guesses.
async fn walk_assertions(server: &Server, seen: &mut Secrets) {
    let stack = stack_of(server);
    let registration = json!({"client_id": "signer", "redirect_uris": [REDIRECT_URI], "token_endpoint_auth_method": "client_secret_jwt"});
    let client: Client = serde_json::from_value(registration).unwrap();
    let sealing = stack.vault().find_sealing_key(SealingOwner::Token).await.unwrap().unwrap();
    let sealed = sealing.seal(&client.client_id.record_key(), CLIENT_SECRET.as_bytes());
    let created_at = stack.operator.now();
    let stored = StoredClient {
        client,
        secret_hash: None,
        previous_secret: None,
        sealed_secret: Some(sealed),
        created_at,
        origin: Origin::Operator,
    };
    assert!(stack.operator.store.create_client(&stored).await.unwrap());
    let now = created_at.0;
    for (secret, error) in [("wrong-wrong-wrong-wrong-wrong-wrong-wrong", "invalid_client"), (CLIENT_SECRET, "invalid_grant")] {
        let claims = json!({"iss": "signer", "sub": "signer", "aud": ISSUER, "exp": now + 60, "jti": "assertion-of-the-signer"});
        let key = EncodingKey::from_secret(secret.as_bytes());
        let assertion = seen.keep(&jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap());
        let form = [
            ("grant_type", "authorization_code"),
            ("code", "no code"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &assertion),
        ];
        let reply = server.send(&Event::post_form("/token", &crate::support::oauth::encode(&form))).await;
        assert_eq!(reply.json()["error"], error);
    }
}

/// A client that sees a subject of its own, asks with which account its person goes on, and can't do without a level that they do not reach.
async fn walk_openid(server: &Server, seen: &mut Secrets) {
    register_client(&stack_of(server).operator, "pairwise", json!({"subject_type": "pairwise"})).await;
    let mut person = Person::new(server);
    let landed = person.authorize(&authorization_query("pairwise", &[]), ALICE).await;
    let code = seen.keep(&parameter(&landed, "code").unwrap());
    let tokens = exchange(server, As::Basic("pairwise"), &code).await.json();
    seen.keep_tokens(&tokens);
    assert_eq!(userinfo(server, tokens["access_token"].as_str().unwrap()).await.status, 200);
    // The front channel knows the subject, too.
    let hint = tokens["id_token"].as_str().unwrap();
    let query = authorization_query("pairwise", &[("id_token_hint", Some(hint)), ("prompt", Some("select_account"))]);
    let page = person.open(&format!("/authorize?{query}")).await;
    let form = Form::find(&page.body, "account").unwrap_or_else(|| panic!("{page:?}"));
    let landed = person.submit(&form, "continue").await;
    seen.keep(&parameter(landed.header("location").unwrap(), "code").unwrap_or_else(|| panic!("{landed:?}")));
    let essential = r#"{"id_token":{"acr":{"essential":true,"value":"urn:grantlet:acr:multi-factor"}}}"#;
    let page = person.open(&format!("/authorize?{}", authorization_query("pairwise", &[("claims", Some(essential))]))).await;
    let form = Form::find(&page.body, "stronger").unwrap_or_else(|| panic!("{page:?}"));
    let left = person.submit(&form, "leave").await;
    let error = parameter(left.header("location").unwrap(), "error");
    assert_eq!(error.as_deref(), Some("unmet_authentication_requirements"), "{left:?}");
    seen.keep_all(person.cookies.into_values().collect());
}

/// Pushed requests, plain and signed, to the code and the tokens; one of them twice.
async fn walk_par(server: &Server, seen: &mut Secrets) {
    let operator = &stack_of(server).operator;
    let signer = Signer::new("par-signer", ISSUER, operator.now().0);
    register_client(operator, signer.id, json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": signer.jwks()})).await;
    let object = push_form(server, As::Public(signer.id), &signer.authenticated(&[("request", &signer.object(&json!({})))])).await;
    let plain = push_form(server, As::Basic("app"), &authorization_query("app", &[])).await;
    for (id, reply) in [(signer.id, object), ("app", plain)] {
        assert_eq!(reply.status, 201, "{reply:?}");
        let uri = reply.json()["request_uri"].as_str().unwrap().to_owned();
        seen.keep(uri.rsplit_once('.').unwrap().1);
        let query = pushed_query(id, &reply);
        let mut person = Person::new(server);
        let landed = person.authorize(&query, ALICE).await;
        for cookie in person.cookies.values().cloned().collect::<Vec<_>>() {
            seen.keep(&cookie);
        }
        seen.keep(&parameter(&landed, "code").unwrap());
        assert_eq!(person.open(&format!("/authorize?{query}")).await.status, 400, "it was used");
    }
}

/// A client asks about its own tokens, plainly and for a signed answer, before and after it gives them up.
async fn walk_introspection(server: &Server, seen: &mut Secrets) {
    let tokens = exchange(server, As::Basic("app"), &seen.keep(&obtain_code(server, "app").await)).await.json();
    seen.keep_tokens(&tokens);
    let credentials = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("app:{CLIENT_SECRET}"));
    for active in [true, false] {
        for name in ["access_token", "refresh_token"] {
            let form = crate::support::oauth::encode(&[("token", tokens[name].as_str().unwrap())]);
            let event = Event::post_form("/introspect", &form).header("authorization", &format!("Basic {credentials}"));
            assert_eq!(server.send(&event).await.json()["active"], active, "{name}");
            let signed = server.send(&event.header("accept", "application/token-introspection+jwt")).await;
            assert_eq!(claims(&signed.body)["token_introspection"]["active"], active, "{name}");
            seen.keep(&signed.body);
        }
        let form = [("token", tokens["refresh_token"].as_str().unwrap())];
        assert_eq!(crate::support::oauth::post(server, "/revoke", As::Basic("app"), &form).await.status, 200);
    }
}

/// A public client that holds a key (RFC 9449): every token is bound to it, and every proof is spent.
async fn walk_dpop(server: &Server, seen: &mut Secrets) {
    let key = ProofKey::new();
    let code = seen.keep(&obtain_code(server, "cli").await);
    let tokens = exchange_with(server, As::Public("cli"), &code, &key).await.json();
    seen.keep_tokens(&tokens);
    assert_eq!(userinfo_with(server, tokens["access_token"].as_str().unwrap(), &key).await.status, 200);
    let first = tokens["refresh_token"].as_str().unwrap();
    assert_refused(&refresh(server, As::Public("cli"), first).await, 400, "invalid_grant");
    let proof = seen.keep(&key.token_proof(server).sign());
    let event = refresh_request(As::Public("cli"), first).header("dpop", &proof);
    seen.keep_tokens(&server.send(&event).await.json());
    assert_refused(&server.send(&event).await, 400, "invalid_dpop_proof");
}

/// Settings by which the holder of `idp` vouches for people.
fn trusting(idp: &SigningKeys) -> Value {
    let jwks = json!({"keys": idp.keys.iter().map(SigningKey::public_jwk).collect::<Vec<_>>()});
    let people = (json!({"registration": "open"}), json!({"from": "Example <login@issuer.example>"}));
    json!({"accounts": people.0, "mail": people.1, "assertion_issuers": [{"issuer": IDP, "jwks": jwks, "subject": "username", "clients": ["agent"], "scopes": ["openid"]}]})
}

/// Tokens without a browser: in the client's own name, by an assertion, by exchange.
async fn walk_grants(server: &Server, idp: &SigningKeys, seen: &mut Secrets) {
    let grants = ["client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:ietf:params:oauth:grant-type:token-exchange"];
    let agent = As::Basic("agent");
    let stack = stack_of(server);
    register_client(&stack.operator, "agent", json!({"grant_types": grants, "redirect_uris": []})).await;
    let claims = json!({"iss": IDP, "sub": "alice", "aud": ISSUER, "exp": stack.operator.now().0 + 300, "jti": "assertion-about-alice"});
    let assertion = seen.keep(idp.find(SigningAlg::ES256).unwrap().sign("JWT", &claims).unwrap().expose());
    let mut access = String::new();
    for grant in grants {
        let form = [
            ("grant_type", grant),
            ("assertion", &assertion),
            ("subject_token", &access),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ];
        let reply = crate::support::oauth::post(server, "/token", agent, &form).await;
        access = seen.keep(&token(&reply, "access_token"));
    }
    let again = [("grant_type", grants[1]), ("assertion", assertion.as_str())];
    assert_refused(&crate::support::oauth::post(server, "/token", agent, &again).await, 400, "invalid_grant");
}

/// Clients that register themselves, use and change their registration and remove it, and clients that a document describes, met in both functions.
async fn walk_registration(server: &Server, seen: &mut Secrets) {
    let stack = stack_of(server);
    let settings = |days: u32| {
        let settings = json!({"registration": {"mode": "open", "metadata_documents": true, "unused_days": days}});
        serde_json::from_value(settings).unwrap()
    };
    stack.operator.store.replace_settings(&settings(1)).await.unwrap();
    // Functions that knew other settings would go by them for a minute.
    let (authorize, token) = (stack.start_function("authorize").await, stack.start_function("token").await);
    let send = |method: &str, path: &str, bearer: &str, body: &Value| {
        let event = Event::new(method, path.split('?').next().unwrap()).query(path.split_once('?').unwrap_or_default().1);
        let event = event.header("content-type", "application/json").header("authorization", bearer);
        event.body(body.to_string().as_bytes())
    };
    let metadata = json!({"redirect_uris": [REDIRECT_URI], "token_endpoint_auth_method": "client_secret_jwt"});
    let made =
        token.send(&Event::new("POST", "/register").header("content-type", "application/json").body(metadata.to_string().as_bytes())).await;
    assert_eq!(made.status(), 201, "{made:?}");
    let made = made.json();
    let id = made["client_id"].as_str().unwrap();
    seen.keep(made["client_secret"].as_str().unwrap());
    let bearer = format!("Bearer {}", seen.keep(made["registration_access_token"].as_str().unwrap()));
    assert_eq!(authorize.send(&Event::get("/authorize").query(&authorization_query(id, &[]))).await.status(), 200);

    let path = format!("/register?client_id={id}");
    assert_eq!(token.send(&send("GET", &path, &bearer, &json!({}))).await.status(), 200);
    let public = json!({"client_id": id, "redirect_uris": [REDIRECT_URI], "token_endpoint_auth_method": "none"});
    assert_eq!(token.send(&send("PUT", &path, &bearer, &public)).await.status(), 200);
    stack.operator.store.replace_settings(&settings(30)).await.unwrap();
    let later = stack.start_function("token").await;
    let refused = later.send(&Event::post_form("/token", &format!("grant_type=refresh_token&refresh_token=x&client_id={id}"))).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
    assert_eq!(later.send(&send("DELETE", &path, &bearer, &json!({}))).await.status(), 204);

    let web = Web::start().await;
    for (function, path) in [(&authorize, "/one.json"), (&token, "/two.json")] {
        let url = web.url(path);
        web.put(path, Document::json(&json!({"client_id": url, "redirect_uris": [REDIRECT_URI]})));
        let event = if path == "/one.json" {
            Event::get("/authorize").query(&authorization_query(&url, &[]))
        } else {
            Event::post_form(
                "/token",
                &crate::support::oauth::encode(&[("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", &url)]),
            )
        };
        let answer = function.send(&event).await;
        assert_eq!(answer.status(), if path == "/one.json" { 200 } else { 400 }, "{answer:?}");
    }
    assert_eq!(web.arrived().len(), 2);
}

/// Logouts: by the client's word alone, and with an ID token of the session.
async fn walk_logout(server: &Server, seen: &mut Secrets) {
    let mut person = Person::new(server);
    let watcher = json!({"backchannel_logout_uri": "https://app.example/logout"});
    register_client(&stack_of(server).operator, "watcher", watcher).await;
    person.authorize(&authorization_query("watcher", &[]), ALICE).await;
    let landed = person.authorize(&authorization_query("app", &[]), ALICE).await;
    let tokens = exchange(server, As::Basic("app"), &seen.keep(&parameter(&landed, "code").unwrap())).await.json();
    seen.keep_tokens(&tokens);
    let asked = person.open("/logout?client_id=app").await;
    assert!(Form::find(&asked.body, "logout-form").is_some(), "{asked:?}");
    let done = person.open(&format!("/logout?id_token_hint={}", tokens["id_token"].as_str().unwrap())).await;
    assert!(done.body.contains("id=\"signed-out\""), "{done:?}");
}

/// A person looks through their account, says what they are called, and ends what they find there.
async fn walk_account(server: &Server, seen: &mut Secrets) {
    let mut elsewhere = Person::new(server);
    elsewhere.authorize(&authorization_query("app", &[]), ALICE).await;
    let mut person = Person::new(server);
    person.authorize(&authorization_query("app", &[]), ALICE).await;
    for cookie in person.cookies.values().chain(elsewhere.cookies.values()) {
        seen.keep(cookie);
    }
    let page = person.open("/account/sessions").await;
    let form = Form::find(&page.body, "sessions").unwrap_or_else(|| panic!("{page:?}"));
    assert_eq!(person.submit(&form, "end-others").await.status, 303);
    assert!(person.open("/account/events").await.body.contains("Signed out from another browser"));
    let page = person.open("/account/profile").await;
    let form = Form::find(&page.body, "profile-form").unwrap_or_else(|| panic!("{page:?}")).fill("nickname", "Al");
    let saved = person.submit(&form, "save").await;
    assert_eq!(saved.header("location"), Some("/account/profile?done=profile-saved"), "{saved:?}");

    // Somebody who allows something, takes it back, and goes with everything.
    let bob = Account { username: "bob", password: CLIENT_SECRET };
    add_person(&stack_of(server).operator, bob).await;
    let mut person = Person::new(server);
    for withdraw in [true, false] {
        let landed = person.authorize(&authorization_query("app", &[]), bob).await;
        seen.keep(&parameter(&landed, "code").unwrap());
        if withdraw {
            let page = person.open("/account/apps").await;
            let form = Form::find(&page.body, "apps").unwrap_or_else(|| panic!("{page:?}"));
            assert_eq!(person.submit(&form, "withdraw-app").await.status, 303);
        }
    }
    for cookie in person.cookies.values() {
        seen.keep(cookie);
    }
    let page = person.open("/account/data").await;
    let exported = person.submit(&Form::find(&page.body, "export").unwrap(), "download").await;
    assert_eq!(exported.json()["profile"]["username"], "bob");
    let page = person.open("/account/delete").await;
    let form = Form::find(&page.body, "deletion").unwrap_or_else(|| panic!("{page:?}")).fill("name", "bob");
    assert!(person.submit(&form, "delete").await.body.contains("id=\"deleted\""));
}

/// Sessions that ended: clients that are told, one of them of a subject of its own, one that can't be reached, and clients of other kinds that are gone.
async fn walk_notify(server: &Server, seen: &mut Secrets) {
    let stack = stack_of(server);
    let (store, web) = (&stack.operator.store, Web::start().await);
    web.put("/told", Document::json(&json!({})));
    for (id, subject_type, uri) in [
        ("watcher", "public", web.url("/told")),
        ("pairwise-watcher", "pairwise", web.url("/told")),
        ("astray", "public", "https://169.254.169.254/".to_owned()),
    ] {
        register_client(&stack.operator, id, json!({"backchannel_logout_uri": uri, "subject_type": subject_type})).await;
    }
    let now = stack.operator.now();
    for clients in [&["watcher", "pairwise-watcher", "dyn-gone", "https://gone.example/client.json"][..], &["astray"]] {
        let session = Session {
            id: stack.operator.ulid(),
            secret_hash: Secret::new("x").hash(),
            user_id: store.find_login(&Login::Local(ALICE.username.to_owned())).await.unwrap().unwrap(),
            authentication: Authentication { auth_time: now, acr: None, amr: Vec::new() },
            answered: None,
            whereabouts: Whereabouts::default(),
            site: Some(SiteSession { subject: "site-user-7".to_owned(), session_id: None }),
            clients: clients.iter().map(|id| ClientId::parse(id).unwrap()).collect(),
            created_at: now,
            expires_at: now.plus(60),
        };
        store.create_session(&session).await.unwrap();
        store.end_session(session.id).await.unwrap();
    }
    let event = stack.ended_sessions();
    let last = event["Records"].as_array().unwrap().last().unwrap()["dynamodb"]["SequenceNumber"].clone();
    let notify = stack.start_function("notify").await;
    assert_eq!(notify.invoke(event).await.unwrap(), json!({"batchItemFailures": [{"itemIdentifier": last}]}));
    let tokens: Vec<_> = web.arrived().into_iter().map(|arrived| seen.keep(arrived.body.strip_prefix("logout_token=").unwrap())).collect();
    let audiences: std::collections::BTreeSet<_> = tokens.iter().map(|token| claims(token)["aud"].to_string()).collect();
    assert_eq!(audiences, ["\"pairwise-watcher\"", "\"watcher\""].map(str::to_owned).into());
    let log = notify.finish().await.join("\n");
    assert!(log.contains("the address is not allowed") && log.contains("1 of 1 could not be told"), "{log}");
}

/// A person whom the site vouches for: new, known, known with other claims; and after Alice in the same browser.
async fn walk_site(server: &Server, seen: &mut Secrets) {
    let stack = stack_of(server);
    let secret = seen.keep("a-site-secret-of-more-than-thirty-two-bytes");
    let vault = stack.vault();
    let sealed =
        vault.find_sealing_key(SealingOwner::Authorize).await.unwrap().unwrap().seal(grantlet::store::SETTINGS_KEY, secret.as_bytes());
    stack.operator.store.replace_sealed_site_secret(&sealed).await.unwrap();

    let mut person = Person::new(server);
    let query = authorization_query("app", &[]);
    person.authorize(&query, ALICE).await;
    for (nonce, name) in [("nonce-1", "Ada"), ("nonce-2", "Ada"), ("nonce-3", "Ada Lovelace")] {
        let query = authorization_query("app", &[("prompt", Some("login")), ("nonce", Some(nonce))]);
        let login = person.open(&format!("/authorize?{query}")).await;
        let link = login.body.split("id=\"site-login\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let to_site = person.open(&crate::support::forms::unescape(&link)).await;
        let at_site = to_site.header("location").unwrap().to_owned();
        assert!(at_site.starts_with("https://site.example/login?"), "{at_site}");
        let token = seen.keep(&sign_login(&parameter(&at_site, "challenge").unwrap(), &secret, name));
        let back = crate::support::oauth::encode(&[("token", &token), ("state", &parameter(&at_site, "state").unwrap())]);
        // The site may send it by a form as well, which goes on by GET.
        let posted = server.send(&Event::post_form("/login/site", &back).header("origin", SITE)).await;
        assert_eq!(posted.status, 303);
        let done = person.open(posted.header("location").unwrap()).await;
        assert_eq!(done.status, 303, "{done:?}");
        let landed = person.authorize(&query, ALICE).await;
        let code = seen.keep(&parameter(&landed, "code").unwrap());
        let tokens = exchange(server, As::Basic("app"), &code).await.json();
        assert_eq!(claims(tokens["access_token"].as_str().unwrap())["sub"], "site-user-7");
        let info = userinfo(server, tokens["access_token"].as_str().unwrap()).await.json();
        assert_eq!(info["name"], name);
        seen.keep_tokens(&tokens);
    }
    // The site says that they logged out.
    let now = grantlet::context::Clock::now(&grantlet::context::SystemClock).0;
    let claims = json!({"iss": SITE, "aud": ISSUER, "sub": "site-user-7", "iat": now, "exp": now + 60, "jti": "a-logout-of-the-site"});
    let header = Header { typ: Some("grantlet-logout+jwt".to_owned()), ..Header::new(Algorithm::HS256) };
    let token = seen.keep(&jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap());
    let told = server.send(&Event::post_form("/logout/site", &crate::support::oauth::encode(&[("logout_token", &token)]))).await;
    assert_eq!(told.status, 204, "{told:?}");
    let silent = person.open(&format!("/authorize?{}", authorization_query("app", &[("prompt", Some("none"))]))).await;
    assert_eq!(parameter(silent.header("location").unwrap(), "error").as_deref(), Some("login_required"));
}

fn sign_login(challenge: &str, secret: &str, name: &str) -> String {
    let now = grantlet::context::Clock::now(&grantlet::context::SystemClock).0;
    let claims = json!({
        "iss": SITE, "aud": ISSUER, "sub": "site-user-7", "nonce": challenge, "iat": now, "exp": now + 60, "auth_time": now,
        "jti": format!("{challenge}-{name}"), "name": name, "amr": ["otp"],
    });
    let header = Header { typ: Some("grantlet-login+jwt".to_owned()), ..Header::new(Algorithm::HS256) };
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}
