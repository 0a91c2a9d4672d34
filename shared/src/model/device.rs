//! Device authorization (RFC 8628): a device without a browser asks, and a person answers in a browser elsewhere.
//!
//! The device code is an `ULID "." secret` like an authorization code ([`super::code::CodeToken`]), but never leaves the device; the user code is what
//! the person carries over to the browser.

use ulid::Ulid;

use super::client::ClientId;
use super::secret::SecretHash;
use super::user::UserId;
use crate::context::Timestamp;
use crate::protocol::details::AuthorizationDetails;

/// How long a device code and its user code live, in seconds.
pub const LIFETIME: i64 = 600;
/// The least time between two polls at first, in seconds (RFC 8628 section 3.2).
pub const INTERVAL: i64 = 5;
/// What `slow_down` adds to the interval, in seconds (RFC 8628 section 3.5).
pub const SLOW_DOWN: i64 = 5;
/// Seconds by which a poll may be early: times are whole seconds, and networks are not on time.
pub const EARLY: i64 = 1;

/// RFC 8628 section 6.1: letters that are not taken for others, without vowels, so that no words appear.
const LETTERS: [char; 20] = ['B', 'C', 'D', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Z'];
/// How many letters a user code has: 20^8 codes, 34.5 bits.
const LENGTH: usize = 8;
/// The longest text that is read as a user code, in bytes.
const MAX_TEXT: usize = 64;

/// The code that a person types in. Held without its dash.
#[derive(Clone, PartialEq, Eq)]
pub struct UserCode(String);

/// A text that is no user code, however it is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a user code")]
pub struct UserCodeError;

impl UserCode {
    /// A code of `random`. There are so few codes beside 2^64 that none is likelier than another by more than a billionth.
    #[must_use]
    pub fn new(random: u64) -> Self {
        let mut rest = random;
        let letter = |_| {
            let index = usize::try_from(rest % 20).unwrap_or_default();
            rest /= 20;
            LETTERS.get(index).copied().unwrap_or('B')
        };
        Self((0..LENGTH).map(letter).collect())
    }

    /// Reads what a person typed: in any case, with dashes and spaces wherever they put them (RFC 8628 section 6.1).
    ///
    /// # Errors
    /// When it can't be a code.
    pub fn parse(text: &str) -> Result<Self, UserCodeError> {
        if text.len() > MAX_TEXT {
            return Err(UserCodeError);
        }
        let is_filler = |c: &char| c.is_whitespace() || matches!(c, '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}');
        let code: String = text.chars().filter(|c| !is_filler(c)).map(|c| c.to_ascii_uppercase()).collect();
        let fits = code.len() == LENGTH && code.chars().all(|c| LETTERS.contains(&c));
        if fits { Ok(Self(code)) } else { Err(UserCodeError) }
    }

    /// The code as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code as people see it: `BCDF-GHJK`.
    #[must_use]
    pub fn display(&self) -> String {
        let (first, second) = self.0.split_at_checked(LENGTH / 2).unwrap_or((&self.0, ""));
        format!("{first}-{second}")
    }
}

/// Whoever reads it in a log could answer in the person's place.
impl std::fmt::Debug for UserCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A request of a device, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRequest {
    /// The key; the grant will have the same.
    pub id: Ulid,
    /// The hash of the device code's secret.
    pub secret_hash: SecretHash,
    /// The hash of the seed of refresh tokens, which only who holds the device code can know.
    pub seed_hash: SecretHash,
    /// Which client asks.
    pub client_id: ClientId,
    /// What the person types in.
    pub user_code: UserCode,
    /// The scopes asked for.
    pub scopes: Vec<String>,
    /// The resources that tokens may be for; never empty.
    pub resources: Vec<String>,
    /// What else is asked for, in a structured form (RFC 9396).
    pub details: AuthorizationDetails,
    /// What the person said.
    pub status: DeviceStatus,
    /// How fast the device may poll.
    pub pace: Pace,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What the person said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceStatus {
    /// Nothing yet.
    Pending,
    /// Yes. The grant has the device code's ULID.
    Approved {
        /// Who.
        user_id: UserId,
    },
    /// No.
    Denied,
}

/// How fast a device may poll (RFC 8628 section 3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Seconds from one poll to the next.
    pub interval: i64,
    /// Polls before this are too fast.
    pub next_at: Timestamp,
}

impl Pace {
    /// That of a device which has not polled yet: its first poll may come at once.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { interval: INTERVAL, next_at: now }
    }

    /// Whether a poll at `now` is slow enough.
    #[must_use]
    pub fn allows(self, now: Timestamp) -> bool {
        now >= self.next_at
    }

    /// After a poll at `now` that was slow enough.
    #[must_use]
    pub fn after(self, now: Timestamp) -> Self {
        Self { next_at: now.plus(self.interval - EARLY), ..self }
    }
}

