//! Keys that can't be read: what would be spent for nothing stays whole.

use std::fs;
use std::path::{Path, PathBuf};

use grantlet::endpoint::back::BackChannel;
use grantlet::vault::Vault;

use super::{Asked, Bench, assert_refused, success, text};

/// Another instance of the function, which reads what the vault has now.
fn start_anew(bench: &mut Bench) {
    bench.back = BackChannel::new(bench.context.clone(), bench.vault.clone());
}

/// The files of the vault that hold signing keys.
fn signing_keys(vault: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(vault).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("signing.")).collect()
}

/// OAuth 2.1 section 4.1.3 and 4.3.1: a code and a refresh token are spent for tokens, and not where none can be signed
#[tokio::test]
async fn without_a_signing_key_neither_a_code_nor_a_refresh_token_is_spent() {
    let mut bench = Bench::start().await;
    let tokens = bench.tokens().await;
    let refresh_token = text(&tokens, "refresh_token");
    let code = bench.issue(Asked::default()).await.render();
    let Vault::Directory(vault) = bench.vault.clone() else { panic!("a vault of files") };
    let elsewhere = tempfile::tempdir().unwrap();
    let keys = signing_keys(&vault);
    assert!(!keys.is_empty());
    for path in &keys {
        fs::copy(path, elsewhere.path().join(path.file_name().unwrap())).unwrap();
        fs::remove_file(path).unwrap();
    }
    start_anew(&mut bench);
    assert_refused(&bench.exchange(code.expose(), &[]).await, 503, "temporarily_unavailable");
    assert_refused(&bench.refresh(refresh_token, &[]).await, 503, "temporarily_unavailable");

    for path in &keys {
        fs::copy(elsewhere.path().join(path.file_name().unwrap()), path).unwrap();
    }
    start_anew(&mut bench);
    success(&bench.exchange(code.expose(), &[]).await);
    // Longer than an answer that was lost would be given again.
    bench.clock.advance(3_600);
    success(&bench.refresh(refresh_token, &[]).await);
}

/// A key that is cut short signs nothing
#[tokio::test]
async fn a_spoilt_signing_key_spends_nothing_either() {
    let mut bench = Bench::start().await;
    let code = bench.issue(Asked::default()).await.render();
    let Vault::Directory(vault) = bench.vault.clone() else { panic!("a vault of files") };
    for path in signing_keys(&vault) {
        let kept = fs::read_to_string(&path).unwrap();
        let mut spoilt: serde_json::Value = serde_json::from_str(&kept).unwrap();
        for key in spoilt["keys"].as_array_mut().unwrap() {
            let pkcs8 = key["pkcs8"].as_str().unwrap();
            key["pkcs8"] = pkcs8[..pkcs8.len() / 2].into();
        }
        fs::write(&path, spoilt.to_string()).unwrap();
        start_anew(&mut bench);
        // Waiting mends nothing here, and the client can do nothing else.
        assert_refused(&bench.exchange(code.expose(), &[]).await, 500, "server_error");
        fs::write(&path, kept).unwrap();
    }
    start_anew(&mut bench);
    success(&bench.exchange(code.expose(), &[]).await);
}
