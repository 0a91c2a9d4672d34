//! Every artefact at every place that takes another, and every proper prefix of each at its own: nothing of one kind is ever taken for another, nothing
//! that was cut short counts, and whoever tries burns nothing (Keycloak CVE-2026-4282, Zitadel CVE-2026-27840).

use std::collections::BTreeMap;

use grantlet::jose::signing::{SigningKey, SigningKeys};
use grantlet::model::client::SigningAlg;
use grantlet::model::code::CodeToken;
use serde_json::{Value, json};

use crate::support::dpop::ProofKey;
use crate::support::event::Event;
use crate::support::local::START;
use crate::support::oauth::{
    ALICE, As, CLIENT_SECRET, REDIRECT_URI, VERIFIER, authorization_query, encode, exchange, obtain_code, parameter, post, request, token,
};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::stack::ISSUER;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ASSERTION: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// What is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Artefact {
    Code,
    RefreshToken,
    AccessToken,
    IdToken,
    RequestUri,
    DeviceCode,
    RegistrationToken,
    ClientAssertion,
    GrantAssertion,
    RequestObject,
    DpopProof,
    Session,
}

/// Where something is presented.
#[derive(Clone, Copy, Debug)]
enum Place {
    Code,
    RefreshToken,
    DeviceCode,
    SubjectToken,
    GrantAssertion,
    ClientAssertion,
    Userinfo,
    Introspection,
    RequestUri,
    RequestObject,
    RegistrationToken,
    DpopProof,
    Session,
    LogoutHint,
    LoginHint,
}

const PLACES: [Place; 15] = [
    Place::Code,
    Place::RefreshToken,
    Place::DeviceCode,
    Place::SubjectToken,
    Place::GrantAssertion,
    Place::ClientAssertion,
    Place::Userinfo,
    Place::Introspection,
    Place::RequestUri,
    Place::RequestObject,
    Place::RegistrationToken,
    Place::DpopProof,
    Place::Session,
    Place::LogoutHint,
    Place::LoginHint,
];

impl Place {
    /// What is taken there.
    fn takes(self) -> &'static [Artefact] {
        match self {
            Self::Code => &[Artefact::Code],
            Self::RefreshToken => &[Artefact::RefreshToken],
            Self::DeviceCode => &[Artefact::DeviceCode],
            Self::SubjectToken | Self::Userinfo => &[Artefact::AccessToken],
            Self::GrantAssertion => &[Artefact::GrantAssertion],
            Self::ClientAssertion => &[Artefact::ClientAssertion],
            Self::Introspection => &[Artefact::AccessToken, Artefact::RefreshToken],
            Self::RequestUri => &[Artefact::RequestUri],
            Self::RequestObject => &[Artefact::RequestObject],
            Self::RegistrationToken => &[Artefact::RegistrationToken],
            Self::Session => &[Artefact::Session],
            Self::DpopProof => &[Artefact::DpopProof],
            Self::LogoutHint | Self::LoginHint => &[Artefact::IdToken],
        }
    }
}

/// A server with everything that takes or hands out something.
struct Bench {
    server: Server,
    keys: SigningKeys,
    registered: String,
}

impl Bench {
    async fn start() -> Self {
        let keys = SigningKeys::generate("client").unwrap().0;
        let jwks = json!({"keys": keys.keys.iter().map(SigningKey::public_jwk).collect::<Vec<_>>()});
        let settings = json!({
            "registration": {"mode": "open"},
            "assertion_issuers": [
                {"issuer": "https://partner.example", "jwks": jwks, "subject": "username", "clients": ["app"], "scopes": ["profile"]},
            ],
        });
        let server = Server::local(settings).await;
        let local = server.inside();
        let signer = json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": jwks, "grant_types": ["client_credentials", "authorization_code"]});
        local.register("signer", signer).await;
        let id = grantlet::model::client::ClientId::parse("app").unwrap();
        let mut app = local.context.store.find_client(&id).await.unwrap().unwrap();
        app.client.grant_types = grantlet::model::client::GrantType::ALL.to_vec();
        assert!(local.context.store.replace_client(&app).await.unwrap());
        Self { server, keys, registered: String::new() }
    }

    fn sign(&self, typ: &str, claims: &Value) -> String {
        self.keys.find(SigningAlg::ES256).unwrap().sign(typ, claims).unwrap().expose().to_owned()
    }

