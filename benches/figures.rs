//! The figures of `docs/performance.md`, from one command: `cargo bench --bench figures`.
//!
//! It builds the functions by the release profile, starts them as Lambda does, and prints a table. Times are ratios within one run.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench that stops is seen, it looks at the clock, and it tells what it saw"
)]

#[expect(dead_code, reason = "the tests need more of it")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::path::Path;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantlet::context::SystemRandomSource;
use grantlet::jose::signing::SigningKeys;
use grantlet::model::client::SigningAlg;
use grantlet::model::secret::Secret;
use grantlet::password::{hash_password, verify_password};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::json;

use support::authenticator::Authenticator;
use support::dpop::ProofKey;
use support::event::Event;
use support::functions::{FUNCTIONS, binary, build};
use support::lambda::Function;
use support::meter::Cost;
use support::oauth::{
    ALICE, As, CLIENT_SECRET, REDIRECT_URI, VERIFIER, add_alice, authorization_query, encode, exchange, parameter, refresh,
    register_client, token, userinfo,
};
use support::passkeys::{give_passkey, log_in, login_page};
use support::person::Person;
use support::server::Server;
use support::stack::{ISSUER, Stack};

/// Processes started of each kind, in turn.
const STARTS: usize = 21;
/// Requests of each kind to a warm function.
const WARM: usize = 200;
/// Logins of each kind, by somebody whose browser is new.
const LOGINS: usize = 20;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    println!("building the release binaries");
    let empty = build("empty-function");
    for function in FUNCTIONS {
        binary(function);
    }
    let stack = Stack::start(&[]).await;
    register_client(&stack.operator, "app", json!({})).await;
    register_client(&stack.operator, "es256", json!({"access_token_signed_response_alg": "ES256"})).await;
    let signer = Signer::new();
    let by_key =
        json!({"access_token_signed_response_alg": "ES256", "token_endpoint_auth_method": "private_key_jwt", "jwks": signer.jwks()});
    register_client(&stack.operator, "signer", by_key).await;
    let alice = add_alice(&stack.operator).await;
    let mut authenticator = Authenticator::new();
    give_passkey(&stack.operator, alice, &mut authenticator, |_| ()).await;
    let server = Server::Functions(stack);

    println!("\n## Figures, {}, release profile\n", std::env::consts::ARCH);
    print_sizes(&empty);
    print_starts(&server, &empty).await;
    print_costs(&server, &signer, &authenticator).await;
    print_cpu(&server, &empty, &signer).await;
    print_logins(&server, &authenticator).await;
}

fn stack_of(server: &Server) -> &Stack {
    let Server::Functions(stack) = server else { unreachable!("a stack was started") };
    stack
}

fn row(what: &str, value: &str, target: &str) {
    println!("| {what} | {value} | {target} |");
}

fn megabytes(path: &Path) -> f64 {
    std::fs::metadata(path).expect("a binary").len() as f64 / 1e6
}

fn print_sizes(empty: &Path) {
    println!("| binary | size | target |\n| --- | --- | --- |");
    row("empty function", &format!("{:.1} MB", megabytes(empty)), "");
    for function in FUNCTIONS {
        row(function, &format!("{:.1} MB", megabytes(&binary(function))), "12 MB");
    }
}

