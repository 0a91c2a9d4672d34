//! Device authorization (RFC 8628), from the device's first request to its tokens, with a person in between.

mod login;
mod pages;
mod polls;
mod proofs;

use grantlet::context::Context;
use serde_json::{Value, json};

use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, As, post, register_client};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// A public client, as devices are.
const TV: As<'static> = As::Public("tv");
const SCOPE: &str = "openid profile email offline_access";

/// A server with Alice, a public client `tv` and a confidential one `box`.
async fn server() -> Server {
    let settings = json!({
        "resources": [{"uri": "https://films.example", "name": "Your films", "scopes": {"films": "Play your films"}}],
        "authorization_details": [{"type": "rental", "description": "Rent a film", "required": ["film"]}],
    });
    let server = Server::local(settings).await;
    register(&server).await;
    server
}

async fn register(server: &Server) {
    let grants = json!([GRANT, "refresh_token"]);
    let tv = json!({"client_name": "The TV", "token_endpoint_auth_method": "none", "grant_types": grants, "redirect_uris": []});
    server.inside().register("tv", tv).await;
    server.inside().register("box", json!({"client_name": "The Box", "grant_types": grants, "redirect_uris": []})).await;
}

/// What a device was given.
#[derive(Clone, Debug)]
struct Device {
    code: String,
    user_code: String,
}

async fn ask(server: &Server, client: As<'_>, form: &[(&str, &str)]) -> Reply {
    post(server, "/device_authorization", client, form).await
}

fn device_of(reply: &Reply) -> Device {
    assert_eq!(reply.status, 200, "{reply:?}");
    let text = |name: &str| reply.json()[name].as_str().unwrap().to_owned();
    Device { code: text("device_code"), user_code: text("user_code") }
}

/// A device of `tv` that asked.
async fn start(server: &Server) -> Device {
    device_of(&ask(server, TV, &[("scope", SCOPE)]).await)
}

async fn poll(server: &Server, client: As<'_>, code: &str) -> Reply {
    post(server, "/token", client, &[("grant_type", GRANT), ("device_code", code)]).await
}

fn error_of(reply: &Reply) -> String {
    assert!(reply.json().get("access_token").is_none());
    reply.json()["error"].as_str().unwrap_or_else(|| panic!("no error: {reply:?}")).to_owned()
}

/// Types the code in, as far as the next page: the login, the question, or the same form again.
async fn enter(person: &mut Person<'_>, user_code: &str) -> Reply {
    let page = person.open("/device").await;
    let form = Form::find(&page.body, "device").expect("the form").fill("user_code", user_code);
    person.submit(&form, "continue").await
}

/// Logs in where the login page is shown, and follows the way back.
async fn log_in(person: &mut Person<'_>, page: &Reply) -> Reply {
    let form = Form::find(&page.body, "login").unwrap_or_else(|| panic!("no login form: {page:?}"));
    let done = person.submit(&form.fill("username", ALICE.username).fill("password", ALICE.password), "sign-in").await;
    assert_eq!(done.status, 303, "{done:?}");
    person.open(done.header("location").unwrap()).await
}

/// From the code to the question.
async fn reach_question(person: &mut Person<'_>, user_code: &str) -> (Reply, Form) {
    let mut page = enter(person, user_code).await;
    if Form::find(&page.body, "login").is_some() {
        page = log_in(person, &page).await;
    }
    let form = Form::find(&page.body, "consent").unwrap_or_else(|| panic!("no question: {page:?}"));
    (page, form)
}

/// Alice answers in a browser of her own.
async fn answer(server: &Server, user_code: &str, button: &str) -> Reply {
    let mut person = Person::new(server);
    let (_, form) = reach_question(&mut person, user_code).await;
    person.submit(&form, button).await
}

/// A device that Alice allowed.
async fn allowed(server: &Server) -> Device {
    let device = start(server).await;
    let done = answer(server, &device.user_code, "allow").await;
    assert!(done.status == 200 && done.body.contains("id=\"done\""), "{done:?}");
    device
}

/// A device of a client that is registered for this, which Alice allowed on any kind of server.
pub(crate) async fn allowed_on(server: &Server, operator: &Context, id: &str) -> AllowedDevice {
    let grants = json!([GRANT, "refresh_token"]);
    register_client(operator, id, json!({"token_endpoint_auth_method": "none", "grant_types": grants, "redirect_uris": []})).await;
    let device = device_of(&ask(server, As::Public(id), &[("scope", SCOPE)]).await);
    let mut person = Person::new(server);
    let (_, form) = reach_question(&mut person, &device.user_code).await;
    let mut done = person.submit(&form, "allow").await;
    for _ in 0..2 {
        if done.status == 503 {
            done = person.submit(&form, "allow").await;
        }
    }
    assert!(done.body.contains("id=\"done\""), "{done:?}");
    AllowedDevice { client: id.to_owned(), code: device.code }
}

/// A device that may have its tokens.
pub(crate) struct AllowedDevice {
    client: String,
    code: String,
}

impl AllowedDevice {
    /// Polls.
    pub(crate) async fn poll(&self, server: &Server) -> Reply {
        poll(server, As::Public(&self.client), &self.code).await
    }
}

async fn metadata(server: &Server) -> Value {
    server.send(&Event::get("/.well-known/oauth-authorization-server")).await.json()
}

/// Everything that the functions do for devices: one is denied, one allowed, a wrong code typed in. Answers with every secret that passed by.
pub(crate) async fn walk(server: &Server, operator: &Context) -> Vec<String> {
    let tv = json!({"client_name": "The TV", "token_endpoint_auth_method": "none", "grant_types": [GRANT, "refresh_token"], "redirect_uris": []});
    register_client(operator, "tv", tv).await;
    let mut person = Person::new(server);
    let mut secrets = Vec::new();
    for (button, expected) in [("deny", "access_denied"), ("allow", "")] {
        let device = start(server).await;
        assert_eq!(error_of(&poll(server, TV, &device.code).await), "authorization_pending");
        assert_eq!(enter(&mut person, "BBBB-BBBB").await.status, 400);
        let (_, form) = reach_question(&mut person, &device.user_code).await;
        secrets.push(form.field("form_token").to_owned());
        assert_eq!(person.submit(&form, button).await.status, 200);
        let told = poll(server, TV, &device.code).await;
        assert_eq!(told.json()["error"].as_str().unwrap_or_default(), expected, "{told:?}");
        let tokens = told.json();
        secrets.extend(["access_token", "refresh_token", "id_token"].iter().filter_map(|name| Some(tokens[name].as_str()?.to_owned())));
        secrets.extend([device.user_code.replace('-', ""), device.user_code, device.code]);
    }
    secrets.extend(person.cookies.into_values());
    secrets
}
