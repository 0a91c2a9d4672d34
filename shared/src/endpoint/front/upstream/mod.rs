//! `/login/upstream` and `/login/callback`: logging in at an `OpenID` provider or at GitHub, where the settings connect one.
//!
//! There we are a client. The browser goes to the provider with a `state`, a `nonce` and a PKCE challenge that hang on a cookie of ours ([`flow`]), and
//! comes back with a code. [`exchange`] turns it into somebody whom the provider vouches for, [`people`] into an account here.

mod apple;
mod error;
mod exchange;
mod flow;
mod github;
mod id_token;
mod people;
mod provider;
mod second_factor;

use http::StatusCode;
use http::header::RETRY_AFTER;
use ulid::Ulid;

use self::error::{Consequence, LEVEL_UNMET, UpstreamError, known_code};
use self::flow::{Flow, Purpose};
use self::id_token::CLOCK_SKEW;
use self::people::{Admitted, Vouched, admit, read_claims};
use self::provider::Provider;
pub(super) use self::provider::Providers;
use super::FrontChannel;
use super::account::{Place, connections};
use super::errand::Errand;
use super::error::{ClientReason, FailureReason, PageReason, Refusal};
use super::factor;
use super::form::read_form;
use super::leaving::hold_back;
use super::login::{self, Anew};
use super::reply::{go_on, page};
use super::sealed::Elsewhere;
use super::session::{ActiveSession, NewLogin, find_active, open};
use crate::context::Timestamp;
use crate::endpoint::{Request, Response};
use crate::model::session::Authentication;
use crate::model::settings::{AnswerMode, ConnectionKind, ConnectionSettings};
use crate::model::user::{Claims, Identity};
use crate::pages::{ConnectionButton, FormPostPage, UpstreamProblem};
use crate::protocol::params::Params;

/// Where every provider sends the browser back to.
const REDIRECT_PATH: &str = "/login/callback";

/// The field by which our own form is known.
const OWN_FORM: &str = "continued";
/// What is read of an answer that comes by a form (OAuth 2.1 sections 4.1.2 and 4.1.2.1, RFC 9207 section 2), and what Apple adds.
const ANSWER: [&str; 5] = ["code", "state", "iss", "error", "user"];

/// Values of `prompt` (`OpenID` Connect Core section 3.1.2.1).
const LOGIN: &str = "login";
const SELECT_ACCOUNT: &str = "select_account";

/// A request that has to do with a connection.
struct Visit<'a> {
    front: &'a FrontChannel,
    request: &'a Request,
    connection: &'a ConnectionSettings,
}

/// The button on the login page by which a login at `connection` begins for `errand`.
pub(super) fn button<'a>(connection: &'a ConnectionSettings, errand: &Errand) -> ConnectionButton<'a> {
    let (name, value) = errand.field();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let query = query.append_pair("connection", &connection.id).append_pair(name, &value).finish();
    ConnectionButton { id: &connection.id, name: &connection.name, url: format!("/login/upstream?{query}") }
}

/// `GET /login/upstream`: the way there.
pub(super) async fn handle_start(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let params = Params::parse(request.raw_query.as_bytes()).map_err(PageReason::Params)?;
    let errand = Errand::read(front, request, &params).await?;
    let settings = front.context.settings().await?;
    let connection = params.find("connection").and_then(|id| settings.find_connection(id)).ok_or(PageReason::LoginUnavailable)?;
    send(front, request, connection, &errand, Anew::No).await
}

/// Sends the browser to the provider for a login.
pub(super) async fn send(
    front: &FrontChannel,
    request: &Request,
    connection: &ConnectionSettings,
    errand: &Errand,
    anew: Anew,
) -> Result<Response, Refusal> {
    let visit = Visit { front, request, connection };
    match front.providers.find(&front.context, connection).await {
        Ok(provider) => {
            let flow = Flow::begin(front, &connection.id, Purpose::Login, errand.path());
            let mut wishes = Wishes::of(errand, anew);
            if !connection.trust_authentication {
                wishes.levels.clear();
            }
            Ok(leave(&visit, &provider, &flow, &wishes))
        }
        Err(error) => fail(&visit, errand, &error).await,
    }
}

