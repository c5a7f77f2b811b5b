//! Columns, to compare and to sort by.

use std::marker::PhantomData;

use crate::database::{Array, Dialect, TextPlace, Value};
use crate::error::{Error, Result};
use crate::model::{AcceptsText, ColumnType, Operand};
use crate::query::condition::{Condition, Expression, Figure};
use crate::query::sql::{self, Bindings};
use crate::trace::{EntityInfo, OrderTerm};

/// A column of the entity `E` that holds a `T`: `Customer::LAST_NAME`. Compared values are bound and never
/// written into the SQL.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let count = |condition| session.count(Customer::select().filter(condition));
/// assert_eq!((count(Customer::ID.eq(3))?, count(Customer::ID.ne(3))?), (1, 4));
/// assert_eq!((count(Customer::ID.lt(3))?, count(Customer::ID.le(3))?), (2, 3));
/// assert_eq!((count(Customer::ID.gt(3))?, count(Customer::ID.ge(3))?), (2, 3));
/// assert_eq!(count(Customer::LAST_NAME.eq("' OR 1 = 1 --"))?, 0);
/// # Ok::<(), Error>(())
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
    /// Called by the derive.
    #[doc(hidden)]
    pub const fn new(name: &'static str) -> Self {
        Self { name, types: PhantomData }
    }

    /// Returns the column's name in the table.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

impl<E, T: ColumnType> Column<E, T> {
    /// Returns `column = value`; for `None`, `column IS NULL`.
    pub fn eq(self, value: impl Operand<T>) -> Condition<E> {
        match value.into_value() {
            Value::Null => self.is_null(),
            value => self.compare("=", value),
        }
    }

    /// Returns `column <> value`; for `None`, `column IS NOT NULL`.
    pub fn ne(self, value: impl Operand<T>) -> Condition<E> {
        match value.into_value() {
            Value::Null => !self.is_null(),
            value => self.compare("<>", value),
        }
    }

    /// Returns `column < value`. For `None` it matches no row, because SQL's comparison with `NULL` is never
    /// true. A `Decimal` has this order in PostgreSQL only.
    pub fn lt(self, value: impl Operand<T>) -> Condition<E> {
        self.compare("<", value.into_value())
    }

    /// Returns `column <= value`. For `None` it matches no row.
    pub fn le(self, value: impl Operand<T>) -> Condition<E> {
        self.compare("<=", value.into_value())
    }

    /// Returns `column > value`. For `None` it matches no row.
    pub fn gt(self, value: impl Operand<T>) -> Condition<E> {
        self.compare(">", value.into_value())
    }

    /// Returns `column >= value`. For `None` it matches no row.
    pub fn ge(self, value: impl Operand<T>) -> Condition<E> {
        self.compare(">=", value.into_value())
    }

    /// Returns `column IN (values)`. The values are one bound array, so the text is the same for any number
    /// of them. As in SQL, a `None` among them matches nothing; use [`is_null`](Self::is_null) for that.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// assert_eq!(session.count(Customer::select().filter(Customer::ID.in_([1, 3, 6])))?, 2);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn in_<V: Operand<T>>(self, values: impl IntoIterator<Item = V>) -> Condition<E> {
        let array: Array = values.into_iter().map(Operand::into_value).collect();
        Condition::new(Expression::In(self.name, array))
    }

    /// Returns `column IS NULL`.
    pub fn is_null(self) -> Condition<E> {
        Condition::new(Expression::IsNull(self.name))
    }

    /// Returns an order by this column, smallest first. A column alone means the same.
    pub fn asc(self) -> OrderBy<E> {
        OrderBy::new::<T>(self.name, false)
    }

    /// Returns an order by this column, largest first.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let last = session.first(Order::select().order_by(Order::PLACED_ON.desc()))?;
    /// assert_eq!(last.map(|order| order.placed_on).as_deref(), Some("2024-02-20"));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn desc(self) -> OrderBy<E> {
        OrderBy::new::<T>(self.name, true)
    }

    fn compare(self, operator: &'static str, value: Value<'static>) -> Condition<E> {
        let tells_larger = !matches!(operator, "=" | "<>");
        Condition::new(match T::IS_DECIMAL && tells_larger {
            true => Expression::CompareDecimals(self.name, operator, value),
            false => Expression::Compare(self.name, operator, value),
        })
    }
}

