//! Request parameters in `application/x-www-form-urlencoded` form, from a query or a body (OAuth 2.1 section 3.1, 3.2).

use std::borrow::Cow;

use percent_encoding::percent_decode;

use crate::model::secret::Secret;

/// The most that one request may carry: bytes of encoded parameters.
pub const MAX_ENCODED_BYTES: usize = 16 * 1024;
/// The most parameters in one request.
pub const MAX_PARAMETERS: usize = 64;

/// Parameters by name. Repeated ones are refused, but for `resource` (RFC 8707 section 2); empty ones count as absent.
#[derive(Clone, Default)]
pub struct Params(Vec<(String, String)>);

impl std::fmt::Debug for Params {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Why parameters can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// More bytes or parameters than are read.
    #[error("the request has too many or too long parameters")]
    TooLarge,
    /// OAuth 2.1 section 3.1: parameters must not be included more than once.
    #[error("the parameter {0} is repeated")]
    Repeated(&'static str),
    /// A parameter that this server does not know is repeated.
    #[error("a parameter is repeated")]
    RepeatedUnknown,
    /// Percent-encoding that does not decode to UTF-8 text without control characters.
    #[error("a parameter is not valid UTF-8 text")]
    NotText,
}

impl Params {
    /// Reads `encoded`, a raw query or form body.
    ///
    /// # Errors
    /// When it is too large, not text, or repeats a parameter.
    pub fn parse(encoded: &[u8]) -> Result<Self, ParamsError> {
        let (params, repeated) = Self::parse_lenient(encoded)?;
        match repeated {
            None => Ok(params),
            Some(error) => Err(error),
        }
    }

    /// Reads `encoded` and hands back a repetition beside the parameters (the first of each name), for the authorization endpoint, which may
    /// still tell the client about it once the redirect is trusted.
    ///
    /// # Errors
    /// When it is too large or not text.
    pub fn parse_lenient(encoded: &[u8]) -> Result<(Self, Option<ParamsError>), ParamsError> {
        if encoded.len() > MAX_ENCODED_BYTES {
            return Err(ParamsError::TooLarge);
        }
        let mut params = Self::default();
        let mut repeated = None;
        for pair in encoded.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
            if params.0.len() >= MAX_PARAMETERS {
                return Err(ParamsError::TooLarge);
            }
            let mut parts = pair.splitn(2, |b| *b == b'=');
            let name = decode(parts.next().unwrap_or_default())?;
            let value = decode(parts.next().unwrap_or_default())?;
            if name != "resource" && params.0.iter().any(|(n, _)| *n == name) {
                repeated.get_or_insert(match KNOWN.iter().find(|known| **known == name) {
                    Some(known) => ParamsError::Repeated(known),
                    None => ParamsError::RepeatedUnknown,
                });
                continue;
            }
            params.0.push((name.into_owned(), value.into_owned()));
        }
        Ok((params, repeated))
    }

    /// Takes parameters that were not sent as a form. Each name stands there once, but for `resource`.
    ///
    /// # Errors
    /// When there are too many or too long ones, or one is no text that a parameter may have.
    pub fn collect(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, ParamsError> {
        let mut params = Self::default();
        let mut bytes = 0_usize;
        for (name, value) in pairs {
            bytes = bytes.saturating_add(name.len()).saturating_add(value.len());
            if bytes > MAX_ENCODED_BYTES || params.0.len() >= MAX_PARAMETERS {
                return Err(ParamsError::TooLarge);
            }
            if name.contains('\0') || value.contains('\0') {
                return Err(ParamsError::NotText);
            }
            if name != "resource" && params.0.iter().any(|(n, _)| *n == name) {
                return Err(ParamsError::RepeatedUnknown);
            }
            params.0.push((name, value));
        }
        Ok(params)
    }

    /// The parameters as a form again, without those that `except` names.
    #[must_use]
    pub fn encode(&self, except: &[&str]) -> String {
        let kept = self.0.iter().filter(|(name, value)| !value.is_empty() && !except.contains(&name.as_str()));
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish()
    }

    /// Whether this server knows a parameter called `name`.
    #[must_use]
    pub fn is_known(name: &str) -> bool {
        KNOWN.contains(&name)
    }

    /// The value of `name`, unless it is absent or empty.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    /// Whether `name` was sent, be it empty: for forms of our own, whose empty fields say something.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// The value of `name` as a secret.
    #[must_use]
    pub fn find_secret(&self, name: &str) -> Option<Secret> {
        self.find(name).map(Secret::new)
    }

    /// Every value of `name` that is not empty.
    pub fn find_all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str())
    }
}

fn decode(part: &[u8]) -> Result<Cow<'_, str>, ParamsError> {
    let spaced: Cow<'_, [u8]> = if part.contains(&b'+') {
        Cow::Owned(part.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect())
    } else {
        Cow::Borrowed(part)
    };
    let text = String::from_utf8(percent_decode(&spaced).collect()).map_err(|_| ParamsError::NotText)?;
    if text.contains('\0') {
        return Err(ParamsError::NotText);
    }
    Ok(Cow::Owned(text))
}

/// Names that an error may repeat to the client.
const KNOWN: &[&str] = &[
    "acr_values",
    "authorization_details",
    "claims",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "display",
    "dpop_jkt",
    "grant_type",
    "id_token_hint",
    "login_hint",
    "max_age",
    "nonce",
    "prompt",
    "redirect_uri",
    "refresh_token",
    "request",
    "request_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "token",
    "token_type_hint",
    "ui_locales",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// OAuth 2.1 section 3.1
    #[test]
    fn a_repeated_parameter_is_refused_and_resource_may_repeat() {
        assert_eq!(Params::parse(b"scope=a&scope=a").unwrap_err(), ParamsError::Repeated("scope"));
        assert_eq!(Params::parse(b"x=a&x=").unwrap_err(), ParamsError::RepeatedUnknown);
        let params = Params::parse(b"resource=https%3A%2F%2Fa&resource=https://b").unwrap();
        assert_eq!(params.find_all("resource").collect::<Vec<_>>(), ["https://a", "https://b"]);
    }

    #[test]
    fn plus_and_percent_twenty_are_spaces_and_empty_values_are_absent() {
        let params = Params::parse(b"scope=a+b%20c&state=&&nonce").unwrap();
        assert_eq!(params.find("scope"), Some("a b c"));
        assert_eq!(params.find("state"), None);
        assert_eq!(params.find("nonce"), None);
        assert!(params.has("state") && params.has("nonce") && !params.has("prompt"));
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert_eq!(Params::parse(b"a=%ff").unwrap_err(), ParamsError::NotText);
        assert_eq!(Params::parse(b"a=%00").unwrap_err(), ParamsError::NotText);
    }
}
