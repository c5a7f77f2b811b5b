//! Where a page begins.

use std::thread::sleep;
use std::time::{Duration, Instant};

use eagerly_wire::Settings;
use eagerly_wire::report::Report;

use crate::raw::Raw;
use crate::support::{NEVER, Wire, counts};

/// A pause that ends a page here, and one that is long enough.
const GAP: Duration = Duration::from_millis(150);
const PAUSE: Duration = Duration::from_millis(400);

/// Returns the name, the statements and the round trips of each page.
fn pages(report: &Report) -> Vec<(Option<&str>, u64, u64)> {
    report.pages.iter().map(|page| (page.name.as_deref(), page.statements, page.round_trips)).collect()
}

#[test]
fn the_application_s_name_is_that_of_the_page() {
    let Some(wire) = Wire::start() else { return };
    let mut raw = Raw::with(&wire, &[("application_name", "orders")]);
    wire.clear();
    raw.query("SELECT 1").finish();
    assert_eq!(pages(&wire.report()), [(Some("orders"), 1, 1)]);
}

#[test]
fn another_application_name_begins_a_page() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    wire.clear();
    for name in ["orders", "customers"] {
        client.batch_execute(&format!("SET application_name = '{name}'")).unwrap();
        client.batch_execute("SELECT 1").unwrap();
        client.batch_execute("SELECT 2").unwrap();
    }
    // Each has the round trip of `SET`.
    assert_eq!(pages(&wire.report()), [(Some("orders"), 2, 3), (Some("customers"), 2, 3)]);
}

#[test]
fn set_config_begins_a_page_like_set() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    wire.clear();
    for name in ["orders", "customers"] {
        client.batch_execute(&format!("SELECT set_config('application_name', '{name}', false)")).unwrap();
        client.batch_execute("SELECT 1").unwrap();
    }
    assert_eq!(pages(&wire.report()), [(Some("orders"), 1, 2), (Some("customers"), 1, 2)]);
}

#[test]
fn an_application_name_that_is_a_parameter_begins_a_page() {
    let Some(wire) = Wire::start() else { return };
    let mut raw = Raw::connect(&wire);
    raw.parse("s", "SELECT set_config($1, $2, false)").sync().finish();
    wire.clear();
    for name in ["orders", "customers"] {
        raw.bind("", "s", &[Some("application_name"), Some(name)]).execute("", 0).sync().finish();
        raw.query("SELECT 1").finish();
        raw.query("SELECT 2").finish();
    }
    // The statement that sets the name is the last one of the page before.
    let report = wire.report();
    assert_eq!(pages(&report)[1..], [(Some("orders"), 3, 3), (Some("customers"), 2, 2)]);
    assert_eq!((report.statements(), report.round_trips()), (6, 6));
}

#[test]
fn a_comment_begins_a_page() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    wire.clear();
    for (page, trace) in [("orders", "0a"), ("orders", "0b"), ("customers", "0c")] {
        for statement in 0..3 {
            let comment = format!("/*controller='{page}',traceparent='00-{trace}-{statement}-01'*/");
            client.simple_query(&format!("SELECT {statement} {comment}")).unwrap();
        }
    }
    let expected = [
        (Some("controller=orders trace 0a"), 3, 3),
        (Some("controller=orders trace 0b"), 3, 3),
        (Some("controller=customers trace 0c"), 3, 3),
    ];
    assert_eq!(pages(&wire.report()), expected);
}

#[test]
fn a_comment_of_a_prepared_statement_names_the_page() {
    let Some(wire) = Wire::start() else { return };
    let mut raw = Raw::connect(&wire);
    wire.clear();
    for page in ["a", "b"] {
        for number in 1..=2 {
            raw.unnamed(&format!("SELECT {number} /*action='{page}'*/"), &[]).sync().finish();
        }
    }
    assert_eq!(pages(&wire.report()), [(Some("action=a"), 2, 2), (Some("action=b"), 2, 2)]);
}

#[test]
fn a_pause_begins_a_page() {
    let settings = Settings { gap: GAP, ..Settings::default() };
    let Some(wire) = Wire::with(settings, Duration::ZERO) else { return };
    let mut client = wire.client();
    wire.clear();
    for _ in 0..2 {
        client.batch_execute("SELECT 1").unwrap();
        sleep(PAUSE);
    }
    client.batch_execute("SELECT 2").unwrap();
    assert_eq!(wire.report().pages.len(), 3);
}

