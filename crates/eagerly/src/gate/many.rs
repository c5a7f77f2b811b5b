//! Skip at first. Sends many statements of one kind, together where they have to travel.

use crate::database::{Connection, Statement, Value};
use crate::error::Result;
use crate::gate::statements::{Gate, Run, closed, failed};
use crate::trace::Cause;

impl Gate {
    /// Sends one statement for each item. Returns the number of rows changed.
    ///
    /// On a server, many statements travel together. The items that follow are taken only after their answers, because
    /// taking an item may send statements of its own.
    pub(crate) fn execute_each<'t, I>(
        &self,
        items: impl IntoIterator<Item = I>,
        statement_of: impl for<'i> Fn(&'i I) -> (&'t str, Vec<Value<'i>>),
        cause: Cause<'_>,
    ) -> Result<u64> {
        let connection = self.connection.borrow();
        let open = connection.as_ref().ok_or_else(|| closed(cause))?;
        let mut changed = 0;
        let mut items = items.into_iter();
        loop {
            let together: Vec<I> = items.by_ref().take(open.sent_together()).collect();
            if together.is_empty() {
                return Ok(changed);
            }
            let texts: Vec<_> = together.iter().map(&statement_of).collect();
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
        let mut statement = open.prepare(sql, values).map_err(|error| failed(error, sql, cause))?;
        statement.send().map_err(|error| failed(error, sql, cause))?;
        Ok(statement)
    }
}
