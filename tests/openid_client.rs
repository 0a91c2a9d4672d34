//! A client library as people use it: the `openidconnect` crate, unchanged, against `grantlet dev`, with a person in between.

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims};
use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse,
};
use serde_json::json;
use tempfile::TempDir;

use crate::support::oauth::{ALICE, CLIENT_SECRET, REDIRECT_URI, parameter};
use crate::support::person::Person;
use crate::support::program::argument;
use crate::support::server::Server;

/// Carries the library's requests.
async fn carry(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
    let (parts, body) = request.into_parts();
    let response = client.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body).send().await?;
    let mut answer = HttpResponse::new(Vec::new());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = response.headers().clone();
    *answer.body_mut() = response.bytes().await?.to_vec();
    Ok(answer)
}

fn seeded(clients: serde_json::Value) -> (Server, TempDir) {
    let folder = TempDir::new().unwrap();
    let seed = folder.path().join("seed.json");
    let claims = json!({"name": "Alice Adams", "email": "alice@example.com", "email_verified": true});
    let users = json!([{"username": ALICE.username, "password": ALICE.password, "claims": claims}]);
    std::fs::write(&seed, json!({"clients": clients, "users": users}).to_string()).unwrap();
    (Server::dev(&["--in-memory", "--seed", argument(&seed)]), folder)
}

/// OpenID Connect Core section 3.1, Discovery section 4, OAuth 2.1 sections 4.1 and 4.3
#[tokio::test]
async fn the_openidconnect_crate_completes_discovery_login_exchange_userinfo_and_refresh() {
    let client = |id: &str, method: &str, alg: &str| {
        let mut client = json!({
            "client_id": id, "redirect_uris": [REDIRECT_URI], "token_endpoint_auth_method": method, "id_token_signed_response_alg": alg,
        });
        if method != "none" {
            client["client_secret"] = json!(CLIENT_SECRET);
        }
        client
    };
    let cases = [("basic", "client_secret_basic", "RS256"), ("post", "client_secret_post", "ES256"), ("public", "none", "EdDSA")];
    let (server, _folder) = seeded(cases.iter().map(|(id, method, alg)| client(id, method, alg)).collect());
    for (id, method, _) in cases {
        walk(&server, id, method).await;
    }
}

async fn walk(server: &Server, id: &str, method: &str) {
    let issuer = IssuerUrl::new(server.issuer().to_owned()).unwrap();
    let metadata = CoreProviderMetadata::discover_async(issuer, &carry).await.unwrap();
    let secret = (method != "none").then(|| ClientSecret::new(CLIENT_SECRET.to_owned()));
    let auth_type = if method == "client_secret_post" { AuthType::RequestBody } else { AuthType::BasicAuth };
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new(id.to_owned()), secret)
        .set_redirect_uri(RedirectUrl::new(REDIRECT_URI.to_owned()).unwrap())
        .set_auth_type(auth_type);

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(["profile", "email", "offline_access"].map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(challenge)
        .url();
    let landed = Person::new(server).authorize(url.query().unwrap(), ALICE).await;
    assert!(landed.starts_with(REDIRECT_URI), "{landed}");
    assert_eq!(parameter(&landed, "state").as_deref(), Some(state.secret().as_str()));
    assert_eq!(parameter(&landed, "iss").as_deref(), Some(server.issuer()));

    let code = AuthorizationCode::new(parameter(&landed, "code").unwrap());
    let tokens = client.exchange_code(code).unwrap().set_pkce_verifier(verifier).request_async(&carry).await.unwrap();
    let id_token = tokens.id_token().expect("an ID token");
    let id_verifier = client.id_token_verifier();
    let claims = id_token.claims(&id_verifier, &nonce).unwrap();
    let expected_hash =
        AccessTokenHash::from_token(tokens.access_token(), id_token.signing_alg().unwrap(), id_token.signing_key(&id_verifier).unwrap())
            .unwrap();
    assert_eq!(claims.access_token_hash(), Some(&expected_hash));

    let subject = claims.subject().clone();
    let user_info = client.user_info(tokens.access_token().clone(), Some(subject.clone())).unwrap();
    let info: CoreUserInfoClaims = user_info.request_async(&carry).await.unwrap();
    assert_eq!(info.email().unwrap().as_str(), "alice@example.com");
    assert_eq!(info.name().unwrap().get(None).unwrap().as_str(), "Alice Adams");

    let refreshed = client.exchange_refresh_token(tokens.refresh_token().unwrap()).unwrap().request_async(&carry).await.unwrap();
    assert_ne!(refreshed.access_token().secret(), tokens.access_token().secret());
    let again = refreshed.id_token().expect("an ID token").claims(&id_verifier, |_: Option<&Nonce>| Ok(())).unwrap();
    assert_eq!(again.subject(), &subject);
}