/// What a device presents when it polls. Every part is held against the record by the delete's own condition.
#[derive(Clone, Debug)]
pub struct DevicePresentation {
    /// The key.
    pub id: Ulid,
    /// The hash of the presented secret.
    pub secret_hash: SecretHash,
    /// The authenticated client.
    pub client_id: ClientId,
    /// The resources asked for, each of which the request must contain.
    pub resources: Vec<String>,
    /// The time of the request.
    pub now: Timestamp,
}

/// How a redemption ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceRedemption {
    /// This call deleted the request: it alone may issue tokens.
    Redeemed(Box<DeviceRequest>),
    /// It is not as it must be; it stays as it is.
    Refused(Box<DeviceRequest>),
    /// There is no such request: redeemed, or removed by TTL.
    Gone,
}

/// How an answer of a person ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// This call answered.
    Done,
    /// The request was answered before, is over, or is gone; nothing was written.
    TooLate,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8628 section 6.1
    #[test]
    fn a_user_code_is_read_however_people_type_it() {
        let code = UserCode::parse("WDJB-MJHT").unwrap();
        for text in ["wdjb-mjht", "WDJBMJHT", " wdjb mjht ", "W D J B - M J H T", "wdjb\u{2013}mjht", "WDJB\u{a0}MJHT"] {
            assert_eq!(UserCode::parse(text).unwrap(), code, "{text}");
        }
        assert_eq!((code.as_str(), code.display().as_str()), ("WDJBMJHT", "WDJB-MJHT"));
        for text in [
            "",
            "WDJB-MJH",
            "WDJB-MJHTT",
            "WDJB-MJHA",
            "WDJB-MJH1",
            "WDJB-MJH\u{130}",
            "<script>",
            &"W".repeat(65),
            &format!("WDJBMJHT{}", " ".repeat(64)),
        ] {
            assert_eq!(UserCode::parse(text), Err(UserCodeError), "{text}");
        }
        assert_eq!(format!("{code:?}"), "[redacted]");
    }

    /// RFC 8628 section 6.1: no vowel, nothing that looks like something else
    #[test]
    fn user_codes_have_eight_unambiguous_letters() {
        assert_eq!(UserCode::new(0).as_str(), "BBBBBBBB");
        assert_eq!(UserCode::new(20_u64.pow(8) - 1).as_str(), "ZZZZZZZZ");
        for random in [1, 19, 20, 21, u64::MAX, 0x0123_4567_89ab_cdef] {
            let code = UserCode::new(random);
            assert!(code.as_str().len() == 8 && code.as_str().chars().all(|c| !"AEIOUY0123456789".contains(c)), "{code:?}");
            assert_eq!(UserCode::parse(&code.display()).unwrap(), code);
        }
    }

    /// RFC 8628 section 3.5
    #[test]
    fn the_first_poll_may_come_at_once_and_the_next_after_the_interval() {
        let now = Timestamp(1_000);
        let pace = Pace::new(now);
        assert!(pace.allows(now));
        let pace = pace.after(now);
        assert!(!pace.allows(now.plus(3)) && pace.allows(now.plus(4)) && pace.allows(now.plus(5)));
    }
}
