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
//! A part is never taken for the whole. `customer.orders()?` returns all orders, whatever part is loaded. The
//! part is stored separately; `customer.orders.part()` returns it.

use std::marker::PhantomData;

use crate::database::Value;
use crate::error::Result;
use crate::gate::Gate;
use crate::model::Relation;
use crate::query::column::OrderBy;
use crate::query::compared::Compared;
use crate::query::condition::{Condition, Expression};
use crate::query::sql::Bindings;
use crate::trace::OrderTerm;

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
    pub(crate) order: Vec<OrderTerm>,
    pub(crate) limit_each: Option<u64>,
}

impl PartSpec {
    /// Returns bindings for the part, with how its condition compares keys.
    pub(crate) fn bindings(
        part: Option<&Self>,
        gate: &Gate,
        values: Vec<Value<'static>>,
    ) -> Result<Bindings> {
        let mut relations = Vec::new();
        let condition = part.and_then(|part| part.condition.as_ref());
        condition.iter().for_each(|condition| condition.add_relations(&mut relations));
        let compared = Compared::look_up(gate, relations)?;
        Ok(Bindings { compared, ..Bindings::new(gate.dialect, values) })
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
