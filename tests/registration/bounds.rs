//! What a registration may not be: hostile, oversized, or an address that runs what it carries.

use serde_json::{Value, json};

use super::{assert_not_registered, count_registered, metadata, open, open_with, register, register_event};

/// OAuth 2.1 section 2.3, RFC 9700 section 2.6, RFC 7591 section 3.2.2
#[tokio::test]
async fn redirect_uris_are_https_loopback_or_an_app_s_own_scheme() {
    let server = open_with(json!({"per_address": 100})).await;
    for uri in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "jAvAsCrIpT://app.example/%0aalert(1)",
        "java\nscript:alert(1)",
        "java\tscript:alert(1)",
        "\u{1}javascript:alert(1)",
        " javascript:alert(1)",
        "javascript\u{0}:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://app.example/1",
        "http://app.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "https://*.example/cb",
        "https://app.example/cb#fragment",
        "https://user@app.example/cb",
        "https://app.example/..;/cb",
        "//app.example/cb",
        "/cb",
        "",
    ] {
        let reply = register(&server, &metadata(json!({"redirect_uris": ["https://app.example/cb", uri]}))).await;
        assert_not_registered(&reply, 400, "invalid_redirect_uri");
    }
    for uris in [json!([]), json!(["https://app.example/cb", 7]), json!("https://app.example/cb"), json!({"0": "https://app.example/cb"})] {
        assert_not_registered(&register(&server, &metadata(json!({ "redirect_uris": uris }))).await, 400, "invalid_redirect_uri");
    }
    assert_eq!(count_registered(&server), 0);
}

/// RFC 7591 section 3.2.2
#[tokio::test]
async fn metadata_that_mean_nothing_here_are_refused_by_the_registered_code() {
    let server = open_with(json!({"per_address": 100})).await;
    for changes in [
        json!({"token_endpoint_auth_method": "tls_client_auth"}),
        json!({"token_endpoint_auth_method": 7}),
        json!({"token_endpoint_auth_method": "private_key_jwt"}),
        json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": []}}),
        json!({"jwks": {"keys": []}, "jwks_uri": "https://app.example/jwks"}),
        json!({"grant_types": ["implicit"]}),
        json!({"grant_types": ["client_credentials"]}),
        json!({"grant_types": ["refresh_token"]}),
        json!({"response_types": ["token"]}),
        json!({"response_types": "code"}),
        json!({"id_token_signed_response_alg": "none"}),
        json!({"id_token_signed_response_alg": "HS256"}),
        json!({"id_token_encrypted_response_alg": "RSA-OAEP"}),
        json!({"subject_type": "pairwise", "redirect_uris": ["https://a.example/cb", "https://b.example/cb"]}),
        json!({"subject_type": "pairwise", "grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"]}),
        json!({"client_name": "a\u{0}b"}),
        json!({"client_name": "\u{202e}knaB"}),
        json!({"client_name": "x".repeat(257)}),
        json!({"logo_uri": "JavaScript:alert(1)"}),
        json!({"client_uri": "data:text/html,x"}),
        json!({"post_logout_redirect_uris": ["javascript:alert(1)"]}),
        json!({"backchannel_logout_uri": "http://app.example/logout"}),
        json!({"request_uris": ["ftp://app.example/r"]}),
        json!({"default_max_age": -1}),
        json!({"require_pushed_authorization_requests": "yes"}),
        json!({"scope": ["openid"]}),
    ] {
        let reply = register(&server, &metadata(changes.clone())).await;
        assert_eq!(reply.status, 400, "{changes}");
        assert_not_registered(&reply, 400, "invalid_client_metadata");
    }
    assert_eq!(count_registered(&server), 0);
}

/// RFC 7591 section 5: everything is bounded before it is parsed
#[tokio::test]
async fn huge_deep_and_endless_registrations_are_refused() {
    let server = open_with(json!({"per_address": 100})).await;
    let many = |count: usize| (0..count).map(|n| format!("https://app.example/{n}")).collect::<Vec<_>>();
    let depth = |levels: usize| format!("{{\"x\":{}{}}}", "[".repeat(levels), "]".repeat(levels)).into_bytes();
    let members: serde_json::Map<String, Value> = (0..65).map(|n| (format!("m{n}"), json!(n))).collect();
    for body in [
        depth(9),
        depth(8_000),
        depth(30_000),
        vec![b'['; 16_000],
        metadata(json!({"contacts": ["x".repeat(17_000)]})).to_string().into_bytes(),
        metadata(json!({"contacts": many(65)})).to_string().into_bytes(),
        Value::Object(members).to_string().into_bytes(),
        b"".to_vec(),
        b"null".to_vec(),
        b"[1]".to_vec(),
        b"{\"redirect_uris\":".to_vec(),
        b"\xff\xfe".to_vec(),
    ] {
        assert_not_registered(&server.send(&register_event(&body)).await, 400, "invalid_client_metadata");
    }
    let uris = metadata(json!({"redirect_uris": many(33)}));
    assert_not_registered(&register(&server, &uris).await, 400, "invalid_redirect_uri");
    let scopes = (0..3_000).map(|n| format!("s{n}")).collect::<Vec<_>>().join(" ");
    assert_not_registered(&register(&server, &metadata(json!({ "scope": scopes }))).await, 400, "invalid_client_metadata");
    let form = register_event(b"redirect_uris=https%3A%2F%2Fapp.example").header("content-type", "application/x-www-form-urlencoded");
    assert_not_registered(&server.send(&form).await, 400, "invalid_client_metadata");
    assert_eq!(count_registered(&server), 0);
}

/// RFC 6749 appendix A.8: an error's description quotes nothing that could harm, and little
#[tokio::test]
async fn an_error_s_description_is_short_and_printable() {
    let server = open().await;
    let nasty = format!("https://app.example/\u{1b}[31m\"\\{}", "x".repeat(3_000));
    let reply = register(&server, &metadata(json!({"redirect_uris": [nasty]}))).await;
    let description = reply.json()["error_description"].as_str().unwrap().to_owned();
    assert!(description.len() <= 300, "{description}");
    assert!(description.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\'), "{description}");
}
