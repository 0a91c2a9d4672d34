//! The languages that pages are written in, and which one a person reads.

use serde::{Deserialize, Serialize};

/// The longest list of languages that is looked at, in bytes, and how many of its entries.
const MAX_LENGTH: usize = 1_024;
const MAX_ENTRIES: usize = 32;

/// A language that every page is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Language {
    /// English, which every text is written in first.
    #[default]
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Portuguese.
    Portuguese,
    /// Chinese, in simplified characters.
    Chinese,
    /// Japanese.
    Japanese,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 7] = [Self::English, Self::German, Self::French, Self::Spanish, Self::Portuguese, Self::Chinese, Self::Japanese];

    /// The language's tag (BCP 47).
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Portuguese => "pt",
            Self::Chinese => "zh",
            Self::Japanese => "ja",
        }
    }

    /// The way that it is written in: the value of `dir`.
    #[must_use]
    pub fn direction(self) -> &'static str {
        match self {
            Self::English | Self::German | Self::French | Self::Spanish | Self::Portuguese | Self::Chinese | Self::Japanese => "ltr",
        }
    }

    /// The language that `tag` begins with, whatever region or script it names (RFC 4647 section 3.4).
    #[must_use]
    pub fn find(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|one| primary.eq_ignore_ascii_case(one.tag()))
    }

    /// The first of the languages in `ui_locales` that pages are written in (`OpenID` Connect Core section 3.1.2.1).
    #[must_use]
    pub fn asked(ui_locales: &str) -> Option<Self> {
        let list = Some(ui_locales).filter(|list| list.len() <= MAX_LENGTH)?;
        list.split_ascii_whitespace().take(MAX_ENTRIES).find_map(Self::find)
    }

    /// What a person reads: the first language that the client asked for (`ui_locales`, `OpenID` Connect Core section 3.1.2.1), else the one that
    /// the browser likes best, else `otherwise`.
    #[must_use]
    pub fn choose(ui_locales: Option<&str>, accept_language: Option<&str>, otherwise: Self) -> Self {
        ui_locales.and_then(Self::asked).or_else(|| accept_language.and_then(|list| accepted(list, otherwise))).unwrap_or(otherwise)
    }
}

impl TryFrom<String> for Language {
    type Error = LanguageError;

    fn try_from(tag: String) -> Result<Self, LanguageError> {
        Self::ALL.into_iter().find(|one| one.tag() == tag).ok_or(LanguageError)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.tag().to_owned()
    }
}

/// A tag of a language that pages are not written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give one of the languages that pages are written in: en, de, fr, es, pt, zh, ja")]
pub struct LanguageError;

/// The best language of `Accept-Language` (RFC 9110 section 12.5.4): that of the highest weight, and of these the first.
fn accepted(list: &str, otherwise: Language) -> Option<Language> {
    if list.len() > MAX_LENGTH {
        return None;
    }
    let mut best: Option<(u16, Language)> = None;
    for entry in list.split(',').take(MAX_ENTRIES) {
        let mut parts = entry.split(';');
        let range = parts.next().unwrap_or_default().trim();
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=").map(weight_of)).unwrap_or(Some(1_000));
        let language = if range == "*" { Some(otherwise) } else { Language::find(range) };
        if let (Some(weight @ 1..), Some(language)) = (weight, language)
            && best.is_none_or(|(before, _)| weight > before)
        {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// A weight in thousandths (RFC 9110 section 12.4.2).
fn weight_of(text: &str) -> Option<u16> {
    let (whole, decimals) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let thousandths: u16 = if decimals.len() <= 3 { format!("{decimals:0<3}").parse().ok()? } else { return None };
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OpenID Connect Core section 3.1.2.1: `ui_locales`, in the order of the person's preference
    #[test]
    fn the_client_names_the_language_first() {
        for (locales, expected) in [
            ("de", Language::German),
            ("fr-CA fr en", Language::French),
            ("kl xx PT-br", Language::Portuguese),
            ("zh-Hant-TW", Language::Chinese),
            ("ja_JP", Language::Japanese),
            ("", Language::Spanish),
            ("tlh", Language::Spanish),
            ("deutsch", Language::Spanish),
            ("\"><script>", Language::Spanish),
        ] {
            assert_eq!(Language::choose(Some(locales), Some("es"), Language::English), expected, "{locales}");
        }
        let endless = "xx ".repeat(100) + "de";
        assert_eq!(Language::choose(Some(&endless), None, Language::French), Language::French);
        assert_eq!(Language::choose(Some(&format!("de {}", "x".repeat(2_000))), None, Language::French), Language::French);
    }

    /// RFC 9110 sections 12.4.2 and 12.5.4
    #[test]
    fn the_browser_weighs_its_languages() {
        for (header, expected) in [
            ("de", Language::German),
            ("de-AT,de;q=0.9,en;q=0.8", Language::German),
            ("en;q=0.5, fr;q=0.8", Language::French),
            ("da, en-gb;q=0.8, fr;q=0.7", Language::English),
            ("ja;q=0, zh;q=0.001", Language::Chinese),
            ("*", Language::Portuguese),
            ("de;q=0.2, *;q=0.5", Language::Portuguese),
            ("de;q=1.001, es;q=0.3", Language::Spanish),
            ("de;q=x, es;q=0.3", Language::Spanish),
            ("de;q=0.1234, es;q=0.3", Language::Spanish),
            (";;;,,,", Language::Portuguese),
            ("xx", Language::Portuguese),
        ] {
            assert_eq!(Language::choose(None, Some(header), Language::Portuguese), expected, "{header}");
        }
        let endless = format!("{}, de", "x".repeat(2_000));
        assert_eq!(Language::choose(None, Some(&endless), Language::Portuguese), Language::Portuguese);
    }
}
