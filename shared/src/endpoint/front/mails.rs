//! The mails that people get: links that prove an address, and words about what happened to an account.

use super::FrontChannel;
use super::error::{FailureReason, Refusal};
use crate::endpoint::Request;
use crate::mail::Mail;
use crate::model::email::EmailAddress;
use crate::model::user::User;
use crate::pages::View;
use crate::pages::mail::{Letter, render_letter};

/// What happened to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// Its password is another one.
    PasswordChanged,
    /// It has a second factor.
    FactorAdded,
    /// It has none any more.
    FactorRemoved,
    /// A recovery code was used, and so many are left.
    RecoveryCodeUsed(usize),
    /// There are new recovery codes.
    RecoveryCodesRenewed,
    /// Its address is another one; this goes to the one before.
    EmailChanged,
}

/// What a mail is for that has a link in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Invitation {
    /// To make an account.
    SignUp(String),
    /// To choose a new password.
    Reset(String),
    /// To give an account this address.
    Email(String),
    /// There is an account already.
    AlreadyThere(String),
    /// There is no account with this address.
    NotThere,
}

/// The address of an account that was proven to be its person's.
pub(super) fn proven_address(user: &User) -> Option<EmailAddress> {
    let is_verified = user.claims.get("email_verified").and_then(serde_json::Value::as_bool) == Some(true);
    let email = user.claims.get("email").and_then(serde_json::Value::as_str).filter(|_| is_verified)?;
    EmailAddress::parse(email).ok()
}

/// What people call this server: the name of the site, or the host of the issuer.
pub(super) fn site_of(front: &FrontChannel, view: &View) -> String {
    view.look().name().map_or_else(|| host_of(front), str::to_owned)
}

/// The host of the issuer.
pub(super) fn host_of(front: &FrontChannel) -> String {
    let issuer = front.context.config.issuer.as_str();
    issuer.split_once("://").map_or(issuer, |(_, host)| host).to_owned()
}

/// Sends a mail with a link, or instead of one.
///
/// # Errors
/// When it can't be sent: nothing was done then that can't be done again.
pub(super) async fn invite(front: &FrontChannel, view: &View, to: EmailAddress, invitation: Invitation) -> Result<(), Refusal> {
    let site = site_of(front, view);
    let about = [("site", site.as_str())];
    let letter = match &invitation {
        Invitation::SignUp(url) => Letter {
            subject: view.tell("mail-sign-up-subject", about),
            paragraphs: vec![view.tell("mail-sign-up", about)],
            link: Some((view.say("mail-sign-up-link").into_owned(), url)),
            ending: view.say("mail-ignore").into_owned(),
        },
        Invitation::Reset(url) => Letter {
            subject: view.tell("mail-reset-subject", about),
            paragraphs: vec![view.tell("mail-reset", about)],
            link: Some((view.say("mail-reset-link").into_owned(), url)),
            ending: view.say("mail-ignore").into_owned(),
        },
        Invitation::Email(url) => Letter {
            subject: view.tell("mail-email-subject", about),
            paragraphs: vec![view.tell("mail-email", about)],
            link: Some((view.say("mail-email-link").into_owned(), url)),
            ending: view.say("mail-ignore").into_owned(),
        },
        Invitation::AlreadyThere(url) => Letter {
            subject: view.tell("mail-there-subject", about),
            paragraphs: vec![view.tell("mail-there", about), view.say("mail-there-forgot").into_owned()],
            link: Some((view.say("mail-there-link").into_owned(), url)),
            ending: view.say("mail-ignore").into_owned(),
        },
        Invitation::NotThere => Letter {
            subject: view.tell("mail-not-there-subject", about),
            paragraphs: vec![view.tell("mail-not-there", about)],
            link: None,
            ending: view.say("mail-ignore").into_owned(),
        },
    };
    send(front, render_letter(view, to, &letter)).await
}

/// Tells somebody what happened to their account, where their address is known. It has happened whether or not they can be told; a failure is logged.
pub(super) async fn tell(front: &FrontChannel, request: &Request, view: &View, user: &User, news: News) {
    let Some(to) = proven_address(user) else { return };
    tell_at(front, request, view, to, news).await;
}

/// The same, at an address.
pub(super) async fn tell_at(front: &FrontChannel, request: &Request, view: &View, to: EmailAddress, news: News) {
    let settings = match front.context.settings().await {
        Ok(settings) if front.context.mailer.is_on(&settings.mail) => settings,
        Ok(_) => return,
        Err(error) => return tracing::error!(request_id = request.request_id, %error, "somebody could not be told of what happened"),
    };
    let site = site_of(front, view);
    let about = [("site", site.as_str())];
    let said = match news {
        News::PasswordChanged => view.tell("mail-password-changed", about),
        News::FactorAdded => view.tell("mail-factor-added", about),
        News::FactorRemoved => view.tell("mail-factor-removed", about),
        News::RecoveryCodeUsed(left) => view.tell("mail-recovery-used", [("left", left)]),
        News::RecoveryCodesRenewed => view.tell("mail-recovery-renewed", about),
        News::EmailChanged => view.tell("mail-email-changed", about),
    };
    let url = front.context.config.issuer.url("/account");
    let letter = Letter {
        subject: view.tell("mail-news-subject", about),
        paragraphs: vec![said],
        link: Some((view.say("mail-news-link").into_owned(), &url)),
        ending: view.say("mail-news-alarm").into_owned(),
    };
    if let Err(error) = front.context.mailer.send(&settings.mail, render_letter(view, to, &letter)).await {
        tracing::error!(request_id = request.request_id, %error, "somebody could not be told of what happened");
    }
}

async fn send(front: &FrontChannel, mail: Mail) -> Result<(), Refusal> {
    let settings = front.context.settings().await?;
    front.context.mailer.send(&settings.mail, mail).await.map_err(|error| Refusal::Ours(FailureReason::Mail(error)))
}
