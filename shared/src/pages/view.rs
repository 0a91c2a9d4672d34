//! What every page of one request has in common: the language that the person reads, and the look of the site.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use askama::filters::{Html, HtmlSafe, escape};
use fluent_bundle::{FluentArgs, FluentValue};

use super::look::Look;
use super::texts;
use crate::context::{Civil, Timestamp};
use crate::protocol::language::Language;

/// The language and the look of the pages of one request. Every page carries it as `view`, and says everything through it.
#[derive(Clone, Debug)]
pub struct View {
    language: Language,
    look: Arc<Look>,
}

impl View {
    /// The view of somebody who reads `language`.
    #[must_use]
    pub fn new(language: Language, look: Arc<Look>) -> Self {
        Self { language, look }
    }

    /// The language.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// The look.
    #[must_use]
    pub fn look(&self) -> &Look {
        &self.look
    }

    /// What stands between two sentences: a space, and nothing in languages that are written without.
    #[must_use]
    pub fn gap(&self) -> &'static str {
        match self.language {
            Language::English | Language::German | Language::French | Language::Spanish | Language::Portuguese => " ",
            Language::Chinese | Language::Japanese => "",
        }
    }

    /// The message `id`. One that is missing is a fault of ours that tests find; its id is shown then.
    #[must_use]
    pub fn say(&self, id: &str) -> Cow<'static, str> {
        self.find(id).unwrap_or_else(|| missing(id).into())
    }

    /// The message `id`, if there is one: for ids that are made of names from outside.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Cow<'static, str>> {
        texts::find(self.language, id, None)
    }

    /// The message `id` with arguments, as text, which templates escape: `view.tell("login-site", &[("host", host)])`. Numbers and texts together
    /// are given by [`Argument::argument`].
    #[must_use]
    pub fn tell<'n, A: Argument>(&self, id: &str, arguments: impl AsRef<[(&'n str, A)]>) -> String {
        let all = arguments.as_ref().iter().map(|(name, value)| (*name, value.argument())).collect();
        texts::find(self.language, id, Some(&all)).map_or_else(|| missing(id), Cow::into_owned)
    }

    /// The message `id` with each argument escaped and set in `<strong>`: `view.mark("login-continue", &[("client", name)])`.
    #[must_use]
    pub fn mark<'n, A: fmt::Display>(&self, id: &str, arguments: impl AsRef<[(&'n str, A)]>) -> Markup {
        let strong: Vec<_> = arguments.as_ref().iter().map(|(name, value)| (*name, self.strong(value))).collect();
        self.rich(id, strong)
    }

    /// The message `id` with arguments that are markup already: `view.rich("error-code", &[("code", view.code(error))])`.
    #[must_use]
    pub fn rich<'n>(&self, id: &str, arguments: impl AsRef<[(&'n str, Markup)]>) -> Markup {
        let all: FluentArgs<'_> = arguments.as_ref().iter().map(|(name, value)| (*name, FluentValue::from(value.0.as_str()))).collect();
        // Messages are our own and have no character that would have to be escaped, which a test sees to.
        Markup(texts::find(self.language, id, Some(&all)).map_or_else(|| missing(id), Cow::into_owned))
    }

    /// `text` as it is.
    #[must_use]
    pub fn plain(&self, text: impl fmt::Display) -> Markup {
        let mut markup = Markup::default();
        markup.push(text);
        markup
    }

    /// `text` in `<strong>`: a name.
    #[must_use]
    pub fn strong(&self, text: impl fmt::Display) -> Markup {
        Markup::set("<strong>", text, "</strong>")
    }

    /// `text` in `<strong>`, never broken into two lines: a code that people compare.
    #[must_use]
    pub fn whole(&self, text: impl fmt::Display) -> Markup {
        Markup::set("<strong class=\"whole\">", text, "</strong>")
    }

    /// `text` in `<code>`: an identifier.
    #[must_use]
    pub fn code(&self, text: impl fmt::Display) -> Markup {
        Markup::set("<code>", text, "</code>")
    }

    /// A link out of this server. `address` is the operator's, an `https` URL or a mail address.
    #[must_use]
    pub fn link(&self, address: &str, text: &str) -> Markup {
        Markup::set("<a rel=\"noreferrer\" href=\"", address, "\">").then(&Markup::set("", text, "</a>"))
    }

    /// An error code, which programs find by its `id`.
    #[must_use]
    pub fn error_code(&self, text: impl fmt::Display) -> Markup {
        Markup::set("<code id=\"error\">", text, "</code>")
    }

    /// A time, in a form that every language reads alike.
    #[must_use]
    pub fn time(&self, time: Timestamp) -> Markup {
        let Civil { year, month, day, hour, minute } = time.civil();
        let (date, time) = (format!("{year:04}-{month:02}-{day:02}"), format!("{hour:02}:{minute:02}"));
        Markup(format!("<time datetime=\"{date}T{time}Z\">{date} {time} UTC</time>"))
    }

    /// The day of a time, in a form that every language reads alike.
    #[must_use]
    pub fn date(&self, time: Timestamp) -> Markup {
        let Civil { year, month, day, .. } = time.civil();
        Markup(format!("<time datetime=\"{year:04}-{month:02}-{day:02}\">{year:04}-{month:02}-{day:02}</time>"))
    }

    /// `texts` in `<strong>` each, as a list in a sentence.
    #[must_use]
    pub fn list(&self, texts: &[&str]) -> Markup {
        let mut markup = Markup::default();
        for (index, text) in texts.iter().enumerate() {
            if index > 0 {
                markup.push(self.say("list-separator"));
            }
            markup.0.push_str(&self.strong(text).0);
        }
        markup
    }
}

fn missing(id: &str) -> String {
    debug_assert!(false, "there is no text {id}");
    id.to_owned()
}

/// HTML in which everything that came from outside is escaped. Only a [`View`] makes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup(String);

impl Markup {
    /// `text`, escaped, between tags of ours.
    pub(super) fn set(before: &'static str, text: impl fmt::Display, after: &'static str) -> Self {
        let mut markup = Self(before.to_owned());
        markup.push(text);
        markup.0.push_str(after);
        markup
    }

    /// This, and then `other`.
    #[must_use]
    pub(super) fn then(mut self, other: &Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    fn push(&mut self, text: impl fmt::Display) {
        let Ok(escaped) = escape(text, Html);
        // Writing to a string can't fail.
        let _ = write!(self.0, "{escaped}");
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

/// What can stand in a message.
pub trait Argument {
    /// The value, as Fluent takes it.
    fn argument(&self) -> FluentValue<'_>;
}

impl Argument for str {
    fn argument(&self) -> FluentValue<'_> {
        self.into()
    }
}

impl Argument for String {
    fn argument(&self) -> FluentValue<'_> {
        self.as_str().into()
    }
}

impl Argument for i64 {
    fn argument(&self) -> FluentValue<'_> {
        self.into()
    }
}

impl Argument for u32 {
    fn argument(&self) -> FluentValue<'_> {
        self.into()
    }
}

impl Argument for usize {
    fn argument(&self) -> FluentValue<'_> {
        self.into()
    }
}

impl Argument for FluentValue<'_> {
    fn argument(&self) -> FluentValue<'_> {
        self.clone()
    }
}

impl<T: Argument + ?Sized> Argument for &T {
    fn argument(&self) -> FluentValue<'_> {
        (**self).argument()
    }
}
