//! `/login/forgot`: somebody forgot their password. The page, its status and its time are the same whether or not there is an account: a link goes to the
//! address of the account, if it was proven; to an address without an account goes a mail that says so.

use http::StatusCode;
use http::header::RETRY_AFTER;
use ulid::Ulid;

use super::FrontChannel;
use super::errand::Errand;
use super::error::{PageReason, Refusal};
use super::form::{Purpose, has_token, make_token, read_form};
use super::login::MAX_USERNAME;
use super::mails::{Invitation, invite, proven_address};
use super::reply::{go_on, page};
use super::sealed::{ResetLink, seal, state_of};
use super::sign_up::{link_to, read_errand, show_sent};
use super::throttle::{Counted, count, evenly};
use crate::endpoint::login_ways::LoginWays;
use crate::endpoint::{Request, Response};
use crate::model::email::EmailAddress;
use crate::model::settings::Settings;
use crate::model::user::{Login, User, UserId, fold_username};
use crate::pages::View;
use crate::pages::passwords::{ForgotPage, PasswordProblem};
use crate::protocol::params::Params;

/// The path.
pub(super) const PATH: &str = "/login/forgot";

/// Whether a link can be sent to whoever forgot a password.
pub(super) fn is_open(front: &FrontChannel, settings: &Settings) -> bool {
    LoginWays::of(&front.context.config, settings).passwords && front.context.mailer.is_on(&settings.mail)
}

/// `GET /login/forgot`.
pub(super) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    if !is_open(front, &*front.context.settings().await?) {
        return Err(PageReason::LoginUnavailable.into());
    }
    let params = Params::parse(request.raw_query.as_bytes()).map_err(PageReason::Params)?;
    let errand = read_errand(front, request, &params).await?;
    if params.find("sent").is_some() {
        return Ok(show_sent(front, request, &errand));
    }
    Ok(show(front, request, &errand, StatusCode::OK, "", None))
}

fn show(
    front: &FrontChannel,
    request: &Request,
    errand: &Errand,
    status: StatusCode,
    username: &str,
    problem: Option<PasswordProblem>,
) -> Response {
    let view = errand.view(front, request);
    let form = make_token(front, request, Purpose::Forgot, &errand.path());
    let (field, carried) = errand.field();
    let back = errand.path();
    let rendered = ForgotPage { view: &view, username, problem, errand: (field, &carried), back: &back, form_token: &form.token };
    let response = page(status, rendered.render());
    form.bind(response)
}

/// `POST /login/forgot`.
pub(super) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    if !is_open(front, &*front.context.settings().await?) {
        return Err(PageReason::LoginUnavailable.into());
    }
    let params = read_form(front, request)?;
    let errand = read_errand(front, request, &params).await?;
    let typed = params.find("username").filter(|text| text.len() <= MAX_USERNAME).unwrap_or_default();
    let refuse = |status, problem| Ok(show(front, request, &errand, status, typed, Some(problem)));
    if !has_token(front, request, &params, Purpose::Forgot, &errand.path()) {
        return refuse(StatusCode::FORBIDDEN, PasswordProblem::Expired);
    }
    let name = fold_username(typed);
    if name.is_empty() {
        return refuse(StatusCode::BAD_REQUEST, PasswordProblem::NoName);
    }
    for counted in [Counted::MailFrom, Counted::MailTo { recipient: &name }] {
        if let Err(wait) = count(front, request, counted).await? {
            let response = refuse(StatusCode::TOO_MANY_REQUESTS, PasswordProblem::TooManyAttempts { minutes: wait.minutes() })?;
            return Ok(response.with(RETRY_AFTER, &wait.seconds.to_string()));
        }
    }
    let view = errand.view(front, request);
    evenly(front, Box::pin(send(front, request, &view, typed, &name))).await?;
    Ok(go_on(&format!("{}&sent=yes", link_to(PATH, &errand))))
}

/// Sends what there is to send. Everything but the mail is done for each name.
async fn send(front: &FrontChannel, request: &Request, view: &View, typed: &str, name: &str) -> Result<(), Refusal> {
    let store = &front.context.store;
    let id = store.find_login(&Login::Local(name.to_owned())).await?.unwrap_or(NOBODY);
    let found = store.find_user(id).await?;
    let state = found.as_ref().map(state_of).unwrap_or_default();
    let sealed = seal(front, ResetLink { user: id, state }).await?;
    let known = found.as_ref().filter(|user: &&User| !user.locked);
    let (to, invitation) = match (known.and_then(proven_address), EmailAddress::parse(typed)) {
        (Some(address), _) => {
            let url = front.context.config.issuer.url(&format!("{}?token={sealed}", super::reset::PATH));
            (address, Invitation::Reset(url))
        }
        (None, Ok(address)) if found.is_none() => (address, Invitation::NotThere),
        (None, _) => {
            tracing::info!(request_id = request.request_id, "nobody can be sent a link for a forgotten password");
            return Ok(());
        }
    };
    tracing::info!(request_id = request.request_id, "a mail is sent because of a forgotten password");
    invite(front, view, to, invitation).await
}

/// Whom a name without an account leads to: nobody, by as many reads as anybody.
pub(super) const NOBODY: UserId = UserId(Ulid::nil());
