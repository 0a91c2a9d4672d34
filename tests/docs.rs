//! The documents: their code is that of files which are compiled, linted or run, so that it can't become wrong unnoticed; and their links lead somewhere.

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every document of the project, by its path.
fn documents() -> Vec<PathBuf> {
    let mut found = vec![root().join("README.md")];
    for folder in ["docs", "docs/decisions"] {
        let entries = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        found.extend(entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    found
}

/// The part `name` of a file: the lines between its marks, without the indentation that all of them share.
fn part(path: &str, name: &str) -> String {
    let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let is_mark = |line: &str, mark: &str| ["// ", "# "].iter().any(|comment| line.trim().strip_prefix(comment) == Some(mark));
    let mut lines = text.lines().skip_while(|line| !is_mark(line, &format!("[{name}]")));
    assert!(lines.next().is_some(), "{path} has no part {name}");
    let lines: Vec<_> = lines.take_while(|line| !is_mark(line, &format!("[/{name}]"))).collect();
    let indent = lines.iter().filter(|line| !line.trim().is_empty()).map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let text: Vec<_> = lines.iter().map(|line| line.get(indent..).unwrap_or("")).collect();
    text.join("\n").trim_matches('\n').to_owned()
}

/// The code blocks of a document that say which file they are from: path, part, text.
fn quotations(document: &str) -> Vec<(String, String, String)> {
    let quote = |rest: &str| {
        let (source, rest) = rest.split_once(" -->\n```")?;
        let (path, name) = source.split_once('#')?;
        let (_, rest) = rest.split_once('\n')?;
        let (text, _) = rest.split_once("\n```")?;
        Some((path.to_owned(), name.to_owned(), text.to_owned()))
    };
    document.split("<!-- ").skip(1).filter_map(quote).collect()
}

/// Documented code is compiled, run or linted
#[test]
fn the_code_in_the_documents_is_that_of_the_examples() {
    let mut count = 0;
    for path in documents() {
        let document = std::fs::read_to_string(&path).unwrap();
        for (source, name, text) in quotations(&document) {
            assert_eq!(text, part(&source, &name), "{}: {source}#{name}", path.display());
            count += 1;
        }
    }
    assert!(count >= 9, "{count} quotations are too few: is the form of the marks still right?");
}

/// Links within the project lead to files that are there
#[test]
fn the_links_in_the_documents_lead_somewhere() {
    for path in documents() {
        let document = std::fs::read_to_string(&path).unwrap();
        // Links stand outside of code.
        let prose: String = document.split("```").step_by(2).collect();
        for (at, _) in prose.match_indices("](") {
            let target = prose[at + 2..].split([')', '#']).next().unwrap();
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let file = path.parent().unwrap().join(target);
            assert!(file.exists(), "{}: {target}", path.display());
        }
    }
}

/// What the log is said to say, it says
#[test]
fn the_reasons_that_the_documents_explain_are_those_of_the_log() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let sources: String = ["front/error.rs", "front/site_keys.rs", "front/site_token.rs", "../jose/claims.rs", "../jose/verify.rs"]
        .iter()
        .map(|file| read(&format!("shared/src/endpoint/{file}")))
        .collect();
    let document = read("docs/site-login.md");
    let table = document.split("| the log says |").nth(1).unwrap().lines().skip(2);
    let mut count = 0;
    for row in table.take_while(|line| line.starts_with('|')) {
        for reason in row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2) {
            let words: Vec<&str> = reason.split(' ').collect();
            // One word of a reason may be filled in.
            let filled = (0..words.len()).map(|at| {
                let mut words = words.clone();
                words[at] = "{0}";
                words.join(" ")
            });
            assert!(std::iter::once(reason.to_owned()).chain(filled).any(|text| sources.contains(&text)), "{reason}");
            count += 1;
        }
    }
    assert!(count >= 10);
}
