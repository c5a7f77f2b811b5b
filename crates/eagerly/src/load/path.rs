//! Skip at first. Load paths: which relations to load with a query, and how.
//!
//! ```text
//! selectin(Customer::ORDERS).selectin(Order::ITEMS)
//!      └── of the customers        └── of their orders
//! ```
//!
//! A path is a type: `Path<customer::Orders, Path<order::Items, End<OrderItem>>>`. So the compiler checks
//! that each step starts where the one before it ends, and the type says what a query loads. The functions
//! that begin and continue a path, such as `selectin`, are in the file of their strategy.

use std::marker::PhantomData;

use crate::call_site::CallSite;
use crate::error::Result;
use crate::load::tree::LoadTree;
use crate::model::{Entity, Relation};
use crate::trace::Strategy;

/// A step along the relation `S`, or a part of one, and what comes after it.
///
/// ```
/// # use {eagerly::{*, path::*}, shop::*}; let session = shop::small()?;
/// type OrdersAndItems = Path<customer::Orders, Path<order::Items, End<OrderItem>>>;
///
/// let path: OrdersAndItems = selectin(Customer::ORDERS).selectin(Order::ITEMS);
/// session.load(Customer::select(), path)?;
/// # Ok::<(), Error>(())
/// ```
#[must_use = "a load path does nothing until it is passed to a query: `.with(path)`"]
pub struct Path<S, Next> {
    step: S,
    strategy: Strategy,
    next: Next,
}

/// The end of a path, at the entity `E`.
pub struct End<E>(PhantomData<E>);

/// The end of a path at rows of the entity `E` that `raise` never loads. Nothing can follow.
pub struct NeverLoaded<E>(PhantomData<E>);

/// A path of a single relation, or a part of one.
///
/// ```
/// # use {eagerly::{*, path::Start}, shop::*}; let session = shop::small()?;
/// fn with_orders() -> Start<customer::Orders> {
///     selectin(Customer::ORDERS)
/// }
/// session.load(Customer::select(), with_orders())?;
/// # Ok::<(), Error>(())
/// ```
pub type Start<S> = Path<S, End<<S as Selectable>::Target>>;

/// A step whose relation may be unloaded when the query returns: by `lazy`, `batch` or `raise`, or by a
/// strategy that is chosen while the program runs.
pub struct Deferred<R>(pub(crate) R);

/// A path of a single relation that may wait for an access.
pub type OnAccess<R> = Start<Deferred<R>>;

/// A path of a single relation that is never loaded.
///
/// ```
/// # use {eagerly::{*, path::Raised}, shop::*}; let session = shop::small()?;
/// fn without_orders() -> Raised<customer::Orders> {
///     raise(Customer::ORDERS)
/// }
/// let customers = session.all(Customer::select().with(without_orders()))?;
/// assert!(matches!(customers[0].orders(), Err(Error::Raised { .. })));
/// # Ok::<(), Error>(())
/// ```
pub type Raised<R> = Path<Deferred<R>, NeverLoaded<<R as Relation>::Target>>;

/// Begins a load path by a strategy that is chosen while the program runs: `by(strategy, Customer::ORDERS)`.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// for (strategy, statements) in [(Strategy::Lazy, 1), (Strategy::Immediate, 6), (Strategy::Selectin, 2)] {
///     let tally = session.tally();
///     session.all(Customer::select().with(by(strategy, Customer::ORDERS)))?;
///     assert_eq!(tally.statements(), statements);
/// }
/// # Ok::<(), Error>(())
/// ```
pub fn by<R: Relation>(strategy: Strategy, relation: R) -> OnAccess<R> {
    Path::start(Deferred(relation), strategy)
}

impl<S: Selectable> Start<S> {
    pub(crate) fn start(step: S, strategy: Strategy) -> Self {
        Self { step, strategy, next: End(PhantomData) }
    }
}

impl<R: Relation> Raised<R> {
    pub(crate) fn raised(relation: R) -> Self {
        Self { step: Deferred(relation), strategy: Strategy::Raise, next: NeverLoaded(PhantomData) }
    }
}

impl<S: Selectable, Next: Steps<First = S::Target>> Path<S, Next> {
    /// Continues along a relation of the entity that the path has reached, by a strategy that is chosen while the
    /// program runs.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let path = selectin(Customer::ORDERS).by(Strategy::Joined, Order::ITEMS);
    /// let customers = session.all(Customer::select().with(path))?;
    /// assert_eq!(customers[0].orders()?[0].items()?.len(), 4);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn by<N: Relation + StepFrom<Next::Last> + After<Next>>(
        self,
        strategy: Strategy,
        relation: N,
    ) -> Path<S, Next::Then<OnAccess<N>>> {
        self.then(by(strategy, relation))
    }

    /// Continues along several relations of the entity that the path has reached, side by side, and ends there.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let path = selectin(Customer::ORDERS).with((selectin(Order::ITEMS), joined(Order::CUSTOMER)));
    /// let customers = session.all(Customer::select().with(path))?;
    /// assert!(customers[0].orders()?[0].customer.is_loaded());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn with<P: LoadPath<Next::Last> + After<Next>>(self, paths: P) -> Path<S, Next::Then<P>> {
        self.then(paths)
    }

    /// Appends `rest`.
    pub(crate) fn then<P: LoadPath<Next::Last>>(self, rest: P) -> Path<S, Next::Then<P>> {
        Path { step: self.step, strategy: self.strategy, next: self.next.then(rest) }
    }
}

