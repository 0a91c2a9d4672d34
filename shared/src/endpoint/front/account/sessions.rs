//! `/account/sessions`: where the person is logged in, and how to end that. Clients that want to be told learn of it by the table's stream, as they do
//! whoever ends a session.

use http::StatusCode;

use super::{Place, done, need_login, read_form, record, show};
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::error::Refusal;
use crate::endpoint::front::reply::go_on;
use crate::endpoint::front::session::ActiveSession;
use crate::endpoint::{Request, Response};
use crate::model::code::parse_ulid;
use crate::model::event::EventKind;
use crate::model::session::Session;
use crate::pages::account::{Notice, SessionsPage, ShownSession};
use crate::store::StoreError;

/// How many sessions are looked at for one page: more than anybody has.
const MOST: usize = 100;

/// `GET /account/sessions`.
pub(in crate::endpoint::front) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_login(front, request, Place::Sessions).await?;
    let others = find_others(front, &active).await?;
    let shown: Vec<ShownSession> =
        std::iter::once((&active.session, true)).chain(others.iter().map(|session| (session, false))).map(shown).collect();
    Ok(show(front, request, &active, Place::Sessions, StatusCode::OK, |view, frame, form_token| {
        SessionsPage { view, frame, sessions: &shown, form_token }.render()
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

/// The person's other sessions, the one with the newest login first.
pub(super) async fn find_others(front: &FrontChannel, active: &ActiveSession) -> Result<Vec<Session>, StoreError> {
    let store = &front.context.store;
    let mut ids = store.list_session_ids(active.user.id).await?;
    // ULIDs begin with their time: the newest are at the end.
    ids.sort_unstable();
    let mut sessions = Vec::new();
    for id in ids.into_iter().rev().filter(|id| *id != active.session.id).take(MOST) {
        // What the index says may be a moment old.
        let found = store.find_session(id, front.context.now()).await?;
        sessions.extend(found.filter(|session| session.user_id == active.user.id));
    }
    sessions.sort_by_key(|session| std::cmp::Reverse(session.authentication.auth_time));
    Ok(sessions)
}

/// `POST /account/sessions`: ends one other session, or all others.
pub(in crate::endpoint::front) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_login(front, request, Place::Sessions).await?;
    let params = read_form(front, request, &active, Place::Sessions)?;
    let store = &front.context.store;
    let (ended, notice) = if params.find("end") == Some("others") {
        (find_others(front, &active).await?, Notice::SessionsEnded)
    } else {
        let found = match params.find("end").and_then(parse_ulid).filter(|id| *id != active.session.id) {
            Some(id) => store.find_session(id, front.context.now()).await?,
            None => None,
        };
        // Somebody else's is as good as none.
        (found.filter(|session| session.user_id == active.user.id).into_iter().collect(), Notice::SessionEnded)
    };
    if ended.is_empty() {
        return Ok(go_on(Place::Sessions.path()));
    }
    for session in &ended {
        store.end_session(session.id).await?;
        tracing::info!(session_id = %session.id, user_id = %session.user_id, "session ended from another one");
    }
    record(front, request, active.user.id, EventKind::SessionEnded, None).await;
    Ok(done(Place::Sessions, notice))
}
