//! The pictures: their numbers are right, a screen reader reads each, and their text is legible on a telephone.

use browser::Browser;

use crate::html::attributes;
use crate::{BOOK, pages, site};

/// Returns the text of a picture.
fn picture(name: &str) -> String {
    std::fs::read_to_string(format!("{BOOK}/src/pictures/{name}.svg")).unwrap()
}

/// The case study: 3,000 customers with 10 orders each.
const LAZY: usize = 1 + 3_000 + 30_000;

#[test]
fn the_picture_to_scale_has_33_001_dots_and_3() {
    let picture = picture("to_scale");
    assert!(picture.contains("<pattern id=\"dots-orders\" width=\"2\" height=\"2\""));
    assert!(picture.contains("<pattern id=\"dots-items\" width=\"2\" height=\"2\""));
    let number = |line: &str, name: &str| -> f64 { attributes(line, name)[0].parse().unwrap() };
    // A rectangle is filled with dots of 2 by 2, or is a dot. Those of `selectin` are below its heading.
    let dots = |part: &str| -> usize {
        let rectangles = part.lines().filter(|line| line.starts_with("<rect"));
        let sizes = rectangles.map(|line| (number(line, "width"), number(line, "height")));
        sizes.map(|(width, height)| ((width / 2.0).ceil() * (height / 2.0).ceil()) as usize).sum()
    };
    let (lazy, selectin) = picture.split_once("selectin: 3 statements</text>").unwrap();
    assert_eq!((dots(lazy), dots(selectin)), (LAZY, 3));
}

#[test]
fn the_picture_of_the_wire_has_each_round_trip_of_two_customers_with_two_orders() {
    let picture = picture("wire");
    let round_trips = |client: &str| picture.matches(&format!("<path d=\"M{client} ")).count();
    assert_eq!(round_trips("26"), 1 + 2 + 4, "lazy");
    assert_eq!(round_trips("248"), 3 + 1, "selectin, and COMMIT");
    let times = eagerly::numbers::count((LAZY / 7) as u64);
    assert!(picture.contains(&format!("the left side {times} times")));
}

#[test]
fn a_screen_reader_reads_each_picture_and_its_text_is_legible_on_a_telephone() {
    let (Some(site), Some(browser)) = (site(), Browser::start(1280, &[])) else {
        return;
    };
    browser.resize(420);
    // The size of the smallest text in a picture, in pixels of the screen.
    const SIZES: &str = "[...document.querySelectorAll('main svg')].map((svg) => {
        const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
        const sizes = [...svg.querySelectorAll('text')].map((text) => scale * parseFloat(getComputedStyle(text).fontSize));
        return sizes.length ? Math.min(...sizes) : null;
    }).filter((size) => size)";
    let mut seen = 0;
    for page in pages(site) {
        // These have pictures of mdbook only, or open the printer's window.
        if ["404.html", "print.html", "toc.html"].iter().any(|other| page.ends_with(other)) {
            continue;
        }
        let name = page.file_name().unwrap().to_string_lossy().into_owned();
        browser.open(&format!("file://{}", page.display()));
        for size in browser.evaluate(SIZES).as_array().unwrap() {
            let size = size.as_f64().unwrap();
            assert!(size >= 9.0, "{name}: a text of a picture is {size:.1} pixels high");
            seen += 1;
        }
        let nameless = "[...document.querySelectorAll('main svg[role=img]')].filter((svg) => {
            const ids = (svg.getAttribute('aria-labelledby') || '').split(' ').filter((id) => id);
            return !(svg.ariaLabel || ids.length && ids.every((id) => document.getElementById(id)));
        }).length";
        assert_eq!(browser.evaluate(nameless), 0, "{name}: a picture has no name");
    }
    assert!(seen >= 15, "only {seen} pictures");
}
