//! `/account/email`: another e-mail address. It counts once a link that was sent there was followed (`verify`); the old address is told.

use http::StatusCode;
use http::header::RETRY_AFTER;

use super::{Place, done, need_recent_login, read_form, show};
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::error::{PageReason, Refusal};
use crate::endpoint::front::forgot::is_open;
use crate::endpoint::front::mails::{Invitation, invite};
use crate::endpoint::front::reply::go_on;
use crate::endpoint::front::sealed::{EmailLink, seal, state_of};
use crate::endpoint::front::session::ActiveSession;
use crate::endpoint::front::throttle::{Counted, count};
use crate::endpoint::front::verify;
use crate::endpoint::{Request, Response};
use crate::model::email::EmailAddress;
use crate::model::user::{Login, User, fold_username};
use crate::pages::account::Notice;
use crate::pages::passwords::{EmailPage, PasswordProblem};

/// `GET /account/email`.
pub(in crate::endpoint::front) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    need_mail(front).await?;
    let active = need_recent_login(front, request, Place::Email).await?;
    Ok(render(front, request, &active, StatusCode::OK, "", None))
}

async fn need_mail(front: &FrontChannel) -> Result<(), Refusal> {
    if is_open(front, &*front.context.settings().await?) { Ok(()) } else { Err(PageReason::LoginUnavailable.into()) }
}

fn render(
    front: &FrontChannel,
    request: &Request,
    active: &ActiveSession,
    status: StatusCode,
    typed: &str,
    problem: Option<PasswordProblem>,
) -> Response {
    let present = active.user.claims.get("email").and_then(serde_json::Value::as_str);
    let is_here = active.user.username.is_some();
    show(front, request, active, Place::Email, status, |view, frame, form_token| {
        EmailPage { view, frame, present, is_here, typed, problem, form_token }.render()
    })
}

/// `POST /account/email`.
pub(in crate::endpoint::front) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    need_mail(front).await?;
    let active = need_recent_login(front, request, Place::Email).await?;
    let params = read_form(front, request, &active, Place::Email)?;
    // What is known of somebody who logs in elsewhere is for that place to say.
    if active.user.username.is_none() {
        return Ok(go_on(Place::Email.path()));
    }
    let typed = params.find("email").filter(|text| text.len() <= 254).unwrap_or_default();
    let refuse = |status, problem| Ok(render(front, request, &active, status, typed, Some(problem)));
    let Ok(address) = EmailAddress::parse(typed) else { return refuse(StatusCode::BAD_REQUEST, PasswordProblem::BadAddress) };
    let name = fold_username(address.as_str());
    for counted in [Counted::MailFrom, Counted::MailTo { recipient: &name }] {
        if let Err(wait) = count(front, request, counted).await? {
            let response = refuse(StatusCode::TOO_MANY_REQUESTS, PasswordProblem::TooManyAttempts { minutes: wait.minutes() })?;
            return Ok(response.with(RETRY_AFTER, &wait.seconds.to_string()));
        }
    }
    send(front, request, &active.user, address, &name).await?;
    Ok(done(Place::Email, Notice::EmailSent))
}

/// Sends the link; to an address that is another account's name goes a mail that says so, and the page is the same.
async fn send(front: &FrontChannel, request: &Request, user: &User, address: EmailAddress, name: &str) -> Result<(), Refusal> {
    let link = EmailLink { user: user.id, state: state_of(user), email: address.as_str().to_owned() };
    let sealed = seal(front, link).await?;
    let found = front.context.store.find_login(&Login::Local(name.to_owned())).await?;
    let issuer = &front.context.config.issuer;
    let invitation = match found {
        Some(other) if other != user.id => Invitation::AlreadyThere(issuer.url("/account")),
        _ => Invitation::Email(issuer.url(&format!("{}?token={sealed}", verify::PATH))),
    };
    invite(front, &front.view(request), address, invitation).await
}
