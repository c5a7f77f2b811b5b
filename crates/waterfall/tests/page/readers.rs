//! The page for all readers: on any screen, in both colour schemes, with the keyboard, and with a screen reader.

use std::time::Duration;

use browser::Browser;
use waterfall::{Finding, Totals, Waterfall, page};

use crate::support::{in_a_process, micros, on_a_wire, open};

/// The screens: a telephone, a tablet, and a window on a desk.
const WIDTHS: [u32; 3] = [420, 1024, 1400];

/// A page with every kind of box, some of them long, and with statements that failed.
fn everything() -> Waterfall {
    let mut data = in_a_process(300);
    data.findings
        .push(Finding::hint("A hint that is so long that it needs more than one line on a small screen."));
    data.findings.push(Finding::clean("No unused relation."));
    data.advice = Some(format!("customers: 300 rows\n{}", "strategy statements ".repeat(20)));
    data.statements.iter_mut().step_by(7).for_each(|statement| statement.failed = true);
    data.totals.failed = 472;
    data
}

/// Waits until the picture is drawn again.
fn drawn(browser: &Browser) {
    browser.evaluate("(window.isDrawn = false, requestAnimationFrame(() => requestAnimationFrame(() => { window.isDrawn = true; })))");
    browser.wait_for("window.isDrawn");
}

fn open_lane(browser: &Browser, lane: usize) {
    browser.evaluate(&format!("document.querySelectorAll('#rows .toggle')[{lane}].click()"));
    drawn(browser);
}

#[test]
fn every_screen_and_colour_scheme_shows_everything_and_is_accessible() {
    for data in [everything(), on_a_wire(300)] {
        let Some(browser) = open(&data) else {
            return;
        };
        browser.evaluate("document.querySelector('details').open = true");
        open_lane(&browser, 1);
        for width in WIDTHS {
            browser.resize(width);
            for is_dark in [false, true] {
                browser.dark(is_dark);
                drawn(&browser);
                browser.accessible();
                assert!(!browser.scrolls_sideways(), "{width}");
                assert_eq!(browser.evaluate(OVERLAPS), "", "{width}");
                assert_eq!(browser.evaluate("document.querySelector('.scroll').scrollLeft = 1e6, document.querySelector('.scroll').scrollLeft"), 0, "{width}");
            }
        }
        browser.nothing_is_wrong();
    }
}

/// The pairs of visible controls and texts that cover each other.
const OVERLAPS: &str = "(() => {
    const all = [...document.querySelectorAll('h1, .totals > div, pre, .controls > *, .model > *, .hint, .chart, .details, td, th, .slow-log, .slow')];
    const boxes = all.map((element) => [element, element.getBoundingClientRect()]).filter(([, box]) => box.width && box.height);
    const pairs = boxes.flatMap(([a, one], i) => boxes.slice(i + 1).filter(([b, two]) =>
        !a.contains(b) && one.right > two.left + 1 && two.right > one.left + 1 && one.bottom > two.top + 1 && two.bottom > one.top + 1
    ).map(([b]) => `${a.outerHTML} and ${b.outerHTML}`));
    return pairs.join('\\n');
})()";

#[test]
fn each_colour_of_the_chart_has_a_contrast_of_three_to_one() {
    let Some(browser) = open(&on_a_wire(1)) else {
        return;
    };
    for is_dark in [false, true] {
        browser.dark(is_dark);
        let pale = browser.evaluate(
            "(() => {
                const style = getComputedStyle(document.documentElement);
                const luminance = (name) => {
                    const channels = style.getPropertyValue(name).match(/[0-9a-f]{2}/g).map((hex) => parseInt(hex, 16) / 255);
                    const [red, green, blue] = channels.map((c) => (c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4));
                    return .2126 * red + .7152 * green + .0722 * blue + .05;
                };
                const names = ['--failed', '--arrow', '--edge', '--alarm', '--good', ...Array.from({ length: 7 }, (_, i) => `--shape-${i}`)];
                return names.flatMap((name) => ['--card', '--paper'].map((ground) => {
                    const ratio = luminance(name) / luminance(ground);
                    return [name, ground, Math.max(ratio, 1 / ratio)];
                })).filter(([, , ratio]) => ratio < 3).join();
            })()",
        );
        assert_eq!(pale, "", "dark: {is_dark}");
    }
}

