//! The memory of a recorder has a limit, whatever passes.
//!
//! The allocator counts for the whole program, so all cases are in one test.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use eagerly_wire::proxy::{ObserveBytes, Observer as _, Passage};
use eagerly_wire::{Recorder, Settings};
use peak_alloc::PeakAlloc;
use postgres_protocol::IsNull;
use postgres_protocol::message::frontend;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MEGABYTE: usize = 1 << 20;

/// A debug build is about ten times as slow, so it passes a tenth.
const PART: usize = if cfg!(debug_assertions) { 10 } else { 1 };

/// A connection on which the client has signed on.
struct Connection {
    recorder: Recorder,
    observe: Box<dyn ObserveBytes>,
}

impl Connection {
    fn new() -> Self {
        let settings = Settings { gap: Duration::from_secs(3600), ..Settings::default() };
        let recorder = Recorder::new(settings);
        let observe = recorder.connected(SocketAddr::from(([127, 0, 0, 1], 1)));
        let connection = Self { recorder, observe };
        connection.client(|bytes| frontend::startup_message([("user", "ada")], bytes).unwrap());
        connection.server(&message(b'Z', b"I"));
        connection
    }

    fn client(&self, write: impl FnOnce(&mut BytesMut)) {
        let mut bytes = BytesMut::new();
        write(&mut bytes);
        self.observe.client(&bytes, now());
    }

    fn server(&self, bytes: &[u8]) {
        self.observe.server(bytes, now());
    }
}

fn now() -> Passage {
    let now = Instant::now();
    Passage { arrived: now, left: now }
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], &u32::try_from(body.len() + 4).unwrap().to_be_bytes()[..], body].concat()
}

/// Returns a row with one value.
fn row(value: &[u8]) -> Vec<u8> {
    message(b'D', &[&[0, 1], &u32::try_from(value.len()).unwrap().to_be_bytes()[..], value].concat())
}

/// Returns the description of rows with one column of the type `text`.
fn column(name: &str) -> Vec<u8> {
    let fields = [0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 255, 255, 255, 255, 255, 255, 0, 0];
    message(b'T', &[&[0, 1], name.as_bytes(), &[0], &fields].concat())
}

fn bind(portal: &str, name: &str, value: &[u8], bytes: &mut BytesMut) {
    let write = |value: &[u8], bytes: &mut BytesMut| {
        bytes.extend_from_slice(value);
        Ok(IsNull::No)
    };
    assert!(frontend::bind(portal, name, [], [value], write, [], bytes).is_ok());
}

/// Runs a case, and checks how much memory it takes at its peak, with its report.
fn assert_at_most(megabytes: usize, what: &str, run: impl FnOnce(&Connection)) {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let connection = Connection::new();
    run(&connection);
    let report = connection.recorder.report();
    let taken = ALLOCATOR.peak_usage().saturating_sub(before);
    println!("{what}: {:.1} MB", taken as f64 / MEGABYTE as f64);
    assert!(taken <= megabytes * MEGABYTE, "{what}: {} MB", taken / MEGABYTE);
    assert!(report.to_string().len() < MEGABYTE);
}

