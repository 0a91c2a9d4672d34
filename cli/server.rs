//! The local server: every zone in one process, behind one port. It turns HTTP requests into the ones that endpoints see, and back.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, State};
use grantlet::context::Context;
use grantlet::endpoint::back::BackChannel;
use grantlet::endpoint::front::FrontChannel;
use grantlet::endpoint::metadata::Metadata;
use grantlet::endpoint::{Request, Response};
use grantlet::http::{EventError, MAX_BODY, Zone, read_cookies, render_event_error, with_common_headers, zone_of};
use grantlet::mail::Mailer;
use grantlet::vault::Vault;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use http_body_util::LengthLimitError;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::demo;
use crate::failure::Failure;
use crate::outbox;
use crate::output::{Paint, print_line, printable};
use crate::playground::{self, Playground};

/// All endpoints.
pub(crate) struct Zones {
    context: Context,
    front: FrontChannel,
    back: BackChannel,
    metadata: Metadata,
    playground: Option<Playground>,
    paint: Paint,
}

impl Zones {
    /// The endpoints of one issuer.
    pub(crate) fn new(context: Context, vault: Vault) -> Self {
        Self {
            playground: playground::is_for(&context.config.issuer).then(|| Playground::new(context.clone(), vault.clone())),
            front: FrontChannel::new(context.clone(), vault.clone()),
            back: BackChannel::new(context.clone(), vault),
            metadata: Metadata::new(context.clone()),
            paint: Paint::stdout(),
            context,
        }
    }

    async fn handle(&self, request: Request) -> Response {
        match &self.playground {
            Some(playground) => Box::pin(playground.watch(request, |request| self.route(request))).await,
            None => self.route(request).await,
        }
    }

    async fn route(&self, request: Request) -> Response {
        match zone_of(&request.path) {
            Some(Zone::Front) => self.front.handle(request).await,
            Some(Zone::Back) => self.back.handle(request).await,
            Some(Zone::Metadata) => self.metadata.handle(request).await,
            None => match &self.playground {
                Some(playground) if playground::serves(&request.path) => playground.handle(request).await,
                Some(_) | None => self.answer_here(&request),
            },
        }
    }

    /// What this server alone shows, and no function.
    fn answer_here(&self, request: &Request) -> Response {
        match (request.path.as_str(), &self.context.mailer) {
            (outbox::PATH, Mailer::Outbox(outbox)) => outbox::show(outbox),
            (path, _) => self.not_found(path),
        }
    }

    fn not_found(&self, path: &str) -> Response {
        let issuer = &self.context.config.issuer;
        let mut hint = format!("Nothing is served here. {issuer}/.well-known/openid-configuration lists what is.\n");
        if path == demo::CALLBACK {
            hint = "Here a client would take the code from the address, and exchange it at /token within a minute.\n".to_owned() + &hint;
        }
        if self.playground.is_some() {
            hint = format!("{hint}To try a login, open {issuer}{}; a person's own pages are at {issuer}/account.\n", playground::PATH);
        }
        Response::new(StatusCode::NOT_FOUND).with(http::header::CONTENT_TYPE, "text/plain; charset=utf-8").with_body(hint)
    }
}

/// Listens on `port` of 127.0.0.1 and, where there is one, of `::1`: `localhost` means either to browsers. Port 0 is any free one.
pub(crate) async fn listen(port: u16) -> Result<(Vec<TcpListener>, u16), Failure> {
    const ATTEMPTS: usize = 10;
    for attempt in 1..=ATTEMPTS {
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| no_port(port, &error))?;
        let port_now = v4.local_addr()?.port();
        match TcpListener::bind((Ipv6Addr::LOCALHOST, port_now)).await {
            Ok(v6) => return Ok((vec![v4, v6], port_now)),
            // Somebody else would answer half of the browsers.
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                if port != 0 || attempt == ATTEMPTS {
                    return Err(no_port(port_now, &error));
                }
            }
            Err(_) => return Ok((vec![v4], port_now)),
        }
    }
    Err(Failure::new("No free port was found. Name one with --port."))
}

fn no_port(port: u16, error: &io::Error) -> Failure {
    match error.kind() {
        ErrorKind::AddrInUse => {
            Failure::new(format!("Port {port} is in use. Stop the program that listens there, or choose another port with --port."))
        }
        ErrorKind::PermissionDenied => Failure::new(format!("Port {port} is not open to you: {error}. Choose one above 1023 with --port.")),
        _ => Failure::new(format!("Port {port} can't be listened on: {error}. Choose another with --port.")),
    }
}

