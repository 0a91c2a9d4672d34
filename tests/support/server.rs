//! A server under test: `grantlet dev`, or the functions of a [`Stack`]. Requests and answers look alike.

use super::event::{Answer, Event};
use super::local::Local;
use super::program::Dev;
use super::stack::{ISSUER, Stack};

/// What answers.
pub(crate) enum Server {
    /// One process, over HTTP.
    Dev {
        /// The process, for as long as it is needed.
        _process: Dev,
        /// Its issuer.
        issuer: String,
        /// Does not follow redirects.
        client: reqwest::Client,
    },
    /// The functions, by events.
    Functions(Stack),
    /// The zones in this process, at a time that the test sets.
    Local(Box<Local>),
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) cookies: Vec<String>,
    pub(crate) body: String,
}

impl Reply {
    fn of(answer: &Answer) -> Self {
        Self {
            status: u16::try_from(answer.status()).expect("a status"),
            headers: answer.headers(),
            cookies: answer.cookies().into_iter().map(str::to_owned).collect(),
            body: answer.body(),
        }
    }

    /// The header `name`, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Server {
    /// `grantlet dev` with `arguments`, on any free port.
    pub(crate) fn dev(arguments: &[&str]) -> Self {
        let process = Dev::serve(arguments);
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client");
        Self::Dev { issuer: process.issuer(), _process: process, client }
    }

    /// The issuer.
    pub(crate) fn issuer(&self) -> &str {
        match self {
            Self::Dev { issuer, .. } => issuer,
            Self::Functions(_) => ISSUER,
            Self::Local(local) => local.context.config.issuer.as_str(),
        }
    }

    /// Sends a request.
    pub(crate) async fn send(&self, event: &Event) -> Reply {
        match self {
            Self::Dev { issuer, client, .. } => {
                let response = client.execute(event.to_http(issuer)).await.expect("an answer");
                let text = |value: &reqwest::header::HeaderValue| value.to_str().expect("a header of ASCII").to_owned();
                let (cookies, headers): (Vec<_>, Vec<_>) = response.headers().iter().partition(|(name, _)| *name == "set-cookie");
                Reply {
                    status: response.status().as_u16(),
                    headers: headers.into_iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
                    cookies: cookies.into_iter().map(|(_, value)| text(value)).collect(),
                    body: response.text().await.expect("a body"),
                }
            }
            Self::Functions(stack) => Reply::of(&stack.send(event).await),
            Self::Local(local) => Reply::of(&Box::pin(local.answer(event)).await),
        }
    }
}
