//! What a client asks for, in words, and the question whether it may have it.

use std::borrow::Cow;

use askama::Template;

use super::{Destination, Markup, Page, Policy, View, render};

/// The consent page.
#[derive(Clone, Debug, Template)]
#[template(path = "consent.html")]
pub struct ConsentPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// The client's name for people.
    pub client_name: &'a str,
    /// The client's identifier.
    pub client_id: &'a str,
    /// A picture of the client, as a `data:` URL; the operator's to give.
    pub logo: Option<&'a str>,
    /// Whether it belongs to whoever runs this server.
    pub first_party: bool,
    /// Where the browser goes afterwards: a host, or for a program on this computer or an app the words for it.
    pub destination: &'a Destination<'a>,
    /// What stands behind the client, when it is not the operator.
    pub stranger: Option<Stranger<'a>>,
    /// Who is logged in, as people know themselves.
    pub user_name: &'a str,
    /// The scopes asked for, but for those that were allowed before.
    pub scopes: &'a [AskedScope<'a>],
    /// The scopes asked for that the person allowed before.
    pub allowed: &'a [AskedScope<'a>],
    /// The claims asked for beside those of the scopes.
    pub claims: &'a [String],
    /// The resources that the access is for, as people know them; empty for the default one alone.
    pub resources: &'a [&'a str],
    /// What is asked for in a structured form (RFC 9396).
    pub details: &'a [AskedDetail<'a>],
    /// How long the client may use it.
    pub lasting: Lasting,
    /// Whether the person is asked again only for more.
    pub remembered: bool,
    /// The raw query of the authorization request, in the hidden field `request`.
    pub request: &'a str,
    /// The token that binds the form to the browser, in the hidden field `form_token`.
    pub form_token: &'a str,
}

/// How long a client may use what it is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// It stays connected while nobody is there (refresh tokens), at most for so many days.
    Days(i64),
    /// As long as its one access token lives, so many minutes.
    Minutes(i64),
}

impl Lasting {
    /// What people read.
    pub(super) fn sentence(self, view: &View) -> String {
        match self {
            Self::Days(days) => view.tell("consent-lasting-days", [("days", days)]),
            Self::Minutes(minutes) => view.tell("consent-lasting-minutes", [("minutes", minutes)]),
        }
    }
}

/// A client that nobody who runs this server has checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stranger<'a> {
    /// It registered itself.
    Registered,
    /// A document describes it.
    Described {
        /// The host that the document is at.
        host: &'a str,
    },
}

/// A scope that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedScope<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it allows, in words; none where nobody gave any.
    pub words: Option<Cow<'a, str>>,
}

/// Something that is asked for in a structured form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedDetail<'a> {
    /// What its type allows, in the operator's words.
    pub description: &'a str,
    /// What the client says about it: names and values.
    pub rows: Vec<(String, String)>,
}

impl<'a> AskedScope<'a> {
    /// The scope `name`, in the operator's words if there are any.
    #[must_use]
    pub fn new(view: &View, name: &'a str, words: Option<&'a str>) -> Self {
        Self { name, words: words.map(Cow::Borrowed).or_else(|| view.find(&format!("scope-{name}"))) }
    }

    /// What people read.
    pub(super) fn shown(&self, view: &View) -> Markup {
        match &self.words {
            Some(words) => view.plain(words),
            None => view.rich("consent-access", &[("scope", view.code(self.name))]),
        }
    }
}

/// A claim in words; its name, where it is none that is known (`OpenID` Connect Core section 5.1).
pub(super) fn describe_claim(view: &View, claim: &str) -> Markup {
    match view.find(&format!("claim-{claim}")) {
        Some(words) => view.plain(words),
        None => view.code(claim),
    }
}

/// The words for staying connected, unless a scope says so already.
pub(super) fn offline_words<'a>(
    view: &View,
    lasting: Lasting,
    mut scopes: impl Iterator<Item = &'a AskedScope<'a>>,
) -> Option<Cow<'static, str>> {
    const OFFLINE: &str = "offline_access";
    (matches!(lasting, Lasting::Days(_)) && scopes.all(|scope| scope.name != OFFLINE)).then(|| view.say("scope-offline_access"))
}

impl ConsentPage<'_> {
    fn offline_words(&self) -> Option<Cow<'static, str>> {
        offline_words(self.view, self.lasting, self.scopes.iter().chain(self.allowed))
    }

    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Form)
    }
}
