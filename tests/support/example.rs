//! An example as its user runs it.

// Each test file uses only one of the functions.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the path of an example that was built with a profile, such as `release`, or by default with that of this test.
pub fn path(name: &str, profile: Option<&str>) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let own = test.parent().and_then(Path::parent).unwrap();
    let profile = profile.map_or_else(|| own.to_owned(), |profile| own.with_file_name(profile));
    profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Returns an example as a process of a program that `cargo test` or `cargo build --examples` has built.
pub fn example(name: &str) -> Command {
    let program = path(name, None);
    assert!(
        program.exists(),
        "{} does not exist\n  help: `cargo build --examples` builds it",
        program.display()
    );
    Command::new(program)
}
