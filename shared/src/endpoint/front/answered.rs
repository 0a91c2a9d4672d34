//! The forms of pages about an authorization request that somebody who is logged in answers: with which account, whether to allow it, how to go on.

use super::FrontChannel;
use super::check::{CheckedRequest, check_request};
use super::demand::{Verdict, judge};
use super::error::{PageReason, Refusal};
use super::form::{Purpose, has_token, read_form};
use super::reply::go_on;
use super::session::{ActiveSession, find_active};
use crate::endpoint::{Request, Response};
use crate::protocol::params::Params;

/// A page that was answered.
pub(super) struct Answered {
    /// The fields of its form.
    pub(super) params: Params,
    /// The request that it is about, checked anew.
    pub(super) asked: CheckedRequest,
    /// Who answers.
    pub(super) active: Box<ActiveSession>,
}

/// Reads the answer to the page for `purpose`, which is shown where `fits` takes the verdict. Where it is another one by now, since the session ended or was
/// raised while the page was open, the answer leads back to the beginning.
///
/// # Errors
/// When the request can't be accepted, or the form is not one that was made for this session.
pub(super) async fn read_answer(
    front: &FrontChannel,
    request: &Request,
    purpose: Purpose,
    fits: impl FnOnce(Verdict) -> Option<Box<ActiveSession>>,
) -> Result<Result<Answered, Box<Response>>, Refusal> {
    let params = read_form(front, request)?;
    let asked = check_request(front, request, params.find("request").unwrap_or_default()).await?;
    let Some(active) = fits(judge(front, &asked, find_active(front, request).await?).await?) else {
        return Ok(Err(Box::new(go_on(&asked.path()))));
    };
    if !has_token(front, request, &params, purpose, &active.about(&asked)) {
        return Err(PageReason::ForeignForm.into());
    }
    Ok(Ok(Answered { params, asked, active }))
}
