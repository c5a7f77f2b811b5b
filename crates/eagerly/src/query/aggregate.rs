//! Aggregates: numbers that the database computes for each parent.
//!
//! ```sql
//! -- session.all_with(Customer::select(), (
//! --     Customer::ORDERS.count(),
//! --     Customer::ORDERS.then(Order::ITEMS).sum(OrderItem::QUANTITY.times(OrderItem::UNIT_PRICE)),
//! -- ))
//! SELECT "customers"."id", …, "count of orders"."value", "sum of items"."value" FROM "customers"
//! LEFT JOIN (
//!     SELECT "customer_id" AS "key 0", count(*) AS "value" FROM "orders" GROUP BY "customer_id"
//! ) AS "count of orders" ON "count of orders"."key 0" = +"customers"."id"
//! LEFT JOIN (
//!     SELECT "orders"."customer_id" AS "key 0", sum("figures of items"."value") AS "value" FROM "orders"
//!     LEFT JOIN (
//!         SELECT "order_id" AS "key 0", sum("quantity" * "unit_price") AS "value"
//!         FROM "order_items" GROUP BY "order_id"
//!     ) AS "figures of items" ON "figures of items"."key 0" = +"orders"."id"
//!     GROUP BY "orders"."customer_id"
//! ) AS "sum of items" ON "sum of items"."key 0" = +"customers"."id"
//! ```
//!
//! Each level is aggregated before it is joined to the next. So no row is counted twice, even if several
//! relations are aggregated side by side. Joining first would multiply the rows.

use std::marker::PhantomData;

use crate::database::{Dialect, Row, quote};
use crate::error::Result;
use crate::model::{ColumnType, Entity, KeyCells, Relation, Undecoded};
use crate::query::column::Column;
use crate::query::sql::{self, SelectSql};
use crate::trace::RelationInfo;

/// A figure of type `T` for each row of the entity `E`.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let orders: Aggregate<Customer, i64> = Customer::ORDERS.count();
/// let customers = session.all_with(Customer::select(), orders)?;
/// assert_eq!(customers.iter().map(|(_, orders)| orders).sum::<i64>(), 50);
/// # Ok::<(), Error>(())
/// ```
#[must_use = "an aggregate does nothing until it is passed to a session: `session.all_with(query, aggregate)`"]
pub struct Aggregate<E, T> {
    levels: Vec<&'static RelationInfo>,
    function: Function,
    operand: Operand,
    types: PhantomData<fn() -> (E, T)>,
}

/// What is aggregated: columns of the last level.
#[derive(Clone, Copy)]
enum Operand {
    Rows,
    Column(&'static str),
    Product(&'static str, &'static str),
}

impl Operand {
    fn render(self, dialect: Dialect) -> String {
        match self {
            Self::Rows => "*".to_owned(),
            Self::Column(name) => quote(name),
            Self::Product(one, other) => dialect.product(&quote(one), &quote(other)),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Function {
    Count,
    Sum,
    Min,
    Max,
}

impl Function {
    fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::Min => "min",
            Self::Max => "max",
        }
    }

    /// Returns the function that combines the figures of the level below. Counts are added up.
    fn combining(self) -> &'static str {
        match self {
            Self::Count => "sum",
            other => other.name(),
        }
    }
}

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
    levels: Vec<&'static RelationInfo>,
    ends: PhantomData<fn() -> (First, Last)>,
}

