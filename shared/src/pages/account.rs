//! Account pages: one frame with navigation, and what stands in it.

mod apps;
mod data;
mod profile;

use askama::Template;

pub use self::apps::{AppsPage, ShownApp};
pub use self::data::{DataPage, DeletedPage, DeletionPage};
pub use self::profile::{Entry, Field, ProfilePage, ProfileProblem, entries_of};

use super::{Page, Policy, UpstreamProblem, View, render};
use crate::context::Timestamp;
use crate::model::event::{EventKind, SecurityEvent};
use crate::model::whereabouts::Whereabouts;

/// What every account page has.
#[derive(Clone, Debug)]
pub struct Frame<'a> {
    /// Who is logged in, as people know themselves.
    pub user_name: &'a str,
    /// The page itself.
    pub current: Section,
    /// All account pages with a place in the navigation, in order.
    pub sections: &'a [Section],
    /// What was just done.
    pub notice: Option<Notice>,
}

/// An account page, as navigation shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its path.
    pub path: &'static str,
    /// Its name in the texts.
    pub name: &'static str,
    /// It is the one that is shown.
    pub is_current: bool,
}

impl Section {
    /// What it is called: the id of a message.
    pub(super) fn title(&self) -> &'static str {
        match self.name {
            "profile" => "account-profile",
            "apps" => "account-apps",
            "sessions" => "account-sessions",
            "password" => "account-password",
            "email" => "account-email",
            "factors" => "account-factors",
            "passkeys" => "account-passkeys",
            "connections" => "account-connections",
            "events" => "account-events",
            "data" => "account-data",
            "deletion" => "account-deletion",
            _ => "account-hub",
        }
    }

    /// What people do there: the id of a message.
    fn words(&self) -> &'static str {
        match self.name {
            "profile" => "account-profile-words",
            "apps" => "account-apps-words",
            "sessions" => "account-sessions-words",
            "password" => "account-password-words",
            "email" => "account-email-words",
            "factors" => "account-factors-words",
            "passkeys" => "account-passkeys-words",
            "connections" => "account-connections-words",
            "events" => "account-events-words",
            "data" => "account-data-words",
            _ => "account-hub",
        }
    }
}

impl Frame<'_> {
    /// What the page is called: the id of a message.
    pub(super) fn title(&self) -> &'static str {
        self.current.title()
    }

    /// Whether the page called `name` has a place in the navigation.
    fn leads_to(&self, name: &str) -> bool {
        self.sections.iter().any(|section| section.name == name)
    }
}

/// What was just done, as the page after it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// One other session was ended.
    SessionEnded,
    /// All other sessions were ended.
    SessionsEnded,
    /// The profile is saved.
    ProfileSaved,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey has another name.
    PasskeyRenamed,
    /// A passkey was removed.
    PasskeyRemoved,
    /// The password was changed, and all other sessions were ended.
    PasswordChanged,
    /// The second factor was switched off.
    FactorRemoved,
    /// A link was sent to a new address.
    EmailSent,
    /// An account elsewhere was connected.
    Connected,
    /// An account elsewhere was disconnected.
    Disconnected,
    /// The access of one application was withdrawn.
    AccessWithdrawn,
    /// The access of all was.
    AccessWithdrawnFromAll,
    /// So much was withdrawn that it has to be done once more.
    AccessWithdrawnInPart,
}

impl Notice {
    const ALL: [Self; 14] = [
        Self::AccessWithdrawnInPart,
        Self::ProfileSaved,
        Self::SessionEnded,
        Self::SessionsEnded,
        Self::AccessWithdrawn,
        Self::AccessWithdrawnFromAll,
        Self::PasskeyAdded,
        Self::PasskeyRenamed,
        Self::PasskeyRemoved,
        Self::PasswordChanged,
        Self::FactorRemoved,
        Self::EmailSent,
        Self::Connected,
        Self::Disconnected,
    ];

