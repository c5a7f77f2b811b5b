//! Records the pages of all connections of a proxy.
//!
//! Each connection has a conversation, which reads the bytes, and a stream, which knows the state of the connection. The
//! pages are apart, because the connections of a pool can have them in common.
//!
//! A page is examined after it has ended, when the report is asked for. So the time of an examination is not part of a page.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::page::Page;
use crate::protocol::{Conversation, Event};
use crate::proxy::{ObserveBytes, Observer, Passage};
use crate::report::{self, Activity, Report};
use crate::settings::Settings;
use crate::stream::{Pages, Stream};

/// How many pages can wait to be examined. Then the connection that ends the next one examines it.
const MOST_WAITING: usize = 16;

/// Reads the protocol of PostgreSQL as it passes through a [`Proxy`](crate::Proxy), and records pages.
///
/// It counts statements and round trips for any client in any language, and finds N+1 by the flow of data. It keeps no
/// values of the application, only hashes of them. Clones share their pages.
///
/// ```no_run
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use eagerly_wire::{Proxy, Recorder, Server, Settings};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::start()?;
/// let recorder = Recorder::new(Settings::default());
/// let free_port = "127.0.0.1:0".parse()?;
/// let observers = vec![Arc::new(recorder.clone()) as _];
/// let proxy = Proxy::observed(free_port, server.address(), Duration::from_millis(1), observers)?;
/// println!("connect to postgres://postgres@{}/postgres", proxy.address());
/// // …
/// print!("{}", recorder.report());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Recorder(Arc<Shared>);

struct Shared {
    settings: Settings,
    state: Mutex<State>,
    report: Mutex<Report>,
}

#[derive(Default)]
struct State {
    next: u64,
    open: BTreeMap<u64, Arc<Connection>>,
    /// The pages of the pool, if all connections belong to one.
    pool: Arc<Mutex<Pages>>,
    /// The pages that have ended on connections that are closed.
    ended: Vec<Page>,
    not_understood: u64,
}

/// One connection.
struct Connection {
    number: u64,
    client: SocketAddr,
    shared: Arc<Shared>,
    both: Mutex<(Conversation, Stream)>,
    pages: Arc<Mutex<Pages>>,
    /// Since when the client waits for a reply.
    waits: Mutex<Option<Instant>>,
}

