//! The dashboard in a real browser. The tests pass without checks if there is no headless Chromium.

use browser::Browser;

use crate::support::{SHARED, Server};

/// The widths of a projector or desktop, an old projector, and a telephone.
const WIDTHS: [u32; 3] = [1400, 1024, 420];

/// Presses the button that starts something, when its script is there.
fn start(browser: &Browser) {
    browser.wait_for("typeof document.getElementById('start').onclick === 'function'");
    browser.click("#start");
}

#[test]
fn a_page_is_loaded_and_each_control_changes_it_without_a_reload() {
    let Some(browser) = Browser::start(1200, &[]) else {
        return;
    };
    browser.open(&SHARED.url("/"));
    browser.wait_for_text("#hero", "301");
    assert_eq!(browser.evaluate("document.querySelectorAll('.customers tbody tr').length"), 60);
    assert!(browser.text(".customers").contains("<script>alert('hello')</script>"), "as text");

    // A strategy is a link. The page is not reloaded, and the figures before it are kept in sight.
    browser.evaluate("window.isSame = true");
    browser.click("#ways [data-key=j]");
    browser.wait_for_text("#hero", "No N+1.");
    assert!(browser.text(".before").starts_with("Before: 301 statements, "));
    assert_eq!(browser.evaluate("location.search"), "?orders=joined&items=joined");
    assert_eq!(browser.text("#ways [aria-current]").split_whitespace().next(), Some("joined"));
    assert!(browser.text("#announcement").starts_with("The page is ready: 1 statement, "));

    // The form mixes strategies.
    browser.click("#more summary");
    browser.set("orders", "selectin");
    browser.click("#settings [type=submit]");
    browser.wait_for_text(".code", ".with(selectin(Customer::ORDERS).joined(Order::ITEMS))");
    assert_eq!(browser.evaluate("window.isSame"), true);
    assert_eq!(browser.evaluate("document.getElementById('more').open"), true, "the form stays open");
    assert!(
        browser.evaluate(
            "document.querySelector('[data-path=\"/race\"]').href.endsWith('?orders=selectin&items=joined')"
        ) == true
    );

    // The back buttons restore the page and the form.
    browser.evaluate("history.go(-2)");
    browser.wait_for_text("#hero", "301");
    assert_eq!(browser.evaluate("document.getElementById('orders').value"), "lazy");

    // A new round trip updates the time at once.
    browser.set("preset", "80");
    browser.wait_for_text(".modelled", "24.1 s modelled, at 80 ms");
    browser.wait_for_text("#panel-findings", "At 80 ms per round trip");
    assert_eq!(browser.evaluate("location.search"), "?trip=80");

    // Another number of customers shows the page at once.
    browser.set("customers", "5");
    browser.wait_for_text(".customers h2", "5 customers");
    browser.nothing_is_wrong();
}

#[test]
fn every_tab_shows_what_it_names() {
    let Some(browser) = Browser::start(1200, &[]) else {
        return;
    };
    browser.open(&SHARED.url("/"));
    browser.wait_for_text("#hero", "301");
    let is_open =
        |name: &str| browser.evaluate(&format!("document.getElementById('panel-{name}').checkVisibility()"));
    assert_eq!((is_open("page"), is_open("sql")), (true.into(), false.into()));

    browser.press("3");
    assert_eq!((is_open("page"), is_open("sql")), (false.into(), true.into()));
    let slowest =
        "[...document.querySelectorAll('#shapes tbody tr')].map((row) => Number(row.cells[4].dataset.value))";
    browser.evaluate("document.querySelectorAll('#shapes [data-sort]')[3].click()");
    browser.wait_for(&format!("(({slowest}).every((value, i, all) => i === 0 || all[i - 1] >= value))"));

    browser.press("4");
    browser.wait_for_text("#slow-log", "EMPTY.");
    assert!(browser.text(".echo").contains("lazy Customer.orders at crates/shop/src/page.rs"));
    browser.set("threshold", "0");
    browser.wait_for("!document.getElementById('slow-log').innerText.includes('EMPTY')");

    browser.press("5");
    assert!(browser.text("#panel-plan").contains("1 + customers + orders"));

    browser.press("6");
    browser.wait_for_in_frame("document.querySelectorAll('#rows > div').length === 3");

    browser.press("7");
    browser.wait_for_text("#growth-chart", "lazy: 301");
    assert!(browser.text("#growth-chart").contains("your page"));

    // The tab stays open when another page is shown, and its address opens it again.
    browser.press("s");
    browser.wait_for_text("#hero", "No N+1.");
    assert_eq!(is_open("growth"), true);
    browser.evaluate("location.reload()");
    browser.wait_for_text("#growth-chart", "selectin: 3");

    // Arrows move from tab to tab.
    browser.focus("#tab-growth");
    browser.press("ArrowLeft");
    assert_eq!(is_open("waterfall"), true);
    assert_eq!(browser.evaluate("document.activeElement.id"), "tab-waterfall");
    browser.nothing_is_wrong();
}