    /// Its name in the query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SessionEnded => "session-ended",
            Self::SessionsEnded => "sessions-ended",
            Self::ProfileSaved => "profile-saved",
            Self::PasskeyAdded => "passkey-added",
            Self::PasskeyRenamed => "passkey-renamed",
            Self::PasskeyRemoved => "passkey-removed",
            Self::PasswordChanged => "password-changed",
            Self::FactorRemoved => "factor-removed",
            Self::EmailSent => "email-sent",
            Self::Connected => "connected",
            Self::Disconnected => "disconnected",
            Self::AccessWithdrawn => "access-withdrawn",
            Self::AccessWithdrawnFromAll => "all-access-withdrawn",
            Self::AccessWithdrawnInPart => "access-withdrawn-in-part",
        }
    }

    /// The notice with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.as_str() == name)
    }

    /// What people read: the id of a message.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::SessionEnded => "account-done-session",
            Self::SessionsEnded => "account-done-sessions",
            Self::ProfileSaved => "profile-done",
            Self::PasskeyAdded => "passkeys-done-added",
            Self::PasskeyRenamed => "passkeys-done-renamed",
            Self::PasskeyRemoved => "passkeys-done-removed",
            Self::PasswordChanged => "account-done-password",
            Self::FactorRemoved => "account-done-factor",
            Self::EmailSent => "account-done-email",
            Self::Connected => "connections-done-added",
            Self::Disconnected => "connections-done-removed",
            Self::AccessWithdrawn => "account-done-access",
            Self::AccessWithdrawnFromAll => "account-done-all-access",
            Self::AccessWithdrawnInPart => "account-done-part-access",
        }
    }
}

/// Browser and network in words.
fn place_of(view: &View, whereabouts: &Whereabouts) -> String {
    let browser = match (whereabouts.browser.family, whereabouts.browser.system) {
        (Some(family), Some(system)) => view.tell("account-browser", [("browser", family), ("system", system)]),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => view.say("account-browser-unknown").into_owned(),
    };
    match &whereabouts.network {
        Some(network) => format!("{browser}{}{network}", view.say("list-separator")),
        None => browser,
    }
}

/// `/account`.
#[derive(Clone, Debug, Template)]
#[template(path = "account/hub.html")]
pub struct HubPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What every account page has.
    pub frame: Frame<'a>,
}

/// `/account/sessions`.
#[derive(Clone, Debug, Template)]
#[template(path = "account/sessions.html")]
pub struct SessionsPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What every account page has.
    pub frame: Frame<'a>,
    /// The session of this browser first, then the others.
    pub sessions: &'a [ShownSession<'a>],
    /// The other pages of the list.
    pub pages: ListPages<'a>,
    /// The token that binds the forms to the browser.
    pub form_token: &'a str,
}

/// Where a list that is too long for one page goes on.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListPages<'a> {
    /// Where it begins, on all pages but the first.
    pub first: Option<&'a str>,
    /// What comes after this page.
    pub next: Option<&'a str>,
}

/// A session, as people see it.
#[derive(Clone, Debug)]
pub struct ShownSession<'a> {
    /// Its key.
    pub id: String,
    /// From where the last login was.
    pub whereabouts: &'a Whereabouts,
    /// When it began.
    pub created_at: Timestamp,
    /// When the last login was.
    pub auth_time: Timestamp,
    /// It is that of this browser.
    pub is_current: bool,
}

impl ShownSession<'_> {
    /// Whether the first login is told from the last one by the times that are shown, which are minutes.
    fn has_older_login(&self) -> bool {
        self.created_at.0.div_euclid(60) != self.auth_time.0.div_euclid(60)
    }
}

/// `/account/events`.
#[derive(Clone, Debug, Template)]
#[template(path = "account/events.html")]
pub struct EventsPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What every account page has.
    pub frame: Frame<'a>,
    /// Newest first.
    pub events: &'a [SecurityEvent],
}

/// `/account/connections`.
#[derive(Clone, Debug, Template)]
#[template(path = "account/connections.html")]
pub struct ConnectionsPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What every account page has.
    pub frame: Frame<'a>,
    /// What came of the last attempt, and the provider's name.
    pub problem: Option<(UpstreamProblem, &'a str)>,
    /// The accounts elsewhere that are connected.
    pub identities: &'a [ShownIdentity<'a>],
    /// The providers at which accounts may be connected.
    pub offered: &'a [OfferedConnection<'a>],
    /// The token that binds the forms to the browser.
    pub form_token: &'a str,
}

