//! `grantlet registration …`: clients that register themselves, and what lets them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantlet::context::{Random as _, SystemRandomSource};
use grantlet::model::client::{ClientId, ClientSource};
use grantlet::model::secret::Secret;
use serde_json::json;

use super::client::{ShownClient, render, render_rows};
use crate::args::{RegistrationCommand, TargetArgs};
use crate::failure::Failure;
use crate::output::Output;
use crate::registration::parse_client_id;
use crate::target::Target;

/// Does `command`.
pub(crate) async fn run(command: RegistrationCommand, args: &TargetArgs, output: Output) -> Result<(), Failure> {
    if let RegistrationCommand::Token = command {
        return make_token(output);
    }
    let target = Target::open(args).await?;
    let (store, now) = (&target.context.store, target.context.now());
    match command {
        RegistrationCommand::Token => {}
        RegistrationCommand::List => {
            let mut clients = store.list_dynamic_clients(now).await?;
            clients.sort_by(|a, b| a.client.client_id.cmp(&b.client.client_id));
            let shown: Vec<ShownClient> = clients.into_iter().map(ShownClient::new).collect();
            output.print(&shown, |shown| match shown.as_slice() {
                [] => "No client registered itself, or none is in use any more.".to_owned(),
                some => render_rows(some),
            })?;
        }
        RegistrationCommand::Show { client_id } => {
            let id = read_id(&client_id)?;
            let found = store.find_dynamic_client(&id, now).await?.ok_or_else(|| unknown(&id))?;
            output.print(&ShownClient::new(found), render)?;
        }
        RegistrationCommand::Remove { client_id } => {
            let id = read_id(&client_id)?;
            if !store.expel_dynamic_client(&id).await? {
                return Err(unknown(&id));
            }
            let shown = json!({"client_id": id.as_str(), "removed": true});
            output.print(&shown, |_| {
                format!("The client {id} is removed. What it was issued works until it expires, access tokens within minutes.")
            })?;
        }
    }
    target.close().await;
    Ok(())
}

/// 256 bits, shown this once; the settings know its hash alone.
fn make_token(output: Output) -> Result<(), Failure> {
    let mut bytes = [0_u8; 32];
    SystemRandomSource.fill(&mut bytes);
    let token = Secret::from_bytes(&bytes);
    let hash = URL_SAFE_NO_PAD.encode(token.hash().as_bytes());
    let shown = json!({"initial_access_token": token.expose(), "initial_access_tokens": [hash.as_str()]});
    output.print(&shown, |_| {
        format!(
            "initial access token  {}   (shown this once; keep it now)\n\nPut its hash into grantlet.toml, and apply that:\n\n[registration]\nmode = \"token\"\ninitial_access_tokens = [\"{hash}\"]",
            token.expose()
        )
    })
}

fn read_id(text: &str) -> Result<ClientId, Failure> {
    let id = parse_client_id(text)?;
    match id.source() {
        ClientSource::Dynamic => Ok(id),
        ClientSource::Operator | ClientSource::Document => Err(unknown(&id)),
    }
}

fn unknown(id: &ClientId) -> Failure {
    Failure::new(format!("No client {id} registered itself. `grantlet registration list` shows all that did."))
}
