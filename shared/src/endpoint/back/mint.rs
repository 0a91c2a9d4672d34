//! Access tokens (RFC 9068), ID tokens (`OpenID` Connect Core section 2) and the token response (OAuth 2.1 section 3.2.3).

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use super::BackChannel;
use super::dpop::DpopProof;
use super::error::{TokenError, no_store};
use super::keys::LoadedKeys;
use super::person::claims_granted;
use crate::context::Context;
use crate::endpoint::Response;
use crate::endpoint::resources::scopes_for;
use crate::jose::signing::SigningError;
use crate::model::client::{Client, SigningAlg};
use crate::model::code::RefreshSeed;
use crate::model::grant::Grant;
use crate::model::refresh_token::RefreshToken;
use crate::model::secret::Secret;
use crate::model::settings::Settings;
use crate::model::user::{Claims, Subject, User};
use crate::protocol::details::AuthorizationDetails;

/// Checks that everything is there which the tokens of a person need. Whatever can be missing is missed before a code, a refresh token or a proof is spent.
///
/// # Errors
/// When a key or the salt of pairwise subjects has not been read.
pub(super) async fn check_can_issue(back: &BackChannel, keys: &LoadedKeys, client: &Client) -> Result<(), TokenError> {
    keys.signing(client.access_token_signed_response_alg)?;
    keys.signing(client.id_token_signed_response_alg)?;
    keys.active_refresh()?;
    Ok(back.subjects.prepare(client).await?)
}

/// The first refresh token of `grant`, if it has any. RFC 9449 section 5: those of public clients are bound to the key that was proven, those of others by
/// their authentication.
///
/// # Errors
/// When the refresh key has not been read.
pub(super) fn first_refresh_token(
    keys: &LoadedKeys,
    client: &Client,
    grant: &Grant,
    seed: RefreshSeed,
    proof: Option<&DpopProof>,
) -> Result<Option<Secret>, TokenError> {
    if !grant.offline {
        return Ok(None);
    }
    let (kid, key) = keys.active_refresh()?;
    let dpop_jkt = proof.filter(|_| client.is_public()).map(|proof| proof.jkt().to_owned());
    let token = RefreshToken { grant_id: grant.id, generation: 0, seed, dpop_jkt };
    Ok(Some(token.render(kid, key, &client.client_id)))
}

/// The tokens of a grant. Whoever builds one has redeemed a code or rotated a grant, and has read the user since.
pub(super) struct Issue<'a> {
    pub client: &'a Client,
    pub grant: &'a Grant,
    pub user: &'a User,
    /// The scopes that the client wants now: those of the grant, or fewer. Which of them stand in the access token depends on its audience.
    pub scopes: &'a [String],
    /// The one resource that this access token is for.
    pub audience: &'a str,
    /// The authorization details that the client wants now: those of the grant, or fewer. Those that are for the audience stand in the token.
    pub details: &'a AuthorizationDetails,
    /// By which its scopes are chosen.
    pub settings: &'a Settings,
    /// The `nonce` of the authorization request; none at a refresh.
    pub nonce: Option<&'a str>,
    /// The key that the client proved, to which the access token is bound.
    pub proof: Option<&'a DpopProof>,
    /// The refresh token to hand out.
    pub refresh_token: Option<Secret>,
}

/// An access token to be signed, for a person or for a client in its own name.
pub(super) struct AccessTokenIssue<'a> {
    pub client: &'a Client,
    /// The `sub`.
    pub subject: &'a str,
    /// The one resource that it is for.
    pub audience: &'a str,
    /// Its scopes, as [`scopes_for`] chose them for the audience.
    pub scopes: &'a [String],
    /// What its rich authorization request allows (RFC 9396 section 9.1); none where there was none.
    pub authorization_details: Option<&'a Value>,
    /// The grant behind it; none where nobody consented, because the client acts in its own name.
    pub grant: Option<&'a Grant>,
    /// The thumbprint of the key that it is bound to (RFC 9449 section 6.1).
    pub dpop_jkt: Option<&'a str>,
    /// Who acts for the subject (RFC 8693 section 4.1).
    pub actor: Option<&'a Value>,
    /// How long it lives, in seconds.
    pub lifetime: i64,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_details: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    amr: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<&'a Value>,
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
    /// The claims about the person that were granted for the ID token.
    #[serde(flatten)]
    person: Claims,
}

/// The token response (OAuth 2.1 section 3.2.3).
#[derive(Serialize)]
pub(super) struct TokenResponse<'a> {
    #[serde(serialize_with = "expose")]
    pub access_token: Secret,
    pub token_type: &'static str,
    /// Seconds.
    pub expires_in: i64,
    /// There even when it is empty: left out, it would say that everything was granted (RFC 6749 section 5.1).
    pub scope: String,
    /// What of a rich authorization request stands in the access token (RFC 9396 section 7).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_details: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "expose_some")]
    pub id_token: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "expose_some")]
    pub refresh_token: Option<Secret>,
    /// The kind of token that an exchange issued (RFC 8693 section 2.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<&'a str>,
}

/// The client is the one whom the tokens are for.
fn expose<S: serde::Serializer>(token: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(token.expose())
}

