//! Whose account an identity at a provider is: the one that it is connected with, or a new one.

use serde_json::{Map, Value, json};

use super::{Connected, Visit, apple};
use crate::model::settings::ConnectionKind;
use crate::model::user::{Claims, Identity, Login, Subject, User, UserId, fold_username};
use crate::protocol::claims::{check_claim, is_standard};
use crate::store::{KeptIdentity, StoreError};

/// The most bytes of claims that are kept of a person.
const MAX_CLAIMS: usize = 8 * 1_024;
/// The longest label of an identity, in characters.
const MAX_LABEL: usize = 80;

/// Somebody whom a provider vouches for.
#[derive(Clone, Debug)]
pub(super) struct Vouched {
    /// Who they are there.
    pub(super) identity: Identity,
    /// What is known of them.
    pub(super) claims: Claims,
    /// What they say of themselves when they come for the first time, and counts only then.
    pub(super) at_first: Claims,
}

/// What became of somebody whom a provider vouches for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Admitted {
    /// This is their account.
    User(Box<User>),
    /// Their account is locked.
    Locked,
    /// They have none, and the connection makes none.
    NoAccount,
    /// They have none, and an account of somebody who logs in otherwise bears their address.
    AddressKnown,
    /// Their account is gone, and its login was left behind.
    Orphan,
}

/// Finds the account, with what the provider now says of the person, or makes one.
pub(super) async fn admit(visit: &Visit<'_>, vouched: &Vouched) -> Result<Admitted, StoreError> {
    let store = &visit.front.context.store;
    if let Some(kept) = store.find_identity(&vouched.identity).await? {
        return welcome(visit, vouched, &kept).await;
    }
    if !visit.connection.sign_up {
        return Ok(Admitted::NoAccount);
    }
    if is_address_of_another(visit, &vouched.claims).await? {
        return Ok(Admitted::AddressKnown);
    }
    match create(visit, vouched).await? {
        Some(user) => Ok(Admitted::User(Box::new(user))),
        // Another request was faster.
        None => match store.find_identity(&vouched.identity).await? {
            Some(kept) => welcome(visit, vouched, &kept).await,
            None => Ok(Admitted::Orphan),
        },
    }
}

async fn welcome(visit: &Visit<'_>, vouched: &Vouched, kept: &KeptIdentity) -> Result<Admitted, StoreError> {
    let context = &visit.front.context;
    let Some(user) = context.store.find_user(kept.user_id).await? else { return Ok(Admitted::Orphan) };
    if user.locked {
        return Ok(Admitted::Locked);
    }
    // An account that was there before it was connected keeps what is known of it.
    if kept.made_user {
        let claims = vouched.claims_after(visit, &user.claims);
        if user.claims != claims {
            context.store.set_claims(user.id, &claims, context.now()).await?;
            return Ok(Admitted::User(Box::new(User { claims, ..user })));
        }
    }
    Ok(Admitted::User(Box::new(user)))
}

/// Connects the identity with the account of somebody who is logged in. One that is somebody's already stays theirs.
pub(super) async fn connect(visit: &Visit<'_>, vouched: &Vouched, user: UserId) -> Result<Connected, StoreError> {
    let context = &visit.front.context;
    if context.store.add_identity(&vouched.kept(user, false, context.now())).await? {
        return Ok(Connected::Now);
    }
    let kept = context.store.find_identity(&vouched.identity).await?;
    Ok(if kept.is_some_and(|kept| kept.user_id == user) { Connected::Before } else { Connected::Refused })
}

/// Whether the address, if the provider proved it, is the user name of somebody here. An address that nobody proved is not looked up: the answer would
/// tell who has an account.
async fn is_address_of_another(visit: &Visit<'_>, claims: &Claims) -> Result<bool, StoreError> {
    let proven = claims.get("email_verified") == Some(&json!(true));
    match claims.get("email").and_then(Value::as_str).filter(|_| proven) {
        Some(email) => Ok(visit.front.context.store.find_login(&Login::Local(fold_username(email))).await?.is_some()),
        None => Ok(false),
    }
}

/// Makes an account. Its `sub` is ours, so that it can be nobody else's, whatever another provider calls its people.
async fn create(visit: &Visit<'_>, vouched: &Vouched) -> Result<Option<User>, StoreError> {
    let context = &visit.front.context;
    let (id, now) = (UserId(context.ulid()), context.now());
    let user = User {
        id,
        subject: Subject(id.to_string()),
        username: None,
        password_hash: None,
        claims: with_more(&vouched.claims, &vouched.at_first),
        locked: false,
        created_at: now,
        updated_at: now,
    };
    let kept = vouched.kept(id, true, now);
    Ok(context.store.create_user_of(&user, &kept).await?.then_some(user))
}

