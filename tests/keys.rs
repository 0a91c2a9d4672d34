//! The life of keys, carried out on the embedded engine, with private halves in files and in a parameter store.

use std::sync::Arc;

use grantlet::config::{Config, KeyStore};
use grantlet::context::Context;
use grantlet::endpoint::metadata::Metadata;
use grantlet::endpoint::rotate::{RotateCommand, Rotator};
use grantlet::model::client::SigningAlg;
use grantlet::model::key_ring::{KeyRing, KeyState};
use grantlet::protocol::issuer::Issuer;
use grantlet::vault::{Vault, connect_ssm};
use grantlet_cli::engine::sdk_config_for;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::support::clock::FixedClock;
use crate::support::engines::Fresh;
use crate::support::ssm::ParameterStore;

const START: i64 = 1_800_000_000;
const DAY: i64 = 24 * 60 * 60;

struct Bench {
    rotator: Rotator,
    clock: FixedClock,
    parameters: ParameterStore,
    _fresh: Fresh,
    _folder: TempDir,
}

impl Bench {
    /// Private halves in a parameter store.
    async fn in_ssm() -> Self {
        let parameters = ParameterStore::start().await;
        let client = connect_ssm(&sdk_config_for(parameters.endpoint()));
        Self::with(parameters, |_| Vault::Ssm { client, prefix: "/grantlet/test".to_owned() }).await
    }

    /// Private halves in files.
    async fn in_files() -> Self {
        Self::with(ParameterStore::start().await, |folder| Vault::Directory(folder.path().join("keys"))).await
    }

    async fn with(parameters: ParameterStore, vault: impl FnOnce(&TempDir) -> Vault) -> Self {
        let fresh = Fresh::start().await;
        let folder = TempDir::new().unwrap();
        let issuer = Issuer::parse("https://issuer.example").unwrap();
        let config = Config::new(issuer, fresh.tables.clone(), KeyStore::Directory(folder.path().to_owned()));
        let clock = FixedClock::at(START);
        let mut context = Context::new(config, fresh.store.clone());
        context.clock = Arc::new(clock.clone());
        let rotator = Rotator { context, vault: vault(&folder) };
        Self { rotator, clock, parameters, _fresh: fresh, _folder: folder }
    }

    async fn run(&self, command: RotateCommand) -> KeyRing {
        self.rotator.run(command).await.unwrap()
    }

    /// The ids of the sets whose private halves are kept.
    async fn held(&self) -> Vec<String> {
        self.rotator.vault.load_private_keys().await.unwrap().signing.into_iter().map(|set| set.set_id().to_owned()).collect()
    }

