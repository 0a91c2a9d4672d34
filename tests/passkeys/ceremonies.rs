//! The ceremonies by themselves: what a browser answers is believed if it is right in every point.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantlet::context::Timestamp;
use grantlet::model::passkey::{Passkey, PasskeyId};
use grantlet::model::user::UserId;
use grantlet::protocol::issuer::Issuer;
use grantlet::webauthn::{FinishError, Holder, LoginAnswer, NewCredential, PasskeyError, RelyingParty};
use proptest::prelude::{any, prop, prop_assert, proptest};
use serde_json::{Value, json};

use super::Wrong;
use crate::support::authenticator::{Authenticator, BACKED_UP, BACKUP_ELIGIBLE, Said, USER_PRESENT, USER_VERIFIED};

const ORIGIN: &str = "https://id.example.com";

fn party() -> RelyingParty {
    RelyingParty::new(&Issuer::parse(ORIGIN).unwrap(), None).unwrap()
}

fn user() -> UserId {
    UserId("01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap())
}

fn holder() -> Holder<'static> {
    Holder { id: user(), name: "alice", display_name: "Alice" }
}

/// Makes a credential, with `change` to what is said.
fn create(authenticator: &mut Authenticator, change: impl FnOnce(&mut Said)) -> Result<NewCredential, FinishError> {
    let begun = party().begin_creation(holder(), &[]).unwrap();
    let mut said = authenticator.about_to_create(&begun.options, ORIGIN);
    change(&mut said);
    party().finish_creation(&begun.state, &authenticator.create(&said).to_string())
}

fn keep(new: NewCredential) -> Passkey {
    Passkey {
        id: new.id,
        user_id: user(),
        credential: new.credential,
        name: String::new(),
        counter: new.counter,
        backed_up: new.backed_up,
        created_at: Timestamp(0),
        last_used_at: None,
    }
}

/// Logs in with `passkey`, with `change` to what is said.
fn log_in(authenticator: &Authenticator, passkey: &Passkey, change: impl FnOnce(&mut Said)) -> Result<Passkey, FinishError> {
    let begun = party().begin_login().unwrap();
    let mut said = authenticator.about_to_get(&begun.options, ORIGIN);
    change(&mut said);
    let answer = LoginAnswer::read(&authenticator.get(&said).to_string())?;
    party().finish_login(&begun.state, &answer, passkey.clone()).map(|login| login.passkey)
}

fn reason<T: std::fmt::Debug>(refused: Result<T, FinishError>) -> String {
    refused.unwrap_err().to_string()
}

