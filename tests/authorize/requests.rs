//! What an authorization request must say (OAuth 2.1 section 4.1.1), and who learns what is wrong with it.

use super::{Bench, Browser, ISSUER, assert_page, assert_told, get, header, location, post, query, request, with_header};
use crate::support::forms::Form;
use crate::support::oauth::{CHALLENGE, REDIRECT_URI, authorization_query, parameter, register_client};
use http::Method;
use serde_json::json;

/// OAuth 2.1 sections 2.3.5 and 4.1.2.1: a page and no redirect, also with prompt=none
#[tokio::test]
async fn a_bad_client_or_redirect_uri_is_a_page_and_nothing_is_sent_anywhere() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    for changes in [
        vec![("client_id", None)],
        vec![("client_id", Some("unknown"))],
        vec![("client_id", Some("a b"))],
        vec![("redirect_uri", Some("https://evil.example/callback"))],
        vec![("redirect_uri", Some("https://evil.example/callback")), ("prompt", Some("none"))],
        vec![("redirect_uri", Some("https://evil.example/callback")), ("response_mode", Some("form_post"))],
        vec![("redirect_uri", Some("https://evil.example/callback")), ("response_type", Some("token"))],
        vec![("client_id", Some("cli")), ("redirect_uri", None)],
    ] {
        let response = browser.authorize(&query(&changes)).await;
        assert_page(&response, 400);
        assert!(!response.body.contains("evil.example"), "{}", response.body);
    }
    for repeated in ["client_id=app", "redirect_uri=https%3A%2F%2Fevil.example"] {
        assert_page(&browser.authorize(&format!("{}&{repeated}", query(&[]))).await, 400);
    }
    assert!(bench.stored().is_empty());
}

/// OAuth 2.1 section 2.3.1
#[tokio::test]
async fn a_redirect_uri_that_is_nearly_the_registered_one_is_refused() {
    let bench = Bench::start().await;
    for near in [
        "https://app.example/callback/",
        "https://app.example/Callback",
        "https://APP.example/callback",
        "https://app.example:443/callback",
        "https://app.example/callback?x=1",
        "https://app.example/callback#x",
        "https://app.example/%63allback",
        "https://app.example/a/..;/callback",
        "https://app.example/callback/../callback",
        "https://app.example@evil.example/callback",
        "https://user@app.example/callback",
        "https://app.example.evil.example/callback",
        "https://*.example/callback",
        "https://app.example/*",
        "http://app.example/callback",
        "javascript:alert(1)",
        "JavaScript\t:alert(1)",
        "//app.example/callback",
        "/callback",
    ] {
        assert_page(&bench.browser().authorize(&query(&[("redirect_uri", Some(near))])).await, 400);
    }
}

/// OAuth 2.1 section 2.3.1, RFC 9700 section 4.1.3: patterns match nothing and scripts run nowhere, whatever a record says
#[tokio::test]
async fn a_pattern_or_a_script_that_was_stored_is_no_redirect_uri() {
    let bench = Bench::start().await;
    let stored = ["https://*.example/cb", "javascript:alert(1)"];
    register_client(&bench.context, "odd", json!({ "redirect_uris": stored })).await;
    for asked in [Some("https://evil.example/cb"), Some(stored[0]), Some(stored[1]), None] {
        let response = bench.browser().authorize(&authorization_query("odd", &[("redirect_uri", asked)])).await;
        assert_page(&response, 400);
    }
}

