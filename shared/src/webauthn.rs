//! Passkey ceremonies (W3C Web Authentication Level 3 sections 7.1 and 7.2), over `webauthn-rs`. No store, no clock.
//!
//! The library compares challenge, origin and relying party, demands that the authenticator made sure of its holder, and verifies signature and
//! counter. What it leaves to its caller is done here: whose the credential is, that no other site's page was around ours, that the key can be
//! found without a user name, and how large things may be. The challenges are the library's, from the operating system's random source.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;
use webauthn_rs::prelude::{
    CredentialID, DiscoverableAuthentication, Passkey as Credential, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
    Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};

use crate::context::Timestamp;
use crate::model::passkey::{Passkey, PasskeyId};
use crate::model::user::UserId;
use crate::protocol::issuer::Issuer;

/// The longest answer of a browser that is read, in bytes of JSON.
pub const MAX_ANSWER: usize = 12 * 1024;
/// The longest id of a credential (WebAuthn section 6.5.1), in bytes.
const MAX_CREDENTIAL_ID: usize = 1_023;
/// The largest credential that is kept, in bytes of JSON. Attestation is not asked for; what some send all the same may be long.
const MAX_CREDENTIAL: usize = 4 * 1024;
/// `AAGUID`s of authenticators that most people have, and what people know them as. A name to begin with, and nothing that is relied on.
const KNOWN_AUTHENTICATORS: [(u128, &str); 12] = [
    (0xea9b_8d66_4d01_1d21_3ce4_b6b4_8cb5_75d4, "Google Password Manager"),
    (0xfbfc_3007_154e_4ecc_8c0b_6e02_0557_d7bd, "iCloud Keychain"),
    (0xdd4e_c289_e01d_41c9_bb89_70fa_845d_4bf2, "iCloud Keychain"),
    (0xadce_0002_35bc_c60a_648b_0b25_f1f0_5503, "Chrome"),
    (0x0898_7058_cadc_4b81_b6e1_30de_50dc_be96, "Windows Hello"),
    (0x9ddd_1817_af5a_4672_a2b9_3e3d_d950_00a9, "Windows Hello"),
    (0x6028_b017_b1d4_4c02_b4b3_afcd_afc9_6bb2, "Windows Hello"),
    (0xbada_5566_a7aa_401f_bd96_4561_9a55_120d, "1Password"),
    (0xd548_826e_79b4_db40_a3d8_1111_6f7e_8349, "Bitwarden"),
    (0x5311_26d6_e717_415c_9320_3d9a_a698_1239, "Dashlane"),
    (0x5341_4d53_554e_4700_0000_0000_0000_0000, "Samsung Pass"),
    (0x5072_6f74_6f6e_5061_7373_5072_6f74_6f6e, "Proton Pass"),
];

/// This server, as authenticators know it.
pub struct RelyingParty(Webauthn);

/// A ceremony that begins: what the browser is told, and what is kept to finish it.
#[derive(Debug)]
pub struct Begun {
    /// The options for `navigator.credentials`, the member `publicKey`; its bytes are base64url.
    pub options: Value,
    /// The state to keep, with which nobody else may come back.
    pub state: String,
}

/// What a browser answered when somebody logged in. Nothing of it is verified.
#[derive(Debug)]
pub struct LoginAnswer(PublicKeyCredential);

/// A login with a passkey that was verified.
#[derive(Debug)]
pub struct VerifiedLogin {
    /// The passkey, with what its authenticator told of it now.
    pub passkey: Passkey,
    /// Whether anything differs from what was known.
    pub is_changed: bool,
}

/// A credential that was made, to be kept as a passkey.
#[derive(Debug)]
pub struct NewCredential {
    /// The key of its record.
    pub id: PasskeyId,
    /// The credential itself.
    pub credential: String,
    /// How often it signed.
    pub counter: u32,
    /// Whether it is kept in more than one place.
    pub backed_up: bool,
    /// What people know its authenticator as.
    pub maker: Option<&'static str>,
}

