//! No text verifies as a refresh token under a key that nobody has.
#![no_main]

use grantlet::model::client::ClientId;
use grantlet::model::refresh_token::UnverifiedRefreshToken;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(token) = text.parse::<UnverifiedRefreshToken>() {
        let key = hmac_key();
        let client = ClientId::parse("client").expect("a legal identifier");
        assert!(token.verify(&key, &client).is_err());
    }
});

fn hmac_key() -> aws_lc_rs::hmac::Key {
    aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &[42; 32])
}
