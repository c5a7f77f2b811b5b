//! Plays bytes of clients and servers to a recorder. The fuzz target `wire` and the test `hostile` share this file.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use eagerly_wire::proxy::{Observer as _, Passage};
use eagerly_wire::{Recorder, Report, Settings};

/// The first byte of an input: whether the two connections form a pool.
const IS_POOL: u8 = 1;

/// A step is a byte with these bits, a length of two bytes, and as many bytes.
pub const FROM_SERVER: u8 = 1;
pub const OTHER_CONNECTION: u8 = 2;
const AFTER_A_PAUSE: u8 = 4;
const THEN_TICK: u8 = 8;
const THEN_REPORT: u8 = 16;
const THEN_CLEAR: u8 = 32;

/// Plays an input, and writes the report in each of its forms.
pub fn play(input: &[u8]) -> Report {
    let (first, mut rest) = input.split_first().unwrap_or((&0, &[]));
    let gap = Duration::from_millis(200);
    let recorder = Recorder::new(Settings { gap, is_pool: first & IS_POOL != 0, ..Settings::default() });
    let client = SocketAddr::from(([127, 0, 0, 1], 1));
    let connections = [recorder.connected(client), recorder.connected(client)];
    let mut now = Instant::now();
    while let [step, high, low, after @ ..] = rest {
        let has = |bit| step & bit != 0;
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (bytes, after) = after.split_at(length);
        now += if has(AFTER_A_PAUSE) { gap * 2 } else { Duration::from_micros(10) };
        let passage = Passage { arrived: now, left: now + Duration::from_micros(5) };
        let connection = &connections[usize::from(has(OTHER_CONNECTION))];
        if has(FROM_SERVER) {
            connection.server(bytes, passage)
        } else {
            connection.client(bytes, passage)
        }
        if has(THEN_TICK) {
            let _ = recorder.tick();
        }
        if has(THEN_REPORT) {
            check(&recorder.report());
        }
        if has(THEN_CLEAR) {
            recorder.clear();
        }
        rest = after;
    }
    connections.iter().for_each(|connection| connection.closed());
    let report = recorder.report();
    check(&report);
    report
}

/// Writes a report in each of its forms.
fn check(report: &Report) {
    let text = report.to_string();
    for line in text.lines() {
        // The advice is code to copy, so it is not cut.
        let is_advice = line.starts_with("    ");
        assert!(is_advice || line.chars().count() <= 80, "{line}");
        assert!(!line.contains(char::is_control), "{line:?}");
    }
    assert!(report.to_json().starts_with("{\"pages\":["));
    assert_eq!(report.to_html().is_some(), !report.pages.is_empty());
    for page in &report.pages {
        assert!(page.statements > 0 && page.failed <= page.statements + page.control);
        assert!(
            page.shapes.iter().map(|shape| shape.statements).sum::<u64>() <= page.statements + page.control
        );
    }
}
