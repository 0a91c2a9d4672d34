//! `/login/verify`: the link in a mail was followed, so the address is this person's. A new account is made, with a password or a passkey, or an account gets
//! this address: each by one transaction that fails where it was done before, so that the link counts once. Opening the link changes nothing; sending the
//! form does.

use http::StatusCode;
use http::header::{REFERRER_POLICY, RETRY_AFTER};

use super::FrontChannel;
use super::account::record;
use super::ceremony;
use super::errand::Errand;
use super::error::{PageReason, Refusal};
use super::form::{Purpose, browser_of, has_token, make_token, read_form};
use super::login::PASSWORD_AMR;
use super::mails::{News, proven_address, tell_at};
use super::new_password::choose;
use super::passkey::proven;
use super::reply::{go_on, page};
use super::sealed::{EmailLink, SignUpLink, open, state_of};
use super::session::{self, NewLogin};
use super::throttle::{Counted, count};
use crate::endpoint::login_ways::LoginWays;
use crate::endpoint::{Request, Response};
use crate::model::code::parse_ulid;
use crate::model::event::EventKind;
use crate::model::level::Level;
use crate::model::passkey::{CeremonyKind, tidy_name};
use crate::model::secret::{Secret, SecretHash};
use crate::model::session::Authentication;
use crate::model::user::{Claims, Login, PasswordHash, Subject, User, UserId, fold_username};
use crate::pages::passwords::{ChoosePasswordPage, ConfirmEmailPage, FinishedPage, PasswordProblem};
use crate::password::Weakness;
use crate::protocol::params::Params;
use crate::store::PersonAdded;
use crate::webauthn::{Holder, NewCredential};

/// The path.
pub(super) const PATH: &str = "/login/verify";
/// Where the page's script asks for a challenge.
pub(super) const OPTIONS_PATH: &str = "/login/verify/options";

/// What a link is for.
enum Opened {
    SignUp(SignUpLink),
    Email(EmailLink),
}

async fn open_either(front: &FrontChannel, token: &str) -> Result<Option<Opened>, Refusal> {
    if let Some(link) = open::<SignUpLink>(front, token).await? {
        return Ok(Some(Opened::SignUp(link)));
    }
    Ok(open::<EmailLink>(front, token).await?.map(Opened::Email))
}

/// `GET /login/verify`: the form, or what was done by it.
pub(super) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let params = Params::parse(request.raw_query.as_bytes()).map_err(PageReason::Params)?;
    if let Some(done) = params.find("done") {
        let view = front.view(request);
        let title = if done == "email" { "verify-email-done" } else { "verify-done" };
        return Ok(page(StatusCode::OK, FinishedPage { view: &view, title, message: "verify-done-why" }.render()));
    }
    let token = params.find("token").unwrap_or_default();
    match open_either(front, token).await? {
        Some(link) => Ok(show(front, request, &link, token, StatusCode::OK, None)),
        None => Err(PageReason::LinkOver.into()),
    }
}

fn show(
    front: &FrontChannel,
    request: &Request,
    link: &Opened,
    token: &str,
    status: StatusCode,
    problem: Option<PasswordProblem>,
) -> Response {
    let view = front.view(request);
    let form = make_token(front, request, Purpose::Link, token);
    // What is known of the settings will do: where passkeys were switched off a moment ago, a page says so.
    let passkeys = front.context.settings.peek().is_some_and(|settings| LoginWays::of(&front.context.config, &settings).passkeys);
    let rendered = match link {
        Opened::SignUp(link) => {
            let account = &link.email;
            ChoosePasswordPage { view: &view, action: PATH, is_new: true, passkeys, account, token, problem, form_token: &form.token }
                .render()
        }
        Opened::Email(link) => ConfirmEmailPage { view: &view, email: &link.email, token, form_token: &form.token }.render(),
    };
    // The link itself stands in the address, and goes to nobody as a referrer. `no-referrer` would make the form come from `null`.
    let response = page(status, rendered).with(REFERRER_POLICY, "strict-origin");
    form.bind(response)
}

