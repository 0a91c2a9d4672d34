//! `/account/data`: what is known about a person, to read and to take along.

use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::{Deserialize, Serialize};

use super::{Place, RECENT, deletion, need_login, need_recent_login, read_form, record, record_once, show};
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::error::Refusal;
use crate::endpoint::front::reply::go_on;
use crate::endpoint::front::sealed::{Sealable, open, seal};
use crate::endpoint::people::{ExportPart, export_person, plan_export};
use crate::endpoint::{Request, Response};
use crate::model::event::EventKind;
use crate::model::user::UserId;
use crate::pages::account::{DataPage, entries_of};

/// A part of a download, for one person, as the buttons of the page have it.
#[derive(Debug, Serialize, Deserialize)]
struct WantedPart {
    user: UserId,
    part: ExportPart,
}

impl Sealable for WantedPart {
    const PURPOSE: &'static str = "part of a download";
    const LIFETIME: i64 = 3_600;
}

/// `GET /account/data`.
pub(in crate::endpoint::front) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_login(front, request, Place::Data).await?;
    let deletion = deletion::is_allowed(front).await?.then_some(Place::Deletion.path());
    let user = &active.user;
    let is_editable = user.username.is_some() && front.context.settings().await?.accounts.editable().next().is_some();
    let profile = is_editable.then_some(Place::Profile.path());
    let changed_at = user.updated_at;
    let mut parts = Vec::new();
    // Most people have one, which needs no name.
    for part in Some(plan_export(&front.context, user.id).await?).filter(|parts| parts.len() > 1).into_iter().flatten() {
        parts.push((part.number, seal(front, WantedPart { user: user.id, part }).await?));
    }
    Ok(show(front, request, &active, Place::Data, StatusCode::OK, |view, frame, form_token| {
        let entries = entries_of(view, &user.claims);
        DataPage { view, frame, subject: &user.subject.0, entries: &entries, changed_at, profile, parts: &parts, deletion, form_token }
            .render()
    }))
}

/// `POST /account/data`: the download. It changes nothing but the list of events, so that it is the answer itself and no redirect.
pub(in crate::endpoint::front) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_recent_login(front, request, Place::Data).await?;
    let params = read_form(front, request, &active, Place::Data)?;
    let user = &active.user;
    let part = match params.find("part") {
        Some(text) => match open::<WantedPart>(front, text).await?.filter(|wanted| wanted.user == user.id) {
            Some(wanted) => wanted.part,
            // The page was open for too long: it is shown anew.
            None => return Ok(go_on(Place::Data.path())),
        },
        None => match plan_export(&front.context, user.id).await?.first() {
            Some(first) => *first,
            None => ExportPart::WHOLE,
        },
    };
    // It is noted first, so that the download says so, too; the parts of one are one event.
    if part.of == 1 {
        record(front, request, user.id, EventKind::DataExported, None).await;
    } else {
        record_once(front, request, user.id, EventKind::DataExported, RECENT).await;
    }
    let exported = export_person(&front.context, user, &part).await?;
    let name = if part.of == 1 { "account.json".to_owned() } else { format!("account-{}-of-{}.json", part.number, part.of) };
    let body = serde_json::to_string_pretty(&exported).unwrap_or_default();
    Ok(Response::new(StatusCode::OK)
        .with(CONTENT_TYPE, "application/json")
        .with(CONTENT_DISPOSITION, &format!("attachment; filename=\"{name}\""))
        .with(CACHE_CONTROL, "no-store")
        .with_body(body))
}