impl<E: Entity, T: Entity> Over<E, T> {
    pub(crate) fn relation<R: Relation<Parent = E, Target = T>>() -> Self {
        Self { levels: vec![R::INFO], ends: PhantomData }
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
    pub fn then<R: Relation<Parent = T>>(mut self, _: R) -> Over<E, R::Target> {
        self.levels.push(R::INFO);
        Over { levels: self.levels, ends: PhantomData }
    }

    /// Returns the aggregate that counts the related rows.
    pub fn count(self) -> Aggregate<E, i64> {
        self.aggregate(Function::Count, Operand::Rows)
    }

    /// Returns the aggregate that sums a column, or a product of two. It is 0 if there are no related rows. A
    /// sum that does not fit in 64 bits is an error.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let pieces = Customer::ORDERS.then(Order::ITEMS).sum(OrderItem::QUANTITY);
    /// assert_eq!(session.all_with(Customer::select(), pieces)?[0].1, 17);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn sum(self, of: impl Into<Summand<T>>) -> Aggregate<E, i64> {
        self.aggregate(Function::Sum, of.into().operand)
    }

    /// Returns the aggregate for a column's smallest value. It is `None` if there are no related rows.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let cheapest = Customer::ORDERS.then(Order::ITEMS).min(OrderItem::UNIT_PRICE);
    /// assert_eq!(session.all_with(Customer::select(), cheapest)?[0].1, Some(133));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn min<C: ColumnType>(self, column: Column<T, C>) -> Aggregate<E, Option<C>> {
        self.aggregate(Function::Min, Operand::Column(column.name()))
    }

    /// Returns the aggregate for a column's largest value. It is `None` if there are no related rows.
    pub fn max<C: ColumnType>(self, column: Column<T, C>) -> Aggregate<E, Option<C>> {
        self.aggregate(Function::Max, Operand::Column(column.name()))
    }

    fn aggregate<V>(self, function: Function, operand: Operand) -> Aggregate<E, V> {
        Aggregate { levels: self.levels, function, operand, types: PhantomData }
    }
}

/// What can be added up: a column of integers, or the product of two.
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
pub struct Summand<E> {
    operand: Operand,
    entity: PhantomData<fn() -> E>,
}

impl<E> From<Column<E, i64>> for Summand<E> {
    fn from(column: Column<E, i64>) -> Self {
        Self { operand: Operand::Column(column.name()), entity: PhantomData }
    }
}

impl<E> Column<E, i64> {
    /// Returns the product with another column, to be added up.
    pub fn times(self, other: Self) -> Summand<E> {
        Summand { operand: Operand::Product(self.name(), other.name()), entity: PhantomData }
    }
}

