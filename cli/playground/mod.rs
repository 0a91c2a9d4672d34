//! The playground of `grantlet dev`: a page that walks the code flow as a client would, shows each request, its answer and what DynamoDB did, and tries the
//! attacks. `docs/playground.md` says what is real about it.
//!
//! It is served where the issuer is this machine, to browsers that reach it under the issuer's own name, and nowhere else: it hands out a client's
//! secret and a person's password, made for it alone.

mod api;
mod call;
mod cast;
mod expression;
mod trace;

use std::sync::Arc;

use aws_sdk_dynamodb::config::Intercept;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantlet::context::{Clock, Context};
use grantlet::endpoint::back::BackChannel;
use grantlet::endpoint::metadata::Metadata;
use grantlet::endpoint::{Request, Response};
use grantlet::model::secret::SecretHash;
use grantlet::protocol::issuer::Issuer;
use grantlet::vault::Vault;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY, X_FRAME_OPTIONS};
use http::{HeaderName, Method, StatusCode};
use serde_json::json;
use url::{Host, Url};

use self::cast::Cast;
use self::trace::{Trace, Watcher};
use crate::failure::Failure;

/// Where the page is.
pub(crate) const PATH: &str = "/playground";
/// Where the clients of the page are sent back to: the same page.
const CALLBACK: &str = "/playground/callback";
/// The API that the page calls, as a resource (RFC 8707).
const API: &str = "/playground/api";
/// The token endpoint as it will be when codes are late and replaced refresh tokens are stolen ones.
const LATE_TOKEN: &str = "/playground/late/token";
/// The header by which the page finds what DynamoDB did for a request.
const TRACE: HeaderName = HeaderName::from_static("grantlet-trace");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

const HTML: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// What the playground needs.
pub(crate) struct Playground {
    context: Context,
    vault: Vault,
    cast: Cast,
    late: BackChannel,
    metadata: Metadata,
    trace: Trace,
    html: String,
    csp: String,
}

impl Playground {
    /// The playground of an issuer on this machine.
    pub(crate) fn new(context: Context, vault: Vault) -> Self {
        Self {
            cast: Cast::new(&context),
            late: BackChannel::new(late(&context), vault.clone()),
            metadata: Metadata::new(context.clone()),
            trace: Trace::default(),
            html: HTML.replace("/*style*/", STYLE).replace("/*script*/", SCRIPT),
            csp: content_security_policy(),
            context,
            vault,
        }
    }

    /// Answers by `route`, and notes what DynamoDB did for it. The playground's own comings and goings are not worth a note.
    pub(crate) async fn watch<F: Future<Output = Response>>(&self, request: Request, route: impl FnOnce(Request) -> F) -> Response {
        let is_noted = !serves(&request.path) || [API, LATE_TOKEN].contains(&request.path.as_str());
        if !is_noted {
            return route(request).await;
        }
        let (method, path) = (request.method.clone(), request.path.clone());
        let (response, number) = self.trace.note(method.as_str(), &path, route(request), |response| response.status.as_u16()).await;
        response.with(TRACE, &number.to_string())
    }

    /// Answers a request to one of the playground's paths.
    pub(crate) async fn handle(&self, request: Request) -> Response {
        if let Some(refusal) = self.refuse(&request) {
            return refusal;
        }
        let method = if request.method == Method::HEAD { &Method::GET } else { &request.method };
        let answer = match (method, request.path.as_str()) {
            (&Method::GET, PATH | CALLBACK) => Ok(self.page()),
            (&Method::GET, API) => Ok(api::answer(self, &request).await),
            (&Method::GET, "/playground/trace") => Ok(self.show_trace(&request)),
            (&Method::POST, LATE_TOKEN) => Ok(self.late.handle(Request { path: "/token".to_owned(), ..request }).await),
            (&Method::POST, "/playground/start") => self.start().await,
            (&Method::POST, "/playground/reset") => self.reset().await,
            (_, PATH | CALLBACK | API | "/playground/trace") => Ok(not_allowed("GET, HEAD")),
            (_, LATE_TOKEN | "/playground/start" | "/playground/reset") => Ok(not_allowed("POST")),
            _ => Ok(Response::new(StatusCode::NOT_FOUND)),
        };
        answer.unwrap_or_else(|failure| {
            tracing::error!(%failure, "the playground failed");
            Response::json(
                StatusCode::SERVICE_UNAVAILABLE,
                &json!({"error": "temporarily_unavailable", "error_description": failure.to_string()}),
            )
        })
    }

    /// The answer to a request that did not come under the issuer's own name, or not from its own pages. Another name would be another origin, with a login and a storage
    /// of its own; or it is a page of somebody else's whose name points at this machine.
    fn refuse(&self, request: &Request) -> Option<Response> {
        let issuer = &self.context.config.issuer;
        let is_page = [PATH, CALLBACK].contains(&request.path.as_str());
        let is_issuer_s = |host: &str| ["http", "https"].iter().any(|scheme| issuer.as_str() == format!("{scheme}://{host}"));
        if !request.header(&HOST).is_some_and(is_issuer_s) {
            let is_entry = request.method == Method::GET && request.path == PATH;
            return Some(if is_entry { Response::see_other(&issuer.url(PATH)) } else { Response::new(StatusCode::MISDIRECTED_REQUEST) });
        }
        // A link or a redirect may lead to the page; anything else is for the page itself.
        let is_own = |name: &HeaderName, own: &[&str]| {
            request.headers.get(name).is_none_or(|sent| own.iter().any(|own| sent.as_bytes() == own.as_bytes()))
        };
        let is_allowed = is_page || (is_own(&ORIGIN, &[issuer.as_str()]) && is_own(&SEC_FETCH_SITE, &["same-origin", "none"]));
        (!is_allowed).then(|| Response::new(StatusCode::FORBIDDEN))
    }

