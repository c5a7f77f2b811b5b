//! A program that needs PostgreSQL, as its user runs it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use eagerly_wire::Server;
use serde_json::Value;
use tempfile::TempDir;

/// Builds an example with its feature `postgres`, and returns its file. `cargo test` does not build it, because the feature
/// is off by default.
///
/// As part of the workspace it shares the libraries that `cargo test --workspace` has built.
pub fn build(example: &str) -> PathBuf {
    build_with(example, &format!("example-{}/postgres", example.replace('_', "-")))
}

/// Builds an example with a feature of the workspace, and returns its file.
pub fn build_with(example: &str, feature: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["build", "--workspace", "--features", feature, "--example", example])
        .args(["--message-format", "json"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = output.stdout.split(|byte| *byte == b'\n');
    let artifacts = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let mut programs = artifacts.filter(|artifact| artifact["target"]["name"] == example);
    programs.next().unwrap()["executable"].as_str().unwrap().into()
}

/// Returns whether PostgreSQL is installed. Otherwise the calling test returns, and standard error tells that.
pub fn is_left_out(example: &str) -> bool {
    static ONCE: Once = Once::new();
    let is_left_out = !Server::is_available();
    if is_left_out {
        assert!(std::env::var_os("POSTGRES_REQUIRED").is_none(), "PostgreSQL is not installed");
        // Not by `eprintln!`, which a passing test hides.
        ONCE.call_once(|| {
            drop(writeln!(std::io::stderr(), "tests of {example} need PostgreSQL and are left out"));
        });
    }
    is_left_out
}

/// Returns a folder for temporary files, in which a server's user may create some.
pub fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    // As root, the server runs as another user.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    }
    folder
}
