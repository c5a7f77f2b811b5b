//! Load paths: which relations to bring along, and how.
//!
//! ```text
//! selectin(Customer::ORDERS).selectin(Order::ITEMS)
//!      └── of the customers        └── of their orders
//! ```
//!
//! A path is a type: `Path<customer::Orders, Path<order::Items, End<OrderItem>>>`. So the compiler checks that
//! each step starts where the one before it ends, and the type tells what a query loads.

use std::marker::PhantomData;

use crate::entity::Entity;
use crate::error::Result;
use crate::event::CallSite;
use crate::load::LoadTree;
use crate::relation::Relation;
use crate::strategy::Strategy;

/// A step along the relation `S`, or a part of one, and what comes after it.
///
/// ```
/// # use eagerly::{path::{End, Path}, selectin};
/// # use shop::{Customer, Order, OrderItem, Size, customer, data, order};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # let tally = session.tally();
/// type OrdersAndItems = Path<customer::Orders, Path<order::Items, End<OrderItem>>>;
///
/// let path: OrdersAndItems = selectin(Customer::ORDERS).selectin(Order::ITEMS);
/// session.load(Customer::select(), path)?;
/// assert_eq!(tally.statements(), 3);
/// # Ok::<(), eagerly::Error>(())
/// ```
#[must_use = "a load path does nothing until it is given to a query: `.with(path)`"]
pub struct Path<S, Next> {
    step: S,
    strategy: Strategy,
    next: Next,
}

/// Where a path ends: at the entity `E`.
pub struct End<E>(PhantomData<E>);

/// A path of a single relation, or a part of one.
///
/// ```
/// # use eagerly::{path::Start, selectin};
/// # use shop::{Customer, Size, customer, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # let tally = session.tally();
/// fn with_orders() -> Start<customer::Orders> {
///     selectin(Customer::ORDERS)
/// }
/// session.load(Customer::select(), with_orders())?;
/// assert_eq!(tally.statements(), 2);
/// # Ok::<(), eagerly::Error>(())
/// ```
pub type Start<S> = Path<S, End<<S as Selectable>::Target>>;

/// Begins a load path by a strategy that is chosen as the program runs: `by(strategy, Customer::ORDERS)`.
///
/// ```
/// # use eagerly::{Strategy, by};
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// for (strategy, statements) in [(Strategy::Lazy, 1), (Strategy::Immediate, 6), (Strategy::Selectin, 2)] {
///     let tally = session.tally();
///     session.all(Customer::select().with(by(strategy, Customer::ORDERS)))?;
///     assert_eq!(tally.statements(), statements);
/// }
/// # Ok::<(), eagerly::Error>(())
/// ```
pub fn by<R: Relation>(strategy: Strategy, relation: R) -> OnAccess<R> {
    on_access(relation, strategy)
}

/// A step that waits for an access.
pub(crate) fn on_access<R: Relation>(relation: R, strategy: Strategy) -> OnAccess<R> {
    Path::new(Deferred(relation), strategy)
}

impl<S: Selectable> Start<S> {
    pub(crate) fn new(step: S, strategy: Strategy) -> Self {
        Self {
            step,
            strategy,
            next: End(PhantomData),
        }
    }
}

macro_rules! up_front {
    ($($strategy:ident $variant:ident),*) => {$(
        /// Goes on along a relation of the entity that the path has reached, by the strategy of that name.
        ///
        /// ```
        /// # use eagerly::selectin;
        /// # use shop::{Customer, Order, Size, data};
        /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
        /// let sends = |path| Customer::select().with(path).plan(&session).map(|plan| plan.formula());
        /// assert_eq!(sends(selectin(Customer::ORDERS).immediate(Order::ITEMS))?, "1 + 1 + orders");
        /// assert_eq!(sends(selectin(Customer::ORDERS).subquery(Order::ITEMS))?, "1 + 1 + 1");
        /// assert_eq!(sends(selectin(Customer::ORDERS).joined(Order::ITEMS))?, "1 + 1");
        /// # Ok::<(), eagerly::Error>(())
        /// ```
        pub fn $strategy<N: Relation<Parent = Next::Last>>(self, relation: N) -> Path<S, Next::Then<Start<N>>> {
            self.then(Path::new(relation, Strategy::$variant))
        }
    )*};
}

