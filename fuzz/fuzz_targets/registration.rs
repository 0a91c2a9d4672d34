//! What a stranger registers gives it nothing that is the operator's to give, whatever it says.
#![no_main]

use grantlet::model::client::{ClientId, GrantType, Rotation};
use grantlet::model::registration::check_registration;
use grantlet::model::secret::Secret;
use grantlet::model::self_registration::{MAX_METADATA, Registrant, parse_metadata, read_document, read_registration};
use grantlet::model::settings::Settings;
use grantlet::protocol::redirect_uri::parse_redirect_uri;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|json: &[u8]| {
    let settings = Settings::default();
    let Ok(url) = ClientId::parse("https://app.example/client.json") else { return };
    if let Ok(client) = read_document(json, &url, &settings) {
        assert!(!client.token_endpoint_auth_method.has_secret() && client.client_id == url && client.require_pkce);
    }
    let Ok(metadata) = parse_metadata(json) else { return };
    assert!(json.len() <= MAX_METADATA);
    let Ok(id) = ClientId::parse("dyn-1") else { return };
    let Ok(client) = read_registration(metadata, &id, Registrant::Anybody, &settings) else { return };
    let secret = Secret::new("x".repeat(43));
    let secret = client.token_endpoint_auth_method.has_secret().then_some(&secret);
    if check_registration(&client, secret).is_err() {
        return;
    }
    assert!(client.client_id == id && !client.first_party && client.require_pkce && !client.is_fapi2());
    assert_eq!(client.rotation, Rotation::Always);
    assert!(!client.may_use(GrantType::ClientCredentials) && !client.may_use(GrantType::TokenExchange) && !client.may_use(GrantType::JwtBearer));
    assert!(client.redirect_uris.iter().all(|uri| parse_redirect_uri(uri).is_ok()));
});
