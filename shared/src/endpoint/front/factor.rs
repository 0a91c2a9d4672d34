//! `/login/factor`: the second factor, after the right password or a login at a provider. Until it is there nobody is logged in and nothing is written; the
//! page carries, sealed, for whom it was made, in which browser and for what.

use http::StatusCode;
use http::header::RETRY_AFTER;

use super::FrontChannel;
use super::account::record;
use super::errand::Errand;
use super::error::Refusal;
use super::form::{FormToken, Purpose, browser_of, has_token, make_token, read_form};
use super::login::{self, FORGET_FROM, PASSWORD_AMR};
use super::mails::{News, tell};
use super::reply::{go_on, page};
use super::sealed::{Elsewhere, PendingLogin, open, seal, state_of};
use super::session::{self, NewLogin};
use super::throttle::{Counted, Wait, count, forget};
use crate::endpoint::{Request, Response};
use crate::model::event::EventKind;
use crate::model::factor::{Factors, TotpSeed, TypedFactor, fingerprint, hash_recovery_code, record_key};
use crate::model::level::Level;
use crate::model::session::Authentication;
use crate::model::user::User;
use crate::pages::LoginProblem;
use crate::pages::passwords::{FactorPage, PasswordProblem};

/// The page that asks for the second factor of `user`, whose password was right, or for whom a provider vouched.
pub(super) async fn ask(
    front: &FrontChannel,
    request: &Request,
    errand: &Errand,
    user: &User,
    elsewhere: Option<Elsewhere>,
) -> Result<Response, Refusal> {
    // A browser that comes from a provider may have no cookie yet that the rest could be bound to.
    let form = make_token(front, request, Purpose::Factor, &errand.path());
    let is_elsewhere = elsewhere.is_some();
    let pending = PendingLogin { user: user.id, state: state_of(user), bound_to: binding(&form.browser, errand), elsewhere };
    let sealed = seal(front, pending).await?;
    Ok(show(front, request, errand, form, (&sealed, is_elsewhere), None))
}

/// The browser, and what it wants to log in for.
fn binding(browser: &str, errand: &Errand) -> String {
    fingerprint(&[browser, &errand.path()])
}

fn show(
    front: &FrontChannel,
    request: &Request,
    errand: &Errand,
    form: FormToken,
    (pending, is_elsewhere): (&str, bool),
    refused: Option<(StatusCode, PasswordProblem)>,
) -> Response {
    let view = errand.view(front, request);
    let (field, carried) = errand.field();
    let back = errand.path();
    let (status, problem) = refused.map_or((StatusCode::OK, None), |(status, problem)| (status, Some(problem)));
    let rendered =
        FactorPage { view: &view, is_elsewhere, problem, errand: (field, &carried), pending, back: &back, form_token: &form.token };
    let response = page(status, rendered.render());
    form.bind(response)
}

