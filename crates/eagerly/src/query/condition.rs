//! Conditions on the rows of an entity.
//!
//! ```
//! # use {eagerly::*, shop::*}; let session = shop::small()?;
//! let open = Order::STATUS.eq("open").and(Order::PLACED_ON.ge("2024-02-01"));
//! let undone = Order::STATUS.in_(["cancelled", "returned"]);
//! assert_eq!(session.count(Order::select().filter(open.or(undone)))?, 6);
//! # Ok::<(), Error>(())
//! ```
//!
//! Conditions on related rows select parents:
//!
//! ```sql
//! -- Customer::ORDERS.any(Order::STATUS.eq("open"))
//! EXISTS (SELECT 1 FROM "orders" AS "customers.orders"
//!     WHERE "customers.orders"."customer_id" = +"customers"."id" AND ("customers.orders"."status" = ?1))
//!
//! -- !Customer::ORDERS.exists()
//! NOT (EXISTS (SELECT 1 FROM "orders" AS "customers.orders"
//!     WHERE "customers.orders"."customer_id" = +"customers"."id"))
//! ```
//!
//! `Customer::ORDERS.count().gt(3)` joins the count to the parents; `aggregate.rs` shows the SQL.
//!
//! A condition is a tree. Its depth is limited, because it is walked by recursion. The length of a list, such as
//! `a.or(b).or(c)`, is limited only by the number of parameters: 32,766 in SQLite, 65,535 in PostgreSQL.

use std::marker::PhantomData;
use std::ops::Not;

use crate::database::{Array, Dialect, KeyTypes, TextPlace, Value, quote};
use crate::error::{Error, Result};
use crate::query::sql;
use crate::query::sql::Bindings;
use crate::trace::{EntityInfo, RelationInfo};

/// A condition on rows of the entity `E`.
#[must_use = "a condition does nothing until it is passed to `filter`"]
pub struct Condition<E> {
    pub(crate) expression: Expression,
    entity: PhantomData<fn() -> E>,
}

/// How deep conditions may be nested, in levels of the tree that the database parses. An `any` counts as twenty.
///
/// Conditions are walked by recursion, here and in the database. SQLite refuses a tree of more than 1,000 levels. 500
/// levels fit on the stack of a thread twice: without optimisation they take less than 1 MB of its 2 MB.
pub(crate) const DEEPEST: usize = 500;

/// How many levels an `EXISTS` counts. SQLite accepts 25 of them inside each other, and refuses 50.
const NESTED_SELECT: usize = 20;

/// How many conditions in a row are written without parentheses. SQLite reads `a OR b OR c` as `(a OR b) OR c`, so each
/// condition adds a level. Longer lists are halved, so that 5,000 conditions have 17 levels.
const FLAT: usize = 8;

