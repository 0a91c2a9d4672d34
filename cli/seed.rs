//! Seeds: a JSON file of clients and users, read strictly, checked whole, then applied. Applying one twice changes nothing.

use std::collections::HashSet;
use std::path::Path;

use grantlet::context::Context;
use grantlet::model::client::{Client, StoredClient};
use grantlet::model::secret::Secret;
use grantlet::model::user::{Claims, Login, fold_username};
use grantlet::vault::Vault;
use serde::{Deserialize, Deserializer};

use crate::failure::Failure;
use crate::people::{self, NewUser};
use crate::registration::{check_client, check_sector, store_form};

/// The clients and users of a seed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seed {
    /// Clients, as RFC 7591 section 2 describes them.
    #[serde(default)]
    pub(crate) clients: Vec<SeedClient>,
    /// People.
    #[serde(default)]
    pub(crate) users: Vec<SeedUser>,
}

/// A client of a seed: its registration and its secret in clear.
#[derive(Debug, Deserialize)]
pub(crate) struct SeedClient {
    /// The secret; none for a public client.
    #[serde(default, deserialize_with = "read_some_secret")]
    pub(crate) client_secret: Option<Secret>,
    /// The registration.
    #[serde(flatten)]
    pub(crate) client: Client,
}

/// A person of a seed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeedUser {
    /// The user name.
    pub(crate) username: String,
    /// The password in clear.
    #[serde(deserialize_with = "read_secret")]
    pub(crate) password: Secret,
    /// The standard claims.
    #[serde(default)]
    pub(crate) claims: Claims,
    /// Whether they are locked out; left as it is when absent.
    #[serde(default)]
    pub(crate) locked: Option<bool>,
}

fn read_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

fn read_some_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    read_secret(deserializer).map(Some)
}

impl Seed {
    /// Reads and checks the file at `path`.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::new(format!("The seed {shown} can't be read: {error}. Check the path given with --seed.")))?;
        let seed: Self = serde_json::from_str(&text)
            .map_err(|error| Failure::new(format!("The seed {shown} can't be used: {error}. Correct it there and start again.")))?;
        seed.check().map_err(|why| Failure::new(format!("The seed {shown} can't be used: {why}")))?;
        Ok(seed)
    }

    fn check(&self) -> Result<(), Failure> {
        let mut ids = HashSet::new();
        for SeedClient { client_secret, client } in &self.clients {
            check_client(client, client_secret.as_ref())?;
            if !ids.insert(&client.client_id) {
                return Err(Failure::new(format!("The client {} stands there twice. Leave one of them out.", client.client_id)));
            }
        }
        let mut names = HashSet::new();
        for user in &self.users {
            people::check_username(&user.username)?;
            people::check_claims(&user.claims)?;
            if user.password.expose().is_empty() {
                return Err(Failure::new(format!("The user {:?} has an empty password. Give one.", user.username)));
            }
            if !names.insert(fold_username(&user.username)) {
                return Err(Failure::new(format!("The user {:?} stands there twice. Leave one of them out.", user.username)));
            }
        }
        Ok(())
    }

    /// Adds what is missing and brings the rest up to date. Writes nothing where nothing differs.
    pub(crate) async fn apply(&self, context: &Context, vault: &Vault) -> Result<(), Failure> {
        for client in &self.clients {
            apply_client(context, vault, client).await?;
        }
        for user in &self.users {
            apply_user(context, user).await?;
        }
        Ok(())
    }
}

async fn apply_client(context: &Context, vault: &Vault, seed: &SeedClient) -> Result<(), Failure> {
    let stored = context.store.find_client(&seed.client.client_id).await?;
    let created_at = stored.as_ref().map_or_else(|| context.now(), |client| client.created_at);
    let mut wanted = store_form(vault, seed.client.clone(), seed.client_secret.as_ref(), created_at).await?;
    wanted.previous_secret = stored.as_ref().and_then(|stored| stored.previous_secret);
    // Each sealing has a nonce of its own, so only whether there is one can be compared; the hash tells whether it is of the same secret.
    let same = |stored: &StoredClient| {
        StoredClient { sealed_secret: None, ..stored.clone() } == StoredClient { sealed_secret: None, ..wanted.clone() }
    };
    let written = match stored {
        Some(stored) if same(&stored) && stored.sealed_secret.is_some() == wanted.sealed_secret.is_some() => true,
        found => {
            check_sector(context, &wanted.client).await?;
            match found {
                Some(_) => context.store.replace_client(&wanted).await?,
                None => context.store.create_client(&wanted).await?,
            }
        }
    };
    if written {
        return Ok(());
    }
    let id = &seed.client.client_id;
    Err(Failure::new(format!("Another program changed the client {id} at the same moment. Apply the seed again.")))
}

