//! The back channel: what clients call themselves. The only zone that signs tokens, and it never sees a browser's cookies.

mod assertion;
mod backing;
mod bearer;
mod client_auth;
mod client_credentials;
mod code_exchange;
mod device_authorization;
mod device_code;
mod dpop;
mod error;
mod introspect;
mod jwt_bearer;
mod keys;
mod mint;
mod par;
mod person;
mod refresh;
mod register;
mod revoke;
mod target;
mod throttle;
mod token;
mod token_exchange;
mod userinfo;

use std::sync::Arc;

use http::{Method, StatusCode};
use tokio::sync::OnceCell;

use self::client_auth::AuthenticatedClient;
use self::error::{GrantReason, TokenError};
use self::keys::KeyCache;
use self::throttle::Throttle;
use crate::context::Context;
use crate::endpoint::client_cache::ClientCache;
use crate::endpoint::client_keys::ClientKeys;
use crate::endpoint::cors;
use crate::endpoint::subjects::Subjects;
use crate::endpoint::{Request, Response, network_of};
use crate::jose::sealing::SealingKey;
use crate::model::client::ClientId;
use crate::model::event::{EventKind, SecurityEvent};
use crate::model::user::{User, UserId};
use crate::protocol::params::Params;
use crate::store::{Attempt, AttemptLimit};
use crate::vault::Vault;

/// The length in seconds of the window in which requests that leave records are counted.
const WINDOW: i64 = 900;

/// Everything that the back channel needs.
pub struct BackChannel {
    context: Context,
    clients: ClientCache,
    client_keys: ClientKeys,
    throttle: Throttle,
    sealing: OnceCell<SealingKey>,
    keys: Arc<KeyCache>,
    subjects: Subjects,
}

impl BackChannel {
    /// A back channel that signs with the keys in `vault`.
    #[must_use]
    pub fn new(context: Context, vault: Vault) -> Self {
        Self {
            context,
            clients: ClientCache::default(),
            client_keys: ClientKeys::default(),
            throttle: Throttle::default(),
            sealing: OnceCell::new(),
            subjects: Subjects::new(vault.clone()),
            keys: Arc::new(KeyCache::new(vault)),
        }
    }

    /// Opens connections and reads the keys, so that the first request need not. A failure is only logged: requests try again.
    pub async fn warm(&self) {
        let (keys, settings) = tokio::join!(self.keys.current(&self.context), self.context.settings());
        if let Err(error) = keys {
            tracing::warn!(%error, "keys could not be read at the start");
        }
        if let Err(error) = settings {
            tracing::warn!(%error, "settings could not be read at the start");
        }
    }

    /// Answers a request to one of the back channel's paths; 404 for any other.
    pub async fn handle(&self, request: Request) -> Response {
        if let Some(answer) = cors::preflight(&request) {
            return answer;
        }
        let response = match request.path.as_str() {
            "/token" => token::handle(self, &request).await,
            "/introspect" => introspect::handle(self, &request).await,
            "/device_authorization" => device_authorization::handle(self, &request).await,
            "/revoke" => revoke::handle(self, &request).await,
            "/par" => par::handle(self, &request).await,
            "/userinfo" => userinfo::handle(self, &request).await,
            "/register" => register::handle(self, &request).await,
            _ => Response::new(StatusCode::NOT_FOUND),
        };
        cors::open(&request.path, response)
    }

    /// Notes among a person's events that what one of their applications has may have been stolen: a code or a refresh token of it was used twice. What
    /// follows from that is done whether or not it can be noted; a failure is logged.
    async fn note_reuse(&self, request: &Request, client: &AuthenticatedClient, user: UserId) {
        let name = client.registration().display_name();
        let event = SecurityEvent::new(EventKind::TokenReused, self.context.now(), request.whereabouts(), Some(name));
        if let Err(error) = self.context.store.record_event(user, &event).await {
            tracing::error!(request_id = request.request_id, user_id = %user, %error, "the reuse of a token could not be noted");
        }
    }

    /// Counts a request that leaves a record, for one client from one network, before the record is made. `purpose` tells the counters apart.
    async fn count_request(&self, purpose: &str, limit: u32, request: &Request, client: &ClientId) -> Result<(), TokenError> {
        let subject = format!("{purpose}\0{client}\0{}", network_of(request.source_ip));
        match self.context.store.count_attempt(&AttemptLimit { subject, limit, window: WINDOW }, self.context.now()).await? {
            Attempt::Allowed(_) => Ok(()),
            Attempt::Exhausted { retry_after } => Err(TokenError::TooManyRequests(retry_after)),
        }
    }

    /// The person for whom tokens are about to be signed; read from the store each time, so that a lock works at once.
    async fn check_user(&self, id: UserId) -> Result<User, TokenError> {
        match self.context.store.find_user(id).await? {
            Some(user) if !user.locked => Ok(user),
            _ => Err(TokenError::Grant(GrantReason::UserLocked)),
        }
    }
}

/// The form of a back-channel request (OAuth 2.1 section 3.2).
fn read_form(request: &Request) -> Result<Params, TokenError> {
    if request.method != Method::POST {
        return Err(TokenError::Method);
    }
    if !is_form(request) {
        return Err(TokenError::ContentType);
    }
    Ok(Params::parse(&request.body)?)
}

/// Whether the body is a form, whatever the case and the parameters of its type.
fn is_form(request: &Request) -> bool {
    request.header(&http::header::CONTENT_TYPE).is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or_default();
        essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}

fn log_failure(endpoint: &'static str, request: &Request, error: &TokenError) {
    if error.is_ours() {
        tracing::error!(endpoint, request_id = request.request_id, reason = %error, "request failed");
    } else {
        tracing::info!(endpoint, request_id = request.request_id, reason = %error, "request refused");
    }
}