/// A relation, or a [`Part`](crate::Part) of one, that can be a step. `steps.rs` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relation",
    label = "not a relation, nor a part of one",
    note = "a relation is a constant such as `Customer::ORDERS`; `customer.orders` is a field, and `Customer::orders` its accessor"
)]
pub trait Selectable {
    /// The entity that the step starts from.
    type Parent: Entity;
    /// The entity that the step leads to.
    type Target: Entity;

    /// Adds the step to what a query loads, with what is to be loaded below it.
    #[doc(hidden)]
    fn add(self, strategy: Strategy, below: LoadTree<Self::Target>, tree: &mut LoadTree<Self::Parent>);

    /// Returns what the step has loaded for a parent; `None` if it waits for an access.
    #[doc(hidden)]
    fn loaded(parent: &Self::Parent, at: CallSite) -> Result<Option<&[Self::Target]>>;
}

/// A relation of the entity `E`, or a part of one, as a step. Everything [`Selectable`] whose `Parent` is `E` is one. As a
/// trait of its own, it has a message of its own ([`RelationOf`](crate::RelationOf) explains how).
///
/// ```
/// # use {eagerly::{*, path::StepFrom}, shop::*}; let session = shop::small()?;
/// fn customers(session: &Session, step: impl StepFrom<Customer>) -> Result<Vec<Customer>> {
///     session.all(Customer::select().with(selectin(step)))
/// }
/// assert!(customers(&session, Customer::ORDERS)?[0].orders.is_loaded());
/// assert!(customers(&session, Customer::ORDERS.limit_each(2))?[0].orders.part().is_some());
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relation of `{E}`",
    label = "the path is at `{E}`, and this relation starts at another entity",
    note = "a path starts at the entity that the query selects, and each step starts at the entity that the step before it leads to",
    note = "write a relation of `{E}` here: a constant that the derive added to it, as it added `ORDERS` to `Customer`"
)]
pub trait StepFrom<E>: Selectable<Parent = E> {}

#[diagnostic::do_not_recommend]
impl<E, S: Selectable<Parent = E>> StepFrom<E> for S {}

/// The steps of a path. [`Path`], [`End`] and [`NeverLoaded`] implement it.
pub trait Steps: LoadPath<Self::First> {
    /// The entity that the path starts from.
    type First: Entity;
    /// The entity that the path has reached.
    type Last: Entity;
    /// The path with another path appended.
    type Then<P: LoadPath<Self::Last>>: LoadPath<Self::First>;

    /// Appends `rest`.
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

/// Nothing is loaded below what is never loaded, so an appended path is dropped. [`After`] forbids to append one.
impl<E: Entity> Steps for NeverLoaded<E> {
    type First = E;
    type Last = E;
    type Then<P: LoadPath<E>> = Self;

    fn then<P: LoadPath<E>>(self, _: P) -> Self {
        self
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

/// Anything that can follow a path that ends with `Next`: every step, except after [`NeverLoaded`].
#[diagnostic::on_unimplemented(
    message = "nothing can be loaded below a relation that `raise` never loads",
    label = "never loaded, because `raise` comes before it in this path",
    note = "end the path with `raise(…)`, or load that relation by another strategy, such as `selectin`"
)]
pub trait After<Next> {}

impl<N, E> After<End<E>> for N {}
#[diagnostic::do_not_recommend]
impl<N: After<Next>, S, Next> After<Path<S, Next>> for N {}

/// A load path that starts at the entity `E`, or several side by side. `.with(…)` and
/// [`Session::load`](crate::Session::load) take it.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// fn customers(session: &Session, path: impl LoadPath<Customer>) -> Result<Vec<Customer>> {
///     session.all(Customer::select().order_by(Customer::LAST_NAME).with(path))
/// }
/// assert_eq!(customers(&session, joined(Customer::ORDERS))?.len(), 5);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a load path",
    label = "the loading strategy is missing",
    note = "write the strategy around the relation, as in `.with(selectin(Customer::ORDERS))`",
    note = "several paths side by side are a tuple of two to four"
)]
pub trait LoadPath<E: Entity> {
    /// Adds the path to what a query loads.
    #[doc(hidden)]
    fn add_to(self, tree: &mut LoadTree<E>);

    /// Returns an error if a relation that the path loads is missing. Deferred steps and missing parts are
    /// skipped.
    #[doc(hidden)]
    fn check(rows: &[E], at: CallSite) -> Result<()>;
}

impl<E: Entity> LoadPath<E> for End<E> {
    fn add_to(self, _: &mut LoadTree<E>) {}

    fn check(_: &[E], _: CallSite) -> Result<()> {
        Ok(())
    }
}

impl<E: Entity> LoadPath<E> for NeverLoaded<E> {
    fn add_to(self, _: &mut LoadTree<E>) {}

    fn check(_: &[E], _: CallSite) -> Result<()> {
        Ok(())
    }
}

impl<E: Entity, S: StepFrom<E>, Next: LoadPath<S::Target>> LoadPath<E> for Path<S, Next> {
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
