//! Statements, and their rows one at a time.

use std::pin::Pin;
use std::rc::Rc;

use futures_util::Stream as _;
use tokio_postgres::RowStream;
use tokio_postgres::types::Type;

use crate::database::postgres::cells::{Forms, PostgresRow, Prepared};
use crate::database::postgres::command::Command;
use crate::database::postgres::connection::{Connection, Request};
use crate::database::postgres::failures::Failed;
use crate::database::postgres::parameters::Parameter;
use crate::database::value::Value;
use crate::error::{DatabaseError, Failure};

/// How many rows are fetched from a cursor at once.
///
/// Between two rows, the program may send statements of its own, so what is fetched is read whole. 1,000 rows take a
/// few hundred kilobytes, and a round trip for 1,000 rows costs 1 µs for each at 1 ms.
const FETCHED: usize = 1_000;

/// How `Dialect::cursor` begins.
const OUR_CURSOR: &str = "DECLARE \"rows ";

/// A statement and its values.
pub(crate) struct Statement<'c> {
    connection: &'c Connection,
    sql: &'c str,
    values: &'c [Value<'c>],
    command: Command,
    /// `None` for transaction control. To prepare it would be one more round trip.
    prepared: Option<Rc<Prepared>>,
    /// The answer to wait for, if the statement was sent before.
    sent: Option<Request<'c, u64>>,
    changed: u64,
}

impl<'c> Statement<'c> {
    pub(crate) fn prepare(
        connection: &'c Connection,
        sql: &'c str,
        values: &'c [Value<'c>],
    ) -> Result<Self, DatabaseError> {
        let command = Command::of(sql);
        if let Command::Refused(why) = command {
            return Err(DatabaseError::new(Failure::Other, why));
        }
        if values.len() > usize::from(u16::MAX) {
            // The protocol has no room for their number, and the server would describe another number.
            let given = values.len();
            let message = format!("{given} values were given, and a statement has at most 65,535");
            return Err(DatabaseError::new(Failure::TooLarge, message));
        }
        let prepared = match command {
            command if command.is_control() => None,
            // The name of the cursor is in the text, so that this text is sent once.
            Command::Declare if sql.starts_with(OUR_CURSOR) => Some(Rc::new(connection.prepare(sql)?)),
            _ => Some(connection.prepared(sql)?),
        };
        let expected = prepared.as_ref().map_or(0, |prepared| prepared.statement.params().len());
        if expected != values.len() {
            return Err(DatabaseError::parameters(values.len(), expected));
        }
        Ok(Self { connection, sql, values, command, prepared, sent: None, changed: 0 })
    }

    /// Sends the statement, so that it travels with others. `run` waits for its answer.
    pub(crate) fn send(&mut self) -> Result<(), DatabaseError> {
        self.sent = self.request().map(|request| self.connection.queued(request)).transpose()?;
        Ok(())
    }

    /// Returns the request that runs the statement and ignores its rows. It is made when it is first polled.
    fn request(&self) -> Option<Request<'c, u64>> {
        let (client, prepared) = (&self.connection.client, Rc::clone(self.prepared.as_ref()?));
        let values = self.values.iter().map(Parameter);
        Some(Box::pin(async move { client.execute_raw(&prepared.statement, values).await }))
    }

    /// Runs the statement to its end and ignores its rows.
    pub(crate) fn run(&mut self) -> Result<(), DatabaseError> {
        if let Some(sent) = self.sent.take() {
            let answer = self.connection.answer(self.command, sent);
            if answer.as_ref().is_err_and(|failed| failed.is_stale) {
                self.connection.forget();
            }
            self.changed = answer?;
            return Ok(());
        }
        let Some(prepared) = &self.prepared else {
            return self.connection.control(self.command, self.sql);
        };
        let affected = self.retried(prepared, |prepared| {
            let values = self.values.iter().map(Parameter);
            let request = self.connection.client.execute_raw(&prepared.statement, values);
            self.connection.answer(self.command, request)
        })?;
        self.changed = if self.command == Command::Change { affected } else { 0 };
        Ok(())
    }

    /// Runs the statement and returns its rows. The rows of a `DECLARE` are those of its cursor.
    pub(crate) fn rows(&mut self) -> Result<Rows<'_>, DatabaseError> {
        // A program may declare a cursor of its own. The rows are those of its FETCH.
        if self.command == Command::Declare && self.sql.starts_with(OUR_CURSOR) {
            return self.cursor();
        }
        let Some(prepared) = &self.prepared else {
            self.run()?;
            return Ok(Rows { connection: self.connection, source: Source::None, row: None, changed: None });
        };
        let (stream, forms) = self.retried(prepared, |prepared| {
            let values = self.values.iter().map(Parameter);
            let request = self.connection.client.query_raw(&prepared.statement, values);
            let stream = self.connection.answer(self.command, request)?;
            Ok((Box::pin(stream), Rc::clone(&prepared.forms)))
        })?;
        self.connection.is_reading.set(true);
        let changed = (self.command == Command::Change).then_some(&mut self.changed);
        let source = Source::Stream { stream, forms, command: self.command };
        Ok(Rows { connection: self.connection, source, row: None, changed })
    }

    /// Sends the statement as it was prepared. If the schema has changed since then, prepares it again, unless that cost
    /// the transaction.
    fn retried<T>(
        &self,
        prepared: &Prepared,
        send: impl Fn(&Prepared) -> Result<T, Failed>,
    ) -> Result<T, DatabaseError> {
        let done = match send(prepared) {
            Err(failed) if failed.is_stale && self.connection.forget() => {
                send(&*self.connection.prepared(self.sql)?)
            }
            done => done,
        };
        Ok(done?)
    }

    /// Declares a cursor.
    fn cursor(&mut self) -> Result<Rows<'_>, DatabaseError> {
        // The name and the query are in the text: DECLARE "name" NO SCROLL CURSOR FOR query.
        let name = self.sql.split('"').nth(1).unwrap_or_default().to_owned();
        let query = self.sql.split_once(" FOR ").map_or("", |(_, query)| query);
        // The client library queries the server for types that it has not seen. Between the rows of a FETCH it would wait
        // forever for the answer, so it must have the types before.
        self.connection.prepared(query)?;
        let mut cursor =
            Cursor { name, forms: Rc::default(), fetched: Vec::new().into_iter(), is_last: false };
        cursor.fetch(self.connection, self.request())?;
        Ok(Rows { connection: self.connection, source: Source::Cursor(cursor), row: None, changed: None })
    }

    /// Returns the number of rows that the statement inserted, updated or deleted.
    pub(crate) fn changed(&self) -> u64 {
        self.changed
    }
}

