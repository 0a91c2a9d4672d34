//! Nobody learns which accounts there are: by what pages say, by their status, or by what is done for them (OWASP Authentication Cheat Sheet,
//! "Authentication and Error Messages"; Forgot Password Cheat Sheet).

use grantlet::context::Context;
use grantlet::endpoint::front::FrontChannel;
use grantlet::http::{read_event, render_response};
use grantlet::store::Store;
use grantlet_cli::engine::sdk_config_for;

use super::{Phone, form, link, login_page, mails, open_server};
use crate::support::calls::{Names, Recorder};
use crate::support::event::{Answer, Event};
use crate::support::forms::Form;
use crate::support::person::Person;
use crate::support::proxy::{Proxy, Upstream};
use crate::support::server::Server;

/// The server's front channel, behind a proxy that notes what it asks of the store.
async fn watched(server: &Server) -> (FrontChannel, Proxy) {
    let inside = server.inside();
    let tables = inside.context.config.tables.clone();
    let names = Names {
        state_table: tables.state.clone(),
        registry_table: tables.registry.clone(),
        key_prefix: "/".to_owned(),
        mail_identity: String::new(),
    };
    let proxy = Proxy::new(Upstream { dynamodb: inside.engine_endpoint(), ssm: String::new() }, names, Recorder::default());
    let endpoint = proxy.attach("authorize").await;
    let context = Context { store: Store::connect(&sdk_config_for(&endpoint), tables), ..inside.context.clone() };
    context.settings().await.unwrap();
    (FrontChannel::new(context, inside.vault.clone()), proxy)
}

/// What a form is answered with, what was asked of the store for it, and how many mails it sent.
async fn answer(
    server: &Server,
    front: &FrontChannel,
    proxy: &Proxy,
    person: &Person<'_>,
    form: &Form,
    button: &str,
) -> (u64, Vec<String>, String, usize) {
    let mut event = Event::post_form(&form.action, &form.press(button)).header("origin", server.issuer());
    for (name, value) in &person.cookies {
        event = event.cookie(&format!("{name}={value}"));
    }
    let (calls, sent) = (proxy.recorder().calls().len(), mails(server).len());
    let answer = Answer(render_response(front.handle(read_event(event.to_json()).unwrap()).await));
    let asked = proxy.recorder().calls().split_off(calls);
    let asked = asked.iter().map(|call| {
        let key = call.leading_keys[0].split('#').next().unwrap_or_default().to_owned();
        format!("{} {key}", call.action)
    });
    let asked = asked.collect();
    let place = answer.headers().into_iter().find(|(name, _)| name == "location").map(|(_, value)| value).unwrap_or_default();
    (answer.status(), asked, place, mails(server).len() - sent)
}

/// The same page, the same status, the same requests to the store, in the same order
#[tokio::test]
async fn a_wrong_password_costs_the_same_whether_or_not_there_is_an_account() {
    let server = open_server().await;
    Phone::set_up(&server).await;
    let (front, proxy) = watched(&server).await;
    let mut person = Person::new(&server);
    let page = login_page(&mut person).await;
    let mut seen = Vec::new();
    // Once before, so that settings and client are known.
    for name in ["warm", "alice", "nobody"] {
        let wrong = form(&page, "login").fill("username", name).fill("password", "wrong");
        seen.push(answer(&server, &front, &proxy, &person, &wrong, "sign-in").await);
    }
    assert_eq!(seen[1], seen[2]);
    assert_eq!(seen[1].0, 403);
    let reads = ["dynamodb:GetItem login", "dynamodb:GetItem user", "dynamodb:GetItem factor"];
    assert!(reads.iter().all(|read| seen[1].1.iter().any(|asked| asked == read)), "{:?}", seen[1].1);
}

/// A mail in either case
#[tokio::test]
async fn signing_up_looks_the_same_with_an_address_that_has_an_account() {
    let server = open_server().await;
    let (front, proxy) = watched(&server).await;
    let mut person = Person::new(&server);
    let login = login_page(&mut person).await;
    let page = person.open(&link(&login, "to-sign-up")).await;
    let mut seen = Vec::new();
    let known = "carol@example.com";
    let user = server.inside().context.store.find_user(server.inside().alice).await.unwrap().unwrap();
    let carol = grantlet::model::user::User { id: grantlet::model::user::UserId(server.inside().context.ulid()), ..user };
    assert!(server.inside().context.store.create_user(&carol, &grantlet::model::user::Login::Local(known.to_owned())).await.unwrap());
    for email in ["warm@example.com", known, "dave@example.com"] {
        let ask = form(&page, "sign-up").fill("email", email);
        seen.push(answer(&server, &front, &proxy, &person, &ask, "send-link").await);
    }
    assert_eq!(seen[1], seen[2]);
    assert_eq!((seen[1].0, seen[1].3), (303, 1));
    let sent = mails(&server);
    let [.., to_known, to_unknown] = &sent[..] else { panic!("mails") };
    assert!(to_known.text.contains("already") && !to_known.text.contains("token=") && to_unknown.text.contains("token="));
}

/// A link, a mail that there is no account, or none at all: whoever asks sees no difference
#[tokio::test]
async fn a_forgotten_password_looks_the_same_with_and_without_an_account() {
    let server = open_server().await;
    let (front, proxy) = watched(&server).await;
    let mut person = Person::new(&server);
    let login = login_page(&mut person).await;
    let page = person.open(&link(&login, "to-forgot")).await;
    let mut seen = Vec::new();
    for name in ["warm", "alice", "nobody", "nobody@example.com"] {
        let ask = form(&page, "forgot").fill("username", name);
        let (status, asked, place, sent) = answer(&server, &front, &proxy, &person, &ask, "send-link").await;
        assert_eq!(sent, usize::from(name != "warm" && name != "nobody"), "{name}");
        seen.push((status, asked, place));
    }
    assert!(seen[1] == seen[2] && seen[2] == seen[3], "{seen:#?}");
    assert_eq!(seen[1].0, 303);
}