/// WebAuthn Level 3 sections 5.4, 5.5: what the browser is asked for. Nobody is named before they have logged in (section 14.6.2).
#[test]
fn options_ask_for_a_discoverable_credential_and_a_verified_user() {
    let creation = party().begin_creation(holder(), &[]).unwrap().options;
    assert_eq!(creation["rp"]["id"], "id.example.com");
    assert_eq!(creation["user"]["name"], "alice");
    assert_eq!(creation["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(creation["authenticatorSelection"]["requireResidentKey"], true);
    assert_eq!(creation["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(creation["attestation"], "none");
    let login = party().begin_login().unwrap().options;
    assert_eq!((&login["rpId"], &login["userVerification"]), (&json!("id.example.com"), &json!("required")));
    assert_eq!(login["allowCredentials"], json!([]));
    assert_ne!(login["challenge"], party().begin_login().unwrap().options["challenge"]);
}

/// WebAuthn Level 3 sections 7.1 and 7.2
#[test]
fn a_passkey_is_made_and_used() {
    let mut authenticator = Authenticator::new();
    let passkey = keep(create(&mut authenticator, |said| said.counter = 7).unwrap());
    assert_eq!((passkey.counter, passkey.backed_up), (7, false));
    assert_eq!(passkey.id, PasskeyId::of(&authenticator.credential_id));
    let used = log_in(&authenticator, &passkey, |said| said.counter = 8).unwrap();
    assert_eq!(used.counter, 8);
    assert_eq!(log_in(&authenticator, &used, |said| said.counter = 9).unwrap().counter, 9);
}

/// WebAuthn Level 3 section 6.1.3: a passkey that moves to other devices says so.
#[test]
fn a_backed_up_passkey_is_known_as_such() {
    let mut authenticator = Authenticator::new();
    let passkey = keep(create(&mut authenticator, |said| said.flags |= BACKUP_ELIGIBLE).unwrap());
    assert!(!passkey.backed_up);
    let used = log_in(&authenticator, &passkey, |said| said.flags |= BACKUP_ELIGIBLE | BACKED_UP).unwrap();
    assert!(used.backed_up);
    // Eligibility stays what it was (section 7.2 step 18).
    log_in(&authenticator, &used, |_| ()).unwrap_err();
}

/// WebAuthn Level 3 section 7.1 steps 7 to 24
#[test]
fn a_credential_that_is_wrong_in_any_point_is_not_kept() {
    let wrong: [Wrong; 9] = [
        ("another type", |said| said.kind = "webauthn.get"),
        ("another challenge", |said| said.challenge = "c29tZXRoaW5nIGVsc2U".to_owned()),
        ("another origin", |said| said.origin = "https://evil.example".to_owned()),
        ("an origin below", |said| said.origin = "https://below.id.example.com".to_owned()),
        ("another scheme", |said| said.origin = "http://id.example.com".to_owned()),
        ("inside of another page", |said| said.cross_origin = true),
        ("another relying party", |said| said.rp_id = "example.com".to_owned()),
        ("nobody present", |said| said.flags = USER_VERIFIED),
        ("nobody verified", |said| said.flags = USER_PRESENT),
    ];
    for (what, change) in wrong {
        assert!(create(&mut Authenticator::new(), change).is_err(), "{what}");
    }
    let refused = create(&mut Authenticator::new(), |said| said.discoverable = Some(false));
    assert!(matches!(refused, Err(FinishError::Answer(PasskeyError::NotDiscoverable))));
    create(&mut Authenticator::new(), |said| said.discoverable = None).unwrap();
}

/// WebAuthn Level 3 section 7.2 steps 5 to 22
#[test]
fn a_login_that_is_wrong_in_any_point_is_refused() {
    let mut authenticator = Authenticator::new();
    let passkey = keep(create(&mut authenticator, |said| said.counter = 5).unwrap());
    let wrong: [Wrong; 12] = [
        ("another type", |said| said.kind = "webauthn.create"),
        ("another challenge", |said| said.challenge = "c29tZXRoaW5nIGVsc2U".to_owned()),
        ("another origin", |said| said.origin = "https://evil.example".to_owned()),
        ("another port", |said| said.origin = "https://id.example.com:8443".to_owned()),
        ("inside of another page", |said| said.cross_origin = true),
        ("another relying party", |said| said.rp_id = "example.com".to_owned()),
        ("nobody present", |said| said.flags = USER_VERIFIED),
        ("nobody verified", |said| said.flags = USER_PRESENT),
        ("eligible for backup all of a sudden", |said| said.flags |= BACKUP_ELIGIBLE),
        ("backed up all of a sudden", |said| said.flags |= BACKED_UP),
        ("no user handle", |said| said.user_handle = None),
        ("another user", |said| said.user_handle = Some(vec![1; 16])),
    ];
    for (what, change) in wrong {
        let refused = log_in(&authenticator, &passkey, |said| {
            said.counter = 6;
            change(said);
        });
        assert!(refused.is_err(), "{what}");
    }
    log_in(&authenticator, &passkey, |said| said.counter = 6).unwrap();
}

/// WebAuthn Level 3 section 6.1.1, section 7.2 step 22
#[test]
fn a_counter_that_goes_backwards_is_taken_for_a_clone() {
    let mut authenticator = Authenticator::new();
    let passkey = keep(create(&mut authenticator, |said| said.counter = 5).unwrap());
    for counter in [0, 4, 5] {
        let refused = log_in(&authenticator, &passkey, |said| said.counter = counter);
        assert!(matches!(refused, Err(FinishError::Answer(PasskeyError::Cloned))), "{counter}");
    }
}

/// WebAuthn Level 3 section 7.2 step 21
#[test]
fn another_key_does_not_sign_for_a_credential() {
    let mut authenticator = Authenticator::new();
    let passkey = keep(create(&mut authenticator, |_| ()).unwrap());
    let mut thief = Authenticator::new();
    thief.user_handle.clone_from(&authenticator.user_handle);
    assert!(log_in(&thief, &passkey, |_| ()).is_err(), "another credential");
    thief.credential_id.clone_from(&authenticator.credential_id);
    log_in(&thief, &passkey, |_| ()).unwrap_err();
}

/// WebAuthn Level 3 section 7.1 step 26: a credential that the person has already is not made again.
#[test]
fn a_credential_that_exists_is_excluded() {
    let mut authenticator = Authenticator::new();
    let passkey = keep(create(&mut authenticator, |_| ()).unwrap());
    let begun = party().begin_creation(holder(), std::slice::from_ref(&passkey)).unwrap();
    assert_eq!(begun.options["excludeCredentials"].as_array().unwrap().len(), 1);
    let said = authenticator.about_to_create(&begun.options, ORIGIN);
    party().finish_creation(&begun.state, &authenticator.create(&said).to_string()).unwrap_err();
}

/// What a stranger sends is bounded, and garbage is an error.
#[test]
fn what_can_not_be_read_is_refused() {
    let authenticator = Authenticator::new();
    let begun = party().begin_login().unwrap();
    let honest = authenticator.get(&authenticator.about_to_get(&begun.options, ORIGIN));
    let with = |path: &str, value: Value| {
        let mut changed = honest.clone();
        *changed.pointer_mut(path).unwrap() = value;
        changed.to_string()
    };
    LoginAnswer::read(&honest.to_string()).unwrap();
    for bad in [
        String::new(),
        "null".to_owned(),
        "[".repeat(10_000),
        with("/type", json!("password")),
        with("/rawId", json!("")),
        with("/rawId", json!("not base64url!")),
        with("/rawId", json!("A".repeat(1_368))),
        with("/response", json!({})),
        with("/response/signature", json!("A".repeat(20_000))),
    ] {
        LoginAnswer::read(&bad).unwrap_err();
    }
    for attestation in ["", "oA", "pAFj", "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVj_"] {
        let answer = json!({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": "e30", "attestationObject": attestation}});
        let state = party().begin_creation(holder(), &[]).unwrap().state;
        party().finish_creation(&state, &answer.to_string()).unwrap_err();
    }
    assert_eq!(reason(party().finish_creation("{}", "{}")), "passkeys: missing field `rs` at line 1 column 2");
}

/// WebAuthn Level 3 section 5.1.2: the relying party's id is the issuer's host or a domain above it, never another's, and never a number.
#[test]
fn the_relying_party_is_the_issuer() {
    for (issuer, domain, expected) in [
        (ORIGIN, None, Some("id.example.com")),
        (ORIGIN, Some("example.com"), Some("example.com")),
        (ORIGIN, Some("xample.com"), None),
        (ORIGIN, Some("other.example"), None),
        ("http://localhost:9000", None, Some("localhost")),
        ("http://127.0.0.1:9000", None, None),
    ] {
        let party = RelyingParty::new(&Issuer::parse(issuer).unwrap(), domain);
        let id = party.map(|party| party.begin_login().unwrap().options["rpId"].as_str().unwrap().to_owned());
        assert_eq!(id.as_deref(), expected, "{issuer} {domain:?}");
    }
}

/// The name that a passkey begins with
#[test]
fn well_known_authenticators_are_known_by_name() {
    let mut authenticator = Authenticator::new();
    authenticator.aaguid = 0xd548_826e_79b4_db40_a3d8_1111_6f7e_8349_u128.to_be_bytes();
    assert_eq!(create(&mut authenticator, |_| ()).unwrap().maker, Some("Bitwarden"));
    authenticator.aaguid = [0; 16];
    assert_eq!(create(&mut authenticator, |_| ()).unwrap().maker, None);
}

proptest! {
    /// WebAuthn Level 3 section 7.2: whatever is changed in what the authenticator and the browser said, the answer does not count; and nothing crashes.
    #[test]
    fn no_changed_answer_counts(part in 0..3_usize, at in any::<prop::sample::Index>(), bits in 1..=255_u8) {
        let mut authenticator = Authenticator::new();
        let passkey = keep(create(&mut authenticator, |_| ()).unwrap());
        let begun = party().begin_login().unwrap();
        let mut answer = authenticator.get(&authenticator.about_to_get(&begun.options, ORIGIN));
        let name = ["authenticatorData", "clientDataJSON", "signature"][part];
        let mut bytes = URL_SAFE_NO_PAD.decode(answer["response"][name].as_str().unwrap()).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= bits;
        answer["response"][name] = json!(URL_SAFE_NO_PAD.encode(bytes));
        let read = LoginAnswer::read(&answer.to_string()).unwrap();
        prop_assert!(party().finish_login(&begun.state, &read, passkey).is_err());
    }

    /// What a stranger sends never crashes, however it is broken: here bytes of the attestation object, cut or changed.
    #[test]
    fn no_attestation_crashes(at in any::<prop::sample::Index>(), bits in any::<u8>(), length in any::<prop::sample::Index>()) {
        let mut authenticator = Authenticator::new();
        let begun = party().begin_creation(holder(), &[]).unwrap();
        let mut answer = {
            let said = authenticator.about_to_create(&begun.options, ORIGIN);
            authenticator.create(&said)
        };
        let mut bytes = URL_SAFE_NO_PAD.decode(answer["response"]["attestationObject"].as_str().unwrap()).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= bits;
        bytes.truncate(length.index(bytes.len() + 1));
        answer["response"]["attestationObject"] = json!(URL_SAFE_NO_PAD.encode(bytes));
        let _ = party().finish_creation(&begun.state, &answer.to_string());
    }
}
