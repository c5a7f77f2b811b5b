//! From load paths to load trees: how each step of a path becomes a [`Step`], and how a step calls its strategy.
//!
//! A relation that no path mentions has its default (`defaults.rs`).

use std::any::Any;
use std::rc::Rc;

use crate::call_site::CallSite;
use crate::database::Dialect;
use crate::error::{Error, Result};
use crate::load::access::dangling;
use crate::load::defaults::{AddDefaults, ChosenBy};
use crate::load::path::{Deferred, Selectable};
use crate::load::plan::Plan;
use crate::load::strategy::contract::{PendingLoad, Step, related};
use crate::load::strategy::implementation;
use crate::load::tree::{BoxedJoinReader, JoinSite, Load, LoadTree, PreloadCall};
use crate::model::{Access, Entity, OnAccess, Parents, Relation, RelationVisitor};
use crate::query::{Part, PartSpec, Query, SelectSql};
use crate::trace::{Defaults, Strategy, WayStep, When};

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
                chosen_by: ChosenBy::Path,
                has_second_part: false,
            })),
        }
    }

    /// Returns whether a load path mentions the relation as a whole.
    pub(crate) fn mentions<R: Relation<Parent = P>>(&mut self) -> bool {
        self.find::<R>(false).is_some()
    }

    fn find<R: Relation<Parent = P>>(&mut self, is_part: bool) -> Option<&mut Step<R>> {
        let steps = self.0.iter_mut().filter_map(|load| load.as_any().downcast_mut::<Step<R>>());
        steps.into_iter().find(|step| step.part.is_some() == is_part)
    }

    /// Adds the relations that are not mentioned and whose default is not lazy, here and below.
    pub(crate) fn add_defaults(&mut self, adding: &mut AddDefaults) {
        adding.at::<P>(|adding| {
            P::each_relation(&mut EachRelation { tree: self, adding });
            self.add_defaults_below(adding);
        });
    }

    /// Adds the defaults below the relations of this tree.
    pub(crate) fn add_defaults_below(&mut self, adding: &mut AddDefaults) {
        for load in &mut self.0 {
            load.add_defaults(adding);
        }
    }
}

/// Adds the default of each relation that is not mentioned.
struct EachRelation<'a, P> {
    tree: &'a mut LoadTree<P>,
    adding: &'a AddDefaults,
}

impl<P: Entity> RelationVisitor<P> for EachRelation<'_, P> {
    fn relation<R: Relation<Parent = P>>(&mut self) {
        if self.tree.mentions::<R>() {
            return;
        }
        match self.adding.strategy::<R>() {
            // An access to a relation that is not in the tree loads it lazily.
            None | Some((Strategy::Lazy, _)) => (),
            Some((strategy, chosen_by)) => self.tree.0.push(Box::new(Step::<R> {
                strategy,
                part: None,
                below: Rc::default(),
                chosen_by,
                has_second_part: false,
            })),
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

    fn add_defaults(&mut self, adding: &mut AddDefaults) {
        let later = self.chosen_by != ChosenBy::Path && !self.strategy.is_eager();
        let step = WayStep::new(R::INFO, self.strategy, self.part.is_some());
        if !later && let Some(below) = Rc::get_mut(&mut self.below) {
            adding.below(step, |adding| below.add_defaults(adding));
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
            None => {
                let accessed = WayStep::new(R::INFO, self.strategy, false);
                strategy.access(self, &below_access(&access.related.parents, accessed), access)
            }
        }
    }

    fn alone(&self) -> Box<dyn OnAccess<R::Target>> {
        Box::new(Self { strategy: self.strategy, below: self.below.clone(), keys: None, learned_from: None })
    }
}

/// Returns what to load below a relation that an access loads, if no load path decides it.
fn below_access<E: Entity>(parents: &Parents, accessed: WayStep) -> LoadTree<E> {
    let mut tree = LoadTree::default();
    let may_choose = parents.defaults().of(None) != Strategy::Lazy || parents.cohort.run().is_some();
    if may_choose || E::HAS_DEFAULTS {
        tree.add_defaults(&mut AddDefaults::of_access(parents, accessed));
    }
    tree
}

// With this attribute, the message about what is neither a relation nor a part is that of `Selectable`.
#[diagnostic::do_not_recommend]
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

#[diagnostic::do_not_recommend]
impl<R: Relation> Selectable for Deferred<R> {
    type Parent = <R as Selectable>::Parent;
    type Target = R::Target;

    fn add(self, strategy: Strategy, below: LoadTree<R::Target>, tree: &mut LoadTree<R::Parent>) {
        tree.add::<R>(strategy, None, below);
    }

    fn loaded(_: &R::Parent, _: CallSite) -> Result<Option<&[R::Target]>> {
        Ok(None)
    }
}

#[diagnostic::do_not_recommend]
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
