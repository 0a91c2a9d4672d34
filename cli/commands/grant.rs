//! `grantlet grant …`: what people allowed clients.

use grantlet::context::Timestamp;
use grantlet::model::client::ClientId;
use grantlet::model::grant::{Grant, GrantStatus, RevokedBy};
use serde::Serialize;
use serde_json::json;

use crate::args::{GrantCommand, TargetArgs};
use crate::failure::Failure;
use crate::output::{Output, render_table, render_time};
use crate::people::find_user;
use crate::target::Target;

/// A grant as it is shown.
#[derive(Serialize)]
struct ShownGrant {
    id: String,
    client_id: ClientId,
    scopes: Vec<String>,
    resources: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_details: Option<serde_json::Value>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_by: Option<&'static str>,
    offline: bool,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl ShownGrant {
    fn new(grant: Grant, now: Timestamp) -> Self {
        let expires_at = grant.refresh.absolute_at.min(grant.refresh.idle_at);
        let (status, revoked_by) = match grant.status {
            GrantStatus::Revoked(by) => ("revoked", Some(by.as_str())),
            GrantStatus::Active if expires_at <= now => ("expired", None),
            GrantStatus::Active => ("active", None),
        };
        Self {
            id: grant.id.to_string(),
            client_id: grant.client_id,
            scopes: grant.scopes,
            resources: grant.resources,
            authorization_details: grant.authorization_details.to_json(),
            status,
            revoked_by,
            offline: grant.offline,
            created_at: grant.created_at,
            expires_at,
        }
    }
}

/// Does `command`.
pub(crate) async fn run(command: GrantCommand, args: &TargetArgs, output: Output) -> Result<(), Failure> {
    let target = Target::open(args).await?;
    let context = &target.context;
    match command {
        GrantCommand::List { user } => {
            let user = find_user(context, &user).await?;
            let mut ids = context.store.list_grant_ids(user.id).await?;
            ids.sort_unstable();
            let mut grants = Vec::new();
            for id in ids {
                // The index may still name a grant that is gone.
                grants.extend(context.store.find_grant(id).await?.map(|grant| ShownGrant::new(grant, context.now())));
            }
            output.print(&grants, |grants| render_list(grants))?;
        }
        GrantCommand::Revoke { id } => {
            let unknown = || Failure::new(format!("There is no grant {id:?}. `grantlet grant list USER` shows a person's."));
            let ulid = id.parse().map_err(|_| unknown())?;
            context.store.find_grant(ulid).await?.ok_or_else(unknown)?;
            let revoked = context.store.revoke_grant(ulid, RevokedBy::Operator).await?;
            let text = if revoked { "The grant is revoked." } else { "The grant was revoked before. Nothing was changed." };
            output.print(&json!({"id": id, "revoked": revoked}), |_| text.to_owned())?;
        }
    }
    target.close().await;
    Ok(())
}

fn render_list(grants: &[ShownGrant]) -> String {
    if grants.is_empty() {
        return "This user has allowed no client anything.".to_owned();
    }
    let rows: Vec<_> = grants
        .iter()
        .map(|grant| {
            [
                grant.id.clone(),
                grant.client_id.to_string(),
                grant.scopes.join(" "),
                grant.revoked_by.map_or_else(|| grant.status.to_owned(), |by| format!("revoked ({by})")),
                render_time(grant.created_at),
            ]
        })
        .collect();
    render_table(["GRANT", "CLIENT", "SCOPES", "STATE", "GIVEN"], &rows)
}
