//! What is collected while one page of an application runs.
//!
//! A page is all that a connection does for one request of a user. Statements are collected by shape. For each shape there
//! are the values that were sent in its places, and the values that came back in its columns, as hashes. `findings` compares
//! them when the page has ended.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::protocol::{Began, Ended};
use crate::sql::{Command, Sql};
use crate::value::Value;

/// The most shapes of a page. The statements of further ones are counted together.
const MOST_SHAPES: usize = 1_000;

/// The most values of a page that are kept for comparison. With their statements they take 200 MB at most.
const MOST_VALUES: usize = 4_000_000;

/// The most statements of a page that are kept with their times.
const MOST_TIMES: usize = 100_000;

/// The most transactions of a page that are listed.
const MOST_TRANSACTIONS: usize = 1_000;

/// A page.
#[derive(Default)]
pub(crate) struct Page {
    /// Tells the pages apart that follow each other on a connection.
    number: u64,
    pub(crate) connection: u64,
    /// How the application calls the page.
    pub(crate) name: Option<String>,
    pub(crate) shapes: Vec<Shape>,
    by_text: HashMap<String, usize>,
    pub(crate) started: Option<Instant>,
    pub(crate) ended: Option<Instant>,
    /// The number of statements that read or write data.
    pub(crate) statements: u64,
    /// The number of statements that begin or end a transaction, set something, or read on from a cursor.
    pub(crate) control: u64,
    pub(crate) failed: u64,
    pub(crate) round_trips: u64,
    pub(crate) rows: u64,
    pub(crate) wire: Duration,
    pub(crate) server: Duration,
    pub(crate) transactions: Transactions,
    /// The times of the statements, in their order.
    pub(crate) times: Vec<Times>,
    /// How many values were too many to be compared.
    pub(crate) values_left_out: u64,
    values_kept: usize,
    /// The number of statements so far that have written something.
    writes: u64,
}

/// The statements of one shape.
pub(crate) struct Shape {
    pub(crate) text: String,
    pub(crate) command: Command,
    /// For each place, the column that its value is compared with.
    pub(crate) places: Vec<Option<String>>,
    pub(crate) statements: u64,
    pub(crate) rows: u64,
    /// The most rows of one statement.
    pub(crate) most_rows: u64,
    pub(crate) server: Duration,
    pub(crate) slowest: Duration,
    pub(crate) executions: Vec<Execution>,
    /// The values that were sent, `places.len()` for each execution.
    pub(crate) sent: Vec<Option<Value>>,
    pub(crate) columns: Vec<String>,
    /// The hashes that came back, `columns.len()` for each row. 0 is no value.
    pub(crate) cells: Vec<u64>,
    pub(crate) results: Vec<ResultOf>,
}

/// One statement of a shape.
pub(crate) struct Execution {
    pub(crate) sent: Instant,
    /// The hash of all its values.
    pub(crate) identity: u64,
    /// How many statements have written something before it.
    pub(crate) writes_before: u64,
}

/// One result of a shape.
pub(crate) struct ResultOf {
    /// The number of its statement in the page, which begins at 1.
    pub(crate) statement: u64,
    /// The position of its statement in `times`, if there is room.
    pub(crate) position: usize,
    pub(crate) first_row: usize,
    /// When the first row left the proxy.
    pub(crate) at: Instant,
}

/// The times of a statement.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) shape: usize,
    /// Its position among the executions of the shape, if its values are kept.
    pub(crate) execution: Option<usize>,
    pub(crate) ended: Ended,
    pub(crate) is_control: bool,
}

/// The transactions of a page.
#[derive(Default)]
pub(crate) struct Transactions {
    /// Those that have ended, in their order.
    pub(crate) all: Vec<Transaction>,
    /// How long transactions were open while the client sent nothing.
    pub(crate) idle: Duration,
    /// The longest time that a transaction was idle while others waited for a reply, and how many waited.
    pub(crate) blocking: Option<(Duration, u64)>,
}

/// A transaction of a page, with `BEGIN` and `COMMIT`.
#[derive(Debug, Default, Clone, Copy)]
pub struct Transaction {
    /// The number of statements that read or write data.
    pub statements: u64,
    /// The number of other statements, with `BEGIN` and `COMMIT`.
    pub control: u64,
    /// How often the client sent something and waited for the reply.
    pub round_trips: u64,
    /// The number of rows that were returned.
    pub rows: u64,
    /// How long the proxy has delayed requests and replies.
    pub wire: Duration,
    /// How long the server took to reply.
    pub server: Duration,
    /// How long the client sent nothing.
    pub idle: Duration,
}

/// A statement that runs, within a page.
#[derive(Clone, Copy)]
pub(crate) struct Running {
    page: u64,
    shape: usize,
    execution: Option<usize>,
    is_control: bool,
    /// The number of its result among those of the shape, once it has a row.
    result: Option<usize>,
    number: u64,
}

impl Page {
    /// Begins the next page. Returns this one.
    pub(crate) fn take(&mut self) -> Self {
        let next = Self { number: self.number + 1, ..Self::default() };
        std::mem::replace(self, next)
    }

    /// Returns what the page has cost so far, as if all of it was one transaction.
    pub(crate) fn so_far(&self) -> Transaction {
        Transaction {
            statements: self.statements,
            control: self.control,
            round_trips: self.round_trips,
            rows: self.rows,
            wire: self.wire,
            server: self.server,
            idle: self.transactions.idle,
        }
    }

