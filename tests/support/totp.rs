//! A person's authenticator app (RFC 6238): a key that was typed in, and the code of a moment.

use std::fmt::Write as _;

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};

/// The code that an app with the key `base32` shows at `time`.
pub(crate) fn code_at(base32: &str, time: i64) -> String {
    let mut bits = String::new();
    for character in base32.chars().filter(|c| *c != ' ') {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(character).expect("base32");
        write!(bits, "{value:05b}").expect("a string takes it");
    }
    let seed: Vec<u8> =
        bits.as_bytes().chunks_exact(8).map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap()).collect();
    let tag = sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &seed), &(time / 30).to_be_bytes());
    let offset = usize::from(tag.as_ref()[19] & 0x0f);
    let word = u32::from_be_bytes(tag.as_ref()[offset..offset + 4].try_into().unwrap());
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}
