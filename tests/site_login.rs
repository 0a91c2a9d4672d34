//! The founding case: a site with logins of its own, the example, run beside `grantlet dev`. Its users log in where they always did.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use url::Url;

use crate::support::forms::Form;
use crate::support::functions::build;
use crate::support::oauth::{CLIENT_SECRET, REDIRECT_URI, authorization_query, claims, encode, parameter};
use crate::support::program::{Dev, argument, run};

/// The example as a process. It is killed when this is dropped.
struct Site {
    process: Child,
    url: String,
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Grantlet and the site, connected.
struct World {
    dev: Dev,
    site: Site,
    issuer: String,
    _folder: TempDir,
}

impl World {
    /// Connected by `grantlet.toml`.
    fn start() -> Self {
        Self::connect(|url, arguments, folder| {
            let settings = folder.join("grantlet.toml");
            let text = format!("[site_login]\nurl = \"{url}/login\"\nissuer = \"{url}\"\nlogout_uri = \"{url}/logged-out\"\n");
            std::fs::write(&settings, text).unwrap();
            Dev::serve(&[arguments, &["--settings", argument(&settings)]].concat())
        })
    }

    /// Connected by the environment.
    fn start_by_environment() -> Self {
        Self::connect(|url, arguments, _| {
            let login = format!("{url}/login");
            Dev::serve_with(arguments, &[("GRANTLET_SITE_LOGIN_URL", login.as_str()), ("GRANTLET_SITE_ISSUER", url)])
        })
    }

    fn connect(serve: impl FnOnce(&str, &[&str], &Path) -> Dev) -> Self {
        let folder = TempDir::new().unwrap();
        let (seed, data) = (folder.path().join("seed.json"), folder.path().join("data"));
        let client =
            serde_json::json!({"client_id": "app", "client_secret": CLIENT_SECRET, "redirect_uris": [REDIRECT_URI], "first_party": true});
        std::fs::write(&seed, serde_json::json!({"clients": [client]}).to_string()).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("http://localhost:{port}");
        let dev = serve(&url, &["--data", argument(&data), "--seed", argument(&seed)], folder.path());
        let issuer = dev.issuer();
        let connected = run(&["site", "connect", "--json", "--data", argument(&data)]).json();

        let mut process = Command::new(build("axum-site"))
            .env_clear()
            .envs([("PORT", port.to_string().as_str()), ("SITE_URL", &url), ("GRANTLET_ISSUER", &issuer)])
            .env("GRANTLET_SITE_SECRET", connected["secret"].as_str().unwrap())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Its one line comes before it listens; connections wait in between no longer than that takes.
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let site = Site { process, url };
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::yield_now();
        }
        Self { dev, site, issuer, _folder: folder }
    }

    fn browser(&self) -> Browser {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Browser { client, cookies: BTreeMap::new(), issuer: self.issuer.clone(), site: self.site.url.clone() }
    }
}

/// A browser that keeps the cookies of both.
#[derive(Clone)]
struct Browser {
    client: reqwest::Client,
    cookies: BTreeMap<(String, String), String>,
    issuer: String,
    site: String,
}

#[derive(Debug)]
struct Page {
    status: u16,
    location: Option<String>,
    body: String,
}

impl Browser {
    async fn send(&mut self, request: reqwest::RequestBuilder) -> Page {
        let mut request = request.build().unwrap();
        let origin = request.url().origin().ascii_serialization();
        let cookies: Vec<String> =
            self.cookies.iter().filter(|((at, _), _)| *at == origin).map(|((_, name), value)| format!("{name}={value}")).collect();
        request.headers_mut().insert("cookie", cookies.join("; ").parse().unwrap());
        let url = request.url().clone();
        let response = self.client.execute(request).await.unwrap();
        for line in response.headers().get_all("set-cookie") {
            let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
            self.cookies.insert((origin.clone(), name.to_owned()), rest.split(';').next().unwrap().to_owned());
        }
        let location = response.headers().get("location").map(|location| url.join(location.to_str().unwrap()).unwrap().to_string());
        Page { status: response.status().as_u16(), location, body: response.text().await.unwrap() }
    }

    async fn open(&mut self, url: &str) -> Page {
        let request = self.client.get(url);
        self.send(request).await
    }

    /// Follows redirects until a page, or an address that is neither's.
    async fn follow(&mut self, url: &str) -> Page {
        let mut page = self.open(url).await;
        for _ in 0..8 {
            match page.location.clone() {
                Some(next) if next.starts_with(&self.issuer) || next.starts_with(&self.site) => page = self.open(&next).await,
                _ => return page,
            }
        }
        panic!("sent round in circles: {page:?}");
    }

    /// Logs in on the site's page, and follows the way back.
    async fn log_in(&mut self, page: &Page) -> Page {
        let form = Form::find(&page.body, "site").unwrap_or_else(|| panic!("no form of the site's: {page:?}"));
        let body = form.fill("username", "ada").fill("password", "analytical-engine").press("enter");
        let request =
            self.client.post(format!("{}/login", self.site)).header("content-type", "application/x-www-form-urlencoded").body(body);
        let done = self.send(request).await;
        self.follow(&done.location.unwrap_or_else(|| panic!("not logged in: {}", done.body))).await
    }

    fn authorize(&self, changes: &[(&str, Option<&str>)]) -> String {
        format!("{}/authorize?{}", self.issuer, authorization_query("app", changes))
    }
}

