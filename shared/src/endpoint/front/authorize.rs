//! `/authorize`: who has to be asked what before a code is issued (OpenID Connect Core section 3.1.2.3).

use super::check::{CheckedRequest, check_request};
use super::error::{ClientReason, PageReason, Refusal};
use super::leaving::hold_back;
use super::pushed::bind;
use super::reply::go_on;
use super::session::{ActiveSession, find_active};
use super::{FrontChannel, consent, issue, login};
use crate::context::Timestamp;
use crate::endpoint::authorization::{ObjectError, RequestError};
use crate::endpoint::{Request, Response};
use crate::model::session::Session;
use crate::protocol::authorize::MAX_QUERY;

/// `GET /authorize`.
pub(super) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let mut asked = check_request(front, request, &request.raw_query).await?;
    let cookie = match &mut asked.pushed {
        Some(presented) => bind(front, presented).await?,
        None => None,
    };
    let response = match answer(front, request, asked).await {
        Ok(response) => response,
        Err(refusal) => hold_back(front, request, refusal).await.respond(front, request),
    };
    Ok(cookie.into_iter().fold(response, Response::with_cookie))
}

async fn answer(front: &FrontChannel, request: &Request, asked: CheckedRequest) -> Result<Response, Refusal> {
    let prompt = asked.parameters.prompt;
    let found = find_active(front, request).await?;
    // A request object that expired while somebody logged in for it is still good; one that comes late is not.
    let is_continued = || found.as_ref().is_some_and(|active| is_answer(front, &asked, &active.session, front.context.now()));
    if asked.is_late && !is_continued() {
        return Err(asked.refuse(RequestError::Object(ObjectError::Expired).into()));
    }
    let active = match found {
        Some(active) if is_login_good(front, &asked, &active.session) => active,
        _ if prompt.none => return Err(asked.refuse(ClientReason::LoginRequired)),
        _ => return login::begin(front, request, &asked.into()),
    };
    if consent::is_needed(front, &asked, &active).await? {
        if prompt.none {
            return Err(asked.refuse(ClientReason::ConsentRequired));
        }
        return Ok(consent::show(front, request, &asked, &active));
    }
    issue::issue_code(front, &asked, &active).await
}

/// `POST /authorize` (OpenID Connect Core section 3.1.2.1). A cross-site POST comes without cookies, so that nothing can be said about who is
/// logged in; the same request goes on by GET.
pub(super) fn continue_by_get(request: &Request) -> Result<Response, Refusal> {
    let body = std::str::from_utf8(&request.body).map_err(|_| PageReason::Params(crate::protocol::params::ParamsError::NotText))?;
    let query = crate::protocol::authorize::normalize_query(body);
    if query.len() > MAX_QUERY {
        return Err(PageReason::TooLong.into());
    }
    Ok(go_on(&format!("/authorize?{query}")))
}

/// Whether the login behind `session` is good enough for what was asked: any, a new one (`prompt`), or a recent one (`max_age`). A login that was
/// done for this very request is.
pub(super) fn is_login_good(front: &FrontChannel, asked: &CheckedRequest, session: &Session) -> bool {
    let now = front.context.now();
    if is_answer(front, asked, session, now) {
        return true;
    }
    let is_recent = |max_age: i64| now.since(session.authentication.auth_time) <= max_age;
    !asked.parameters.prompt.wants_login() && asked.parameters.max_age.is_none_or(is_recent)
}

fn is_answer(front: &FrontChannel, asked: &CheckedRequest, session: &Session, now: Timestamp) -> bool {
    let lifetime = front.context.config.lifetimes.answered_request;
    session.answered.as_ref().is_some_and(|answered| answered.hash == asked.hash() && (0..=lifetime).contains(&now.since(answered.at)))
}

/// A person's name for themselves: user name, else what the claims have, else the subject.
pub(super) fn name_of(active: &ActiveSession) -> &str {
    let user = &active.user;
    let claim = |name| user.claims.get(name).and_then(serde_json::Value::as_str).filter(|text| !text.is_empty());
    user.username.as_deref().or_else(|| claim("email")).or_else(|| claim("name")).unwrap_or(&user.subject.0)
}
