//! Where a long list goes on: a text that only this server can make and read, for one person, one list and an hour.

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use super::Place;
use crate::endpoint::Request;
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::error::Refusal;
use crate::endpoint::front::sealed::{Sealable, open, seal};
use crate::endpoint::front::session::ActiveSession;
use crate::endpoint::people::Walk;
use crate::model::user::UserId;
use crate::protocol::params::Params;

/// The last one that was shown.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::endpoint::front) struct Cursor {
    user: UserId,
    path: String,
    last: Ulid,
}

impl Sealable for Cursor {
    const PURPOSE: &'static str = "list cursor";
    const LIFETIME: i64 = 3_600;
}

/// Which page of a list somebody wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The first one.
    First,
    /// What comes after this.
    After(Ulid),
    /// One that is not known, or not any more: the list begins anew.
    Unknown,
}

impl Wanted {
    /// The page that the address names.
    pub(super) async fn read(front: &FrontChannel, request: &Request, active: &ActiveSession, place: Place) -> Result<Self, Refusal> {
        let params = Params::parse(request.raw_query.as_bytes()).unwrap_or_default();
        let Some(text) = params.find("after") else { return Ok(Self::First) };
        let cursor = open::<Cursor>(front, text).await?.filter(|cursor| cursor.user == active.user.id && cursor.path == place.path());
        Ok(cursor.map_or(Self::Unknown, |cursor| Self::After(cursor.last)))
    }
}

/// The address of the page on which `walk` goes on, while there is more.
pub(super) async fn next_page(front: &FrontChannel, active: &ActiveSession, place: Place, walk: &Walk) -> Result<Option<String>, Refusal> {
    let Some(last) = walk.place() else { return Ok(None) };
    let sealed = seal(front, Cursor { user: active.user.id, path: place.path().to_owned(), last }).await?;
    Ok(Some(format!("{}?after={sealed}", place.path())))
}
