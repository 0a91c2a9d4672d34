//! `/login/site`: the site's own login. The browser goes there with a challenge, and comes back with a JWT of the site's.
//!
//! The way back is one fixed URL: whoever could name another one would be handed other people's accounts. The challenge is no record; it is the
//! hash of a random cookie value, its time and the authorization request, computed again on return, so that only the browser that was sent
//! can come back, and only for the request that sent it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;

use super::FrontChannel;
use super::cookie::Cookie;
use super::errand::Errand;
use super::error::{ClientReason, PageReason, Refusal};
use super::form::read_form;
use super::login::Anew;
use super::reply::{go_on, page};
use super::session::{NewLogin, open_by_site};
use super::site_token::{CLOCK_SKEW, Expected, SiteLogin, check_site_token};
use crate::context::Timestamp;
use crate::endpoint::login_ways::LoginWays;
use crate::endpoint::{Request, Response};
use crate::model::code::parse_ulid;
use crate::model::secret::{Secret, SecretHash};
use crate::model::session::{Authentication, SiteSession};
use crate::model::settings::SiteLogin as SiteSettings;
use crate::model::user::{Login, Subject, User, UserId};
use crate::pages::FormPostPage;
use crate::protocol::authorize::normalize_query;
use crate::protocol::params::{MAX_ENCODED_BYTES, Params, ParamsError};
use crate::store::{JtiKind, Spent};

/// How long people may take at the site, in seconds.
const PATIENCE: i64 = 600;

/// The longest query by which the way back goes on, in bytes: API Gateway lets 10,240 bytes of request line and headers pass, and cookies and the
/// browser's own headers need their share.
const MAX_QUERY: usize = 6 * 1_024;
/// The field by which our own form is known.
const OWN_FORM: &str = "continued";

/// Where a login at the site begins for `errand`, as a path of this server.
pub(super) fn start_path(errand: &Errand) -> String {
    let (name, value) = errand.field();
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair(name, &value).finish();
    format!("/login/site?{query}")
}

/// `GET /login/site`: with a JWT it is the way back, without one the way there.
pub(super) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let settings = front.context.settings().await?;
    let site = LoginWays::of(&front.context.config, &settings).site.ok_or(PageReason::LoginUnavailable)?;
    let params = Params::parse(request.raw_query.as_bytes()).map_err(PageReason::Params)?;
    match params.find_secret("token") {
        Some(token) => finish(front, request, site, &params, &token).await,
        None => {
            let errand = Errand::read(front, request, &params).await?;
            Ok(send_to_site(front, site, &errand, Anew::No))
        }
    }
}

/// `POST /login/site`: the site may send its JWT by a form. That comes from another site, without cookies, and goes on by GET; or, where it is too long
/// for that, by a form of our own, which comes with cookies.
pub(super) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    if request.body.len() > MAX_ENCODED_BYTES {
        return Err(PageReason::TooLong.into());
    }
    let (params, _) = Params::parse_lenient(&request.body).map_err(PageReason::Params)?;
    if params.find(OWN_FORM).is_none() {
        return go_on_from_site(front, request, &params);
    }
    let params = read_form(front, request)?;
    let token = params.find_secret("token").ok_or(PageReason::ForeignLogin)?;
    let settings = front.context.settings().await?;
    let site = LoginWays::of(&front.context.config, &settings).site.ok_or(PageReason::LoginUnavailable)?;
    finish(front, request, site, &params, &token).await
}

fn go_on_from_site(front: &FrontChannel, request: &Request, params: &Params) -> Result<Response, Refusal> {
    let body = std::str::from_utf8(&request.body).map_err(|_| PageReason::Params(ParamsError::NotText))?;
    let query = normalize_query(body);
    if query.len() <= MAX_QUERY {
        return Ok(go_on(&format!("/login/site?{query}")));
    }
    let field = |name| params.find(name).unwrap_or_default();
    let issuer = front.context.config.issuer.as_str();
    let form = FormPostPage {
        view: &front.view(request),
        client_name: issuer.split_once("://").map_or(issuer, |(_, host)| host),
        action: "/login/site",
        fields: &[("token", field("token")), ("state", field("state")), (OWN_FORM, "1")],
    };
    Ok(page(StatusCode::OK, form.render()))
}

/// Sends the browser to the site's login page, with what the site needs to know and nothing that it could be misled by.
pub(super) fn send_to_site(front: &FrontChannel, site: &SiteSettings, errand: &Errand, anew: Anew) -> Response {
    let secret = Secret::from_bytes(&front.context.random_bytes::<32>());
    let began = front.context.now();
    let state = errand.path();
    let challenge = challenge_of(&secret, began, &state);
    let mut url = site.url.as_url().clone();
    url.query_pairs_mut().append_pair("challenge", &challenge).append_pair("state", &state);
    if errand.wants_new_login() || anew == Anew::Yes {
        url.query_pairs_mut().append_pair("prompt", "login");
    }
    if let Some(asked) = errand.request() {
        let parameters = &asked.parameters;
        let mut query = url.query_pairs_mut();
        if let Some(max_age) = parameters.max_age {
            query.append_pair("max_age", &max_age.to_string());
        }
        for (name, value) in [("login_hint", &parameters.login_hint), ("ui_locales", &parameters.ui_locales)] {
            value.as_ref().map(|value| query.append_pair(name, value));
        }
        let levels = parameters.wanted_levels().join(" ");
        if !levels.is_empty() {
            query.append_pair("acr_values", &levels);
        }
    }
    let cookie = format!("{}.{}", secret.expose(), began.0);
    go_on(url.as_str()).with_cookie(Cookie::Challenge.render(front, &cookie, PATIENCE))
}

