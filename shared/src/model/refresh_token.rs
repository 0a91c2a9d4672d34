//! The refresh token: nothing of it is stored, and who does not hold the refresh key can't make one.
//!
//! `grant ULID "." generation "." key id "." seed ["." thumbprint] "." HMAC-SHA256`. The code covers everything before it and the client. The
//! thumbprint is that of the DPoP key which a public client proved at the exchange (RFC 9449 section 5): the token says itself to which key it is
//! bound, so that it can be told from a forged one, and from one without its key, without a request to the store, and be revoked by who can't prove
//! the key any more. A dump of the table yields no token, and neither does a leaked refresh key alone: the seed comes from the authorization code.

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
    dpop_jkt: Option<String>,
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
    /// The thumbprint of the DPoP key to which it is bound: whoever refreshes with it must prove that key.
    pub dpop_jkt: Option<String>,
}

/// A text that was never a refresh token of ours.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a refresh token of this server")]
pub struct RefreshTokenError;

impl RefreshToken {
    /// The token as it is sent to `client_id`, authenticated with `key`, whose name is `kid`.
    #[must_use]
    pub fn render(&self, kid: &str, key: &hmac::Key, client_id: &ClientId) -> Secret {
        let body = body_of(self.grant_id, self.generation, kid, &self.seed.0, self.dpop_jkt.as_deref());
        let mac = hmac::sign(key, &mac_input(&body, client_id));
        Secret::new(format!("{body}.{}", URL_SAFE_NO_PAD.encode(mac)))
    }

    /// The hash of the seed, as the grant holds it.
    #[must_use]
    pub fn seed_hash(&self) -> SecretHash {
        self.seed.0.hash()
    }
}

impl UnverifiedRefreshToken {
    /// Verifies the authentication code with `key`, in constant time. Whether the DPoP key was proven is for the caller to check.
    ///
    /// # Errors
    /// When the token was changed, made with another key, or issued to another client.
    pub fn verify(self, key: &hmac::Key, client_id: &ClientId) -> Result<RefreshToken, RefreshTokenError> {
        let body = body_of(self.grant_id, self.generation, &self.kid, &self.seed, self.dpop_jkt.as_deref());
        hmac::verify(key, &mac_input(&body, client_id), &self.mac).map_err(|_| RefreshTokenError)?;
        Ok(RefreshToken { grant_id: self.grant_id, generation: self.generation, seed: RefreshSeed(self.seed), dpop_jkt: self.dpop_jkt })
    }
}

impl FromStr for UnverifiedRefreshToken {
    type Err = RefreshTokenError;

    fn from_str(text: &str) -> Result<Self, RefreshTokenError> {
        if text.len() > MAX_LENGTH {
            return Err(RefreshTokenError);
        }
        let parts: Vec<&str> = text.split('.').take(7).collect();
        let (grant_id, generation, kid, seed, jkt, mac) = match *parts.as_slice() {
            [grant_id, generation, kid, seed, mac] => (grant_id, generation, kid, seed, None, mac),
            [grant_id, generation, kid, seed, jkt, mac] => (grant_id, generation, kid, seed, Some(jkt), mac),
            _ => return Err(RefreshTokenError),
        };
        let number: u64 = generation.parse().map_err(|_| RefreshTokenError)?;
        let canonical = number.to_string() == generation;
        let kid_fits = (1..=64).contains(&kid.len()) && kid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let is_hash = |text: &str| URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32);
        let hashes_fit = is_hash(seed) && jkt.is_none_or(is_hash);
        let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| RefreshTokenError)?;
        if !canonical || !kid_fits || !hashes_fit || mac.len() != 32 {
            return Err(RefreshTokenError);
        }
        Ok(Self {
            grant_id: parse_ulid(grant_id).ok_or(RefreshTokenError)?,
            generation: number,
            kid: kid.to_owned(),
            seed: Secret::new(seed),
            dpop_jkt: jkt.map(str::to_owned),
            mac,
        })
    }
}

fn body_of(grant_id: Ulid, generation: u64, kid: &str, seed: &Secret, dpop_jkt: Option<&str>) -> String {
    let (dot, jkt) = dpop_jkt.map_or(("", ""), |jkt| (".", jkt));
    format!("{grant_id}.{generation}.{kid}.{}{dot}{jkt}", seed.expose())
}

fn mac_input(body: &str, client_id: &ClientId) -> Vec<u8> {
    // No part can contain NUL, so no two different inputs are alike.
    format!("grantlet refresh token 2\0{body}\0{client_id}").into_bytes()
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

    fn token(dpop_jkt: Option<&str>) -> RefreshToken {
        RefreshToken {
            grant_id: Ulid::from_parts(1_700_000_000_000, 9),
            generation: 3,
            seed: RefreshSeed(Secret::from_bytes(&[5; 32])),
            dpop_jkt: dpop_jkt.map(str::to_owned),
        }
    }

    /// RFC 9449 section 6.1
    const JKT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

    /// OAuth 2.1 section 4.3: a refresh token is bound to its client.
    #[test]
    fn a_refresh_token_verifies_only_with_its_key_and_client() {
        for jkt in [None, Some(JKT)] {
            let text = token(jkt).render("k1", &key(), &client("a"));
            let parsed: UnverifiedRefreshToken = text.expose().parse().unwrap();
            assert_eq!((parsed.generation, parsed.kid.as_str()), (3, "k1"));
            assert_eq!(parsed.clone().verify(&key(), &client("a")).unwrap().dpop_jkt.as_deref(), jkt);
            assert!(parsed.clone().verify(&key(), &client("b")).is_err());
            assert!(parsed.verify(&hmac::Key::new(hmac::HMAC_SHA256, &[8; 32]), &client("a")).is_err());
        }
    }

    /// RFC 9449 section 5: leaving the thumbprint out, putting one in or changing it makes another token
    #[test]
    fn nobody_can_change_the_key_to_which_a_refresh_token_is_bound() {
        let a = client("a");
        let bound = token(Some(JKT)).render("k1", &key(), &a);
        let free = token(None).render("k1", &key(), &a);
        let mac = free.expose().rsplit('.').next().unwrap();
        for changed in [
            bound.expose().replace(&format!(".{JKT}"), ""),
            bound.expose().replace(JKT, &"A".repeat(43)),
            free.expose().replace(&format!(".{mac}"), &format!(".{JKT}.{mac}")),
        ] {
            let parsed: UnverifiedRefreshToken = changed.parse().unwrap();
            assert!(parsed.verify(&key(), &a).is_err(), "{changed}");
        }
    }

    #[test]
    fn every_proper_prefix_and_every_other_spelling_is_refused() {
        let a = client("a");
        for jkt in [None, Some(JKT)] {
            let text = token(jkt).render("k1", &key(), &a);
            let text = text.expose();
            assert!(text.len() <= MAX_LENGTH);
            for end in 0..text.len() {
                let prefix = text[..end].parse::<UnverifiedRefreshToken>();
                assert!(prefix.is_err() || prefix.unwrap().verify(&key(), &a).is_err(), "{end}");
            }
            for other in
                [text.replace(".3.", ".03."), text.replace(".3.", ".+3."), text.replace("k1", ""), format!("{text}."), text.to_lowercase()]
            {
                assert!(other.parse::<UnverifiedRefreshToken>().is_err(), "{other}");
            }
        }
    }
}