/// Serves until `stop` changes, then lets running requests finish.
pub(crate) async fn serve(listeners: Vec<TcpListener>, zones: Zones, stop: watch::Receiver<bool>) -> io::Result<()> {
    let router = Router::new().fallback(answer).with_state(Arc::new(zones));
    let mut servers = JoinSet::new();
    for listener in listeners {
        let service = router.clone().into_make_service_with_connect_info::<SocketAddr>();
        let mut stop = stop.clone();
        let stopped = async move {
            // An error means that whoever could stop us is gone, which is as good.
            let _ = stop.wait_for(|stop| *stop).await;
        };
        servers.spawn(axum::serve(listener, service).with_graceful_shutdown(stopped).into_future());
    }
    while let Some(ended) = servers.join_next().await {
        ended.map_err(io::Error::other)??;
    }
    Ok(())
}

async fn answer(
    State(zones): State<Arc<Zones>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: http::Request<Body>,
) -> http::Response<Body> {
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let request_id = zones.context.ulid().to_string();
    let response = match read_request(request, peer, request_id).await {
        Ok(request) => zones.handle(request).await,
        Err(error) => render_event_error(&error),
    };
    let status = response.status.as_u16();
    let millis = format!("{:.1} ms", started.elapsed().as_secs_f64() * 1000.0);
    let paint = zones.paint;
    print_line(&format!(
        "{:<7} {} {} {}",
        method.as_str(),
        printable(&path),
        paint.status(status, &status.to_string()),
        paint.dim(&millis)
    ));
    render_response(with_common_headers(response, zones.context.config.issuer.is_https()))
}

async fn read_request(request: http::Request<Body>, peer: SocketAddr, request_id: String) -> Result<Request, EventError> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.map_err(|error| {
        // A body that breaks off is the sender's fault as well, but not its size.
        let too_large = std::error::Error::source(&error).is_some_and(<dyn std::error::Error>::is::<LengthLimitError>);
        if too_large { EventError::TooLarge } else { EventError::Body }
    })?;
    let mut headers = parts.headers;
    let cookies = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok()).flat_map(read_cookies).collect();
    headers.remove(COOKIE);
    Ok(Request {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        raw_query: parts.uri.query().unwrap_or_default().to_owned(),
        headers,
        cookies,
        body: body.to_vec(),
        source_ip: Some(peer.ip()),
        request_id,
    })
}

fn render_response(response: Response) -> http::Response<Body> {
    let mut answer = http::Response::new(Body::from(response.body));
    *answer.status_mut() = response.status;
    *answer.headers_mut() = response.headers;
    for cookie in response.cookies {
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            answer.headers_mut().append(SET_COOKIE, value);
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer() -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 7], 4711))
    }

    #[tokio::test]
    async fn a_request_reaches_the_endpoint_as_it_came() {
        let request = http::Request::post("http://elsewhere.example/token?a=1&a=%2B+2")
            .header("cookie", "x=1; y=2")
            .header("cookie", "z=3")
            .header("x-forwarded-for", "198.51.100.1")
            .body(Body::from("a=b"))
            .unwrap();
        let read = read_request(request, peer(), "r1".to_owned()).await.unwrap();
        assert_eq!((read.path.as_str(), read.raw_query.as_str(), read.body.as_slice()), ("/token", "a=1&a=%2B+2", b"a=b".as_slice()));
        assert_eq!(["x", "y", "z"].map(|name| read.cookie(name)), [Some("1"), Some("2"), Some("3")]);
        assert!(!read.headers.contains_key("cookie"));
        assert_eq!(read.source_ip, Some(peer().ip()), "no header is trusted for the address");
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit_and_no_further() {
        for (size, expected) in [(MAX_BODY, None), (MAX_BODY + 1, Some(EventError::TooLarge))] {
            let request = http::Request::post("/token").body(Body::from(vec![b'a'; size])).unwrap();
            assert_eq!(read_request(request, peer(), String::new()).await.err(), expected, "{size}");
        }
    }

    #[test]
    fn each_cookie_is_set_by_a_header_of_its_own() {
        let response = Response::new(StatusCode::OK).with_cookie("a=1".to_owned()).with_cookie("b=2".to_owned());
        let values: Vec<_> = render_response(response).headers().get_all(SET_COOKIE).iter().cloned().collect();
        assert_eq!(values, ["a=1", "b=2"]);
    }
}
