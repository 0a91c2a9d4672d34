//! JWTs of strangers under headers that promise something (RFC 8725 sections 2.1, 3.1 and 3.10), at each place that reads one: what a header says, brings or
//! names proves nothing, each refusal is the one that is registered for its place, and whoever tries burns nothing. The ID tokens of providers and the JWTs of
//! the site are tried in the same way beside their other tests.

use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantlet::jose::signing::SigningKey;
use serde_json::{Value, json};

use crate::artefacts::{Artefact, Bench, Place};
use crate::support::event::Event;
use crate::support::oauth::{As, assert_refused, claims, post};
use crate::support::pem::public_pem;
use crate::support::web::{Document, Web};
use crate::unadvertised::keys::AlgKey;

/// A header, and the key by which a stranger signs under it.
pub(crate) struct Forgery {
    header: Value,
    key: Rc<AlgKey>,
}

impl Forgery {
    /// The stranger's JWT of `claims`.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.key.sign(self.header.clone(), claims)
    }
}

/// What a stranger tries who knows the `header` of an honest JWT and the `published` JWK set of its issuer, and has a key and a web server of their own.
pub(crate) fn forgeries(header: &Value, published: &str, web: &Web) -> Vec<Forgery> {
    let set: Value = serde_json::from_str(published).unwrap();
    let jwk = set["keys"].as_array().unwrap().iter().find(|jwk| jwk["kid"] == header["kid"]).expect("its key is published");
    let alg = ["RS256", "ES256"].into_iter().find(|alg| header["alg"] == *alg).expect("an algorithm that can be signed with");
    let own = Rc::new(AlgKey::new(alg, ""));
    web.put("/jwks.json", Document::json(&json!({"keys": [own.jwk]})));
    let forgery = |changes: Value, key: &Rc<AlgKey>| {
        let mut header = header.clone();
        header.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        Forgery { header, key: key.clone() }
    };
    let by_secret = |secret: &str| Rc::new(AlgKey::new("HS256", secret));
    let mut all = vec![
        forgery(json!({}), &Rc::new(AlgKey::new("none", ""))),
        forgery(json!({}), &own),
        forgery(json!({"jwk": own.jwk}), &own),
        forgery(json!({"jku": web.url("/jwks.json")}), &own),
    ];
    all.extend([published, &jwk.to_string(), &public_pem(jwk)].map(|public| forgery(json!({}), &by_secret(public))));
    for kid in ["/dev/null", "' OR 1"] {
        all.extend([&own, &by_secret("")].map(|key| forgery(json!({ "kid": kid }), key)));
    }
    all
}

/// A JWT of `claims` that `key` signs as it should, under a header of which something must be understood that nobody knows.
pub(crate) fn critical(key: &AlgKey, typ: &str, claims: &Value) -> String {
    key.sign(json!({"typ": typ, "crit": ["urn:example:must"], "urn:example:must": true}), claims)
}

/// The header of a JWT.
pub(crate) fn header_of(jwt: &str) -> Value {
    let header = jwt.split('.').next().expect("a header");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).expect("base64url")).expect("JSON")
}

/// What is kept, but for the counters of guesses.
fn kept(bench: &Bench) -> BTreeMap<String, usize> {
    let mut stored = bench.server.inside().stored();
    stored.remove("attempt");
    stored
}

/// Asserts that a JWT is refused as the place refuses what its issuer did not sign.
async fn assert_forged(bench: &Bench, place: Place, forged: &str, turn: usize) {
    bench.assert_refused(place, forged, turn).await;
    if matches!(place, Place::SoftwareStatement) {
        assert_refused(&bench.present(place, forged, turn).await, 400, "invalid_software_statement");
    }
}

/// What we sign.
const OURS: [(Artefact, Place); 6] = [
    (Artefact::AccessToken, Place::Userinfo),
    (Artefact::AccessToken, Place::Introspection),
    (Artefact::AccessToken, Place::SubjectToken),
    (Artefact::AccessToken, Place::ActorToken),
    (Artefact::IdToken, Place::LoginHint),
    (Artefact::IdToken, Place::LogoutHint),
];
/// What others sign for us.
const THEIRS: [(Artefact, Place); 4] = [
    (Artefact::GrantAssertion, Place::GrantAssertion),
    (Artefact::ClientAssertion, Place::ClientAssertion),
    (Artefact::RequestObject, Place::RequestObject),
    (Artefact::SoftwareStatement, Place::SoftwareStatement),
];

/// RFC 8725 sections 2.1, 3.1 and 3.10, RFC 7515 sections 4.1.2 to 4.1.4: no signature, a public key as a secret, a foreign key under a known name, a key that
/// comes along, and names that mean something to a file system or a database
#[tokio::test]
async fn no_header_makes_a_stranger_s_jwt_one_that_counts_and_trying_burns_none() {
    let mut bench = Bench::start().await;
    let artefacts = bench.artefacts().await;
    let web = Web::start().await;
    let ours = bench.server.send(&Event::get("/jwks.json")).await.body;
    let theirs = json!({"keys": bench.keys.keys.iter().map(SigningKey::public_jwk).collect::<Vec<_>>()}).to_string();
    let before = kept(&bench);
    for (artefact, place) in OURS.into_iter().chain(THEIRS) {
        let honest = &artefacts[&artefact];
        let published = if matches!(artefact, Artefact::AccessToken | Artefact::IdToken) { &ours } else { &theirs };
        for (turn, forgery) in forgeries(&header_of(honest), published, &web).iter().enumerate() {
            let forged = forgery.sign(&claims(honest));
            assert_forged(&bench, place, &forged, turn).await;
            if artefact == Artefact::AccessToken {
                assert_eq!(post(&bench.server, "/revoke", As::Basic("app"), &[("token", &forged)]).await.status, 200);
            }
        }
    }
    assert_eq!(kept(&bench), before, "nothing was spent, ended or registered");
    assert!(web.arrived().is_empty(), "an address in a header is not visited");
    for (artefact, place) in OURS.into_iter().chain(THEIRS) {
        bench.assert_taken(place, &artefacts[&artefact]).await;
    }
}

/// RFC 7515 section 4.1.11: a critical header that is not understood, under the right signature
#[tokio::test]
async fn a_jwt_whose_header_must_be_understood_and_is_not_is_refused_and_spends_nothing() {
    let key = AlgKey::new("ES256", "");
    let mut bench = Bench::trusting(Some(&key.jwk)).await;
    let artefacts = bench.artefacts().await;
    for (artefact, place) in THEIRS {
        let honest = &artefacts[&artefact];
        let (header, mut said) = (header_of(honest), claims(honest));
        let typ = header["typ"].as_str().unwrap();
        assert_forged(&bench, place, &critical(&key, typ, &said), 1).await;
        said["jti"] = json!("another");
        bench.assert_taken(place, &key.sign(json!({ "typ": typ }), &said)).await;
        bench.assert_taken(place, honest).await;
    }
}
