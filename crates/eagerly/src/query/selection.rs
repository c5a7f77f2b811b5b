//! Selections: which rows of a table, in which order, and how many.

use crate::database::{Dialect, quote};
use crate::error::Result;
use crate::gate::Gate;
use crate::query::column::SortedBy;
use crate::query::compared::Compared;
use crate::query::condition::Expression;
use crate::query::sql::{Bindings, Query, SelectSql, tuple};
use crate::query::terms::Terms;
use crate::trace::EntityInfo;

/// Which rows of an entity's table, in which order, and how many.
pub(crate) struct Selection {
    entity: &'static EntityInfo,
    pub(crate) condition: Option<Expression>,
    pub(crate) order: Vec<SortedBy>,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: Option<u64>,
    compared: Compared,
}

impl Selection {
    /// Returns the selection of all rows.
    pub(crate) fn of(entity: &'static EntityInfo) -> Self {
        Self {
            entity,
            condition: None,
            order: Vec::new(),
            limit: None,
            offset: None,
            compared: Compared::default(),
        }
    }

    fn terms(&self) -> Terms<'_> {
        Terms { condition: self.condition.as_ref(), order: &self.order }
    }

    /// Checks the condition and the order, and looks up how they compare keys.
    pub(crate) fn compare_in(&mut self, gate: &Gate) -> Result<()> {
        self.terms().check(self.entity, gate.dialect)?;
        self.compared = Compared::look_up(gate, self.terms().relations())?;
        Ok(())
    }

    fn is_limited(&self) -> bool {
        self.limit.is_some() || self.offset.is_some()
    }

    /// Returns whether the same rows are selected if the query is repeated. Without a key, equal rows have no
    /// fixed order, so a limit may keep other rows.
    pub(crate) fn is_repeatable(&self) -> bool {
        !self.is_limited() || (self.entity.has_integer_key && !self.entity.key.is_empty())
    }

    /// Returns the query for the rows. If `is_joined`, other tables can be joined to it. If these may repeat
    /// the rows, the rows are selected in a sub-select, so that LIMIT counts them and not the rows of the
    /// join.
    pub(crate) fn query(&self, is_joined: bool, may_repeat_rows: bool, dialect: Dialect) -> Query {
        self.query_by(&self.order, is_joined, may_repeat_rows, dialect)
    }

    /// Returns the query for the same rows, to repeat it in another. It is sorted only where a limit cuts rows off, so that
    /// no unused figure is computed.
    pub(crate) fn repeated(&self, dialect: Dialect) -> Query {
        self.query_by(self.needed_order(), false, false, dialect)
    }

    /// Returns the order if it decides which rows are selected.
    fn needed_order(&self) -> &[SortedBy] {
        if self.is_limited() { &self.order } else { &[] }
    }

    fn query_by(
        &self,
        order: &[SortedBy],
        is_joined: bool,
        may_repeat_rows: bool,
        dialect: Dialect,
    ) -> Query {
        let mut values = Bindings::new(dialect, Vec::new()).comparing(self.compared.clone());
        let has_figure = Terms { order, ..self.terms() }.have_figure();
        let select = if self.is_limited() && may_repeat_rows {
            let inner =
                self.complete_select(order, SelectSql::of(self.entity, has_figure, dialect), &mut values);
            let mut outer = SelectSql::of(self.entity, true, dialect);
            outer.from = format!("({}) AS {}", inner.text(), quote(self.entity.table));
            self.sort(order, &mut outer, &mut values);
            outer
        } else {
            self.complete_select(
                order,
                SelectSql::of(self.entity, is_joined || has_figure, dialect),
                &mut values,
            )
        };
        Query { select, values: values.values }
    }

    fn complete_select(&self, order: &[SortedBy], mut select: SelectSql, values: &mut Bindings) -> SelectSql {
        let table = select.alias;
        let condition = self.condition.as_ref();
        select.condition = condition.map(|condition| condition.render(table, values));
        self.sort(order, &mut select, values);
        let limit = self.limit.map(|rows| values.bind_rows(rows));
        let offset = self.offset.map(|rows| values.bind_rows(rows));
        select.limit = select.dialect.limit(limit.as_deref(), offset.as_deref());
        select
    }

    /// Sorts by the program's order, then by the key. So the same query returns the same rows in the same
    /// order with every strategy, and pages by LIMIT and OFFSET do not overlap.
    ///
    /// Then all figures are known, and are joined.
    fn sort(&self, order: &[SortedBy], select: &mut SelectSql, values: &mut Bindings) {
        let table = select.alias;
        select.order = order.iter().map(|term| term.render(table, values)).collect();
        select.joins = values.take_joins();
        select.then_by_key(table, self.entity, false);
    }

    /// Returns `SELECT count(*)` of the rows.
    pub(crate) fn count(&self, dialect: Dialect) -> Query {
        let mut count = self.unsorted("count(*)", dialect);
        if !count.select.limit.is_empty() {
            // A limit would apply to the one row with the count. So the rows are limited in a sub-select.
            count = self.unsorted("1", dialect);
            let rows = count.select.text();
            count.select = SelectSql::default();
            count.select.columns.push("count(*)".to_owned());
            count.select.from = format!("({rows}) AS \"rows\"");
        }
        count
    }

    /// Returns `SELECT EXISTS` of the rows.
    pub(crate) fn exists(&self, dialect: Dialect) -> (String, Query) {
        let rows = self.unsorted("1", dialect);
        (format!("SELECT EXISTS ({})", rows.select.text()), rows)
    }

    /// Returns whether an `UPDATE` or a `DELETE` can find the rows only by their keys: neither has a limit that works on
    /// both databases, and figures are joined to the rows.
    pub(crate) fn is_found_by_key(&self) -> bool {
        self.is_limited() || self.condition.as_ref().is_some_and(Expression::has_figure)
    }

    /// Returns the condition for an `UPDATE` or a `DELETE` of these rows, and binds its values; `None` for all rows.
    pub(crate) fn condition_on_table(&self, values: &mut Bindings) -> Option<String> {
        values.compared = self.compared.clone();
        if !self.is_found_by_key() {
            return self.condition.as_ref().map(|condition| condition.render(None, values));
        }
        let order = self.needed_order();
        let has_figure = Terms { order, ..self.terms() }.have_figure();
        let select = SelectSql::of(self.entity, has_figure, values.dialect);
        let mut rows = self.complete_select(order, select, values);
        if rows.limit.is_empty() {
            rows.order.clear();
        }
        rows.columns = self.entity.key.iter().map(|name| rows.own(name)).collect();
        let key: Vec<_> = self.entity.key.iter().map(|name| quote(name)).collect();
        Some(format!("{} IN ({})", tuple(&key), rows.text()))
    }

    /// Returns the query for one column of the rows, in no order.
    fn unsorted(&self, column: &str, dialect: Dialect) -> Query {
        let mut query = self.query_by(&[], false, false, dialect);
        query.select.columns = vec![column.to_owned()];
        query.select.order.clear();
        query
    }
}
