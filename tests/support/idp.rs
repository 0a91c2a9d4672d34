//! An `OpenID` provider of somebody else's whose every word the test chooses, true or false.

use grantlet::jose::signing::{SigningKey, SigningKeys};
use grantlet::model::client::SigningAlg;
use serde_json::{Value, json};

use super::oauth::{encode, parameter};
use super::web::{Document, Web};

/// The `client_id` by which every provider of the tests knows us.
pub(crate) const CLIENT_ID: &str = "grantlet-at-idp";
/// The access token that it gives.
pub(crate) const ACCESS_TOKEN: &str = "idp-access-token-8f14e45fceea167a";

/// A provider on a loopback address.
pub(crate) struct Idp {
    pub(crate) web: Web,
    pub(crate) keys: SigningKeys,
}

impl Idp {
    /// A provider with keys and metadata.
    pub(crate) async fn start() -> Self {
        let web = Web::start().await;
        let (keys, _) = SigningKeys::generate("idp").expect("keys");
        let idp = Self { web, keys };
        idp.publish(&json!({}));
        idp.web.put("/jwks", Document::json(&json!({"keys": idp.keys.keys.iter().map(SigningKey::public_jwk).collect::<Vec<_>>()})));
        idp.web.put("/userinfo", Document { status: 403, ..Document::json(&json!({})) });
        idp
    }

    /// Its issuer.
    pub(crate) fn issuer(&self) -> String {
        self.web.url("")
    }

    /// Publishes its metadata, with `changes`.
    pub(crate) fn publish(&self, changes: &Value) {
        let mut metadata = json!({
            "issuer": self.issuer(), "authorization_endpoint": self.web.url("/authorize"), "token_endpoint": self.web.url("/token"),
            "jwks_uri": self.web.url("/jwks"), "userinfo_endpoint": self.web.url("/userinfo"),
        });
        change(&mut metadata, changes);
        self.web.put("/.well-known/openid-configuration", Document::json(&metadata));
    }

    /// The settings of a connection with it, with `changes`.
    pub(crate) fn connection(&self, changes: &Value) -> Value {
        let mut connection = json!({"id": "idp", "name": "The IdP", "issuer": self.issuer(), "client_id": CLIENT_ID});
        change(&mut connection, changes);
        connection
    }

    /// The claims of an honest ID token for the browser that was sent to `sent`, with `changes`; null leaves out.
    pub(crate) fn claims(&self, sent: &str, now: i64, changes: &Value) -> Value {
        let mut claims = json!({
            "iss": self.issuer(), "aud": CLIENT_ID, "sub": "ada-1", "nonce": parameter(sent, "nonce"), "iat": now, "exp": now + 300,
            "auth_time": now, "acr": "urn:idp:acr:gold", "amr": ["hwk"], "name": "Ada", "email": "ada@example.com", "email_verified": true,
        });
        change(&mut claims, changes);
        claims
    }

    /// Answers at the token endpoint with an ID token of `claims` from now on.
    pub(crate) fn vouch(&self, claims: &Value) {
        self.answer(self.keys.find(SigningAlg::RS256).expect("a key").sign("JWT", claims).expect("a signature").expose());
    }

    /// Answers at the token endpoint with this ID token from now on.
    pub(crate) fn answer(&self, id_token: &str) {
        let tokens = json!({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 60, "id_token": id_token});
        self.web.put("/token", Document::json(&tokens));
    }

    /// The address at which the browser comes back that was sent to `sent`, with `changes`.
    pub(crate) fn back(sent: &str, changes: &[(&str, Option<&str>)]) -> String {
        let state = parameter(sent, "state").expect("a state");
        let mut fields = vec![("code", "a-code-of-the-idp-0b5fc2d1"), ("state", state.as_str())];
        fields.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        fields.extend(changes.iter().filter_map(|(name, value)| Some((*name, (*value)?))));
        format!("/login/callback?{}", encode(&fields))
    }
}

fn change(value: &mut Value, changes: &Value) {
    let members = value.as_object_mut().expect("an object");
    for (name, wanted) in changes.as_object().expect("an object") {
        match wanted {
            Value::Null => members.remove(name),
            wanted => members.insert(name.clone(), wanted.clone()),
        };
    }
}
