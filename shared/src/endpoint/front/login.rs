//! `/login/password`: built-in accounts. Attempts are counted before they are made, and nobody learns which accounts exist.

use http::StatusCode;
use http::header::RETRY_AFTER;

use super::errand::Errand;
use super::error::{FailureReason, PageReason, Refusal};
use super::form::{Purpose, has_token, make_token, read_form};
use super::reply::{go_on, page};
use super::session::{NewLogin, open};
use super::{FrontChannel, factor, forgot, sign_up, site_login, stronger, upstream};
use crate::endpoint::ceiling::slow_down;
use crate::endpoint::login_ways::LoginWays;
use crate::endpoint::{Request, Response, network_of};
use crate::model::level::Level;
use crate::model::secret::Secret;
use crate::model::session::Authentication;
use crate::model::settings::SiteLogin;
use crate::model::user::{Login, User, fold_username};
use crate::pages::{LoginPage, LoginProblem, UpstreamProblem};
use crate::password::{hash_password, is_outdated, verify_nobody, verify_password};
use crate::store::{Attempt, AttemptLimit};

/// Attempts that one address has on one account, and the length of the window in seconds.
const ATTEMPTS: u32 = 10;
const WINDOW: i64 = 900;
/// A success forgets earlier failures if there were this many: most people need no second write.
pub(super) const FORGET_FROM: u32 = 5;
/// Failures on one account from everywhere within an hour, from which on each further one takes longer. Nobody is locked out by others.
const CEILING: u32 = 50;
/// The longest user name and password, in bytes.
pub(super) const MAX_USERNAME: usize = 256;
const MAX_PASSWORD: usize = 1_024;
/// `amr` (RFC 8176) of a login by password.
pub(super) const PASSWORD_AMR: &str = "pwd";

/// Whether a login that somebody already has elsewhere is not good enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anew {
    /// They shall prove anew who they are.
    Yes,
    /// Any will do, unless the errand says otherwise.
    No,
}

/// Sends the browser to log in: to the login page, or straight to where people log in if that is one place and not here.
pub(super) async fn begin(front: &FrontChannel, request: &Request, errand: &Errand, anew: Anew) -> Result<Response, Refusal> {
    let settings = front.context.settings().await?;
    let ways = LoginWays::of(&front.context.config, &settings);
    match (ways.passwords, ways.site, ways.connections) {
        (false, Some(site), []) => Ok(site_login::send_to_site(front, site, errand, anew)),
        (false, None, [only]) => upstream::send(front, request, only, errand, anew).await,
        (false, None, []) => Err(PageReason::LoginUnavailable.into()),
        _ => show(front, request, errand, StatusCode::OK, errand.login_hint().unwrap_or_default(), Said::default()).await,
    }
}

/// The login page after a login at a provider came to nothing.
pub(super) async fn show_after_upstream(
    front: &FrontChannel,
    request: &Request,
    errand: &Errand,
    status: StatusCode,
    problem: Option<(UpstreamProblem, &str)>,
) -> Result<Response, Refusal> {
    show(front, request, errand, status, "", Said { problem: None, upstream: problem }).await
}

/// What the login page says of what was tried before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said<'a> {
    problem: Option<LoginProblem>,
    upstream: Option<(UpstreamProblem, &'a str)>,
}

impl From<LoginProblem> for Said<'_> {
    fn from(problem: LoginProblem) -> Self {
        Self { problem: Some(problem), upstream: None }
    }
}

/// The login page once more, after what came next has failed.
pub(super) async fn show_again(
    front: &FrontChannel,
    request: &Request,
    errand: &Errand,
    problem: LoginProblem,
) -> Result<Response, Refusal> {
    show(front, request, errand, StatusCode::FORBIDDEN, "", problem.into()).await
}

pub(super) async fn show(
    front: &FrontChannel,
    request: &Request,
    errand: &Errand,
    status: StatusCode,
    username: &str,
    said: Said<'_>,
) -> Result<Response, Refusal> {
    let settings = front.context.settings().await?;
    let ways = LoginWays::of(&front.context.config, &settings);
    let site = ways.site;
    let connections: Vec<_> = ways.connections.iter().map(|one| upstream::button(one, errand)).collect();
    let form = make_token(front, request, Purpose::Login, &errand.path());
    let site_path = site.map(|_| site_login::start_path(errand));
    let (field, carried) = errand.field();
    let view = errand.view(front, request);
    let forgot = forgot::is_open(front, &settings).then(|| sign_up::link_to(forgot::PATH, errand));
    let sign_up = sign_up::is_open(front, &settings).then(|| sign_up::link_to(sign_up::PATH, errand));
    let stronger = errand.request().and_then(|asked| Some((stronger::find_wish(&ways, asked)?, asked.client().display_name())));
    let rendered = LoginPage {
        view: &view,
        purpose: errand.purpose(),
        stronger,
        username,
        problem: said.problem,
        passkeys: ways.passkeys,
        site_host: site.map(SiteLogin::display_name),
        site_login_url: site_path.as_deref(),
        password: ways.passwords,
        connections: &connections,
        upstream_problem: said.upstream,
        forgot_url: forgot.as_deref(),
        sign_up_url: sign_up.as_deref(),
        errand: (field, &carried),
        form_token: &form.token,
    };
    let response = page(status, rendered.render());
    Ok(form.bind(response))
}

