//! Pushed authorization requests (RFC 9126).

use grantlet::model::client::SigningAlg;
use serde_json::json;
use tokio::task::{JoinSet, LocalSet};

use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::local::START;
use crate::support::oauth::{
    ALICE, As, CLIENT_SECRET, REDIRECT_URI, VERIFIER, assert_refused, authorization_query, claims, encode, exchange, obtain_code,
    parameter, post, push, push_form, pushed_query, token,
};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::signer::{ASSERTION_TYPE, Signer};
use crate::support::stack::ISSUER;

async fn server() -> Server {
    Server::local(json!({})).await
}

/// A page that sends nobody anywhere.
fn assert_page(reply: &Reply, status: u16) {
    assert_eq!((reply.status, reply.header("location")), (status, None), "{reply:?}");
    assert!(Form::find(&reply.body, "login").is_none() && Form::find(&reply.body, "consent").is_none());
}

mod section_2 {
    use super::*;

    /// RFC 9126 section 2.2: 201, a reference that nobody guesses, a short life, kept out of caches
    #[tokio::test]
    async fn a_pushed_request_leads_to_tokens_and_is_gone() {
        let server = server().await;
        let reply = push_form(&server, As::Basic("app"), &authorization_query("app", &[])).await;
        assert_eq!((reply.status, reply.header("cache-control")), (201, Some("no-store")));
        assert_eq!(reply.header("content-type"), Some("application/json"));
        let body = reply.json();
        assert!((60..=90).contains(&body["expires_in"].as_i64().unwrap()));
        let uri = body["request_uri"].as_str().unwrap();
        assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:") && uri.len() > 43 + 34);
        assert_eq!(server.inside().stored(), [("par".to_owned(), 1)].into());

        let landed = Person::new(&server).authorize(&pushed_query("app", &reply), ALICE).await;
        assert!(landed.starts_with(REDIRECT_URI));
        assert_eq!(parameter(&landed, "state").as_deref(), Some("state-1"));
        assert_eq!(parameter(&landed, "iss").as_deref(), Some(server.issuer()));
        assert!(!server.inside().stored().contains_key("par"), "it was spent when the code was issued");
        let tokens = exchange(&server, As::Basic("app"), &parameter(&landed, "code").unwrap()).await;
        assert_eq!(claims(&token(&tokens, "id_token"))["nonce"], "nonce-1");
    }

    /// RFC 9126 section 2.1: a public client names itself and proves nothing
    #[tokio::test]
    async fn a_public_client_may_push() {
        let server = server().await;
        let query = push(&server, As::Public("cli"), &[]).await;
        assert!(Person::new(&server).authorize(&query, ALICE).await.contains("code="));
    }

    /// RFC 9126 section 7: nobody fills the table in the name of a client that proves nothing
    #[tokio::test]
    async fn what_a_public_client_pushes_is_counted_by_client_and_network() {
        let server = server().await;
        let form = authorization_query("cli", &[]);
        for _ in 0..300 {
            assert_eq!(push_form(&server, As::Public("cli"), &form).await.status, 201);
        }
        let refused = push_form(&server, As::Public("cli"), &form).await;
        assert_refused(&refused, 429, "temporarily_unavailable");
        assert!((1..=900).contains(&refused.header("retry-after").unwrap().parse::<i64>().unwrap()));
        assert_eq!(server.inside().stored().get("par"), Some(&300));

        let elsewhere = Event::post_form("/par", &form).at_address("192.0.2.9");
        assert_eq!(server.send(&elsewhere).await.status, 201, "the same client elsewhere");
        assert_eq!(push_form(&server, As::Basic("app"), &authorization_query("app", &[])).await.status, 201, "one that proves itself");
        server.inside().clock.advance(900);
        assert_eq!(push_form(&server, As::Public("cli"), &form).await.status, 201);
    }

