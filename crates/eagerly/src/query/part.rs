//! Parts: some of the related rows, selected by a filter, or limited for each parent.
//!
//! ```sql
//! -- selectin(Customer::ORDERS.filter(Order::STATUS.eq("open")))
//! SELECT "id", "customer_id", "placed_on", "status" FROM "orders"
//!     WHERE "customer_id" IN (SELECT +value FROM rarray(?1)) AND ("status" = ?2)
//!     ORDER BY "customer_id", "id"
//!
//! -- selectin(Customer::ORDERS.order_by(Order::PLACED_ON.desc()).limit_each(3))
//! SELECT "id", "customer_id", "placed_on", "status" FROM (
//!     SELECT "id", "customer_id", "placed_on", "status",
//!         row_number() OVER (PARTITION BY "customer_id" ORDER BY "placed_on" DESC, "id") AS "place among siblings"
//!     FROM "orders" WHERE "customer_id" IN (SELECT +value FROM rarray(?1))) AS "orders"
//! WHERE "place among siblings" <= ?2 ORDER BY "customer_id", "place among siblings"
//! ```
//!
//! The rows of a part can also be counted or added up, without loading them: `aggregate.rs` shows the join to which the
//! filter adds its condition.
//!
//! A part is never taken for the whole. `customer.orders()?` returns all orders, even if a part is loaded. The
//! part is stored separately; `customer.orders.part()` returns it.

use std::marker::PhantomData;

use crate::database::{Dialect, Value};
use crate::error::Result;
use crate::gate::Gate;
use crate::model::{ColumnType, Relation, RelationOf};
use crate::query::aggregate::{Aggregate, Level};
use crate::query::column::{Column, OrderBy, SortedBy};
use crate::query::compared::Compared;
use crate::query::condition::{Condition, Expression};
use crate::query::over::{Over, Summand};
use crate::query::sql::Bindings;
use crate::query::terms::Terms;
use crate::trace::{EntityInfo, RelationInfo};

/// Some of the related rows. [`RelationExt`](crate::RelationExt) makes parts, and `selectin(…)` loads them.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let latest: Part<customer::Orders> = Customer::ORDERS.order_by(Order::PLACED_ON.desc()).limit_each(2);
/// let customers = session.all(Customer::select().with(selectin(latest)))?;
/// let part = customers[0].orders.part().unwrap_or_default();
/// assert_eq!([part[0].id, part[1].id], [33, 16]);
/// # Ok::<(), Error>(())
/// ```
#[must_use = "a part does nothing until it is passed to a load path: `selectin(part)`"]
pub struct Part<R> {
    pub(crate) spec: PartSpec,
    relation: PhantomData<fn() -> R>,
}

/// A part without its relation's type.
#[derive(Default, PartialEq)]
pub(crate) struct PartSpec {
    pub(crate) condition: Option<Expression>,
    pub(crate) order: Vec<SortedBy>,
    pub(crate) limit_each: Option<u64>,
}

impl PartSpec {
    /// Returns an error if the part, which has rows of `entity`, cannot be loaded.
    pub(crate) fn check(&self, entity: &'static EntityInfo, dialect: Dialect) -> Result<()> {
        self.terms().check(entity, dialect)
    }

    pub(crate) fn terms(&self) -> Terms<'_> {
        Terms { condition: self.condition.as_ref(), order: &self.order }
    }

    /// Returns bindings for a statement for related rows, with how it compares keys.
    pub(crate) fn bindings(
        part: Option<&Self>,
        relation: &'static RelationInfo,
        gate: &Gate,
        values: Vec<Value<'static>>,
    ) -> Result<Bindings> {
        let mut relations = relation.through.to_vec();
        relations.extend(part.map(|part| part.terms().relations()).unwrap_or_default());
        let compared = Compared::look_up(gate, relations)?;
        Ok(Bindings::new(gate.dialect, values).comparing(compared))
    }
}

impl<R: Relation> Part<R> {
    pub(crate) fn of(_: R) -> Self {
        Self { spec: PartSpec::default(), relation: PhantomData }
    }

