//! `grantlet client …`: the operator's clients.

use grantlet::context::{Context, Timestamp};
use grantlet::model::client::{AuthMethod, Client, ClientId, GrantType, Rotation, SigningAlg, StoredClient};
use grantlet::model::secret::Secret;
use serde::Serialize;
use serde_json::json;

use crate::args::{Alg, ClientAdd, ClientCommand, SecretMethod, TargetArgs};
use crate::failure::Failure;
use crate::output::{Output, printable, render_table, render_time};
use crate::registration::{check_client, check_sector, make_client_id, make_secret, parse_client_id, store_form};
use crate::target::Target;

/// A client as it is shown: RFC 7591 section 3.2.1, without the secret unless it was just made.
#[derive(Serialize)]
pub(crate) struct ShownClient {
    #[serde(flatten)]
    client: Client,
    client_id_issued_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<i64>,
}

impl ShownClient {
    /// The client without its secret, which nobody knows any more.
    pub(crate) fn new(stored: StoredClient) -> Self {
        Self { client: stored.client, client_id_issued_at: stored.created_at, client_secret: None, client_secret_expires_at: None }
    }

    /// The client with its new secret, which is shown this once.
    fn with_secret(stored: StoredClient, secret: Option<&Secret>) -> Self {
        Self {
            client_secret: secret.map(|secret| secret.expose().to_owned()),
            client_secret_expires_at: secret.map(|_| 0),
            ..Self::new(stored)
        }
    }
}

/// Does `command`.
pub(crate) async fn run(command: ClientCommand, args: &TargetArgs, output: Output) -> Result<(), Failure> {
    let target = Target::open(args).await?;
    let context = &target.context;
    match command {
        ClientCommand::Add(add) => {
            let shown = register(&target, add).await?;
            output.print(&shown, |shown| format!("The client is registered.\n\n{}", render(shown)))?;
        }
        ClientCommand::List => {
            let mut clients = context.store.list_clients().await?;
            clients.sort_by(|a, b| a.client.client_id.cmp(&b.client.client_id));
            let shown: Vec<ShownClient> = clients.into_iter().map(ShownClient::new).collect();
            output.print(&shown, |shown| render_list(shown))?;
        }
        ClientCommand::Show { client_id } => {
            let shown = ShownClient::new(find(context, &client_id).await?.1);
            output.print(&shown, render)?;
        }
        ClientCommand::Remove { client_id } => {
            let id = find(context, &client_id).await?.0;
            context.store.remove_client(&id).await?;
            let shown = json!({"client_id": id.as_str(), "removed": true});
            output.print(&shown, |_| {
                format!("The client {id} is removed. What it was issued works until it expires, access tokens within minutes.")
            })?;
        }
        ClientCommand::RotateSecret { client_id, keep_old } => {
            let shown = rotate_secret(&target, &client_id, keep_old).await?;
            let old = if keep_old > 0 { format!("works for another {keep_old} hours") } else { "stops within a minute".to_owned() };
            output.print(&shown, |shown| format!("The client has a new secret; the old one {old}.\n\n{}", render(shown)))?;
        }
    }
    target.close().await;
    Ok(())
}

async fn find(context: &Context, text: &str) -> Result<(ClientId, StoredClient), Failure> {
    let id = parse_client_id(text)?;
    match context.store.find_client(&id).await? {
        Some(stored) => Ok((id, stored)),
        None => Err(unknown(&id)),
    }
}

fn unknown(id: &ClientId) -> Failure {
    Failure::new(format!("There is no client {id}. `grantlet client list` shows all."))
}

async fn register(target: &Target, add: ClientAdd) -> Result<ShownClient, Failure> {
    let context = &target.context;
    let client = match &add.metadata {
        Some(path) => read_metadata(context, path, add.id.as_deref())?,
        None => client_of(context, add)?,
    };
    let secret = client.token_endpoint_auth_method.has_secret().then(|| make_secret(context));
    check_client(&client, secret.as_ref())?;
    check_sector(context, &client).await?;
    let stored = store_form(&target.vault, client, secret.as_ref(), context.now()).await?;
    if !context.store.create_client(&stored).await? {
        let id = &stored.client.client_id;
        return Err(Failure::new(format!("There is a client {id} already. Remove it first, or choose another --id.")));
    }
    Ok(ShownClient::with_secret(stored, secret.as_ref()))
}

/// The client that a file of metadata (RFC 7591 section 2) describes.
fn read_metadata(context: &Context, path: &std::path::Path, id: Option<&str>) -> Result<Client, Failure> {
    let shown = path.display();
    let wrong = |why: String| Failure::new(format!("The metadata {shown} can't be used: {why}. Correct them there."));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let mut metadata: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if metadata.contains_key("client_secret") {
        return Err(wrong("a client_secret stands there, but secrets are made here and shown once".to_owned()));
    }
    if let Some(id) = id {
        metadata.insert("client_id".to_owned(), id.into());
    }
    if !metadata.contains_key("client_id") {
        metadata.insert("client_id".to_owned(), make_client_id(context)?.as_str().into());
    }
    serde_json::from_value(metadata.into()).map_err(|error| wrong(error.to_string()))
}