/// A condition without its entity's type. The number in a variant is its depth.
#[derive(PartialEq)]
pub(crate) enum Expression {
    Compare(&'static str, &'static str, Value<'static>),
    /// Tells which of two decimal numbers is larger. SQLite, where they are texts, cannot.
    CompareDecimals(&'static str, &'static str, Value<'static>),
    /// A text matches a pattern, in either case.
    Like(&'static str, String),
    /// A text has a part at a place. Case matters.
    HasText(&'static str, TextPlace, String),
    In(&'static str, Array),
    IsNull(&'static str),
    /// `EXISTS` a related row that satisfies a condition, or any related row.
    Any(&'static RelationInfo, Option<Box<Expression>>, usize),
    And(List),
    Or(List),
    Not(Box<Expression>, usize),
    /// Compares a figure (an aggregate of the related rows) with a value. Without an operator, tests whether it is `NULL`.
    Figure(Box<dyn Figure>, Option<(&'static str, Value<'static>)>),
    /// Stands for a condition that was nested deeper than [`DEEPEST`]. Its parts are dropped at once, so that no
    /// condition is ever deeper. No statement is sent with it.
    TooDeep,
}

/// A number that the database computes from the related rows of each row: `Customer::ORDERS.count()`.
///
/// A figure can have a condition, and a condition can have a figure. `aggregate.rs` implements this trait, so that the
/// imports lead one way.
pub(crate) trait Figure {
    /// Joins the figure to the rows of `parent`, and returns the SQL of its value.
    fn join(&self, parent: Option<&str>, values: &mut Bindings) -> String;

    /// Adds the relations whose keys the figure compares.
    fn add_relations(&self, to: &mut Vec<&'static RelationInfo>);

    /// Returns how many levels its conditions take.
    fn depth(&self) -> usize;

    /// Returns an error if the figure cannot be computed.
    fn check(&self, entity: &'static EntityInfo, dialect: Dialect) -> Result<()>;
}

/// Figures are the same if they have the same SQL and the same values.
impl PartialEq for dyn Figure {
    fn eq(&self, other: &Self) -> bool {
        let written = |figure: &Self| {
            let mut values = Bindings::new(Dialect::Sqlite, Vec::new());
            (values.nested(|values| figure.join(None, values)), values.values)
        };
        written(self) == written(other)
    }
}

/// Conditions that are combined by `AND`, or by `OR`.
#[derive(PartialEq)]
pub(crate) struct List {
    parts: Vec<Expression>,
    /// The depth of the deepest part.
    deepest: usize,
}

impl List {
    fn of(first: Expression) -> Self {
        Self { deepest: first.depth(), parts: vec![first] }
    }

    fn with(mut self, next: Expression) -> Self {
        self.deepest = self.deepest.max(next.depth());
        self.parts.push(next);
        self
    }

    fn depth(&self) -> usize {
        let halvings = (self.parts.len() / FLAT).next_power_of_two().ilog2() as usize;
        self.deepest + self.parts.len().min(FLAT) - 1 + halvings
    }
}

impl<E> Condition<E> {
    pub(crate) fn new(expression: Expression) -> Self {
        Self { expression, entity: PhantomData }
    }

    /// Returns the condition that both hold.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let condition = Order::CUSTOMER_ID.eq(5).and(Order::STATUS.eq("open"));
    /// assert_eq!(session.count(Order::select().filter(condition))?, 2);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn and(self, other: Self) -> Self {
        Self::new(self.expression.and(other.expression))
    }

    /// Returns the condition that at least one holds.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let condition = Order::CUSTOMER_ID.eq(5).or(Order::STATUS.eq("open"));
    /// assert_eq!(session.count(Order::select().filter(condition))?, 11);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn or(self, other: Self) -> Self {
        Self::new(self.expression.or(other.expression))
    }
}

/// Returns the opposite: `!condition`. As in SQL, a null makes both a condition and its opposite unknown.
impl<E> Not for Condition<E> {
    type Output = Self;

    fn not(self) -> Self {
        let depth = self.expression.depth() + 1;
        Self::new(Expression::Not(Box::new(self.expression), depth).limited())
    }
}

impl Expression {
    pub(crate) fn and(self, other: Self) -> Self {
        let all = match self {
            Self::And(all) => all,
            one => List::of(one),
        };
        Self::And(all.with(other)).limited()
    }

    fn or(self, other: Self) -> Self {
        let any = match self {
            Self::Or(any) => any,
            one => List::of(one),
        };
        Self::Or(any.with(other)).limited()
    }

    /// Returns the condition that there is a related row, which satisfies `condition`, if given.
    pub(crate) fn any(relation: &'static RelationInfo, condition: Option<Self>) -> Self {
        let depth = Self::nested_depth(condition.as_ref()) + NESTED_SELECT * (relation.hops().len() - 1);
        Self::Any(relation, condition.map(Box::new), depth).limited()
    }

    /// Returns the condition that compares a figure.
    pub(crate) fn figure(
        figure: impl Figure + 'static,
        with: Option<(&'static str, Value<'static>)>,
    ) -> Self {
        Self::Figure(Box::new(figure), with).limited()
    }

    /// Returns how many levels a `SELECT` with a condition takes.
    pub(crate) fn nested_depth(condition: Option<&Self>) -> usize {
        condition.map_or(0, Self::depth) + NESTED_SELECT
    }

    /// Returns whether the condition uses a figure, which is joined to the rows.
    pub(crate) fn has_figure(&self) -> bool {
        match self {
            Self::Figure(..) => true,
            Self::And(list) | Self::Or(list) => list.parts.iter().any(Self::has_figure),
            Self::Not(opposite, _) => opposite.has_figure(),
            _ => false,
        }
    }

    /// Returns how many levels of the tree that the database parses the condition takes.
    fn depth(&self) -> usize {
        match self {
            Self::And(list) | Self::Or(list) => list.depth(),
            Self::Not(_, depth) | Self::Any(.., depth) => *depth,
            Self::Figure(figure, _) => figure.depth(),
            Self::TooDeep => DEEPEST,
            Self::Compare(..)
            | Self::CompareDecimals(..)
            | Self::Like(..)
            | Self::HasText(..)
            | Self::In(..)
            | Self::IsNull(_) => 0,
        }
    }

    /// Drops the condition if it is too deep.
    fn limited(self) -> Self {
        if self.depth() > DEEPEST { Self::TooDeep } else { self }
    }

    /// Returns an error if the condition, which is on rows of `entity`, cannot be sent.
    pub(crate) fn check(&self, entity: &'static EntityInfo, dialect: Dialect) -> Result<()> {
        let check = |part: &Self| part.check(entity, dialect);
        match self {
            Self::TooDeep => Err(Error::TooDeep { entity: entity.name }),
            Self::And(list) | Self::Or(list) => list.parts.iter().try_for_each(check),
            Self::Not(opposite, _) => check(opposite),
            Self::Any(_, condition, _) => condition.as_deref().map_or(Ok(()), check),
            Self::Figure(figure, _) => figure.check(entity, dialect),
            Self::CompareDecimals(..) if dialect == Dialect::Sqlite => {
                Err(Error::NoDecimals { entity: entity.name, function: "order" })
            }
            Self::CompareDecimals(..) => Ok(()),
            Self::Compare(..) | Self::Like(..) | Self::HasText(..) | Self::In(..) | Self::IsNull(_) => Ok(()),
        }
    }

    /// Combines it with `before` by `AND`, if there is one.
    pub(crate) fn added_to(self, before: &mut Option<Self>) {
        *before = Some(match before.take() {
            Some(before) => before.and(self),
            None => self,
        });
    }

    /// Adds the relations whose keys the condition compares.
    pub(crate) fn add_relations(&self, to: &mut Vec<&'static RelationInfo>) {
        match self {
            Self::Any(relation, condition, _) => {
                to.push(relation);
                condition.iter().for_each(|condition| condition.add_relations(to));
            }
            Self::And(list) | Self::Or(list) => list.parts.iter().for_each(|part| part.add_relations(to)),
            Self::Not(opposite, _) => opposite.add_relations(to),
            Self::Figure(figure, _) => figure.add_relations(to),
            Self::Compare(..)
            | Self::CompareDecimals(..)
            | Self::Like(..)
            | Self::HasText(..)
            | Self::In(..)
            | Self::IsNull(_)
            | Self::TooDeep => {}
        }
    }

    /// Returns the SQL, and binds its values.
    pub(crate) fn render(&self, table: Option<&str>, values: &mut Bindings) -> String {
        match self {
            Self::Any(relation, condition, _) => {
                Self::render_any(&relation.hops(), condition.as_deref(), table, values)
            }
            Self::And(all) => Self::render_list(&all.parts, " AND ", table, values),
            Self::Or(any) => Self::render_list(&any.parts, " OR ", table, values),
            Self::Not(opposite, _) => ["NOT (", &opposite.render(table, values), ")"].concat(),
            _ => self.render_leaf(table, values),
        }
    }

    /// Returns the SQL of a condition that has no parts. This is a function of its own so that the one above takes less
    /// stack.
    fn render_leaf(&self, table: Option<&str>, values: &mut Bindings) -> String {
        match self {
            Self::Compare(name, operator, value) | Self::CompareDecimals(name, operator, value) => {
                let parameter = values.bind(value.clone());
                format!("{} {operator} {parameter}", sql::column(table, name))
            }
            Self::Like(name, pattern) => {
                let parameter = values.bind(Value::from(pattern.as_str()));
                values.dialect.like(&sql::column(table, name), &parameter)
            }
            Self::HasText(name, place, part) => {
                let parameter = values.bind(Value::from(values.dialect.text_part(*place, part)));
                values.dialect.has_text(&sql::column(table, name), *place, &parameter)
            }
            Self::In(name, array) => {
                values.bind(Value::Array(array.clone()));
                values.dialect.is_listed(&sql::column(table, name), values.values.len(), false)
            }
            Self::IsNull(name) => format!("{} IS NULL", sql::column(table, name)),
            Self::Figure(figure, None) => format!("{} IS NULL", figure.join(table, values)),
            Self::Figure(figure, Some((operator, value))) => {
                let figure = figure.join(table, values);
                format!("{figure} {operator} {}", values.bind(value.clone()))
            }
            // Only `to_sql` shows this text. `check` refuses to send it.
            _ => format!("(a condition nested deeper than {DEEPEST} levels)"),
        }
    }

    /// Returns `EXISTS (…)`, for each relation on the way inside the one before. The target's table has an alias, so that
    /// a relation can lead to its own table.
    fn render_any(
        hops: &[&RelationInfo],
        condition: Option<&Self>,
        parent: Option<&str>,
        values: &mut Bindings,
    ) -> String {
        let Some((relation, rest)) = hops.split_first() else {
            return condition.map(|condition| condition.render(parent, values)).unwrap_or_default();
        };
        let parent = parent.unwrap_or(relation.parent.table);
        let alias = values.dialect.alias(format!("{parent}.{}", relation.field));
        let (condition, joins) =
            values.nested(|values| Self::render_any(rest, condition, Some(&alias), values));
        let condition = if condition.is_empty() { condition } else { [" AND (", &condition, ")"].concat() };
        format!(
            "EXISTS (SELECT 1 FROM {} AS {}{joins} WHERE {}{condition})",
            relation.target.sql_name(),
            quote(&alias),
            match_condition(relation, &alias, parent, values.dialect, &values.compared.types(relation)),
        )
    }

    /// Returns conditions in a row. Each that is a list itself is in parentheses, as are the halves of a long list.
    fn render_list(parts: &[Self], operator: &str, table: Option<&str>, values: &mut Bindings) -> String {
        if parts.len() > FLAT {
            let (left, right) = parts.split_at(parts.len() / 2);
            let left = Self::render_list(left, operator, table, values);
            let right = Self::render_list(right, operator, table, values);
            return ["(", &left, ")", operator, "(", &right, ")"].concat();
        }
        let mut sql = String::new();
        for part in parts {
            if !sql.is_empty() {
                sql += operator;
            }
            let rendered = part.render(table, values);
            match part {
                Self::And(_) | Self::Or(_) => sql += &["(", &rendered, ")"].concat(),
                _ => sql += &rendered,
            }
        }
        sql
    }
}

/// Returns the condition that a row of `target` belongs to a row of `parent`:
/// `"orders"."customer_id" = +"customers"."id"`.
///
/// If both columns hold integers, the parent's column is compared as it is. If not, it is compared as a bound
/// value is, so that a join finds the rows that a lazy access finds.
pub(crate) fn match_condition(
    relation: &RelationInfo,
    target: &str,
    parent: &str,
    dialect: Dialect,
    types: &KeyTypes,
) -> String {
    let pairs = relation.target_columns.iter().zip(relation.parent_columns).enumerate();
    sql::all_equal(pairs.map(|(number, (own, other))| {
        let other = dialect.as_value(&sql::column(Some(parent), other), types, number);
        (sql::column(Some(target), own), other)
    }))
}
