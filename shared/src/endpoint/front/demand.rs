//! What an authorization request demands of the login that answers it: whose it is, how recent, of which level (`OpenID` Connect Core sections
//! 3.1.2.1 to 3.1.2.3 and 5.5.1). Each demand is met by one login for this very request, or the client is told; nobody goes round in circles.

use super::FrontChannel;
use super::check::CheckedRequest;
use super::error::{ClientReason, Refusal};
use super::id_token_hint::{HintFailure, IdTokenHint, check_hint};
use super::login::Anew;
use super::session::ActiveSession;
use super::stronger::WaysUp;
use crate::endpoint::login_ways::LoginWays;
use crate::model::level::{Level, answers};
use crate::model::session::Session;

/// How the login of a browser stands to a request.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It is what was asked for.
    Good(Box<ActiveSession>),
    /// Somebody has to log in. Where nothing may be shown, the client is told the reason.
    Login { reason: ClientReason, anew: Anew },
    /// It is not of the level that the client can't do without, and the person may do something about that.
    Stronger(Box<ActiveSession>, WaysUp),
    /// Logging in would not help.
    Refused(ClientReason),
}

impl Verdict {
    /// The login, if it will do.
    pub(super) fn good(self) -> Option<Box<ActiveSession>> {
        if let Self::Good(active) = self { Some(active) } else { None }
    }

    /// The login, if it is of too low a level and the person may do something about that.
    pub(super) fn stronger(self) -> Option<Box<ActiveSession>> {
        if let Self::Stronger(active, _) = self { Some(active) } else { None }
    }
}

/// Judges the login of a browser. A login that was done for this very request is new and recent, but it may be somebody else's.
pub(super) async fn judge(front: &FrontChannel, asked: &CheckedRequest, active: Option<ActiveSession>) -> Result<Verdict, Refusal> {
    let hinted = check_own_hint(front, asked).await?;
    let login = |reason| Verdict::Login { reason, anew: Anew::No };
    let Some(active) = active else { return Ok(login(ClientReason::LoginRequired)) };
    let is_answer = is_answer(front, asked, &active.session);
    if !is_expected(front, asked, hinted.as_ref(), &active).await? {
        let reason = ClientReason::LoginRequired;
        return Ok(if is_answer { Verdict::Refused(reason) } else { Verdict::Login { reason, anew: Anew::Yes } });
    }
    if !is_answer && !is_recent(front, asked, &active.session) {
        return Ok(login(ClientReason::LoginRequired));
    }
    Box::pin(judge_level(front, asked, active, is_answer)).await
}

/// Section 3.1.2.1: a level that the client would like is asked for once, of whoever can reach it, and nobody is kept out. Section 5.5.1.1: one that it can't
/// do without is reached, or there is no code.
async fn judge_level(front: &FrontChannel, asked: &CheckedRequest, active: ActiveSession, is_answer: bool) -> Result<Verdict, Refusal> {
    let wanted = asked.parameters.wanted_levels();
    let is_essential = asked.parameters.claims.essential_acr().is_some();
    let is_met = active.session.authentication.acr.as_deref().is_some_and(|acr| wanted.iter().any(|level| answers(acr, level)));
    let may_ask = !asked.parameters.prompt.none;
    if is_met || (!is_essential && (wanted.is_empty() || is_answer || !may_ask)) {
        return Ok(Verdict::Good(Box::new(active)));
    }
    let ways_up = WaysUp::find(front, asked, &active.user, &wanted).await?;
    let login = |reason| Verdict::Login { reason, anew: Anew::No };
    if !is_essential {
        return Ok(if ways_up.can_sign_in() { login(ClientReason::LoginRequired) } else { Verdict::Good(Box::new(active)) });
    }
    let reason = ClientReason::AcrUnmet;
    if !is_answer && (ways_up.can_sign_in() || is_for_others_to_say(front, asked, &active)) {
        return Ok(login(reason));
    }
    if may_ask && ways_up.is_any() {
        return Ok(Verdict::Stronger(Box::new(active), ways_up));
    }
    Ok(if is_answer || !can_reach(front, asked, &wanted) { Verdict::Refused(reason) } else { login(reason) })
}

/// Whether the login was done for this very request, not more than ten minutes ago.
pub(super) fn is_answer(front: &FrontChannel, asked: &CheckedRequest, session: &Session) -> bool {
    let (now, lifetime) = (front.context.now(), front.context.config.lifetimes.answered_request);
    session.has_answered(asked.hash(), now, lifetime)
}

/// Section 3.1.2.1: `prompt=login` wants a new login, and so does `max_age=0`.
fn is_recent(front: &FrontChannel, asked: &CheckedRequest, session: &Session) -> bool {
    let age = front.context.now().since(session.authentication.auth_time);
    !asked.parameters.prompt.login && asked.parameters.max_age.is_none_or(|max_age| max_age > 0 && age <= max_age)
}

/// The `id_token_hint`. It must be an ID token of ours that this client got; that it has expired does not matter.
async fn check_own_hint(front: &FrontChannel, asked: &CheckedRequest) -> Result<Option<IdTokenHint>, Refusal> {
    let Some(text) = &asked.parameters.id_token_hint else { return Ok(None) };
    match check_hint(front, text).await {
        Ok(hint) if hint.client_id == asked.client().client_id => Ok(Some(hint)),
        Ok(_) => Err(asked.refuse(ClientReason::Hint)),
        Err(HintFailure::Refused(error)) => {
            tracing::info!(client_id = %asked.client().client_id, reason = %error, "an id_token_hint is refused");
            Err(asked.refuse(ClientReason::Hint))
        }
        Err(HintFailure::Store(error)) => Err(error.into()),
    }
}

/// Section 3.1.2.2: where the request names a person, by a hint or by a `sub` with a value, nobody else may answer it.
async fn is_expected(
    front: &FrontChannel,
    asked: &CheckedRequest,
    hinted: Option<&IdTokenHint>,
    active: &ActiveSession,
) -> Result<bool, Refusal> {
    let named = asked.parameters.claims.subjects();
    if hinted.is_none() && named.is_none() {
        return Ok(true);
    }
    let subject = front.subjects.subject_for(asked.client(), &active.user).await?.0;
    Ok(hinted.is_none_or(|hint| hint.session_id == active.session.id || hint.subject == subject)
        && named.is_none_or(|named| named.contains(&subject.as_str())))
}

/// Whether a login elsewhere might reach a level: at the site, for its own people, or at a provider that is believed.
fn is_for_others_to_say(front: &FrontChannel, asked: &CheckedRequest, active: &ActiveSession) -> bool {
    let ways = LoginWays::of(&front.context.config, &asked.settings);
    ways.connections.iter().any(|one| one.trust_authentication) || (ways.site.is_some() && active.user.username.is_none())
}

/// Whether a login could reach one of `levels`: accounts kept here have their own, and what the site's login or a provider reaches is for them to say.
fn can_reach(front: &FrontChannel, asked: &CheckedRequest, levels: &[&str]) -> bool {
    let ways = LoginWays::of(&front.context.config, &asked.settings);
    let is_believed = ways.connections.iter().any(|one| one.trust_authentication);
    is_believed || ways.site.is_some() || (ways.passwords && Level::offered(ways.passkeys).any(|level| levels.contains(&level.acr())))
}
