//! When two keys are equal.
//!
//! That is for the column to say in which the children's keys stand, since it is so in `WHERE column = key`:
//! a column of text holds the number 5 to be `'5'`, one of numbers holds `'05'` to be 5, and one declared
//! `COLLATE NOCASE` holds `'Ada'` and `'ada'` to be the same. Rows are handed to parents here and not by the
//! database, so keys are brought to a common form first. Mostly there is nothing to do: integers in a column of
//! integers.

use crate::core::Core;
use crate::entity::Entity;
use crate::key::Key;
use crate::relation::Relation;
use crate::value::Value;

/// How a column compares, by its declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ColumnRules {
    pub(crate) affinity: Affinity,
    pub(crate) collation: Collation,
}

/// What a column makes of the values that it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Affinity {
    /// Numbers become text.
    Text,
    /// Text that reads as a number becomes one.
    Numeric,
    /// Values stay as they are.
    None,
}

/// Which texts a column holds to be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Collation {
    /// The same bytes.
    Binary,
    /// The same but for the case of ASCII letters.
    NoCase,
    /// The same but for blanks at the end.
    RightTrim,
}

impl ColumnRules {
    /// From the declared type and collation of a column, by SQLite's own rules.
    pub(crate) fn declared(declared_type: &str, collation: &str) -> Self {
        let declared_type = declared_type.to_ascii_uppercase();
        let has = |parts: &[&str]| parts.iter().any(|part| declared_type.contains(part));
        let affinity = if has(&["INT"]) {
            Affinity::Numeric
        } else if has(&["CHAR", "CLOB", "TEXT"]) {
            Affinity::Text
        } else if declared_type.is_empty() || has(&["BLOB"]) {
            Affinity::None
        } else {
            Affinity::Numeric
        };
        let collation = match collation.to_ascii_uppercase().as_str() {
            "NOCASE" => Collation::NoCase,
            "RTRIM" => Collation::RightTrim,
            _ => Collation::Binary,
        };
        Self { affinity, collation }
    }

    /// Whether keys like this one can be compared as they are.
    fn keep(self, key: &Value<'_>) -> bool {
        match key {
            Value::Integer(_) => self.affinity != Affinity::Text,
            Value::Text(_) => self.affinity != Affinity::Numeric && self.collation == Collation::Binary,
            _ => false,
        }
    }

    fn common_form<'v>(self, value: Value<'v>) -> Value<'v> {
        match (self.collated(value), self.affinity) {
            (Value::Integer(integer), Affinity::Text) => Value::Text(integer.to_string().into()),
            (Value::Real(real), Affinity::Text) => Value::Text(format!("{real:?}").into()),
            (Value::Text(text), Affinity::Numeric) => as_number(&text).unwrap_or(Value::Text(text)),
            (Value::Real(real), Affinity::Numeric) => whole(real).map_or(Value::Real(real), Value::Integer),
            (value, _) => value,
        }
    }

    fn collated(self, value: Value<'_>) -> Value<'_> {
        match (value, self.collation) {
            (Value::Text(text), Collation::NoCase) => Value::Text(text.to_ascii_lowercase().into()),
            (Value::Text(text), Collation::RightTrim) => {
                Value::Text(text.trim_end_matches(' ').to_owned().into())
            }
            (value, _) => value,
        }
    }
}

fn as_number(text: &str) -> Option<Value<'static>> {
    let text = text.trim_matches(|blank: char| blank.is_ascii_whitespace());
    if let Ok(integer) = text.parse() {
        return Some(Value::Integer(integer));
    }
    let plain = text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first));
    let real: f64 = text.parse().ok().filter(|_| plain)?;
    Some(whole(real).map_or(Value::Real(real), Value::Integer))
}

/// A real number that is an integer, as one. (At the ends of the integers, the conversion may have cut it off.)
pub(super) fn whole(real: f64) -> Option<i64> {
    let integer = real as i64;
    let is_exact = integer as f64 == real && integer != i64::MIN && integer != i64::MAX;
    is_exact.then_some(integer)
}

/// What to write before the parents' columns where SQL compares them with the children's: a `+` where the two
/// are declared differently, else nothing. The `+` leaves a value without its declaration, so that the
/// children's column alone says what is equal, as it does for a bound value.
pub(crate) fn as_value<R: Relation>(core: &Core) -> &'static str {
    let affinity = |table, column| core.column_rules(table, column).map(|rules| rules.affinity);
    let mut pairs = R::INFO.parent_columns.iter().zip(R::INFO.target_columns);
    let alike = pairs
        .all(|(parent, target)| affinity(R::Parent::TABLE, parent) == affinity(R::Target::TABLE, target));
    if alike { "" } else { "+" }
}

/// How a relation's keys compare.
#[derive(Debug, Clone)]
pub(crate) struct Comparison {
    /// The rules of each column; none if keys can be compared as they are.
    rules: Vec<ColumnRules>,
}

impl Comparison {
    /// For the columns that a relation matches in the target's table. `keys` says what the parents' keys look
    /// like: the first of them will do.
    pub(crate) fn of<R: Relation>(core: &Core, first: &Key<'_>) -> Self {
        let columns = R::INFO.target_columns.iter();
        let rules: Option<Vec<_>> = columns
            .map(|column| core.column_rules(R::Target::TABLE, column))
            .collect();
        // A view's columns have no declaration: their keys are compared as they are.
        let rules = rules.unwrap_or_default();
        let as_is = rules
            .iter()
            .zip(first.values())
            .all(|(rules, value)| rules.keep(value));
        Self {
            rules: if as_is { Vec::new() } else { rules },
        }
    }

    /// Whether it is known how the columns compare: of a view it is not.
    pub(crate) fn is_known<R: Relation>(core: &Core) -> bool {
        let mut columns = R::INFO.target_columns.iter();
        columns.all(|column| core.column_rules(R::Target::TABLE, column).is_some())
    }

    /// The key in a form in which equal keys are the same.
    #[inline]
    pub(crate) fn common_form<'k>(&self, key: Key<'k>) -> Key<'k> {
        match (self.rules.as_slice(), key) {
            ([], key) => key,
            ([rules, ..], Key::One(value)) => Key::One(rules.common_form(value)),
            (rules, Key::Many(values)) => {
                let pairs = rules.iter().zip(values);
                Key::Many(pairs.map(|(rules, value)| rules.common_form(value)).collect())
            }
        }
    }
}
