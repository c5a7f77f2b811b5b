//! The dashboard in a real browser. The tests pass without checks if there is no headless Chromium.

use browser::Browser;

use crate::support::{SHARED, Server};

#[test]
fn a_page_is_loaded_its_strategy_switched_and_its_bar_opened() {
    let Some(browser) = Browser::start(1200, &[]) else {
        return;
    };
    browser.open(&SHARED.url("/"));
    assert!(browser.text("summary").contains("301 statements"));
    assert_eq!(browser.evaluate("document.querySelectorAll('.customers tbody tr').length"), 60);
    assert!(browser.text(".customers").contains("<script>alert(1)</script>"), "as text");

    // Switch the strategy. The page is not reloaded.
    browser.evaluate("window.isSame = true");
    browser.set("orders", "selectin");
    browser.set("items", "joined");
    browser.click("#settings [type=submit]");
    browser.wait_for_text("summary", "2 statements");
    assert_eq!(browser.evaluate("window.isSame"), true);
    assert_eq!(browser.evaluate("location.search"), "?orders=selectin&items=joined");
    assert!(browser.text(".code").contains(".with(selectin(Customer::ORDERS).joined(Order::ITEMS))"));
    assert!(browser.text("#announcement").starts_with("The page is ready: 2 statements"));
    assert!(
        browser.evaluate(
            "document.querySelector('[data-path=\"/race\"]').href.endsWith('?orders=selectin&items=joined')"
        ) == true
    );

    // The back button restores the page and the form.
    browser.evaluate("history.back()");
    browser.wait_for_text("summary", "301 statements");
    assert_eq!(browser.evaluate("document.getElementById('orders').value"), "lazy");

    // A new round trip updates the modelled time at once.
    browser.set("preset", "80");
    browser.wait_for_text(".modelled", "24.1 s");

    // The panels of the toolbar: sort the table, move the slider, draw the waterfall.
    browser.click("summary");
    browser.wait_for_text("#slow-log", "EMPTY.");
    let rows =
        "[...document.querySelectorAll('#shapes tbody tr')].map((row) => Number(row.cells[4].dataset.value))";
    browser.evaluate("document.querySelectorAll('#shapes [data-sort]')[3].click()");
    browser.wait_for(&format!("(({rows}).every((value, i, all) => i === 0 || all[i - 1] >= value))"));
    browser.set("threshold", "0");
    browser.wait_for("!document.getElementById('slow-log').innerText.includes('EMPTY')");
    browser.click("#draw");
    browser.wait_for("document.querySelector('#waterfall iframe') !== null");
    browser.wait_for_in_frame("document.querySelectorAll('#rows > div').length === 3");

    // Apply the fix that the finding suggests.
    browser.click("#result a[data-show]");
    browser.wait_for_text("summary", "3 statements");
    assert!(browser.text(".finding").contains("No N+1 in 3 statements."));
    assert_eq!(browser.evaluate("document.getElementById('tools').open"), true, "the toolbar stays open");
    browser.nothing_is_wrong();
}

#[test]
fn a_race_is_run_to_its_end_and_a_waiting_page_is_stopped() {
    let Some(browser) = Browser::start(400, &[]) else {
        return;
    };
    let server = Server::start(30, 4.0);
    browser.open(&server.url("/race?trip=20"));
    browser.click("#start");
    browser.wait_for_text(
        "#announcement",
        "The race is over. 6 of 7 strategies return the page, all with the same lines.",
    );
    assert_eq!(browser.evaluate("document.querySelectorAll('#lanes .finished').length"), 7);
    assert!(browser.text("[data-strategy=lazy]").contains("151"));
    assert!(browser.text("#errors").contains("must not be loaded lazily"));
    let width = |strategy: &str| {
        let width = browser
            .evaluate(&format!("document.querySelector('[data-strategy={strategy}] .fill').offsetWidth"));
        width.as_u64().unwrap()
    };
    assert!(width("lazy") > 10 * width("selectin"), "bars are to scale");
    browser.click("#copy");
    browser.wait_for("/is copied|is selected/.test(document.getElementById('announcement').innerText)");
    browser.nothing_is_wrong();
    assert_eq!(browser.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);

    // 151 statements of 150 ms would take 23 seconds.
    browser.open(&server.url("/?trip=150&wait=yes"));
    browser.wait_for_text("#progress-text", "statements in");
    browser.wait_for("document.getElementById('progress-bar').value > 0");
    assert_eq!(server.dashboard.running(), 1);
    browser.click("#stop");
    browser.wait_for_text(".customers", "Stopped");
    assert_eq!(server.dashboard.running(), 0);
    assert!(browser.text("summary").contains("spent in round trips"));
    assert_eq!(browser.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);

    // The server still works after the stop.
    browser.evaluate("document.querySelector('[name=wait]').checked = false");
    browser.set("orders", "raise");
    browser.click("#settings [type=submit]");
    browser.wait_for_text(".customers", "The lazy load was refused");
    browser.open(&server.url("/?size=5&page=2"));
    assert_eq!(browser.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
    browser.nothing_is_wrong();
}
