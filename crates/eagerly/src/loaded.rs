//! Views: rows together with the *type* of what was loaded along, so that touching what was not loaded does not
//! compile.
//!
//! An accessor such as `customer.orders()?` may send a statement, and its `?` says so. Where a page knows beforehand
//! what it needs, [`Session::load`] takes the load path as an argument of its own, and its type comes back with the rows:
//!
//! ```
//! # use eagerly::{Entity, HasMany, Session, selectin};
//! # #[derive(Debug, Entity)] #[entity(table = "customers")]
//! # pub struct Customer { #[entity(key)] pub id: i64, pub name: String,
//! #     #[entity(foreign_key = "customer_id")] pub orders: HasMany<Order> }
//! # #[derive(Debug, Entity)] #[entity(table = "orders")]
//! # pub struct Order { #[entity(key)] pub id: i64, pub customer_id: i64,
//! #     #[entity(foreign_key = "order_id")] pub items: HasMany<OrderItem> }
//! # #[derive(Debug, Entity)] #[entity(table = "order_items")]
//! # pub struct OrderItem { #[entity(key)] pub id: i64, pub order_id: i64, pub quantity: i64, pub unit_price: i64 }
//! # let session = Session::in_memory()?;
//! # for sql in ["CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
//! #     "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL)",
//! #     "CREATE TABLE order_items (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, quantity INTEGER NOT NULL, unit_price INTEGER NOT NULL)",
//! #     "INSERT INTO customers VALUES (1, 'Ada'), (2, 'Zoë')", "INSERT INTO orders VALUES (1, 1)",
//! #     "INSERT INTO order_items VALUES (1, 1, 2, 500)"] { session.execute(sql, [])?; }
//! let customers = session.load(Customer::select(), selectin(Customer::ORDERS).selectin(Order::ITEMS))?;
//! # let tally = session.tally();
//! for customer in &customers {
//!     let mut total = 0;
//!     for order in customer.get(Customer::ORDERS) {        // no `?`, no statement: it is there, by type
//!         for item in order.get(Order::ITEMS) {
//!             total += item.quantity * item.unit_price;
//!         }
//!     }
//!     println!("{}: {total} cents", customer.name);
//! }
//! # assert_eq!(tally.statements(), 0);
//! # Ok::<(), eagerly::Error>(())
//! ```
//!
//! Without `.selectin(Order::ITEMS)`, the compiler stops at `order.get(Order::ITEMS)`: `Items` is not loaded by this
//! query. How: the path is of the type `Path<Orders, Path<Items, End<OrderItem>>>`, and a view is a reference to a row and
//! that type. `get(Customer::ORDERS)` asks that the path [`Loads`] `Orders`, and gives views with what comes below,
//! `Path<Items, End<OrderItem>>`. A view is as large as a reference, and all of this is gone once it is compiled.
//!
//! Only what is loaded when the query returns counts: by `immediate`, `selectin`, `subquery` or `joined`. The others
//! wait for an access ([`Deferred`](crate::path::Deferred)), and `get` does not compile for them either.
//!
//! Several relations side by side are a tuple, and [`Path::with`](crate::path::Path::with) takes one below a step:
//! `selectin(Customer::ORDERS).with((selectin(Order::ITEMS), joined(Order::CUSTOMER)))`.
//!
//! A function says what it needs to be loaded, and can be called with nothing less:
//!
//! ```
//! # use eagerly::{Entity, HasMany};
//! # #[derive(Debug, Entity)] #[entity(table = "orders")]
//! # pub struct Order { #[entity(key)] pub id: i64,
//! #     #[entity(foreign_key = "order_id")] pub items: HasMany<OrderItem> }
//! # #[derive(Debug, Entity)] #[entity(table = "order_items")]
//! # pub struct OrderItem { #[entity(key)] pub id: i64, pub order_id: i64, pub quantity: i64, pub unit_price: i64 }
//! use eagerly::{Loads, View};
//!
//! fn total<At>(order: View<'_, Order, impl Loads<order::Items, At>>) -> i64 {
//!     order.get(Order::ITEMS).iter().map(|item| item.quantity * item.unit_price).sum()
//! }
//! ```
//!
//! (`At` is the place in a tuple at which the relation was found. The compiler fills it in; it may be left out if the
//! path is no tuple. A deeper need is written `impl Loads<customer::Orders, Below: Loads<order::Items>>`.)

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use crate::entity::Entity;
use crate::error::Result;
use crate::event::CallSite;
use crate::part::Part;
use crate::path::{LoadPath, Path, Selectable};
use crate::relation::Relation;
use crate::select::Select;
use crate::session::Session;

