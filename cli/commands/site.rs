//! `grantlet site …`: the site's own login.

use grantlet::model::secret::Secret;
use grantlet::store::SETTINGS_KEY;
use serde_json::json;

use crate::args::{SiteCommand, TargetArgs};
use crate::failure::Failure;
use crate::output::Output;
use crate::target::Target;

/// Does `command`.
pub(crate) async fn run(command: SiteCommand, args: &TargetArgs, output: Output) -> Result<(), Failure> {
    let target = Target::open(args).await?;
    match command {
        SiteCommand::Connect => {
            let secret = connect(&target).await?;
            let shown = json!({"secret": secret.expose(), "alg": "HS256"});
            output.print(&shown, |_| render(&secret, &target))?;
        }
    }
    target.close().await;
    Ok(())
}

async fn connect(target: &Target) -> Result<Secret, Failure> {
    let no_key = || Failure::new("There are no keys to seal the secret with yet. `grantlet key rotate` makes them; then try again.");
    let sealing = target.vault.find_sealing_key(grantlet::vault::SealingOwner::Authorize).await?.ok_or_else(no_key)?;
    let secret = Secret::from_bytes(&target.context.random_bytes::<32>());
    let sealed = sealing.seal(SETTINGS_KEY, secret.expose().as_bytes());
    target.context.store.replace_sealed_site_secret(&sealed).await?;
    Ok(secret)
}

fn render(secret: &Secret, target: &Target) -> String {
    // No local command knows the issuer.
    let (issuer, place) = if target.is_stack {
        let place = "put it into force with `grantlet settings apply` (or set the stack's parameters SiteLoginUrl and SiteIssuer)";
        (target.context.config.issuer.as_str(), place)
    } else {
        ("<issuer>", "start `grantlet dev` beside it")
    };
    let next = format!(
        "Name your login page and its issuer in grantlet.toml, as [site_login], and {place}. Logins return to {issuer}/login/site."
    );
    format!(
        "The secret that your site signs logins with (HS256, the text as it stands here). It is shown this once, and an earlier one counts no more:\n\n    {}\n\nGive it to your site's login alone: it is not for the site's sessions. {next}",
        secret.expose()
    )
}
