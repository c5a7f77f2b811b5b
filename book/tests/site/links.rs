//! Every link of the site has a target, as it is built here and as it is hosted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::html::{attributes, ids};
use crate::{pages, root, site};

/// A link to a file of the repository begins so in a chapter. The chapters are two folders below the root, as the built site
/// is by default (`target/book`).
const REPOSITORY: &str = "../../";

/// Returns the links of a page, in `href` and `src`, except those to other sites.
fn links(page: &str) -> Vec<String> {
    let mut links = attributes(page, "href");
    links.extend(attributes(page, "src"));
    links.retain(|link| !link.starts_with("https://") && !link.starts_with("data:"));
    links
}

#[test]
fn every_link_of_the_site_leads_to_a_page_an_anchor_or_a_file_of_the_repository() {
    let Some(site) = site() else {
        return;
    };
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path, text)
    };
    let pages: BTreeMap<PathBuf, String> = pages(site).into_iter().map(read).collect();
    let mut missing = Vec::new();
    let mut checked = 0;
    for (path, page) in &pages {
        let name = path.strip_prefix(site).unwrap();
        // The links of this page begin at the address of the site, since it is shown at any address.
        let folder = if name == Path::new("404.html") { site } else { path.parent().unwrap() };
        let up = REPOSITORY.to_owned() + &"../".repeat(name.components().count() - 1);
        for link in links(page) {
            checked += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let exists = match file.strip_prefix(&up) {
                Some(file) => is_in_repository(file),
                None if file.is_empty() => anchor.is_empty() || ids(page).contains(anchor),
                None => match pages.get(&resolved(folder, file)) {
                    Some(page) => anchor.is_empty() || ids(page).contains(anchor),
                    None => file == "/" || folder.join(file).exists(),
                },
            };
            if !exists {
                missing.push(format!("{}: {link}", name.display()));
            }
        }
    }
    assert!(checked > 1_000, "only {checked} links were found");
    assert!(missing.is_empty(), "these links have no target:\n{}", missing.join("\n"));
}

/// Returns whether a file of the repository exists. mdbook makes each `.md` an `.html`, and `links.js` makes it `.md` again.
fn is_in_repository(file: &str) -> bool {
    let path = root().join(file);
    path.exists() || file.ends_with(".html") && path.with_extension("md").exists()
}

/// Returns the path of a file, without `..`.
fn resolved(folder: &Path, file: &str) -> PathBuf {
    let mut path = folder.to_owned();
    for part in file.split('/') {
        match part {
            ".." => _ = path.pop(),
            part => path.push(part),
        }
    }
    path
}

/// The workflow `book.yml` runs this script. It needs bash and sed.
#[cfg(target_os = "linux")]
#[test]
fn the_hosted_site_links_to_the_repository_by_its_address_on_the_web() {
    let Some(_) = site() else {
        return;
    };
    const ADDRESS: &str = "https://github.com/owner/name/blob/0123abc";
    let folder = tempfile::tempdir().unwrap();
    let script = root().join("book/host.sh");
    let mut bash = std::process::Command::new("bash");
    let built = bash.arg(script).arg(folder.path()).args([ADDRESS, "/name/"]).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));

    let mut linked = 0;
    for path in pages(folder.path()) {
        let page = std::fs::read_to_string(&path).unwrap();
        for link in attributes(&page, "href").into_iter().chain(attributes(&page, "src")) {
            assert!(!link.starts_with(REPOSITORY), "{}: {link}", path.display());
            if let Some(file) = link.strip_prefix(ADDRESS) {
                let (file, _) = file.split_once('#').unwrap_or((file, ""));
                assert!(root().join(file.trim_start_matches('/')).exists(), "{}: {link}", path.display());
                linked += 1;
            }
        }
    }
    assert!(linked > 30, "only {linked} links to the repository");

    let missing = std::fs::read_to_string(folder.path().join("404.html")).unwrap();
    assert!(
        missing.contains("<base href=\"/name/\">"),
        "the links of 404.html do not begin at the site's address"
    );
}

#[test]
fn the_titles_of_the_first_page_and_of_the_page_for_a_wrong_address_are_right() {
    let Some(site) = site() else {
        return;
    };
    for (page, title) in [("index", "What is N+1?"), ("404", "Page not found")] {
        let text = std::fs::read_to_string(site.join(page).with_extension("html")).unwrap();
        let title = format!("<title>{title} - The page that fired 33,001 statements</title>");
        assert!(text.contains(&title), "{page}.html has no {title}");
    }
}
