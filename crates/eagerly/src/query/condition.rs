//! Conditions on the rows of an entity.
//!
//! ```
//! # use {eagerly::*, shop::*}; let session = shop::small()?;
//! let open = Order::STATUS.eq("open").and(Order::PLACED_ON.ge("2024-02-01"));
//! let undone = Order::STATUS.in_(["cancelled", "returned"]);
//! assert_eq!(session.count(Order::select().filter(open.or(undone)))?, 6);
//! # Ok::<(), Error>(())
//! ```

use std::marker::PhantomData;
use std::ops::Not;

use crate::database::{Array, Dialect, KeyTypes, Value, quote};
use crate::query::sql;
use crate::query::sql::Bindings;
use crate::trace::RelationInfo;

/// A condition on rows of the entity `E`.
#[must_use = "a condition does nothing until it is passed to `filter`"]
pub struct Condition<E> {
    pub(crate) expression: Expression,
    entity: PhantomData<fn() -> E>,
}

/// A condition without its entity's type.
#[derive(PartialEq)]
pub(crate) enum Expression {
    Compare(&'static str, &'static str, Value<'static>),
    /// A text matches a pattern, in either case.
    Like(&'static str, String),
    In(&'static str, Array),
    IsNull(&'static str),
    /// `EXISTS` a related row that satisfies a condition.
    Any(&'static RelationInfo, Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
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
        let mut any = match self.expression {
            Expression::Or(any) => any,
            one => vec![one],
        };
        any.push(other.expression);
        Self::new(Expression::Or(any))
    }
}

/// Returns the opposite: `!condition`. As in SQL, a null makes both a condition and its opposite unknown.
impl<E> Not for Condition<E> {
    type Output = Self;

    fn not(self) -> Self {
        Self::new(Expression::Not(Box::new(self.expression)))
    }
}

impl Expression {
    pub(crate) fn and(self, other: Self) -> Self {
        let mut all = match self {
            Self::And(all) => all,
            one => vec![one],
        };
        all.push(other);
        Self::And(all)
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
            Self::Any(relation, condition) => {
                to.push(relation);
                condition.add_relations(to);
            }
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.add_relations(to)),
            Self::Not(opposite) => opposite.add_relations(to),
            Self::Compare(..) | Self::Like(..) | Self::In(..) | Self::IsNull(_) => {}
        }
    }

    /// Returns the SQL, and binds its values.
    pub(crate) fn render(&self, table: Option<&str>, values: &mut Bindings) -> String {
        match self {
            Self::Compare(name, operator, value) => {
                let parameter = values.bind(value.clone());
                format!("{} {operator} {parameter}", sql::column(table, name))
            }
            Self::Like(name, pattern) => {
                let parameter = values.bind(Value::from(pattern.as_str()));
                values.dialect.like(&sql::column(table, name), &parameter)
            }
            Self::In(name, array) => {
                values.bind(Value::Array(array.clone()));
                values.dialect.is_listed(&sql::column(table, name), values.values.len(), false)
            }
            Self::IsNull(name) => format!("{} IS NULL", sql::column(table, name)),
            Self::Any(relation, condition) => Self::render_any(relation, condition, table, values),
            Self::And(all) => Self::render_list(all, " AND ", table, values),
            Self::Or(any) => Self::render_list(any, " OR ", table, values),
            Self::Not(opposite) => format!("NOT ({})", opposite.render(table, values)),
        }
    }

    /// Returns `EXISTS (…)`. The target's table has an alias, so that a relation can lead to its own table.
    fn render_any(
        relation: &RelationInfo,
        condition: &Self,
        parent: Option<&str>,
        values: &mut Bindings,
    ) -> String {
        let parent = parent.unwrap_or(relation.parent.table);
        let alias = values.dialect.alias(format!("{parent}.{}", relation.field));
        format!(
            "EXISTS (SELECT 1 FROM {} AS {} WHERE {} AND ({}))",
            relation.target.sql_name(),
            quote(&alias),
            match_condition(relation, &alias, parent, values.dialect, &values.compared.types(relation)),
            condition.render(Some(&alias), values)
        )
    }

    fn render_list(parts: &[Self], operator: &str, table: Option<&str>, values: &mut Bindings) -> String {
        let rendered: Vec<_> = parts
            .iter()
            .map(|part| match part {
                Self::And(_) | Self::Or(_) => format!("({})", part.render(table, values)),
                _ => part.render(table, values),
            })
            .collect();
        rendered.join(operator)
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
