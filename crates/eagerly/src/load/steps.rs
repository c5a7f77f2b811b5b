//! From load paths to load trees: how each step of a path becomes a [`Step`], and how a step calls its strategy.
//!
//! A relation that no path mentions has its default: the query's (`Customer::select().default(…)`), else the entity's
//! (`#[entity(strategy = "batch")]`), else the session's (`session.default_strategy(…)`), else lazy.

use std::any::{Any, TypeId};
use std::rc::Rc;

use crate::call_site::CallSite;
use crate::database::Dialect;
use crate::error::{Error, Result};
use crate::load::access::dangling;
use crate::load::path::{Deferred, Selectable};
use crate::load::plan::Plan;
use crate::load::strategy::contract::{PendingLoad, Step, related};
use crate::load::strategy::implementation;
use crate::load::tree::{BoxedJoinReader, JoinSite, Load, LoadTree, PreloadCall};
use crate::model::{Access, Entity, OnAccess, Parents, Relation, RelationVisitor};
use crate::query::{Part, PartSpec, Query, SelectSql};
use crate::trace::{Defaults, Strategy, When};

impl<P: Entity> LoadTree<P> {
    /// Adds a relation, or a part of one. Two paths with a common beginning share it. If their strategies
    /// differ, the last call wins. Parts are common if they have the same condition, order and limit.
    fn add<R>(&mut self, strategy: Strategy, part: Option<PartSpec>, below: LoadTree<R::Target>)
    where
        R: Relation<Parent = P>,
    {
        match self.find::<R>(part.is_some()) {
            Some(step) if step.part != part => step.has_second_part = true,
            Some(step) => {
                step.strategy = strategy;
                // While a query is built, nothing else holds what is below.
                if let Some(present) = Rc::get_mut(&mut step.below) {
                    below.0.into_iter().for_each(|load| load.merge_into(present));
                }
            }
            None => self.0.push(Box::new(Step::<R> {
                strategy,
                part,
                below: Rc::new(below),
                is_default: false,
                has_second_part: false,
            })),
        }
    }

    fn find<R: Relation<Parent = P>>(&mut self, is_part: bool) -> Option<&mut Step<R>> {
        let steps = self.0.iter_mut().filter_map(|load| load.as_any().downcast_mut::<Step<R>>());
        steps.into_iter().find(|step| step.part.is_some() == is_part)
    }

    /// Adds the relations that are not mentioned and whose default is not lazy, here and below. `above` are
    /// the entities that the path came through.
    pub(crate) fn add_defaults(&mut self, defaults: Defaults, above: &mut Vec<TypeId>) {
        above.push(TypeId::of::<P>());
        P::each_relation(&mut AddDefaults { tree: self, defaults, above });
        self.add_defaults_below(defaults, above);
        above.pop();
    }

    /// Adds the defaults below the relations of this tree.
    pub(crate) fn add_defaults_below(&mut self, defaults: Defaults, above: &mut Vec<TypeId>) {
        for load in &mut self.0 {
            load.add_defaults(defaults, above);
        }
    }
}

/// Adds the default of each relation that is not mentioned.
struct AddDefaults<'a, P> {
    tree: &'a mut LoadTree<P>,
    defaults: Defaults,
    above: &'a [TypeId],
}

impl<P: Entity> RelationVisitor<P> for AddDefaults<'_, P> {
    fn relation<R: Relation<Parent = P>>(&mut self) {
        let strategy = self.defaults.of(R::INFO.strategy);
        // An eager default may lead back to an entity on the way. Following it would never end, so the
        // relation stays lazy.
        let leads_back = self.above.contains(&TypeId::of::<R::Target>());
        let stays_lazy = strategy == Strategy::Lazy || (strategy.is_eager() && leads_back);
        if !stays_lazy && self.tree.find::<R>(false).is_none() {
            self.tree.0.push(Box::new(Step::<R> {
                strategy,
                part: None,
                below: Rc::default(),
                is_default: true,
                has_second_part: false,
            }));
        }
    }
}

/// Calls the strategy of the step.
impl<R: Relation> Load<R::Parent> for Step<R> {
    fn when(&self) -> When {
        self.strategy.when()
    }

    fn joins_collection(&self) -> bool {
        self.when() == When::WithParents && (R::INFO.may_match_several() || self.below.joins_collection())
    }

    fn sends_statements(&self) -> bool {
        match self.when() {
            When::OnAccess => false,
            When::UpFront => true,
            When::WithParents => self.below.sends_statements(),
        }
    }

    fn restates(&self) -> bool {
        implementation::<R>(self.strategy).restates()
            || (self.when() == When::WithParents && self.below.restates())
    }

    fn check(&self, dialect: Dialect) -> Result<()> {
        self.part.iter().try_for_each(|part| part.check(R::INFO.target, dialect))?;
        self.below.check(dialect)
    }

