//! A table of shapes. A shape is the text of a statement, which holds no bound values.

use std::collections::HashMap;

/// The number of shapes kept apart. All later shapes share one entry, so the table stays small. (SQL with
/// values in its text has a shape for each value.)
const SHAPES: usize = 1_000;

/// How many shapes are compared one by one. Comparing eight texts is faster than hashing one.
const FEW: usize = 8;

/// A `T` for each shape, in order of first appearance.
///
/// ```
/// # use eagerly::shapes::Shapes;
/// let mut counts = Shapes::<u64>::default();
/// for sql in ["SELECT 1", "SELECT 2", "SELECT 1"] {
///     let number = counts.number(sql);
///     *counts.at(number) += 1;
/// }
/// assert_eq!(counts.iter().collect::<Vec<_>>(), [("SELECT 1", &2), ("SELECT 2", &1)]);
/// ```
#[derive(Default)]
pub struct Shapes<T> {
    list: Vec<(String, T)>,
    numbers: HashMap<String, usize>,
}

impl<T: Default> Shapes<T> {
    /// The number that all shapes after the first 1,000 share.
    pub const OTHERS: usize = SHAPES;

    /// Returns the number of a shape, counted from 0.
    pub fn number(&mut self, sql: &str) -> usize {
        if let Some(number) = self.list.iter().take(FEW).position(|(known, _)| known == sql) {
            return number;
        }
        if let Some(number) = self.numbers.get(sql) {
            return *number;
        }
        if self.list.len() > SHAPES {
            return SHAPES;
        }
        let number = self.list.len();
        let sql = if number < SHAPES { sql } else { "(other statements)" };
        self.list.push((sql.to_owned(), T::default()));
        self.numbers.insert(sql.to_owned(), number);
        number
    }

    /// Returns the value of the shape with a number.
    ///
    /// # Panics
    /// If [`number`](Self::number) never returned that number.
    pub fn at(&mut self, number: usize) -> &mut T {
        &mut self.list[number].1
    }

    /// Returns the text of the shape with a number.
    ///
    /// # Panics
    /// If [`number`](Self::number) never returned that number.
    pub fn sql(&self, number: usize) -> &str {
        &self.list[number].0
    }

    /// Returns the text and the value of every shape.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.list.iter().map(|(sql, known)| (sql.as_str(), known))
    }

    /// Returns the value of every shape.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.list.iter_mut().map(|(_, known)| known)
    }
}