/// `POST /login/verify`.
pub(super) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let params = read_form(front, request)?;
    let token = params.find("token").unwrap_or_default();
    let Some(link) = open_either(front, token).await? else { return Err(PageReason::LinkOver.into()) };
    let refuse = |link: &Opened, status, problem| Ok(show(front, request, link, token, status, Some(problem)));
    if !has_token(front, request, &params, Purpose::Link, token) {
        return refuse(&link, StatusCode::FORBIDDEN, PasswordProblem::Expired);
    }
    if let Err(wait) = count(front, request, Counted::Links).await? {
        let response = refuse(&link, StatusCode::TOO_MANY_REQUESTS, PasswordProblem::TooManyAttempts { minutes: wait.minutes() })?;
        return Ok(response.with(RETRY_AFTER, &wait.seconds.to_string()));
    }
    match link {
        Opened::Email(link) => change_email(front, request, link).await,
        Opened::SignUp(sign_up) => {
            need_open(front).await?;
            let proof = match params.find("way") {
                Some("passkey") => make_passkey(front, request, &params, token).await?.ok_or(PasswordProblem::PasskeyNotAdded),
                _ => choose_password(front, &params, &sign_up).await?.map_err(PasswordProblem::Weak),
            };
            let made = match proof {
                Ok(proof) => create(front, &sign_up, proof).await?,
                Err(problem) => Err(problem),
            };
            match made {
                Ok((user, authentication)) => welcome(front, request, sign_up, &user, authentication).await,
                Err(problem) => refuse(&Opened::SignUp(sign_up), StatusCode::BAD_REQUEST, problem),
            }
        }
    }
}

async fn need_open(front: &FrontChannel) -> Result<(), Refusal> {
    let settings = front.context.settings().await?;
    if super::sign_up::is_open(front, &settings) { Ok(()) } else { Err(PageReason::LoginUnavailable.into()) }
}

/// `POST /login/verify/options`: a challenge for whoever wants to make the account with a passkey, and what an authenticator is asked for. It is bound to
/// this browser and to the very link, and so to the address in it. Whether the name is free is not asked: making the account will tell.
pub(super) async fn handle_options(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let party = ceremony::relying_party(front).await?;
    let params = read_form(front, request)?;
    let token = params.find("token").unwrap_or_default();
    let Some(link) = open::<SignUpLink>(front, token).await? else { return Err(PageReason::LinkOver.into()) };
    if !has_token(front, request, &params, Purpose::Link, token) {
        return Err(PageReason::ForeignForm.into());
    }
    need_open(front).await?;
    if let Err(wait) = ceremony::count(front, request).await? {
        return Ok(*wait);
    }
    // The authenticator remembers the id; the account gets it if the ceremony is finished.
    let id = front.context.ulid();
    let begun = party.begin_creation(Holder { id: UserId(id), name: &link.email, display_name: &link.email }, &[])?;
    ceremony::begin(front, request, id, kind_of(token), begun).await
}

fn kind_of(token: &str) -> CeremonyKind {
    CeremonyKind::SignUp(SecretHash::of(token.as_bytes()))
}

/// With what somebody will log in.
enum Proof {
    /// A password.
    Password(PasswordHash),
    /// A passkey that was made for the account with this id.
    Passkey(UserId, NewCredential),
}

/// The passkey that was made in the ceremony to which the form refers, if it counts.
async fn make_passkey(front: &FrontChannel, request: &Request, params: &Params, token: &str) -> Result<Option<Proof>, Refusal> {
    let made = ceremony::finish_creation(front, request, params, kind_of(token)).await?;
    let id = params.find("challenge").and_then(parse_ulid).map(UserId);
    Ok(id.zip(made).map(|(id, made)| Proof::Passkey(id, made)))
}

async fn choose_password(front: &FrontChannel, params: &Params, link: &SignUpLink) -> Result<Result<Proof, Weakness>, Refusal> {
    let password = params.find_secret("password").unwrap_or_else(|| Secret::new(""));
    Ok(choose(front, password, &[&link.email]).await?.map(Proof::Password))
}

