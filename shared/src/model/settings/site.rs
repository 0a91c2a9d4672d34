//! `[site]`: how pages look, and whom people turn to.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::{SettingsError, WebUrl, refuse};
use crate::protocol::language::Language;

/// The longest name of a site, in characters.
const MAX_NAME: usize = 60;
/// The longest address for support, in bytes.
const MAX_SUPPORT: usize = 254;
/// The largest logo of a site, in bytes. It is part of every page.
const MAX_LOGO: usize = 16 * 1_024;
/// What accents must stand out from: the sheet of the light theme and of the dark one, as the style has them.
const LIGHT_SHEET: Colour = Colour(0xff, 0xff, 0xff);
const DARK_SHEET: Colour = Colour(0x1d, 0x21, 0x26);
/// The contrast that text needs (WCAG 2.2 success criterion 1.4.3).
const CONTRAST: f64 = 4.5;

/// The site that people sign in to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SiteSettings {
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its logo, which stands above every page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<Logo>,
    /// The colour of buttons and links in the light theme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent: Option<Colour>,
    /// The same in the dark theme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent_dark: Option<Colour>,
    /// Where people get help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support: Option<Support>,
    /// What happens to people's data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privacy: Option<WebUrl>,
    /// The terms of use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<WebUrl>,
    /// What people read who ask for no language that pages are written in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

impl SiteSettings {
    /// Checks what the form alone does not show.
    ///
    /// # Errors
    /// Names the first setting that can't be used.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let at = |name: &str| format!("site.{name}");
        if self.name.as_ref().is_some_and(|name| !is_name(name)) {
            return refuse(at("name"), "give 1 to 60 characters, or leave it out");
        }
        if let Some(logo) = &self.logo {
            if self.name.is_none() {
                return refuse(at("logo"), "give site.name as well, which stands for the logo where it can't be seen");
            }
            if logo.len() > MAX_LOGO {
                return refuse(at("logo"), &format!("it has {} bytes; give 16,384 at most, since it is part of every page", logo.len()));
            }
        }
        check_accent(at("accent"), self.accent, LIGHT_SHEET, "light")?;
        check_accent(at("accent_dark"), self.accent_dark, DARK_SHEET, "dark")
    }

    /// The accent in the light theme and in the dark one, if the operator chose any: where one of the two is left out, it is the other one, made as
    /// dark or as bright as it must be to be read.
    #[must_use]
    pub fn accents(&self) -> Option<(Colour, Colour)> {
        let light = self.accent.or_else(|| self.accent_dark.map(|dark| dark.until_readable(LIGHT_SHEET, Colour::BLACK)))?;
        let dark = self.accent_dark.unwrap_or_else(|| light.until_readable(DARK_SHEET, Colour::WHITE));
        Some((light, dark))
    }
}

fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= MAX_NAME && !name.chars().any(char::is_control)
}

fn check_accent(field: String, accent: Option<Colour>, sheet: Colour, theme: &str) -> Result<(), SettingsError> {
    match accent.map(|accent| accent.contrast(sheet)) {
        Some(ratio) if ratio < CONTRAST => refuse(
            field,
            &format!("its contrast with the {theme} theme's {sheet} is {ratio:.2}:1; links and buttons need 4.5:1 to be read"),
        ),
        _ => Ok(()),
    }
}

/// A colour: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour(u8, u8, u8);

impl Colour {
    /// Black.
    pub const BLACK: Self = Self(0, 0, 0);
    /// White.
    pub const WHITE: Self = Self(0xff, 0xff, 0xff);

    /// The contrast with another colour, 1 to 21 (WCAG 2.2, contrast ratio).
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// White or black, whichever can be read better on it: at least 4.58:1 on any colour.
    #[must_use]
    pub fn text_on_it(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) { Self::WHITE } else { Self::BLACK }
    }

    /// WCAG 2.2, relative luminance.
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// The first colour on the way from this one to `end` that can be read on `sheet`.
    fn until_readable(self, sheet: Self, end: Self) -> Self {
        let mixed = |step: u16| {
            let mix = |from: u8, to: u8| u8::try_from((u16::from(from) * (20 - step) + u16::from(to) * step) / 20).unwrap_or(to);
            Self(mix(self.0, end.0), mix(self.1, end.1), mix(self.2, end.2))
        };
        (0..=20).map(mixed).find(|colour| colour.contrast(sheet) >= CONTRAST).unwrap_or(end)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl FromStr for Colour {
    type Err = ColourError;

    fn from_str(text: &str) -> Result<Self, ColourError> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or(ColourError)?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Self(red, green, blue))
    }
}

