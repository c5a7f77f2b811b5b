//! The page in a real browser, with modelled and with measured round trips. The tests of the browser pass without a
//! check if chromedriver is not installed.

mod readers;
mod support;

use std::time::{Duration, Instant};

use browser::Browser;
use waterfall::{Finding, Lane, Shape, SlowCounts, Statement, Totals, Waterfall, page};

use support::{ORDERS, REPORT, bars, in_a_process, is_visible, micros, on_a_wire, open};

#[test]
fn round_trips_measured_on_a_wire_are_shown_beside_the_time_in_the_server() {
    let Some(browser) = open(&on_a_wire(3)) else {
        return;
    };
    assert_eq!(browser.evaluate("document.title"), "Page 3");
    assert_eq!(browser.text("h1"), "Page 3: statements on the wire");
    let totals = browser.text("#totals").replace('\n', " ");
    for tile in ["round trips 35", "in the server, measured 15.2 ms", "on the wire, measured 35 ms"] {
        assert!(totals.contains(tile), "{tile}: {totals}");
    }
    // The first statement takes 0.5 ms to the server, 2.5 ms there, and 0.5 ms back.
    assert_eq!(bars(&browser, 0), "psp");
    let details = browser.text("#details");
    assert!(
        details.starts_with("#1, 3.50 ms measured (2.50 ms in the server, 1 ms on the wire), 3 rows"),
        "{details}"
    );
    browser.nothing_is_wrong();
}

#[test]
fn no_round_trip_is_modelled_on_top_of_measured_ones() {
    let Some(browser) = open(&on_a_wire(3)) else {
        return;
    };
    assert!(!is_visible(&browser, "round-trip"));
    assert!(!is_visible(&browser, "preset"));
    assert!(browser.text("#time-note").starts_with("Measured on the wire."));
    assert!(!browser.text("main").to_lowercase().contains("modelled"));
    assert!(is_visible(&browser, "zoom-in"));
    // From the first to the last byte: 35 round trips of 1 ms, 15.22 ms in the server, and 34 pauses of 10 µs.
    assert!(browser.text("#totals").contains("50.6 ms"), "{}", browser.text("#totals"));
}

#[test]
fn a_page_without_a_network_models_round_trips_and_says_so() {
    let Some(browser) = open(&in_a_process(3)) else {
        return;
    };
    assert_eq!(browser.text("h1"), "Statements sent to the database");
    assert!(is_visible(&browser, "round-trip"));
    assert!(browser.text("#time-note").starts_with("Measured time."));
    assert!(!browser.text("#totals").contains("modelled"));
    assert_eq!(bars(&browser, 0), "s");
    browser.set("preset", "1");
    browser.wait_for_text("#time-note", "Modelled");
    browser.wait_for_text("#totals", "round trips at 1 ms, modelled");
    browser.evaluate(
        "requestAnimationFrame(() => requestAnimationFrame(() => { window.isDrawnAgain = true; }))",
    );
    browser.wait_for("window.isDrawnAgain === true");
    assert_eq!(bars(&browser, 0), "sp");
    browser.focus("#chart");
    browser.press("ArrowDown");
    browser.wait_for_text("#details", "40 µs + 1 ms round trip (modelled)");
}

#[test]
fn a_lane_of_a_long_statement_stays_on_one_line_and_has_its_full_text() {
    let Some(browser) = open(&on_a_wire(3)) else {
        return;
    };
    let labels = "[...document.querySelectorAll('#rows .label')]";
    let label = |row: u32| browser.evaluate(&format!("{labels}[{row}].textContent"));
    assert_eq!(label(1), "SELECT … FROM \"orders\" WHERE \"customer_id\" = $1");
    let title = browser.evaluate(&format!("{labels}[1].parentElement.title"));
    assert_eq!(title, ORDERS);
    // The report has no list of columns to leave out. It ends in an ellipsis, before the number of its statements.
    assert_eq!(label(3), REPORT);
    assert_eq!(browser.evaluate(&format!("{labels}[3].scrollWidth > {labels}[3].clientWidth")), true);
    assert_eq!(browser.evaluate(&format!("{labels}[3].parentElement.offsetHeight")), 24);
    let is_within = "(() => { const row = document.querySelectorAll('#rows > div')[3]; const count = row.querySelector('.count'); \
         return count.getBoundingClientRect().right <= row.getBoundingClientRect().right && count.clientWidth > 0; })()";
    assert_eq!(browser.evaluate(is_within), true);
    browser.focus("#chart");
    for key in ["ArrowDown"; 3] {
        browser.press(key);
    }
    browser.wait_for_text("#details", REPORT);
}

