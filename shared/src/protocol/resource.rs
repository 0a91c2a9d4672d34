//! Resource indicators (RFC 8707 section 2).

use url::Url;

/// The one spelling of a resource: one slash at the end of its path, and none, mean the same. Clients differ in it, for origins as for paths.
#[must_use]
pub fn normalize(resource: &str) -> String {
    let has_path = |url: &Url| !url.cannot_be_a_base() && url.query().is_none() && url.fragment().is_none();
    match resource.strip_suffix('/') {
        Some(shorter) if !shorter.ends_with('/') && Url::parse(resource).is_ok_and(|url| has_path(&url)) => shorter.to_owned(),
        _ => resource.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_means_the_same_with_and_without_a_slash_at_the_end() {
        for (given, expected) in [
            ("https://api.example.com/", "https://api.example.com"),
            ("https://api.example.com", "https://api.example.com"),
            ("https://api.example.com/mcp/", "https://api.example.com/mcp"),
            ("https://api.example.com/mcp//", "https://api.example.com/mcp//"),
            ("https://", "https://"),
            ("https://api.example.com/?q=/", "https://api.example.com/?q=/"),
            ("https://api.example.com/#/", "https://api.example.com/#/"),
            ("urn:a", "urn:a"),
            ("urn:a/", "urn:a/"),
        ] {
            assert_eq!(normalize(given), expected);
        }
    }
}