    fn join<'l>(
        &'l self,
        select: &mut SelectSql,
        site: &JoinSite<'_>,
    ) -> Result<Option<BoxedJoinReader<'l, R::Parent>>> {
        implementation::<R>(self.strategy).join(self, select, site)
    }

    fn load(&self, parents: &[R::Parent], query: Option<&Query>) -> Result<()> {
        if self.strategy.is_eager()
            && self.part.is_none()
            && let Some(related) = related::<R>(parents)
        {
            self.remember(related);
        }
        implementation::<R>(self.strategy).load(self, parents, query)
    }

    fn preload(&self, rows: &[&R::Parent], call: &PreloadCall<'_>) -> Result<()> {
        self.preload_rows(rows, call)
    }

    fn preloads_in_several(&self) -> bool {
        let mut below = self.below.0.iter().map(|load| load.when());
        let is_eager_below = below.any(|when| when != When::OnAccess);
        self.strategy.is_eager() && (self.strategy == Strategy::Immediate || is_eager_below)
    }

    fn defaults_of(&self, rows: &[&R::Parent]) -> Option<Defaults> {
        Some(R::link(rows.first()?).related()?.parents.defaults())
    }

    fn plan(&self, plan: &mut Plan, query: Option<&Query>) {
        implementation::<R>(self.strategy).plan(self, plan, query);
    }

    fn add_defaults(&mut self, defaults: Defaults, above: &mut Vec<TypeId>) {
        // The defaults below an access are added at the access. Adding them here could recurse without end.
        let later = self.is_default && !self.strategy.is_eager();
        if !later && let Some(below) = Rc::get_mut(&mut self.below) {
            below.add_defaults(defaults, above);
        }
    }

    fn merge_into(self: Box<Self>, tree: &mut LoadTree<R::Parent>) {
        let below = Rc::into_inner(self.below).unwrap_or_default();
        let is_part = self.part.is_some();
        tree.add::<R>(self.strategy, self.part, below);
        if let Some(step) = tree.find::<R>(is_part) {
            step.has_second_part |= self.has_second_part;
        }
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

/// Calls the strategy of an access, with what is to be loaded below it.
impl<R: Relation> OnAccess<R::Target> for PendingLoad<R> {
    fn load<'r>(&self, access: &Access<'r, R::Target>) -> Result<&'r [R::Target]> {
        let strategy = implementation::<R>(self.strategy);
        match &self.below {
            Some(below) => strategy.access(self, below, access),
            None => strategy.access(self, &default_tree(&access.related.parents), access),
        }
    }

    fn alone(&self) -> Box<dyn OnAccess<R::Target>> {
        Box::new(Self { strategy: self.strategy, below: self.below.clone(), keys: None })
    }
}

fn default_tree<E: Entity>(parents: &Parents) -> LoadTree<E> {
    let defaults = parents.defaults();
    let mut tree = LoadTree::default();
    if defaults.of(None) != Strategy::Lazy || E::HAS_DEFAULTS {
        tree.add_defaults(defaults, &mut parents.cohort.entities().to_vec());
    }
    tree
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
        tree.add::<R>(strategy, None, below);
    }

    fn loaded(parent: &<R as Relation>::Parent, at: CallSite) -> Result<Option<&[<R as Relation>::Target]>> {
        loaded_or_error::<R>(parent, at).map(Some)
    }
}

impl<R: Relation> Selectable for Deferred<R> {
    type Parent = R::Parent;
    type Target = R::Target;

    fn add(self, strategy: Strategy, below: LoadTree<R::Target>, tree: &mut LoadTree<R::Parent>) {
        tree.add::<R>(strategy, None, below);
    }

    fn loaded(_: &R::Parent, _: CallSite) -> Result<Option<&[R::Target]>> {
        Ok(None)
    }
}

impl<R: Relation> Selectable for Part<R> {
    type Parent = R::Parent;
    type Target = R::Target;

    fn add(self, strategy: Strategy, below: LoadTree<R::Target>, tree: &mut LoadTree<R::Parent>) {
        tree.add::<R>(strategy, Some(self.spec), below);
    }

    fn loaded(parent: &R::Parent, _: CallSite) -> Result<Option<&[R::Target]>> {
        Ok(R::link(parent).part())
    }
}

/// Returns the related rows, which the query should have loaded.
fn loaded_or_error<R: Relation>(parent: &R::Parent, at: CallSite) -> Result<&[R::Target]> {
    let rows = R::link(parent)
        .loaded_before()
        .ok_or_else(|| Error::NotUpFront { relation: R::INFO.to_string(), at })?;
    match rows.is_empty() && R::IS_REQUIRED {
        true => Err(dangling::<R>(parent, at)),
        false => Ok(rows),
    }
}
