//! Plans: what a query will send, said before anything runs.
//!
//! ```text
//! 1. Customer
//!    SELECT "id", … FROM "customers" ORDER BY "id"
//!    keyed by: nothing
//!    statements: 1
//!    SQLite: SCAN customers
//! 2. Customer.orders, by selectin
//!    SELECT "id", … FROM "orders" WHERE "customer_id" IN (SELECT +value FROM rarray(?1)) ORDER BY …
//!    keyed by: the keys of all rows of "customers"
//!    statements: 1
//!    SQLite: SEARCH orders USING INDEX orders_customer_id (customer_id=?)
//! In all: 1 + 1 statements
//! ```

use std::fmt;
use std::rc::Rc;

use crate::cohort::Cohort;
use crate::driver::Connection;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::event::CallSite;
use crate::load::{JoinSite, LoadTree};
use crate::relation::Relation;
use crate::select::Select;
use crate::session::Session;
use crate::source::Source;
use crate::sql::SelectSql;
use crate::strategy::{Strategy, lazy, selectin, subquery};

/// What a query will send. Print it, or look at its steps.
///
/// ```
/// # use eagerly::selectin;
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let plan = Customer::select().with(selectin(Customer::ORDERS)).plan(&session)?;
/// assert_eq!(plan.steps.len(), 2);
/// assert!(plan.to_string().ends_with("In all: 1 + 1 statements"));
/// # Ok::<(), eagerly::Error>(())
/// ```
#[derive(Debug)]
pub struct Plan {
    /// The statements: that of the rows, then those of the load paths, each before what is below it.
    pub steps: Vec<PlanStep>,
    cohort: Rc<Cohort>,
    /// The table for each of whose rows the statements below are sent again.
    repeated_for: Option<&'static str>,
    failure: Option<Error>,
}

/// A statement of a plan.
///
/// ```
/// # use eagerly::selectin;
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let plan = Customer::select().with(selectin(Customer::ORDERS)).plan(&session)?;
/// assert_eq!(plan.steps[1].loads, "Customer.orders, by selectin");
/// assert_eq!(plan.steps[1].keyed_by, r#"the keys of all rows of "customers""#);
/// assert!(plan.steps[1].explained[0].contains("USING INDEX orders_customer_id"));
/// # Ok::<(), eagerly::Error>(())
/// ```
#[derive(Debug)]
pub struct PlanStep {
    /// What it loads: `Customer`, `Customer.orders, by selectin`.
    pub loads: String,
    /// What it is keyed by.
    pub keyed_by: String,
    /// The text; empty if no statement of its own is sent.
    pub sql: String,
    /// How often it is sent, as a term of a sum: `1`, or a table for each of whose rows it is sent.
    pub statements: String,
    /// What SQLite says of it (`EXPLAIN QUERY PLAN`), a line for each step of its own.
    pub explained: Vec<String>,
}

impl<E: Entity> Select<E> {
    /// What this query will send, and how SQLite will go about it. Nothing of it is run, and nothing counted.
    ///
    /// ```
    /// # use eagerly::selectin;
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// # let tally = session.tally();
    /// let plan = Customer::select().with(selectin(Customer::ORDERS)).plan(&session)?;
    /// assert_eq!(plan.steps[0].sql, Customer::select().to_sql());
    /// assert_eq!(tally.statements(), 0);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if SQLite does not accept a statement, because a table or column is missing;
    /// [`Error::Closed`] if the session is closed.
    #[track_caller]
    pub fn plan(self, session: &Session) -> Result<Plan> {
        let query = self.with_defaults(&session.core);
        let mut plan = Plan {
            steps: Vec::new(),
            cohort: Cohort::queried::<E>(&session.core, CallSite::caller()),
            repeated_for: None,
            failure: None,
        };
        let (select, _) = query.statement();
        let source = query.source_to_restate();
        let loads = E::NAME.to_owned();
        plan.statement(loads, "nothing".to_owned(), "1".to_owned(), select, &query.loads);
        query.loads.plan(&mut plan, source.as_ref());
        if let Some(error) = plan.failure.take() {
            return Err(error);
        }
        let explained = session.core.with_connection(|open| plan.explain(open));
        explained.ok_or_else(|| Error::Closed {
            doing: "planning a query".to_owned(),
        })??;
        Ok(plan)
    }

    /// The text of the statement for the rows themselves, without what a load path adds to it.
    ///
    /// ```
    /// # use shop::Order;
    /// let sql = Order::select().filter(Order::STATUS.eq("open")).limit(10).to_sql();
    /// assert!(sql.ends_with(r#"FROM "orders" WHERE "status" = ?1 ORDER BY "id" LIMIT ?2"#));
    /// ```
    #[must_use]
    pub fn to_sql(&self) -> String {
        self.source().text()
    }
}

impl Plan {
    /// How many statements will be sent, as a sum: `1 + 1 + 1`, or `1 + customers + orders`.
    ///
    /// ```
    /// # use eagerly::{lazy, selectin};
    /// # use shop::{Customer, Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let lazily = Customer::select().with(lazy(Customer::ORDERS).lazy(Order::ITEMS)).plan(&session)?;
    /// assert_eq!(lazily.formula(), "1 + customers + orders");
    /// let eagerly = Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)).plan(&session)?;
    /// assert_eq!(eagerly.formula(), "1 + 1 + 1");
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    #[must_use]
    pub fn formula(&self) -> String {
        let terms = self.steps.iter().filter(|step| !step.sql.is_empty());
        terms
            .map(|step| step.statements.as_str())
            .collect::<Vec<_>>()
            .join(" + ")
    }