    /// One of each, fresh.
    async fn artefacts(&mut self) -> BTreeMap<Artefact, String> {
        let server = &self.server;
        let tokens = exchange(server, As::Basic("app"), &obtain_code(server, "app").await).await;
        let parameters = pairs(&authorization_query("app", &[]));
        let parameters: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let pushed = post(server, "/par", As::Basic("app"), &parameters).await;
        let device = post(server, "/device_authorization", As::Basic("app"), &[("scope", "profile")]).await;
        assert_eq!((pushed.status, device.status), (201, 200), "{pushed:?} {device:?}");
        let metadata = json!({"redirect_uris": [REDIRECT_URI]}).to_string();
        let event = Event::new("POST", "/register").header("content-type", "application/json").body(metadata.as_bytes());
        let registered = server.send(&event).await;
        assert_eq!(registered.status, 201, "{registered:?}");
        registered.json()["client_id"].as_str().unwrap().clone_into(&mut self.registered);
        let mut person = Person::new(&self.server);
        person.authorize(&authorization_query("app", &[]), ALICE).await;
        let client = json!({"iss": "signer", "sub": "signer", "aud": ISSUER, "exp": START + 300, "jti": "of-the-client"});
        let grant = json!({"iss": "https://partner.example", "sub": "alice", "aud": ISSUER, "iat": START, "exp": START + 300, "jti": "of-the-partner"});
        let request = json!({
            "iss": "signer", "aud": ISSUER, "client_id": "signer", "response_type": "code", "redirect_uri": REDIRECT_URI, "scope": "openid",
            "code_challenge": crate::support::oauth::CHALLENGE, "code_challenge_method": "S256", "state": "s", "nbf": START, "exp": START + 300,
        });
        let member = |reply: &Reply, name: &str| reply.json()[name].as_str().unwrap_or_else(|| panic!("no {name} in {reply:?}")).to_owned();
        BTreeMap::from([
            (Artefact::Code, obtain_code(&self.server, "app").await),
            (Artefact::RefreshToken, token(&tokens, "refresh_token")),
            (Artefact::AccessToken, token(&tokens, "access_token")),
            (Artefact::IdToken, token(&tokens, "id_token")),
            (Artefact::RequestUri, member(&pushed, "request_uri")),
            (Artefact::DeviceCode, member(&device, "device_code")),
            (Artefact::RegistrationToken, member(&registered, "registration_access_token")),
            (Artefact::ClientAssertion, self.sign("JWT", &client)),
            (Artefact::GrantAssertion, self.sign("JWT", &grant)),
            (Artefact::RequestObject, self.sign("oauth-authz-req+jwt", &request)),
            (Artefact::DpopProof, ProofKey::new().token_proof(&self.server).sign()),
            (Artefact::Session, person.cookies["__Host-grantlet-session"].clone()),
        ])
    }

    /// Presents `text`, and answers whether it was taken for what belongs there. A device code that waits for its person was.
    async fn is_taken(&self, place: Place, text: &str) -> bool {
        let server = &self.server;
        let app = As::Basic("app");
        let succeeds = |reply: &Reply| reply.status == 200;
        match place {
            Place::Code => succeeds(&exchange(server, app, text).await),
            Place::RefreshToken => {
                succeeds(&post(server, "/token", app, &[("grant_type", "refresh_token"), ("refresh_token", text)]).await)
            }
            Place::DeviceCode => {
                let reply = post(server, "/token", app, &[("grant_type", DEVICE), ("device_code", text)]).await;
                ["authorization_pending", "slow_down"].contains(&reply.json()["error"].as_str().unwrap_or_default())
            }
            Place::SubjectToken => {
                let form = [("grant_type", EXCHANGE), ("subject_token", text), ("subject_token_type", ACCESS_TOKEN)];
                succeeds(&post(server, "/token", app, &form).await)
            }
            Place::GrantAssertion => {
                succeeds(&post(server, "/token", app, &[("grant_type", ASSERTION), ("assertion", text), ("scope", "profile")]).await)
            }
            Place::ClientAssertion => {
                // Whoever is known is told what is wrong with the code.
                let form = [
                    ("grant_type", "authorization_code"),
                    ("code", "none"),
                    ("code_verifier", VERIFIER),
                    ("client_assertion_type", JWT_BEARER),
                    ("client_assertion", text),
                ];
                server.send(&Event::post_form("/token", &encode(&form))).await.json()["error"] == "invalid_grant"
            }
            Place::Userinfo => succeeds(&server.send(&Event::get("/userinfo").header("authorization", &format!("Bearer {text}"))).await),
            Place::Introspection => post(server, "/introspect", app, &[("token", text)]).await.json()["active"] == true,
            Place::RequestUri => {
                let query = encode(&[("client_id", "app"), ("request_uri", text)]);
                is_asked_to_log_in(&Person::new(server).open(&format!("/authorize?{query}")).await)
            }
            Place::RequestObject => {
                let query = encode(&[("client_id", "signer"), ("request", text)]);
                is_asked_to_log_in(&Person::new(server).open(&format!("/authorize?{query}")).await)
            }
            Place::RegistrationToken => {
                let path = format!("/register?{}", encode(&[("client_id", &self.registered)]));
                succeeds(&server.send(&Event::get(&path).header("authorization", &format!("Bearer {text}"))).await)
            }
            Place::Session => {
                let mut person = Person::new(server);
                person.cookies.insert("__Host-grantlet-session".to_owned(), text.to_owned());
                let query = authorization_query("app", &[("prompt", Some("none"))]);
                let reply = person.open(&format!("/authorize?{query}")).await;
                reply.header("location").is_some_and(|location| parameter(location, "code").is_some())
            }
            Place::DpopProof => {
                // Whoever proves a key is told what is wrong with the code.
                let none = CodeToken::new(server.inside().context.ulid(), &[7; 32]).render();
                let form = [("grant_type", "authorization_code"), ("code", none.expose()), ("code_verifier", VERIFIER)];
                let asked = request("/token", app, &form).header("dpop", text);
                server.send(&asked).await.json()["error"] == "invalid_grant"
            }
            Place::LoginHint => {
                let query = authorization_query("app", &[("id_token_hint", Some(text))]);
                is_asked_to_log_in(&Person::new(server).open(&format!("/authorize?{query}")).await)
            }
            Place::LogoutHint => {
                let query = encode(&[("id_token_hint", text)]);
                Person::new(server).open(&format!("/logout?{query}")).await.status < 400
            }
        }
    }
}