/// A load path, or several side by side, that loads `S`: a relation, or a [`Part`] of one.
///
/// ```
/// # use eagerly::{Loads, View, selectin};
/// # use shop::{Order, Size, data, order};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// fn pieces(order: View<'_, Order, impl Loads<order::Items>>) -> i64 {
///     order.get(Order::ITEMS).iter().map(|item| item.quantity).sum()
/// }
/// let orders = session.load(Order::select().filter(Order::ID.eq(33)), selectin(Order::ITEMS))?;
/// assert_eq!(orders.iter().map(pieces).sum::<i64>(), 1 + 5);
/// # Ok::<(), eagerly::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{S}` is not loaded by this query",
    label = "not loaded",
    note = "add it to the path given to `session.load(…)`, behind the relation that leads there: `.selectin(…)`",
    note = "`lazy`, `batch`, `raise` and `by` wait for an access, and a part of a relation is not the relation: neither counts"
)]
pub trait Loads<S, At = Here> {
    /// What is loaded below it.
    type Below;
}

/// Never implemented. Every path [`Loads`] everything that is `NotLoaded`, which is nothing. It is there for the sake of
/// the error: without it, the compiler says that there is no method `get`; with it, what is not loaded.
pub trait NotLoaded {}

/// Where a path loads what it does not load.
pub struct Nowhere;

#[diagnostic::do_not_recommend]
impl<S: NotLoaded, P> Loads<S, Nowhere> for P {
    type Below = ();
}

/// Where a path loads a relation: with its first step.
pub struct Here;

/// Where a tuple of paths loads a relation: by the path at place `N`, there `At`.
pub struct In<const N: usize, At>(PhantomData<At>);

impl<S, Below> Loads<S> for Path<S, Below> {
    type Below = Below;
}

macro_rules! side_by_side {
    ($(($($path:ident),*): $found:ident $place:tt;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<S, At, $($path),*> Loads<S, In<$place, At>> for ($($path,)*)
        where
            $found: Loads<S, At>,
        {
            type Below = $found::Below;
        }
    )*};
}

side_by_side! {
    (A, B): A 0; (A, B): B 1;
    (A, B, C): A 0; (A, B, C): B 1; (A, B, C): C 2;
    (A, B, C, D): A 0; (A, B, C, D): B 1; (A, B, C, D): C 2; (A, B, C, D): D 3;
}

impl Session {
    /// All rows that a query selects, with what the load path loads: [views](crate::loaded) on them give the related
    /// rows without a statement, and without an error to handle. The statements are those that
    /// `session.all(query.with(path))` sends.
    ///
    /// ```
    /// # use eagerly::selectin;
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// # let tally = session.tally();
    /// let customers = session.load(Customer::select(), selectin(Customer::ORDERS))?;
    /// let orders = customers.iter().map(|customer| customer.get(Customer::ORDERS).len());
    /// assert_eq!(orders.sum::<usize>(), 50);
    /// assert_eq!(tally.statements(), 2);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`all`](Self::all); [`Error::Dangling`](crate::Error::Dangling) if a row has to have a related row and
    /// lacks it; [`Error::NotUpFront`](crate::Error::NotUpFront) if the path contradicts itself.
    #[track_caller]
    pub fn load<E: Entity, P: LoadPath<E>>(&self, query: Select<E>, path: P) -> Result<Loaded<E, P>> {
        let at = CallSite::caller();
        let rows = self.select("load", at, query.with(path))?;
        P::check(&rows, at)?;
        Ok(Loaded {
            rows,
            path: PhantomData,
        })
    }
}

