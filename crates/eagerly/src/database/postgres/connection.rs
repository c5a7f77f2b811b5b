//! An open connection: its prepared statements, its transaction, and the answers to its requests.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_util::future::{join, join_all};
use hashlink::LruCache;
use tokio_postgres::SimpleQueryMessage;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};

use crate::database::dialect::{Dialect, KeyTypes, quote, quote_all, table_name};
use crate::database::postgres::address::Canceller;
use crate::database::postgres::cells::Prepared;
use crate::database::postgres::command::Command;
use crate::database::postgres::driver::Driver;
use crate::database::postgres::failures::{self, Failed, gone, is_stale};
use crate::database::transaction::Transaction;
use crate::error::{DatabaseError, Failure};

type ClientError = tokio_postgres::Error;
pub(super) type Request<'r, T> = Pin<Box<dyn Future<Output = Result<T, ClientError>> + 'r>>;

/// The types of columns, as SQL writes them, and whether it is one column of integers.
type ColumnTypes = (Rc<[String]>, bool);

/// How many prepared statements a connection keeps. A page sends few different texts, many times.
const PREPARED_STATEMENTS: usize = 128;

/// An open connection, with a cache of prepared statements.
pub(crate) struct Connection {
    pub(super) client: tokio_postgres::Client,
    pub(super) driver: Driver,
    canceller: Canceller,
    prepared: RefCell<LruCache<String, Rc<Prepared>>>,
    transaction: Cell<Transaction>,
    /// Statements without an answer of interest, which travel with the next one.
    pending: RefCell<Vec<String>>,
    /// Whether the rows of a statement are being read. Until they are, the server's other answers have to wait.
    pub(super) is_reading: Cell<bool>,
    /// The types of the columns that were looked up, and whether they hold integers.
    types: RefCell<HashMap<String, ColumnTypes>>,
}

impl Connection {
    pub(super) fn new(client: tokio_postgres::Client, driver: Driver, canceller: Canceller) -> Self {
        Self {
            client,
            driver,
            canceller,
            prepared: RefCell::new(LruCache::new(PREPARED_STATEMENTS)),
            transaction: Cell::new(Transaction::None),
            pending: RefCell::default(),
            is_reading: Cell::new(false),
            types: RefCell::default(),
        }
    }

    pub(crate) fn transaction(&self) -> Transaction {
        self.transaction.get()
    }

    pub(crate) fn round_trips(&self) -> u64 {
        self.driver.round_trips()
    }

