//! A code that is read has one spelling.
#![no_main]

use grantlet::model::code::CodeToken;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(code) = text.parse::<CodeToken>() {
        assert_eq!(code.render().expose(), text);
    }
});
