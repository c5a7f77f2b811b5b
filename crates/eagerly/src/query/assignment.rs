//! Assignments: the new values of columns, in an `UPDATE` of all rows that a query selects.

use std::marker::PhantomData;

use crate::database::Value;
use crate::model::{ColumnType, Operand};
use crate::query::column::Column;

/// A new value for a column, for [`Session::update_all`](crate::Session::update_all).
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let close: Vec<Assignment<Order>> = vec![Order::STATUS.set("closed"), Order::PLACED_ON.set("2026-11-22")];
/// assert_eq!(session.update_all(Order::select().filter(Order::CUSTOMER_ID.eq(1)), close)?, 2);
/// # Ok::<(), Error>(())
/// ```
#[must_use = "an assignment does nothing until it is passed to `update_all`"]
pub struct Assignment<E> {
    pub(crate) column: &'static str,
    pub(crate) value: Value<'static>,
    entity: PhantomData<fn() -> E>,
}

impl<E, T: ColumnType> Column<E, T> {
    /// Returns the assignment of a value to this column: `Order::STATUS.set("sent")`. `None` writes a `NULL`.
    pub fn set(self, value: impl Operand<T>) -> Assignment<E> {
        Assignment { column: self.name(), value: value.into_value(), entity: PhantomData }
    }
}

/// One assignment can be passed where several can.
impl<E> IntoIterator for Assignment<E> {
    type Item = Self;
    type IntoIter = std::iter::Once<Self>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self)
    }
}
