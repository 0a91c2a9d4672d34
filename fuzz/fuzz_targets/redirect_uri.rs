//! A redirect URI that may be registered has no fragment, no credentials and no script scheme.
#![no_main]

use grantlet::protocol::redirect_uri::parse_redirect_uri;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(_uri) = parse_redirect_uri(text) else { return };
    assert!(!text.contains('#'));
    let lower = text.to_ascii_lowercase();
    for scheme in ["javascript:", "data:", "vbscript:", "file:", "blob:", "about:"] {
        assert!(!lower.starts_with(scheme), "{text}");
    }
    assert!(!lower.starts_with("http:") || ["127.0.0.1", "[::1]", "localhost"].iter().any(|host| lower["http://".len()..].starts_with(host)));
});
