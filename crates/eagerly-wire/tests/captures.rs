//! The traffic of other people's ORMs, examined again.
//!
//! `cargo wire-check --record crates/eagerly-wire/tests/captures` has written the captures: the page of the shop by each way
//! of each ORM, with 5 customers. So these tests need neither the ORMs and their languages nor a server.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use eagerly_wire::report::Page;
use eagerly_wire::{Capture, Kind, Settings};

/// Returns the page of each capture, by the name of the ORM and its way.
fn pages() -> BTreeMap<String, Page> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_capture = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "capture");
    files
        .filter(is_capture)
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), page(&path)))
        .collect()
}

fn page(path: &Path) -> Page {
    // A connection pool is one application, and no pause ends its page.
    let settings = Settings { gap: Duration::MAX, is_pool: true, ..Settings::default() };
    let report = Capture::replay(&std::fs::read_to_string(path).unwrap(), settings).unwrap();
    assert_eq!((report.not_understood, report.pages.len()), (0, 1), "{}", path.display());
    report.pages.into_iter().next().unwrap()
}

#[test]
fn the_lazy_page_of_every_orm_is_found_with_both_levels_and_the_eager_one_is_not() {
    let pages = pages();
    assert!(pages.len() >= 40, "only {} captures", pages.len());
    for (name, page) in &pages {
        let levels = match name {
            _ if name.ends_with("-lazy") => 2,
            _ if name.ends_with("-lazy-to-one") => 1,
            _ => 0,
        };
        assert_eq!(page.findings.len(), levels, "{name}: {:#?}", page.findings);
        assert!(page.findings.iter().all(|one| one.kind == Kind::NPlusOne && !one.is_hint), "{name}");
    }
}

#[test]
fn counts_and_columns_of_every_orm_are_as_recorded() {
    let lines = pages().into_iter().map(|(name, page)| {
        let found = page.findings.iter().map(|one| {
            let column = one.column.as_deref().unwrap_or(&one.parameter);
            format!("; {} × {column} = {}", one.statements, one.from_column)
        });
        format!(
            "{name}: {} statements, {} for control, {} round trips, {} rows{}\n",
            page.statements,
            page.control,
            page.round_trips,
            page.rows,
            found.collect::<String>()
        )
    });
    insta::assert_snapshot!("captures", lines.collect::<String>());
}
