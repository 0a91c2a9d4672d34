//! The life cycle of keys: made, published, put to use, retired and forgotten. `model::key_ring` says what is due; this carries it out.
//!
//! A private half is kept before the ring names it, and removed after the ring has let go of it. What is cut short in between leaves a key that
//! nobody uses; a later run removes it.

mod event;

use std::time::Duration;

use ulid::Ulid;

pub use self::event::{Event, EventError, Reply};
use crate::context::Context;
use crate::jose::signing::{SigningError, SigningKeys};
use crate::model::code::parse_ulid;
use crate::model::key_ring::{Due, Held, KeyRing, KeyState, PublicKey, RefreshKeyInfo, SigningSet};
use crate::model::secret::Secret;
use crate::store::StoreError;
use crate::vault::{KeyKind, SALT, SealingOwner, Vault, VaultError};

/// How often a run begins anew because another one changed the ring meanwhile.
const ATTEMPTS: usize = 6;
/// Private halves that no ring names are left alone for this long: another run may be about to name them.
const GARBAGE_AGE: Duration = Duration::from_hours(1);

/// What shall be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotateCommand {
    /// Whatever is due.
    Scheduled,
    /// Make successors although none is due; they are put to use once they have been published long enough.
    Now,
    /// Replace every signing and refresh key at once; everything that they made ends.
    Emergency,
    /// Remove every private half, because the stack goes.
    DeleteAll,
}

/// Carries out the life cycle.
#[derive(Clone)]
pub struct Rotator {
    /// Settings, store, time and randomness.
    pub context: Context,
    /// The private halves.
    pub vault: Vault,
}

/// Why keys could not be rotated. What was done before stays; the next run goes on.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A key could not be made.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// Other runs changed the ring again and again.
    #[error("other runs changed the keys at the same time")]
    Contended,
}

impl Rotator {
    /// Does `command`, and answers with the ring as it stands then.
    ///
    /// # Errors
    /// When the store or the vault failed; running it again goes on where it stopped.
    pub async fn run(&self, command: RotateCommand) -> Result<KeyRing, RotateError> {
        if command == RotateCommand::DeleteAll {
            return self.delete_all().await;
        }
        self.ensure_lasting_keys().await?;
        let mut command = command;
        for _ in 0..ATTEMPTS {
            let stored = self.context.store.find_key_ring().await?.unwrap_or_default();
            let (signing, refresh) = tokio::try_join!(self.vault.names(KeyKind::Signing), self.vault.names(KeyKind::Refresh))?;
            let held = Held { signing, refresh };
            let base = if command == RotateCommand::Emergency { stored.emptied() } else { stored.clone() };
            let due = base.due(self.context.now(), &self.context.config.lifetimes, &held, command == RotateCommand::Now);
            if due.ring == stored && due.new_signing.is_none() && due.new_refresh.is_none() {
                self.remove_garbage(&stored, &held).await?;
                return Ok(stored);
            }
            let ring = self.make(due).await?;
            if self.context.store.replace_key_ring(&ring).await? {
                report(&stored, &ring);
                if command == RotateCommand::Emergency {
                    self.forget(&stored).await?;
                }
                // What this change makes due is done at once.
                command = RotateCommand::Scheduled;
            } else {
                // Another run was faster. Ours made keys that nobody knows.
                self.forget_unless_in(&ring, &stored).await?;
            }
        }
        Err(RotateError::Contended)
    }

    /// What is made once and stays: the sealing keys of both functions, and the salt of pairwise subjects.
    async fn ensure_lasting_keys(&self) -> Result<(), RotateError> {
        self.ensure(KeyKind::Sealing, &SealingOwner::ALL.map(SealingOwner::as_str)).await?;
        // OpenID Connect Core section 8.1: whoever loses it changes the identity of every person at every pairwise client.
        self.ensure(KeyKind::Pairwise, &[SALT]).await
    }

