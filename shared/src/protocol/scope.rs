//! Scopes (OAuth 2.1 section 1.4.1).

/// The most scope tokens that are read.
const MAX_TOKENS: usize = 100;

/// A scope: tokens in the order in which they were asked for, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(Vec<String>);

impl Scope {
    /// Reads tokens separated by spaces. Repeated tokens count once, repeated spaces separate once.
    ///
    /// # Errors
    /// When a token has a character that RFC 6749 appendix A.4 does not allow, or there are more than a hundred.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        let mut tokens: Vec<String> = Vec::new();
        for token in text.split(' ').filter(|token| !token.is_empty()) {
            if !is_token(token) {
                return Err(ScopeError::Character);
            }
            if tokens.len() >= MAX_TOKENS {
                return Err(ScopeError::TooMany);
            }
            if !tokens.iter().any(|known| known == token) {
                tokens.push(token.to_owned());
            }
        }
        Ok(Self(tokens))
    }

    /// The tokens.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether `token` is among them.
    #[must_use]
    pub fn contains(&self, token: &str) -> bool {
        self.0.iter().any(|known| known == token)
    }

    /// The scope as it stands in requests and responses.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.join(" ")
    }
}

/// RFC 6749 appendix A.4: visible ASCII but for the double quote and the backslash.
#[must_use]
pub fn is_token(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
}

/// Why a text is no scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// A character that no scope token has.
    #[error("a scope token has a character that is not allowed")]
    Character,
    /// More tokens than are read.
    #[error("there are too many scope tokens")]
    TooMany,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 section 3.3
    #[test]
    fn a_scope_keeps_its_order_and_each_token_once() {
        let scope = Scope::parse(" b  a b c ").unwrap();
        assert_eq!(scope.render(), "b a c");
        assert!(scope.contains("c") && !scope.contains("d"));
        assert_eq!(Scope::parse("").unwrap(), Scope::default());
    }

    /// RFC 6749 appendix A.4
    #[test]
    fn characters_outside_the_grammar_are_refused() {
        for bad in ["a\"b", "a\\b", "a\tb", "é", "a\u{0}"] {
            assert_eq!(Scope::parse(bad), Err(ScopeError::Character), "{bad:?}");
        }
        let many: Vec<String> = (0..=MAX_TOKENS).map(|n| n.to_string()).collect();
        assert_eq!(Scope::parse(&many.join(" ")), Err(ScopeError::TooMany));
    }
}
