//! The refresh token: nothing of it is stored, and who does not hold the refresh key can't make one.
//!
//! `grant ULID "." generation "." key id "." seed "." HMAC-SHA256`. The code covers everything before it, the client and, for a public
//! client that proved a DPoP key, its thumbprint. So a forged token is refused without a request to the store, a dump of the table yields no
//! token, and neither does a leaked refresh key alone: the seed comes from the authorization code.

use std::str::FromStr;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ulid::Ulid;

use super::client::ClientId;
use super::code::{RefreshSeed, parse_ulid};
use super::secret::{Secret, SecretHash};

/// The longest refresh token that is read, in bytes.
const MAX_LENGTH: usize = 256;

/// What a refresh token is bound to beside its own text.
#[derive(Clone, Copy, Debug)]
pub struct RefreshBinding<'a> {
    /// The client to which it was issued.
    pub client_id: &'a ClientId,
    /// The thumbprint of the DPoP key, for a public client that proved one at the exchange (RFC 9449 section 5).
    pub dpop_jkt: Option<&'a str>,
}

/// A refresh token that was read but not verified.
#[derive(Clone, Debug)]
pub struct UnverifiedRefreshToken {
    /// The grant.
    pub grant_id: Ulid,
    /// Which token of the grant.
    pub generation: u64,
    /// The refresh key that it names.
    pub kid: String,
    seed: Secret,
    mac: Vec<u8>,
}

/// A refresh token whose authentication code was verified: we made it, for this client.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// The grant.
    pub grant_id: Ulid,
    /// Which token of the grant.
    pub generation: u64,
    /// The seed of the grant.
    pub seed: RefreshSeed,
}

/// A text that was never a refresh token of ours.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a refresh token of this server")]
pub struct RefreshTokenError;

impl RefreshToken {
    /// The token as it is sent to the client, authenticated with `key`, whose name is `kid`.
    #[must_use]
    pub fn render(&self, kid: &str, key: &hmac::Key, binding: RefreshBinding<'_>) -> Secret {
        let body = format!("{}.{}.{kid}.{}", self.grant_id, self.generation, self.seed.0.expose());
        let mac = hmac::sign(key, &mac_input(&body, binding));
        Secret::new(format!("{body}.{}", URL_SAFE_NO_PAD.encode(mac)))
    }

    /// The hash of the seed, as the grant holds it.
    #[must_use]
    pub fn seed_hash(&self) -> SecretHash {
        self.seed.0.hash()
    }
}

impl UnverifiedRefreshToken {
    /// Verifies the authentication code with `key`, in constant time.
    ///
    /// # Errors
    /// When the token was changed, made with another key, or issued to another client or DPoP key.
    pub fn verify(self, key: &hmac::Key, binding: RefreshBinding<'_>) -> Result<RefreshToken, RefreshTokenError> {
        let body = format!("{}.{}.{}.{}", self.grant_id, self.generation, self.kid, self.seed.expose());
        hmac::verify(key, &mac_input(&body, binding), &self.mac).map_err(|_| RefreshTokenError)?;
        Ok(RefreshToken { grant_id: self.grant_id, generation: self.generation, seed: RefreshSeed(self.seed) })
    }
}

impl FromStr for UnverifiedRefreshToken {
    type Err = RefreshTokenError;

    fn from_str(text: &str) -> Result<Self, RefreshTokenError> {
        if text.len() > MAX_LENGTH {
            return Err(RefreshTokenError);
        }
        let mut parts = text.split('.');
        let mut part = || parts.next().ok_or(RefreshTokenError);
        let (grant_id, generation, kid, seed, mac) = (part()?, part()?, part()?, part()?, part()?);
        if parts.next().is_some() {
            return Err(RefreshTokenError);
        }
        let number: u64 = generation.parse().map_err(|_| RefreshTokenError)?;
        let canonical = number.to_string() == generation;
        let kid_fits = (1..=64).contains(&kid.len()) && kid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let seed_fits = URL_SAFE_NO_PAD.decode(seed).is_ok_and(|bytes| bytes.len() == 32);
        let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| RefreshTokenError)?;
        if !canonical || !kid_fits || !seed_fits || mac.len() != 32 {
            return Err(RefreshTokenError);
        }
        Ok(Self {
            grant_id: parse_ulid(grant_id).ok_or(RefreshTokenError)?,
            generation: number,
            kid: kid.to_owned(),
            seed: Secret::new(seed),
            mac,
        })
    }
}

fn mac_input(body: &str, binding: RefreshBinding<'_>) -> Vec<u8> {
    // No part can contain NUL, so no two different bindings give the same input.
    format!("grantlet refresh token 1\0{body}\0{}\0{}", binding.client_id, binding.dpop_jkt.unwrap_or_default()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &[7; 32])
    }

    fn client(id: &str) -> ClientId {
        ClientId::parse(id).unwrap()
    }

    fn token() -> RefreshToken {
        RefreshToken { grant_id: Ulid::from_parts(1_700_000_000_000, 9), generation: 3, seed: RefreshSeed(Secret::from_bytes(&[5; 32])) }
    }

    /// OAuth 2.1 section 4.3: a refresh token is bound to its client.
    #[test]
    fn a_refresh_token_verifies_only_with_its_key_client_and_dpop_key() {
        let a = client("a");
        let bound = RefreshBinding { client_id: &a, dpop_jkt: Some("jkt") };
        let text = token().render("k1", &key(), bound);
        let parsed: UnverifiedRefreshToken = text.expose().parse().unwrap();
        assert_eq!((parsed.generation, parsed.kid.as_str()), (3, "k1"));
        assert!(parsed.clone().verify(&key(), bound).is_ok());
        let b = client("b");
        for wrong in [
            RefreshBinding { client_id: &b, dpop_jkt: Some("jkt") },
            RefreshBinding { client_id: &a, dpop_jkt: None },
            RefreshBinding { client_id: &a, dpop_jkt: Some("other") },
        ] {
            assert!(parsed.clone().verify(&key(), wrong).is_err(), "{wrong:?}");
        }
        assert!(parsed.verify(&hmac::Key::new(hmac::HMAC_SHA256, &[8; 32]), bound).is_err());
    }

    #[test]
    fn every_proper_prefix_and_every_other_spelling_is_refused() {
        let a = client("a");
        let text = token().render("k1", &key(), RefreshBinding { client_id: &a, dpop_jkt: None });
        let text = text.expose();
        for end in 0..text.len() {
            assert!(text[..end].parse::<UnverifiedRefreshToken>().is_err(), "{end}");
        }
        for other in
            [text.replace(".3.", ".03."), text.replace(".3.", ".+3."), text.replace("k1", ""), format!("{text}."), text.to_lowercase()]
        {
            assert!(other.parse::<UnverifiedRefreshToken>().is_err(), "{other}");
        }
    }
}
