//! Aggregates: figures beside each parent, computed by the database and not from objects.
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
//! Each level is aggregated before it is joined to the next, so no row is counted twice, however many relations
//! are asked for side by side. (Joining first would multiply the rows: the sum that lies.)

use std::marker::PhantomData;

use crate::column_type::ColumnType;
use crate::condition::Column;
use crate::driver::Row;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::relation::{Relation, RelationInfo};
use crate::sql::{self, SelectSql, quote};

/// A figure of type `T` for each row of the entity `E`.
///
/// ```
/// # use eagerly::{Aggregate, Relation};
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let orders: Aggregate<Customer, i64> = Customer::ORDERS.count();
/// let customers = session.all_with(Customer::select(), orders)?;
/// assert_eq!(customers.iter().map(|(_, orders)| orders).sum::<i64>(), 50);
/// # Ok::<(), eagerly::Error>(())
/// ```
#[must_use = "an aggregate does nothing until it is given to a session: `session.all_with(query, aggregate)`"]
pub struct Aggregate<E, T> {
    levels: Vec<Level>,
    function: Function,
    /// The SQL of what is aggregated, of columns of the last level.
    operand: String,
    types: PhantomData<fn() -> (E, T)>,
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

    /// What makes one figure of the figures of the level below: counts are added up.
    fn of_figures(self) -> &'static str {
        match self {
            Self::Count | Self::Sum => "sum",
            Self::Min => "min",
            Self::Max => "max",
        }
    }
}

/// A relation on the way to what is aggregated.
#[derive(Clone, Copy)]
struct Level {
    relation: &'static RelationInfo,
    table: &'static str,
}

/// A relation, or several in a row, from `First` to `Last`, to aggregate over.
///
/// ```
/// # use eagerly::{Over, Relation};
/// # use shop::{Customer, Order, OrderItem, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let items: Over<Customer, OrderItem> = Customer::ORDERS.then(Order::ITEMS);
/// let customers = session.all_with(Customer::select(), items.count())?;
/// assert_eq!(customers[0].1, 6);
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct Over<First, Last> {
    levels: Vec<Level>,
    ends: PhantomData<fn() -> (First, Last)>,
}

impl<E: Entity, T: Entity> Over<E, T> {
    pub(crate) fn relation<R: Relation<Parent = E, Target = T>>() -> Self {
        Self {
            levels: vec![Level {
                relation: R::INFO,
                table: T::TABLE,
            }],
            ends: PhantomData,
        }
    }

    /// Goes on along another relation.
    ///
    /// ```
    /// # use eagerly::Relation;
    /// # use shop::{Customer, Order, OrderItem, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let siblings = OrderItem::ORDER.then(Order::CUSTOMER).then(Customer::ORDERS);
    /// let items = session.all_with(OrderItem::select().filter(OrderItem::ORDER_ID.eq(33)), siblings.count())?;
    /// assert_eq!(items[0].1, 2); // as many orders has the customer whose item it is
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    #[must_use]
    pub fn then<R: Relation<Parent = T>>(mut self, _: R) -> Over<E, R::Target> {
        self.levels.push(Level {
            relation: R::INFO,
            table: R::Target::TABLE,
        });
        Over {
            levels: self.levels,
            ends: PhantomData,
        }
    }

