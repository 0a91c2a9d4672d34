//! What a person allowed a client before, so as not to be asked again.

use super::client::ClientId;
use crate::context::Timestamp;
use crate::protocol::claims::claims_of_scope;

/// A remembered consent. Nothing allowed is an empty one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// The scopes.
    pub scopes: Vec<String>,
    /// The claims that the client asked for one by one (OpenID Connect Core section 5.5).
    pub claims: Vec<String>,
    /// The resources beside the default audience that the client may use this at (RFC 8707).
    pub resources: Vec<String>,
}

/// A remembered consent, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptConsent {
    /// The client.
    pub client_id: ClientId,
    /// What it was allowed.
    pub consent: Consent,
    /// When that changed last.
    pub updated_at: Timestamp,
}

impl Consent {
    /// Whether nothing was ever allowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty() && self.claims.is_empty() && self.resources.is_empty()
    }

    /// Whether everything in `asked` was allowed.
    #[must_use]
    pub fn covers(&self, asked: &Self) -> bool {
        asked.scopes.iter().all(|scope| self.scopes.contains(scope))
            && asked.claims.iter().all(|claim| self.has_claim(claim))
            && asked.resources.iter().all(|resource| self.resources.contains(resource))
    }

    fn has_claim(&self, claim: &str) -> bool {
        self.claims.iter().any(|known| known == claim) || self.scopes.iter().any(|scope| claims_of_scope(scope).contains(&claim))
    }

    /// Divides `asked` into what was allowed before and what is new. Scopes at a resource that is new are new there.
    #[must_use]
    pub fn divide(&self, asked: Self) -> (Self, Self) {
        if !asked.resources.iter().all(|resource| self.resources.contains(resource)) {
            return (Self::default(), asked);
        }
        let (scopes, new_scopes) = asked.scopes.into_iter().partition(|scope| self.scopes.contains(scope));
        let (claims, new_claims) = asked.claims.into_iter().partition(|claim| self.has_claim(claim));
        (Self { scopes, claims, resources: asked.resources }, Self { scopes: new_scopes, claims: new_claims, resources: Vec::new() })
    }

    /// This consent and `more`.
    #[must_use]
    pub fn with(mut self, more: Self) -> Self {
        let new = |known: &Vec<String>, asked: Vec<String>| asked.into_iter().filter(|one| !known.contains(one)).collect::<Vec<_>>();
        let (scopes, claims) = (new(&self.scopes, more.scopes), new(&self.claims, more.claims));
        let resources = new(&self.resources, more.resources);
        self.resources.extend(resources);
        self.scopes.extend(scopes);
        self.claims.extend(claims);
        self
    }
}
