//! Queries for entities.
//!
//! `Customer::select()` is a description, not a statement: nothing is sent until a session is given it.
//!
//! ```text
//! Customer::select()                                 SELECT "id", … FROM "customers"
//!     .filter(Customer::LAST_NAME.eq("Lovelace"))    WHERE "last_name" = ?1
//!     .order_by(Customer::FIRST_NAME)                ORDER BY "first_name", "id"
//!     .limit(10)                                     LIMIT ?2
//!     .with(selectin(Customer::ORDERS))              and what to load along with the rows
//! ```

use crate::condition::{Condition, OrderBy};
use crate::core::Core;
use crate::entity::Entity;
use crate::key::Key;
use crate::load::LoadTree;
use crate::path::LoadPath;
use crate::source::Source;
use crate::sql::{self, SelectSql};
use crate::value::Value;

/// A query for rows of the entity `E`.
///
/// ```
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # let tally = session.tally();
/// let query = Customer::select().filter(Customer::ID.gt(1)).order_by(Customer::LAST_NAME).limit(3);
/// assert_eq!(tally.statements(), 0); // it is a description, and nothing is sent
/// assert_eq!(session.all(query)?.len(), 3);
/// assert_eq!(tally.statements(), 1);
/// # Ok::<(), eagerly::Error>(())
/// ```
#[must_use = "a query does nothing until it is given to a session: `session.all(query)`"]
pub struct Select<E: Entity> {
    condition: Option<Condition<E>>,
    order: Vec<OrderBy<E>>,
    limit: Option<u64>,
    offset: Option<u64>,
    pub(crate) loads: LoadTree<E>,
}

impl<E: Entity> Default for Select<E> {
    fn default() -> Self {
        Self {
            condition: None,
            order: Vec::new(),
            limit: None,
            offset: None,
            loads: LoadTree::default(),
        }
    }
}

