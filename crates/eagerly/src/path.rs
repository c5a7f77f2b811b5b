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
use crate::load::Loads;
use crate::relation::Relation;
use crate::strategy::Strategy;

/// A step along the relation `S`, or a part of one, and what comes after it.
#[must_use = "a load path does nothing until it is given to a query: `.with(path)`"]
pub struct Path<S, Next> {
    step: S,
    strategy: Strategy,
    next: Next,
}

/// Where a path ends: at the entity `E`.
pub struct End<E>(PhantomData<E>);

/// A path of a single relation.
pub type Start<R> = Path<R, End<<R as Relation>::Target>>;

/// Begins a load path by a strategy that is chosen as the program runs: `by(strategy, Customer::ORDERS)`.
pub fn by<R: Relation>(strategy: Strategy, relation: R) -> Start<R> {
    start(relation, strategy)
}

pub(crate) fn start<R: Relation>(relation: R, strategy: Strategy) -> Start<R> {
    Path::new(relation, strategy)
}

impl<S: Selectable> Path<S, End<S::Target>> {
    pub(crate) fn new(step: S, strategy: Strategy) -> Self {
        Self {
            step,
            strategy,
            next: End(PhantomData),
        }
    }
}

macro_rules! further_steps {
    ($($strategy:ident $variant:ident),*) => {$(
        /// Goes on along a relation of the entity that the path has reached, by the strategy of that name.
        pub fn $strategy<N: Relation<Parent = Next::Last>>(self, relation: N) -> Path<S, Next::Then<N>> {
            Steps::then(self, relation, Strategy::$variant)
        }
    )*};
}

impl<S: Selectable, Next: Steps<First = S::Target>> Path<S, Next> {
    /// Goes on along a relation of the entity that the path has reached, or a part of one, by one more
    /// statement.
    pub fn selectin<N: Selectable<Parent = Next::Last>>(self, relation: N) -> Path<S, Next::Then<N>> {
        Steps::then(self, relation, Strategy::Selectin)
    }

    /// Goes on along a relation of the entity that the path has reached, by a strategy that is chosen as the
    /// program runs.
    pub fn by<N: Relation<Parent = Next::Last>>(
        self,
        strategy: Strategy,
        relation: N,
    ) -> Path<S, Next::Then<N>> {
        Steps::then(self, relation, strategy)
    }

    further_steps!(lazy Lazy, immediate Immediate, batch Batch, subquery Subquery, joined Joined, raise Raise);
}

/// What a step can be: a relation, or a [`Part`](crate::Part) of one.
pub trait Selectable {
    /// The entity that it starts from.
    type Parent: Entity;
    /// The entity that it leads to.
    type Target: Entity;

    /// Adds the step to what a query loads, with what is to be loaded below it.
    #[doc(hidden)]
    fn add(self, strategy: Strategy, below: Loads<Self::Target>, loads: &mut Loads<Self::Parent>);
}

impl<R: Relation> Selectable for R {
    type Parent = <R as Relation>::Parent;
    type Target = <R as Relation>::Target;

    fn add(
        self,
        strategy: Strategy,
        below: Loads<<R as Relation>::Target>,
        loads: &mut Loads<<R as Relation>::Parent>,
    ) {
        loads.add::<R>(strategy, below);
    }
}

/// What a path is made of, step by step. Implemented by [`Path`] and [`End`].
pub trait Steps {
    /// The entity that it starts from.
    type First: Entity;
    /// The entity that it has reached.
    type Last: Entity;
    /// The path with one more step.
    type Then<N: Selectable<Parent = Self::Last>>: Steps<First = Self::First>;

    /// Adds a step at the end.
    #[doc(hidden)]
    fn then<N: Selectable<Parent = Self::Last>>(self, step: N, strategy: Strategy) -> Self::Then<N>;

    /// Adds the steps to what a query loads.
    #[doc(hidden)]
    fn add_steps(self, loads: &mut Loads<Self::First>);
}

impl<E: Entity> Steps for End<E> {
    type First = E;
    type Last = E;
    type Then<N: Selectable<Parent = E>> = Path<N, End<N::Target>>;

    fn then<N: Selectable<Parent = E>>(self, step: N, strategy: Strategy) -> Self::Then<N> {
        Path::new(step, strategy)
    }

    fn add_steps(self, _: &mut Loads<E>) {}
}

impl<S: Selectable, Next: Steps<First = S::Target>> Steps for Path<S, Next> {
    type First = S::Parent;
    type Last = Next::Last;
    type Then<N: Selectable<Parent = Next::Last>> = Path<S, Next::Then<N>>;

    fn then<N: Selectable<Parent = Next::Last>>(self, step: N, strategy: Strategy) -> Self::Then<N> {
        Path {
            step: self.step,
            strategy: self.strategy,
            next: self.next.then(step, strategy),
        }
    }

    fn add_steps(self, loads: &mut Loads<S::Parent>) {
        let mut below = Loads::default();
        self.next.add_steps(&mut below);
        self.step.add(self.strategy, below, loads);
    }
}

/// A load path that starts at the entity `E`: what `.with(…)` takes.
#[diagnostic::on_unimplemented(
    message = "this load path does not start at `{E}`",
    label = "not a path from `{E}`",
    note = "a path given to `.with(…)` starts with a relation of the entity that the query selects"
)]
pub trait LoadPath<E: Entity> {
    /// Adds the path to what a query loads.
    #[doc(hidden)]
    fn add_to(self, loads: &mut Loads<E>);
}

impl<E: Entity, S: Selectable<Parent = E>, Next: Steps<First = S::Target>> LoadPath<E> for Path<S, Next> {
    fn add_to(self, loads: &mut Loads<E>) {
        self.add_steps(loads);
    }
}
