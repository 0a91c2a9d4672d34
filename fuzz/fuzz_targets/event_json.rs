//! Whatever JSON comes as an event is read or refused.
#![no_main]

use grantlet::protocol::params::Params;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(event) = serde_json::from_slice(bytes) else { return };
    if let Ok(request) = grantlet::http::read_event(event) {
        assert!(request.body.len() <= grantlet::http::MAX_BODY);
        let _ = Params::parse_lenient(request.raw_query.as_bytes());
        let _ = Params::parse(&request.body);
    }
});
