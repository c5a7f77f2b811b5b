//! The text of a `SELECT`.
//!
//! Identifiers come from the derive alone and are always quoted. Values are always bound.

use std::fmt::Write as _;

use crate::database::{Dialect, Value, quote};
use crate::query::compared::Compared;
use crate::trace::{EntityInfo, RelationInfo};

/// Returns a quoted column, with the table's name before it, if given.
pub(crate) fn column(table: Option<&str>, column: &str) -> String {
    match table {
        Some(table) => format!("{}.{}", quote(table), quote(column)),
        None => quote(column),
    }
}

/// Returns several columns as a row value, `("a", "b")`, and one as itself.
pub(crate) fn tuple(columns: &[String]) -> String {
    match columns {
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    }
}

/// Returns the condition that both sides of each pair are equal.
pub(crate) fn all_equal(pairs: impl Iterator<Item = (String, String)>) -> String {
    pairs.map(|(own, other)| format!("{own} = {other}")).collect::<Vec<_>>().join(" AND ")
}

/// Returns a name for a column that no column of the relation's target has.
pub(crate) fn fresh_name(relation: &RelationInfo, wanted: &str) -> String {
    let taken = || relation.target.columns.iter().chain(relation.target_columns);
    let mut name = wanted.to_owned();
    while taken().any(|taken| taken.eq_ignore_ascii_case(&name)) {
        name.push('_');
    }
    name
}

/// Returns a name that is not taken, and adds it to those that are: `wanted`, or `wanted` with a number.
pub(crate) fn fresh_alias(wanted: &str, taken: &mut Vec<String>, dialect: Dialect) -> String {
    let mut alias = dialect.alias(wanted.to_owned());
    let mut number = 1;
    while taken.iter().any(|taken| taken.eq_ignore_ascii_case(&alias)) {
        number += 1;
        alias = dialect.alias(format!("{wanted}_{number}"));
    }
    taken.push(alias.clone());
    alias
}

/// The values of a statement, in the order of its parameters.
#[derive(Debug, Clone)]
pub struct Bindings {
    pub(crate) values: Vec<Value<'static>>,
    pub(crate) dialect: Dialect,
    pub(crate) compared: Compared,
    /// The figures that the conditions and the order of the `SELECT` use, which is being written.
    figures: Vec<JoinedFigure>,
}

/// A figure, such as the number of orders, that is joined to the rows of a `SELECT`.
#[derive(Debug, Clone)]
struct JoinedFigure {
    /// The name that it would have if no other had it.
    wanted: String,
    alias: String,
    /// The query for the figure of each parent.
    figures: String,
    join: String,
}

impl Bindings {
    /// Returns bindings that begin with `values`.
    pub(crate) fn new(dialect: Dialect, values: Vec<Value<'static>>) -> Self {
        Self { values, dialect, compared: Compared::default(), figures: Vec::new() }
    }

    /// Adds how keys are compared.
    pub(crate) fn comparing(self, compared: Compared) -> Self {
        Self { compared, ..self }
    }

    /// Binds a value and returns its parameter.
    pub(crate) fn bind(&mut self, value: Value<'static>) -> String {
        self.values.push(value);
        self.dialect.parameter(self.values.len())
    }

    /// Joins a figure to the rows of the `SELECT` that is being written, and returns its alias. `join` writes the join
    /// with that alias. If a condition and the order use the same figure, it is joined once.
    pub(crate) fn join_figure(
        &mut self,
        wanted: String,
        figures: String,
        join: impl FnOnce(&str, &str, &Self) -> String,
    ) -> String {
        let same = self.figures.iter().filter(|joined| joined.wanted == wanted);
        if let Some(joined) = same.clone().find(|joined| joined.figures == figures) {
            return joined.alias.clone();
        }
        let alias = self.dialect.alias(match same.count() {
            0 => wanted.clone(),
            others => format!("{wanted} {}", others + 1),
        });
        let join = join(&figures, &alias, self);
        self.figures.push(JoinedFigure { wanted, alias: alias.clone(), figures, join });
        alias
    }

    /// Returns the joins of the figures that were used since the last call.
    pub(crate) fn take_joins(&mut self) -> Vec<String> {
        std::mem::take(&mut self.figures).into_iter().map(|joined| joined.join).collect()
    }

    /// Writes a `SELECT` inside another. Returns also the joins of the figures that it uses, each after a space.
    pub(crate) fn nested<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> (T, String) {
        let outer = std::mem::take(&mut self.figures);
        let written = write(self);
        let joins = self.take_joins().iter().map(|join| format!(" {join}")).collect();
        self.figures = outer;
        (written, joins)
    }

