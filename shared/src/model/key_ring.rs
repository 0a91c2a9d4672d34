//! The key ring: the public half of every key, its state, and when the state may change.

use serde::{Deserialize, Serialize};

use super::client::SigningAlg;
use crate::config::Lifetimes;
use crate::context::Timestamp;

/// All public keys of an issuer, in one record that is replaced whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRing {
    /// Counts replacements; a replacement is conditional on the version it was made from.
    pub version: u64,
    /// The sets of signing keys, oldest first. Each set has a key for each algorithm.
    pub signing: Vec<SigningSet>,
    /// The keys that authenticate refresh tokens, oldest first. Only names and states: they have no public half.
    pub refresh: Vec<RefreshKeyInfo>,
}

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Published (or loaded), but not used yet.
    Next,
    /// In use for new tokens.
    Active,
    /// Not used for new tokens; still verifies old ones until `remove_at`.
    Retired,
    /// No longer published; the public half is kept for `id_token_hint`.
    Archived,
}

/// Keys that were made together, change state together, and whose private halves are stored together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningSet {
    /// The name of the set, a ULID.
    pub id: String,
    /// Its state.
    pub state: KeyState,
    /// When it was made and published.
    pub created_at: Timestamp,
    /// When it began to sign.
    pub activated_at: Option<Timestamp>,
    /// When it stopped signing.
    pub retired_at: Option<Timestamp>,
    /// The keys.
    pub keys: Vec<PublicKey>,
}

/// One public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// Its `kid`: the RFC 7638 thumbprint.
    pub kid: String,
    /// Its algorithm.
    pub alg: SigningAlg,
    /// The JWK, with `kid`, `alg` and `use` (RFC 7517 section 4).
    pub jwk: serde_json::Value,
}

/// A key that authenticates refresh tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshKeyInfo {
    /// Its name, which refresh tokens carry.
    pub kid: String,
    /// Its state.
    pub state: KeyState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it came into use.
    pub activated_at: Option<Timestamp>,
    /// When it went out of use.
    pub retired_at: Option<Timestamp>,
}

impl KeyRing {
    /// The keys that belong into the JWKS: those that sign, will sign, or have signed tokens that may still be valid.
    pub fn published(&self) -> impl Iterator<Item = &PublicKey> {
        self.signing.iter().filter(|set| set.state != KeyState::Archived).flat_map(|set| &set.keys)
    }

    /// Every public key that is known, archived ones too: what they signed may come back to us as a hint.
    pub fn all(&self) -> impl Iterator<Item = &PublicKey> {
        self.signing.iter().flat_map(|set| &set.keys)
    }

    /// The set that signs.
    #[must_use]
    pub fn active_signing(&self) -> Option<&SigningSet> {
        self.signing.iter().rev().find(|set| set.state == KeyState::Active)
    }

    /// The key that new refresh tokens are authenticated with.
    #[must_use]
    pub fn active_refresh(&self) -> Option<&RefreshKeyInfo> {
        self.refresh.iter().rev().find(|key| key.state == KeyState::Active)
    }
}

/// How long keys of one kind stay in each state, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct KeyTimes {
    /// From making to use: until every instance and every cache knows the key.
    pub ahead: i64,
    /// In use.
    pub active: i64,
    /// Out of use, but good for what was made with it.
    pub retired: i64,
    /// Kept after that for the record; 0 to forget it at once.
    pub archived: i64,
}

/// Instances that hold an old ring go on using a key for this long after it was retired, and their clocks may differ, in seconds.
const LAG: i64 = 1_800 + 300;
/// How long a refresh key is loaded everywhere before it is used, in seconds.
const REFRESH_AHEAD: i64 = 3_600;
/// How long the public half of a signing key is kept for `id_token_hint`, in seconds.
const ARCHIVE: i64 = 400 * 24 * 60 * 60;

impl KeyTimes {
    /// Of signing keys: published before they sign, and until the last token that they signed has expired.
    #[must_use]
    pub fn of_signing(lifetimes: &Lifetimes) -> Self {
        Self { ahead: lifetimes.key_publish_ahead, active: lifetimes.key_active, retired: lifetimes.token + LAG, archived: ARCHIVE }
    }

    /// Of refresh keys: good until the last grant whose token they authenticate has ended.
    #[must_use]
    pub fn of_refresh(lifetimes: &Lifetimes) -> Self {
        Self { ahead: REFRESH_AHEAD, active: lifetimes.key_active, retired: lifetimes.refresh_absolute + LAG, archived: 0 }
    }
}

/// A key's state and when it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Life {
    state: KeyState,
    created_at: Timestamp,
    activated_at: Option<Timestamp>,
    retired_at: Option<Timestamp>,
}

/// What is due.
#[derive(Clone, Debug)]
pub struct Due {
    /// The ring with every state that is due to change changed, and every key that is due to go gone.
    pub ring: KeyRing,
    /// The state of a set of signing keys that is to be made.
    pub new_signing: Option<KeyState>,
    /// The state of a refresh key that is to be made.
    pub new_refresh: Option<KeyState>,
}

