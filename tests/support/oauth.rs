//! A client, as its own server or program would act: authorization requests, token requests, and what is wrong with them on purpose.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantlet::context::Context;
use grantlet::model::client::{Client, Origin, StoredClient};
use grantlet::model::secret::Secret;
use grantlet::model::user::{Login, Subject, User, UserId};
use grantlet::password::hash_password;
use serde_json::{Value, json};

use super::event::Event;
use super::person::{Account, Person};
use super::server::{Reply, Server};

/// RFC 7636 appendix B
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// RFC 7636 appendix B
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// The secret of every confidential client in tests.
pub(crate) const CLIENT_SECRET: &str = "client-secret-cs-5d41402abc4b2a76b9719d911017c592";
/// The redirect URI of every client in tests.
pub(crate) const REDIRECT_URI: &str = "https://app.example/callback";
/// The built-in account of every test.
pub(crate) const ALICE: Account<'static> = Account { username: "alice", password: "password-pw-correct-horse-battery" };

/// Registers a client, as the operator does. `metadata` stands beside what every client in tests has.
pub(crate) async fn register_client(operator: &Context, id: &str, metadata: Value) {
    let mut registration =
        json!({"client_id": id, "redirect_uris": [REDIRECT_URI], "grant_types": ["authorization_code", "refresh_token"]});
    registration.as_object_mut().unwrap().extend(metadata.as_object().unwrap().clone());
    let client: Client = serde_json::from_value(registration).unwrap();
    let secret_hash = client.token_endpoint_auth_method.has_secret().then(|| Secret::new(CLIENT_SECRET).hash());
    let stored = StoredClient {
        client,
        secret_hash,
        previous_secret: None,
        sealed_secret: None,
        created_at: operator.now(),
        origin: Origin::Operator,
    };
    assert!(operator.store.create_client(&stored).await.unwrap());
}

/// Adds the account of [`ALICE`], as the operator does.
pub(crate) async fn add_alice(operator: &Context) -> UserId {
    let id = UserId(operator.ulid());
    let user = User {
        id,
        subject: Subject(id.to_string()),
        username: Some(ALICE.username.to_owned()),
        password_hash: Some(hash_password(&Secret::new(ALICE.password), &*operator.random)),
        claims: json!({"name": "Alice", "email": "alice@example.com", "email_verified": true}).as_object().unwrap().clone(),
        locked: false,
        created_at: operator.now(),
        updated_at: operator.now(),
    };
    assert!(operator.store.create_user(&user, &Login::Local(ALICE.username.to_owned())).await.unwrap());
    id
}

/// Adds an account of which nothing is known, as the operator does.
pub(crate) async fn add_person(operator: &Context, account: Account<'_>) -> UserId {
    let id = UserId(operator.ulid());
    let user = User {
        id,
        subject: Subject(id.to_string()),
        username: Some(account.username.to_owned()),
        password_hash: Some(hash_password(&Secret::new(account.password), &*operator.random)),
        claims: serde_json::Map::new(),
        locked: false,
        created_at: operator.now(),
        updated_at: operator.now(),
    };
    assert!(operator.store.create_user(&user, &Login::Local(account.username.to_owned())).await.unwrap());
    id
}

