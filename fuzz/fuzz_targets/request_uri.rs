//! A reference to a pushed request that is read has one spelling.
#![no_main]

use grantlet::model::pushed::PushedUri;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(uri) = text.parse::<PushedUri>() {
        assert_eq!(uri.render().expose(), text);
    }
});
