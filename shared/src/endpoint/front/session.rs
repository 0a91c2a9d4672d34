//! Who is logged in with a browser. The cookie is the session's ULID and a secret; the record has the secret's hash.

use ulid::Ulid;

use super::FrontChannel;
use super::check::CheckedRequest;
use super::cookie::Cookie;
use crate::endpoint::{Request, people};
use crate::model::client::Client;
use crate::model::code::parse_ulid;
use crate::model::secret::{Secret, SecretHash};
use crate::model::session::{AnsweredRequest, Authentication, Session, SiteSession};
use crate::model::user::{User, UserId};
use crate::store::StoreError;

/// The most clients that are told of the end of one session.
const MAX_CLIENTS: usize = 200;

/// A session that the browser proved to hold, of a person who is not locked.
#[derive(Clone, Debug)]
pub(super) struct ActiveSession {
    pub(super) session: Session,
    pub(super) user: User,
}

impl ActiveSession {
    /// What the tokens of forms are bound to that ask this person about `asked`: a login in between makes them void.
    pub(super) fn about(&self, asked: &CheckedRequest) -> String {
        format!("{}\0{:?}\0{}", self.session.id, self.session.secret_hash.as_bytes(), asked.content())
    }
}

/// A login that was just done.
#[derive(Clone, Debug)]
pub(super) struct NewLogin {
    /// Who.
    pub(super) user_id: UserId,
    /// When and how.
    pub(super) authentication: Authentication,
    /// The hash of the authorization request that asked for it.
    pub(super) answered: SecretHash,
}

/// The session of the browser, if it has one that counts.
pub(super) async fn find_active(front: &FrontChannel, request: &Request) -> Result<Option<ActiveSession>, StoreError> {
    let Some(session) = find_session(front, request).await? else { return Ok(None) };
    let user = front.context.store.find_user(session.user_id).await?;
    Ok(user.filter(|user| !user.locked).map(|user| ActiveSession { session, user }))
}

/// The session of the browser, whoever's it is, a locked person's too.
pub(super) async fn find_session(front: &FrontChannel, request: &Request) -> Result<Option<Session>, StoreError> {
    let Some((id, secret)) = read_cookie(front, request) else { return Ok(None) };
    let session = front.context.store.find_session(id, front.context.now()).await?;
    Ok(session.filter(|session| session.secret_hash == secret.hash()))
}

fn read_cookie(front: &FrontChannel, request: &Request) -> Option<(Ulid, Secret)> {
    let cookie = Cookie::Session.find(front, request)?;
    let (id, secret) = cookie.split_once('.')?;
    Some((parse_ulid(id)?, Secret::new(secret)))
}

/// Opens a session for a login, and answers with its `Set-Cookie`.
///
/// Every login gets a new secret, so that a cookie that somebody planted is worth nothing afterwards. When the same person logs in again, the
/// record and with it the `sid` stay, and no client is logged out; another person gets a record of their own, and the old one ends.
pub(super) async fn open(front: &FrontChannel, request: &Request, login: NewLogin) -> Result<String, StoreError> {
    open_with(front, request, login, None).await
}

/// The same, for a login that the site vouched for: the session remembers it, so that the site can be told of its end.
pub(super) async fn open_by_site(
    front: &FrontChannel,
    request: &Request,
    login: NewLogin,
    site: SiteSession,
) -> Result<String, StoreError> {
    open_with(front, request, login, Some(site)).await
}

async fn open_with(front: &FrontChannel, request: &Request, login: NewLogin, site: Option<SiteSession>) -> Result<String, StoreError> {
    let context = &front.context;
    let now = context.now();
    let secret = Secret::from_bytes(&context.random_bytes::<32>());
    let lifetime = context.config.lifetimes.session;
    let fresh = Session {
        id: context.ulid(),
        secret_hash: secret.hash(),
        user_id: login.user_id,
        authentication: login.authentication,
        answered: Some(AnsweredRequest { hash: login.answered, at: now }),
        whereabouts: request.whereabouts(),
        clients: Vec::new(),
        site,
        created_at: now,
        expires_at: now.plus(lifetime),
    };
    let id = match find_session(front, request).await? {
        Some(old) if old.user_id == fresh.user_id => {
            let renewed = Session { id: old.id, ..fresh.clone() };
            if context.store.renew_session(&renewed, old.secret_hash, now).await? { Some(old.id) } else { None }
        }
        Some(other) => {
            context.store.end_session(other.id).await?;
            None
        }
        None => None,
    };
    let id = match id {
        Some(id) => id,
        None => {
            context.store.create_session(&fresh).await?;
            fresh.id
        }
    };
    Ok(Cookie::Session.render(front, &format!("{id}.{}", secret.expose()), lifetime))
}

/// Raises the login of a session that goes on: its person has just proved more. As at each login the secret is a new one. Answers with the `Set-Cookie`; none
/// when the session has ended or changed meanwhile.
pub(super) async fn raise(
    front: &FrontChannel,
    active: &ActiveSession,
    authentication: Authentication,
) -> Result<Option<String>, StoreError> {
    let (context, old) = (&front.context, &active.session);
    let (now, secret) = (context.now(), Secret::from_bytes(&context.random_bytes::<32>()));
    let raised = Session { secret_hash: secret.hash(), authentication, ..old.clone() };
    let is_renewed = context.store.renew_session(&raised, old.secret_hash, now).await?;
    let cookie = || Cookie::Session.render(front, &format!("{}.{}", old.id, secret.expose()), old.expires_at.since(now));
    Ok(is_renewed.then(cookie))
}

/// Ends the sessions of a person, but the one that stays.
pub(super) async fn end_all(front: &FrontChannel, user: UserId, stays: Option<Ulid>) -> Result<(), StoreError> {
    people::end_sessions(&front.context, user, stays).await.map(drop)
}

/// Notes in the session that `client` gets a code in it, if it wants to be told when the session ends (OpenID Connect Back-Channel Logout section
/// 2.3). It is noted before the code exists, so that whoever ends the session finds the client in it. Answers `false` when it has ended meanwhile.
pub(super) async fn note_client(front: &FrontChannel, session: &Session, client: &Client, scopes: &[String]) -> Result<bool, StoreError> {
    // Without an ID token there is no `sid` that the client could know the session by.
    let wants_to_be_told = client.backchannel_logout_uri.is_some() && scopes.iter().any(|scope| scope == "openid");
    if !wants_to_be_told || session.clients.contains(&client.client_id) {
        return Ok(true);
    }
    if session.clients.len() >= MAX_CLIENTS {
        tracing::warn!(session_id = %session.id, client_id = %client.client_id, "too many clients in one session: this one will not be told of its end");
        return Ok(true);
    }
    front.context.store.note_client(session.id, &client.client_id, front.context.now()).await
}
