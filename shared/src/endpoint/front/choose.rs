//! `/login/account`: with which account a person goes on (`prompt=select_account`, `OpenID` Connect Core section 3.1.2.1).

use http::StatusCode;

use super::FrontChannel;
use super::answered::{Answered, read_answer};
use super::authorize::{go_on_with, name_of};
use super::check::CheckedRequest;
use super::demand::Verdict;
use super::error::Refusal;
use super::form::{Purpose, make_token};
use super::login::{self, Anew};
use super::reply::page;
use super::session::ActiveSession;
use crate::endpoint::{Request, Response};
use crate::pages::AccountPage;

/// The page that shows who is logged in, and asks whether to go on so.
pub(super) fn show(front: &FrontChannel, request: &Request, asked: &CheckedRequest, active: &ActiveSession) -> Response {
    let form = make_token(front, request, Purpose::Account, &active.about(asked));
    let rendered = AccountPage {
        view: asked.view(),
        client_name: asked.client().display_name(),
        user_name: name_of(active),
        request: &asked.query,
        form_token: &form.token,
    };
    let response = page(StatusCode::OK, rendered.render());
    form.bind(response)
}

/// `POST /login/account`. The answer leads on at once, so that nothing has to be remembered: whoever opens the request anew is asked anew.
pub(super) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let Answered { params, asked, active } = match read_answer(front, request, Purpose::Account, Verdict::good).await? {
        Ok(answered) => answered,
        Err(response) => return Ok(*response),
    };
    match params.find("decision") {
        Some("continue") => go_on_with(front, request, &asked, &active).await,
        _ => login::begin(front, request, &asked.into(), Anew::Yes).await,
    }
}