impl TryFrom<String> for Colour {
    type Error = ColourError;

    fn try_from(text: String) -> Result<Self, ColourError> {
        text.parse()
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.to_string()
    }
}

/// A text that is no colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give a colour as # and six hexadecimal digits, such as \"#1f5fbf\"")]
pub struct ColourError;

/// Where people get help: an e-mail address, or a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Support {
    /// An e-mail address.
    Mail(String),
    /// A page.
    Page(WebUrl),
}

/// A text by which nobody gets help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give an e-mail address, or an https URL")]
pub struct SupportError;

impl Support {
    /// Where a link leads.
    #[must_use]
    pub fn link(&self) -> String {
        match self {
            Self::Mail(address) => format!("mailto:{address}"),
            Self::Page(url) => url.to_string(),
        }
    }

    /// What people read.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Mail(address) => address.clone(),
            Self::Page(url) => {
                let text = url.to_string();
                let short = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
                short.trim_end_matches('/').to_owned()
            }
        }
    }
}

impl TryFrom<String> for Support {
    type Error = SupportError;

    fn try_from(text: String) -> Result<Self, SupportError> {
        if text.contains("://") {
            return text.parse().map(Self::Page).map_err(|_| SupportError);
        }
        let is_address = text.split_once('@').is_some_and(|(local, host)| {
            let fits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b));
            fits(local) && fits(host) && host.contains('.')
        });
        if is_address && text.len() <= MAX_SUPPORT { Ok(Self::Mail(text)) } else { Err(SupportError) }
    }
}

impl From<Support> for String {
    fn from(support: Support) -> Self {
        match support {
            Support::Mail(address) => address,
            Support::Page(url) => url.into(),
        }
    }
}

/// A small picture that stands in the page itself: an SVG, PNG, WebP or JPEG as a `data:` URL. It is shown by `<img>` alone, in which nothing of an SVG runs or is fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Logo {
    url: String,
    bytes: usize,
}

/// A text that is no logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoError {
    /// Neither an SVG's text nor such a URL.
    #[error("give the text of an SVG, or a data: URL in base64 of type image/svg+xml, image/png, image/webp or image/jpeg")]
    Form,
    /// What is in it is no picture of its type.
    #[error("its data is no picture of the type that it names")]
    Content,
}

impl Logo {
    /// The `data:` URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The bytes of the picture.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }
}

impl TryFrom<String> for Logo {
    type Error = LogoError;

    fn try_from(text: String) -> Result<Self, LogoError> {
        let text = text.trim();
        if text.starts_with('<') {
            let is_whole = text.contains("<svg") && text.ends_with("</svg>");
            let url = || format!("data:image/svg+xml;base64,{}", STANDARD.encode(text));
            return if is_whole { Ok(Self { url: url(), bytes: text.len() }) } else { Err(LogoError::Content) };
        }
        let (kind, data) = text.strip_prefix("data:image/").and_then(|rest| rest.split_once(";base64,")).ok_or(LogoError::Form)?;
        let bytes = STANDARD.decode(data).map_err(|_| LogoError::Form)?;
        let is_picture = match kind {
            "svg+xml" => std::str::from_utf8(&bytes).is_ok_and(|text| text.contains("<svg")),
            "png" => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
            "webp" => bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"),
            "jpeg" => bytes.starts_with(b"\xff\xd8\xff"),
            _ => return Err(LogoError::Form),
        };
        if is_picture { Ok(Self { url: text.to_owned(), bytes: bytes.len() }) } else { Err(LogoError::Content) }
    }
}

