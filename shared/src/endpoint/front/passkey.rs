//! `/login/passkey`: to log in with a passkey, whosever it is (W3C Web Authentication Level 3 section 7.2). Whatever is wrong, people read the same
//! sentence: nobody learns which passkeys, or which people, there are.

use http::StatusCode;

use super::FrontChannel;
use super::account::record;
use super::ceremony;
use super::errand::Errand;
use super::error::{PageReason, Refusal};
use super::form::{Purpose, has_token, read_form};
use super::login::show;
use super::reply::go_on;
use super::session::{NewLogin, open};
use crate::context::Timestamp;
use crate::endpoint::{Request, Response};
use crate::model::event::EventKind;
use crate::model::level::Level;
use crate::model::passkey::{CeremonyKind, Passkey};
use crate::model::session::Authentication;
use crate::model::user::User;
use crate::pages::LoginProblem;
use crate::protocol::params::Params;
use crate::webauthn::{FinishError, LoginAnswer, PasskeyError, VerifiedLogin};

/// `amr` of a login by passkey. `pop` and not `hwk` or `swk`: without attestation nobody knows where the key is (OpenID Connect EAP ACR Values section 3).
/// The authenticator tested that somebody is there (`user`), and made sure who by another factor than the key itself (`mfa`; RFC 8176 section 2).
const AMR: [&str; 3] = ["pop", "user", "mfa"];

/// `POST /login/passkey/options`: a challenge for this browser, and what an authenticator is asked for.
pub(super) async fn handle_options(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let party = ceremony::relying_party(front).await?;
    let params = read_form(front, request)?;
    let errand = Errand::read(front, request, &params).await?;
    if !has_token(front, request, &params, Purpose::Login, &errand.path()) {
        return Err(PageReason::ForeignForm.into());
    }
    if let Err(wait) = ceremony::count(front, request).await? {
        return Ok(*wait);
    }
    ceremony::begin(front, request, front.context.ulid(), CeremonyKind::Login, party.begin_login()?).await
}

/// `POST /login/passkey`: what the authenticator answered.
pub(super) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    ceremony::relying_party(front).await?;
    let params = read_form(front, request)?;
    let errand = Errand::read(front, request, &params).await?;
    if !has_token(front, request, &params, Purpose::Login, &errand.path()) {
        return show(front, request, &errand, StatusCode::FORBIDDEN, "", LoginProblem::Expired.into()).await;
    }
    let now = front.context.now();
    let user = match check(front, request, &params, now).await {
        Ok(user) => user,
        Err(NoLogin::Refused(reason)) => {
            tracing::info!(request_id = request.request_id, %reason, "login by passkey refused");
            return show(front, request, &errand, StatusCode::FORBIDDEN, "", LoginProblem::Passkey.into()).await;
        }
        Err(NoLogin::Failed(refusal)) => return Err(refusal),
    };
    let cookie = open(front, request, NewLogin { user_id: user.id, authentication: proven(now), answered: errand.hash() }).await?;
    tracing::info!(request_id = request.request_id, user_id = %user.id, "logged in by passkey");
    Ok(go_on(&errand.path()).with_cookie(cookie))
}

/// What a passkey proves that was used or made at `now`: in either ceremony the authenticator made sure of its holder.
pub(super) fn proven(now: Timestamp) -> Authentication {
    Authentication { auth_time: now, acr: Some(Level::PhishingResistant.acr().to_owned()), amr: AMR.map(str::to_owned).to_vec() }
}

/// Why nobody is logged in.
enum NoLogin {
    /// The answer does not count.
    Refused(Reason),
    /// It can't be known, or what is asked for is not to be had.
    Failed(Refusal),
}

/// Why an answer does not count, for the log.
#[derive(Debug, thiserror::Error)]
enum Reason {
    /// The challenge was used, has ended, or was made for another browser.
    #[error("no such challenge for this browser")]
    Challenge,
    /// Nobody has such a passkey.
    #[error("unknown passkey")]
    Unknown,
    /// The person is locked, or gone.
    #[error("the account is locked or gone")]
    Locked,
    /// The passkey was used or removed at the same moment.
    #[error("the passkey changed at the same moment")]
    Changed,
    /// The answer itself.
    #[error(transparent)]
    Answer(#[from] PasskeyError),
}

impl From<Reason> for NoLogin {
    fn from(reason: Reason) -> Self {
        Self::Refused(reason)
    }
}

impl<E: Into<Refusal>> From<E> for NoLogin {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Whose login it is. The challenge is spent first, so that each has one try.
async fn check(front: &FrontChannel, request: &Request, params: &Params, now: Timestamp) -> Result<User, NoLogin> {
    let party = ceremony::relying_party(front).await?;
    let state = ceremony::take(front, request, params, CeremonyKind::Login).await?.ok_or(Reason::Challenge)?;
    let answer = LoginAnswer::read(params.find("credential").unwrap_or_default()).map_err(Reason::Answer)?;
    let known = front.context.store.find_passkey(&answer.passkey_id()).await?.ok_or(Reason::Unknown)?;
    let user = front.context.store.find_user(known.user_id).await?.filter(|user| !user.locked).ok_or(Reason::Locked)?;
    let seen = known.clone();
    match party.finish_login(&state, &answer, known) {
        Ok(login) => note_use(front, &seen, &login, now).await.map(|()| user),
        Err(FinishError::Answer(reason)) => {
            if matches!(reason, PasskeyError::Cloned) {
                record(front, request, user.id, EventKind::PasskeySuspicious, Some(&seen.name)).await;
            }
            Err(Reason::Answer(reason).into())
        }
        Err(FinishError::Ours(failure)) => Err(failure.into()),
    }
}

/// Keeps what the authenticator told, where it is new. Of two logins with the same counter one counts (`WebAuthn` section 6.1.1).
async fn note_use(front: &FrontChannel, seen: &Passkey, login: &VerifiedLogin, now: Timestamp) -> Result<(), NoLogin> {
    if !login.is_changed && !seen.is_last_use_stale(now) {
        return Ok(());
    }
    let is_noted = front.context.store.note_passkey_use(&login.passkey, seen.counter, now).await?;
    if is_noted { Ok(()) } else { Err(Reason::Changed.into()) }
}
