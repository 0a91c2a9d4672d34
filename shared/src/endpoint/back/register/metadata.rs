//! What a client says of itself in a request: the same checks, in the same order, when it registers and when it changes its registration.

use http::header::CONTENT_TYPE;

use super::error::RegisterError;
use super::statement::apply_statement;
use crate::context::Context;
use crate::endpoint::Request;
use crate::endpoint::client_keys::reach_of;
use crate::endpoint::sector::check_sector;
use crate::model::client::{Client, ClientId};
use crate::model::self_registration::{Metadata, Registrant, parse_metadata, read_registration};

/// The metadata in the body of a request.
pub(super) fn read_body(request: &Request) -> Result<Metadata, RegisterError> {
    let is_json = request
        .header(&CONTENT_TYPE)
        .is_some_and(|value| value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json"));
    if !is_json {
        return Err(RegisterError::ContentType);
    }
    Ok(parse_metadata(&request.body)?)
}

/// The client that `metadata` describe. What hangs on its secret is checked afterwards.
pub(super) async fn check_metadata(
    context: &Context,
    mut metadata: Metadata,
    id: &ClientId,
    registrant: Registrant,
) -> Result<Client, RegisterError> {
    let settings = context.settings().await?;
    apply_statement(&mut metadata, &settings.registration, context.now())?;
    let client = read_registration(metadata, id, registrant, &settings)?;
    check_sector(&client, reach_of(context)).await?;
    Ok(client)
}
