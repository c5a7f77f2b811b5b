//! The methods of relations: parts, conditions and aggregates.

use crate::model::{ColumnType, Relation, RelationOf};
use crate::query::aggregate::Aggregate;
use crate::query::column::{Column, OrderBy};
use crate::query::condition::{Condition, Expression};
use crate::query::over::{Over, Summand};
use crate::query::part::Part;

/// The methods of every [`Relation`]. Import it to call them on `Customer::ORDERS`.
pub trait RelationExt: Relation {
    /// Describes the part with the related rows that satisfy the condition.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let open = Customer::ORDERS.filter(Order::STATUS.eq("open"));
    /// let customers = session.load(Customer::select(), selectin(open))?;
    /// let orders: Vec<_> = customers.iter().map(|customer| customer.get_part(Customer::ORDERS).len()).collect();
    /// assert_eq!(orders, [0, 2, 1, 0, 2]);
    /// # Ok::<(), Error>(())
    /// ```
    fn filter(self, condition: Condition<Self::Target>) -> Part<Self> {
        Part::of(self).filter(condition)
    }

    /// Describes the part with the first `rows` related rows of each parent, in the order of `order_by`, else
    /// by key.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let customers = session.load(Customer::select(), selectin(Customer::ORDERS.limit_each(2)))?;
    /// let orders: Vec<_> = customers.iter().map(|customer| customer.get_part(Customer::ORDERS).len()).collect();
    /// assert_eq!(orders, [2, 2, 2, 1, 2]);
    /// # Ok::<(), Error>(())
    /// ```
    fn limit_each(self, rows: u64) -> Part<Self> {
        Part::of(self).limit_each(rows)
    }

    /// Describes the part with the related rows in another order, to be limited or filtered.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let latest = Customer::ORDERS.order_by(Order::PLACED_ON.desc()).limit_each(1);
    /// let customers = session.load(Customer::select(), selectin(latest))?;
    /// let orders = customers.iter().flat_map(|customer| customer.get_part(Customer::ORDERS));
    /// assert_eq!(orders.map(|order| order.id).collect::<Vec<_>>(), [33, 50, 39, 20, 44]);
    /// # Ok::<(), Error>(())
    /// ```
    fn order_by(self, order: impl Into<OrderBy<Self::Target>>) -> Part<Self> {
        Part::of(self).order_by(order)
    }

    /// Returns the condition that a parent has a related row that satisfies `condition`. It selects parents.
    /// It does not change which of their related rows are loaded.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let waiting = Customer::select().filter(Customer::ORDERS.any(Order::STATUS.eq("open")));
    /// assert_eq!(session.count(waiting)?, 3);
    /// # Ok::<(), Error>(())
    /// ```
    fn any(self, condition: Condition<Self::Target>) -> Condition<Self::Parent> {
        Condition::new(Expression::any(Self::INFO, Some(condition.expression)))
    }

    /// Returns the condition that a parent has any related row.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// assert_eq!(session.count(Customer::select().filter(Customer::ORDERS.exists()))?, 5);
    /// assert_eq!(session.count(Customer::select().filter(!Customer::ORDERS.exists()))?, 0);
    /// # Ok::<(), Error>(())
    /// ```
    fn exists(self) -> Condition<Self::Parent> {
        Condition::new(Expression::any(Self::INFO, None))
    }

    /// Returns the aggregate that counts the related rows of each parent.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let orders = session.all_with(Order::select().filter(Order::ID.eq(33)), Order::ITEMS.count())?;
    /// assert_eq!(orders[0].1, 2);
    /// # Ok::<(), Error>(())
    /// ```
    fn count(self) -> Aggregate<Self::Parent, i64> {
        Over::relation::<Self>().count()
    }

    /// Returns the aggregate that sums a column, or a product of two, over the related rows of each parent.
    /// [`Over::sum`] lists the types.
    fn sum<S: ColumnType>(self, of: impl Into<Summand<Self::Target, S>>) -> Aggregate<Self::Parent, S> {
        Over::relation::<Self>().sum(of)
    }

    /// Returns the aggregate for the average of a column, or of a product of two, over the related rows of each parent.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let orders = session.all_with(Order::select().filter(Order::ID.eq(33)), Order::ITEMS.avg(OrderItem::QUANTITY))?;
    /// assert_eq!(orders[0].1, Some(3.0));
    /// # Ok::<(), Error>(())
    /// ```
    fn avg<S: ColumnType>(
        self,
        of: impl Into<Summand<Self::Target, S>>,
    ) -> Aggregate<Self::Parent, Option<f64>> {
        Over::relation::<Self>().avg(of)
    }

    /// Returns the aggregate for a column's smallest value among the related rows of each parent.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let quantities = (Order::ITEMS.min(OrderItem::QUANTITY), Order::ITEMS.max(OrderItem::QUANTITY));
    /// let orders = session.all_with(Order::select().filter(Order::ID.eq(33)), quantities)?;
    /// assert_eq!(orders[0].1, (Some(1), Some(5)));
    /// # Ok::<(), Error>(())
    /// ```
    fn min<C: ColumnType>(self, column: Column<Self::Target, C>) -> Aggregate<Self::Parent, Option<C>> {
        Over::relation::<Self>().min(column)
    }

    /// Returns the aggregate for a column's largest value among the related rows of each parent.
    fn max<C: ColumnType>(self, column: Column<Self::Target, C>) -> Aggregate<Self::Parent, Option<C>> {
        Over::relation::<Self>().max(column)
    }

    /// Continues along another relation, to aggregate over its rows.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let items = Customer::ORDERS.then(Order::ITEMS);
    /// let customers = session.all_with(Customer::select(), items.count())?;
    /// assert_eq!(customers.iter().map(|(_, items)| items).sum::<i64>(), 150);
    /// # Ok::<(), Error>(())
    /// ```
    fn then<N: RelationOf<Self::Target>>(self, next: N) -> Over<Self::Parent, N::Target> {
        Over::relation::<Self>().then(next)
    }
}

impl<R: Relation> RelationExt for R {}
