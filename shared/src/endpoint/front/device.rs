//! `/device`: a person types in the code that a device shows, and says whether the device may act for them (RFC 8628 section 3.3).
//!
//! The code is checked, then the person logs in, then they are asked, always: that the client is the operator's own or was allowed before says nothing
//! about whose device it is (RFC 8628 section 5.4).

mod answer;
mod errand;

use http::StatusCode;
use http::header::RETRY_AFTER;

pub(super) use self::errand::DeviceErrand;
use super::FrontChannel;
use super::errand::Errand;
use super::error::{PageReason, Refusal};
use super::form::{Purpose, has_token, make_token, read_form};
use super::login::{self, Anew};
use super::reply::page;
use super::session::{ActiveSession, find_active};
use super::view::asked_language;
use crate::endpoint::ceiling::slow_down;
use crate::endpoint::{Request, Response, network_of};
use crate::model::device::{DeviceStatus, UserCode};
use crate::pages::{DevicePage, DeviceProblem};
use crate::protocol::params::Params;
use crate::store::{Attempt, AttemptLimit};

/// Codes that one network, and one account, may try, and the length of the window in seconds (RFC 8628 section 5.1). There are 2.5 × 10^10 codes.
const PER_NETWORK: u32 = 30;
const PER_ACCOUNT: u32 = 15;
const WINDOW: i64 = 900;
/// Wrong codes from everywhere within an hour, from which on each further one takes longer. Nobody is locked out by others.
const CEILING: u32 = 1_000;
/// The longest text that is shown again in the form, in bytes.
const MAX_SHOWN: usize = 32;

/// `GET /device`: the form, with the code of `verification_uri_complete` in it. Only who comes back from the login that this very code asked for goes on
/// at once: the code was checked before.
pub(super) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let params = Params::parse(request.raw_query.as_bytes()).map_err(PageReason::Params)?;
    let text = params.find("user_code").unwrap_or_default();
    if let Ok(code) = UserCode::parse(text)
        && let Some(active) = find_active(front, request).await?
    {
        let (hash, lifetime) = (Errand::from(errand_of(request, &code)).hash(), front.context.config.lifetimes.answered_request);
        if active.session.has_answered(hash, front.context.now(), lifetime) {
            return check(front, request, code, Some(active)).await;
        }
    }
    Ok(show(front, request, StatusCode::OK, text, None))
}

/// `POST /device`: the form with the code, or the one with the answer.
pub(super) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let params = read_form(front, request)?;
    if params.find("decision").is_some() {
        return answer::handle(front, request, &params).await;
    }
    let text = params.find("user_code").unwrap_or_default();
    if !has_token(front, request, &params, Purpose::DeviceCode, "") {
        return Ok(show(front, request, StatusCode::FORBIDDEN, text, Some(DeviceProblem::Expired)));
    }
    match UserCode::parse(text) {
        Ok(code) => check(front, request, code, find_active(front, request).await?).await,
        Err(_) => Ok(show(front, request, StatusCode::BAD_REQUEST, text, Some(DeviceProblem::WrongCode))),
    }
}

/// The way back to `code`, in the language that this request asks for.
fn errand_of(request: &Request, code: &UserCode) -> DeviceErrand {
    DeviceErrand { code: code.clone(), language: asked_language(request) }
}

/// Counts the attempt, looks the code up, and goes on: to the login, or to the question.
async fn check(front: &FrontChannel, request: &Request, code: UserCode, active: Option<ActiveSession>) -> Result<Response, Refusal> {
    if let Some(retry_after) = count_attempt(front, request, active.as_ref()).await? {
        tracing::info!(request_id = request.request_id, "too many user codes");
        let problem = DeviceProblem::TooManyAttempts { minutes: retry_after.div_euclid(60) + 1 };
        let response = show(front, request, StatusCode::TOO_MANY_REQUESTS, &code.display(), Some(problem));
        return Ok(response.with(RETRY_AFTER, &retry_after.to_string()));
    }
    let found = front.context.store.find_device_by_code(&code, front.context.now()).await?;
    let Some(device) = found.filter(|device| device.status == DeviceStatus::Pending) else {
        tracing::info!(request_id = request.request_id, "no device waits under this user code");
        slow_down(&front.context, "device\0wrong".to_owned(), CEILING).await?;
        return Ok(show(front, request, StatusCode::BAD_REQUEST, &code.display(), Some(DeviceProblem::WrongCode)));
    };
    match active {
        Some(active) => answer::ask(front, request, &device, &active).await,
        None => login::begin(front, request, &errand_of(request, &code).into(), Anew::No).await,
    }
}

/// Counts before anything is looked up, so that parallel guesses can't outrun the counter. Answers for how many seconds no further code is looked at.
async fn count_attempt(front: &FrontChannel, request: &Request, active: Option<&ActiveSession>) -> Result<Option<i64>, Refusal> {
    let network =
        AttemptLimit { subject: format!("device\0network\0{}", network_of(request.source_ip)), limit: PER_NETWORK, window: WINDOW };
    // Whoever is logged in has one account for all their sessions and networks.
    let account =
        active.map(|active| AttemptLimit { subject: format!("device\0account\0{}", active.user.id), limit: PER_ACCOUNT, window: WINDOW });
    for limit in [Some(network), account].into_iter().flatten() {
        if let Attempt::Exhausted { retry_after } = front.context.store.count_attempt(&limit, front.context.now()).await? {
            return Ok(Some(retry_after));
        }
    }
    Ok(None)
}

/// The form for the code, with `text` in it.
fn show(front: &FrontChannel, request: &Request, status: StatusCode, text: &str, problem: Option<DeviceProblem>) -> Response {
    let form = make_token(front, request, Purpose::DeviceCode, "");
    let user_code = match UserCode::parse(text) {
        Ok(code) => code.display(),
        Err(_) if text.len() <= MAX_SHOWN => text.to_owned(),
        Err(_) => String::new(),
    };
    let (view, asked_language) = (&front.view(request), asked_language(request));
    let rendered = DevicePage { view, user_code: &user_code, asked_language, problem, form_token: &form.token };
    let response = page(status, rendered.render());
    form.bind(response)
}
