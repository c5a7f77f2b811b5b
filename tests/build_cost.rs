//! What the first command of the README compiles. It is the first thing that a newcomer waits for.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The packages that `cargo run --release --example admin_page` compiles, by name and version.
fn packages() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--edges", "normal,build,dev"])
        .args(["--prefix", "depth", "--format", ";{p}", "--no-dedupe"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let trees = String::from_utf8(output.stdout).unwrap();
    // A tree for each package among which cargo looks for the example. They share one choice of features.
    let lines = trees.lines().filter_map(|line| line.split_once(';'));
    let own = lines.skip_while(|(_, package)| !package.starts_with("example-admin-page "));
    let own = own.enumerate().take_while(|(index, (depth, _))| *index == 0 || *depth != "0");
    let names = own.map(|(_, (_, package))| package.split(' ').take(2).collect::<Vec<_>>().join(" "));
    names.collect()
}

#[test]
fn the_first_command_compiles_at_most_75_packages() {
    let packages = packages();
    assert!(packages.contains("eagerly v0.2.0"), "{packages:?}");
    assert!(packages.len() <= 75, "{} packages: {packages:#?}", packages.len());
}
