//! What the terminal shows while the proxy runs.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use eagerly_wire::Recorder;
use eagerly_wire::proxy::{ObserveBytes, Observer, Passage};
use eagerly_wire::report::PageLine;
use owo_colors::OwoColorize as _;

/// Shows a line for each busy connection, and one for each page that has ended.
#[derive(Debug, Clone)]
pub struct Live {
    recorder: Recorder,
    /// The number of round trips of each connection, when they were last shown.
    shown: Arc<Mutex<BTreeMap<u64, u64>>>,
}

impl Live {
    pub fn new(recorder: Recorder) -> Self {
        Self { recorder, shown: Arc::default() }
    }

    /// Shows what has changed. Call it each second.
    pub fn show(&self) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::take(&mut *shown);
        for one in self.recorder.activity() {
            let is_same = before.get(&one.connection) == Some(&one.round_trips);
            if !is_same && one.round_trips > 0 {
                anstream::eprintln!("wire: {one}");
            }
            shown.insert(one.connection, one.round_trips);
        }
        for page in self.recorder.tick() {
            anstream::eprintln!("wire: {}", coloured(&PageLine(&page).to_string()));
        }
    }
}

impl Observer for Live {
    fn connected(&self, client: SocketAddr) -> Box<dyn ObserveBytes> {
        Box::new(Client(client))
    }
}

/// A client, to name it in a message.
struct Client(SocketAddr);

impl ObserveBytes for Client {
    fn client(&self, _: &[u8], _: Passage) {}

    fn server(&self, _: &[u8], _: Passage) {}

    fn refused_encryption(&self) {
        anstream::eprintln!(
            "wire: {} asked for encryption, and got the answer no; if it insists, use sslmode=disable",
            self.0
        );
    }

    fn unreachable(&self, message: &str) {
        anstream::eprintln!("wire: {}: {message}", self.0);
    }
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