impl<E: Entity> Select<E> {
    /// Only rows that satisfy the condition; of several filters, all.
    ///
    /// ```
    /// # use shop::{Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let query = Order::select().filter(Order::CUSTOMER_ID.eq(5)).filter(Order::STATUS.eq("open"));
    /// assert_eq!(session.count(query)?, 2);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn filter(mut self, condition: Condition<E>) -> Self {
        self.condition = Some(condition.added_to(self.condition.take()));
        self
    }

    /// Sorts the rows; a second call sorts those that the first leaves equal. What is equal in the end, and
    /// everything where no order is given, is sorted by key.
    ///
    /// ```
    /// # use shop::Order;
    /// let query = Order::select().order_by(Order::STATUS).order_by(Order::PLACED_ON.desc());
    /// assert!(query.to_sql().ends_with(r#"ORDER BY "status", "placed_on" DESC, "id""#));
    /// ```
    pub fn order_by(mut self, order: impl Into<OrderBy<E>>) -> Self {
        self.order.push(order.into());
        self
    }

    /// At most so many rows. Related rows are not counted: each row comes with all of its own.
    ///
    /// ```
    /// # use eagerly::joined;
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let customers = session.all(Customer::select().with(joined(Customer::ORDERS)).limit(2))?;
    /// assert_eq!(customers.len(), 2);
    /// assert_eq!(customers[1].orders()?.len(), 36);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Leaves out so many rows at the start.
    ///
    /// ```
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let second_page = session.all(Customer::select().limit(2).offset(2))?;
    /// assert_eq!([second_page[0].id, second_page[1].id], [3, 4]);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn offset(mut self, rows: u64) -> Self {
        self.offset = Some(rows);
        self
    }

    /// Loads a relation along with the rows, and relations of the related rows with those: see
    /// [`selectin`](crate::selectin) and [`joined`](crate::joined). Several paths may share their beginning; if
    /// they differ there in strategy, the last one says.
    ///
    /// ```
    /// # use eagerly::{joined, selectin};
    /// # use shop::{Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// # let tally = session.tally();
    /// let query = Order::select().with(joined(Order::CUSTOMER)).with(selectin(Order::ITEMS));
    /// let orders = session.all(query)?;
    /// assert_eq!(tally.statements(), 2);
    /// assert!(orders.iter().all(|order| order.customer.is_loaded() && order.items.is_loaded()));
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn with(mut self, path: impl LoadPath<E>) -> Self {
        path.add_to(&mut self.loads);
        self
    }

    /// Adds what a session loads by default.
    pub(crate) fn with_defaults(mut self, core: &Core) -> Self {
        self.loads
            .add_defaults(core.default_strategy.get(), &mut Vec::new());
        self
    }

    /// At most so many rows, or fewer if a smaller limit is set.
    pub(crate) fn at_most(self, rows: u64) -> Self {
        let limit = self.limit.map_or(rows, |before| before.min(rows));
        self.limit(limit)
    }

    /// The row with a key.
    pub(crate) fn with_key(key: &Key<'_>) -> Self {
        let columns = E::KEY.iter().zip(key.values());
        columns.fold(Self::default(), |query, (column, value)| {
            query.filter(Condition::equal(column, value.clone().into_owned()))
        })
    }

    /// The statement, and its values, but for what is joined to it.
    pub(crate) fn statement(&self) -> (SelectSql, Vec<Value<'static>>) {
        let mut values = Vec::new();
        let select = if self.is_limited() && self.loads.joins_collection() {
            self.within(&mut values)
        } else {
            self.plain(SelectSql::of::<E>(self.loads.joins()), &mut values)
        };
        (select, values)
    }

    /// The same for a statement that something else is going to be joined to.
    pub(crate) fn joining_statement(&self) -> (SelectSql, Vec<Value<'static>>) {
        let mut values = Vec::new();
        let select = match self.is_limited() {
            true => self.within(&mut values),
            false => self.plain(SelectSql::of::<E>(true), &mut values),
        };
        (select, values)
    }

    fn is_limited(&self) -> bool {
        self.limit.is_some() || self.offset.is_some()
    }

    /// The query for the rows and nothing else, if something that is loaded along re-states it. Without a key
    /// there is nothing to sort by to the end, and the same limit might choose other rows the next time.
    pub(crate) fn source_to_restate(&self) -> Option<Source> {
        let would_change = self.is_limited() && E::KEY.is_empty();
        (self.loads.restates() && !would_change).then(|| self.source())
    }

    /// The query for the rows and nothing else.
    pub(crate) fn source(&self) -> Source {
        let mut values = Vec::new();
        let select = self.plain(SelectSql::of::<E>(false), &mut values);
        Source::new(select, values)
    }

    fn plain(&self, mut select: SelectSql, values: &mut Vec<Value<'static>>) -> SelectSql {
        let table = select.alias.clone();
        select.condition = self
            .condition
            .as_ref()
            .map(|condition| condition.render(table.as_deref(), values));
        self.sort(&mut select);
        select.limit = self.limit_clause(values);
        select
    }

    /// The rows are chosen in a sub-select, so that LIMIT counts them and not the rows of the join around it.
    fn within(&self, values: &mut Vec<Value<'static>>) -> SelectSql {
        let inner = self.plain(SelectSql::of::<E>(false), values);
        let mut outer = SelectSql::of::<E>(true);
        outer.from = format!("({}) AS {}", inner.text(), sql::quote(E::TABLE));
        self.sort(&mut outer);
        outer
    }

    /// The user's order, and the key to decide between equals: so that the same query gives the same rows in
    /// the same order, however they are loaded, and pages by LIMIT and OFFSET do not overlap.
    fn sort(&self, select: &mut SelectSql) {
        let table = select.alias.clone();
        let terms = self.order.iter();
        select.order = terms.map(|order| order.render(table.as_deref())).collect();
        for column in E::KEY {
            select.then_by(select.own(column));
        }
    }

    fn limit_clause(&self, values: &mut Vec<Value<'static>>) -> String {
        let mut bind = |rows: u64| {
            // More rows than SQLite can count is all of them.
            values.push(Value::Integer(i64::try_from(rows).unwrap_or(i64::MAX)));
            values.len()
        };
        match (self.limit, self.offset) {
            (None, None) => String::new(),
            (Some(limit), None) => format!("LIMIT ?{}", bind(limit)),
            (None, Some(offset)) => format!("LIMIT -1 OFFSET ?{}", bind(offset)),
            (Some(limit), Some(offset)) => {
                let limit = bind(limit);
                format!("LIMIT ?{limit} OFFSET ?{}", bind(offset))
            }
        }
    }

    /// `SELECT count(*)` of the same rows.
    pub(crate) fn count_statement(&self) -> (String, Vec<Value<'static>>) {
        let mut values = Vec::new();
        let mut select = self.unsorted("count(*)", &mut values);
        if !select.limit.is_empty() {
            // A limit would apply to the one row with the count: the rows are limited within.
            values.clear();
            let limited = self.unsorted("1", &mut values);
            select = SelectSql::default();
            select.columns.push("count(*)".to_owned());
            select.from = format!("({})", limited.text());
        }
        (select.text(), values)
    }

    /// `SELECT EXISTS` of the same rows.
    pub(crate) fn exists_statement(&self) -> (String, Vec<Value<'static>>) {
        let mut values = Vec::new();
        let rows = self.unsorted("1", &mut values);
        (format!("SELECT EXISTS ({})", rows.text()), values)
    }

    /// The same rows with one column each, in no order.
    fn unsorted(&self, column: &str, values: &mut Vec<Value<'static>>) -> SelectSql {
        let mut select = SelectSql::new(E::TABLE, &[]);
        select.columns.push(column.to_owned());
        let mut select = self.plain(select, values);
        select.order.clear();
        select
    }
}
