//! Which account pages there are, and the way back to one from a login.

use crate::endpoint::front::errand::Errand;
use crate::http::zone_of;
use crate::protocol::authorize::MAX_QUERY;
use crate::protocol::params::Params;

/// An account page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::endpoint::front) enum Place {
    /// Where all begins.
    Hub,
    /// What the person says about themselves.
    Profile,
    /// The applications that may do something.
    Apps,
    /// Where the person is logged in.
    Sessions,
    /// The password.
    Password,
    /// The e-mail address.
    Email,
    /// The second factor, and recovery codes.
    Factors,
    /// Passkeys.
    Passkeys,
    /// Logins elsewhere.
    Connections,
    /// What happened to the account.
    Events,
    /// What is known about the person.
    Data,
    /// The end of the account. It has no place in the navigation.
    Deletion,
}

/// In the order in which people see them.
const ALL: [Place; 12] = [
    Place::Hub,
    Place::Profile,
    Place::Apps,
    Place::Sessions,
    Place::Password,
    Place::Email,
    Place::Factors,
    Place::Passkeys,
    Place::Connections,
    Place::Events,
    Place::Data,
    Place::Deletion,
];

impl Place {
    /// Its path.
    pub(in crate::endpoint::front) fn path(self) -> &'static str {
        match self {
            Self::Hub => "/account",
            Self::Profile => "/account/profile",
            Self::Apps => "/account/apps",
            Self::Sessions => "/account/sessions",
            Self::Password => "/account/password",
            Self::Email => "/account/email",
            Self::Factors => "/account/factors",
            Self::Passkeys => "/account/passkeys",
            Self::Connections => "/account/connections",
            Self::Events => "/account/events",
            Self::Data => "/account/data",
            Self::Deletion => "/account/delete",
        }
    }

    /// Its name, by which pages find the words for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Hub => "hub",
            Self::Profile => "profile",
            Self::Apps => "apps",
            Self::Sessions => "sessions",
            Self::Password => "password",
            Self::Email => "email",
            Self::Factors => "factors",
            Self::Passkeys => "passkeys",
            Self::Connections => "connections",
            Self::Events => "events",
            Self::Data => "data",
            Self::Deletion => "deletion",
        }
    }

    /// Whether an authorization request may wait for what is set up there.
    fn leads_on(self) -> bool {
        matches!(self, Self::Factors | Self::Passkeys)
    }

    /// Those that stand in the navigation.
    pub(super) fn listed() -> impl Iterator<Item = Self> {
        Self::served().filter(|place| *place != Self::Deletion)
    }

    /// Those that this server has.
    pub(super) fn served() -> impl Iterator<Item = Self> {
        ALL.into_iter().filter(|place| zone_of(place.path()).is_some())
    }
}

/// What the way back has where a new login was asked for, so that it is asked for wherever the person logs in.
const ANEW: (&str, &str) = ("login", "new");
/// What it has where an authorization request waits for what is set up on the page: the request's query.
const REQUEST: &str = "request";

/// Somebody logs in for an account page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::endpoint::front) struct AccountErrand {
    place: Place,
    anew: bool,
    /// The query of the authorization request that waits. Whether it can be accepted is for the page to see.
    request: Option<String>,
    /// Who is likely to log in. It does not go on to other pages.
    login_hint: Option<String>,
}

impl AccountErrand {
    /// To `place`, by whatever login.
    pub(in crate::endpoint::front) fn to(place: Place) -> Self {
        Self { place, anew: false, request: None, login_hint: None }
    }

    /// To `place`, by a new login, most likely of the person with this user name.
    pub(super) fn anew(place: Place, username: Option<&str>) -> Self {
        Self { place, anew: true, request: None, login_hint: username.map(str::to_owned) }
    }

    /// The same, for an authorization request with this query, if the page is one on which something is set up for it.
    pub(in crate::endpoint::front) fn going_on(self, query: Option<String>) -> Self {
        Self { request: query.filter(|query| self.place.leads_on() && query.len() <= MAX_QUERY), ..self }
    }

    /// Reads it from its way back, as [`Self::path`] spells it and in no other spelling.
    pub(in crate::endpoint::front) fn from_path(path: &str) -> Option<Self> {
        let (page, query) = path.split_once('?').unwrap_or((path, ""));
        let params = Params::parse(query.as_bytes()).ok()?;
        let place = Place::served().find(|place| place.path() == page)?;
        let read = Self { place, anew: params.find(ANEW.0).is_some(), request: None, login_hint: None };
        Some(read.going_on(params.find(REQUEST).map(str::to_owned))).filter(|read| read.path() == path)
    }

    /// The way back, a path of this server.
    pub(in crate::endpoint::front) fn path(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.anew.then_some(ANEW));
        query.extend_pairs(self.request.as_deref().map(|request| (REQUEST, request)));
        let query = query.finish();
        if query.is_empty() { self.place.path().to_owned() } else { format!("{}?{query}", self.place.path()) }
    }

    /// Whether a login that somebody already has elsewhere is not good enough.
    pub(in crate::endpoint::front) fn wants_new_login(&self) -> bool {
        self.anew
    }

    /// The user name of whoever is likely to log in.
    pub(in crate::endpoint::front) fn login_hint(&self) -> Option<&str> {
        self.login_hint.as_deref()
    }
}

impl From<AccountErrand> for Errand {
    fn from(errand: AccountErrand) -> Self {
        Self::Account(errand)
    }
}
