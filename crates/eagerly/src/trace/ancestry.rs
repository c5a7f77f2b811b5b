//! Skip at first. The ancestry of a cohort: the cohorts and relations that lead to it.
//!
//! Errors and reports use it for their advice, which often is the load path to write at the origin. The detector
//! uses it to group cohorts that were reached through the same relations.

use std::any::TypeId;
use std::cell::OnceCell;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::rc::Rc;

use crate::trace::advisor::{Finished, Run, WAY, WayStep};
use crate::trace::cohort::{Cohort, Details};
use crate::trace::relation_info::{EntityInfo, RelationInfo, RelationKind};
use crate::trace::strategy::Strategy;

impl Cohort {
    /// Makes a cohort for the next chunk of the same query.
    pub(crate) fn next_chunk(&self, id: u64) -> Self {
        let mut next = Self::queried(id, self.entity_info(), Rc::clone(&self.queried));
        (next.root, next.chunk) = (self.root, self.chunk.saturating_add(1));
        next
    }

    /// Returns the number of the chunk that these rows belong to, counted from 0. It is 0 for rows that are not read
    /// in chunks.
    ///
    /// ```
    /// # use {eagerly::*, shop::*, std::{cell::RefCell, rc::Rc}}; let session = shop::small()?;
    /// #[derive(Default)]
    /// struct Chunks(RefCell<Vec<(u32, u64)>>);
    ///
    /// impl Observer for Chunks {
    ///     fn statement(&self, _: &Event<'_>) {}
    ///     fn cohort(&self, cohort: &Rc<Cohort>) {
    ///         self.0.borrow_mut().push((cohort.chunk(), cohort.root()));
    ///     }
    /// }
    /// let chunks = Rc::new(Chunks::default());
    /// let observation = session.observe(chunks.clone());
    /// session.chunks(Customer::select(), 2, |_| Ok(()))?;
    /// assert_eq!(*chunks.0.borrow(), [(0, 1), (1, 1), (2, 1)]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn chunk(&self) -> u32 {
        self.chunk
    }

    /// Returns this cohort and those that led to it, up to the root.
    fn ancestry(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |cohort| cohort.parents())
    }

    /// Returns what to do so that one statement loads `relation` for all of these rows and for those like them. It is
    /// a sentence without a full stop, for a line `help:`.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// session.default_strategy(Strategy::Raise);
    /// let mut ada = session.one(Customer::select().filter(Customer::ID.eq(1)).with(lazy(Customer::ORDERS)))?;
    /// let error = ada.orders()?[0].items().unwrap_err().to_string();
    /// assert!(error.contains("help: add `.with(selectin(Customer::ORDERS).selectin(Order::ITEMS))` to the query at "));
    /// let error = ada.orders()?[0].customer().unwrap_err().to_string();
    /// assert!(error.contains("help: use the `Customer` whose `orders` led to this row, or add "));
    /// ada.orders.reload();
    /// let error = ada.orders()?[0].items().unwrap_err().to_string();
    /// assert!(error.ends_with("`session.preload(&rows, selectin(Customer::ORDERS).selectin(Order::ITEMS))`"));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn advice(&self, relation: &RelationInfo) -> String {
        let path = self.load_path(relation);
        let together = match self.by_key() {
            _ if self.is_reloaded() => format!(
                "load the relation for all rows together, after they are reloaded or get new keys: `session.preload(&rows, {path})`"
            ),
            None => format!("add `.with({path})` to the query at {}", self.origin()),
            Some(entity) => format!(
                "replace the `get` at {} by `session.one({}.with({path}))`",
                self.origin(),
                entity.query_by_key("eq(key)")
            ),
        };
        match self.way_back(relation) {
            None => together,
            Some(there) => {
                format!(
                    "use the `{}` whose `{}` led to this row, or {together}",
                    there.parent.name, there.field
                )
            }
        }
    }

    /// Returns the entity of the row that the program queried by its key with [`get`](crate::Session::get), which takes no
    /// load path; `None` if the program made another query.
    pub fn by_key(&self) -> Option<&'static EntityInfo> {
        self.queried.by_key
    }

    /// Returns the label of the [scope](crate::Session::scope) in which the program queried the root; `None` if there was
    /// none.
    pub fn scope(&self) -> Option<&str> {
        self.queried.scope.as_deref()
    }

    /// Returns the run that advises on the relations of these rows; `None` if none does, or if the program preloads them.
    pub(crate) fn run(&self) -> Option<Rc<dyn Run>> {
        self.queried.run().filter(|_| self.preloaded_at().is_none())
    }

    /// Records that the rows, or what loads them, hold the cohort.
    #[inline]
    pub(crate) fn hold(&self) {
        if self.holders.replace(self.holders.get() + 1) == 0 {
            self.queried.begin_cohort();
        }
    }

    /// Records that one of the holders is dropped. After the last one, the run of the query is notified that the rows are
    /// dropped, although an observer may keep the cohort.
    #[inline]
    pub(crate) fn release(&self) {
        self.holders.set(self.holders.get() - 1);
        if self.holders.get() == 0 {
            self.tell_run();
            self.queried.end_cohort();
        }
    }

    fn tell_run(&self) {
        if let Some(run) = self.queried.run().filter(|_| !std::thread::panicking())
            && let Some(way) = self.way()
        {
            let (size, is_preloaded) = (self.size(), self.preloaded_at().is_some());
            run.finished(&Finished { way: &way, size, is_preloaded, accesses: &self.accesses });
        }
    }

    /// Returns the steps from the queried rows to these; `None` if they are more than [`WAY`] or if a row on the way was
    /// reloaded.
    pub(crate) fn way(&self) -> Option<Vec<WayStep>> {
        if self.is_reloaded() {
            return None;
        }
        let mut way = Vec::new();
        for cohort in self.ancestry() {
            let (Some(relation), Some(strategy)) = (cohort.relation(), cohort.strategy()) else {
                break;
            };
            if way.len() == WAY {
                return None;
            }
            way.push(WayStep::new(relation, strategy, cohort.is_part()));
        }
        way.reverse();
        Some(way)
    }

    /// Returns the relation that led here, if `relation` leads back to the row from which it came.
    pub fn way_back(&self, relation: &RelationInfo) -> Option<&'static RelationInfo> {
        let leads_to_one = relation.kind == RelationKind::BelongsTo && self.original().is_none();
        let is_it = |there: &&RelationInfo| there.parent == relation.target && relation.is_inverse_of(there);
        self.relation().filter(is_it).filter(|_| leads_to_one)
    }

    /// Returns a number that identifies the cohort. The rows of a reloaded relation are queried again at each reload,
    /// so their cohorts have the same number.
    pub(super) fn lasting_id(&self) -> u64 {
        match self.parents().and_then(Self::original) {
            None => self.id(),
            Some(original) => {
                let mut hasher = DefaultHasher::new();
                (original, self.relation()).hash(&mut hasher);
                hasher.finish()
            }
        }
    }

    /// Returns the load path that loads `relation` too, to write at the origin:
    /// `selectin(Customer::ORDERS).selectin(Order::ITEMS)`. Steps by `lazy` and `immediate` become
    /// `selectin`. Other steps keep their strategy. If a row on the way was reloaded, the path begins there.
    pub fn load_path(&self, relation: &RelationInfo) -> String {
        let last = format!("selectin({})", relation.constant());
        // Otherwise these steps would still send a statement for each row.
        let together = |strategy| match strategy {
            Strategy::Lazy | Strategy::Immediate => Strategy::Selectin,
            other => other,
        };
        let since_reload = self.ancestry().take_while(|cohort| cohort.original().is_none());
        match path_by(since_reload, together) {
            path if path.is_empty() => last,
            path => format!("{path}.{last}"),
        }
    }

    /// Returns the load path that leads to these rows, each step by the strategy that loaded it. It is empty for rows
    /// that the program queried.
    pub fn path(&self) -> String {
        path_by(self.ancestry(), |strategy| strategy)
    }

    /// Returns a hash of the relations that lead from the root to here. Cohorts that were reached through the
    /// same relations have the same hash.
    pub fn lineage(&self) -> u64 {
        self.inherited(
            0,
            |details| &details.lineage,
            |cohort, lineage| {
                let Some(relation) = cohort.relation() else {
                    return lineage;
                };
                let mut hasher = DefaultHasher::new();
                (lineage, relation, cohort.is_part()).hash(&mut hasher);
                hasher.finish()
            },
        )
    }

    /// Returns the entities on the way from the root to here, each once.
    pub(crate) fn entities(&self) -> Rc<[TypeId]> {
        self.inherited(
            Rc::default(),
            |details| &details.entities,
            |cohort, known| {
                let entity = (cohort.entity_info().type_id)();
                match known.contains(&entity) {
                    true => known,
                    false => known.iter().copied().chain([entity]).collect(),
                }
            },
        )
    }

    /// Computes a value from each cohort and its parents' value, and caches it in every cohort on the way. So
    /// a long chain is not followed again from each of its links.
    fn inherited<T: Clone>(
        &self,
        mut fact: T,
        kept: impl Fn(&Details) -> &OnceCell<T>,
        derive: impl Fn(&Self, T) -> T,
    ) -> T {
        let mut unknown = Vec::new();
        for cohort in self.ancestry() {
            if let Some(known) = kept(cohort.details()).get() {
                fact = known.clone();
                break;
            }
            unknown.push(cohort);
        }
        for cohort in unknown.into_iter().rev() {
            fact = derive(cohort, fact);
            let _ = kept(cohort.details()).set(fact.clone());
        }
        fact
    }
}

/// Returns the load path whose last steps come first in `cohorts`.
fn path_by<'c>(cohorts: impl Iterator<Item = &'c Cohort>, strategy: impl Fn(Strategy) -> Strategy) -> String {
    let step = |cohort: &Cohort| {
        // The cohort does not hold the filter or the limit of a part.
        let part = if cohort.is_part() { ".…" } else { "" };
        Some(format!("{}({}{part})", strategy(cohort.strategy()?), cohort.relation()?.constant()))
    };
    let mut steps: Vec<_> = cohorts.filter_map(step).collect();
    steps.reverse();
    steps.join(".")
}