impl Recorder {
    /// Returns a recorder without pages.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let shared = Shared { settings, state: Mutex::default(), report: Mutex::new(Report::new(settings)) };
        Self(Arc::new(shared))
    }

    /// Returns the report of all pages so far. It ends the current page of each connection.
    ///
    /// Call it when the client has its last reply. A page in the middle of a statement would be cut in two.
    #[must_use]
    pub fn report(&self) -> Report {
        self.examine(Pages::end);
        lock(&self.0.report).clone()
    }

    /// Removes all pages so far, and starts a new one on each connection.
    pub fn clear(&self) {
        self.examine(Pages::reset);
        *lock(&self.0.report) = Report::new(self.0.settings);
    }

    /// Ends and examines the pages whose last reply came longer than the gap ago. Returns the pages that have ended since
    /// the last call, in their order.
    #[must_use]
    pub fn tick(&self) -> Vec<report::Page> {
        let (gap, now) = (self.0.settings.gap, Instant::now());
        self.examine(|pages| pages.end_after(gap, now));
        lock(&self.0.report).take_new()
    }

    /// Returns what each open connection does. If connections form a pool, only the first is in the list, with what all do.
    #[must_use]
    pub fn activity(&self) -> Vec<Activity> {
        let open: Vec<_> = lock(&self.0.state).open.values().cloned().collect();
        let activity = |connection: &Arc<Connection>| {
            let pages = lock(&connection.pages);
            Activity {
                connection: connection.number,
                client: connection.client,
                statements: pages.current.statements,
                round_trips: pages.current.round_trips,
                rows: pages.current.rows,
                waiting: pages.current.wire + pages.current.server,
            }
        };
        // The connections of a pool have one page in common.
        let count = if self.0.settings.is_pool { 1 } else { open.len() };
        open.iter().take(count).map(activity).collect()
    }

    /// Ends pages as `end` decides, and examines all that have ended.
    fn examine(&self, end: impl Fn(&mut Pages)) {
        let (open, pool, mut ended, mut not_understood) = {
            let mut state = lock(&self.0.state);
            let open: Vec<_> = state.open.values().map(|connection| Arc::clone(&connection.pages)).collect();
            let not_understood = std::mem::take(&mut state.not_understood);
            (open, Arc::clone(&state.pool), std::mem::take(&mut state.ended), not_understood)
        };
        for pages in open.iter().chain([&pool]) {
            let mut pages = lock(pages);
            end(&mut pages);
            ended.append(&mut pages.ended);
            not_understood += std::mem::take(&mut pages.not_understood);
        }
        let mut report = lock(&self.0.report);
        report.not_understood += not_understood;
        report.add_all(ended);
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Observer for Recorder {
    fn connected(&self, client: SocketAddr) -> Box<dyn ObserveBytes> {
        let mut state = lock(&self.0.state);
        state.next += 1;
        let number = state.next;
        let pages = if self.0.settings.is_pool { Arc::clone(&state.pool) } else { Arc::default() };
        let connection = Arc::new(Connection {
            number,
            client,
            shared: Arc::clone(&self.0),
            both: Mutex::new((Conversation::new(), Stream::new(number))),
            pages,
            waits: Mutex::new(None),
        });
        state.open.insert(number, Arc::clone(&connection));
        Box::new(connection)
    }
}

impl ObserveBytes for Arc<Connection> {
    fn client(&self, bytes: &[u8], passage: Passage) {
        self.observe(|conversation, emit| conversation.client(bytes, passage, emit));
    }

    fn server(&self, bytes: &[u8], passage: Passage) {
        self.observe(|conversation, emit| conversation.server(bytes, passage, emit));
    }

    fn closed(&self) {
        let mut both = lock(&self.both);
        let mut pages = lock(&self.pages);
        both.1.close(&mut pages);
        if !self.shared.settings.is_pool {
            pages.end();
        }
        let ended = std::mem::take(&mut pages.ended);
        let not_understood = std::mem::take(&mut pages.not_understood);
        drop(pages);
        let mut state = lock(&self.shared.state);
        state.open.remove(&self.number);
        state.ended.extend(ended);
        state.not_understood += not_understood;
        if state.ended.len() >= MOST_WAITING {
            let ended = std::mem::take(&mut state.ended);
            drop(state);
            lock(&self.shared.report).add_all(ended);
        }
    }
}

impl Connection {
    fn observe(&self, read: impl FnOnce(&mut Conversation, &mut dyn FnMut(Event<'_>))) {
        let mut both = lock(&self.both);
        let (conversation, stream) = &mut *both;
        let mut pages = lock(&self.pages);
        let gap = self.shared.settings.gap;
        let waiting = |since| self.shared.waiting_since(since, self.number);
        read(conversation, &mut |event| {
            match &event {
                Event::RoundTripBegan { at } => *lock(&self.waits) = Some(*at),
                Event::RoundTripEnded { .. } => *lock(&self.waits) = None,
                _ => {}
            }
            stream.add(&mut pages, event, gap, &waiting);
        });
        if pages.ended.len() >= MOST_WAITING {
            let ended = std::mem::take(&mut pages.ended);
            drop(pages);
            lock(&self.shared.report).add_all(ended);
        }
    }
}

impl Shared {
    /// Returns how many connections other than `own` have waited for a reply since a time.
    fn waiting_since(&self, since: Instant, own: u64) -> u64 {
        let state = lock(&self.state);
        let waits = |connection: &&Arc<Connection>| {
            connection.number != own && lock(&connection.waits).is_some_and(|began| began <= since)
        };
        state.open.values().filter(waits).count() as u64
    }
}

/// Locks a value. A thread that panicked in the middle leaves a page with too little in it, and no other harm.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
