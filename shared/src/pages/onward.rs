//! The way back from an account page to an authorization request that waits for what is set up there.

/// What a page says of a request that waits.
#[derive(Clone, Debug)]
pub struct OnwardLink<'a> {
    /// The client's name for people.
    pub client_name: &'a str,
    /// The raw query of the authorization request, in the hidden field `request`.
    pub request: &'a str,
    /// Where it goes on, a path of this server.
    pub url: String,
    /// The page itself, with the request.
    pub here: String,
}

#[cfg(test)]
impl<'a> OnwardLink<'a> {
    /// One with `text` wherever a stranger may put one.
    pub(super) fn of(text: &'a str) -> Self {
        Self { client_name: text, request: text, url: "/authorize?x".to_owned(), here: "/account/passkeys?x".to_owned() }
    }
}