/// An account elsewhere, as people see it.
#[derive(Clone, Debug)]
pub struct ShownIdentity<'a> {
    /// What names it in the form.
    pub key: String,
    /// The provider's name.
    pub provider: &'a str,
    /// By what people know it.
    pub label: Option<&'a str>,
    /// Since when it is connected.
    pub since: Timestamp,
}

/// A provider at which an account may be connected.
#[derive(Clone, Copy, Debug)]
pub struct OfferedConnection<'a> {
    /// Its identifier in the settings.
    pub id: &'a str,
    /// Its name for people.
    pub name: &'a str,
}

impl ConnectionsPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Form)
    }
}

/// What happened, in words: the id of a message.
fn event_words(kind: EventKind) -> &'static str {
    match kind {
        EventKind::PasswordChanged => "event-password",
        EventKind::PasswordReset => "event-reset",
        EventKind::PasskeyAdded => "event-passkey-added",
        EventKind::PasskeyRemoved => "event-passkey-removed",
        EventKind::PasskeySuspicious => "event-passkey-suspicious",
        EventKind::FactorAdded => "event-factor-added",
        EventKind::FactorRemoved => "event-factor-removed",
        EventKind::RecoveryCodeUsed => "event-recovery-used",
        EventKind::RecoveryCodesRenewed => "event-recovery-renewed",
        EventKind::EmailChanged => "event-email",
        EventKind::ProfileChanged => "event-profile",
        EventKind::ConnectionAdded => "event-connection-added",
        EventKind::ConnectionRemoved => "event-connection-removed",
        EventKind::AccessWithdrawn => "event-access",
        EventKind::AllAccessWithdrawn => "event-all-access",
        EventKind::SessionEnded => "event-session",
        EventKind::DataExported => "event-export",
        EventKind::TokenReused => "event-reuse",
    }
}

impl HubPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Form)
    }
}

impl SessionsPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Form)
    }
}