/// Rows, and in `P` what was loaded with them. Given by [`Session::load`].
///
/// ```
/// # use eagerly::selectin;
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let customers = session.load(Customer::select(), selectin(Customer::ORDERS))?;
/// assert_eq!(customers.iter().map(|customer| customer.get(Customer::ORDERS).len()).max(), Some(36));
/// assert_eq!(customers.rows()[1].orders()?.len(), 36);
/// let rows: Vec<Customer> = customers.into_rows();
/// assert_eq!(rows.len(), 5);
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct Loaded<E, P> {
    rows: Vec<E>,
    path: PhantomData<fn() -> P>,
}

impl<E, P> Loaded<E, P> {
    /// A view of each row.
    pub fn iter(&self) -> Iter<'_, E, P> {
        self.rows.iter().map(View::of)
    }

    /// The rows themselves: for code that goes by the accessors, and for indexing.
    #[must_use]
    pub fn rows(&self) -> &[E] {
        &self.rows
    }

    /// The rows, without the knowledge of what was loaded with them.
    #[must_use]
    pub fn into_rows(self) -> Vec<E> {
        self.rows
    }
}

/// A row, and in `P` what was loaded for it. Its fields are at hand: `customer.name`.
///
/// ```
/// # use eagerly::selectin;
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let customers = session.load(Customer::select(), selectin(Customer::ORDERS))?;
/// for customer in &customers {
///     let orders = customer.get(Customer::ORDERS);
///     assert!(orders.iter().all(|order| order.customer_id == customer.id));
///     assert_eq!(customer.row().orders()?.len(), orders.len()); // as a reference to a plain `Customer`
/// }
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct View<'v, E, P> {
    row: &'v E,
    path: PhantomData<fn() -> P>,
}

impl<'v, E, P> View<'v, E, P> {
    fn of(row: &'v E) -> Self {
        Self {
            row,
            path: PhantomData,
        }
    }

    /// The row itself, for as long as the loaded rows live.
    #[must_use]
    pub fn row(self) -> &'v E {
        self.row
    }
}

impl<'v, E: Entity, P> View<'v, E, P> {
    /// The related rows, as views of what was loaded below: [`Views`] for a has-many; for a belongs-to and a has-one a
    /// `View`, in an `Option` where there may be none.
    ///
    /// ```
    /// # use eagerly::joined;
    /// # use shop::{Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// # let tally = session.tally();
    /// let orders = session.load(Order::select(), joined(Order::CUSTOMER))?;
    /// for order in &orders {
    ///     assert_eq!(order.get(Order::CUSTOMER).id, order.customer_id);
    /// }
    /// assert_eq!(tally.statements(), 1);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    #[inline]
    pub fn get<R, At>(self, _: R) -> R::View<'v, P::Below>
    where
        R: Relation<Parent = E>,
        P: Loads<R, At>,
    {
        // That they are there has been seen by `check`, when the rows were loaded.
        FromRows::from_rows(R::link(self.row).seen().unwrap_or_default())
    }

    /// The part of the related rows that was loaded by `selectin(Customer::ORDERS.filter(…))`. Its type tells it from
    /// the whole.
    ///
    /// ```
    /// # use eagerly::{Relation, selectin};
    /// # use shop::{Customer, Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// # let tally = session.tally();
    /// let open = Customer::ORDERS.filter(Order::STATUS.eq("open"));
    /// let customers = session.load(Customer::select(), selectin(open))?;
    /// for customer in &customers {
    ///     assert!(customer.get_part(Customer::ORDERS).iter().all(|order| order.status == "open"));
    /// }
    /// assert_eq!(tally.statements(), 2);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    #[inline]
    pub fn get_part<R, At>(self, _: R) -> Views<'v, Part<R>, P::Below>
    where
        R: Relation<Parent = E>,
        P: Loads<Part<R>, At>,
    {
        FromRows::from_rows(R::link(self.row).seen_part().unwrap_or_default())
    }
}