#[test]
fn a_lane_of_3_000_statements_opens_as_a_staircase_that_follows_its_rows() {
    let Some(browser) = open(&on_a_wire(3_000)) else {
        return;
    };
    assert_eq!(browser.text("#shown"), "all 34.1 s");
    open_lane(&browser, 1);
    let shown = || browser.text("#shown");
    let first = shown();
    assert!(first.starts_with("0 ms to ") && first.ends_with(" ms of 34.1 s"), "{first}");
    let left = |row: u32| {
        let y = 24 + 24 * row + 8;
        browser.evaluate(&format!("({FIRST_ORANGE})({y})")).as_i64().unwrap()
    };
    // The staircase uses the width of the chart.
    let steps: Vec<i64> = (3..16).map(left).collect();
    assert!(steps.windows(2).all(|pair| pair[1] - pair[0] > 15), "{steps:?}");

    // Scrolling moves the window to the rows that are visible then.
    browser.evaluate("document.getElementById('chart').scrollTop = 24 * 1500");
    browser.wait_for("document.getElementById('shown').textContent.startsWith('17.')");
    drawn(&browser);
    assert!((1..16).all(|row| left(row) >= 0), "a bar in each visible row");

    // Zooming by hand ends it, and leads back to everything.
    browser.focus("#chart");
    browser.press("-");
    drawn(&browser);
    let zoomed = shown();
    browser.evaluate("document.getElementById('chart').scrollTop = 0");
    drawn(&browser);
    assert_eq!(shown(), zoomed);
    for _ in 0..8 {
        browser.press("-");
    }
    browser.wait_for_text("#shown", "all 34.1 s");
    // Closing and opening the lane starts again.
    let click = || {
        browser.click("#rows > div:nth-child(2)");
        drawn(&browser);
        shown()
    };
    assert_eq!([click(), click(), click()], ["all 34.1 s".to_owned(), first, "all 34.1 s".to_owned()]);
}

/// Returns where the first bar in the colour of the second shape begins, at a height of the picture. -1 without a bar.
const FIRST_ORANGE: &str = "(y) => {
    const canvas = document.getElementById('canvas');
    const left = document.getElementById('rows').offsetWidth + 2;
    const { data } = canvas.getContext('2d').getImageData(left, y, canvas.width - left, 1);
    for (let x = 0; x < data.length / 4; x++) if (data[4 * x] - data[4 * x + 2] > 60 && data[4 * x + 3] > 80) return x;
    return -1;
}";

#[test]
fn a_click_on_a_row_opens_it_and_so_does_enter() {
    let Some(browser) = open(&in_a_process(3)) else {
        return;
    };
    let rows = "document.querySelectorAll('#rows > div')";
    let count = || browser.evaluate(&format!("{rows}.length")).as_u64().unwrap();
    let opened = "#13, 40 µs, 10 rows\nSELECT \"id\", \"customer_id\", \"placed_on\" FROM \"orders\" WHERE \"customer_id\" = $1\n\
                  values: [2]\nlazy Customer.orders at page.rs:31";
    assert_eq!(count(), 4);
    browser.click("#rows > div:nth-child(2)");
    drawn(&browser);
    assert_eq!(count(), 7);
    browser.click("#rows > div:nth-child(4)");
    assert_eq!(browser.text("#details"), opened);
    let is_visible = "(() => { const box = document.getElementById('details').getBoundingClientRect(); return box.bottom <= innerHeight + 1; })()";
    assert_eq!(browser.evaluate(is_visible), true);
    browser.click("#rows > div:nth-child(2)");
    drawn(&browser);
    assert_eq!(count(), 4, "a second click closes it");

    browser.focus("#chart");
    browser.press("Enter");
    browser.wait_for(&format!("{rows}.length === 7"));
    browser.press("ArrowDown");
    browser.press("ArrowDown");
    browser.press("Enter");
    assert_eq!(browser.text("#details"), opened);
    assert_eq!(browser.evaluate("document.activeElement.id"), "details");
    browser.press("Escape");
    assert_eq!(browser.evaluate("document.activeElement.id"), "chart");
}