/// `POST /login/factor`.
pub(super) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let params = read_form(front, request)?;
    let errand = Errand::read(front, request, &params).await?;
    let sealed = params.find("pending").unwrap_or_default();
    let browser = browser_of(front, request).unwrap_or_default();
    let pending = open::<PendingLogin>(front, sealed).await?.filter(|pending| pending.bound_to == binding(&browser, &errand));
    let (Some(pending), true) = (pending, has_token(front, request, &params, Purpose::Factor, &errand.path())) else {
        return login::show_again(front, request, &errand, LoginProblem::Expired).await;
    };
    let refuse = |status, problem| {
        let form = make_token(front, request, Purpose::Factor, &errand.path());
        Ok(show(front, request, &errand, form, (sealed, pending.elsewhere.is_some()), Some((status, problem))))
    };
    let Some(typed) = TypedFactor::parse(params.find("code").unwrap_or_default()) else {
        return refuse(StatusCode::FORBIDDEN, PasswordProblem::WrongCode);
    };
    let account = pending.user.to_string();
    let guess = Counted::Guess { purpose: "factor", account: &account };
    let attempt = match count_guess(front, request, guess, &typed, &account, &pending.state).await? {
        Ok(attempt) => attempt,
        Err(wait) => {
            let response = refuse(StatusCode::TOO_MANY_REQUESTS, PasswordProblem::TooManyCodes { minutes: wait.minutes() })?;
            return Ok(response.with(RETRY_AFTER, &wait.seconds.to_string()));
        }
    };
    let (user, factors) = tokio::join!(front.context.store.find_user(pending.user), front.context.store.find_factors(pending.user));
    let user = user?.filter(|user| !user.locked && state_of(user) == pending.state);
    let (Some(user), Some(factors)) = (user, factors?) else {
        return login::show_again(front, request, &errand, LoginProblem::Expired).await;
    };
    if !is_right(front, request, &errand, &user, &factors, &typed).await? {
        tracing::info!(request_id = request.request_id, user_id = %user.id, attempt, "a second factor is refused");
        return refuse(StatusCode::FORBIDDEN, PasswordProblem::WrongCode);
    }
    if attempt >= FORGET_FROM {
        forget(front, request, guess).await?;
    }
    let first = match pending.elsewhere {
        // Two factors are not newer than the older one of them.
        Some(Elsewhere { auth_time, acr, amr, connection }) => {
            tracing::info!(request_id = request.request_id, user_id = %user.id, connection, "the second factor after a login by a provider");
            Authentication { auth_time, acr, amr }
        }
        None => Authentication {
            auth_time: front.context.now(),
            acr: Some(Level::SingleFactor.acr().to_owned()),
            amr: vec![PASSWORD_AMR.to_owned()],
        },
    };
    let wanted = errand.request().map(|asked| asked.parameters.wanted_levels()).unwrap_or_default();
    let authentication = first.with_second_factor(&wanted);
    let cookie = session::open(front, request, NewLogin { user_id: user.id, authentication, answered: errand.hash() }).await?;
    tracing::info!(request_id = request.request_id, user_id = %user.id, "logged in with a second factor");
    Ok(go_on(&errand.path()).with_cookie(cookie))
}

/// Six digits can be guessed from many places at once: they are counted for the account as well, unless the network has used up its own attempts. Recovery
/// codes are too long for that.
async fn count_guess(
    front: &FrontChannel,
    request: &Request,
    guess: Counted<'_>,
    typed: &TypedFactor,
    account: &str,
    state: &str,
) -> Result<Result<u32, Wait>, Refusal> {
    let attempt = count(front, request, guess).await?;
    if attempt.is_ok()
        && matches!(typed, TypedFactor::Totp(_))
        && let Err(wait) = count(front, request, Counted::Digits { account, state }).await?
    {
        return Ok(Err(wait));
    }
    Ok(attempt)
}

/// Whether the code is right, and spent by this call.
async fn is_right(
    front: &FrontChannel,
    request: &Request,
    errand: &Errand,
    user: &User,
    factors: &Factors,
    typed: &TypedFactor,
) -> Result<bool, Refusal> {
    let store = &front.context.store;
    match typed {
        TypedFactor::Totp(code) => {
            let seed = open_seed(front, user, factors).await?;
            match seed.find_step(code.expose(), front.context.now()) {
                Some(step) => Ok(store.spend_step(user.id, &factors.sealed_seed, step).await?),
                None => Ok(false),
            }
        }
        TypedFactor::Recovery(code) => {
            let Some(left) = store.spend_recovery_code(user.id, &hash_recovery_code(user.id, code)).await? else { return Ok(false) };
            record(front, request, user.id, EventKind::RecoveryCodeUsed, None).await;
            tell(front, request, &errand.view(front, request), user, News::RecoveryCodeUsed(left)).await;
            Ok(true)
        }
    }
}

/// The seed that a person's app has.
async fn open_seed(front: &FrontChannel, user: &User, factors: &Factors) -> Result<TotpSeed, Refusal> {
    let key = front.seals.key(front.context.now()).await?;
    let opened = key.open(&record_key(user.id), &factors.sealed_seed.0).ok();
    opened.and_then(|bytes| TotpSeed::from_bytes(&bytes)).ok_or(Refusal::Ours(super::error::FailureReason::Unsealable))
}