macro_rules! on_access {
    ($($strategy:ident $variant:ident),*) => {$(
        /// Goes on along a relation of the entity that the path has reached, by the strategy of that name: it waits for
        /// an access.
        ///
        /// ```
        /// # use eagerly::selectin;
        /// # use shop::{Customer, Order, Size, data};
        /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
        /// let sends = |path| Customer::select().with(path).plan(&session).map(|plan| plan.formula());
        /// assert_eq!(sends(selectin(Customer::ORDERS).lazy(Order::ITEMS))?, "1 + 1 + orders");
        /// assert_eq!(sends(selectin(Customer::ORDERS).batch(Order::ITEMS))?, "1 + 1 + 1");
        /// assert_eq!(sends(selectin(Customer::ORDERS).raise(Order::ITEMS))?, "1 + 1");
        /// # Ok::<(), eagerly::Error>(())
        /// ```
        pub fn $strategy<N: Relation<Parent = Next::Last>>(self, relation: N) -> Path<S, Next::Then<OnAccess<N>>> {
            self.then(on_access(relation, Strategy::$variant))
        }
    )*};
}

impl<S: Selectable, Next: Steps<First = S::Target>> Path<S, Next> {
    /// Goes on along a relation of the entity that the path has reached, or a part of one, by one more
    /// statement.
    ///
    /// ```
    /// # use eagerly::selectin;
    /// # use shop::{Customer, Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// # let tally = session.tally();
    /// let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    /// let customers = session.all(Customer::select().with(path))?;
    /// assert_eq!(customers[0].orders()?[0].items()?.len(), 4);
    /// assert_eq!(tally.statements(), 3);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn selectin<N: Selectable<Parent = Next::Last>>(self, relation: N) -> Path<S, Next::Then<Start<N>>> {
        self.then(Path::new(relation, Strategy::Selectin))
    }

    /// Goes on along a relation of the entity that the path has reached, by a strategy that is chosen as the
    /// program runs.
    ///
    /// ```
    /// # use eagerly::{Strategy, selectin};
    /// # use shop::{Customer, Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// # let tally = session.tally();
    /// let path = selectin(Customer::ORDERS).by(Strategy::Joined, Order::ITEMS);
    /// let customers = session.all(Customer::select().with(path))?;
    /// assert_eq!(customers[0].orders()?[0].items()?.len(), 4);
    /// assert_eq!(tally.statements(), 2);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn by<N: Relation<Parent = Next::Last>>(
        self,
        strategy: Strategy,
        relation: N,
    ) -> Path<S, Next::Then<OnAccess<N>>> {
        self.then(on_access(relation, strategy))
    }

    up_front!(immediate Immediate, subquery Subquery, joined Joined);
    on_access!(lazy Lazy, batch Batch, raise Raise);

    /// Goes on along several relations of the entity that the path has reached, side by side, and ends there:
    /// `selectin(Customer::ORDERS).with((selectin(Order::ITEMS), joined(Order::CUSTOMER)))`.
    ///
    /// ```
    /// # use eagerly::{joined, selectin};
    /// # use shop::{Customer, Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// # let tally = session.tally();
    /// let path = selectin(Customer::ORDERS).with((selectin(Order::ITEMS), joined(Order::CUSTOMER)));
    /// let customers = session.all(Customer::select().with(path))?;
    /// assert!(customers[0].orders()?[0].customer.is_loaded());
    /// assert_eq!(tally.statements(), 3);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn with<P: LoadPath<Next::Last>>(self, paths: P) -> Path<S, Next::Then<P>> {
        self.then(paths)
    }

    fn then<P: LoadPath<Next::Last>>(self, rest: P) -> Path<S, Next::Then<P>> {
        Path {
            step: self.step,
            strategy: self.strategy,
            next: self.next.then(rest),
        }
    }
}

/// What a step can be: a relation, or a [`Part`](crate::Part) of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relation",
    label = "not a relation, nor a part of one",
    note = "a relation is a constant such as `Customer::ORDERS`; `Customer::orders` is its accessor"
)]
pub trait Selectable {
    /// The entity that it starts from.
    type Parent: Entity;
    /// The entity that it leads to.
    type Target: Entity;

    /// Adds the step to what a query loads, with what is to be loaded below it.
    #[doc(hidden)]
    fn add(self, strategy: Strategy, below: LoadTree<Self::Target>, tree: &mut LoadTree<Self::Parent>);

    /// What the step has loaded for a parent; `None` if it waits for an access.
    #[doc(hidden)]
    fn loaded(parent: &Self::Parent, at: CallSite) -> Result<Option<&[Self::Target]>>;
}

impl<R: Relation> Selectable for R {
    type Parent = <R as Relation>::Parent;
    type Target = <R as Relation>::Target;

    fn add(
        self,
        strategy: Strategy,
        below: LoadTree<<R as Relation>::Target>,
        tree: &mut LoadTree<<R as Relation>::Parent>,
    ) {
        tree.add::<R>(strategy, below);
    }

    fn loaded(parent: &<R as Relation>::Parent, at: CallSite) -> Result<Option<&[<R as Relation>::Target]>> {
        R::link(parent).up_front::<R>(parent, at).map(Some)
    }
}

/// A step whose relation may not be loaded when the query returns: by `lazy`, `batch` or `raise`, or by a strategy
/// that only the running program knows.
pub struct Deferred<R>(R);