impl NewCredential {
    /// The passkey of `user_id` that it is from `now` on, by this name.
    #[must_use]
    pub fn into_passkey(self, user_id: UserId, name: String, now: Timestamp) -> Passkey {
        let Self { id, credential, counter, backed_up, maker: _ } = self;
        Passkey { id, user_id, credential, name, counter, backed_up, created_at: now, last_used_at: None }
    }
}

/// Who a passkey is made for, as their authenticator shows them.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// The user handle is the user's id: it comes back at each login.
    pub id: UserId,
    /// By which they tell their accounts apart.
    pub name: &'a str,
    /// Their name for people.
    pub display_name: &'a str,
}

/// Why a browser's answer is not to be believed.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// It is no answer of `navigator.credentials`, or larger than any.
    #[error("the answer can't be read")]
    Unreadable,
    /// WebAuthn section 7.2 step 6: it has to say whose the credential is, and that has to be right.
    #[error("the user handle is not that of the credential's owner")]
    ForeignHandle,
    /// A page of another site was around ours (WebAuthn section 13.4.9).
    #[error("the answer was given inside of another site's page")]
    CrossOrigin,
    /// The key can't be found without a user name, so that nobody could log in with it.
    #[error("the credential is not discoverable")]
    NotDiscoverable,
    /// WebAuthn section 6.1.1: there may be a copy of the key.
    #[error("the signature counter went backwards: the authenticator may have been cloned")]
    Cloned,
    /// The rest, in the library's words.
    #[error("{0}")]
    Refused(WebauthnError),
}

/// Why a ceremony can't be begun or finished, through no fault of the browser's.
#[derive(Debug, thiserror::Error)]
#[error("passkeys: {0}")]
pub struct PasskeyFailure(String);