    /// How many related rows there are.
    ///
    /// ```
    /// # use eagerly::Relation;
    /// # use shop::{Customer, Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let items = Customer::ORDERS.then(Order::ITEMS).count();
    /// assert_eq!(session.all_with(Customer::select(), items)?[0].1, 6);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn count(self) -> Aggregate<E, i64> {
        self.aggregate(Function::Count, "*".to_owned())
    }

    /// The sum of a column, or of a product of two, over the related rows; 0 without any. A sum that does not
    /// fit in 64 bits is an error.
    ///
    /// ```
    /// # use eagerly::Relation;
    /// # use shop::{Customer, Order, OrderItem, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let pieces = Customer::ORDERS.then(Order::ITEMS).sum(OrderItem::QUANTITY);
    /// assert_eq!(session.all_with(Customer::select(), pieces)?[0].1, 17);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn sum(self, of: impl Into<Summand<T>>) -> Aggregate<E, i64> {
        let operand = of.into().sql;
        self.aggregate(Function::Sum, operand)
    }

    /// The smallest value of a column among the related rows, if there are any.
    ///
    /// ```
    /// # use eagerly::Relation;
    /// # use shop::{Customer, Order, OrderItem, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let cheapest = Customer::ORDERS.then(Order::ITEMS).min(OrderItem::UNIT_PRICE);
    /// assert_eq!(session.all_with(Customer::select(), cheapest)?[0].1, Some(133));
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn min<C: ColumnType>(self, column: Column<T, C>) -> Aggregate<E, Option<C>> {
        self.aggregate(Function::Min, quote(column.name()))
    }

    /// The largest value of a column among the related rows, if there are any.
    ///
    /// ```
    /// # use eagerly::Relation;
    /// # use shop::{Customer, Order, OrderItem, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let dearest = Customer::ORDERS.then(Order::ITEMS).max(OrderItem::UNIT_PRICE);
    /// assert_eq!(session.all_with(Customer::select(), dearest)?[0].1, Some(18_963));
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn max<C: ColumnType>(self, column: Column<T, C>) -> Aggregate<E, Option<C>> {
        self.aggregate(Function::Max, quote(column.name()))
    }

    fn aggregate<V>(self, function: Function, operand: String) -> Aggregate<E, V> {
        Aggregate {
            levels: self.levels,
            function,
            operand,
            types: PhantomData,
        }
    }
}

/// What can be added up: a column of integers, or the product of two.
///
/// ```
/// # use eagerly::{Relation, Summand};
/// # use shop::{Order, OrderItem, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let pieces: Summand<OrderItem> = OrderItem::QUANTITY.into();
/// let price: Summand<OrderItem> = OrderItem::QUANTITY.times(OrderItem::UNIT_PRICE);
/// let figures = (Order::ITEMS.sum(pieces), Order::ITEMS.sum(price));
/// let orders = session.all_with(Order::select().filter(Order::ID.eq(33)), figures)?;
/// assert_eq!(orders[0].1, (1 + 5, 18_963 + 5 * 16_949));
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct Summand<E> {
    sql: String,
    entity: PhantomData<fn() -> E>,
}

impl<E> From<Column<E, i64>> for Summand<E> {
    fn from(column: Column<E, i64>) -> Self {
        Self {
            sql: quote(column.name()),
            entity: PhantomData,
        }
    }
}

impl<E> Column<E, i64> {
    /// The product with another column, to be added up.
    ///
    /// ```
    /// # use eagerly::Relation;
    /// # use shop::{Customer, Order, OrderItem, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let price = OrderItem::QUANTITY.times(OrderItem::UNIT_PRICE);
    /// let totals = session.all_with(Customer::select(), Customer::ORDERS.then(Order::ITEMS).sum(price))?;
    /// assert_eq!(totals[0].1, 136_745);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    #[must_use]
    pub fn times(self, other: Self) -> Summand<E> {
        Summand {
            sql: format!("{} * {}", quote(self.name()), quote(other.name())),
            entity: PhantomData,
        }
    }
}

/// `SELECT key, figure FROM the first level GROUP BY key`, the levels below aggregated before they are joined.
fn grouped(levels: &[Level], function: Function, operand: &str) -> String {
    let [level, below @ ..] = levels else {
        return String::new();
    };
    let table = quote(level.table);
    let keys = level.relation.target_columns;
    let own = |column: &&str| sql::column(Some(level.table), column);
    let selected = numbered(keys.iter().map(own));
    let group_by: Vec<_> = keys.iter().map(own).collect();
    let (figure, join) = match below {
        [] => (format!("{}({operand})", function.name()), String::new()),
        [next, ..] => {
            let alias = format!("figures of {}", next.relation.field);
            let on = joined_on(&alias, level.table, next.relation);
            let inner = grouped(below, function, operand);
            (
                format!(
                    "{}({})",
                    function.of_figures(),
                    sql::column(Some(&alias), "value")
                ),
                format!(" LEFT JOIN ({inner}) AS {} ON {on}", quote(&alias)),
            )
        }
    };
    format!(
        "SELECT {selected}, {figure} AS \"value\" FROM {table}{join} GROUP BY {}",
        group_by.join(", ")
    )
}

