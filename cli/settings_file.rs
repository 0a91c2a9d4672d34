//! `grantlet.toml`, read and checked. Errors name the line and the field.

use std::io::ErrorKind;
use std::path::Path;

use grantlet::model::settings::Settings;
use toml::de::DeTable;

use crate::args::DEFAULT_SETTINGS;
use crate::failure::Failure;

/// The settings in `path`.
pub(crate) fn read_settings(path: &Path) -> Result<Settings, Failure> {
    let text =
        std::fs::read_to_string(path).map_err(|error| Failure::new(format!("The settings {} can't be read: {error}.", path.display())))?;
    parse_settings(path, &text)
}

/// The settings that `dev` applies: those of the file that was named, or of the one in the current directory, if it is there.
pub(crate) fn find_settings(named: Option<&Path>) -> Result<Option<Settings>, Failure> {
    if let Some(path) = named {
        return read_settings(path).map(Some);
    }
    let path = Path::new(DEFAULT_SETTINGS);
    match std::fs::read_to_string(path) {
        Ok(text) => parse_settings(path, &text).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::new(format!("The settings {} can't be read: {error}.", path.display()))),
    }
}

fn parse_settings(path: &Path, text: &str) -> Result<Settings, Failure> {
    let wrong = |why: &dyn std::fmt::Display| {
        Failure::new(format!("The settings {} can't be used.\n{why}\ndocs/configuration.md describes every name.", path.display()))
    };
    let settings: Settings = toml::from_str(text).map_err(|error| wrong(&error.to_string().trim_end()))?;
    settings.check().map_err(|error| match line_of(text, &error.field) {
        Some(line) => wrong(&format!("At line {line}, {error}")),
        None => wrong(&error),
    })?;
    Ok(settings)
}

/// The line of the setting at the path `field`; of what surrounds it, where it is missing itself.
fn line_of(text: &str, field: &str) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut table = Some(document.get_ref());
    let mut position = None;
    for part in field.split('.') {
        let (name, index) = match part.strip_suffix(']').and_then(|part| part.split_once('[')) {
            Some((name, index)) => (name, index.parse::<usize>().ok()),
            None => (part, None),
        };
        let Some((key, value)) = table.and_then(|table| table.iter().find(|(key, _)| key.get_ref() == name)) else { break };
        let item = index.and_then(|index| value.get_ref().as_array()?.get(index));
        position = Some(item.map_or(key.span().start, |item| item.span().start));
        table = item.unwrap_or(value).get_ref().as_table();
    }
    Some(text.get(..position?)?.matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Errors name line and field
    #[test]
    fn a_file_that_can_not_be_used_says_where() {
        for (text, expected) in [
            ("[registration]\nmode = \"everybody\"\n", ["line 2", "everybody"]),
            ("\n[authorization]\nrequire_pushed = true\n", ["line 3", "require_pushed"]),
            ("[[resources]]\nuri = \"api\"\n", ["At line 2, resources[0].uri", "absolute URI"]),
            ("[[resources]]\nuri = \"https://a.example\"\n\n[[resources]]\nuri = \"b\"\n", ["At line 5, resources[1].uri", "absolute URI"]),
            ("# a comment\n[registration]\nmode = \"token\"\n", ["At line 2, registration.initial_access_tokens", "needs one"]),
            ("[site]\nname = \"Notes\"\naccent = \"#7fb0ff\"\n", ["At line 3, site.accent", "2.2"]),
            ("[site]\naccent = \"blue\"\n", ["line 2", "six hexadecimal digits"]),
            ("[site]\nname = 7\n", ["line 2", "name = 7"]),
            ("site = { nmae = \"Notes\" }\n", ["line 1", "nmae"]),
            ("[dpop\n", ["line 1", "grantlet.toml"]),
        ] {
            let sentence = parse_settings(Path::new("grantlet.toml"), text).unwrap_err().to_string();
            assert!(expected.iter().all(|part| sentence.contains(part)), "{sentence}");
        }
    }

    #[test]
    fn a_file_is_read_by_the_names_of_the_settings() {
        let text =
            "[registration]\nmode = \"open\"\n[[resources]]\nuri = \"https://api.example\"\nscopes = { read = \"Read your notes\" }\n";
        let settings = parse_settings(Path::new("grantlet.toml"), text).unwrap();
        assert_eq!(settings.resources.first().unwrap().scopes.get("read").unwrap(), &"Read your notes".into());
    }
}
