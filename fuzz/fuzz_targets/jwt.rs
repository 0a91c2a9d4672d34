//! No text verifies as a JWS without its key.
#![no_main]

use grantlet::jose::verify::{UnverifiedJws, VerificationKey};
use grantlet::model::secret::Secret;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(jws) = UnverifiedJws::parse(text) {
        let _ = (jws.kid(), jws.typ());
        let key = VerificationKey::from_secret(&Secret::new("a secret that no input of the fuzzer was made with")).expect("it is long enough");
        assert!(jws.check_signature(&[key]).is_err());
    }
    let _ = VerificationKey::from_jwks(bytes);
});
