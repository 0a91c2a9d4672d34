//! The same by the functions' real binaries, with SES: for the check of their rights and of what they log, and what happens while SES is away.

use grantlet::context::{Clock as _, SystemClock};

use super::{STRONG, follow, form, login_page, send_code, send_password, shown_codes};
use crate::support::authenticator::Authenticator;
use crate::support::passkeys::post;
use crate::support::person::{Account, Person};
use crate::support::proxy::{Fault, Rule};
use crate::support::server::Server;
use crate::support::stack::{ISSUER, Stack};
use crate::support::totp::code_at;

const DAVE: Account<'static> = Account { username: "dave@example.com", password: STRONG };

/// The link in the mail that was sent last, which went to `to`.
fn mailed_link(stack: &Stack, to: &str) -> String {
    let mail = stack.proxy.mails().pop().expect("a mail");
    assert_eq!(mail["Destination"]["ToAddresses"][0], to);
    assert_eq!(mail["FromEmailAddress"], "Example <login@issuer.example>");
    let body = &mail["Content"]["Simple"]["Body"];
    assert!(body["Html"]["Data"].as_str().unwrap().starts_with("<!doctype html>"));
    let text = body["Text"]["Data"].as_str().unwrap();
    text.lines().find_map(|line| line.strip_prefix(ISSUER)).unwrap_or_else(|| panic!("no link: {text}")).to_owned()
}

/// Dave signs up, sets up an app, logs in by its code and by a recovery code, moves to another address, forgets his password, and gives up the app. Answers
/// with everything secret that passed by.
pub(crate) async fn walk(server: &Server, stack: &Stack) -> Vec<String> {
    let mut secrets = vec![STRONG.to_owned()];
    let mut dave = Person::new(server).at("198.51.100.40");

    let page = dave.open("/login/signup").await;
    let ask = form(&page, "sign-up").fill("email", DAVE.username);
    // While SES is away nothing is half done: the person is told, and tries again.
    let away = stack.proxy.inject(Rule::new(Fault::InternalError, "ses:SendEmail", "").times(9));
    let refused = dave.submit(&ask, "send-link").await;
    assert_eq!((refused.status, refused.header("retry-after").is_some()), (503, true), "{refused:?}");
    assert!(away.fired() > 0 && stack.proxy.mails().is_empty());
    stack.proxy.heal();
    assert_eq!(dave.submit(&ask, "send-link").await.status, 303);
    let link = mailed_link(stack, DAVE.username);
    secrets.push(link.split_once("token=").unwrap().1.to_owned());
    let choose = dave.open(&link).await;
    let done = dave.submit(&form(&choose, "choose").fill("password", STRONG), "save").await;
    assert!(follow(&mut dave, &done).await.body.contains("id=\"sign-out\""));

    let page = dave.open("/account/factors").await;
    let enrol = dave.submit(&form(&page, "factors"), "begin").await;
    let key = enrol.body.split("<code id=\"key\">").nth(1).unwrap().split("</code>").next().unwrap().to_owned();
    let now = || SystemClock.now().0;
    // The step before: the present one is left for the login.
    let confirm = form(&enrol, "enrol").fill("code", &code_at(&key, now() - 25));
    let codes = shown_codes(&dave.submit(&confirm, "confirm").await);
    secrets.push(key.replace(' ', ""));
    secrets.extend(codes.iter().flat_map(|code| [code.clone(), code.replace('-', "")]));

    for by_app in [true, false] {
        let mut elsewhere = Person::new(server).at("198.51.100.41");
        let login = login_page(&mut elsewhere).await;
        let asks = send_password(&mut elsewhere, &login, DAVE).await;
        let code = if by_app { code_at(&key, now() + 25) } else { codes[0].clone() };
        secrets.push(form(&asks, "factor").field("pending").to_owned());
        let done = send_code(&mut elsewhere, &asks, &code).await;
        assert_eq!(done.status, 303, "{done:?}");
        secrets.extend(elsewhere.cookies.values().cloned());
    }

    let page = dave.open("/account/email").await;
    assert_eq!(dave.submit(&form(&page, "change-email").fill("email", "dave@example.net"), "send-link").await.status, 303);
    let confirm = dave.open(&mailed_link(stack, "dave@example.net")).await;
    assert_eq!(dave.submit(&form(&confirm, "confirm-email"), "confirm").await.status, 303);

    let page = dave.open("/login/forgot").await;
    assert_eq!(dave.submit(&form(&page, "forgot").fill("username", "dave@example.net"), "send-link").await.status, 303);
    let link = mailed_link(stack, "dave@example.net");
    secrets.push(link.split_once("token=").unwrap().1.to_owned());
    let choose = dave.open(&link).await;
    let new = "another garlic unicycle parliament";
    secrets.push(new.to_owned());
    assert_eq!(dave.submit(&form(&choose, "choose").fill("password", new), "save").await.status, 303);

    let login = dave.open("/account/factors").await;
    let asks = send_password(&mut dave, &login, Account { username: "dave@example.net", password: new }).await;
    let done = send_code(&mut dave, &asks, &codes[1]).await;
    let page = follow(&mut dave, &done).await;
    assert_eq!(dave.submit(&form(&page, "factors"), "renew").await.status, 200);
    assert_eq!(dave.submit(&form(&page, "factors"), "remove").await.status, 303);
    secrets.extend(dave.cookies.values().cloned());
    secrets.extend(sign_up_by_passkey(server, stack).await);
    secrets
}

/// Erin signs up with a passkey.
async fn sign_up_by_passkey(server: &Server, stack: &Stack) -> Vec<String> {
    let mut erin = Person::new(server).at("198.51.100.42");
    let page = erin.open("/login/signup").await;
    assert_eq!(erin.submit(&form(&page, "sign-up").fill("email", "erin@example.com"), "send-link").await.status, 303);
    let link = mailed_link(stack, "erin@example.com");
    let page = erin.open(&link).await;
    let add = form(&page, "add-passkey");
    let challenge = post(&mut erin, server, "/login/verify/options", &add.press("create-passkey")).await.json();
    let mut authenticator = Authenticator::new();
    let said = authenticator.about_to_create(&challenge["publicKey"], server.issuer());
    let answer = authenticator.create(&said).to_string();
    let add = add.fill("challenge", challenge["challenge"].as_str().unwrap()).fill("credential", &answer);
    let done = erin.submit(&add, "create-passkey").await;
    assert!(follow(&mut erin, &done).await.body.contains("id=\"sign-out\""));
    let challenge = challenge["publicKey"]["challenge"].as_str().unwrap().to_owned();
    erin.cookies.into_values().chain([challenge, link.split_once("token=").unwrap().1.to_owned()]).collect()
}