#[test]
fn the_whole_case_study_is_shown_with_the_keys() {
    let Some(browser) = Browser::start(1400, &[]) else {
        return;
    };
    browser.open(&SHARED.url("/"));
    let step = |title: &str| {
        browser.press("ArrowRight");
        browser.wait_for_text("#story", title);
    };
    let sent = |statements: u64| {
        browser.wait_for(&format!("document.getElementById('hero')?.dataset.statements === '{statements}'"));
        browser.wait_for("!document.getElementById('result').hasAttribute('aria-busy')");
    };
    step("1 In development");
    sent(16);
    step("2 In production");
    sent(301);
    assert!(!browser.text("#hero").contains("N+1"), "the cause is not told yet");
    browser.evaluate("window.isSame = true");
    let run = browser.evaluate("document.getElementById('frame').dataset.address");
    step("3 The log is empty");
    browser.wait_for_text("#slow-log", "EMPTY");
    assert_eq!(browser.evaluate("window.isSame"), true);
    assert_eq!(
        browser.evaluate("document.getElementById('frame').dataset.address"),
        run,
        "the page did not run again"
    );
    step("4 The cause: N+1");
    browser.wait_for_text("#panel-findings", "2 relations are loaded with one statement per parent");
    step("5 The fix");
    browser.wait_for_text("#hero", "No N+1.");
    step("6 Side by side");
    browser.wait_for("typeof document.getElementById('start')?.onclick === 'function'");
    browser.press("Enter");
    browser.wait_for_text("#announcement", "Both have ended. lazy: 301 statements");
    browser.wait_for_text("#wire", "selectin: 3 round trips in the first");
    step("7 Every way");
    browser.wait_for("typeof document.getElementById('start')?.onclick === 'function'");
    browser.press("Enter");
    browser.wait_for_text("#announcement", "The race is over.");
    step("8 More customers");
    browser.wait_for_text("#growth-chart", "lazy: 301");
    sent(3);
    step("9 Keep it fixed");
    browser.wait_for_text("#hero", "Refused.");
    assert!(!browser.text("#panel-findings").contains("No N+1"));
    step("10 Many users");
    browser.press("ArrowLeft");
    browser.wait_for_text("#hero", "Refused.");
    browser.press("ArrowLeft");
    browser.wait_for_text("#story", "8 More customers");
    browser.press("l");
    sent(301);

    // The fix has a key, and so has the size for a projector.
    browser.press("f");
    browser.wait_for_text("#hero", "No N+1.");
    assert!(!browser.text("#story").contains("More customers"), "the page left the story");
    let size = || browser.evaluate("parseFloat(getComputedStyle(document.body).fontSize)").as_f64().unwrap();
    let usual = size();
    browser.press("p");
    assert!(size() > 1.3 * usual);
    assert!(!browser.scrolls_sideways());

    // Keys can be switched off, and do nothing while one types.
    browser.press("?");
    browser.wait_for("document.getElementById('key-list').open");
    browser.click("#keys-on");
    browser.click("#key-list form button");
    browser.press("p");
    assert!(size() > 1.3 * usual, "the key did nothing");
    browser.nothing_is_wrong();
}

#[test]
fn a_copy_button_copies_a_text_or_offers_it_selected() {
    let Some(browser) = Browser::start(1200, &[]) else {
        return;
    };
    browser.open(&SHARED.url("/"));
    browser.wait_for_text("#hero", "301");
    browser.click("#hero [data-copy]");
    browser.wait_for("/Copied|Ctrl/.test(document.querySelector('#hero [data-copy]').innerText)");
    let offered = browser.evaluate("document.querySelector('#hero textarea')?.value ?? null");
    assert!(
        offered.is_null() || offered == ".with(selectin(Customer::ORDERS).selectin(Order::ITEMS))",
        "{offered}"
    );
    browser.nothing_is_wrong();
}

#[test]
fn a_race_is_run_to_its_end_and_an_error_has_no_bar() {
    let Some(browser) = Browser::start(400, &[]) else {
        return;
    };
    browser.open(&SHARED.url("/race?trip=20&customers=30"));
    start(&browser);
    browser.wait_for_text(
        "#announcement",
        "The race is over. 7 of 8 ways return the page, all with the same lines.",
    );
    assert_eq!(browser.evaluate("document.querySelectorAll('#lanes .finished').length"), 7);
    assert!(browser.text("#errors").contains("must not be loaded lazily"));
    let width = |way: &str| {
        let width =
            browser.evaluate(&format!("document.querySelector('[data-way={way}] .fill').offsetWidth"));
        width.as_u64().unwrap()
    };
    assert!(width("lazy") > 10 * width("selectin"), "bars are to scale");
    assert_eq!(width("raise"), 0);
    let total = browser.text("[data-way=raise] [data-figure=total]");
    assert_eq!(
        (total.as_str(), browser.text("[data-way=raise] [data-figure=lines]").as_str()),
        ("", "error")
    );
    browser.nothing_is_wrong();
}

