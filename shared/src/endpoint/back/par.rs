//! `POST /par`: pushed authorization requests (RFC 9126).

use std::sync::Arc;

use http::StatusCode;
use serde_json::json;

use super::client_auth::{AuthenticatedClient, check_client};
use super::dpop::{self, DPOP, UnspentProof};
use super::error::{TokenError, no_store};
use super::{BackChannel, log_failure, read_form};
use crate::endpoint::authorization::{ObjectError, RequestError, check_parameters, check_redirect, read_object};
use crate::endpoint::{Request, Response};
use crate::model::pushed::{LIFETIME, MAX_PUSHED, PushedRequest, PushedUri};
use crate::protocol::authorize::UntrustedRedirect;
use crate::protocol::params::{Params, ParamsError};

/// Parameters that prove the client or name another request, and are not kept; and those that are kept as they were proven.
const NOT_KEPT: [&str; 6] = ["client_id", "client_secret", "client_assertion", "client_assertion_type", "request", "dpop_jkt"];

/// Requests that one network may push for one public client in a window. Whoever proves to be the client pushes as many as they want.
const REQUESTS: u32 = 300;

/// Answers a pushed authorization request.
pub(super) async fn handle(back: &BackChannel, request: &Request) -> Response {
    let response = match answer(back, request).await {
        Ok(response) => response,
        Err(error) => {
            log_failure("par", request, &error);
            error.render()
        }
    };
    dpop::with_next_nonce(back, request, response).await
}

/// RFC 9126 section 2.1: the client is authenticated as at the token endpoint, then the request is checked as the authorization endpoint would.
async fn answer(back: &BackChannel, request: &Request) -> Result<Response, TokenError> {
    let form = read_form(request).map_err(too_large)?;
    let client = check_client(back, request, &form).await?;
    if form.find("request_uri").is_some() {
        return Err(RequestError::UriPushed.into());
    }
    let params = read_request(back, &client, form).await?;
    check_request(back, request, &client, &params).await?;
    let proof = find_proof(back, request, &client).await?;
    let query = render_query(&client, &params, proof.as_ref().map(UnspentProof::jkt))?;
    if client.registration().is_public() {
        back.count_request("par", REQUESTS, request, client.id()).await?;
    }
    dpop::spend(back, proof).await?;
    let context = &back.context;
    let uri = PushedUri::new(context.ulid(), &context.random_bytes::<32>());
    let pushed = PushedRequest {
        id: uri.id,
        secret_hash: uri.secret.hash(),
        client_id: client.id().clone(),
        query,
        browser_hash: None,
        expires_at: context.now().plus(LIFETIME),
    };
    context.store.create_pushed_request(&pushed).await?;
    tracing::info!(par_id = %pushed.id, client_id = %pushed.client_id, "authorization request pushed");
    let body = json!({"request_uri": uri.render().expose(), "expires_in": LIFETIME});
    Ok(no_store(Response::json(StatusCode::CREATED, &body)))
}

/// RFC 9126 section 2.3: more than is read has a status of its own.
fn too_large(error: TokenError) -> TokenError {
    if matches!(error, TokenError::Params(ParamsError::TooLarge)) { TokenError::TooLarge } else { error }
}

/// The request: the form, or what a request object in it says and nothing else (RFC 9126 section 3).
async fn read_request(back: &BackChannel, client: &AuthenticatedClient, form: Params) -> Result<Params, TokenError> {
    let registration = client.registration();
    let Some(text) = form.find("request") else {
        return if registration.require_signed_request_object { Err(RequestError::MustSign.into()) } else { Ok(form) };
    };
    let object = read_object(&back.context, &back.client_keys, registration, text).await.map_err(RequestError::Object)?;
    if object.is_late { Err(RequestError::Object(ObjectError::Expired).into()) } else { Ok(object.params) }
}

async fn check_request(back: &BackChannel, request: &Request, client: &AuthenticatedClient, params: &Params) -> Result<(), TokenError> {
    let context = &back.context;
    let presented = params.find("redirect_uri");
    // FAPI 2.0 Security Profile section 5.3.2.2: redirect_uri must be in the pushed request.
    if presented.is_none() && client.registration().is_fapi2() {
        return Err(RequestError::Redirect(UntrustedRedirect::Missing).into());
    }
    let redirect = check_redirect(context, &back.clients, Arc::clone(client.stored()), presented, request.source_ip).await?;
    let (_, client) = redirect.map_err(RequestError::Redirect)?;
    let settings = context.settings().await?;
    check_parameters(&context.config, &settings, &client.client, params, false)?;
    Ok(())
}

/// RFC 9449 section 10.1: a proof beside the pushed request binds the code to its key. None is needed, also from clients that must bind their tokens.
async fn find_proof(back: &BackChannel, request: &Request, client: &AuthenticatedClient) -> Result<Option<UnspentProof>, TokenError> {
    if !request.headers.contains_key(DPOP) {
        return Ok(None);
    }
    dpop::find_proof(back, request, client.registration()).await
}

/// The request as it is kept, in the name of the client that was authenticated and for the key that it proved.
fn render_query(client: &AuthenticatedClient, params: &Params, proven_jkt: Option<&str>) -> Result<String, RequestError> {
    let named_jkt = params.find("dpop_jkt");
    // RFC 9449 section 10.1: where both name a key, it must be the same.
    if named_jkt.is_some() && proven_jkt.is_some() && named_jkt != proven_jkt {
        return Err(RequestError::OtherKey);
    }
    let mut own = url::form_urlencoded::Serializer::new(String::new());
    own.append_pair("client_id", client.id().as_str());
    own.extend_pairs(proven_jkt.or(named_jkt).map(|jkt| ("dpop_jkt", jkt)));
    let query = format!("{}&{}", own.finish(), params.encode(&NOT_KEPT));
    if query.len() > MAX_PUSHED { Err(RequestError::PushedTooLong) } else { Ok(query) }
}
