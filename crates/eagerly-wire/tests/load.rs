//! 64 connections at once lose no byte on their way through a proxy with a recorder.
//!
//! A client library hides the bytes that it does not expect. So this test speaks the protocol itself, and compares whole
//! replies with those that the server sends without the proxy. It runs for 3 seconds. `EAGERLY_SECONDS` sets another number,
//! and `--nocapture` shows how much has passed.

use std::fmt;
use std::hash::{DefaultHasher, Hasher as _};
use std::io::{BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use eagerly_wire::server::for_tests;
use eagerly_wire::{Proxy, Recorder, Settings};
use postgres_protocol::IsNull;
use postgres_protocol::message::frontend;

const CONNECTIONS: usize = 64;

/// A limit for each reply. On a busy machine a single reply can take five seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// Returns the duration of both runs together: three seconds, or the value of `EAGERLY_SECONDS`.
fn time() -> Duration {
    let seconds = std::env::var("EAGERLY_SECONDS").ok();
    Duration::from_secs(seconds.and_then(|seconds| seconds.parse().ok()).unwrap_or(3))
}

/// A message to the server, and the reply that belongs to it.
struct Exchange {
    request: Vec<u8>,
    reply: Reply,
}

/// The length and the checksum of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reply {
    length: u64,
    checksum: u64,
}

/// What has passed on a connection.
#[derive(Default)]
struct Passed {
    statements: u64,
    sent: u64,
    received: u64,
}

impl fmt::Display for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} statements, {} bytes sent, {} received", self.statements, self.sent, self.received)
    }
}

/// Returns the messages of a connection. Their replies are different on each connection, so a mix-up of connections is visible.
fn requests(connection: usize) -> Vec<Vec<u8>> {
    let query = |sql: &str| {
        let mut bytes = BytesMut::new();
        frontend::query(sql, &mut bytes).unwrap();
        bytes.to_vec()
    };
    let rows = format!("SELECT i, md5((i * {})::text) FROM generate_series(1, 300) i", connection + 1);
    // The reply depends on each byte of the request.
    let long = format!("{connection}, and ").repeat(20_000);
    let mut requests = vec![
        query(&rows),
        query(&format!("COPY ({rows}) TO STDOUT")),
        query(&format!("SELECT md5('{long}')")),
        query(&format!("SELECT repeat(md5('{connection}'), 10000)")),
        query(&format!("SELECT {connection} / 0")),
    ];
    // Most statements are small.
    for number in 0..40 {
        requests.push(query(&format!("SELECT md5('{connection} {number}')")));
        requests.push(with_parameter(&format!("{connection} {number}")));
    }
    requests
}

/// Returns the messages that prepare a statement and execute it with a parameter, all sent together.
fn with_parameter(value: &str) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    frontend::parse("", "SELECT md5($1::text)", [], &mut bytes).unwrap();
    let write = |value: &str, bytes: &mut BytesMut| {
        bytes.extend_from_slice(value.as_bytes());
        Ok(IsNull::No)
    };
    assert!(frontend::bind("", "", [], [value], write, [], &mut bytes).is_ok());
    frontend::execute("", 0, &mut bytes).unwrap();
    frontend::sync(&mut bytes);
    bytes.to_vec()
}

/// A connection that is logged in.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut connection = Self(BufReader::with_capacity(64 * 1024, stream));
        let mut bytes = BytesMut::new();
        let parameters = [("user", "postgres"), ("database", "postgres")];
        frontend::startup_message(parameters, &mut bytes).unwrap();
        connection.exchange(&bytes);
        connection
    }

    /// Sends a message, and reads the reply until the server is ready for the next one.
    fn exchange(&mut self, request: &[u8]) -> Reply {
        self.0.get_mut().write_all(request).unwrap();
        let mut hasher = DefaultHasher::new();
        let (mut length, mut body) = (0, Vec::new());
        loop {
            let mut header = [0; 5];
            self.0.read_exact(&mut header).unwrap();
            let size = u32::from_be_bytes(header[1..].try_into().unwrap());
            body.resize(size as usize - 4, 0);
            self.0.read_exact(&mut body).unwrap();
            hasher.write(&header);
            hasher.write(&body);
            length += u64::from(size) + 1;
            if header[0] == b'Z' {
                assert_eq!(self.0.buffer(), b"", "bytes after the end of the reply");
                return Reply { length, checksum: hasher.finish() };
            }
        }
    }

    /// Ends the session, and checks that the connection closes without another byte.
    fn close(mut self) {
        let mut bytes = BytesMut::new();
        frontend::terminate(&mut bytes);
        self.0.get_mut().write_all(&bytes).unwrap();
        assert_eq!(self.0.read(&mut [0]).unwrap(), 0);
    }

    /// Repeats the exchanges for some time, and at least once. Each reply must be the right one.
    fn repeat(mut self, exchanges: &[Exchange], time: Duration) -> Passed {
        let (start, mut passed) = (Instant::now(), Passed::default());
        while passed.statements == 0 || start.elapsed() < time {
            for (number, Exchange { request, reply }) in exchanges.iter().enumerate() {
                assert_eq!(self.exchange(request), *reply, "request {number}");
                passed.statements += 1;
                passed.sent += request.len() as u64;
                passed.received += reply.length;
            }
        }
        self.close();
        passed
    }
}

#[test]
fn sixty_four_connections_at_once_lose_no_byte() {
    let Some(server) = for_tests() else { return };
    let exchanges: Vec<Vec<_>> = (0..CONNECTIONS)
        .map(|number| {
            let mut direct = Connection::open(server.address());
            let exchange = |request: Vec<u8>| Exchange { reply: direct.exchange(&request), request };
            let exchanges = requests(number).into_iter().map(exchange).collect();
            direct.close();
            exchanges
        })
        .collect();
    for round_trip in [Duration::ZERO, Duration::from_millis(1)] {
        // No pause is as long, so the number of pages stays below the limit of a report.
        let recorder = Recorder::new(Settings { gap: Duration::from_secs(3600), ..Settings::default() });
        let observers = vec![Arc::new(recorder.clone()) as _];
        let any_port = "127.0.0.1:0".parse().unwrap();
        let proxy = Proxy::observed(any_port, server.address(), round_trip, observers).unwrap();
        let passed: Vec<Passed> = thread::scope(|scope| {
            let run = |exchanges| Connection::open(proxy.address()).repeat(exchanges, time() / 2);
            let threads: Vec<_> = exchanges.iter().map(|all| scope.spawn(move || run(all))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let total = Passed {
            statements: passed.iter().map(|one| one.statements).sum(),
            sent: passed.iter().map(|one| one.sent).sum(),
            received: passed.iter().map(|one| one.received).sum(),
        };
        let least = passed.iter().min_by_key(|one| one.statements).unwrap();
        let most = passed.iter().max_by_key(|one| one.statements).unwrap();
        println!("round trip {round_trip:?}, all: {total}\n  least: {least}\n  most: {most}");
        let report = recorder.report();
        assert_eq!((report.not_understood, report.pages_left_out), (0, 0));
        assert_eq!(report.statements(), total.statements);
    }
}
