//! The second factor of a built-in account: one-time passwords by time (TOTP, RFC 6238), and the recovery codes that stand in for them.

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::secret::{Secret, SecretHash};
use super::user::UserId;
use crate::context::{Random, Timestamp};

/// How long a code is shown, in seconds (RFC 6238 section 5.2).
pub const STEP: i64 = 30;
/// Steps before and after the present one that count as well: clocks differ, and people type (RFC 6238 section 5.2).
const DRIFT: i64 = 1;
/// The length of a seed, in bytes: that of the hash, and what every app takes (RFC 4226 section 4, R6).
const SEED: usize = 20;
/// How many recovery codes a person gets.
pub const RECOVERY_CODES: usize = 10;
/// The characters of a recovery code, and how many it has: 80 bits. None is taken for another one.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
const RECOVERY_LENGTH: usize = 16;
/// RFC 4648 section 6
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The second factor of a person, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factors {
    /// The seed of the codes, sealed.
    pub sealed_seed: SealedSeed,
    /// The last step whose code was used: it and those before it count no more.
    pub last_step: i64,
    /// The hashes of the recovery codes that are left.
    pub recovery: Vec<SecretHash>,
    /// When it was set up.
    pub created_at: Timestamp,
}

/// A seed, sealed for the record in which it lies.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSeed(pub Vec<u8>);

impl std::fmt::Debug for SealedSeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[sealed]")
    }
}

/// The key of the record that has a person's second factor.
#[must_use]
pub fn record_key(user: UserId) -> String {
    format!("factor#{user}")
}

/// The seed that a person's app and this server share.
pub struct TotpSeed(Zeroizing<[u8; SEED]>);

impl TotpSeed {
    /// A new one.
    #[must_use]
    pub fn new(random: &dyn Random) -> Self {
        let mut seed = Zeroizing::new([0; SEED]);
        random.fill(&mut *seed);
        Self(seed)
    }

    /// One that was kept.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|seed| Self(Zeroizing::new(seed)))
    }

    /// Its bytes, to be sealed in a page.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; SEED] {
        *self.0
    }

    /// Its bytes, to be sealed.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &*self.0
    }

    /// As people type it into an app: base32 without padding.
    #[must_use]
    pub fn to_base32(&self) -> Secret {
        let mut text = String::new();
        let (mut bits, mut count) = (0_u32, 0);
        for byte in self.0.iter() {
            (bits, count) = ((bits << 8) | u32::from(*byte), count + 8);
            while count >= 5 {
                count -= 5;
                let index = usize::try_from((bits >> count) & 31).unwrap_or_default();
                text.extend(BASE32.get(index).map(|byte| char::from(*byte)));
            }
        }
        Secret::new(text)
    }

    /// What the QR code says, in the form that apps read: whose code it is, of which site.
    #[must_use]
    pub fn to_uri(&self, site: &str, account: &str) -> Secret {
        let encode = |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        // A colon parts site and account, and stands in neither.
        let (site, account) = (encode(&site.replace(':', " ")), encode(&account.replace(':', " ")));
        let secret = self.to_base32();
        Secret::new(format!("otpauth://totp/{site}:{account}?secret={}&issuer={site}&algorithm=SHA1&digits=6&period=30", secret.expose()))
    }

    /// The step whose code `code` is, among those that count at `now`.
    #[must_use]
    pub fn find_step(&self, code: &str, now: Timestamp) -> Option<i64> {
        let present = now.0.div_euclid(STEP);
        let given = SecretHash::of(code.as_bytes());
        // All are computed and compared, whichever it is.
        let found = (present - DRIFT..=present + DRIFT).map(|step| (step, SecretHash::of(self.code_at(step).as_bytes()) == given));
        found.fold(None, |seen, (step, is_it)| if is_it { Some(step) } else { seen })
    }

    /// RFC 6238 section 4, RFC 4226 section 5.3
    fn code_at(&self, step: i64) -> String {
        let tag = sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &*self.0), &step.to_be_bytes());
        let bytes = tag.as_ref();
        let offset = usize::from(bytes.last().copied().unwrap_or_default() & 0x0f);
        let word = bytes.get(offset..offset + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_be_bytes);
        format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
    }
}

/// What somebody typed in as a second factor.
#[derive(Clone, Debug)]
pub enum TypedFactor {
    /// Six digits of an app.
    Totp(Secret),
    /// A recovery code, in its one spelling.
    Recovery(Secret),
}

