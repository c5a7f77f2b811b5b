//! A database of its own for each test, behind a proxy that records and captures.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use eagerly_wire::report::{Page, Report};
use eagerly_wire::server::for_tests;
use eagerly_wire::{Capture, Finding, Proxy, Recorder, Server, Settings};
use postgres::{Client, NoTls};

/// No pause is as long, so a page ends only where a test ends it.
pub const NEVER: Duration = Duration::from_secs(3600);

/// A limit for everything that happens at some time. Without a failure, no test needs it.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A database, and the proxy in front of it.
pub struct Wire {
    pub recorder: Recorder,
    pub database: String,
    server: &'static Server,
    capture: Capture,
    settings: Settings,
    proxy: Proxy,
}

impl Wire {
    /// Returns `None` if PostgreSQL is not installed. The test then returns early.
    pub fn start() -> Option<Self> {
        Self::with(Settings { gap: NEVER, ..Settings::default() }, Duration::ZERO)
    }

    /// Starts a proxy whose recorder has these settings.
    pub fn with(settings: Settings, round_trip: Duration) -> Option<Self> {
        let server = for_tests()?;
        let (recorder, capture) = (Recorder::new(settings), Capture::default());
        let observers = vec![Arc::new(recorder.clone()) as _, Arc::new(capture.clone()) as _];
        let any_port = "127.0.0.1:0".parse().unwrap();
        let proxy = Proxy::observed(any_port, server.address(), round_trip, observers).unwrap();
        let database = database(server);
        Some(Self { recorder, database, server, capture, settings, proxy })
    }

    pub fn address(&self) -> SocketAddr {
        self.proxy.address()
    }

    pub fn measured(&self) -> Duration {
        self.proxy.measured()
    }

    /// Returns the URL of the database through the proxy.
    pub fn url(&self) -> String {
        format!("postgres://postgres@{}/{}", self.proxy.address(), self.database)
    }

    /// Returns the URL of the database without the proxy.
    pub fn direct_url(&self) -> String {
        format!("postgres://postgres@{}/{}", self.server.address(), self.database)
    }

    /// Connects through the proxy.
    pub fn client(&self) -> Client {
        Client::connect(&self.url(), NoTls).unwrap()
    }

    /// Connects without the proxy, for what is no part of the page.
    pub fn direct(&self) -> Client {
        Client::connect(&self.direct_url(), NoTls).unwrap()
    }

    /// Forgets what has passed, and begins a page.
    pub fn clear(&self) {
        self.recorder.clear();
        self.capture.begin_page();
    }

    /// Returns the captured bytes.
    pub fn captured(&self) -> String {
        self.capture.text()
    }

    /// Returns the report, after a comparison with that of the captured bytes.
    pub fn report(&self) -> Report {
        self.settle();
        let before = self.capture.text();
        let live = self.recorder.report();
        self.settle();
        // The report has ended its pages, so a second one would count what comes later on a page of its own. But the end of
        // a connection changes no count.
        let late: Vec<_> = self.captured()[before.len()..].lines().map(str::to_owned).collect();
        assert!(late.iter().all(|line| line.ends_with(" x")), "bytes passed after a long silence: {late:?}");
        let replayed = Capture::replay(&before, self.settings).unwrap();
        assert_eq!(facts(&live), facts(&replayed));
        assert_eq!(live.not_understood, 0);
        live
    }

    /// Waits until no bytes have passed at several looks. The client library closes a dropped statement without awaiting the
    /// reply.
    pub fn settle(&self) {
        // Bytes are on the way for half of a round trip.
        let pause = self.proxy.round_trip().max(Duration::from_millis(10));
        let (mut length, mut quiet) = (0, 0);
        while quiet < 8 {
            std::thread::sleep(pause);
            let before = std::mem::replace(&mut length, self.capture.text().len());
            quiet = if before == length { quiet + 1 } else { 0 };
        }
    }

    /// Waits until a process of the server waits for this in this database: a condition on `pg_stat_activity`.
    pub fn wait_for(&self, condition: &str) {
        let start = Instant::now();
        let sql =
            format!("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND {condition}");
        let mut direct = self.direct();
        while direct.query(&sql, &[]).unwrap().is_empty() {
            assert!(start.elapsed() < PATIENCE, "nothing waits: {condition}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Returns the only page.
    pub fn page(&self) -> Page {
        let mut report = self.report();
        assert_eq!(report.pages.len(), 1, "{report}");
        report.pages.remove(0)
    }

    /// Starts to count the server's calls in this database.
    pub fn reset_calls(&self) {
        let sql = "SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = $1), 0)";
        admin(self.server).execute(sql, &[&self.database]).unwrap();
    }

    /// Returns how many statements the server has executed in this database.
    pub fn calls(&self) -> u64 {
        let sql = "SELECT coalesce(sum(calls), 0)::int8 FROM pg_stat_statements s
            JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = $1";
        let row = admin(self.server).query_one(sql, &[&self.database]).unwrap();
        u64::try_from(row.get::<_, i64>(0)).unwrap()
    }
}

/// Returns the counts of a page: statements, control statements, failed ones, round trips, rows.
pub fn counts(page: &Page) -> [u64; 5] {
    [page.statements, page.control, page.failed, page.round_trips, page.rows]
}

/// What a page and its replay have in common. Their times differ by a microsecond.
type Facts = (u64, [u64; 5], usize, Option<String>, Vec<Finding>, Vec<(String, u64)>);

fn facts(report: &Report) -> Vec<Facts> {
    let facts = |page: &Page| {
        let findings = page.findings.iter().map(|one| Finding { note: String::new(), ..one.clone() });
        let mut shapes: Vec<_> =
            page.shapes.iter().map(|shape| (shape.text.clone(), shape.statements)).collect();
        shapes.sort();
        let name = page.name.clone();
        (page.connection, counts(page), page.transactions.len(), name, findings.collect(), shapes)
    };
    report.pages.iter().map(facts).collect()
}

/// Creates a database. Each test has one, so that tests can run at the same time.
fn database(server: &Server) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let name = format!("wire_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    admin(server).batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).unwrap();
    name
}

/// Connects to the database that has the view `pg_stat_statements`.
fn admin(server: &Server) -> Client {
    static HAS_VIEW: Mutex<bool> = Mutex::new(false);
    let mut client = Client::connect(&server.url(), NoTls).unwrap();
    let mut has_view = HAS_VIEW.lock().unwrap_or_else(PoisonError::into_inner);
    if !std::mem::replace(&mut *has_view, true) {
        client.batch_execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements").unwrap();
    }
    client
}
