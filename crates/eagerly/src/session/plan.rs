//! Planning: describes what a query would send.

use crate::call_site::CallSite;
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::load::{Plan, fetch};
use crate::model::Entity;
use crate::session::open::{Session, closed};
use crate::session::select::Select;

impl<E: Entity> Select<E> {
    /// Returns what this query will send, and the database's plan for each statement. No row is read and nothing is
    /// counted.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let tally = session.tally();
    /// let plan = Customer::select().with(selectin(Customer::ORDERS)).plan(&session)?;
    /// assert_eq!(plan.steps[0].sql, Customer::select().to_sql());
    /// assert_eq!(tally.statements(), 0);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the database rejects a statement, for example because a table is missing;
    /// [`Error::Closed`] if the session is closed.
    #[track_caller]
    pub fn plan(self, session: &Session) -> Result<Plan> {
        let (select, rows_of) = self.begin(session, CallSite::caller(), false)?;
        let mut plan = Plan::new(rows_of);
        let (what, keyed_by) = (E::INFO.name.to_owned(), "nothing".to_owned());
        fetch::plan(&mut plan, what, keyed_by, select.query(session.gate.dialect), &select.loads);
        select.loads.plan(&mut plan, select.restated(session.gate.dialect).as_ref());
        if let Some(error) = plan.failure.take() {
            return Err(error);
        }
        let explained = session.gate.with_connection(|open| explain(&mut plan, open));
        let explained = explained.ok_or_else(|| closed("planning a query"))?;
        explained.map_err(|error| session.gate.redacted(error))?;
        Ok(plan)
    }
}

fn explain(plan: &mut Plan, open: &Connection) -> Result<()> {
    for step in plan.steps.iter_mut().filter(|step| !step.sql.is_empty()) {
        step.explained = open.explain(&step.sql).map_err(|error| Error::Statement {
            doing: format!("planning {}", step.loads),
            sql: step.sql.clone(),
            error,
        })?;
    }
    Ok(())
}
