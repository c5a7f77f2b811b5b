//! The source of the ORM is divided into floors. A file imports only from its own floor and from floors below it, and no
//! files import each other in a circle. So the source can be read from the ground up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The floors, from the ground up. This is the one place that states their order.
const FLOORS: [&str; 9] = [
    "call_site.rs, error.rs",
    "database/",
    "trace/",
    "watch/",
    "gate/",
    "model/",
    "query/",
    "load/",
    "session/",
];

/// The most lines of code in the files that `lib.rs` calls the spine.
const SPINE: usize = 1_880;

fn source() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    root.join("crates/eagerly/src")
}

/// Returns the text of each file, by its path from the source folder.
fn files() -> BTreeMap<String, String> {
    let mut folders = vec![source()];
    let mut files = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(source()).unwrap().to_str().unwrap();
                files.insert(name.replace('\\', "/"), std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

/// Returns the lines of a file up to its unit tests, without comments and blank lines.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(str::trim);
    let lines = lines.take_while(|line| *line != "#[cfg(test)]");
    lines.filter(|line| !line.is_empty() && !line.starts_with("//"))
}

/// Returns the files that a file imports: by each path that starts with `crate::`, or in a folder's `mod.rs` with
/// `self::`. Other floors are imported through the `mod.rs` of the floor, which lists what the floor offers.
fn imports(name: &str, files: &BTreeMap<String, String>) -> BTreeSet<String> {
    let code = code(&files[name]).collect::<Vec<_>>().join("\n");
    let folder = name.trim_end_matches("mod.rs").replace('/', "::");
    let code = code.replace("self::", &format!("crate::{folder}"));
    let paths = code.split("crate::").skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
        rest[..end.unwrap_or(rest.len())].split("::").collect::<Vec<_>>()
    });
    // The longest beginning of the path that is a file: `load/strategy/lazy.rs`, or a folder's `mod.rs`.
    let file = |path: Vec<&str>| {
        let beginnings = (1..=path.len()).rev().map(|length| path[..length].join("/"));
        let mut names = beginnings.flat_map(|name| [format!("{name}.rs"), format!("{name}/mod.rs")]);
        names.find(|name| files.contains_key(name))
    };
    paths.filter_map(file).collect()
}

/// Returns the floor of a file, counted from 0.
fn floor(name: &str) -> usize {
    let is_on = |floor: &&str| floor.split(", ").any(|part| name.starts_with(part));
    let floor = FLOORS.iter().position(is_on);
    floor.unwrap_or_else(|| panic!("{name} is on no floor"))
}

#[test]
fn no_file_imports_from_a_floor_above_its_own() {
    let files = files();
    for (name, _) in files.iter().filter(|(name, _)| *name != "lib.rs") {
        for imported in imports(name, &files) {
            assert!(
                floor(&imported) <= floor(name),
                "{name} imports {imported}, which is on a floor above\n  help: move what both need to a lower floor"
            );
        }
    }
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let files = files();
    let mut open: BTreeMap<&str, BTreeSet<String>> = files
        .iter()
        .filter(|(name, _)| *name != "lib.rs")
        .map(|(name, _)| {
            let mut imported = imports(name, &files);
            imported.remove(name);
            (name.as_str(), imported)
        })
        .collect();
    // Files that import nothing open are closed, until none is left.
    while let Some(name) = open.iter().find_map(|(name, imported)| imported.is_empty().then_some(*name)) {
        open.remove(name);
        open.values_mut().for_each(|imported| {
            imported.remove(name);
        });
    }
    assert!(open.is_empty(), "these files import each other in a circle, or import files that do: {open:#?}");
}

#[test]
fn the_map_in_the_documentation_lists_the_floors_in_their_order() {
    let files = files();
    let lines = files["lib.rs"].lines();
    let listed = lines.filter_map(|line| line.strip_prefix("//! ")?.split_once(". `"));
    let listed = listed.filter(|(number, _)| number.parse::<usize>().is_ok());
    let listed: Vec<_> = listed.map(|(_, rest)| rest.split_once("`: ").unwrap().0.replace('`', "")).collect();
    assert_eq!(listed, FLOORS);
}

#[test]
fn every_floor_opens_with_a_reading_order_that_names_what_is_on_it() {
    let files = files();
    for floor in FLOORS.iter().filter(|floor| floor.ends_with('/')) {
        let opening = &files[&format!("{floor}mod.rs")];
        let on_it = files.keys().filter_map(|name| name.strip_prefix(floor));
        for name in on_it.filter(|name| *name != "mod.rs") {
            let name = name.split_inclusive('/').next().unwrap();
            assert!(opening.contains(&format!("`{name}`")), "{floor}mod.rs does not name {name}");
        }
    }
}

#[test]
fn the_spine_can_be_read_in_an_afternoon() {
    let files = files();
    let (_, spine) = files["lib.rs"].split_once("**the spine**").unwrap();
    let (spine, _) = spine.split_once("Skip at first").unwrap();
    let named = spine.split('`').skip(1).step_by(2).filter(|name| name.ends_with(".rs"));
    let lines: usize = named
        .map(|name| {
            let text =
                files.get(name).unwrap_or_else(|| panic!("the spine names {name}, which does not exist"));
            code(text).count()
        })
        .sum();
    assert!(lines > 500, "the spine names hardly any file: {lines} lines");
    assert!(lines <= SPINE, "the spine has {lines} lines of code");
}
