//! `/login/reset`: a new password by a link (OWASP Forgot Password Cheat Sheet). The link counts for the password and address that it was made for, so
//! once: one conditional write replaces the password. Whoever is logged in with the old one is logged out; nobody is logged in, and a second factor is
//! asked for as before.

use http::StatusCode;
use http::header::{REFERRER_POLICY, RETRY_AFTER};

use super::FrontChannel;
use super::account::record;
use super::error::{PageReason, Refusal};
use super::form::{Purpose, has_token, make_token, read_form};
use super::mails::{News, tell};
use super::new_password::choose;
use super::reply::{go_on, page};
use super::sealed::{ResetLink, open, state_of};
use super::session::end_all;
use super::throttle::{Counted, count};
use crate::endpoint::{Request, Response};
use crate::model::event::EventKind;
use crate::model::secret::Secret;
use crate::model::user::User;
use crate::pages::passwords::{ChoosePasswordPage, FinishedPage, PasswordProblem};
use crate::protocol::params::Params;

/// The path.
pub(super) const PATH: &str = "/login/reset";

/// `GET /login/reset`: the form, or what was done by it. Opening the link changes nothing.
pub(super) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let params = Params::parse(request.raw_query.as_bytes()).map_err(PageReason::Params)?;
    if params.find("done").is_some() {
        let view = front.view(request);
        return Ok(page(StatusCode::OK, FinishedPage { view: &view, title: "reset-done", message: "reset-done-why" }.render()));
    }
    let token = params.find("token").unwrap_or_default();
    let user = find(front, token).await?;
    Ok(show(front, request, &user, token, StatusCode::OK, None))
}

/// Whose link it is, if it counts.
async fn find(front: &FrontChannel, token: &str) -> Result<User, Refusal> {
    let Some(link) = open::<ResetLink>(front, token).await? else { return Err(PageReason::LinkOver.into()) };
    let found = front.context.store.find_user(link.user).await?;
    found.filter(|user| !user.locked && state_of(user) == link.state).ok_or_else(|| PageReason::LinkOver.into())
}

fn show(
    front: &FrontChannel,
    request: &Request,
    user: &User,
    token: &str,
    status: StatusCode,
    problem: Option<PasswordProblem>,
) -> Response {
    let view = front.view(request);
    let form = make_token(front, request, Purpose::Link, token);
    let account = user.username.as_deref().unwrap_or_default();
    let rendered =
        ChoosePasswordPage { view: &view, action: PATH, is_new: false, passkeys: false, account, token, problem, form_token: &form.token };
    // The link itself stands in the address, and goes to nobody as a referrer. `no-referrer` would make the form come from `null`.
    let response = page(status, rendered.render()).with(REFERRER_POLICY, "strict-origin");
    form.bind(response)
}

/// `POST /login/reset`.
pub(super) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let params = read_form(front, request)?;
    let token = params.find("token").unwrap_or_default();
    let user = find(front, token).await?;
    let refuse = |status, problem| Ok(show(front, request, &user, token, status, Some(problem)));
    if !has_token(front, request, &params, Purpose::Link, token) {
        return refuse(StatusCode::FORBIDDEN, PasswordProblem::Expired);
    }
    if let Err(wait) = count(front, request, Counted::Links).await? {
        let response = refuse(StatusCode::TOO_MANY_REQUESTS, PasswordProblem::TooManyAttempts { minutes: wait.minutes() })?;
        return Ok(response.with(RETRY_AFTER, &wait.seconds.to_string()));
    }
    let password = params.find_secret("password").unwrap_or_else(|| Secret::new(""));
    let hash = match choose(front, password, &about(&user)).await? {
        Ok(hash) => hash,
        Err(weakness) => return refuse(StatusCode::BAD_REQUEST, PasswordProblem::Weak(weakness)),
    };
    // Before, so that a failure leaves the link good; and after, since somebody may have logged in with the old password meanwhile.
    end_all(front, user.id, None).await?;
    if !front.context.store.replace_password(user.id, user.password_hash.as_ref(), &hash).await? {
        return Err(PageReason::LinkOver.into());
    }
    end_all(front, user.id, None).await?;
    record(front, request, user.id, EventKind::PasswordReset, None).await;
    tell(front, request, &front.view(request), &user, News::PasswordChanged).await;
    Ok(go_on(&format!("{PATH}?done=yes")))
}

/// What is known of a person and shall not be their password.
pub(super) fn about(user: &User) -> Vec<&str> {
    let claim = |name| user.claims.get(name).and_then(serde_json::Value::as_str);
    [user.username.as_deref(), claim("email"), claim("name"), claim("nickname")].into_iter().flatten().collect()
}
