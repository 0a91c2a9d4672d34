//! What the documents say of the variables of the environment.

use std::fs;
use std::path::Path;

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
