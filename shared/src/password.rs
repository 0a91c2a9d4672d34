//! Passwords: Argon2id (RFC 9106), with parameters that fit a function of 256 MB.
//!
//! 19 MiB and two passes are what OWASP's Password Storage Cheat Sheet asks for at least. More memory would leave less for the requests
//! beside it, more passes would make people wait on a function with a sixth of a processor.
//!
//! Passwords are hashed in the one spelling that Unicode gives to texts that look alike (NFKC; NIST SP 800-63B section 3.1.1.2), so that a keyboard
//! that composes an umlaut in another way makes no difference.

mod strength;

use std::sync::{LazyLock, Mutex, PoisonError};

pub use strength::{LONGEST, Pattern, SHORTEST, Weakness, check_strength};

use argon2::password_hash::{PasswordVerifier as _, phc};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use icu_normalizer::ComposingNormalizerBorrowed;
use zeroize::Zeroizing;

use crate::context::Random;
use crate::model::secret::Secret;
use crate::model::user::PasswordHash;

/// Memory, in KiB.
const MEMORY: u32 = 19 * 1024;
/// Passes over the memory.
const PASSES: u32 = 2;
/// Lanes; a function has one processor at most.
const LANES: u32 = 1;

static ARGON2: LazyLock<Argon2<'static>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "constant parameters within the bounds of Params, as every test shows")]
    let params = Params::new(MEMORY, PASSES, LANES, None).expect("parameters are within their bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
});

/// The memory in which passwords are hashed, one at a time: a function answers one request at a time. It is asked of the system once. Fresh memory for each hash costs time
/// for its pages, and each thread that ever hashed would keep its own.
static WORKSPACE: Mutex<Vec<Block>> = Mutex::new(Vec::new());

/// The length of a hash, in bytes.
const LENGTH: usize = Params::DEFAULT_OUTPUT_LEN;

/// A hash that no password has, to spend the time of a verification where there is no account. It is written down, not computed: the first name without an
/// account would take twice as long.
static NOBODY: LazyLock<PasswordHash> = LazyLock::new(|| {
    let (salt, hash) = ("bm8gYWNjb3VudCBoZXJlLg", "A".repeat(43));
    PasswordHash(format!("{}{salt}${hash}", *PARAMETERS))
});

/// What hashes of today's parameters begin with, in PHC form.
static PARAMETERS: LazyLock<String> = LazyLock::new(|| format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}$"));

/// Hashes `password` with a fresh salt of 16 bytes. Takes tens of milliseconds of a processor.
#[must_use]
pub fn hash_password(password: &Secret, random: &dyn Random) -> PasswordHash {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    hash_with_salt(password, &salt)
}

/// Whether `hash` is `password`'s. Parameters are the hash's own, so that older hashes stay good. Takes tens of milliseconds of a processor.
#[must_use]
pub fn verify_password(password: &Secret, hash: &PasswordHash) -> bool {
    note_hashing();
    let Ok(known) = phc::PasswordHash::new(&hash.0) else { return false };
    if is_outdated(hash) {
        return ARGON2.verify_password(normalize(password).as_bytes(), &known).is_ok();
    }
    let (Some(salt), Some(known)) = (known.salt, known.hash) else { return false };
    derive(password, salt.as_ref()).is_ok_and(|hash| verify_slices_are_equal(&*hash, known.as_bytes()).is_ok())
}

/// Whether `hash` was made with other parameters than today's, so that it is worth making anew when the password is at hand.
#[must_use]
pub fn is_outdated(hash: &PasswordHash) -> bool {
    !hash.0.starts_with(PARAMETERS.as_str())
}

/// Takes as long as [`verify_password`] and is never satisfied: for user names that do not exist.
pub fn verify_nobody(password: &Secret) {
    let _ = verify_password(password, &NOBODY);
}

/// Says in the log, for whoever counts, that a processor is busy for a while.
fn note_hashing() {
    tracing::debug!("a password is hashed");
}

fn hash_with_salt(password: &Secret, salt: &[u8]) -> PasswordHash {
    note_hashing();
    #[expect(
        clippy::expect_used,
        reason = "Argon2 fails only for parameters, salts and lengths out of bounds; these are constant, and bodies are bounded"
    )]
    let hash = derive(password, salt).expect("the input is within Argon2's bounds");
    PasswordHash(format!("{}{}${}", *PARAMETERS, STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash)))
}

