//! Signing in at a provider.

use super::View;

/// A provider at which people may log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionButton<'a> {
    /// Its identifier in the settings.
    pub id: &'a str,
    /// Its name for people.
    pub name: &'a str,
    /// Where a login there begins.
    pub url: String,
}

/// What came of a login at a provider, as far as people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpstreamProblem {
    /// The person, or the provider, said no.
    Denied,
    /// Something went wrong there, or the answer can't be believed.
    Failed,
    /// The provider can't be reached.
    Unavailable,
    /// Nobody here is known by the account there.
    NoAccount,
    /// The address that the provider proved may be that of an account here.
    AddressKnown,
}

impl UpstreamProblem {
    /// What people read.
    pub(super) fn sentence(self, view: &View, provider: &str) -> String {
        let id = match self {
            Self::Denied => "upstream-denied",
            Self::Failed => "upstream-failed",
            Self::Unavailable => "upstream-unavailable",
            Self::NoAccount => "upstream-no-account",
            Self::AddressKnown => "upstream-address-known",
        };
        view.tell(id, [("provider", provider)])
    }
}
