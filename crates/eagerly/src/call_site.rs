//! Call sites: places in the program's source.

use std::fmt;
use std::panic::Location;

/// A place in the program's source: `src/page.rs:14`.
///
/// ```
/// # use eagerly::CallSite;
/// #[track_caller]
/// fn called_from() -> CallSite {
///     CallSite::caller()
/// }
/// let site = called_from();
/// assert_eq!((site.file(), site.line()), (file!(), line!() - 1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallSite(&'static Location<'static>);

impl CallSite {
    /// Returns the caller of the enclosing function, which must be `#[track_caller]`.
    #[track_caller]
    pub fn caller() -> Self {
        Self(Location::caller())
    }

    /// Returns the path of the source file, as it was passed to the compiler.
    pub fn file(self) -> &'static str {
        self.0.file()
    }

    /// Returns the line, counted from 1.
    pub fn line(self) -> u32 {
        self.0.line()
    }

    /// Returns the column, counted from 1. For a method call it is the first character of the method's name, so
    /// `session.all(…)` at the start of a line has the column 9. For the call of a function, the path begins there.
    ///
    /// The compiler counts what it displays. A tab has 4 columns, and some characters outside ASCII have 2 or none.
    pub fn column(self) -> u32 {
        self.0.column()
    }
}

/// Writes `file:line`.
impl fmt::Display for CallSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file(), self.line())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Database;

    impl Database {
        #[track_caller]
        fn all(&self) -> CallSite {
            CallSite::caller()
        }
    }

    #[test]
    fn the_column_of_a_method_call_is_that_of_the_methods_name() {
        let database = Database;
        let column = |site: CallSite| site.column();
        assert_eq!(column(database.all()), 36);
        assert_eq!(column(Database::all(&database)), 27);
        #[rustfmt::skip]
        let over_two_lines = database
            .all();
        assert_eq!((over_two_lines.line(), over_two_lines.column()), (line!() - 1, 14));
        #[rustfmt::skip]
        let after_a_tab =	database.all();
        assert_eq!(after_a_tab.column(), 39);
        let (_, after_wide_letters) = ("漢字é", database.all());
        assert_eq!(after_wide_letters.column(), 58);
    }
}
