use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::*;

/// The messages of a language as its files have them: the id, and the arguments that each names. A term or a comment is none.
fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for source in sources(language) {
        FluentResource::try_new(source.to_owned()).unwrap_or_else(|(_, errors)| panic!("{language:?}: {errors:?}\n{source}"));
        let mut current: Option<String> = None;
        for line in source.lines() {
            let begins = line.chars().next().is_some_and(|first| first.is_ascii_alphabetic());
            if let Some((id, _)) = line.split_once('=').filter(|_| begins) {
                let id = id.trim().to_owned();
                assert!(found.insert(id.clone(), BTreeSet::new()).is_none(), "{id} stands twice in {language:?}");
                current = Some(id);
            } else if begins || line.starts_with('-') {
                panic!("{language:?}: {line}");
            }
            if let Some(id) = current.as_ref().filter(|_| !line.starts_with('#')) {
                let names = line.split('$').skip(1).map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap().to_owned());
                found.get_mut(id).unwrap().extend(names);
            }
        }
    }
    found
}

/// The sources of the crate, and the templates among them: name and text.
fn crate_sources() -> Vec<(String, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "html") && !path.ends_with("tests.rs") {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn every_language_says_everything_about_the_same_things() {
    let english = messages(Language::English);
    for language in Language::ALL {
        let own = messages(language);
        for (id, arguments) in &english {
            assert_eq!(own.get(id), Some(arguments), "{id} in {language:?}");
        }
        assert_eq!(own.len(), english.len(), "{language:?} says more than English");
    }
}

/// Messages are put into pages as they are where their arguments are markup
#[test]
fn no_message_has_markup() {
    for language in Language::ALL {
        for source in sources(language) {
            let bad = source.lines().find(|line| !line.starts_with('#') && line.contains(['<', '&', '\u{202a}', '\u{202e}', '\u{2068}']));
            assert_eq!(bad, None, "{language:?}");
        }
    }
}

/// French has a space before some marks, at which no line may break
#[test]
fn french_marks_stay_with_their_words() {
    let loose = [" :", " ;", " ?", " !", " »", "« "];
    for source in sources(Language::French) {
        let bad = source.lines().find(|line| !line.starts_with('#') && loose.iter().any(|mark| line.contains(mark)));
        assert_eq!(bad, None);
    }
}

#[test]
fn what_pages_say_is_in_the_catalogue() {
    let english = messages(Language::English);
    for (name, text) in crate_sources() {
        for call in [".say(\"", ".tell(\"", ".mark(\"", ".rich(\""] {
            for rest in text.split(call).skip(1) {
                let id = rest.split('"').next().unwrap();
                assert!(english.contains_key(id), "{id} in {name}");
            }
        }
    }
}

#[test]
fn what_is_in_the_catalogue_is_said() {
    let all: String = crate_sources().into_iter().map(|(_, text)| text).collect();
    for id in messages(Language::English).keys().filter(|id| !["scope-", "claim-", "field-"].iter().any(|prefix| id.starts_with(prefix))) {
        assert!(all.contains(&format!("\"{id}\"")), "nothing says {id}");
    }
}

#[test]
fn what_a_language_lacks_is_said_in_english_and_what_nothing_says_is_nothing() {
    assert_eq!(find(Language::German, "claim-nobody", None), None);
    assert_ne!(find(Language::German, "login-title", None), find(Language::English, "login-title", None));
}
