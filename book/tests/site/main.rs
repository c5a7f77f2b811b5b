//! Checks of the book as a site: what `mdbook build book` writes, as readers see it in a browser.
//!
//! `mdbook` is a program of its own. Without it, these tests print a note and pass. If the environment variable
//! `MDBOOK_REQUIRED` is set, they fail instead. The tests in a browser need chromedriver, too (`crates/browser`).

mod first_page;
mod html;
mod links;
mod looks;
mod pictures;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

/// The book's folder in the repository.
const BOOK: &str = env!("CARGO_MANIFEST_DIR");

/// Returns the root of the repository.
fn root() -> &'static Path {
    Path::new(BOOK).parent().unwrap()
}

/// Returns the folder of the built site, which all tests share. Returns `None` and prints a note if mdbook is not installed.
fn site() -> Option<&'static Path> {
    static SITE: OnceLock<Option<TempDir>> = OnceLock::new();
    let site = SITE.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let built = Command::new("mdbook").args(["build", BOOK, "--dest-dir"]).arg(folder.path()).output();
        let Ok(built) = built else {
            assert!(std::env::var_os("MDBOOK_REQUIRED").is_none(), "cannot start mdbook");
            eprintln!(
                "SKIPPED: cannot start mdbook\n  help: `cargo install mdbook --locked --no-default-features --features search`"
            );
            return None;
        };
        let log = String::from_utf8_lossy(&built.stderr);
        // A warning is, for example, a tag that is not closed.
        assert!(built.status.success() && !log.contains("WARN"), "mdbook: {log}");
        Some(folder)
    });
    site.as_ref().map(TempDir::path)
}

/// Returns the site's pages, sorted by name.
fn pages(site: &Path) -> Vec<PathBuf> {
    let mut folders = vec![site.to_owned()];
    let mut pages = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "html") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    assert!(pages.len() > 30, "mdbook wrote no pages");
    pages
}