#[test]
fn a_pause_in_a_transaction_or_in_the_server_begins_no_page() {
    let settings = Settings { gap: GAP, ..Settings::default() };
    let Some(wire) = Wire::with(settings, Duration::ZERO) else { return };
    let mut client = wire.client();
    wire.clear();
    let mut transaction = client.transaction().unwrap();
    transaction.batch_execute("SELECT 1").unwrap();
    sleep(PAUSE);
    assert!(wire.recorder.tick().is_empty());
    transaction.batch_execute("SELECT pg_sleep(0.4)").unwrap();
    transaction.commit().unwrap();
    let page = wire.page();
    assert_eq!(counts(&page), [2, 2, 0, 4, 2]);
    assert!(page.idle_in_transaction >= PAUSE, "{:?}", page.idle_in_transaction);
    assert_eq!(page.findings, []);
}

#[test]
fn a_page_is_shown_once_after_its_pause() {
    let settings = Settings { gap: GAP, ..Settings::default() };
    let Some(wire) = Wire::with(settings, Duration::ZERO) else { return };
    let mut client = wire.client();
    wire.clear();
    client.batch_execute("SELECT 1").unwrap();
    let start = Instant::now();
    let shown = loop {
        let shown = wire.recorder.tick();
        if !shown.is_empty() || start.elapsed() > Duration::from_secs(20) {
            break shown;
        }
        sleep(Duration::from_millis(10));
    };
    assert_eq!(shown.iter().map(|page| page.statements).collect::<Vec<_>>(), [1]);
    assert!(wire.recorder.tick().is_empty());
    assert_eq!(wire.report().pages.len(), 1);
}

#[test]
fn a_report_in_the_middle_of_a_statement_does_no_harm() {
    let Some(wire) = Wire::start() else { return };
    let mut raw = Raw::connect(&wire);
    raw.query("SELECT 1").finish();
    let sql = "SELECT n FROM generate_series(1, 3000000) n";
    raw.query(sql).send().until(b'T');
    let before = wire.recorder.report();
    // The rest of the rows, and further statements, are read by the same connection.
    raw.until(b'Z');
    for _ in 0..3 {
        raw.query("SELECT 2").finish();
    }
    let after = wire.recorder.report();
    assert_eq!(before.statements(), 2);
    assert_eq!(after.statements(), 5);
    assert_eq!(after.pages.iter().map(|page| page.rows).sum::<u64>(), 3_000_004);
}

#[test]
fn another_connection_of_a_pool_can_begin_a_page_in_the_middle_of_a_statement() {
    let settings = Settings { gap: NEVER, is_pool: true, ..Settings::default() };
    let Some(wire) = Wire::with(settings, Duration::ZERO) else { return };
    let (mut one, mut other) = (Raw::connect(&wire), Raw::connect(&wire));
    wire.clear();
    for number in 0..20 {
        one.query("SELECT n FROM generate_series(1, 100000) n").send().until(b'D');
        other.query(&format!("SELECT 1 /*page='{number}'*/")).finish();
        one.until(b'Z');
    }
    let report = wire.recorder.report();
    assert_eq!(report.statements(), 40);
    assert_eq!(report.pages.iter().map(|page| page.rows).sum::<u64>(), 20 * 100_001);
}

#[test]
fn a_closed_connection_keeps_its_page() {
    let Some(wire) = Wire::start() else { return };
    for _ in 0..5 {
        wire.client().batch_execute("SELECT 1").unwrap();
    }
    assert_eq!(wire.recorder.report().statements(), 5);
    wire.clear();
    assert_eq!(wire.recorder.report().pages.len(), 0);
}

#[test]
fn the_activity_is_that_of_the_open_connections() {
    let Some(wire) = Wire::start() else { return };
    let (mut one, mut other) = (wire.client(), wire.client());
    wire.clear();
    one.batch_execute("SELECT 1").unwrap();
    one.batch_execute("SELECT 2").unwrap();
    other.batch_execute("SELECT n FROM generate_series(1, 7) n").unwrap();
    let activity = wire.recorder.activity();
    let facts: Vec<_> = activity.iter().map(|one| (one.statements, one.round_trips, one.rows)).collect();
    assert_eq!(facts, [(2, 2, 2), (1, 1, 7)]);
}
