//! Nonces that the server gives out for DPoP proofs (RFC 9449 section 8): nothing of them is stored.
//!
//! A nonce is the number of a span of time and an HMAC over it. Whoever lacks the key can't make one, so none is known before its time, and it
//! counts in its own span and the next. It dates the proof that carries it, whatever the client's clock says.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::dpop::OWN_SKEW;
use crate::context::Timestamp;

/// How long a nonce is given out, in seconds.
const SPAN: i64 = 180;
/// The bytes of a nonce: the number of its span, and the HMAC.
const LENGTH: usize = 8 + 32;

/// A key for nonces.
#[derive(Clone, Debug)]
pub struct NonceKey(hmac::Key);

impl NonceKey {
    /// The key for nonces that follows from `key`, which is used for something else: neither says anything about the other.
    #[must_use]
    pub fn derive(key: &hmac::Key) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(key, b"grantlet dpop nonce key 1").as_ref()))
    }

    /// The nonce to give out at `now`.
    #[must_use]
    pub fn current(&self, now: Timestamp) -> String {
        let span = span_at(now).to_be_bytes();
        let mac = hmac::sign(&self.0, &span);
        URL_SAFE_NO_PAD.encode([span.as_slice(), mac.as_ref()].concat())
    }

    /// Checks that `nonce` was made with this key and still counts at `now`. Answers until when a proof with it has to be remembered.
    #[must_use]
    pub fn check(&self, nonce: &str, now: Timestamp) -> Option<Timestamp> {
        let bytes = URL_SAFE_NO_PAD.decode(nonce).ok().filter(|bytes| bytes.len() == LENGTH)?;
        let (span, mac) = bytes.split_first_chunk::<8>()?;
        hmac::verify(&self.0, span, mac).ok()?;
        let span = i64::from_be_bytes(*span);
        // The next one may be from an instance whose clock is ahead; nobody else can have made it.
        let counts = (-1..=1).contains(&span_at(now).saturating_sub(span));
        counts.then(|| Timestamp(span.saturating_add(2).saturating_mul(SPAN)).plus(OWN_SKEW))
    }
}

fn span_at(now: Timestamp) -> i64 {
    now.0.div_euclid(SPAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    fn key(byte: u8) -> NonceKey {
        NonceKey::derive(&hmac::Key::new(hmac::HMAC_SHA256, &[byte; 32]))
    }

    /// RFC 9449 sections 8 and 8.1
    #[test]
    fn a_nonce_counts_in_its_span_and_the_next_and_under_its_key() {
        let nonce = key(1).current(NOW);
        assert!(nonce.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert_eq!(key(1).current(NOW.plus(SPAN - 1)), nonce);
        assert_ne!(key(1).current(NOW.plus(SPAN)), nonce);
        for (later, counts) in
            [(0, true), (SPAN - 1, true), (SPAN, true), (2 * SPAN - 1, true), (2 * SPAN, false), (-SPAN, true), (-SPAN - 1, false)]
        {
            let until = key(1).check(&nonce, NOW.plus(later));
            assert_eq!(until.is_some(), counts, "{later}");
            assert!(until.is_none_or(|until| until > NOW.plus(2 * SPAN)), "it is remembered for longer than it counts");
        }
        assert_eq!(key(2).check(&nonce, NOW), None);
    }

    /// RFC 9449 section 8: unpredictable
    #[test]
    fn no_other_text_is_a_nonce() {
        let nonce = key(1).current(NOW);
        for end in 0..nonce.len() {
            assert_eq!(key(1).check(&nonce[..end], NOW), None, "{end}");
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(&nonce).unwrap();
        bytes[7] ^= 1;
        assert_eq!(key(1).check(&URL_SAFE_NO_PAD.encode(&bytes), NOW), None);
        assert_eq!(key(1).check(&format!("{nonce}A"), NOW), None);
    }
}
