//! Reads raw SQL into single values and tuples, which need no struct: column by column, in the order of the result.
//!
//! A struct finds its columns by name, so they can come in any order. A tuple has no names. A statement with more or
//! fewer columns than the tuple is therefore an error, even if the first ones would fit.

use crate::database::Row;
use crate::error::{Error, Result};
use crate::model::{ColumnType, short_type_name};
use crate::session::from_row::FromRow;

/// Reads a result of one column: `session.query::<i64>("SELECT count(*) FROM orders", [])?`.
#[diagnostic::do_not_recommend]
impl<T: ColumnType> FromRow for T {
    const NAME: &'static str = "a value";
    const COLUMNS: &'static [&'static str] = &["1"];
    const BY_POSITION: bool = true;

    fn from_row(row: &Row<'_>, _: &[usize]) -> Result<Self> {
        read_at::<Self, T>(row, 0)
    }
}

macro_rules! tuples {
    ($(($($type:ident $place:literal $number:literal),*))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($type: ColumnType),*> FromRow for ($($type,)*) {
            const NAME: &'static str = "a tuple";
            const COLUMNS: &'static [&'static str] = &[$($number),*];
            const BY_POSITION: bool = true;

            fn from_row(row: &Row<'_>, _: &[usize]) -> Result<Self> {
                Ok(($(read_at::<Self, $type>(row, $place)?,)*))
            }
        }
    )*};
}

tuples!(
    (A 0 "1")
    (A 0 "1", B 1 "2")
    (A 0 "1", B 1 "2", C 2 "3")
    (A 0 "1", B 1 "2", C 2 "3", D 3 "4")
    (A 0 "1", B 1 "2", C 2 "3", D 3 "4", E 4 "5")
    (A 0 "1", B 1 "2", C 2 "3", D 3 "4", E 4 "5", F 5 "6")
    (A 0 "1", B 1 "2", C 2 "3", D 3 "4", E 4 "5", F 5 "6", G 6 "7")
    (A 0 "1", B 1 "2", C 2 "3", D 3 "4", E 4 "5", F 5 "6", G 6 "7", H 7 "8")
);

/// Reads the column at `place`, counted from 0.
#[inline]
fn read_at<R: FromRow, T: ColumnType>(row: &Row<'_>, place: usize) -> Result<T> {
    T::read(row.cell(place)).map_err(|mut mismatch| {
        let name = row.column_names().into_iter().nth(place).unwrap_or_default();
        let read_as = short_type_name::<T>();
        mismatch.found = format!("{} (the column is named {name:?}, and read as {read_as})", mismatch.found);
        Error::Decode { record: R::NAME, column: R::COLUMNS[place], mismatch }
    })
}