    async fn published(&self) -> Vec<String> {
        let metadata = Metadata::new(self.rotator.context.clone());
        let request = grantlet::endpoint::Request {
            method: http::Method::GET,
            path: "/jwks.json".to_owned(),
            raw_query: String::new(),
            headers: http::HeaderMap::new(),
            cookies: Vec::new(),
            body: Vec::new(),
            source_ip: None,
            request_id: String::new(),
        };
        let document: Value = serde_json::from_str(&metadata.handle(request).await.body).unwrap();
        document["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    }
}

fn states(ring: &KeyRing) -> Vec<KeyState> {
    ring.signing.iter().map(|set| set.state).collect()
}

/// The first key signs at once, and exists once
#[tokio::test]
async fn the_first_run_makes_one_set_of_every_algorithm_and_the_second_changes_nothing() {
    for bench in [Bench::in_ssm().await, Bench::in_files().await] {
        let first = bench.run(RotateCommand::Scheduled).await;
        assert_eq!(states(&first), [KeyState::Active]);
        let algs: Vec<_> = first.signing[0].keys.iter().map(|key| key.alg).collect();
        assert_eq!(algs, SigningAlg::ALL);
        assert_eq!(bench.held().await, [first.signing[0].id.clone()]);
        assert!(bench.rotator.vault.find_sealing_key(grantlet::vault::SealingOwner::Authorize).await.unwrap().is_some());
        assert_eq!(bench.run(RotateCommand::Scheduled).await, first);
        assert_eq!(bench.published().await.len(), SigningAlg::ALL.len());
    }
}

/// Published before it signs, and until its last token has expired
#[tokio::test]
async fn a_rotation_publishes_then_signs_then_retires_then_archives() {
    let bench = Bench::in_ssm().await;
    let first = bench.run(RotateCommand::Scheduled).await;
    let old = first.signing[0].keys[0].kid.clone();
    bench.run(RotateCommand::Now).await;
    assert_eq!(bench.published().await.len(), 2 * SigningAlg::ALL.len(), "the successor is published and does not sign");
    bench.clock.advance(DAY - 1);
    assert_eq!(states(&bench.run(RotateCommand::Scheduled).await), [KeyState::Active, KeyState::Next]);
    bench.clock.advance(1);
    assert_eq!(states(&bench.run(RotateCommand::Scheduled).await), [KeyState::Retired, KeyState::Active]);
    assert!(bench.published().await.contains(&old));
    assert_eq!(bench.held().await.len(), 2);
    bench.clock.advance(DAY);
    let ring = bench.run(RotateCommand::Scheduled).await;
    assert_eq!(states(&ring), [KeyState::Archived, KeyState::Active]);
    assert!(!bench.published().await.contains(&old));
    assert_eq!(bench.run(RotateCommand::Scheduled).await, ring);
    assert_eq!(bench.held().await, [ring.signing[1].id.clone()], "the private half of an archived set is gone");
}

/// `--emergency` skips `next` and drops the old key at once
#[tokio::test]
async fn an_emergency_leaves_nothing_of_the_old_keys() {
    let bench = Bench::in_ssm().await;
    let first = bench.run(RotateCommand::Scheduled).await;
    bench.run(RotateCommand::Now).await;
    let after = bench.run(RotateCommand::Emergency).await;
    assert_eq!(states(&after), [KeyState::Active]);
    assert_eq!(after.refresh.len(), 1);
    assert_ne!(after.refresh[0].kid, first.refresh[0].kid);
    assert_eq!(bench.held().await, [after.signing[0].id.clone()]);
    assert!(after.version > first.version);
    let published = bench.published().await;
    assert!(first.signing[0].keys.iter().all(|key| !published.contains(&key.kid)));
}

/// Two runs at once: the ring's version decides, and nobody's keys are lost
#[tokio::test(flavor = "multi_thread")]
async fn parallel_runs_leave_one_ring_and_no_key_that_nobody_knows() {
    let bench = Bench::in_ssm().await;
    let mut runs = JoinSet::new();
    for _ in 0..4 {
        let rotator = bench.rotator.clone();
        runs.spawn(async move { rotator.run(RotateCommand::Scheduled).await.unwrap() });
    }
    let rings = runs.join_all().await;
    assert!(rings.iter().all(|ring| *ring == rings[0]));
    assert_eq!(states(&rings[0]), [KeyState::Active]);
    assert_eq!(bench.held().await, [rings[0].signing[0].id.clone()]);
}

/// What a run left behind that was cut short is removed later, and not at once: it may belong to a run that is under way
#[tokio::test]
async fn a_private_half_that_no_ring_names_is_removed_after_an_hour() {
    let bench = Bench::in_ssm().await;
    bench.run(RotateCommand::Scheduled).await;
    let orphan = bench.rotator.context.ulid().to_string();
    let (_, text) = grantlet::jose::signing::SigningKeys::generate(&orphan).unwrap();
    let put = json!({"Name": format!("/grantlet/test/signing/{orphan}"), "Value": text.expose(), "Type": "SecureString"});
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(bench.parameters.endpoint()).header("x-amz-target", "AmazonSSM.PutParameter").body(put.to_string());
    assert_eq!(request.send().await.unwrap().status(), 200);
    bench.clock.advance(3_600);
    bench.run(RotateCommand::Scheduled).await;
    assert!(bench.held().await.contains(&orphan));
    bench.clock.advance(1);
    bench.run(RotateCommand::Scheduled).await;
    assert!(!bench.held().await.contains(&orphan));
}

/// The parameters were lost, the table was not: logins go on with a new key
#[tokio::test]
async fn a_lost_private_half_is_replaced_and_its_public_half_still_verifies() {
    let bench = Bench::in_ssm().await;
    let first = bench.run(RotateCommand::Scheduled).await;
    bench.run(RotateCommand::DeleteAll).await;
    assert!(bench.parameters.names().is_empty());
    let after = bench.run(RotateCommand::Scheduled).await;
    assert_eq!(states(&after), [KeyState::Retired, KeyState::Active]);
    assert!(bench.published().await.contains(&first.signing[0].keys[0].kid));
}

/// Private halves are SecureStrings, and each fits the standard tier
#[tokio::test]
async fn private_halves_are_secure_strings_of_their_own_kind() {
    let bench = Bench::in_ssm().await;
    let ring = bench.run(RotateCommand::Scheduled).await;
    let mut expected = vec![
        (format!("/grantlet/test/refresh/{}", ring.refresh[0].kid), true),
        ("/grantlet/test/sealing/authorize".to_owned(), true),
        ("/grantlet/test/sealing/token".to_owned(), true),
        ("/grantlet/test/pairwise/salt".to_owned(), true),
        (format!("/grantlet/test/signing/{}", ring.signing[0].id), true),
    ];
    expected.sort();
    assert_eq!(bench.parameters.names(), expected);
    assert!(bench.parameters.values().iter().all(|value| value.len() < 4_096));
}