fn is_asked_to_log_in(reply: &Reply) -> bool {
    reply.status == 200 && reply.body.contains("id=\"login\"")
}

/// The parameters of an encoded query.
fn pairs(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// The order in which artefacts are used at the end: what ends others comes last.
const IN_ORDER: [(Artefact, Place); 14] = [
    (Artefact::DpopProof, Place::DpopProof),
    (Artefact::IdToken, Place::LoginHint),
    (Artefact::Session, Place::Session),
    (Artefact::AccessToken, Place::Userinfo),
    (Artefact::AccessToken, Place::SubjectToken),
    (Artefact::AccessToken, Place::Introspection),
    (Artefact::RequestUri, Place::RequestUri),
    (Artefact::RequestObject, Place::RequestObject),
    (Artefact::RegistrationToken, Place::RegistrationToken),
    (Artefact::DeviceCode, Place::DeviceCode),
    (Artefact::GrantAssertion, Place::GrantAssertion),
    (Artefact::ClientAssertion, Place::ClientAssertion),
    (Artefact::RefreshToken, Place::RefreshToken),
    (Artefact::Code, Place::Code),
];

/// Keycloak CVE-2026-4282, RFC 8725 section 3.12: each artefact at each place that takes another
#[tokio::test]
async fn no_artefact_is_taken_for_another_and_trying_burns_none() {
    let mut bench = Bench::start().await;
    let artefacts = bench.artefacts().await;
    for (artefact, text) in &artefacts {
        for place in PLACES.into_iter().filter(|place| !place.takes().contains(artefact)) {
            assert!(!bench.is_taken(place, text).await, "{artefact:?} was taken at {place:?}");
        }
        // Nobody may end what is another client's, or no token at all: the answer is always the same, and nothing happens.
        if !matches!(artefact, Artefact::AccessToken | Artefact::RefreshToken) {
            assert_eq!(post(&bench.server, "/revoke", As::Basic("app"), &[("token", text)]).await.status, 200, "{artefact:?}");
        }
        assert_eq!(post(&bench.server, "/revoke", As::Basic("other"), &[("token", text)]).await.status, 200, "{artefact:?}");
    }
    for (artefact, place) in IN_ORDER {
        assert!(bench.is_taken(place, &artefacts[&artefact]).await, "{artefact:?} is of no use at {place:?}");
    }
    assert!(bench.is_taken(Place::LogoutHint, &artefacts[&Artefact::IdToken]).await);
}

/// Zitadel CVE-2026-27840: each proper prefix of each artefact at its own place
#[tokio::test]
async fn no_proper_prefix_of_an_artefact_counts_and_trying_burns_none() {
    let mut bench = Bench::start().await;
    let artefacts = bench.artefacts().await;
    for (artefact, place) in IN_ORDER.into_iter().chain([(Artefact::IdToken, Place::LogoutHint)]) {
        let text = &artefacts[&artefact];
        assert!(text.is_ascii());
        // Long JWTs differ in nothing that one prefix in seven would miss; the last characters are all tried.
        for end in (1..text.len()).filter(|end| text.len() < 200 || end % 7 == 0 || text.len() - end < 12) {
            assert!(
                !bench.is_taken(place, &text[..end]).await,
                "{end} of {} characters of {artefact:?} were taken at {place:?}",
                text.len()
            );
        }
    }
    for (artefact, place) in IN_ORDER {
        assert!(bench.is_taken(place, &artefacts[&artefact]).await, "{artefact:?} is of no use at {place:?}");
    }
    let secret =
        Event::post_form("/token", &encode(&[("grant_type", "refresh_token"), ("client_id", "app"), ("client_secret", CLIENT_SECRET)]));
    for end in 1..CLIENT_SECRET.len() {
        let form = [("grant_type", "refresh_token"), ("client_id", "app"), ("client_secret", &CLIENT_SECRET[..end])];
        let reply = bench.server.send(&Event::post_form("/token", &encode(&form)).at_address(&format!("192.0.2.{}", end % 20))).await;
        assert_eq!(reply.json()["error"], "invalid_client");
    }
    assert_eq!(bench.server.send(&secret).await.json()["error"], "invalid_request");
}
