//! Every artefact at every place that takes another, and every proper prefix of each at its own: nothing of one kind is ever taken for another, nothing
//! that was cut short counts, each refusal is the one that is registered for its place, and whoever tries burns nothing (Keycloak CVE-2026-4282, Zitadel
//! CVE-2026-27840).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use grantlet::jose::signing::{SigningKey, SigningKeys};
use grantlet::model::client::SigningAlg;
use grantlet::model::code::CodeToken;
use grantlet::model::pushed;
use grantlet::model::secret::Secret;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::passwords::{last_mail, mailed_link};
use crate::support::dpop::ProofKey;
use crate::support::event::Event;
use crate::support::forms::Form;
use crate::support::local::START;
use crate::support::oauth::{
    ALICE, As, CLIENT_SECRET, REDIRECT_URI, VERIFIER, assert_refused, authorization_query, encode, exchange, obtain_code, parameter, post,
    request, token,
};
use crate::support::person::Person;
use crate::support::server::{Reply, Server};
use crate::support::site::{SECRET, SITE, connect, login_jwt, way_back};
use crate::support::stack::ISSUER;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ASSERTION: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const INITIAL_TOKEN: &str = "an-initial-access-token-that-the-operator-made";

/// What is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Artefact {
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
    DpopNonce,
    InitialToken,
    SoftwareStatement,
    Session,
    SiteLogin,
    SiteLogout,
    SignUpLink,
    EmailLink,
    ResetLink,
    UserCode,
}

/// Where something is presented.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Code,
    RefreshToken,
    DeviceCode,
    SubjectToken,
    ActorToken,
    GrantAssertion,
    ClientAssertion,
    Userinfo,
    Introspection,
    RequestUri,
    RequestObject,
    RegistrationToken,
    DpopProof,
    DpopNonce,
    InitialToken,
    SoftwareStatement,
    Session,
    LogoutHint,
    LoginHint,
    SiteLogin,
    SiteLogout,
    Verification,
    Reset,
    UserCode,
}

const PLACES: [Place; 24] = [
    Place::Code,
    Place::RefreshToken,
    Place::DeviceCode,
    Place::SubjectToken,
    Place::ActorToken,
    Place::GrantAssertion,
    Place::ClientAssertion,
    Place::Userinfo,
    Place::Introspection,
    Place::RequestUri,
    Place::RequestObject,
    Place::RegistrationToken,
    Place::DpopProof,
    Place::DpopNonce,
    Place::InitialToken,
    Place::SoftwareStatement,
    Place::Session,
    Place::LogoutHint,
    Place::LoginHint,
    Place::SiteLogin,
    Place::SiteLogout,
    Place::Verification,
    Place::Reset,
    Place::UserCode,
];

impl Place {
    /// What is taken there.
    fn takes(self) -> &'static [Artefact] {
        match self {
            Self::Code => &[Artefact::Code],
            Self::RefreshToken => &[Artefact::RefreshToken],
            Self::DeviceCode => &[Artefact::DeviceCode],
            Self::SubjectToken | Self::ActorToken | Self::Userinfo => &[Artefact::AccessToken],
            Self::GrantAssertion => &[Artefact::GrantAssertion],
            Self::ClientAssertion => &[Artefact::ClientAssertion],
            Self::Introspection => &[Artefact::AccessToken, Artefact::RefreshToken],
            Self::RequestUri => &[Artefact::RequestUri],
            Self::RequestObject => &[Artefact::RequestObject],
            Self::RegistrationToken => &[Artefact::RegistrationToken],
            Self::Session => &[Artefact::Session],
            Self::DpopProof => &[Artefact::DpopProof],
            Self::DpopNonce => &[Artefact::DpopNonce],
            Self::InitialToken => &[Artefact::InitialToken],
            Self::SoftwareStatement => &[Artefact::SoftwareStatement],
            Self::LogoutHint | Self::LoginHint => &[Artefact::IdToken],
            Self::SiteLogin => &[Artefact::SiteLogin],
            Self::SiteLogout => &[Artefact::SiteLogout],
            Self::Verification => &[Artefact::SignUpLink, Artefact::EmailLink],
            Self::Reset => &[Artefact::ResetLink],
            Self::UserCode => &[Artefact::UserCode],
        }
    }
}

