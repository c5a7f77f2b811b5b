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

/// Begins a load path: the relation is loaded for all parents by one more statement, with
/// `WHERE foreign key IN (the parents' keys)`.
pub fn selectin<R: Relation>(relation: R) -> Path<R, End<R::Target>> {
    Path::new(relation, Strategy::Selectin)
}

/// Begins a load path: the relation is loaded in the parents' own statement, by a `LEFT JOIN`.
pub fn joined<R: Relation>(relation: R) -> Path<R, End<R::Target>> {
    Path::new(relation, Strategy::Joined)
}

/// A step along the relation `R`, and what comes after it.
#[must_use = "a load path does nothing until it is given to a query: `.with(path)`"]
pub struct Path<R, Next> {
    strategy: Strategy,
    next: Next,
    relation: PhantomData<R>,
}

/// Where a path ends: at the entity `E`.
pub struct End<E>(PhantomData<E>);

impl<R: Relation> Path<R, End<R::Target>> {
    fn new(_: R, strategy: Strategy) -> Self {
        Self {
            strategy,
            next: End(PhantomData),
            relation: PhantomData,
        }
    }
}

impl<R: Relation, Next: Steps<First = R::Target>> Path<R, Next> {
    /// Goes on along a relation of the entity that the path has reached, by one more statement.
    pub fn selectin<N: Relation<Parent = Next::Last>>(self, relation: N) -> Path<R, Next::Then<N>> {
        Steps::then(self, relation, Strategy::Selectin)
    }

    /// Goes on along a relation of the entity that the path has reached, by a join.
    pub fn joined<N: Relation<Parent = Next::Last>>(self, relation: N) -> Path<R, Next::Then<N>> {
        Steps::then(self, relation, Strategy::Joined)
    }
}

/// What a path is made of, step by step. Implemented by [`Path`] and [`End`].
pub trait Steps {
    /// The entity that it starts from.
    type First: Entity;
    /// The entity that it has reached.
    type Last: Entity;
    /// The path with one more step.
    type Then<N: Relation<Parent = Self::Last>>: Steps<First = Self::First>;

    /// Adds a step at the end.
    #[doc(hidden)]
    fn then<N: Relation<Parent = Self::Last>>(self, relation: N, strategy: Strategy) -> Self::Then<N>;

    /// Adds the steps to what a query loads.
    #[doc(hidden)]
    fn add_steps(self, loads: &mut Loads<Self::First>);
}

impl<E: Entity> Steps for End<E> {
    type First = E;
    type Last = E;
    type Then<N: Relation<Parent = E>> = Path<N, End<N::Target>>;

    fn then<N: Relation<Parent = E>>(self, relation: N, strategy: Strategy) -> Self::Then<N> {
        Path::new(relation, strategy)
    }

    fn add_steps(self, _: &mut Loads<E>) {}
}

impl<R: Relation, Next: Steps<First = R::Target>> Steps for Path<R, Next> {
    type First = R::Parent;
    type Last = Next::Last;
    type Then<N: Relation<Parent = Next::Last>> = Path<R, Next::Then<N>>;

    fn then<N: Relation<Parent = Next::Last>>(self, relation: N, strategy: Strategy) -> Self::Then<N> {
        Path {
            strategy: self.strategy,
            next: self.next.then(relation, strategy),
            relation: PhantomData,
        }
    }

    fn add_steps(self, loads: &mut Loads<R::Parent>) {
        let mut below = Loads::default();
        self.next.add_steps(&mut below);
        loads.add::<R>(self.strategy, below);
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

impl<E: Entity, R: Relation<Parent = E>, Next: Steps<First = R::Target>> LoadPath<E> for Path<R, Next> {
    fn add_to(self, loads: &mut Loads<E>) {
        self.add_steps(loads);
    }
}