    /// RFC 9126 section 2.1: the client authenticates as at the token endpoint
    #[tokio::test]
    async fn a_client_that_does_not_prove_itself_pushes_nothing() {
        let server = server().await;
        let form = authorization_query("app", &[]);
        for form in [form.clone(), format!("{form}&client_secret=wrong"), authorization_query("nobody", &[])] {
            assert_refused(&push_form(&server, As::Public("app"), &form).await, 401, "invalid_client");
        }
        assert_refused(&push_form(&server, As::Basic("other"), &form).await, 400, "invalid_request");
        let in_body = format!("{form}&client_secret={CLIENT_SECRET}");
        assert_eq!(push_form(&server, As::Public("app"), &in_body).await.status, 201);
        assert_eq!(server.inside().stored().get("par"), Some(&1));
    }

    /// RFC 9126 section 2, RFC 7523 section 3: an assertion for this endpoint proves the client here, and nowhere else
    #[tokio::test]
    async fn an_assertion_may_be_for_the_endpoint_that_is_asked_and_for_no_other() {
        let server = server().await;
        let signer = Signer::new("signer", ISSUER, START);
        server.inside().register("signer", json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": signer.jwks()})).await;
        let request = authorization_query("signer", &[]);
        let code = obtain_code(&server, "signer").await;
        let redemption =
            encode(&[("grant_type", "authorization_code"), ("code", &code), ("code_verifier", VERIFIER), ("redirect_uri", REDIRECT_URI)]);
        let send = async |path: &str, form: &str, audience: &str| {
            let assertion = signer.assertion(SigningAlg::ES256, &json!({ "aud": audience }));
            let proof = encode(&[("client_assertion_type", ASSERTION_TYPE), ("client_assertion", &assertion)]);
            server.send(&Event::post_form(path, &format!("{form}&{proof}"))).await
        };
        let (here, elsewhere) = (format!("{ISSUER}/par"), format!("{ISSUER}/introspect"));
        assert_eq!(send("/par", &request, &here).await.status, 201);
        assert_refused(&send("/par", &request, &elsewhere).await, 401, "invalid_client");
        assert_refused(&send("/token", &redemption, &here).await, 401, "invalid_client");
        token(&send("/token", &redemption, ISSUER).await, "access_token");
        assert_eq!(server.inside().stored().get("par"), Some(&1));
    }

    /// OAuth 2.1 section 8.4.2: the port of a loopback address is free, and nothing else is
    #[tokio::test]
    async fn a_loopback_redirect_uri_that_differs_in_more_than_the_port_is_refused() {
        let server = server().await;
        let metadata = json!({"token_endpoint_auth_method": "none", "redirect_uris": ["http://127.0.0.1/cb"]});
        server.inside().register("program", metadata).await;
        let ask = async |uri: &str| {
            let form = authorization_query("program", &[("redirect_uri", Some(uri))]);
            push_form(&server, As::Public("program"), &form).await
        };
        for near in ["http://127.0.0.1:5/other", "http://127.0.0.1:5@evil.example/cb"] {
            assert_refused(&ask(near).await, 400, "invalid_request");
        }
        assert_eq!(ask("http://127.0.0.1:5/cb").await.status, 201);
    }

    /// RFC 9126 section 2.3: what the authorization endpoint would refuse is refused here, with the same codes
    #[tokio::test]
    async fn a_request_with_anything_wrong_is_refused_and_nothing_is_stored() {
        let server = server().await;
        server.inside().register("service", json!({"grant_types": ["client_credentials"]})).await;
        server.inside().register("two", json!({"redirect_uris": [REDIRECT_URI, "https://app.example/2"]})).await;
        let (long_state, long_nonce) = ("s".repeat(1_025), "n".repeat(513));
        for (changes, error) in [
            (vec![("response_type", None)], "invalid_request"),
            (vec![("response_type", Some("token"))], "unsupported_response_type"),
            (vec![("response_mode", Some("fragment"))], "invalid_request"),
            (vec![("redirect_uri", Some("https://evil.example/callback"))], "invalid_request"),
            (vec![("redirect_uri", Some("https://app.example/callback/"))], "invalid_request"),
            (vec![("scope", Some("admin"))], "invalid_scope"),
            (vec![("scope", Some("a\"b"))], "invalid_scope"),
            (vec![("code_challenge", None), ("code_challenge_method", None)], "invalid_request"),
            (vec![("code_challenge_method", Some("plain"))], "invalid_request"),
            (vec![("code_challenge", Some("short"))], "invalid_request"),
            (vec![("registration", Some("{}"))], "registration_not_supported"),
            (vec![("resource", Some("https://foreign.example"))], "invalid_target"),
            (vec![("resource", Some("no uri"))], "invalid_request"),
            (vec![("prompt", Some("none login"))], "invalid_request"),
            (vec![("max_age", Some("-1"))], "invalid_request"),
            (vec![("state", Some(&long_state))], "invalid_request"),
            (vec![("nonce", Some(&long_nonce))], "invalid_request"),
            (vec![("request_uri", Some("urn:ietf:params:oauth:request_uri:x"))], "invalid_request"),
            (vec![("request_uri", Some("https://app.example/request"))], "invalid_request"),
            (vec![("request", Some("a.b.c"))], "invalid_request_object"),
        ] {
            let reply = push_form(&server, As::Basic("app"), &authorization_query("app", &changes)).await;
            assert_refused(&reply, 400, error);
        }
        let twice = format!("{}&scope=email", authorization_query("app", &[]));
        assert_refused(&push_form(&server, As::Basic("app"), &twice).await, 400, "invalid_request");
        let nowhere = authorization_query("two", &[("redirect_uri", None)]);
        assert_refused(&push_form(&server, As::Basic("two"), &nowhere).await, 400, "invalid_request");
        let reply = push_form(&server, As::Basic("service"), &authorization_query("service", &[])).await;
        assert_refused(&reply, 400, "unauthorized_client");
        assert!(server.inside().stored().is_empty());
    }

    /// RFC 9126 section 2.3: 405 for other methods, 413 for more than is read
    #[tokio::test]
    async fn only_a_form_of_a_bounded_size_is_read() {
        let server = server().await;
        let get = server.send(&Event::get("/par")).await;
        assert_eq!((get.status, get.header("allow")), (405, Some("POST")));
        let json = server.send(&Event::new("POST", "/par").header("content-type", "application/json").body(b"{}")).await;
        assert_refused(&json, 400, "invalid_request");
        let hint = "h".repeat(17_000);
        let reply = push_form(&server, As::Basic("app"), &authorization_query("app", &[("login_hint", Some(&hint))])).await;
        assert_refused(&reply, 413, "invalid_request");
        // What grows when it is encoded again counts as it would be kept.
        let growing = format!("{}&login_hint={}", authorization_query("app", &[]), "(".repeat(8_000));
        assert_refused(&push_form(&server, As::Basic("app"), &growing).await, 400, "invalid_request");
        assert!(server.inside().stored().is_empty());
    }

    /// RFC 9126 section 1: a request may be longer than any URL
    #[tokio::test]
    async fn a_request_that_is_too_long_for_a_url_may_be_pushed() {
        let server = server().await;
        let long = "x".repeat(10_000);
        let changes = [("custom", Some(long.as_str()))];
        let direct = Person::new(&server).open(&format!("/authorize?{}", authorization_query("app", &changes))).await;
        assert_page(&direct, 400);
        let query = push(&server, As::Basic("app"), &changes).await;
        assert!(Person::new(&server).authorize(&query, ALICE).await.contains("code="));
    }
}

mod section_4 {
    use super::*;

