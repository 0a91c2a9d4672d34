//! What the documents say of the variables of the environment and of the settings.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use grantlet::model::settings::Settings;
use serde_json::{Value, json};

#[test]
fn every_variable_that_is_read_is_described() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = fs::read_to_string(root.join("shared/src/config.rs")).unwrap();
    let described = fs::read_to_string(root.join("docs/configuration.md")).unwrap();
    let names: std::collections::BTreeSet<&str> = source
        .match_indices("\"GRANTLET_")
        .map(|(at, _)| source[at + 1..].split('"').next().unwrap())
        .filter(|name| name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
        .collect();
    assert!(names.len() > 15);
    for name in names {
        assert!(described.contains(&format!("| `{name}` |")), "{name}");
    }
}

/// The paths of all settings below `path`, whose tables `wrap` puts into settings. Who gives one that is not known is told those that are.
fn settings_below(path: &[String], wrap: &dyn Fn(Value) -> Value) -> Vec<Vec<String>> {
    let in_list = |table: Value| wrap(json!([table]));
    let ways: [&dyn Fn(Value) -> Value; 2] = [wrap, &in_list];
    for wrap in ways {
        let refused = serde_json::from_value::<Settings>(wrap(json!({"?": null}))).err().map(|error| error.to_string()).unwrap_or_default();
        let Some(known) = refused.strip_prefix("unknown field `?`, expected ") else { continue };
        let names = known.split('`').skip(1).step_by(2);
        let paths = names.flat_map(|name| {
            let path = [path, &[name.to_owned()]].concat();
            let below = settings_below(&path, &|table| wrap(json!({ name: table })));
            std::iter::once(path).chain(below)
        });
        return paths.collect();
    }
    Vec::new()
}

/// The lines that describe each section of the settings file: those of its examples and those of its table.
fn lines_by_section(document: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut sections: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut section = None;
    for line in document.lines() {
        let heading = line.strip_prefix("| name of `").unwrap_or(line);
        if heading.starts_with('[') {
            section = heading.trim_start_matches('[').split([']', '.']).next();
        } else if line.is_empty() || line == "```" {
            section = None;
        }
        sections.entry(section.unwrap_or_default()).or_default().push(line);
    }
    sections
}

#[test]
fn every_setting_is_described_with_its_section() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The connections have a document of their own.
    let documents = ["docs/configuration.md", "docs/upstream.md"].map(|path| fs::read_to_string(root.join(path)).unwrap()).join("\n\n");
    let sections = lines_by_section(&documents);
    let settings = settings_below(&[], &|settings| settings);
    assert!(settings.len() > 70 && settings.iter().any(|path| path.len() == 3), "{settings:?}");
    for path in settings {
        let lines = sections.get(path[0].as_str()).unwrap_or_else(|| panic!("there is no word about {}", path[0]));
        let name = path.last().unwrap();
        let is_described = |line: &&str| {
            let starts = [format!("{name} = "), format!("[{}.{name}]", path[0])];
            let mentions = [format!("`{name}`"), format!("`{name} = ")];
            starts.iter().any(|start| line.starts_with(start)) || mentions.iter().any(|mention| line.contains(mention))
        };
        assert!(path.len() == 1 || lines.iter().any(is_described), "{path:?}");
    }
}
