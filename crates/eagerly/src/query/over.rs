//! Relations in a row, to aggregate over, and what is added up.

use std::marker::PhantomData;

use crate::model::{ColumnType, Entity, KeyOf, Relation, RelationOf, Summable};
use crate::query::aggregate::{Aggregate, Level};
use crate::query::column::Column;
use crate::query::condition::Condition;
use crate::query::function::{Function, Numbers, Operand};

/// A relation, or several in a row, from `First` to `Last`, to aggregate over.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let items: Over<Customer, OrderItem> = Customer::ORDERS.then(Order::ITEMS);
/// let customers = session.all_with(Customer::select(), items.count())?;
/// assert_eq!(customers[0].1, 6);
/// # Ok::<(), Error>(())
/// ```
pub struct Over<First, Last> {
    levels: Vec<Level>,
    /// The key of the first relation.
    key: KeyOf<First>,
    ends: PhantomData<fn() -> (First, Last)>,
}

impl<E: Entity, T: Entity> Over<E, T> {
    pub(crate) fn relation<R: Relation<Parent = E, Target = T>>() -> Self {
        Self::rows(Level::of(R::INFO), R::key)
    }

    /// Returns some of the related rows.
    pub(crate) fn rows(level: Level, key: KeyOf<E>) -> Self {
        Self { levels: vec![level], key, ends: PhantomData }
    }

    /// Continues along another relation.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let siblings = OrderItem::ORDER.then(Order::CUSTOMER).then(Customer::ORDERS);
    /// let items = session.all_with(OrderItem::select().filter(OrderItem::ORDER_ID.eq(33)), siblings.count())?;
    /// assert_eq!(items[0].1, 2); // the orders of the customer of the item
    /// # Ok::<(), Error>(())
    /// ```
    pub fn then<R: RelationOf<T>>(mut self, _: R) -> Over<E, R::Target> {
        self.levels.push(Level::of(R::INFO));
        Over { levels: self.levels, key: self.key, ends: PhantomData }
    }

    /// Aggregates only rows of the last relation that satisfy the condition.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let cheap = Customer::ORDERS.then(Order::ITEMS).filter(OrderItem::UNIT_PRICE.lt(5_000));
    /// assert_eq!(session.all_with(Customer::select(), cheap.count())?[0].1, 3);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn filter(mut self, condition: Condition<T>) -> Self {
        if let Some(last) = self.levels.last_mut() {
            condition.expression.added_to(&mut last.condition);
        }
        self
    }

    /// Returns the aggregate that counts the related rows.
    pub fn count(self) -> Aggregate<E, i64> {
        self.aggregate(Function::Count, Operand::Rows)
    }

    /// Returns the aggregate that sums a column, or a product of two. Nulls are skipped. It is 0 if there are no related
    /// rows.
    ///
    /// Integers are summed as `i64`, real numbers as `f64`. A sum of integers that does not fit in 64 bits is an error.
    /// PostgreSQL sums a `Decimal` exactly. In SQLite, where it is a text, its sum is an error.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let pieces = Customer::ORDERS.then(Order::ITEMS).sum(OrderItem::QUANTITY);
    /// assert_eq!(session.all_with(Customer::select(), pieces)?[0].1, 17);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn sum<S: ColumnType>(self, of: impl Into<Summand<T, S>>) -> Aggregate<E, S> {
        self.aggregate(Function::Sum, of.into().operand)
    }

    /// Returns the aggregate for the average of a column, or of a product of two. Nulls are skipped. It is `None` if there
    /// is no value.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let quantity = Customer::ORDERS.then(Order::ITEMS).avg(OrderItem::QUANTITY);
    /// assert_eq!(session.all_with(Customer::select(), quantity)?[0].1, Some(17.0 / 6.0));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn avg<S: ColumnType>(self, of: impl Into<Summand<T, S>>) -> Aggregate<E, Option<f64>> {
        self.aggregate(Function::Average, of.into().operand)
    }

    /// Returns the aggregate for a column's smallest value. Nulls are skipped. It is `None` if there is no value.
    ///
    /// For a column of `Option<C>` its type is `Option<Option<C>>`; `flatten()` makes one of the two.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let cheapest = Customer::ORDERS.then(Order::ITEMS).min(OrderItem::UNIT_PRICE);
    /// assert_eq!(session.all_with(Customer::select(), cheapest)?[0].1, Some(133));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn min<C: ColumnType>(self, column: Column<T, C>) -> Aggregate<E, Option<C>> {
        self.aggregate(Function::Min, Operand::Column(column.name(), Numbers::of::<C>()))
    }

    /// Returns the aggregate for a column's largest value. Nulls are skipped. It is `None` if there is no value.
    pub fn max<C: ColumnType>(self, column: Column<T, C>) -> Aggregate<E, Option<C>> {
        self.aggregate(Function::Max, Operand::Column(column.name(), Numbers::of::<C>()))
    }

    fn aggregate<V>(self, function: Function, operand: Operand) -> Aggregate<E, V> {
        Aggregate::of(self.levels, self.key, function, operand)
    }
}

/// What can be added up: a column of numbers, or the product of two. `S` is the type of the sum.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let pieces: Summand<OrderItem> = OrderItem::QUANTITY.into();
/// let price: Summand<OrderItem> = OrderItem::QUANTITY.times(OrderItem::UNIT_PRICE);
/// let figures = (Order::ITEMS.sum(pieces), Order::ITEMS.sum(price));
/// let orders = session.all_with(Order::select().filter(Order::ID.eq(33)), figures)?;
/// assert_eq!(orders[0].1, (1 + 5, 18_963 + 5 * 16_949));
/// # Ok::<(), Error>(())
/// ```
pub struct Summand<E, S = i64> {
    operand: Operand,
    types: PhantomData<fn() -> (E, S)>,
}

impl<E, C: Summable> From<Column<E, C>> for Summand<E, C::Sum> {
    fn from(column: Column<E, C>) -> Self {
        Self { operand: Operand::Column(column.name(), Numbers::of::<C::Sum>()), types: PhantomData }
    }
}

impl<E, C: Summable> Column<E, C> {
    /// Returns the product with another column, to be added up. If one of the two is `NULL`, so is the product, and it is
    /// skipped.
    pub fn times<D: Summable<Sum = C::Sum>>(self, other: Column<E, D>) -> Summand<E, C::Sum> {
        let operand = Operand::Product(self.name(), other.name(), Numbers::of::<C::Sum>());
        Summand { operand, types: PhantomData }
    }
}