    /// Adds a transaction that began when the page had cost this much.
    pub(crate) fn add_transaction(&mut self, before: &Transaction) {
        if self.transactions.all.len() >= MOST_TRANSACTIONS {
            return;
        }
        let now = self.so_far();
        // A transaction can have begun in the page before.
        self.transactions.all.push(Transaction {
            statements: now.statements.saturating_sub(before.statements),
            control: now.control.saturating_sub(before.control),
            round_trips: now.round_trips.saturating_sub(before.round_trips),
            rows: now.rows.saturating_sub(before.rows),
            wire: now.wire.saturating_sub(before.wire),
            server: now.server.saturating_sub(before.server),
            idle: now.idle.saturating_sub(before.idle),
        });
    }

    /// Returns whether nothing has happened yet that belongs to a page.
    pub(crate) fn is_empty(&self) -> bool {
        self.statements == 0
    }

    /// Adds a statement. `rows_of` is the text of the shape that its rows belong to, if it reads on from a cursor.
    pub(crate) fn begin(&mut self, began: &Began<'_>, rows_of: Option<&str>) -> Running {
        self.started.get_or_insert(began.sent);
        let own = self.shape(began.sql);
        let is_control = !began.sql.command.is_counted();
        let mut execution = None;
        if began.is_first {
            if is_control {
                self.control += 1
            } else {
                self.statements += 1
            }
            self.shapes[own].statements += 1;
            execution = self.add_execution(own, began);
            self.writes += u64::from(began.sql.command == Command::Write);
        }
        let shape = rows_of.and_then(|text| self.by_text.get(text)).copied().unwrap_or(own);
        Running { page: self.number, shape, execution, is_control, result: None, number: self.statements }
    }

    fn add_execution(&mut self, shape: usize, began: &Began<'_>) -> Option<usize> {
        let shape = &mut self.shapes[shape];
        if self.values_kept >= MOST_VALUES || shape.places.len() != began.values.len() {
            // A refused statement has no values.
            self.values_left_out += began.values.len() as u64;
            return None;
        }
        self.values_kept += 1 + began.values.len();
        shape.sent.extend_from_slice(began.values);
        shape.executions.push(Execution {
            sent: began.sent,
            identity: began.identity,
            writes_before: self.writes,
        });
        Some(shape.executions.len() - 1)
    }

    /// Adds a row of a statement. If the statement began in an earlier page, the row is only counted.
    pub(crate) fn row(&mut self, running: &mut Running, columns: &[String], hashes: &[u64], at: Instant) {
        self.rows += 1;
        if running.page != self.number {
            return;
        }
        let shape = &mut self.shapes[running.shape];
        if shape.columns.is_empty() {
            shape.columns = columns.to_vec();
        }
        // Another table can have come in place of the first, with the same name.
        if self.values_kept >= MOST_VALUES || shape.columns.len() != hashes.len() || hashes.is_empty() {
            self.values_left_out += hashes.len() as u64;
            return;
        }
        if running.result.is_none() {
            running.result = Some(shape.results.len());
            let first_row = shape.cells.len() / shape.columns.len();
            let position = self.times.len();
            shape.results.push(ResultOf { statement: running.number, position, first_row, at });
        }
        self.values_kept += hashes.len();
        shape.cells.extend_from_slice(hashes);
    }

    /// Adds the end of a statement, or of a portion of its rows. A statement that began in an earlier page is not counted
    /// here, so its failure is not, either.
    pub(crate) fn end(&mut self, running: Running, ended: &Ended) {
        if running.page != self.number {
            return;
        }
        self.failed += u64::from(ended.is_failed);
        let shape = &mut self.shapes[running.shape];
        shape.rows += ended.rows;
        shape.most_rows = shape.most_rows.max(ended.rows);
        shape.server += ended.server;
        shape.slowest = shape.slowest.max(ended.server);
        self.ended = Some(ended.sent + ended.to_server + ended.server + ended.from_server);
        if self.times.len() < MOST_TIMES {
            let (shape, execution, is_control) = (running.shape, running.execution, running.is_control);
            self.times.push(Times { shape, execution, ended: *ended, is_control });
        }
    }

    /// Returns the number of a shape, and adds it if it is new.
    fn shape(&mut self, sql: &Sql) -> usize {
        if let Some(known) = self.by_text.get(&sql.shape) {
            return *known;
        }
        let is_full = self.shapes.len() >= MOST_SHAPES;
        if is_full && self.shapes.len() > MOST_SHAPES {
            return MOST_SHAPES;
        }
        let text = if is_full { "(other statements)".to_owned() } else { sql.shape.clone() };
        if !is_full {
            self.by_text.insert(text.clone(), self.shapes.len());
        }
        let places =
            if is_full { Vec::new() } else { sql.places.iter().map(|place| place.column.clone()).collect() };
        self.shapes.push(Shape {
            text,
            command: sql.command.clone(),
            places,
            statements: 0,
            rows: 0,
            most_rows: 0,
            server: Duration::ZERO,
            slowest: Duration::ZERO,
            executions: Vec::new(),
            sent: Vec::new(),
            columns: Vec::new(),
            cells: Vec::new(),
            results: Vec::new(),
        });
        self.shapes.len() - 1
    }
}

impl Shape {
    /// Returns the number of rows whose values are kept.
    pub(crate) fn kept_rows(&self) -> usize {
        self.cells.len().checked_div(self.columns.len()).unwrap_or(0)
    }

    /// Returns the result of a row.
    pub(crate) fn result_of(&self, row: usize) -> usize {
        self.results.partition_point(|result| result.first_row <= row).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests;
