//! Skip at first. The error of a cell that does not fit its field. It names both types, the row, and the row's parent.

use crate::database::{Row, Value};
use crate::error::{Error, Mismatch};
use crate::trace::{Cohort, EntityInfo};

/// A cell that does not fit its field.
pub(crate) struct Undecoded<'r, 's> {
    pub(crate) row: &'r Row<'s>,
    /// The place of the cell in the row.
    pub(crate) place: usize,
    pub(crate) entity: &'static EntityInfo,
    pub(crate) column: &'static str,
    pub(crate) key: KeyCells,
}

/// Where the key of the row is.
#[derive(Clone, Copy)]
pub enum KeyCells {
    /// Among the columns of the entity, which start at `first`.
    InRow { first: usize },
    /// The row holds only the key.
    Alone,
    /// The row does not hold it.
    Absent,
}

impl<'r, 's> Undecoded<'r, 's> {
    /// Describes the field `column` of an entity, counted from 0, in the cell at `place`.
    #[cold]
    pub(crate) fn field(row: &'r Row<'s>, place: usize, entity: &'static EntityInfo, column: usize) -> Self {
        let key = KeyCells::InRow { first: place.saturating_sub(column) };
        Self { row, place, entity, column: entity.columns[column], key }
    }

    /// Describes a column of the key, counted from 0, in a row that holds nothing else.
    #[cold]
    pub(crate) fn key(row: &'r Row<'s>, entity: &'static EntityInfo, column: usize) -> Self {
        Self { row, place: column, entity, column: entity.key[column], key: KeyCells::Alone }
    }

    /// Returns the error. `T` is the type of the field.
    #[cold]
    pub(crate) fn error<T>(self, mismatch: Mismatch) -> Error {
        self.error_of(short_type_name::<T>(), mismatch)
    }

    fn error_of(self, field: String, mut mismatch: Mismatch) -> Error {
        let mut about = vec![format!("the field is {field}")];
        let declared = self.row.declared_type(self.place);
        about.extend(declared.map(|declared| format!("the column {declared}")));
        for (number, name) in self.entity.key.iter().enumerate() {
            let place = match self.key {
                KeyCells::Alone => Some(number),
                KeyCells::Absent => None,
                KeyCells::InRow { first } => self.entity.place(name).map(|place| first + place),
            };
            let value = place.map(|place| self.row.cell(place).value());
            about.extend(value.map(|value| format!("the row's {name:?} is {value}")));
        }
        mismatch.found = format!("{} ({})", mismatch.found, about.join(", "));
        Error::Decode { record: self.entity.name, column: self.column, mismatch }
    }
}

/// Returns the name of a type without its modules: `Option<String>`.
#[cold]
pub(crate) fn short_type_name<T>() -> String {
    let parts = std::any::type_name::<T>().split_inclusive(['<', '>', '(', ',', ' ']);
    parts.map(|part| part.rsplit("::").next().unwrap_or(part)).collect()
}

/// Adds to the error of a related row which relation of which parent loads it. The columns of the row start at `first`.
///
/// The row of a has-many contains the parent's key, as its foreign key. A belongs-to leads to the row by the row's own
/// key, which the error names already.
#[cold]
pub(crate) fn with_parent(mut error: Error, cohort: &Cohort, row: &Row<'_>, first: usize) -> Error {
    let (Error::Decode { mismatch, .. }, Some(relation)) = (&mut error, cohort.relation()) else {
        return error;
    };
    mismatch.found.push_str(&format!(", loaded by {relation}"));
    // The columns that match the parent of a relation through others are in another table.
    if relation.kind.points_here() && !relation.is_through() {
        let pairs = relation.parent_columns.iter().zip(relation.target_columns);
        let known = pairs.filter_map(|(parent, own)| {
            Some((*parent, row.cell(first + relation.target.place(own)?).value()))
        });
        let known: Vec<_> = known.collect();
        if !known.is_empty() {
            mismatch.found.push_str(&format!(" for {}", row_whose(relation.parent, known.into_iter())));
        }
    }
    error
}

/// Returns a row in words: `the Customer whose "id" = 7`.
#[cold]
pub(crate) fn row_whose<'v>(
    entity: &EntityInfo,
    columns: impl Iterator<Item = (&'static str, Value<'v>)>,
) -> String {
    let equal: Vec<_> = columns.map(|(name, value)| format!("{name:?} = {value}")).collect();
    format!("the {} whose {}", entity.name, equal.join(" and "))
}
