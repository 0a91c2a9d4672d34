//! Software statements (RFC 7591 section 2.3).

use grantlet::jose::signing::{SigningKey, SigningKeys};
use grantlet::model::client::SigningAlg;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{assert_not_registered, metadata, open, open_with, register, with};
use crate::support::local::START;

struct Issuer(SigningKeys);

impl Issuer {
    fn new() -> Self {
        Self(SigningKeys::generate("statements").unwrap().0)
    }

    fn settings(&self, required: bool) -> Value {
        let jwks = json!({"keys": self.0.keys.iter().map(SigningKey::public_jwk).collect::<Vec<_>>()});
        json!({"per_address": 100, "software_statements": {"issuer": "https://directory.example", "jwks": jwks, "required": required}})
    }

    fn sign(&self, changes: Value) -> String {
        let claims = with(json!({"iss": "https://directory.example", "exp": START + 600, "client_name": "Vetted"}), changes);
        self.0.find(SigningAlg::ES256).unwrap().sign("JWT", &claims).unwrap().expose().to_owned()
    }
}

/// RFC 7591 section 3.2.2
#[tokio::test]
async fn a_statement_is_refused_where_nobody_s_are_believed() {
    let server = open().await;
    let asked = metadata(json!({"software_statement": Issuer::new().sign(json!({}))}));
    assert_not_registered(&register(&server, &asked).await, 400, "unapproved_software_statement");
}

/// RFC 7591 section 3.1.1: its claims go before what the client says, and it comes back as it was
#[tokio::test]
async fn a_statement_goes_before_what_the_client_itself_says() {
    let issuer = Issuer::new();
    let server = open_with(issuer.settings(false)).await;
    let statement = issuer.sign(json!({"redirect_uris": ["https://vetted.example/cb"], "first_party": true, "software_id": "4711"}));
    let told = register(&server, &metadata(json!({ "software_statement": statement }))).await.json();
    assert_eq!((told["client_name"].as_str(), told["software_id"].as_str()), (Some("Vetted"), Some("4711")));
    assert_eq!(told["redirect_uris"], json!(["https://vetted.example/cb"]));
    assert_eq!(told["software_statement"], statement);
    assert!(told.get("first_party").is_none() && told.get("iss").is_none() && told.get("exp").is_none());
    let bad = issuer.sign(json!({"redirect_uris": ["javascript:alert(1)"]}));
    assert_not_registered(&register(&server, &metadata(json!({ "software_statement": bad }))).await, 400, "invalid_redirect_uri");
    assert_eq!(register(&server, &metadata(json!({}))).await.status, 201);
}

/// RFC 7591 section 3.2.2, RFC 8725
#[tokio::test]
async fn a_statement_that_is_not_to_be_believed_is_refused() {
    let (issuer, mallory) = (Issuer::new(), Issuer::new());
    let server = open_with(issuer.settings(true)).await;
    let good = issuer.sign(json!({}));
    let public = issuer.0.find(SigningAlg::RS256).unwrap().public_jwk().to_string();
    let claims = json!({"iss": "https://directory.example"});
    let hmac = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(public.as_bytes())).unwrap();
    for (statement, error) in [
        (json!(mallory.sign(json!({}))), "invalid_software_statement"),
        (json!(issuer.sign(json!({"exp": START - 60}))), "invalid_software_statement"),
        (json!(issuer.sign(json!({"nbf": START + 61}))), "invalid_software_statement"),
        (json!(issuer.sign(json!({"exp": "tomorrow"}))), "invalid_software_statement"),
        (json!(hmac), "invalid_software_statement"),
        (json!("eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2RpcmVjdG9yeS5leGFtcGxlIn0."), "invalid_software_statement"),
        (json!(good[..good.len() - 4]), "invalid_software_statement"),
        (json!({"iss": "https://directory.example"}), "invalid_software_statement"),
        (json!(issuer.sign(json!({"iss": "https://other.example"}))), "unapproved_software_statement"),
        (json!(issuer.sign(json!({"iss": null}))), "unapproved_software_statement"),
        (Value::Null, "unapproved_software_statement"),
    ] {
        let reply = register(&server, &metadata(json!({ "software_statement": statement }))).await;
        assert_eq!(reply.json()["error"], error, "{statement}");
        assert_not_registered(&reply, 400, error);
    }
    assert_eq!(register(&server, &metadata(json!({ "software_statement": good }))).await.status, 201);
}
