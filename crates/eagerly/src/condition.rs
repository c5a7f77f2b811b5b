//! Columns and the conditions that are made of them.
//!
//! ```
//! use eagerly::{Entity, Session};
//!
//! #[derive(Debug, Entity)]
//! #[entity(table = "people")]
//! struct Person {
//!     #[entity(key)]
//!     id: i64,
//!     name: String,
//!     age: Option<i64>,
//! }
//!
//! let session = Session::in_memory()?;
//! session.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER)", [])?;
//! let adults = Person::AGE.ge(18).and(Person::NAME.like("A%"));
//! assert_eq!(session.count(Person::select().filter(adults.or(Person::AGE.is_null())))?, 0);
//! # Ok::<(), eagerly::Error>(())
//! ```

use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::Not;

use crate::column_type::ColumnType;
use crate::entity::Entity;
use crate::relation::{Relation, RelationInfo};
use crate::sql;
use crate::value::{AcceptsText, Array, Operand, Value};

/// A column of the entity `E` that holds a `T`: `Customer::LAST_NAME`. What it is compared with is bound, never written
/// into the SQL.
///
/// ```
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let count = |condition| session.count(Customer::select().filter(condition));
/// assert_eq!((count(Customer::ID.eq(3))?, count(Customer::ID.ne(3))?), (1, 4));
/// assert_eq!((count(Customer::ID.lt(3))?, count(Customer::ID.le(3))?), (2, 3));
/// assert_eq!((count(Customer::ID.gt(3))?, count(Customer::ID.ge(3))?), (2, 3));
/// assert_eq!(count(Customer::LAST_NAME.eq("' OR 1 = 1 --"))?, 0);
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct Column<E, T> {
    name: &'static str,
    types: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Clone for Column<E, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, T> Copy for Column<E, T> {}

impl<E, T> Column<E, T> {
    /// Made by the derive.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            types: PhantomData,
        }
    }

    /// The column's name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }
}

impl<E, T: ColumnType> Column<E, T> {
    /// `column = value`; for `None`, `column IS NULL`.
    pub fn eq(self, value: impl Operand<T>) -> Condition<E> {
        match value.into_value() {
            Value::Null => self.is_null(),
            value => self.compare("=", value),
        }
    }

    /// `column <> value`; for `None`, `column IS NOT NULL`.
    pub fn ne(self, value: impl Operand<T>) -> Condition<E> {
        match value.into_value() {
            Value::Null => !self.is_null(),
            value => self.compare("<>", value),
        }
    }

    /// `column < value`.
    pub fn lt(self, value: impl Operand<T>) -> Condition<E> {
        self.compare("<", value.into_value())
    }

    /// `column <= value`.
    pub fn le(self, value: impl Operand<T>) -> Condition<E> {
        self.compare("<=", value.into_value())
    }

    /// `column > value`.
    pub fn gt(self, value: impl Operand<T>) -> Condition<E> {
        self.compare(">", value.into_value())
    }

    /// `column >= value`.
    pub fn ge(self, value: impl Operand<T>) -> Condition<E> {
        self.compare(">=", value.into_value())
    }