impl From<Logo> for String {
    fn from(logo: Logo) -> Self {
        logo.url
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(site: serde_json::Value) -> Result<SiteSettings, String> {
        let site: SiteSettings = serde_json::from_value(site).map_err(|error| error.to_string())?;
        site.check().map_err(|error| error.to_string())?;
        Ok(site)
    }

    /// WCAG 2.2, contrast ratio: the greatest, the least, and one between
    #[test]
    fn contrast_is_that_of_the_guidelines() {
        let contrast = |one: &str, two: &str| one.parse::<Colour>().unwrap().contrast(two.parse().unwrap());
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((contrast("#123456", "#123456") - 1.0).abs() < 1e-9);
        assert!((contrast("#777777", "#ffffff") - 4.478).abs() < 0.001);
    }

    /// WCAG 2.2 success criterion 1.4.3, for every colour that an operator may choose
    #[test]
    fn every_accent_that_passes_can_be_read_and_read_on() {
        for step in 0..4_096_u32 {
            let part = |shift: u32| u8::try_from(((step >> shift) & 0xf) * 17).unwrap();
            let colour = Colour(part(8), part(4), part(0));
            assert!(colour.contrast(colour.text_on_it()) >= CONTRAST, "{colour}");
            let only = |site: SiteSettings| site.accents().unwrap();
            for (light, dark) in [
                only(SiteSettings { accent: Some(colour), ..SiteSettings::default() }),
                only(SiteSettings { accent_dark: Some(colour), ..SiteSettings::default() }),
            ] {
                assert!(light == colour || light.contrast(LIGHT_SHEET) >= CONTRAST);
                assert!(dark == colour || dark.contrast(DARK_SHEET) >= CONTRAST);
            }
        }
    }

    #[test]
    fn a_site_is_read_and_written_as_it_was() {
        let site = json!({
            "name": "Notes & Co", "logo": "data:image/png;base64,iVBORw0KGgo=", "accent": "#1f5fbf", "accent_dark": "#7fb0ff",
            "support": "help@notes.example", "privacy": "https://notes.example/privacy", "terms": "https://notes.example/terms", "language": "de",
        });
        assert_eq!(serde_json::to_value(read(site.clone()).unwrap()).unwrap(), site);
        let drawn = read(json!({"name": "x", "logo": " <svg xmlns='http://www.w3.org/2000/svg'></svg>\n"})).unwrap();
        assert!(drawn.logo.unwrap().url().starts_with("data:image/svg+xml;base64,PHN2Z"));
        let page = read(json!({"support": "https://notes.example/help/"})).unwrap().support.unwrap();
        assert_eq!((page.link().as_str(), page.shown().as_str()), ("https://notes.example/help/", "notes.example/help"));
    }

    /// Errors name the field, and of a colour the ratio
    #[test]
    fn what_can_not_be_used_is_named() {
        let large = format!("data:image/png;base64,{}", STANDARD.encode([b"\x89PNG\r\n\x1a\n".as_slice(), &[0; MAX_LOGO]].concat()));
        for (site, expected) in [
            (json!({"name": ""}), "site.name"),
            (json!({"name": "x".repeat(61)}), "site.name"),
            (json!({"name": "a\u{7}b"}), "site.name"),
            (json!({"logo": "data:image/png;base64,iVBORw0KGgo="}), "site.logo: give site.name"),
            (json!({"name": "x", "logo": large}), "site.logo: it has 16392 bytes"),
            (json!({"name": "x", "logo": "https://notes.example/logo.png"}), "data: URL"),
            (json!({"name": "x", "logo": "data:image/gif;base64,R0lGODlh"}), "data: URL"),
            (json!({"name": "x", "logo": "data:image/png;base64,R0lGODlh"}), "no picture"),
            (json!({"name": "x", "logo": "data:image/png;base64,\"><script>"}), "data: URL"),
            (json!({"name": "x", "logo": "<script>alert(1)</script>"}), "no picture"),
            (json!({"accent": "#7fb0ff"}), "site.accent: its contrast with the light theme's #ffffff is 2.2"),
            (json!({"accent_dark": "#1f5fbf"}), "site.accent_dark: its contrast with the dark theme's #1d2126 is 2."),
            (json!({"accent": "red"}), "six hexadecimal digits"),
            (json!({"accent": "#12345"}), "six hexadecimal digits"),
            (json!({"accent": "#fff}*{x:y"}), "six hexadecimal digits"),
            (json!({"support": "javascript:alert(1)"}), "e-mail address"),
            (json!({"support": "a@b.example?bcc=c@d.example"}), "e-mail address"),
            (json!({"support": "http://notes.example"}), "e-mail address"),
            (json!({"privacy": "http://notes.example/privacy"}), "https URL"),
            (json!({"terms": "javascript:alert(1)"}), "https URL"),
            (json!({"language": "tlh"}), "en, de, fr, es, pt, zh"),
            (json!({"colour": "#000000"}), "colour"),
        ] {
            let error = read(site.clone()).unwrap_err();
            assert!(error.contains(expected), "{site}: {error}");
        }
    }
}
