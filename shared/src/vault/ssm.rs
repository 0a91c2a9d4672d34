//! Private keys as SSM parameters `<prefix>/<kind>/<name>`: SecureStrings of the standard tier, under the account's own `aws/ssm` key.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ssm::operation::get_parameter::GetParameterError;
use aws_sdk_ssm::types::ParameterType;

use super::{KeyKind, VaultError};
use crate::model::secret::Secret;

pub(super) async fn load(client: &Client, prefix: &str, kind: KeyKind) -> Result<Vec<(String, Secret)>, VaultError> {
    let path = format!("{prefix}/{}", kind.as_str());
    let mut pages = client.get_parameters_by_path().path(&path).with_decryption(true).into_paginator().send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        for parameter in page.map_err(failed("GetParametersByPath"))?.parameters.unwrap_or_default() {
            let (Some(name), Some(value)) = (parameter.name, parameter.value) else { continue };
            let value = Secret::new(value);
            if let Some(name) = name.strip_prefix(&path).and_then(|rest| rest.strip_prefix('/')) {
                keys.push((name.to_owned(), value));
            }
        }
    }
    Ok(keys)
}

pub(super) async fn find(client: &Client, prefix: &str, kind: KeyKind, name: &str) -> Result<Option<Secret>, VaultError> {
    match client.get_parameter().name(name_of(prefix, kind, name)).with_decryption(true).send().await {
        Ok(answer) => Ok(answer.parameter.and_then(|parameter| parameter.value).map(Secret::new)),
        Err(error) if error.as_service_error().is_some_and(GetParameterError::is_parameter_not_found) => Ok(None),
        Err(error) => Err(failed("GetParameter")(error)),
    }
}

pub(super) async fn keep(client: &Client, prefix: &str, kind: KeyKind, name: &str, key: &Secret) -> Result<(), VaultError> {
    let put =
        client.put_parameter().name(name_of(prefix, kind, name)).value(key.expose()).r#type(ParameterType::SecureString).overwrite(false);
    match put.send().await {
        Ok(_) => Ok(()),
        // Names are new ULIDs: one that is there was put by an attempt of this very call, whose answer was lost.
        Err(error) if error.code() == Some("ParameterAlreadyExists") => {
            let kept = load(client, prefix, kind).await?;
            if kept.iter().any(|(kept, text)| kept == name && text.hash() == key.hash()) {
                Ok(())
            } else {
                Err(failed("PutParameter")(error))
            }
        }
        Err(error) => Err(failed("PutParameter")(error)),
    }
}

pub(super) async fn remove(client: &Client, prefix: &str, kind: KeyKind, name: &str) -> Result<(), VaultError> {
    match client.delete_parameter().name(name_of(prefix, kind, name)).send().await {
        Err(error) if error.code() != Some("ParameterNotFound") => Err(failed("DeleteParameter")(error)),
        _ => Ok(()),
    }
}

fn name_of(prefix: &str, kind: KeyKind, name: &str) -> String {
    format!("{prefix}/{}/{name}", kind.as_str())
}

/// The service's code, or the kind of failure. Messages stay out.
fn failed<E: ProvideErrorMetadata, R>(operation: &'static str) -> impl FnOnce(SdkError<E, R>) -> VaultError {
    move |error| {
        let reason = match &error {
            SdkError::TimeoutError(_) => "no answer in time",
            SdkError::DispatchFailure(_) => "the connection failed",
            SdkError::ResponseError(_) => "the answer could not be read",
            other => other.code().unwrap_or("an unknown failure"),
        };
        VaultError::Unavailable { operation, reason: reason.to_owned() }
    }
}