#[test]
fn the_memory_has_a_limit() {
    assert_at_most(300, "2 GB of rows", |connection| {
        connection.client(|bytes| frontend::query("SELECT name FROM t", bytes).unwrap());
        connection.server(&column("name"));
        let rows = row(&[b'x'; 1000]).repeat(1000);
        (0..2000 / PART).for_each(|_| connection.server(&rows));
        connection.server(&[message(b'C', b"SELECT 2000000\0"), message(b'Z', b"I")].concat());
        let activity = connection.recorder.activity();
        assert_eq!((activity[0].statements, activity[0].rows), (1, 2_000_000 / PART as u64));
    });
    assert_at_most(10, "a row of 1 GB", |connection| {
        connection.client(|bytes| frontend::query("SELECT name FROM t", bytes).unwrap());
        connection.server(&column("name"));
        let length = 1_u32 << 30;
        connection
            .server(&[&b"D"[..], &length.to_be_bytes(), &[0, 1], &(length - 10).to_be_bytes()].concat());
        let part = vec![b'x'; MEGABYTE];
        (0..1023).for_each(|_| connection.server(&part));
        connection.server(&part[..MEGABYTE - 10]);
        connection.server(&[message(b'C', b"SELECT 1\0"), message(b'Z', b"I")].concat());
        assert_eq!(connection.recorder.activity()[0].rows, 1);
    });
    assert_at_most(10, "a text of 100 MB", |connection| {
        let text = "SELECT 'a', ".repeat(100 * MEGABYTE / 12);
        let length = u32::try_from(text.len() + 5).unwrap();
        connection.observe.client(&[&b"Q"[..], &length.to_be_bytes()].concat(), now());
        text.as_bytes().chunks(64 * 1024).for_each(|part| connection.observe.client(part, now()));
        connection.observe.client(&[0], now());
        drop(text);
        ALLOCATOR.reset_peak_usage();
        connection.server(&[message(b'C', b"SELECT 1\0"), message(b'Z', b"I")].concat());
    });
    assert_at_most(300, "1,000,000 statements in one page", |connection| {
        for number in 0..1_000_000 / PART {
            let sql = format!("SELECT name FROM t WHERE id = {number}");
            connection.client(|bytes| frontend::query(&sql, bytes).unwrap());
            let end = [message(b'C', b"SELECT 1\0"), message(b'Z', b"I")].concat();
            connection.server(&[column("name"), row(b"ada"), end].concat());
        }
        assert_eq!(connection.recorder.activity()[0].statements, 1_000_000 / PART as u64);
    });
    assert_at_most(200, "requests without a reply", |connection| {
        for number in 0..3_000_000 / PART {
            let name = number.to_string();
            connection.client(|bytes| bind("", &name, &[b'x'; 50], bytes));
        }
    });
    assert_at_most(200, "texts without a reply", |connection| {
        let text = "SELECT a FROM b WHERE c = 1;".repeat(2000);
        for _ in 0..3000 / PART {
            connection.client(|bytes| frontend::query(&text, bytes).unwrap());
        }
    });
    assert_at_most(200, "prepared texts and portals with long names", |connection| {
        let long = "x".repeat(100_000);
        for number in 0..20_000 / PART {
            let name = format!("{number}{long}");
            connection.client(|bytes| {
                frontend::parse(&name, "SELECT a FROM b WHERE c = $1", [], bytes).unwrap();
                bind(&name, &name, b"value", bytes);
                frontend::execute(&name, 0, bytes).unwrap();
                frontend::sync(bytes);
            });
            connection
                .server(&[message(b'1', b""), message(b'2', b""), message(b'C', b"SELECT 0\0")].concat());
            connection.server(&message(b'Z', b"I"));
        }
    });
    assert_at_most(200, "pages of many shapes, with long names", |connection| {
        let long = "x".repeat(5_000);
        for number in 0..30_000 / PART {
            let sql = format!("SELECT a{number} AS {long} /*controller='{number}{long}'*/");
            connection.client(|bytes| frontend::query(&sql, bytes).unwrap());
            let end = [message(b'C', b"SELECT 1\0"), message(b'Z', b"I")].concat();
            connection.server(&[column(&long), row(b"ada"), end].concat());
        }
    });
    assert_at_most(100, "connections", |connection| {
        for _ in 0..50_000 / PART {
            let other = connection.recorder.connected(SocketAddr::from(([127, 0, 0, 1], 1)));
            let mut bytes = BytesMut::new();
            frontend::startup_message([("user", "ada")], &mut bytes).unwrap();
            frontend::query("SELECT 1", &mut bytes).unwrap();
            other.client(&bytes, now());
            let end = [message(b'Z', b"I"), message(b'C', b"SELECT 1\0"), message(b'Z', b"I")].concat();
            other.server(&end, now());
            other.closed();
        }
    });
}
