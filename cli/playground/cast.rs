//! Who takes part: two clients and a person, made when somebody opens the playground, with secrets that live as long as the program.

use grantlet::context::Context;
use grantlet::model::secret::Secret;
use grantlet::model::user::{Login, fold_username};
use grantlet::vault::Vault;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::CALLBACK;
use crate::failure::Failure;
use crate::people;
use crate::registration::make_secret;
use crate::seed::Seed;

const CONFIDENTIAL: &str = "playground-server";
const PUBLIC: &str = "playground-app";
const PERSON: &str = "playground";

/// The clients and the person.
#[derive(Debug)]
pub(super) struct Cast {
    secret: Secret,
    password: Secret,
    /// Held while they are made: two pages that open at once make them once.
    making: Mutex<()>,
}

impl Cast {
    pub(super) fn new(context: &Context) -> Self {
        Self { secret: make_secret(context), password: Secret::from_bytes(&context.random_bytes::<9>()), making: Mutex::new(()) }
    }

    /// Makes them, or brings them up to date. Writes nothing where nothing differs.
    pub(super) async fn make(&self, context: &Context, vault: &Vault) -> Result<(), Failure> {
        let _making = self.making.lock().await;
        let seed: Seed = serde_json::from_value(self.describe(&context.config.issuer.url(CALLBACK)))
            .map_err(|error| Failure::new(format!("The playground's clients can't be made: {error}.")))?;
        seed.apply(context, vault).await
    }

    fn describe(&self, callback: &str) -> Value {
        let grant_types = ["authorization_code", "refresh_token"];
        json!({
            "clients": [
                {
                    "client_id": CONFIDENTIAL,
                    "client_name": "Playground (a server)",
                    "client_secret": self.secret.expose(),
                    "redirect_uris": [callback],
                    "grant_types": grant_types,
                },
                {
                    "client_id": PUBLIC,
                    "client_name": "Playground (an app)",
                    "token_endpoint_auth_method": "none",
                    "redirect_uris": [callback],
                    "grant_types": grant_types,
                },
            ],
            "users": [{
                "username": PERSON,
                "password": self.password.expose(),
                "claims": {"name": "Pat Playground", "email": "pat@example.com", "email_verified": true},
            }],
        })
    }

    /// How to be the clients, for the page.
    pub(super) fn clients(&self) -> Value {
        json!({
            "public": {"client_id": PUBLIC},
            "confidential": {"client_id": CONFIDENTIAL, "client_secret": self.secret.expose()},
        })
    }

    /// How to be the person.
    pub(super) fn person(&self) -> Value {
        json!({"username": PERSON, "password": self.password.expose()})
    }

    /// Ends the person's sessions and revokes what they allowed.
    pub(super) async fn send_home(&self, context: &Context) -> Result<(), Failure> {
        match context.store.find_login(&Login::Local(fold_username(PERSON))).await? {
            Some(id) => people::send_home(context, id).await.map(drop),
            None => Ok(()),
        }
    }
}