#[test]
fn an_unknown_place_leaves_no_empty_line() {
    let lines = "[...document.querySelectorAll('#details > *')].map((line) => line.className || line.localName).join()";
    let Some(browser) = open(&in_a_process(1)) else {
        return;
    };
    assert_eq!(browser.evaluate(lines), "div,code,cause");
    assert_eq!(browser.text("#details .cause"), "lazy Customer.orders at page.rs:31");
    assert_eq!(open(&on_a_wire(1)).unwrap().evaluate(lines), "div,code");
}

#[test]
fn a_page_of_33_002_measured_statements_opens_fast_and_is_interactive() {
    let data = on_a_wire(3_000);
    let start = Instant::now();
    let Some(browser) = open(&data) else {
        return;
    };
    assert!(start.elapsed() < Duration::from_secs(20), "the page took {:?} to open", start.elapsed());
    assert!(browser.text("#totals").contains("33,002"));
    let rows = "document.querySelectorAll('#rows > div').length";
    assert_eq!(browser.evaluate(rows), 4);
    browser.evaluate("document.querySelectorAll('#rows .toggle')[2].click()");
    browser.wait_for(&format!("{rows} > 8"));
    assert!(browser.evaluate(rows).as_u64().unwrap() < 60, "the page must contain only the visible rows");
    browser.wait_for_text("#rows", "for the rows of #2 SELECT orders [1]");
}

#[test]
fn text_of_the_data_can_neither_become_markup_nor_fill_a_placeholder() {
    let evil = "</script></title><script>alert(1)</script> {{script}} {{figures}} & \u{2028}";
    let data = Waterfall {
        title: evil.to_owned(),
        heading: evil.to_owned(),
        shapes: vec![Shape { sql: evil.to_owned(), ..Shape::default() }],
        places: vec![evil.to_owned()],
        lanes: vec![Lane { label: evil.into(), parent: None }],
        statements: vec![Statement {
            number: 1,
            values: evil.to_owned(),
            place: Some(0),
            ..Statement::default()
        }],
        findings: vec![Finding::hint(evil)],
        advice: Some(evil.to_owned()),
        ..Waterfall::default()
    };
    let html = page(&data);
    assert_eq!(html.matches("<script").count(), 2);
    assert_eq!(html.matches("</script>").count(), 2);
    assert_eq!(html.matches("</title>").count(), 1);

    let Some(browser) = open(&data) else {
        return;
    };
    for place in ["h1", "#rows", "#details", "#findings", "#shapes"] {
        let text = browser.text(place);
        assert!(text.contains("<script>alert(1)</script> {{script}} {{figures}} &"), "{place}: {text}");
    }
    browser.nothing_is_wrong();
}

#[test]
fn a_page_without_data_has_no_empty_sections() {
    let html = page(&Waterfall::default());
    assert!(!html.contains("{{"), "every placeholder is filled");
    assert!(html.contains("<title>Waterfall of statements</title>"));
    let Some(browser) = Browser::start(1200, &[]) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    std::fs::write(&file, html).unwrap();
    browser.open(&format!("file://{}", file.display()));
    browser.wait_for_text("#slow-log", "EMPTY. 0 statements over 100 ms");
    assert!(!is_visible(&browser, "advice"));
    browser.nothing_is_wrong();
}

#[test]
fn a_statement_counts_at_each_threshold_that_it_exceeds() {
    let mut slow = SlowCounts::default();
    for took in [micros(10), micros(11), micros(100_001), Duration::from_secs(60)] {
        slow.add(took);
    }
    let data = Waterfall { totals: Totals { slow, ..Totals::default() }, ..Waterfall::default() };
    assert!(page(&data).contains("\"slow\":[3,2,2,2,2,2,2,2,2,2,2,2,2,1,1,1]"));
}
