//! Parts: some of the related rows, by a filter, or the first few of each parent.
//!
//! ```sql
//! -- selectin(Customer::ORDERS.filter(Order::STATUS.eq("open")))
//! SELECT "id", "customer_id", "placed_on", "status" FROM "orders"
//!     WHERE "customer_id" IN (SELECT +value FROM rarray(?1)) AND ("status" = ?2)
//!     ORDER BY "customer_id", "id"
//!
//! -- selectin(Customer::ORDERS.order_by(Order::PLACED_ON.desc()).limit_each(3))
//! SELECT "id", "customer_id", "placed_on", "status" FROM (
//!     SELECT "id", "customer_id", "placed_on", "status",
//!         row_number() OVER (PARTITION BY "customer_id" ORDER BY "placed_on" DESC, "id") AS "place among siblings"
//!     FROM "orders" WHERE "customer_id" IN (SELECT +value FROM rarray(?1))) AS "orders"
//! WHERE "place among siblings" <= ?2 ORDER BY "customer_id", "place among siblings"
//! ```
//!
//! A part must never pass for the whole: `customer.orders()?` gives all orders whatever part was loaded, and the
//! part lies in a place of its own, `customer.orders.part()`.

use std::any::{Any, TypeId};
use std::rc::Rc;

use crate::condition::{Condition, OrderBy};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::event::{CallSite, Cause};
use crate::fetch::Fetch;
use crate::link;
use crate::load::{JoinSite, Load, LoadTree};
use crate::path::Selectable;
use crate::plan::Plan;
use crate::related::Collection;
use crate::relation::Relation;
use crate::source::Source;
use crate::sql::{SelectSql, quote};
use crate::strategy::comparison::Comparison;
use crate::strategy::joined::JoinReader;
use crate::strategy::parent_keys::ParentKeys;
use crate::strategy::{Strategy, selectin};
use crate::value::Value;

/// The column that numbers the rows of each parent. No table of anybody's has one of that name.
const PLACE: &str = "place among siblings";

/// Some of the related rows: made by [`Relation::filter`] and [`Relation::limit_each`], loaded by
/// `selectin(…)`.
///
/// ```
/// # use eagerly::{Part, Relation, selectin};
/// # use shop::{Customer, Order, Size, customer, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let latest: Part<customer::Orders> = Customer::ORDERS.order_by(Order::PLACED_ON.desc()).limit_each(2);
/// let customers = session.all(Customer::select().with(selectin(latest)))?;
/// let part = customers[0].orders.part().unwrap_or_default();
/// assert_eq!([part[0].id, part[1].id], [33, 16]);
/// # Ok::<(), eagerly::Error>(())
/// ```
#[must_use = "a part does nothing until it is given to a load path: `selectin(part)`"]
pub struct Part<R: Relation> {
    condition: Option<Condition<R::Target>>,
    order: Vec<OrderBy<R::Target>>,
    each: Option<u64>,
}

impl<R: Relation> Part<R> {
    pub(crate) fn of(_: R) -> Self {
        Self {
            condition: None,
            order: Vec::new(),
            each: None,
        }
    }

    /// Only rows that satisfy the condition too.
    ///
    /// ```
    /// # use eagerly::{Relation, selectin};
    /// # use shop::{Customer, Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let first_open = Customer::ORDERS.limit_each(1).filter(Order::STATUS.eq("open")); // the filter comes first
    /// let customers = session.load(Customer::select(), selectin(first_open))?;
    /// let orders = customers.iter().flat_map(|customer| customer.get_part(Customer::ORDERS));
    /// assert_eq!(orders.map(|order| order.id).collect::<Vec<_>>(), [14, 25, 8]);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn filter(mut self, condition: Condition<R::Target>) -> Self {
        self.condition = Some(condition.added_to(self.condition.take()));
        self
    }

    /// Sorts the rows of each parent.
    ///
    /// ```
    /// # use eagerly::{Relation, selectin};
    /// # use shop::{Customer, Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let part = Customer::ORDERS.order_by(Order::STATUS).order_by(Order::PLACED_ON.desc()).limit_each(1);
    /// let customers = session.load(Customer::select(), selectin(part))?;
    /// let orders = customers.iter().flat_map(|customer| customer.get_part(Customer::ORDERS));
    /// assert_eq!(orders.map(|order| order.id).collect::<Vec<_>>(), [33, 41, 39, 20, 44]);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn order_by(mut self, order: impl Into<OrderBy<R::Target>>) -> Self {
        self.order.push(order.into());
        self
    }

    /// At most so many rows of each parent.
    ///
    /// ```
    /// # use eagerly::{Relation, selectin};
    /// # use shop::{Customer, Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let part = Customer::ORDERS.order_by(Order::PLACED_ON).limit_each(1);
    /// let customers = session.load(Customer::select(), selectin(part))?;
    /// let orders = customers.iter().flat_map(|customer| customer.get_part(Customer::ORDERS));
    /// assert_eq!(orders.map(|order| order.id).collect::<Vec<_>>(), [16, 1, 25, 20, 7]);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn limit_each(mut self, rows: u64) -> Self {
        self.each = Some(rows);
        self
    }

    /// The statement, the places of the columns that are matched, and the values behind the first, which is
    /// for the keys.
    fn statement(&self, joins: bool) -> (SelectSql, Vec<usize>, Vec<Value<'static>>) {
        let mut values = vec![Value::Null];
        let mut select = SelectSql::of::<R::Target>(joins);
        let matched = R::INFO.target_columns;
        let places = matched.iter().map(|column| select.place_of(column)).collect();
        match self.each {
            None => {
                select.condition = Some(self.where_clause(&select, &mut values));
                select.order = matched.iter().map(|column| select.own(column)).collect();
                self.order_among_siblings(select.alias.as_deref())
                    .into_iter()
                    .for_each(|term| select.then_by(term));
            }
            Some(each) => {
                let inner = self.numbered(&mut values);
                select.from = format!("({}) AS {}", inner.text(), quote(R::Target::TABLE));
                values.push(Value::Integer(i64::try_from(each).unwrap_or(i64::MAX)));
                select.condition = Some(format!("{} <= ?{}", select.own(PLACE), values.len()));
                select.order = matched.iter().map(|column| select.own(column)).collect();
                select.then_by(select.own(PLACE));
            }
        }
        (select, places, values)
    }

    /// The rows, each with its place among its siblings.
    fn numbered(&self, values: &mut Vec<Value<'static>>) -> SelectSql {
        let mut inner = SelectSql::of::<R::Target>(false);
        let matched: Vec<_> = R::INFO
            .target_columns
            .iter()
            .map(|column| inner.own(column))
            .collect();
        for column in R::INFO.target_columns {
            inner.place_of(column);
        }
        inner.columns.push(format!(
            "row_number() OVER (PARTITION BY {} ORDER BY {}) AS {}",
            matched.join(", "),
            self.order_among_siblings(None).join(", "),
            quote(PLACE)
        ));
        inner.condition = Some(self.where_clause(&inner, values));
        inner
    }

    fn where_clause(&self, select: &SelectSql, values: &mut Vec<Value<'static>>) -> String {
        let keys = selectin::in_keys(select, R::INFO.target_columns);
        match &self.condition {
            Some(condition) => format!(
                "{keys} AND ({})",
                condition.render(select.alias.as_deref(), values)
            ),
            None => keys,
        }
    }

    fn order_among_siblings(&self, table: Option<&str>) -> Vec<String> {
        let mut terms: Vec<_> = self.order.iter().map(|order| order.render(table)).collect();
        terms.extend(
            R::Target::KEY
                .iter()
                .map(|column| crate::sql::column(table, column)),
        );
        if terms.is_empty() {
            terms.push("1".to_owned());
        }
        terms
    }
}