fn client_of(context: &Context, add: ClientAdd) -> Result<Client, Failure> {
    let client_id = match &add.id {
        Some(text) => parse_client_id(text)?,
        None => make_client_id(context)?,
    };
    let mut grant_types = vec![GrantType::AuthorizationCode];
    if add.refresh {
        grant_types.push(GrantType::RefreshToken);
    }
    let plain = json!({"client_id": client_id.as_str(), "redirect_uris": add.redirect_uris});
    let plain: Client = serde_json::from_value(plain).map_err(|error| Failure::new(format!("{error}.")))?;
    Ok(Client {
        client_name: add.name,
        token_endpoint_auth_method: match (add.public, add.auth_method) {
            (true, _) => AuthMethod::None,
            (false, SecretMethod::Basic) => AuthMethod::ClientSecretBasic,
            (false, SecretMethod::Post) => AuthMethod::ClientSecretPost,
        },
        grant_types,
        scope: add.scope,
        id_token_signed_response_alg: signing_alg(add.id_token_alg),
        access_token_signed_response_alg: signing_alg(add.access_token_alg),
        first_party: add.first_party,
        require_pkce: !add.no_pkce,
        rotation: if add.no_rotation { Rotation::Never } else { Rotation::Always },
        ..plain
    })
}

async fn rotate_secret(target: &Target, text: &str, keep_old: u32) -> Result<ShownClient, Failure> {
    let context = &target.context;
    let (id, stored) = find(context, text).await?;
    if stored.client.is_public() {
        return Err(Failure::new(format!("The client {id} is public: it has no secret to rotate.")));
    }
    if !stored.client.token_endpoint_auth_method.has_secret() {
        return Err(Failure::new(format!("The client {id} signs with keys of its own: it has no secret to rotate.")));
    }
    let secret = make_secret(context);
    let until = context.now().plus(i64::from(keep_old) * 3_600);
    let previous = stored.secret_hash.filter(|_| keep_old > 0).map(|hash| (hash, until));
    let mut stored = store_form(&target.vault, stored.client, Some(&secret), stored.created_at).await?;
    stored.previous_secret = previous;
    if !context.store.replace_client(&stored).await? {
        return Err(unknown(&id));
    }
    Ok(ShownClient::with_secret(stored, Some(&secret)))
}

fn signing_alg(alg: Alg) -> SigningAlg {
    match alg {
        Alg::Rs256 => SigningAlg::RS256,
        Alg::Ps256 => SigningAlg::PS256,
        Alg::Es256 => SigningAlg::ES256,
        Alg::Eddsa => SigningAlg::EdDSA,
    }
}

fn auth_method(client: &Client) -> &'static str {
    match client.token_endpoint_auth_method {
        AuthMethod::None => "none (public)",
        method => method.as_str(),
    }
}

fn render_list(clients: &[ShownClient]) -> String {
    if clients.is_empty() {
        return "There are no clients yet. `grantlet client add` registers one.".to_owned();
    }
    render_rows(clients)
}

/// A line a client.
pub(crate) fn render_rows(clients: &[ShownClient]) -> String {
    let rows: Vec<_> = clients
        .iter()
        .map(|ShownClient { client, client_id_issued_at, .. }| {
            [
                client.client_id.to_string(),
                client.client_name.clone().unwrap_or_default(),
                auth_method(client).to_owned(),
                client.redirect_uris.join(" "),
                render_time(*client_id_issued_at),
            ]
        })
        .collect();
    render_table(["CLIENT_ID", "NAME", "AUTHENTICATION", "REDIRECT URIS", "REGISTERED"], &rows)
}

/// Everything about a client, line by line.
pub(crate) fn render(shown: &ShownClient) -> String {
    let client = &shown.client;
    let mut lines = vec![
        ("client_id", client.client_id.to_string()),
        ("name", client.display_name().to_owned()),
        ("authentication", auth_method(client).to_owned()),
        ("redirect URIs", client.redirect_uris.join(" ")),
        ("scope", client.scope.clone().unwrap_or_else(|| "every standard scope".to_owned())),
        ("refresh tokens", if client.grant_types.contains(&GrantType::RefreshToken) { "always" } else { "with offline_access" }.to_owned()),
        ("ID tokens", client.id_token_signed_response_alg.as_str().to_owned()),
        ("access tokens", client.access_token_signed_response_alg.as_str().to_owned()),
        ("registered", render_time(shown.client_id_issued_at)),
    ];
    for (on, name, value) in [
        (client.first_party, "first party", "no consent is asked"),
        (!client.require_pkce, "PKCE", "not required"),
        (client.rotation == Rotation::Never, "rotation", "never"),
    ] {
        if on {
            lines.push((name, value.to_owned()));
        }
    }
    for (name, value) in &client.other {
        lines.push((name, value.to_string()));
    }
    if let Some(secret) = &shown.client_secret {
        lines.push(("client_secret", format!("{secret}   (shown this once; keep it now)")));
    }
    let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    lines.iter().map(|(name, value)| format!("{name:width$}  {}", printable(value))).collect::<Vec<_>>().join("\n")
}
