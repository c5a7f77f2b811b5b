//! Skip at first. Views: rows with the *type* of what was loaded with them, so that a forgotten load path
//! does not compile.
//!
//! An accessor such as `customer.orders()?` may send a statement, which its `?` shows. A page that needs
//! certain relations can give the load path to [`Session::load`] as an argument of its own. The type of the
//! path comes back with the rows:
//!
//! ```
//! # use {eagerly::*, shop::*}; let session = shop::small()?;
//! let customers = session.load(Customer::select(), selectin(Customer::ORDERS).selectin(Order::ITEMS))?;
//! for customer in &customers {
//!     let mut total = 0;
//!     for order in customer.get(Customer::ORDERS) { // no `?`, no statement: the type says that it is loaded
//!         for item in order.get(Order::ITEMS) {
//!             total += item.quantity * item.unit_price;
//!         }
//!     }
//!     println!("{}: {total} cents", customer.first_name);
//! }
//! # Ok::<(), Error>(())
//! ```
//!
//! Without `.selectin(Order::ITEMS)`, `order.get(Order::ITEMS)` does not compile: `` `Items` is not loaded by
//! this query ``. The path has the type `Path<Orders, Path<Items, End<OrderItem>>>`, and a view is a
//! reference to a row and that type. `get(Customer::ORDERS)` requires that the path [`Loads`] `Orders`, and
//! returns views whose type is the rest of the path, `Path<Items, End<OrderItem>>`. A view is as large as a
//! reference, and the types exist only at compile time.
//!
//! Only relations that are loaded when the query returns count: by `immediate`, `selectin`, `subquery` or
//! `joined`. The other strategies wait for an access ([`Deferred`](crate::path::Deferred)), and `get` does
//! not compile for them.
//!
//! Several relations side by side are a tuple. [`Path::with`](crate::path::Path::with) takes a tuple below a
//! step: `selectin(Customer::ORDERS).with((selectin(Order::ITEMS), joined(Order::CUSTOMER)))`.
//!
//! A function states what must be loaded, and cannot be called with less:
//!
//! ```
//! # use {eagerly::*, shop::*};
//! fn total<At>(order: View<'_, Order, impl Loads<order::Items, At>>) -> i64 {
//!     order.get(Order::ITEMS).iter().map(|item| item.quantity * item.unit_price).sum()
//! }
//! ```
//!
//! `At` is the place in a tuple at which the relation was found. The compiler finds it; it can be left out if
//! the path is not a tuple. A deeper requirement is
//! `impl Loads<customer::Orders, Below: Loads<order::Items>>`.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use crate::call_site::CallSite;
use crate::error::Result;
use crate::load::{LoadPath, Path, Selectable};
use crate::model::{Entity, Relation, RelationOf};
use crate::query::Part;
use crate::session::open::Session;
use crate::session::select::Select;

/// A load path, or several side by side, that loads `S`: a relation, or a [`Part`] of one.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// fn pieces(order: View<'_, Order, impl Loads<order::Items>>) -> i64 {
///     order.get(Order::ITEMS).iter().map(|item| item.quantity).sum()
/// }
/// let orders = session.load(Order::select().filter(Order::ID.eq(33)), selectin(Order::ITEMS))?;
/// assert_eq!(orders.iter().map(pieces).sum::<i64>(), 1 + 5);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{S}` is not loaded by this query",
    label = "not loaded",
    note = "add it to the path given to `session.load(…)`, behind the relation that leads there: `.selectin(…)`",
    note = "`lazy`, `batch`, `raise` and `by` wait for an access, and a part of a relation is not the relation: neither counts"
)]
pub trait Loads<S, At = Here> {
    /// What is loaded below the relation.
    type Below;
}

/// Never implemented, so no relation is `NotLoaded`. It improves the compiler's error: without it, the error
/// says that there is no method `get`; with it, the error names what is not loaded.
pub trait NotLoaded {}

/// The place of a relation that no path loads.
pub struct Nowhere;

#[diagnostic::do_not_recommend]
impl<S: NotLoaded, P> Loads<S, Nowhere> for P {
    type Below = ();
}

/// The place of a relation that a path loads with its first step.
pub struct Here;

