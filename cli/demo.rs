//! The ready-made clients and user of a new data directory, shown once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantlet::context::Context;
use grantlet::model::secret::Secret;
use grantlet::protocol::issuer::Issuer;
use grantlet::vault::Vault;
use serde_json::json;
use url::Url;

use crate::failure::Failure;
use crate::output::Paint;
use crate::registration::make_secret;
use crate::seed::Seed;

/// Where the ready-made clients' logins end, on whichever port.
pub(crate) const CALLBACK: &str = "/callback";

/// What was made, in clear, to be shown and forgotten.
pub(crate) struct Demo {
    secret: Secret,
    password: Secret,
    verifier: Secret,
}

impl Demo {
    /// Adds a confidential client, a public one, and a user.
    pub(crate) async fn create(context: &Context, vault: &Vault) -> Result<Self, Failure> {
        let demo = Self {
            secret: make_secret(context),
            password: Secret::from_bytes(&context.random_bytes::<9>()),
            verifier: make_secret(context),
        };
        demo.seed()?.apply(context, vault).await?;
        Ok(demo)
    }

    fn seed(&self) -> Result<Seed, Failure> {
        let redirect_uris = ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("http://{host}{CALLBACK}"));
        let seed = json!({
            "clients": [
                {
                    "client_id": "demo",
                    "client_name": "Demo",
                    "client_secret": self.secret.expose(),
                    "redirect_uris": redirect_uris,
                    "grant_types": ["authorization_code", "refresh_token"],
                },
                {
                    "client_id": "demo-cli",
                    "client_name": "Demo command line",
                    "token_endpoint_auth_method": "none",
                    "redirect_uris": redirect_uris,
                    "grant_types": ["authorization_code", "refresh_token"],
                },
            ],
            "users": [{
                "username": "demo",
                "password": self.password.expose(),
                "claims": {"name": "Demo User", "email": "demo@example.com", "email_verified": true},
            }],
        });
        serde_json::from_value(seed).map_err(|error| Failure::new(format!("The ready-made client can't be made: {error}.")))
    }

    /// The text that shows them, with a link that begins a login and the command that ends it.
    pub(crate) fn render(&self, issuer: &Issuer, port: u16, paint: Paint) -> String {
        let redirect_uri = format!("http://127.0.0.1:{port}{CALLBACK}");
        let link = self.authorize_url(issuer, &redirect_uri);
        let (secret, password, verifier) = (self.secret.expose(), self.password.expose(), self.verifier.expose());
        format!(
            "{heading}
  client      demo       secret   {secret}
  client      demo-cli   (public: no secret)
  user        demo       password {password}

  Both clients may use /callback on any port of this machine. To try a login, open

  {link}

  and exchange the code from the address bar within a minute:

  curl {token} -u demo:{secret} -d grant_type=authorization_code -d code_verifier={verifier} -d code=CODE

{note}
",
            heading = paint.bold("Ready-made, shown this once"),
            token = issuer.url("/token"),
            note = paint.dim("  New ones: `grantlet client rotate-secret demo`, `grantlet user set-password demo`"),
        )
    }

    /// OAuth 2.1 section 4.1.1
    fn authorize_url(&self, issuer: &Issuer, redirect_uri: &str) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(self.verifier.hash().as_bytes());
        let parameters = [
            ("response_type", "code"),
            ("client_id", "demo"),
            ("redirect_uri", redirect_uri),
            ("scope", "openid profile email"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let base = issuer.url("/authorize");
        Url::parse_with_params(&base, parameters).map_or(base, String::from)
    }
}
