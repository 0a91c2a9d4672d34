//! `/account/factors`: a second factor beside the password (RFC 6238), and the codes for the day when the phone is gone. All of it takes a login of the last
//! ten minutes, so that whoever finds an open browser changes nothing.

use http::StatusCode;
use http::header::RETRY_AFTER;

use super::{Place, done, need_recent_login, read_form, record, show};
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::authorize::name_of_user;
use crate::endpoint::front::error::Refusal;
use crate::endpoint::front::mails::{News, site_of, tell};
use crate::endpoint::front::onward::Onward;
use crate::endpoint::front::reply::go_on;
use crate::endpoint::front::sealed::{PendingSeed, open, seal};
use crate::endpoint::front::session::ActiveSession;
use crate::endpoint::front::throttle::{Counted, count};
use crate::endpoint::{Request, Response};
use crate::model::event::EventKind;
use crate::model::factor::{Factors, SealedSeed, TotpSeed, TypedFactor, hash_recovery_code, new_recovery_codes, record_key};
use crate::model::secret::{Secret, SecretHash};
use crate::model::user::User;
use crate::pages::account::Notice;
use crate::pages::passwords::{EnrolPage, FactorsPage, PasswordProblem, RecoveryCodesPage};
use crate::pages::qr::render_qr;

/// `GET /account/factors`.
pub(in crate::endpoint::front) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_recent_login(front, request, Place::Factors).await?;
    let onward = Onward::find(front, request, Place::Factors).await?;
    let factors = front.context.store.find_factors(active.user.id).await?;
    Ok(show(front, request, &active, Place::Factors, StatusCode::OK, |view, frame, form_token| {
        let codes_left = factors.as_ref().map(|factors| factors.recovery.len());
        let onward = onward.as_ref().map(Onward::link);
        FactorsPage { view, frame, has_password: logs_in_by_password(&active.user), codes_left, onward, form_token }.render()
    }))
}

/// Whether a second factor would stand beside a password. Who is known to the site alone has no name to log in with here, whatever the operator set; the
/// site asks its people for what it wants.
fn logs_in_by_password(user: &User) -> bool {
    user.username.is_some() && user.password_hash.is_some()
}

/// `POST /account/factors`.
pub(in crate::endpoint::front) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_recent_login(front, request, Place::Factors).await?;
    let params = read_form(front, request, &active, Place::Factors)?;
    let onward = Onward::find(front, request, Place::Factors).await?;
    let back = || go_on(&onward.as_ref().map_or_else(|| Place::Factors.path().to_owned(), Onward::here));
    match params.find("step") {
        Some("begin") if logs_in_by_password(&active.user) => {
            let seed = TotpSeed::new(&*front.context.random);
            let pending = seal(front, PendingSeed { user: active.user.id, seed: seed.to_bytes() }).await?;
            Ok(enrol(front, request, &active, onward.as_ref(), (&seed, &pending), None))
        }
        Some("confirm") => {
            let sealed = params.find("pending").unwrap_or_default();
            let pending = open::<PendingSeed>(front, sealed).await?.filter(|pending| pending.user == active.user.id);
            let Some(seed) = pending.and_then(|pending| TotpSeed::from_bytes(&pending.seed)) else {
                return Ok(back());
            };
            confirm(front, request, &active, onward.as_ref(), (&seed, sealed), params.find("code").unwrap_or_default()).await
        }
        Some("renew") => renew(front, request, &active).await,
        Some("remove") => remove(front, request, &active).await,
        _ => Ok(back()),
    }
}

/// The page with the QR code.
fn enrol(
    front: &FrontChannel,
    request: &Request,
    active: &ActiveSession,
    onward: Option<&Onward>,
    (seed, pending): (&TotpSeed, &str),
    refused: Option<(StatusCode, PasswordProblem)>,
) -> Response {
    let uri = seed.to_uri(&site_of(front, &front.view(request)), name_of_user(&active.user));
    let (status, problem) = refused.map_or((StatusCode::OK, None), |(status, problem)| (status, Some(problem)));
    let (picture, text) = (render_qr(uri.expose()), seed.to_base32());
    show(front, request, active, Place::Factors, status, |view, frame, form_token| {
        let onward = onward.map(Onward::link);
        EnrolPage { view, frame, picture: picture.as_ref(), key: text.expose(), uri: uri.expose(), pending, problem, onward, form_token }
            .render()
    })
}

