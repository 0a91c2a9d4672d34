//! Single use: 200 codes, 50 parallel redemptions each, from several processes at once. Exactly one of each succeeds.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use grantlet::config::Tables;
use grantlet::context::Timestamp;
use grantlet::model::client::ClientId;
use grantlet::model::code::{AuthorizationCode, CodeToken, Presentation, Redemption};
use grantlet::model::user::UserId;
use grantlet::store::Store;
use grantlet_cli::engine::sdk_config_for;
use tokio::task::JoinSet;
use ulid::Ulid;

use crate::support::engines::{Fresh, new_ulid};

const CODES: usize = 200;
const PROCESSES: usize = 5;
/// Of each code in each process: fifty in all.
const REDEMPTIONS: usize = 10;
const NOW: Timestamp = Timestamp(1_800_000_000);
/// Tells a worker process where the tables are.
const WORKER: &str = "GRANTLET_TEST_SINGLE_USE_WORKER";

fn client() -> ClientId {
    ClientId::parse("app").unwrap()
}

fn presentation(code: &CodeToken) -> Presentation {
    Presentation {
        id: code.id,
        secret_hash: code.secret.hash(),
        client_id: client(),
        code_challenge: None,
        dpop_jkt: None,
        redirect_uri: None,
        resources: Vec::new(),
        now: NOW,
    }
}

async fn issue(fresh: &Fresh, seed: u8) -> CodeToken {
    let token = CodeToken::new(new_ulid(&fresh.store), &[seed; 32]);
    let code = AuthorizationCode {
        id: token.id,
        secret_hash: token.secret.hash(),
        client_id: client(),
        user_id: UserId(Ulid::from_parts(1, 1)),
        redirect_uri: "https://app.example/cb".to_owned(),
        code_challenge: None,
        dpop_jkt: None,
        resources: vec!["https://api.example".to_owned()],
        nonce: None,
        expires_at: NOW.plus(60),
    };
    fresh.store.create_code(&code).await.unwrap();
    token
}

/// OAuth 2.1 section 4.1.3
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_codes_redeemed_fifty_times_each_across_processes_yield_two_hundred_successes() {
    let fresh = Fresh::start().await;
    let mut codes = Vec::new();
    for n in 0..CODES {
        codes.push(issue(&fresh, u8::try_from(n).unwrap()).await);
    }
    let place = format!("{}|{}|{}", fresh.endpoint, fresh.tables.state, fresh.tables.registry);
    let mut workers: Vec<Child> = (0..PROCESSES).map(|_| start_worker(&place)).collect();
    // Each has a pipe; they begin with the first code at the same time, and race to the last.
    let lines: String = codes.iter().flat_map(|code| [code.render().expose().to_owned(), "\n".to_owned()]).collect();
    for worker in &mut workers {
        worker.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    }
    let told = tokio::task::spawn_blocking(move || workers.into_iter().map(finish_worker).collect::<Vec<_>>()).await.unwrap();
    let mut won: Vec<String> = told.iter().flatten().cloned().collect();
    assert_eq!(
        told.iter().map(Vec::len).sum::<usize>(),
        CODES,
        "successes by process: {:?}",
        told.iter().map(Vec::len).collect::<Vec<_>>()
    );
    won.sort_unstable();
    won.dedup();
    assert_eq!(won.len(), CODES, "each code was won once");
    assert!(told.iter().filter(|won| !won.is_empty()).count() > 1, "one process won everything: there was no race");
}

/// The same binary again, as a worker.
fn start_worker(place: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "single_use::redeems_what_it_is_told_to_as_a_worker", "--nocapture", "--test-threads", "1"]);
    command.env(WORKER, place).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

/// The ids of the codes that a worker won.
fn finish_worker(mut worker: Child) -> Vec<String> {
    let output = BufReader::new(worker.stdout.take().unwrap());
    let won = output.lines().map_while(Result::ok).filter_map(|line| line.split("won ").nth(1).map(str::to_owned)).collect();
    assert!(worker.wait().unwrap().success(), "a worker failed");
    won
}

/// What a worker process does. Run without its variable it checks that a code which it does not have is not won.
#[tokio::test(flavor = "multi_thread")]
async fn redeems_what_it_is_told_to_as_a_worker() {
    #[expect(clippy::disallowed_methods, reason = "the parent process says so")]
    let Ok(place) = std::env::var(WORKER) else {
        let fresh = Fresh::start().await;
        let code = CodeToken::new(new_ulid(&fresh.store), &[1; 32]);
        assert_eq!(race(&fresh.store, &code).await, 0);
        return;
    };
    let [endpoint, state, registry] = <[&str; 3]>::try_from(place.split('|').collect::<Vec<_>>()).unwrap();
    let store = Store::connect(&sdk_config_for(endpoint), Tables { state: state.to_owned(), registry: registry.to_owned() });
    // On a busy machine an answer may be late, and a code whose answer is lost is burnt.
    let store = store.with_patience(Duration::from_mins(1));
    for line in std::io::stdin().lines() {
        let code: CodeToken = line.unwrap().parse().unwrap();
        for _ in 0..race(&store, &code).await {
            println!("won {}", code.id);
        }
    }
}

/// How many of this process's parallel redemptions won.
async fn race(store: &Store, code: &CodeToken) -> usize {
    let mut redemptions = JoinSet::new();
    for _ in 0..REDEMPTIONS {
        let (store, presentation) = (store.clone(), presentation(code));
        redemptions.spawn(async move { store.redeem_code(&presentation).await.unwrap() });
    }
    redemptions.join_all().await.into_iter().filter(|redemption| matches!(redemption, Redemption::Redeemed(_))).count()
}