/// Sends the browser of somebody who is logged in to the provider, to connect their account there.
pub(super) async fn begin_link(
    front: &FrontChannel,
    request: &Request,
    connection: &ConnectionSettings,
    active: &ActiveSession,
) -> Result<Response, Refusal> {
    let visit = Visit { front, request, connection };
    match front.providers.find(&front.context, connection).await {
        Ok(provider) => {
            let flow = Flow::begin(front, &connection.id, Purpose::Link(active.session.id), Place::Connections.path().to_owned());
            // People may have several accounts there, and shall see which one they connect.
            let wishes = Wishes { prompt: Some(SELECT_ACCOUNT), ..Wishes::default() };
            Ok(leave(&visit, &provider, &flow, &wishes))
        }
        Err(error) => connections::finish(front, request, active, connection, Err(told(&visit, &error)?)).await,
    }
}

/// What came of connecting an account at a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connected {
    /// It is connected now.
    Now,
    /// It was connected with this very account before.
    Before,
    /// It is connected with another account, or this one may have no more.
    Refused,
}

/// The way back of somebody who went to connect their account: the same session must still be there, of the same person.
async fn finish_link(visit: &Visit<'_>, params: &Params, flow: &Flow, session: Ulid) -> Result<Response, Refusal> {
    let Visit { front, request, connection } = visit;
    let active = find_active(front, request).await?.filter(|active| active.session.id == session).ok_or(PageReason::ForeignLogin)?;
    let connected = match redeem(visit, params, flow).await {
        Ok((_, vouched)) => Ok(people::connect(visit, &vouched, active.user.id).await?),
        Err(error) => Err(told(visit, &error)?),
    };
    connections::finish(front, request, &active, connection, connected).await
}

/// What a login there shall be like.
#[derive(Debug, Default)]
struct Wishes {
    prompt: Option<&'static str>,
    max_age: Option<i64>,
    login_hint: Option<String>,
    ui_locales: Option<String>,
    levels: Vec<String>,
}

impl Wishes {
    /// What an errand wants of the login, handed on. `max_age` goes with `prompt=login`: only then must the provider say when somebody logged in
    /// (`OpenID` Connect Core section 2).
    fn of(errand: &Errand, anew: Anew) -> Self {
        let Some(asked) = errand.request() else {
            let prompt = if errand.wants_new_login() { Some(LOGIN) } else { (anew == Anew::Yes).then_some(SELECT_ACCOUNT) };
            return Self { prompt, max_age: errand.wants_new_login().then_some(0), ..Self::default() };
        };
        let parameters = &asked.parameters;
        let prompt = match parameters.prompt {
            prompt if prompt.login => Some(LOGIN),
            prompt if prompt.select_account || anew == Anew::Yes => Some(SELECT_ACCOUNT),
            _ => None,
        };
        Self {
            prompt,
            max_age: parameters.max_age.or((prompt == Some(LOGIN)).then_some(0)),
            login_hint: parameters.login_hint.clone(),
            ui_locales: parameters.ui_locales.clone(),
            levels: parameters.wanted_levels().into_iter().map(str::to_owned).collect(),
        }
    }

    /// The value of `prompt` that `connection` understands, if any: some providers answer others with an error.
    fn prompt_for(&self, connection: &ConnectionSettings, provider: &Provider) -> Option<&'static str> {
        let wanted: &[&'static str] = match self.prompt {
            Some(LOGIN) => &[LOGIN, SELECT_ACCOUNT],
            Some(_) => &[SELECT_ACCOUNT],
            None => &[],
        };
        wanted.iter().copied().find(|prompt| connection.knows_prompt(prompt, provider.prompts.as_deref()))
    }
}