#[expect(clippy::ref_option, reason = "serde hands it over so")]
fn expose_some<S: serde::Serializer>(token: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    token.as_ref().map(Secret::expose).serialize(serializer)
}

impl TokenResponse<'_> {
    /// Renders it, kept out of every cache.
    ///
    /// # Errors
    /// When it can't be serialized, which is a fault of ours.
    pub(super) fn render(&self) -> Result<Response, TokenError> {
        let body = serde_json::to_value(self).map_err(|error| SigningError(error.to_string()))?;
        Ok(no_store(Response::json(StatusCode::OK, &body)))
    }
}

impl AccessTokenIssue<'_> {
    /// The `token_type` in the response (RFC 9449 section 5).
    #[must_use]
    pub(super) fn token_type(&self) -> &'static str {
        if self.dpop_jkt.is_some() { "DPoP" } else { "Bearer" }
    }

    /// Signs it (RFC 9068 section 2.2).
    ///
    /// # Errors
    /// When the key is missing or can't sign.
    pub(super) fn sign(&self, context: &Context, keys: &LoadedKeys) -> Result<Secret, TokenError> {
        let now = context.now();
        let login = self.grant.map(|grant| &grant.authentication);
        let claims = AccessTokenClaims {
            iss: context.config.issuer.as_str(),
            sub: self.subject,
            aud: self.audience,
            client_id: self.client.client_id.as_str(),
            iat: now.0,
            exp: now.plus(self.lifetime).0,
            jti: URL_SAFE_NO_PAD.encode(context.random_bytes::<16>()),
            scope: self.scopes.join(" "),
            authorization_details: self.authorization_details,
            grant_id: self.grant.map(|grant| grant.id.to_string()),
            // Unknown where an assertion of somebody else's began the grant.
            auth_time: login.map(|login| login.auth_time.0).filter(|time| *time > 0),
            acr: login.and_then(|login| login.acr.as_deref()),
            amr: login.map_or(&[], |login| login.amr.as_slice()),
            cnf: self.dpop_jkt.map(|jkt| json!({ "jkt": jkt })),
            act: self.actor,
        };
        Ok(keys.signing(self.client.access_token_signed_response_alg)?.sign("at+jwt", &claims)?)
    }
}

impl AccessTokenIssue<'_> {
    /// Signs it and renders the response: this token, and nothing beside it.
    ///
    /// # Errors
    /// When the key is missing or can't sign.
    pub(super) fn respond(&self, context: &Context, keys: &LoadedKeys, issued_token_type: Option<&str>) -> Result<Response, TokenError> {
        let response = TokenResponse {
            access_token: self.sign(context, keys)?,
            token_type: self.token_type(),
            expires_in: self.lifetime,
            scope: self.scopes.join(" "),
            authorization_details: self.authorization_details,
            id_token: None,
            refresh_token: None,
            issued_token_type,
        };
        response.render()
    }
}

impl Issue<'_> {
    /// Signs the tokens and renders the response.
    ///
    /// # Errors
    /// When a key is missing or can't sign.
    pub(super) async fn respond(self, back: &BackChannel, keys: &LoadedKeys) -> Result<Response, TokenError> {
        let context = &back.context;
        let subject = back.subjects.subject_for(self.client, self.user).await?;
        let lifetime = context.config.lifetimes.token;
        let scopes = scopes_for(&context.config, self.settings, self.audience, self.scopes);
        let details = self.details.for_audience(self.audience);
        let access_token = AccessTokenIssue {
            client: self.client,
            subject: &subject.0,
            audience: self.audience,
            scopes: &scopes,
            authorization_details: details.as_ref(),
            grant: Some(self.grant),
            dpop_jkt: self.proof.map(DpopProof::jkt),
            actor: None,
            lifetime,
        };
        let token_type = access_token.token_type();
        let access_token = access_token.sign(context, keys)?;
        let wants_id_token = self.scopes.iter().any(|scope| scope == "openid");
        let id_token = if wants_id_token { Some(self.id_token(context, keys, &subject, &access_token)?) } else { None };
        let response = TokenResponse {
            access_token,
            token_type,
            expires_in: lifetime,
            scope: scopes.join(" "),
            authorization_details: details.as_ref(),
            id_token,
            refresh_token: self.refresh_token,
            issued_token_type: None,
        };
        response.render()
    }

    /// `OpenID` Connect Core sections 2, 3.1.3.6 and 12.2.
    fn id_token(&self, context: &Context, keys: &LoadedKeys, subject: &Subject, access_token: &Secret) -> Result<Secret, TokenError> {
        let now = context.now();
        let alg = self.client.id_token_signed_response_alg;
        let login = &self.grant.authentication;
        let claims = IdTokenClaims {
            iss: context.config.issuer.as_str(),
            sub: &subject.0,
            aud: self.client.client_id.as_str(),
            iat: now.0,
            exp: now.plus(context.config.lifetimes.token).0,
            auth_time: login.auth_time.0,
            nonce: self.nonce,
            acr: login.acr.as_deref(),
            amr: &login.amr,
            at_hash: left_half_hash(alg, access_token),
            sid: self.grant.session_id.to_string(),
            person: claims_granted(self.user, &self.grant.claims.id_token),
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