    /// `column IN (values)`: one bound array, so the statement's text is the same for any number of values. As in SQL, a
    /// `None` among them finds nothing: for that there is [`is_null`](Self::is_null).
    ///
    /// ```
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// assert_eq!(session.count(Customer::select().filter(Customer::ID.in_([1, 3, 6])))?, 2);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn in_<V: Operand<T>>(self, values: impl IntoIterator<Item = V>) -> Condition<E> {
        let array: Array = values.into_iter().map(Operand::into_value).collect();
        Condition::new(Expression::In(self.name, array))
    }

    /// `column IS NULL`.
    ///
    /// ```
    /// # use eagerly::{Entity, Session};
    /// # #[derive(Debug, Entity)] #[entity(table = "people")]
    /// # struct Person { #[entity(key)] id: i64, age: Option<i64> }
    /// # let session = Session::in_memory()?;
    /// # session.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, age INTEGER)", [])?;
    /// session.insert_all([Some(36), None, Some(85)].map(|age| Person { id: 0, age }))?;
    /// assert_eq!(session.count(Person::select().filter(Person::AGE.is_null()))?, 1);
    /// assert_eq!(session.count(Person::select().filter(!Person::AGE.is_null()))?, 2);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn is_null(self) -> Condition<E> {
        Condition::new(Expression::IsNull(self.name))
    }

    /// Sorts by this column, smallest first. A column alone means the same.
    ///
    /// ```
    /// # use shop::{Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let first = session.first(Order::select().order_by(Order::PLACED_ON.asc()))?;
    /// assert_eq!(first.map(|order| order.placed_on).as_deref(), Some("2024-01-02"));
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    #[must_use]
    pub fn asc(self) -> OrderBy<E> {
        OrderBy::new(self.name, false)
    }

    /// Sorts by this column, largest first.
    ///
    /// ```
    /// # use shop::{Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let last = session.first(Order::select().order_by(Order::PLACED_ON.desc()))?;
    /// assert_eq!(last.map(|order| order.placed_on).as_deref(), Some("2024-02-20"));
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    #[must_use]
    pub fn desc(self) -> OrderBy<E> {
        OrderBy::new(self.name, true)
    }

    fn compare(self, operator: &'static str, value: Value<'static>) -> Condition<E> {
        Condition::new(Expression::Compare(self.name, operator, value))
    }
}

impl<E, T: AcceptsText> Column<E, T> {
    /// `column LIKE pattern`, where `%` stands for any text and `_` for one character. ASCII letters match in
    /// either case.
    ///
    /// ```
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// assert_eq!(session.count(Customer::select().filter(Customer::EMAIL.like("%@example.com")))?, 5);
    /// assert_eq!(session.count(Customer::select().filter(Customer::FIRST_NAME.like("a_a")))?, 1);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn like(self, pattern: &str) -> Condition<E> {
        self.compare("LIKE", Value::Text(Cow::Owned(pattern.to_owned())))
    }
}

/// A condition on rows of the entity `E`.
///
/// ```
/// # use shop::{Order, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let undone = Order::STATUS.in_(["cancelled", "returned"]);
/// assert_eq!(session.count(Order::select().filter(!undone))?, 45);
/// # Ok::<(), eagerly::Error>(())
/// ```
#[must_use = "a condition does nothing until it is given to `filter`"]
pub struct Condition<E> {
    expression: Expression,
    entity: PhantomData<fn() -> E>,
}