/// Returns `SELECT key, figure FROM the first level GROUP BY key`. The levels below are aggregated before
/// they are joined.
fn grouped(
    level: &RelationInfo,
    below: &[&'static RelationInfo],
    function: Function,
    operand: Operand,
    by: &SelectSql,
) -> String {
    let table = level.target.table;
    let keys: Vec<_> = level.target_columns.iter().map(|name| sql::column(Some(table), name)).collect();
    let named = keys.iter().enumerate().map(|(number, key)| format!("{key} AS \"key {number}\""));
    let named = named.collect::<Vec<_>>().join(", ");
    let (figure, join) = match below {
        [] => (format!("{}({})", function.name(), operand.render(by.dialect)), String::new()),
        [next, below @ ..] => {
            let alias = by.dialect.alias(format!("figures of {}", next.field));
            let figure = format!("{}({})", function.combining(), sql::column(Some(&alias), "value"));
            let inner = grouped(next, below, function, operand, by);
            (figure, format!(" {}", left_join(&inner, &alias, table, next, by)))
        }
    };
    format!(
        "SELECT {named}, {figure} AS \"value\" FROM {}{join} GROUP BY {}",
        level.target.sql_name(),
        keys.join(", ")
    )
}

/// Returns `LEFT JOIN (figures) AS alias ON alias."key 0" = +parents.key`. The key is compared as a bound value is.
fn left_join(figures: &str, alias: &str, parents: &str, relation: &RelationInfo, by: &SelectSql) -> String {
    let types = by.compared.types(relation);
    let equal = sql::all_equal(relation.parent_columns.iter().enumerate().map(|(number, name)| {
        let key = sql::column(Some(alias), &format!("key {number}"));
        (key, by.dialect.as_value(&sql::column(Some(parents), name), &types, number))
    }));
    format!("LEFT JOIN ({figures}) AS {} ON {equal}", quote(alias))
}

/// Joins a figure to a statement. Returns its place in the result.
fn join(
    select: &mut SelectSql,
    levels: &[&'static RelationInfo],
    function: Function,
    operand: Operand,
) -> usize {
    let (Some((first, below)), Some(last)) = (levels.split_first(), levels.last()) else {
        unreachable!("an aggregate is over one relation at least");
    };
    let alias = select.fresh_alias(&format!("{} of {}", function.name(), last.field));
    let figures = grouped(first, below, function, operand, select);
    let joined = left_join(&figures, &alias, first.parent.table, first, select);
    select.joins.push(joined);
    let value = sql::column(Some(&alias), "value");
    select.place(match function {
        Function::Count | Function::Sum => format!("coalesce({value}, 0)"),
        Function::Min | Function::Max => value,
    })
}

/// One aggregate, or a tuple of up to four. [`Session::all_with`](crate::Session::all_with) takes it.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let figures = (Customer::ORDERS.count(), Customer::ORDERS.max(Order::PLACED_ON));
/// let customers = session.all_with(Customer::select(), figures)?;
/// assert_eq!(customers[0].1, (2, Some("2024-02-03".to_owned())));
/// # Ok::<(), Error>(())
/// ```
pub trait Aggregates<E: Entity> {
    /// The type of the figures.
    type Figures;
    /// The number of figures.
    const COUNT: usize;

    /// Returns the relations whose keys are compared.
    #[doc(hidden)]
    fn relations(&self) -> Vec<&'static RelationInfo>;

    /// Joins the figures to a statement. Returns their places in the result.
    #[doc(hidden)]
    fn join(&self, select: &mut SelectSql) -> Vec<usize>;

    /// Reads the figures from a row.
    #[doc(hidden)]
    fn read(row: &Row<'_>, places: &[usize]) -> Result<Self::Figures>;
}

impl<E: Entity, T: ColumnType> Aggregates<E> for Aggregate<E, T> {
    type Figures = T;
    const COUNT: usize = 1;

    fn relations(&self) -> Vec<&'static RelationInfo> {
        self.levels.clone()
    }

    fn join(&self, select: &mut SelectSql) -> Vec<usize> {
        vec![join(select, &self.levels, self.function, self.operand)]
    }

    fn read(row: &Row<'_>, places: &[usize]) -> Result<T> {
        T::read(row.cell(places[0])).map_err(|mismatch| {
            let (column, key) = ("(an aggregate)", KeyCells::InRow { first: 0 });
            Undecoded { row, place: places[0], entity: E::INFO, column, key }.error::<T>(mismatch)
        })
    }
}

macro_rules! tuples {
    ($(($($aggregate:ident $number:tt),*)),*) => {$(
        impl<E: Entity, $($aggregate: Aggregates<E>),*> Aggregates<E> for ($($aggregate,)*) {
            type Figures = ($($aggregate::Figures,)*);
            const COUNT: usize = 0 $(+ $aggregate::COUNT)*;

            fn relations(&self) -> Vec<&'static RelationInfo> {
                [$(self.$number.relations()),*].concat()
            }

            fn join(&self, select: &mut SelectSql) -> Vec<usize> {
                [$(self.$number.join(select)),*].concat()
            }

            fn read(row: &Row<'_>, places: &[usize]) -> Result<Self::Figures> {
                let mut rest = places;
                let mut next = |count| {
                    let (own, others) = rest.split_at(count);
                    rest = others;
                    own
                };
                Ok(($($aggregate::read(row, next($aggregate::COUNT))?,)*))
            }
        }
    )*};
}

tuples!((A 0), (A 0, B 1), (A 0, B 1, C 2), (A 0, B 1, C 2, D 3));