/// A server with everything that takes or hands out something.
pub(crate) struct Bench {
    pub(crate) server: Server,
    /// The keys of everybody whose JWTs are taken.
    pub(crate) keys: SigningKeys,
    proof_key: ProofKey,
    registered: String,
    /// A token that may be exchanged, whoever acts.
    subject_token: String,
    /// What a browser keeps that was sent to the site, and what the site has to send back with it.
    at_site: (BTreeMap<String, String>, String),
}

impl Bench {
    pub(crate) async fn start() -> Self {
        Self::trusting(None).await
    }

    /// The same, where one more key counts for everybody whose JWTs are taken.
    pub(crate) async fn trusting(further: Option<&Value>) -> Self {
        let keys = SigningKeys::generate("client").unwrap().0;
        let jwks = json!({"keys": keys.keys.iter().map(SigningKey::public_jwk).chain(further).collect::<Vec<_>>()});
        let settings = json!({
            "registration": {
                "mode": "open", "per_address": 10_000,
                "initial_access_tokens": [URL_SAFE_NO_PAD.encode(Secret::new(INITIAL_TOKEN).hash().as_bytes())],
                "software_statements": {"issuer": "https://directory.example", "jwks": jwks},
            },
            "assertion_issuers": [
                {"issuer": "https://partner.example", "jwks": jwks, "subject": "username", "clients": ["app"], "scopes": ["profile"]},
            ],
            "accounts": {"registration": "open"},
            "site_login": {"url": "https://site.example/login", "issuer": SITE, "password_login": true},
        });
        let server = Server::local(settings).await;
        connect(&server).await;
        let local = server.inside();
        let signer = json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": jwks, "grant_types": ["client_credentials", "authorization_code"]});
        local.register("signer", signer).await;
        let id = grantlet::model::client::ClientId::parse("app").unwrap();
        let mut app = local.context.store.find_client(&id).await.unwrap().unwrap();
        app.client.grant_types = grantlet::model::client::GrantType::ALL.to_vec();
        assert!(local.context.store.replace_client(&app).await.unwrap());
        let (registered, subject_token, at_site) = (String::new(), String::new(), (BTreeMap::new(), String::new()));
        Self { server, keys, proof_key: ProofKey::new(), registered, subject_token, at_site }
    }

    fn sign(&self, typ: &str, claims: &Value) -> String {
        self.keys.find(SigningAlg::ES256).unwrap().sign(typ, claims).unwrap().expose().to_owned()
    }

