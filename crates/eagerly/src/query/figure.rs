//! Aggregates in conditions and orders.
//!
//! ```
//! # use {eagerly::*, shop::*}; let session = shop::small()?;
//! let busy = Customer::select().filter(Customer::ORDERS.count().gt(3)).order_by(Customer::ORDERS.count().desc());
//! let ids: Vec<_> = session.all(busy)?.iter().map(|customer| customer.id).collect();
//! assert_eq!(ids, [2, 5]);
//! # Ok::<(), Error>(())
//! ```
//!
//! The figure is joined to the rows, as by `all_with` (`aggregate.rs`). `filter` and `order_by` share the join if the
//! figure is the same and binds no value. It is computed for all parents, for any other conditions.

use crate::database::Value;
use crate::model::{ColumnType, Entity, Operand};
use crate::query::aggregate::Aggregate;
use crate::query::column::{OrderBy, SortedBy};
use crate::query::condition::{Condition, Expression};

/// In conditions, a count or a sum of no rows is 0. Any other aggregate of no rows is `NULL`, which satisfies no comparison
/// except [`is_null`](Self::is_null).
impl<E: Entity, T: ColumnType> Aggregate<E, T> {
    /// Returns `aggregate = value`; for `None`, `aggregate IS NULL`.
    pub fn eq(self, value: impl Operand<T>) -> Condition<E> {
        match value.into_value() {
            Value::Null => self.is_null(),
            value => self.compare("=", value),
        }
    }

    /// Returns `aggregate <> value`; for `None`, `aggregate IS NOT NULL`.
    pub fn ne(self, value: impl Operand<T>) -> Condition<E> {
        match value.into_value() {
            Value::Null => !self.is_null(),
            value => self.compare("<>", value),
        }
    }

    /// Returns `aggregate < value`.
    pub fn lt(self, value: impl Operand<T>) -> Condition<E> {
        self.compare("<", value.into_value())
    }

    /// Returns `aggregate <= value`.
    pub fn le(self, value: impl Operand<T>) -> Condition<E> {
        self.compare("<=", value.into_value())
    }

    /// Returns `aggregate > value`.
    pub fn gt(self, value: impl Operand<T>) -> Condition<E> {
        self.compare(">", value.into_value())
    }

    /// Returns `aggregate >= value`.
    pub fn ge(self, value: impl Operand<T>) -> Condition<E> {
        self.compare(">=", value.into_value())
    }

    /// Returns `aggregate IS NULL`: there is no value to aggregate.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let without = Customer::ORDERS.max(Order::PLACED_ON).is_null();
    /// assert_eq!(session.count(Customer::select().filter(without))?, 0);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn is_null(self) -> Condition<E> {
        Condition::new(Expression::figure(self.computed, None))
    }

    /// Returns an order by this aggregate, smallest first. `NULL` comes before any value.
    pub fn asc(self) -> OrderBy<E> {
        self.sorted(false)
    }

    /// Returns an order by this aggregate, largest first. `NULL` comes last.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let spend = Customer::ORDERS.then(Order::ITEMS).sum(OrderItem::QUANTITY.times(OrderItem::UNIT_PRICE));
    /// let best = session.first(Customer::select().order_by(spend.desc()))?;
    /// assert_eq!(best.map(|customer| customer.id), Some(2));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn desc(self) -> OrderBy<E> {
        self.sorted(true)
    }

    fn compare(self, operator: &'static str, value: Value<'static>) -> Condition<E> {
        Condition::new(Expression::figure(self.computed, Some((operator, value))))
    }

    fn sorted(self, is_descending: bool) -> OrderBy<E> {
        let figure = Box::new(self.computed);
        OrderBy::of(SortedBy::Figure { figure, is_descending, may_be_null: T::MAY_BE_NULL })
    }
}

/// An aggregate alone means [`asc`](Aggregate::asc).
impl<E: Entity, T: ColumnType> From<Aggregate<E, T>> for OrderBy<E> {
    fn from(aggregate: Aggregate<E, T>) -> Self {
        aggregate.asc()
    }
}