async fn apply_user(context: &Context, seed: &SeedUser) -> Result<(), Failure> {
    let taken = || Failure::new(format!("Another program changed the user {:?} at the same moment. Apply the seed again.", seed.username));
    let Some(id) = context.store.find_login(&Login::Local(fold_username(&seed.username))).await? else {
        let new =
            NewUser { username: &seed.username, password: &seed.password, claims: &seed.claims, locked: seed.locked.unwrap_or_default() };
        return people::add_user(context, &new).await?.map(drop).ok_or_else(taken);
    };
    let user = context.store.find_user(id).await?.ok_or_else(taken)?;
    // Each hash has a salt of its own, so only verifying tells whether the password is another one.
    if !people::has_password(&user, &seed.password) {
        people::set_password(context, id, &seed.password).await?;
    }
    if user.claims != seed.claims {
        context.store.set_claims(id, &seed.claims, context.now()).await?;
    }
    match seed.locked {
        Some(true) if !user.locked => people::lock(context, id).await.map(drop),
        Some(false) if user.locked => Ok(context.store.set_locked(id, false).await.map(drop)?),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Seed, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Seed::read(file.path()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn registered_names_have_their_meaning_and_others_are_kept() {
        let seed = read(
            r#"{"clients": [{"client_id": "a", "client_secret": "s", "redirect_uris": ["https://a.example/cb"], "rotation": "never",
                "require_pkce": false, "response_types": ["code"], "logo_uri": "https://a.example/logo", "jwks": {"keys": []}}]}"#,
        )
        .unwrap();
        let SeedClient { client_secret, client } = &seed.clients[0];
        assert_eq!(client_secret.as_ref().unwrap().expose(), "s");
        assert!(!client.require_pkce);
        assert_eq!(client.other.keys().collect::<Vec<_>>(), ["logo_uri", "response_types"]);
        assert!(!serde_json::to_string(client).unwrap().contains("secret\":"), "the secret is no metadata");
    }

    #[test]
    fn what_a_seed_may_not_say_is_refused_with_its_place_or_name() {
        let client = |rest: &str| format!(r#"{{"clients": [{{"client_id": "a", "redirect_uris": ["https://a.example/cb"]{rest}}}]}}"#);
        let public = |rest: &str| client(&format!(r#", "token_endpoint_auth_method": "none"{rest}"#));
        let user = |rest: &str| format!(r#"{{"users": [{{"username": "u", "password": "p"{rest}}}]}}"#);
        for (text, fragment) in [
            ("{\n  \"clients\": [,]\n}".to_owned(), "line 2 column 15"),
            ("{\"people\": []}".to_owned(), "people"),
            (user(", \"pasword\": \"x\""), "pasword"),
            (user(", \"claims\": {\"email_verified\": \"yes\"}"), "must be true or false"),
            (user(", \"claims\": {\"address\": \"here\"}"), "must be an object"),
            (user(", \"claims\": {\"sub\": \"x\"}"), "\"sub\""),
            (user("}, {\"username\": \" U \", \"password\": \"p\""), "twice"),
            ("{\"users\": [{\"username\": \"u\", \"password\": \"\"}]}".to_owned(), "empty password"),
            ("{\"users\": [{\"username\": \" \", \"password\": \"p\"}]}".to_owned(), "user name"),
            (client(""), "needs a client_secret"),
            (client(", \"client_secret\": \"\""), "not empty"),
            (client(", \"token_endpoint_auth_method\": \"private_key_jwt\""), "needs jwks or jwks_uri"),
            (client(", \"token_endpoint_auth_method\": \"tls_client_auth\""), "client_secret_post"),
            (public(", \"client_secret\": \"s\""), "has no client_secret"),
            (public(", \"require_pkce\": false"), "require_pkce"),
            (public(", \"rotation\": \"never\""), "rotation"),
            (public(", \"grant_types\": [\"refresh_token\"]"), "authorization_code"),
            (public(", \"grant_types\": [\"password\"]"), "password"),
            (public(", \"response_types\": [\"token\"]"), "response_types"),
            (public(", \"scope\": \"a \\\"b\\\"\""), "scope"),
            (
                public("}, {\"client_id\": \"a\", \"redirect_uris\": [\"https://a.example/cb\"], \"token_endpoint_auth_method\": \"none\""),
                "twice",
            ),
            ("{\"clients\": [{\"client_id\": \"a b\", \"redirect_uris\": []}]}".to_owned(), "visible ASCII"),
            ("{\"clients\": [{\"client_id\": \"a\", \"client_secret\": \"s\"}]}".to_owned(), "redirect_uris"),
            ("{\"clients\": [{\"client_id\": \"a\", \"client_secret\": \"s\", \"redirect_uris\": [\"/cb\"]}]}".to_owned(), "\"/cb\""),
        ] {
            let sentence = read(&text).unwrap_err();
            assert!(sentence.contains(fragment) && sentence.ends_with('.'), "{text}\n{sentence}");
        }
    }
}
