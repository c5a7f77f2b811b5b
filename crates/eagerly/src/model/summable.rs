//! Numbers that can be added up.

use crate::model::column_type::ColumnType;

/// A column type whose values can be added up: every type of integers, `f32`, `f64`, `Option` of these, and with the
/// feature `rust_decimal` also `Decimal`.
///
/// A newtype implements it, to be added up like the number in it:
///
/// ```
/// # use eagerly::{ColumnType, Summable};
/// #[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
/// struct Cents(i64);
///
/// impl Summable for Cents {
///     type Sum = i64;
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "values of `{Self}` cannot be added up",
    note = "integers, f32, f64, Decimal and Option of these can be; a newtype over one of them implements `Summable`"
)]
pub trait Summable: ColumnType {
    /// The type of a sum: `i64` for integers, `f64` for real numbers, `Decimal` for decimal numbers.
    type Sum: ColumnType;
}

macro_rules! summable {
    ($($number:ty => $sum:ty),*) => {$(
        impl Summable for $number {
            type Sum = $sum;
        }
    )*};
}

summable!(i8 => i64, i16 => i64, i32 => i64, i64 => i64, u8 => i64, u16 => i64, u32 => i64, f32 => f64, f64 => f64);

#[cfg(feature = "rust_decimal")]
summable!(rust_decimal::Decimal => rust_decimal::Decimal);

/// Nulls are skipped.
impl<T: Summable> Summable for Option<T> {
    type Sum = T::Sum;
}
