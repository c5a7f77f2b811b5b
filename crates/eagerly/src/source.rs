//! Sources: a cohort's own query, kept so that another statement can re-state it.
//!
//! ```sql
//! … WHERE "customer_id" IN (SELECT "id" FROM "customers" WHERE "last_name" = ?1)
//!                           └───────────── the source of the customers ─────────┘
//! ```

use crate::sql::{SelectSql, tuple};
use crate::value::Value;

/// A query for a cohort's rows, without what was joined to it.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    select: SelectSql,
    values: Vec<Value<'static>>,
}

impl Source {
    pub(crate) fn new(select: SelectSql, values: Vec<Value<'static>>) -> Self {
        Self { select, values }
    }

    /// Whether it selects every row of its table.
    pub(crate) fn is_whole_table(&self) -> bool {
        self.select.condition.is_none() && self.select.limit.is_empty()
    }

    /// `SELECT "id" FROM …`: the given columns of the rows. The order matters only where a limit cuts.
    pub(crate) fn columns(&self, columns: &[&str]) -> String {
        let mut select = self.select.clone();
        select.columns = columns.iter().map(|name| select.own(name)).collect();
        if select.limit.is_empty() {
            select.order.clear();
        }
        select.text()
    }

    pub(crate) fn text(&self) -> String {
        self.select.text()
    }

    pub(crate) fn values(&self) -> &[Value<'static>] {
        &self.values
    }

    /// The source of the rows of `table` that these rows are matched with.
    pub(crate) fn related(&self, table: &str, columns: &[&str], own_columns: &[&str]) -> Self {
        let mut select = SelectSql::new(table, &[]);
        let matched: Vec<_> = columns.iter().map(|name| select.own(name)).collect();
        select.condition = Some(format!("{} IN ({})", tuple(&matched), self.columns(own_columns)));
        Self {
            select,
            values: self.values.clone(),
        }
    }
}
