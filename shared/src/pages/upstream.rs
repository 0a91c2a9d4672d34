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
    /// The account there is connected with another account here, or there are too many.
    OthersAccount,
    /// There would be no way to log in left.
    LastWay,
}

impl UpstreamProblem {
    /// What people read.
    pub(in crate::pages) fn sentence(self, view: &View, provider: &str) -> String {
        let id = match self {
            Self::Denied => "upstream-denied",
            Self::Failed => "upstream-failed",
            Self::Unavailable => "upstream-unavailable",
            Self::NoAccount => "upstream-no-account",
            Self::AddressKnown => "upstream-address-known",
            Self::OthersAccount => "connections-others",
            Self::LastWay => "connections-last",
        };
        view.tell(id, [("provider", provider)])
    }
}
