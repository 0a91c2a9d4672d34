//! Every value that a registry or a specification knows for something that the metadata list, whether this server takes it or not.

use std::collections::BTreeSet;

/// IANA JSON Web Signature and Encryption Algorithms, those of JWS (RFC 7518 section 3.1, RFC 8037, RFC 8812, RFC 9864, RFC 9964).
pub(super) const JWS_ALGS: [&str; 20] = [
    "none",
    "HS256",
    "HS384",
    "HS512",
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "ES256K",
    "EdDSA",
    "Ed25519",
    "Ed448",
    "ML-DSA-44",
    "ML-DSA-65",
    "ML-DSA-87",
];

/// The same registry, algorithms of JWE (RFC 7518 section 4.1).
pub(super) const JWE_ALGS: [&str; 18] = [
    "RSA1_5",
    "RSA-OAEP",
    "RSA-OAEP-256",
    "RSA-OAEP-384",
    "RSA-OAEP-512",
    "A128KW",
    "A192KW",
    "A256KW",
    "dir",
    "ECDH-ES",
    "ECDH-ES+A128KW",
    "ECDH-ES+A256KW",
    "A128GCMKW",
    "A192GCMKW",
    "A256GCMKW",
    "PBES2-HS256+A128KW",
    "PBES2-HS384+A192KW",
    "PBES2-HS512+A256KW",
];

/// The same registry, content encryption (RFC 7518 section 5.1).
pub(super) const JWE_ENCS: [&str; 6] = ["A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM"];

/// IANA OAuth Token Endpoint Authentication Methods (RFC 7591 section 2, OpenID Connect Core section 9, RFC 8705 section 2), and that of attestations.
pub(super) const AUTH_METHODS: [&str; 8] = [
    "none",
    "client_secret_post",
    "client_secret_basic",
    "client_secret_jwt",
    "private_key_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
    "attest_jwt_client_auth",
];

/// RFC 6749, RFC 7522 and RFC 7523 section 2.1, RFC 8628, RFC 8693, CIBA section 10.1, UMA 2.0, OpenID for Verifiable Credential Issuance.
pub(super) const GRANT_TYPES: [&str; 11] = [
    "authorization_code",
    "implicit",
    "password",
    "client_credentials",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:openid:params:grant-type:ciba",
    "urn:ietf:params:oauth:grant-type:uma-ticket",
];

/// IANA OAuth Authorization Endpoint Response Types (OAuth 2.0 Multiple Response Types), and those of OpenID for Verifiable Presentations.
pub(super) const RESPONSE_TYPES: [&str; 10] = [
    "code",
    "token",
    "id_token",
    "none",
    "code token",
    "code id_token",
    "id_token token",
    "code id_token token",
    "vp_token",
    "vp_token id_token",
];

/// OAuth 2.0 Multiple Response Types section 2.1, Form Post Response Mode, JARM section 2.3, Web Message Response Mode, OpenID for Verifiable Presentations.
pub(super) const RESPONSE_MODES: [&str; 11] = [
    "query",
    "fragment",
    "form_post",
    "jwt",
    "query.jwt",
    "fragment.jwt",
    "form_post.jwt",
    "web_message",
    "direct_post",
    "direct_post.jwt",
    "dc_api",
];

/// IANA PKCE Code Challenge Methods (RFC 7636 section 6.2).
pub(super) const CHALLENGE_METHODS: [&str; 2] = ["plain", "S256"];

/// OpenID Connect Core section 3.1.2.1, Initiating User Registration.
pub(super) const PROMPTS: [&str; 5] = ["none", "login", "consent", "select_account", "create"];

/// OpenID Connect Core section 3.1.2.1.
pub(super) const DISPLAYS: [&str; 4] = ["page", "popup", "touch", "wap"];

/// OpenID Connect Core section 8.
pub(super) const SUBJECT_TYPES: [&str; 2] = ["public", "pairwise"];

/// RFC 7522 and RFC 7523 section 2.2.
pub(super) const ASSERTION_TYPES: [&str; 2] =
    ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"];

/// RFC 8693 section 3, and those of drafts.
pub(super) const TOKEN_TYPES: [&str; 8] = [
    "urn:ietf:params:oauth:token-type:access_token",
    "urn:ietf:params:oauth:token-type:refresh_token",
    "urn:ietf:params:oauth:token-type:id_token",
    "urn:ietf:params:oauth:token-type:saml1",
    "urn:ietf:params:oauth:token-type:saml2",
    "urn:ietf:params:oauth:token-type:jwt",
    "urn:ietf:params:oauth:token-type:txn_token",
    "urn:ietf:params:oauth:token-type:id-jag",
];

/// Levels that others define: OpenID Connect Extended Authentication Profile, ISO 29115, IANA Level of Assurance profiles, SAML.
pub(super) const LEVELS: [&str; 8] = [
    "phr",
    "phrh",
    "0",
    "1",
    "2",
    "urn:mace:incommon:iap:silver",
    "http://idmanagement.gov/ns/assurance/aal/2",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
];

/// ISO 639-1, all 183.
pub(super) const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es \
    et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la \
    lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk \
    sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// IANA JSON Web Token Claims that say something about a person or a login (OpenID Connect Core sections 2 and 5.1, OpenID Connect for Identity Assurance,
/// RFC 8693, RFC 9068 section 2.2.3.1).
pub(super) const CLAIMS: [&str; 40] = [
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "email_verified",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "address",
    "updated_at",
    "acr",
    "amr",
    "auth_time",
    "sub",
    "sid",
    "groups",
    "roles",
    "entitlements",
    "place_of_birth",
    "nationalities",
    "birth_family_name",
    "birth_given_name",
    "birth_middle_name",
    "salutation",
    "title",
    "msisdn",
    "also_known_as",
    "verified_claims",
    "sub_id",
    "password",
    "password_hash",
];

/// `known`, and what is nearly one of `advertised`: in other letters, cut short, or with more behind it.
pub(super) fn with_near_misses<'k>(known: impl IntoIterator<Item = &'k str>, advertised: &BTreeSet<String>) -> BTreeSet<String> {
    let near = |value: &String| {
        let mut cut = value.clone();
        cut.pop();
        [
            value.clone(),
            value.to_uppercase(),
            value.to_lowercase(),
            cut,
            format!("{value}x"),
            format!("{value}.jwt"),
            format!("urn:{value}"),
        ]
    };
    known.into_iter().map(str::to_owned).chain(advertised.iter().flat_map(near)).filter(|value| !value.is_empty()).collect()
}