/// `POST /login/password`.
pub(super) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    if !LoginWays::of(&front.context.config, &*front.context.settings().await?).passwords {
        return Err(PageReason::LoginUnavailable.into());
    }
    let params = read_form(front, request)?;
    let errand = Errand::read(front, request, &params).await?;
    let username = params.find("username").unwrap_or_default();
    if !has_token(front, request, &params, Purpose::Login, &errand.path()) {
        return show(front, request, &errand, StatusCode::FORBIDDEN, "", LoginProblem::Expired.into()).await;
    }
    let password = params.find_secret("password").unwrap_or_else(|| Secret::new(""));
    if username.len() > MAX_USERNAME || password.expose().len() > MAX_PASSWORD {
        return show(front, request, &errand, StatusCode::FORBIDDEN, "", LoginProblem::WrongCredentials.into()).await;
    }

    let now = front.context.now();
    let name = fold_username(username);
    let limit = limit_for(&name, request);
    let attempt = match front.context.store.count_attempt(&limit, now).await? {
        Attempt::Allowed(attempt) => attempt,
        Attempt::Exhausted { retry_after } => {
            tracing::info!(request_id = request.request_id, "too many login attempts");
            let minutes = retry_after.div_euclid(60) + 1;
            let problem = LoginProblem::TooManyAttempts { minutes };
            let response = show(front, request, &errand, StatusCode::TOO_MANY_REQUESTS, username, problem.into()).await?;
            return Ok(response.with(RETRY_AFTER, &retry_after.to_string()));
        }
    };
    let Some((user, has_factor)) = check_password(front, request, &name, password).await? else {
        tracing::info!(request_id = request.request_id, attempt, "login refused");
        slow_down(&front.context, format!("login\0{name}"), CEILING).await?;
        return show(front, request, &errand, StatusCode::FORBIDDEN, username, LoginProblem::WrongCredentials.into()).await;
    };
    if attempt >= FORGET_FROM {
        front.context.store.clear_attempts(&limit, now).await?;
    }
    if has_factor {
        return factor::ask(front, request, &errand, &user, None).await;
    }
    let amr = vec![PASSWORD_AMR.to_owned()];
    let authentication = Authentication { auth_time: now, acr: Some(Level::SingleFactor.acr().to_owned()), amr };
    let cookie = open(front, request, NewLogin { user_id: user.id, authentication, answered: errand.hash() }).await?;
    tracing::info!(request_id = request.request_id, user_id = %user.id, "logged in by password");
    Ok(go_on(&errand.path()).with_cookie(cookie))
}

/// The user whose name and password these are, and whether a second factor is asked of them. A name without an account, and a locked account, take as many
/// reads and as long as a wrong password. A hash with older parameters is made anew.
async fn check_password(front: &FrontChannel, request: &Request, name: &str, password: Secret) -> Result<Option<(User, bool)>, Refusal> {
    let store = &front.context.store;
    let id = store.find_login(&Login::Local(name.to_owned())).await?.unwrap_or(forgot::NOBODY);
    let user = store.find_user(id).await?;
    let (hash, random) = (user.as_ref().and_then(|user| user.password_hash.clone()), front.context.random.clone());
    let verify = move || match hash {
        Some(hash) if verify_password(&password, &hash) => (true, is_outdated(&hash).then(|| hash_password(&password, &*random))),
        Some(_) => (false, None),
        None => {
            verify_nobody(&password);
            (false, None)
        }
    };
    let (verified, factors) = tokio::join!(tokio::task::spawn_blocking(verify), store.find_factors(id));
    let (is_right, renewed) = verified.map_err(|_| Refusal::Ours(FailureReason::Hashing))?;
    let has_factor = factors?.is_some();
    let Some(mut user) = user.filter(|user| is_right && !user.locked) else { return Ok(None) };
    if let Some(renewed) = renewed {
        match store.replace_password(user.id, user.password_hash.as_ref(), &renewed).await {
            Ok(true) => user.password_hash = Some(renewed),
            // It was changed at the same moment, or will be renewed at the next login.
            Ok(false) => {}
            Err(error) => tracing::warn!(request_id = request.request_id, %error, "a password's hash could not be renewed"),
        }
    }
    Ok(Some((user, has_factor)))
}

fn limit_for(name: &str, request: &Request) -> AttemptLimit {
    let address = network_of(request.source_ip);
    AttemptLimit { subject: format!("login\0{name}\0{address}"), limit: ATTEMPTS, window: WINDOW }
}
