//! Access tokens (RFC 9068), ID tokens (`OpenID` Connect Core section 2) and the token response (OAuth 2.1 section 3.2.3).

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde::Serialize;
use serde_json::json;

use super::error::{TokenError, no_store};
use super::keys::LoadedKeys;
use crate::context::Context;
use crate::endpoint::Response;
use crate::model::client::{Client, SigningAlg};
use crate::model::grant::Grant;
use crate::model::secret::Secret;
use crate::model::user::User;

/// What tokens are issued for. Whoever builds one has redeemed a code or rotated a grant, and has read the user since.
pub(super) struct Issue<'a> {
    pub client: &'a Client,
    pub grant: &'a Grant,
    pub user: &'a User,
    /// The scopes of this access token: those of the grant, or fewer.
    pub scopes: &'a [String],
    /// The one resource that this access token is for.
    pub audience: &'a str,
    /// The `nonce` of the authorization request; none at a refresh.
    pub nonce: Option<&'a str>,
    /// The refresh token to hand out.
    pub refresh_token: Option<Secret>,
}

#[derive(Serialize)]
struct AccessTokenClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    client_id: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    scope: String,
    grant_id: String,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    amr: &'a [String],
}

#[derive(Serialize)]
struct IdTokenClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    amr: &'a [String],
    at_hash: String,
    sid: String,
}

impl Issue<'_> {
    /// Signs the tokens and renders the response.
    ///
    /// # Errors
    /// When a key is missing or can't sign.
    pub(super) fn respond(self, context: &Context, keys: &LoadedKeys) -> Result<Response, TokenError> {
        let access_token = self.access_token(context, keys)?;
        let wants_id_token = self.scopes.iter().any(|scope| scope == "openid");
        let id_token = if wants_id_token { Some(self.id_token(context, keys, &access_token)?) } else { None };
        let mut body = json!({
            "access_token": access_token.expose(),
            "token_type": "Bearer",
            "expires_in": context.config.lifetimes.token,
            "scope": self.scopes.join(" "),
        });
        if let Some(fields) = body.as_object_mut() {
            fields.extend(id_token.map(|token| ("id_token".to_owned(), token.expose().into())));
            fields.extend(self.refresh_token.as_ref().map(|token| ("refresh_token".to_owned(), token.expose().into())));
        }
        Ok(no_store(Response::json(StatusCode::OK, &body)))
    }

    /// RFC 9068 section 2.2.
    fn access_token(&self, context: &Context, keys: &LoadedKeys) -> Result<Secret, TokenError> {
        let now = context.now();
        let login = &self.grant.authentication;
        let claims = AccessTokenClaims {
            iss: context.config.issuer.as_str(),
            sub: &self.user.subject.0,
            aud: self.audience,
            client_id: self.client.client_id.as_str(),
            iat: now.0,
            exp: now.plus(context.config.lifetimes.token).0,
            jti: URL_SAFE_NO_PAD.encode(context.random_bytes::<16>()),
            scope: self.scopes.join(" "),
            grant_id: self.grant.id.to_string(),
            auth_time: login.auth_time.0,
            acr: login.acr.as_deref(),
            amr: &login.amr,
        };
        Ok(keys.signing(self.client.access_token_signed_response_alg)?.sign("at+jwt", &claims)?)
    }

    /// `OpenID` Connect Core sections 2, 3.1.3.6 and 12.2.
    fn id_token(&self, context: &Context, keys: &LoadedKeys, access_token: &Secret) -> Result<Secret, TokenError> {
        let now = context.now();
        let alg = self.client.id_token_signed_response_alg;
        let login = &self.grant.authentication;
        let claims = IdTokenClaims {
            iss: context.config.issuer.as_str(),
            sub: &self.user.subject.0,
            aud: self.client.client_id.as_str(),
            iat: now.0,
            exp: now.plus(context.config.lifetimes.token).0,
            auth_time: login.auth_time.0,
            nonce: self.nonce,
            acr: login.acr.as_deref(),
            amr: &login.amr,
            at_hash: left_half_hash(alg, access_token),
            sid: self.grant.session_id.to_string(),
        };
        Ok(keys.signing(alg)?.sign("JWT", &claims)?)
    }
}

/// The `at_hash` of a token: the left half of its hash, by the hash function of the ID token's algorithm. Ed25519 hashes with SHA-512.
fn left_half_hash(alg: SigningAlg, token: &Secret) -> String {
    let algorithm = match alg {
        SigningAlg::RS256 | SigningAlg::PS256 | SigningAlg::ES256 => &SHA256,
        SigningAlg::EdDSA => &SHA512,
    };
    let hash = digest(algorithm, token.expose().as_bytes());
    let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `OpenID` Connect Core section 3.1.3.6: the value was computed with Python's hashlib.
    #[test]
    fn at_hash_is_the_left_half_of_the_hash() {
        let token = Secret::new("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
        assert_eq!(left_half_hash(SigningAlg::RS256, &token), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(left_half_hash(SigningAlg::EdDSA, &token).len(), 43);
    }
}
