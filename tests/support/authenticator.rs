//! An authenticator in software (W3C Web Authentication Level 3 sections 6 and 7), with a browser around it. Everything that it says can be changed
//! before it is signed.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Flags of authenticator data (WebAuthn section 6.1): user present, user verified, backup eligible, backup state, attested credential data.
pub(crate) const USER_PRESENT: u8 = 0x01;
pub(crate) const USER_VERIFIED: u8 = 0x04;
pub(crate) const BACKUP_ELIGIBLE: u8 = 0x08;
pub(crate) const BACKED_UP: u8 = 0x10;
const ATTESTED: u8 = 0x40;

/// One discoverable credential.
pub(crate) struct Authenticator {
    key: EcdsaKeyPair,
    /// The id of its credential.
    pub(crate) credential_id: Vec<u8>,
    /// What its maker calls the model.
    pub(crate) aaguid: [u8; 16],
    /// What it was told of the user, and tells back.
    pub(crate) user_handle: Vec<u8>,
}

/// What is about to be said, by the browser and by the authenticator.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    /// `webauthn.create` or `webauthn.get`.
    pub(crate) kind: &'static str,
    /// The challenge, base64url.
    pub(crate) challenge: String,
    /// Where the browser is.
    pub(crate) origin: String,
    /// Whether another site's page is around.
    pub(crate) cross_origin: bool,
    /// The relying party.
    pub(crate) rp_id: String,
    /// The flags.
    pub(crate) flags: u8,
    /// How often it signed.
    pub(crate) counter: u32,
    /// Whose credential it says it is; `None` says nothing.
    pub(crate) user_handle: Option<Vec<u8>>,
    /// What the browser tells of whether the key can be found without a user name.
    pub(crate) discoverable: Option<bool>,
}

impl Authenticator {
    /// A new key.
    pub(crate) fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let credential_id = digest(&SHA256, key.public_key().as_ref()).as_ref().to_vec();
        Self { key, credential_id, aaguid: [0; 16], user_handle: Vec::new() }
    }

    /// What is honestly said when `options` ask for a new credential at `origin`. The authenticator remembers the user.
    pub(crate) fn about_to_create(&mut self, options: &Value, origin: &str) -> Said {
        self.user_handle = URL_SAFE_NO_PAD.decode(options["user"]["id"].as_str().expect("a user handle")).expect("base64url");
        Said { kind: "webauthn.create", rp_id: options["rp"]["id"].as_str().expect("an id").to_owned(), ..self.said(options, origin) }
    }

    /// What is honestly said when `options` ask for a login at `origin`.
    pub(crate) fn about_to_get(&self, options: &Value, origin: &str) -> Said {
        Said { kind: "webauthn.get", rp_id: options["rpId"].as_str().expect("an id").to_owned(), ..self.said(options, origin) }
    }

    fn said(&self, options: &Value, origin: &str) -> Said {
        Said {
            kind: "",
            challenge: options["challenge"].as_str().expect("a challenge").to_owned(),
            origin: origin.to_owned(),
            cross_origin: false,
            rp_id: String::new(),
            flags: USER_PRESENT | USER_VERIFIED,
            counter: 0,
            user_handle: Some(self.user_handle.clone()),
            discoverable: Some(true),
        }
    }

    /// The answer to a request for a new credential.
    pub(crate) fn create(&self, said: &Said) -> Value {
        let mut data = data_of(said, ATTESTED);
        data.extend(self.aaguid);
        data.extend(u16::try_from(self.credential_id.len()).expect("a length").to_be_bytes());
        data.extend(&self.credential_id);
        data.extend(self.cose_key());
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        attestation.extend(u16::try_from(data.len()).expect("a length").to_be_bytes());
        attestation.extend(data);
        let mut answer = self.answer(json!({
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data(said)), "attestationObject": URL_SAFE_NO_PAD.encode(attestation),
        }));
        answer["clientExtensionResults"] = json!({"credProps": {"rk": said.discoverable}});
        answer
    }

    /// The answer to a request for a login.
    pub(crate) fn get(&self, said: &Said) -> Value {
        let (data, client_data) = (data_of(said, 0), client_data(said));
        let signed = [data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("a signature");
        let mut response = json!({
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data), "authenticatorData": URL_SAFE_NO_PAD.encode(data),
            "signature": URL_SAFE_NO_PAD.encode(signature.as_ref()),
        });
        if let Some(handle) = &said.user_handle {
            response["userHandle"] = json!(URL_SAFE_NO_PAD.encode(handle));
        }
        self.answer(response)
    }

    fn answer(&self, response: Value) -> Value {
        let id = URL_SAFE_NO_PAD.encode(&self.credential_id);
        json!({"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {}})
    }

    /// The public key as a COSE key (RFC 9053 section 7.1): EC2, ES256, P-256, x, y.
    fn cose_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".as_slice(), &point[1..33], b"\x22\x58\x20", &point[33..65]].concat()
    }
}

/// What the browser says of the ceremony (WebAuthn section 5.8.1).
fn client_data(said: &Said) -> Vec<u8> {
    let Said { kind, challenge, origin, cross_origin, .. } = said;
    json!({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": cross_origin}).to_string().into_bytes()
}

/// Authenticator data (WebAuthn section 6.1) up to the counter.
fn data_of(said: &Said, flags: u8) -> Vec<u8> {
    let mut data = digest(&SHA256, said.rp_id.as_bytes()).as_ref().to_vec();
    data.push(said.flags | flags);
    data.extend(said.counter.to_be_bytes());
    data
}
