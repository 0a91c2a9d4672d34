//! `cimd#<hash of the URL>`: client ID metadata documents that were fetched, as they came. What they say is checked each time they are read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::item::{EXPIRES_AT, ItemBuilder, ItemReader};
use super::outcome::unavailable;
use super::{Store, StoreError};
use crate::context::Timestamp;
use crate::model::client::ClientId;
use crate::model::secret::SecretHash;

/// A document as it was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDocument {
    /// The bytes of its answer, which were text.
    pub text: String,
    /// When it was fetched.
    pub read_at: Timestamp,
    /// Until when it may be used without being fetched again.
    pub fresh_until: Timestamp,
    /// Until when it may be shown where nothing can be fetched.
    pub expires_at: Timestamp,
}

impl Store {
    /// Reads what is kept of the document at `id`, consistently; none once it has expired.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_client_document(&self, id: &ClientId, now: Timestamp) -> Result<Option<KeptDocument>, StoreError> {
        let Some(item) = self.find("find_client_document", &self.tables.state, key(id)).await? else { return Ok(None) };
        let item = ItemReader::new("cimd", &item);
        let document = KeptDocument {
            text: item.owned("document")?,
            read_at: item.time("read_at")?,
            fresh_until: item.time("fresh_until")?,
            expires_at: item.time(EXPIRES_AT)?,
        };
        Ok(Some(document).filter(|document| now < document.expires_at))
    }

    /// Keeps the document at `id`, in place of an earlier one.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn keep_client_document(&self, id: &ClientId, document: &KeptDocument) -> Result<(), StoreError> {
        let item = ItemBuilder::new(key(id))
            .text("document", &document.text)
            .time("read_at", document.read_at)
            .time("fresh_until", document.fresh_until)
            .time(EXPIRES_AT, document.expires_at)
            .build();
        let put = self.dynamodb.put_item().table_name(&self.tables.state).set_item(Some(item));
        put.send().await.map(drop).map_err(unavailable("keep_client_document"))
    }
}

/// Of a fixed size, whatever URL a stranger names.
fn key(id: &ClientId) -> String {
    format!("cimd#{}", URL_SAFE_NO_PAD.encode(SecretHash::of(id.as_str().as_bytes()).as_bytes()))
}
