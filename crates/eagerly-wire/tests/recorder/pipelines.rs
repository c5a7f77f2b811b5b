//! Statements that are sent together share a round trip.

use std::time::Duration;

use eagerly_wire::Settings;
use futures_util::future::join_all;

use crate::raw::Raw;
use crate::support::{NEVER, Wire, counts};

#[test]
fn statements_of_one_group_share_a_round_trip() {
    let Some(wire) = Wire::start() else { return };
    let mut raw = Raw::connect(&wire);
    raw.parse("s", "SELECT $1::int8").sync().finish();
    wire.clear();
    for number in 0..10 {
        raw.bind("", "s", &[Some(&number.to_string())]).execute("", 0);
    }
    assert_eq!(raw.sync().finish().len(), 31);
    assert_eq!(counts(&wire.page()), [10, 0, 0, 1, 10]);
}

#[test]
fn groups_that_are_sent_together_share_a_round_trip() {
    let Some(wire) = Wire::start() else { return };
    let mut raw = Raw::connect(&wire);
    wire.clear();
    for _ in 0..10 {
        raw.unnamed("SELECT 1", &[]).sync();
    }
    raw.query("SELECT 2; SELECT 3").send();
    for _ in 0..11 {
        raw.until(b'Z');
    }
    for _ in 0..5 {
        raw.unnamed("SELECT 1", &[]).sync().finish();
    }
    assert_eq!(counts(&wire.page()), [17, 0, 0, 6, 17]);
}

#[test]
fn a_client_that_flushes_awaits_a_reply() {
    let Some(wire) = Wire::start() else { return };
    let mut raw = Raw::connect(&wire);
    wire.clear();
    for _ in 0..3 {
        raw.parse("", "SELECT 1").flush().send();
        assert_eq!(raw.until(b'1'), "1");
        raw.bind("", "", &[]).execute("", 0).sync();
        assert_eq!(raw.finish(), "2DCZ");
    }
    assert_eq!(counts(&wire.page()), [3, 0, 0, 6, 3]);
}

#[test]
fn messages_that_arrive_byte_by_byte_are_counted_once() {
    let Some(wire) = Wire::start() else { return };
    let mut raw = Raw::connect(&wire);
    wire.clear();
    for byte in b"Q\0\0\0\x0dSELECT 1\0" {
        std::io::Write::write_all(&mut raw.stream, &[*byte]).unwrap();
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(raw.until(b'Z'), "TDCZ");
    assert_eq!(counts(&wire.page()), [1, 0, 0, 1, 1]);
}

#[test]
fn an_asynchronous_client_pipelines() {
    let round_trip = Duration::from_millis(20);
    let Some(wire) = Wire::with(Settings { gap: NEVER, ..Settings::default() }, round_trip) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&wire.url(), tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let statement = client.prepare("SELECT n FROM generate_series(1, $1) n").await.unwrap();
        wire.clear();
        let values: Vec<_> = (1..=10_i32).collect();
        let all = join_all(
            values.iter().map(|value| async { client.query(&statement, &[value]).await.unwrap().len() }),
        );
        assert_eq!(all.await, (1..=10).collect::<Vec<_>>());
    });
    assert_eq!(counts(&wire.page()), [10, 0, 0, 1, 55]);
}
