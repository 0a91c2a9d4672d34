//! The page before a redirect that nobody asked for (RFC 9700 section 4.11.2).
//!
//! Whoever can register a client could send people through this server to any place, by a link that shows our name: a request that fails at once is
//! answered by a redirect. So clients that registered themselves get none before the person has logged in. A page names the destination instead.

use super::FrontChannel;
use super::error::Refusal;
use super::session::find_active;
use crate::endpoint::Request;
use crate::model::client::StoredClient;
use crate::model::settings::RegistrationSettings;
use crate::protocol::authorize::TrustedRedirect;
use crate::protocol::redirect_uri::RedirectKind;

/// Whether a redirect to `client` needs somebody who has logged in: nobody stands behind it, and the operator does not know the destination.
pub(super) fn needs_login(client: &StoredClient, redirect: &TrustedRedirect, settings: &RegistrationSettings) -> bool {
    client.is_stranger() && !is_known(redirect, settings)
}

fn is_known(redirect: &TrustedRedirect, settings: &RegistrationSettings) -> bool {
    match redirect.kind() {
        RedirectKind::Web { host } => settings.trusted_hosts.contains(host),
        // Any program may listen there.
        RedirectKind::Loopback | RedirectKind::App { .. } => false,
    }
}

/// `refusal`, told by a page where it would be an unasked-for redirect.
pub(super) async fn hold_back(front: &FrontChannel, request: &Request, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Client(reply, reason) if reply.needs_login => match find_active(front, request).await {
            Ok(Some(_)) => Refusal::Client(reply, reason),
            Ok(None) => Refusal::Leaving(reply, reason),
            Err(error) => error.into(),
        },
        other => other,
    }
}
