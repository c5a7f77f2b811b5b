//! The crates that are published: what their packages contain, and that nothing in them prevents the publication.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// In the order of publication: each crate depends only on crates before it.
const PUBLISHED: [&str; 6] =
    ["eagerly-derive", "eagerly", "waterfall", "eagerly-watch", "eagerly-wire", "eagerly-fix"];

/// In bytes. The largest file that a reader of a package needs is the script of the waterfall.
const LARGEST_FILE: u64 = 200_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Returns what a command of cargo prints.
fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the packages of the workspace that may be published, as cargo describes them.
fn published() -> Vec<Value> {
    let text = cargo(&["metadata", "--no-deps", "--locked", "--offline", "--format-version", "1"]);
    let mut workspace: Value = serde_json::from_str(&text).unwrap();
    let packages = workspace["packages"].as_array_mut().unwrap();
    // Without `publish`, a package may go to any registry. `publish = false` is an empty list.
    packages.drain(..).filter(|package| package["publish"].is_null()).collect()
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_default()
}

#[test]
fn these_crates_are_published_and_no_others() {
    let published = published();
    let mut names: Vec<_> = published.iter().map(|package| text(package, "name")).collect();
    let mut expected = PUBLISHED.to_vec();
    names.sort_unstable();
    expected.sort_unstable();
    assert_eq!(names, expected);
}

#[test]
fn a_published_crate_depends_only_on_published_crates_and_names_their_version() {
    for package in published() {
        let name = text(&package, "name");
        let position = PUBLISHED.iter().position(|other| *other == name).unwrap();
        let dependencies = package["dependencies"].as_array().unwrap();
        for dependency in dependencies.iter().filter(|dependency| dependency["path"].is_string()) {
            let (other, version) = (text(dependency, "name"), text(dependency, "req"));
            // Cargo leaves a dependency for tests out of the package if it has no version.
            if text(dependency, "kind") == "dev" && version == "*" {
                continue;
            }
            assert!(PUBLISHED[..position].contains(&other), "{name} is published before {other}");
            let expected = text(&package, "version");
            assert_eq!(version.trim_start_matches(['^', '=']), expected, "{other} in {name}");
        }
    }
}

#[test]
fn a_published_crate_describes_itself() {
    for package in published() {
        let name = text(&package, "name");
        for field in ["description", "license", "readme", "rust_version"] {
            assert!(!text(&package, field).is_empty(), "{name} has no {field}");
        }
        // What the registry accepts.
        let keywords = package["keywords"].as_array().unwrap();
        assert!((1..=5).contains(&keywords.len()), "{name}: {keywords:?}");
        assert!(keywords.iter().all(|keyword| keyword.as_str().unwrap().len() <= 20), "{name}: {keywords:?}");
        let categories = package["categories"].as_array().unwrap();
        assert!((1..=5).contains(&categories.len()), "{name}: {categories:?}");
        // Its documentation shows every feature.
        assert_eq!(package["metadata"]["docs"]["rs"]["all-features"], true, "{name}");
    }
}

#[test]
fn a_package_has_a_readme_and_both_licences_and_no_large_file() {
    for name in PUBLISHED {
        let list = cargo(&["package", "--list", "--allow-dirty", "--locked", "--offline", "--package", name]);
        let files: Vec<_> = list.lines().map(|line| line.replace('\\', "/")).collect();
        for needed in ["Cargo.toml", "README.md", "LICENSE-APACHE", "LICENSE-MIT", "src/lib.rs"] {
            assert!(files.iter().any(|file| file == needed), "{name} lacks {needed}");
        }
        // Captures and recordings are for our tests.
        let tests: Vec<_> = files.iter().filter(|file| file.starts_with("tests/")).collect();
        assert!(tests.is_empty(), "{name}: {tests:?}");
        for file in &files {
            // Cargo itself writes three of the files, and they are not in the folder.
            let size = root().join("crates").join(name).join(file).metadata().map_or(0, |file| file.len());
            assert!(size <= LARGEST_FILE, "{name}: {file} has {size} bytes");
        }
    }
}

/// They are copies, because a package contains only files of its own folder, and Windows needs a right to make links.
#[test]
fn the_licences_of_a_crate_are_those_of_the_project() {
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        let ours = std::fs::read_to_string(root().join(licence)).unwrap();
        for name in PUBLISHED {
            let copy = std::fs::read_to_string(root().join("crates").join(name).join(licence)).unwrap();
            assert!(copy == ours, "copy {licence} to crates/{name}");
        }
    }
}

#[test]
fn the_last_version_in_the_list_of_changes_is_this_one() {
    let changes = std::fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    let mut headings = changes.lines().filter_map(|line| line.strip_prefix("## "));
    let last = headings.find(|heading| *heading != "Unreleased").unwrap();
    assert_eq!(last.split(' ').next(), Some(env!("CARGO_PKG_VERSION")), "{last}");
}
