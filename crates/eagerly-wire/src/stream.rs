//! Decides where a page begins.
//!
//! An application can say so: it changes `application_name`, or adds a comment to each statement that names the page.
//! Otherwise a pause begins a page, because a user needs longer for the next click than a program for its next statement.
//! A pause inside a transaction does not count.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::page::{Page, Running, Transaction};
use crate::protocol::{Began, Event};
use crate::sql::Command;

/// The most cursors of a connection whose queries are known.
const MOST_CURSORS: usize = 1_000;

/// The pages of one connection, or of all connections of a pool.
#[derive(Default)]
pub(crate) struct Pages {
    pub(crate) current: Page,
    /// The pages that have ended and are not examined yet.
    pub(crate) ended: Vec<Page>,
    /// The page that the last comment has named.
    comment: Option<String>,
    /// How many connections have an open transaction or await a reply.
    busy: u32,
    /// When the last reply came.
    last: Option<Instant>,
    pub(crate) not_understood: u64,
}

/// One connection of the stream.
pub(crate) struct Stream {
    number: u64,
    application: Option<String>,
    /// The next name of the application. The page of the statement that sets it ends with its round trip.
    next_application: Option<String>,
    running: Option<Running>,
    is_in_transaction: bool,
    /// What the page had cost before the transaction, or before the current round trip.
    before: Transaction,
    is_busy: bool,
    ready: Option<Instant>,
    /// The shapes of the cursors' queries.
    cursors: HashMap<String, String>,
}

impl Pages {
    /// Ends the page if its last reply came longer than `gap` ago.
    pub(crate) fn end_after(&mut self, gap: Duration, now: Instant) {
        let is_over = self.last.is_some_and(|last| now.saturating_duration_since(last) > gap);
        if self.busy == 0 && is_over {
            self.end();
        }
    }

    /// Drops what is collected.
    pub(crate) fn reset(&mut self) {
        self.current.take();
        self.ended.clear();
        self.comment = None;
    }

    /// Ends the page, unless it is empty.
    pub(crate) fn end(&mut self) {
        if !self.current.is_empty() {
            let ended = self.current.take();
            self.ended.push(ended);
        }
        self.comment = None;
    }
}

impl Stream {
    pub(crate) fn new(number: u64) -> Self {
        Self {
            number,
            application: None,
            next_application: None,
            running: None,
            is_in_transaction: false,
            before: Transaction::default(),
            is_busy: false,
            ready: None,
            cursors: HashMap::new(),
        }
    }

    /// Adds what happens on the connection. `waiting` returns the number of other connections that have waited for a reply
    /// since a time.
    pub(crate) fn add(
        &mut self,
        pages: &mut Pages,
        event: Event<'_>,
        gap: Duration,
        waiting: &dyn Fn(Instant) -> u64,
    ) {
        match event {
            Event::Application(name) if self.ready.is_none() => self.application(pages, name),
            Event::Application(name) => self.next_application = Some(name.to_owned()),
            Event::RoundTripBegan { at } => {
                pages.end_after(gap, at);
                if self.is_in_transaction {
                    self.idle(&mut pages.current, at, waiting);
                } else {
                    self.before = pages.current.so_far();
                }
                self.busy(pages, true);
            }
            Event::RoundTripEnded { wire, server } => {
                let page = &mut pages.current;
                page.round_trips += 1;
                page.wire += wire;
                page.server += server;
            }
            Event::Began(began) => self.begin(pages, &began),
            Event::Row { columns, hashes, at } => {
                if let Some(running) = &mut self.running {
                    pages.current.row(running, columns, hashes, at);
                }
            }
            Event::Ended(ended) => {
                if let Some(running) = self.running.take() {
                    pages.current.end(running, &ended);
                }
            }
            Event::Ready { is_in_transaction, is_awaited, at } => {
                if self.is_in_transaction && !is_in_transaction {
                    pages.current.add_transaction(&self.before);
                }
                self.is_in_transaction = is_in_transaction;
                self.ready = Some(at);
                pages.last = Some(at);
                self.busy(pages, is_in_transaction || is_awaited);
                if let Some(name) = self.next_application.take() {
                    self.application(pages, &name);
                }
            }
            Event::NotUnderstood => pages.not_understood += 1,
        }
    }

