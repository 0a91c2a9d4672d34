//! No text is a proof for a server that nobody signs for, and whatever is one says so of a key that verifies it.
#![no_main]

use grantlet::context::Timestamp;
use grantlet::jose::dpop::{ProofTarget, VerifiedProof};
use grantlet::jose::dpop_nonce::NonceKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let ours = ProofTarget { method: "POST", url: "https://no-proof-is-for-this.example/token", access_token: None };
    assert!(VerifiedProof::verify(text, &ours).is_err());
    // The seed is the example of RFC 9449, which is for this URL.
    let example = ProofTarget { url: "https://server.example.com/token", ..ours };
    if let Ok(proof) = VerifiedProof::verify(text, &example) {
        assert_eq!(proof.jkt.len(), 43);
        let _ = proof.check_time(Timestamp(1_562_262_616));
    }
    let key = NonceKey::derive(&aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &[42; 32]));
    assert!(key.check(text, Timestamp(1_562_262_616)).is_none());
});