/// Makes the account, by one transaction. Answers with it, and with what its making proved.
async fn create(front: &FrontChannel, link: &SignUpLink, proof: Proof) -> Result<Result<(User, Authentication), PasswordProblem>, Refusal> {
    let (store, now) = (&front.context.store, front.context.now());
    let name = Login::Local(fold_username(&link.email));
    let user_of = |id: UserId, password_hash| User {
        id,
        subject: Subject(id.to_string()),
        username: Some(link.email.clone()),
        password_hash,
        claims: with_email(&Claims::new(), &link.email),
        locked: false,
        created_at: now,
        updated_at: now,
    };
    match proof {
        Proof::Password(hash) => {
            let user = user_of(UserId(front.context.ulid()), Some(hash));
            if !store.create_user(&user, &name).await? {
                return Err(PageReason::LinkOver.into());
            }
            let acr = Some(Level::SingleFactor.acr().to_owned());
            Ok(Ok((user, Authentication { auth_time: now, acr, amr: vec![PASSWORD_AMR.to_owned()] })))
        }
        Proof::Passkey(id, made) => {
            let user = user_of(id, None);
            let label = tidy_name(made.maker.unwrap_or_default());
            match store.create_user_with_passkey(&user, &name, &made.into_passkey(id, label, now)).await? {
                PersonAdded::Done => Ok(Ok((user, proven(now)))),
                PersonAdded::NameTaken => Err(PageReason::LinkOver.into()),
                PersonAdded::PasskeyTaken => Ok(Err(PasswordProblem::PasskeyNotAdded)),
            }
        }
    }
}

/// In the browser in which it began, the person is logged in and goes on; whoever opened the link elsewhere logs in where they wanted to, since a link alone
/// shall log nobody in.
async fn welcome(
    front: &FrontChannel,
    request: &Request,
    link: SignUpLink,
    user: &User,
    authentication: Authentication,
) -> Result<Response, Refusal> {
    tracing::info!(request_id = request.request_id, user_id = %user.id, "somebody made an account");
    let is_same_browser = browser_of(front, request).is_some_and(|browser| browser == link.browser);
    let errand = match link.next.filter(|_| is_same_browser) {
        Some(next) => Errand::from_path(front, request, &next).await.ok(),
        None => None,
    };
    let Some(errand) = errand else { return Ok(go_on(&format!("{PATH}?done=sign-up"))) };
    let cookie = session::open(front, request, NewLogin { user_id: user.id, authentication, answered: errand.hash() }).await?;
    Ok(go_on(&errand.path()).with_cookie(cookie))
}

/// Gives an account its new address, and tells the old one.
async fn change_email(front: &FrontChannel, request: &Request, link: EmailLink) -> Result<Response, Refusal> {
    let found = front.context.store.find_user(link.user).await?;
    let Some(user) = found.filter(|user| !user.locked && state_of(user) == link.state) else { return Err(PageReason::LinkOver.into()) };
    let username = user.username.clone().unwrap_or_default();
    let old_address = proven_address(&user);
    // Who logs in by an address logs in by the new one; a name of another kind stays.
    let is_address =
        user.claims.get("email").and_then(serde_json::Value::as_str).is_some_and(|email| email.eq_ignore_ascii_case(&username));
    let renamed = User {
        username: Some(if is_address { link.email.clone() } else { username.clone() }),
        claims: with_email(&user.claims, &link.email),
        updated_at: front.context.now(),
        ..user.clone()
    };
    let old = Login::Local(fold_username(&username));
    let new = Login::Local(fold_username(renamed.username.as_deref().unwrap_or_default()));
    if !front.context.store.rename_user(&user, &old, &new, &renamed).await? {
        return Err(PageReason::LinkOver.into());
    }
    record(front, request, user.id, EventKind::EmailChanged, Some(&link.email)).await;
    if let Some(old_address) = old_address {
        tell_at(front, request, &front.view(request), old_address, News::EmailChanged).await;
    }
    Ok(go_on(&format!("{PATH}?done=email")))
}

/// `claims` with an address that was proven.
fn with_email(claims: &Claims, email: &str) -> Claims {
    let mut claims = claims.clone();
    claims.insert("email".to_owned(), email.into());
    claims.insert("email_verified".to_owned(), true.into());
    claims
}