#[test]
fn a_page_that_waits_shows_its_progress_and_can_be_stopped() {
    let Some(browser) = Browser::start(1200, &[]) else {
        return;
    };
    let server = Server::start(30, 4.0);
    // 151 statements of 150 ms would take 23 seconds.
    browser.open(&server.url("/?trip=150&wait=yes"));
    browser.wait_for_text("#progress-text", "left");
    browser.wait_for("document.getElementById('progress-bar').value > 0");
    browser.wait_for("document.querySelector('#progress-curve svg') !== null");
    assert_eq!(server.dashboard.running(), 1);
    browser.accessible();
    browser.press("Escape");
    browser.wait_for_text("#hero", "Stopped.");
    assert_eq!(server.dashboard.running(), 0);

    // The server still works after the stop.
    browser.open(&server.url("/?orders=raise"));
    browser.wait_for_text("#hero", "Refused.");

    // Both sides stop together.
    browser.open(&server.url("/side-by-side?trip=150"));
    start(&browser);
    browser.wait_for("document.querySelector('#curve svg') !== null");
    browser.press("Escape");
    browser.wait_for_text("[data-colour='0']", "no page");
    server.wait_until_running(0);
    browser.nothing_is_wrong();
}

#[test]
fn every_page_is_readable_and_accessible_at_every_width_in_both_schemes() {
    let Some(browser) = Browser::start(1400, &[]) else {
        return;
    };
    let pictures = std::env::var_os("EAGERLY_PICTURES").map(std::path::PathBuf::from);
    let look = |name: &str| {
        for width in WIDTHS {
            browser.resize(width);
            for is_dark in [false, true] {
                browser.dark(is_dark);
                if let Some(folder) = &pictures {
                    browser.screenshot(
                        folder.join(format!("{name}-{width}-{}.png", if is_dark { "dark" } else { "light" })),
                    );
                }
                assert!(!browser.scrolls_sideways(), "{name} at {width} px");
                browser.accessible();
            }
        }
    };
    browser.open(&SHARED.url("/?step=2"));
    browser.wait_for_text("#hero", "301");
    for (key, tab) in (1..).zip(["page", "findings", "sql", "log", "plan", "waterfall", "growth"]) {
        browser.press(&key.to_string());
        if tab == "growth" {
            browser.wait_for_text("#growth-chart", "lazy");
        }
        look(tab);
    }
    browser.open(&SHARED.url("/?orders=raise&items=raise"));
    browser.wait_for_text("#hero", "Refused.");
    look("raise");
    browser.open(&SHARED.url("/side-by-side?trip=5&customers=20"));
    start(&browser);
    browser.wait_for_text("#announcement", "Both have ended.");
    look("sides");
    browser.open(&SHARED.url("/race"));
    start(&browser);
    browser.wait_for_text("#announcement", "The race is over.");
    look("race");
    browser.press("?");
    look("keys");
    browser.open(&SHARED.url("/?size=0"));
    look("failure");
}

/// Needs the feature `postgres`, a PostgreSQL installation and a browser.
#[cfg(feature = "postgres")]
#[test]
fn on_a_server_the_counts_agree_and_many_users_are_measured() {
    let (Some(browser), Some(server)) = (Browser::start(1400, &[]), Server::on_postgres(20, 4.0)) else {
        return;
    };
    browser.open(&server.url("/"));
    browser.wait_for_text("#hero", "101");
    assert!(browser.text("#hero .seconds").contains("of it in round trips"));
    browser.press("8");
    let counts = browser.evaluate(
        "[...document.querySelectorAll('#panel-server table')[0].tBodies[0].rows].map((row) => row.cells[1].innerText)",
    );
    assert_eq!(counts, serde_json::json!(["101", "101", "101"]), "session, server and wire");
    assert!(browser.text("#panel-server").contains("N+1: 20 statements, one for each row of statement 1"));
    browser.accessible();

    browser.open(&server.url("/side-by-side?trip=2"));
    start(&browser);
    browser.wait_for_text("#announcement", "Both have ended. lazy: 101 statements");
    browser.wait_for("!document.getElementById('replay').disabled");

    browser.open(&server.url("/users?customers=5"));
    start(&browser);
    browser.wait_for(
        "document.querySelector('#levels tbody tr') !== null || document.getElementById('stop').hidden",
    );
    assert!(browser.text("#levels tbody").contains("lazy, "), "{}", browser.text("#announcement"));
    browser.wait_for("document.querySelector('#users-chart svg') !== null");
    browser.accessible();
    browser.press("Escape");
    browser.wait_for_text("#announcement", "Stopped.");
    server.wait_until_running(0);
    browser.nothing_is_wrong();
}
