//! Public metadata: `/jwks.json` (RFC 7517 section 5), and the discovery documents of RFC 8414 and `OpenID` Connect Discovery.
//!
//! The documents advertise what works and nothing else, and state every field whose absence would mean support.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::config::Config;
use crate::context::{Context, Timestamp};
use crate::endpoint::login_ways::LoginWays;
use crate::endpoint::{Request, Response, cors};
use crate::model::client::{AuthMethod, GrantType, SigningAlg};
use crate::model::level::Level;
use crate::model::registration::{CLIENT_SECRET_ALG, CLIENT_SIGNING_ALGS};
use crate::model::settings::{RegistrationMode, Settings};
use crate::pages::Language;
use crate::protocol::claims::{SCOPES_WITH_CLAIMS, claims_of_scope};
use crate::store::StoreError;

/// Keys older than this are read again beside a request, in seconds.
const REFRESH_AFTER: i64 = 300;
/// Keys older than this are read again before they are served, in seconds.
const STALE_AFTER: i64 = 1_800;
/// How long clients may keep a document, in seconds; the worst delay of an emergency rotation for a client that honours it.
const MAX_AGE: &str = "public, max-age=300";

/// Everything that the metadata endpoints need: no secret, and one readable record.
pub struct Metadata {
    context: Context,
    jwks: Arc<RwLock<Option<(Document, Timestamp)>>>,
}

/// A document and its entity tag.
#[derive(Clone, Debug)]
struct Document {
    body: Arc<str>,
    etag: Arc<str>,
}

impl Document {
    fn new(value: &Value) -> Self {
        let body = value.to_string();
        let hash = digest(&SHA256, body.as_bytes());
        let (short, _) = hash.as_ref().split_at(12);
        Self { etag: format!("\"{}\"", URL_SAFE_NO_PAD.encode(short)).into(), body: body.into() }
    }
}

impl Metadata {
    /// The metadata of the issuer in `context`.
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self { context, jwks: Arc::default() }
    }

    /// Opens the connection and reads the keys, so that the first request need not.
    pub async fn warm(&self) {
        let (keys, settings) = tokio::join!(reload(&self.context, &self.jwks), self.context.settings());
        if let Err(error) = keys {
            tracing::warn!(%error, "keys could not be read at the start");
        }
        if let Err(error) = settings {
            tracing::warn!(%error, "settings could not be read at the start");
        }
    }

    /// Answers a request to one of the metadata paths; 404 for any other.
    pub async fn handle(&self, request: Request) -> Response {
        match cors::preflight(&request) {
            Some(answer) => answer,
            None => cors::open(&request.path, self.answer(&request).await),
        }
    }

    async fn answer(&self, request: &Request) -> Response {
        if request.method != Method::GET && request.method != Method::HEAD {
            return Response::new(StatusCode::METHOD_NOT_ALLOWED).with(ALLOW, "GET, HEAD");
        }
        let document = match request.path.as_str() {
            // RFC 8414 section 3 and OpenID Connect Discovery section 4: one document serves both.
            "/.well-known/openid-configuration" | "/.well-known/oauth-authorization-server" => self.current_discovery().await,
            "/jwks.json" => self.current_jwks().await,
            _ => return Response::new(StatusCode::NOT_FOUND),
        };
        match document {
            Ok(document) => render(&document, request),
            Err(unavailable) => {
                tracing::error!(endpoint = "jwks", request_id = request.request_id, reason = %unavailable, "request failed");
                let body = json!({"error": "temporarily_unavailable", "error_description": "The server can't answer at the moment. Try again shortly."});
                Response::json(StatusCode::SERVICE_UNAVAILABLE, &body).with(RETRY_AFTER, "2").with(CACHE_CONTROL, "no-store")
            }
        }
    }

    async fn current_discovery(&self) -> Result<Document, Unavailable> {
        let settings = self.context.settings().await?;
        Ok(Document::new(&discovery(&self.context.config, &settings)))
    }

    async fn current_jwks(&self) -> Result<Document, Unavailable> {
        let now = self.context.now();
        let cached = self.jwks.read().unwrap_or_else(PoisonError::into_inner).clone();
        match cached {
            Some((document, at)) if now.since(at) < REFRESH_AFTER => Ok(document),
            Some((document, at)) if now.since(at) < STALE_AFTER => {
                let (context, jwks) = (self.context.clone(), self.jwks.clone());
                tokio::spawn(async move {
                    if let Err(error) = reload(&context, &jwks).await {
                        tracing::warn!(%error, "keys could not be read again; the old ones stay for now");
                    }
                });
                Ok(document)
            }
            _ => reload(&self.context, &self.jwks).await,
        }
    }
}

/// Why there are no keys to serve.
#[derive(Debug, thiserror::Error)]
enum Unavailable {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no key was made yet")]
    NoKeys,
}

async fn reload(context: &Context, jwks: &RwLock<Option<(Document, Timestamp)>>) -> Result<Document, Unavailable> {
    let at = context.now();
    let ring = context.store.find_key_ring().await?.ok_or(Unavailable::NoKeys)?;
    let keys: Vec<&Value> = ring.published().map(|key| &key.jwk).collect();
    let document = Document::new(&json!({ "keys": keys }));
    *jwks.write().unwrap_or_else(PoisonError::into_inner) = Some((document.clone(), at));
    Ok(document)
}