/// The rows of a running statement.
pub(crate) struct Rows<'s> {
    connection: &'s Connection,
    source: Source,
    row: Option<PostgresRow>,
    /// Where to put the number of changed rows, if the statement changes any.
    changed: Option<&'s mut u64>,
}

enum Source {
    None,
    /// Rows are taken from the wire as the program reads them.
    Stream {
        stream: Pin<Box<RowStream>>,
        forms: Rc<Forms>,
        command: Command,
    },
    /// Rows are fetched, so that other statements can be sent between them.
    Cursor(Cursor),
}

struct Cursor {
    name: String,
    /// How the columns of the fetched rows are read. The text may have been prepared before the schema was changed.
    forms: Rc<Forms>,
    fetched: std::vec::IntoIter<tokio_postgres::Row>,
    is_last: bool,
}

impl Cursor {
    /// Fetches the next rows, and declares the cursor in the same round trip if that is to be done.
    fn fetch(
        &mut self,
        connection: &Connection,
        declared: Option<Request<'_, u64>>,
    ) -> Result<(), DatabaseError> {
        let fetch = format!("FETCH {FETCHED} FROM \"{}\"", self.name);
        let request = connection
            .client
            .query_typed(&fetch, &[] as &[(&(dyn tokio_postgres::types::ToSql + Sync), Type)]);
        let fetched = match declared {
            None => connection.answer(Command::Select, request)?,
            Some(declared) => connection.answer(Command::Select, async {
                let (declared, fetched) = futures_util::future::join(declared, request).await;
                declared?;
                fetched
            })?,
        };
        self.is_last = fetched.len() < FETCHED;
        self.forms = fetched.first().map(|row| Forms::of(row.columns())).unwrap_or_default();
        self.fetched = fetched.into_iter();
        Ok(())
    }
}

impl Rows<'_> {
    pub(crate) fn next(&mut self) -> Result<Option<&PostgresRow>, DatabaseError> {
        let row = match &mut self.source {
            Source::None => None,
            Source::Stream { stream, forms, command } => {
                match self.connection.driver.wait_until(|context| stream.as_mut().poll_next(context)) {
                    Some(Ok(row)) => Some(PostgresRow::new(row, Rc::clone(forms))),
                    Some(Err(error)) => {
                        self.connection.is_reading.set(false);
                        return Err(self.connection.failed(*command, error).error);
                    }
                    None => {
                        if let Some(changed) = &mut self.changed {
                            **changed = stream.rows_affected().unwrap_or_default();
                        }
                        None
                    }
                }
            }
            Source::Cursor(cursor) => {
                if cursor.fetched.len() == 0 && !cursor.is_last {
                    cursor.fetch(self.connection, None)?;
                }
                cursor.fetched.next().map(|row| PostgresRow::new(row, Rc::clone(&cursor.forms)))
            }
        };
        if row.is_none() {
            self.end();
        }
        self.row = row;
        Ok(self.row.as_ref())
    }

    /// Makes room for other statements.
    fn end(&mut self) {
        match std::mem::replace(&mut self.source, Source::None) {
            Source::None => {}
            Source::Stream { .. } => self.connection.is_reading.set(false),
            Source::Cursor(cursor) => self.connection.close_later(&cursor.name),
        }
    }
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        self.end();
    }
}
