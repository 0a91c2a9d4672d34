//! What is read survives being kept, and everything in it can be shown.
#![no_main]

use grantlet::model::settings::DetailType;
use grantlet::protocol::details::{AuthorizationDetails, Detail, MAX_BYTES};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(details) = AuthorizationDetails::read_untyped(text) else { return };
    assert!(text.len() <= MAX_BYTES);
    assert_eq!(AuthorizationDetails::from_texts(&details.texts()).as_ref(), Some(&details));
    assert!(details.has_all(&details));
    for (path, value) in details.iter().flat_map(Detail::rows) {
        assert!(!path.chars().chain(value.chars()).any(char::is_control));
    }
    let known = DetailType { r#type: "a".to_owned(), description: "".into(), required: vec!["b".to_owned()], optional: Vec::new() };
    if let Ok(typed) = AuthorizationDetails::read(text, &[known], None) {
        assert!(typed.iter().all(|detail| detail.kind() == "a"));
    }
});
