//! What a browser answers in a passkey ceremony is read without a crash, and nothing that an authenticator did not sign counts.
#![no_main]

use std::sync::LazyLock;

use grantlet::context::Timestamp;
use grantlet::model::passkey::{Passkey, PasskeyId};
use grantlet::model::user::UserId;
use grantlet::protocol::issuer::Issuer;
use grantlet::webauthn::{Begun, Holder, LoginAnswer, RelyingParty};
use libfuzzer_sys::fuzz_target;

/// A relying party, and a ceremony of each kind that it began.
static BEGUN: LazyLock<Option<(RelyingParty, Begun, Begun)>> = LazyLock::new(|| {
    let party = RelyingParty::new(&Issuer::parse("https://id.example").ok()?, None)?;
    let holder = Holder { id: UserId("01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().ok()?), name: "alice", display_name: "Alice" };
    let (login, creation) = (party.begin_login().ok()?, party.begin_creation(holder, &[]).ok()?);
    Some((party, login, creation))
});

/// A passkey of somebody, as `webauthn-rs` writes it.
const CREDENTIAL: &str = include_str!("../passkey_credential.json");

fuzz_target!(|answer: &str| {
    let Some((party, login, creation)) = &*BEGUN else { return };
    // The challenge is random: nobody can have signed it.
    assert!(party.finish_creation(&creation.state, answer).is_err());
    let Ok(answer) = LoginAnswer::read(answer) else { return };
    let Ok(user) = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse() else { return };
    let passkey = Passkey {
        id: PasskeyId::of(b"credential"),
        user_id: UserId(user),
        credential: CREDENTIAL.trim().to_owned(),
        name: String::new(),
        counter: 0,
        backed_up: false,
        created_at: Timestamp(0),
        last_used_at: None,
    };
    assert!(party.finish_login(&login.state, &answer, passkey).is_err());
});
