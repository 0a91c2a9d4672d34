//! Client credentials in `Authorization: Basic` (OAuth 2.1 section 2.4.1, RFC 7617).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode_str;

use crate::model::client::ClientId;
use crate::model::secret::Secret;

/// Padding is optional: some clients leave it out.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// The identifier and secret of a Basic header.
#[derive(Clone, Debug)]
pub struct BasicCredentials {
    /// The client.
    pub client_id: ClientId,
    /// The secret as RFC 6749 section 2.3.1 has it: form-decoded.
    pub secret: Secret,
    /// The secret as it stood there, for clients that do not encode it; none when it is the same.
    pub secret_as_sent: Option<Secret>,
}

/// A header that can't be read as Basic credentials.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the Authorization header is no Basic credentials of a client")]
pub struct BasicError;

impl BasicCredentials {
    /// Reads the value of an `Authorization` header.
    ///
    /// # Errors
    /// When the scheme is another, or what follows is not `client_id:secret` in base64.
    pub fn parse(header: &str) -> Result<Self, BasicError> {
        let (scheme, encoded) = header.split_once(' ').ok_or(BasicError)?;
        // API Gateway joins repeated headers with commas, and no base64 has one.
        if !scheme.eq_ignore_ascii_case("basic") || encoded.contains(',') || encoded.len() > 2048 {
            return Err(BasicError);
        }
        let bytes = BASE64.decode(encoded.trim()).map_err(|_| BasicError)?;
        let text = String::from_utf8(bytes).map_err(|_| BasicError)?;
        let (id, secret) = text.split_once(':').ok_or(BasicError)?;
        let client_id = form_decode(id).and_then(|id| ClientId::parse(&id).ok()).ok_or(BasicError)?;
        let decoded = form_decode(secret);
        Ok(match decoded {
            Some(decoded) if decoded != secret => {
                Self { client_id, secret: Secret::new(decoded), secret_as_sent: Some(Secret::new(secret)) }
            }
            _ => Self { client_id, secret: Secret::new(secret), secret_as_sent: None },
        })
    }
}

fn form_decode(text: &str) -> Option<String> {
    percent_decode_str(&text.replace('+', " ")).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(credentials: &str) -> String {
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(credentials))
    }

    /// RFC 6749 section 2.3.1
    #[test]
    fn the_example_of_the_specification_is_read() {
        let read = BasicCredentials::parse("Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW").unwrap();
        assert_eq!((read.client_id.as_str(), read.secret.expose()), ("s6BhdRkqt3", "gX1fBat3bV"));
    }

    /// RFC 6749 section 2.3.1 and appendix B
    #[test]
    fn a_secret_is_read_form_encoded_and_as_sent() {
        let read = BasicCredentials::parse(&header("a%3Ab:p%2B%25+q")).unwrap();
        assert_eq!((read.client_id.as_str(), read.secret.expose()), ("a:b", "p+% q"));
        assert_eq!(read.secret_as_sent.unwrap().expose(), "p%2B%25+q");
        let plain = BasicCredentials::parse(&header("a:b:c")).unwrap();
        assert_eq!(plain.secret.expose(), "b:c");
        assert!(plain.secret_as_sent.is_none());
    }

    #[test]
    fn what_is_no_basic_header_is_refused() {
        for bad in ["", "Basic", "Bearer abc", "Basic !!!", "Basic YQ==", "Basic YTpi,YTpi", &header("\u{e9}:x"), &header(":x")] {
            assert!(BasicCredentials::parse(bad).is_err(), "{bad}");
        }
    }
}
