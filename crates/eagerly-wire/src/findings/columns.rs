//! Finds the columns whose values were sent again.
//!
//! A page can have a million values, and hundreds of shapes. So all values that came back are looked at once, and only those
//! that were also sent are kept. Comparing each place of each shape with each column took seconds for such a page.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::page::{Page, Shape};

/// The smallest part of a shape's statements that a column has to explain, for a hint.
pub(super) const PART_FOR_HINT: f64 = 0.5;

/// The most columns that are kept for a value. Small numbers are in many columns.
const MOST_COLUMNS: usize = 64;

/// The most columns that are weighed for a place, those that explain the most first.
const MOST_WEIGHED: usize = 16;

/// The different values of a place.
pub(super) struct Wanted {
    place: usize,
    /// For each value, how many statements have it.
    values: HashMap<u64, usize>,
}

impl Wanted {
    /// Returns the places of a shape that have several values.
    pub(super) fn all_of(shape: &Shape) -> Vec<Self> {
        let mut all = Vec::new();
        for place in 0..shape.places.len() {
            let mut values = HashMap::new();
            for value in shape.sent.iter().skip(place).step_by(shape.places.len()).flatten() {
                *values.entry(value.hash).or_default() += 1;
            }
            if values.len() > 1 {
                all.push(Self { place, values });
            }
        }
        all
    }
}

/// A column of a shape that explains the values of a place.
#[derive(Clone, Copy)]
pub(super) struct Explained {
    pub(super) place: usize,
    /// The shape whose rows have the column.
    pub(super) source: usize,
    pub(super) column: usize,
    /// How many statements have a value of the column.
    pub(super) statements: usize,
}

/// For each value that was sent, the shapes and columns that it came back in.
pub(super) struct ColumnsOf(HashMap<u64, Vec<(usize, usize)>>);

impl ColumnsOf {
    pub(super) fn values(page: &Page, wanted: &[Vec<Wanted>]) -> Self {
        let sent = wanted.iter().flatten().flat_map(|one| one.values.keys());
        let mut columns: HashMap<u64, Vec<(usize, usize)>> = sent.map(|value| (*value, Vec::new())).collect();
        if columns.is_empty() {
            return Self(columns);
        }
        for (source, shape) in page.shapes.iter().enumerate() {
            for (at, cell) in shape.cells.iter().enumerate() {
                let Some(known) = columns.get_mut(cell) else { continue };
                let column = (source, at % shape.columns.len());
                if known.len() < MOST_COLUMNS && !known.contains(&column) {
                    known.push(column);
                }
            }
        }
        Self(columns)
    }

    /// Returns the columns that explain enough statements of a place, the best column first.
    pub(super) fn explain(&self, page: &Page, shape: &Shape, wanted: &Wanted) -> Vec<Explained> {
        let mut statements: HashMap<(usize, usize), usize> = HashMap::new();
        for (value, count) in &wanted.values {
            for column in self.0.get(value).into_iter().flatten() {
                *statements.entry(*column).or_default() += count;
            }
        }
        let total: usize = wanted.values.values().sum();
        let place = wanted.place;
        let explained = statements.into_iter().map(|((source, column), statements)| Explained {
            place,
            source,
            column,
            statements,
        });
        let is_enough = |one: &Explained| one.statements as f64 >= total as f64 * PART_FOR_HINT;
        let mut explained: Vec<_> = explained.filter(is_enough).collect();
        // Of two columns that explain the same, one with the name of the compared column is the better one.
        explained.sort_by_key(|one| {
            let has_name =
                shape.places[place].as_deref() == Some(&page.shapes[one.source].columns[one.column]);
            (Reverse((one.statements, has_name)), one.source, one.column)
        });
        explained.truncate(MOST_WEIGHED);
        explained
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::tests::{Script, rows};

    /// Returns the columns that explain the first place of the last shape, and how many statements each of them explains.
    fn explained(script: &Script) -> Vec<(usize, usize, usize)> {
        let page = &script.pages.current;
        let wanted: Vec<_> = page.shapes.iter().map(Wanted::all_of).collect();
        let last = page.shapes.len() - 1;
        let columns = ColumnsOf::values(page, &wanted).explain(page, &page.shapes[last], &wanted[last][0]);
        columns.iter().map(|one| (one.source, one.column, one.statements)).collect()
    }

    #[test]
    fn the_column_that_explains_the_most_statements_comes_first_and_half_of_them_is_enough() {
        let mut script = Script::new();
        // The second column has half of the values, one of them twice, and the third has fewer.
        let cells = ["10 10 10", "20 20 1", "30 20 2", "40 3 4"].map(str::to_owned);
        script.run("SELECT a, b, c FROM t", "a b c", &cells);
        for key in [10, 20, 30, 40] {
            script.run(&format!("SELECT x FROM u WHERE k = {key}"), "x", &[]);
        }
        assert_eq!(explained(&script), [(0, 0, 4), (0, 1, 2)]);
        // Each statement counts, and not only each value.
        for key in [10, 10, 10] {
            script.run(&format!("SELECT x FROM u WHERE k = {key}"), "x", &[]);
        }
        assert_eq!(explained(&script), [(0, 0, 7), (0, 1, 5), (0, 2, 4)]);
    }

    #[test]
    fn a_place_with_one_value_is_not_looked_for() {
        let mut script = Script::new();
        script.run("SELECT x FROM u WHERE k = 1 AND l = 7", "x", &rows([5]));
        script.run("SELECT x FROM u WHERE k = 2 AND l = 7", "x", &rows([5]));
        let places: Vec<_> =
            Wanted::all_of(&script.pages.current.shapes[0]).iter().map(|one| one.place).collect();
        assert_eq!(places, [0]);
    }

    #[test]
    fn a_value_keeps_64_columns_and_16_of_them_are_weighed() {
        let mut script = Script::new();
        for table in 0..MOST_COLUMNS + 1 {
            script.run(&format!("SELECT id FROM t{table}"), "id", &rows([1, 1, 2]));
        }
        for key in [1, 2] {
            script.run(&format!("SELECT x FROM u WHERE k = {key}"), "x", &[]);
        }
        let page = &script.pages.current;
        let wanted: Vec<_> = page.shapes.iter().map(Wanted::all_of).collect();
        let columns = ColumnsOf::values(page, &wanted);
        assert!(columns.0.values().all(|known| known.len() == MOST_COLUMNS));
        assert_eq!(explained(&script).len(), MOST_WEIGHED);
    }
}
