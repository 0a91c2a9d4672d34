//! Secrets that must stay usable, sealed before they are stored: AES-256-GCM (NIST SP 800-38D) with the item's key as associated data.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

/// The form of what is sealed, its first byte.
const VERSION: u8 = 1;

/// A key that seals and opens.
pub struct SealingKey(RandomizedNonceKey);

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealingKey")
    }
}

/// What was sealed can't be opened: with another key, for another item, or changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed secret can't be opened")]
pub struct SealError;

impl SealingKey {
    /// The key of these 32 bytes; none for another length.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        RandomizedNonceKey::new(&AES_256_GCM, bytes).ok().map(Self)
    }

    /// Seals `plaintext` for the item with the key `item_key`, under a fresh random nonce: version, nonce, ciphertext, tag.
    ///
    /// # Panics
    /// When the operating system has no randomness, or the text is beyond 64 GiB: then nothing may be stored.
    #[must_use]
    pub fn seal(&self, item_key: &str, plaintext: &[u8]) -> Vec<u8> {
        let mut text = Zeroizing::new(plaintext.to_vec());
        #[expect(clippy::expect_used, reason = "fails only beyond 64 GiB or without randomness, and then nothing may be stored")]
        let nonce = self.0.seal_in_place_append_tag(Aad::from(item_key), &mut *text).expect("the secret can be sealed");
        [&[VERSION], nonce.as_ref().as_slice(), &text].concat()
    }

    /// Opens what was sealed for the item with the key `item_key`.
    ///
    /// # Errors
    /// When it was sealed with another key, for another item, or has been changed.
    pub fn open(&self, item_key: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (version, rest) = sealed.split_first().ok_or(SealError)?;
        let (nonce, text) = rest.split_at_checked(NONCE_LEN).filter(|_| *version == VERSION).ok_or(SealError)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError)?;
        let mut text = Zeroizing::new(text.to_vec());
        let length = self.0.open_in_place(nonce, Aad::from(item_key), &mut text).map_err(|_| SealError)?.len();
        text.truncate(length);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_with_its_key_for_its_item_only() {
        let (key, other) = (SealingKey::new(&[7; 32]).unwrap(), SealingKey::new(&[8; 32]).unwrap());
        let sealed = key.seal("settings", b"a secret");
        assert_eq!(key.open("settings", &sealed).unwrap().as_slice(), b"a secret");
        assert!(!sealed.windows(8).any(|window| window == b"a secret"));
        assert_ne!(sealed, key.seal("settings", b"a secret"));
        assert!(other.open("settings", &sealed).is_err());
        assert!(key.open("user#1", &sealed).is_err());
        for end in 0..sealed.len() {
            assert!(key.open("settings", &sealed[..end]).is_err(), "{end}");
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open("settings", &changed).is_err(), "{at}");
        }
        assert!(SealingKey::new(&[7; 31]).is_none());
    }
}
