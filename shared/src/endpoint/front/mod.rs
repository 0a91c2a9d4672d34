//! The front channel: `/authorize`, `/login/*`, `/consent`, `/device`, `/logout`, `/account*`. The only zone that parses what a browser brings; it holds no key that
//! signs.
//!
//! State between pages lives in the URL of the authorization request: `check` reads it anew on each page, and after a login the browser comes back
//! to the very same `/authorize?…`, now with a `session` that remembers which request it answered.

mod account;
mod answered;
mod asked;
mod authorize;
mod ceremony;
mod check;
mod choose;
mod consent;
mod cookie;
mod demand;
mod device;
mod errand;
mod error;
mod factor;
mod forgot;
mod form;
mod id_token_hint;
mod issue;
mod leaving;
mod login;
mod logout;
mod mails;
mod new_password;
mod onward;
mod passkey;
mod pushed;
mod reference;
mod reply;
mod reset;
mod sealed;
mod session;
mod sign_up;
mod site_keys;
mod site_login;
mod site_logout;
mod site_token;
mod stronger;
mod throttle;
mod upstream;
mod verify;
mod view;

use std::sync::{Arc, RwLock};

use http::{Method, StatusCode};

use self::error::Refusal;
use self::id_token_hint::HintKeys;
use self::sealed::Seals;
use self::site_keys::SiteKeys;
use self::upstream::Providers;
use crate::context::Context;
use crate::endpoint::client_cache::ClientCache;
use crate::endpoint::client_keys::ClientKeys;
use crate::endpoint::login_ways::LoginWays;
use crate::endpoint::subjects::Subjects;
use crate::endpoint::{Request, Response};
use crate::model::settings::SiteLogin;
use crate::pages::Look;
use crate::vault::Vault;

/// Everything that the front channel needs.
pub struct FrontChannel {
    context: Context,
    clients: ClientCache,
    client_keys: ClientKeys,
    site_keys: SiteKeys,
    hint_keys: HintKeys,
    seals: Seals,
    subjects: Subjects,
    providers: Providers,
    look: RwLock<Arc<Look>>,
}

impl FrontChannel {
    /// A front channel whose sealing key is in `vault`.
    #[must_use]
    pub fn new(context: Context, vault: Vault) -> Self {
        Self {
            context,
            clients: ClientCache::default(),
            client_keys: ClientKeys::default(),
            subjects: Subjects::new(vault.clone()),
            providers: Providers::new(vault.clone()),
            seals: Seals::new(vault.clone()),
            site_keys: SiteKeys::new(vault),
            hint_keys: HintKeys::default(),
            look: RwLock::new(Look::plain()),
        }
    }

    /// Opens connections and reads the site's keys where they are needed, so that the first request need not. A failure is only logged: requests
    /// try again.
    pub async fn warm(&self) {
        let config = &self.context.config;
        let read_keys = async |site: Option<&SiteLogin>| match site {
            Some(site) => Box::pin(self.site_keys.current(&self.context, site)).await.map(drop).map_err(|error| error.to_string()),
            None => Ok(()),
        };
        let settings = async { self.context.settings().await.map_err(|error| error.to_string()) };
        // Where the environment names a site, its keys need not wait for the settings, which mostly mean the same keys.
        let (keys, settings) = tokio::join!(read_keys(config.site_login.as_ref()), settings);
        let keys = match &settings {
            Ok(settings) if settings.site_login.is_some() => read_keys(LoginWays::of(config, settings).site).await,
            _ => keys,
        };
        for error in [keys.err(), settings.err()].into_iter().flatten() {
            tracing::warn!(error, "what the first request needs could not be read at the start");
        }
    }

