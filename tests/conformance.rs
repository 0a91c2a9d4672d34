//! `docs/conformance.md` ties requirement, section and test together. Its tables are made of the tests' own names and comments, so that none of
//! them names a test that is not there.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Where the tables begin.
const MARKER: &str = "<!-- From here on made of the tests: GRANTLET_UPDATE_DOCS=1 cargo test conformance -->\n";
/// Tests whose comment names no specification.
const OWN: &str = "What this project promises beyond specifications";

/// One test, with the section that it stands for.
struct Row {
    section: String,
    shows: String,
    remark: String,
    place: String,
}

/// Every test in the repository is named, and nothing that is not a test
#[test]
fn the_conformance_document_lists_every_test_by_its_section() {
    let path = root().join("docs/conformance.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (head, tables) = document.split_once(MARKER).expect("the marker");
    let made = render(&all_rows());
    #[expect(clippy::disallowed_methods, reason = "whoever added a test asks for the new tables from outside")]
    if std::env::var_os("GRANTLET_UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{head}{MARKER}{made}")).unwrap();
        return;
    }
    assert!(tables == made, "docs/conformance.md is older than the tests: run `GRANTLET_UPDATE_DOCS=1 cargo test conformance`");
}

/// The reader of comments itself
#[test]
fn a_comment_is_read_as_its_specifications_sections_and_remark() {
    let read = |comment| references(comment).0;
    assert_eq!(read("RFC 9700 section 2.6"), [("RFC 9700".to_owned(), "section 2.6".to_owned())]);
    assert_eq!(
        read("OAuth 2.1 sections 4.1 and 4.3, OpenID Connect Core section 3.1: words, RFC 1"),
        [("OAuth 2.1".to_owned(), "sections 4.1 and 4.3".to_owned()), ("OpenID Connect Core".to_owned(), "section 3.1".to_owned())]
    );
    assert_eq!(read("Two machines refresh at once"), [(OWN.to_owned(), String::new())]);
    assert_eq!(references("OAuth 2.1 section 3.1: no CORS").1, "no CORS");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn all_rows() -> BTreeMap<String, Vec<Row>> {
    let mut files = Vec::new();
    for folder in ["tests", "shared/src", "cli"] {
        find_sources(&root().join(folder), &mut files);
    }
    files.sort();
    let mut rows: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for file in files {
        let place = file.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        for (name, comment) in tests_in(&std::fs::read_to_string(&file).unwrap()) {
            let (references, remark) = references(&comment);
            for (specification, section) in references {
                let row = Row { section, shows: name.replace('_', " "), remark: remark.clone(), place: format!("{place}::{name}") };
                rows.entry(specification).or_default().push(row);
            }
        }
    }
    rows
}

fn find_sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("node") {
            find_sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The name and the comment of each test in a file.
fn tests_in(source: &str) -> Vec<(String, String)> {
    let mut tests = Vec::new();
    let (mut comment, mut is_test) = (String::new(), false);
    for line in source.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            comment.push(' ');
            comment.push_str(text.trim());
        } else if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if line.starts_with("#[") {
            // Another attribute stands between comment and function.
        } else {
            let name = line.split_once("fn ").and_then(|(_, rest)| rest.split_once('(')).map(|(name, _)| name.to_owned());
            if let Some(name) = name.filter(|_| is_test) {
                tests.push((name, comment.trim().to_owned()));
            }
            comment.clear();
            is_test = false;
        }
    }
    tests
}

/// The specifications that a comment begins with, each with its sections, and what it says after them.
fn references(comment: &str) -> (Vec<(String, String)>, String) {
    let (head, remark) = comment.split_once(": ").unwrap_or((comment, ""));
    let mut found: Vec<(String, String)> = Vec::new();
    for part in head.split([',', ';']).map(str::trim) {
        let part = part.replace('`', "");
        let known = ["RFC ", "OAuth 2.", "OpenID Connect ", "CVE-"].iter().any(|start| part.starts_with(start)) || part.contains(" CVE-");
        let cut = [" section", " appendix"].iter().filter_map(|word| part.find(word)).min().unwrap_or(part.len());
        match (part.split_at_checked(cut), found.last_mut()) {
            (Some((specification, section)), _) if known => found.push((specification.to_owned(), section.trim().to_owned())),
            (_, Some((_, section))) if !section.is_empty() => *section = format!("{section}, {part}"),
            _ => return (vec![(OWN.to_owned(), String::new())], comment.to_owned()),
        }
    }
    (found, remark.to_owned())
}

fn render(rows: &BTreeMap<String, Vec<Row>>) -> String {
    let mut text = String::new();
    let own_last = rows.iter().filter(|(name, _)| *name != OWN).chain(rows.get_key_value(OWN));
    for (specification, rows) in own_last {
        let (columns, rule) = if specification == OWN { ("", "") } else { ("section | ", " --- |") };
        let _ = write!(text, "\n### {specification}\n\n| {columns}what a test shows | test |\n|{rule} --- | --- |\n");
        let mut rows: Vec<&Row> = rows.iter().collect();
        rows.sort_by_cached_key(|row| (numbers(&row.section), row.place.clone()));
        for Row { section, shows, remark, place } in rows {
            let section = section.trim_start_matches("sections ").trim_start_matches("section ");
            let remark = if remark.is_empty() { String::new() } else { format!(" ({})", remark.trim_end_matches('.').replace('|', "\\|")) };
            let section = if specification == OWN { String::new() } else { format!("{section} | ") };
            let _ = writeln!(text, "| {section}{shows}{remark} | `{place}` |");
        }
    }
    text
}

/// A section's numbers, so that 10 stands after 9.
fn numbers(section: &str) -> Vec<u32> {
    section.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}
