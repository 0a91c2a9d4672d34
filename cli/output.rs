//! The one place that prints: text for people, or JSON for programs.

use std::io::{self, Write as _};

use grantlet::context::{Civil, Timestamp};
use serde::Serialize;

use crate::failure::Failure;

/// How a command answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    /// Text, or JSON.
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints `value` as JSON, or what `text` makes for people.
    pub(crate) fn print<T: Serialize>(self, value: &T, text: impl FnOnce(&T) -> String) -> Result<(), Failure> {
        let text = if self.json {
            serde_json::to_string_pretty(value).map_err(|error| Failure::new(format!("The answer can't be written as JSON: {error}.")))?
        } else {
            text(value)
        };
        print_line(text.trim_end());
        Ok(())
    }
}

/// Prints `text` and a line end to standard output. Nobody there to read it is no failure.
pub(crate) fn print_line(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Prints a failure to standard error.
pub(crate) fn print_failure(failure: &Failure) {
    let _ = writeln!(io::stderr().lock(), "{}{failure}", Paint::of(&io::stderr()).red("error: "));
}

/// Prints a remark to standard error, beside an answer that a program may read.
pub(crate) fn print_note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Asks on the terminal for a password, twice, without showing it.
pub(crate) fn ask_password(whose: &str) -> io::Result<Option<String>> {
    let first = rpassword::prompt_password(format!("Password of {whose}: "))?;
    let second = rpassword::prompt_password("Once more: ")?;
    Ok((first == second).then_some(first))
}

/// Colours, where a terminal shows them and nobody refused them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint(bool);

impl Paint {
    /// The colours that fit `stream`.
    pub(crate) fn of(stream: &impl io::IsTerminal) -> Self {
        Self(stream.is_terminal() && !grantlet::config::is_colour_refused())
    }

    /// The colours that fit standard output.
    pub(crate) fn stdout() -> Self {
        Self::of(&io::stdout())
    }

    /// Whether there are any.
    pub(crate) fn is_on(self) -> bool {
        self.0
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.wrap("31", text)
    }

    /// `text` in the colour of a status class: green, cyan, yellow, red.
    pub(crate) fn status(self, status: u16, text: &str) -> String {
        self.wrap(["32", "36", "33", "31"].get(usize::from(status / 100).saturating_sub(2)).unwrap_or(&"35"), text)
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// `text` without characters that a terminal would act on.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// A table with a heading. Columns are as wide as their widest cell.
pub(crate) fn render_table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> String {
    let rows: Vec<[String; N]> = rows.iter().map(|row| row.clone().map(|cell| printable(&cell))).collect();
    let mut widths = heading.map(|cell| cell.chars().count());
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let render = |cells: Vec<&str>| -> String {
        let padded: Vec<String> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    let body = rows.iter().map(|row| render(row.iter().map(String::as_str).collect()));
    std::iter::once(render(heading.to_vec())).chain(body).collect::<Vec<_>>().join("\n")
}

/// A time for people: `2026-11-24 09:30Z`.
pub(crate) fn render_time(time: Timestamp) -> String {
    let Civil { year, month, day, hour, minute } = time.civil();
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_gregorian() {
        for (seconds, expected) in [
            (0, "1970-01-01 00:00Z"),
            (951_782_400, "2000-02-29 00:00Z"),
            (1_709_251_199, "2024-02-29 23:59Z"),
            (4_107_542_400, "2100-03-01 00:00Z"),
        ] {
            assert_eq!(render_time(Timestamp(seconds)), expected);
        }
    }

    #[test]
    fn a_table_has_aligned_columns_and_no_control_characters() {
        let table = render_table(["ID", "NAME"], &[["a".into(), "x\u{1b}[31m".into()], ["long".into(), "y".into()]]);
        assert_eq!(table, "ID    NAME\na     x\u{fffd}[31m\nlong  y");
    }
}
