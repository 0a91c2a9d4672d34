//! `/account/passkeys`: which passkeys a person has, how to make one (W3C Web Authentication Level 3 section 7.1), give it a name, and remove it.

use http::StatusCode;

use super::{Place, done, need_recent_login, read_form, record, show};
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::authorize::name_of_user;
use crate::endpoint::front::ceremony;
use crate::endpoint::front::error::Refusal;
use crate::endpoint::front::onward::Onward;
use crate::endpoint::front::passkey::proven;
use crate::endpoint::front::reply::go_on;
use crate::endpoint::front::session::ActiveSession;
use crate::endpoint::{Request, Response};
use crate::model::event::EventKind;
use crate::model::passkey::{CeremonyKind, MAX_PASSKEYS, PasskeyId, tidy_name};
use crate::model::user::User;
use crate::pages::account::Notice;
use crate::pages::passkeys::{PasskeyProblem, PasskeysPage, ShownPasskey};
use crate::protocol::params::Params;
use crate::store::{PasskeyAdded, PasskeyRemoved};
use crate::webauthn::Holder;

/// `GET /account/passkeys`.
pub(in crate::endpoint::front) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    ceremony::relying_party(front).await?;
    let active = need_recent_login(front, request, Place::Passkeys).await?;
    show_list(front, request, &active, StatusCode::OK, None).await
}

async fn show_list(
    front: &FrontChannel,
    request: &Request,
    active: &ActiveSession,
    status: StatusCode,
    problem: Option<PasskeyProblem>,
) -> Result<Response, Refusal> {
    let onward = Onward::find(front, request, Place::Passkeys).await?;
    let kept = front.context.store.list_passkeys(active.user.id).await?;
    let passkeys: Vec<_> = kept.iter().map(ShownPasskey::of).collect();
    let is_full = passkeys.len() >= MAX_PASSKEYS;
    Ok(show(front, request, active, Place::Passkeys, status, |view, frame, form_token| {
        let onward = onward.as_ref().map(Onward::link);
        PasskeysPage { view, frame, passkeys: &passkeys, is_full, problem, onward, form_token }.render()
    }))
}

/// `POST /account/passkeys/options`: a challenge for this browser and person, and what an authenticator is asked for.
pub(in crate::endpoint::front) async fn handle_options(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let party = ceremony::relying_party(front).await?;
    let active = need_recent_login(front, request, Place::Passkeys).await?;
    read_form(front, request, &active, Place::Passkeys)?;
    let others = front.context.store.list_passkeys(active.user.id).await?;
    let begun = party.begin_creation(holder(&active.user), &others)?;
    ceremony::begin(front, request, front.context.ulid(), CeremonyKind::Creation(active.user.id), begun).await
}

/// Who the passkey is for, as their authenticator shows it among others.
fn holder(user: &User) -> Holder<'_> {
    let name = name_of_user(user);
    let display_name = user.claims.get("name").and_then(serde_json::Value::as_str).filter(|text| !text.is_empty());
    Holder { id: user.id, name, display_name: display_name.unwrap_or(name) }
}

/// `POST /account/passkeys`: adds one, gives one another name, or removes one.
pub(in crate::endpoint::front) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    ceremony::relying_party(front).await?;
    let active = need_recent_login(front, request, Place::Passkeys).await?;
    let params = read_form(front, request, &active, Place::Passkeys)?;
    match params.find("change") {
        Some("add") => add(front, request, &active, &params).await,
        Some("rename") => rename(front, &active, &params).await,
        Some("remove") => remove(front, request, &active, &params).await,
        _ => Ok(go_on(Place::Passkeys.path())),
    }
}

async fn add(front: &FrontChannel, request: &Request, active: &ActiveSession, params: &Params) -> Result<Response, Refusal> {
    let problem = match ceremony::finish_creation(front, request, params, CeremonyKind::Creation(active.user.id)).await? {
        Some(made) => {
            let name = tidy_name(params.find("name").or(made.maker).unwrap_or_default());
            let passkey = made.into_passkey(active.user.id, name, front.context.now());
            match front.context.store.add_passkey(&passkey).await? {
                PasskeyAdded::Done => {
                    record(front, request, active.user.id, EventKind::PasskeyAdded, Some(&passkey.name)).await;
                    let Some(onward) = Onward::find(front, request, Place::Passkeys).await? else {
                        return Ok(done(Place::Passkeys, Notice::PasskeyAdded));
                    };
                    // The authenticator has just made sure of its holder, as it does at a login.
                    let response = go_on(&format!("{}&done={}", onward.here(), Notice::PasskeyAdded.as_str()));
                    return Ok(onward.raise(front, request, active, proven(passkey.created_at), response).await);
                }
                PasskeyAdded::Refused => PasskeyProblem::Full,
                PasskeyAdded::Taken => PasskeyProblem::NotAdded,
            }
        }
        None => PasskeyProblem::NotAdded,
    };
    show_list(front, request, active, StatusCode::BAD_REQUEST, Some(problem)).await
}

async fn rename(front: &FrontChannel, active: &ActiveSession, params: &Params) -> Result<Response, Refusal> {
    let name = tidy_name(params.find("name").unwrap_or_default());
    let is_renamed = match params.find("passkey").and_then(PasskeyId::parse) {
        Some(id) => front.context.store.rename_passkey(active.user.id, &id, &name).await?,
        None => false,
    };
    Ok(if is_renamed { done(Place::Passkeys, Notice::PasskeyRenamed) } else { go_on(Place::Passkeys.path()) })
}

async fn remove(front: &FrontChannel, request: &Request, active: &ActiveSession, params: &Params) -> Result<Response, Refusal> {
    let Some(id) = params.find("passkey").and_then(PasskeyId::parse) else { return Ok(go_on(Place::Passkeys.path())) };
    let store = &front.context.store;
    // Read for its name alone; what may be removed is for the removal itself to say.
    let name = store.find_passkey(&id).await?.filter(|passkey| passkey.user_id == active.user.id).map(|passkey| passkey.name);
    match store.remove_passkey(active.user.id, &id).await? {
        PasskeyRemoved::Done => {
            record(front, request, active.user.id, EventKind::PasskeyRemoved, name.as_deref()).await;
            Ok(done(Place::Passkeys, Notice::PasskeyRemoved))
        }
        PasskeyRemoved::Last => show_list(front, request, active, StatusCode::CONFLICT, Some(PasskeyProblem::Last)).await,
        PasskeyRemoved::Unknown => Ok(go_on(Place::Passkeys.path())),
    }
}
