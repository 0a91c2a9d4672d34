//! Whether the second factor of an account is asked for after a login at a provider. The provider has asked for what it asks for; whether that is good enough
//! for the account here is for the operator to say, and the provider's own words are held against it.

use super::id_token::Login;
use crate::model::level::{Level, answers};
use crate::model::settings::SecondFactor;

/// `amr` of more than one factor (RFC 8176 section 2).
const MULTI_FACTOR_AMR: &str = "mfa";
/// Levels of others that take more than one factor: `OpenID` Connect EAP ACR Values section 2, and the REFEDS MFA Profile.
const MULTI_FACTOR_ACR: [&str; 3] = ["phr", "phrh", "https://refeds.org/profile/mfa"];
/// A login that meets no level at all (`OpenID` Connect Core section 2), such as a cookie that lasts for weeks.
const NO_LEVEL: &str = "0";

/// Whether it is asked for, if the account has one. `acr` is the provider's level as far as it is believed, `wanted` what a client would like.
pub(super) fn is_asked(setting: SecondFactor, login: &Login, acr: Option<&str>, wanted: &[&str]) -> bool {
    match setting {
        SecondFactor::Ask => true,
        SecondFactor::Provider => says_one_factor(login) || is_needed(acr, wanted),
    }
}

/// Whether the provider says that there was one factor alone. Who says nothing of it is trusted.
fn says_one_factor(login: &Login) -> bool {
    let is_multi_factor = |acr: &str| MULTI_FACTOR_ACR.contains(&acr) || answers(acr, Level::MultiFactor.acr());
    match login.acr.as_deref() {
        Some(acr) if is_multi_factor(acr) => false,
        Some(NO_LEVEL) => true,
        Some(acr) if Level::parse(acr).is_some() => true,
        Some(_) | None => !login.amr.is_empty() && !login.amr.iter().any(|method| method == MULTI_FACTOR_AMR),
    }
}

/// Whether a client gets a level that it would like only by two factors of ours.
fn is_needed(acr: Option<&str>, wanted: &[&str]) -> bool {
    let is_wanted = |reached: &str| wanted.iter().any(|wanted| answers(reached, wanted));
    is_wanted(Level::MultiFactor.acr()) && !acr.is_some_and(is_wanted) && !is_wanted(Level::SingleFactor.acr())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "urn:grantlet:acr:single-factor";
    const TWO: &str = "urn:grantlet:acr:multi-factor";

    fn login(acr: Option<&str>, amr: &[&str]) -> Login {
        let amr = amr.iter().map(|&method| method.to_owned()).collect();
        Login { subject: "ada".to_owned(), tenant: None, auth_time: None, acr: acr.map(str::to_owned), amr }
    }

    /// RFC 8176 section 2, OpenID Connect Core section 2
    #[test]
    fn the_provider_s_word_counts_where_it_gives_one() {
        for (acr, amr, expected) in [
            (None, &[][..], false),
            (None, &["mfa"], false),
            (None, &["pwd", "otp", "mfa"], false),
            (None, &["pwd"], true),
            (None, &["pwd", "otp"], true),
            (Some("gold"), &[], false),
            (Some("gold"), &["pwd"], true),
            (Some("0"), &[], true),
            (Some("0"), &["mfa"], true),
            (Some(ONE), &[], true),
            (Some(TWO), &[], false),
            (Some("phr"), &["pop"], false),
            (Some("phrh"), &[], false),
            (Some("https://refeds.org/profile/mfa"), &["pwd"], false),
        ] {
            assert_eq!(is_asked(SecondFactor::Provider, &login(acr, amr), None, &[]), expected, "{acr:?} {amr:?}");
            assert!(is_asked(SecondFactor::Ask, &login(acr, amr), acr, &[]));
        }
    }

    /// OpenID Connect Core section 3.1.2.1: `acr_values`
    #[test]
    fn a_client_that_wants_two_factors_gets_ours_where_the_provider_s_do_not_count() {
        let vouched = login(Some("gold"), &["mfa"]);
        for (acr, wanted, expected) in [
            (None, &[TWO][..], true),
            (None, &["gold", TWO], true),
            (Some("gold"), &["gold", TWO], false),
            (Some(TWO), &[TWO], false),
            (Some("phr"), &[TWO], false),
            (None, &[TWO, ONE], false),
            (None, &["phr"], false),
            (None, &["gold"], false),
        ] {
            assert_eq!(is_asked(SecondFactor::Provider, &vouched, acr, wanted), expected, "{acr:?} {wanted:?}");
        }
    }
}
