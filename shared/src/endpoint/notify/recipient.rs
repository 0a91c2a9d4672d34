//! Who is told of the end of a session: the clients in it, and the site that had vouched for the login.

use std::fmt;

use ulid::Ulid;
use url::Url;

use super::DeliveryError;
use super::logout_token::LogoutToken;
use crate::endpoint::subjects::Subjects;
use crate::model::client::{Client, ClientId, SigningAlg};
use crate::model::session::SiteSession;
use crate::model::user::User;

/// By what a delivery is remembered, and named in the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum RecipientName {
    /// A client.
    Client(ClientId),
    /// The site.
    Site,
}

impl fmt::Display for RecipientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(id) => id.fmt(f),
            Self::Site => f.write_str("the site"),
        }
    }
}

/// Somebody who is told.
#[derive(Clone, Debug)]
pub(super) enum Recipient {
    /// A client, at its `backchannel_logout_uri`.
    Client {
        /// As it is registered now.
        client: Box<Client>,
        /// The address.
        uri: String,
    },
    /// The site, which knows its own login and not our session.
    Site {
        /// Where it wants to be told.
        uri: Url,
        /// The `aud` that it expects.
        audience: String,
        /// The login.
        login: SiteSession,
    },
}

/// What is sent, and where to.
pub(super) struct Message {
    /// The address.
    pub(super) url: Url,
    audience: String,
    alg: SigningAlg,
    session_id: Option<String>,
    subject: Option<String>,
}

impl Recipient {
    /// By what it is remembered.
    pub(super) fn name(&self) -> RecipientName {
        match self {
            Self::Client { client, .. } => RecipientName::Client(client.client_id.clone()),
            Self::Site { .. } => RecipientName::Site,
        }
    }

    /// What it is told of a session of `user`, who may be known no more. The site verifies RS256, as everybody can.
    ///
    /// # Errors
    /// When its address is none, or the person's name for it can't be computed.
    pub(super) async fn message(&self, session_id: Ulid, user: Option<&User>, subjects: &Subjects) -> Result<Message, DeliveryError> {
        match self {
            Self::Client { client, uri } => Ok(Message {
                url: Url::parse(uri).map_err(|_| DeliveryError::Url)?,
                audience: client.client_id.as_str().to_owned(),
                alg: client.id_token_signed_response_alg,
                session_id: Some(session_id.to_string()),
                subject: match user {
                    Some(user) => Some(subjects.subject_for(client, user).await?.0),
                    None => None,
                },
            }),
            Self::Site { uri, audience, login } => Ok(Message {
                url: uri.clone(),
                audience: audience.clone(),
                alg: SigningAlg::RS256,
                session_id: login.session_id.clone(),
                subject: Some(login.subject.clone()),
            }),
        }
    }
}

impl Message {
    /// The token that says it.
    pub(super) fn token(&self) -> LogoutToken<'_> {
        LogoutToken { audience: &self.audience, alg: self.alg, session_id: self.session_id.as_deref(), subject: self.subject.as_deref() }
    }
}