impl EventsPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Form)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::whereabouts::Browser;
    use crate::pages::OnwardLink;
    use crate::pages::passkeys::{PasskeyProblem, PasskeysPage, ShownPasskey};
    use crate::pages::{AskedDetail, AskedScope, Stranger};
    use crate::protocol::profile::{EDITABLE, ValueError};

    const HUB: Section = Section { path: "/account", name: "hub", is_current: true };
    const SECTIONS: [Section; 2] = [HUB, Section { path: "/account/events", name: "events", is_current: false }];

    /// Every account page, with `text` wherever a stranger may put one.
    pub(in crate::pages) fn pages(view: &View, text: &str) -> Vec<Page> {
        let frame = Frame { user_name: text, current: HUB, sections: &SECTIONS, notice: Some(Notice::SessionEnded) };
        let whereabouts = Whereabouts { browser: Browser::of("Firefox/1 Linux"), network: Some(text.to_owned()) };
        let session = |is_current| ShownSession {
            id: text.to_owned(),
            whereabouts: &whereabouts,
            created_at: Timestamp(0),
            auth_time: Timestamp(1),
            is_current,
        };
        let sessions = [session(true), session(false)];
        let event = |kind| SecurityEvent::new(kind, Timestamp(0), whereabouts.clone(), Some(text));
        let events = [event(EventKind::TokenReused), event(EventKind::AccessWithdrawn)];
        let passkey = |name, last_used_at| ShownPasskey { id: text, name, backed_up: true, created_at: Timestamp(0), last_used_at };
        let passkeys = [passkey(text, Some(Timestamp(1))), passkey("", None)];
        let of_passkeys = |passkeys, is_full, problem| {
            PasskeysPage { view, frame: frame.clone(), passkeys, is_full, problem, onward: Some(OnwardLink::of(text)), form_token: text }
                .render()
        };
        let claims =
            json!({text: text, "email": text, "email_verified": false, "gender": text, "address": {"formatted": text, "country": text}});
        let entries = entries_of(view, claims.as_object().unwrap());
        let pages = ListPages { first: Some("/account/apps"), next: Some(text) };
        let parts = [(1, text.to_owned()), (2, text.to_owned())];
        let data = |profile| DataPage {
            view,
            frame: frame.clone(),
            subject: text,
            entries: &entries,
            changed_at: Timestamp(0),
            profile,
            parts: if profile.is_some() { &parts } else { &[] },
            deletion: Some("/account/delete"),
            form_token: text,
        };
        let field = |name, problem| Field { name, value: text.to_owned(), problem };
        let fields: Vec<Field> = EDITABLE
            .into_iter()
            .map(|name| field(name, Some(ValueError::Url)))
            .chain([field("gender", Some(ValueError::TooLong(1)))])
            .collect();
        let of_address =
            [field("street_address", Some(ValueError::NotText)), field("formatted", None), field("birthdate", Some(ValueError::Birthdate))];
        let profile = |is_here, problem| ProfilePage {
            view,
            frame: frame.clone(),
            is_here,
            fields: &fields,
            address: &of_address,
            email: Some(text),
            phone: Some(text),
            problem,
            state: text,
            form_token: text,
        };
        let names = [text.to_owned(), "birthdate".to_owned()];
        let app = |stranger, time| ShownApp {
            client_id: text,
            name: text,
            is_gone: true,
            stranger,
            scopes: vec![AskedScope::new(view, text, None), AskedScope::new(view, text, Some(text))],
            claims: &names,
            resources: vec![text],
            details: vec![AskedDetail { description: text, rows: vec![(text.to_owned(), text.to_owned())] }],
            offline: true,
            since: time,
            last_used: time,
            ends_at: time,
            is_remembered: true,
        };
        let apps = [app(Some(Stranger::Described { host: text }), Some(Timestamp(0))), app(Some(Stranger::Registered), None)];
        vec![
            of_passkeys(&passkeys, false, Some(PasskeyProblem::Last)),
            of_passkeys(&passkeys, true, Some(PasskeyProblem::Full)),
            of_passkeys(&[], false, Some(PasskeyProblem::NotAdded)),
            HubPage { view, frame: frame.clone() }.render(),
            SessionsPage { view, frame: frame.clone(), sessions: &sessions, pages, form_token: text }.render(),
            SessionsPage { view, frame: frame.clone(), sessions: &[], pages, form_token: text }.render(),
            EventsPage { view, frame: frame.clone(), events: &events }.render(),
            EventsPage { view, frame: frame.clone(), events: &[] }.render(),
            AppsPage { view, frame: frame.clone(), apps: &[], pages: ListPages::default(), form_token: text }.render(),
            AppsPage { view, frame: frame.clone(), apps: &[], pages, form_token: text }.render(),
            AppsPage { view, frame: frame.clone(), apps: &apps, pages, form_token: text }.render(),
            data(Some("/account/profile")).render(),
            data(None).render(),
            profile(true, Some(ProfileProblem::Fields)).render(),
            profile(true, Some(ProfileProblem::Changed)).render(),
            profile(false, None).render(),
            DeletionPage { view, frame: frame.clone(), name: text, differs: true, made_elsewhere: true, form_token: text }.render(),
            DeletedPage { view }.render(),
            ConnectionsPage {
                view,
                frame,
                problem: Some((UpstreamProblem::LastWay, text)),
                identities: &[ShownIdentity { key: text.to_owned(), provider: text, label: Some(text), since: Timestamp(0) }],
                offered: &[OfferedConnection { id: text, name: text }],
                form_token: text,
            }
            .render(),
        ]
    }

    #[test]
    fn a_place_is_told_as_far_as_it_is_known() {
        let view = View::new(crate::pages::Language::English, crate::pages::Look::plain());
        let of = |user_agent: &str, network: Option<&str>| {
            place_of(&view, &Whereabouts { browser: Browser::of(user_agent), network: network.map(str::to_owned) })
        };
        assert_eq!(of("Firefox/1 (Windows)", Some("192.0.2.*")), "Firefox on Windows, 192.0.2.*");
        assert_eq!(of("Linux", None), "Linux");
        assert_eq!(of("", None), "Unknown browser");
    }
}
