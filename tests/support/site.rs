//! The site whose logins count: connected as `grantlet site connect` does it, it vouches for people by JWTs.

use grantlet::model::settings::SiteLogin;
use grantlet::store::SETTINGS_KEY;
use grantlet::vault::SealingOwner;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::oauth::encode;
use super::server::Server;

/// The site's `iss`.
pub(crate) const SITE: &str = "https://site.example";
/// What `grantlet site connect` made.
pub(crate) const SECRET: &str = "a secret that was made for the logins of this site alone";

/// A server whose people log in at the site; by a password as well where `password_login` says so.
pub(crate) async fn server_with_site(password_login: bool) -> Server {
    let server = Server::local_with(json!({}), |config| {
        config.password_login = password_login;
        config.site_login = Some(SiteLogin::new("https://site.example/login".parse().expect("a URL"), SITE));
    })
    .await;
    connect(&server).await;
    server
}

/// What `grantlet site connect` does.
pub(crate) async fn connect(server: &Server) {
    let local = server.inside();
    let sealing = local.vault.find_sealing_key(SealingOwner::Authorize).await.expect("the vault answers").expect("a sealing key");
    let sealed = sealing.seal(SETTINGS_KEY, SECRET.as_bytes());
    local.context.store.replace_sealed_site_secret(&sealed).await.expect("the secret is kept");
}

/// The claims by which the site answers `challenge`: a person who logged in just now; with `changes`, of which null leaves one out.
pub(crate) fn login_claims(server: &Server, challenge: &str, changes: &Value) -> Value {
    let now = server.inside().clock.time().0;
    let mut claims = json!({
        "iss": SITE, "aud": server.issuer(), "sub": "user-7", "nonce": challenge, "iat": now, "exp": now + 60, "auth_time": now, "jti": challenge,
    });
    let members = claims.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        match value {
            Value::Null => members.remove(name),
            value => members.insert(name.clone(), value.clone()),
        };
    }
    claims
}

/// The site's JWT for `challenge`, with `changes`.
pub(crate) fn login_jwt(server: &Server, challenge: &str, changes: &Value) -> String {
    let header = Header { typ: Some("grantlet-login+jwt".to_owned()), ..Header::new(Algorithm::HS256) };
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&header, &login_claims(server, challenge, changes), &key).expect("a JWT")
}

/// Where the site sends the browser with its JWT.
pub(crate) fn way_back(token: &str, state: &str) -> String {
    format!("/login/site?{}", encode(&[("token", token), ("state", state)]))
}