/// A code shows that the seed is in the app: from now on it is asked for.
async fn confirm(
    front: &FrontChannel,
    request: &Request,
    active: &ActiveSession,
    onward: Option<&Onward>,
    (seed, pending): (&TotpSeed, &str),
    typed: &str,
) -> Result<Response, Refusal> {
    let (user, now) = (active.user.id, front.context.now());
    let account = user.to_string();
    let refuse = |status, problem| Ok(enrol(front, request, active, onward, (seed, pending), Some((status, problem))));
    if let Err(wait) = count(front, request, Counted::Guess { purpose: "enrol", account: &account }).await? {
        let response = refuse(StatusCode::TOO_MANY_REQUESTS, PasswordProblem::TooManyAttempts { minutes: wait.minutes() })?;
        return Ok(response.with(RETRY_AFTER, &wait.seconds.to_string()));
    }
    let step = match TypedFactor::parse(typed) {
        Some(TypedFactor::Totp(code)) => seed.find_step(code.expose(), now),
        Some(TypedFactor::Recovery(_)) | None => None,
    };
    let Some(last_step) = step else { return refuse(StatusCode::FORBIDDEN, PasswordProblem::WrongCode) };
    let key = front.seals.key(now).await?;
    let codes = new_recovery_codes(&*front.context.random);
    let factors = Factors {
        sealed_seed: SealedSeed(key.seal(&record_key(user), seed.expose())),
        last_step,
        recovery: hashes(active, &codes),
        created_at: now,
    };
    if !front.context.store.create_factors(user, &factors).await? {
        // There is one already, perhaps by this very form sent twice.
        return Ok(go_on(Place::Factors.path()));
    }
    record(front, request, user, EventKind::FactorAdded, None).await;
    tell(front, request, &front.view(request), &active.user, News::FactorAdded).await;
    let response = show_codes(front, request, active, onward, &codes);
    let Some(onward) = onward else { return Ok(response) };
    // Whoever logged in a moment ago has now given a code as well: for the request that waits for it, that is two factors.
    let raised = active.session.authentication.clone().with_second_factor(&onward.wanted_levels());
    Ok(onward.raise(front, request, active, raised, response).await)
}

fn hashes(active: &ActiveSession, codes: &[Secret]) -> Vec<SecretHash> {
    codes.iter().map(|code| hash_recovery_code(active.user.id, code)).collect()
}

/// The codes are shown this once: the answer to the form, which no other address has.
fn show_codes(front: &FrontChannel, request: &Request, active: &ActiveSession, onward: Option<&Onward>, codes: &[Secret]) -> Response {
    let shown: Vec<&str> = codes.iter().map(Secret::expose).collect();
    show(front, request, active, Place::Factors, StatusCode::OK, |view, frame, _| {
        RecoveryCodesPage { view, frame, onward: onward.map(Onward::link), codes: &shown }.render()
    })
}

/// New recovery codes; the old ones count no more.
async fn renew(front: &FrontChannel, request: &Request, active: &ActiveSession) -> Result<Response, Refusal> {
    let codes = new_recovery_codes(&*front.context.random);
    if !front.context.store.replace_recovery_codes(active.user.id, &hashes(active, &codes)).await? {
        return Ok(go_on(Place::Factors.path()));
    }
    record(front, request, active.user.id, EventKind::RecoveryCodesRenewed, None).await;
    tell(front, request, &front.view(request), &active.user, News::RecoveryCodesRenewed).await;
    Ok(show_codes(front, request, active, None, &codes))
}

async fn remove(front: &FrontChannel, request: &Request, active: &ActiveSession) -> Result<Response, Refusal> {
    if !front.context.store.remove_factors(active.user.id).await? {
        return Ok(go_on(Place::Factors.path()));
    }
    record(front, request, active.user.id, EventKind::FactorRemoved, None).await;
    tell(front, request, &front.view(request), &active.user, News::FactorRemoved).await;
    Ok(done(Place::Factors, Notice::FactorRemoved))
}
