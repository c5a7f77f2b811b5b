//! Skip at first. The SQL that creates the tables of entities.
//!
//! ```sql
//! CREATE TABLE "orders" (
//!     "id" INTEGER PRIMARY KEY,
//!     "customer_id" INTEGER NOT NULL REFERENCES "customers" ("id"),
//!     "status" TEXT NOT NULL
//! )
//! CREATE INDEX "orders_customer_id" ON "orders" ("customer_id")
//! ```
//!
//! A table comes after those that it points to. PostgreSQL requires that, unless they point to each other in a circle. Then it
//! adds one of the foreign keys when all tables exist. SQLite looks for a table only when a row is inserted.

use crate::database::{Dialect, SqlType, quote, quote_all};
use crate::error::{Error, Result};
use crate::model::Listed;
use crate::query::foreign_keys::{ForeignKey, begins_with};
use crate::query::sql::fresh_alias;
use crate::trace::EntityInfo;

/// Returns the statements that create the tables, and an index for each foreign key.
pub(crate) fn create_tables(listed: &[Listed], dialect: Dialect) -> Result<Vec<String>> {
    let keys = ForeignKey::of(listed);
    let ordered = in_order(listed.iter().map(|listed| listed.entity).collect(), &keys);
    let mut names: Vec<String> = ordered.iter().map(|entity| entity.table.to_owned()).collect();
    let (mut tables, mut circles, mut indexes) = (Vec::new(), Vec::new(), Vec::new());
    for (place, entity) in ordered.iter().enumerate() {
        let later = &ordered[place + 1..];
        let table = Table::new(entity, &keys, later, dialect);
        tables.push(table.create()?);
        let constraints = table.late.iter().filter_map(|key| constraint(key, dialect));
        circles.extend(constraints.map(|line| format!("ALTER TABLE {} ADD {line}", entity.sql_name())));
        indexes.extend(table.scanned().map(|key| create_index(key, &mut names, dialect)));
    }
    Ok([tables, circles, indexes].concat())
}

/// Sorts tables so that each comes after those that it points to, as far as that is possible.
fn in_order(mut left: Vec<&'static EntityInfo>, keys: &[ForeignKey]) -> Vec<&'static EntityInfo> {
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let waits = |entity: &EntityInfo| {
            let targets = keys.iter().filter(|key| key.is_from(entity) && !key.is_to(entity));
            targets.into_iter().any(|key| left.iter().any(|left| key.is_to(left)))
        };
        let next = left.iter().position(|entity| !waits(entity)).unwrap_or(0);
        ordered.push(left.remove(next));
    }
    ordered
}

/// A table, and the foreign keys from and to it.
struct Table<'k> {
    entity: &'static EntityInfo,
    /// The foreign keys that are declared with the table.
    keys: Vec<&'k ForeignKey>,
    /// The foreign keys that are added when all tables exist.
    late: Vec<&'k ForeignKey>,
    /// The columns that foreign keys point to, if they are not the key. A database requires that they are unique.
    uniques: Vec<&'static [&'static str]>,
    dialect: Dialect,
}

impl<'k> Table<'k> {
    fn new(
        entity: &'static EntityInfo,
        keys: &'k [ForeignKey],
        later: &[&EntityInfo],
        dialect: Dialect,
    ) -> Self {
        let is_late =
            |key: &&ForeignKey| dialect == Dialect::Postgres && later.iter().any(|entity| key.is_to(entity));
        let (late, now) = keys.iter().filter(|key| key.is_from(entity)).partition(is_late);
        let mut uniques: Vec<_> = Vec::new();
        for key in keys.iter().filter(|key| key.is_to(entity)) {
            let columns = key.target_columns;
            if !is_same_set(columns, entity.key) && !uniques.contains(&columns) {
                uniques.push(columns);
            }
        }
        Self { entity, keys: now, late, uniques, dialect }
    }

