//! Queries for entities.
//!
//! `Customer::select()` only describes a query. Nothing is sent until it is passed to a session.
//!
//! ```text
//! Customer::select()                                 SELECT "id", … FROM "customers"
//!     .filter(Customer::LAST_NAME.eq("Lovelace"))    WHERE "last_name" = ?1
//!     .order_by(Customer::FIRST_NAME)                ORDER BY "first_name", "id"
//!     .limit(10)                                     LIMIT ?2
//!     .with(selectin(Customer::ORDERS))              and what to load with the rows
//! ```

use crate::call_site::CallSite;
use crate::database::Dialect;
use crate::error::Result;
use crate::load::{AddDefaults, LoadPath, LoadTree};
use crate::model::{Entity, Parents};
use crate::query::{Condition, OrderBy, Query, Selection};
use crate::session::open::Session;
use crate::trace::{Queried, QueryFacts, Strategy};

/// A query for rows of the entity `E`.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let query = Customer::select().filter(Customer::ID.gt(1)).order_by(Customer::LAST_NAME).limit(3);
/// assert_eq!(session.all(query)?.len(), 3);
/// # Ok::<(), Error>(())
/// ```
#[must_use = "a query does nothing until it is passed to a session: `session.all(query)`"]
pub struct Select<E: Entity> {
    pub(crate) selection: Selection,
    pub(crate) loads: LoadTree<E>,
    pub(crate) default: Option<Strategy>,
}

impl<E: Entity> Default for Select<E> {
    fn default() -> Self {
        Self { selection: Selection::of(E::INFO), loads: LoadTree::default(), default: None }
    }
}

impl<E: Entity> Select<E> {
    /// Keeps only rows that satisfy the condition. Several filters must all be satisfied.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let query = Order::select().filter(Order::CUSTOMER_ID.eq(5)).filter(Order::STATUS.eq("open"));
    /// assert_eq!(session.count(query)?, 2);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn filter(mut self, condition: Condition<E>) -> Self {
        condition.expression.added_to(&mut self.selection.condition);
        self
    }

    /// Sorts the rows. A second call sorts rows that the first leaves equal. Rows that are still equal are sorted by
    /// key, as are all rows if no order is given.
    ///
    /// ```
    /// # use shop::*;
    /// let query = Order::select().order_by(Order::STATUS).order_by(Order::PLACED_ON.desc());
    /// assert!(query.to_sql().ends_with(r#"ORDER BY "status", "placed_on" DESC, "id""#));
    /// ```
    pub fn order_by(mut self, order: impl Into<OrderBy<E>>) -> Self {
        self.selection.order.push(order.into().term);
        self
    }

    /// Keeps at most the first `rows` rows. Related rows are not counted: each row comes with all of its own.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let customers = session.all(Customer::select().with(joined(Customer::ORDERS)).limit(2))?;
    /// assert_eq!(customers.len(), 2);
    /// assert_eq!(customers[1].orders()?.len(), 36);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn limit(mut self, rows: u64) -> Self {
        self.selection.limit = Some(rows);
        self
    }

    /// Skips the first `rows` rows.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let second_page = session.all(Customer::select().limit(2).offset(2))?;
    /// assert_eq!([second_page[0].id, second_page[1].id], [3, 4]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn offset(mut self, rows: u64) -> Self {
        self.selection.offset = Some(rows);
        self
    }

    /// Loads a relation with the rows, and relations of the related rows with those: see
    /// [`selectin`](crate::selectin) and [`joined`](crate::joined). Several paths may share their beginning.
    /// If they have different strategies in the shared part, the last call wins.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let query = Order::select().with(joined(Order::CUSTOMER)).with(selectin(Order::ITEMS));
    /// let orders = session.all(query)?;
    /// assert!(orders.iter().all(|order| order.customer.is_loaded() && order.items.is_loaded()));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn with(mut self, path: impl LoadPath<E>) -> Self {
        path.add_to(&mut self.loads);
        self
    }

    /// Sets the strategy of relations that no load path of this query mentions, at every level. It precedes the defaults
    /// of entities and of the [session](crate::Session::default_strategy).
    ///
    /// With [`Strategy::Raise`], accessing a relation that is not loaded is an error.
    /// [`Session::preload`](crate::Session::preload) can still load it. The last call wins.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let query = Customer::select().with(selectin(Customer::ORDERS)).default(Strategy::Raise);
    /// let customers = session.all(query)?;
    /// let orders = customers[0].orders()?;
    /// assert!(matches!(orders[0].items(), Err(Error::Raised { .. })));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn default(mut self, strategy: Strategy) -> Self {
        self.default = Some(strategy);
        self
    }

    /// Returns the text of the statement for the rows themselves, as SQLite receives it, without what a load path adds
    /// to it.
    ///
    /// ```
    /// # use shop::*;
    /// let sql = Order::select().filter(Order::STATUS.eq("open")).limit(10).to_sql();
    /// assert!(sql.ends_with(r#"FROM "orders" WHERE "status" = ?1 ORDER BY "id" LIMIT ?2"#));
    /// ```
    pub fn to_sql(&self) -> String {
        self.to_sql_for(Dialect::Sqlite)
    }

    /// Returns the text of the statement as a database of this dialect receives it.
    ///
    /// ```
    /// # use {eagerly::*, shop::*};
    /// let sql = Customer::select().offset(20).to_sql_for(Dialect::Postgres);
    /// assert!(sql.ends_with(r#"FROM "customers" ORDER BY "id" OFFSET $1"#));
    /// ```
    pub fn to_sql_for(&self, dialect: Dialect) -> String {
        self.selection.query(false, false, dialect).select.text()
    }

    /// Begins a query: checks it, makes the cohort of its rows, adds the relations that are loaded by default, and looks up
    /// how the condition compares keys.
    pub(crate) fn begin(
        mut self,
        session: &Session,
        at: CallSite,
        is_by_key: bool,
    ) -> Result<(Self, Parents)> {
        let gate = &session.gate;
        self.loads.check(gate.dialect)?;
        self.selection.compare_in(gate)?;
        let scope = gate.scope.borrow().clone();
        let advisor = gate.advisor.borrow().clone();
        let run = advisor.and_then(|advisor| {
            let (entity, sql) = (E::INFO, self.to_sql());
            advisor.begin(&QueryFacts { origin: at, scope: scope.as_deref(), entity, is_by_key, sql: &sql })
        });
        let by_key = is_by_key.then_some(E::INFO);
        let queried = Queried::new(at, self.default, by_key, scope, run);
        let rows_of = Parents::queried(gate, E::INFO, queried);
        self.loads.add_defaults(&mut AddDefaults::of_query(&rows_of));
        Ok((self, rows_of))
    }

    /// Keeps at most `rows` rows, or fewer if a smaller limit is set.
    pub(crate) fn at_most(self, rows: u64) -> Self {
        let limit = self.selection.limit.map_or(rows, |before| before.min(rows));
        self.limit(limit)
    }

    /// Returns the query for the rows, to which the relations that `loads` joins can be joined.
    pub(crate) fn query(&self, dialect: Dialect) -> Query {
        self.selection.query(self.loads.joins(), self.loads.joins_collection(), dialect)
    }

    /// Returns the query for the rows and nothing else, if anything that is loaded with them repeats it.
    pub(crate) fn restated(&self, dialect: Dialect) -> Option<Query> {
        let is_needed = self.loads.restates() && self.selection.is_repeatable();
        is_needed.then(|| self.selection.repeated(dialect))
    }
}