/// The authorization request to the provider (`OpenID` Connect Core section 3.1.2.1), and the cookie that it hangs on.
fn leave(visit: &Visit<'_>, provider: &Provider, flow: &Flow, wishes: &Wishes) -> Response {
    let Visit { front, connection, .. } = visit;
    let mut url = provider.authorization_endpoint.clone();
    let mut query = url.query_pairs_mut();
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &connection.client_id)
        .append_pair("redirect_uri", &format!("{}{REDIRECT_PATH}", front.context.config.issuer.as_str()))
        .append_pair("scope", &connection.scope())
        .append_pair("state", &flow.state())
        .append_pair("code_challenge", &flow.challenge())
        .append_pair("code_challenge_method", "S256");
    let max_age = wishes.max_age.map(|age| age.to_string());
    let levels = wishes.levels.join(" ");
    let nonce = flow.nonce();
    let hint = wishes.login_hint.as_deref();
    let form_post = (connection.answer_mode() == AnswerMode::FormPost).then_some("form_post");
    let more: &[(&str, Option<&str>)] = match connection.kind {
        ConnectionKind::Oidc => &[
            ("nonce", Some(&nonce)),
            ("response_mode", form_post),
            ("prompt", wishes.prompt_for(connection, provider)),
            ("max_age", max_age.as_deref()),
            ("login_hint", hint),
            ("ui_locales", wishes.ui_locales.as_deref()),
            ("acr_values", Some(levels.as_str()).filter(|levels| !levels.is_empty())),
        ],
        ConnectionKind::Github => &[("prompt", wishes.prompt_for(connection, provider)), ("login", hint)],
        // Its documentation knows no other parameters.
        ConnectionKind::Apple => &[("nonce", Some(&nonce)), ("response_mode", form_post)],
    };
    for (name, value) in more {
        value.map(|value| query.append_pair(name, value));
    }
    drop(query);
    go_on(url.as_str()).with_cookie(flow.cookie(front))
}

/// `GET /login/callback`: the way back.
pub(super) async fn handle_callback(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let params = Params::parse(request.raw_query.as_bytes()).map_err(PageReason::Params)?;
    finish(front, request, &params, AnswerMode::Query).await
}

/// `POST /login/callback`: the way back from a provider that answers by a form. That comes from another site, so browsers keep our cookie from it, and nothing
/// is done with it: a page of ours sends the same form once more, from our own origin, with the cookie. The answer stands in no address and in no log.
pub(super) async fn handle_posted(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let settings = front.context.settings().await?;
    if settings.connections.iter().all(|one| one.answer_mode() != AnswerMode::FormPost) {
        return Err(Refusal::Method("GET"));
    }
    let posted = Params::parse(&request.body).map_err(PageReason::Params)?;
    if posted.find(OWN_FORM).is_some() {
        let params = read_form(front, request)?;
        return finish(front, request, &params, AnswerMode::FormPost).await;
    }
    let issuer = front.context.config.issuer.as_str();
    let answer = ANSWER.into_iter().filter_map(|name| Some((name, posted.find(name)?)));
    let form = FormPostPage {
        view: &front.view(request),
        client_name: issuer.split_once("://").map_or(issuer, |(_, host)| host),
        action: REDIRECT_PATH,
        fields: &answer.chain([(OWN_FORM, "1")]).collect::<Vec<_>>(),
    };
    Ok(page(StatusCode::OK, form.render()))
}