/// `claims`, and those of `more` that are not among them.
fn with_more(claims: &Claims, more: &Claims) -> Claims {
    let mut all = more.clone();
    all.extend(claims.clone());
    all
}

impl Vouched {
    /// What is known of somebody of whom `known` was known: what the provider says now, and what Apple told once.
    fn claims_after(&self, visit: &Visit<'_>, known: &Claims) -> Claims {
        if visit.connection.kind != ConnectionKind::Apple {
            return self.claims.clone();
        }
        let once = apple::TOLD_ONCE.into_iter().filter_map(|name| Some((name.to_owned(), known.get(name)?.clone())));
        with_more(&self.claims, &once.collect())
    }

    /// The identity as a record of `user_id`.
    pub(super) fn kept(&self, user_id: UserId, made_user: bool, since: crate::context::Timestamp) -> KeptIdentity {
        KeptIdentity { identity: self.identity.clone(), user_id, label: self.label(), made_user, since }
    }

    /// By what people know the identity.
    pub(super) fn label(&self) -> Option<String> {
        let text = |name| self.claims.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        let label = text("email").or_else(|| text("preferred_username")).or_else(|| text("name"))?;
        Some(label.chars().filter(|c| !c.is_control()).take(MAX_LABEL).collect())
    }
}

/// The standard claims (`OpenID` Connect Core section 5.1) but for `updated_at`, which is ours to say, as many as fit. One of a wrong type is left out, and
/// so is what nobody checked: whether an address was verified is for those to say whom the operator trusts with it, and nobody is asked about phones.
pub(super) fn read_claims(person: &Map<String, Value>, trust_email: bool) -> Claims {
    let mut kept = Claims::new();
    let mut size = 0;
    for (name, value) in person.iter().filter(|(name, value)| is_standard(name) && *name != "updated_at" && !value.is_null()) {
        // Some providers spell the flag as a text.
        let value = match value.as_str() {
            Some(flag @ ("true" | "false")) if name.ends_with("_verified") => json!(flag == "true"),
            _ => value.clone(),
        };
        let length = name.len() + serde_json::to_vec(&value).map_or(MAX_CLAIMS, |json| json.len());
        if check_claim(name, &value).is_err() || size + length > MAX_CLAIMS {
            tracing::warn!(claim = name, "a claim of a provider is left out: its type is wrong, or there are too many");
            continue;
        }
        size += length;
        kept.insert(name.clone(), value);
    }
    if kept.contains_key("email") {
        let verified = trust_email && kept.get("email_verified") == Some(&json!(true));
        kept.insert("email_verified".to_owned(), json!(verified));
    } else {
        kept.remove("email_verified");
    }
    kept.remove("phone_number_verified");
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(person: Value, trust_email: bool) -> Value {
        Value::Object(read_claims(person.as_object().unwrap(), trust_email))
    }

    /// `OpenID` Connect Core section 5.1
    #[test]
    fn standard_claims_of_the_right_type_are_kept() {
        let person = json!({
            "iss": "x", "sub": "1", "name": "Ada", "email": "ada@example.com", "email_verified": true, "birthdate": 7, "locale": null,
            "role": "admin", "updated_at": 5, "phone_number": "+41", "phone_number_verified": true,
        });
        let expected = json!({"name": "Ada", "email": "ada@example.com", "email_verified": true, "phone_number": "+41"});
        assert_eq!(read(person, true), expected);
    }

    #[test]
    fn an_address_is_verified_by_those_alone_who_are_trusted_with_it() {
        let person = json!({"email": "ada@example.com", "email_verified": true});
        assert_eq!(read(person.clone(), false), json!({"email": "ada@example.com", "email_verified": false}));
        assert_eq!(read(json!({"email": "ada@example.com"}), true)["email_verified"], false);
        assert_eq!(read(json!({"email": "ada@example.com", "email_verified": "true"}), true)["email_verified"], true);
        assert_eq!(read(json!({"email_verified": true}), true), json!({}));
        assert_eq!(read(json!({"email": 7, "email_verified": true}), true), json!({}));
    }

    #[test]
    fn what_is_too_much_is_left_out_and_the_person_can_log_in() {
        let kept = read(json!({"name": "Ada", "picture": "x".repeat(MAX_CLAIMS)}), false);
        assert_eq!(kept, json!({"name": "Ada"}));
    }
}
