//! `/account/data`: what is known about a person, to read and to take along.

use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};

use super::{Place, deletion, need_login, need_recent_login, read_form, record, show};
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::error::Refusal;
use crate::endpoint::people::export_person;
use crate::endpoint::{Request, Response};
use crate::model::event::EventKind;
use crate::pages::account::DataPage;

/// `GET /account/data`.
pub(in crate::endpoint::front) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_login(front, request, Place::Data).await?;
    let deletion = deletion::is_allowed(front).await?.then_some(Place::Deletion.path());
    let claims: Vec<(&str, String)> = active.user.claims.iter().map(|(name, value)| (name.as_str(), in_words(value))).collect();
    Ok(show(front, request, &active, Place::Data, StatusCode::OK, |view, frame, form_token| {
        DataPage { view, frame, subject: &active.user.subject.0, claims: &claims, deletion, form_token }.render()
    }))
}

/// A claim's value, as people read it.
fn in_words(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `POST /account/data`: the download. It changes nothing but the list of events, so that it is the answer itself and no redirect.
pub(in crate::endpoint::front) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_recent_login(front, request, Place::Data).await?;
    read_form(front, request, &active, Place::Data)?;
    // It is noted first, so that the download says so, too.
    record(front, request, active.user.id, EventKind::DataExported, None).await;
    let exported = export_person(&front.context, &active.user).await?;
    let body = serde_json::to_string_pretty(&exported).unwrap_or_default();
    Ok(Response::new(StatusCode::OK)
        .with(CONTENT_TYPE, "application/json")
        .with(CONTENT_DISPOSITION, "attachment; filename=\"account.json\"")
        .with(CACHE_CONTROL, "no-store")
        .with_body(body))
}
