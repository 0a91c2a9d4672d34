//! The sector of a client that names one (`OpenID` Connect Core section 8.1, Dynamic Client Registration section 5): checked when it is registered.

use url::Url;

use super::fetch::{Reach, fetch};
use crate::model::client::Client;
use crate::model::registration::RegistrationError;

/// The largest list that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// Checks that the list at `client`'s `sector_identifier_uri`, if it has one, names each of its redirect URIs. Without that, any client could
/// join a foreign sector, and learn the subjects that people have there.
///
/// # Errors
/// When the list can't be read, or a redirect URI is missing in it.
pub async fn check_sector(client: &Client, reach: Reach) -> Result<(), RegistrationError> {
    let Some(uri) = client.sector_identifier_uri() else { return Ok(()) };
    let refused = |why: String| RegistrationError::Metadata(format!("its sector_identifier_uri {why}."));
    let url = Url::parse(uri).map_err(|_| refused("is no URL".to_owned()))?;
    let fetched = fetch(&url, reach, "application/json", MAX_BODY).await.map_err(|error| refused(format!("can't be read: {error}")))?;
    check_list(&fetched.body, &client.redirect_uris).map_err(refused)
}

fn check_list(body: &[u8], redirect_uris: &[String]) -> Result<(), String> {
    let listed: Vec<String> = serde_json::from_slice(body).map_err(|_| "does not answer with a JSON array of URIs".to_owned())?;
    match redirect_uris.iter().find(|uri| !listed.contains(uri)) {
        Some(missing) => Err(format!("does not list the redirect URI {missing:?}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `OpenID` Connect Dynamic Client Registration section 5
    #[test]
    fn a_sector_must_list_every_redirect_uri() {
        let uris = ["https://a.example/cb".to_owned(), "https://b.example/cb".to_owned()];
        assert_eq!(check_list(br#"["https://b.example/cb","https://c.example/","https://a.example/cb"]"#, &uris), Ok(()));
        for (body, why) in [
            (&br#"["https://a.example/cb"]"#[..], "b.example"),
            (br#"["https://a.example/cb","https://b.example/cb/"]"#, "b.example"),
            (br#"{"redirect_uris":["https://a.example/cb","https://b.example/cb"]}"#, "JSON array"),
            (b"[1]", "JSON array"),
            (b"<html>", "JSON array"),
        ] {
            assert!(check_list(body, &uris).unwrap_err().contains(why), "{why}");
        }
    }
}
