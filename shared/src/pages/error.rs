//! Pages about what went wrong.

use askama::Template;

use super::{Markup, Page, Policy, View, render};

/// A page that says what happened and what to do next.
#[derive(Clone, Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What happened, in a few words: the id of a message.
    pub title: &'static str,
    /// What happened, in a sentence or two: the id of a message.
    pub message: &'static str,
    /// Whose turn it is, and what to do: the id of a message.
    pub advice: &'static str,
    /// The registered error code, for developers; none where there is none.
    pub error: Option<&'a str>,
    /// The id to find the request in the log by.
    pub request_id: &'a str,
}

/// Who can mend what went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// The person, by doing what the advice says.
    You,
    /// The people who run the application.
    App,
    /// The people who run this site.
    Site,
}

impl Turn {
    /// What people read: the id of a message.
    fn id(self) -> &'static str {
        match self {
            Self::You => "error-turn-you",
            Self::App => "error-turn-app",
            Self::Site => "error-turn-site",
        }
    }
}

impl ErrorPage<'_> {
    /// Whose turn it is, which goes with the advice: what does not send people to somebody else is theirs.
    fn turn(&self) -> Turn {
        match self.advice {
            "error-advice-back" | "error-advice-logout" => Turn::App,
            "error-advice-ask" | "error-advice-tell" | "error-advice-reload" => Turn::Site,
            _ => Turn::You,
        }
    }

    /// Where people get help, if that is not for the application to give.
    fn support(&self) -> Option<Markup> {
        let (link, shown) = self.view.look().support().filter(|_| self.turn() != Turn::App)?;
        Some(self.view.link(&link, &shown))
    }

    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Closed)
    }
}
