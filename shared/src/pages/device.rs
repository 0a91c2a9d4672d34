//! Devices without a browser (RFC 8628).

use std::borrow::Cow;

use askama::Template;

use super::consent::offline_words;
use super::{AskedDetail, AskedScope, Language, Lasting, Page, Policy, Stranger, View, render};

/// The page on which people type in a device's code.
#[derive(Clone, Debug, Template)]
#[template(path = "device.html")]
pub struct DevicePage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What stands in the field `user_code` at first.
    pub user_code: &'a str,
    /// The language that the device asked for, which the form carries in the hidden field `ui_locales`.
    pub asked_language: Option<Language>,
    /// What went wrong before.
    pub problem: Option<DeviceProblem>,
    /// The token that binds the form to the browser, in the hidden field `form_token`.
    pub form_token: &'a str,
}

/// Why a device's code did not work, as far as people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceProblem {
    /// No device waits under this code: it is wrong, over, or answered. Nobody is told which.
    WrongCode,
    /// Too many attempts.
    TooManyAttempts {
        /// Minutes to wait, at least 1.
        minutes: i64,
    },
    /// The form was sent by another browser, or its cookie is gone.
    Expired,
}

/// The page that asks whether a device may act for a person (RFC 8628 section 5.4).
#[derive(Clone, Debug, Template)]
#[template(path = "device_consent.html")]
pub struct DeviceConsentPage<'a> {
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
    /// Why people must be careful with its name, where the operator does not know the client.
    pub stranger: Option<Stranger<'a>>,
    /// Who is logged in, as people know themselves.
    pub user_name: &'a str,
    /// The scopes asked for.
    pub scopes: &'a [AskedScope<'a>],
    /// The resources that it may use them at, where it named any.
    pub resources: &'a [&'a str],
    /// What is asked for in a structured form (RFC 9396).
    pub details: &'a [AskedDetail<'a>],
    /// How long the client may use it.
    pub lasting: Lasting,
    /// The code that the device shows, which the form carries in the hidden field `user_code`.
    pub user_code: &'a str,
    /// The language that the device asked for, in the hidden field `ui_locales`.
    pub asked_language: Option<Language>,
    /// The key of the device's request, in the hidden field `device`.
    pub device: &'a str,
    /// The token that binds the form to the browser, in the hidden field `form_token`.
    pub form_token: &'a str,
}

/// The page that says what became of a device.
#[derive(Clone, Debug, Template)]
#[template(path = "device_done.html")]
pub struct DeviceDonePage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// The client's name for people.
    pub client_name: &'a str,
    /// Whether it was allowed.
    pub allowed: bool,
}

impl DeviceProblem {
    /// What people read.
    fn sentence(self, view: &View) -> String {
        match self {
            Self::WrongCode => view.say("device-problem-code").into_owned(),
            Self::TooManyAttempts { minutes } => view.tell("too-many-attempts", [("minutes", minutes)]),
            Self::Expired => view.say("device-problem-expired").into_owned(),
        }
    }
}

impl DevicePage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Form)
    }
}

impl DeviceConsentPage<'_> {
    fn offline_words(&self) -> Option<Cow<'static, str>> {
        offline_words(self.view, self.lasting, self.scopes.iter())
    }

    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Form)
    }
}

impl DeviceDonePage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Closed)
    }
}