impl TypedFactor {
    /// Reads what was typed, with spaces and dashes wherever; none for what can be neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 64 {
            return None;
        }
        let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_lowercase()).collect();
        if plain.len() == 6 && plain.bytes().all(|b| b.is_ascii_digit()) {
            Some(Self::Totp(Secret::new(plain)))
        } else if plain.len() == RECOVERY_LENGTH && plain.bytes().all(|b| ALPHABET.contains(&b)) {
            Some(Self::Recovery(Secret::new(plain)))
        } else {
            None
        }
    }
}

/// New recovery codes, as people see them: four groups of four.
#[must_use]
pub fn new_recovery_codes(random: &dyn Random) -> Vec<Secret> {
    let one = || {
        let mut bytes = Zeroizing::new([0_u8; RECOVERY_LENGTH]);
        random.fill(&mut *bytes);
        let mut text = String::new();
        for (index, byte) in bytes.iter().enumerate() {
            if index > 0 && index % 4 == 0 {
                text.push('-');
            }
            // 256 is a multiple of 32: each character is as likely as any other.
            text.extend(ALPHABET.get(usize::from(byte % 32)).map(|byte| char::from(*byte)));
        }
        Secret::new(text)
    };
    (0..RECOVERY_CODES).map(|_| one()).collect()
}

/// What is kept of a recovery code: it has 80 bits, and the hash is of this person's alone.
#[must_use]
pub fn hash_recovery_code(user: UserId, code: &Secret) -> SecretHash {
    let plain: String = code.expose().chars().filter(|c| *c != '-').collect();
    SecretHash::of(format!("recovery\0{user}\0{plain}").as_bytes())
}

/// What a page or a link remembers of the credentials of an account, so that it counts no more when they have changed.
#[must_use]
pub fn fingerprint(parts: &[&str]) -> String {
    let text: String = parts.iter().flat_map(|part| [part.len().to_string(), ":".to_owned(), (*part).to_owned()]).collect();
    let hash = SecretHash::of(text.as_bytes());
    let (short, _) = hash.as_bytes().split_at(16);
    URL_SAFE_NO_PAD.encode(short)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::SystemRandomSource;

    /// RFC 6238 appendix B, by its last six digits
    #[test]
    fn codes_are_those_of_the_specification() {
        let seed = TotpSeed::from_bytes(b"12345678901234567890").unwrap();
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(seed.find_step(code, Timestamp(time)), Some(time / 30), "{time}");
        }
        assert!(TotpSeed::from_bytes(b"1234567890").is_none());
    }

    /// RFC 6238 section 5.2
    #[test]
    fn a_code_counts_one_step_early_or_late() {
        let seed = TotpSeed::from_bytes(b"12345678901234567890").unwrap();
        for (now, counts) in [(-1, false), (0, true), (29, true), (30, true), (59, true), (89, true), (90, false)] {
            assert_eq!(seed.find_step("081804", Timestamp(1_111_111_050 + now)), counts.then_some(37_037_036), "{now}");
        }
        for wrong in ["081805", "81804", "", "0818040"] {
            assert_eq!(seed.find_step(wrong, Timestamp(1_111_111_109)), None);
        }
    }

    /// RFC 4648 section 10
    #[test]
    fn seeds_are_shown_in_base32() {
        let seed = TotpSeed::from_bytes(b"12345678901234567890").unwrap();
        assert_eq!(seed.to_base32().expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let uri = seed.to_uri("Example: Co & Söhne", "alice@example.com");
        assert_eq!(
            uri.expose(),
            "otpauth://totp/Example%20%20Co%20%26%20S%C3%B6hne:alice%40example%2Ecom?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Example%20%20Co%20%26%20S%C3%B6hne&algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn recovery_codes_are_read_however_they_are_typed() {
        let codes = new_recovery_codes(&SystemRandomSource);
        let user = UserId(ulid::Ulid::from(7));
        assert_eq!(codes.len(), RECOVERY_CODES);
        for code in &codes {
            assert_eq!(code.expose().len(), RECOVERY_LENGTH + 3);
            for spelling in [code.expose().to_owned(), code.expose().to_uppercase(), format!(" {} ", code.expose().replace('-', " "))] {
                let Some(TypedFactor::Recovery(typed)) = TypedFactor::parse(&spelling) else { panic!("{spelling}") };
                assert_eq!(hash_recovery_code(user, &typed), hash_recovery_code(user, code));
                assert_ne!(hash_recovery_code(UserId(ulid::Ulid::from(8)), &typed), hash_recovery_code(user, code));
            }
        }
        assert!(matches!(TypedFactor::parse(" 123 456 "), Some(TypedFactor::Totp(code)) if code.expose() == "123456"));
        for neither in ["", "12345", "1234567", "12345a", "iiii-llll-oooo-1111", &"a".repeat(17), &" ".repeat(100)] {
            assert!(TypedFactor::parse(neither).is_none(), "{neither}");
        }
    }
}