/// Nothing of an answer counts before it is clear that this browser was sent, for what, and that it comes back by the way that was asked for.
async fn finish(front: &FrontChannel, request: &Request, params: &Params, mode: AnswerMode) -> Result<Response, Refusal> {
    let state = params.find("state").ok_or(PageReason::ForeignLogin)?;
    let flow = Flow::find(front, request, state).ok_or(PageReason::ForeignLogin)?;
    let settings = front.context.settings().await?;
    let connection = settings.find_connection(&flow.connection).ok_or(PageReason::LoginUnavailable)?;
    if connection.answer_mode() != mode {
        return Err(PageReason::ForeignLogin.into());
    }
    let visit = Visit { front, request, connection };
    let answered = match flow.purpose {
        Purpose::Login => finish_login(&visit, params, &flow).await,
        Purpose::Link(session) => finish_link(&visit, params, &flow, session).await,
    };
    // However it ended, this stay is over: the same address opened once more finds nothing to go on with. Only what failed with us may be tried again.
    match answered {
        Ok(response) => Ok(response.with_cookie(Flow::forget(front))),
        Err(Refusal::Ours(reason)) => Err(Refusal::Ours(reason)),
        Err(refusal) => Ok(hold_back(front, request, refusal).await.respond(front, request).with_cookie(Flow::forget(front))),
    }
}

async fn finish_login(visit: &Visit<'_>, params: &Params, flow: &Flow) -> Result<Response, Refusal> {
    let errand = Errand::from_path(visit.front, visit.request, &flow.path).await?;
    match redeem(visit, params, flow).await {
        Ok((login, vouched)) => admit_to(visit, flow, &errand, login, &vouched).await,
        Err(error) => fail(visit, &errand, &error).await,
    }
}

/// Who the person is at the provider, in the order of `OpenID` Connect Core section 3.1.2.7 to 3.1.3.7.
async fn redeem(visit: &Visit<'_>, params: &Params, flow: &Flow) -> Result<(id_token::Login, Vouched), UpstreamError> {
    let provider = visit.front.providers.find(&visit.front.context, visit.connection).await?;
    check_issuer(visit.connection, &provider, params.find("iss"))?;
    if let Some(error) = params.find("error") {
        return Err(UpstreamError::Answered(known_code(error)));
    }
    let code = params.find("code").ok_or(UpstreamError::NoCode)?;
    let (login, person) = match visit.connection.kind {
        ConnectionKind::Oidc | ConnectionKind::Apple => exchange::redeem(visit, &provider, flow, code).await?,
        ConnectionKind::Github => github::redeem(visit, &provider, flow, code).await?,
    };
    let identity = Identity { connection: visit.connection.id.clone(), subject: login.name() };
    let at_first = match visit.connection.kind {
        ConnectionKind::Oidc | ConnectionKind::Github => Claims::new(),
        ConnectionKind::Apple => apple::read_name(params.find("user")),
    };
    Ok((login, Vouched { identity, claims: read_claims(&person, visit.connection.trust_email), at_first }))
}

/// RFC 9207 section 2.4: before a code is sent anywhere, it must be clear that it came from whom we would send it to. Errors, too.
/// Of an issuer that speaks for many tenants it can't be told yet which one; the ID token says so.
fn check_issuer(connection: &ConnectionSettings, provider: &Provider, named: Option<&str>) -> Result<(), UpstreamError> {
    match named {
        Some(issuer) if issuer == provider.issuer || connection.is_tenants_issuer(issuer) => Ok(()),
        None if !provider.sends_issuer => Ok(()),
        Some(_) | None => Err(UpstreamError::ForeignIssuer),
    }
}

