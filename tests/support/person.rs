//! A person with a browser: follows redirects, keeps cookies, fills in the forms that it meets.

use std::collections::BTreeMap;

use super::event::Event;
use super::forms::Form;
use super::server::{Reply, Server};

/// Who sits at a browser.
#[derive(Clone)]
pub(crate) struct Person<'s> {
    server: &'s Server,
    /// What the browser keeps.
    pub(crate) cookies: BTreeMap<String, String>,
    address: String,
}

/// The credentials of a built-in account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account<'a> {
    pub(crate) username: &'a str,
    pub(crate) password: &'a str,
}

impl<'s> Person<'s> {
    /// A person with an empty browser.
    pub(crate) fn new(server: &'s Server) -> Self {
        Self { server, cookies: BTreeMap::new(), address: "192.0.2.1".to_owned() }
    }

    /// The same person, at another address.
    pub(crate) fn at(self, address: &str) -> Self {
        Self { address: address.to_owned(), ..self }
    }

    /// Sends a request with the browser's cookies, and keeps those that the answer sets.
    pub(crate) async fn send(&mut self, mut event: Event) -> Reply {
        for (name, value) in &self.cookies {
            event = event.cookie(&format!("{name}={value}"));
        }
        let reply = self.server.send(&event.at_address(&self.address)).await;
        for line in &reply.cookies {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a value");
            if attributes.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        reply
    }

    /// Opens a path of the server.
    pub(crate) async fn open(&mut self, path_and_query: &str) -> Reply {
        self.send(Event::get(path_and_query)).await
    }

    /// Sends a form of one of the server's own pages.
    pub(crate) async fn submit(&mut self, form: &Form, button: &str) -> Reply {
        let event = Event::post_form(&form.action, &form.press(button));
        self.send(event.header("origin", self.server.issuer()).header("sec-fetch-site", "same-origin")).await
    }

    /// Opens the authorization request `query`, logs in if asked to, and answers with the consent page.
    pub(crate) async fn consent_page(&mut self, query: &str, account: Account<'_>) -> String {
        let mut reply = self.open(&format!("/authorize?{query}")).await;
        for _ in 0..4 {
            if let Some(location) = reply.header("location") {
                let own = location.strip_prefix(self.server.issuer()).unwrap_or(location);
                assert!(own.starts_with('/'), "the browser left without a consent page: {location}");
                let path = own.to_owned();
                reply = self.open(&path).await;
            } else if let Some(form) = Form::find(&reply.body, "login") {
                let form = form.fill("username", account.username).fill("password", account.password);
                reply = self.submit(&form, "sign-in").await;
            } else {
                assert!(Form::find(&reply.body, "consent").is_some(), "no consent page: {reply:?}");
                return reply.body;
            }
        }
        panic!("the browser is sent round in circles: {reply:?}");
    }

    /// Opens the authorization request `query`, logs in and allows where asked, and answers with the URL at which the browser leaves.
    pub(crate) async fn authorize(&mut self, query: &str, account: Account<'_>) -> String {
        let mut reply = self.open(&format!("/authorize?{query}")).await;
        for _ in 0..8 {
            if let Some(location) = reply.header("location") {
                let own = location.strip_prefix(self.server.issuer()).or_else(|| location.starts_with('/').then_some(location));
                let Some(path) = own.map(str::to_owned) else { return location.to_owned() };
                reply = self.open(&path).await;
            } else if let Some(form) = Form::find(&reply.body, "login") {
                let form = form.fill("username", account.username).fill("password", account.password);
                reply = self.submit(&form, "sign-in").await;
            } else if let Some(form) = Form::find(&reply.body, "account") {
                reply = self.submit(&form, "continue").await;
            } else if let Some(form) = Form::find(&reply.body, "consent") {
                reply = self.submit(&form, "allow").await;
            } else {
                panic!("neither a redirect nor a form that is known: {reply:?}");
            }
        }
        panic!("the browser is sent round in circles: {reply:?}");
    }
}