impl<E, T: AcceptsText> Column<E, T> {
    /// Returns `column LIKE pattern`. In the pattern, `%` matches any text and `_` one character. ASCII
    /// letters match in either case. PostgreSQL, where it is `ILIKE`, also matches other letters in either case.
    /// [`contains`](Self::contains) is the same on both, and has no special characters.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// assert_eq!(session.count(Customer::select().filter(Customer::EMAIL.like("%@example.com")))?, 5);
    /// assert_eq!(session.count(Customer::select().filter(Customer::FIRST_NAME.like("a_a")))?, 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn like(self, pattern: &str) -> Condition<E> {
        Condition::new(Expression::Like(self.name, pattern.to_owned()))
    }

    /// Returns the condition that the text begins with `part`. Case matters, and no character is special, as in
    /// [`str::starts_with`].
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let count = |condition| session.count(Customer::select().filter(condition));
    /// assert_eq!((count(Customer::FIRST_NAME.starts_with("Ad"))?, count(Customer::FIRST_NAME.starts_with("ad"))?), (1, 0));
    /// assert_eq!(count(Customer::FIRST_NAME.starts_with("A%"))?, 0);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn starts_with(self, part: &str) -> Condition<E> {
        self.has_text(TextPlace::Start, part)
    }

    /// Returns the condition that the text contains `part`. Case matters, and no character is special.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// assert_eq!(session.count(Customer::select().filter(Customer::EMAIL.contains("@example.")))?, 5);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn contains(self, part: &str) -> Condition<E> {
        self.has_text(TextPlace::Anywhere, part)
    }

    /// Returns the condition that the text ends with `part`. Case matters, and no character is special.
    pub fn ends_with(self, part: &str) -> Condition<E> {
        self.has_text(TextPlace::End, part)
    }

    fn has_text(self, place: TextPlace, part: &str) -> Condition<E> {
        Condition::new(Expression::HasText(self.name, place, part.to_owned()))
    }
}

/// A column or an aggregate to sort by, and the direction.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let newest_first = true;
/// let order: OrderBy<Customer> = if newest_first { Customer::ID.desc() } else { Customer::ID.into() };
/// assert_eq!(session.all(Customer::select().order_by(order))?[0].id, 5);
/// # Ok::<(), Error>(())
/// ```
pub struct OrderBy<E> {
    pub(crate) term: SortedBy,
    entity: PhantomData<fn() -> E>,
}

/// An order without its entity's type.
#[derive(PartialEq)]
pub(crate) enum SortedBy {
    Column(OrderTerm),
    /// Decimal numbers, which SQLite cannot sort.
    Decimals(OrderTerm),
    Figure {
        figure: Box<dyn Figure>,
        is_descending: bool,
        may_be_null: bool,
    },
}

impl<E> OrderBy<E> {
    fn new<T: ColumnType>(name: &'static str, is_descending: bool) -> Self {
        let term = OrderTerm { column: name, is_descending, may_be_null: T::MAY_BE_NULL };
        Self::of(if T::IS_DECIMAL { SortedBy::Decimals(term) } else { SortedBy::Column(term) })
    }

    pub(crate) fn of(term: SortedBy) -> Self {
        Self { term, entity: PhantomData }
    }
}

impl OrderTerm {
    pub(crate) fn render(self, table: Option<&str>, dialect: Dialect) -> String {
        dialect.sorted(&sql::column(table, self.column), self.is_descending, self.may_be_null)
    }
}

impl SortedBy {
    /// Returns the SQL, and joins the figure to the rows if they are sorted by one.
    pub(crate) fn render(&self, table: Option<&str>, values: &mut Bindings) -> String {
        match self {
            Self::Column(term) | Self::Decimals(term) => term.render(table, values.dialect),
            Self::Figure { figure, is_descending, may_be_null } => {
                let value = figure.join(table, values);
                values.dialect.sorted(&value, *is_descending, *may_be_null)
            }
        }
    }

    /// Returns an error if the database cannot sort by it.
    pub(crate) fn check(&self, entity: &'static EntityInfo, dialect: Dialect) -> Result<()> {
        match self {
            Self::Decimals(_) if dialect == Dialect::Sqlite => {
                Err(Error::NoDecimals { entity: entity.name, function: "order" })
            }
            Self::Column(_) | Self::Decimals(_) => Ok(()),
            Self::Figure { figure, .. } => figure.check(entity, dialect),
        }
    }

    /// Returns the figure that rows are sorted by, if it is one.
    pub(crate) fn figure(&self) -> Option<&dyn Figure> {
        match self {
            Self::Column(_) | Self::Decimals(_) => None,
            Self::Figure { figure, .. } => Some(&**figure),
        }
    }
}

impl<E, T: ColumnType> From<Column<E, T>> for OrderBy<E> {
    fn from(column: Column<E, T>) -> Self {
        column.asc()
    }
}
