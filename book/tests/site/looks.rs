//! The pages as they look on a telephone, in the dark, and to a screen reader.

use browser::Browser;

use crate::{pages, site};

/// The first page, and two chapters with pictures.
const CHECKED: [&str; 3] = ["index", "the_page", "round_trip"];

#[test]
fn no_page_scrolls_sideways_on_a_telephone() {
    let (Some(site), Some(browser)) = (site(), Browser::start(1280, &[])) else {
        return;
    };
    browser.resize(420);
    let mut wide = Vec::new();
    for page in pages(site) {
        // This page opens the printer's window.
        if page.ends_with("print.html") {
            continue;
        }
        browser.open(&format!("file://{}", page.display()));
        if browser.scrolls_sideways() {
            wide.push(page.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    assert!(wide.is_empty(), "these pages are wider than 420 pixels: {}", wide.join(", "));
}

#[test]
fn the_first_page_and_chapters_with_pictures_are_accessible_in_light_and_dark() {
    let (Some(site), Some(browser)) = (site(), Browser::start(1280, &[])) else {
        return;
    };
    for page in CHECKED {
        for theme in ["light", "navy"] {
            browser.open(&format!("file://{}/{page}.html", site.display()));
            let classes = "document.documentElement.classList";
            browser.evaluate(&format!("{classes}.remove('light', 'navy'); {classes}.add('{theme}')"));
            // What is around a chapter is mdbook's: its button for the table of contents violates a rule.
            browser.accessible_in("main");
        }
    }
}

#[test]
fn a_wide_output_scrolls_by_keys_and_does_not_turn_the_page() {
    let (Some(site), Some(browser)) = (site(), Browser::start(1280, &[])) else {
        return;
    };
    browser.resize(420);
    browser.open(&format!("file://{}/the_page.html", site.display()));
    browser.focus("pre > code[tabindex]");
    browser.press("ArrowRight");
    browser.wait_for("document.activeElement.scrollLeft > 0");
    assert_eq!(browser.evaluate("location.pathname.endsWith('/the_page.html')"), true);
}

#[test]
fn a_link_to_a_markdown_file_of_the_repository_opens_this_file() {
    let (Some(site), Some(browser)) = (site(), Browser::start(1280, &[])) else {
        return;
    };
    browser.open(&format!("file://{}/how_to_read.html", site.display()));
    let link = "document.querySelector('main a[href*=INSTRUCTOR]').getAttribute('href')";
    assert_eq!(browser.evaluate(link), "../../crates/workshop/INSTRUCTOR.md");
}