    /// Binds a number of rows. A count above `i64::MAX` is bound as `i64::MAX`.
    pub(crate) fn bind_rows(&mut self, rows: u64) -> String {
        self.bind(Value::Integer(i64::try_from(rows).unwrap_or(i64::MAX)))
    }
}

/// A `SELECT` that is being built. Its fields hold SQL with quoted names.
#[derive(Debug, Default, Clone)]
pub struct SelectSql {
    pub(crate) columns: Vec<String>,
    pub(crate) from: String,
    pub(crate) joins: Vec<String>,
    pub(crate) condition: Option<String>,
    pub(crate) order: Vec<String>,
    /// `LIMIT ?2 OFFSET ?3`, or nothing.
    pub(crate) limit: String,
    /// The name before the columns of the entity's table; `None` while it is the only table.
    pub(crate) alias: Option<&'static str>,
    /// What distinguishes the parents of a row, if a row comes once for each of them: the number of the key that it
    /// matched, or the matched column of the first table on the way.
    pub(crate) owner: Option<String>,
    /// Whether a row may come several times for one parent, in succession: once for each way that leads to it.
    pub(crate) may_repeat: bool,
    pub(crate) dialect: Dialect,
    /// Whether rows may come that belong to no parent, because a whole table is read, at this level or above.
    pub(crate) has_orphans: bool,
    /// The names of the tables.
    taken: Vec<String>,
}

impl SelectSql {
    /// Returns `SELECT columns FROM table` for an entity. If `is_named`, the table's name is before each
    /// column, so that other tables can be joined.
    pub(crate) fn of(entity: &'static EntityInfo, is_named: bool, dialect: Dialect) -> Self {
        let alias = is_named.then_some(entity.table);
        Self {
            columns: entity.columns.iter().map(|name| column(alias, name)).collect(),
            from: entity.sql_name(),
            alias,
            dialect,
            taken: vec![entity.table.to_owned()],
            ..Self::default()
        }
    }

    /// Returns a column of the entity's table, as this statement writes it.
    pub(crate) fn own(&self, name: &str) -> String {
        column(self.alias, name)
    }

    /// Returns the place of a column in the result, and adds the column if it is missing.
    pub(crate) fn place(&mut self, wanted: String) -> usize {
        match self.columns.iter().position(|present| *present == wanted) {
            Some(place) => place,
            None => {
                self.columns.push(wanted);
                self.columns.len() - 1
            }
        }
    }

    /// Returns a name that no other table of this statement has.
    pub(crate) fn fresh_alias(&mut self, wanted: &str) -> String {
        fresh_alias(wanted, &mut self.taken, self.dialect)
    }

    /// Requires `condition` too.
    pub(crate) fn and_where(&mut self, condition: String) {
        self.condition = Some(match self.condition.take() {
            Some(before) => format!("{before} AND ({condition})"),
            None => condition,
        });
    }

    /// Sorts by `term` next, unless the statement already sorts by it.
    pub(crate) fn then_by(&mut self, term: String) {
        if !self.order.contains(&term) {
            self.order.push(term);
        }
    }

    /// Sorts next by the entity's key. `table` is put before its columns.
    ///
    /// If `keeps_rows_together`, rows with one key follow each other, even if a collation treats two keys as
    /// equal.
    pub(crate) fn then_by_key(
        &mut self,
        table: Option<&str>,
        entity: &EntityInfo,
        keeps_rows_together: bool,
    ) {
        for name in entity.key {
            self.then_by(column(table, name));
        }
        if keeps_rows_together && !entity.has_integer_key {
            for name in entity.key {
                self.then_by(self.dialect.by_bytes(&column(table, name)));
            }
        }
    }

    /// Returns the text.
    pub(crate) fn text(&self) -> String {
        let mut sql = format!("SELECT {} FROM {}", self.columns.join(", "), self.from);
        for join in &self.joins {
            let _ = write!(sql, " {join}");
        }
        if let Some(condition) = &self.condition {
            let _ = write!(sql, " WHERE {condition}");
        }
        if !self.order.is_empty() {
            let _ = write!(sql, " ORDER BY {}", self.order.join(", "));
        }
        if !self.limit.is_empty() {
            let _ = write!(sql, " {}", self.limit);
        }
        sql
    }
}

/// A `SELECT` and its bound values.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) select: SelectSql,
    pub(crate) values: Vec<Value<'static>>,
}
