//! Column types: the Rust types that a column can have, how each is read from a cell, and how it is bound.

use std::borrow::Cow;

use crate::database::{Cell, SqlType, Value};
use crate::error::Mismatch;

/// A Rust type that a column can hold.
///
/// It is implemented for `i8` to `i64`, `u8` to `u32`, `f32`, `f64`, `bool`, `String`, `Vec<u8>`, and
/// `Option` of these. With the feature `jiff`, it is also implemented for that library's `Date`, `Time`,
/// `DateTime` and `Timestamp`. With the features `uuid` and `rust_decimal`, it is implemented for `Uuid` and `Decimal`, and
/// with the feature `json` for `Json<T>`. These are bound as text. PostgreSQL reads the text by the type of the column; in
/// SQLite the column must hold `TEXT`.
///
/// A newtype over one of them derives it. So does an enum, which is stored as text. A value in the database that is not
/// a variant is an error:
///
/// ```
/// # use eagerly::*; let session = shop::small()?;
/// #[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
/// struct Cents(i64);
///
/// #[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
/// enum Status { Open, Shipped }
///
/// let sql = "SELECT unit_price, status FROM order_items, orders WHERE orders.id = order_id AND status <> ?1";
/// let error = session.query::<(Cents, Status)>(sql, params![Status::Open]).unwrap_err();
/// assert!(error.to_string().contains(r#"expected "open" or "shipped", found the text "delivered""#));
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column type",
    label = "not a column type",
    note = "columns hold i8 to i64, u8 to u32, f32, f64, bool, String, Vec<u8>, and Option of these",
    note = "SQLite's integers are signed 64 bit: for u64 and usize use i64, or a newtype that handles larger values",
    note = "a newtype over a column type, or an enum without fields, needs #[derive(ColumnType)]"
)]
pub trait ColumnType: Sized {
    /// Whether every value is bound as an integer or as `NULL`. Keys of such a type are matched faster.
    const IS_INTEGER: bool = false;
    /// Whether a value can be bound as `NULL`. PostgreSQL then gets the order of nulls.
    const MAY_BE_NULL: bool = false;
    /// Whether values are decimal numbers that are bound as text. SQLite cannot add or compare them.
    #[doc(hidden)]
    const IS_DECIMAL: bool = false;
    /// The type of a column that holds such values.
    const SQL_TYPE: SqlType = SqlType::Unknown;

    /// Reads one cell of a row.
    ///
    /// # Errors
    /// A [`Mismatch`] if the cell does not fit the type.
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch>;

    /// Returns the value to bind.
    fn bind(&self) -> Value<'_>;
}

macro_rules! integer_columns {
    ($($integer:ty => $sql_type:ident),*) => {$(
        impl ColumnType for $integer {
            const IS_INTEGER: bool = true;
            const SQL_TYPE: SqlType = SqlType::$sql_type;

            #[inline]
            fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
                let integer = cell.integer()?;
                <$integer>::try_from(integer).map_err(|_| Mismatch {
                    expected: concat!("an integer that fits in ", stringify!($integer)),
                    found: integer.to_string(),
                })
            }

            #[inline]
            fn bind(&self) -> Value<'_> {
                Value::Integer(i64::from(*self))
            }
        }
    )*};
}

integer_columns!(
    i8 => SmallInt, i16 => SmallInt, i32 => Integer, i64 => BigInt, u8 => SmallInt, u16 => Integer, u32 => BigInt
);

impl ColumnType for f64 {
    const SQL_TYPE: SqlType = SqlType::Double;

    #[inline]
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        cell.real()
    }

    /// SQLite has no NaN and stores one as `NULL`.
    #[inline]
    fn bind(&self) -> Value<'_> {
        Value::Real(*self)
    }
}

impl ColumnType for f32 {
    const SQL_TYPE: SqlType = SqlType::Real;

    /// Rounds to 32 bits.
    #[inline]
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        cell.real().map(|real| real as Self)
    }

    #[inline]
    fn bind(&self) -> Value<'_> {
        Value::Real(f64::from(*self))
    }
}

impl ColumnType for bool {
    const IS_INTEGER: bool = true;
    const SQL_TYPE: SqlType = SqlType::Boolean;

    #[inline]
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        match cell.integer()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(Mismatch { expected: "a bool (0 or 1)", found: other.to_string() }),
        }
    }

    #[inline]
    fn bind(&self) -> Value<'_> {
        Value::Integer(i64::from(*self))
    }
}

impl ColumnType for String {
    const SQL_TYPE: SqlType = SqlType::Text;

    #[inline(always)]
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        cell.owned_text()
    }

    #[inline]
    fn bind(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
}

impl ColumnType for Vec<u8> {
    const SQL_TYPE: SqlType = SqlType::Bytes;

    #[inline]
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        cell.blob().map(<[u8]>::to_vec)
    }

    #[inline]
    fn bind(&self) -> Value<'_> {
        Value::Blob(Cow::Borrowed(self))
    }
}