/// OAuth 2.1 section 4.1.2.1, RFC 9207: error, state and iss
#[tokio::test]
async fn whatever_else_is_wrong_is_told_to_the_client() {
    let bench = Bench::start().await;
    let long = "s".repeat(600);
    for (changes, error) in [
        (vec![("response_type", None)], "invalid_request"),
        (vec![("response_type", Some("token"))], "unsupported_response_type"),
        (vec![("response_type", Some("code id_token"))], "unsupported_response_type"),
        (vec![("response_mode", Some("fragment"))], "invalid_request"),
        (vec![("scope", Some("admin"))], "invalid_scope"),
        (vec![("scope", Some("openid a\"b"))], "invalid_scope"),
        (vec![("code_challenge", None), ("code_challenge_method", None)], "invalid_request"),
        (vec![("code_challenge", None)], "invalid_request"),
        (vec![("code_challenge", Some("")), ("code_challenge_method", None)], "invalid_request"),
        (vec![("code_challenge_method", None)], "invalid_request"),
        (vec![("code_challenge_method", Some("plain"))], "invalid_request"),
        (vec![("code_challenge_method", Some("s256"))], "invalid_request"),
        (vec![("code_challenge", Some("short"))], "invalid_request"),
        (vec![("request", Some("e.y.J"))], "invalid_request_object"),
        (vec![("request_uri", Some("https://app.example/r"))], "request_uri_not_supported"),
        (vec![("registration", Some("{}"))], "registration_not_supported"),
        (vec![("resource", Some("https://foreign.example"))], "invalid_target"),
        (vec![("resource", Some("not a uri"))], "invalid_request"),
        (vec![("resource", Some("https://api.example/#f"))], "invalid_request"),
        (vec![("nonce", Some(&long))], "invalid_request"),
        (vec![("prompt", Some("none login"))], "invalid_request"),
        (vec![("prompt", Some("create"))], "invalid_request"),
        (vec![("max_age", Some("-1"))], "invalid_request"),
        (vec![("max_age", Some("soon"))], "invalid_request"),
        (vec![("prompt", Some("none"))], "login_required"),
    ] {
        let response = bench.browser().authorize(&query(&changes)).await;
        assert_told(&response, error);
        let location = location(&response).unwrap();
        assert!(location.starts_with(REDIRECT_URI), "{location}");
        assert_eq!(parameter(location, "state").as_deref(), Some("state-1"), "{changes:?}");
        assert!(parameter(location, "error_description").is_some());
    }
    assert!(bench.stored().is_empty());
}

/// OAuth 2.1 section 3.1: unknown parameters are ignored, repeated ones refused; seen in the raw query
#[tokio::test]
async fn unknown_parameters_are_ignored_and_repeated_ones_refused() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    let page = browser.authorize(&format!("{}&unknown=1&also", query(&[]))).await;
    assert!(Form::find(&page.body, "login").is_some());
    for repeated in ["state=2", "scope=openid", "unknown=1&unknown=2", "code_challenge=x", "nonce="] {
        assert_told(&browser.authorize(&format!("{}&{repeated}", query(&[]))).await, "invalid_request");
    }
    let two = format!("{}&resource=https%3A%2F%2Fapi.example%2F&resource=https%3A%2F%2Fissuer.example", query(&[]));
    let landed = browser.walk(&two).await;
    assert_eq!(bench.grant_of(&landed).await.resources, ["https://api.example", ISSUER]);
}

/// Bounded before it is parsed
#[tokio::test]
async fn a_request_that_is_too_long_is_a_page_and_a_long_state_is_not_sent_back() {
    let bench = Bench::start().await;
    let huge = format!("{}&x={}", query(&[]), "x".repeat(4_096));
    assert_page(&bench.browser().authorize(&huge).await, 400);
    let state = "s".repeat(1_025);
    let response = bench.browser().authorize(&query(&[("state", Some(&state))])).await;
    assert_told(&response, "invalid_request");
    assert_eq!(parameter(location(&response).unwrap(), "state"), None);
    let state = "s".repeat(1_024);
    assert_eq!(bench.browser().authorize(&query(&[("state", Some(&state))])).await.status, 200);
}

/// OAuth 2.1 section 4.1.1: the operator alone may let a confidential client go without PKCE
#[tokio::test]
async fn pkce_is_left_out_only_where_the_operator_allows_it() {
    let bench = Bench::start().await;
    register_client(&bench.context, "old", json!({"require_pkce": false})).await;
    register_client(&bench.context, "odd", json!({"require_pkce": false, "token_endpoint_auth_method": "none"})).await;
    let without = [("code_challenge", None), ("code_challenge_method", None)];
    let landed = bench.browser().walk(&authorization_query("old", &without)).await;
    assert_eq!(bench.grant_of(&landed).await.code.unwrap().code_challenge, None);
    let with = bench.browser().walk(&authorization_query("old", &[])).await;
    assert_eq!(bench.grant_of(&with).await.code.unwrap().code_challenge.as_deref(), Some(CHALLENGE));
    assert_told(&bench.browser().authorize(&authorization_query("odd", &without)).await, "invalid_request");
}

