//! Sources: a cohort's own query, kept so that another statement can re-state it.
//!
//! ```sql
//! … WHERE "customer_id" IN (SELECT "id" FROM "customers" WHERE "last_name" = ?1)
//!                           └───────────── the source of the customers ─────────┘
//! ```

use crate::core::Core;
use crate::entity::Entity;
use crate::relation::Relation;
use crate::sql::{SelectSql, tuple};
use crate::strategy::comparison::as_value;
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

    /// `SELECT "id" FROM …`: the rows' side of what a relation matches. The order matters only where a limit
    /// cuts.
    pub(crate) fn keys_for<R: Relation>(&self, core: &Core) -> String {
        let mut select = self.select.clone();
        let columns = R::INFO.parent_columns.iter();
        let plus = as_value::<R>(core);
        select.columns = columns
            .map(|name| format!("{plus}{}", select.own(name)))
            .collect();
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

    /// The source of the rows that a relation of these rows leads to.
    pub(crate) fn related<R: Relation>(&self, core: &Core) -> Self {
        let mut select = SelectSql::new(R::Target::TABLE, &[]);
        let matched: Vec<_> = R::INFO
            .target_columns
            .iter()
            .map(|name| select.own(name))
            .collect();
        select.condition = Some(format!("{} IN ({})", tuple(&matched), self.keys_for::<R>(core)));
        Self {
            select,
            values: self.values.clone(),
        }
    }
}