/// Opens a session for somebody whom the provider vouches for.
async fn admit_to(visit: &Visit<'_>, flow: &Flow, errand: &Errand, login: id_token::Login, vouched: &Vouched) -> Result<Response, Refusal> {
    let Visit { front, request, connection } = visit;
    if !is_recent_enough(errand, login.auth_time, flow.began) {
        return Err(match errand.request() {
            Some(asked) => asked.refuse(ClientReason::LoginRequired),
            None => PageReason::LoginTooOld.into(),
        });
    }
    let user = match admit(visit, vouched).await? {
        Admitted::User(user) => user,
        Admitted::Locked => return Err(PageReason::Locked.into()),
        Admitted::NoAccount => return tell(visit, errand, UpstreamProblem::NoAccount, StatusCode::FORBIDDEN).await,
        Admitted::AddressKnown => return tell(visit, errand, UpstreamProblem::AddressKnown, StatusCode::FORBIDDEN).await,
        Admitted::Orphan => {
            tracing::error!(request_id = request.request_id, connection = connection.id, "a login points to no account");
            return tell(visit, errand, UpstreamProblem::Failed, StatusCode::FORBIDDEN).await;
        }
    };
    // Who does not say when somebody logged in lets us see them now.
    let auth_time = login.auth_time.unwrap_or_else(|| front.context.now());
    let (acr, amr) = if connection.trust_authentication { (login.acr.clone(), login.amr.clone()) } else { (None, Vec::new()) };
    let wanted = errand.request().map(|asked| asked.parameters.wanted_levels()).unwrap_or_default();
    let is_asked = second_factor::is_asked(connection.second_factor, &login, acr.as_deref(), &wanted);
    if is_asked && front.context.store.find_factors(user.id).await?.is_some() {
        let elsewhere = Elsewhere { connection: connection.id.clone(), auth_time, acr, amr };
        return factor::ask(front, request, errand, &user, Some(elsewhere)).await;
    }
    let new = NewLogin { user_id: user.id, authentication: Authentication { auth_time, acr, amr }, answered: errand.hash() };
    let cookie = open(front, request, new).await?;
    tracing::info!(request_id = request.request_id, user_id = %user.id, connection = connection.id, "logged in by a provider");
    Ok(go_on(&errand.path()).with_cookie(cookie))
}

/// A client that demands a new login, or one that is not older than so many seconds, gets the provider's word for when it was, or hears that there is
/// none: asking again would go round in circles. For our own account pages a provider that never says it vouches anew, and that is as good as it gets.
fn is_recent_enough(errand: &Errand, auth_time: Option<Timestamp>, began: Timestamp) -> bool {
    let is_since = |age: i64, at: Timestamp| at >= began.plus(-age.saturating_add(CLOCK_SKEW));
    match errand.request() {
        Some(asked) => {
            let is_proven = |age| auth_time.is_some_and(|at| is_since(age, at));
            (!asked.parameters.prompt.login || is_proven(0)) && asked.parameters.max_age.is_none_or(is_proven)
        }
        None => !errand.wants_new_login() || auth_time.is_none_or(|at| is_since(0, at)),
    }
}

/// What is to be done when a login came to nothing: the login page says so, with the errand still at hand.
async fn fail(visit: &Visit<'_>, errand: &Errand, error: &UpstreamError) -> Result<Response, Refusal> {
    if let (UpstreamError::Answered(LEVEL_UNMET), Some(asked)) = (error, errand.request()) {
        return Err(asked.refuse(ClientReason::AcrUnmet));
    }
    let (problem, status) = told(visit, error)?;
    tell(visit, errand, problem, status).await
}

/// Logs why a visit to a provider came to nothing. What people are told of it, and the status.
///
/// # Errors
/// When it is our fault.
fn told(visit: &Visit<'_>, error: &UpstreamError) -> Result<(UpstreamProblem, StatusCode), Refusal> {
    let (request_id, connection) = (&visit.request.request_id, &visit.connection.id);
    if error.is_for_the_operator() {
        tracing::error!(request_id, connection, reason = %error, "a login at a provider failed, and the operator has to do something");
    } else {
        tracing::info!(request_id, connection, reason = %error, "a login at a provider came to nothing");
    }
    match error.consequence() {
        Consequence::Ours => Err(Refusal::Ours(FailureReason::Upstream(error.to_string()))),
        Consequence::Told(problem, status) => Ok((problem, status)),
    }
}

async fn tell(visit: &Visit<'_>, errand: &Errand, problem: UpstreamProblem, status: StatusCode) -> Result<Response, Refusal> {
    let told = Some((problem, visit.connection.name.as_str()));
    let response = login::show_after_upstream(visit.front, visit.request, errand, status, told).await?;
    Ok(if status == StatusCode::SERVICE_UNAVAILABLE { response.with(RETRY_AFTER, "10") } else { response })
}