/// RFC 6749 section 3.3: what a client may not have is left out, and the response says what was granted
#[tokio::test]
async fn scopes_that_the_client_may_not_have_are_left_out() {
    let bench = Bench::start().await;
    register_client(&bench.context, "api", json!({"scope": "openid orders:read"})).await;
    for (asked, granted) in [
        (Some("openid orders:read orders:write email"), vec!["openid", "orders:read"]),
        (Some("orders:read orders:read"), vec!["orders:read"]),
        (None, vec!["openid", "orders:read"]),
    ] {
        let landed = bench.browser().walk(&authorization_query("api", &[("scope", asked)])).await;
        assert_eq!(bench.grant_of(&landed).await.scopes, granted, "{asked:?}");
    }
    let landed = bench.browser().walk(&query(&[("scope", None)])).await;
    assert!(bench.grant_of(&landed).await.scopes.is_empty());
}

/// OAuth 2.1 section 8.4.2: any port of a loopback address
#[tokio::test]
async fn a_loopback_client_may_use_any_port_and_a_private_scheme_its_own() {
    let bench = Bench::start().await;
    for uri in ["http://127.0.0.1:51234/cb", "http://127.0.0.1/cb", "com.example.app:/cb"] {
        let landed = bench.browser().walk(&authorization_query("cli", &[("redirect_uri", Some(uri))])).await;
        assert!(landed.starts_with(&format!("{uri}?code=")), "{landed}");
        assert_eq!(bench.grant_of(&landed).await.code.unwrap().redirect_uri, uri);
    }
}

/// OAuth 2.1 section 8.4.2: the port, and nothing else
#[tokio::test]
async fn a_loopback_client_may_use_no_other_host_path_query_or_scheme() {
    let bench = Bench::start().await;
    for near in [
        "http://127.0.0.1:5/cb?x=1",
        "http://127.0.0.1:5/other",
        "http://127.0.0.1:5/cb/",
        "http://127.0.0.1:5/cb#x",
        "http://127.0.0.1:5@evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://localhost/cb",
        "http://[::1]/cb",
        "https://127.0.0.1/cb",
    ] {
        assert_page(&bench.browser().authorize(&authorization_query("cli", &[("redirect_uri", Some(near))])).await, 400);
    }
}

/// OAuth 2.0 Form Post Response Mode; OAuth 2.1 section 7.12
#[tokio::test]
async fn form_post_answers_with_a_form_that_works_without_script() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    let asked = query(&[("response_mode", Some("form_post")), ("state", Some("\"><script>alert(1)</script>"))]);
    let page = browser.authorize(&asked).await;
    let consent = browser.log_in(&page).await;
    let answer = browser.submit(&super::consent_form(&consent), "allow").await;
    assert_eq!((answer.status.as_u16(), location(&answer)), (200, None));
    let form = Form::find(&answer.body, "response").unwrap();
    assert_eq!(form.action, REDIRECT_URI);
    assert_eq!((form.field("state"), form.field("iss")), ("\"><script>alert(1)</script>", ISSUER));
    assert!(!form.field("code").is_empty());
    let csp = header(&answer, "content-security-policy").unwrap();
    assert!(csp.contains("script-src 'sha256-") && !csp.contains("form-action"), "{csp}");
    let denied = bench.browser().authorize(&query(&[("response_mode", Some("form_post")), ("prompt", Some("none"))])).await;
    assert_eq!(Form::find(&denied.body, "response").unwrap().field("error"), "login_required");
}

/// OpenID Connect Core section 3.1.2.1; OAuth 2.1 section 7.5.3: 303, never 307
#[tokio::test]
async fn a_cross_site_post_goes_on_by_get_and_is_no_false_login_required() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    browser.walk(&query(&[])).await;
    let asked = query(&[("prompt", Some("none"))]);
    // The browser sends no cookie with it, since they are SameSite=Lax.
    let posted = bench.front.handle(with_header(post("/authorize", &asked), "origin", "https://app.example")).await;
    assert_eq!((posted.status.as_u16(), posted.cookies.len()), (303, 0));
    let landed = browser.open(location(&posted).unwrap()).await;
    assert!(parameter(location(&landed).unwrap(), "code").is_some(), "{landed:?}");
}

/// RFC 9700 section 4.13: no header changes a URL
#[tokio::test]
async fn spoofed_host_headers_change_no_url() {
    let bench = Bench::start().await;
    let mut asked = get(&format!("/authorize?{}", query(&[("prompt", Some("none"))])));
    for name in ["host", "x-forwarded-host", "x-forwarded-proto", "forwarded", "x-original-host"] {
        asked = with_header(asked, name, "evil.example");
    }
    assert_told(&bench.front.handle(asked).await, "login_required");
}