    /// Keeps only rows that satisfy the condition too.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let first_open = Customer::ORDERS.limit_each(1).filter(Order::STATUS.eq("open")); // the filter comes first
    /// let customers = session.load(Customer::select(), selectin(first_open))?;
    /// let orders = customers.iter().flat_map(|customer| customer.get_part(Customer::ORDERS));
    /// assert_eq!(orders.map(|order| order.id).collect::<Vec<_>>(), [14, 25, 8]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn filter(mut self, condition: Condition<R::Target>) -> Self {
        condition.expression.added_to(&mut self.spec.condition);
        self
    }

    /// Sorts the rows of each parent. A second call sorts rows that the first leaves equal.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let part = Customer::ORDERS.order_by(Order::STATUS).order_by(Order::PLACED_ON.desc()).limit_each(1);
    /// let customers = session.load(Customer::select(), selectin(part))?;
    /// let orders = customers.iter().flat_map(|customer| customer.get_part(Customer::ORDERS));
    /// assert_eq!(orders.map(|order| order.id).collect::<Vec<_>>(), [33, 41, 39, 20, 44]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn order_by(mut self, order: impl Into<OrderBy<R::Target>>) -> Self {
        self.spec.order.push(order.into().term);
        self
    }

    /// Keeps at most the first `rows` rows of each parent.
    pub fn limit_each(mut self, rows: u64) -> Self {
        self.spec.limit_each = Some(rows);
        self
    }
}

/// Aggregates of the rows that the filter keeps. Their order does not matter. A part with `limit_each` is refused with
/// [`Error::LimitedAggregate`](crate::Error::LimitedAggregate). (The compiler could refuse it if such a part had another
/// type. Then a program could not decide while it runs whether to limit a part.)
impl<R: Relation> Part<R> {
    /// Returns the aggregate that counts the rows of the part, for each parent.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let open = || Customer::ORDERS.filter(Order::STATUS.eq("open"));
    /// let figures = session.all_with(Customer::select(), open().count())?;
    /// assert_eq!(figures.iter().map(|(_, open)| *open).collect::<Vec<_>>(), [0, 2, 1, 0, 2]);
    /// assert_eq!(session.count(Customer::select().filter(open().count().gt(1)))?, 2);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn count(self) -> Aggregate<R::Parent, i64> {
        self.over().count()
    }

    /// Returns the aggregate that sums a column, or a product of two, over the rows of the part.
    pub fn sum<S: ColumnType>(self, of: impl Into<Summand<R::Target, S>>) -> Aggregate<R::Parent, S> {
        self.over().sum(of)
    }

    /// Returns the aggregate for the average of a column, or of a product of two, over the rows of the part.
    pub fn avg<S: ColumnType>(
        self,
        of: impl Into<Summand<R::Target, S>>,
    ) -> Aggregate<R::Parent, Option<f64>> {
        self.over().avg(of)
    }

    /// Returns the aggregate for a column's smallest value in the part.
    pub fn min<C: ColumnType>(self, column: Column<R::Target, C>) -> Aggregate<R::Parent, Option<C>> {
        self.over().min(column)
    }

    /// Returns the aggregate for a column's largest value in the part.
    pub fn max<C: ColumnType>(self, column: Column<R::Target, C>) -> Aggregate<R::Parent, Option<C>> {
        self.over().max(column)
    }

    /// Continues along another relation, to aggregate over its rows.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let items = Customer::ORDERS.filter(Order::STATUS.eq("open")).then(Order::ITEMS);
    /// let figures = session.all_with(Customer::select(), items.count())?;
    /// assert_eq!(figures.iter().map(|(_, items)| *items).collect::<Vec<_>>(), [0, 2, 3, 0, 20]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn then<N: RelationOf<R::Target>>(self, next: N) -> Over<R::Parent, N::Target> {
        self.over().then(next)
    }

    fn over(self) -> Over<R::Parent, R::Target> {
        let is_limited = self.spec.limit_each.is_some();
        Over::rows(Level { relation: R::INFO, condition: self.spec.condition, is_limited }, R::key)
    }
}