    fn page(&self) -> Response {
        no_store(Response::html(StatusCode::OK, self.html.clone()))
            .with(CONTENT_SECURITY_POLICY, &self.csp)
            .with(X_FRAME_OPTIONS, "DENY")
            .with(REFERRER_POLICY, "no-referrer")
    }

    /// Makes the clients and the person, if they are not there yet, and tells how to be them.
    async fn start(&self) -> Result<Response, Failure> {
        self.cast.make(&self.context, &self.vault).await?;
        let config = &self.context.config;
        let lifetimes = &config.lifetimes;
        let answer = json!({
            "clients": self.cast.clients(),
            // Where people log in elsewhere, they do so as themselves.
            "person": config.password_login.then(|| self.cast.person()),
            "api": api_of(&config.issuer),
            // RFC 9207 section 3: whether each answer names the server.
            "iss": config.iss_parameter,
            "code_lifetime": lifetimes.code,
            "refresh_grace": lifetimes.refresh_grace,
            "late": lateness(&self.context),
        });
        Ok(no_store(Response::json(StatusCode::OK, &answer)))
    }

    /// Ends the person's sessions and revokes what they allowed, so that the next walk is like the first.
    async fn reset(&self) -> Result<Response, Failure> {
        self.cast.send_home(&self.context).await?;
        Ok(Response::new(StatusCode::NO_CONTENT))
    }

    fn show_trace(&self, request: &Request) -> Response {
        let after = request.raw_query.strip_prefix("after=").and_then(|number| number.parse().ok()).unwrap_or_default();
        no_store(Response::json(StatusCode::OK, &json!({ "requests": self.trace.after(after) })))
    }
}

/// Whether the playground answers for `path`.
pub(crate) fn serves(path: &str) -> bool {
    path.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether an issuer is this very machine: what a stranger may reach has no playground.
pub(crate) fn is_for(issuer: &Issuer) -> bool {
    let url = Url::parse(issuer.as_str()).ok();
    url.as_ref().and_then(Url::host).is_some_and(|host| match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    })
}

/// The API of the playground, as a resource that tokens can be for.
pub(crate) fn api_of(issuer: &Issuer) -> String {
    issuer.url(API)
}

/// What a store needs to be watched.
pub(crate) fn watcher() -> impl Intercept + 'static {
    Watcher
}

/// The same server with its clock ahead: the same endpoint on the same tables, so that nobody has to wait for a code to be late.
fn late(context: &Context) -> Context {
    let ahead = u64::try_from(lateness(context)).unwrap_or_default() * 1000;
    let clock = Arc::new(ClockAhead { clock: context.clock.clone(), ahead });
    // What it remembers of the settings is dated by its own clock.
    Context { clock, settings: Arc::default(), ..context.clone() }
}

/// By how much, in seconds: a code of now is over, and a refresh token that is replaced now has no grace any more.
fn lateness(context: &Context) -> i64 {
    context.config.lifetimes.code.max(context.config.lifetimes.refresh_grace) + 1
}

/// A clock that is ahead of another one.
struct ClockAhead {
    clock: Arc<dyn Clock>,
    /// Milliseconds.
    ahead: u64,
}

impl Clock for ClockAhead {
    fn now_millis(&self) -> u64 {
        self.clock.now_millis().saturating_add(self.ahead)
    }
}

/// CSP Level 3 section 2.3.1: its own style and script, by hash, and requests to this server.
fn content_security_policy() -> String {
    let source = |inline: &str| format!("'sha256-{}'", STANDARD.encode(SecretHash::of(inline.as_bytes()).as_bytes()));
    let (style, script) = (source(STYLE), source(SCRIPT));
    format!(
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'; connect-src 'self'; style-src {style}; script-src {script}"
    )
}

fn not_allowed(methods: &str) -> Response {
    Response::new(StatusCode::METHOD_NOT_ALLOWED).with(ALLOW, methods)
}

fn no_store(response: Response) -> Response {
    response.with(CACHE_CONTROL, "no-store")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_at_most_50_kb_and_its_hashes_are_those_of_what_it_carries() {
        let html = HTML.replace("/*style*/", STYLE).replace("/*script*/", SCRIPT);
        assert!(html.len() <= 50_000, "{}", html.len());
        for (begin, end, content) in [("<style>", "</style>", STYLE), ("<script>", "</script>", SCRIPT)] {
            let (_, rest) = html.split_once(begin).unwrap();
            assert_eq!(rest.split_once(end).unwrap().0, content);
        }
        assert!(!html.contains(" style=") && !html.contains(" onclick="), "the policy would not let them count");
        assert!(!content_security_policy().contains("unsafe"));
    }

    #[test]
    fn a_playground_is_for_this_machine_alone() {
        for (issuer, expected) in [
            ("http://localhost:9000", true),
            ("http://127.0.0.1:9000", true),
            ("http://[::1]:9000", true),
            ("https://localhost", true),
            ("https://id.example.com", false),
            ("https://localhost.example.com", false),
            ("https://192.0.2.7", false),
        ] {
            assert_eq!(is_for(&Issuer::parse(issuer).unwrap()), expected, "{issuer}");
        }
    }

    #[test]
    fn only_its_own_paths_are_the_playground_s() {
        for (path, expected) in
            [("/playground", true), ("/playground/", true), ("/playground/x", true), ("/playgrounds", false), ("/token", false)]
        {
            assert_eq!(serves(path), expected, "{path}");
        }
    }
}