    /// One of each, fresh.
    pub(crate) async fn artefacts(&mut self) -> BTreeMap<Artefact, String> {
        let server = &self.server;
        let tokens = exchange(server, As::Basic("app"), &obtain_code(server, "app").await).await;
        self.subject_token = token(&tokens, "access_token");
        let parameters = pairs(&authorization_query("app", &[]));
        let parameters: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let pushed = post(server, "/par", As::Basic("app"), &parameters).await;
        let device = post(server, "/device_authorization", As::Basic("app"), &[("scope", "profile")]).await;
        assert_eq!((pushed.status, device.status), (201, 200), "{pushed:?} {device:?}");
        let registered = server.send(&registration(&json!({"redirect_uris": [REDIRECT_URI]}))).await;
        assert_eq!(registered.status, 201, "{registered:?}");
        registered.json()["client_id"].as_str().unwrap().clone_into(&mut self.registered);
        // A nonce that does not count is answered with one that does (RFC 9449 section 8).
        let old = self.proof_key.token_proof(server).nonce("old").sign();
        let asked_for_nonce = server.send(&self.exchange_of_nothing().header("dpop", &old)).await;
        let nonce = asked_for_nonce.header("dpop-nonce").expect("a nonce").to_owned();
        let mut person = Person::new(&self.server);
        person.authorize(&authorization_query("app", &[]), ALICE).await;
        let sign_up = mailed_token(server, &mut person, "/login/signup", "sign-up", ("email", "carol@example.com")).await;
        let email = mailed_token(server, &mut person, "/account/email", "change-email", ("email", "alice@example.net")).await;
        let reset = mailed_token(server, &mut person, "/login/forgot", "forgot", ("username", ALICE.username)).await;
        let mut visitor = Person::new(server);
        let sent = visitor.open(&format!("/login/site?{}", encode(&[("request", &authorization_query("app", &[]))]))).await;
        let site = sent.header("location").unwrap_or_else(|| panic!("{sent:?}"));
        let challenge = parameter(site, "challenge").unwrap();
        self.at_site = (visitor.cookies, parameter(site, "state").unwrap());
        let client = json!({"iss": "signer", "sub": "signer", "aud": ISSUER, "exp": START + 300, "jti": "of-the-client"});
        let grant = json!({"iss": "https://partner.example", "sub": "alice", "aud": ISSUER, "iat": START, "exp": START + 300, "jti": "of-the-partner"});
        let statement = json!({"iss": "https://directory.example", "exp": START + 300, "client_name": "Vetted"});
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
            (Artefact::DpopProof, self.proof_key.token_proof(&self.server).sign()),
            (Artefact::DpopNonce, nonce),
            (Artefact::InitialToken, INITIAL_TOKEN.to_owned()),
            (Artefact::SoftwareStatement, self.sign("JWT", &statement)),
            (Artefact::Session, person.cookies["__Host-grantlet-session"].clone()),
            (Artefact::SiteLogin, login_jwt(server, &challenge, &json!({}))),
            (Artefact::SiteLogout, site_logout()),
            (Artefact::SignUpLink, sign_up),
            (Artefact::EmailLink, email),
            (Artefact::ResetLink, reset),
            (Artefact::UserCode, member(&device, "user_code")),
        ])
    }

    /// Presents `text`, and answers with what came back. Where guesses are counted, each `turn` comes from another address.
    pub(crate) async fn present(&self, place: Place, text: &str, turn: usize) -> Reply {
        let server = &self.server;
        let app = As::Basic("app");
        let [.., high, low] = turn.to_be_bytes();
        let address = format!("198.18.{high}.{low}");
        match place {
            Place::Code => exchange(server, app, text).await,
            Place::RefreshToken => post(server, "/token", app, &[("grant_type", "refresh_token"), ("refresh_token", text)]).await,
            Place::DeviceCode => post(server, "/token", app, &[("grant_type", DEVICE), ("device_code", text)]).await,
            Place::SubjectToken => {
                post(server, "/token", app, &[("grant_type", EXCHANGE), ("subject_token", text), ("subject_token_type", ACCESS_TOKEN)])
                    .await
            }
            Place::ActorToken => {
                let subject = [("subject_token", self.subject_token.as_str()), ("subject_token_type", ACCESS_TOKEN)];
                let actor = [("actor_token", text), ("actor_token_type", ACCESS_TOKEN)];
                post(server, "/token", app, &[&[("grant_type", EXCHANGE)][..], &subject, &actor].concat()).await
            }
            Place::GrantAssertion => {
                post(server, "/token", app, &[("grant_type", ASSERTION), ("assertion", text), ("scope", "profile")]).await
            }
            Place::ClientAssertion => {
                let form = [
                    ("grant_type", "authorization_code"),
                    ("code", "none"),
                    ("code_verifier", VERIFIER),
                    ("client_assertion_type", JWT_BEARER),
                    ("client_assertion", text),
                ];
                server.send(&Event::post_form("/token", &encode(&form)).at_address(&address)).await
            }
            Place::Userinfo => server.send(&Event::get("/userinfo").header("authorization", &format!("Bearer {text}"))).await,
            Place::Introspection => post(server, "/introspect", app, &[("token", text)]).await,
            Place::RegistrationToken => {
                let path = format!("/register?{}", encode(&[("client_id", &self.registered)]));
                server.send(&Event::get(&path).header("authorization", &format!("Bearer {text}"))).await
            }
            Place::InitialToken => {
                let event = registration(&json!({"redirect_uris": [REDIRECT_URI]})).header("authorization", &format!("Bearer {text}"));
                server.send(&event.at_address(&address)).await
            }
            Place::SoftwareStatement => {
                let event = registration(&json!({"redirect_uris": [REDIRECT_URI], "software_statement": text}));
                server.send(&event.at_address(&address)).await
            }
            Place::SiteLogout => server.send(&Event::post_form("/logout/site", &encode(&[("logout_token", text)]))).await,
            Place::DpopProof => server.send(&self.exchange_of_nothing().header("dpop", text)).await,
            Place::DpopNonce => {
                let proof = self.proof_key.token_proof(server).nonce(text).sign();
                server.send(&self.exchange_of_nothing().header("dpop", &proof)).await
            }
            _ => self.present_in_browser(place, text, &address).await,
        }
    }

    /// The same where a browser presents it.
    async fn present_in_browser(&self, place: Place, text: &str, address: &str) -> Reply {
        let mut person = Person::new(&self.server).at(address);
        let path = match place {
            Place::RequestUri => format!("/authorize?{}", encode(&[("client_id", "app"), ("request_uri", text)])),
            Place::RequestObject => format!("/authorize?{}", encode(&[("client_id", "signer"), ("request", text)])),
            Place::LoginHint => format!("/authorize?{}", authorization_query("app", &[("id_token_hint", Some(text))])),
            Place::LogoutHint => format!("/logout?{}", encode(&[("id_token_hint", text)])),
            Place::Verification => format!("/login/verify?{}", encode(&[("token", text)])),
            Place::Reset => format!("/login/reset?{}", encode(&[("token", text)])),
            Place::Session => {
                person.cookies.insert("__Host-grantlet-session".to_owned(), text.to_owned());
                format!("/authorize?{}", authorization_query("app", &[("prompt", Some("none"))]))
            }
            Place::SiteLogin => {
                let (cookies, state) = &self.at_site;
                person.cookies.clone_from(cookies);
                way_back(text, state)
            }
            Place::UserCode => {
                let page = person.open("/device").await;
                let form = Form::find(&page.body, "device").unwrap_or_else(|| panic!("{page:?}"));
                return person.submit(&form.fill("user_code", text), "continue").await;
            }
            _ => unreachable!("{place:?} is for clients"),
        };
        person.open(&path).await
    }

    /// The exchange of a code that was never issued, as far as its form shows.
    fn exchange_of_nothing(&self) -> Event {
        let none = CodeToken::new(self.server.inside().context.ulid(), &[7; 32]).render();
        let form = [("grant_type", "authorization_code"), ("code", none.expose()), ("code_verifier", VERIFIER)];
        request("/token", As::Basic("app"), &form)
    }

    /// Asserts that `text` is taken for what belongs there.
    pub(crate) async fn assert_taken(&self, place: Place, text: &str) {
        let reply = self.present(place, text, 0).await;
        assert!(is_taken(place, &reply), "it is of no use at {place:?}: {reply:?}");
    }

    /// Asserts that `text` is refused as the place refuses what does not belong there.
    pub(crate) async fn assert_refused(&self, place: Place, text: &str, turn: usize) {
        let reply = self.present(place, text, turn).await;
        assert!(!is_taken(place, &reply), "it was taken at {place:?}: {text}");
        let challenge = reply.header("www-authenticate").unwrap_or_default();
        match place {
            Place::Code | Place::RefreshToken | Place::DeviceCode | Place::GrantAssertion => assert_refused(&reply, 400, "invalid_grant"),
            // RFC 8693 section 2.2.2
            Place::SubjectToken | Place::ActorToken | Place::SiteLogout => assert_refused(&reply, 400, "invalid_request"),
            Place::ClientAssertion => {
                assert_refused(&reply, 401, "invalid_client");
                assert!(challenge.starts_with("Basic "), "{reply:?}");
            }
            Place::Userinfo | Place::RegistrationToken | Place::InitialToken => {
                assert_refused(&reply, 401, "invalid_token");
                assert!(challenge.starts_with("Bearer ") && challenge.contains("error=\"invalid_token\""), "{reply:?}");
            }
            Place::SoftwareStatement => {
                // A statement of somebody else's is told from what is none (RFC 7591 section 3.2.2).
                let error = reply.json()["error"].as_str().unwrap_or_default().to_owned();
                assert!(["invalid_software_statement", "unapproved_software_statement"].contains(&error.as_str()), "{reply:?}");
                assert_refused(&reply, 400, &error);
            }
            Place::DpopProof => assert_refused(&reply, 400, "invalid_dpop_proof"),
            Place::DpopNonce => {
                assert_refused(&reply, 400, "use_dpop_nonce");
                assert!(reply.header("dpop-nonce").is_some(), "{reply:?}");
            }
            // RFC 7662 section 2.2: no more is said than that.
            Place::Introspection => assert_eq!((reply.status, reply.json()), (200, json!({"active": false}))),
            Place::RequestUri if text.starts_with(pushed::PREFIX) => assert_page(&reply),
            Place::RequestUri => assert_told(&reply, "request_uri_not_supported"),
            Place::RequestObject => assert_told(&reply, "invalid_request_object"),
            Place::Session => assert_told(&reply, "login_required"),
            Place::LoginHint => assert_told(&reply, "invalid_request"),
            Place::LogoutHint | Place::SiteLogin | Place::Verification | Place::Reset | Place::UserCode => assert_page(&reply),
        }
    }
}

