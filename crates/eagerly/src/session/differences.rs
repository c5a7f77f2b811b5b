//! The differences between entities and a schema, and how they are printed.

use std::fmt;
use std::ops::Deref;

use crate::watch::numbers::counted;

/// One difference between an entity and the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The struct: `Customer`.
    pub entity: &'static str,
    /// What differs, for code that reacts to it.
    pub kind: DifferenceKind,
    /// What differs, as a sentence.
    pub problem: String,
    /// One way to make both the same.
    pub help: String,
}

/// The kinds of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DifferenceKind {
    /// The table does not exist.
    NoTable,
    /// A column of the entity, or of a relation that leads to it, does not exist.
    NoColumn,
    /// The column has a type that does not fit the field.
    OtherType,
    /// The column may be `NULL`, and the field is not an `Option`.
    MayBeNull,
    /// The database computes the column, and the field is written.
    Generated,
    /// The column needs a value, and no field writes one. An `insert` fails.
    NoField,
    /// A relation finds rows by columns without an index. It works, and reads the whole table.
    NoIndex,
}

/// What differs between entities and a schema. [`check_tables`](crate::Session::check_tables) returns it.
///
/// ```
/// # use {eagerly::*, shop::*};
/// let session = Session::in_memory()?;
/// session.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT NOT NULL)", [])?;
/// let differences: Differences = session.check_tables::<Customer>()?;
/// assert_eq!(differences.to_string(), r#"2 differences between the entities and the schema
///
/// Customer: the column "first_name" of the table "customers" may be NULL, and its
///   field is not an Option.
///   help: make the field an Option, or the column NOT NULL
///
/// Customer: the table "customers" has no column "email".
///   help: add the column, or write #[entity(column = "…")] on the field
/// "#);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use]
pub struct Differences(pub(super) Vec<Difference>);

impl Difference {
    /// Returns whether the difference only makes programs slower, as a missing index does.
    pub fn is_warning(&self) -> bool {
        self.kind == DifferenceKind::NoIndex
    }
}

impl Deref for Differences {
    type Target = [Difference];

    fn deref(&self) -> &[Difference] {
        &self.0
    }
}

/// Writes the entity and the problem, and the help below.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        wrapped(&format!("{}: {}", self.entity, self.problem), "", f)?;
        wrapped(&format!("help: {}", self.help), "  ", f)
    }
}

/// Writes all differences, in lines of up to 80 characters.
impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return writeln!(f, "The entities and the schema agree.");
        }
        writeln!(f, "{} between the entities and the schema", counted(self.len() as u64, "difference"))?;
        self.iter().try_for_each(|difference| write!(f, "\n{difference}"))
    }
}

/// Writes words in lines of up to 80 characters. Each line after the first is indented.
fn wrapped(text: &str, first: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut line = first.to_owned();
    for word in text.split(' ') {
        let is_empty = line.trim().is_empty();
        if !is_empty && line.chars().count() + 1 + word.chars().count() > 80 {
            writeln!(f, "{line}")?;
            line = format!("  {word}");
        } else {
            line = if is_empty { line + word } else { format!("{line} {word}") };
        }
    }
    writeln!(f, "{line}")
}
