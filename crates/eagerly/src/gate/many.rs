//! Skip at first. Sends many statements of one kind, together where they have to travel.

use crate::database::{Connection, Statement, Value, sqlite};
use crate::error::Result;
use crate::gate::statements::{Gate, Run, closed};
use crate::trace::Cause;

/// How many statements travel together. At a round trip of 1 ms, 1,000 inserts sent together take 1 ms instead of 1 s on
/// the wire.
const TOGETHER: usize = 1_000;

impl Gate {
    /// Sends one statement for each item. Returns the number of rows changed.
    pub(crate) fn execute_each<'t, I>(
        &self,
        items: impl IntoIterator<Item = I>,
        statement_of: impl for<'i> Fn(&'i I) -> (&'t str, Vec<Value<'i>>),
        cause: Cause<'_>,
    ) -> Result<u64> {
        let connection = self.connection.borrow();
        let open = connection.as_ref().ok_or_else(|| closed(cause))?;
        match open.as_sqlite() {
            Some(sqlite) => self.execute_repeated(open, sqlite, items, statement_of, cause),
            None => self.execute_together(open, items, statement_of, cause),
        }
    }

    /// Sends the statements one after the other, to SQLite.
    ///
    /// While the text is the same, the prepared statement is kept and bound again. With a look into the cache and a list
    /// for each row, an insert took 42 % more instructions (measured).
    fn execute_repeated<'t, I>(
        &self,
        open: &Connection,
        sqlite: &sqlite::Connection,
        items: impl IntoIterator<Item = I>,
        statement_of: impl for<'i> Fn(&'i I) -> (&'t str, Vec<Value<'i>>),
        cause: Cause<'_>,
    ) -> Result<u64> {
        let mut kept: Option<(&str, Statement<'_>)> = None;
        let mut changed = 0;
        for item in items {
            self.refuse_outside_transaction(open, cause)?;
            self.ask(&cause)?;
            let (sql, values) = statement_of(&item);
            let bound = match kept.take() {
                Some((text, Statement::Sqlite(mut again))) if text == sql => {
                    again.rebind(&values).map(|()| again)
                }
                _ => sqlite.prepare(sql, &values),
            };
            let mut statement = Statement::Sqlite(bound.map_err(|error| self.failed(error, sql, cause))?);
            let run: &mut Run<'_> = &mut |statement, _| Ok(statement.run()?);
            changed += self.observe(sql, &values, cause, &mut statement, run)?.changed;
            kept = Some((sql, statement));
        }
        Ok(changed)
    }

    /// Sends many statements together, to a server.
    ///
    /// The items that follow are taken only after the answers, because taking an item may send statements of its own.
    fn execute_together<'t, I>(
        &self,
        open: &Connection,
        items: impl IntoIterator<Item = I>,
        statement_of: impl for<'i> Fn(&'i I) -> (&'t str, Vec<Value<'i>>),
        cause: Cause<'_>,
    ) -> Result<u64> {
        let mut changed = 0;
        let mut items = items.into_iter();
        loop {
            let together: Vec<I> = items.by_ref().take(TOGETHER).collect();
            if together.is_empty() {
                return Ok(changed);
            }
            let texts: Vec<_> = together.iter().map(&statement_of).collect();
            self.prepare_all(open, &texts, cause)?;
            let mut sent = Vec::with_capacity(texts.len());
            let mut stopped = Ok(());
            for (sql, values) in &texts {
                match self.send_one(open, sql, values, cause) {
                    Ok(statement) => sent.push(statement),
                    Err(error) => {
                        stopped = Err(error);
                        break;
                    }
                }
            }
            let run: &mut Run<'_> = &mut |statement, _| Ok(statement.run()?);
            for ((sql, values), mut statement) in texts.iter().zip(sent) {
                changed += self.observe(sql, values, cause, &mut statement, run)?.changed;
            }
            // Only now: if a statement that was sent before has failed, its error is the cause of this one.
            stopped?;
        }
    }

    /// Prepares each text before the first statement is sent. Afterwards, the answer to a `prepare` might not come: the
    /// client library reads nothing more while a statement that nobody waits for yet has three parts of an answer. The
    /// notices of a trigger split an answer into parts.
    fn prepare_all(
        &self,
        open: &Connection,
        texts: &[(&str, Vec<Value<'_>>)],
        cause: Cause<'_>,
    ) -> Result<()> {
        self.refuse_outside_transaction(open, cause)?;
        let mut known = Vec::new();
        for (sql, values) in texts {
            if !known.contains(sql) {
                open.prepare(sql, values).map_err(|error| self.failed(error, sql, cause))?;
                known.push(*sql);
            }
        }
        Ok(())
    }

    /// Sends one statement without waiting for its answer, if statements can travel together.
    fn send_one<'s>(
        &self,
        open: &'s Connection,
        sql: &'s str,
        values: &'s [Value<'s>],
        cause: Cause<'_>,
    ) -> Result<Statement<'s>> {
        self.refuse_outside_transaction(open, cause)?;
        self.ask(&cause)?;
        let mut statement = open.prepare(sql, values).map_err(|error| self.failed(error, sql, cause))?;
        statement.send().map_err(|error| self.failed(error, sql, cause))?;
        Ok(statement)
    }
}
