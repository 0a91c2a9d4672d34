//! A pushed request as a browser presents it (RFC 9126 section 4). The first browser keeps it: nobody who got to see the reference can present it in
//! another one, and nobody can be made to finish in their browser what was begun in somebody else's.

use super::FrontChannel;
use super::cookie::Cookie;
use super::error::{PageReason, Refusal};
use crate::endpoint::Request;
use crate::model::client::Client;
use crate::model::pushed::{BOUND_LIFETIME, PushedRequest, PushedUri};
use crate::model::secret::{Secret, SecretHash};

/// A pushed request of the client that is named beside it, unbound or bound to this very browser.
#[derive(Clone, Debug)]
pub(super) struct Presented {
    record: PushedRequest,
    browser: Option<Secret>,
}

impl Presented {
    /// The parameters that were pushed, encoded.
    pub(super) fn query(&self) -> &str {
        &self.record.query
    }
}

/// The pushed request behind `uri`, if this browser may go on with it.
pub(super) async fn find_presented(front: &FrontChannel, request: &Request, client: &Client, uri: &str) -> Result<Presented, Refusal> {
    let uri: PushedUri = uri.parse().map_err(|_| PageReason::PushedGone)?;
    let record = front.context.store.find_pushed_request(uri.id, front.context.now()).await?.ok_or(PageReason::PushedGone)?;
    if record.secret_hash != uri.secret.hash() || record.client_id != client.client_id {
        return Err(PageReason::PushedGone.into());
    }
    let browser = Cookie::Pushed.find(front, request).filter(|value| value.len() == 43).map(Secret::new);
    let presented = browser.as_ref().map(|secret| hash_of(secret, &record));
    if record.browser_hash.is_some() && record.browser_hash != presented {
        return Err(PageReason::PushedElsewhere.into());
    }
    Ok(Presented { record, browser })
}

/// Binds the request to this browser if it is bound to none. Answers with the `Set-Cookie` that keeps it bound while people log in and consent.
pub(super) async fn bind(front: &FrontChannel, presented: &mut Presented) -> Result<Option<String>, Refusal> {
    if presented.record.browser_hash.is_some() {
        return Ok(None);
    }
    let context = &front.context;
    let secret = presented.browser.take().unwrap_or_else(|| Secret::from_bytes(&context.random_bytes::<32>()));
    let (hash, now) = (hash_of(&secret, &presented.record), context.now());
    if !context.store.bind_pushed_request(&presented.record, &hash, now.plus(BOUND_LIFETIME), now).await? {
        return Err(PageReason::PushedElsewhere.into());
    }
    let cookie = Cookie::Pushed.render(front, secret.expose(), BOUND_LIFETIME);
    presented.record.browser_hash = Some(hash);
    presented.browser = Some(secret);
    Ok(Some(cookie))
}

/// Spends the request: of any number of calls exactly one may issue a code for it.
pub(super) async fn spend(front: &FrontChannel, presented: &Presented) -> Result<(), Refusal> {
    let secret = presented.browser.as_ref().ok_or(PageReason::PushedElsewhere)?;
    let hash = hash_of(secret, &presented.record);
    let is_ours = front.context.store.spend_pushed_request(&presented.record, &hash, front.context.now()).await?;
    if is_ours { Ok(()) } else { Err(PageReason::PushedGone.into()) }
}

fn hash_of(secret: &Secret, record: &PushedRequest) -> SecretHash {
    SecretHash::of(format!("pushed\0{}\0{}", record.id, secret.expose()).as_bytes())
}