/// OAuth 2.1 section 3.1: no CORS; RFC 9110 section 15.5.6
#[tokio::test]
async fn authorize_knows_no_cors_and_no_other_method() {
    let bench = Bench::start().await;
    let page = bench.front.handle(with_header(get(&format!("/authorize?{}", query(&[]))), "origin", "https://evil.example")).await;
    assert!(!page.headers.keys().any(|name| name.as_str().starts_with("access-control")));
    for (method, path, allow) in [
        (Method::OPTIONS, "/authorize", "GET, POST"),
        (Method::HEAD, "/authorize", "GET, POST"),
        (Method::DELETE, "/login/site", "GET, POST"),
        (Method::GET, "/login/password", "POST"),
        (Method::GET, "/consent", "POST"),
    ] {
        let response = bench.front.handle(request(method, path)).await;
        assert_eq!((response.status.as_u16(), header(&response, "allow")), (405, Some(allow)), "{path}");
    }
    assert_eq!(bench.front.handle(get("/elsewhere")).await.status, 404);
}

/// OAuth 2.1 sections 7.11 and 7.12
#[tokio::test]
async fn every_page_is_framed_by_nobody_cached_nowhere_and_escapes_what_it_echoes() {
    let bench = Bench::start().await;
    let nasty = "\"><script>alert(1)</script>";
    let name = json!({"client_name": nasty, "scope": "openid <b>x</b>"});
    register_client(&bench.context, "nasty", name).await;
    let asked =
        authorization_query("nasty", &[("login_hint", Some(nasty)), ("state", Some(nasty)), ("scope", None), ("ui_locales", Some(nasty))]);
    let mut browser: Browser<'_> = bench.browser();
    let login = browser.authorize(&asked).await;
    let consent = browser.log_in(&login).await;
    let error = browser.authorize(&format!("client_id={nasty}&redirect_uri={nasty}")).await;
    for page in [&login, &consent, &error] {
        // The login page has one script, our own.
        assert!(!page.body.contains("<script>alert") && !page.body.contains("<b>x"), "{}", page.body);
        assert!(page.body.matches("<script").count() <= 1, "{}", page.body);
        let csp = header(page, "content-security-policy").unwrap();
        assert!(csp.contains("default-src 'none'") && csp.contains("frame-ancestors 'none'") && !csp.contains("unsafe"), "{csp}");
        assert_eq!(header(page, "x-frame-options"), Some("DENY"));
        assert_eq!(header(page, "cache-control"), Some("no-store"));
        assert_eq!(header(page, "referrer-policy"), Some("same-origin"));
        // Dropbox of leaks: nothing beyond what is meant to be there.
        for name in page.headers.keys() {
            let allowed = ["content-type", "cache-control", "content-security-policy", "referrer-policy", "x-frame-options"];
            assert!(allowed.contains(&name.as_str()), "{name}");
        }
    }
    assert!(!header(&login, "content-security-policy").unwrap().contains("form-action"));
    assert!(!header(&consent, "content-security-policy").unwrap().contains("form-action"));
    assert!(header(&error, "content-security-policy").unwrap().contains("form-action 'none'"));
}

/// A query with bytes that no URL has is put in order, and never breaks a header or a form
#[tokio::test]
async fn hostile_bytes_in_the_query_are_handed_on_safely() {
    let bench = Bench::start().await;
    let mut browser = bench.browser();
    let asked = format!("{}&x=<\">'\u{e9} \r\nset-cookie:a=b&%zz", query(&[]));
    let login = browser.authorize(&asked).await;
    let form = super::login_form(&login).fill("username", crate::support::oauth::ALICE.username);
    let done = browser.submit(&form.fill("password", crate::support::oauth::ALICE.password), "sign-in").await;
    assert!(location(&done).unwrap().starts_with("/authorize?"));
    assert!(location(&done).unwrap().bytes().all(|b| b.is_ascii_graphic()));
    assert!(!done.headers.contains_key("set-cookie"));
    let consent = browser.open(location(&done).unwrap()).await;
    assert!(Form::find(&consent.body, "consent").is_some(), "the session answered this very request: {consent:?}");
}

/// RFC 9207: a switch for clients that choke on it
#[tokio::test]
async fn iss_is_left_out_where_the_operator_says_so() {
    let bench = Bench::with(|config| config.iss_parameter = false).await;
    let response = bench.browser().authorize(&query(&[("prompt", Some("none"))])).await;
    assert_eq!(parameter(location(&response).unwrap(), "iss"), None);
}