/// Whether something was taken for what belongs there, as the answer shows. A device code that waits for its person was; whoever proves a client or a key
/// is told what is wrong with the code beside it.
fn is_taken(place: Place, reply: &Reply) -> bool {
    let says = |errors: &[&str]| errors.contains(&reply.json()["error"].as_str().unwrap_or_default());
    match place {
        Place::Code
        | Place::RefreshToken
        | Place::SubjectToken
        | Place::ActorToken
        | Place::GrantAssertion
        | Place::Userinfo
        | Place::RegistrationToken
        | Place::Verification
        | Place::Reset => reply.status == 200,
        Place::InitialToken | Place::SoftwareStatement => reply.status == 201,
        Place::DeviceCode => says(&["authorization_pending", "slow_down"]),
        Place::ClientAssertion | Place::DpopProof | Place::DpopNonce => says(&["invalid_grant"]),
        Place::Introspection => reply.json()["active"] == true,
        Place::RequestUri | Place::RequestObject | Place::LoginHint | Place::UserCode => {
            reply.status == 200 && reply.body.contains("id=\"login\"")
        }
        Place::Session => reply.header("location").is_some_and(|location| parameter(location, "code").is_some()),
        Place::LogoutHint => reply.status < 400,
        Place::SiteLogin => reply.header("location").is_some_and(|location| location.starts_with("/authorize?")),
        Place::SiteLogout => reply.status == 204,
    }
}

