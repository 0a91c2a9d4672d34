//! `grantlet key …`: signing keys and refresh keys, by their public side.

use grantlet::context::{Context, Timestamp};
use grantlet::endpoint::rotate::{RotateCommand, Rotator};
use grantlet::model::client::SigningAlg;
use grantlet::model::key_ring::{KeyRing, KeyState};
use serde::Serialize;

use crate::args::{KeyCommand, TargetArgs};
use crate::failure::Failure;
use crate::output::{Output, render_table, render_time};
use crate::target::Target;

/// The key ring as it is shown: no key, only names and states.
#[derive(Serialize)]
struct ShownRing {
    version: u64,
    signing: Vec<ShownSet>,
    refresh: Vec<ShownKey>,
}

#[derive(Serialize)]
struct ShownSet {
    id: String,
    #[serde(flatten)]
    life: Life,
    keys: Vec<ShownPublicKey>,
}

#[derive(Serialize)]
struct ShownPublicKey {
    kid: String,
    alg: SigningAlg,
}

#[derive(Serialize)]
struct ShownKey {
    kid: String,
    #[serde(flatten)]
    life: Life,
}

#[derive(Serialize)]
struct Life {
    state: KeyState,
    created_at: Timestamp,
    activated_at: Option<Timestamp>,
    retired_at: Option<Timestamp>,
}

impl From<KeyRing> for ShownRing {
    fn from(ring: KeyRing) -> Self {
        let signing = ring.signing.into_iter().map(|set| ShownSet {
            life: Life { state: set.state, created_at: set.created_at, activated_at: set.activated_at, retired_at: set.retired_at },
            keys: set.keys.into_iter().map(|key| ShownPublicKey { kid: key.kid, alg: key.alg }).collect(),
            id: set.id,
        });
        let refresh = ring.refresh.into_iter().map(|key| ShownKey {
            life: Life { state: key.state, created_at: key.created_at, activated_at: key.activated_at, retired_at: key.retired_at },
            kid: key.kid,
        });
        Self { version: ring.version, signing: signing.collect(), refresh: refresh.collect() }
    }
}

/// Does `command`.
pub(crate) async fn run(command: KeyCommand, args: &TargetArgs, output: Output) -> Result<(), Failure> {
    let target = Target::open(args).await?;
    match command {
        KeyCommand::List => {
            let ring = find_ring(&target.context).await?;
            output.print(&ring, render)?;
        }
        KeyCommand::Rotate { emergency } => {
            let rotate = if emergency { RotateCommand::Emergency } else { RotateCommand::Now };
            rotate_keys(&target.context, &target.vault, rotate).await?;
            let ring = find_ring(&target.context).await?;
            let done = if emergency {
                "Every key was replaced. Instances in use follow within 5 minutes, all of them within half an hour; a new deployment hastens it."
            } else {
                "Successors are published now. They take over once they have been known for long enough: 24 hours, unless GRANTLET_KEY_PUBLISH_AHEAD says otherwise."
            };
            output.print(&ring, |ring| format!("{done}\n\n{}", render(ring)))?;
        }
    }
    target.close().await;
    Ok(())
}

/// Carries out a step of the keys' life cycle with this program's own rights.
pub(crate) async fn rotate_keys(context: &Context, vault: &grantlet::vault::Vault, command: RotateCommand) -> Result<(), Failure> {
    let rotator = Rotator { context: context.clone(), vault: vault.clone() };
    rotator.run(command).await.map(drop).map_err(|error| Failure::new(format!("The keys can't be rotated: {error}.")))
}

async fn find_ring(context: &Context) -> Result<ShownRing, Failure> {
    let ring = context.store.find_key_ring().await?;
    ring.map(ShownRing::from).ok_or_else(|| Failure::new("There are no keys yet. `grantlet key rotate` makes the first ones."))
}

fn render(ring: &ShownRing) -> String {
    let since = |life: &Life| {
        let at = life.retired_at.or(life.activated_at).unwrap_or(life.created_at);
        render_time(at)
    };
    let mut rows = Vec::new();
    for set in &ring.signing {
        for key in &set.keys {
            rows.push([key.kid.clone(), key.alg.as_str().to_owned(), state_name(set.life.state).to_owned(), since(&set.life)]);
        }
    }
    for key in &ring.refresh {
        rows.push([key.kid.clone(), "refresh tokens".to_owned(), state_name(key.life.state).to_owned(), since(&key.life)]);
    }
    render_table(["KEY", "FOR", "STATE", "SINCE"], &rows)
}

fn state_name(state: KeyState) -> &'static str {
    match state {
        KeyState::Next => "next",
        KeyState::Active => "active",
        KeyState::Retired => "retired",
        KeyState::Archived => "archived",
    }
}
