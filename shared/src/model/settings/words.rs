//! What the operator has people read: one text, or one for each language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::protocol::language::Language;

/// A text, or a table of texts by the language's tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "give a text, or a table of texts by language: en, de, fr, es, pt, zh, ja")]
pub enum Words {
    /// The same for everybody.
    One(String),
    /// One for each language.
    ByLanguage(BTreeMap<Tag, String>),
}

/// A language, as the key of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tag(Language);

impl PartialOrd for Tag {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Tag {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.tag().cmp(other.0.tag())
    }
}

impl Words {
    /// The text for people who read `language`; else the English one, else the first.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match self {
            Self::One(text) => text,
            Self::ByLanguage(texts) => {
                let found = texts.get(&Tag(language)).or_else(|| texts.get(&Tag(Language::English)));
                found.or_else(|| texts.values().next()).map_or("", String::as_str)
            }
        }
    }

    /// Whether nobody would read anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::One(text) => text.trim().is_empty(),
            Self::ByLanguage(texts) => texts.is_empty() || texts.values().any(|text| text.trim().is_empty()),
        }
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Self::One(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn people_read_their_own_language_or_else_english() {
        let read = |words| serde_json::from_value::<Words>(words);
        let words = read(json!({"de": "Notizen lesen", "en": "Read notes"})).unwrap();
        assert_eq!(words.in_language(Language::German), "Notizen lesen");
        assert_eq!(words.in_language(Language::French), "Read notes");
        assert_eq!(read(json!("Read")).unwrap().in_language(Language::Japanese), "Read");
        assert_eq!(read(json!({"fr": "Lire"})).unwrap().in_language(Language::Chinese), "Lire");
        assert!(read(json!({"tlh": "x"})).is_err() && read(json!(1)).is_err());
        assert!(read(json!({})).unwrap().is_empty() && read(json!({"de": " "})).unwrap().is_empty());
    }
}