/// The names of the private halves that are kept.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// Ids of signing sets.
    pub signing: Vec<String>,
    /// Names of refresh keys.
    pub refresh: Vec<String>,
}

impl KeyRing {
    /// What is due at `now`. With `begin`, successors are made although nothing is due yet.
    #[must_use]
    pub fn due(&self, now: Timestamp, lifetimes: &Lifetimes, held: &Held, begin: bool) -> Due {
        let mut ring = Self { version: self.version, ..Self::default() };
        let lives: Vec<_> = self.signing.iter().map(|set| (set.life(), held.signing.contains(&set.id))).collect();
        let (after, new_signing) = advance(&lives, now, KeyTimes::of_signing(lifetimes), begin);
        for (set, life) in self.signing.iter().zip(after) {
            ring.signing.extend(life.map(|life| set.with(life)));
        }
        let lives: Vec<_> = self.refresh.iter().map(|key| (key.life(), held.refresh.contains(&key.kid))).collect();
        let (after, new_refresh) = advance(&lives, now, KeyTimes::of_refresh(lifetimes), begin);
        for (key, life) in self.refresh.iter().zip(after) {
            ring.refresh.extend(life.map(|life| key.with(life)));
        }
        Due { ring, new_signing, new_refresh }
    }

    /// The ring without any key, for an emergency: nothing that was signed counts any more.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Self { version: self.version, ..Self::default() }
    }
}

/// The lives of the keys of one kind after `now`, none for those that are forgotten, and the state of a key that is to be made.
/// Beside each life stands whether its private half is held.
fn advance(lives: &[(Life, bool)], now: Timestamp, times: KeyTimes, begin: bool) -> (Vec<Option<Life>>, Option<KeyState>) {
    let mut after: Vec<Option<Life>> = lives.iter().map(|(life, held)| age(*life, *held, now, times)).collect();
    let position = |after: &[Option<Life>], state| after.iter().rposition(|life| life.is_some_and(|life| life.state == state));
    let active = position(&after, KeyState::Active);
    let next = position(&after, KeyState::Next);
    let activate = |life: &mut Option<Life>| {
        if let Some(life) = life {
            (life.state, life.activated_at) = (KeyState::Active, Some(now));
        }
    };
    let created_at = next.and_then(|at| after.get(at).copied().flatten()).map(|life| life.created_at);
    let activated_at = active.and_then(|at| after.get(at).copied().flatten()).and_then(|life| life.activated_at);
    let made = match (activated_at, created_at) {
        (None, None) => Some(KeyState::Active),
        // Better a key that not everybody knows yet than none.
        (None, Some(_)) => {
            next.and_then(|at| after.get_mut(at)).map(activate);
            None
        }
        (Some(_), Some(created_at)) if now.since(created_at) >= times.ahead => {
            for life in after.iter_mut().flatten().filter(|life| life.state == KeyState::Active) {
                (life.state, life.retired_at) = (KeyState::Retired, Some(now));
            }
            next.and_then(|at| after.get_mut(at)).map(activate);
            None
        }
        (Some(_), Some(_)) => None,
        (Some(activated_at), None) => (begin || now.since(activated_at) >= times.active - times.ahead).then_some(KeyState::Next),
    };
    (after, made)
}

/// One key after `now`, by itself.
fn age(life: Life, held: bool, now: Timestamp, times: KeyTimes) -> Option<Life> {
    let since_retired = || life.retired_at.map_or(0, |at| now.since(at));
    match life.state {
        // Its private half is lost: nobody can use it.
        KeyState::Next => held.then_some(life),
        KeyState::Active if held => Some(life),
        KeyState::Active => Some(Life { state: KeyState::Retired, retired_at: Some(now), ..life }),
        KeyState::Retired if since_retired() < times.retired => Some(life),
        KeyState::Retired | KeyState::Archived if since_retired() < times.retired + times.archived => {
            Some(Life { state: KeyState::Archived, ..life })
        }
        KeyState::Retired | KeyState::Archived => None,
    }
}

impl SigningSet {
    fn life(&self) -> Life {
        Life { state: self.state, created_at: self.created_at, activated_at: self.activated_at, retired_at: self.retired_at }
    }

    fn with(&self, life: Life) -> Self {
        Self { state: life.state, activated_at: life.activated_at, retired_at: life.retired_at, ..self.clone() }
    }
}

impl RefreshKeyInfo {
    fn life(&self) -> Life {
        Life { state: self.state, created_at: self.created_at, activated_at: self.activated_at, retired_at: self.retired_at }
    }

