//! `grantlet connection …`: providers at which people may log in. The settings name them; what they gave us in secret is kept here, sealed.

use std::io::{IsTerminal as _, Read as _};

use grantlet::model::secret::Secret;
use grantlet::model::settings::{ConnectionKind, ConnectionSettings};
use grantlet::store::connection_key;
use grantlet::vault::SealingOwner;
use serde::Serialize;
use serde_json::json;

use crate::args::{ConnectionCommand, TargetArgs};
use crate::failure::Failure;
use crate::output::{Output, ask_password, printable, render_table};
use crate::target::Target;

/// The longest secret that a provider gives, in bytes.
const MAX_SECRET: usize = 4_096;

/// A connection as it is shown: never with its secret.
#[derive(Serialize)]
struct ShownConnection {
    id: String,
    name: String,
    kind: ConnectionKind,
    issuer: String,
    client_id: String,
    has_secret: bool,
    /// What the provider has to know; without an issuer for local data, whose `dev` alone knows it.
    redirect_uri: String,
}

/// Does `command`.
pub(crate) async fn run(command: ConnectionCommand, args: &TargetArgs, output: Output) -> Result<(), Failure> {
    let target = Target::open(args).await?;
    match command {
        ConnectionCommand::List => {
            let shown = list(&target).await?;
            output.print(&shown, |shown| render(shown))?;
        }
        ConnectionCommand::SetSecret { id, secret_stdin } => {
            let connection = find(&target, &id).await?;
            let secret = read_secret(&connection.name, secret_stdin)?;
            set_secret(&target, &id, &secret).await?;
            output.print(&json!({"id": id, "has_secret": true}), |_| {
                format!("The secret of {id} is kept; functions know it within five minutes.")
            })?;
        }
        ConnectionCommand::RemoveSecret { id } => {
            let removed = target.context.store.remove_connection_secret(&id).await?;
            if !removed {
                return Err(Failure::new(format!("There is no secret of a connection {id:?}.")));
            }
            output.print(&json!({"id": id, "has_secret": false}), |_| {
                format!("The secret of {id} is forgotten; functions may use it for five more minutes.")
            })?;
        }
    }
    target.close().await;
    Ok(())
}

async fn list(target: &Target) -> Result<Vec<ShownConnection>, Failure> {
    let store = &target.context.store;
    let issuer = if target.is_stack { target.context.config.issuer.as_str() } else { "<issuer>" };
    let mut shown = Vec::new();
    for one in store.find_settings().await?.unwrap_or_default().connections {
        shown.push(ShownConnection {
            has_secret: store.find_sealed_connection_secret(&one.id).await?.is_some(),
            issuer: one.issuer().to_owned(),
            redirect_uri: format!("{issuer}/login/callback"),
            id: one.id,
            name: one.name,
            kind: one.kind,
            client_id: one.client_id,
        });
    }
    Ok(shown)
}

async fn find(target: &Target, id: &str) -> Result<ConnectionSettings, Failure> {
    let settings = target.context.store.find_settings().await?.unwrap_or_default();
    let unknown =
        || Failure::new(format!("The settings in force have no connection {id:?}. Add it to grantlet.toml and apply that first."));
    settings.find_connection(id).cloned().ok_or_else(unknown)
}

async fn set_secret(target: &Target, id: &str, secret: &Secret) -> Result<(), Failure> {
    let no_key = || Failure::new("There are no keys to seal the secret with yet. `grantlet key rotate` makes them; then try again.");
    let sealing = target.vault.find_sealing_key(SealingOwner::Authorize).await?.ok_or_else(no_key)?;
    let sealed = sealing.seal(&connection_key(id), secret.expose().as_bytes());
    Ok(target.context.store.replace_sealed_connection_secret(id, &sealed).await?)
}

/// The secret from the terminal, without showing it, or from standard input up to its first line end. It is never an argument, which others could see.
fn read_secret(name: &str, from_stdin: bool) -> Result<Secret, Failure> {
    let secret = if from_stdin {
        let mut text = String::new();
        std::io::stdin().take(MAX_SECRET as u64 + 2).read_to_string(&mut text)?;
        Secret::new(text.lines().next().unwrap_or_default())
    } else if std::io::stdin().is_terminal() {
        let whose = format!("our client at {}", printable(name));
        Secret::new(ask_password(&whose)?.ok_or_else(|| Failure::new("The two secrets differ. Try again."))?)
    } else {
        return Err(Failure::new("There is no terminal to ask for the secret on. Give it on standard input, with --secret-stdin."));
    };
    if !(1..=MAX_SECRET).contains(&secret.expose().len()) || secret.expose().chars().any(char::is_control) {
        return Err(Failure::new("That is no secret of a client: give one line of 1 to 4,096 bytes."));
    }
    Ok(secret)
}

fn render(connections: &[ShownConnection]) -> String {
    let Some(first) = connections.first() else {
        return "The settings have no connections. docs/upstream.md shows how to add one.".to_owned();
    };
    let rows: Vec<_> = connections
        .iter()
        .map(|one| {
            let secret = if one.has_secret { "kept" } else { "none" };
            [one.id.clone(), one.name.clone(), one.issuer.clone(), one.client_id.clone(), secret.to_owned()]
        })
        .collect();
    let table = render_table(["ID", "NAME", "PROVIDER", "CLIENT ID", "SECRET"], &rows);
    format!("{table}\n\nRegister this redirect URI with each of them:  {}", first.redirect_uri)
}
