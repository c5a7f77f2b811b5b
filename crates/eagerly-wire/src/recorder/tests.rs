//! What a recorder keeps of several connections, whose bytes and times are written down.

use std::time::Duration;

use bytes::BytesMut;
use postgres_protocol::message::frontend;

use super::*;
use crate::findings::Kind;

const CLIENT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 7);

/// The messages of a server: it is ready, outside of a transaction or in one.
const READY: &[u8] = b"Z\0\0\0\x05I";
const IN_TRANSACTION: &[u8] = b"C\0\0\0\x0aBEGIN\0Z\0\0\0\x05T";

/// A message that no client sends.
const UNKNOWN: &[u8] = b"!\0\0\0\x04";

fn at(time: Instant) -> Passage {
    Passage { arrived: time, left: time }
}

/// Opens a connection and signs on.
fn connect(recorder: &Recorder) -> Box<dyn ObserveBytes> {
    let (connection, now) = (recorder.connected(CLIENT), at(Instant::now()));
    let mut bytes = BytesMut::new();
    frontend::startup_message([("user", "ada")], &mut bytes).unwrap();
    connection.client(&bytes, now);
    connection.server(READY, now);
    connection
}

fn query(text: &str) -> BytesMut {
    let mut bytes = BytesMut::new();
    frontend::query(text, &mut bytes).unwrap();
    bytes
}

fn recorder(is_pool: bool) -> Recorder {
    Recorder::new(Settings { is_pool, ..Settings::default() })
}

#[test]
fn the_messages_that_are_not_understood_are_counted_on_open_and_on_closed_connections() {
    let recorder = recorder(false);
    let [first, second, third] = [(); 3].map(|()| connect(&recorder));
    let now = at(Instant::now());
    for connection in [&first, &first, &second, &third, &third] {
        connection.client(UNKNOWN, now);
    }
    second.closed();
    third.closed();
    assert_eq!(recorder.report().not_understood, 5);
    first.client(UNKNOWN, now);
    first.closed();
    assert_eq!(recorder.report().not_understood, 6);
}

#[test]
fn the_activity_has_the_open_connections_and_the_first_of_a_pool() {
    for (is_pool, expected) in [(false, &[1, 2][..]), (true, &[1])] {
        let recorder = recorder(is_pool);
        let numbers = || recorder.activity().iter().map(|one| one.connection).collect::<Vec<_>>();
        let [first, second] = [connect(&recorder), connect(&recorder)];
        assert_eq!(numbers(), expected);
        first.closed();
        assert_eq!(numbers(), [2]);
        second.closed();
        assert_eq!(numbers(), [0; 0]);
    }
}

#[test]
fn the_page_of_a_closed_connection_is_in_the_report() {
    let recorder = recorder(false);
    let connection = connect(&recorder);
    let now = at(Instant::now());
    connection.client(&query("SELECT a FROM t"), now);
    connection.server(b"C\0\0\0\x0dSELECT 0\0", now);
    connection.server(READY, now);
    connection.closed();
    assert_eq!(recorder.tick().iter().map(|page| page.statements).collect::<Vec<_>>(), [1]);
    assert_eq!(recorder.report().pages.len(), 1);
}

#[test]
fn another_connection_that_has_waited_for_100_ms_is_blocked() {
    for (waited, is_blocked) in [(100, true), (99, false)] {
        let recorder = recorder(false);
        let [idle, other] = [connect(&recorder), connect(&recorder)];
        let start = Instant::now();
        let after = |milliseconds| at(start + Duration::from_millis(milliseconds));
        idle.client(&query("BEGIN"), after(0));
        idle.server(IN_TRANSACTION, after(0));
        other.client(&query("UPDATE t SET a = 1"), after(200 - waited));
        idle.client(&query("UPDATE t SET a = 2"), after(200));
        idle.server(b"C\0\0\0\x0dUPDATE 1\0", after(200));
        let report = recorder.report();
        let kinds = report.pages.iter().flat_map(|page| &page.findings).map(|finding| finding.kind);
        let expected = if is_blocked { vec![Kind::IdleTransaction] } else { Vec::new() };
        assert_eq!(kinds.collect::<Vec<_>>(), expected, "{waited} ms");
    }
}
