//! A Basic header is credentials or an error.
#![no_main]

use grantlet::protocol::basic::BasicCredentials;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(credentials) = BasicCredentials::parse(text) {
        assert!(!credentials.client_id.as_str().is_empty());
    }
});
