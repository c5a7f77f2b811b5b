//! Whether the names of two columns agree.
//!
//! `orders.customer_id = $1` agrees with `customers.id`, and so does `customers.id = $1` with `orders.customer_id`. Names are
//! no proof. But where the values are 1, 2, 3, … they distinguish the keys of rows from a loop over the months.

use super::columns::Explained;
use crate::page::Shape;
use crate::sql::{singular, table};

/// The shortest part of a name that means something.
const SHORTEST: usize = 3;

/// Returns whether the column that a place is compared with, and the column that its values come from, have related names.
pub(super) fn agree(shape: &Shape, source: &Shape, part: &Explained) -> bool {
    let from = source.columns[part.column].to_lowercase();
    let Some(compared) = shape.places[part.place].as_ref().map(|name| name.to_lowercase()) else {
        return false;
    };
    let text = shape.text.to_lowercase();
    let source_table = table(&source.text).map(|name| name.to_lowercase()).unwrap_or_default();
    // The table's name can begin with that of the application: `shop_author`.
    let words = std::iter::once(source_table.as_str()).chain(source_table.split('_'));
    let is_to_many = words.map(singular).any(|word| word.len() >= SHORTEST && compared.contains(&word));
    let stem = from.strip_suffix("_id").or_else(|| from.strip_suffix("id")).unwrap_or_default();
    let is_to_one = stem.len() >= SHORTEST
        && table(&shape.text)
            .is_some_and(|target| target.to_lowercase().contains(stem.trim_end_matches('_')));
    let is_same = from == compared && source_table.len() >= SHORTEST && text.contains(&source_table);
    is_to_many || is_to_one || is_same
}