    /// Answers a request to one of the front channel's paths; 404 for any other.
    pub async fn handle(&self, request: Request) -> Response {
        // Every page has the site's look, and nothing is answered without the operator's rules.
        if let Err(error) = self.context.settings().await {
            return Refusal::from(error).respond(self, &request);
        }
        let answered = match (request.path.as_str(), &request.method) {
            ("/authorize", &Method::GET) => authorize::handle(self, &request).await,
            ("/authorize", &Method::POST) => authorize::continue_by_get(&request),
            ("/login/password", &Method::POST) => login::handle(self, &request).await,
            ("/login/passkey", &Method::POST) => passkey::handle(self, &request).await,
            ("/login/passkey/options", &Method::POST) => passkey::handle_options(self, &request).await,
            ("/login/factor", &Method::POST) => factor::handle_form(self, &request).await,
            (sign_up::PATH, &Method::GET) => sign_up::handle(self, &request).await,
            (sign_up::PATH, &Method::POST) => sign_up::handle_form(self, &request).await,
            (forgot::PATH, &Method::GET) => forgot::handle(self, &request).await,
            (forgot::PATH, &Method::POST) => forgot::handle_form(self, &request).await,
            (reset::PATH, &Method::GET) => reset::handle(self, &request).await,
            (reset::PATH, &Method::POST) => reset::handle_form(self, &request).await,
            (verify::PATH, &Method::GET) => verify::handle(self, &request).await,
            (verify::PATH, &Method::POST) => verify::handle_form(self, &request).await,
            (verify::OPTIONS_PATH, &Method::POST) => verify::handle_options(self, &request).await,
            ("/login/account", &Method::POST) => choose::handle(self, &request).await,
            (stronger::PATH, &Method::POST) => stronger::handle(self, &request).await,
            ("/login/site", &Method::GET) => site_login::handle(self, &request).await,
            ("/login/site", &Method::POST) => site_login::handle_form(self, &request).await,
            ("/login/upstream", &Method::GET) => upstream::handle_start(self, &request).await,
            ("/login/callback", &Method::GET) => upstream::handle_callback(self, &request).await,
            ("/login/callback", &Method::POST) => upstream::handle_posted(self, &request).await,
            ("/consent", &Method::POST) => consent::handle(self, &request).await,
            ("/logout", &Method::GET) => logout::handle(self, &request).await,
            ("/logout", &Method::POST) => logout::handle_form(self, &request).await,
            ("/logout/site", &Method::POST) => return site_logout::handle(self, &request).await,
            ("/device", &Method::GET) => device::handle(self, &request).await,
            ("/device", &Method::POST) => device::handle_form(self, &request).await,
            ("/account", &Method::GET) => account::hub::handle(self, &request).await,
            ("/account/connections", &Method::GET) => account::connections::handle(self, &request).await,
            ("/account/connections", &Method::POST) => account::connections::handle_form(self, &request).await,
            ("/account/profile", &Method::GET) => account::profile::handle(self, &request).await,
            ("/account/profile", &Method::POST) => account::profile::handle_form(self, &request).await,
            ("/account/sessions", &Method::GET) => account::sessions::handle(self, &request).await,
            ("/account/sessions", &Method::POST) => account::sessions::handle_form(self, &request).await,
            ("/account/apps", &Method::GET) => account::apps::handle(self, &request).await,
            ("/account/apps", &Method::POST) => account::apps::handle_form(self, &request).await,
            ("/account/data", &Method::GET) => account::data::handle(self, &request).await,
            ("/account/data", &Method::POST) => account::data::handle_form(self, &request).await,
            ("/account/delete", &Method::GET) => account::deletion::handle(self, &request).await,
            ("/account/delete", &Method::POST) => account::deletion::handle_form(self, &request).await,
            ("/account/passkeys", &Method::GET) => account::passkeys::handle(self, &request).await,
            ("/account/passkeys", &Method::POST) => account::passkeys::handle_form(self, &request).await,
            ("/account/passkeys/options", &Method::POST) => account::passkeys::handle_options(self, &request).await,
            ("/account/events", &Method::GET) => account::events::handle(self, &request).await,
            ("/account/password", &Method::GET) => account::password::handle(self, &request).await,
            ("/account/password", &Method::POST) => account::password::handle_form(self, &request).await,
            ("/account/email", &Method::GET) => account::email::handle(self, &request).await,
            ("/account/email", &Method::POST) => account::email::handle_form(self, &request).await,
            ("/account/factors", &Method::GET) => account::factors::handle(self, &request).await,
            ("/account/factors", &Method::POST) => account::factors::handle_form(self, &request).await,
            ("/account" | "/account/events" | "/login/upstream", _) => Err(Refusal::Method("GET")),
            (
                "/authorize"
                | "/login/site"
                | "/login/callback"
                | "/device"
                | "/logout"
                | sign_up::PATH
                | forgot::PATH
                | reset::PATH
                | verify::PATH
                | "/account/profile"
                | "/account/sessions"
                | "/account/password"
                | "/account/email"
                | "/account/factors"
                | "/account/passkeys"
                | "/account/connections"
                | "/account/apps"
                | "/account/data"
                | "/account/delete",
                _,
            ) => Err(Refusal::Method("GET, POST")),
            (
                "/login/password"
                | "/login/factor"
                | "/login/passkey"
                | "/login/passkey/options"
                | verify::OPTIONS_PATH
                | "/account/passkeys/options"
                | "/login/account"
                | stronger::PATH
                | "/consent"
                | "/logout/site",
                _,
            ) => Err(Refusal::Method("POST")),
            _ => return Response::new(StatusCode::NOT_FOUND),
        };
        match answered {
            Ok(response) => response,
            Err(refusal) => leaving::hold_back(self, &request, refusal).await.respond(self, &request),
        }
    }
}