    fn with(&self, life: Life) -> Self {
        Self { state: life.state, activated_at: life.activated_at, retired_at: life.retired_at, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: i64 = 3_600;
    const DAY: i64 = 24 * HOUR;

    /// A ring that lives: keys are made as asked for, and every private half is held unless it is taken away.
    struct World {
        ring: KeyRing,
        held: Held,
        lifetimes: Lifetimes,
        made: usize,
    }

    impl World {
        fn new() -> Self {
            Self { ring: KeyRing::default(), held: Held::default(), lifetimes: Lifetimes::default(), made: 0 }
        }

        fn look(&mut self, now: i64, begin: bool) {
            let now = Timestamp(now);
            let due = self.ring.due(now, &self.lifetimes, &self.held, begin);
            self.ring = due.ring;
            let activated_at = |state| (state == KeyState::Active).then_some(now);
            if let Some(state) = due.new_signing {
                let id = self.name();
                self.held.signing.push(id.clone());
                let set = SigningSet { id, state, created_at: now, activated_at: activated_at(state), retired_at: None, keys: Vec::new() };
                self.ring.signing.push(set);
            }
            if let Some(state) = due.new_refresh {
                let kid = self.name();
                self.held.refresh.push(kid.clone());
                let key = RefreshKeyInfo { kid, state, created_at: now, activated_at: activated_at(state), retired_at: None };
                self.ring.refresh.push(key);
            }
        }

        fn name(&mut self) -> String {
            self.made += 1;
            self.made.to_string()
        }

        fn states(&self) -> Vec<KeyState> {
            self.ring.signing.iter().map(|set| set.state).collect()
        }
    }

    #[test]
    fn the_first_key_signs_at_once_and_its_successors_are_published_a_day_before() {
        use KeyState as S;
        let mut world = World::new();
        world.look(0, false);
        assert_eq!(world.states(), [S::Active]);
        for day in 1..89 {
            world.look(day * DAY, false);
            assert_eq!(world.states(), [S::Active], "day {day}");
        }
        world.look(89 * DAY, false);
        assert_eq!(world.states(), [S::Active, S::Next]);
        world.look(90 * DAY - 1, false);
        assert_eq!(world.states(), [S::Active, S::Next]);
        world.look(90 * DAY, false);
        assert_eq!(world.states(), [S::Retired, S::Active]);
        world.look(91 * DAY, false);
        assert_eq!(world.states(), [S::Archived, S::Active]);
        // A refresh key stays for the longest life of a grant.
        assert_eq!(world.ring.refresh.len(), 2);
        world.look(90 * DAY + 182 * DAY, false);
        assert!(!world.ring.refresh.iter().any(|key| key.kid == "2"), "{:?}", world.ring.refresh);
        world.look(90 * DAY + 401 * DAY, false);
        assert!(!world.ring.signing.iter().any(|set| set.id == "1"));
    }

    #[test]
    fn a_rotation_that_was_asked_for_publishes_a_successor_now_and_uses_it_a_day_later() {
        use KeyState as S;
        let mut world = World::new();
        world.look(0, false);
        world.look(DAY, true);
        assert_eq!(world.states(), [S::Active, S::Next]);
        world.look(DAY + HOUR, true);
        assert_eq!(world.states(), [S::Active, S::Next], "asking twice makes no second one");
        world.look(2 * DAY, false);
        assert_eq!(world.states(), [S::Retired, S::Active]);
    }

    #[test]
    fn a_key_whose_private_half_is_lost_is_replaced_and_still_verifies() {
        use KeyState as S;
        let mut world = World::new();
        world.look(0, false);
        world.held = Held::default();
        world.look(DAY, false);
        assert_eq!(world.states(), [S::Retired, S::Active]);
        assert_eq!(world.ring.active_refresh().unwrap().created_at, Timestamp(DAY));
    }

    proptest! {
        /// At any time one key signs, it was published long enough before, and what it signed can be verified until it has expired.
        #[test]
        fn tokens_verify_from_signing_to_expiry_however_often_keys_are_looked_at(
            steps in proptest::collection::vec((1..40 * HOUR, proptest::bool::weighted(0.05)), 1..400)
        ) {
            let mut world = World::new();
            let mut now = 0;
            world.look(now, false);
            let mut signed: Vec<(i64, String)> = Vec::new();
            for (pause, begin) in steps {
                now += pause;
                // Up to half an hour an instance signs with the ring that it knew.
                let active = world.ring.active_signing().unwrap();
                prop_assert!(active.id == "1" || active.activated_at.unwrap().since(active.created_at) >= DAY);
                signed.push((now + 1_800 + world.lifetimes.token, active.id.clone()));
                world.look(now, begin);
                prop_assert_eq!(world.ring.signing.iter().filter(|set| set.state == KeyState::Active).count(), 1);
                prop_assert_eq!(world.ring.refresh.iter().filter(|key| key.state == KeyState::Active).count(), 1);
                signed.retain(|(expires_at, _)| *expires_at > now);
                for (_, id) in &signed {
                    let published = world.ring.signing.iter().any(|set| set.id == *id && set.state != KeyState::Archived);
                    prop_assert!(published, "{} is gone at {}", id, now);
                }
            }
        }
    }
}
