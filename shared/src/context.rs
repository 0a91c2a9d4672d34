//! What the endpoints may not fetch for themselves: the time, randomness, settings and the store.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::config::Config;
use crate::mail::Mailer;
use crate::model::settings::Settings;
use crate::settings_cache::SettingsCache;
use crate::store::{Store, StoreError};

/// A point in time, in whole seconds since 1970-01-01T00:00:00Z (a `NumericDate` of RFC 7519 section 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This time plus `seconds`, which may be negative. Saturates instead of overflowing.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// The seconds that passed from `earlier` to this time; negative when `earlier` is the later one.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A point in time in the Gregorian calendar, UTC, to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// The year.
    pub year: i64,
    /// The month, from 1.
    pub month: i64,
    /// The day of the month, from 1.
    pub day: i64,
    /// The hour, to 23.
    pub hour: i64,
    /// The minute.
    pub minute: i64,
}

impl Timestamp {
    /// This time in the calendar: years counted from March, in cycles of 400 years.
    #[must_use]
    pub fn civil(self) -> Civil {
        const DAY: i64 = 24 * 60 * 60;
        const CYCLE: i64 = 146_097;
        let (days, seconds) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY));
        let since_march_0000 = days + 719_468;
        let (cycle, day_of_cycle) = (since_march_0000.div_euclid(CYCLE), since_march_0000.rem_euclid(CYCLE));
        let year_of_cycle = (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
        let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = cycle * 400 + year_of_cycle + i64::from(month <= 2);
        Civil { year, month, day, hour: seconds / 3600, minute: seconds / 60 % 60 }
    }
}

/// A source of the current time.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_millis(&self) -> u64;

    /// The current time in whole seconds.
    fn now(&self) -> Timestamp {
        Timestamp(i64::try_from(self.now_millis() / 1000).unwrap_or(i64::MAX))
    }
}

/// A source of random bytes fit for secrets.
pub trait Random: Send + Sync {
    /// Fills `bytes`. An implementation that cannot do so panics: nothing may be issued without randomness.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_millis(&self) -> u64 {
        #[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
        let now = SystemTime::now();
        now.duration_since(UNIX_EPOCH).map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
    }
}

/// The operating system's random source, by way of aws-lc.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomSource;

impl Random for SystemRandomSource {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::expect_used, reason = "a machine without randomness may issue nothing; the caller's request fails as a 500")]
        SystemRandom::new().fill(bytes).expect("the operating system's random source answers");
    }
}

/// Everything that an endpoint works with, handed in by whoever runs it.
#[derive(Clone)]
pub struct Context {
    /// The settings.
    pub config: Arc<Config>,
    /// The two tables.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// The operator's settings, as they were read last.
    pub settings: Arc<SettingsCache>,
    /// How mail is sent.
    pub mailer: Mailer,
}

impl Context {
    /// A context on the operating system's clock and random source.
    #[must_use]
    pub fn new(config: Config, store: Store) -> Self {
        Self {
            config: Arc::new(config),
            store,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandomSource),
            settings: Arc::default(),
            mailer: Mailer::Off,
        }
    }

    /// The same context, sending mail by `mailer`.
    #[must_use]
    pub fn with_mailer(self, mailer: Mailer) -> Self {
        Self { mailer, ..self }
    }

    /// The current time in whole seconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The operator's settings, at most a minute old while requests come in.
    ///
    /// # Errors
    /// When they must be read and the store failed.
    pub async fn settings(&self) -> Result<Arc<Settings>, StoreError> {
        self.settings.current(&self.store, self.now()).await
    }

    /// A new ULID of this clock and random source. Its first ten characters are the time.
    #[must_use]
    pub fn ulid(&self) -> Ulid {
        let mut random = [0_u8; 16];
        self.random.fill(&mut random);
        Ulid::from_parts(self.clock.now_millis(), u128::from_be_bytes(random) >> 48)
    }

    /// `N` fresh random bytes.
    #[must_use]
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0_u8; N];
        self.random.fill(&mut bytes);
        bytes
    }
}
