//! Mail to people: through Amazon SES, or locally into an outbox that shows it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::Builder;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::config::timeout::TimeoutConfig;
use aws_sdk_sesv2::error::ProvideErrorMetadata as _;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};

use crate::model::email::EmailAddress;
use crate::model::settings::MailSettings;
use crate::store::http_client_of;

/// How long SES may take with a mail, attempts included.
const PATIENCE: Duration = Duration::from_secs(5);
const ATTEMPT: Duration = Duration::from_secs(3);
/// What a request takes at least that may send a mail by SES, so that the time does not tell whether it did.
const FLOOR: Duration = Duration::from_millis(1_200);
/// How many mails an outbox keeps.
const KEPT: usize = 50;

/// A mail. `Debug` does not print it: it may have a link in it that counts as proof.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: EmailAddress,
    /// What stands above it.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted mail]")
    }
}

/// How mail is sent.
#[derive(Clone, Debug, Default)]
pub enum Mailer {
    /// Not at all.
    #[default]
    Off,
    /// Through Amazon SES.
    Ses(Arc<Ses>),
    /// Into an outbox on this machine.
    Outbox(Arc<Outbox>),
}

/// The mail was not sent, or nobody knows.
#[derive(Debug, thiserror::Error)]
#[error("mail can't be sent: {0}")]
pub struct MailError(String);

/// Amazon SES. Nothing is prepared before the first mail.
pub struct Ses {
    sdk: SdkConfig,
    client: OnceLock<Client>,
}

impl fmt::Debug for Ses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ses")
    }
}

/// Mails that were sent on this machine, the latest ones.
pub struct Outbox {
    mails: Mutex<VecDeque<Mail>>,
    announce: fn(&Mail),
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbox")
    }
}

impl Mailer {
    /// A mailer that sends by the credentials and region of `sdk`.
    #[must_use]
    pub fn ses(sdk: SdkConfig) -> Self {
        Self::Ses(Arc::new(Ses { sdk, client: OnceLock::new() }))
    }

    /// A mailer that keeps mails here; `announce` is told of each.
    #[must_use]
    pub fn outbox(announce: fn(&Mail)) -> Self {
        Self::Outbox(Arc::new(Outbox { mails: Mutex::default(), announce }))
    }

    /// Whether mail can be sent: what needs it is not offered otherwise.
    #[must_use]
    pub fn is_on(&self, settings: &MailSettings) -> bool {
        match self {
            Self::Off => false,
            Self::Ses(_) => settings.from.is_some(),
            Self::Outbox(_) => true,
        }
    }

    /// What a request should take at least whose time would tell otherwise whether it sent a mail.
    #[must_use]
    pub fn floor(&self) -> Duration {
        match self {
            Self::Ses(_) => FLOOR,
            Self::Off | Self::Outbox(_) => Duration::ZERO,
        }
    }

    /// Sends a mail.
    ///
    /// # Errors
    /// When it was not sent, or nobody knows whether it was.
    pub async fn send(&self, settings: &MailSettings, mail: Mail) -> Result<(), MailError> {
        match self {
            Self::Off => Err(MailError("no mailer is set up".to_owned())),
            Self::Ses(ses) => match &settings.from {
                Some(from) => ses.send(from, mail).await,
                None => Err(MailError("mail.from is not set".to_owned())),
            },
            Self::Outbox(outbox) => {
                outbox.put(mail);
                Ok(())
            }
        }
    }
}

impl Ses {
    fn client(&self) -> &Client {
        self.client.get_or_init(|| {
            let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).operation_timeout(PATIENCE).build();
            let config = Builder::from(&self.sdk)
                .http_client(http_client_of(&self.sdk))
                .timeout_config(timeouts)
                .retry_config(RetryConfig::standard().with_max_attempts(2));
            Client::from_conf(config.build())
        })
    }

    async fn send(&self, from: &str, mail: Mail) -> Result<(), MailError> {
        let body = Body::builder().text(content(mail.text)?).html(content(mail.html)?).build();
        let message = Message::builder().subject(content(mail.subject)?).body(body).build();
        let sent = self
            .client()
            .send_email()
            .from_email_address(from)
            .destination(Destination::builder().to_addresses(mail.to.as_str()).build())
            .content(EmailContent::builder().simple(message).build())
            .send()
            .await;
        // The message of an error may quote the address.
        sent.map(drop).map_err(|error| MailError(error.code().unwrap_or("no answer").to_owned()))
    }
}

fn content(text: String) -> Result<Content, MailError> {
    Content::builder().data(text).charset("UTF-8").build().map_err(|_| MailError("the mail could not be built".to_owned()))
}

impl Outbox {
    fn put(&self, mail: Mail) {
        (self.announce)(&mail);
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        if mails.len() >= KEPT {
            mails.pop_front();
        }
        mails.push_back(mail);
    }

    /// The mails, the oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