    async fn ensure(&self, kind: KeyKind, names: &[&'static str]) -> Result<(), RotateError> {
        let held = self.vault.names(kind).await?;
        for &name in names {
            if held.iter().any(|one| one == name) {
                continue;
            }
            let key = Secret::from_bytes(&self.context.random_bytes::<32>());
            match self.vault.keep(kind, name, &key).await {
                Ok(()) => tracing::info!(?kind, name, "a lasting key was made"),
                // Another run was faster.
                Err(_) if self.vault.names(kind).await?.iter().any(|one| one == name) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Makes the keys that are due, keeps their private halves, and answers with the next version of the ring.
    async fn make(&self, due: Due) -> Result<KeyRing, RotateError> {
        let now = self.context.now();
        let mut ring = due.ring;
        let activated_at = |state| (state == KeyState::Active).then_some(now);
        if let Some(state) = due.new_signing {
            let id = self.context.ulid().to_string();
            let (keys, text) = SigningKeys::generate(&id)?;
            self.vault.keep(KeyKind::Signing, &id, &text).await?;
            let keys = keys.keys.iter().map(|key| PublicKey { kid: key.kid.clone(), alg: key.alg(), jwk: key.public_jwk().clone() });
            let set = SigningSet { id, state, created_at: now, activated_at: activated_at(state), retired_at: None, keys: keys.collect() };
            ring.signing.push(set);
        }
        if let Some(state) = due.new_refresh {
            let kid = self.context.ulid().to_string();
            let key = Secret::from_bytes(&self.context.random_bytes::<32>());
            self.vault.keep(KeyKind::Refresh, &kid, &key).await?;
            ring.refresh.push(RefreshKeyInfo { kid, state, created_at: now, activated_at: activated_at(state), retired_at: None });
        }
        ring.version += 1;
        Ok(ring)
    }

    /// Removes the private halves of every key that `ring` names.
    async fn forget(&self, ring: &KeyRing) -> Result<(), RotateError> {
        self.forget_unless_in(ring, &KeyRing::default()).await
    }

    async fn forget_unless_in(&self, ring: &KeyRing, other: &KeyRing) -> Result<(), RotateError> {
        for set in ring.signing.iter().filter(|set| !other.signing.iter().any(|known| known.id == set.id)) {
            self.vault.remove(KeyKind::Signing, &set.id).await?;
        }
        for key in ring.refresh.iter().filter(|key| !other.refresh.iter().any(|known| known.kid == key.kid)) {
            self.vault.remove(KeyKind::Refresh, &key.kid).await?;
        }
        Ok(())
    }

    /// Removes private halves that nobody needs: of archived and forgotten keys, and what a run left behind that was cut short.
    async fn remove_garbage(&self, ring: &KeyRing, held: &Held) -> Result<(), RotateError> {
        let now = self.context.clock.now_millis();
        let age = u64::try_from(GARBAGE_AGE.as_millis()).unwrap_or(u64::MAX);
        let is_old = |name: &&String| parse_ulid(name).map(|id: Ulid| id.timestamp_ms()).is_none_or(|made| made.saturating_add(age) < now);
        let signs = |id: &&String| ring.signing.iter().any(|set| set.id == **id && set.state != KeyState::Archived);
        for id in held.signing.iter().filter(is_old).filter(|id| !signs(id)) {
            self.vault.remove(KeyKind::Signing, id).await?;
        }
        for kid in held.refresh.iter().filter(is_old).filter(|kid| !ring.refresh.iter().any(|key| key.kid == **kid)) {
            self.vault.remove(KeyKind::Refresh, kid).await?;
        }
        Ok(())
    }

    async fn delete_all(&self) -> Result<KeyRing, RotateError> {
        for kind in KeyKind::ALL {
            for name in self.vault.names(kind).await? {
                self.vault.remove(kind, &name).await?;
            }
        }
        Ok(KeyRing::default())
    }
}

/// Says in the log what changed.
fn report(before: &KeyRing, after: &KeyRing) {
    for set in &after.signing {
        if before.signing.iter().find(|known| known.id == set.id).is_none_or(|known| known.state != set.state) {
            tracing::info!(set = set.id, state = ?set.state, "a set of signing keys changed");
        }
    }
    for key in &after.refresh {
        if before.refresh.iter().find(|known| known.kid == key.kid).is_none_or(|known| known.state != key.state) {
            tracing::info!(kid = key.kid, state = ?key.state, "a refresh key changed");
        }
    }
}
