//! The waterfall in a real browser. The tests pass without a check if chromedriver is not installed.

use std::path::Path;
use std::time::{Duration, Instant};

use browser::Browser;
use eagerly::{Session, numbers::time};
use eagerly_watch::Recording;
use shop::{Customer, Size, data, page};

/// Opens a waterfall and waits until its rows are drawn.
fn open(browser: &Browser, file: &Path) {
    browser.open(&format!("file://{}", file.display()));
    browser.wait_for("document.querySelectorAll('#rows > div').length > 0");
}

#[test]
fn a_page_of_33_001_statements_opens_fast_and_is_interactive() {
    let Some(browser) = Browser::start(1200, &[]) else {
        return;
    };
    let session = Session::in_memory().unwrap();
    data::fill(&session, &Size::default(), |_| {}).unwrap();
    let (recording, tally) = (Recording::start(&session), session.tally());
    page::rows(&session.all(Customer::select()).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    recording.write_html(&file).unwrap();

    let start = Instant::now();
    open(&browser, &file);
    assert!(start.elapsed() < Duration::from_secs(10), "the page took {:?} to open", start.elapsed());

    // The page shows the totals, the findings and the empty slow-query log. Only on a busy machine, the log has entries.
    let empty = if tally.slowest() < Duration::from_millis(100) { "EMPTY. 0 statements" } else { "" };
    assert!(browser.text("#totals").contains("33,001"));
    assert!(browser.text("#findings").contains(".with(selectin(Customer::ORDERS).selectin(Order::ITEMS))"));
    let slow_log = format!("{empty} over 100 ms; total of 33,001 statements");
    assert!(browser.text("#slow-log").contains(&slow_log), "{}", browser.text("#slow-log"));
    assert_eq!(browser.evaluate("document.querySelectorAll('#shapes tbody tr').length"), 3);

    // There are three closed lanes. Opening the second one adds rows only for the visible statements.
    let rows = "document.querySelectorAll('#rows > div').length";
    assert_eq!(browser.evaluate(rows), 3);
    browser.evaluate("document.querySelectorAll('#rows .toggle')[1].click()");
    browser.wait_for(&format!("{rows} > 8"));
    assert!(browser.evaluate(rows).as_u64().unwrap() < 60, "the page must contain only the visible rows");
    assert!(browser.text("#rows").contains("SELECT orders ["));
    assert!(browser.text("#details").contains("lazy Customer.orders at "));

    // With the keyboard: close the lane, move to the next one and open it.
    browser.focus("#chart");
    for key in ["ArrowLeft", "ArrowDown", "ArrowRight"] {
        browser.press(key);
    }
    browser
        .wait_for("document.getElementById('rows').innerText.includes('for the rows of #2 SELECT orders')");

    // The page models a round trip and labels the time as modelled.
    browser.set("preset", "1");
    browser.wait_for("document.getElementById('totals').innerText.includes('33.0 s')");
    assert!(browser.text("#time-note").starts_with("Modelled"));

    // The canvas is not empty.
    let painted = "(() => { const c = document.getElementById('canvas'); const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n; })()";
    browser.wait_for(&format!("{painted} > 5000"));
}

#[test]
fn a_dark_page_shows_markup_in_the_data_as_text() {
    let Some(browser) = Browser::start(1200, &["--force-dark-mode"]) else {
        return;
    };
    let session = Session::in_memory().unwrap();
    let size = Size { customers: 3, ..Size::default() };
    data::fill(&session, &size, |_| {}).unwrap();
    let recording = Recording::start(&session);
    let evil = "<img src=x onerror=\"document.title='broken'\"></script>";
    session.execute("UPDATE customers SET email = ?1", eagerly::params![evil]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    recording.write_html(&file).unwrap();
    open(&browser, &file);
    assert!(browser.text("#details").contains("<img src=x onerror"));
    assert_eq!(browser.evaluate("document.title"), "Waterfall of statements");
    assert_eq!(browser.evaluate("document.querySelectorAll('img').length"), 0);
}

#[test]
fn the_page_writes_times_as_the_program_does() {
    let Some(browser) = Browser::start(1200, &[]) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    let short = [0, 7, 999, 1_000, 1_080, 99_949, 99_950, 999_499, 999_500, 1_000_000, 9_995_000, 33_001_000];
    // Minutes and hours, at the limits and between them.
    let long = [99_949, 99_950, 120_000, 121_000, 596_999, 597_000, 2_640_000];
    let hours = [3_569_999, 3_570_000, 5_400_000, 35_819_000, 35_821_000, 4_000_000_000];
    let short = short.map(Duration::from_micros).into_iter();
    for slowest in short.chain(long.into_iter().chain(hours).map(Duration::from_millis)) {
        let totals = waterfall::Totals { slowest, ..waterfall::Totals::default() };
        let data = waterfall::Waterfall { totals, ..waterfall::Waterfall::default() };
        std::fs::write(&file, waterfall::page(&data)).unwrap();
        browser.open(&format!("file://{}", file.display()));
        browser.wait_for_text("#slow-log", &format!("the slowest {}.", time(slowest)));
    }
}