    /// RFC 9126 section 4, RFC 9101 section 6.3: nothing beside `client_id` and `request_uri` counts
    #[tokio::test]
    async fn parameters_beside_the_reference_are_ignored() {
        let server = server().await;
        let query = push(&server, As::Basic("app"), &[("scope", Some("openid"))]).await;
        let further =
            [("scope", "openid email"), ("state", "evil"), ("redirect_uri", "https://evil.example"), ("prompt", "none"), ("nonce", "evil")];
        let landed = Person::new(&server).authorize(&format!("{query}&{}", encode(&further)), ALICE).await;
        assert!(landed.starts_with(REDIRECT_URI));
        assert_eq!(parameter(&landed, "state").as_deref(), Some("state-1"));
        let tokens = exchange(&server, As::Basic("app"), &parameter(&landed, "code").unwrap()).await;
        assert_eq!(tokens.json()["scope"], "openid");
        assert_eq!(claims(&token(&tokens, "id_token"))["nonce"], "nonce-1");
    }

    /// RFC 9126 section 4: of its own client, whole, and in time
    #[tokio::test]
    async fn a_reference_that_is_foreign_incomplete_made_up_or_late_is_a_page() {
        let server = server().await;
        let query = push(&server, As::Basic("app"), &[]).await;
        let uri = parameter(&format!("https://x.example?{query}"), "request_uri").unwrap();
        let open = |id: &'static str, uri: String| {
            let (server, query) = (&server, encode(&[("client_id", id), ("request_uri", &uri)]));
            async move { Person::new(server).open(&format!("/authorize?{query}")).await }
        };
        assert_page(&open("other", uri.clone()).await, 400);
        let (id, secret) = uri.rsplit_once('.').unwrap();
        for wrong in [id.to_owned(), format!("{id}."), format!("{id}.{}", "A".repeat(43)), format!("{uri}A"), uri.to_lowercase()] {
            assert_page(&open("app", wrong).await, 400);
        }
        let other_id = "urn:ietf:params:oauth:request_uri:01ARZ3NDEKTSV4RRFFQ69G5FAV";
        assert_page(&open("app", format!("{other_id}.{secret}")).await, 400);
        for end in ("urn:ietf:params:oauth:request_uri:".len()..uri.len()).step_by(7) {
            assert_page(&open("app", uri[..end].to_owned()).await, 400);
        }
        assert_page(&Person::new(&server).open(&format!("/authorize?{}", encode(&[("request_uri", &uri)]))).await, 400);
        assert_page(&Person::new(&server).open(&format!("/authorize?{query}&request=a.b.c&redirect_uri=x")).await, 400);
        server.inside().clock.advance(90);
        assert_page(&open("app", uri).await, 400);
        assert!(!server.inside().stored().contains_key("code"));
    }

