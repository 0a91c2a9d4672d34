//! `POST /register`: a client registers itself (RFC 7591 section 3).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;

use super::error::RegisterError;
use super::metadata::{check_metadata, read_body};
use super::{answer, find_token};
use crate::context::Context;
use crate::endpoint::back::BackChannel;
use crate::endpoint::back::assertion::sealing_key;
use crate::endpoint::{Request, Response, network_of};
use crate::model::client::{AuthMethod, Client, ClientId, DynamicOrigin, Origin, StoredClient};
use crate::model::registration::check_registration;
use crate::model::secret::{Secret, SecretHash};
use crate::model::self_registration::Registrant;
use crate::model::settings::{RegistrationMode, RegistrationSettings};
use crate::store::{Attempt, AttemptLimit};

/// The window in which registrations of one address are counted, in seconds.
const WINDOW: i64 = 3_600;
/// A day, in seconds.
const DAY: i64 = 86_400;

/// The order of checks: mode, token, address, metadata.
pub(super) async fn create(back: &BackChannel, request: &Request) -> Result<Response, RegisterError> {
    let context = &back.context;
    let settings = context.settings().await?;
    let token = find_token(request);
    check_mode(settings.registration.mode, token.as_ref())?;
    count(context, request, settings.registration.per_address).await?;
    let registrant = check_initial_token(&settings.registration, token.as_ref())?;
    let metadata = read_body(request)?;
    let id = ClientId::of_dynamic(context.ulid());
    let client = check_metadata(context, metadata, &id, registrant).await?;
    let secret = client.token_endpoint_auth_method.has_secret().then(|| Secret::from_bytes(&context.random_bytes::<32>()));
    check_registration(&client, secret.as_ref())?;

    let token = Secret::from_bytes(&context.random_bytes::<32>());
    let origin = DynamicOrigin {
        token_hash: token.hash(),
        version: 0,
        is_invited: registrant == Registrant::Invited,
        expires_at: end_of(context, &settings.registration),
    };
    let stored = StoredClient {
        sealed_secret: seal(back, &client, secret.as_ref()).await?,
        client,
        secret_hash: secret.as_ref().map(Secret::hash),
        previous_secret: None,
        created_at: context.now(),
        origin: Origin::Dynamic(origin.clone()),
    };
    context.store.create_dynamic_client(&stored, &origin).await?;
    tracing::info!(client_id = %id, request_id = request.request_id, invited = origin.is_invited, "a client registered itself");
    Ok(answer::render(context, StatusCode::CREATED, &stored, &token, secret.as_ref()))
}

/// When a client is forgotten that is used now and never again.
pub(super) fn end_of(context: &Context, settings: &RegistrationSettings) -> crate::context::Timestamp {
    context.now().plus(i64::from(settings.unused_days) * DAY)
}

/// A secret that must stay usable, sealed for this function.
pub(super) async fn seal(back: &BackChannel, client: &Client, secret: Option<&Secret>) -> Result<Option<Vec<u8>>, RegisterError> {
    match secret {
        Some(secret) if client.token_endpoint_auth_method == AuthMethod::ClientSecretJwt => {
            let key = sealing_key(back).await.map_err(RegisterError::Sealing)?;
            Ok(Some(key.seal(&client.client_id.record_key(), secret.expose().as_bytes())))
        }
        _ => Ok(None),
    }
}

fn check_mode(mode: RegistrationMode, token: Option<&Secret>) -> Result<(), RegisterError> {
    match (mode, token) {
        (RegistrationMode::Off, _) => Err(RegisterError::Off),
        (RegistrationMode::Token, None) => Err(RegisterError::InitialTokenMissing),
        (RegistrationMode::Token, Some(_)) | (RegistrationMode::Open, _) => Ok(()),
    }
}

/// Counted before anything is looked at, so that tokens can't be guessed in numbers either.
pub(super) async fn count(context: &Context, request: &Request, per_address: u32) -> Result<(), RegisterError> {
    let limit = AttemptLimit { subject: format!("register\0{}", network_of(request.source_ip)), limit: per_address, window: WINDOW };
    match context.store.count_attempt(&limit, context.now()).await? {
        Attempt::Allowed(_) => Ok(()),
        Attempt::Exhausted { retry_after } => Err(RegisterError::TooMany(retry_after)),
    }
}

/// RFC 7591 section 3: a token that was sent is always checked, where none is needed too.
fn check_initial_token(settings: &RegistrationSettings, token: Option<&Secret>) -> Result<Registrant, RegisterError> {
    let Some(token) = token.map(Secret::hash) else { return Ok(Registrant::Anybody) };
    let read = |text: &String| URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(SecretHash::from_bytes);
    if settings.initial_access_tokens.iter().filter_map(read).any(|known| known == token) {
        Ok(Registrant::Invited)
    } else {
        Err(RegisterError::InitialTokenUnknown)
    }
}
