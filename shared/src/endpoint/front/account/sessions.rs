//! `/account/sessions`: where the person is logged in, and how to end that. Clients that want to be told learn of it by the table's stream, as they do
//! whoever ends a session.

use http::StatusCode;

use super::cursor::{Mark, Wanted, next_page};
use super::{Place, done, need_login, read_form, record, show};
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::error::Refusal;
use crate::endpoint::front::reply::go_on;
use crate::endpoint::people::{Walk, end_sessions};
use crate::endpoint::{Request, Response};
use crate::model::code::parse_ulid;
use crate::model::event::EventKind;
use crate::model::session::Session;
use crate::pages::account::{ListPages, Notice, SessionsPage, ShownSession};

/// How many sessions one page has: with the largest logo it stays below 50 kB.
const MOST_SESSIONS: u16 = 25;

/// `GET /account/sessions`.
pub(in crate::endpoint::front) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_login(front, request, Place::Sessions).await?;
    let after = match Wanted::read(front, request, &active, Place::Sessions).await? {
        Wanted::First => None,
        Wanted::After(Mark::Id(last)) => Some(last),
        Wanted::After(Mark::Client(_)) | Wanted::Unknown => return Ok(go_on(Place::Sessions.path())),
    };
    let mut walk = Walk::of(active.user.id, after).by(MOST_SESSIONS);
    let mut others = walk.next_sessions(&front.context).await?.unwrap_or_default();
    others.retain(|session| session.id != active.session.id);
    others.sort_by_key(|session| std::cmp::Reverse(session.authentication.auth_time));
    // One's own stands first, wherever it is in the list.
    let own = Some((&active.session, true)).filter(|_| after.is_none());
    let shown: Vec<ShownSession> = own.into_iter().chain(others.iter().map(|session| (session, false))).map(shown).collect();
    let next = next_page(front, &active, Place::Sessions, walk.place().map(Mark::Id)).await?;
    Ok(show(front, request, &active, Place::Sessions, StatusCode::OK, |view, frame, form_token| {
        let pages = ListPages { first: after.map(|_| Place::Sessions.path()), next: next.as_deref() };
        SessionsPage { view, frame, sessions: &shown, pages, form_token }.render()
    }))
}

fn shown((session, is_current): (&Session, bool)) -> ShownSession<'_> {
    ShownSession {
        id: session.id.to_string(),
        whereabouts: &session.whereabouts,
        created_at: session.created_at,
        auth_time: session.authentication.auth_time,
        is_current,
    }
}

/// `POST /account/sessions`: ends one other session, or all others.
pub(in crate::endpoint::front) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_login(front, request, Place::Sessions).await?;
    let params = read_form(front, request, &active, Place::Sessions)?;
    let store = &front.context.store;
    let (ended, notice) = if params.find("end") == Some("others") {
        (end_sessions(&front.context, active.user.id, Some(active.session.id)).await?, Notice::SessionsEnded)
    } else {
        let found = match params.find("end").and_then(parse_ulid).filter(|id| *id != active.session.id) {
            Some(id) => store.find_session(id, front.context.now()).await?,
            None => None,
        };
        // Somebody else's is as good as none.
        match found.filter(|session| session.user_id == active.user.id) {
            Some(session) => {
                store.end_session(session.id).await?;
                (1, Notice::SessionEnded)
            }
            None => (0, Notice::SessionEnded),
        }
    };
    if ended == 0 {
        return Ok(go_on(Place::Sessions.path()));
    }
    tracing::info!(ended, user_id = %active.user.id, "sessions ended from another one");
    record(front, request, active.user.id, EventKind::SessionEnded, None).await;
    Ok(done(Place::Sessions, notice))
}
