//! Skip at first. Plans: what a query will send, before anything runs.
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
//! Total: 1 + 1 statements
//! ```

use std::fmt;

use crate::error::Error;
use crate::model::Parents;
use crate::trace::RelationInfo;

/// What a query will send. Print it, or read its steps.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let plan = Customer::select().with(selectin(Customer::ORDERS)).plan(&session)?;
/// assert_eq!(plan.steps.len(), 2);
/// assert!(plan.to_string().ends_with("Total: 1 + 1 statements"));
/// # Ok::<(), Error>(())
/// ```
pub struct Plan {
    /// The statements: that of the rows, then those of the load paths, each before the ones below it.
    pub steps: Vec<PlanStep>,
    /// A cohort without rows, to build statements for.
    pub(crate) parents: Parents,
    /// The table for whose rows the next statements repeat.
    pub(crate) repeated_for: Option<&'static str>,
    pub(crate) failure: Option<Error>,
}

/// A statement of a plan.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let plan = Customer::select().with(selectin(Customer::ORDERS)).plan(&session)?;
/// assert_eq!(plan.steps[1].loads, "Customer.orders, by selectin");
/// assert_eq!(plan.steps[1].keyed_by, r#"the keys of all rows of "customers""#);
/// assert!(plan.steps[1].explained[0].contains("USING INDEX orders_customer_id"));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct PlanStep {
    /// What the statement loads: `Customer`, `Customer.orders, by selectin`.
    pub loads: String,
    /// Which keys it is sent with.
    pub keyed_by: String,
    /// The text. It is empty if the step sends no statement of its own.
    pub sql: String,
    /// How often it is sent: `1`, or the name of a table, once for each row read from it.
    pub statements: String,
    /// The steps of the database's own plan (`EXPLAIN`), a line for each.
    pub explained: Vec<String>,
}

impl Plan {
    pub(crate) fn new(parents: Parents) -> Self {
        Self { steps: Vec::new(), parents, repeated_for: None, failure: None }
    }

    /// Returns the number of statements that will be sent, as a sum: `1 + 1 + 1`, or `1 + customers + orders`.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let lazily = Customer::select().with(lazy(Customer::ORDERS).lazy(Order::ITEMS)).plan(&session)?;
    /// assert_eq!(lazily.formula(), "1 + customers + orders");
    /// let eagerly = Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)).plan(&session)?;
    /// assert_eq!(eagerly.formula(), "1 + 1 + 1");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn formula(&self) -> String {
        let sent = self.steps.iter().filter(|step| !step.sql.is_empty());
        sent.map(|step| step.statements.as_str()).collect::<Vec<_>>().join(" + ")
    }

    /// Adds a statement, which is sent once, or once for each row of the table for which statements are repeated.
    pub(crate) fn statement(&mut self, loads: String, keyed_by: String, sql: String) {
        self.steps.push(PlanStep {
            loads,
            keyed_by,
            sql,
            statements: self.repeated_for.unwrap_or("1").to_owned(),
            explained: Vec::new(),
        });
    }

    /// Adds a step without a statement of its own.
    pub(crate) fn remark(&mut self, relation: &RelationInfo, how: &str) {
        self.statement(format!("{relation}, {how}"), String::new(), String::new());
    }

    /// Records that the query will fail.
    pub(crate) fn fail(&mut self, error: Error) {
        self.failure.get_or_insert(error);
    }
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
                writeln!(f, "   {}: {line}", self.parents.gate.dialect.name())?;
            }
        }
        match self.formula().as_str() {
            "1" => write!(f, "Total: 1 statement"),
            formula => write!(f, "Total: {formula} statements"),
        }
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("steps", &self.steps).finish_non_exhaustive()
    }
}