enum Expression {
    Compare(&'static str, &'static str, Value<'static>),
    In(&'static str, Array),
    IsNull(&'static str),
    Any(AnyRelated),
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
}

/// `EXISTS` a related row that satisfies a condition.
struct AnyRelated {
    parent_table: &'static str,
    table: &'static str,
    relation: &'static RelationInfo,
    condition: Box<Expression>,
}

impl AnyRelated {
    /// Both tables are named, so that the inner condition can tell them apart, even if they are one.
    fn render(&self, parent: Option<&str>, values: &mut Vec<Value<'static>>) -> String {
        let parent = parent.unwrap_or(self.parent_table);
        let alias = format!("{parent}.{}", self.relation.field);
        let columns = self
            .relation
            .target_columns
            .iter()
            .zip(self.relation.parent_columns);
        let matches: Vec<_> = columns
            .map(|(target, own)| {
                let target = sql::column(Some(&alias), target);
                // The `+` makes the parent's key compare as a bound value does: see `comparison.rs`.
                format!("{target} = +{}", sql::column(Some(parent), own))
            })
            .collect();
        format!(
            "EXISTS (SELECT 1 FROM {} AS {} WHERE {} AND ({}))",
            sql::quote(self.table),
            sql::quote(&alias),
            matches.join(" AND "),
            self.condition.render(Some(&alias), values)
        )
    }
}

impl<E: Entity> Condition<E> {
    pub(crate) fn any<R: Relation<Parent = E>>(condition: Condition<R::Target>) -> Self {
        Self::new(Expression::Any(AnyRelated {
            parent_table: R::Parent::TABLE,
            table: R::Target::TABLE,
            relation: R::INFO,
            condition: Box::new(condition.expression),
        }))
    }
}

impl<E> Condition<E> {
    fn new(expression: Expression) -> Self {
        Self {
            expression,
            entity: PhantomData,
        }
    }

    pub(crate) fn equal(column: &'static str, value: Value<'static>) -> Self {
        Self::new(Expression::Compare(column, "=", value))
    }

    /// Both conditions.
    ///
    /// ```
    /// # use shop::{Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let condition = Order::CUSTOMER_ID.eq(5).and(Order::STATUS.eq("open"));
    /// assert_eq!(session.count(Order::select().filter(condition))?, 2);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn and(self, other: Self) -> Self {
        let mut all = match self.expression {
            Expression::And(all) => all,
            one => vec![one],
        };
        all.push(other.expression);
        Self::new(Expression::And(all))
    }

    /// Both this condition and the one before, if there is one.
    pub(crate) fn added_to(self, before: Option<Self>) -> Self {
        match before {
            Some(before) => before.and(self),
            None => self,
        }
    }

    /// Either condition.
    ///
    /// ```
    /// # use shop::{Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let condition = Order::CUSTOMER_ID.eq(5).or(Order::STATUS.eq("open"));
    /// assert_eq!(session.count(Order::select().filter(condition))?, 11);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn or(self, other: Self) -> Self {
        let mut any = match self.expression {
            Expression::Or(any) => any,
            one => vec![one],
        };
        any.push(other.expression);
        Self::new(Expression::Or(any))
    }

    /// The SQL of the condition; its values are added to `values`, and written as their numbers there.
    pub(crate) fn render(&self, table: Option<&str>, values: &mut Vec<Value<'static>>) -> String {
        self.expression.render(table, values)
    }
}

/// The opposite: `!condition`. As in SQL, where a null makes a condition unknown, it makes the opposite unknown
/// too.
impl<E> Not for Condition<E> {
    type Output = Self;

    fn not(self) -> Self {
        Self::new(Expression::Not(Box::new(self.expression)))
    }
}

impl Expression {
    fn render(&self, table: Option<&str>, values: &mut Vec<Value<'static>>) -> String {
        match self {
            Self::Compare(name, operator, value) => {
                values.push(value.clone());
                let number = values.len();
                format!("{} {operator} ?{number}", sql::column(table, name))
            }
            Self::In(name, array) => {
                values.push(Value::Array(array.clone()));
                let number = values.len();
                // The `+` makes a key compare as a bound value does: see `selectin.rs`.
                format!(
                    "{} IN (SELECT +value FROM rarray(?{number}))",
                    sql::column(table, name)
                )
            }
            Self::IsNull(name) => format!("{} IS NULL", sql::column(table, name)),
            Self::Any(any) => any.render(table, values),
            Self::And(all) => Self::render_list(all, " AND ", table, values),
            Self::Or(any) => Self::render_list(any, " OR ", table, values),
            Self::Not(opposite) => format!("NOT ({})", opposite.render(table, values)),
        }
    }

    fn render_list(
        parts: &[Self],
        operator: &str,
        table: Option<&str>,
        values: &mut Vec<Value<'static>>,
    ) -> String {
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

/// A column to sort by, and in which direction.
///
/// ```
/// # use eagerly::OrderBy;
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let newest_first = true;
/// let order: OrderBy<Customer> = if newest_first { Customer::ID.desc() } else { Customer::ID.into() };
/// assert_eq!(session.all(Customer::select().order_by(order))?[0].id, 5);
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct OrderBy<E> {
    name: &'static str,
    descending: bool,
    entity: PhantomData<fn() -> E>,
}

impl<E> OrderBy<E> {
    fn new(name: &'static str, descending: bool) -> Self {
        Self {
            name,
            descending,
            entity: PhantomData,
        }
    }

    pub(crate) fn render(&self, table: Option<&str>) -> String {
        let direction = if self.descending { " DESC" } else { "" };
        format!("{}{direction}", sql::column(table, self.name))
    }
}

impl<E, T: ColumnType> From<Column<E, T>> for OrderBy<E> {
    fn from(column: Column<E, T>) -> Self {
        column.asc()
    }
}
