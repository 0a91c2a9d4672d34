//! `grantlet settings …`: the file `grantlet.toml`.

use std::path::Path;

use grantlet::model::settings::Settings;
use serde_json::json;

use crate::args::{SettingsCommand, TargetArgs};
use crate::failure::Failure;
use crate::output::Output;
use crate::settings_file::read_settings;
use crate::target::Target;

/// Does `command`.
pub(crate) async fn run(command: SettingsCommand, args: &TargetArgs, output: Output) -> Result<(), Failure> {
    match command {
        SettingsCommand::Check { file } => {
            read_settings(&file)?;
            output.print(&json!({"file": file.display().to_string(), "usable": true}), |_| format!("{} can be used.", file.display()))
        }
        SettingsCommand::Apply { file } => apply(&file, args, output).await,
        SettingsCommand::Show => {
            let target = Target::open(args).await?;
            let settings = target.context.store.find_settings().await?.unwrap_or_default();
            output.print(&settings, render)?;
            target.close().await;
            Ok(())
        }
    }
}

async fn apply(file: &Path, args: &TargetArgs, output: Output) -> Result<(), Failure> {
    let settings = read_settings(file)?;
    let target = Target::open(args).await?;
    target.context.store.replace_settings(&settings).await?;
    output.print(&settings, |_| format!("{} is in force; functions know it within a minute.", file.display()))?;
    target.close().await;
    Ok(())
}

fn render(settings: &Settings) -> String {
    toml::to_string_pretty(settings).unwrap_or_else(|error| format!("The settings can't be written as TOML: {error}."))
}
