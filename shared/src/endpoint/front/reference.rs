//! Request objects by reference (RFC 9101 section 5.2.2): fetched from where the client registered to keep them, once for each page that is shown.

use url::Url;

use super::FrontChannel;
use crate::endpoint::authorization::{ObjectError, RequestError};
use crate::endpoint::client_keys::reach_of;
use crate::endpoint::fetch::fetch;
use crate::jose::verify::JwsError;
use crate::model::client::Client;
use crate::model::settings::Settings;
use crate::protocol::authorize::InvalidParameters;

/// The longest `request_uri`, in bytes (RFC 9101 section 5.2).
const MAX_URI: usize = 512;
/// The largest request object that is read, in bytes.
const MAX_BODY: usize = 16 * 1024;

/// The request object behind `uri`, not yet believed.
pub(super) async fn fetch_object(front: &FrontChannel, settings: &Settings, client: &Client, uri: &str) -> Result<String, RequestError> {
    if !settings.authorization.request_uris {
        return Err(InvalidParameters::Unsupported("request_uri").into());
    }
    if uri.len() > MAX_URI || !is_registered(client, uri) {
        return Err(RequestError::UnregisteredUri);
    }
    let url = Url::parse(uri).map_err(|_| RequestError::UnregisteredUri)?;
    let accept = "application/oauth-authz-req+jwt, application/jwt";
    let fetched = fetch(&url, reach_of(&front.context), accept, MAX_BODY).await?;
    let text = String::from_utf8(fetched.body).map_err(|_| RequestError::Object(ObjectError::Jws(JwsError::Malformed)))?;
    Ok(text.trim().to_owned())
}

/// OpenID Connect Core section 6.2: a fragment is there to tell contents apart, and names no other place.
fn is_registered(client: &Client, uri: &str) -> bool {
    let place = |uri: &str| uri.split('#').next().unwrap_or_default().to_owned();
    client.request_uris().any(|registered| place(registered) == place(uri))
}
