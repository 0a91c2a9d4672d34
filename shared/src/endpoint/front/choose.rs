//! `/login/account`: with which account a person goes on (`prompt=select_account`, `OpenID` Connect Core section 3.1.2.1).

use http::StatusCode;

use super::FrontChannel;
use super::authorize::{go_on_with, name_of};
use super::check::{CheckedRequest, check_request};
use super::demand::{Verdict, judge};
use super::error::{PageReason, Refusal};
use super::form::{Purpose, has_token, make_token, read_form};
use super::login::{self, Anew};
use super::reply::{go_on, page};
use super::session::{ActiveSession, find_active};
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
    let params = read_form(front, request)?;
    let asked = check_request(front, request, params.find("request").unwrap_or_default()).await?;
    let Verdict::Good(active) = judge(front, &asked, find_active(front, request).await?).await? else {
        // The session ended while the page was open: back to the beginning.
        return Ok(go_on(&asked.path()));
    };
    if !has_token(front, request, &params, Purpose::Account, &active.about(&asked)) {
        return Err(PageReason::ForeignForm.into());
    }
    match params.find("decision") {
        Some("continue") => go_on_with(front, request, &asked, &active).await,
        _ => login::begin(front, request, &asked.into(), Anew::Yes).await,
    }
}
