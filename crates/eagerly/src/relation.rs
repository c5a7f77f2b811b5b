//! Relations: how entities belong together, and what can be said of it.
//!
//! Each relation field of an entity gives rise to two things. The field's value is a pointer to what is loaded
//! (`link.rs`). The relation itself is a zero-sized type exposed as a constant
//! (`Customer::ORDERS`), which a load path is built from, so that the compiler can check the path and the type
//! of a path spells out what it loads.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

use crate::aggregate::{Aggregate, Over, Summand};
use crate::column_type::ColumnType;
use crate::condition::{Column, Condition, OrderBy};
use crate::entity::Entity;
use crate::key::Key;
use crate::link::Link;
use crate::part::Part;
use crate::strategy::Strategy;

/// A relation between two entities. Implemented by the derive, for the type of each `Entity::RELATION`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relation",
    label = "not a relation",
    note = "a relation is a constant such as `Customer::ORDERS`; `Customer::orders` is its accessor",
    note = "a part of a relation, such as `Customer::ORDERS.limit_each(3)`, is loaded by `selectin` alone"
)]
pub trait Relation: Copy + 'static {
    /// The entity that has the field.
    type Parent: Entity;
    /// The entity that it leads to.
    type Target: Entity;
    /// How it looks in the [view](crate::View) of a row for which it was loaded up front: the views of many rows, or
    /// of one, or an `Option` of one.
    type View<'v, Below>: crate::loaded::FromRows<'v, Self::Target>;
    /// Names and columns.
    const INFO: &'static RelationInfo;

    /// The parent's value that the target's columns must equal: its key for a has-many, its foreign key for a
    /// belongs-to.
    fn key(parent: &Self::Parent) -> Key<'_>;

    /// The parent's field.
    fn link(parent: &Self::Parent) -> &Link<Self::Target>;

    /// Some of the related rows: those that satisfy the condition.
    ///
    /// ```
    /// # use eagerly::{Relation, selectin};
    /// # use shop::{Customer, Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let open = Customer::ORDERS.filter(Order::STATUS.eq("open"));
    /// let customers = session.load(Customer::select(), selectin(open))?;
    /// let orders: Vec<_> = customers.iter().map(|customer| customer.get_part(Customer::ORDERS).len()).collect();
    /// assert_eq!(orders, [0, 2, 1, 0, 2]);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    fn filter(self, condition: Condition<Self::Target>) -> Part<Self> {
        Part::of(self).filter(condition)
    }

    /// The first so many related rows of each parent, in the order of `order_by`, else by key.
    ///
    /// ```
    /// # use eagerly::{Relation, selectin};
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let first_two = Customer::ORDERS.limit_each(2);
    /// let customers = session.load(Customer::select(), selectin(first_two))?;
    /// let orders: Vec<_> = customers.iter().map(|customer| customer.get_part(Customer::ORDERS).len()).collect();
    /// assert_eq!(orders, [2, 2, 2, 1, 2]);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    fn limit_each(self, rows: u64) -> Part<Self> {
        Part::of(self).limit_each(rows)
    }

    /// The related rows in an order of their own; to be limited, or filtered.
    ///
    /// ```
    /// # use eagerly::{Relation, selectin};
    /// # use shop::{Customer, Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let latest = Customer::ORDERS.order_by(Order::PLACED_ON.desc()).limit_each(1);
    /// let customers = session.load(Customer::select(), selectin(latest))?;
    /// let orders = customers.iter().flat_map(|customer| customer.get_part(Customer::ORDERS));
    /// assert_eq!(orders.map(|order| order.id).collect::<Vec<_>>(), [33, 50, 39, 20, 44]);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    fn order_by(self, order: impl Into<OrderBy<Self::Target>>) -> Part<Self> {
        Part::of(self).order_by(order)
    }

    /// A condition on the parent: any related row satisfies `condition`. It decides which parents there are,
    /// and has no say in which of their related rows are loaded.
    ///
    /// ```
    /// # use eagerly::Relation;
    /// # use shop::{Customer, Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let waiting = Customer::select().filter(Customer::ORDERS.any(Order::STATUS.eq("open")));
    /// assert_eq!(session.count(waiting)?, 3);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    fn any(self, condition: Condition<Self::Target>) -> Condition<Self::Parent> {
        Condition::any::<Self>(condition)
    }

    /// How many related rows each parent has.
    ///
    /// ```
    /// # use eagerly::Relation;
    /// # use shop::{Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let orders = session.all_with(Order::select().filter(Order::ID.eq(33)), Order::ITEMS.count())?;
    /// assert_eq!(orders[0].1, 2);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    fn count(self) -> Aggregate<Self::Parent, i64> {
        Over::relation::<Self>().count()
    }

    /// The sum of a column, or of a product of two, over each parent's related rows.
    ///
    /// ```
    /// # use eagerly::Relation;
    /// # use shop::{Order, OrderItem, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let orders = session.all_with(Order::select().filter(Order::ID.eq(33)), Order::ITEMS.sum(OrderItem::QUANTITY))?;
    /// assert_eq!(orders[0].1, 1 + 5);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    fn sum(self, of: impl Into<Summand<Self::Target>>) -> Aggregate<Self::Parent, i64> {
        Over::relation::<Self>().sum(of)
    }

    /// The smallest value of a column among each parent's related rows.
    ///
    /// ```
    /// # use eagerly::Relation;
    /// # use shop::{Order, OrderItem, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let orders = session.all_with(Order::select().filter(Order::ID.eq(33)), Order::ITEMS.min(OrderItem::QUANTITY))?;
    /// assert_eq!(orders[0].1, Some(1));
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    fn min<C: ColumnType>(self, column: Column<Self::Target, C>) -> Aggregate<Self::Parent, Option<C>> {
        Over::relation::<Self>().min(column)
    }

    /// The largest value of a column among each parent's related rows.
    ///
    /// ```
    /// # use eagerly::Relation;
    /// # use shop::{Order, OrderItem, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let orders = session.all_with(Order::select().filter(Order::ID.eq(33)), Order::ITEMS.max(OrderItem::QUANTITY))?;
    /// assert_eq!(orders[0].1, Some(5));
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    fn max<C: ColumnType>(self, column: Column<Self::Target, C>) -> Aggregate<Self::Parent, Option<C>> {
        Over::relation::<Self>().max(column)
    }

    /// Goes on along another relation, to aggregate over what lies behind.
    ///
    /// ```
    /// # use eagerly::Relation;
    /// # use shop::{Customer, Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let items = Customer::ORDERS.then(Order::ITEMS);
    /// let customers = session.all_with(Customer::select(), items.count())?;
    /// assert_eq!(customers.iter().map(|(_, items)| items).sum::<i64>(), 150);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    fn then<N: Relation<Parent = Self::Target>>(self, next: N) -> Over<Self::Parent, N::Target> {
        Over::relation::<Self>().then(next)
    }

    /// The place where the text of the lazy statement is kept, so that it is built once and not per access.
    fn lazy_sql() -> &'static OnceLock<String>;
}