impl<T: ColumnType> ColumnType for Option<T> {
    const IS_INTEGER: bool = T::IS_INTEGER;
    const MAY_BE_NULL: bool = true;
    const IS_DECIMAL: bool = T::IS_DECIMAL;
    const SQL_TYPE: SqlType = T::SQL_TYPE;

    #[inline]
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        if cell.is_null() { Ok(None) } else { T::read(cell).map(Some) }
    }

    #[inline]
    fn bind(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, T::bind)
    }
}

/// Types of other libraries, as text: dates and times in ISO 8601, for example.
macro_rules! text_columns {
    ($($feature:literal $type:ty => $sql_type:ident $expected:literal $($is_decimal:ident)?),* $(,)?) => {$(
        #[cfg(feature = $feature)]
        impl ColumnType for $type {
            $(const $is_decimal: bool = true;)?
            const SQL_TYPE: SqlType = SqlType::$sql_type;

            fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
                let text = cell.text()?;
                text.parse().map_err(|_| Mismatch { expected: $expected, found: format!("{text:?}") })
            }

            fn bind(&self) -> Value<'_> {
                Value::Text(Cow::Owned(self.to_string()))
            }
        }
    )*};
}

text_columns!(
    "jiff" jiff::civil::Date => Date "a date such as 2026-11-22",
    "jiff" jiff::civil::Time => Time "a time such as 13:45:00",
    "jiff" jiff::civil::DateTime => DateTime "a date and time such as 2026-11-22T13:45:00",
    "jiff" jiff::Timestamp => Timestamp "an instant such as 2026-11-22T13:45:00Z",
    "uuid" uuid::Uuid => Uuid "a UUID such as 6f1c9a4e-0000-4000-8000-000000000001",
    "rust_decimal" rust_decimal::Decimal => Decimal "a decimal number such as 12.50" IS_DECIMAL,
);

/// What a column of type `T` can be compared with: a `T`, text as `&str`, and for an optional column also the plain
/// value.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// fn named(name: impl Operand<String>) -> Condition<Customer> {
///     Customer::FIRST_NAME.eq(name)
/// }
/// assert_eq!(session.count(Customer::select().filter(named("Ada")))?, 1);
/// assert_eq!(session.count(Customer::select().filter(named("Ada".to_owned())))?, 1);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` cannot be compared with `{Self}`",
    label = "not comparable with this column"
)]
pub trait Operand<T> {
    /// Returns the value to bind.
    fn into_value(self) -> Value<'static>;
}

impl<T: ColumnType> Operand<T> for T {
    fn into_value(self) -> Value<'static> {
        self.bind().into_owned()
    }
}

impl<T: ColumnType> Operand<Option<T>> for T {
    fn into_value(self) -> Value<'static> {
        self.bind().into_owned()
    }
}

impl<T: ColumnType + Clone> Operand<T> for &T {
    fn into_value(self) -> Value<'static> {
        self.bind().into_owned()
    }
}

impl<T: AcceptsText> Operand<T> for &str {
    fn into_value(self) -> Value<'static> {
        Value::from(self)
    }
}

/// A column type that can be compared with `&str`: `String` and `Option<String>`.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` does not hold text",
    label = "only for columns of text",
    note = "columns of text are fields of the type String or Option<String>"
)]
pub trait AcceptsText: ColumnType {}

impl AcceptsText for String {}
impl AcceptsText for Option<String> {}

impl<T: ColumnType> From<T> for Value<'static> {
    fn from(value: T) -> Self {
        value.bind().into_owned()
    }
}

impl From<&str> for Value<'static> {
    fn from(text: &str) -> Self {
        Self::Text(Cow::Owned(text.to_owned()))
    }
}

/// The values for raw SQL: what [`params!`](crate::params) returns, `[]` for none, or any other list of [`Value`]s.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// fn change(session: &Session, values: impl Parameters) -> Result<u64> {
///     session.execute("UPDATE orders SET status = ?2 WHERE id = ?1", values)
/// }
/// assert_eq!(change(&session, params![2, "returned"])?, 1);
/// assert_eq!(change(&session, vec![Value::from(2), Value::from("open")])?, 1);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of values for SQL",
    label = "`params!` is missing",
    note = "write `params![…]`, which converts each value, or `[]` if there is none"
)]
pub trait Parameters: AsRef<[Value<'static>]> {}

#[diagnostic::do_not_recommend]
impl<V: AsRef<[Value<'static>]>> Parameters for V {}

/// Returns the values for raw SQL, in the order of `?1`, `?2`, …: `params![18, "open"]`.
///
/// ```
/// # use eagerly::*; let session = shop::small()?;
/// let values = params![2, "returned"];
/// assert_eq!(session.execute("UPDATE orders SET status = ?2 WHERE id = ?1", values)?, 1);
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        [$($crate::Value::<'static>::from($value)),*]
    };
}