impl<R: Relation> Selectable for Part<R> {
    type Parent = R::Parent;
    type Target = R::Target;

    fn loaded(parent: &R::Parent, _: CallSite) -> Result<Option<&[R::Target]>> {
        Ok(R::link(parent).part())
    }

    fn add(self, _: Strategy, below: LoadTree<R::Target>, loads: &mut LoadTree<R::Parent>) {
        match loads.find::<PartStep<R>>() {
            Some(step) => step.is_second = true,
            None => loads.push(PartStep {
                part: self,
                below: Rc::new(below),
                is_second: false,
            }),
        }
    }
}

fn two_parts<R: Relation>() -> Error {
    Error::TwoParts {
        relation: R::INFO.to_string(),
    }
}

/// A part to load, and what is loaded below it.
struct PartStep<R: Relation> {
    part: Part<R>,
    below: Rc<LoadTree<R::Target>>,
    /// Whether the query asks for another part of the same relation.
    is_second: bool,
}

impl<R: Relation> Load<R::Parent> for PartStep<R> {
    fn strategy(&self) -> Strategy {
        Strategy::Selectin
    }

    fn joins_collection(&self) -> bool {
        false
    }

    fn sends_statements(&self) -> bool {
        true
    }

    fn restates(&self) -> bool {
        false
    }

    fn join<'l>(
        &'l self,
        _: &mut SelectSql,
        _: &JoinSite<'_>,
    ) -> Result<Option<Box<dyn JoinReader<R::Parent> + 'l>>> {
        Ok(None)
    }

    fn load(&self, parents: &[R::Parent], _: Option<&Source>) -> Result<()> {
        if self.is_second {
            return Err(two_parts::<R>());
        }
        let Some(related) = link::shared_by::<R>(parents) else {
            return Ok(());
        };
        let comparison = Comparison::of::<R>(&related.parents.core, &R::key(&parents[0]));
        let keys = ParentKeys::new(parents.len(), |position| {
            comparison.common_form(R::key(&parents[position]))
        });
        let Some(bound) = selectin::bind_keys(R::INFO, keys.distinct())? else {
            related.keep_part(Collection::empty());
            return Ok(());
        };
        let (select, places, mut values) = self.part.statement(self.below.joins());
        values[0] = bound;
        let cause = Cause::Eager {
            relation: R::INFO,
            strategy: Strategy::Selectin,
            is_part: true,
            parents: &related.parents,
        };
        let source = self
            .below
            .restates()
            .then(|| Source::new(self.part.statement(false).0, values.clone()));
        let fetch = Fetch {
            select,
            values: &values,
            loads: &self.below,
            source,
        };
        let part = selectin::grouped::<R>(related, fetch, &places, keys, &comparison, cause)?;
        related.keep_part(part);
        Ok(())
    }

    fn plan(&self, plan: &mut Plan, _: Option<&Source>) {
        if self.is_second {
            plan.fail(two_parts::<R>());
        }
        let select = self.part.statement(self.below.joins()).0;
        let plain = self.part.statement(false).0;
        plan.selectin::<R>("part of ", (select, plain), &self.below);
    }

    fn add_defaults(&mut self, session: Strategy, above: &mut Vec<TypeId>) {
        if let Some(below) = Rc::get_mut(&mut self.below) {
            below.add_defaults(session, above);
        }
    }

    fn merge_into(self: Box<Self>, loads: &mut LoadTree<R::Parent>) {
        let below = Rc::into_inner(self.below).unwrap_or_default();
        self.part.add(Strategy::Selectin, below, loads);
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}