    pub(crate) fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }

    /// Returns how the keys in some columns of a table are compared.
    pub(crate) fn key_types(
        &self,
        schema: Option<&str>,
        table: &str,
        columns: &[&str],
        has_integer_keys: bool,
    ) -> Result<KeyTypes, DatabaseError> {
        // The server describes the columns of a prepared query. Nothing is run.
        let sql = format!("SELECT {} FROM {}", quote_all(columns), table_name(schema, table));
        let known = self.types.borrow().get(&sql).cloned();
        let (types, are_integers) = match known {
            Some(known) => known,
            None => {
                let described = self.prepare(&sql)?;
                let names = described.statement.columns().iter().map(|column| {
                    let declared = column.type_();
                    format!("{}.{}", quote(declared.schema()), quote(declared.name()))
                });
                let known: ColumnTypes = (names.collect(), described.forms.is_one_integer());
                self.types.borrow_mut().insert(sql, known.clone());
                known
            }
        };
        Ok(if are_integers && has_integer_keys { KeyTypes::Integers } else { KeyTypes::Others(types) })
    }

    /// Returns the server's plan for a statement, a line for each step.
    pub(crate) fn explain(&self, sql: &str) -> Result<Vec<String>, DatabaseError> {
        let parameters = self.prepared(sql)?.statement.params().len();
        let values = match parameters {
            0 => String::new(),
            count => format!("({})", vec!["NULL"; count].join(", ")),
        };
        // The plan for any value. Otherwise the server would plan for NULL, which equals nothing, and read no row. The
        // four statements are one transaction, at whose end the setting is as before.
        // The name is new each time, because the prepared statement stays if EXPLAIN fails.
        let name = format!("\"explained {}\"", self.round_trips());
        let explain = format!(
            "SET LOCAL plan_cache_mode = force_generic_plan; PREPARE {name} AS {sql}; \
             EXPLAIN (COSTS OFF) EXECUTE {name}{values}; DEALLOCATE {name}"
        );
        let before = self.transaction.get();
        let answer = self.answer(Command::Other, self.client.simple_query(&explain));
        if before == Transaction::Open && answer.is_ok() {
            self.answer(Command::Other, self.client.batch_execute("SET LOCAL plan_cache_mode = auto"))?;
        }
        let line = |message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        };
        Ok(answer?.into_iter().filter_map(line).collect())
    }

    /// Says goodbye to the server.
    pub(crate) fn close(self) {
        let Self { client, driver, prepared, .. } = self;
        drop(prepared);
        drop(client);
        driver.send();
    }

    /// Returns a text as the server has prepared it. The first time, that is a round trip.
    pub(super) fn prepared(&self, sql: &str) -> Result<Rc<Prepared>, DatabaseError> {
        if let Some(known) = self.prepared.borrow_mut().get(sql) {
            return Ok(Rc::clone(known));
        }
        let prepared = Rc::new(self.prepare(sql)?);
        self.prepared.borrow_mut().insert(sql.to_owned(), Rc::clone(&prepared));
        Ok(prepared)
    }

    pub(crate) fn is_prepared(&self, sql: &str) -> bool {
        self.prepared.borrow().contains_key(sql)
    }

    pub(crate) fn forget_prepared(&self, sql: &str) {
        self.prepared.borrow_mut().remove(sql);
    }

    /// Makes the server prepare a text, and describe its parameters and columns.
    pub(super) fn prepare(&self, sql: &str) -> Result<Prepared, DatabaseError> {
        Ok(Prepared::new(self.answer(Command::Select, self.client.prepare(sql))?))
    }

    /// Forgets the server's descriptions of the schema, because it has changed. Returns whether it is worth to prepare
    /// the failed statement again: not if its failure cost a transaction.
    pub(super) fn forget(&self) -> bool {
        self.prepared.borrow_mut().clear();
        self.types.borrow_mut().clear();
        self.transaction.get() == Transaction::None
    }

    /// Sends a statement that controls a transaction.
    pub(super) fn control(&self, command: Command, sql: &str) -> Result<(), DatabaseError> {
        let is_plain_begin = sql == "BEGIN" || sql == Dialect::Postgres.begin();
        if is_plain_begin && self.transaction.get() == Transaction::None {
            self.usable()?;
            self.pending.borrow_mut().push(sql.to_owned());
            self.transaction.set(Transaction::Open);
            return Ok(());
        }
        let has_failed = self.transaction.get() == Transaction::Failed;
        // Sent as plain text, it could be several statements. What the last of them leads to would not be known.
        let no_values = &[] as &[(&(dyn ToSql + Sync), Type)];
        self.answer(command, self.client.query_typed(sql, no_values))?;
        if has_failed && command.is_commit() {
            // The server answers as if all were well, but it has undone everything.
            return Err(DatabaseError::new(
                Failure::TransactionOver,
                "the transaction was undone, because a statement in it had failed",
            ));
        }
        Ok(())
    }

    /// Ends a transaction whose COMMIT or ROLLBACK has failed. It may be over: a constraint that is checked at the end refused
    /// it. Or it is still open: a timeout stopped the statement before it ran. Without a transaction, the server ignores
    /// this statement.
    fn end_transaction(&self) {
        if self.driver.wait(self.client.batch_execute("ROLLBACK")).is_ok() {
            self.transaction.set(Transaction::None);
        }
    }

    /// Waits for the answer to a request. What is pending travels with it, unless the request changes something.
    pub(super) fn answer<T>(
        &self,
        command: Command,
        request: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, Failed> {
        self.usable()?;
        if matches!(command, Command::Change | Command::Other) {
            self.send_pending()?;
        }
        self.answer_to_all(command, request)
    }

    /// Waits for the answers to what is pending, and to a request.
    fn answer_to_all<T>(
        &self,
        command: Command,
        request: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, Failed> {
        let pending = self.pending.take();
        let before = pending.iter().map(|sql| self.client.batch_execute(sql));
        let answer = match pending.is_empty() {
            true => self.driver.wait(request),
            false => {
                let (before, answer) = self.driver.wait(join(join_all(before), request));
                match before.into_iter().find_map(Result::err) {
                    Some(error) => Err(error),
                    None => answer,
                }
            }
        };
        match answer {
            Ok(answer) => {
                self.transaction.set(command.leads_to(self.transaction.get()));
                if command == Command::Deallocate {
                    self.prepared.borrow_mut().clear();
                }
                Ok(answer)
            }
            Err(error) => Err(self.failed(command, error)),
        }
    }

    /// Puts a request into the queue, so that it travels with others.
    pub(super) fn queued<'r, T: 'r>(
        &self,
        mut request: Request<'r, T>,
    ) -> Result<Request<'r, T>, DatabaseError> {
        self.usable()?;
        self.send_pending()?;
        Ok(match request.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => Box::pin(std::future::ready(answer)),
            Poll::Pending => request,
        })
    }

    /// Sends what is pending by itself. If BEGIN failed, a change that was sent with it would be committed alone.
    fn send_pending(&self) -> Result<(), DatabaseError> {
        for sql in self.pending.take() {
            self.answer_to_all(Command::Savepoint, self.client.batch_execute(&sql))?;
        }
        Ok(())
    }

    /// Closes a cursor with the next statement, unless its transaction is over, which closes it.
    pub(super) fn close_later(&self, cursor: &str) {
        if self.transaction.get() == Transaction::Open {
            self.pending.borrow_mut().push(format!("CLOSE \"{cursor}\""));
        }
    }

    /// Returns an error if no statement can be sent now.
    fn usable(&self) -> Result<(), DatabaseError> {
        if self.is_reading.get() {
            return Err(DatabaseError::new(
                Failure::Other,
                "the rows of another statement are being read; read them with `chunks` to send statements between \
                 them",
            ));
        }
        match self.driver.has_ended() {
            true => Err(self.ended()),
            false => Ok(()),
        }
    }

    /// Records that a statement failed, and translates its error.
    pub(super) fn failed(&self, command: Command, error: ClientError) -> Failed {
        if self.driver.has_ended() {
            self.transaction.set(Transaction::None);
            let failure = failures::ended(error);
            // If the server sent a reason, it is the better message.
            let has_reason = failure.kind != Failure::Disconnected || failure.message.contains("SQLSTATE");
            return if has_reason { failure } else { self.ended() }.into();
        }
        let Some(refusal) = error.as_db_error() else {
            // The client library did not send the statement, for example because its text contains a NUL.
            let mut unsent: DatabaseError = error.into();
            if unsent.kind == Failure::Disconnected {
                unsent.kind = Failure::Other;
            }
            return unsent.into();
        };
        if self.transaction.get() != Transaction::None {
            self.transaction.set(Transaction::Failed);
            if command.ends_transaction() && *refusal.code() != SqlState::SYNTAX_ERROR {
                self.end_transaction();
            }
        }
        Failed { is_stale: is_stale(refusal), error: error.into() }
    }

    fn ended(&self) -> DatabaseError {
        self.transaction.set(Transaction::None);
        self.driver.take_end().unwrap_or_else(|| gone("the server closed the connection"))
    }
}
