//! No parameter is read twice, and none is empty.
#![no_main]

use grantlet::protocol::params::Params;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(params) = Params::parse(bytes) else { return };
    for name in ["client_id", "redirect_uri", "state", "scope", "code"] {
        assert!(params.find_all(name).count() <= 1);
        assert_ne!(params.find(name), Some(""));
    }
});
