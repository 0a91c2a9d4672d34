//! Pages about what went wrong.

use askama::Template;

use super::{Page, Policy, View, render};

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

impl ErrorPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Closed)
    }
}
