//! The source can be read from the ground up, in the order of the table in `lib.rs`.

use std::path::{Path, PathBuf};

/// Returns the modules of the table, from the ground up.
fn modules(lib: &str) -> Vec<String> {
    let rows = lib.lines().filter_map(|line| line.strip_prefix("//! | `")?.split_once('|'));
    rows.flat_map(|(names, _)| names.split(',').map(|name| name.trim().trim_matches('`').to_owned()))
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn a_file_uses_only_what_is_above_it_in_the_table() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let modules = modules(&std::fs::read_to_string(source.join("lib.rs")).unwrap());
    let floor = |name: &str| modules.iter().position(|module| module == name);
    let mut found = 0;
    for path in files(&source) {
        let name = path.strip_prefix(&source).unwrap().to_str().unwrap().replace('\\', "/");
        let is_source = name.ends_with(".rs") && !name.ends_with("/tests.rs");
        if name == "lib.rs" || name.starts_with("bin/") || !is_source {
            continue;
        }
        let own = name.split(['/', '.']).next().unwrap();
        let own_floor = floor(own).unwrap_or_else(|| panic!("{own} is not in the table of lib.rs"));
        let text = std::fs::read_to_string(&path).unwrap();
        // A link in a comment is no import.
        let code = text
            .split("#[cfg(test)]\n")
            .next()
            .unwrap()
            .lines()
            .filter(|line| !line.trim().starts_with("//"));
        for line in code {
            for rest in line.split("crate::").skip(1) {
                let used = rest.split(|one: char| !(one.is_alphanumeric() || one == '_')).next().unwrap();
                let used_floor = floor(used).unwrap_or_else(|| panic!("{name} uses {used}"));
                assert!(
                    used_floor <= own_floor,
                    "{name} uses {used}, which is below it in the table of lib.rs"
                );
                found += 1;
            }
        }
    }
    assert!(found > 30, "only {found} imports were found");
}
