//! Proof Key for Code Exchange (RFC 7636), with S256 as the only method.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::model::secret::Secret;

/// The length of an S256 challenge: 32 bytes in base64url without padding.
const CHALLENGE_LENGTH: usize = 43;

/// An S256 code challenge (RFC 7636 section 4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Reads a challenge as the authorization request brings it.
    ///
    /// # Errors
    /// When it is no base64url text of 32 bytes.
    pub fn parse(text: &str) -> Result<Self, PkceError> {
        match URL_SAFE_NO_PAD.decode(text) {
            Ok(bytes) if bytes.len() == 32 && text.len() == CHALLENGE_LENGTH => Ok(Self(text.to_owned())),
            _ => Err(PkceError::Challenge),
        }
    }

    /// The challenge as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A code verifier (RFC 7636 section 4.1): 43 to 128 unreserved characters. `Debug` does not print it.
#[derive(Clone, Debug)]
pub struct CodeVerifier(Secret);

impl CodeVerifier {
    /// Reads a verifier as the token request brings it.
    ///
    /// # Errors
    /// When its length or a character is not what RFC 7636 section 4.1 allows.
    pub fn parse(text: &str) -> Result<Self, PkceError> {
        let fits = (43..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
        if fits { Ok(Self(Secret::new(text))) } else { Err(PkceError::Verifier) }
    }

    /// The challenge that this verifier answers (RFC 7636 section 4.6).
    #[must_use]
    pub fn s256(&self) -> CodeChallenge {
        CodeChallenge(URL_SAFE_NO_PAD.encode(digest(&SHA256, self.0.expose().as_bytes())))
    }
}

/// Why a text is no challenge or verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PkceError {
    /// Not the base64url of a SHA-256.
    #[error("a code_challenge has 43 characters of base64url")]
    Challenge,
    /// Not 43 to 128 unreserved characters.
    #[error("a code_verifier has 43 to 128 unreserved characters")]
    Verifier,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B
    #[test]
    fn the_example_of_the_specification_holds() {
        let verifier = CodeVerifier::parse("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
        assert_eq!(verifier.s256().as_str(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert_eq!(CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap(), verifier.s256());
    }

    /// RFC 7636 section 4.1
    #[test]
    fn verifiers_have_43_to_128_unreserved_characters() {
        for (text, fits) in
            [("a".repeat(42), false), ("a".repeat(43), true), ("~".repeat(128), true), ("a".repeat(129), false), ("é".repeat(43), false)]
        {
            assert_eq!(CodeVerifier::parse(&text).is_ok(), fits, "{}", text.len());
        }
        assert!(CodeVerifier::parse(&format!("{}+", "a".repeat(43))).is_err());
    }

    /// RFC 7636 section 4.2
    #[test]
    fn challenges_are_32_bytes_in_canonical_base64url() {
        for bad in
            ["", "a", &"a".repeat(44), &"a".repeat(42), &format!("{}=", "a".repeat(42)), &format!("{}b", "a".repeat(42)), &"+".repeat(43)]
        {
            assert!(CodeChallenge::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_verifier_prints_as_redacted() {
        assert_eq!(format!("{:?}", CodeVerifier::parse(&"a".repeat(43)).unwrap()), "CodeVerifier([redacted])");
    }
}