    /// The connection is closed.
    pub(crate) fn close(&mut self, pages: &mut Pages) {
        self.busy(pages, false);
        self.running = None;
    }

    fn busy(&mut self, pages: &mut Pages, is_busy: bool) {
        if std::mem::replace(&mut self.is_busy, is_busy) != is_busy {
            pages.busy = if is_busy { pages.busy + 1 } else { pages.busy.saturating_sub(1) };
        }
    }

    /// The server tells the name at the sign-on, and when it changes.
    fn application(&mut self, pages: &mut Pages, name: &str) {
        let name = (!name.is_empty()).then(|| name.to_owned());
        if self.application == name {
            return;
        }
        if self.ready.is_some() {
            pages.end();
        }
        pages.current.name.clone_from(&name);
        self.application = name;
    }

    fn idle(&self, page: &mut Page, now: Instant, waiting: &dyn Fn(Instant) -> u64) {
        let Some(ready) = self.ready else { return };
        let idle = now.saturating_duration_since(ready);
        page.transactions.idle += idle;
        if idle >= BLOCKING && page.transactions.blocking.is_none_or(|(longest, _)| longest < idle) {
            let others = now.checked_sub(BLOCKING).map_or(0, waiting);
            if others > 0 {
                page.transactions.blocking = Some((idle, others));
            }
        }
    }

    fn begin(&mut self, pages: &mut Pages, began: &Began<'_>) {
        let is_named = began.sql.command == Command::NamePage;
        let is_other = began.sql.page.is_some() && began.sql.page != pages.comment;
        if is_named || (is_other && pages.comment.is_some()) {
            pages.end();
        }
        if is_other {
            pages.comment.clone_from(&began.sql.page);
        }
        let page = &mut pages.current;
        page.connection = self.number;
        if page.name.is_none() {
            page.name = pages.comment.clone().or_else(|| self.application.clone());
        }
        let rows_of = match &began.sql.command {
            Command::Declare(name) => {
                if self.cursors.len() >= MOST_CURSORS {
                    self.cursors.clear();
                }
                self.cursors.insert(name.clone(), began.sql.shape.clone());
                None
            }
            Command::Fetch(name) => self.cursors.get(name).map(String::as_str),
            _ => None,
        };
        self.running = Some(page.begin(began, rows_of));
    }
}