    fn own_keys(&self) -> impl Iterator<Item = &'k ForeignKey> {
        self.keys.iter().chain(&self.late).copied()
    }

    /// Returns the foreign keys whose columns no key and no unique column begins with. Without an index, loading the rows of
    /// a parent would read the whole table.
    fn scanned(&self) -> impl Iterator<Item = &'k ForeignKey> {
        let is_found = |key: &ForeignKey| {
            begins_with(self.entity.key, key.columns)
                || self.uniques.iter().any(|unique| begins_with(unique, key.columns))
        };
        self.own_keys().filter(move |key| !is_found(key))
    }

    fn create(&self) -> Result<String> {
        let entity = self.entity;
        let columns = entity.columns.iter().enumerate();
        let mut lines =
            columns.map(|(place, column)| self.column(place, column)).collect::<Result<Vec<_>>>()?;
        lines.extend(self.columns_without_field()?);
        if entity.key.len() > 1 {
            lines.push(format!("PRIMARY KEY ({})", quote_all(entity.key)));
        }
        let several = self.uniques.iter().filter(|columns| columns.len() > 1);
        lines.extend(several.map(|columns| format!("UNIQUE ({})", quote_all(columns))));
        let is_apart = |key: &&&ForeignKey| key.columns.len() > 1 || entity.place(key.columns[0]).is_none();
        lines.extend(self.keys.iter().filter(is_apart).filter_map(|key| constraint(key, self.dialect)));
        Ok(format!("CREATE TABLE {} (\n    {}\n)", entity.sql_name(), lines.join(",\n    ")))
    }

    /// Returns the line of the column at a place.
    fn column(&self, place: usize, column: &'static str) -> Result<String> {
        let entity = self.entity;
        let mut line = declaration(entity, column, entity.sql_types[place], self.dialect)?;
        let is_written = entity.written.contains(&column);
        if entity.key == [column] {
            line += self.single_key(column, entity.sql_types[place].is_integer(), is_written);
        } else if entity.key.contains(&column) || is_written && !entity.may_be_null[place] {
            // Only the database knows the default of a column that is not written. Here it is `NULL`.
            line += " NOT NULL";
        }
        if self.uniques.contains(&[column].as_slice()) {
            line += " UNIQUE";
        }
        for key in self.keys.iter().filter(|key| key.columns == [column]) {
            if let Some(references) = references(key, self.dialect) {
                line = format!("{line} {references}");
            }
        }
        Ok(line)
    }

    /// Returns what makes a column the key. The database chooses numbers, unless they are those of another table.
    fn single_key(&self, column: &str, is_number: bool, is_written: bool) -> &'static str {
        let points = self.own_keys().any(|key| key.columns == [column]);
        match (self.dialect, is_number) {
            (Dialect::Postgres, true) if !points && is_written => {
                " GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"
            }
            (Dialect::Postgres, true) if !points => " GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
            (_, true) => " PRIMARY KEY",
            // In SQLite, a key that is not a number could be `NULL`.
            (_, false) => " NOT NULL PRIMARY KEY",
        }
    }

    /// Returns the lines of the foreign keys' columns for which the entity has no field, with the types of the columns that
    /// they point to.
    fn columns_without_field(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        let pairs = self.own_keys().flat_map(|key| {
            key.columns.iter().zip(key.target_columns).map(move |(column, target)| (key.to, *column, *target))
        });
        for (to, column, target) in pairs.filter(|(_, column, _)| self.entity.place(column).is_none()) {
            let sql_type = to.place(target).map_or(SqlType::Unknown, |place| to.sql_types[place]);
            let line = declaration(self.entity, column, sql_type, self.dialect)?;
            if !found.contains(&line) {
                found.push(line);
            }
        }
        Ok(found)
    }
}

/// Returns the name and the type of a column.
fn declaration(
    entity: &'static EntityInfo,
    column: &'static str,
    sql_type: SqlType,
    dialect: Dialect,
) -> Result<String> {
    match sql_type.name(dialect) {
        Some(name) => Ok(format!("{} {name}", quote(column))),
        None => Err(Error::NoSqlType { entity: entity.name, column }),
    }
}

/// Returns a foreign key as a line of its own; `None` if the database cannot have it.
fn constraint(key: &ForeignKey, dialect: Dialect) -> Option<String> {
    Some(format!("FOREIGN KEY ({}) {}", quote_all(key.columns), references(key, dialect)?))
}

/// Returns what a foreign key points to; `None` if the database cannot have it. In SQLite, both tables must be in one schema,
/// which is a file, and its name is not written.
fn references(key: &ForeignKey, dialect: Dialect) -> Option<String> {
    let table = match dialect {
        Dialect::Sqlite if key.from.schema != key.to.schema => return None,
        Dialect::Sqlite => quote(key.to.table),
        Dialect::Postgres => key.to.sql_name(),
    };
    Some(format!("REFERENCES {table} ({})", quote_all(key.target_columns)))
}

/// Returns the statement that creates the index of a foreign key. Neither database does it by itself.
fn create_index(key: &ForeignKey, taken: &mut Vec<String>, dialect: Dialect) -> String {
    // Tables and indexes share their names.
    let name = fresh_alias(&format!("{}_{}", key.from.table, key.columns.join("_")), taken, dialect);
    let columns = quote_all(key.columns);
    match (dialect, key.from.schema) {
        (Dialect::Sqlite, Some(schema)) => {
            format!(
                "CREATE INDEX {}.{} ON {} ({columns})",
                quote(schema),
                quote(&name),
                quote(key.from.table)
            )
        }
        _ => format!("CREATE INDEX {} ON {} ({columns})", quote(&name), key.from.sql_name()),
    }
}

fn is_same_set(one: &[&str], other: &[&str]) -> bool {
    one.len() == other.len() && begins_with(one, other)
}
