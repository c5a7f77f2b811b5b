//! Repeats a query inside another. In the code, a query that is repeated is called *restated*.
//!
//! ```sql
//! … WHERE "customer_id" IN (SELECT "id" FROM "customers" WHERE "last_name" = ?1)
//!                           └────────── the query for the customers ──────────┘
//! ```

use crate::database::KeyTypes;
use crate::query::compared::Compared;
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
    /// If `types` are integers, the parent's column is compared as it is, otherwise as a bound value is.
    pub(crate) fn has_parent(&self, relation: &RelationInfo, own: &[String], types: &KeyTypes) -> String {
        let mut select = self.select.clone();
        let columns = relation.parent_columns.iter().enumerate();
        let compared = |(number, name): (_, &&str)| select.dialect.as_value(&select.own(name), types, number);
        select.columns = columns.map(compared).collect();
        // The order matters only where a limit cuts rows off.
        if select.limit.is_empty() {
            select.order.clear();
        }
        format!("{} IN ({})", tuple(own), select.text())
    }

    /// Returns the query for the rows that a relation of these rows leads to, each once.
    pub(crate) fn related(&self, relation: &'static RelationInfo, compared: &Compared) -> Self {
        let next = |query: Self, hop: &RelationInfo| query.after(hop, &compared.types(hop));
        relation.hops().into_iter().fold(self.clone(), next)
    }

    fn after(&self, relation: &RelationInfo, types: &KeyTypes) -> Self {
        let mut select = SelectSql::of(relation.target, false, self.select.dialect);
        let own: Vec<_> = relation.target_columns.iter().map(|name| select.own(name)).collect();
        select.condition = Some(self.has_parent(relation, &own, types));
        select.has_orphans = self.select.has_orphans;
        Self { select, values: self.values.clone() }
    }
}