/// The way back. Everything is checked before the `jti` is spent, and it is spent before anything is written.
async fn finish(
    front: &FrontChannel,
    request: &Request,
    site: &SiteSettings,
    params: &Params,
    token: &Secret,
) -> Result<Response, Refusal> {
    let now = front.context.now();
    let state = params.find("state").ok_or(PageReason::ForeignLogin)?;
    let (secret, began) = read_cookie(front, request).ok_or(PageReason::ForeignLogin)?;
    if !(0..=PATIENCE).contains(&now.since(began)) {
        return Err(PageReason::ForeignLogin.into());
    }
    let errand = Errand::from_path(front, request, state).await?;
    let challenge = challenge_of(&secret, began, state);
    let audience = front.context.config.issuer.as_str();
    let expected = Expected { site, audience, now };
    let checked = front.site_keys.check(&front.context, site, |keys| check_site_token(token.expose(), keys, expected, &challenge)).await?;
    let login = checked.map_err(PageReason::SiteToken)?;
    if !is_recent_enough(&errand, &login, began) {
        return Err(match errand.request() {
            Some(asked) => asked.refuse(ClientReason::LoginRequired),
            None => PageReason::LoginTooOld.into(),
        });
    }
    match front.context.store.spend_jti(JtiKind::Site, &site.issuer, &login.jti, login.expires_at).await? {
        Spent::First => {}
        Spent::Replayed => return Err(PageReason::SiteTokenReplayed.into()),
    }
    let user_id = check_user(front, &login, now).await?;
    let authentication = Authentication { auth_time: login.auth_time, acr: login.acr, amr: login.amr };
    let new = NewLogin { user_id, authentication, answered: errand.hash() };
    let site_session = SiteSession { subject: login.subject.0, session_id: login.session_id };
    let cookie = open_by_site(front, request, new, site_session).await?;
    tracing::info!(request_id = request.request_id, user_id = %user_id, "logged in by the site");
    Ok(go_on(&errand.path()).with_cookie(cookie).with_cookie(Cookie::Challenge.render(front, "", 0)))
}

/// `prompt=login` is answered by a login that is not older than the challenge, `max_age` by one that is not older than that before it. An older one
/// is no answer, and asking again would go round in circles.
fn is_recent_enough(errand: &Errand, login: &SiteLogin, began: Timestamp) -> bool {
    let oldest = |age: i64| began.plus(-age.saturating_add(CLOCK_SKEW));
    let answers_prompt = !errand.wants_new_login() || login.auth_time >= oldest(0);
    let max_age = errand.request().and_then(|asked| asked.parameters.max_age);
    answers_prompt && max_age.is_none_or(|max_age| login.auth_time >= oldest(max_age))
}

/// The user whom the site means: found, with what the site now says of them, or made.
async fn check_user(front: &FrontChannel, login: &SiteLogin, now: Timestamp) -> Result<UserId, Refusal> {
    let store = &front.context.store;
    let name = Login::Site(login.subject.0.clone());
    let id = match store.find_login(&name).await? {
        Some(id) => id,
        None => match create_user(front, login, &name, now).await? {
            Some(id) => return Ok(id),
            // Another request was faster; or the name is that of an account which the site did not make.
            None => store.find_login(&name).await?.ok_or(PageReason::SubjectTaken)?,
        },
    };
    let user = store.find_user(id).await?.ok_or(PageReason::SubjectTaken)?;
    if user.locked {
        return Err(PageReason::Locked.into());
    }
    if user.claims != login.claims {
        store.set_claims(id, &login.claims, now).await?;
    }
    Ok(id)
}

/// Makes the user, with the site's own identifier as the subject that clients see. One that looks like our own identifiers becomes the user's key
/// as well, so that it can be nobody else's subject.
async fn create_user(front: &FrontChannel, login: &SiteLogin, name: &Login, now: Timestamp) -> Result<Option<UserId>, Refusal> {
    let id = UserId(parse_ulid(&login.subject.0).unwrap_or_else(|| front.context.ulid()));
    let user = User {
        id,
        subject: Subject(login.subject.0.clone()),
        username: None,
        password_hash: None,
        claims: login.claims.clone(),
        locked: false,
        created_at: now,
        updated_at: now,
    };
    Ok(front.context.store.create_user(&user, name).await?.then_some(id))
}

fn read_cookie(front: &FrontChannel, request: &Request) -> Option<(Secret, Timestamp)> {
    let cookie = Cookie::Challenge.find(front, request)?;
    let (secret, began) = cookie.split_once('.')?;
    Some((Secret::new(secret), Timestamp(began.parse().ok()?)))
}

fn challenge_of(secret: &Secret, began: Timestamp, state: &str) -> String {
    let input = format!("grantlet site login\0{}\0{}\0{state}", secret.expose(), began.0);
    URL_SAFE_NO_PAD.encode(SecretHash::of(input.as_bytes()).as_bytes())
}