/// A page that says what is wrong, and leads to no client.
fn assert_page(reply: &Reply) {
    assert_eq!((reply.status, reply.header("location")), (400, None), "{reply:?}");
}

/// The client is told, at its own redirect URI.
fn assert_told(reply: &Reply, error: &str) {
    let location = reply.header("location").unwrap_or_default();
    assert!(reply.status == 303 && location.starts_with(REDIRECT_URI), "{reply:?}");
    assert_eq!(parameter(location, "error").as_deref(), Some(error), "{reply:?}");
}

fn registration(metadata: &Value) -> Event {
    Event::new("POST", "/register").header("content-type", "application/json").body(metadata.to_string().as_bytes())
}

/// The token in the mail that comes after the form `id` at `path` was sent with a text in one of its fields.
async fn mailed_token(server: &Server, person: &mut Person<'_>, path: &str, id: &str, (name, text): (&str, &str)) -> String {
    let page = person.open(path).await;
    let form = Form::find(&page.body, id).unwrap_or_else(|| panic!("{page:?}"));
    assert_eq!(person.submit(&form.fill(name, text), "send-link").await.status, 303);
    let link = mailed_link(server, &last_mail(server));
    link.split_once("token=").unwrap_or_else(|| panic!("{link}")).1.to_owned()
}