/// The place of a relation in path `N` of a tuple; `At` is the position inside that path.
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
    /// Returns all rows that a query selects, with what the load path loads. [Views](crate::views) of them return the
    /// related rows without a statement and without an error to handle. The statements are those of
    /// `session.all(query.with(path))`.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let tally = session.tally();
    /// let customers = session.load(Customer::select(), selectin(Customer::ORDERS))?;
    /// let orders = customers.iter().map(|customer| customer.get(Customer::ORDERS).len());
    /// assert_eq!(orders.sum::<usize>(), 50);
    /// assert_eq!(tally.statements(), 2);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`all`](Self::all); [`Error::Dangling`](crate::Error::Dangling) if a row must have a related
    /// row and lacks it; [`Error::NotUpFront`](crate::Error::NotUpFront) if the query also makes a relation
    /// of the path wait for an access.
    #[track_caller]
    pub fn load<E: Entity, P: LoadPath<E>>(&self, query: Select<E>, path: P) -> Result<Loaded<E, P>> {
        let at = CallSite::caller();
        let rows = self.select("load", at, query.with(path))?;
        P::check(&rows, at)?;
        Ok(Loaded { rows, path: PhantomData })
    }
}

/// Rows, and in `P` what was loaded with them. [`Session::load`] returns it.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let customers = session.load(Customer::select(), selectin(Customer::ORDERS))?;
/// assert_eq!(customers.iter().map(|customer| customer.get(Customer::ORDERS).len()).max(), Some(36));
/// assert_eq!(customers.rows()[1].orders()?.len(), 36);
/// let rows: Vec<Customer> = customers.into_rows();
/// # Ok::<(), Error>(())
/// ```
pub struct Loaded<E, P> {
    rows: Vec<E>,
    path: PhantomData<fn() -> P>,
}

impl<E, P> Loaded<E, P> {
    /// Returns a view of each row.
    pub fn iter(&self) -> Iter<'_, E, P> {
        self.rows.iter().map(View::of)
    }

    /// Returns the rows themselves, for code that uses the accessors, and for indexing.
    pub fn rows(&self) -> &[E] {
        &self.rows
    }

    /// Returns the rows. The type of what was loaded with them is lost.
    pub fn into_rows(self) -> Vec<E> {
        self.rows
    }
}

/// A row, and in `P` what was loaded for it. It dereferences to the row, so its fields are there:
/// `customer.first_name`.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let customers = session.load(Customer::select(), selectin(Customer::ORDERS))?;
/// for customer in &customers {
///     let orders = customer.get(Customer::ORDERS);
///     assert!(orders.iter().all(|order| order.customer_id == customer.id));
/// }
/// // What is borrowed from a field lives as long as the rows, not only as long as the view.
/// let names: Vec<&str> = customers.iter().map(|customer| customer.first_name.as_str()).collect();
/// assert_eq!(names[0], "Ada");
/// # Ok::<(), Error>(())
/// ```
pub struct View<'v, E, P> {
    row: &'v E,
    path: PhantomData<fn() -> P>,
}

impl<'v, E, P> View<'v, E, P> {
    fn of(row: &'v E) -> Self {
        Self { row, path: PhantomData }
    }

    /// Returns the row itself.
    pub fn row(self) -> &'v E {
        self.row
    }
}

impl<'v, E: Entity, P> View<'v, E, P> {
    /// Returns the related rows: [`Views`] for a has-many; for a belongs-to and a has-one a `View`, in an `Option` if
    /// there may be none.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let orders = session.load(Order::select(), joined(Order::CUSTOMER))?;
    /// for order in &orders {
    ///     assert_eq!(order.get(Order::CUSTOMER).id, order.customer_id);
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn get<R, At>(self, _: R) -> R::View<'v, P::Below>
    where
        R: Viewed + RelationOf<E>,
        P: Loads<R, At>,
    {
        let link = R::link(self.row);
        link.record_access();
        FromRows::from_rows(self.row, checked(link.loaded_before()))
    }

    /// Returns the part of the related rows that was loaded by `selectin(Customer::ORDERS.filter(…))`.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let open = Customer::ORDERS.filter(Order::STATUS.eq("open"));
    /// let customers = session.load(Customer::select(), selectin(open))?;
    /// for customer in &customers {
    ///     assert!(customer.get_part(Customer::ORDERS).iter().all(|order| order.status == "open"));
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn get_part<R, At>(self, _: R) -> Views<'v, Part<R>, P::Below>
    where
        R: RelationOf<E>,
        P: Loads<Part<R>, At>,
    {
        let link = R::link(self.row);
        link.record_access_to_part();
        FromRows::from_rows(self.row, checked(link.part()))
    }
}

