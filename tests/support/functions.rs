//! The functions' real binaries, built once a test run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The functions of `template.yaml`, by the names of their packages.
pub(crate) const FUNCTIONS: [&str; 5] = ["authorize", "token", "jwks", "rotate", "notify"];

/// The binary of `function`. The first call builds all of them, into the target directory of this test and with its profile.
///
/// # Panics
/// When they can't be built.
pub(crate) fn binary(function: &str) -> PathBuf {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| build_packages(&FUNCTIONS)).join(function)
}

/// The binary of another package of the workspace, which has the package's name.
///
/// # Panics
/// When it can't be built.
pub(crate) fn build(package: &str) -> PathBuf {
    build_packages(&[package]).join(package)
}

/// The binary of an example of a package of the workspace.
///
/// # Panics
/// When it can't be built.
pub(crate) fn build_example(package: &str, example: &str) -> PathBuf {
    build_with(&["-p", package, "--example", example]).join("examples").join(example)
}

fn build_packages(packages: &[&str]) -> PathBuf {
    build_with(&packages.iter().flat_map(|package| ["-p", package]).collect::<Vec<_>>())
}

fn build_with(selection: &[&str]) -> PathBuf {
    // `<target>/<profile>/deps/<this test>`
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test.ancestors().nth(2).expect("a profile's directory").to_owned();
    let target = profile.parent().expect("a target directory");

    // By package, never from the root by `--bin`: that would link the engine of the root package into each function.
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--quiet", "--target-dir"]).arg(target);
    if profile.ends_with(Path::new("release")) {
        cargo.arg("--release");
    }
    let status = cargo.args(selection).status().expect("cargo starts");
    assert!(status.success(), "{selection:?} can't be built: {status}");
    profile
}
