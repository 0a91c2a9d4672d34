//! Mails as people read them: as text, and the same as plain HTML without style or picture.

use std::fmt::Write as _;

use super::View;
use crate::mail::Mail;
use crate::model::email::EmailAddress;

/// What a mail says.
#[derive(Clone, Debug)]
pub struct Letter<'a> {
    /// What stands above it.
    pub subject: String,
    /// What it is about.
    pub paragraphs: Vec<String>,
    /// A link, and what it is called.
    pub link: Option<(String, &'a str)>,
    /// What to do if it comes as a surprise.
    pub ending: String,
}

/// The mail to `to` that says `letter`.
#[must_use]
pub fn render_letter(view: &View, to: EmailAddress, letter: &Letter<'_>) -> Mail {
    let (tag, direction) = (view.language().tag(), view.language().direction());
    let mut text = String::new();
    let mut html = format!("<!doctype html>\n<html lang=\"{tag}\" dir=\"{direction}\">\n<head><meta charset=\"utf-8\"></head>\n<body>\n");
    for paragraph in &letter.paragraphs {
        // Writing to a string can't fail.
        let _ = write!(text, "{paragraph}\n\n");
        let _ = writeln!(html, "<p>{}</p>", view.plain(paragraph));
    }
    if let Some((name, url)) = &letter.link {
        let _ = write!(text, "{name}:\n{url}\n\n");
        let _ = writeln!(html, "<p><a href=\"{}\">{}</a></p>\n<p>{}</p>", view.plain(url), view.plain(name), view.plain(url));
    }
    let _ = writeln!(text, "{}", letter.ending);
    let _ = write!(html, "<p>{}</p>\n</body>\n</html>\n", view.plain(&letter.ending));
    Mail { to, subject: letter.subject.clone(), text, html }
}