/// A path of a single relation that waits for an access.
///
/// ```
/// # use eagerly::{Strategy, by, path::OnAccess};
/// # use shop::{Customer, Size, customer, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # let tally = session.tally();
/// fn orders(eagerly: bool) -> OnAccess<customer::Orders> {
///     by(if eagerly { Strategy::Selectin } else { Strategy::Lazy }, Customer::ORDERS)
/// }
/// session.all(Customer::select().with(orders(true)))?;
/// assert_eq!(tally.statements(), 2);
/// # Ok::<(), eagerly::Error>(())
/// ```
pub type OnAccess<R> = Start<Deferred<R>>;

impl<R: Relation> Selectable for Deferred<R> {
    type Parent = <R as Relation>::Parent;
    type Target = <R as Relation>::Target;

    fn add(self, strategy: Strategy, below: LoadTree<Self::Target>, tree: &mut LoadTree<Self::Parent>) {
        tree.add::<R>(strategy, below);
    }

    fn loaded(_: &Self::Parent, _: CallSite) -> Result<Option<&[Self::Target]>> {
        Ok(None)
    }
}

/// What a path is made of, step by step. Implemented by [`Path`] and [`End`].
pub trait Steps: LoadPath<Self::First> {
    /// The entity that it starts from.
    type First: Entity;
    /// The entity that it has reached.
    type Last: Entity;
    /// The path with more behind its end.
    type Then<P: LoadPath<Self::Last>>: LoadPath<Self::First>;

    /// Puts more behind its end.
    #[doc(hidden)]
    fn then<P: LoadPath<Self::Last>>(self, rest: P) -> Self::Then<P>;
}

impl<E: Entity> Steps for End<E> {
    type First = E;
    type Last = E;
    type Then<P: LoadPath<E>> = P;

    fn then<P: LoadPath<E>>(self, rest: P) -> P {
        rest
    }
}

impl<S: Selectable, Next: Steps<First = S::Target>> Steps for Path<S, Next> {
    type First = S::Parent;
    type Last = Next::Last;
    type Then<P: LoadPath<Next::Last>> = Path<S, Next::Then<P>>;

    fn then<P: LoadPath<Next::Last>>(self, rest: P) -> Self::Then<P> {
        self.then(rest)
    }
}

/// A load path that starts at the entity `E`, or several side by side: what `.with(…)` and
/// [`Session::load`](crate::Session::load) take.
///
/// ```
/// # use eagerly::{LoadPath, Result, Session, joined};
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// fn customers(session: &Session, path: impl LoadPath<Customer>) -> Result<Vec<Customer>> {
///     session.all(Customer::select().order_by(Customer::LAST_NAME).with(path))
/// }
/// assert_eq!(customers(&session, joined(Customer::ORDERS))?.len(), 5);
/// # Ok::<(), eagerly::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "this load path does not start at `{E}`",
    label = "not a path from `{E}`",
    note = "a path given to `.with(…)` starts with a relation of the entity that the query selects"
)]
pub trait LoadPath<E: Entity> {
    /// Adds the path to what a query loads.
    #[doc(hidden)]
    fn add_to(self, tree: &mut LoadTree<E>);

    /// Sees that what the path loads is there.
    #[doc(hidden)]
    fn check(rows: &[E], at: CallSite) -> Result<()>;
}

impl<E: Entity> LoadPath<E> for End<E> {
    fn add_to(self, _: &mut LoadTree<E>) {}

    fn check(_: &[E], _: CallSite) -> Result<()> {
        Ok(())
    }
}

impl<E: Entity, S: Selectable<Parent = E>, Next: LoadPath<S::Target>> LoadPath<E> for Path<S, Next> {
    fn add_to(self, tree: &mut LoadTree<E>) {
        let mut below = LoadTree::default();
        self.next.add_to(&mut below);
        self.step.add(self.strategy, below, tree);
    }

    fn check(rows: &[E], at: CallSite) -> Result<()> {
        rows.iter().try_for_each(|row| match S::loaded(row, at)? {
            Some(related) => Next::check(related, at),
            None => Ok(()),
        })
    }
}

macro_rules! side_by_side {
    ($($path:ident $place:tt),*) => {
        impl<E: Entity, $($path: LoadPath<E>),*> LoadPath<E> for ($($path,)*) {
            fn add_to(self, tree: &mut LoadTree<E>) {
                $(self.$place.add_to(tree);)*
            }

            fn check(rows: &[E], at: CallSite) -> Result<()> {
                $($path::check(rows, at)?;)*
                Ok(())
            }
        }
    };
}

side_by_side!(A 0, B 1);
side_by_side!(A 0, B 1, C 2);
side_by_side!(A 0, B 1, C 2, D 3);
