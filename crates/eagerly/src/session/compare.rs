//! Compares entities with the facts of the database about their tables. No statement is sent here.

use crate::database::{ColumnFacts, Dialect, TableFacts, quote_all};
use crate::model::Listed;
use crate::query::{begins_with, is_same_table};
use crate::session::differences::{Difference, DifferenceKind};
use crate::trace::{EntityInfo, RelationInfo};

/// Compares each listed entity with its table, which is `None` if it does not exist.
pub(super) fn compare(listed: &[Listed], tables: &[Option<TableFacts>], dialect: Dialect) -> Vec<Difference> {
    let mut found = Vec::new();
    for (Listed { entity, .. }, table) in listed.iter().zip(tables) {
        let comparison = Comparison { entity, dialect };
        match table {
            Some(table) => {
                found.extend(
                    entity.columns.iter().enumerate().flat_map(|(place, _)| comparison.field(place, table)),
                );
                found.extend(comparison.columns_without_field(table));
            }
            None => found.push(comparison.no_table()),
        }
        let relations = listed.iter().flat_map(|listed| &listed.relations);
        let leads_here =
            |relation: &&&RelationInfo| !relation.is_through() && is_same_table(relation.target, entity);
        for relation in relations.filter(leads_here) {
            found.extend(table.as_ref().and_then(|table| comparison.relation(relation, table)));
        }
    }
    // Relations in opposite directions, and entities of one table, can report the same.
    let mut distinct: Vec<Difference> = Vec::new();
    for difference in found {
        if !distinct.contains(&difference) {
            distinct.push(difference);
        }
    }
    distinct
}

struct Comparison<'e> {
    entity: &'e EntityInfo,
    dialect: Dialect,
}

impl Comparison<'_> {
    fn difference(&self, kind: DifferenceKind, problem: String, help: String) -> Difference {
        Difference { entity: self.entity.name, kind, problem, help }
    }

    fn no_table(&self) -> Difference {
        let problem = format!("there is no table {:?}.", self.entity.full_name);
        let help = "check the name in #[entity(table = \"…\")] and the database, or create the table with create_tables";
        self.difference(DifferenceKind::NoTable, problem, help.to_owned())
    }

    /// Compares the field at a place with its column.
    fn field(&self, place: usize, table: &TableFacts) -> Vec<Difference> {
        let (entity, name) = (self.entity, self.entity.columns[place]);
        let Some(column) = self.column(name, table) else {
            let help = "add the column, or write #[entity(column = \"…\")] on the field";
            return vec![self.no_column(name, help)];
        };
        let subject = format!("the column {name:?} of the table {:?}", entity.full_name);
        let is_written = entity.written.contains(&name);
        let mut found = Vec::new();
        let sql_type = entity.sql_types[place];
        if !sql_type.fits(&column.type_name, self.dialect) {
            let declared = if column.declared.is_empty() { "no type" } else { &column.declared };
            let wanted = sql_type.name(self.dialect).unwrap_or_default();
            found.push(self.difference(
                DifferenceKind::OtherType,
                format!("{subject} has the type {declared}, which does not fit its field."),
                format!("change the type of the field, or that of the column to {wanted}"),
            ));
        }
        if table.is_table && column.may_be_null && !entity.may_be_null[place] {
            found.push(self.difference(
                DifferenceKind::MayBeNull,
                format!("{subject} may be NULL, and its field is not an Option."),
                "make the field an Option, or the column NOT NULL".to_owned(),
            ));
        }
        if column.is_generated && is_written {
            found.push(self.difference(
                DifferenceKind::Generated,
                format!("{subject} is computed by the database, and its field is written."),
                "mark the field with #[entity(read_only)]".to_owned(),
            ));
        }
        found
    }

    /// Returns the columns that need a value and that no field writes.
    fn columns_without_field(&self, table: &TableFacts) -> Vec<Difference> {
        let is_written =
            |column: &ColumnFacts| self.entity.written.iter().any(|name| self.is_same(name, &column.name));
        let needs_value = |column: &&ColumnFacts| {
            table.is_table
                && !column.may_be_null
                && !column.has_default
                && !column.is_generated
                && !is_written(column)
        };
        let differences = table.columns.iter().filter(needs_value).map(|column| {
            self.difference(
                DifferenceKind::NoField,
                format!(
                    "the column {:?} of the table {:?} is NOT NULL without a default, and no field writes it. An insert fails.",
                    column.name, self.entity.full_name
                ),
                "add a field for the column, or give the column a default".to_owned(),
            )
        });
        differences.collect()
    }

    /// Compares a relation that leads to the entity with the columns by which it finds rows.
    fn relation(&self, relation: &RelationInfo, table: &TableFacts) -> Option<Difference> {
        let wanted = relation.target_columns;
        let missing = wanted.iter().find(|name| self.column(name, table).is_none());
        if let Some(name) = missing {
            // The entity's own columns are compared already.
            let help = format!("add the column, or correct the columns of {relation}");
            return self.entity.place(name).is_none().then(|| self.no_column(name, &help));
        }
        // The index may write a name in other letters than the entity.
        let names = wanted.iter().filter_map(|name| Some(self.column(name, table)?.name.as_str()));
        let names: Vec<_> = names.collect();
        let has_index = table.indexes.iter().any(|index| begins_with(index, &names));
        let columns = quote_all(wanted);
        (table.is_table && !has_index).then(|| {
            self.difference(
                DifferenceKind::NoIndex,
                format!("no index of the table {:?} begins with {columns}, so each load of {relation} reads the whole table.", self.entity.full_name),
                format!("create one, as in CREATE INDEX … ON {} ({columns})", self.entity.sql_name()),
            )
        })
    }

    fn no_column(&self, name: &str, help: &str) -> Difference {
        let problem = format!("the table {:?} has no column {name:?}.", self.entity.full_name);
        self.difference(DifferenceKind::NoColumn, problem, help.to_owned())
    }

    fn column<'t>(&self, name: &str, table: &'t TableFacts) -> Option<&'t ColumnFacts> {
        table.columns.iter().find(|column| self.is_same(name, &column.name))
    }

    /// Returns whether a name in SQL is the name of a column. SQLite ignores the case of letters.
    fn is_same(&self, written: &str, column: &str) -> bool {
        match self.dialect {
            Dialect::Sqlite => written.eq_ignore_ascii_case(column),
            Dialect::Postgres => written == column,
        }
    }
}