/// What went wrong when a ceremony was to be finished.
#[derive(Debug, thiserror::Error)]
pub enum FinishError {
    /// The browser's answer.
    #[error(transparent)]
    Answer(#[from] PasskeyError),
    /// What was kept.
    #[error(transparent)]
    Ours(#[from] PasskeyFailure),
}

/// The relying party's id (`WebAuthn` section 5.1.2): `domain` if the issuer's host is it or lies below it, or else the issuer's host, if that is a name.
#[must_use]
pub fn relying_party_id(issuer: &Issuer, domain: Option<&str>) -> Option<String> {
    let origin = Url::parse(issuer.as_str()).ok()?;
    let host = origin.domain()?;
    let id = domain.unwrap_or(host);
    let is_below = host.strip_suffix(id).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    is_below.then(|| id.to_owned())
}

impl RelyingParty {
    /// The relying party whose id is `domain`, or else the issuer's host, and whose one origin is the issuer. None where there can be none: an address
    /// in numbers has no passkeys (WebAuthn section 5.1.2), nor has a domain that is not the issuer's.
    #[must_use]
    pub fn new(issuer: &Issuer, domain: Option<&str>) -> Option<Self> {
        let id = relying_party_id(issuer, domain)?;
        let origin = Url::parse(issuer.as_str()).ok()?;
        let party = WebauthnBuilder::new(&id, &origin).ok()?.rp_name(&id).build().ok()?;
        Some(Self(party))
    }

    /// Begins a login in which nobody has said yet who they are: the authenticator finds the key (WebAuthn section 7.2 step 1).
    ///
    /// # Errors
    /// When the library can't.
    pub fn begin_login(&self) -> Result<Begun, PasskeyFailure> {
        let (told, kept) = self.0.start_discoverable_authentication().map_err(ours)?;
        let mut options = to_json(&told.public_key)?;
        // Nothing is done with what extensions would tell.
        options.as_object_mut().map(|options| options.remove("extensions"));
        Ok(Begun { options, state: to_json(&kept)?.to_string() })
    }

    /// Finishes a login: WebAuthn section 7.2. `passkey` is what was found by the answer's own [`LoginAnswer::passkey_id`].
    ///
    /// # Errors
    /// When the answer is not to be believed, or the state can't be read.
    pub fn finish_login(&self, state: &str, answer: &LoginAnswer, passkey: Passkey) -> Result<VerifiedLogin, FinishError> {
        let state: DiscoverableAuthentication = from_kept(state)?;
        let mut credential: Credential = from_kept(&passkey.credential)?;
        if !answer.names(passkey.user_id) {
            return Err(PasskeyError::ForeignHandle.into());
        }
        check_not_framed(&answer.0.response.client_data_json)?;
        let result = self.0.finish_discoverable_authentication_v2(&answer.0, state, &credential).map_err(|error| match error {
            WebauthnError::CredentialPossibleCompromise => PasskeyError::Cloned,
            other => PasskeyError::Refused(other),
        })?;
        let is_changed = credential.update_credential(&result).unwrap_or_default();
        let credential = to_json(&credential)?.to_string();
        let passkey = Passkey { credential, counter: result.counter(), backed_up: result.backup_state(), ..passkey };
        Ok(VerifiedLogin { passkey, is_changed })
    }

    /// Begins to make a passkey for `holder`, who has `others` already: WebAuthn section 7.1 step 1. The key has to be one that is found without a user
    /// name, and the authenticator has to make sure of its holder.
    ///
    /// # Errors
    /// When the library can't, or one of the others can't be read.
    pub fn begin_creation(&self, holder: Holder<'_>, others: &[Passkey]) -> Result<Begun, PasskeyFailure> {
        let handle = Uuid::from_bytes(handle_of(holder.id));
        let others: Vec<CredentialID> = others.iter().map(|one| credential_id(&one.credential)).collect::<Result<_, _>>()?;
        let (told, kept) = self.0.start_passkey_registration(handle, holder.name, holder.display_name, Some(others)).map_err(ours)?;
        let mut options = to_json(&told.public_key)?;
        if let Some(selection) = options.get_mut("authenticatorSelection").and_then(Value::as_object_mut) {
            selection.insert("residentKey".to_owned(), json!("required"));
            selection.insert("requireResidentKey".to_owned(), json!(true));
        }
        Ok(Begun { options, state: to_json(&kept)?.to_string() })
    }

    /// Finishes to make a passkey: WebAuthn section 7.1.
    ///
    /// # Errors
    /// When the answer is not to be believed, or the state can't be read.
    pub fn finish_creation(&self, state: &str, answer: &str) -> Result<NewCredential, FinishError> {
        let state: PasskeyRegistration = from_kept(state)?;
        let answer: RegisterPublicKeyCredential = read_answer(answer)?;
        check_id(&answer.raw_id)?;
        check_not_framed(&answer.response.client_data_json)?;
        let credential = self.0.finish_passkey_registration(&answer, &state).map_err(PasskeyError::Refused)?;
        if answer.extensions.cred_props.as_ref().and_then(|properties| properties.rk) == Some(false) {
            return Err(PasskeyError::NotDiscoverable.into());
        }
        if credential.cred_id() != &answer.raw_id {
            return Err(PasskeyError::Unreadable.into());
        }
        let kept = to_json(&credential)?;
        let text = kept.to_string();
        if text.len() > MAX_CREDENTIAL {
            return Err(PasskeyError::Unreadable.into());
        }
        let facts: Facts = serde_json::from_value(kept).map_err(|error| PasskeyFailure(error.to_string()))?;
        Ok(NewCredential {
            id: PasskeyId::of(credential.cred_id()),
            credential: text,
            counter: facts.cred.counter,
            backed_up: facts.cred.backup_state,
            maker: find_maker(&answer.response.attestation_object),
        })
    }
}

impl LoginAnswer {
    /// Reads what a browser answered.
    ///
    /// # Errors
    /// When it is no such answer.
    pub fn read(answer: &str) -> Result<Self, PasskeyError> {
        let answer: PublicKeyCredential = read_answer(answer)?;
        check_id(&answer.raw_id)?;
        if answer.type_ != "public-key" {
            return Err(PasskeyError::Unreadable);
        }
        Ok(Self(answer))
    }

    /// The key of the passkey that it is said to come from.
    #[must_use]
    pub fn passkey_id(&self) -> PasskeyId {
        PasskeyId::of(&self.0.raw_id)
    }

    /// Whether it names this user as the owner. For a login in which nobody has said who they are it must (WebAuthn section 7.2 step 6).
    fn names(&self, user: UserId) -> bool {
        self.0.get_user_unique_id() == Some(&handle_of(user))
    }
}

/// What is told of a credential beside the library's own methods.
#[derive(Debug, Deserialize)]
struct Facts {
    cred: CredentialFacts,
}

#[derive(Debug, Deserialize)]
struct CredentialFacts {
    counter: u32,
    backup_state: bool,
}

/// What the browser says of where the answer was given (WebAuthn section 5.8.1).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Surroundings {
    #[serde(default)]
    cross_origin: bool,
    #[serde(default)]
    top_origin: Option<String>,
}

/// The user handle: the 16 bytes of the user's id, which tell nothing about the person (WebAuthn section 14.6.1).
fn handle_of(user: UserId) -> [u8; 16] {
    user.0.to_bytes()
}

fn credential_id(credential: &str) -> Result<CredentialID, PasskeyFailure> {
    let credential: Credential = from_kept(credential)?;
    Ok(credential.cred_id().clone())
}

fn check_id(id: &[u8]) -> Result<(), PasskeyError> {
    if id.is_empty() || id.len() > MAX_CREDENTIAL_ID { Err(PasskeyError::Unreadable) } else { Ok(()) }
}

/// Our pages can't be framed; a browser that says that one was is not one to believe.
fn check_not_framed(client_data: &[u8]) -> Result<(), PasskeyError> {
    let said: Surroundings = serde_json::from_slice(client_data).map_err(|_| PasskeyError::Unreadable)?;
    if said.cross_origin || said.top_origin.is_some() { Err(PasskeyError::CrossOrigin) } else { Ok(()) }
}

/// The name of the authenticator's maker, by the `AAGUID` in the attestation object: authenticator data (WebAuthn section 6.1) has it from byte 37 on.
fn find_maker(attestation: &[u8]) -> Option<&'static str> {
    const MEMBER: &[u8] = b"hauthData";
    let at = attestation.windows(MEMBER.len()).position(|window| window == MEMBER)?;
    let rest = attestation.get(at + MEMBER.len()..)?;
    // A byte string of CBOR, whose length takes one or two bytes more.
    let header = match rest.first()? {
        0x58 => 2,
        0x59 => 3,
        _ => return None,
    };
    let aaguid: [u8; 16] = rest.get(header + 37..header + 53)?.try_into().ok()?;
    let aaguid = u128::from_be_bytes(aaguid);
    KNOWN_AUTHENTICATORS.iter().find(|(known, _)| *known == aaguid).map(|(_, name)| *name)
}

fn read_answer<T: DeserializeOwned>(answer: &str) -> Result<T, PasskeyError> {
    if answer.len() > MAX_ANSWER {
        return Err(PasskeyError::Unreadable);
    }
    serde_json::from_str(answer).map_err(|_| PasskeyError::Unreadable)
}

fn from_kept<T: DeserializeOwned>(kept: &str) -> Result<T, PasskeyFailure> {
    serde_json::from_str(kept).map_err(|error| PasskeyFailure(error.to_string()))
}

fn to_json(value: &impl serde::Serialize) -> Result<Value, PasskeyFailure> {
    serde_json::to_value(value).map_err(|error| PasskeyFailure(error.to_string()))
}

fn ours(error: WebauthnError) -> PasskeyFailure {
    PasskeyFailure(error.to_string())
}