/// Related rows, those of the relation or [`Part`] `S`; and in `Below` what was loaded for each.
///
/// ```
/// # use eagerly::selectin;
/// # use shop::{Order, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let orders = session.load(Order::select().filter(Order::ID.eq(33)), selectin(Order::ITEMS))?;
/// for items in orders.iter().map(|order| order.get(Order::ITEMS)) {
///     assert_eq!((items.len(), items.is_empty()), (2, false));
///     assert_eq!(items.iter().map(|item| item.quantity).sum::<i64>(), 1 + 5);
///     assert_eq!(items.rows()[1].quantity, 5);
/// }
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct Views<'v, S: Selectable, Below> {
    rows: &'v [S::Target],
    below: PhantomData<fn() -> (S, Below)>,
}

impl<'v, S: Selectable, Below> Views<'v, S, Below> {
    /// A view of each row.
    pub fn iter(self) -> Iter<'v, S::Target, Below> {
        self.rows.iter().map(View::of)
    }

    /// The rows themselves.
    #[must_use]
    pub fn rows(self) -> &'v [S::Target] {
        self.rows
    }

    /// How many there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.rows.is_empty()
    }
}

/// Views of rows, one after the other.
pub type Iter<'v, E, P> = std::iter::Map<std::slice::Iter<'v, E>, fn(&'v E) -> View<'v, E, P>>;

/// How the related rows look in a view: many, one, or perhaps one.
pub trait FromRows<'v, T> {
    /// Whether there must be one.
    const NEEDS_ONE: bool = false;

    #[doc(hidden)]
    fn from_rows(rows: &'v [T]) -> Self;
}

impl<'v, S: Selectable, Below> FromRows<'v, S::Target> for Views<'v, S, Below> {
    #[inline]
    fn from_rows(rows: &'v [S::Target]) -> Self {
        Self {
            rows,
            below: PhantomData,
        }
    }
}

impl<'v, T, Below> FromRows<'v, T> for Option<View<'v, T, Below>> {
    #[inline]
    fn from_rows(rows: &'v [T]) -> Self {
        rows.first().map(View::of)
    }
}

impl<'v, T, Below> FromRows<'v, T> for View<'v, T, Below> {
    const NEEDS_ONE: bool = true;

    /// `check` has seen that there is one.
    #[inline]
    fn from_rows(rows: &'v [T]) -> Self {
        View::of(&rows[0])
    }
}

impl<E, P> Deref for View<'_, E, P> {
    type Target = E;

    fn deref(&self) -> &E {
        self.row
    }
}

impl<E, P> Clone for View<'_, E, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, P> Copy for View<'_, E, P> {}

impl<S: Selectable, Below> Clone for Views<'_, S, Below> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Selectable, Below> Copy for Views<'_, S, Below> {}

impl<'v, E, P> IntoIterator for &'v Loaded<E, P> {
    type Item = View<'v, E, P>;
    type IntoIter = Iter<'v, E, P>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'v, S: Selectable, Below> IntoIterator for Views<'v, S, Below> {
    type Item = View<'v, S::Target, Below>;
    type IntoIter = Iter<'v, S::Target, Below>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<E: fmt::Debug, P> fmt::Debug for Loaded<E, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows.fmt(f)
    }
}

impl<E: fmt::Debug, P> fmt::Debug for View<'_, E, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row.fmt(f)
    }
}

impl<S: Selectable<Target: fmt::Debug>, Below> fmt::Debug for Views<'_, S, Below> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows.fmt(f)
    }
}
