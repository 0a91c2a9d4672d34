//! What a browser that is away at a provider comes back with: a cookie of ours, and a `state` that only fits this cookie.
//!
//! Nothing is stored. The cookie holds a random secret, when it was made, at which connection, for what, and the way back; `state`, `nonce` and the PKCE
//! verifier are hashes over all of that, each under a name of its own. So the provider never learns what somebody logs in for, no other browser can
//! finish what this one began, and nobody finishes it with another connection, for something else, or too late.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ulid::Ulid;

use super::super::FrontChannel;
use super::super::cookie::Cookie;
use crate::context::Timestamp;
use crate::endpoint::Request;
use crate::model::code::parse_ulid;
use crate::model::secret::{Secret, SecretHash};

/// How long people may take at a provider, in seconds.
const PATIENCE: i64 = 600;
/// The longest way back that a cookie carries: browsers keep 4,096 bytes, and base64 makes four of three. A longer one travels in `state`.
const MAX_IN_COOKIE: usize = 2_700;
/// What stands for a login where a session's ULID would stand.
const LOGIN: &str = "login";

/// What somebody goes to a provider for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To log in.
    Login,
    /// To connect their account here, in the session with this id, with the one there.
    Link(Ulid),
}

/// A stay at a provider.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    secret: Secret,
    /// When it began.
    pub(super) began: Timestamp,
    /// The connection's id.
    pub(super) connection: String,
    /// What for.
    pub(super) purpose: Purpose,
    /// The way back, a path of this server.
    pub(super) path: String,
}

impl Flow {
    /// Begins a stay.
    pub(super) fn begin(front: &FrontChannel, connection: &str, purpose: Purpose, path: String) -> Self {
        let secret = Secret::from_bytes(&front.context.random_bytes::<32>());
        Self { secret, began: front.context.now(), connection: connection.to_owned(), purpose, path }
    }

    /// The stay that the browser comes back from; none when it did not begin here, began too long ago, or `state` is not its own.
    pub(super) fn find(front: &FrontChannel, request: &Request, state: &str) -> Option<Self> {
        let cookie = Cookie::Upstream.find(front, request)?;
        let [secret, began, connection, purpose, path] = <[&str; 5]>::try_from(cookie.split('.').collect::<Vec<_>>()).ok()?;
        let (proof, path_in_state) = state.split_once('.').unwrap_or((state, ""));
        let path = if path.is_empty() { path_in_state } else { path };
        let flow = Self {
            secret: Secret::new(secret),
            began: Timestamp(began.parse().ok()?),
            connection: connection.to_owned(),
            purpose: if purpose == LOGIN { Purpose::Login } else { Purpose::Link(parse_ulid(purpose)?) },
            path: String::from_utf8(URL_SAFE_NO_PAD.decode(path).ok()?).ok()?,
        };
        let is_own = SecretHash::of(proof.as_bytes()) == SecretHash::of(flow.proof().as_bytes());
        let in_time = (0..=PATIENCE).contains(&front.context.now().since(flow.began));
        (is_own && in_time).then_some(flow)
    }

    /// The `Set-Cookie` that the browser leaves with.
    pub(super) fn cookie(&self, front: &FrontChannel) -> String {
        let path = if self.is_short() { self.encoded_path() } else { String::new() };
        let value = format!("{}.{}.{}.{}.{path}", self.secret.expose(), self.began.0, self.connection, self.spelled_purpose());
        Cookie::Upstream.render(front, &value, PATIENCE)
    }

    /// The `Set-Cookie` that ends every stay: it counts once.
    pub(super) fn forget(front: &FrontChannel) -> String {
        Cookie::Upstream.render(front, "", 0)
    }

    /// The `state` (OAuth 2.1 section 4.1.1).
    pub(super) fn state(&self) -> String {
        if self.is_short() { self.proof() } else { format!("{}.{}", self.proof(), self.encoded_path()) }
    }

    /// The `nonce` (OpenID Connect Core section 3.1.2.1).
    pub(super) fn nonce(&self) -> String {
        self.derive("nonce")
    }

    /// The PKCE verifier (OAuth 2.1 section 4.1.1): 43 characters with the entropy of the secret.
    pub(super) fn verifier(&self) -> Secret {
        Secret::new(self.derive("verifier"))
    }

    /// The challenge of the verifier, by S256.
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(SecretHash::of(self.verifier().expose().as_bytes()).as_bytes())
    }

    fn proof(&self) -> String {
        self.derive("state")
    }

    fn derive(&self, name: &str) -> String {
        let Self { secret, began, connection, path, .. } = self;
        let purpose = self.spelled_purpose();
        let input = format!("grantlet upstream {name}\0{}\0{}\0{connection}\0{purpose}\0{path}", secret.expose(), began.0);
        URL_SAFE_NO_PAD.encode(SecretHash::of(input.as_bytes()).as_bytes())
    }

    fn spelled_purpose(&self) -> String {
        match self.purpose {
            Purpose::Login => LOGIN.to_owned(),
            Purpose::Link(session) => session.to_string(),
        }
    }

    fn is_short(&self) -> bool {
        self.path.len() <= MAX_IN_COOKIE
    }

    fn encoded_path(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.path)
    }
}