/// From the start of the process to its first answer, and what it holds in memory then.
async fn print_starts(server: &Server, empty: &Path) {
    let stack = stack_of(server);
    let codes = codes(server, STARTS + 1, "app", "openid profile email offline_access").await;
    let mut kinds = vec![("empty", empty.to_owned(), Vec::new()), ("token", binary("token"), stack.environment("token").await)];
    kinds.extend([("jwks", binary("jwks"), stack.environment("jwks").await)]);
    kinds.extend([("authorize", binary("authorize"), stack.environment("authorize").await)]);
    let mut seen: Vec<(Vec<f64>, Vec<f64>, Vec<f64>)> = vec![Default::default(); kinds.len()];
    for code in codes.iter().take(STARTS) {
        for ((name, path, env), (wall, cpu, memory)) in kinds.iter().zip(&mut seen) {
            let env: Vec<_> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let event = first_event(name, code);
            let begun = Instant::now();
            let function = Function::try_start_at(path, name, &env).await.expect("it starts");
            let answer = function.send(&event).await;
            wall.push(begun.elapsed().as_secs_f64() * 1e3);
            assert_eq!(answer.status(), 200, "{name}: {}", answer.body());
            cpu.push(cpu_millis(function.pid()));
            memory.push(resident_megabytes(function.pid()));
            function.finish().await;
        }
    }
    println!("\n| from process start to the first answer, median of {STARTS} | time | times the empty function | CPU | memory | target |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let base = median(&mut seen[0].0.clone());
    for ((name, ..), (wall, cpu, memory)) in kinds.iter().zip(&mut seen) {
        let time = median(wall);
        let target = if *name == "token" { "2.5 times, 20 MB" } else { "20 MB" };
        println!("| {name} | {time:.1} ms | {:.2} | {:.1} ms | {:.1} MB | {target} |", time / base, median(cpu), median(memory));
    }
}

fn first_event(name: &str, code: &str) -> Event {
    match name {
        "token" => exchange_event("app", code),
        "authorize" => Event::get(&format!("/authorize?{}", authorization_query("app", &[]))),
        _ => Event::get("/jwks.json"),
    }
}

fn exchange_event(client: &str, code: &str) -> Event {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("code_verifier", VERIFIER),
        ("redirect_uri", REDIRECT_URI),
        ("client_id", client),
        ("client_secret", CLIENT_SECRET),
    ];
    Event::post_form("/token", &encode(&form))
}

/// A client with a key of its own.
struct Signer(SigningKeys);

impl Signer {
    fn new() -> Self {
        Self(SigningKeys::generate("client").expect("keys").0)
    }

    fn jwks(&self) -> serde_json::Value {
        json!({"keys": [self.0.find(SigningAlg::ES256).expect("a key").public_jwk()]})
    }

    fn exchange_event(&self, code: &str) -> Event {
        let now = grantlet::context::Clock::now(&grantlet::context::SystemClock).0;
        let claims = json!({"iss": "signer", "sub": "signer", "aud": ISSUER, "exp": now + 60, "jti": code});
        let assertion = self.0.find(SigningAlg::ES256).expect("a key").sign("JWT", &claims).expect("a signature");
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", REDIRECT_URI),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion.expose()),
        ];
        Event::post_form("/token", &encode(&form))
    }
}

/// Codes for Alice, who logs in once and has allowed it.
async fn codes(server: &Server, count: usize, client: &str, scope: &str) -> Vec<String> {
    let mut alice = Person::new(server);
    let query = authorization_query(client, &[("scope", Some(scope))]);
    let mut codes = Vec::new();
    for _ in 0..count {
        let url = alice.authorize(&query, ALICE).await;
        codes.push(parameter(&url, "code").expect("a code"));
    }
    codes
}

async fn print_costs(server: &Server, signer: &Signer, authenticator: &Authenticator) {
    let meter = stack_of(server).proxy.meter();
    println!("\n| what DynamoDB is asked, warm | requests | in sequence | read units | write units | target |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let show = |what: &str, cost: Cost, target: &str| {
        let Cost { operations, round_trips, read_units, write_units } = cost;
        println!("| {what} | {} | {round_trips} | {read_units} | {write_units} | {target} |", operations.len());
    };
    let mut alice = Person::new(server);
    meter.start();
    let url = alice.authorize(&authorization_query("app", &[("prompt", Some("consent"))]), ALICE).await;
    show("login with a password, consent, code", meter.stop(), "");
    meter.start();
    alice.authorize(&authorization_query("app", &[]), ALICE).await;
    show("code for a person who is logged in", meter.stop(), "");
    // The first use of a passkey in an hour is noted.
    log_in_by_passkey(server, authenticator, 1).await;
    meter.start();
    log_in_by_passkey(server, authenticator, 2).await;
    show("login with a passkey, code", meter.stop(), "");
    // The function has to have seen this client.
    let first = codes(server, 1, "app", "openid").await;
    exchange(server, As::Basic("app"), &first[0]).await;
    meter.start();
    let tokens = exchange(server, As::Basic("app"), &parameter(&url, "code").expect("a code")).await;
    show("exchange", meter.stop(), "2 in sequence");
    meter.start();
    let refreshed = refresh(server, As::Basic("app"), &token(&tokens, "refresh_token")).await;
    show("refresh", meter.stop(), "2 in sequence");
    meter.start();
    userinfo(server, &token(&refreshed, "access_token")).await;
    show("userinfo", meter.stop(), "");
    let key = ProofKey::new();
    let codes_of_app = codes(server, 1, "app", "openid").await;
    meter.start();
    server.send(&exchange_event("app", &codes_of_app[0]).header("dpop", &key.token_proof(server).sign())).await;
    show("exchange with DPoP", meter.stop(), "3 in sequence");
    let codes_of_signer = codes(server, 2, "signer", "openid").await;
    server.send(&signer.exchange_event(&codes_of_signer[0])).await;
    meter.start();
    server.send(&signer.exchange_event(&codes_of_signer[1])).await;
    show("exchange with `private_key_jwt`", meter.stop(), "3 in sequence");
    server.send(&Event::get("/jwks.json")).await;
    meter.start();
    server.send(&Event::get("/jwks.json")).await;
    show("keys and metadata", meter.stop(), "0");
}