    /// The first browser keeps it: whoever sees the reference can't present it elsewhere
    #[tokio::test]
    async fn a_request_belongs_to_the_browser_that_presents_it_first() {
        let server = server().await;
        let query = push(&server, As::Basic("app"), &[("prompt", Some("consent"))]).await;
        let path = format!("/authorize?{query}");
        let (mut first, mut second) = (Person::new(&server), Person::new(&server));
        let shown = first.open(&path).await;
        assert!(Form::find(&shown.body, "login").is_some());
        let cookie = shown.cookies.iter().find(|cookie| cookie.starts_with("__Host-grantlet-pushed=")).unwrap();
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("Secure") && cookie.contains("SameSite=Lax") && cookie.contains("Max-Age=600")
        );
        assert_page(&second.open(&path).await, 403);
        // Not even one that is logged in, with a request of its own.
        second.authorize(&push(&server, As::Basic("app"), &[]).await, ALICE).await;
        assert_page(&second.open(&path).await, 403);
        let consent = Form::find(&first_consent(&mut first, &path).await.body, "consent").unwrap();
        assert_page(&second.submit(&consent, "allow").await, 403);
        let landed = first.submit(&consent, "allow").await;
        assert!(landed.header("location").unwrap().contains("code="));
    }

    /// Logs in, and answers with the consent page.
    async fn first_consent(person: &mut Person<'_>, path: &str) -> Reply {
        let login = Form::find(&person.open(path).await.body, "login").unwrap();
        let back = person.submit(&login.fill("username", ALICE.username).fill("password", ALICE.password), "sign-in").await;
        person.open(back.header("location").unwrap()).await
    }

    /// People have ten minutes from the moment at which their browser came
    #[tokio::test]
    async fn once_presented_a_request_lives_for_ten_minutes() {
        for (waits, status) in [(599, 303), (600, 400)] {
            let server = server().await;
            let query = push(&server, As::Basic("app"), &[]).await;
            server.inside().clock.advance(89);
            let mut person = Person::new(&server);
            let consent = Form::find(&first_consent(&mut person, &format!("/authorize?{query}")).await.body, "consent").unwrap();
            server.inside().clock.advance(waits);
            let answer = person.submit(&consent, "allow").await;
            assert_eq!(answer.status, status, "{answer:?}");
            assert_eq!(server.inside().stored().contains_key("code"), status == 303);
        }
    }

    /// RFC 9126 section 4: good for one code, whoever races
    #[tokio::test]
    async fn of_twenty_parallel_consents_exactly_one_gets_a_code() {
        // Tasks run for as long as they like: it lives until the process ends.
        let server: &'static Server = Box::leak(Box::new(server().await));
        let query = push(server, As::Basic("app"), &[]).await;
        let mut person = Person::new(server);
        let consent = Form::find(&first_consent(&mut person, &format!("/authorize?{query}")).await.body, "consent").unwrap();
        let mut consents = JoinSet::new();
        let tasks = LocalSet::new();
        for _ in 0..20 {
            let (mut person, consent) = (person.clone(), consent.clone());
            consents.spawn_local_on(async move { person.submit(&consent, "allow").await }, &tasks);
        }
        let replies = tasks.run_until(consents.join_all()).await;
        let (won, lost): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 303);
        assert_eq!(won.len(), 1);
        assert!(won[0].header("location").unwrap().contains("code="));
        for reply in lost {
            assert_page(reply, 400);
        }
        let stored = server.inside().stored();
        assert_eq!((stored.get("code"), stored.get("grant"), stored.get("par")), (Some(&1), Some(&1), None));
        // Without consent to ask for, the same.
        let query = push(server, As::Basic("app"), &[]).await;
        let landed = person.authorize(&query, ALICE).await;
        assert!(landed.contains("code="));
        assert_page(&person.open(&format!("/authorize?{query}")).await, 400);
    }

    /// RFC 9126 section 4: the request is checked again as any other; what changed since counts
    #[tokio::test]
    async fn a_redirect_uri_that_was_taken_away_is_not_redirected_to() {
        let server = server().await;
        let query = push(&server, As::Basic("app"), &[]).await;
        let local = server.inside();
        let id = grantlet::model::client::ClientId::parse("app").unwrap();
        let mut stored = local.context.store.find_client(&id).await.unwrap().unwrap();
        stored.client.redirect_uris = vec!["https://app.example/new".to_owned()];
        assert!(local.context.store.replace_client(&stored).await.unwrap());
        local.clock.advance(61);
        assert_page(&Person::new(&server).open(&format!("/authorize?{query}")).await, 400);
    }

    /// OpenID Connect Core section 3.1.2.1: prompts mean what they mean in any request
    #[tokio::test]
    async fn prompts_and_denials_are_answered_as_for_plain_requests() {
        let server = server().await;
        let mut person = Person::new(&server);
        let none = push(&server, As::Basic("app"), &[("prompt", Some("none"))]).await;
        let told = person.open(&format!("/authorize?{none}")).await;
        let location = told.header("location").unwrap();
        assert_eq!(parameter(location, "error").as_deref(), Some("login_required"));
        assert_eq!(parameter(location, "state").as_deref(), Some("state-1"));

        let query = push(&server, As::Basic("app"), &[("prompt", Some("login"))]).await;
        assert!(person.authorize(&query, ALICE).await.contains("code="), "a login is asked for once");
        let query = push(&server, As::Basic("app"), &[("prompt", Some("login"))]).await;
        assert!(Form::find(&person.open(&format!("/authorize?{query}")).await.body, "login").is_some(), "another request, another login");

        let query = push(&server, As::Basic("app"), &[("prompt", Some("consent"))]).await;
        let consent = Form::find(&person.open(&format!("/authorize?{query}")).await.body, "consent").unwrap();
        let denied = person.submit(&consent, "deny").await;
        assert_eq!(parameter(denied.header("location").unwrap(), "error").as_deref(), Some("access_denied"));
    }

    /// A client's cross-site POST comes without cookies, and goes on by GET
    #[tokio::test]
    async fn a_reference_may_come_by_post() {
        let server = server().await;
        let query = push(&server, As::Basic("app"), &[]).await;
        let posted = server.send(&Event::post_form("/authorize", &query).header("origin", "https://app.example")).await;
        assert_eq!((posted.status, posted.cookies.len()), (303, 0));
        let query = posted.header("location").unwrap().strip_prefix("/authorize?").unwrap().to_owned();
        assert!(Person::new(&server).authorize(&query, ALICE).await.contains("code="));
    }

    /// What the site's login sees of a pushed request is its reference
    #[tokio::test]
    async fn the_site_s_login_gets_the_reference_and_nothing_of_the_request() {
        let server = Server::local_with(json!({}), |config| {
            config.password_login = false;
            let url = "https://site.example/login".parse().unwrap();
            config.site_login = Some(grantlet::model::settings::SiteLogin::new(url, "https://site.example"));
        })
        .await;
        let query = push(&server, As::Basic("app"), &[]).await;
        let sent = Person::new(&server).open(&format!("/authorize?{query}")).await;
        let location = sent.header("location").unwrap();
        assert!(location.starts_with("https://site.example/login?"));
        assert_eq!(parameter(location, "state").unwrap(), format!("/authorize?{query}"));
    }
}

