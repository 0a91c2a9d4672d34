//! Why a command could not do what it was asked: one sentence for whoever typed it, saying what to do.

use std::fmt;

use aws_sdk_dynamodb::error::DisplayErrorContext;
use grantlet::config::ConfigError;
use grantlet::store::StoreError;
use grantlet::vault::VaultError;

/// A command failed. Printed as it is, without a backtrace; the program ends with exit code 1.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// A failure with this sentence.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// A failure of a call to AWS, with everything that the SDK knows about it.
    pub(crate) fn aws(what: &str, error: impl std::error::Error) -> Self {
        let cause = DisplayErrorContext(error).to_string();
        Self(format!("{what}: {cause}. Check the AWS credentials and the region, then try again."))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(format!("The tables can't be used: {error}. Nothing more was changed; try again."))
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        Self(format!("The private keys can't be used: {error}."))
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self(format!("{error}. docs/configuration.md describes every variable."))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(format!("The operating system refused: {error}."))
    }
}
