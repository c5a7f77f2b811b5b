//! The report: for each page, its counts, its times and its findings.
//!
//! `text` formats it for a terminal, `json` for a program, and `html` as a waterfall.

mod advice;
mod html;
mod json;
mod short;
mod text;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::findings::{self, Finding};
use crate::page;
use crate::settings::Settings;

pub use crate::page::Transaction;
pub use text::PageLine;

/// The most pages that a report contains. Of earlier ones only the totals are left.
const MOST_PAGES: usize = 1_000;

/// The most shapes of a page in a report, those with the most statements first.
const MOST_SHAPES: usize = 50;

/// All pages that a [`Recorder`](crate::Recorder) has recorded.
///
/// `Display` formats it for a terminal of 80 columns.
#[derive(Debug, Clone)]
pub struct Report {
    /// The last pages, in the order of their beginning.
    pub pages: Vec<Page>,
    /// The number of earlier pages, which are left out.
    pub pages_left_out: u64,
    /// The number of messages that had no known meaning. They passed like all others.
    pub not_understood: u64,
    settings: Settings,
    /// The number of pages at the last call of `take_new`.
    shown: u64,
    /// The page that waited longest, as a waterfall.
    longest: Option<(Duration, Arc<waterfall::Waterfall>)>,
}

/// One page.
#[derive(Debug, Clone)]
pub struct Page {
    /// The number of the page, which begins at 1.
    pub number: u64,
    /// The number of the connection, which begins at 1. If connections form a pool, the last one that the page has used.
    pub connection: u64,
    /// How the application calls the page: a comment in its statements, or `application_name`.
    pub name: Option<String>,
    /// The number of statements that read or write data.
    pub statements: u64,
    /// The number of statements that begin or end a transaction, set something, or read on from a cursor.
    pub control: u64,
    /// How many of the statements have failed.
    pub failed: u64,
    /// How often the client sent something and waited for the reply.
    pub round_trips: u64,
    /// The number of rows that were returned.
    pub rows: u64,
    /// How long the proxy has delayed requests and replies.
    pub wire: Duration,
    /// How long the server took to reply.
    pub server: Duration,
    /// From the first request to the last reply.
    pub elapsed: Duration,
    /// The transactions of more than one round trip, in their order, at most 1,000. If connections form a pool, a
    /// transaction includes what the others did at the same time.
    pub transactions: Vec<Transaction>,
    /// How long transactions were open while the client sent nothing.
    pub idle_in_transaction: Duration,
    /// The 50 shapes with the most statements, and then others with a slow statement, at most 100 in all.
    pub shapes: Vec<Shape>,
    /// What costs the page round trips without need.
    pub findings: Vec<Finding>,
    /// How many values were too many to be compared. If it is not 0, findings can be missing.
    pub values_left_out: u64,
}

/// What a connection has done in its current page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activity {
    /// The number of the connection, in the order in which they were opened. It begins at 1.
    pub connection: u64,
    /// The address of the client.
    pub client: SocketAddr,
    /// The statements so far that read or write data.
    pub statements: u64,
    /// The round trips so far.
    pub round_trips: u64,
    /// The rows so far.
    pub rows: u64,
    /// How long the client has waited for replies so far: on the wire and for the server.
    pub waiting: Duration,
}

/// The statements of a page with one text.
#[derive(Debug, Clone)]
pub struct Shape {
    /// The text without values.
    pub text: String,
    /// Whether such statements begin or end a transaction, set something, or read on from a cursor.
    pub is_control: bool,
    /// How many statements have this shape.
    pub statements: u64,
    /// How many rows they returned.
    pub rows: u64,
    /// How long the server took for all of them.
    pub server: Duration,
    /// How long the server took for the slowest of them.
    pub slowest: Duration,
}

impl Report {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { pages: Vec::new(), pages_left_out: 0, not_understood: 0, settings, shown: 0, longest: None }
    }

    /// Returns the number of statements of all pages that read or write data.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.pages.iter().map(|page| page.statements).sum()
    }

    /// Returns the number of other statements of all pages, such as `BEGIN`.
    #[must_use]
    pub fn control(&self) -> u64 {
        self.pages.iter().map(|page| page.control).sum()
    }

    /// Returns the number of round trips of all pages.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        self.pages.iter().map(|page| page.round_trips).sum()
    }

    /// Examines pages, and adds them in the order of their beginning.
    pub(crate) fn add_all(&mut self, mut pages: Vec<page::Page>) {
        pages.sort_by_key(|page| page.started);
        pages.into_iter().for_each(|page| self.add(page));
    }

    fn add(&mut self, page: page::Page) {
        let found = findings::of(&page);
        let waited = page.wire + page.server;
        if self.longest.as_ref().is_none_or(|(longest, _)| *longest < waited) {
            self.longest = Some((waited, html::waterfall(&page, &found)));
        }
        let number = self.pages_left_out + self.pages.len() as u64 + 1;
        self.pages.push(Page::of(
            page,
            number,
            self.settings.slow,
            found.into_iter().map(|one| one.finding).collect(),
        ));
        if self.pages.len() > MOST_PAGES {
            self.pages.remove(0);
            self.pages_left_out += 1;
        }
    }

    /// Returns the pages that were added since the last call.
    pub(crate) fn take_new(&mut self) -> Vec<Page> {
        let shown = std::mem::replace(&mut self.shown, self.pages_left_out + self.pages.len() as u64);
        self.pages.iter().filter(|page| page.number > shown).cloned().collect()
    }
}

impl Page {
    fn of(page: page::Page, number: u64, slow: Duration, findings: Vec<Finding>) -> Self {
        let shape = |shape: page::Shape| Shape {
            is_control: !shape.command.is_counted(),
            text: shape.text,
            statements: shape.statements,
            rows: shape.rows,
            server: shape.server,
            slowest: shape.slowest,
        };
        let mut shapes: Vec<_> = page.shapes.into_iter().map(shape).collect();
        shapes.sort_by_key(|shape| std::cmp::Reverse((shape.statements, shape.server)));
        // A slow statement is shown even if it is sent once.
        let mut place = 0;
        shapes.retain(|shape| {
            place += 1;
            place <= MOST_SHAPES || shape.slowest > slow
        });
        shapes.truncate(2 * MOST_SHAPES);
        let elapsed = match (page.started, page.ended) {
            (Some(started), Some(ended)) => ended.saturating_duration_since(started),
            _ => Duration::ZERO,
        };
        Self {
            number,
            connection: page.connection,
            name: page.name,
            statements: page.statements,
            control: page.control,
            failed: page.failed,
            round_trips: page.round_trips,
            rows: page.rows,
            wire: page.wire,
            server: page.server,
            elapsed,
            transactions: page.transactions.all,
            idle_in_transaction: page.transactions.idle,
            shapes,
            findings,
            values_left_out: page.values_left_out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_pages_are_left_out_when_there_are_too_many() {
        let mut report = Report::new(Settings::default());
        report.add_all((0..MOST_PAGES).map(|_| page::Page::default()).collect());
        assert_eq!((report.pages.len(), report.pages_left_out), (1_000, 0));
        assert_eq!(report.take_new().len(), 1_000);
        report.add_all(vec![page::Page::default(), page::Page::default()]);
        assert_eq!((report.pages.len(), report.pages_left_out), (1_000, 2));
        assert_eq!((report.pages[0].number, report.pages[999].number), (3, 1_002));
        let new: Vec<_> = report.take_new().iter().map(|page| page.number).collect();
        assert_eq!(new, [1_001, 1_002]);
        assert!(report.take_new().is_empty());
    }
}
