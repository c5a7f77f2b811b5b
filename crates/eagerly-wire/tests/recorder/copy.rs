//! `COPY` is one statement, and the round trips after it are still exact.

use std::io::{Read as _, Write as _};

use postgres::Client;

use crate::raw::Raw;
use crate::support::{Wire, counts};

fn table(wire: &Wire) {
    wire.direct().batch_execute("CREATE TABLE t (id int4 PRIMARY KEY, name text)").unwrap();
}

/// Checks that the next three statements take a round trip each.
fn assert_in_step(wire: &Wire, client: &mut Client) {
    wire.clear();
    for _ in 0..3 {
        client.batch_execute("SELECT count(*) FROM t").unwrap();
    }
    assert_eq!(counts(&wire.page()), [3, 0, 0, 3, 3]);
}

#[test]
fn copying_in_is_one_statement() {
    let Some(wire) = Wire::start() else { return };
    table(&wire);
    let mut client = wire.client();
    wire.reset_calls();
    wire.clear();
    let statement = client.prepare("COPY t FROM STDIN").unwrap();
    let mut writer = client.copy_in(&statement).unwrap();
    for id in 0..10_000 {
        writeln!(writer, "{id}\tname {id}").unwrap();
    }
    assert_eq!(writer.finish().unwrap(), 10_000);
    let page = wire.page();
    // The text is prepared, then the server asks for the data, then the data is sent.
    assert_eq!(counts(&page), [1, 0, 0, 3, 0]);
    assert_eq!(page.statements, wire.calls());
    assert_in_step(&wire, &mut client);
}

#[test]
fn copying_out_is_one_statement() {
    let Some(wire) = Wire::start() else { return };
    table(&wire);
    let mut client = wire.client();
    client
        .batch_execute("INSERT INTO t SELECT n, repeat('x', 100) FROM generate_series(1, 20000) n")
        .unwrap();
    wire.reset_calls();
    wire.clear();
    let mut text = String::new();
    let statement = client.prepare("COPY t TO STDOUT").unwrap();
    client.copy_out(&statement).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text.lines().count(), 20_000);
    let page = wire.page();
    assert_eq!(counts(&page), [1, 0, 0, 2, 0]);
    assert_eq!(page.statements, wire.calls());
    assert_in_step(&wire, &mut client);
}

#[test]
fn a_copied_row_of_a_megabyte_is_understood() {
    let Some(wire) = Wire::start() else { return };
    table(&wire);
    let mut client = wire.client();
    let [copies_in, copies_out] =
        ["COPY t FROM STDIN", "COPY t TO STDOUT"].map(|text| client.prepare(text).unwrap());
    wire.clear();
    let mut writer = client.copy_in(&copies_in).unwrap();
    writeln!(writer, "1\t{}", "x".repeat(1_000_000)).unwrap();
    writer.finish().unwrap();
    let mut text = String::new();
    client.copy_out(&copies_out).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text.len(), 1_000_003);
    assert_eq!(counts(&wire.page()), [2, 0, 0, 3, 0]);
    assert_in_step(&wire, &mut client);
}

#[test]
fn a_failed_copy_is_a_failed_statement() {
    let Some(wire) = Wire::start() else { return };
    table(&wire);
    let mut client = wire.client();
    let statement = client.prepare("COPY t FROM STDIN").unwrap();
    wire.clear();
    let mut writer = client.copy_in(&statement).unwrap();
    writeln!(writer, "no number\tname").unwrap();
    writer.finish().unwrap_err();
    // The client gives up.
    drop(client.copy_in(&statement).unwrap());
    client.batch_execute("SELECT 1").unwrap();
    let page = wire.page();
    assert_eq!((page.statements, page.failed, page.rows), (3, 2, 1));
    assert_in_step(&wire, &mut client);
}

#[test]
fn copying_with_a_simple_query_takes_two_round_trips() {
    let Some(wire) = Wire::start() else { return };
    table(&wire);
    let mut raw = Raw::connect(&wire);
    wire.clear();
    raw.query("COPY t FROM STDIN").send();
    assert_eq!(raw.until(b'G'), "G");
    raw.copy_data(b"1\tone\n").send().copy_data(b"2\ttwo\n").copy_done();
    assert_eq!(raw.finish(), "CZ");
    assert_eq!(counts(&wire.page()), [1, 0, 0, 2, 0]);
    wire.clear();
    raw.query("SELECT 1; COPY t FROM STDIN; SELECT 2").send();
    assert_eq!(raw.until(b'G'), "TDCG");
    raw.copy_fail();
    assert_eq!(raw.finish(), "EZ");
    raw.query("COPY t TO STDOUT").send();
    assert_eq!(raw.until(b'Z'), "HddcCZ");
    raw.query("SELECT 3").finish();
    assert_eq!(counts(&wire.page()), [4, 0, 1, 4, 2]);
}

#[test]
fn a_sync_while_the_server_copies_has_no_reply() {
    let Some(wire) = Wire::start() else { return };
    table(&wire);
    let mut raw = Raw::connect(&wire);
    wire.clear();
    // One `Sync` before the server asks for data, one while it copies, and one after the data.
    raw.parse("", "COPY t FROM STDIN").bind("", "", &[]).execute("", 0).sync().send();
    assert_eq!(raw.until(b'G'), "12G");
    raw.copy_data(b"1\tone\n").sync().copy_data(b"2\ttwo\n").copy_done().sync();
    assert_eq!(raw.finish(), "CZ");
    for _ in 0..3 {
        raw.query("SELECT 1").finish();
    }
    assert_eq!(counts(&wire.page()), [4, 0, 0, 5, 3]);
}
