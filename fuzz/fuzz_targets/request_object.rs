//! Whatever claims say, they become parameters that a form can carry: rendered and read again, they are the same.
#![no_main]

use grantlet::protocol::params::Params;
use grantlet::protocol::request_object::parameters_of;
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 9] = ["client_id", "redirect_uri", "state", "scope", "nonce", "max_age", "claims", "authorization_details", "prompt"];

fuzz_target!(|bytes: &[u8]| {
    let Ok(serde_json::Value::Object(claims)) = serde_json::from_slice(bytes) else { return };
    let Ok(params) = parameters_of(&claims) else { return };
    assert_eq!(params.find("request"), None);
    assert_eq!(params.find("request_uri"), None);
    // Encoding may make it longer than what is read again.
    let Ok(again) = Params::parse(params.encode(&[]).as_bytes()) else { return };
    for name in NAMES {
        assert_eq!(again.find(name), params.find(name));
    }
    assert!(again.find_all("resource").eq(params.find_all("resource")));
});
