//! `GET`, `PUT` and `DELETE` at a client's `registration_client_uri` (RFC 7592).

use http::StatusCode;

use super::create::{count, end_of, seal};
use super::error::RegisterError;
use super::metadata::{check_metadata, read_body};
use super::{answer, find_token};
use crate::endpoint::back::BackChannel;
use crate::endpoint::{Request, Response};
use crate::model::client::{ClientId, ClientSource, DynamicOrigin, Origin, StoredClient};
use crate::model::registration::{RegistrationError, check_registration};
use crate::model::secret::Secret;
use crate::model::self_registration::{Metadata, Registrant};
use crate::model::settings::RegistrationMode;
use crate::protocol::params::Params;

/// How long a secret works that was replaced, in seconds.
const OLD_SECRET: i64 = 3_600;

/// A client that brought its own registration access token.
struct Managed {
    stored: StoredClient,
    origin: DynamicOrigin,
    token: Secret,
}

/// RFC 7592 section 2.1.
pub(super) async fn read(back: &BackChannel, request: &Request) -> Result<Response, RegisterError> {
    let managed = check_access(back, request).await?;
    Ok(answer::render(&back.context, StatusCode::OK, &managed.stored, &managed.token, None))
}

/// RFC 7592 section 2.2: the new metadata take the place of the old ones, under the checks of every registration.
pub(super) async fn replace(back: &BackChannel, request: &Request) -> Result<Response, RegisterError> {
    let context = &back.context;
    let Managed { stored, origin, token } = check_access(back, request).await?;
    let settings = context.settings().await?;
    if settings.registration.mode == RegistrationMode::Off {
        return Err(RegisterError::Off);
    }
    count(context, request, settings.registration.per_address).await?;
    let metadata = read_body(request)?;
    check_identity(&metadata, &stored)?;
    let presented = check_secret(&metadata, &stored)?;
    let registrant = if origin.is_invited { Registrant::Invited } else { Registrant::Anybody };
    let id = &stored.client.client_id;
    let client = check_metadata(context, metadata, id, registrant).await?;

    // Without its secret, which RFC 7592 lets a client leave out, it gets a new one, and the old one works for a while.
    let needs_secret = client.token_endpoint_auth_method.has_secret();
    let is_kept = presented.is_some();
    let secret = needs_secret.then(|| presented.unwrap_or_else(|| Secret::from_bytes(&context.random_bytes::<32>())));
    check_registration(&client, secret.as_ref())?;
    let old = stored.secret_hash.map(|hash| (hash, context.now().plus(OLD_SECRET)));
    let previous_secret = if is_kept { stored.previous_secret } else { old };
    let changed = DynamicOrigin { version: origin.version + 1, expires_at: end_of(context, &settings.registration), ..origin.clone() };
    let replaced = StoredClient {
        sealed_secret: seal(back, &client, secret.as_ref()).await?,
        client,
        secret_hash: secret.as_ref().map(Secret::hash),
        previous_secret: previous_secret.filter(|_| needs_secret),
        created_at: stored.created_at,
        origin: Origin::Dynamic(changed.clone()),
    };
    if !context.store.replace_dynamic_client(&replaced, &changed, &origin, context.now()).await? {
        return Err(RegisterError::Conflict);
    }
    back.clients.forget(&replaced.client.client_id);
    tracing::info!(client_id = %replaced.client.client_id, request_id = request.request_id, "a client changed its registration");
    Ok(answer::render(context, StatusCode::OK, &replaced, &token, secret.as_ref()))
}

/// RFC 7592 section 2.3. What the client was issued ends with it: nothing authenticates it any more.
pub(super) async fn remove(back: &BackChannel, request: &Request) -> Result<Response, RegisterError> {
    let Managed { stored, origin, .. } = check_access(back, request).await?;
    let id = &stored.client.client_id;
    back.context.store.remove_dynamic_client(id, &origin, back.context.now()).await?;
    back.clients.forget(id);
    tracing::info!(client_id = %id, request_id = request.request_id, "a client removed itself");
    Ok(Response::new(StatusCode::NO_CONTENT))
}

/// The client that the URI names, if the token is its own. Another client's token is told the same as none that exists.
async fn check_access(back: &BackChannel, request: &Request) -> Result<Managed, RegisterError> {
    let token = find_token(request).ok_or(RegisterError::TokenMissing)?;
    let params = Params::parse(request.raw_query.as_bytes()).map_err(|_| RegisterError::TokenUnknown)?;
    let id = params.find("client_id").and_then(|id| ClientId::parse(id).ok()).filter(|id| id.source() == ClientSource::Dynamic);
    let id = id.ok_or(RegisterError::TokenUnknown)?;
    let stored = back.context.store.find_dynamic_client(&id, back.context.now()).await?.ok_or(RegisterError::TokenUnknown)?;
    match &stored.origin {
        Origin::Dynamic(origin) if origin.token_hash == token.hash() => Ok(Managed { origin: origin.clone(), stored, token }),
        Origin::Dynamic(_) | Origin::Operator | Origin::Document { .. } => Err(RegisterError::TokenUnknown),
    }
}

/// RFC 7592 section 2.2: the `client_id` must be there, and the client's own.
fn check_identity(metadata: &Metadata, stored: &StoredClient) -> Result<(), RegistrationError> {
    match metadata.get("client_id").and_then(serde_json::Value::as_str) {
        Some(id) if id == stored.client.client_id.as_str() => Ok(()),
        _ => Err(RegistrationError::Metadata("the client_id must be there, and be its own.".to_owned())),
    }
}

/// RFC 7592 section 2.2: a secret that is sent must be the present one; no client chooses its own.
fn check_secret(metadata: &Metadata, stored: &StoredClient) -> Result<Option<Secret>, RegistrationError> {
    let Some(value) = metadata.get("client_secret") else { return Ok(None) };
    let secret = value.as_str().map(Secret::new);
    match secret {
        Some(secret) if stored.secret_hash == Some(secret.hash()) => Ok(Some(secret)),
        _ => Err(RegistrationError::Metadata("the client_secret is not the present one. Leave it out to get a new one.".to_owned())),
    }
}
