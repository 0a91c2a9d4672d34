//! `/authorize`: who has to be asked what before a code is issued (OpenID Connect Core section 3.1.2.3).

use super::check::{CheckedRequest, check_request};
use super::demand::{Verdict, is_answer, judge};
use super::error::{ClientReason, PageReason, Refusal};
use super::leaving::hold_back;
use super::pushed::bind;
use super::reply::go_on;
use super::session::{ActiveSession, find_active};
use super::{FrontChannel, choose, consent, issue, login, stronger};
use crate::endpoint::authorization::{ObjectError, RequestError};
use crate::endpoint::{Request, Response};
use crate::model::user::User;
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
    let is_continued = || found.as_ref().is_some_and(|active| is_answer(front, &asked, &active.session));
    if asked.is_late && !is_continued() {
        return Err(asked.refuse(RequestError::Object(ObjectError::Expired).into()));
    }
    let active = match judge(front, &asked, found).await? {
        Verdict::Good(active) => active,
        Verdict::Login { reason, .. } if prompt.none => return Err(asked.refuse(reason)),
        Verdict::Login { anew, .. } => return login::begin(front, request, &asked.into(), anew).await,
        Verdict::Stronger(active, ways_up) => return Ok(stronger::show(front, request, &asked, &active, ways_up)),
        Verdict::Refused(reason) => return Err(asked.refuse(reason)),
    };
    // Whoever has just logged in for this request has chosen.
    if prompt.select_account && !is_answer(front, &asked, &active.session) {
        return Ok(choose::show(front, request, &asked, &active));
    }
    go_on_with(front, request, &asked, &active).await
}

/// What is left once it is clear who the person is: their consent, and the code.
pub(super) async fn go_on_with(
    front: &FrontChannel,
    request: &Request,
    asked: &CheckedRequest,
    active: &ActiveSession,
) -> Result<Response, Refusal> {
    if let Some(question) = consent::find_question(front, asked, active).await? {
        if asked.parameters.prompt.none {
            return Err(asked.refuse(ClientReason::ConsentRequired));
        }
        return Ok(consent::show(front, request, asked, active, &question));
    }
    issue::issue_code(front, asked, active).await
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

/// A person's name for themselves: user name, else what the claims have, else the subject.
pub(super) fn name_of(active: &ActiveSession) -> &str {
    name_of_user(&active.user)
}

/// The same, of somebody whose session is about to end.
pub(super) fn name_of_user(user: &User) -> &str {
    let claim = |name| user.claims.get(name).and_then(serde_json::Value::as_str).filter(|text| !text.is_empty());
    user.username.as_deref().or_else(|| claim("email")).or_else(|| claim("name")).unwrap_or(&user.subject.0)
}