    /// Takes note that the query will fail.
    pub(crate) fn fail(&mut self, error: Error) {
        self.failure.get_or_insert(error);
    }

    /// Takes note of a step of the tree of loads.
    pub(crate) fn step<R: Relation>(
        &mut self,
        strategy: Strategy,
        below: &LoadTree<R::Target>,
        source: Option<&Source>,
    ) {
        match strategy {
            Strategy::Lazy | Strategy::Immediate => self.one_by_one::<R>(strategy, below),
            Strategy::Batch => self.selectin::<R>("on first access, ", selects::<R>(below), below),
            Strategy::Selectin => {
                self.selectin::<R>("", selects::<R>(below), below);
            }
            Strategy::Subquery => match source {
                Some(source) => self.subquery::<R>(source, below),
                None => self.selectin::<R>("", selects::<R>(below), below),
            },
            Strategy::Joined => {
                self.note::<R>("by joined: in the statement of its parents");
                let own = source.map(|source| source.related::<R>(&self.cohort.core));
                below.plan(self, own.as_ref());
            }
            Strategy::Raise => self.note::<R>("by raise: an access is an error"),
        }
    }

    fn one_by_one<R: Relation>(&mut self, strategy: Strategy, below: &LoadTree<R::Target>) {
        let when = match strategy {
            Strategy::Immediate => "up front",
            _ => "on access",
        };
        let before = self.repeated_for.replace(R::Parent::TABLE);
        let select = lazy::statement::<R>(below.joins());
        let source = below
            .restates()
            .then(|| Source::new(lazy::statement::<R>(false), Vec::new()));
        self.statement(
            format!("{}, by {strategy}", R::INFO),
            format!("the key of one row of {:?}, {when}", R::Parent::TABLE),
            R::Parent::TABLE.to_owned(),
            select,
            below,
        );
        below.plan(self, source.as_ref());
        self.repeated_for = before;
    }

    /// Takes note of a statement that is keyed by all parents.
    pub(crate) fn selectin<R: Relation>(
        &mut self,
        what: &str,
        (select, plain): (SelectSql, SelectSql),
        below: &LoadTree<R::Target>,
    ) {
        let source = below.restates().then(|| Source::new(plain, Vec::new()));
        self.statement(
            format!("{what}{}, by selectin", R::INFO),
            format!("the keys of all rows of {:?}", R::Parent::TABLE),
            self.repeated_for.unwrap_or("1").to_owned(),
            select,
            below,
        );
        below.plan(self, source.as_ref());
    }

    fn subquery<R: Relation>(&mut self, source: &Source, below: &LoadTree<R::Target>) {
        let whole = subquery::reads_whole_table::<R>(&self.cohort.core, source);
        let plain = subquery::statement::<R>(&self.cohort.core, source, whole, false).0;
        let own = Source::new(plain, Vec::new());
        let select = subquery::statement::<R>(&self.cohort.core, source, whole, below.joins()).0;
        self.statement(
            format!("{}, by subquery", R::INFO),
            format!("the query for {:?}, stated again", R::Parent::TABLE),
            self.repeated_for.unwrap_or("1").to_owned(),
            select,
            below,
        );
        below.plan(self, Some(&own));
    }

    fn note<R: Relation>(&mut self, how: &str) {
        self.steps.push(PlanStep {
            loads: format!("{}, {how}", R::INFO),
            keyed_by: String::new(),
            sql: String::new(),
            statements: String::new(),
            explained: Vec::new(),
        });
    }

    fn statement<E: Entity>(
        &mut self,
        loads: String,
        keyed_by: String,
        statements: String,
        mut select: SelectSql,
        below: &LoadTree<E>,
    ) {
        if let Some(alias) = select.alias.clone() {
            let site = JoinSite {
                alias: &alias,
                parents: &self.cohort,
                repeats: false,
            };
            if let Err(error) = below.join(&mut select, &site) {
                self.fail(error);
            }
        }
        self.steps.push(PlanStep {
            loads,
            keyed_by,
            sql: select.text(),
            statements,
            explained: Vec::new(),
        });
    }

    fn explain(&mut self, open: &Connection) -> Result<()> {
        for step in self.steps.iter_mut().filter(|step| !step.sql.is_empty()) {
            step.explained = open.explain(&step.sql).map_err(|error| Error::Statement {
                doing: format!("planning {}", step.loads),
                sql: step.sql.clone(),
                error,
            })?;
        }
        Ok(())
    }
}

/// The statement of a `selectin`, with what is joined to it and without.
fn selects<R: Relation>(below: &LoadTree<R::Target>) -> (SelectSql, SelectSql) {
    let of = |joins| selectin::statement::<R>(joins).0;
    (of(below.joins()), of(false))
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in (1..).zip(&self.steps) {
            writeln!(f, "{number}. {}", step.loads)?;
            if step.sql.is_empty() {
                continue;
            }
            writeln!(f, "   {}", step.sql)?;
            writeln!(f, "   keyed by: {}", step.keyed_by)?;
            match step.statements.as_str() {
                "1" => writeln!(f, "   statements: 1")?,
                table => writeln!(f, "   statements: one for each row of {table:?}")?,
            }
            for line in &step.explained {
                writeln!(f, "   SQLite: {line}")?;
            }
        }
        match self.formula().as_str() {
            "1" => write!(f, "In all: 1 statement"),
            formula => write!(f, "In all: {formula} statements"),
        }
    }
}
