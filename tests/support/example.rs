//! An example as its user runs it.

use std::path::Path;
use std::process::Command;

/// Returns an example as a process of a program that `cargo test` or `cargo build --examples` has built.
pub fn example(name: &str) -> Command {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap().join("examples");
    let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} does not exist\n  help: `cargo build --examples` builds it",
        program.display()
    );
    Command::new(program)
}