/// A code for Alice, who logs in with her passkey in a browser of its own. `uses` is what her authenticator has counted.
async fn log_in_by_passkey(server: &Server, authenticator: &Authenticator, uses: u32) {
    let mut person = Person::new(server);
    let page = login_page(&mut person, &[]).await;
    let done = log_in(&mut person, server, &page, authenticator, |said| said.counter = uses).await;
    let path = done.header("location").expect("a way on").to_owned();
    let url = person.authorize(path.strip_prefix("/authorize?").expect("an authorization request"), ALICE).await;
    parameter(&url, "code").expect("a code");
}

/// CPU of a whole login in a warm function: the page, the login itself, and the way on to the code. And what a hash holds in memory.
async fn print_logins(server: &Server, authenticator: &Authenticator) {
    println!("\n| CPU of a login, warm, mean of {LOGINS} | CPU | target |\n| --- | --- | --- |");
    let authorize = stack_of(server).function("authorize");
    let each = cpu_of_each(authorize, &vec![Event::get(&format!("/authorize?{}", authorization_query("app", &[]))); WARM]).await;
    row("the login page alone", &format!("{each:.3} ms"), "");
    let password = Secret::new(ALICE.password);
    let hash = hash_password(&password, &SystemRandomSource);
    let before = cpu_millis(std::process::id());
    for _ in 0..LOGINS {
        assert!(std::hint::black_box(verify_password(&password, &hash)));
    }
    row("bare Argon2id of one password", &format!("{:.1} ms", (cpu_millis(std::process::id()) - before) / LOGINS as f64), "");
    let resident = resident_megabytes(authorize.pid());
    let before = cpu_millis(authorize.pid());
    for count in 0..LOGINS {
        log_in_by_passkey(server, authenticator, 3 + u32::try_from(count).expect("few")).await;
    }
    row("login with a passkey, code", &format!("{:.1} ms", (cpu_millis(authorize.pid()) - before) / LOGINS as f64), "");
    let before = cpu_millis(authorize.pid());
    for _ in 0..LOGINS {
        Person::new(server).authorize(&authorization_query("app", &[]), ALICE).await;
    }
    row("login with a password, code", &format!("{:.1} ms", (cpu_millis(authorize.pid()) - before) / LOGINS as f64), "");
    println!(
        "\nMemory of `authorize`, warm: {resident:.1} MB, and at most {:.1} MB with passwords.",
        most_resident_megabytes(authorize.pid())
    );
}