/// Returns rows that are loaded. `LoadPath::check` verified them when the query returned.
#[inline]
fn checked<T>(rows: Option<&[T]>) -> &[T] {
    debug_assert!(rows.is_some(), "a view of rows that are not loaded");
    rows.unwrap_or_default()
}

/// Related rows, those of the relation or [`Part`] `S`; and in `Below` what was loaded for each.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let orders = session.load(Order::select().filter(Order::ID.eq(33)), selectin(Order::ITEMS))?;
/// for items in orders.iter().map(|order| order.get(Order::ITEMS)) {
///     assert_eq!((items.len(), items.is_empty()), (2, false));
///     assert_eq!(items.iter().map(|item| item.quantity).sum::<i64>(), 1 + 5);
///     assert_eq!(items.rows()[1].quantity, 5);
/// }
/// # Ok::<(), Error>(())
/// ```
pub struct Views<'v, S: Selectable, Below> {
    parent: &'v S::Parent,
    rows: &'v [S::Target],
    below: PhantomData<fn() -> (S, Below)>,
}

impl<'v, S: Selectable, Below> Views<'v, S, Below> {
    /// Returns a view of each row.
    pub fn iter(self) -> Iter<'v, S::Target, Below> {
        self.rows.iter().map(View::of)
    }

    /// Returns the rows themselves.
    pub fn rows(self) -> &'v [S::Target] {
        self.rows
    }

    /// Returns the row that these rows belong to. It is the way back from an order to its customer without a statement.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// fn lines<Below>(orders: Views<'_, customer::Orders, Below>) -> Vec<String> {
    ///     orders.iter().map(|order| format!("{}: {}", orders.parent().first_name, order.status)).collect()
    /// }
    /// let customers = session.load(Customer::select(), selectin(Customer::ORDERS))?;
    /// assert_eq!(customers.iter().next().map(|ada| lines(ada.get(Customer::ORDERS))[0].clone()).as_deref(), Some("Ada: shipped"));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn parent(self) -> &'v S::Parent {
        self.parent
    }

    /// Returns the number of rows.
    pub fn len(self) -> usize {
        self.rows.len()
    }

    /// Returns whether there is no row.
    pub fn is_empty(self) -> bool {
        self.rows.is_empty()
    }
}

/// An iterator over views of rows.
pub type Iter<'v, E, P> = std::iter::Map<std::slice::Iter<'v, E>, fn(&'v E) -> View<'v, E, P>>;

/// A relation, and the type of its rows in a view. The derive implements it.
pub trait Viewed: Relation {
    /// [`Views`] of many rows, a [`View`] of one, or an `Option` of one.
    type View<'v, Below>: FromRows<'v, <Self as Relation>::Parent, <Self as Relation>::Target>;
}

/// How a view shows related rows: as a list, one row, or an option.
pub trait FromRows<'v, P, T> {
    #[doc(hidden)]
    fn from_rows(parent: &'v P, rows: &'v [T]) -> Self;
}

impl<'v, S: Selectable, Below> FromRows<'v, S::Parent, S::Target> for Views<'v, S, Below> {
    #[inline]
    fn from_rows(parent: &'v S::Parent, rows: &'v [S::Target]) -> Self {
        Self { parent, rows, below: PhantomData }
    }
}

impl<'v, P, T, Below> FromRows<'v, P, T> for Option<View<'v, T, Below>> {
    #[inline]
    fn from_rows(_: &'v P, rows: &'v [T]) -> Self {
        rows.first().map(View::of)
    }
}

impl<'v, P, T, Below> FromRows<'v, P, T> for View<'v, T, Below> {
    /// `LoadPath::check` verified that there is one.
    #[inline]
    fn from_rows(_: &'v P, rows: &'v [T]) -> Self {
        View::of(&rows[0])
    }
}

/// The target is the reference to the row, and not the row, so that what is borrowed from a field lives as long as the row,
/// not only as long as the view: `customers.iter().map(|customer| customer.first_name.as_str())`.
impl<'v, E, P> Deref for View<'v, E, P> {
    type Target = &'v E;

    fn deref(&self) -> &&'v E {
        &self.row
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
