//! The first page: two sliders, and what lazy and eager loading cost.

use std::time::Duration;

use browser::Browser;
use eagerly::Network;
use eagerly::numbers::{count, time};

use crate::site;

/// The positions of the two sliders.
const CUSTOMERS: [u64; 14] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 3_000, 5_000, 10_000];
const ROUND_TRIPS: [u64; 10] = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 80_000, 160_000];

/// The statements of eager loading: customers, orders, items.
const EAGER: u64 = 3;

/// Returns the statements of lazy loading, with 10 orders for each customer.
fn lazy(customers: u64) -> u64 {
    1 + customers + customers * 10
}

fn open(width: u32) -> Option<Browser> {
    let site = site()?;
    let browser = Browser::start(width, &[])?;
    browser.open(&format!("file://{}/index.html", site.display()));
    browser.wait_for("document.querySelector('.n-plus-one.live') !== null");
    Some(browser)
}

/// Checks all figures on the page.
fn check(browser: &Browser, customers: u64, round_trip: Duration) {
    let lazy = lazy(customers);
    let network = Network::virtual_of(round_trip);
    let preset = Network::PRESETS.iter().find(|(_, preset)| *preset == network);
    let name = preset.map_or_else(String::new, |(name, _)| format!(", {name}"));
    for (id, expected) in [
        ("customers-value", count(customers)),
        ("round-trip-value", time(round_trip) + &name),
        ("lazy-statements", count(lazy)),
        ("eager-statements", count(EAGER)),
        ("lazy-time", time(network.modelled(lazy))),
        ("eager-time", time(network.modelled(EAGER))),
        ("comparison", {
            let times = (lazy as f64 / EAGER as f64).round() as u64;
            let waits = time(network.modelled(lazy));
            format!("Lazy waits {waits}, which is {} times as long as eager.", count(times))
        }),
    ] {
        let shown = browser.text(&format!("#{id}"));
        assert_eq!(shown, expected, "{id} for {customers} customers, {round_trip:?}");
    }
}

#[test]
fn the_sliders_move_by_keys_and_show_the_formula_at_each_position() {
    let Some(browser) = open(1280) else {
        return;
    };
    check(&browser, 3_000, Duration::from_millis(1));

    browser.focus("#customers");
    browser.press("Home");
    for (index, customers) in CUSTOMERS.into_iter().enumerate() {
        if index > 0 {
            // The book turns its pages with these keys, too.
            browser.press("ArrowRight");
        }
        browser.focus("#round-trip");
        browser.press("Home");
        for (index, microseconds) in ROUND_TRIPS.into_iter().enumerate() {
            if index > 0 {
                browser.press("ArrowRight");
            }
            check(&browser, customers, Duration::from_micros(microseconds));
        }
        browser.focus("#customers");
    }
    // A screen reader reads this at the end of the slider, and not its position.
    let spoken = |id: &str| browser.evaluate(&format!("document.getElementById('{id}').ariaValueText"));
    assert_eq!(spoken("customers"), "10,000 customers");
    assert_eq!(spoken("round-trip"), "160 ms");
    browser.nothing_is_wrong();
}

#[test]
fn the_bars_are_to_scale_and_the_shorter_one_is_visible() {
    let Some(browser) = open(1280) else {
        return;
    };
    let width = |id: &str| {
        let width = format!("document.getElementById('{id}').getBoundingClientRect().width");
        browser.evaluate(&width).as_f64().unwrap()
    };
    for (index, customers) in CUSTOMERS.into_iter().enumerate() {
        browser.set("customers", &index.to_string());
        let exact = width("lazy-bar") * EAGER as f64 / lazy(customers) as f64;
        let drawn = width("eager-bar");
        assert!((drawn - exact.max(1.0)).abs() < 0.1, "{customers} customers: {drawn} pixels, not {exact}");
    }
}

#[test]
fn the_first_page_fits_a_screen() {
    let Some(browser) = open(1280) else {
        return;
    };
    let end = "document.querySelector('.ways-on').getBoundingClientRect().bottom";
    let end = browser.evaluate(end).as_f64().unwrap();
    assert!(end <= 800.0, "the first page ends at {end} of 800 pixels");
}

#[test]
fn without_scripts_a_table_shows_three_sizes() {
    let Some(site) = site() else {
        return;
    };
    let page = std::fs::read_to_string(site.join("index.html")).unwrap();
    assert!(page.contains("<form hidden"), "without its script, the form would be visible");
    for customers in [10, 100, 3_000] {
        let network = Network::BETWEEN_ZONES;
        let statements = lazy(customers);
        let cells = [
            count(customers),
            count(statements),
            time(network.modelled(statements)),
            count(EAGER),
            time(network.modelled(EAGER)),
        ];
        let row = format!("<tr><td>{}</td></tr>", cells.join("</td><td>"));
        assert!(page.contains(&row), "the table has no row {row}");
    }
}
