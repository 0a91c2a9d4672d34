//! `/account/events`: what happened to the account.

use http::StatusCode;

use super::{Place, need_login, show};
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::error::Refusal;
use crate::endpoint::{Request, Response};
use crate::pages::account::EventsPage;

/// `GET /account/events`.
pub(in crate::endpoint::front) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_login(front, request, Place::Events).await?;
    let events = front.context.store.list_events(active.user.id, front.context.now()).await?;
    Ok(show(front, request, &active, Place::Events, StatusCode::OK, |view, frame, _| EventsPage { view, frame, events: &events }.render()))
}