/// Argon2id by today's parameters. What it leaves in memory is overwritten.
fn derive(password: &Secret, salt: &[u8]) -> argon2::Result<Zeroizing<[u8; LENGTH]>> {
    let mut output = Zeroizing::new([0; LENGTH]);
    let mut workspace = WORKSPACE.lock().unwrap_or_else(PoisonError::into_inner);
    workspace.resize(ARGON2.params().block_count(), Block::new());
    let done = ARGON2.hash_password_into_with_memory(normalize(password).as_bytes(), salt, &mut *output, &mut **workspace);
    workspace.fill(Block::new());
    done.map(|()| output)
}

fn normalize(password: &Secret) -> Zeroizing<String> {
    Zeroizing::new(ComposingNormalizerBorrowed::new_nfkc().normalize_iter(password.expose().chars()).collect())
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::PasswordHasher as _;

    use super::*;
    use crate::context::SystemRandomSource;

    /// RFC 9106 section 4
    #[test]
    fn a_password_verifies_against_its_own_hash_only() {
        let password = Secret::new("correct horse battery staple");
        let hash = hash_password(&password, &SystemRandomSource);
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.0);
        assert!(verify_password(&password, &hash));
        assert!(!verify_password(&Secret::new("correct horse battery staples"), &hash));
        assert!(!verify_password(&Secret::new(""), &hash));
        assert_ne!(hash, hash_password(&password, &SystemRandomSource));
    }

    /// NIST SP 800-63B section 3.1.1.2
    #[test]
    fn passwords_that_look_alike_are_the_same() {
        let hash = hash_password(&Secret::new("gru\u{308}n ﬁsch Å"), &SystemRandomSource);
        assert!(verify_password(&Secret::new("gr\u{fc}n fisch \u{212b}"), &hash));
        assert!(!verify_password(&Secret::new("grun fisch A"), &hash));
    }

    /// OWASP Password Storage Cheat Sheet: upgrading the work factor
    #[test]
    fn a_hash_of_other_parameters_stays_good_and_is_worth_making_anew() {
        let old =
            PasswordHash("$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$tdU2iG6dK1VYDG4JfmrV5sYs4MAtUBVMLBTD7sdkvfE".to_owned());
        assert!(is_outdated(&old));
        assert!(!is_outdated(&hash_password(&Secret::new("x"), &SystemRandomSource)));
    }

    /// RFC 9106: what is computed in memory of our own is what the library computes
    #[test]
    fn the_library_knows_our_hashes_and_we_know_its() {
        let ours = hash_password(&Secret::new("open sesame"), &SystemRandomSource);
        let parsed = phc::PasswordHash::new(&ours.0).unwrap();
        assert!(ARGON2.verify_password(b"open sesame", &parsed).is_ok() && ARGON2.verify_password(b"open sesam", &parsed).is_err());
        let theirs: phc::PasswordHash = ARGON2.hash_password_with_salt(b"open sesame", b"sixteen bytes in").unwrap();
        let theirs = PasswordHash(theirs.to_string());
        assert!(!is_outdated(&theirs));
        assert!(verify_password(&Secret::new("open sesame"), &theirs) && !verify_password(&Secret::new("open sesam"), &theirs));
        assert!(WORKSPACE.lock().unwrap().iter().all(|block| block.as_ref().iter().all(|word| *word == 0)), "nothing is left");
    }

    /// OWASP Authentication Cheat Sheet, "Authentication and Error Messages": the same work for nobody as for somebody
    #[test]
    fn nobody_has_a_hash_of_today_s_parameters() {
        let nobody = phc::PasswordHash::new(&NOBODY.0).unwrap();
        let somebody = hash_password(&Secret::new("x"), &SystemRandomSource);
        let somebody = phc::PasswordHash::new(&somebody.0).unwrap();
        assert_eq!((nobody.algorithm, nobody.version, &nobody.params), (somebody.algorithm, somebody.version, &somebody.params));
        assert_eq!(nobody.hash.map(|hash| hash.as_bytes().len()), somebody.hash.map(|hash| hash.as_bytes().len()));
        assert!(!is_outdated(&NOBODY) && !verify_password(&Secret::new("nobody"), &NOBODY));
    }

    #[test]
    fn nothing_verifies_against_what_is_no_hash() {
        let too_short_a_salt = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$tdU2iG6dK1VYDG4JfmrV5sYs4MAtUBVMLBTD7sdkvfE";
        for text in ["", "nobody", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ", too_short_a_salt] {
            assert!(!verify_password(&Secret::new("nobody"), &PasswordHash(text.to_owned())), "{text}");
        }
    }
}