/// CPU of one warm request, all threads of the process together, beside what a bare signature takes.
async fn print_cpu(server: &Server, empty: &Path, signer: &Signer) {
    println!("\n| CPU of one request, warm, mean of {WARM} | CPU | beyond the signatures | target |\n| --- | --- | --- | --- |");
    let (keys, stored) = SigningKeys::generate("bench").expect("keys");
    let claims = json!({"iss": "https://issuer.example", "sub": "01JCPZ0000000000000000000", "aud": "x", "exp": 1, "iat": 1, "jti": "x"});
    let mut signature = std::collections::BTreeMap::new();
    for alg in [SigningAlg::RS256, SigningAlg::ES256] {
        let key = keys.find(alg).expect("a key");
        let before = cpu_millis(std::process::id());
        for _ in 0..WARM {
            std::hint::black_box(key.sign("at+jwt", &claims).expect("a signature"));
        }
        let each = (cpu_millis(std::process::id()) - before) / WARM as f64;
        signature.insert(format!("{alg:?}"), each);
        row(&format!("bare {alg:?} signature"), &format!("{each:.3} ms"), "");
    }
    for (alg, key) in parsed_each_time(stored.expose()) {
        let header = jsonwebtoken::Header::new(alg);
        let before = cpu_millis(std::process::id());
        for _ in 0..WARM {
            std::hint::black_box(jsonwebtoken::encode(&header, &claims, &key).expect("a signature"));
        }
        let each = (cpu_millis(std::process::id()) - before) / WARM as f64;
        row(&format!("the same by `jsonwebtoken`, which parses the key each time, {alg:?}"), &format!("{each:.3} ms"), "");
    }
    let function = Function::try_start_at(empty, "empty", &[]).await.expect("it starts");
    let each = cpu_of_each(&function, &vec![Event::get("/"); WARM]).await;
    row("empty function", &format!("{each:.3} ms"), "");
    for (what, client, scope, alg, signatures) in [
        ("exchange, RS256, access token", "app", "profile", "RS256", 1.0),
        ("exchange, RS256, access and ID token", "app", "openid profile", "RS256", 2.0),
        ("exchange, ES256, access token", "es256", "profile", "ES256", 1.0),
    ] {
        let events: Vec<_> = codes(server, WARM, client, scope).await.iter().map(|code| exchange_event(client, code)).collect();
        let function = stack_of(server).start_function("token").await;
        let each = cpu_of_each(&function, &events).await;
        let beyond = each - signatures * signature[alg];
        println!("| {what} | {each:.3} ms | {beyond:.3} ms | 0.3 ms |");
    }
    let key = ProofKey::new();
    let with_proof = |code: &String| exchange_event("es256", code).header("dpop", &key.token_proof(server).sign());
    let by_key = |code: &String| signer.exchange_event(code);
    for (what, client, event) in [
        ("the same with DPoP, ES256", "es256", &with_proof as &dyn Fn(&String) -> Event),
        ("the same with `private_key_jwt`, ES256", "signer", &by_key),
    ] {
        let events: Vec<_> = codes(server, WARM, client, "profile").await.iter().map(event).collect();
        let function = stack_of(server).start_function("token").await;
        let each = cpu_of_each(&function, &events).await;
        println!("| {what} | {each:.3} ms | {:.3} ms | |", each - signature["ES256"]);
    }
    let jwks = stack_of(server).function("jwks");
    let each = cpu_of_each(jwks, &vec![Event::get("/jwks.json"); WARM]).await;
    row("keys", &format!("{each:.3} ms"), "");
}

/// The keys of a stored set as `jsonwebtoken` takes them.
fn parsed_each_time(stored: &str) -> Vec<(Algorithm, EncodingKey)> {
    let set: serde_json::Value = serde_json::from_str(stored).expect("a set");
    let pkcs8 = |alg: &str| {
        let key = set["keys"].as_array().expect("keys").iter().find(|key| key["alg"] == alg).expect("a key");
        URL_SAFE_NO_PAD.decode(key["pkcs8"].as_str().expect("text")).expect("base64url")
    };
    // PKCS #1, as it wants RSA, begins after 26 bytes of PKCS #8.
    let rsa = EncodingKey::from_rsa_der(&pkcs8("RS256")[26..]);
    vec![(Algorithm::RS256, rsa), (Algorithm::ES256, EncodingKey::from_ec_der(&pkcs8("ES256")))]
}

/// The CPU of each of `events` but the first tenth.
async fn cpu_of_each(function: &Function, events: &[Event]) -> f64 {
    let (first, rest) = events.split_at(events.len() / 10);
    for event in first {
        assert_eq!(function.send(event).await.status(), 200);
    }
    let before = cpu_millis(function.pid());
    for event in rest {
        let answer = function.send(event).await;
        assert_eq!(answer.status(), 200, "{}", answer.body());
    }
    (cpu_millis(function.pid()) - before) / rest.len() as f64
}

/// What all threads of a process have spent on a CPU, in milliseconds, as the scheduler counts it.
fn cpu_millis(pid: u32) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).expect("a running process");
    let spent = threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok());
    spent.filter_map(|text| text.split(' ').next()?.parse::<f64>().ok()).sum::<f64>() / 1e6
}

fn resident_megabytes(pid: u32) -> f64 {
    megabytes_of_status(pid, "VmRSS:")
}

/// The most that it has ever held.
fn most_resident_megabytes(pid: u32) -> f64 {
    megabytes_of_status(pid, "VmHWM:")
}

fn megabytes_of_status(pid: u32, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a running process");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a resident size");
    line.trim().trim_end_matches(" kB").trim().parse::<f64>().expect("kB") * 1024.0 / 1e6
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