#[test]
fn a_click_on_a_bar_shows_its_statement_until_another_row_is_selected() {
    let Some(browser) = open(&in_a_process(3)) else {
        return;
    };
    // The last statement of the third lane ends before the report, which is the last statement of all.
    let at_bar = "(type) => {
        const canvas = document.getElementById('canvas');
        const box = canvas.getBoundingClientRect();
        const left = document.getElementById('rows').offsetWidth + 2;
        const { data } = canvas.getContext('2d').getImageData(left, 24 + 48 + 8, canvas.width - left, 1);
        let last = 0;
        for (let x = 0; x < data.length / 4; x++) if (data[4 * x + 1] - data[4 * x] > 60) last = x;
        canvas.dispatchEvent(new MouseEvent(type, { bubbles: true, clientX: box.left + left + last, clientY: box.top + 24 + 48 + 8 }));
    }";
    browser.evaluate(&format!("({at_bar})('mousemove')"));
    browser.wait_for_text("#details", "#34, ");
    browser.evaluate("document.getElementById('canvas').dispatchEvent(new MouseEvent('mouseleave'))");
    browser.wait_for_text("#details", "#1, ");
    browser.evaluate(&format!("({at_bar})('click')"));
    browser.wait_for_text("#details", "#34, ");
    browser.evaluate("document.getElementById('canvas').dispatchEvent(new MouseEvent('mouseleave'))");
    browser.wait_for_text("#details", "values: [40]");
    assert_eq!(browser.evaluate("document.querySelector('.chosen').id"), "row-2");
    browser.press("ArrowUp");
    browser.wait_for_text("#details", "3 statements, the first: #2");
}

#[test]
fn the_labels_of_the_axis_are_exact_and_do_not_touch() {
    let Some(browser) = open(&on_a_wire(300)) else {
        return;
    };
    browser.evaluate(
        "(() => {
            const { fillText } = CanvasRenderingContext2D.prototype;
            CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
                labels.push({ text, from: x, to: x + this.measureText(text).width, edge: this.canvas.clientWidth });
                fillText.call(this, text, x, y);
            };
        })()",
    );
    browser.focus("#chart");
    for width in WIDTHS {
        browser.resize(width);
        browser.click("#zoom-fit");
        // Otherwise, the labels of this drawing would come among those of the next one.
        drawn(&browser);
        for zoom in 0..20 {
            browser.evaluate("window.labels = []");
            browser.press("+");
            drawn(&browser);
            let labels = browser.evaluate("labels");
            let labels = labels.as_array().unwrap();
            let number = |label: &serde_json::Value, name: &str| label[name].as_f64().unwrap();
            let texts: Vec<_> = labels.iter().map(|label| label["text"].as_str().unwrap()).collect();
            let decimals = |text: &str| text.split_once('.').map_or(0, |(_, after)| after.find(' ').unwrap());
            for pair in labels.windows(2) {
                assert!(number(&pair[0], "to") + 5.0 < number(&pair[1], "from"), "{width} {zoom}: {texts:?}");
            }
            for pair in texts.windows(2) {
                assert!(
                    pair[0] != pair[1] && decimals(pair[0]) == decimals(pair[1]),
                    "{width} {zoom}: {texts:?}"
                );
            }
            assert!(!labels.is_empty(), "{width} {zoom}");
            assert!(labels.iter().all(|label| number(label, "to") <= number(label, "edge")), "{texts:?}");
        }
    }
}

#[test]
fn each_stop_of_the_tab_key_is_visible_and_nothing_moves_by_itself() {
    let Some(browser) = open(&everything()) else {
        return;
    };
    browser.prefer(&[("prefers-reduced-motion", "reduce")]);
    let mut stops = Vec::new();
    for _ in 0..13 {
        browser.press("Tab");
        assert_eq!(
            browser.evaluate("getComputedStyle(document.activeElement).outlineStyle"),
            "solid",
            "{stops:?}"
        );
        let name = browser.evaluate("document.activeElement.id || document.activeElement.textContent");
        stops.push(name.as_str().unwrap().to_owned());
    }
    let expected = "round-trip, preset, zoom-out, zoom-in, zoom-fit, chart, details, statements, rows, total time, slowest, \
                    threshold, The amount of data, and the cost of each strategy";
    assert_eq!(stops.join(", "), expected);
    assert_eq!(browser.evaluate("document.getAnimations().length"), 0);
}

#[test]
fn times_have_three_digits_and_from_100_seconds_two() {
    let Some(browser) = Browser::start(1200, &[]) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    for (time, text) in [
        (micros(1_080), "1.08 ms"),
        (micros(999), "999 µs"),
        (Duration::from_millis(33_001), "33.0 s"),
        (Duration::from_millis(99_900), "99.9 s"),
        (Duration::from_secs(100), "1.7 min"),
        (Duration::from_secs(44 * 60), "44 min"),
        (Duration::from_secs(90 * 60), "1.5 h"),
        (Duration::from_secs(1_234 * 60), "21 h"),
    ] {
        let totals = Totals { slowest: time, ..Totals::default() };
        let data = Waterfall { totals, ..Waterfall::default() };
        std::fs::write(&file, page(&data)).unwrap();
        browser.open(&format!("file://{}", file.display()));
        browser.wait_for_text("#slow-log", &format!("the slowest {text}."));
    }
}
