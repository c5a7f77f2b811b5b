//! Repeats a query inside another. In the code, a query that is repeated is called *restated*.
//!
//! ```sql
//! … WHERE "customer_id" IN (SELECT "id" FROM "customers" WHERE "last_name" = ?1)
//!                           └────────── the query for the customers ──────────┘
//! ```

use crate::database::dialect;
use crate::query::sql::{Query, SelectSql, tuple};
use crate::trace::RelationInfo;

impl Query {
    /// Returns whether the query selects every row of its table.
    pub(crate) fn is_whole_table(&self) -> bool {
        self.select.condition.is_none() && self.select.limit.is_empty() && self.select.joins.is_empty()
    }

    /// Returns the condition that a row of the relation's target belongs to a row of this query:
    /// `"customer_id" IN (SELECT "id" FROM …)`. `own` are the target's columns.
    ///
    /// If both columns hold integers, the parent's column is compared as it is, otherwise as a bound value is.
    pub(crate) fn has_parent(&self, relation: &RelationInfo, own: &[String], are_integers: bool) -> String {
        let mut select = self.select.clone();
        let columns = relation.parent_columns.iter().map(|name| select.own(name));
        select.columns = match are_integers {
            true => columns.collect(),
            false => columns.map(|column| dialect::as_value(&column)).collect(),
        };
        // The order matters only where a limit cuts rows off.
        if select.limit.is_empty() {
            select.order.clear();
        }
        format!("{} IN ({})", tuple(own), select.text())
    }

    /// Returns the query for the rows that a relation of these rows leads to.
    pub(crate) fn related(&self, relation: &RelationInfo, are_integers: bool) -> Self {
        let mut select = SelectSql::of(relation.target, false);
        let own: Vec<_> = relation.target_columns.iter().map(|name| select.own(name)).collect();
        select.condition = Some(self.has_parent(relation, &own, are_integers));
        Self { select, values: self.values.clone() }
    }
}
