//! `/account/delete`: a person ends their account. It takes a login of the last ten minutes and their name, typed in.

use http::StatusCode;

use super::{Place, need_recent_login, read_form, show};
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::authorize::name_of_user;
use crate::endpoint::front::cookie::Cookie;
use crate::endpoint::front::error::{PageReason, Refusal};
use crate::endpoint::front::reply::page;
use crate::endpoint::front::session::ActiveSession;
use crate::endpoint::people::delete_person;
use crate::endpoint::{Request, Response};
use crate::pages::account::{DeletedPage, DeletionPage};
use crate::store::StoreError;

/// Whether the operator lets people do this.
pub(super) async fn is_allowed(front: &FrontChannel) -> Result<bool, StoreError> {
    Ok(front.context.settings().await?.accounts.deletion)
}

/// `GET /account/delete`.
pub(in crate::endpoint::front) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    check_allowed(front).await?;
    let active = need_recent_login(front, request, Place::Deletion).await?;
    Ok(ask(front, request, &active, StatusCode::OK, false))
}

fn ask(front: &FrontChannel, request: &Request, active: &ActiveSession, status: StatusCode, differs: bool) -> Response {
    let user = &active.user;
    show(front, request, active, Place::Deletion, status, |view, frame, form_token| {
        DeletionPage { view, frame, name: name_of_user(user), differs, made_elsewhere: user.username.is_none(), form_token }.render()
    })
}

/// `POST /account/delete`. There is no page left to go on to: the answer says that it is done.
pub(in crate::endpoint::front) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    check_allowed(front).await?;
    let active = need_recent_login(front, request, Place::Deletion).await?;
    let params = read_form(front, request, &active, Place::Deletion)?;
    if params.find("name").map(str::trim) != Some(name_of_user(&active.user).trim()) {
        return Ok(ask(front, request, &active, StatusCode::BAD_REQUEST, true));
    }
    delete_person(&front.context, &active.user).await?;
    let response = page(StatusCode::OK, DeletedPage { view: &front.view(request) }.render());
    let cookies = [Cookie::Session, Cookie::Form, Cookie::Challenge];
    Ok(cookies.into_iter().fold(response, |response, cookie| response.with_cookie(cookie.render(front, "", 0))))
}

async fn check_allowed(front: &FrontChannel) -> Result<(), Refusal> {
    if is_allowed(front).await? { Ok(()) } else { Err(PageReason::DeletionOff.into()) }
}
