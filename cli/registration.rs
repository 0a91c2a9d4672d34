//! What a client's registration may say. Seeds and commands share it.

use grantlet::context::{Context, Timestamp};
use grantlet::endpoint::client_keys::reach_of;
use grantlet::model::client::{AuthMethod, Client, ClientId, ClientSource, Origin, StoredClient};
use grantlet::model::registration::check_registration;
use grantlet::model::secret::Secret;
use grantlet::vault::{SealingOwner, Vault};

use crate::failure::Failure;

/// Checks what a registration may say, the secret beside it included.
pub(crate) fn check_client(client: &Client, secret: Option<&Secret>) -> Result<(), Failure> {
    if client.client_id.source() != ClientSource::Operator {
        return Err(Failure::new(format!(
            "The client_id {} can't be registered: those that begin with dyn-, https:// or http:// are for clients that register themselves. Choose another.",
            client.client_id
        )));
    }
    check_registration(client, secret).map_err(|why| Failure::new(format!("The client {} can't be registered: {why}", client.client_id)))
}

/// Checks that the sector which a client names is its own. Asks the address that it names.
pub(crate) async fn check_sector(context: &Context, client: &Client) -> Result<(), Failure> {
    let checked = grantlet::endpoint::sector::check_sector(client, reach_of(context)).await;
    checked.map_err(|why| Failure::new(format!("The client {} can't be registered: {why}", client.client_id)))
}

/// The client as it is stored: with the hash of its secret, and where it must authenticate JWTs, the secret itself, sealed for the `token` function.
pub(crate) async fn store_form(target: &Vault, client: Client, secret: Option<&Secret>, at: Timestamp) -> Result<StoredClient, Failure> {
    let sealed_secret = match secret {
        Some(secret) if client.token_endpoint_auth_method == AuthMethod::ClientSecretJwt => {
            let key = target.find_sealing_key(SealingOwner::Token).await.map_err(|error| Failure::new(format!("{error}.")))?;
            let key = key.ok_or_else(|| {
                Failure::new("There is no sealing key yet. Run `grantlet key rotate` once; it makes what is missing.".to_owned())
            })?;
            Some(key.seal(&client.client_id.record_key(), secret.expose().as_bytes()))
        }
        _ => None,
    };
    Ok(StoredClient {
        client,
        secret_hash: secret.map(Secret::hash),
        previous_secret: None,
        sealed_secret,
        created_at: at,
        origin: Origin::Operator,
    })
}

/// A new secret for a client: 256 bits.
pub(crate) fn make_secret(context: &Context) -> Secret {
    Secret::from_bytes(&context.random_bytes::<32>())
}

/// A client's identifier made up from the clock and the random source.
pub(crate) fn make_client_id(context: &Context) -> Result<ClientId, Failure> {
    parse_client_id(&context.ulid().to_string().to_lowercase())
}

/// Reads a `client_id` that was typed.
pub(crate) fn parse_client_id(text: &str) -> Result<ClientId, Failure> {
    ClientId::parse(text).map_err(|error| Failure::new(format!("The client_id {text:?} can't be used: {error}.")))
}