/// The shortest idle time of a transaction that is examined, and the shortest time that another connection has waited in it.
const BLOCKING: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Sql;

    const NEVER: Duration = Duration::from_secs(3600);
    const ZERO: Duration = Duration::ZERO;

    /// The pages of several connections, and the time in them.
    struct Script {
        pages: Pages,
        streams: [Stream; 2],
        now: Instant,
    }

    impl Script {
        fn new() -> Self {
            let now = Instant::now() + NEVER;
            Self { pages: Pages::default(), streams: [Stream::new(1), Stream::new(2)], now }
        }

        fn request(&mut self, stream: usize, others: u64) {
            let event = Event::RoundTripBegan { at: self.now };
            self.streams[stream].add(&mut self.pages, event, NEVER, &|_| others);
        }

        fn reply(&mut self, stream: usize, is_in_transaction: bool, is_awaited: bool) {
            let add = |stream: &mut Stream, pages: &mut Pages, event| stream.add(pages, event, NEVER, &|_| 0);
            let ended = Event::RoundTripEnded { wire: ZERO, server: ZERO };
            add(&mut self.streams[stream], &mut self.pages, ended);
            let ready = Event::Ready { is_in_transaction, is_awaited, at: self.now };
            add(&mut self.streams[stream], &mut self.pages, ready);
        }

        /// Leaves the transaction of the first connection idle while others wait. Returns what blocked them most so far.
        fn idle(&mut self, milliseconds: u64, others: u64) -> Option<(u64, u64)> {
            self.now += Duration::from_millis(milliseconds);
            self.request(0, others);
            self.reply(0, true, false);
            let blocking = self.pages.current.transactions.blocking;
            blocking.map(|(longest, others)| (u64::try_from(longest.as_millis()).unwrap(), others))
        }
    }

    #[test]
    fn the_longest_idle_time_with_others_that_wait_is_kept() {
        let mut script = Script::new();
        script.request(0, 0);
        script.reply(0, true, false);
        assert_eq!(script.idle(99, 3), None);
        assert_eq!(script.idle(100, 0), None);
        assert_eq!(script.idle(100, 1), Some((100, 1)));
        assert_eq!(script.idle(150, 0), Some((100, 1)));
        assert_eq!(script.idle(120, 2), Some((120, 2)));
        assert_eq!(script.idle(110, 5), Some((120, 2)));
        assert_eq!(script.idle(120, 5), Some((120, 2)));
        let all = 99 + 100 + 100 + 150 + 120 + 110 + 120;
        assert_eq!(script.pages.current.transactions.idle, Duration::from_millis(all));
        script.request(0, 0);
        script.reply(0, false, false);
        // The first round trip and the last one belong to the transaction, too.
        let [transaction] = script.pages.current.transactions.all[..] else { panic!("not one transaction") };
        assert_eq!((transaction.round_trips, transaction.idle), (9, Duration::from_millis(all)));
    }

    #[test]
    fn another_connection_of_a_pool_that_signs_on_ends_no_page() {
        let mut script = Script::new();
        script.pages.current.statements = 1;
        let event = Event::Application("shop");
        script.streams[1].add(&mut script.pages, event, NEVER, &|_| 0);
        script.reply(1, false, false);
        assert_eq!((script.pages.ended.len(), script.pages.current.statements), (0, 1));
        let event = Event::Application("other");
        script.streams[1].add(&mut script.pages, event, NEVER, &|_| 0);
        script.reply(1, false, false);
        assert_eq!((script.pages.ended.len(), script.pages.current.statements), (1, 0));
    }

    #[test]
    fn a_connection_knows_the_queries_of_a_thousand_cursors() {
        let mut script = Script::new();
        let run = |script: &mut Script, text: &str| {
            let sql = Sql::of(text);
            let began = Began { sql: &sql, values: &[], identity: 0, sent: script.now, is_first: true };
            script.streams[0].begin(&mut script.pages, &began);
        };
        for cursor in 0..MOST_CURSORS {
            run(&mut script, &format!("DECLARE c{cursor} CURSOR FOR SELECT a FROM t{cursor}"));
        }
        let known = |script: &Script| script.streams[0].cursors.get("c0").cloned();
        assert_eq!(known(&script).as_deref(), Some("SELECT a FROM t0"));
        assert_eq!(script.streams[0].cursors.len(), MOST_CURSORS);
        run(&mut script, "DECLARE one_more CURSOR FOR SELECT a FROM t");
        assert_eq!((known(&script), script.streams[0].cursors.len()), (None, 1));
    }

    #[test]
    fn a_page_ends_after_a_pause_in_which_no_connection_is_busy() {
        let mut script = Script::new();
        let gap = Duration::from_millis(5);
        let ends = |script: &mut Script, pause| {
            script.pages.current.statements = 1;
            script.pages.end_after(gap, script.now + pause);
            !std::mem::take(&mut script.pages.ended).is_empty()
        };
        let longer = gap + Duration::from_nanos(1);
        script.request(0, 0);
        script.request(1, 0);
        assert_eq!(script.pages.busy, 2);
        script.reply(0, false, false);
        // The second reply of a pipeline changes nothing.
        script.reply(0, false, false);
        assert_eq!(script.pages.busy, 1);
        assert!(!ends(&mut script, longer));
        script.reply(1, false, true);
        assert!(!ends(&mut script, longer));
        script.reply(1, true, false);
        assert!(!ends(&mut script, longer));
        script.streams[1].close(&mut script.pages);
        assert_eq!(script.pages.busy, 0);
        assert!(!ends(&mut script, gap));
        assert!(ends(&mut script, longer));
    }
}