/// What the site says when a person of its own has logged out there.
fn site_logout() -> String {
    let claims = json!({"iss": SITE, "aud": ISSUER, "sub": "user-7", "iat": START, "exp": START + 60, "jti": "of-the-site"});
    let header = Header { typ: Some("grantlet-logout+jwt".to_owned()), ..Header::new(Algorithm::HS256) };
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

/// The parameters of an encoded query.
fn pairs(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// The order in which artefacts are used at the end: what ends others comes last.
const IN_ORDER: [(Artefact, Place); 25] = [
    (Artefact::DpopProof, Place::DpopProof),
    (Artefact::DpopNonce, Place::DpopNonce),
    (Artefact::InitialToken, Place::InitialToken),
    (Artefact::SoftwareStatement, Place::SoftwareStatement),
    (Artefact::IdToken, Place::LoginHint),
    (Artefact::Session, Place::Session),
    (Artefact::AccessToken, Place::Userinfo),
    (Artefact::AccessToken, Place::SubjectToken),
    (Artefact::AccessToken, Place::ActorToken),
    (Artefact::AccessToken, Place::Introspection),
    (Artefact::RequestUri, Place::RequestUri),
    (Artefact::RequestObject, Place::RequestObject),
    (Artefact::RegistrationToken, Place::RegistrationToken),
    (Artefact::UserCode, Place::UserCode),
    (Artefact::DeviceCode, Place::DeviceCode),
    (Artefact::SignUpLink, Place::Verification),
    (Artefact::EmailLink, Place::Verification),
    (Artefact::ResetLink, Place::Reset),
    (Artefact::SiteLogin, Place::SiteLogin),
    (Artefact::SiteLogout, Place::SiteLogout),
    (Artefact::GrantAssertion, Place::GrantAssertion),
    (Artefact::ClientAssertion, Place::ClientAssertion),
    (Artefact::RefreshToken, Place::RefreshToken),
    (Artefact::Code, Place::Code),
    (Artefact::IdToken, Place::LogoutHint),
];

/// Keycloak CVE-2026-4282, RFC 8725 section 3.12: each artefact at each place that takes another
#[tokio::test]
async fn no_artefact_is_taken_for_another_and_trying_burns_none() {
    let mut bench = Bench::start().await;
    let artefacts = bench.artefacts().await;
    for (artefact, text) in &artefacts {
        for place in PLACES.into_iter().filter(|place| !place.takes().contains(artefact)) {
            bench.assert_refused(place, text, 0).await;
        }
        // Nobody may end what is another client's, or no token at all: the answer is always the same, and nothing happens.
        if !matches!(artefact, Artefact::AccessToken | Artefact::RefreshToken) {
            assert_eq!(post(&bench.server, "/revoke", As::Basic("app"), &[("token", text)]).await.status, 200, "{artefact:?}");
        }
        assert_eq!(post(&bench.server, "/revoke", As::Basic("other"), &[("token", text)]).await.status, 200, "{artefact:?}");
    }
    for (artefact, place) in IN_ORDER {
        bench.assert_taken(place, &artefacts[&artefact]).await;
    }
}

/// Zitadel CVE-2026-27840: each proper prefix of each artefact at its own place, from the first character to the last but one
#[tokio::test]
async fn no_proper_prefix_of_an_artefact_counts_and_trying_burns_none() {
    let mut bench = Bench::start().await;
    let artefacts = bench.artefacts().await;
    for (artefact, place) in IN_ORDER {
        let text = &artefacts[&artefact];
        assert!(text.is_ascii());
        // An empty text is as good as none, and no prefix that counts here.
        for end in 1..text.len() {
            bench.assert_refused(place, &text[..end], end).await;
            // A revocation of what is cut short ends nothing.
            if matches!(place, Place::RefreshToken | Place::Userinfo) {
                assert_eq!(post(&bench.server, "/revoke", As::Basic("app"), &[("token", &text[..end])]).await.status, 200);
            }
        }
    }
    for (artefact, place) in IN_ORDER {
        bench.assert_taken(place, &artefacts[&artefact]).await;
    }
}

/// Zitadel CVE-2026-27840: each proper prefix of a client's secret, in either way of sending it
#[tokio::test]
async fn no_proper_prefix_of_a_secret_authenticates_its_client() {
    let server = Server::local(json!({})).await;
    let in_header = |secret: &str| {
        let credentials = STANDARD.encode(format!("app:{secret}"));
        Event::post_form("/token", "grant_type=refresh_token").header("authorization", &format!("Basic {credentials}"))
    };
    let in_body = |secret: &str| {
        Event::post_form("/token", &encode(&[("grant_type", "refresh_token"), ("client_id", "app"), ("client_secret", secret)]))
    };
    for end in 0..CLIENT_SECRET.len() {
        for event in [in_header(&CLIENT_SECRET[..end]), in_body(&CLIENT_SECRET[..end])] {
            assert_refused(&server.send(&event.at_address(&format!("192.0.2.{end}"))).await, 401, "invalid_client");
        }
    }
    for event in [in_header(CLIENT_SECRET), in_body(CLIENT_SECRET)] {
        assert_refused(&server.send(&event).await, 400, "invalid_request");
    }
}
