//! Resource indicators (RFC 8707 section 2).

use url::Url;

/// The one spelling of a resource: an origin with a trailing slash and one without mean the same.
#[must_use]
pub fn normalize(resource: &str) -> String {
    match Url::parse(resource) {
        Ok(url) if url.path() == "/" && url.query().is_none() && url.fragment().is_none() && resource.ends_with('/') => {
            resource.trim_end_matches('/').to_owned()
        }
        _ => resource.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_means_the_same_with_and_without_a_slash() {
        for (given, expected) in [
            ("https://api.example.com/", "https://api.example.com"),
            ("https://api.example.com", "https://api.example.com"),
            ("https://api.example.com/mcp/", "https://api.example.com/mcp/"),
            ("https://api.example.com/?q=/", "https://api.example.com/?q=/"),
            ("urn:a", "urn:a"),
        ] {
            assert_eq!(normalize(given), expected);
        }
    }
}