/// The way back is fixed
#[tokio::test]
async fn a_user_of_the_site_logs_in_there_and_a_client_gets_tokens_for_them() {
    let world = World::start();
    let mut browser = world.browser();
    let page = browser.follow(&browser.authorize(&[])).await;
    let landed = browser.log_in(&page).await.location.unwrap();
    let code = parameter(&landed, "code").unwrap_or_else(|| panic!("{landed}\n{}", world.dev.printed()));
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("code_verifier", crate::support::oauth::VERIFIER),
        ("redirect_uri", REDIRECT_URI),
    ];
    let request = browser.client.post(format!("{}/token", world.issuer)).basic_auth("app", Some(CLIENT_SECRET)).form(&form);
    let tokens: serde_json::Value = serde_json::from_str(&browser.send(request).await.body).unwrap();
    let id_token = claims(tokens["id_token"].as_str().unwrap());
    assert_eq!(id_token["sub"], "ada");
    let request = browser.client.get(format!("{}/userinfo", world.issuer)).bearer_auth(tokens["access_token"].as_str().unwrap());
    let info: serde_json::Value = serde_json::from_str(&browser.send(request).await.body).unwrap();
    assert_eq!(
        (info["sub"].as_str(), info["name"].as_str(), info["email_verified"].as_bool()),
        (Some("ada"), Some("Ada Lovelace"), Some(true))
    );

    // Whoever is logged in at the site already is handed over at once; with prompt=login the site asks again.
    let mut other_app = browser.clone();
    other_app.cookies.retain(|(origin, _), _| *origin == world.site.url);
    let landed = other_app.follow(&other_app.authorize(&[("state", Some("again"))])).await.location.unwrap();
    assert!(parameter(&landed, "code").is_some(), "{landed}");
    let asked = browser.authorize(&[("prompt", Some("login"))]);
    let page = browser.follow(&asked).await;
    assert!(Form::find(&page.body, "site").is_some(), "{page:?}");
    let landed = browser.log_in(&page).await.location.unwrap();
    assert!(parameter(&landed, "code").is_some(), "{landed}");
}

/// OpenID Connect Back-Channel Logout section 2.5: the site is told, and believes nobody else
#[tokio::test]
async fn whoever_signs_out_here_is_signed_out_at_the_site() {
    let world = World::start();
    let mut browser = world.browser();
    let page = browser.follow(&browser.authorize(&[])).await;
    let landed = browser.log_in(&page).await.location.unwrap();
    assert!(parameter(&landed, "code").is_some(), "{landed}");
    let home = world.site.url.clone();
    let forged = browser.client.post(format!("{home}/logged-out")).form(&[("logout_token", "a.b.c")]);
    assert_eq!(browser.send(forged).await.status, 400);
    assert!(browser.open(&home).await.body.contains("Hello ada"));

    let asked = browser.open(&format!("{}/logout", world.issuer)).await;
    let form = Form::find(&asked.body, "logout-form").unwrap();
    let request = browser.client.post(format!("{}{}", world.issuer, form.action)).header("origin", &world.issuer);
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form.press("logout"));
    assert_eq!(browser.send(request).await.status, 200);
    let deadline = Instant::now() + Duration::from_mins(1);
    while browser.open(&home).await.body.contains("Hello") {
        assert!(Instant::now() < deadline, "the site was not told: {}", world.dev.printed());
    }
}

/// There is one way back, and whoever names another is ignored
#[tokio::test]
async fn a_foreign_return_address_is_ignored_and_a_session_of_the_site_s_is_no_login() {
    let world = World::start_by_environment();
    let mut browser = world.browser();
    let asked = browser.open(&browser.authorize(&[])).await;
    let at_site = asked.location.unwrap();
    let mut bait = Url::parse(&at_site).unwrap();
    bait.query_pairs_mut().append_pair("return_to", "https://evil.example/").append_pair("redirect_uri", "https://evil.example/");
    let page = browser.open(bait.as_str()).await;
    let form = Form::find(&page.body, "site").unwrap().fill("username", "ada").fill("password", "analytical-engine");
    let request = browser.client.post(format!("{}/login", world.site.url)).header("content-type", "application/x-www-form-urlencoded");
    let done = browser.send(request.body(form.press("enter"))).await;
    let back = done.location.unwrap();
    assert!(back.starts_with(&format!("{}/login/site?token=", world.issuer)), "{back}");

    // The cookie of the site's session is no login here; the login's token is no session there, and counts once here.
    let session = browser.cookies[&(world.site.url.clone(), "site_session".to_owned())].clone();
    let state = parameter(&back, "state").unwrap();
    let as_login = format!("{}/login/site?{}", world.issuer, encode(&[("token", &session), ("state", &state)]));
    assert_eq!(browser.open(&as_login).await.status, 400);
    let mut thief = world.browser();
    thief.cookies.insert((world.site.url.clone(), "site_session".to_owned()), parameter(&back, "token").unwrap());
    assert!(!thief.open(&world.site.url).await.body.contains("Hello"));

    let mut twice = browser.clone();
    assert_eq!(browser.open(&back).await.status, 303);
    assert_eq!(twice.open(&back).await.status, 400);
    assert_eq!(world.browser().open(&back).await.status, 400, "another browser can't finish it");
}