/// `a AS "key 0", b AS "key 1"`
fn numbered(columns: impl Iterator<Item = String>) -> String {
    let named = columns
        .enumerate()
        .map(|(number, column)| format!("{column} AS \"key {number}\""));
    named.collect::<Vec<_>>().join(", ")
}

/// `"figures of items"."key 0" = +"orders"."id"`, where the `+` makes a key compare as a bound value does
fn joined_on(alias: &str, parents: &str, relation: &RelationInfo) -> String {
    let pairs = relation
        .parent_columns
        .iter()
        .enumerate()
        .map(|(number, column)| {
            let key = sql::column(Some(alias), &format!("key {number}"));
            format!("{key} = +{}", sql::column(Some(parents), column))
        });
    pairs.collect::<Vec<_>>().join(" AND ")
}

impl<E: Entity, T> Aggregate<E, T> {
    /// Joins the figure to a statement; gives its place among the columns.
    fn join(&self, select: &mut SelectSql) -> usize {
        let (Some(first), Some(last)) = (self.levels.first(), self.levels.last()) else {
            return 0;
        };
        let name = format!("{} of {}", self.function.name(), last.relation.field);
        let alias = select.fresh_alias(&name);
        let inner = grouped(&self.levels, self.function, &self.operand);
        let on = joined_on(&alias, E::TABLE, first.relation);
        select
            .joins
            .push(format!("LEFT JOIN ({inner}) AS {} ON {on}", quote(&alias)));
        let value = sql::column(Some(&alias), "value");
        select.columns.push(match self.function {
            Function::Count | Function::Sum => format!("coalesce({value}, 0)"),
            Function::Min | Function::Max => value,
        });
        select.columns.len() - 1
    }
}

/// One aggregate, or a tuple of two to four.
///
/// ```
/// # use eagerly::Relation;
/// # use shop::{Customer, Order, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let figures = (Customer::ORDERS.count(), Customer::ORDERS.max(Order::PLACED_ON));
/// let customers = session.all_with(Customer::select(), figures)?;
/// assert_eq!(customers[0].1, (2, Some("2024-02-03".to_owned())));
/// # Ok::<(), eagerly::Error>(())
/// ```
pub trait Aggregates<E: Entity> {
    /// The figures.
    type Figures;

    /// Joins the figures to a statement; gives their places.
    #[doc(hidden)]
    fn join(&self, select: &mut SelectSql) -> Vec<usize>;

    /// Reads the figures from a row.
    #[doc(hidden)]
    fn read(row: &Row<'_>, places: &[usize]) -> Result<Self::Figures>;
}

impl<E: Entity, T: ColumnType> Aggregates<E> for Aggregate<E, T> {
    type Figures = T;

    fn join(&self, select: &mut SelectSql) -> Vec<usize> {
        vec![Self::join(self, select)]
    }

    fn read(row: &Row<'_>, places: &[usize]) -> Result<T> {
        let place = places.first().copied().unwrap_or_default();
        T::read(row.cell(place)).map_err(|mismatch| Error::Decode {
            record: E::NAME,
            column: "(an aggregate)",
            mismatch,
        })
    }
}

macro_rules! tuples {
    ($(($($aggregate:ident $number:tt),*)),*) => {$(
        impl<E: Entity, $($aggregate: Aggregates<E>),*> Aggregates<E> for ($($aggregate,)*) {
            type Figures = ($($aggregate::Figures,)*);

            fn join(&self, select: &mut SelectSql) -> Vec<usize> {
                [$(self.$number.join(select)),*].concat()
            }

            fn read(row: &Row<'_>, places: &[usize]) -> Result<Self::Figures> {
                Ok(($($aggregate::read(row, places.get($number..=$number).unwrap_or_default())?,)*))
            }
        }
    )*};
}

tuples!((A 0), (A 0, B 1), (A 0, B 1, C 2), (A 0, B 1, C 2, D 3));
