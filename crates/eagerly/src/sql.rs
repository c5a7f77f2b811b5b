//! The text of statements.
//!
//! Identifiers come from the derive alone and are always quoted; values are always bound. So the text of a
//! statement depends on the query's form and never on its data: that is what makes it a *shape*.

use std::fmt::Write as _;

use crate::entity::Entity;

/// An identifier in quotes: `"order"`.
pub(crate) fn quote(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// A column, behind the name of its table where there are several tables.
pub(crate) fn column(table: Option<&str>, column: &str) -> String {
    match table {
        Some(table) => format!("{}.{}", quote(table), quote(column)),
        None => quote(column),
    }
}

/// Several columns as a row value, `("a", "b")`; one as itself.
pub(crate) fn tuple(columns: &[String]) -> String {
    match columns {
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    }
}

/// A `SELECT` in the making. Its fields hold SQL, already quoted.
#[derive(Debug, Default, Clone)]
pub struct SelectSql {
    pub(crate) columns: Vec<String>,
    pub(crate) from: String,
    pub(crate) joins: Vec<String>,
    pub(crate) condition: Option<String>,
    pub(crate) order: Vec<String>,
    /// `LIMIT ?2 OFFSET ?3`, or nothing.
    pub(crate) limit: String,
    /// The name that columns of the first table are written with; `None` while it is the only table.
    pub(crate) alias: Option<String>,
    taken: Vec<String>,
}

impl SelectSql {
    /// `SELECT columns FROM table`.
    pub(crate) fn new(table: &str, columns: &[&str]) -> Self {
        Self {
            columns: columns.iter().map(|name| column(None, name)).collect(),
            from: quote(table),
            ..Self::default()
        }
    }

    /// The same for a statement that is going to join other tables: its columns are written with its name.
    pub(crate) fn joining(table: &str, columns: &[&str]) -> Self {
        Self {
            columns: columns.iter().map(|name| column(Some(table), name)).collect(),
            from: quote(table),
            alias: Some(table.to_owned()),
            taken: vec![table.to_owned()],
            ..Self::default()
        }
    }

    /// The one or the other, for an entity.
    pub(crate) fn of<E: Entity>(joins: bool) -> Self {
        match joins {
            true => Self::joining(E::TABLE, E::COLUMNS),
            false => Self::new(E::TABLE, E::COLUMNS),
        }
    }

    /// A column of the first table, as this statement writes it.
    pub(crate) fn own(&self, name: &str) -> String {
        column(self.alias.as_deref(), name)
    }

    /// The place of a column of the first table in the result; appended if the entity does not have it.
    pub(crate) fn place_of(&mut self, name: &str) -> usize {
        let wanted = self.own(name);
        self.place(wanted)
    }

    /// The place of a column in the result; appended if it is not there yet.
    pub(crate) fn place(&mut self, wanted: String) -> usize {
        match self.columns.iter().position(|present| *present == wanted) {
            Some(place) => place,
            None => {
                self.columns.push(wanted);
                self.columns.len() - 1
            }
        }
    }

    /// A name for a joined table that no other table of this statement has.
    pub(crate) fn fresh_alias(&mut self, wanted: &str) -> String {
        let numbered = (2..).map(|number| format!("{wanted}_{number}"));
        let alias = std::iter::once(wanted.to_owned())
            .chain(numbered)
            .find(|name| !self.taken.iter().any(|taken| taken.eq_ignore_ascii_case(name)))
            .unwrap_or_default();
        self.taken.push(alias.clone());
        alias
    }

    /// Sorts by a column too, unless the statement already does.
    pub(crate) fn then_by(&mut self, term: String) {
        if !self.order.contains(&term) {
            self.order.push(term);
        }
    }

    /// The text.
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
