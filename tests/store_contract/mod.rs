//! What the store promises, held against whichever engine is under test: the embedded one in `cargo test`, AWS's DynamoDB Local in `.ci/run`.

mod codes;
mod devices;
mod events;
mod grants;
mod par;
mod passkeys;
mod people;
mod state;
mod strangers;

use grantlet::context::Timestamp;
use grantlet::model::client::ClientId;
use grantlet::model::code::{AuthorizationCode, Presentation};
use grantlet::model::grant::{CodeBinding, Grant, GrantStatus, RefreshState};
use grantlet::model::secret::SecretHash;
use grantlet::model::session::Authentication;
use grantlet::model::user::UserId;
use grantlet::protocol::claims_request::ClaimsRequest;
use grantlet::protocol::details::AuthorizationDetails;
use ulid::Ulid;

/// A way in which something is wrong, and what makes it so.
type Wrong<T> = (&'static str, fn(&mut T));

const NOW: Timestamp = Timestamp(1_800_000_000);

fn client(id: &str) -> ClientId {
    ClientId::parse(id).unwrap()
}

fn owned(list: &[&str]) -> Vec<String> {
    list.iter().map(|&text| text.to_owned()).collect()
}

/// A code with everything that a code may have.
fn code(id: Ulid) -> AuthorizationCode {
    AuthorizationCode {
        id,
        secret_hash: SecretHash::of(b"the code's secret"),
        client_id: client("app"),
        user_id: UserId(Ulid::from_parts(5, 5)),
        redirect_uri: "https://app.example/cb".to_owned(),
        code_challenge: Some("challenge".to_owned()),
        dpop_jkt: Some("thumbprint".to_owned()),
        resources: owned(&["https://api.example", "https://other.example"]),
        nonce: Some("nonce".to_owned()),
        expires_at: NOW.plus(60),
    }
}

/// What redeems [`code`].
fn presentation(id: Ulid) -> Presentation {
    Presentation {
        id,
        secret_hash: SecretHash::of(b"the code's secret"),
        client_id: client("app"),
        code_challenge: Some("challenge".to_owned()),
        dpop_jkt: Some("thumbprint".to_owned()),
        redirect_uri: Some("https://app.example/cb".to_owned()),
        resources: owned(&["https://api.example"]),
        now: NOW,
    }
}

/// What a rich authorization request was granted.
fn details() -> AuthorizationDetails {
    AuthorizationDetails::read_untyped(r#"[{"type":"payment","amount":{"value":"1.50","currency":"EUR"}},{"type":"calendar"}]"#).unwrap()
}

/// The grant of [`code`].
fn grant(id: Ulid) -> Grant {
    let code = code(id);
    Grant {
        id,
        status: GrantStatus::Active,
        user_id: code.user_id,
        client_id: code.client_id,
        scopes: owned(&["openid", "email"]),
        resources: code.resources,
        claims: ClaimsRequest::parse(r#"{"userinfo":{"birthdate":null}}"#).unwrap(),
        authorization_details: details(),
        session_id: Ulid::from_parts(6, 6),
        authentication: Authentication { auth_time: NOW.plus(-9), acr: Some("gold".to_owned()), amr: owned(&["pwd", "otp"]) },
        offline: true,
        code: Some(CodeBinding {
            secret_hash: code.secret_hash,
            code_challenge: code.code_challenge,
            redirect_uri: code.redirect_uri,
            dpop_jkt: code.dpop_jkt,
        }),
        refresh: RefreshState {
            generation: 0,
            seed_hash: SecretHash::of(b"the seed"),
            current_kid: None,
            idle_at: NOW.plus(100),
            absolute_at: NOW.plus(1_000),
            rotated_at: [Timestamp(0); 3],
            rotation_id: None,
        },
        created_at: NOW,
    }
}
