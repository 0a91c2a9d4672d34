//! `/account`: where a person finds everything about their account.

use http::StatusCode;

use super::{Place, need_login, show};
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::error::Refusal;
use crate::endpoint::{Request, Response};
use crate::pages::account::HubPage;

/// `GET /account`.
pub(in crate::endpoint::front) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_login(front, request, Place::Hub).await?;
    Ok(show(front, request, &active, Place::Hub, StatusCode::OK, |view, frame, _| HubPage { view, frame }.render()))
}
