//! `/account/password`: another password, or a first one. It takes a login of the last ten minutes and the present password; everywhere else the person is
//! logged out.

use http::StatusCode;
use http::header::RETRY_AFTER;

use super::{Place, done, need_recent_login, read_form, record, show};
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::error::{FailureReason, Refusal};
use crate::endpoint::front::mails::{News, tell};
use crate::endpoint::front::new_password::choose;
use crate::endpoint::front::reply::go_on;
use crate::endpoint::front::reset::about;
use crate::endpoint::front::session::{ActiveSession, end_all};
use crate::endpoint::front::throttle::{Counted, count};
use crate::endpoint::{Request, Response};
use crate::model::event::EventKind;
use crate::model::secret::Secret;
use crate::pages::account::Notice;
use crate::pages::passwords::{PasswordPage, PasswordProblem};
use crate::password::{LONGEST, verify_password};

/// `GET /account/password`.
pub(in crate::endpoint::front) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_recent_login(front, request, Place::Password).await?;
    Ok(render(front, request, &active, StatusCode::OK, None))
}

fn render(
    front: &FrontChannel,
    request: &Request,
    active: &ActiveSession,
    status: StatusCode,
    problem: Option<PasswordProblem>,
) -> Response {
    let user = &active.user;
    show(front, request, active, Place::Password, status, |view, frame, form_token| {
        PasswordPage { view, frame, username: user.username.as_deref(), has_password: user.password_hash.is_some(), problem, form_token }
            .render()
    })
}

/// `POST /account/password`.
pub(in crate::endpoint::front) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_recent_login(front, request, Place::Password).await?;
    let params = read_form(front, request, &active, Place::Password)?;
    let user = &active.user;
    // Who logs in elsewhere has no name to log in with here.
    if user.username.is_none() {
        return Ok(go_on(Place::Password.path()));
    }
    let refuse = |status, problem| Ok(render(front, request, &active, status, Some(problem)));
    if user.password_hash.is_some() {
        let account = user.id.to_string();
        if let Err(wait) = count(front, request, Counted::Guess { purpose: "change", account: &account }).await? {
            let response = refuse(StatusCode::TOO_MANY_REQUESTS, PasswordProblem::TooManyAttempts { minutes: wait.minutes() })?;
            return Ok(response.with(RETRY_AFTER, &wait.seconds.to_string()));
        }
        if !has_password(&active, params.find_secret("current").unwrap_or_else(|| Secret::new(""))).await? {
            return refuse(StatusCode::FORBIDDEN, PasswordProblem::WrongPassword);
        }
    }
    let password = params.find_secret("password").unwrap_or_else(|| Secret::new(""));
    let hash = match choose(front, password, &about(user)).await? {
        Ok(hash) => hash,
        Err(weakness) => return refuse(StatusCode::BAD_REQUEST, PasswordProblem::Weak(weakness)),
    };
    // Before, so that a failure leaves everything to be tried again; and after, since somebody may have logged in with the old password meanwhile.
    let here = Some(active.session.id);
    end_all(front, user.id, here).await?;
    if !front.context.store.replace_password(user.id, user.password_hash.as_ref(), &hash).await? {
        // It was changed at the same moment.
        return Ok(go_on(Place::Password.path()));
    }
    end_all(front, user.id, here).await?;
    record(front, request, user.id, EventKind::PasswordChanged, None).await;
    tell(front, request, &front.view(request), user, News::PasswordChanged).await;
    Ok(done(Place::Password, Notice::PasswordChanged))
}

/// Whether it is the present password.
async fn has_password(active: &ActiveSession, password: Secret) -> Result<bool, Refusal> {
    let Some(hash) = active.user.password_hash.clone() else { return Ok(false) };
    if password.expose().len() > LONGEST {
        return Ok(false);
    }
    tokio::task::spawn_blocking(move || verify_password(&password, &hash)).await.map_err(|_| Refusal::Ours(FailureReason::Hashing))
}
