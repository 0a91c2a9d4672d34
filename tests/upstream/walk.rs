//! What the functions ask of AWS for logins at a provider.

use ::grantlet::context::{Clock as _, SystemClock};
use ::grantlet::store::connection_key;
use ::grantlet::vault::SealingOwner;
use serde_json::json;

use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::idp::{ACCESS_TOKEN, Idp};
use crate::support::oauth::{authorization_query, parameter, register_client};
use crate::support::person::Person;
use crate::support::server::Server;
use crate::support::stack::Stack;

const SECRET: &str = "idp-client-secret-0cc175b9c0f1b6a831c399e2";

/// A person logs in at `idp` for the first time, and again with another name; then the provider refuses. Answers with every secret that passed by.
pub(crate) async fn walk(stack: &Stack, server: &Server, idp: &Idp) -> Vec<String> {
    register_client(&stack.operator, "own", json!({"first_party": true})).await;
    let sealing = stack.vault().find_sealing_key(SealingOwner::Authorize).await.unwrap().unwrap();
    let sealed = sealing.seal(&connection_key("idp"), SECRET.as_bytes());
    stack.operator.store.replace_sealed_connection_secret("idp", &sealed).await.unwrap();

    let mut secrets = vec![SECRET.to_owned(), ACCESS_TOKEN.to_owned()];
    for (code, name) in [("idp-code-1-9a0364b9e99bb480", "Ada"), ("idp-code-2-dd25e1f0284c8555", "Ada Lovelace")] {
        let mut person = Person::new(server);
        let query = authorization_query("own", &[]);
        let page = person.open(&format!("/authorize?{query}")).await;
        let link = page.body.split("id=\"with-idp\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let sent = person.open(&crate::support::forms::unescape(&link)).await.header("location").unwrap().to_owned();
        secrets.extend([code.to_owned(), parameter(&sent, "state").unwrap(), parameter(&sent, "nonce").unwrap()]);
        secrets.extend(person.cookies.values().cloned());
        idp.vouch(&idp.claims(&sent, SystemClock.now().0, &json!({"name": name})));
        let done = person.open(&Idp::back(&sent, &[("code", Some(code))])).await;
        assert_eq!(done.status, 303, "{done:?}");
        secrets.extend(person.cookies.values().cloned());
        let landed = person.open(done.header("location").unwrap()).await;
        secrets.extend(parameter(landed.header("location").unwrap(), "code"));
        // The same address once more: there is nothing left to go on with.
        assert_eq!(person.open(&Idp::back(&sent, &[("code", Some(code))])).await.status, 400);
    }
    secrets.extend(walk_account(&mut Person::new(server), idp).await);
    let form = idp.web.arrived().into_iter().rfind(|arrived| arrived.path == "/token").unwrap().body;
    secrets.extend(
        url::form_urlencoded::parse(form.as_bytes()).find(|(name, _)| name == "code_verifier").map(|(_, value)| value.into_owned()),
    );
    secrets
}

/// Somebody who logged in there connects another account, and disconnects the first.
async fn walk_account(person: &mut Person<'_>, idp: &Idp) -> Vec<String> {
    const PATH: &str = "/account/connections";
    let (now, second) = (SystemClock.now().0, json!({"sub": "ada-2"}));
    let login = person.open(PATH).await;
    let link = login.body.split("id=\"with-idp\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let sent = person.open(&crate::support::forms::unescape(&link)).await.header("location").unwrap().to_owned();
    idp.vouch(&idp.claims(&sent, now, &json!({"name": "Ada Lovelace"})));
    assert_eq!(person.open(&Idp::back(&sent, &[])).await.header("location"), Some(PATH));

    let list = async |person: &mut Person<'_>| Form::find(&person.open(PATH).await.body, "connections").expect("the list");
    let form = list(person).await;
    let sent = person.send(Event::post_form(&form.action, &form.press("connect-idp"))).await.header("location").unwrap().to_owned();
    idp.vouch(&idp.claims(&sent, now, &second));
    assert_eq!(person.open(&Idp::back(&sent, &[])).await.status, 303);
    let form = list(person).await;
    let gone = person.send(Event::post_form(&form.action, &form.press("disconnect-1"))).await;
    assert_eq!(gone.status, 303, "{gone:?}");
    person.cookies.values().cloned().collect()
}