/// Is shown every relation of an entity, each with its type.
pub trait RelationVisitor<P: Entity> {
    /// Called for each relation.
    fn relation<R: Relation<Parent = P>>(&mut self);
}

/// Whether a relation leads to many rows or to one.
///
/// ```
/// # use eagerly::relation::RelationKind;
/// assert!(RelationKind::HasMany.points_here());
/// assert!(!RelationKind::BelongsTo.points_here());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// The target's rows point here: any number of them.
    HasMany,
    /// The target's rows point here: at most one of them.
    HasOne,
    /// This row points to the target: at most one.
    BelongsTo,
}

impl RelationKind {
    /// Whether the target's rows point here, so that there may be several: even where there should be one.
    #[must_use]
    pub fn points_here(self) -> bool {
        self != Self::BelongsTo
    }
}

/// The names and columns of a relation.
///
/// ```
/// # use eagerly::Relation;
/// # use shop::customer;
/// let orders = customer::Orders::INFO;
/// assert_eq!(orders.to_string(), "Customer.orders");
/// assert_eq!(orders.constant(), "Customer::ORDERS");
/// assert_eq!((orders.parent_columns, orders.target_columns), (&["id"][..], &["customer_id"][..]));
/// ```
#[derive(Debug)]
pub struct RelationInfo {
    /// The entity that has the field: `Customer`.
    pub entity: &'static str,
    /// The field: `orders`.
    pub field: &'static str,
    /// Its place among the relations of the entity, counted from 0.
    pub place: usize,
    /// Many or one.
    pub kind: RelationKind,
    /// The columns of the parent's table that are matched: `id`.
    pub parent_columns: &'static [&'static str],
    /// The columns of the target's table that are matched: `customer_id`.
    pub target_columns: &'static [&'static str],
    /// How it is loaded unless a load path says otherwise; `None` for what the session says.
    pub strategy: Option<Strategy>,
}

impl RelationInfo {
    /// The constant that stands for the relation in a load path: `Customer::ORDERS`.
    #[must_use]
    pub fn constant(&self) -> String {
        format!("{}::{}", self.entity, self.field.to_uppercase())
    }
}

/// Relations are the same if everything that is said of them is.
impl PartialEq for RelationInfo {
    fn eq(&self, other: &Self) -> bool {
        let facts = |info: &Self| {
            let names = (info.entity, info.field, info.place, info.kind);
            (names, info.parent_columns, info.target_columns, info.strategy)
        };
        std::ptr::eq(self, other) || facts(self) == facts(other)
    }
}

impl Eq for RelationInfo {}

/// A hash of little more than the place, which is quick; the rest tells apart what comes out the same.
impl Hash for RelationInfo {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.place, self.entity.len(), self.field.len()).hash(state);
    }
}

/// `Customer.orders`
impl fmt::Display for RelationInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.entity, self.field)
    }
}