fn render(document: &Document, request: &Request) -> Response {
    let matches = request
        .header(&IF_NONE_MATCH)
        .is_some_and(|tags| tags.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == "*" || tag == &*document.etag));
    let status = if matches { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let response = Response::new(status).with(CACHE_CONTROL, MAX_AGE).with(ETAG, &document.etag);
    if matches || request.method == Method::HEAD {
        return response;
    }
    response.with(CONTENT_TYPE, "application/json").with_body(document.body.to_string())
}

/// The standard scopes, and those of the registered resources, each once.
fn scopes_supported(settings: &Settings) -> Vec<&str> {
    let mut scopes: Vec<&str> = ["openid"].into_iter().chain(SCOPES_WITH_CLAIMS).chain(["offline_access"]).collect();
    for scope in settings.resources.iter().flat_map(|one| one.scopes.keys()) {
        if !scopes.contains(&scope.as_str()) {
            scopes.push(scope);
        }
    }
    scopes
}

/// RFC 8414 section 2 and `OpenID` Connect Discovery section 3.
fn discovery(config: &Config, settings: &Settings) -> Value {
    let url = |path: &str| config.issuer.url(path);
    let algs: Vec<&str> = SigningAlg::ALL.iter().map(|alg| alg.as_str()).collect();
    let scopes = scopes_supported(settings);
    let token_claims = ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid"];
    let standard = SCOPES_WITH_CLAIMS.iter().flat_map(|scope| claims_of_scope(scope)).copied();
    let further = settings.site_login.iter().flat_map(|site| site.claims.keys()).map(String::as_str);
    let claims: Vec<&str> = token_claims.into_iter().chain(standard).chain(further).collect();
    let grant_types = GrantType::ALL.map(GrantType::as_str);
    let client_auth = AuthMethod::ALL.map(AuthMethod::as_str);
    // Public clients may not ask.
    let introspection_auth: Vec<&str> = client_auth.into_iter().filter(|method| *method != AuthMethod::None.as_str()).collect();
    let client_algs = [CLIENT_SECRET_ALG].into_iter().chain(CLIENT_SIGNING_ALGS).collect::<Vec<_>>();
    let detail_types: Vec<&str> = settings.authorization_details.iter().map(|one| one.r#type.as_str()).collect();
    let registered = settings.resources.iter().map(|one| &one.uri);
    let resources: BTreeSet<&String> = registered.chain(&config.resources).collect();
    let endpoints = json!({
        "issuer": config.issuer.as_str(),
        "authorization_endpoint": url("/authorize"),
        "token_endpoint": url("/token"),
        "userinfo_endpoint": url("/userinfo"),
        "revocation_endpoint": url("/revoke"),
        "introspection_endpoint": url("/introspect"),
        "pushed_authorization_request_endpoint": url("/par"),
        "require_pushed_authorization_requests": settings.authorization.require_pushed_requests,
        "end_session_endpoint": url("/logout"),
        "device_authorization_endpoint": url("/device_authorization"),
        "jwks_uri": url("/jwks.json"),
    });
    let capabilities = json!({
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": grant_types,
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": client_auth,
        "token_endpoint_auth_signing_alg_values_supported": client_algs,
        "revocation_endpoint_auth_methods_supported": client_auth,
        "revocation_endpoint_auth_signing_alg_values_supported": client_algs,
        "introspection_endpoint_auth_methods_supported": introspection_auth,
        "introspection_endpoint_auth_signing_alg_values_supported": client_algs,
        "introspection_signing_alg_values_supported": algs,
        "dpop_signing_alg_values_supported": CLIENT_SIGNING_ALGS,
        "protected_resources": resources,
        "authorization_details_types_supported": detail_types,
        "authorization_response_iss_parameter_supported": config.iss_parameter,
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": algs,
        "userinfo_signing_alg_values_supported": algs,
        "acr_values_supported": Level::offered(LoginWays::of(config, settings).passkeys).map(Level::acr).collect::<Vec<_>>(),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "display_values_supported": ["page", "popup", "touch"],
        "claim_types_supported": ["normal"],
        "claims_supported": claims,
        "claims_parameter_supported": true,
        "request_parameter_supported": true,
        "request_uri_parameter_supported": settings.authorization.request_uris,
        "require_request_uri_registration": settings.authorization.request_uris,
        "request_object_signing_alg_values_supported": CLIENT_SIGNING_ALGS,
        "require_signed_request_object": false,
        "ui_locales_supported": Language::ALL.map(Language::tag),
        "client_id_metadata_document_supported": settings.registration.metadata_documents,
    });
    let site = [("op_policy_uri", &settings.site.privacy), ("op_tos_uri", &settings.site.terms)];
    let site = site.into_iter().filter_map(|(name, url)| Some((name.to_owned(), json!(url.as_ref()?.as_url().as_str()))));
    let registration = match settings.registration.mode {
        RegistrationMode::Off => json!({}),
        RegistrationMode::Token | RegistrationMode::Open => json!({ "registration_endpoint": url("/register") }),
    };
    [endpoints, registration, capabilities].into_iter().filter_map(|part| part.as_object().cloned()).flatten().chain(site).collect()
}
