//! Software statements: what somebody whom the operator trusts says of a client (RFC 7591 section 2.3).

use crate::context::Timestamp;
use crate::jose::verify::{JwsError, UnverifiedJws, VerificationKey};
use crate::model::self_registration::Metadata;
use crate::model::settings::RegistrationSettings;

/// By how much clocks may differ, in seconds.
const CLOCK_SKEW: i64 = 60;
/// Claims about the statement, and not about the client (RFC 7519 section 4.1).
const ABOUT_ITSELF: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// Why a statement is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum StatementError {
    /// It is no JWT that its issuer's keys verify.
    #[error("{0}")]
    Jws(#[from] JwsError),
    /// Its time is over, or has not come.
    #[error("it is not valid at this time")]
    Time,
    /// Nobody's statements are believed here, or not this issuer's.
    #[error("its issuer is not known here")]
    Issuer,
    /// There is none, and one is needed.
    #[error("there is none, and this server needs one")]
    Missing,
}

impl StatementError {
    /// The registered code (RFC 7591 section 3.2.2).
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Jws(_) | Self::Time => "invalid_software_statement",
            Self::Issuer | Self::Missing => "unapproved_software_statement",
        }
    }
}

/// Verifies the statement in `metadata`, if there is one, and lets its claims go before what the client itself says. The statement stays there
/// as it came, to be echoed (RFC 7591 section 3.2.1).
pub(super) fn apply_statement(metadata: &mut Metadata, settings: &RegistrationSettings, now: Timestamp) -> Result<(), StatementError> {
    let trusted = settings.software_statements.as_ref();
    let Some(statement) = metadata.get("software_statement") else {
        return if trusted.is_some_and(|trusted| trusted.required) { Err(StatementError::Missing) } else { Ok(()) };
    };
    let trusted = trusted.ok_or(StatementError::Issuer)?;
    let statement = statement.as_str().ok_or(JwsError::Malformed)?;
    let jws = UnverifiedJws::parse(statement)?;
    let keys = VerificationKey::from_jwks(trusted.jwks.to_string().as_bytes())?;
    if jws.unverified_claims()?.text("iss")? != Some(trusted.issuer.as_str()) {
        return Err(StatementError::Issuer);
    }
    let claims = jws.check_signature(&keys)?;
    let is_over = claims.time("exp")?.is_some_and(|end| end.plus(CLOCK_SKEW) <= now);
    let has_begun = claims.time("nbf")?.is_none_or(|begin| begin <= now.plus(CLOCK_SKEW));
    if is_over || !has_begun {
        return Err(StatementError::Time);
    }
    let about_client = claims.as_map().iter().filter(|(name, value)| !ABOUT_ITSELF.contains(&name.as_str()) && !value.is_null());
    let about_client: Vec<_> = about_client.filter(|(name, _)| *name != "software_statement").collect();
    metadata.extend(about_client.into_iter().map(|(name, value)| (name.clone(), value.clone())));
    Ok(())
}
