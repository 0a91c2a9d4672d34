//! `/login/signup`: somebody wants an account. What counts is an address that is theirs, so a mail goes there, whether or not it has an account; the page
//! is the same. Nothing is written before the link in it was followed and a password chosen or a passkey made: see `verify`.

use http::StatusCode;
use http::header::RETRY_AFTER;

use super::FrontChannel;
use super::errand::Errand;
use super::error::{PageReason, Refusal};
use super::form::{Purpose, browser_of, has_token, make_token, read_form};
use super::mails::{Invitation, invite};
use super::reply::{go_on, page};
use super::sealed::{SignUpLink, seal};
use super::throttle::{Counted, count};
use crate::endpoint::login_ways::LoginWays;
use crate::endpoint::{Request, Response};
use crate::model::email::EmailAddress;
use crate::model::settings::{Settings, SignUp};
use crate::model::user::{Login, fold_username};
use crate::pages::passwords::{MailSentPage, PasswordProblem, SignUpPage};
use crate::protocol::params::Params;

/// The path.
pub(super) const PATH: &str = "/login/signup";
/// The longest way back that a link carries, in bytes. Whoever had a longer one goes back to the application by themselves.
const MAX_NEXT: usize = 1_500;
/// The longest text that is shown again, in bytes.
const MAX_SHOWN: usize = 254;

/// Whether people may make accounts of their own.
pub(super) fn is_open(front: &FrontChannel, settings: &Settings) -> bool {
    settings.accounts.registration == SignUp::Open
        && LoginWays::of(&front.context.config, settings).passwords
        && front.context.mailer.is_on(&settings.mail)
}

/// What a page of this kind is opened for: without a word about it, the account.
pub(super) async fn read_errand(front: &FrontChannel, request: &Request, params: &Params) -> Result<Errand, Refusal> {
    if ["request", "user_code", "account"].into_iter().all(|name| params.find(name).is_none()) {
        return Errand::from_path(front, request, "/account").await;
    }
    Errand::read(front, request, params).await
}

/// The link to such a page, which carries the errand.
pub(super) fn link_to(path: &str, errand: &Errand) -> String {
    let (name, value) = errand.field();
    format!("{path}?{}", url::form_urlencoded::Serializer::new(String::new()).append_pair(name, &value).finish())
}

/// `GET /login/signup`.
pub(super) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let settings = front.context.settings().await?;
    if !is_open(front, &settings) {
        return Err(PageReason::LoginUnavailable.into());
    }
    let params = Params::parse(request.raw_query.as_bytes()).map_err(PageReason::Params)?;
    let errand = read_errand(front, request, &params).await?;
    if params.find("sent").is_some() {
        return Ok(show_sent(front, request, &errand));
    }
    Ok(show(front, request, &errand, StatusCode::OK, "", None))
}

/// The page that says to look into one's mail.
pub(super) fn show_sent(front: &FrontChannel, request: &Request, errand: &Errand) -> Response {
    let view = errand.view(front, request);
    page(StatusCode::OK, MailSentPage { view: &view, back: &errand.path() }.render())
}

fn show(
    front: &FrontChannel,
    request: &Request,
    errand: &Errand,
    status: StatusCode,
    email: &str,
    problem: Option<PasswordProblem>,
) -> Response {
    let view = errand.view(front, request);
    let form = make_token(front, request, Purpose::SignUp, &errand.path());
    let (field, carried) = errand.field();
    let back = errand.path();
    let passkeys = front.context.settings.peek().is_some_and(|settings| LoginWays::of(&front.context.config, &settings).passkeys);
    let rendered = SignUpPage { view: &view, passkeys, email, problem, errand: (field, &carried), back: &back, form_token: &form.token };
    let response = page(status, rendered.render());
    form.bind(response)
}

/// `POST /login/signup`.
pub(super) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let settings = front.context.settings().await?;
    if !is_open(front, &settings) {
        return Err(PageReason::LoginUnavailable.into());
    }
    let params = read_form(front, request)?;
    let errand = read_errand(front, request, &params).await?;
    let typed = params.find("email").filter(|text| text.len() <= MAX_SHOWN).unwrap_or_default();
    let refuse = |status, problem| Ok(show(front, request, &errand, status, typed, Some(problem)));
    if !has_token(front, request, &params, Purpose::SignUp, &errand.path()) {
        return refuse(StatusCode::FORBIDDEN, PasswordProblem::Expired);
    }
    let Ok(address) = EmailAddress::parse(typed) else {
        return refuse(StatusCode::BAD_REQUEST, PasswordProblem::BadAddress);
    };
    if !settings.accounts.admits(&address) {
        return refuse(StatusCode::BAD_REQUEST, PasswordProblem::OtherDomain);
    }
    let name = fold_username(address.as_str());
    for counted in [Counted::MailFrom, Counted::MailTo { recipient: &name }] {
        if let Err(wait) = count(front, request, counted).await? {
            let response = refuse(StatusCode::TOO_MANY_REQUESTS, PasswordProblem::TooManyAttempts { minutes: wait.minutes() })?;
            return Ok(response.with(RETRY_AFTER, &wait.seconds.to_string()));
        }
    }
    // Both are done for every address: the lookup and the link.
    let next = Some(errand.path()).filter(|path| path.len() <= MAX_NEXT);
    let link = SignUpLink { email: address.as_str().to_owned(), next, browser: browser_of(front, request).unwrap_or_default() };
    let sealed = seal(front, link).await?;
    let found = front.context.store.find_login(&Login::Local(name)).await?;
    let issuer = &front.context.config.issuer;
    let invitation = match found {
        None => Invitation::SignUp(issuer.url(&format!("{}?token={sealed}", super::verify::PATH))),
        Some(_) => Invitation::AlreadyThere(issuer.url("/account")),
    };
    invite(front, &errand.view(front, request), address, invitation).await?;
    tracing::info!(request_id = request.request_id, "a mail is sent to somebody who wants an account");
    Ok(go_on(&format!("{}&sent=yes", link_to(PATH, &errand))))
}
