//! What the terminal shows while the proxy runs.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use eagerly_wire::Recorder;
use eagerly_wire::proxy::{ObserveBytes, Observer, Passage};
use eagerly_wire::report::PageLine;
use owo_colors::OwoColorize as _;

/// The shortest time between two messages that the server is out of reach. A pool of connections tries it again and again.
const QUIET: Duration = Duration::from_secs(1);

/// Shows a line for each busy connection, and one for each page that has ended.
#[derive(Debug, Clone)]
pub struct Live {
    recorder: Recorder,
    /// The number of round trips of each connection, when they were last shown.
    shown: Arc<Mutex<BTreeMap<u64, u64>>>,
    messages: Arc<Messages>,
}

/// Which messages about clients were shown.
#[derive(Debug, Default)]
struct Messages {
    has_refused: AtomicBool,
    unreachable: Mutex<Option<Instant>>,
}

impl Live {
    pub fn new(recorder: Recorder) -> Self {
        Self { recorder, shown: Arc::default(), messages: Arc::default() }
    }

    /// Shows what has changed. Call it each second.
    pub fn show(&self) {
        let mut shown = lock(&self.shown);
        let before = std::mem::take(&mut *shown);
        for one in self.recorder.activity() {
            let is_same = before.get(&one.connection) == Some(&one.round_trips);
            if !is_same && one.round_trips > 0 {
                say(one);
            }
            shown.insert(one.connection, one.round_trips);
        }
        for page in self.recorder.tick() {
            say(coloured(&PageLine(&page).to_string()));
        }
    }
}

impl Observer for Live {
    fn connected(&self, _: SocketAddr) -> Box<dyn ObserveBytes> {
        Box::new(Client(Arc::clone(&self.messages)))
    }
}

/// A client, whose bytes the recorder reads.
struct Client(Arc<Messages>);

impl ObserveBytes for Client {
    fn client(&self, _: &[u8], _: Passage) {}

    fn server(&self, _: &[u8], _: Passage) {}

    fn refused_encryption(&self) {
        if !self.0.has_refused.swap(true, Ordering::Relaxed) {
            say("a client asked for encryption and was told that there is none");
            help("if it insists, connect with sslmode=disable");
        }
    }

    fn unreachable(&self, reason: &str) {
        let mut last = lock(&self.0.unreachable);
        if last.is_none_or(|last| last.elapsed() > QUIET) {
            say(reason);
            help("start the server again; wire goes on");
            *last = Some(Instant::now());
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Prints a line to standard error, because standard output has only the report.
pub fn say(line: impl Display) {
    // If the reader has closed it, the proxy goes on.
    let _ = writeln!(anstream::stderr(), "wire: {line}");
}

fn help(line: &str) {
    let _ = writeln!(anstream::stderr(), "  help: {line}");
}

/// Colours a line of the report by its first words.
pub fn coloured(line: &str) -> String {
    let text = line.trim_start();
    match text {
        _ if text.starts_with("N+1") || text.starts_with("Loop of writes") => line.red().bold().to_string(),
        _ if text.starts_with("Hint") || text.starts_with("Repeated") => line.yellow().to_string(),
        _ if line.starts_with("Page ") => line.bold().to_string(),
        _ if text.contains(", N+1: ") || text.contains(", a loop of writes: ") => line.red().to_string(),
        _ => line.to_owned(),
    }
}
