//! Which `sub` a client sees of a person (`OpenID` Connect Core section 8). Whatever leaves for a client takes it from here.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::OnceCell;

use crate::model::client::{Client, SubjectType};
use crate::model::user::{Subject, User, UserId};
use crate::vault::{Vault, VaultError};

/// The subjects of people, as clients see them. Reads the salt when the first pairwise client needs it, and keeps it.
#[derive(Debug)]
pub struct Subjects {
    vault: Vault,
    salt: OnceCell<hmac::Key>,
}

impl Subjects {
    /// Subjects by the salt in `vault`.
    #[must_use]
    pub fn new(vault: Vault) -> Self {
        Self { vault, salt: OnceCell::new() }
    }

    /// The `sub` of `user` for `client`: the person's own, or one that only the client's sector sees.
    ///
    /// # Errors
    /// When the client is pairwise and the salt can't be read.
    pub async fn subject_for(&self, client: &Client, user: &User) -> Result<Subject, VaultError> {
        match client.subject_type {
            SubjectType::Public => Ok(user.subject.clone()),
            SubjectType::Pairwise => Ok(pairwise(self.salt().await?, &sector_of(client), user.id)),
        }
    }

    /// Makes sure that [`Self::subject_for`] can't fail for `client`, before anything is spent that can be spent once.
    ///
    /// # Errors
    /// When the client is pairwise and the salt can't be read.
    pub async fn prepare(&self, client: &Client) -> Result<(), VaultError> {
        match client.subject_type {
            SubjectType::Public => Ok(()),
            SubjectType::Pairwise => self.salt().await.map(drop),
        }
    }

    async fn salt(&self) -> Result<&hmac::Key, VaultError> {
        self.salt.get_or_try_init(|| self.vault.pairwise_salt()).await
    }
}

/// `OpenID` Connect Core section 8.1. A registration without a sector is not accepted; one that has none all the same shares it with nobody.
fn sector_of(client: &Client) -> String {
    client.sector().unwrap_or_else(|| format!("client:{}", client.client_id))
}

/// `base64url(HMAC-SHA256(salt, label, sector, user))`: the same for a sector for ever, and of no use to anybody else. It has 43 characters,
/// so that it is never a user's ULID.
fn pairwise(salt: &hmac::Key, sector: &str, user: UserId) -> Subject {
    let tag = hmac::sign(salt, format!("grantlet pairwise subject\0{sector}\0{user}").as_bytes());
    Subject(URL_SAFE_NO_PAD.encode(tag.as_ref()))
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    /// `OpenID` Connect Core section 8.1: the values were computed with Python's hmac.
    #[test]
    fn a_pairwise_subject_depends_on_salt_sector_and_user() {
        let salt = |byte| hmac::Key::new(hmac::HMAC_SHA256, &[byte; 32]);
        let (one, two) = (UserId(Ulid::from_parts(1, 1)), UserId(Ulid::from_parts(1, 2)));
        let subject = pairwise(&salt(7), "app.example", one);
        assert_eq!(subject.0, "X1i8-_0sv3Gyg5dc1dXibCERiSBGrtT6yl8rk4pOHFw");
        for other in
            [pairwise(&salt(8), "app.example", one), pairwise(&salt(7), "app2.example", one), pairwise(&salt(7), "app.example", two)]
        {
            assert_ne!(other, subject);
        }
    }
}
