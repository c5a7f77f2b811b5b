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
}

/// Writes `file:line`.
impl fmt::Display for CallSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file(), self.line())
    }
}
