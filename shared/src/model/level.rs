//! How sure a login makes of who somebody is: the levels (`acr`) that accounts kept here reach.

/// A level. Each one answers a wish for those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// One factor, such as a password.
    SingleFactor,
    /// Two factors, such as a password and a one-time password.
    MultiFactor,
    /// A key that no other site can use, on a device that made sure of its holder (`OpenID` Connect EAP ACR Values section 2, `phr`): a passkey.
    PhishingResistant,
}

impl Level {
    /// All levels, from the lowest.
    pub const ALL: [Self; 3] = [Self::SingleFactor, Self::MultiFactor, Self::PhishingResistant];

    /// The highest that a login at an account kept here reaches without a passkey.
    pub const HIGHEST: Self = Self::MultiFactor;

    /// The levels that logins at accounts kept here reach, from the lowest: with passkeys all.
    pub fn offered(passkeys: bool) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |level| passkeys || *level <= Self::HIGHEST)
    }

    /// The value of `acr`.
    #[must_use]
    pub fn acr(self) -> &'static str {
        match self {
            Self::SingleFactor => "urn:grantlet:acr:single-factor",
            Self::MultiFactor => "urn:grantlet:acr:multi-factor",
            Self::PhishingResistant => "phr",
        }
    }

    /// The level that this `acr` means.
    #[must_use]
    pub fn parse(acr: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.acr() == acr)
    }
}

/// Whether a login with the `acr` `reached` answers a wish for `wanted`: it is the same, or both are levels of ours and it is the higher one. What
/// the site's own login reaches is compared as it stands.
#[must_use]
pub fn answers(reached: &str, wanted: &str) -> bool {
    match (Level::parse(reached), Level::parse(wanted)) {
        (Some(reached), Some(wanted)) => reached >= wanted,
        _ => reached == wanted,
    }
}

/// What the ID token says of a login with the `acr` `reached`: the first of the `wanted` levels that it answers, so that the client finds what it
/// asked for (`OpenID` Connect Core section 3.1.2.1: `acr_values` are in order of preference), or else what was reached.
#[must_use]
pub fn told<'a>(reached: &'a str, wanted: &[&'a str]) -> &'a str {
    wanted.iter().find(|wanted| answers(reached, wanted)).copied().unwrap_or(reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SINGLE: &str = "urn:grantlet:acr:single-factor";
    const MULTI: &str = "urn:grantlet:acr:multi-factor";

    #[test]
    fn a_higher_level_answers_a_lower_one_and_never_the_reverse() {
        for (reached, wanted, expected) in [
            (SINGLE, SINGLE, true),
            (SINGLE, MULTI, false),
            (SINGLE, "phr", false),
            (MULTI, SINGLE, true),
            (MULTI, "phr", false),
            ("phr", MULTI, true),
            ("gold", "gold", true),
            ("gold", SINGLE, false),
            ("phr", "gold", false),
            ("phr", "phrh", false),
        ] {
            assert_eq!(answers(reached, wanted), expected, "{reached} for {wanted}");
        }
    }

    /// OpenID Connect Core section 3.1.2.1
    #[test]
    fn the_first_wish_that_is_met_is_told() {
        assert_eq!(told("phr", &["gold", MULTI, SINGLE]), MULTI);
        assert_eq!(told(SINGLE, &["gold", MULTI]), SINGLE);
        assert_eq!(told("phr", &[]), "phr");
    }
}
