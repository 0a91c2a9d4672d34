//! `grantlet connection …`: providers at which people may log in. The settings name them; what they gave us in secret is kept here, sealed.

use std::io::{IsTerminal as _, Read as _};

use grantlet::jose::signing::SigningKey;
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
            let secret = read_secret(&connection, secret_stdin)?;
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

/// The secret from the terminal, without showing it, or from standard input: up to its first line end, but for a key, which has many lines. It is never an
/// argument, which others could see.
fn read_secret(connection: &ConnectionSettings, from_stdin: bool) -> Result<Secret, Failure> {
    let is_key = connection.kind == ConnectionKind::Apple;
    if !from_stdin {
        return ask_secret(connection, is_key);
    }
    let mut bytes = Vec::new();
    std::io::stdin().take(MAX_SECRET as u64 + 2).read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes).map_err(|_| not_a_secret())?;
    if is_key { check_key(connection, Secret::new(text)) } else { check_secret(Secret::new(text.lines().next().unwrap_or_default())) }
}

fn ask_secret(connection: &ConnectionSettings, is_key: bool) -> Result<Secret, Failure> {
    if is_key {
        return Err(Failure::new("Give the key that Apple let you download on standard input: --secret-stdin < AuthKey.p8."));
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new("There is no terminal to ask for the secret on. Give it on standard input, with --secret-stdin."));
    }
    let whose = format!("our client at {}", printable(&connection.name));
    check_secret(Secret::new(ask_password(&whose)?.ok_or_else(|| Failure::new("The two secrets differ. Try again."))?))
}

fn check_secret(secret: Secret) -> Result<Secret, Failure> {
    let text = secret.expose();
    if (1..=MAX_SECRET).contains(&text.len()) && !text.chars().any(char::is_control) { Ok(secret) } else { Err(not_a_secret()) }
}

/// The key that signs client secrets for Apple, if it is one.
fn check_key(connection: &ConnectionSettings, pem: Secret) -> Result<Secret, Failure> {
    match SigningKey::from_pem(connection.key_id.as_deref().unwrap_or_default(), &pem) {
        Ok(_) => Ok(pem),
        Err(_) => Err(Failure::new("That is no key of Apple's: give the file AuthKey_….p8 as it was downloaded.")),
    }
}

fn not_a_secret() -> Failure {
    Failure::new("That is no secret of a client: give one line of 1 to 4,096 bytes.")
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
