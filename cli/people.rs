//! What happens to people: found by name, added, locked out, removed. Seeds and commands share it.

use grantlet::context::Context;
use grantlet::endpoint::people::delete_person;
use grantlet::model::grant::RevokedBy;
use grantlet::model::secret::Secret;
use grantlet::model::user::{Claims, Login, Subject, User, UserId, fold_username};
use grantlet::password::{hash_password, verify_password};
use grantlet::protocol::claims::check_claim;
use serde::Serialize;

use crate::failure::Failure;

/// What ended together with a person's access.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Ended {
    /// Grants that this call revoked.
    pub(crate) grants_revoked: usize,
    /// Sessions that this call ended.
    pub(crate) sessions_ended: usize,
}

/// A person to add, who logs in by user name and password.
#[derive(Debug)]
pub(crate) struct NewUser<'a> {
    pub(crate) username: &'a str,
    pub(crate) password: &'a Secret,
    pub(crate) claims: &'a Claims,
    pub(crate) locked: bool,
}

/// Finds a person by user name, by the `sub` at the site's own login, or by the `sub` that Grantlet made.
pub(crate) async fn find_user(context: &Context, text: &str) -> Result<User, Failure> {
    let store = &context.store;
    let mut id = store.find_login(&Login::Local(fold_username(text))).await?;
    if id.is_none() {
        id = store.find_login(&Login::Site(text.to_owned())).await?;
    }
    let found = match id.or_else(|| text.parse().ok().map(UserId)) {
        Some(id) => store.find_user(id).await?,
        None => None,
    };
    found.ok_or_else(|| Failure::new(format!("There is no user {text:?}. `grantlet user list` shows all.")))
}

/// Adds a person; none when the user name is taken.
pub(crate) async fn add_user(context: &Context, new: &NewUser<'_>) -> Result<Option<User>, Failure> {
    check_username(new.username)?;
    check_claims(new.claims)?;
    let (id, now) = (context.ulid(), context.now());
    let user = User {
        id: UserId(id),
        subject: Subject(id.to_string()),
        username: Some(new.username.trim().to_owned()),
        password_hash: Some(hash_password(new.password, &*context.random)),
        claims: new.claims.clone(),
        locked: new.locked,
        created_at: now,
        updated_at: now,
    };
    let login = Login::Local(fold_username(new.username));
    Ok(context.store.create_user(&user, &login).await?.then_some(user))
}

/// Replaces a password and ends the sessions that the old one began.
pub(crate) async fn set_password(context: &Context, id: UserId, password: &Secret) -> Result<usize, Failure> {
    let hash = hash_password(password, &*context.random);
    if !context.store.set_password(id, &hash).await? {
        return Err(gone());
    }
    end_sessions(context, id).await
}

/// Removes all passkeys, whatever other ways to log in there are, and ends the sessions that they may have begun. Answers how many there were.
pub(crate) async fn remove_passkeys(context: &Context, id: UserId) -> Result<(usize, Ended), Failure> {
    let removed = context.store.remove_all_passkeys(id).await?;
    Ok((removed, Ended { grants_revoked: 0, sessions_ended: end_sessions(context, id).await? }))
}

/// Locks a person out. The lock comes first: from then on nothing new is signed for them while the rest is ended.
pub(crate) async fn lock(context: &Context, id: UserId) -> Result<Ended, Failure> {
    if !context.store.set_locked(id, true).await? {
        return Err(gone());
    }
    send_home(context, id).await
}

/// Revokes what a person allowed, and ends their sessions.
pub(crate) async fn send_home(context: &Context, id: UserId) -> Result<Ended, Failure> {
    let mut ended = Ended::default();
    for grant in context.store.list_grant_ids(id).await? {
        if context.store.revoke_grant(grant, RevokedBy::Operator).await? {
            ended.grants_revoked += 1;
        }
    }
    ended.sessions_ended = end_sessions(context, id).await?;
    Ok(ended)
}

/// Removes a person with everything that is kept about them.
pub(crate) async fn remove(context: &Context, user: &User) -> Result<Ended, Failure> {
    let deleted = delete_person(context, user).await?;
    // A search finds logins, too, of which the person's record does not tell.
    context.store.remove_user(user.id).await?;
    Ok(Ended { grants_revoked: deleted.grants, sessions_ended: deleted.sessions })
}

async fn end_sessions(context: &Context, id: UserId) -> Result<usize, Failure> {
    Ok(grantlet::endpoint::people::end_sessions(context, id, None).await?)
}

/// Refuses user names that nobody could type or tell apart.
pub(crate) fn check_username(username: &str) -> Result<(), Failure> {
    let trimmed = username.trim();
    if trimmed.is_empty() || trimmed.len() > 255 || trimmed.chars().any(char::is_control) {
        return Err(Failure::new(format!("The user name {username:?} can't be used: give 1 to 255 bytes without control characters.")));
    }
    Ok(())
}

/// Refuses claims that are Grantlet's to give, and standard ones of a wrong type.
pub(crate) fn check_claims(claims: &Claims) -> Result<(), Failure> {
    if let Some(name) = ["sub", "iss", "aud", "updated_at"].iter().find(|name| claims.contains_key(**name)) {
        return Err(Failure::new(format!("The claim {name:?} can't be set: Grantlet gives it. Leave it out.")));
    }
    for (name, value) in claims {
        check_claim(name, value).map_err(|why| Failure::new(format!("The claim {name:?} can't be {value}: it {why}. Correct it.")))?;
    }
    Ok(())
}

fn gone() -> Failure {
    Failure::new("The user was removed at the same moment. Nothing was changed.")
}

/// Whether `password` is the user's.
pub(crate) fn has_password(user: &User, password: &Secret) -> bool {
    user.password_hash.as_ref().is_some_and(|hash| verify_password(password, hash))
}