mod section_5 {
    use super::*;

    async fn told(server: &Server, id: &str) -> (Option<String>, Option<String>) {
        let reply = Person::new(server).open(&format!("/authorize?{}", authorization_query(id, &[]))).await;
        let location = reply.header("location").unwrap_or_default().to_owned();
        if location.is_empty() { (None, None) } else { (parameter(&location, "error"), parameter(&location, "state")) }
    }

    /// RFC 9126 sections 5 and 6: for all clients, or for one
    #[tokio::test]
    async fn a_request_that_must_be_pushed_is_refused_when_it_is_not() {
        let refused = (Some("invalid_request".to_owned()), Some("state-1".to_owned()));
        for (settings, metadata) in [
            (json!({"authorization": {"require_pushed_requests": true}}), json!({})),
            (json!({}), json!({"require_pushed_authorization_requests": true})),
        ] {
            let is_for_all = settings != json!({});
            let server = Server::local(settings).await;
            server.inside().register("pusher", metadata).await;
            assert_eq!(told(&server, "pusher").await, refused);
            assert_eq!(told(&server, "app").await, if is_for_all { refused.clone() } else { (None, None) });
            let query = push(&server, As::Basic("pusher"), &[]).await;
            assert!(Person::new(&server).authorize(&query, ALICE).await.contains("code="));
            let advertised = server.send(&Event::get("/.well-known/oauth-authorization-server")).await.json();
            assert_eq!(advertised["require_pushed_authorization_requests"], is_for_all);
            assert_eq!(advertised["pushed_authorization_request_endpoint"], format!("{}/par", server.issuer()));
        }
    }

    /// RFC 9126 section 7.1: a reference is nothing but a reference
    #[tokio::test]
    async fn no_other_endpoint_takes_a_reference_for_a_token() {
        let server = server().await;
        let query = push(&server, As::Basic("app"), &[]).await;
        let uri = parameter(&format!("https://x.example?{query}"), "request_uri").unwrap();
        let short = uri.rsplit_once(':').unwrap().1;
        for text in [uri.as_str(), short] {
            assert_refused(&exchange(&server, As::Basic("app"), text).await, 400, "invalid_grant");
            let form = [("grant_type", "refresh_token"), ("refresh_token", text)];
            assert_refused(&post(&server, "/token", As::Basic("app"), &form).await, 400, "invalid_grant");
            assert_eq!(crate::support::oauth::userinfo(&server, text).await.status, 401);
            assert_eq!(post(&server, "/revoke", As::Basic("app"), &[("token", text)]).await.status, 200);
        }
        assert_eq!(server.inside().clock.time().0, START);
        assert!(Person::new(&server).authorize(&query, ALICE).await.contains("code="), "and it is as good as before");
    }
}
