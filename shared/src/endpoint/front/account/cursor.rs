//! Where a long list goes on: a text that only this server can make and read, for one person, one list and an hour.

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use super::Place;
use crate::endpoint::Request;
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::error::Refusal;
use crate::endpoint::front::sealed::{Sealable, open, seal};
use crate::endpoint::front::session::ActiveSession;
use crate::model::user::UserId;
use crate::protocol::params::Params;

/// Where one page ended.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::endpoint::front) struct Cursor {
    user: UserId,
    path: String,
    last: Mark,
}

/// What was shown last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::endpoint::front) enum Mark {
    /// The record with this id.
    Id(Ulid),
    /// What is remembered of the client with this id; an empty text stands before all of them.
    Client(String),
}

impl Sealable for Cursor {
    const PURPOSE: &'static str = "list cursor";
    const LIFETIME: i64 = 3_600;
}

/// Which page of a list somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The first one.
    First,
    /// What comes after this.
    After(Mark),
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

/// The address of the page on which the list goes on, if it does.
pub(super) async fn next_page(
    front: &FrontChannel,
    active: &ActiveSession,
    place: Place,
    last: Option<Mark>,
) -> Result<Option<String>, Refusal> {
    let Some(last) = last else { return Ok(None) };
    let sealed = seal(front, Cursor { user: active.user.id, path: place.path().to_owned(), last }).await?;
    Ok(Some(format!("{}?after={sealed}", place.path())))
}
