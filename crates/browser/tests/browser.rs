//! The parts of the browser that other tests rely on. The tests pass without a check if chromedriver is not installed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use browser::Browser;

/// Opens a page with this body.
fn open(body: &str) -> Option<Browser> {
    let browser = Browser::start(1200, &[])?;
    let page = format!("<!doctype html><html lang=en><title>Test</title><main>{body}</main>");
    browser.open(&format!("data:text/html,{}", page.replace('#', "%23")));
    Some(browser)
}

#[test]
fn a_page_that_some_cannot_read_fails_with_the_rule_the_element_and_what_to_do() {
    let Some(browser) = open("<p style='color: #aaa; background: #fff'>pale</p><input id=nameless>") else {
        return;
    };
    let Err(panic) = catch_unwind(AssertUnwindSafe(|| browser.accessible())) else {
        assert!(std::env::var_os("AXE_REQUIRED").is_none());
        return;
    };
    let message = panic.downcast_ref::<String>().unwrap();
    for part in [
        "color-contrast: Elements must meet minimum color contrast ratio thresholds\n  at p: <p style=",
        "insufficient color contrast of 2.32 (foreground color: #aaaaaa",
        "label: Form elements must have labels\n  at #nameless: <input id=\"nameless\">",
        "    help: Fix any of the following:\n",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn a_page_that_all_can_read_passes_twice() {
    let Some(browser) = open("<p>dark</p><label>Name <input></label>") else {
        return;
    };
    browser.accessible();
    browser.accessible();
    browser.nothing_is_wrong();
}

#[test]
fn a_page_is_as_wide_as_a_telephone_and_dark_and_still() {
    let Some(browser) = open("<div style='width: 500px'>wide</div>") else {
        return;
    };
    let is = |query: &str| browser.evaluate(&format!("matchMedia('({query})').matches")) == true;
    assert!(!browser.scrolls_sideways());
    browser.resize(420);
    assert_eq!(browser.evaluate("innerWidth"), 420);
    assert!(browser.scrolls_sideways());
    browser.dark(true);
    assert!(is("prefers-color-scheme: dark"));
    browser.prefer(&[("prefers-reduced-motion", "reduce")]);
    assert!(is("prefers-reduced-motion") && is("prefers-color-scheme: light"));
}

#[test]
fn a_screenshot_is_a_picture_of_the_page() {
    let Some(browser) = open("<p>small</p>") else {
        return;
    };
    browser.resize(420);
    let folder = std::env::temp_dir().join(format!("browser-{}", std::process::id()));
    browser.screenshot(&folder);
    let bytes = std::fs::read(&folder).unwrap();
    std::fs::remove_file(&folder).unwrap();
    assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert_eq!(bytes[16..20], 420_u32.to_be_bytes(), "the width is in the header");
    assert!(bytes.ends_with(b"IEND\xae\x42\x60\x82"), "complete");
}

#[test]
fn keys_go_to_the_page_or_to_the_element_with_the_focus() {
    let Some(browser) = open("<input id=first><input id=second>") else {
        return;
    };
    browser.evaluate(
        "(window.keys = [], addEventListener('keydown', (event) => keys.push(event.key + (event.shiftKey ? ' with shift' : ''))))",
    );
    browser.press("p");
    browser.press("+");
    browser.press("ArrowDown");
    browser.focus("#second");
    browser.press("x");
    browser.press("Shift+Tab");
    assert_eq!(browser.evaluate("keys.join()"), "p,+ with shift,ArrowDown,x,Shift with shift,Tab with shift");
    assert_eq!(browser.evaluate("document.activeElement.id"), "first");
    assert_eq!(browser.evaluate("document.getElementById('second').value"), "x");
}