/// An authorization request of the client `id`, encoded, with `changes`: a value replaces, `None` leaves out.
pub(crate) fn authorization_query(id: &str, changes: &[(&str, Option<&str>)]) -> String {
    let mut parameters = vec![
        ("response_type", "code"),
        ("client_id", id),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "openid profile email offline_access"),
        ("state", "state-1"),
        ("nonce", "nonce-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    parameters.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    parameters.extend(changes.iter().filter_map(|(name, value)| Some((*name, (*value)?))));
    encode(&parameters)
}

/// A form, encoded.
pub(crate) fn encode(parameters: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// The parameter `name` of the URL at which a browser left.
pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs().find(|(n, _)| n == name).map(|(_, value)| value.into_owned())
}

/// Lets Alice allow the client `id` everything that it asks for, and answers with the code.
pub(crate) async fn obtain_code(server: &Server, id: &str) -> String {
    let url = Person::new(server).authorize(&authorization_query(id, &[]), ALICE).await;
    parameter(&url, "code").unwrap_or_else(|| panic!("no code in {url}"))
}

/// How a client authenticates.
#[derive(Clone, Copy, Debug)]
pub(crate) enum As<'a> {
    /// `Authorization: Basic`, with the secret of every confidential client.
    Basic(&'a str),
    /// `client_id` in the body.
    Public(&'a str),
}

/// A form for `path`, as a client sends it.
pub(crate) fn request(path: &str, client: As<'_>, form: &[(&str, &str)]) -> Event {
    match client {
        As::Basic(id) => {
            let credentials = STANDARD.encode(format!("{id}:{CLIENT_SECRET}"));
            Event::post_form(path, &encode(form)).header("authorization", &format!("Basic {credentials}"))
        }
        As::Public(id) => Event::post_form(path, &encode(&[form, &[("client_id", id)]].concat())),
    }
}

/// Sends a form to `path` as a client.
pub(crate) async fn post(server: &Server, path: &str, client: As<'_>, form: &[(&str, &str)]) -> Reply {
    server.send(&request(path, client, form)).await
}

/// Pushes an authorization request, and answers with the query by which a browser refers to it.
pub(crate) async fn push(server: &Server, client: As<'_>, changes: &[(&str, Option<&str>)]) -> String {
    let (As::Basic(id) | As::Public(id)) = client;
    let reply = push_form(server, client, &authorization_query(id, changes)).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    pushed_query(id, &reply)
}

/// Pushes the encoded `form`.
pub(crate) async fn push_form(server: &Server, client: As<'_>, form: &str) -> Reply {
    let event = Event::post_form("/par", form);
    let event = match client {
        As::Basic(id) => event.header("authorization", &format!("Basic {}", STANDARD.encode(format!("{id}:{CLIENT_SECRET}")))),
        As::Public(_) => event,
    };
    server.send(&event).await
}

/// The query by which the client `id` refers to what it pushed.
pub(crate) fn pushed_query(id: &str, reply: &Reply) -> String {
    encode(&[("client_id", id), ("request_uri", reply.json()["request_uri"].as_str().expect("a request_uri"))])
}

/// Exchanges a code, as its client should.
pub(crate) async fn exchange(server: &Server, client: As<'_>, code: &str) -> Reply {
    let form = [("grant_type", "authorization_code"), ("code", code), ("code_verifier", VERIFIER), ("redirect_uri", REDIRECT_URI)];
    post(server, "/token", client, &form).await
}

/// Refreshes, as a client should.
pub(crate) async fn refresh(server: &Server, client: As<'_>, token: &str) -> Reply {
    post(server, "/token", client, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

/// The member `name` of a token response that must have succeeded.
pub(crate) fn token(reply: &Reply, name: &str) -> String {
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()[name].as_str().unwrap_or_else(|| panic!("no {name} in {reply:?}")).to_owned()
}

/// Asserts that a request was refused with `status` and the registered `error`, uncached and without a token.
pub(crate) fn assert_refused(reply: &Reply, status: u16, error: &str) {
    assert_eq!((reply.status, reply.json()["error"].as_str()), (status, Some(error)), "{reply:?}");
    assert_eq!(reply.header("cache-control"), Some("no-store"), "{reply:?}");
    assert!(reply.json().get("access_token").is_none());
}

/// The claims of a JWT, unverified.
pub(crate) fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).expect("a payload");
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}

/// Asks `/userinfo` with `token`.
pub(crate) async fn userinfo(server: &Server, token: &str) -> Reply {
    server.send(&Event::get("/userinfo").header("authorization", &format!("Bearer {token}"))).await
}
